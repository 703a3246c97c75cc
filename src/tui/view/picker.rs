//! The file picker: what is typed, the files that match, and what was found in them.
//!
//! ```text
//! ┌ Open ─────────────────────────────────────────── 3 of 41 ┐
//! │ runs/ > val                                              │
//! │                                                          │
//! │ ▸ val_c100.parquet     3.9 GB   10,000 × 100  logits, y  │
//! │   val_meta.csv         1.2 MB   no column of logits found│
//! │                                                          │
//! │ parquet                                                  │
//! │ Enter opens · ← folder above · Ctrl-R recent · Esc       │
//! └──────────────────────────────────────────────────────────┘
//! ```

use ratatui::layout::{Position, Rect};
use unicode_width::UnicodeWidthStr;

use super::super::layout::{bottom, centred, inside, row, top};
use super::super::state::{App, Listing, Picker, PickerRow, RowKind};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span, span};
use super::{Click, format, overlays};
use crate::data::printable;
use crate::report::wrap;

/// Columns of the box at most.
const WIDEST: u16 = 116;

/// Rows of the box at most.
const TALLEST: u16 = 32;

/// From this inner height on there is room for what was found in the chosen file.
const DETAILS_FROM: u16 = 10;

/// The typed line, the list, and what was found in the chosen file.
struct Plan {
    line: Rect,
    list: Rect,
    details: Rect,
}

fn area(body: Rect) -> Rect {
    centred(body, WIDEST, TALLEST)
}

fn plan(body: Rect) -> Plan {
    let inside = inside(area(body));
    let (line, rest) = top(inside, 2);
    let n_details = if inside.height >= DETAILS_FROM { 4 } else { 1 };
    let (list, details) = bottom(rest, n_details);
    Plan { line, list, details }
}

/// Draws the picker over the body.
pub(super) fn draw(app: &App, picker: &Picker, pen: &mut Pen<'_>, body: Rect) {
    let theme = pen.theme;
    let area = area(body);
    pen.clear(area);
    let title = match (picker.adds, picker.shows_recent) {
        (true, _) => "Add a model",
        (false, true) => "Recent files",
        (false, false) => "Open",
    };
    let n_matches =
        picker.rows.iter().filter(|r| matches!(r.kind, RowKind::File | RowKind::Folder));
    let counts = format!("{} of {}", n_matches.count(), format::count_usize(picker.n_all()));
    pen.panel(area, [title, &counts], true);
    let plan = plan(body);
    draw_line(picker, pen, plan.line);
    let first = first_row(picker, plan.list);
    for index in 0..plan.list.height {
        let idx = first + usize::from(index);
        if let Some(found) = picker.rows.get(idx) {
            let at = row(plan.list, index);
            draw_row(picker, found, idx == picker.cursor, pen, at);
        }
    }
    if let Some(words) = state_of(picker) {
        let at = row(plan.list, u16::try_from(picker.rows.len()).unwrap_or(u16::MAX));
        pen.spans(at, &[dim_span(theme, format!("  {words}"))]);
    }
    pen.lines(plan.details, &details(app, picker, theme, plan.details));
}

/// The folder, and what is typed.
fn draw_line(picker: &Picker, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let folder = match (picker.shows_recent, picker.folder.to_string_lossy()) {
        (true, _) => String::new(),
        (false, folder) if folder.is_empty() => String::new(),
        (false, folder) if folder.ends_with('/') => printable(&folder) + " ",
        (false, folder) => printable(&folder) + "/ ",
    };
    // What is typed keeps half of the room.
    let folder = end_of(&folder, usize::from(area.width / 2));
    let taken = pen.spans(row(area, 0), &[dim_span(theme, folder)]);
    let rest = Rect { x: area.x + taken, width: area.width.saturating_sub(taken), ..row(area, 0) };
    pen.spans(rest, &overlays::typed(&picker.line, rest.width, theme));
}

/// The end of `text` in `width` columns, with a mark where something is missing.
fn end_of(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars().rev() {
        let longer = format!("{c}{kept}");
        if longer.width() + 1 > width {
            break;
        }
        kept = longer;
    }
    format!("…{kept}")
}

/// The first row shown: the chosen one is always in view.
fn first_row(picker: &Picker, list: Rect) -> usize {
    let height = usize::from(list.height).max(1);
    (picker.cursor + 1).saturating_sub(height)
}

/// What is to be said of an empty list.
fn state_of(picker: &Picker) -> Option<String> {
    match (&picker.listing, picker.shows_recent) {
        (_, true) => match &picker.recent {
            None => Some("looking …".into()),
            Some(recent) if recent.is_empty() => Some("no file was opened yet".into()),
            Some(_) => picker.rows.is_empty().then(|| "none of them matches".into()),
        },
        (Listing::Pending, false) => Some("looking …".into()),
        (Listing::Failed(why), false) => Some(format!("{why}: ← goes to the folder above")),
        (Listing::Entries(entries), false) if entries.is_empty() && picker.rows.is_empty() => {
            Some("no folder here, and no file that may hold logits".into())
        }
        _ => None,
    }
}

