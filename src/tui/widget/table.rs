//! Names on the left, right-aligned columns of figures.

use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

use super::super::layout::row;
use super::super::theme::Theme;
use super::{Pen, Span};

/// Plain text.
pub(in crate::tui) fn span(text: impl Into<String>) -> Span {
    (text.into(), Style::new())
}

/// Text of less weight.
pub(in crate::tui) fn dim_span(theme: Theme, text: impl Into<String>) -> Span {
    (text.into(), theme.dim())
}

/// Bold text.
pub(in crate::tui) fn strong_span(theme: Theme, text: impl Into<String>) -> Span {
    (text.into(), theme.strong())
}

/// A small table. Columns that do not fit are left out from the right.
pub(in crate::tui) struct Table {
    /// Headings of the figures.
    pub(in crate::tui) heads: Vec<Span>,
    /// Name and figures of each row.
    pub(in crate::tui) rows: Vec<(Span, Vec<Span>)>,
}

impl Table {
    /// Draws from the top of `area`; rows that do not fit are left out. Returns the rows taken.
    pub(in crate::tui) fn draw(&self, pen: &mut Pen<'_>, area: Rect) -> u16 {
        let widths = self.widths(area.width);
        let n_head = u16::from(!self.heads.is_empty());
        let head = (span(""), self.heads.clone());
        let all = self.heads.first().map(|_| &head).into_iter().chain(&self.rows);
        for (index, (name, figures)) in (0..area.height).zip(all) {
            draw_row(pen, row(area, index), name, figures, &widths);
        }
        let n_rows = u16::try_from(self.rows.len()).unwrap_or(u16::MAX);
        n_rows.saturating_add(n_head).min(area.height)
    }

    /// Widths of the figure columns that fit beside the longest name, two blanks between them (one
    /// where there is little room).
    fn widths(&self, room: u16) -> Vec<u16> {
        let n_columns = self.rows.iter().map(|(_, f)| f.len()).max().unwrap_or(0);
        let wide = self.widths_with(room, 2);
        if wide.len() == n_columns.max(self.heads.len()) { wide } else { self.widths_with(room, 1) }
    }

    fn widths_with(&self, room: u16, gap: u16) -> Vec<u16> {
        let name = self.rows.iter().map(|(n, _)| width(n)).max().unwrap_or(0);
        let n_columns =
            self.rows.iter().map(|(_, f)| f.len()).chain([self.heads.len()]).max().unwrap_or(0);
        let mut left = room.saturating_sub(name);
        let mut widths = Vec::new();
        for column in 0..n_columns {
            let cells = self.rows.iter().map(|(_, f)| f).chain([&self.heads]);
            let widest = cells.filter_map(|f| f.get(column)).map(width).max();
            let needed = widest.unwrap_or(0) + gap;
            if needed > left {
                break;
            }
            left -= needed;
            widths.push(needed);
        }
        // Columns of one width read as columns, if there is room for it.
        let widest = widths.iter().copied().max().unwrap_or(0);
        let n = u16::try_from(widths.len()).unwrap_or(0);
        if name + widest * n <= room {
            widths.fill(widest);
        }
        widths
    }
}

fn width((text, _): &Span) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

fn draw_row(pen: &mut Pen<'_>, line: Rect, name: &Span, figures: &[Span], widths: &[u16]) {
    let total: u16 = widths.iter().sum();
    let mut x = line.x + line.width.saturating_sub(total);
    let names = Rect { width: line.width.saturating_sub(total), ..line };
    pen.spans(names, std::slice::from_ref(name));
    for ((text, style), width) in figures.iter().zip(widths) {
        let cell = Rect { x, width: *width, ..line };
        pen.text_right(cell, text, *style);
        x += width;
    }
}
