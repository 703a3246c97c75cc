//! The Columns dialog: a line for each thing that can be chosen, and why the chosen line is as it is.
//!
//! ```text
//! ┌ Columns ──────────────────────────── val.csv · csv · 12 columns ┐
//! │ ▸ logits       ◂ logit_0 .. logit_9 (10 columns of f64) ▸  1/3  │
//! │   labels         target (integer)                          2/3  │
//! │   kind           logits                                    1/4  │
//! │                                                                 │
//! │ by name                                                         │
//! │ ←→ change · Enter opens so · r remembers · Esc leaves           │
//! └─────────────────────────────────────────────────────────────────┘
//! ```

use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

use super::super::layout::{centred, inside, left, right, row, top};
use super::super::state::{Columns, ColumnsRow, Origin};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span, span, strong_span};
use super::{Click, chrome, overlays};
use crate::report::number::counted;
use crate::report::wrap;

/// Columns of the box at most.
const WIDEST: u16 = 104;

/// Columns of the names of the fields.
const NAMES: u16 = 15;

/// Columns of what stands at the right end of a line.
const ASIDE: u16 = 19;

/// Lines below the rows: a blank, two of evidence, two of notes, and the keys.
const BELOW: u16 = 6;

/// What can be typed.
const TYPED: &str =
    "where: length < 20 & lang in (en, de) | !(source = web); split: fold=1|2 keeps these rows";

fn area(columns: &Columns, body: Rect) -> Rect {
    let n_rows = u16::try_from(columns.rows.len().max(2)).unwrap_or(u16::MAX);
    centred(body, WIDEST, n_rows.saturating_add(BELOW + 2))
}

/// The rows, and what is below them.
fn plan(columns: &Columns, body: Rect) -> (Rect, Rect) {
    let inside = inside(area(columns, body));
    let n_rows = u16::try_from(columns.rows.len()).unwrap_or(u16::MAX);
    // Where there is little room the evidence goes first.
    top(inside, n_rows.min(inside.height.saturating_sub(2)))
}

/// Draws the dialog over the body.
pub(super) fn draw(columns: &Columns, pen: &mut Pen<'_>, body: Rect) {
    let area = area(columns, body);
    pen.clear(area);
    pen.panel(area, ["Columns", &title(columns)], true);
    let (rows, below) = plan(columns, body);
    let first = first_row(columns, rows);
    for index in 0..rows.height {
        let idx = first + usize::from(index);
        if let Some(line) = columns.rows.get(idx) {
            draw_row(columns, line, idx == columns.cursor, pen, row(rows, index));
        }
    }
    draw_below(columns, pen, below);
}

/// File, format and number of columns.
fn title(columns: &Columns) -> String {
    let name = chrome::short_name(&columns.name);
    match &columns.found {
        Some(Ok(choices)) => {
            let offer = &choices.offer;
            let what = if offer.steps.is_empty() && !is_container(&offer.format) {
                "column"
            } else {
                "array"
            };
            format!("{name} · {} · {}", offer.format, counted(offer.n_columns as u64, what))
        }
        _ => name,
    }
}

fn is_container(format: &str) -> bool {
    matches!(format, "npy" | "npz" | "safetensors" | "torch" | "pickle" | "hdf5")
}

fn first_row(columns: &Columns, rows: Rect) -> usize {
    let height = usize::from(rows.height).max(1);
    (columns.cursor + 1).saturating_sub(height)
}

fn draw_row(columns: &Columns, line: &ColumnsRow, is_chosen: bool, pen: &mut Pen<'_>, at: Rect) {
    let theme = pen.theme;
    let (names, rest) = left(at, NAMES);
    let (words, aside) = right(rest, ASIDE);
    let mark = if is_chosen { "▸ " } else { "  " };
    pen.spans(names, &[span(mark), strong_span(theme, line.field.name())]);
    let chosen = line.chosen();
    let has_more = line.options.len() > 1;
    let arrows = if is_chosen && has_more { ["◂ ", " ▸"] } else { ["  ", "  "] };
    let style = match (is_chosen, &chosen.pick) {
        (true, _) => theme.selected(),
        (false, Some(_)) => theme.strong(),
        (false, None) => theme.text(),
    };
    if let Some(prompt) = columns.typed.as_ref().filter(|_| is_chosen) {
        pen.spans(rest, &overlays::typed(&prompt.line, rest.width, theme));
        return;
    }
    let room = words.width.saturating_sub(4);
    let taken = pen.text(left(words, 2).0, arrows[0], theme.key());
    let (_, after) = left(words, taken);
    let taken = pen.text(left(after, room).0, &chosen.words, style);
    pen.text(left(after, taken).1, arrows[1], theme.key());
    pen.spans(aside, &[dim_span(theme, aside_of(columns, line))]);
}

