//! Sums in a fixed order.

/// Terms summed one after another before the pairwise tree begins.
const LEAF: usize = 64;

/// Sum of `values`, pairwise: the rounding error grows with log n, and the order is fixed by the
/// length alone, so that the result depends on neither threads nor batches. 0 for no value.
pub fn pairwise_sum(values: &[f64]) -> f64 {
    pairwise_sum_of(values, &|value| value)
}

/// [`pairwise_sum`] of `term` of every value.
pub fn pairwise_sum_of(values: &[f64], term: &impl Fn(f64) -> f64) -> f64 {
    if values.len() <= LEAF {
        return values.iter().map(|value| term(*value)).sum();
    }
    let half = (values.len() / 2).next_multiple_of(LEAF);
    let (left, right) = values.split_at(half);
    pairwise_sum_of(left, term) + pairwise_sum_of(right, term)
}

/// Arithmetic mean; NaN for no value.
pub fn mean(values: &[f64]) -> f64 {
    pairwise_sum(values) / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairwise_keeps_what_a_running_sum_loses() {
        let values = vec![0.1; 10_000_000];
        let running: f64 = values.iter().sum();
        assert!((pairwise_sum(&values) - 1e6).abs() < 1e-8);
        assert!((running - 1e6).abs() > 1e-5, "the naive sum is the reason for this function");
    }

    #[test]
    fn mean_of_nothing_is_nan() {
        assert!(mean(&[]).is_nan());
    }
}
