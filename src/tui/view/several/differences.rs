//! Models minus the reference, with paired intervals.

use ratatui::layout::Rect;

use super::compare::{name_spans, name_width};
use crate::metrics::{Difference, PairedDifferences};
use crate::tui::layout::{left, row};
use crate::tui::state::{Group, MemberState, Metric};
use crate::tui::view::format;
use crate::tui::widget::{Pen, Span, dim_span, strong_span};

/// The name of a measure, its difference, and how it is written.
pub(super) type Measure = (&'static str, fn(&PairedDifferences) -> &Difference, fn(f64) -> String);

pub(super) fn measure(metric: Metric) -> Measure {
    let points = |v: f64| format::fixed(100.0 * v, 2);
    match metric {
        Metric::Nll => ("NLL", |d| &d.nll, |v| format::fixed(v, 4)),
        Metric::Ece => ("ECE, points of a hundred", |d| &d.ece, points),
        Metric::Brier => ("Brier score", |d| &d.brier, |v| format::fixed(v, 4)),
        Metric::Accuracy => ("accuracy, points of a hundred", |d| &d.accuracy, points),
    }
}

/// `-0.4105 (-0.4220 to -0.3990)`, and whether the interval leaves 0 out.
pub(super) fn difference(side: Option<&PairedDifferences>, measure: &Measure) -> (String, bool) {
    let signed = |v: f64| match (measure.2)(v) {
        words if v > 0.0 => format!("+{words}"),
        words => words,
    };
    let Some(found) = side.map(measure.1) else {
        return (format::NONE.into(), false);
    };
    let value = found.value.map_or_else(|| format::NONE.into(), signed);
    match found.interval {
        Some([low, high]) => {
            let words = format!("{value} ({} to {})", signed(low), signed(high));
            (words, low > 0.0 || high < 0.0)
        }
        None => (value, false),
    }
}

/// Draws what each model from place `first` on is better or worse by than the reference.
pub(super) fn draw_differences(group: &Group, pen: &mut Pen<'_>, (area, first): (Rect, usize)) {
    let theme = pen.theme;
    let measure = measure(group.compare.metric);
    let reference = group.place_of(group.compare.reference);
    let name = reference.map_or("", |place| &group.members[place].name);
    let head = [
        strong_span(theme, format!(" {} minus {name} (=)", measure.0)),
        dim_span(theme, "  paired 95 % intervals of the same rows; bold: 0 is outside"),
    ];
    pen.spans(row(area, 0), &head);
    let n_names = name_width(group);
    let sides = [strong_span(theme, "T = 1"), strong_span(theme, "each at its T*")];
    draw_sides(pen, row(area, 1), (&[], n_names), &sides);
    let is_other = |place: &usize| {
        let failed = matches!(group.members[*place].state, MemberState::Failed(_));
        Some(*place) != reference && !failed
    };
    let others = (first..group.members.len()).filter(is_other);
    for (index, place) in (2..area.height).zip(others) {
        let line = row(area, index);
        let names = name_spans(group, place, theme, false);
        let id = group.members[place].id;
        let paired = group.compare.pairs.iter().find(|(of, _)| *of == id);
        match paired.map(|(_, outcome)| outcome) {
            Some(Ok(paired)) => {
                let sides = [Some(&paired.before), paired.after.as_ref()].map(|side| {
                    let (words, is_sure) = difference(side, &measure);
                    (words, if is_sure { theme.strong() } else { theme.text() })
                });
                draw_sides(pen, line, (&names, n_names), &sides);
            }
            Some(Err(why)) => {
                draw_sides(pen, line, (&names, n_names), &[]);
                let (_, rest) = left(line, n_names);
                pen.text(rest, &format!(" {why}"), theme.alert());
            }
            None => draw_sides(pen, line, (&names, n_names), &[dim_span(theme, "…")]),
        }
    }
}

/// Names, and one wide column for each side.
fn draw_sides(pen: &mut Pen<'_>, line: Rect, (names, n_names): (&[Span], u16), sides: &[Span]) {
    let (name_area, rest) = left(line, n_names);
    pen.spans(name_area, names);
    let (first, second) = left(rest, (rest.width / 2).min(40));
    for (area, (text, style)) in [first, second].into_iter().zip(sides) {
        pen.text(left(area, 1).1, text, *style);
    }
}
