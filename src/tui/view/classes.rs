//! Classes, labels or slices one by one: where the confidence is wrong, and who wants a temperature of its own.

use ratatui::layout::{Position, Rect};
use ratatui::style::{Modifier, Style};

use crate::plot::{Ink, Tier};

use super::super::errand::Errand;
use super::super::layout::{inset, left, right, row, top};
use super::super::state::{App, Overlay, Session};
use super::super::widget::{Pen, dim_span, span};
use super::class_cursor::{chosen, cursor};
use super::class_entries::{self, Column, Entry, Kind};
use super::overlays::typed;
use super::{Click, class_detail, format, measures};

/// From this width on the chosen line has a panel beside the table.
pub(in crate::tui) const DETAIL_FROM: u16 = 110;

/// Rows above the first line: the heading.
const N_HEAD: u16 = 1;

/// Columns of the bars, at least and at most, and of the class that another is taken for.
const BARS: (u16, u16) = (9, 25);
const TAKEN: u16 = 22;

/// Where the parts are.
struct Plan {
    table: Rect,
    /// Empty where there is no room.
    detail: Rect,
    /// The last row: what is found in all lines together, or what is typed.
    foot: Rect,
}

fn plan(body: Rect) -> Plan {
    let n_detail = match body.width {
        0..DETAIL_FROM => 0,
        DETAIL_FROM..160 => 38,
        _ => 46,
    };
    let (table, detail) = right(body, n_detail);
    let (table, foot) = super::super::layout::bottom(table, 1);
    Plan { table, detail, foot }
}

/// How a line is laid out.
struct Layout {
    n_name: u16,
    columns: Vec<&'static Column>,
    /// Columns of the bars; 0 for none.
    n_bars: u16,
    /// Columns of what a class is taken for; 0 for none.
    n_taken: u16,
}

impl Layout {
    fn new(width: u16, kind: Kind, entries: &[Entry]) -> Self {
        let longest = entries.iter().map(|e| format::width(&e.name)).max();
        let longest = u16::try_from(longest.unwrap_or(0)).unwrap_or(u16::MAX);
        let n_name = longest.clamp(8, (width / 5).max(10)) + 2;
        let mut room = width.saturating_sub(n_name);
        let mut n_bars = 0;
        let mut columns = Vec::new();
        for column in class_entries::columns(kind) {
            if column.width > room {
                break;
            }
            room -= column.width;
            columns.push(column);
            // The bars stand behind the gap, or the ECE of a label.
            if is_drawn(column) && room > BARS.0 {
                n_bars = BARS.0 + 1;
                room -= n_bars;
            }
        }
        let n_taken = if kind == Kind::Classes && room >= TAKEN { TAKEN } else { 0 };
        room -= n_taken;
        if n_bars > 0 {
            n_bars = (n_bars + room).min(BARS.1);
        }
        Self { n_name, columns, n_bars, n_taken }
    }
}

/// True for the column whose figures are drawn as bars.
fn is_drawn(column: &Column) -> bool {
    matches!(column.head, "gap" | "ECE %") && (column.head == "gap" || column.width == 8)
}

/// The one scale of all bars: it holds 0.
#[derive(Clone, Copy)]
struct BarScale {
    low: f64,
    high: f64,
    value: fn(&Entry) -> f64,
}

impl BarScale {
    fn new(kind: Kind, entries: &[Entry]) -> Self {
        let value: fn(&Entry) -> f64 = if kind == Kind::Labels { |e| e.ece[0] } else { |e| e.gap };
        // A class of three rows must not squeeze the bars of all others.
        let counted = || entries.iter().filter(|e| !e.is_small());
        let values: Vec<f64> = counted().map(value).filter(|v| v.is_finite()).collect();
        Self {
            low: values.iter().copied().fold(0.0, f64::min),
            high: values.iter().copied().fold(0.0, f64::max),
            value,
        }
    }

