//! The charts of the HTML report, from the same numbers as the printed ones.

use super::super::charts::CurveView;
use super::super::diagram::{bins, overall, widths, words};
use super::super::number::{count, decimal, percent, temperature};
use super::super::tables::column_name;
use super::svg::{Svg, Words, X_CELLS, Y_CELLS};
use crate::analysis::Analysis;
use crate::data::Task;
use crate::metrics::{Figures, Histogram};
use crate::plot::{FEW_ROWS, ReliabilityBin, ReliabilityView, Scale};

/// Share of the plot that one bar of a histogram leaves free above the tallest.
const HEADROOM: f64 = 1.05;

/// What the colours of a reliability diagram mean.
pub(super) fn legend(task: Task) -> String {
    let words = words(task);
    format!(
        "Each bar is the {} of a bin, with its interval; up to the {} it is {} or {}. The dashed line is where both \
         agree. Pale: fewer than {FEW_ROWS} rows.",
        words.outcome, words.probability, words.over, words.under
    )
}

/// Characters of a title that fit above a chart.
const TITLE_ROOM: usize = 52;

/// The reliability diagram at one temperature; `None` without rows.
pub(super) fn reliability(figures: &Figures, task: Task) -> Option<String> {
    let (bins, words) = (bins(&figures.reliability), words(task));
    let (outcome, probability) = overall(&figures.reliability)?;
    let (column, [outcome, probability]) =
        (column_name(figures), [outcome, probability].map(|share| percent(share, 2)));
    let sentence =
        format!("{column}: {} {outcome}, {} {probability}", words.outcome, words.probability);
    // Where the whole sentence has no room the axes say what of.
    let title = if sentence.chars().count() <= TITLE_ROOM {
        sentence.clone()
    } else {
        format!("{column}: {outcome} against {probability}")
    };
    let unit = |n_cells| Scale::linear(0.0, 1.0, n_cells);
    let mut svg = Svg::new(
        unit(X_CELLS),
        unit(Y_CELLS),
        Words { title: &title, x: words.probability, y: words.outcome },
    );
    let (_, view) = widths(figures.reliability.binning);
    for bin in bins.iter().filter(|bin| bin.count > 0) {
        match view {
            ReliabilityView::Bars => bar(&mut svg, bin),
            ReliabilityView::Dots => {
                whisker(&mut svg, bin.probability, bin);
                svg.dot("dot", (bin.probability, bin.outcome), &tooltip(bin));
            }
        }
    }
    svg.line("diagonal", [(0.0, 0.0), (1.0, 1.0)].into_iter());
    Some(svg.finish(&format!("Reliability diagram. {sentence}")))
}

fn bar(svg: &mut Svg, bin: &ReliabilityBin) {
    let few = if bin.count < FEW_ROWS { " few" } else { "" };
    let x = [bin.low, bin.high];
    let words = tooltip(bin);
    let gap = if bin.probability > bin.outcome { "over" } else { "under" };
    svg.rectangle(&format!("bar{few}"), x, [0.0, bin.outcome], &words);
    let between = [bin.outcome, bin.probability];
    svg.rectangle(&format!("{gap}{few}"), x, between, &words);
    whisker(svg, bin.low.midpoint(bin.high), bin);
}

fn whisker(svg: &mut Svg, x: f64, bin: &ReliabilityBin) {
    if let Some(interval) = bin.interval {
        svg.line("whisker", interval.map(|y| (x, y)).into_iter());
    }
}

/// `0.533 to 0.600: 71.2 % (68.1 % to 74.2 %) of 320 rows, mean probability 57.0 %`.
fn tooltip(bin: &ReliabilityBin) -> String {
    let interval = bin.interval.map_or_else(String::new, |[low, high]| {
        format!(" ({} to {})", percent(low, 1), percent(high, 1))
    });
    format!(
        "{} to {}: {}{interval} of {} rows, mean probability {}",
        decimal(bin.low, 3),
        decimal(bin.high, 3),
        percent(bin.outcome, 1),
        count(bin.count),
        percent(bin.probability, 1)
    )
}

/// NLL over T around 1 and the fitted one.
pub(super) fn nll(analysis: &Analysis, view: &CurveView) -> String {
    let ([low, high], [least, most]) = (view.range, view.heights);
    let y = if view.is_log {
        Scale::log10(least, most, Y_CELLS)
    } else {
        Scale::linear(least, most, Y_CELLS)
    };
    let words = Words { title: "NLL over T", x: "T", y: "NLL (nats per row)" };
    let mut svg = Svg::new(Scale::log10(low, high, X_CELLS), y, words);
    if let Some(interval) = &analysis.fit.interval {
        svg.band("interval", [interval.low, interval.high]);
    }
    svg.mark(1.0, "unit", ("T = 1", 0));
    let mut description = "NLL over the temperature.".to_string();
    if let Some(t) = analysis.fit.temperature {
        let label = format!("T = {}", temperature(t));
        svg.mark(t, "optimum", (&label, 1));
        description = format!("{description} Its minimum is at {label}.");
    }
    let curves = &analysis.curves;
    let points = curves.temperature.iter().zip(&curves.nll);
    let inside = points.filter(|(t, _)| low <= **t && **t <= high);
    svg.line("curve", inside.map(|(t, nll)| (*t, *nll)));
    svg.finish(&description)
}

/// The margins of right and wrong rows; `None` without rows.
pub(super) fn margins(histogram: &Histogram) -> Option<String> {
    let pairs = || histogram.correct.iter().zip(&histogram.wrong);
    let most = pairs().map(|(right, wrong)| right + wrong).max()?;
    let (low, high) = (*histogram.edges.first()?, *histogram.edges.last()?);
    if most == 0 {
        return None;
    }
    let words =
        Words { title: "Top-two margin: right rows, and wrong on top", x: "margin", y: "rows" };
    let y = Scale::linear(0.0, most as f64 * HEADROOM, Y_CELLS);
    let mut svg = Svg::new(Scale::linear(low, high, X_CELLS), y, words);
    for (edges, (right, wrong)) in histogram.edges.windows(2).zip(pairs()) {
        let x = [edges[0], edges[1]];
        let tooltip = format!(
            "{} to {}: {} right, {} wrong",
            decimal(x[0], 2),
            decimal(x[1], 2),
            count(*right),
            count(*wrong)
        );
        let (right, all) = (*right as f64, (right + wrong) as f64);
        svg.rectangle("bar", x, [0.0, right], &tooltip);
        svg.rectangle("wrong", x, [right, all], &tooltip);
    }
    Some(svg.finish("Histogram of the margins of right and wrong rows."))
}
