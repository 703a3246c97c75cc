//! Bars as backgrounds with a top of eighths, and the whiskers before them.

use super::scale::index;
use super::{Area, Ink, Raster, Sign, Tier};

/// A bar of two parts, the lower from 0 to `lower`, the upper from there to `upper`, as shares of the
/// plot's height in [0, 1].
#[derive(Clone, Copy, Debug)]
pub(super) struct Stack {
    pub(super) lower: f64,
    pub(super) lower_ink: Ink,
    pub(super) upper: f64,
    pub(super) upper_ink: Ink,
    /// The upper part ends in whole cells: it is the tint of a gap and no bar of its own.
    pub(super) is_upper_rounded: bool,
}

/// Eighths of cells that a share of `n_rows` rows fills; NaN fills none.
pub(super) fn eighths(share: f64, n_rows: usize) -> usize {
    let n_eighths = n_rows * 8;
    index((share * n_eighths as f64).round(), n_eighths + 1)
}

/// Paints `stack` in one column of `plot`, its foot on the lower edge of the last row.
pub(super) fn draw_stack(raster: &mut Raster, plot: Area, column: usize, stack: &Stack) {
    let lower = eighths(stack.lower, plot.height);
    let upper = eighths(stack.upper, plot.height).max(lower);
    for from_bottom in 0..plot.height {
        let part = |n: usize| n.saturating_sub(from_bottom * 8).min(8);
        let row = plot.bottom() - 1 - from_bottom;
        draw_cell(raster, (column, row), (part(lower), part(upper)), stack);
    }
}

fn draw_cell(
    raster: &mut Raster,
    (column, row): (usize, usize),
    (lower, upper): (usize, usize),
    stack: &Stack,
) {
    let (lower, upper) = match raster.tier() {
        Tier::Ascii => (lower / 4 * 8, upper.max(lower) / 4 * 8),
        _ => (lower, upper),
    };
    match (lower.min(8), upper.min(8)) {
        (8, _) => raster.fill(column, row, stack.lower_ink),
        (0, 8) => raster.fill(column, row, stack.upper_ink),
        (0, 0) => {}
        (0, upper) if stack.is_upper_rounded => {
            if upper >= 4 {
                raster.fill(column, row, stack.upper_ink);
            }
        }
        (0, upper) => {
            let symbol = raster.tier().eighth(upper);
            raster.put(column, row, symbol, stack.upper_ink);
        }
        (lower, upper) => {
            // One cell has two colours: the rest is the upper part or nothing, whichever is more.
            if 2 * (upper - lower) >= 8 - lower && upper > lower {
                raster.fill(column, row, stack.upper_ink);
            }
            let symbol = raster.tier().eighth(lower);
            raster.put(column, row, symbol, stack.lower_ink);
        }
    }
}

/// An interval as a vertical line from row `top` to row `foot`.
pub(super) fn draw_whisker(raster: &mut Raster, column: usize, top: usize, foot: usize) {
    for row in top..=foot {
        raster.sign(column, row, Sign::Vertical, Ink::Whisker);
    }
    if top == foot {
        raster.sign(column, top, Sign::Cross, Ink::Whisker);
    } else {
        raster.sign(column, top, Sign::Top, Ink::Whisker);
        raster.sign(column, foot, Sign::Foot, Ink::Whisker);
    }
}
