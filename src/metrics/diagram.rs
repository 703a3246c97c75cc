//! Cutting rows into the bins of a reliability diagram.

use rayon::prelude::*;

use crate::numerics::{order_statistics, pairwise_sum};

use super::interval::wilson_share;
use super::tally::{Tally, tally};
use super::{Bin, Binning, Events, Reliability, RowsAt};

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
        if n_classes == 2 { Self::Positive } else { Self::TopClass }
    }

    /// The probabilities of this reading, and which rows have its outcome.
    pub fn pairs(self, at: &RowsAt) -> (&[f64], &[bool]) {
        match self {
            Self::TopClass => (&at.confidence, &at.correct),
            Self::Positive => (&at.positive, &at.is_positive),
        }
    }

    /// The same with the weights of the rows.
    pub fn events(self, at: &RowsAt) -> Events<'_> {
        let (probability, hit) = self.pairs(at);
        let expected = match self {
            Self::TopClass => &at.expected,
            Self::Positive => &at.expected_positive,
        };
        Events {
            probability,
            hit,
            expected: (!expected.is_empty()).then_some(expected),
            weight: at.weights(),
            cluster: at.clusters(),
        }
    }
}

/// The diagram of rows at the temperature of `at`, in `n_bins` bins (at least 1).
pub fn reliability(at: &RowsAt, outcome: Outcome, binning: Binning, n_bins: usize) -> Reliability {
    let events = outcome.events(at);
    let bins = match binning {
        Binning::Width => equal_width_of(&events, n_bins),
        Binning::Mass => equal_mass_of(&events, n_bins),
    };
    Reliability { binning, bins }
}

/// `n_bins` bins (i/M, (i+1)/M]; probability 0 is in the first one, 1 in the last (Naeini et al. 2015;
/// Guo et al. 2017). `probability` in [0, 1] and `hit` have the same length.
pub fn equal_width(probability: &[f64], hit: &[bool], n_bins: usize) -> Vec<Bin> {
    equal_width_of(&Events::plain(probability, hit), n_bins)
}

/// The same of rows that may have weights.
pub fn equal_width_of(events: &Events<'_>, n_bins: usize) -> Vec<Bin> {
    let edges = WidthEdges::new(n_bins);
    let tallies = tally(events, n_bins, |p| edges.bin_of(p));
    let ends = edges.0.windows(2).map(|ends| (ends[0], ends[1]));
    let mut bins: Vec<Bin> =
        ends.zip(&tallies).map(|(ends, tally)| bin(ends, tally, events)).collect();
    widen(&mut bins, events, |p| edges.bin_of(p));
    bins
}

/// The edges i/M in f64, 0 to 1.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct WidthEdges(Vec<f64>);

impl WidthEdges {
    pub(super) fn new(n_bins: usize) -> Self {
        Self((0..=n_bins).map(|i| i as f64 / n_bins as f64).collect())
    }

    pub(super) fn n_bins(&self) -> usize {
        self.0.len() - 1
    }

    /// Index of the bin (i/M, (i+1)/M] that holds p, by comparison with the very edges.
    #[inline(always)]
    pub(super) fn bin_of(&self, p: f64) -> usize {
        let n_bins = self.n_bins();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "p in [0, 1], so the product is in 0..=n_bins; a negative one saturates at 0"
        )]
        let mut idx = ((p * n_bins as f64) as usize).min(n_bins - 1);
        // The product may round across an integer where p does not lie on the edge, and on an edge p belongs
        // to the bin below.
        while idx > 0 && p <= self.0[idx] {
            idx -= 1;
        }
        while idx + 1 < n_bins && p > self.0[idx + 1] {
            idx += 1;
        }
        idx
    }
}

/// At most `n_bins` groups of equal size by rank: sizes as `NumPy`'s `array_split` cuts them (the first
/// N mod M one longer), each cut then moved forward past equal probabilities, so that the order of rows
/// never matters. Empty groups are left out.
pub fn equal_mass(probability: &[f64], hit: &[bool], n_bins: usize) -> Vec<Bin> {
    equal_mass_of(&Events::plain(probability, hit), n_bins)
}

/// The same of rows that may have weights: groups of equal numbers of rows, whatever they count.
fn equal_mass_of(events: &Events<'_>, n_bins: usize) -> Vec<Bin> {
    let edges = MassEdges::new(events.probability, n_bins);
    let tallies = tally(events, edges.n_bins(), |p| edges.bin_of(p));
    let mut bins: Vec<Bin> =
        tallies.iter().map(|tally| bin((tally.low, tally.high), tally, events)).collect();
    widen(&mut bins, events, |p| edges.bin_of(p));
    bins.retain(|bin| bin.count > 0);
    bins
}

/// Wilson intervals of as many rows as the clusters are worth: a (1 - a) over the variance of the accuracy a, which is
/// the sum over clusters of the squared sum of w (hit - a), over the squared sum of weights (Korn & Graubard 1998; Liang
/// & Zeger 1986, without a correction for few clusters), but no more than rows without clusters. Where all rows agree
/// that says nothing, and every cluster counts as one row; a single cluster is one row too, as its sum is 0 whatever it
/// holds.
fn widen(bins: &mut [Bin], events: &Events<'_>, bin_of: impl Fn(f64) -> usize) {
    let Some(cluster) = events.cluster else {
        return;
    };
    let mut members: Vec<Vec<(u64, usize)>> = vec![Vec::new(); bins.len()];
    for (idx, p) in events.probability.iter().enumerate() {
        members[bin_of(*p)].push((cluster[idx], idx));
    }
    bins.par_iter_mut().zip(members).filter(|(bin, _)| !bin.is_empty()).for_each(
        |(bin, mut members)| {
            members.sort_unstable();
            let accuracy = bin.accuracy;
            let off =
                |(_, idx): &(u64, usize)| events.weight(*idx) * (events.outcome(*idx) - accuracy);
            let clusters = members.chunk_by(|a, b| a.0 == b.0);
            let sums = clusters.map(|rows| rows.iter().map(off).sum::<f64>());
            let squares: Vec<f64> = sums.map(|sum| sum * sum).collect();
            let variance = pairwise_sum(&squares) / (bin.mass() * bin.mass());
            let worth = if squares.len() > 1 && variance > 0.0 {
                accuracy * (1.0 - accuracy) / variance
            } else {
                squares.len() as f64
            };
            bin.interval = wilson_share(accuracy, worth.min(bin.effective), LEVEL);
        },
    );
}

