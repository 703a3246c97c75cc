//! What a bin adds up, over rows in any number of threads.

use rayon::prelude::*;

use crate::numerics::pairwise_sum;

use super::Events;

/// Rows whose probabilities are added one after another, before the partial sums are added pairwise. Fixed, so
/// that sums do not depend on threads.
const CHUNK: usize = 1024;

/// One bin.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Tally {
    /// Rows.
    pub(super) count: u64,
    /// Rows with the outcome.
    pub(super) hits: u64,
    /// Sum of the probabilities, each times its weight.
    pub(super) sum: f64,
    /// Sum of the weights, of those of rows with the outcome, and of their squares; all 0 where rows have none and hit
    /// or miss.
    pub(super) weight: f64,
    pub(super) hit_weight: f64,
    pub(super) squares: f64,
    /// Smallest probability; infinite without rows.
    pub(super) low: f64,
    /// Largest probability; minus infinity without rows.
    pub(super) high: f64,
}

const EMPTY: Tally = Tally {
    count: 0,
    hits: 0,
    sum: 0.0,
    weight: 0.0,
    hit_weight: 0.0,
    squares: 0.0,
    low: f64::INFINITY,
    high: f64::NEG_INFINITY,
};

/// The tallies of `n_bins` bins, where `bin_of` a probability is below `n_bins`.
pub(super) fn tally(
    events: &Events<'_>,
    n_bins: usize,
    bin_of: impl Fn(f64) -> usize + Sync,
) -> Vec<Tally> {
    let (probability, hit) = (events.probability, events.hit);
    let chunk = |(idx, (probability, hit)): (usize, (&[f64], &[bool]))| {
        let mut bins = vec![EMPTY; n_bins];
        let rows = probability.iter().zip(hit);
        if events.is_weighted() {
            for (row, (p, hit)) in (idx * CHUNK..).zip(rows) {
                let counts = (events.outcome(row), events.weight(row));
                bins[bin_of(*p)].add_weighted(*p, *hit, counts);
            }
        } else {
            for (p, hit) in rows {
                bins[bin_of(*p)].add(*p, *hit);
            }
        }
        bins
    };
    let chunks = probability.par_chunks(CHUNK).zip(hit.par_chunks(CHUNK));
    let chunks: Vec<Vec<Tally>> = chunks.enumerate().map(chunk).collect();
    (0..n_bins).map(|bin| merged(&chunks, bin)).collect()
}

fn merged(chunks: &[Vec<Tally>], bin: usize) -> Tally {
    let parts = || chunks.iter().map(|bins| &bins[bin]);
    let sum = |of: fn(&Tally) -> f64| pairwise_sum(&parts().map(of).collect::<Vec<f64>>());
    Tally {
        count: parts().map(|part| part.count).sum(),
        hits: parts().map(|part| part.hits).sum(),
        sum: sum(|part| part.sum),
        weight: sum(|part| part.weight),
        hit_weight: sum(|part| part.hit_weight),
        squares: sum(|part| part.squares),
        low: parts().map(|part| part.low).fold(f64::INFINITY, f64::min),
        high: parts().map(|part| part.high).fold(f64::NEG_INFINITY, f64::max),
    }
}

impl Tally {
    #[inline(always)]
    fn add(&mut self, p: f64, hit: bool) {
        self.count += 1;
        self.hits += u64::from(hit);
        self.sum += p;
        self.low = self.low.min(p);
        self.high = self.high.max(p);
    }

    fn add_weighted(&mut self, p: f64, hit: bool, (outcome, weight): (f64, f64)) {
        let sum = self.sum + weight * p;
        self.add(p, hit);
        self.sum = sum;
        self.weight += weight;
        self.hit_weight += weight * outcome;
        self.squares += weight * weight;
    }
}
