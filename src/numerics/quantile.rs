//! Quantiles by linear interpolation between order statistics.

/// A sorted copy (by `total_cmp`; NaN, which no caller passes, would come last).
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut copy = values.to_vec();
    copy.sort_unstable_by(f64::total_cmp);
    copy
}

/// The `level`-quantile, 0 <= level <= 1, of ascending `values`: position level (n - 1), linear in
/// between (Hyndman & Fan 1996, type 7; `NumPy`'s default). NaN for no value.
pub fn quantile_sorted(values: &[f64], level: f64) -> f64 {
    let Some(last) = values.len().checked_sub(1) else {
        return f64::NAN;
    };
    let position = level * last as f64;
    let below = position.floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 <= below <= n - 1"
    )]
    let idx = (below as usize).min(last);
    let (low, high) = (values[idx], values[(idx + 1).min(last)]);
    let fraction = position - below;
    // Equal neighbours are returned as they are: infinity - infinity would be NaN.
    if low.total_cmp(&high).is_eq() {
        low
    } else {
        low + (high - low) * fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolates_linearly_and_keeps_the_ends() {
        let v = sorted(&[4.0, 1.0, 3.0, 2.0]);
        for (level, want) in [(0.0, 1.0), (0.25, 1.75), (0.5, 2.5), (1.0, 4.0)] {
            assert!((quantile_sorted(&v, level) - want).abs() < 1e-15, "{level}");
        }
    }

    #[test]
    fn no_value_has_no_quantile_and_one_value_is_every_quantile() {
        assert!(quantile_sorted(&[], 0.5).is_nan());
        assert!((quantile_sorted(&[7.0], 0.99) - 7.0).abs() < f64::EPSILON);
    }
}