/// Who chose, and which of how many candidates it is.
fn aside_of(columns: &Columns, line: &ColumnsRow) -> String {
    let pick = line.chosen().pick.as_ref();
    let is_remembered = columns.remembered().and_then(|r| r.get(line.field)) == pick;
    let who = match pick {
        None => "",
        Some(_) if is_remembered => "remembered",
        Some(_) => "chosen",
    };
    let place = match line.options.len() {
        1 => String::new(),
        n => format!("{}/{n}", line.at + 1),
    };
    format!(" {who:<11}{place:>6}")
}

/// Why the chosen line is as it is, what became of the last key, and the keys.
fn draw_below(columns: &Columns, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let width = usize::from(area.width);
    let keys = vec![dim_span(theme, keys_line(columns, area.width))];
    let mut lines: Vec<Vec<Span>> = said(columns, theme, width);
    let room = usize::from(area.height.saturating_sub(1));
    if lines.len() < room {
        lines.insert(0, Vec::new());
    }
    lines.resize(room, Vec::new());
    lines.push(keys);
    pen.lines(area, &lines);
}

fn said(columns: &Columns, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let wrapped = |words: &str, n_lines: usize, style: ratatui::style::Style| {
        let lines = wrap(words, width).into_iter().take(n_lines);
        lines.map(|line| vec![(line, style)]).collect::<Vec<_>>()
    };
    let note = |words: &str| wrapped(words, 2, theme.alert());
    if let Some(prompt) = &columns.typed {
        return match &prompt.error {
            Some(error) => note(error),
            None => wrapped(TYPED, 2, theme.text()),
        };
    }
    match (&columns.note, &columns.found) {
        (Some(words), _) => return note(words),
        (None, None) => return vec![vec![dim_span(theme, "looking at the file …")]],
        (None, Some(Err(why))) => return note(&format!("nothing can be chosen: {why}")),
        (None, Some(Ok(_))) => {}
    }
    let line = columns.rows.get(columns.cursor).map(ColumnsRow::chosen);
    let mut lines = match line {
        Some(option) if !option.evidence.is_empty() => wrapped(&option.evidence, 2, theme.text()),
        _ => Vec::new(),
    };
    if columns.how.origin == Origin::Remembered {
        lines.extend(note("this file was read as remembered for files with the same columns"));
    } else if let Some(failure) = &columns.failure {
        lines.extend(wrapped(&failure.message, 2, theme.alert()));
    }
    lines
}

fn keys_line(columns: &Columns, width: u16) -> String {
    let forget = if columns.remembered().is_some() { " · x forgets" } else { "" };
    if columns.typed.is_some() {
        return "Enter takes it, an empty line leaves it to the program · Esc leaves it as it was"
            .into();
    }
    let typed = if columns.is_typed_line() { " · e types it" } else { "" };
    let wordings = [
        format!(
            "↑↓ line · ←→ change it{typed} · Enter opens the file so · r remembers it{forget} · Esc leaves"
        ),
        format!(
            "↑↓ line · ←→ change it · Enter opens the file so · r remembers for files like this{forget} · Esc leaves"
        ),
        format!("←→ change{typed} · Enter opens so · r remembers{forget} · Esc leaves"),
        format!("←→ · Enter · r{forget} · Esc"),
    ];
    let fits = |words: &String| words.width() <= usize::from(width);
    wordings.into_iter().find(fits).unwrap_or_default()
}

/// The line at a cell.
pub(super) fn hit(columns: &Columns, body: Rect, at: Position) -> Option<Click> {
    let (rows, _) = plan(columns, body);
    let line = rows.contains(at).then(|| usize::from(at.y - rows.y))?;
    let idx = first_row(columns, rows) + line;
    (idx < columns.rows.len()).then_some(Click::ColumnsRow(idx))
}
