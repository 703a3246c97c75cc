//! How much the ECE depends on the number of bins.

use super::SortedByConfidence;

/// ECE with equal-width bins for every number of bins in `n_bins`, from one sorted sequence: O(M log N) for
/// each. The bins are those of [`super::equal_width`]. NaN without rows.
///
/// A single ECE hides that the choice of 15 bins is arbitrary; a curve that moves much says that the
/// figure is about the bins (Nixon et al. 2019).
pub fn ece_by_bins(rows: &SortedByConfidence, n_bins: impl IntoIterator<Item = usize>) -> Vec<f64> {
    n_bins.into_iter().map(|m| ece_of_sorted(rows, m)).collect()
}

fn ece_of_sorted(rows: &SortedByConfidence, n_bins: usize) -> f64 {
    let sorted = rows.probabilities();
    let mut start = 0;
    let mut sum = 0.0;
    for i in 1..=n_bins {
        let edge = i as f64 / n_bins as f64;
        let end = start + sorted[start..].partition_point(|p| *p <= edge);
        sum += (rows.gap_of_least(end) - rows.gap_of_least(start)).abs();
        start = end;
    }
    sum / rows.total_weight()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{ece, equal_width};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_binning_row_by_row(rows in proptest::collection::vec((0u8..=60, any::<bool>()), 1..80)) {
            let p: Vec<f64> = rows.iter().map(|r| f64::from(r.0) / 60.0).collect();
            let hit: Vec<bool> = rows.iter().map(|r| r.1).collect();
            let got = ece_by_bins(&SortedByConfidence::new(&p, &hit), 1..=40);
            for (m, got) in (1..=40).zip(got) {
                prop_assert!((got - ece(&equal_width(&p, &hit, m))).abs() < 1e-13, "{m} bins");
            }
        }
    }
}
