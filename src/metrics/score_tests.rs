//! Calibration without bins: the Kolmogorov-Smirnov error and Spiegelhalter's test.

use serde::Serialize;

use super::SortedByConfidence;
use crate::numerics::{normal_two_sided, pairwise_sum};

/// Kolmogorov-Smirnov calibration error: rows in ascending order of probability, the largest absolute sum
/// of (probability - hit) over a prefix, divided by N (Gupta et al. 2021). Prefixes end between
/// different probabilities only. In [0, 1]; NaN without rows.
pub fn ks_error(rows: &SortedByConfidence) -> f64 {
    if rows.is_empty() {
        return f64::NAN;
    }
    let at_ends = rows.groups().map(|group| rows.gap_of_least(group.end).abs());
    at_ends.fold(0.0, f64::max) / rows.total_weight()
}

/// Spiegelhalter's test of "the probabilities are right".
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Spiegelhalter {
    /// Standard normal under the hypothesis; positive where the Brier score is larger than the probabilities
    /// promise, as for an over-confident model.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
}

/// z = sum (hit - c)(1 - 2c) / sqrt(sum (1 - 2c)^2 c (1 - c)) (Spiegelhalter 1986). NaN, or infinite where a
/// prediction made with certainty failed, if every probability is 0, 1/2 or 1: the test then has no variance; p
/// is NaN with it. A weight multiplies the term of its row above, and its square the variance below.
pub fn spiegelhalter(rows: &SortedByConfidence) -> Spiegelhalter {
    let term = |group: super::TieGroup| {
        let c = group.probability;
        let lean = 1.0 - 2.0 * c;
        let variance = group.squares * lean * lean * c * (1.0 - c);
        (-group.gap() * lean, variance)
    };
    let (above, below): (Vec<f64>, Vec<f64>) = rows.groups().map(term).unzip();
    let z = pairwise_sum(&above) / pairwise_sum(&below).sqrt();
    let p = if z.is_finite() { normal_two_sided(z) } else { f64::NAN };
    Spiegelhalter { z, p }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_prefix_by_hand() {
        let rows = SortedByConfidence::new(&[0.9, 0.5, 0.5, 0.2], &[true, true, true, false]);
        // Prefix sums: .2, then (both ties at once) -.8, then -.9.
        assert!((ks_error(&rows) - 0.9 / 4.0).abs() < 1e-15);
        assert!(ks_error(&SortedByConfidence::new(&[], &[])).is_nan());
    }

    #[test]
    fn certainty_has_no_variance() {
        let sure = spiegelhalter(&SortedByConfidence::new(&[1.0, 1.0], &[true, true]));
        assert!(sure.z.is_nan() && sure.p.is_nan());
        let failed = spiegelhalter(&SortedByConfidence::new(&[1.0, 1.0], &[true, false]));
        assert!(!failed.z.is_finite() && failed.p.is_nan());
    }
}
