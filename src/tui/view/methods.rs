//! More than one temperature: whether it is enough, and all methods by their NLL.

use ratatui::layout::Rect;

use crate::analysis::{Comparison, EvaluatedOn, Gain, MethodFigures};
use crate::report::number::plain_percent;
use crate::report::{methods_verdict, wrap};

use super::super::errand::{Errand, ErrandProgress};
use super::super::layout::{row, top};
use super::super::state::{Run, Session};
use super::super::widget::{Pen, Span, dim_span, span, strong_span};
use super::{format, measures};

/// Columns of the name and of each figure.
const NAME: usize = 18;
const FIGURE: usize = 9;
const GAIN: usize = 18;

/// Cells of the bar that shows how far it is.
const BAR: usize = 24;

/// Draws the panel.
pub(super) fn draw(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let basis = session.extras.methods.as_deref().map_or("", basis);
    let inside = pen.panel(area, ["More than one temperature", basis], false);
    let width = usize::from(inside.width);
    match (session.extras.methods.as_deref(), session.extras.run(Errand::Methods)) {
        (Some(comparison), _) => draw_table(comparison, pen, inside),
        (None, Run::Running(_, at)) => draw_progress(at, pen, inside),
        (None, _) => {
            let words = measures::state(session, Errand::Methods);
            let lines = wrap(&words.unwrap_or_default(), width);
            let lines: Vec<Vec<Span>> = lines.into_iter().map(|l| vec![span(l)]).collect();
            pen.lines(inside, &lines);
        }
    }
}

fn basis(comparison: &Comparison) -> &'static str {
    match comparison.evaluated_on {
        EvaluatedOn::InSample => "in sample",
        EvaluatedOn::OutOfFold => "out of fold",
        EvaluatedOn::Test => "test rows",
    }
}

fn draw_progress(at: &ErrandProgress, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let share = at.done as f64 / at.total.max(1) as f64;
    let n_filled = (0..BAR).filter(|cell| (*cell as f64 + 0.5) / (BAR as f64) <= share).count();
    let lines = [
        vec![span("fitting "), strong_span(theme, at.phase.clone())],
        vec![
            ("█".repeat(n_filled), theme.key()),
            dim_span(theme, "░".repeat(BAR - n_filled)),
            span(format!(" {} of {} fits", format::count(at.done), format::count(at.total))),
        ],
        vec![("Esc".into(), theme.key()), dim_span(theme, " stops")],
    ];
    pen.lines(area, &lines);
}

fn draw_table(comparison: &Comparison, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let width = usize::from(area.width);
    let mut lines: Vec<Vec<Span>> = wrap(&methods_verdict(comparison), width)
        .into_iter()
        .map(|l| vec![strong_span(theme, l)])
        .collect();
    let n_verdict = u16::try_from(lines.len()).unwrap_or(area.height);
    lines.push(vec![dim_span(theme, heading(width, comparison.level))]);
    for method in &comparison.methods {
        let line = line(method, width);
        lines.push(vec![if method.method == comparison.verdict {
            strong_span(theme, line)
        } else {
            span(line)
        }]);
    }
    pen.lines(area, &lines);
    let (_, rest) = top(area, n_verdict + 1 + u16::try_from(comparison.methods.len()).unwrap_or(0));
    let remarks = remarks(comparison, width);
    for (index, remark) in (0..rest.height).zip(remarks) {
        pen.text(row(rest, index), &remark, theme.dim());
    }
}

/// The figures that there is room for behind the name, in the order of weight: NLL, gain, ECE, Brier, accuracy.
fn cells(width: usize, cells: [String; 5]) -> String {
    let widths = [FIGURE, GAIN, FIGURE, FIGURE, FIGURE];
    let mut line = String::new();
    let mut room = width.saturating_sub(name_width(width));
    for (cell, width) in cells.into_iter().zip(widths) {
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

/// Narrow panels shorten the names before they lose the gain.
fn name_width(width: usize) -> usize {
    NAME.min(width.saturating_sub(FIGURE + GAIN))
}

fn heading(width: usize, level: f64) -> String {
    let gain = format!("gain ± {} %", plain_percent(level));
    let names = ["NLL", &gain, "ECE %", "Brier", "acc %"].map(String::from);
    let n_name = name_width(width);
    format!("{:<n_name$}{}", "method", cells(width, names))
}

fn line(method: &MethodFigures, width: usize) -> String {
    let figures = [
        format::nats(method.nll),
        method.gain.as_ref().map_or_else(String::new, gain),
        format::percent(method.ece),
        format::fixed(method.brier, 4),
        format::percent(method.accuracy),
    ];
    let n_name = name_width(width);
    let name: String = method.method.name().chars().take(n_name.saturating_sub(1)).collect();
    format!("{name:<n_name$}{}", cells(width, figures))
}

/// What it gains in NLL, and half its interval.
fn gain(gain: &Gain) -> String {
    let value = format::fixed(gain.nll, 4);
    let sign = if gain.nll > 0.0 { "+" } else { "" };
    let half = format::fixed((gain.high - gain.low) / 2.0, 4);
    format!("{sign}{value} ± {half}")
}

fn remarks(comparison: &Comparison, width: usize) -> Vec<String> {
    let mut words = vec![format!(
        "Ranked by NLL; {}. Gain: NLL saved against the temperature, paired row by row; the verdict goes by {} %, as there are several rivals.",
        match comparison.evaluated_on {
            EvaluatedOn::Test => "the rows are judged by fits that saw none of them",
            EvaluatedOn::OutOfFold | EvaluatedOn::InSample => {
                "every row is judged by a fit without it, in folds that do not look at labels"
            }
        },
        format::fixed(comparison.verdict_level * 100.0, 2)
    )];
    for method in comparison.methods.iter().filter(|m| !m.converged) {
        words.push(format!(
            "{}: the search was ended before its gradient vanished.",
            method.method.name()
        ));
    }
    for method in comparison.methods.iter().filter(|m| m.impossible > 0) {
        let n = format::count(method.impossible);
        words.push(format!("{}: {n} labels get probability 0.", method.method.name()));
    }
    for skipped in &comparison.skipped {
        words.push(format!("{} left out: {}.", skipped.method.name(), skipped.reason));
    }
    let mut lines = vec![String::new()];
    lines.extend(words.iter().flat_map(|sentence| wrap(sentence, width)));
    lines
}

/// The table as text, tab-separated.
pub(super) fn text(comparison: &Comparison) -> Vec<String> {
    let mut lines =
        vec![format!("method\tNLL\tgain\tlow\thigh\tECE\tBrier\taccuracy ({})", basis(comparison))];
    for m in &comparison.methods {
        let gain = m
            .gain
            .map_or_else(|| "\t\t".to_owned(), |g| format!("{}\t{}\t{}", g.nll, g.low, g.high));
        lines.push(format!(
            "{}\t{}\t{gain}\t{}\t{}\t{}",
            m.method.name(),
            m.nll,
            m.ece,
            m.brier,
            m.accuracy
        ));
    }
    lines
}
