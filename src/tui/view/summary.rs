//! Figures as tables and sentences, shared by several screens.

mod copied;

use crate::analysis::EvaluatedOn;
use crate::data::{SourceInfo, Task};
use crate::metrics::{Figures, Metrics};
use crate::pipeline::FirstRows;

use super::super::state::Session;
use super::super::theme::Theme;
use super::super::widget::{Span, Table, span, strong_span};
use super::{charts, format};

pub(in crate::tui) use copied::figures;

/// A named figure of [`Metrics`], and how it is printed.
type Figure = (&'static str, fn(&Metrics) -> String);

/// The figures of the calibration table, in order.
fn all_figures(info: &SourceInfo) -> Vec<Figure> {
    let mut figures: Vec<Figure> = vec![
        ("accuracy %", |m| format::percent(m.accuracy)),
        ("mean confidence %", |m| format::percent(m.mean_confidence)),
        ("NLL", |m| format::nats(m.nll)),
        ("ECE %", |m| format::percent(m.ece)),
        ("ECE equal mass %", |m| format::percent(m.ece_equal_mass)),
        ("MCE %", |m| format::percent(m.mce)),
        ("Brier", |m| format::fixed(m.brier, 4)),
        ("entropy (nats)", |m| format::fixed(m.entropy, 3)),
        ("top-5 %", |m| format::percent(m.top5_accuracy)),
    ];
    // With five classes or fewer the label is always among the top five.
    if info.n_classes <= 5 {
        figures.pop();
    }
    if info.task == Task::Binary {
        figures.insert(
            4,
            ("ECE top class %", |m| m.ece_top_class.map_or(format::NONE.into(), format::percent)),
        );
    }
    figures
}

/// Names that fit where there is little room.
fn short(name: &'static str) -> &'static str {
    match name {
        "accuracy %" => "acc %",
        "mean confidence %" => "conf %",
        "ECE equal mass %" => "ECEmass %",
        "ECE top class %" => "ECEtop %",
        "entropy (nats)" => "entropy",
        other => other,
    }
}

/// A column of figures: heading, where they come from, and whether they wait for better ones.
pub(super) struct Column<'a> {
    /// The heading.
    pub(super) head: String,
    /// The figures.
    pub(super) figures: &'a Figures,
    /// True while the cursor has moved on or the figures are interpolated.
    pub(super) is_rough: bool,
    /// True while the figures are those of another temperature.
    pub(super) is_stale: bool,
}

/// T = 1, the cursor where it stands elsewhere, and T*.
pub(super) fn columns(session: &Session, with_cursor: bool) -> Vec<Column<'_>> {
    let shown = &session.figures;
    let mut columns = vec![Column {
        head: "T = 1".into(),
        figures: &shown.one,
        is_rough: !shown.one.exact,
        is_stale: false,
    }];
    if with_cursor && !session.is_at_one() {
        columns.push(Column {
            head: format!("T {}", format::temperature(session.t())),
            figures: &shown.cursor,
            is_rough: !session.is_exact(),
            is_stale: !session.is_current(),
        });
    }
    if let Some(star) = &session.original.star {
        columns.push(Column {
            head: "T*".into(),
            figures: star,
            is_rough: !star.exact,
            is_stale: false,
        });
    }
    columns
}

/// The columns of [`metrics_table`]: T = 1 and the cursor's T, or T* while the cursor is at 1.
pub(super) fn metrics_columns(session: &Session) -> Vec<Column<'_>> {
    let mut columns = columns(session, true);
    if !session.is_at_one() {
        columns.truncate(2);
    }
    columns
}

/// The table beside the diagram.
pub(super) fn metrics_table(session: &Session, theme: Theme, room: u16) -> Table {
    table(session, theme, &metrics_columns(session), room)
}

/// Columns that a table with names of `n_name` columns takes up.
fn width_of(session: &Session, columns: &[Column<'_>], n_name: usize, long: bool) -> usize {
    let widest = |c: &Column<'_>| c.head.len().max(basis(session, c, long).len()).max(8) + 1;
    n_name + columns.iter().map(widest).sum::<usize>()
}

/// A table of `columns`, headed by their temperatures and what they were computed on, in words as long
/// as `room` allows: no column may be lost to a long word.
pub(super) fn table(session: &Session, theme: Theme, columns: &[Column<'_>], room: u16) -> Table {
    let fits = |n_name, long| width_of(session, columns, n_name, long) <= usize::from(room);
    let is_wide = fits("mean confidence %".len() + 1, true);
    let long = fits("ECEmass %".len(), true);
    let heads = columns.iter().map(|c| strong_span(theme, c.head.clone())).collect();
    let rows = all_figures(&session.study.info)
        .into_iter()
        .map(|(name, value)| {
            let cells = columns.iter().map(|c| cell(session, theme, c, name, value));
            (span(if is_wide { name } else { short(name) }), cells.collect())
        })
        .collect();
    let mut table = Table { heads, rows };
    let on = columns.iter().map(|c| span(basis(session, c, long))).collect();
    table.rows.push((span(if is_wide { "computed on" } else { "rows" }), on));
    if let Some((_, cells)) = table.rows.last_mut() {
        for cell in cells {
            cell.1 = theme.dim();
        }
    }
    table
}

/// Which rows a column describes. The short words: `fitted` are the rows of the fit, `folds` the same
/// rows with the temperature of a fit that left them out.
fn basis(session: &Session, column: &Column<'_>, long: bool) -> &'static str {
    let words = match column.head.as_str() {
        "T = 1" if is_so_far(session) => "rows so far",
        "T = 1" if session.study.analysis.evaluated_on != EvaluatedOn::Test => "all rows",
        "T = 1" | "T*" => charts::evaluated_words(session),
        _ => charts::cursor_words(session),
    };
    match words {
        words if long => words,
        "all rows" => "all",
        "rows so far" => "so far",
        "in sample" => "fitted",
        "out of fold" => "folds",
        _ => "test",
    }
}

/// True if T = 1 describes the first rows, which are also those of the fit.
fn is_so_far(session: &Session) -> bool {
    let is_part = |first: FirstRows| first.read < first.total;
    session.study.first.is_some_and(is_part)
        && session.study.analysis.evaluated_on != EvaluatedOn::Test
}

fn cell(
    session: &Session,
    theme: Theme,
    column: &Column<'_>,
    name: &str,
    value: fn(&Metrics) -> String,
) -> Span {
    let text = value(&column.figures.metrics);
    if !column.is_rough || name.starts_with("accuracy") || name.starts_with("top-5") {
        return span(text);
    }
    // Figures of another temperature would mislead: the curves know NLL, ECE and Brier at once.
    let text = match (column.is_stale, session.curve_values(), name) {
        (false, ..) => text,
        (true, Some([nll, ..]), "NLL") => format::nats(nll),
        (true, Some([_, ece, _]), "ECE %") if session.is_original_cut() => format::percent(ece),
        (true, Some([.., brier]), "Brier") => format::fixed(brier, 4),
        (true, ..) => "…".into(),
    };
    (format!("~{text}"), theme.alert())
}

/// The main figures at the cursor in one line, for narrow terminals.
pub(super) fn one_line(session: &Session) -> String {
    let m = &session.figures.cursor.metrics;
    let mark = if session.is_exact() { "" } else { "~" };
    format!(
        "acc {} %  conf {mark}{} %  ECE {mark}{} %  NLL {mark}{}",
        format::percent(m.accuracy),
        format::percent(m.mean_confidence),
        format::percent(m.ece),
        format::nats(m.nll)
    )
}
