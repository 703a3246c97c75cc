//! What a perfectly calibrated model of this size would show for an ECE.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::{Pcg64, Pcg64Mcg};
use rayon::prelude::*;

use super::diagram::WidthEdges;
use crate::numerics::pairwise_sum;

/// Times the outcomes are redrawn. The mean over them is then good to 1 to 5 % of itself, which is as much as
/// anybody reads from it.
const N_REDRAWN: usize = 200;

/// The mean ECE, with `n_bins` bins of equal width (at least 1), when each outcome is redrawn with its own
/// probability: the ECE that would be there if every probability were right (Broecker & Smith 2007). An ECE
/// near it cannot be told from 0. Seeded; every redrawing has a stream of its own. NaN without rows.
pub fn noise_floor(probability: &[f64], n_bins: usize, seed: u64) -> f64 {
    noise_floor_of((probability, None), n_bins, seed)
}

/// The same of rows that may have weights.
pub fn noise_floor_of(
    (probability, weight): (&[f64], Option<&[f64]>),
    n_bins: usize,
    seed: u64,
) -> f64 {
    redrawn_ece((probability, weight), n_bins, seed)[0]
}

/// The mean of those ECEs, which is the floor, and their standard deviation.
pub fn redrawn_ece(
    (probability, weight): (&[f64], Option<&[f64]>),
    n_bins: usize,
    seed: u64,
) -> [f64; 2] {
    let bins = Bins::new(probability, weight, n_bins);
    let mut seeds = Pcg64::seed_from_u64(seed);
    let streams: Vec<Pcg64Mcg> =
        (0..N_REDRAWN).map(|_| Pcg64Mcg::from_seed(seeds.random())).collect();
    let redrawn: Vec<f64> = streams.into_par_iter().map(|s| bins.redrawn(s)).collect();
    let floor = redrawn.iter().sum::<f64>() / N_REDRAWN as f64;
    let squares: f64 = redrawn.iter().map(|ece| (ece - floor).powi(2)).sum();
    [floor, (squares / N_REDRAWN as f64).sqrt()]
}

/// Probabilities, bin by bin.
struct Bins {
    /// The probability in units of 2^-32: a redrawn outcome is a hit if 32 random bits stay below.
    thresholds: Vec<u64>,
    /// What each row counts; `None` where all count the same.
    weights: Option<Vec<f64>>,
    /// Where each bin ends, and the sum of its probabilities, each times its weight.
    ends: Vec<(usize, f64)>,
    /// What all rows count.
    total: f64,
}

impl Bins {
    fn new(probability: &[f64], weight: Option<&[f64]>, n_bins: usize) -> Self {
        let edges = WidthEdges::new(n_bins);
        let mut by_bin = vec![Vec::new(); n_bins];
        for (idx, p) in probability.iter().enumerate() {
            by_bin[edges.bin_of(*p)].push((*p, weight.map_or(1.0, |weight| weight[idx])));
        }
        let (mut thresholds, mut ends) = (Vec::with_capacity(probability.len()), Vec::new());
        for members in &mut by_bin {
            // What is redrawn does not depend on the order of rows.
            members.sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then(x.1.total_cmp(&y.1)));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a probability in units of 2^-32 lies in 0..=2^32"
            )]
            thresholds.extend(members.iter().map(|(p, _)| (p * 2f64.powi(32)).round() as u64));
            let expected: Vec<f64> = members.iter().map(|(p, weight)| p * weight).collect();
            ends.push((thresholds.len(), pairwise_sum(&expected)));
        }
        let weights: Option<Vec<f64>> =
            weight.map(|_| by_bin.iter().flatten().map(|(_, w)| *w).collect());
        Self {
            total: weights.as_deref().map_or(probability.len() as f64, pairwise_sum),
            thresholds,
            weights,
            ends,
        }
    }

    /// The ECE of one redrawing.
    fn redrawn(&self, mut random: Pcg64Mcg) -> f64 {
        let (mut start, mut gaps) = (0, 0.0);
        for &(end, expected) in &self.ends {
            let thresholds = &self.thresholds[start..end];
            let hits = match &self.weights {
                None => hits(thresholds, &mut random) as f64,
                Some(weights) => weighted_hits(thresholds, &weights[start..end], &mut random),
            };
            gaps += (hits - expected).abs();
            start = end;
        }
        gaps / self.total
    }
}

/// What the rows count of which 32 random bits stay below the threshold.
fn weighted_hits(thresholds: &[u64], weights: &[f64], random: &mut Pcg64Mcg) -> f64 {
    let mut sum = 0.0;
    for (threshold, weight) in thresholds.iter().zip(weights) {
        if random.next_u64() >> 32 < *threshold {
            sum += weight;
        }
    }
    sum
}

/// How many of 32 random bits each stay below their threshold; two from every 64 bits.
fn hits(thresholds: &[u64], random: &mut Pcg64Mcg) -> u64 {
    let mut n_hits = 0;
    for pair in thresholds.chunks(2) {
        let bits = random.next_u64();
        let halves = [bits & 0xffff_ffff, bits >> 32];
        for (threshold, half) in pair.iter().zip(halves) {
            n_hits += u64::from(half < *threshold);
        }
    }
    n_hits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bin_of_fair_coins_is_the_mean_deviation_of_a_binomial() {
        // E|X - n/2| for X ~ Binomial(n, 1/2), n even, is n/2^n C(n, n/2) / 2: de Moivre.
        let n = 100;
        let central: f64 = (1..=50).map(|i| f64::from(50 + i) / f64::from(4 * i)).product();
        let want = 0.5 * central;
        let got = noise_floor(&vec![0.5; n], 1, 3);
        // The standard deviation of |X - n/2| / n is 0.03, over 200 redrawings 0.0021.
        assert!((got - want).abs() < 4.0 * 0.0021, "{got} {want}");
        // X has the variance n/4; the root of 200 squares is good to 5 %.
        let spread = (0.25 / n as f64 - want * want).sqrt();
        let [_, sd] = redrawn_ece((&vec![0.5; n], None), 1, 3);
        assert!((sd / spread - 1.0).abs() < 0.2, "{sd} {spread}");
    }

    #[test]
    fn certain_outcomes_leave_no_noise_and_no_rows_no_floor() {
        assert!(noise_floor(&[1.0; 50], 15, 0).abs() < f64::EPSILON);
        assert!(noise_floor(&[], 15, 0).is_nan());
    }

    #[test]
    fn threads_change_nothing() {
        let p: Vec<f64> = (0..3000).map(|i| f64::from(i) / 3000.0).collect();
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("a pool").install(|| noise_floor(&p, 15, 8).to_bits())
        };
        assert_eq!(on(1), on(2));
    }
}
