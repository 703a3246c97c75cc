//! A rectangle of cells, and where a chart puts its plot inside one.

use super::Scale;

/// A rectangle of cells; `x` and `y` count from the top left.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Area {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Number of columns.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
}

impl Area {
    /// `width` x `height` cells whose top left one is (`x`, `y`).
    pub const fn new(x: usize, y: usize, width: usize, height: usize) -> Self {
        Self { x, y, width, height }
    }

    /// True if there is no cell in it.
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// True if the cell (`column`, `row`) lies inside.
    pub const fn contains(self, column: usize, row: usize) -> bool {
        column >= self.x && column < self.right() && row >= self.y && row < self.bottom()
    }

    /// The column after the last one.
    pub const fn right(self) -> usize {
        self.x + self.width
    }

    /// The row after the last one.
    pub const fn bottom(self) -> usize {
        self.y + self.height
    }

    /// The same rectangle seen from an origin `by.x` columns further left and `by.y` rows further up.
    #[must_use]
    pub const fn offset(self, by: Self) -> Self {
        Self::new(self.x + by.x, self.y + by.y, self.width, self.height)
    }
}

/// Where values are in a drawn chart: the plot cells without axes, and one scale for each direction.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ChartLayout {
    /// The cells of the plot. Empty if the chart has no room.
    pub plot: Area,
    /// Left to right over `plot.width` columns.
    pub x: Scale,
    /// Bottom to top over `plot.height` rows: cell 0 is the last row.
    pub y: Scale,
}

impl ChartLayout {
    /// The column of the value `x`; `None` outside the view.
    pub fn column_of(&self, x: f64) -> Option<usize> {
        (self.plot.width > 0).then(|| self.x.to_cell(x))?.map(|cell| self.plot.x + cell)
    }

    /// The row of the value `y`; `None` outside the view.
    pub fn row_of(&self, y: f64) -> Option<usize> {
        let cell = (self.plot.height > 0).then(|| self.y.to_cell(y))??;
        Some(self.plot.bottom() - 1 - cell)
    }

    /// The value in the middle of `column`; columns beside the plot count as its nearest one.
    pub fn x_at(&self, column: usize) -> f64 {
        self.x.from_cell(column.saturating_sub(self.plot.x))
    }

    /// The value in the middle of `row`; rows beside the plot count as its nearest one.
    pub fn y_at(&self, row: usize) -> f64 {
        let last = self.plot.bottom().saturating_sub(1);
        self.y.from_cell(last.saturating_sub(row))
    }

    /// The same layout for a chart drawn at `by`.
    #[must_use]
    pub fn offset(self, by: Area) -> Self {
        Self { plot: self.plot.offset(by), ..self }
    }
}