/// The largest probability of every group of equal mass but the last. A cut that moves past equal values ends
/// its group at the value that stood before it: that value bounds the group.
pub(super) struct MassEdges(Vec<f64>);

impl MassEdges {
    pub(super) fn new(probability: &[f64], n_bins: usize) -> Self {
        let n = probability.len();
        let cuts = (1..n_bins).map(|i| mass_cut(n, n_bins, i));
        let ranks: Vec<usize> = cuts.filter_map(|cut| cut.checked_sub(1)).collect();
        let mut bounds = order_statistics(&mut probability.to_vec(), &ranks);
        bounds.dedup();
        Self(bounds)
    }

    pub(super) fn n_bins(&self) -> usize {
        self.0.len() + 1
    }

    /// The first group whose largest probability is not below p.
    #[inline(always)]
    pub(super) fn bin_of(&self, p: f64) -> usize {
        self.0.partition_point(|bound| *bound < p)
    }
}

/// Where group `i` of `array_split` ends.
fn mass_cut(n: usize, n_bins: usize, i: usize) -> usize {
    i * (n / n_bins) + i.min(n % n_bins)
}

fn bin((low, high): (f64, f64), tally: &Tally, events: &Events<'_>) -> Bin {
    let Tally { count, hits, .. } = *tally;
    let (mass, hit_mass, effective) = if events.is_weighted() {
        let effective = tally.weight * tally.weight / tally.squares;
        (tally.weight, tally.hit_weight, effective)
    } else {
        (count as f64, hits as f64, count as f64)
    };
    let accuracy = hit_mass / mass;
    Bin {
        low,
        high,
        count,
        hits,
        weight: events.weight.map(|_| tally.weight),
        effective,
        accuracy,
        confidence: tally.sum / mass,
        interval: (mass > 0.0).then(|| wilson_share(accuracy, effective, LEVEL)).flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_edge_belongs_to_the_bin_below_it() {
        for n_bins in 1..60usize {
            let edges = WidthEdges::new(n_bins);
            for i in 0..=n_bins {
                let edge = i as f64 / n_bins as f64;
                assert_eq!(edges.bin_of(edge), i.saturating_sub(1), "{i}/{n_bins}");
                if i < n_bins {
                    assert_eq!(edges.bin_of(edge.next_up()), i, "just above {i}/{n_bins}");
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
        assert_eq!(counts, [5, 2], "cuts at 3 and 5 become 5 and 5, and the empty group goes");
        assert!((bins[0].accuracy - 0.6).abs() < 1e-15 && (bins[1].accuracy - 1.0).abs() < 1e-15);
    }

    #[test]
    fn an_empty_bin_has_no_accuracy_and_no_interval() {
        let bins = equal_width(&[0.95], &[true], 2);
        assert!(bins[0].is_empty() && bins[0].accuracy.is_nan() && bins[0].interval.is_none());
    }

    #[test]
    fn copies_of_a_row_in_a_cluster_are_worth_the_row() {
        let p: Vec<f64> = (0..60).map(|i| f64::from(i * 37 % 60) / 60.0).collect();
        let hit: Vec<bool> = (0..60).map(|i| i * 17 % 5 < 3).collect();
        let copies =
            |n: usize| -> Vec<usize> { (0..60).flat_map(|i| std::iter::repeat_n(i, n)).collect() };
        let single = equal_width(&p, &hit, 4);
        let of: Vec<usize> = copies(5);
        let p5: Vec<f64> = of.iter().map(|i| p[*i]).collect();
        let hit5: Vec<bool> = of.iter().map(|i| hit[*i]).collect();
        let cluster: Vec<u64> = of.iter().map(|i| *i as u64).collect();
        let events = Events { cluster: Some(&cluster), ..Events::plain(&p5, &hit5) };
        for (got, want) in equal_width_of(&events, 4).iter().zip(&single) {
            let (got, want) = (got.interval.expect("rows"), want.interval.expect("rows"));
            assert!((got[0] - want[0]).abs() < 1e-12 && (got[1] - want[1]).abs() < 1e-12);
        }
        // Rows of a cluster that contradict each other are worth no more than rows on their own.
        let alone: Vec<u64> = (0..60).collect();
        let events = Events { cluster: Some(&alone), ..Events::plain(&p, &hit) };
        for (got, want) in equal_width_of(&events, 4).iter().zip(&single) {
            let (got, want) = (got.interval.expect("rows"), want.interval.expect("rows"));
            assert!((got[0] - want[0]).abs() < 1e-12);
        }
        let agreed = Events { cluster: Some(&[1, 1, 2]), ..Events::plain(&[0.4; 3], &[true; 3]) };
        let interval = equal_width_of(&agreed, 1)[0].interval;
        assert_eq!(interval, wilson_share(1.0, 2.0, LEVEL));
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
