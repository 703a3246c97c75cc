//! Many tests at once.

/// p-values adjusted so that calling every one at most `q` a discovery keeps the expected share of false ones among
/// them at `q` or less (Benjamini & Hochberg 1995): `p_(i)` n / i, made monotone from the largest down. In the order
/// of `p_values`; NaN stays NaN and is not counted among the n tests.
pub fn adjusted_p_values(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> =
        (0..p_values.len()).filter(|idx| !p_values[*idx].is_nan()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let n = order.len() as f64;
    let mut adjusted = vec![f64::NAN; p_values.len()];
    let mut least = 1.0f64;
    for (rank, idx) in order.iter().enumerate().rev() {
        least = least.min(p_values[*idx] * n / (rank + 1) as f64);
        adjusted[*idx] = least;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_r_adjusts_them() {
        // p.adjust(c(0.01, 0.04, 0.03, 0.5, 0.005), "BH") in R.
        let got = adjusted_p_values(&[0.01, 0.04, f64::NAN, 0.03, 0.5, 0.005]);
        let want = [0.025, 0.05, f64::NAN, 0.05, 0.5, 0.025];
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-15 || (got.is_nan() && want.is_nan()));
        }
        assert!(adjusted_p_values(&[]).is_empty());
    }
}
