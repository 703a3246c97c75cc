//! Cutting rows into the bins of a reliability diagram.

use crate::numerics::pairwise_sum;
use crate::summarize::RowSummaries;

use super::interval::wilson;
use super::{Bin, Binning, Reliability, RowsAt};

/// Level of the interval drawn on each bin.
const LEVEL: f64 = 0.95;

/// Which probability is held against which outcome.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Confidence against "the prediction is right".
    TopClass,
    /// Probability of class 1 against "the label is class 1". Two classes only.
    Positive,
}

impl Outcome {
    /// What the headline of a data set with K classes reads.
    pub fn headline(n_classes: usize) -> Self {
        if n_classes == 2 {
            Self::Positive
        } else {
            Self::TopClass
        }
    }

    pub(super) fn pairs<'a>(self, rows: &RowSummaries, at: &'a RowsAt) -> (&'a [f64], Vec<bool>) {
        let indices = 0..rows.len();
        match self {
            Self::TopClass => (
                &at.confidence,
                indices.map(|i| rows.row(i).is_correct()).collect(),
            ),
            Self::Positive => (
                &at.positive,
                indices.map(|i| rows.row(i).label() == 1).collect(),
            ),
        }
    }
}

/// The diagram of `rows` at the temperature of `at`, in `n_bins` bins (at least 1).
pub fn reliability(
    rows: &RowSummaries,
    at: &RowsAt,
    outcome: Outcome,
    binning: Binning,
    n_bins: usize,
) -> Reliability {
    let (probability, hit) = outcome.pairs(rows, at);
    let bins = match binning {
        Binning::Width => equal_width(probability, &hit, n_bins),
        Binning::Mass => equal_mass(probability, &hit, n_bins),
    };
    Reliability { binning, bins }
}

/// `n_bins` bins (i/M, (i+1)/M]; probability 0 is in the first one, 1 in the last (Naeini et al. 2015;
/// Guo et al. 2017). `probability` in [0, 1] and `hit` have the same length.
pub fn equal_width(probability: &[f64], hit: &[bool], n_bins: usize) -> Vec<Bin> {
    let mut members: Vec<Vec<f64>> = vec![Vec::new(); n_bins];
    let mut hits = vec![0u64; n_bins];
    for (&p, &hit) in probability.iter().zip(hit) {
        let idx = width_bin(p, n_bins);
        members[idx].push(p);
        hits[idx] += u64::from(hit);
    }
    let edge = |i: usize| i as f64 / n_bins as f64;
    members
        .iter()
        .zip(hits)
        .enumerate()
        .map(|(i, (members, hits))| bin((edge(i), edge(i + 1)), members, hits))
        .collect()
}

/// Index of the bin (i/M, (i+1)/M] that holds p, by comparison with the very edges i/M in f64.
pub(super) fn width_bin(p: f64, n_bins: usize) -> usize {
    let m = n_bins as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "p in [0, 1], so the product is in 0..=n_bins; a negative one saturates at 0"
    )]
    let mut idx = ((p * m).ceil() as usize).saturating_sub(1).min(n_bins - 1);
    // p m may round across an integer where p does not lie on the edge.
    while idx > 0 && p <= idx as f64 / m {
        idx -= 1;
    }
    while idx + 1 < n_bins && p > (idx + 1) as f64 / m {
        idx += 1;
    }
    idx
}

/// At most `n_bins` groups of equal size by rank: sizes as `NumPy`'s `array_split` cuts them (the first
/// N mod M one longer), each cut then moved forward past equal probabilities, so that the order of rows
/// never matters. Empty groups are left out.
pub fn equal_mass(probability: &[f64], hit: &[bool], n_bins: usize) -> Vec<Bin> {
    let mut order: Vec<(f64, bool)> = probability
        .iter()
        .copied()
        .zip(hit.iter().copied())
        .collect();
    order.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
    let sorted: Vec<f64> = order.iter().map(|pair| pair.0).collect();
    let mut bins = Vec::with_capacity(n_bins);
    let mut start = 0;
    for i in 1..=n_bins {
        let end = past_ties(&sorted, mass_cut(sorted.len(), n_bins, i)).max(start);
        if end > start {
            let hits = order[start..end].iter().filter(|pair| pair.1).count() as u64;
            let ends = (sorted[start], sorted[end - 1]);
            bins.push(bin(ends, &sorted[start..end], hits));
        }
        start = end;
    }
    bins
}

/// Where group `i` of `array_split` ends.
fn mass_cut(n: usize, n_bins: usize, i: usize) -> usize {
    i * (n / n_bins) + i.min(n % n_bins)
}

/// The first cut at or after `cut` that parts no equal values.
fn past_ties(sorted: &[f64], mut cut: usize) -> usize {
    while cut > 0 && cut < sorted.len() && sorted[cut].total_cmp(&sorted[cut - 1]).is_eq() {
        cut += 1;
    }
    cut
}

fn bin((low, high): (f64, f64), members: &[f64], hits: u64) -> Bin {
    let count = members.len() as u64;
    Bin {
        low,
        high,
        count,
        hits,
        accuracy: hits as f64 / count as f64,
        confidence: pairwise_sum(members) / count as f64,
        interval: wilson(hits, count, LEVEL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_edge_belongs_to_the_bin_below_it() {
        for n_bins in 1..60usize {
            for i in 0..=n_bins {
                let edge = i as f64 / n_bins as f64;
                assert_eq!(width_bin(edge, n_bins), i.saturating_sub(1), "{i}/{n_bins}");
                if i < n_bins {
                    assert_eq!(
                        width_bin(edge.next_up(), n_bins),
                        i,
                        "just above {i}/{n_bins}"
                    );
                }
            }
        }
    }

    #[test]
    fn groups_of_equal_mass_keep_ties_together() {
        let p = [0.1, 0.5, 0.5, 0.5, 0.5, 0.9, 0.9];
        let hit = [false, true, false, true, true, true, true];
        let bins = equal_mass(&p, &hit, 3);
        let counts: Vec<u64> = bins.iter().map(|b| b.count).collect();
        assert_eq!(
            counts,
            [5, 2],
            "cuts at 3 and 5 become 5 and 5, and the empty group goes"
        );
        assert!((bins[0].accuracy - 0.6).abs() < 1e-15 && (bins[1].accuracy - 1.0).abs() < 1e-15);
    }

    #[test]
    fn an_empty_bin_has_no_accuracy_and_no_interval() {
        let bins = equal_width(&[0.95], &[true], 2);
        assert!(bins[0].is_empty() && bins[0].accuracy.is_nan() && bins[0].interval.is_none());
    }

    proptest! {
        #[test]
        fn counts_add_up_and_order_does_not_matter(
            rows in proptest::collection::vec((0u8..=20, any::<bool>()), 1..200), n_bins in 1usize..30,
        ) {
            let p: Vec<f64> = rows.iter().map(|r| f64::from(r.0) / 20.0).collect();
            let hit: Vec<bool> = rows.iter().map(|r| r.1).collect();
            let (mut q, mut hit_q) = (p.clone(), hit.clone());
            q.reverse();
            hit_q.reverse();
            for (x, y) in [
                (equal_width(&p, &hit, n_bins), equal_width(&q, &hit_q, n_bins)),
                (equal_mass(&p, &hit, n_bins), equal_mass(&q, &hit_q, n_bins)),
            ] {
                prop_assert_eq!(x.iter().map(|b| b.count).sum::<u64>(), p.len() as u64);
                for (a, b) in x.iter().zip(&y) {
                    prop_assert_eq!((a.count, a.hits), (b.count, b.hits));
                }
            }
        }
    }
}
