//! What the ECE family adds up over bins.

use super::Bin;

/// Expected calibration error: sum over bins of `n_b` / N `abs(accuracy_b` - `confidence_b`), in [0, 1]
/// (Naeini, Cooper & Hauskrecht 2015); where rows have weights, n and N are sums of them. NaN without rows.
pub fn ece(bins: &[Bin]) -> f64 {
    weighted(bins, f64::abs)
}

/// Root mean square calibration error: the root of the sum of `n_b` / N `gap_b^2` (Kumar, Liang & Ma 2019).
/// NaN without rows.
pub fn rmsce(bins: &[Bin]) -> f64 {
    weighted(bins, |gap| gap * gap).sqrt()
}

/// Maximum calibration error: the largest absolute gap over bins with at least one row, and the number
/// of rows in that bin (Naeini 2015). NaN and 0 without rows.
pub fn mce(bins: &[Bin]) -> (f64, u64) {
    let filled = bins.iter().filter(|bin| !bin.is_empty());
    let widest = filled.max_by(|x, y| x.gap().abs().total_cmp(&y.gap().abs()));
    widest.map_or((f64::NAN, 0), |bin| (bin.gap().abs(), bin.count))
}

fn weighted(bins: &[Bin], of_gap: impl Fn(f64) -> f64) -> f64 {
    let filled = || bins.iter().filter(|bin| !bin.is_empty());
    let total: f64 = filled().map(Bin::mass).sum();
    let of_bin = |bin: &Bin| bin.mass() * of_gap(bin.gap());
    filled().map(of_bin).sum::<f64>() / total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::equal_width;

    /// Confidence, hit, bins, then l1, l2 and max as torchmetrics prints them (Apache-2.0).
    type Published = (&'static [f64], &'static [bool], usize, [f64; 3]);

    #[test]
    fn the_examples_printed_in_the_documentation_of_torchmetrics() {
        const EXAMPLES: [Published; 2] = [
            // binary_calibration_error: probability of the positive class against the label
            (
                &[0.25, 0.25, 0.55, 0.75, 0.75],
                &[false, false, true, true, true],
                2,
                [0.2900, 0.2918, 0.3167],
            ),
            // multiclass_calibration_error: confidence against the prediction being right
            (&[0.55, 0.55, 0.6, 0.9], &[false, false, true, true], 3, [0.2000, 0.2082, 0.2333]),
        ];
        for (confidence, hit, n_bins, [l1, l2, max]) in EXAMPLES {
            let bins = equal_width(confidence, hit, n_bins);
            assert!((ece(&bins) - l1).abs() < 5e-5);
            assert!((rmsce(&bins) - l2).abs() < 5e-5);
            assert!((mce(&bins).0 - max).abs() < 5e-5);
        }
    }

    #[test]
    fn no_row_no_error() {
        assert!(ece(&[]).is_nan() && rmsce(&[]).is_nan() && mce(&[]).0.is_nan());
    }
}
