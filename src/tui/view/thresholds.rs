//! A threshold of its own for every class.

use ratatui::layout::Rect;

use crate::analysis::{Chosen, ClassThresholds, EvaluatedOn, Thresholds};
use crate::report::number::plain_percent;
use crate::report::wrap;

use super::super::errand::Errand;
use super::super::layout::{row, top};
use super::super::state::Session;
use super::super::widget::{Pen, Span, dim_span, span, strong_span};
use super::{format, measures};

/// One of the two thresholds of a class.
type Choice = fn(&ClassThresholds) -> &Chosen;

/// Columns of a class's name and of each figure.
const NAME: usize = 16;
const WIDTHS: [usize; 6] = [8, 8, 8, 8, 8, 8];

/// Draws the panel: the rarest classes first.
pub(super) fn draw(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let thresholds = session.extras.thresholds.as_deref();
    let basis = thresholds.map_or("", basis);
    let inside = pen.panel(area, ["A threshold for every class", basis], false);
    let Some(thresholds) = thresholds else {
        let words = measures::state(session, Errand::Thresholds);
        let lines = wrap(&words.unwrap_or_default(), usize::from(inside.width));
        let lines: Vec<Vec<Span>> = lines.into_iter().map(|l| vec![span(l)]).collect();
        return pen.lines(inside, &lines);
    };
    let met = format!(
        "Precision of {} % met, with probability {} %",
        plain_percent(thresholds.precision_target),
        plain_percent(thresholds.level)
    );
    let notes = notes(thresholds, usize::from(inside.width));
    let n_notes = u16::try_from(notes.len()).unwrap_or(0);
    let n_tables = inside.height.saturating_sub(n_notes);
    let (tables, rest) = top(inside, n_tables);
    let (upper, lower) = top(tables, tables.height.div_ceil(2));
    let rarest = rarest(thresholds);
    draw_half(session, pen, upper, ("Largest F1", &rarest, |c| &c.largest_f1));
    draw_half(session, pen, lower, (&met, &rarest, |c| &c.precision_met));
    for (index, note) in (0..rest.height).zip(notes) {
        pen.text(row(rest, index), &note, pen.theme.dim());
    }
}

/// Heading, classes, and which of the two choices.
type Half<'a> = (&'a str, &'a [&'a ClassThresholds], fn(&ClassThresholds) -> &Chosen);

fn draw_half(session: &Session, pen: &mut Pen<'_>, area: Rect, (title, classes, of): Half<'_>) {
    let theme = pen.theme;
    let width = usize::from(area.width);
    pen.spans(row(area, 0), &[strong_span(theme, title)]);
    let heads = ["rows", "from p", "prec %", "rec %", "F1 %", "surely"].map(String::from);
    pen.spans(row(area, 1), &[dim_span(theme, line("", heads, width))]);
    for (index, class) in (2..area.height).zip(classes) {
        let name = session.class_name(class.class);
        let cells = cells(class, of(class));
        pen.text(row(area, index), &line(&name, cells, width), theme.text());
    }
}

fn line(name: &str, cells: [String; 6], width: usize) -> String {
    let name = format::cut(name, NAME - 1);
    let mut room = width.saturating_sub(NAME);
    let mut line = format::padded(&name, NAME);
    for (cell, width) in cells.into_iter().zip(WIDTHS) {
        if width > room {
            break;
        }
        room -= width;
        let blanks = width.saturating_sub(cell.chars().count());
        line.push_str(&" ".repeat(blanks));
        line.push_str(&cell);
    }
    line
}

fn cells(class: &ClassThresholds, chosen: &Chosen) -> [String; 6] {
    let percent = |share: f64| format::fixed(share * 100.0, 1);
    // Rounded down: whoever types this threshold keeps all that are meant.
    let threshold = chosen
        .threshold
        .map_or_else(|| format::NONE.to_owned(), |p| format::fixed((p * 1e4).floor() / 1e4, 4));
    [
        format::count(class.count),
        threshold,
        percent(chosen.precision),
        percent(chosen.recall),
        percent(chosen.f1),
        percent(chosen.precision_lower),
    ]
}

fn rarest(thresholds: &Thresholds) -> Vec<&ClassThresholds> {
    let mut classes: Vec<&ClassThresholds> = thresholds.classes.iter().collect();
    classes.sort_by_key(|class| (class.count, class.class));
    classes
}

fn basis(thresholds: &Thresholds) -> &'static str {
    match thresholds.evaluated_on {
        EvaluatedOn::InSample => "in sample",
        EvaluatedOn::OutOfFold => "out of fold",
        EvaluatedOn::Test => "test rows",
    }
}

fn notes(thresholds: &Thresholds, width: usize) -> Vec<String> {
    let words = format!(
        "A class is said where its probability at T = {} is at least `from p`, judged on rows without a part in the \
         choice; surely: lower bound on the precision at {} %. The rarest classes come first.",
        format::temperature(thresholds.temperature),
        plain_percent(thresholds.level)
    );
    wrap(&words, width)
}

/// Both tables as text, tab-separated, of all classes; without them, why there are none.
pub(super) fn text(session: &Session) -> Vec<String> {
    let Some(thresholds) = session.extras.thresholds.as_deref() else {
        return measures::state(session, Errand::Thresholds).into_iter().collect();
    };
    let level = plain_percent(thresholds.level);
    let met = format!("precision of {} %", plain_percent(thresholds.precision_target));
    let mut lines = vec![format!(
        "threshold at T {}, {}\tclass\trows\tfrom p\tprecision\trecall\tF1\tprecision at least ({level} %)",
        format::raw(thresholds.temperature),
        basis(thresholds)
    )];
    let halves: [(&str, Choice); 2] =
        [("largest F1", |c| &c.largest_f1), (&met, |c| &c.precision_met)];
    for (name, of) in halves {
        lines.extend(rarest(thresholds).into_iter().map(|class| {
            let chosen = of(class);
            let threshold = chosen.threshold.unwrap_or(f64::NAN);
            let figures =
                [threshold, chosen.precision, chosen.recall, chosen.f1, chosen.precision_lower];
            format!(
                "{name}\t{}\t{}\t{}",
                session.class_name(class.class),
                class.count,
                figures.map(format::raw).join("\t")
            )
        }));
    }
    lines
}
