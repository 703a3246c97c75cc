//! How the rows of a step are spread, in bins that are the same at every step of every run.

use serde::Serialize;

use crate::metrics::{Bin, RowsAt};
use crate::summarize::RowSummaries;

/// Half octaves of the margin: from 2^-6 to 2^14 logits.
const FIRST_HALF_OCTAVE: i32 = -12;
const N_HALF_OCTAVES: usize = 40;

/// Bins of equal width of the entropy over ln K.
const N_ENTROPY: usize = 20;

/// Counts of rows with finite scores; the others are counted in [`super::StepStats::rows_non_finite`].
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StepHistograms {
    /// Of the top-two margin z(1) - z(2), in logits, see [`margin_edges`].
    pub margin: Vec<u64>,
    /// Of the entropy of the predicted distribution over ln K, see [`entropy_edges`].
    pub entropy: Vec<u64>,
    /// What the ECE adds up: 15 bins (i/15, (i+1)/15] of the probability.
    pub ece: Vec<EceBin>,
}

/// One bin of the ECE.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct EceBin {
    /// Rows in it.
    pub count: u64,
    /// Accuracy - mean probability; `None` without a row.
    pub gap: Option<f64>,
}

/// Lower ends of the bins of the margin, ascending: 0, then 2^(j/2) for j from -12 to 28. The upper end of a bin is the
/// lower end of the next (left out); the last one has none.
pub fn margin_edges() -> Vec<f64> {
    let half_octaves = (FIRST_HALF_OCTAVE..).take(N_HALF_OCTAVES + 1);
    let edges = half_octaves.map(|j| (f64::from(j) / 2.0).exp2());
    std::iter::once(0.0).chain(edges).collect()
}

/// Lower ends of the bins of the entropy over ln K, ascending: i/20. The last bin ends at 1, which belongs to it.
pub fn entropy_edges() -> Vec<f64> {
    (0..N_ENTROPY).map(|i| i as f64 / N_ENTROPY as f64).collect()
}

impl StepHistograms {
    /// Of `rows`, which are `at_one` at T = 1 and fall into `bins` there.
    pub(super) fn of(rows: &RowSummaries, at_one: &RowsAt, bins: &[Bin]) -> Self {
        let ln_k = (rows.n_classes() as f64).ln();
        let margins = (0..rows.len()).map(|idx| rows.row(idx).margin());
        let entropies = at_one.entropy.iter().map(|h| h / ln_k);
        let of_bin =
            |bin: &Bin| EceBin { count: bin.count, gap: (!bin.is_empty()).then(|| bin.gap()) };
        Self {
            margin: counts(&margin_edges(), margins),
            entropy: counts(&entropy_edges(), entropies),
            ece: bins.iter().map(of_bin).collect(),
        }
    }
}

/// How many `values` fall into each of the bins with these lower ends; below the first one counts as the first.
fn counts(edges: &[f64], values: impl Iterator<Item = f64>) -> Vec<u64> {
    let mut counts = vec![0; edges.len()];
    for value in values {
        let bin = edges.partition_point(|edge| *edge <= value);
        counts[bin.saturating_sub(1)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_fixed_and_ascend() {
        let edges = margin_edges();
        assert_eq!(edges.len(), 42);
        assert_eq!(edges[..3], [0.0, 0.015_625, 0.015_625 * 2f64.sqrt()]);
        assert!((edges[41] - 16_384.0).abs() < 1e-9);
        for edges in [edges, entropy_edges()] {
            assert!(edges.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }

    #[test]
    fn every_value_has_its_bin() {
        let edges = [0.0, 1.0, 2.0];
        let values = [0.0, 0.5, 1.0, 2.0, 1e9, f64::INFINITY, -1e-17];
        assert_eq!(counts(&edges, values.into_iter()), [3, 1, 3]);
        let entropy = counts(&entropy_edges(), [0.0, 1.0, 1.0 + 1e-16].into_iter());
        assert_eq!((entropy[0], entropy[19]), (1, 2));
    }
}