    /// The cell of a value among `n` cells, cut at the ends.
    fn cell(self, value: f64, n: u16) -> u16 {
        let span = self.high - self.low;
        let share = if span > 0.0 { ((value - self.low) / span).clamp(0.0, 1.0) } else { 0.0 };
        (0..n).rev().find(|cell| f64::from(*cell) - 0.5 <= share * f64::from(n - 1)).unwrap_or(0)
    }
}

/// Draws the screen.
pub(super) fn draw(app: &App, session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let plan = plan(left(body, 1).1);
    let kind = class_entries::kind(session);
    let entries = class_entries::ordered(session, kind);
    if entries.is_empty() {
        draw_empty(session, pen, plan.table);
    } else {
        draw_table(session, pen, plan.table, (kind, &entries));
        if plan.detail.width > 0 {
            let chosen = &entries[chosen(session, kind, &entries)];
            class_detail::draw(session, pen, left(plan.detail, 1).1, (kind, chosen));
        }
    }
    draw_foot(app, session, pen, plan.foot);
}

/// The chosen line, where it has no room beside the table.
pub(super) fn draw_over(session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let kind = class_entries::kind(session);
    let entries = class_entries::ordered(session, kind);
    if entries.is_empty() {
        return;
    }
    let area = super::super::layout::centred(body, 46, body.height);
    pen.clear(area);
    let chosen = &entries[chosen(session, kind, &entries)];
    class_detail::draw(session, pen, area, (kind, chosen));
}

fn draw_empty(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let filter = &session.place.classes.filter;
    let words = if filter.is_empty() {
        let n = session.study.info.n_classes;
        measures::state(session, Errand::Further).unwrap_or_else(|| {
            let most = format::count_usize(crate::analysis::MAX_CLASSES);
            format!("{} classes: a table is made of up to {most}", format::count_usize(n))
        })
    } else {
        format!("no name contains “{filter}”: / and Esc clear the filter")
    };
    pen.text(row(inset(area, 1, 0), area.height / 2), &words, theme.dim());
}

fn draw_table(session: &Session, pen: &mut Pen<'_>, area: Rect, (kind, entries): (Kind, &[Entry])) {
    let layout = Layout::new(area.width, kind, entries);
    let scale = BarScale::new(kind, entries);
    draw_head(session, pen, row(area, 0), (kind, &layout));
    let (_, lines) = top(area, N_HEAD);
    let chosen = chosen(session, kind, entries);
    let first = first_line(chosen, entries.len(), usize::from(lines.height));
    let shown = entries.iter().enumerate().skip(first);
    for (line, (at, entry)) in (0..lines.height).zip(shown) {
        let area = row(lines, line);
        draw_line(pen, area, (entry, at == chosen), (&layout, scale));
    }
}

/// The first line on screen, so that the chosen one is in the middle where that can be.
fn first_line(chosen: usize, n: usize, n_shown: usize) -> usize {
    chosen.saturating_sub(n_shown / 2).min(n.saturating_sub(n_shown))
}

fn draw_head(session: &Session, pen: &mut Pen<'_>, area: Rect, (kind, layout): (Kind, &Layout)) {
    let theme = pen.theme;
    let (name, mut rest) = left(area, layout.n_name);
    pen.text(name, &format!("  {}", what(session, kind)), theme.dim());
    let sorted = class_entries::sorted_by(session, kind);
    let is_down = sorted.is_descending != session.place.classes.is_reversed;
    for column in &layout.columns {
        let (cell, after) = left(rest, column.width);
        let is_sorted = std::ptr::eq(*column, sorted);
        if is_sorted {
            let arrow = if is_down { "▼" } else { "▲" };
            let words = format!("{} {arrow}", column.head);
            pen.text_right(cell, &words, theme.strong());
        } else {
            pen.text_right(cell, column.head, theme.dim());
        }
        rest = after;
        if is_drawn(column) && layout.n_bars > 0 {
            let (bars, after) = left(rest, layout.n_bars);
            let words = match (column.head, layout.n_bars) {
                ("gap", 20..) => "too sure ◂ ▸ not sure",
                ("gap", _) => "over ◂ ▸",
                _ => "",
            };
            pen.text(left(bars, 1).1, words, theme.dim());
            rest = after;
        }
    }
    if layout.n_taken > 0 {
        pen.text(left(rest, 2).1, "most often taken for", theme.dim());
    }
}

