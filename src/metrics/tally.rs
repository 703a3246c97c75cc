//! What a bin adds up, over rows in any number of threads.

use rayon::prelude::*;

use crate::numerics::pairwise_sum;

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
    /// Sum of the probabilities.
    pub(super) sum: f64,
    /// Smallest probability; infinite without rows.
    pub(super) low: f64,
    /// Largest probability; minus infinity without rows.
    pub(super) high: f64,
}

const EMPTY: Tally = Tally {
    count: 0,
    hits: 0,
    sum: 0.0,
    low: f64::INFINITY,
    high: f64::NEG_INFINITY,
};

/// The tallies of `n_bins` bins, where `bin_of` a probability is below `n_bins`. `probability` and `hit` have
/// the same length.
pub(super) fn tally(
    (probability, hit): (&[f64], &[bool]),
    n_bins: usize,
    bin_of: impl Fn(f64) -> usize + Sync,
) -> Vec<Tally> {
    let chunks: Vec<Vec<Tally>> = probability
        .par_chunks(CHUNK)
        .zip(hit.par_chunks(CHUNK))
        .map(|(probability, hit)| {
            let mut bins = vec![EMPTY; n_bins];
            for (p, hit) in probability.iter().zip(hit) {
                bins[bin_of(*p)].add(*p, *hit);
            }
            bins
        })
        .collect();
    (0..n_bins).map(|bin| merged(&chunks, bin)).collect()
}

fn merged(chunks: &[Vec<Tally>], bin: usize) -> Tally {
    let parts = || chunks.iter().map(|bins| &bins[bin]);
    Tally {
        count: parts().map(|part| part.count).sum(),
        hits: parts().map(|part| part.hits).sum(),
        sum: pairwise_sum(&parts().map(|part| part.sum).collect::<Vec<f64>>()),
        low: parts().map(|part| part.low).fold(f64::INFINITY, f64::min),
        high: parts()
            .map(|part| part.high)
            .fold(f64::NEG_INFINITY, f64::max),
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
}
