//! The log-partition function of a row whose classes have weights.

use super::Moments;
use super::exp::exp_nonpositive;

/// Moments of log sum `w_k` exp(b `z_k`) for pairs (`z_k`, `w_k`) with weights of at least 0 that add up to 1. `max` is
/// the largest score of the row, relative to which they are, though its own weight may be 0: `log_z` is at most 0 here,
/// and minus infinity where no class with a weight has a finite score.
pub fn weighted_moments(pairs: impl Iterator<Item = (f64, f64)>, max: f64, b: f64) -> Moments {
    let mut sums = [0.0; 4];
    for (z, weight) in pairs {
        let d = max - z;
        // Absent: d is infinite, and 0 * infinity is NaN.
        if weight > 0.0 && d < f64::INFINITY {
            let e = weight * exp_nonpositive(-b * d);
            let powers = [e, e * d, e * d * d, e * d * d * d];
            sums.iter_mut().zip(powers).for_each(|(sum, e)| *sum += e);
        }
    }
    if sums[0] <= 0.0 {
        return Moments { log_z: f64::NEG_INFINITY, ..Moments::default() };
    }
    let [_, m1, m2, m3] = sums.map(|sum| sum / sums[0]);
    Moments {
        log_z: sums[0].ln(),
        below_max: m1,
        variance: m2 - m1 * m1,
        third: -(m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::row_moments;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equal_weights_give_the_mean_of_the_exponentials(
            row in proptest::collection::vec(-20.0..20.0f64, 2..40), b in 0.05..4.0f64,
        ) {
            let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let n = row.len() as f64;
            let plain = row_moments(&row, max, 1, b).at;
            let pairs = row.iter().map(|z| (*z, n.recip()));
            let weighted = weighted_moments(pairs, max, b);
            prop_assert!((weighted.log_z + n.ln() - plain.log_z).abs() < 1e-12);
            prop_assert!((weighted.below_max - plain.below_max).abs() < 1e-11);
            prop_assert!((weighted.third - plain.third).abs() < 1e-7 * (1.0 + plain.third.abs()));
        }
    }

    #[test]
    fn absent_classes_and_weights_of_zero_do_not_count() {
        let pairs = [(f64::NEG_INFINITY, 0.5), (1.0, 0.5), (3.0, 0.0)];
        let m = weighted_moments(pairs.into_iter(), 3.0, 2.0);
        assert!((m.log_z - (0.5f64.ln() - 4.0)).abs() < 1e-15);
        assert!((m.below_max - 2.0).abs() < 1e-15 && m.variance.abs() < 1e-15);
        let none = weighted_moments([(f64::NEG_INFINITY, 1.0)].into_iter(), 0.0, 1.0);
        assert!(none.log_z.is_infinite() && none.shifted(0.1).log_z.is_infinite());
    }
}
