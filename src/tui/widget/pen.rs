//! Writes text, frames and charts into a buffer; nothing ever lands outside of it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use unicode_width::UnicodeWidthStr;

use crate::plot::{Ink, Raster};

use super::super::layout::{inside, row};
use super::super::theme::Theme;

/// A piece of a line.
pub(in crate::tui) type Span = (String, Style);

/// A buffer and the theme it is painted with.
pub(in crate::tui) struct Pen<'a> {
    buffer: &'a mut Buffer,
    /// Colours and glyphs.
    pub(in crate::tui) theme: Theme,
}

impl<'a> Pen<'a> {
    /// A pen for `buffer`.
    pub(in crate::tui) fn new(buffer: &'a mut Buffer, theme: Theme) -> Self {
        Self { buffer, theme }
    }

    /// Writes into the first row of `area`, cut at its end; returns the columns taken.
    pub(in crate::tui) fn text(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() || text.is_empty() {
            return 0;
        }
        let width = usize::from(area.width);
        if text.width() <= width {
            let (x, _) = self.buffer.set_stringn(area.x, area.y, text, width, style);
            return x - area.x;
        }
        let (x, _) = self.buffer.set_stringn(area.x, area.y, text, width - 1, style);
        let (x, _) = self.buffer.set_stringn(x, area.y, "…", 1, style);
        x - area.x
    }

    /// Writes at the right end of the first row.
    pub(in crate::tui) fn text_right(&mut self, area: Rect, text: &str, style: Style) {
        let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
        let skip = area.width.saturating_sub(width);
        let at = Rect { x: area.x + skip, width: area.width - skip, ..area };
        self.text(at, text, style);
    }

    /// Writes pieces one after the other; returns the columns taken.
    pub(in crate::tui) fn spans(&mut self, area: Rect, spans: &[Span]) -> u16 {
        let mut at = area;
        for (text, style) in spans {
            let taken = self.text(at, text, *style).min(at.width);
            at.x += taken;
            at.width -= taken;
        }
        area.width - at.width
    }

    /// Writes lines from the top down; returns how many rows were free for them.
    pub(in crate::tui) fn lines(&mut self, area: Rect, lines: &[Vec<Span>]) {
        for (index, line) in (0..area.height).zip(lines) {
            self.spans(row(area, index), line);
        }
    }

    /// Blanks `area`.
    pub(in crate::tui) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.buffer.area);
        for position in area.positions() {
            self.buffer[position].reset();
        }
    }

    /// A horizontal rule.
    pub(in crate::tui) fn rule(&mut self, area: Rect) {
        let line = "─".repeat(usize::from(area.width));
        let style = self.theme.dim();
        self.text(area, &line, style);
    }

    /// Frames `area`, with a title on the left and one on the right of its upper edge; returns what
    /// is inside.
    pub(in crate::tui) fn panel(&mut self, area: Rect, titles: [&str; 2], focused: bool) -> Rect {
        let style = self.theme.border(focused);
        if area.width < 2 || area.height < 2 {
            return inside(area);
        }
        let middle = usize::from(area.width - 2);
        self.text(area, &format!("┌{}┐", "─".repeat(middle)), style);
        for index in 1..area.height - 1 {
            let line = row(area, index);
            self.text(line, "│", style);
            self.text_right(line, "│", style);
        }
        let last = row(area, area.height - 1);
        self.text(last, &format!("└{}┘", "─".repeat(middle)), style);
        self.titles(area, titles, focused);
        inside(area)
    }

    fn titles(&mut self, area: Rect, [title, right]: [&str; 2], focused: bool) {
        let strong = if focused { self.theme.selected() } else { self.theme.strong() };
        let room = Rect { x: area.x + 2, width: area.width.saturating_sub(4), height: 1, ..area };
        let taken =
            if title.is_empty() { 0 } else { self.text(room, &format!(" {title} "), strong) };
        let n_right = u16::try_from(right.width() + 2).unwrap_or(u16::MAX);
        if !right.is_empty() && taken.saturating_add(n_right) < room.width {
            let style = self.theme.dim();
            self.text_right(room, &format!(" {right} "), style);
        }
    }

    /// Paints a chart with its top left cell at that of `area`.
    pub(in crate::tui) fn raster(&mut self, area: Rect, raster: &Raster) {
        let area = area.intersection(self.buffer.area);
        for y in 0..area.height {
            for x in 0..area.width {
                self.cell(area.x + x, area.y + y, raster, (usize::from(x), usize::from(y)));
            }
        }
    }

    fn cell(&mut self, x: u16, y: u16, raster: &Raster, (column, line): (usize, usize)) {
        let Some(from) = raster.cell(column, line) else {
            return;
        };
        let theme = self.theme;
        let symbol =
            if theme.has_colour() { from.symbol } else { raster.mono_symbol(column, line) };
        let mut style = theme.fg(from.fg);
        if let Some(bg) = theme.bg(from.bg) {
            style = style.bg(bg);
        }
        if is_mark(from.fg)
            && let Some(fg) = theme.on_bar(from.bg)
        {
            style = style.fg(fg);
        }
        if from.bold {
            style = style.add_modifier(Modifier::BOLD);
        }
        if from.dim {
            style = style.add_modifier(Modifier::DIM);
        }
        self.buffer[(x, y)].set_char(symbol).set_style(style);
    }
}

/// True for ink that is drawn over bars and must stand out from them.
fn is_mark(ink: Ink) -> bool {
    matches!(
        ink,
        Ink::Default
            | Ink::Diagonal
            | Ink::Whisker
            | Ink::Unit
            | Ink::Dim
            | Ink::Marker
            | Ink::Optimum
            | Ink::Cursor
            | Ink::Selected
    )
}