/// What a line is.
fn what(session: &Session, kind: Kind) -> String {
    match kind {
        Kind::Classes => "class".into(),
        Kind::Labels => "label".into(),
        Kind::Slice(place) => {
            let details = session.extras.further.details.as_deref();
            let slice = details.and_then(|d| d.slices.get(place));
            slice.map_or_else(String::new, |slice| slice.column.clone())
        }
    }
}

fn draw_line(
    pen: &mut Pen<'_>,
    area: Rect,
    (entry, is_chosen): (&Entry, bool),
    (layout, scale): (&Layout, BarScale),
) {
    let theme = pen.theme;
    let style = match (is_chosen, entry.is_small()) {
        (true, _) => theme.selected(),
        (false, true) => theme.dim(),
        (false, false) => theme.text(),
    };
    if is_chosen {
        pen.text(area, &" ".repeat(usize::from(area.width)), style);
    }
    let (name, mut rest) = left(area, layout.n_name);
    let mark = if is_chosen { "▸ " } else { "  " };
    pen.text(name, &format!("{mark}{}", entry.name), style);
    for column in &layout.columns {
        let (cell, after) = left(rest, column.width);
        let is_found = column.head == "gap" && entry.is_found
            || column.head == "gap T*" && entry.is_found_star;
        let style = if is_found { style.add_modifier(Modifier::BOLD) } else { style };
        pen.text_right(cell, &(column.text)(entry), style);
        rest = after;
        if is_drawn(column) && layout.n_bars > 0 {
            let (bars, after) = left(rest, layout.n_bars);
            draw_bar(pen, left(bars, 1).1, (entry, scale), is_chosen);
            rest = after;
        }
    }
    if let (Some((class, n)), 1..) = (&entry.taken_for, layout.n_taken) {
        let (_, cell) = left(rest, 2);
        let room = usize::from(cell.width).saturating_sub(8);
        let words = format!("{} ×{}", format::cut(class, room), format::count(*n));
        pen.text(cell, &words, style);
    }
}

/// From the zero line to the value.
fn draw_bar(pen: &mut Pen<'_>, area: Rect, (entry, scale): (&Entry, BarScale), is_chosen: bool) {
    let theme = pen.theme;
    if area.width == 0 {
        return;
    }
    let zero = scale.cell(0.0, area.width);
    let value = (scale.value)(entry);
    let plain = if is_chosen { theme.selected() } else { Style::new() };
    let cell = |x: u16| Rect { x: area.x + x, width: 1, ..area };
    if value.is_finite() {
        let at = scale.cell(value, area.width);
        let (ink, fill) = if value < 0.0 || scale.low >= 0.0 {
            (Ink::GapOver, if theme.tier() == Tier::Ascii { "#" } else { "█" })
        } else {
            (Ink::GapUnder, if theme.tier() == Tier::Ascii { "+" } else { "▓" })
        };
        // Reversed, a full block would be a hole.
        let style = theme.fg(ink).remove_modifier(Modifier::REVERSED);
        for x in at.min(zero)..=at.max(zero) {
            pen.text(cell(x), fill, style);
        }
    }
    pen.text(cell(zero), "│", theme.dim().patch(plain));
}

fn draw_foot(app: &App, session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    if let Some(Overlay::Filter(line)) = app.overlays.last() {
        let mut spans = vec![dim_span(theme, "names that contain ")];
        spans.extend(typed(line, area.width.saturating_sub(20), theme));
        pen.spans(area, &spans);
        return;
    }
    let words = class_detail::about_all(session, class_entries::kind(session));
    let words = super::chrome::fitting(words, usize::from(area.width) + 2);
    pen.spans(area, &[span(" "), dim_span(theme, words)]);
}

