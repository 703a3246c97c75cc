//! Probabilities that were rounded before they were written, and what their rows sum to then.

use std::sync::atomic::{AtomicBool, Ordering};

use super::array::Dtype;
use crate::data::ValuesRef;

/// Decimals of the finest grid that counts as one.
const MOST_DECIMALS: i32 = 6;

/// How far a number may lie beside its place on a grid: one spacing of f32, four of f64, below 1. (`1 - 0.9` is no
/// `0.1`.)
const SLACK_F32: f64 = 6e-8;
const SLACK_F64: f64 = 1e-15;

/// True if `p` is a multiple of 10^-`decimals`. What is as small as its rounding must be 0 itself.
fn is_on_grid(p: f64, decimals: i32, slack: f64) -> bool {
    if !p.is_finite() {
        // Such rows are left out.
        return true;
    }
    let per_unit = 10f64.powi(decimals);
    let nearest = (p * per_unit).round() / per_unit;
    if nearest.abs() > 0.0 { (p - nearest).abs() <= slack } else { p.abs() <= 0.0 }
}

fn all_on_grid(values: ValuesRef<'_>, decimals: i32) -> bool {
    match values {
        ValuesRef::F32(v) => v.iter().all(|p| is_on_grid(f64::from(*p), decimals, SLACK_F32)),
        ValuesRef::F64(v) => v.iter().all(|p| is_on_grid(*p, decimals, SLACK_F64)),
    }
}

fn all_zero_or_one(values: ValuesRef<'_>) -> bool {
    all_on_grid(values, 0)
}

/// The unit of the last digit of `values`, 10^-d with the least d; `None` if they lie on no grid of up to six decimals,
/// or have but 16 bits, whose own spacing is coarser.
pub(super) fn last_unit(values: ValuesRef<'_>, dtype: Dtype) -> Option<f64> {
    if is_16_bit(dtype) {
        return None;
    }
    let decimals = (0..=MOST_DECIMALS).find(|d| all_on_grid(values, *d))?;
    Some(10f64.powi(-decimals))
}

pub(super) fn is_16_bit(dtype: Dtype) -> bool {
    matches!(dtype, Dtype::F16 | Dtype::Bf16)
}

/// What is known, of the blocks that were looked at so far, of how probabilities were rounded.
#[derive(Debug)]
pub(super) struct Rounding {
    is_off_grid: AtomicBool,
    /// A number was neither 0 nor 1.
    has_between: AtomicBool,
}

impl Rounding {
    /// For numbers of this type.
    pub(super) fn of(dtype: Dtype) -> Self {
        Self { is_off_grid: AtomicBool::new(is_16_bit(dtype)), has_between: AtomicBool::new(false) }
    }

    /// Looks at a block of probabilities.
    pub(super) fn look(&self, values: ValuesRef<'_>) {
        if self.is_off_grid.load(Ordering::Relaxed) {
            return;
        }
        if !all_on_grid(values, MOST_DECIMALS) {
            self.is_off_grid.store(true, Ordering::Relaxed);
        }
        if !all_zero_or_one(values) {
            self.has_between.store(true, Ordering::Relaxed);
        }
    }

    /// See [`crate::data::Recorded::is_rounded`].
    pub(super) fn is_rounded(&self) -> bool {
        self.has_between.load(Ordering::Relaxed) && !self.is_off_grid.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_told_by_their_last_digit() {
        let unit = |v: &[f64]| last_unit(ValuesRef::F64(v), Dtype::F64);
        assert_eq!(unit(&[0.25, 0.5, 0.0, 1.0]), Some(0.01));
        assert_eq!(unit(&[0.3, 1.0 - 0.9]), Some(0.1));
        assert_eq!(unit(&[0.123_456, 1.0]), Some(1e-6));
        assert_eq!(unit(&[85.0, 100.0]), Some(1.0));
        // Small is not rounded to 0, and a seventh digit is off every grid.
        assert_eq!(unit(&[1e-9, 0.5]), None);
        assert_eq!(unit(&[0.123_456_7]), None);
        let singles = [0.01f32, 0.99, 0.37];
        assert_eq!(last_unit(ValuesRef::F32(&singles), Dtype::F32), Some(0.01));
        assert_eq!(last_unit(ValuesRef::F32(&[0.5]), Dtype::F16), None);
    }

    #[test]
    fn one_number_off_the_grid_in_a_later_block_is_enough() {
        let rounding = Rounding::of(Dtype::F64);
        rounding.look(ValuesRef::F64(&[0.0, 1.0]));
        assert!(!rounding.is_rounded(), "all 0 or 1: no grid");
        rounding.look(ValuesRef::F64(&[0.25, 0.75]));
        assert!(rounding.is_rounded());
        rounding.look(ValuesRef::F64(&[0.123_456_78]));
        assert!(!rounding.is_rounded());
    }
}
