//! Probabilities held against outcomes, and how much each row counts.

use crate::numerics::{mean, pairwise_sum};

use super::RowsAt;

/// What every measure of calibration is made from: one entry for each row.
///
/// A weighted figure is what the plain one would be if every row stood there as often as its weight says; only ratios
/// of weights matter. Errors and intervals take every row as one observation, however much it counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Events<'a> {
    /// In [0, 1].
    pub probability: &'a [f64],
    /// Whether the event happened.
    pub hit: &'a [bool],
    /// Of soft labels how far the event happened, in [0, 1], in the place of `hit`; `None` where it did or did not.
    pub expected: Option<&'a [f64]>,
    /// Finite and at least 0; `None` where all rows count the same.
    pub weight: Option<&'a [f64]>,
    /// Alike for rows that belong together; `None` where every row stands alone.
    pub cluster: Option<&'a [u64]>,
}

impl<'a> Events<'a> {
    /// Rows that all count the same.
    pub fn plain(probability: &'a [f64], hit: &'a [bool]) -> Self {
        Self { probability, hit, expected: None, weight: None, cluster: None }
    }

    /// N.
    pub fn len(&self) -> usize {
        self.probability.len()
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.probability.is_empty()
    }

    /// 1 if the event of row `idx` happened, else 0; what is expected of it where labels are soft.
    #[inline(always)]
    pub fn outcome(&self, idx: usize) -> f64 {
        let hard = || f64::from(u8::from(self.hit[idx]));
        self.expected.map_or_else(hard, |expected| expected[idx])
    }

    /// True if rows are more than hits and misses that count the same.
    pub(super) fn is_weighted(&self) -> bool {
        self.weight.is_some() || self.expected.is_some()
    }

    /// What row `idx` counts.
    #[inline(always)]
    pub fn weight(&self, idx: usize) -> f64 {
        self.weight.map_or(1.0, |weight| weight[idx])
    }
}

impl RowsAt {
    /// The sample weight of every row; `None` where all rows count the same.
    pub fn weights(&self) -> Option<&[f64]> {
        (!self.weight.is_empty()).then_some(&self.weight)
    }

    /// The cluster of every row; `None` where every row stands alone.
    pub fn clusters(&self) -> Option<&[u64]> {
        (!self.cluster.is_empty()).then_some(&self.cluster)
    }

    /// The share of right predictions, by weight; its expectation where labels are soft. NaN without rows.
    pub fn accuracy(&self) -> f64 {
        if self.expected.is_empty() {
            self.share(&self.correct, |is_right| *is_right)
        } else {
            self.mean(&self.expected)
        }
    }

    /// The weighted mean of a column of these rows; NaN without rows.
    pub fn mean(&self, column: &[f64]) -> f64 {
        weighted_mean(column, self.weights())
    }

    /// False where nothing is known of the NLL of row `idx`: a probability that was rounded to 0 is less than half a
    /// unit, and how much less nobody can tell.
    pub fn knows(&self, idx: usize) -> bool {
        !self.is_rounded || self.nll[idx].is_finite()
    }

    /// The weighted mean of the NLL of the rows of which `holds` is true and it is known; NaN without such a row,
    /// infinite if a label has probability 0 that was not rounded.
    pub fn mean_nll_where(&self, holds: impl Fn(usize) -> bool) -> f64 {
        let of = |column: &[f64]| -> Vec<f64> {
            let kept = (0..column.len()).filter(|idx| self.knows(*idx) && holds(*idx));
            kept.map(|idx| column[idx]).collect()
        };
        weighted_mean(&of(&self.nll), self.weights().map(of).as_deref())
    }

    /// The same of all rows.
    pub fn mean_nll(&self) -> f64 {
        if self.is_rounded { self.mean_nll_where(|_| true) } else { self.mean(&self.nll) }
    }

    /// The weighted share of rows of which `holds` is true, of a column with one entry for each row.
    pub fn share<T>(&self, column: &[T], holds: impl Fn(&T) -> bool) -> f64 {
        match self.weights() {
            None => column.iter().filter(|value| holds(value)).count() as f64 / column.len() as f64,
            Some(weights) => {
                let number = |value| f64::from(u8::from(holds(value)));
                weighted_mean(&column.iter().map(number).collect::<Vec<f64>>(), Some(weights))
            }
        }
    }
}

/// sum w x / sum w; what counts nothing adds nothing, even if it is infinite. NaN without rows, or if all weights are 0.
pub fn weighted_mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let Some(weights) = weights else {
        return mean(values);
    };
    let term = |(value, weight): (&f64, &f64)| if *weight > 0.0 { value * weight } else { 0.0 };
    let terms: Vec<f64> = values.iter().zip(weights).map(term).collect();
    pairwise_sum(&terms) / pairwise_sum(weights)
}