/// The chosen line, as long as it can be.
pub(super) fn readouts(session: &Session) -> Vec<String> {
    let kind = class_entries::kind(session);
    let entries = class_entries::ordered(session, kind);
    let Some(entry) = entries.get(chosen(session, kind, &entries)) else {
        return vec![measures::state(session, Errand::Further).unwrap_or_default()];
    };
    let place = format!("{} of {}", chosen(session, kind, &entries) + 1, entries.len());
    let [rate, confidence] = [entry.rate, entry.confidence].map(|v| format::fixed(v, 3));
    let name = format::cut(&entry.name, 24);
    match kind {
        Kind::Labels => vec![
            format!(
                "{place}  {name}   rate {rate}   ECE {} %   at T* {} %",
                format::percent(entry.ece[0]),
                format::percent(entry.ece[1])
            ),
            format!("{place}  {name}"),
        ],
        _ => vec![
            format!(
                "{place}  {name}   n {}   right {rate}   conf {confidence}   gap {}",
                format::count(entry.count),
                format::signed(entry.gap)
            ),
            format!("{place}  {name}   gap {}", format::signed(entry.gap)),
            format!("{place}  {name}"),
        ],
    }
}

/// How it is sorted and filtered, for the right end of the status line.
pub(super) fn status(session: &Session) -> String {
    let kind = class_entries::kind(session);
    let column = class_entries::sorted_by(session, kind);
    let n_tables = class_entries::kinds(session).len();
    let table = if n_tables > 1 {
        format!(" table {} of {n_tables} ·", session.place.classes.table % n_tables + 1)
    } else {
        String::new()
    };
    let filter = &session.place.classes.filter;
    let filter = if filter.is_empty() {
        String::new()
    } else {
        format!(" names with “{}” ·", format::cut(filter, 16))
    };
    format!("{table}{filter} sorted by {} ", column.head)
}

/// The line at a cell.
pub(super) fn hit(session: &Session, body: Rect, at: Position) -> Option<Click> {
    let table = plan(left(body, 1).1).table;
    let (_, lines) = top(table, N_HEAD);
    if !lines.contains(at) {
        return None;
    }
    let n = class_entries::n_lines(session);
    let first = first_line(cursor(session), n, usize::from(lines.height));
    let line = first + usize::from(at.y - lines.y);
    (line < n).then_some(Click::ClassLine(line))
}

/// The table as text, tab-separated, in the order on screen.
pub(super) fn text(session: &Session) -> Vec<String> {
    let kind = class_entries::kind(session);
    let columns = class_entries::columns(kind);
    let heads = columns.iter().map(|c| c.head.to_owned());
    let head = std::iter::once(what(session, kind)).chain(heads);
    let mut lines = vec![head.collect::<Vec<_>>().join("\t")];
    for entry in class_entries::ordered(session, kind) {
        let cells = columns.iter().map(|c| (c.text)(&entry));
        let cells = std::iter::once(entry.name.clone()).chain(cells);
        lines.push(cells.collect::<Vec<_>>().join("\t"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_line_is_always_on_screen() {
        for n in [1, 5, 40, 1000] {
            for n_shown in 1..30 {
                for chosen in 0..n {
                    let first = first_line(chosen, n, n_shown);
                    assert!(first <= chosen && chosen < first + n_shown);
                    assert!(first == 0 || first + n_shown <= n);
                }
            }
        }
    }

    #[test]
    fn bars_keep_to_their_cells() {
        for (low, high) in [(-0.3, 0.0), (0.0, 0.2), (-0.1, 0.4), (0.0, 0.0)] {
            let scale = BarScale { low, high, value: |e| e.gap };
            for n in 1..20 {
                let [start, zero, end] = [low, 0.0, high].map(|v| scale.cell(v, n));
                assert!(start <= zero && zero <= end && end < n);
                if high > low {
                    assert!(start == 0 && end == n - 1);
                }
                assert!(scale.cell(9.0, n) < n);
            }
        }
    }
}
