//! The temperature as one line, and values as one line.

use super::scale::index;
use super::{Area, Ink, Raster, Scale, Sign, Tier};

/// `├────────●──┼────────┤`: one row, the cursor on a logarithmic axis, ┼ where the optimum is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SliderChart {
    /// Both ends of the axis, positive.
    pub range: [f64; 2],
    /// The cursor; at the nearest end if outside.
    pub cursor: f64,
    /// The optimum; not drawn outside the range.
    pub optimum: Option<f64>,
}

impl SliderChart {
    /// The scale on a slider of `width` cells: every cell of it can be hit, the ends too.
    pub fn layout(&self, width: usize) -> Scale {
        Scale::log10(self.range[0], self.range[1], width)
    }

    /// The slider alone on a raster of one row.
    pub fn render(&self, width: usize, tier: Tier) -> Raster {
        let mut raster = Raster::new(width, 1, tier);
        self.draw(&mut raster, Area::new(0, 0, width, 1));
        raster
    }

    /// Draws into the first row of `area`.
    pub fn draw(&self, raster: &mut Raster, area: Area) {
        if area.is_empty() {
            return;
        }
        let scale = self.layout(area.width);
        for column in area.x..area.right() {
            raster.sign(column, area.y, Sign::Horizontal, Ink::Axis);
        }
        raster.sign(area.x, area.y, Sign::SliderLeft, Ink::Axis);
        raster.sign(area.right() - 1, area.y, Sign::SliderRight, Ink::Axis);
        if let Some(cell) = self.optimum.and_then(|t| scale.to_cell(t)) {
            raster.sign(area.x + cell, area.y, Sign::Cross, Ink::Optimum);
        }
        if let Some(cell) = scale.to_nearest_cell(self.cursor) {
            raster.sign(area.x + cell, area.y, Sign::Dot, Ink::Cursor);
            raster.set_bold(area.x + cell, area.y);
        }
    }
}

/// `values` as a line of `width` blocks between 0 and the largest: the largest of those that share a
/// column. A column without a finite value is blank; fewer values than columns give fewer blocks.
pub fn sparkline(values: &[f64], width: usize, tier: Tier) -> String {
    let finite = |v: &&f64| v.is_finite();
    let largest = values.iter().filter(finite).fold(0.0_f64, |a, b| a.max(*b));
    let n_columns = width.min(values.len());
    let column = |i: usize| {
        let from = i * values.len() / n_columns;
        let to = (i + 1) * values.len() / n_columns;
        values[from..to].iter().filter(finite).copied().reduce(f64::max)
    };
    let block = |value: Option<f64>| match value {
        Some(v) if v > 0.0 && largest > 0.0 => {
            tier.eighth(index((v / largest * 8.0).ceil(), 9).max(1))
        }
        Some(_) => tier.eighth(0),
        None => ' ',
    };
    (0..n_columns).map(|i| block(column(i))).collect()
}