fn draw_row(picker: &Picker, found: &PickerRow, is_chosen: bool, pen: &mut Pen<'_>, at: Rect) {
    let theme = pen.theme;
    let mark = if is_chosen { "▸ " } else { "  " };
    let n_name = usize::from(at.width / 2).saturating_sub(4);
    let mut spans = vec![span(mark)];
    match found.kind {
        RowKind::Whole | RowKind::Typed => {
            let words = match found.kind {
                RowKind::Whole => "all files here as one data set".to_owned(),
                _ => format!("open “{}” as it is typed", found.name),
            };
            let style = if is_chosen { theme.selected() } else { theme.dim() };
            spans.push((words, style));
            pen.spans(at, &spans);
            return;
        }
        RowKind::Folder | RowKind::File => {
            spans.extend(name_spans(found, is_chosen, n_name, theme));
        }
    }
    let taken = pen.spans(at, &spans);
    let rest = Rect { x: at.x + taken, width: at.width - taken.min(at.width), ..at };
    let size = found.n_bytes.map(format::bytes).unwrap_or_default();
    let size = dim_span(theme, format!("{size:>9}   "));
    let preview = picker.previews.get(&found.path);
    let words = match preview {
        Some(preview) if preview.usable => span(preview.words.clone()),
        Some(preview) => dim_span(theme, preview.words.clone()),
        None if found.kind == RowKind::File => dim_span(theme, "…"),
        None => span(""),
    };
    pen.spans(rest, &[size, words]);
}

/// The name in `width` columns, the characters that were typed standing out.
fn name_spans(found: &PickerRow, is_chosen: bool, width: usize, theme: Theme) -> Vec<Span> {
    let slash = if found.kind == RowKind::Folder { "/" } else { "" };
    let full = format!("{}{slash}", found.name);
    let shown = end_of(&full, width);
    let is_cut = shown != full;
    // The mark of what is missing stands in the place of the last character that is.
    let n_cut = full.chars().count() - shown.chars().count().min(full.chars().count());
    let plain = if is_chosen { theme.selected() } else { theme.text() };
    let marked =
        if is_chosen { plain.patch(theme.fg(crate::plot::Ink::Cursor)) } else { theme.key() };
    let mut spans: Vec<Span> = Vec::new();
    for (place, c) in shown.chars().enumerate() {
        let is_mark = !(is_cut && place == 0) && found.marks.contains(&(place + n_cut));
        let style = if is_mark { marked } else { plain };
        match spans.last_mut() {
            Some((text, last)) if *last == style => text.push(c),
            _ => spans.push((c.to_string(), style)),
        }
    }
    let blank = width.saturating_sub(shown.width());
    spans.push((" ".repeat(blank), plain));
    spans
}

/// What was found in the chosen file, and the keys.
fn details(app: &App, picker: &Picker, theme: Theme, area: Rect) -> Vec<Vec<Span>> {
    let keys = vec![dim_span(theme, keys_line(area.width))];
    if area.height < 2 {
        return vec![keys];
    }
    let mut lines: Vec<Vec<Span>> = vec![Vec::new()];
    let preview = picker.chosen().and_then(|row| picker.previews.get(&row.path));
    if let Some(preview) = preview {
        let words = match (preview.format.as_str(), &preview.hint) {
            ("", _) | (_, None) => format!("{} · {}", preview.format, preview.words),
            (format, Some(_)) => {
                format!("{format} · {} · press c once it is opened to choose", preview.words)
            }
        };
        let words =
            words.trim_start_matches(" · ").split_whitespace().collect::<Vec<_>>().join(" ");
        let wrapped = wrap(&words, usize::from(area.width));
        lines.extend(wrapped.into_iter().map(|line| vec![span(line)]));
    } else if let (Some(why), true) = (&app.not_kept, picker.shows_recent) {
        lines.push(vec![dim_span(theme, format!("recent files are not kept: {why}"))]);
    }
    lines.resize(usize::from(area.height) - 1, Vec::new());
    lines.push(keys);
    lines
}

/// The keys that are not in the footer of a narrow terminal.
fn keys_line(width: u16) -> String {
    let wordings = [
        "type to filter · Enter opens · / or Tab walks into a folder · ← to the one above · Ctrl-R recent · Esc",
        "Enter opens · Tab into a folder · ← to the one above · Ctrl-R recent · Esc",
        "Enter opens · Tab, ← folders · Ctrl-R recent · Esc",
        "Enter · Tab ← · Ctrl-R · Esc",
    ];
    let fits = |words: &&str| words.width() <= usize::from(width);
    wordings.into_iter().find(fits).unwrap_or_default().to_owned()
}

/// The row at a cell.
pub(super) fn hit(picker: &Picker, body: Rect, at: Position) -> Option<Click> {
    let list = plan(body).list;
    let line = list.contains(at).then(|| usize::from(at.y - list.y))?;
    let idx = first_row(picker, list) + line;
    (idx < picker.rows.len()).then_some(Click::PickerRow(idx))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_long_name_is_kept() {
        assert_eq!(end_of("val.csv", 7), "val.csv");
        assert_eq!(end_of("runs/val.csv", 8), "…val.csv");
        assert_eq!(end_of("猫猫猫", 4), "…猫");
        assert_eq!(end_of("abc", 0), "…");
    }
}
