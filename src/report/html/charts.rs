//! The charts of the HTML report: the plots of the figures, inline and in the colours of the page.

use super::super::charts::CurveView;
use super::super::diagram::{overall, words};
use super::super::number::percent;
use super::super::svg::{
    Area, Axis, BOTTOM, LEFT, Panel, bins, curve, escaped, fits_above, histogram,
};
use super::super::tables::{column_name, fitted_name};
use crate::data::Task;
use crate::metrics::{Figures, Histogram};
use crate::pipeline::Study;
use crate::plot::FEW_ROWS;

/// Size of a chart, in its own units.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 330.0;

/// The plot, beside its axes and below its title.
const PLOT: Area = Area { left: LEFT, top: 26.0, right: WIDTH - 14.0, bottom: HEIGHT - BOTTOM };

/// What the colours of a reliability diagram mean.
pub(super) fn legend(task: Task) -> String {
    let words = words(task);
    format!(
        "Each bar is the {} of a bin, with its interval; up to the {} it is {} or {}. The dashed line is where both \
         agree. Pale: fewer than {FEW_ROWS} rows.",
        words.outcome, words.probability, words.over, words.under
    )
}

/// The reliability diagram at one temperature; `None` without rows.
pub(super) fn reliability(figures: &Figures, task: Task) -> Option<String> {
    let words = words(task);
    let (outcome, probability) = overall(&figures.reliability)?;
    let (column, [outcome, probability]) =
        (column_name(figures), [outcome, probability].map(|share| percent(share, 2)));
    let sentence =
        format!("{column}: {} {outcome}, {} {probability}", words.outcome, words.probability);
    // Where the whole sentence has no room the axes say what of.
    let title = if fits_above(&sentence, PLOT) {
        sentence.clone()
    } else {
        format!("{column}: {outcome} against {probability}")
    };
    let (x, y) = (Axis::unit(words.probability), Axis::unit(words.outcome));
    let mut panel = Panel::new(PLOT, x, y).titled(&title.into());
    bins::draw(&mut panel, &figures.reliability, task);
    Some(inline(panel, &format!("Reliability diagram. {sentence}")))
}

/// NLL over T around 1 and the fitted one.
pub(super) fn nll(study: &Study, view: &CurveView) -> String {
    let mut panel = curve::panel(PLOT, view, study.info.task).titled(&"NLL over T".into());
    curve::draw(&mut panel, study, view);
    let fitted = fitted_name(study).map(|name| format!(" The fitted one is {name}."));
    inline(panel, &format!("NLL over the temperature.{}", fitted.unwrap_or_default()))
}

/// The margins of right and wrong rows; `None` without rows.
pub(super) fn margins(margins: &Histogram, task: Task) -> Option<String> {
    let mut panel = histogram::panel(PLOT, margins, ("margin", task))?
        .titled(&"Top-two margin: right rows, and wrong on top".into());
    histogram::draw(&mut panel, margins);
    Some(inline(panel, "Histogram of the margins of right and wrong rows."))
}

/// The whole chart, with `description` for who cannot see it.
fn inline(panel: Panel, description: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n{}</svg>",
        escaped(description),
        panel.finish()
    )
}
