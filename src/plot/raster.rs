//! The cells a chart is drawn on, with what each means instead of a colour.

use super::{Area, Sign, Tier};

/// What a cell's foreground or background stands for; a theme maps it to a colour.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Ink {
    /// The terminal's own foreground or background.
    #[default]
    Default,
    /// Text of less weight.
    Dim,
    /// Axis lines and their labels.
    Axis,
    /// Grid lines.
    Grid,
    /// Bars of accuracy, and of a plain histogram.
    Accuracy,
    /// Mean probability above the share of outcomes: too sure.
    GapOver,
    /// Mean probability below it: not sure enough.
    GapUnder,
    /// Where accuracy would fall by chance if the model were calibrated (background only).
    Band,
    /// The line of perfect calibration.
    Diagonal,
    /// Interval of one bin.
    Whisker,
    /// Rows whose prediction is right.
    Correct,
    /// Rows whose prediction is wrong.
    Wrong,
    /// The main curve.
    Curve,
    /// A second curve.
    Curve2,
    /// The moving temperature, threshold or cell.
    Cursor,
    /// The fitted temperature.
    Optimum,
    /// Interval of the fitted temperature.
    IntervalBand,
    /// T = 1.
    Unit,
    /// Points of the dots view, and of an overlay.
    Marker,
    /// The selected bin.
    Selected,
}

/// How a background reads where there is no colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fill {
    /// `█`: bars.
    Solid,
    /// `░`: the gap of a bin that is too sure, and rows that are wrong.
    Shade,
    /// `▒`: the gap of a bin that is not sure enough.
    Dense,
}

impl Ink {
    /// How a cell with this background reads without colour; `None` for backgrounds that carry no
    /// value of their own.
    pub const fn fill(self) -> Option<Fill> {
        match self {
            Self::Accuracy | Self::Correct => Some(Fill::Solid),
            Self::GapOver | Self::Wrong => Some(Fill::Shade),
            Self::GapUnder => Some(Fill::Dense),
            _ => None,
        }
    }
}

/// One cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cell {
    /// The character; always one column wide.
    pub symbol: char,
    /// What the character stands for.
    pub fg: Ink,
    /// What the background stands for.
    pub bg: Ink,
    /// Drawn bold.
    pub bold: bool,
    /// Drawn dim: few rows stand behind it.
    pub dim: bool,
}

impl Default for Cell {
    fn default() -> Self {
        Self { symbol: ' ', fg: Ink::Default, bg: Ink::Default, bold: false, dim: false }
    }
}

/// `width` x `height` cells. Whatever is painted outside is left out.
///
/// Paint in the order: band, bars, grid, curves, whiskers, markers, crosshair, labels. A foreground
/// keeps the background below it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Raster {
    width: usize,
    height: usize,
    tier: Tier,
    cells: Vec<Cell>,
}

impl Raster {
    /// An empty raster whose charts use the characters of `tier`.
    pub fn new(width: usize, height: usize, tier: Tier) -> Self {
        Self { width, height, tier, cells: vec![Cell::default(); width * height] }
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The tier its characters come from.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// The whole raster as an area.
    pub fn area(&self) -> Area {
        Area::new(0, 0, self.width, self.height)
    }

    /// The cell at (`column`, `row`); `None` outside.
    pub fn cell(&self, column: usize, row: usize) -> Option<&Cell> {
        let inside = column < self.width && row < self.height;
        inside.then(|| &self.cells[row * self.width + column])
    }

    /// The cells of `row`, left to right; empty outside.
    pub fn row(&self, row: usize) -> &[Cell] {
        if row < self.height { &self.cells[row * self.width..(row + 1) * self.width] } else { &[] }
    }

    /// The character of a cell where backgrounds cannot be seen: bars read as `█`, gaps as `░` or `▒`.
    pub fn mono_symbol(&self, column: usize, row: usize) -> char {
        let cell = self.cell(column, row).copied().unwrap_or_default();
        match cell.bg.fill() {
            Some(fill) if cell.symbol == ' ' => self.tier.fill(fill),
            _ => cell.symbol,
        }
    }

    /// Sets the background and removes what stood before it.
    pub fn fill(&mut self, column: usize, row: usize, bg: Ink) {
        if let Some(cell) = self.cell_mut(column, row) {
            *cell = Cell { bg, dim: cell.dim, ..Cell::default() };
        }
    }

    /// Sets the background and keeps the foreground.
    pub fn tint(&mut self, column: usize, row: usize, bg: Ink) {
        if let Some(cell) = self.cell_mut(column, row) {
            cell.bg = bg;
        }
    }

    /// Sets the foreground and keeps the background.
    pub fn put(&mut self, column: usize, row: usize, symbol: char, fg: Ink) {
        if let Some(cell) = self.cell_mut(column, row) {
            cell.symbol = symbol;
            cell.fg = fg;
            cell.bold = false;
        }
    }

    /// Sets the foreground to a sign of the raster's tier and keeps the background.
    pub fn sign(&mut self, column: usize, row: usize, sign: Sign, fg: Ink) {
        self.put(column, row, self.tier.sign(sign), fg);
    }

    /// Writes `text` from (`column`, `row`) to the right, cut at the edge of the raster.
    /// Every character takes one cell: charts write only their own words and numbers.
    pub fn text(&mut self, column: usize, row: usize, text: &str, fg: Ink) {
        for (i, symbol) in text.chars().enumerate() {
            self.put(column + i, row, symbol, fg);
        }
    }

    /// Marks a cell as dim.
    pub fn set_dim(&mut self, column: usize, row: usize) {
        if let Some(cell) = self.cell_mut(column, row) {
            cell.dim = true;
        }
    }

    /// Marks a cell as bold.
    pub fn set_bold(&mut self, column: usize, row: usize) {
        if let Some(cell) = self.cell_mut(column, row) {
            cell.bold = true;
        }
    }

    fn cell_mut(&mut self, column: usize, row: usize) -> Option<&mut Cell> {
        let inside = column < self.width && row < self.height;
        inside.then(|| &mut self.cells[row * self.width + column])
    }
}
