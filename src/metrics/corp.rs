//! CORP: the reliability curve without bins, and the decomposition of the Brier score it gives
//! (Dimitriadis, Gneiting & Jordan 2021).

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use super::SortedByConfidence;
use crate::numerics::{IsotonicBlock, isotonic, pairwise_sum, quantiles};

/// Rows at either end of the order that a draw keeps apart.
const FINE: usize = 512;

/// Cells between, at most.
const COARSE: usize = 4096;

/// The mean Brier score (probability - hit)^2 of the event, taken apart: score = miscalibration -
/// discrimination + uncertainty. All are at least 0 but for rounding, and NaN without rows.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Corp {
    /// What recalibration by isotonic regression would gain.
    pub miscalibration: f64,
    /// What the recalibrated probabilities gain over the base rate.
    pub discrimination: f64,
    /// The score of the base rate.
    pub uncertainty: f64,
}

/// One step of the CORP reliability curve: rows whose probabilities the isotonic fit gives one rate.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct CorpStep {
    /// Least probability of the step.
    pub low: f64,
    /// Largest probability of the step.
    pub high: f64,
    /// Rows.
    pub count: u64,
    /// Share of them whose event happened: the recalibrated probability; strictly increasing.
    pub accuracy: f64,
}

/// What to draw a consistency band with.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct BandOptions {
    /// Data sets to draw, at least 1.
    pub n_draws: usize,
    /// Share of draws inside the band at each of its points, such as 0.95.
    pub level: f64,
    /// Points, at least 2, at equal steps of rank.
    pub n_points: usize,
    /// Seed of the draws.
    pub seed: u64,
}

/// Where the CORP curve of a calibrated model would lie, pointwise.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct CorpBand {
    /// Probabilities, ascending and different.
    pub probability: Vec<f64>,
    /// Lower end at each of them.
    pub low: Vec<f64>,
    /// Upper end.
    pub high: Vec<f64>,
}

/// The isotonic regression of hit on probability, ties pooled.
fn recalibrate(rows: &SortedByConfidence) -> Vec<IsotonicBlock> {
    let mut blocks = Vec::new();
    let items = rows.groups().map(|group| (group.hit_weight, group.weight));
    isotonic(items, &mut blocks);
    blocks
}

/// The decomposition of the event's Brier score.
pub fn corp(rows: &SortedByConfidence) -> Corp {
    let (n, hits) = (rows.total_weight(), rows.hit_weight_of_least(rows.len()));
    let squares = |group: super::TieGroup| {
        let (c, weight, hits) = (group.probability, group.weight, group.hit_weight);
        (weight - hits) * c * c + hits * (1.0 - c) * (1.0 - c)
    };
    let as_given = pairwise_sum(&rows.groups().map(squares).collect::<Vec<_>>()) / n;
    // Within a block of rate v the squared errors add up to hits (1 - v).
    let within = |block: &IsotonicBlock| block.sum * (1.0 - block.value());
    let recalibrated = recalibrate(rows).iter().map(within).sum::<f64>() / n;
    let base_rate = hits / n * (1.0 - hits / n);
    Corp {
        miscalibration: as_given - recalibrated,
        discrimination: base_rate - recalibrated,
        uncertainty: base_rate,
    }
}

/// The steps of the reliability curve, from the least probability up; none without rows.
pub fn corp_curve(rows: &SortedByConfidence) -> Vec<CorpStep> {
    let mut start = 0;
    let mut step = |block: &IsotonicBlock| {
        let (first, last) = (rows.group(start), rows.group(block.end - 1));
        start = block.end;
        CorpStep {
            low: first.probability,
            high: last.probability,
            count: (last.end - first.start) as u64,
            accuracy: block.value(),
        }
    };
    recalibrate(rows).iter().map(&mut step).collect()
}

/// Pointwise band of the curve under calibration: hits are redrawn from the probabilities themselves, which
/// stay as they are, and the curve is fitted anew, `n_draws` times; of more than 4096 rows neighbours are
/// pooled before the fit, except at either end. A curve that leaves it at a given point does so by chance in a
/// share 1 - level of calibrated models. Each draw has a generator of its own, so that the band depends on the
/// seed alone. Empty without rows.
pub fn corp_band(rows: &SortedByConfidence, options: &BandOptions) -> CorpBand {
    let at = band_points(rows, options.n_points);
    let band = Band {
        thresholds: rows.probabilities().iter().map(|p| threshold(*p)).collect(),
        weights: rows.is_weighted().then(|| (0..rows.len()).map(|row| rows.weight(row)).collect()),
        ends: cells(rows),
        ranks: at.iter().map(|idx| rows.group(*idx).start).collect(),
    };
    let draws: Vec<Vec<f64>> = (0..options.n_draws as u64)
        .into_par_iter()
        .map_init(Vec::new, |blocks, draw| {
            band.draw(Pcg64::seed_from_u64(options.seed.wrapping_add(draw << 32)), blocks)
        })
        .collect();
    let tail = (1.0 - options.level) / 2.0;
    let ends = |point: usize| {
        let values: Vec<f64> = draws.iter().map(|d| d[point]).collect();
        quantiles(&values, &[tail, 1.0 - tail])
    };
    let ends: Vec<Vec<f64>> = (0..at.len()).map(ends).collect();
    CorpBand {
        probability: at.iter().map(|idx| rows.group(*idx).probability).collect(),
        low: ends.iter().map(|ends| ends[0]).collect(),
        high: ends.iter().map(|ends| ends[1]).collect(),
    }
}

/// The groups that hold the rows at equal steps of rank, each once.
fn band_points(rows: &SortedByConfidence, n_points: usize) -> Vec<usize> {
    let Some(last) = rows.len().checked_sub(1) else {
        return Vec::new();
    };
    let steps = n_points.max(2) - 1;
    let ends: Vec<usize> = rows.groups().map(|group| group.end).collect();
    let mut at: Vec<usize> =
        (0..=steps).map(|i| ends.partition_point(|end| *end <= last * i / steps)).collect();
    at.dedup();
    at
}

/// The number that a uniform 32-bit draw must stay below for the event to happen.
fn threshold(p: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "p in [0, 1], so the product is in 0..=2^32"
    )]
    let threshold = (p * 4_294_967_296.0).round() as u64;
    threshold
}

/// Where the cells end that a draw is fitted to: the groups themselves up to `FINE` rows from either end, and
/// groups put together to about N / `COARSE` rows between. The steps of a fit to N rows are about N^(2/3) rows
/// long there, so that pooling a few neighbours beforehand moves nothing that shows; at the ends, where single
/// rows are steps, nothing is pooled.
fn cells(rows: &SortedByConfidence) -> Vec<usize> {
    let (n, least) = (rows.len(), rows.len() / COARSE);
    let mut ends = Vec::new();
    let mut start = 0;
    for group in rows.groups() {
        let is_fine = group.end <= FINE || n - group.start <= FINE;
        if is_fine && start < group.start {
            ends.push(group.start);
            start = group.start;
        }
        if is_fine || group.end - start >= least {
            ends.push(group.end);
            start = group.end;
        }
    }
    if start < n {
        ends.push(n);
    }
    ends
}

/// What all draws of a band share.
struct Band {
    /// Of each row, see [`threshold`].
    thresholds: Vec<u64>,
    /// Of each row; `None` where all count the same.
    weights: Option<Vec<f64>>,
    /// Where the cells end.
    ends: Vec<usize>,
    /// Rows at which the curve is read, ascending.
    ranks: Vec<usize>,
}

impl Band {
    /// The fitted rates at the ranks for hits that `random` draws.
    fn draw(&self, mut random: Pcg64, blocks: &mut Vec<IsotonicBlock>) -> Vec<f64> {
        let mut start = 0;
        let items = self.ends.iter().map(|&end| {
            let (here, thresholds) = (start..end, &self.thresholds[start..end]);
            start = end;
            match &self.weights {
                None => (hits(thresholds, &mut random) as f64, thresholds.len() as f64),
                Some(weights) => weighted_hits(thresholds, &weights[here], &mut random),
            }
        });
        isotonic(items, blocks);
        let cell = |rank: &usize| self.ends.partition_point(|end| end <= rank);
        let block = |cell: usize| blocks.partition_point(|block| block.end <= cell);
        let value = |rank: &usize| blocks[block(cell(rank))].value();
        self.ranks.iter().map(value).collect()
    }
}

/// How many rows of these thresholds a draw makes hits.
fn hits(thresholds: &[u64], random: &mut Pcg64) -> u64 {
    let both = |pair: &[u64]| {
        let bits = random.next_u64();
        let halves = [bits & 0xffff_ffff, bits >> 32];
        let drawn = pair.iter().zip(halves);
        drawn.map(|(threshold, half)| u64::from(half < *threshold)).sum::<u64>()
    };
    thresholds.chunks(2).map(both).sum()
}

/// What the rows count that a draw makes hits, and what all of them do.
fn weighted_hits(thresholds: &[u64], weights: &[f64], random: &mut Pcg64) -> (f64, f64) {
    let mut sums = (0.0, 0.0);
    for (threshold, weight) in thresholds.iter().zip(weights) {
        let is_hit = (random.next_u64() >> 32) < *threshold;
        sums.0 += if is_hit { *weight } else { 0.0 };
        sums.1 += weight;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_decomposition_by_hand() {
        // The example in the documentation of model-diagnostics, moved into [0, 1].
        let rows = SortedByConfidence::new(&[0.0, 0.5, 0.5, 1.0], &[false, false, true, true]);
        let got = corp(&rows);
        assert!(got.miscalibration.abs() < 1e-15 && (got.discrimination - 0.125).abs() < 1e-15);
        assert!((got.uncertainty - 0.25).abs() < 1e-15);
        let rates: Vec<f64> = corp_curve(&rows).iter().map(|step| step.accuracy).collect();
        assert_eq!(rates, [0.0, 0.5, 1.0]);
    }

    #[test]
    fn no_row() {
        let rows = SortedByConfidence::new(&[], &[]);
        assert!(corp(&rows).miscalibration.is_nan() && corp_curve(&rows).is_empty());
        let options = BandOptions { n_draws: 3, level: 0.9, n_points: 5, seed: 1 };
        assert!(corp_band(&rows, &options).probability.is_empty());
    }

    /// A calibrated sample: p on a grid, hits by a fixed low-discrepancy sequence.
    fn calibrated(n: u32) -> SortedByConfidence {
        let p: Vec<f64> = (0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n)).collect();
        let hit: Vec<bool> = (0..n)
            .map(|i| (f64::from(i) * 0.618_033_988_749_895).fract() < p[i as usize])
            .collect();
        SortedByConfidence::new(&p, &hit)
    }

    #[test]
    fn the_band_depends_on_the_seed_alone_and_holds_what_it_says() {
        let rows = calibrated(20_000);
        let options = BandOptions { n_draws: 400, level: 0.9, n_points: 21, seed: 7 };
        let band = corp_band(&rows, &options);
        assert_eq!(band, corp_band(&rows, &options), "the same seed, the same band");
        // Curves of other calibrated data sets lie inside in 90 % of cases, away from the ends, where a curve
        // is 0 or 1 as a rule and the band has no width.
        let at = band_points(&rows, options.n_points);
        let fresh = Band {
            thresholds: rows.probabilities().iter().map(|p| threshold(*p)).collect(),
            weights: None,
            ends: rows.groups().map(|group| group.end).collect(),
            ranks: at.iter().map(|idx| rows.group(*idx).start).collect(),
        };
        let (mut inside, mut of) = (0u32, 0u32);
        for draw in 0..300 {
            let curve = fresh.draw(Pcg64::seed_from_u64(1_000_000 + draw), &mut Vec::new());
            for (i, value) in curve.iter().enumerate().take(19).skip(2) {
                inside += u32::from((band.low[i]..=band.high[i]).contains(value));
                of += 1;
            }
        }
        let share = f64::from(inside) / f64::from(of);
        assert!((share - 0.9).abs() < 0.025, "{share}");
    }

    #[test]
    fn cells_end_between_groups_and_are_fine_at_the_ends() {
        let p: Vec<f64> = (0..40_000).map(|i| f64::from(i / 3) / 14_000.0).collect();
        let rows = SortedByConfidence::new(&p, &vec![true; p.len()]);
        let ends = cells(&rows);
        assert!(ends.is_sorted() && ends.last() == Some(&p.len()));
        assert!(ends.iter().all(|end| *end == p.len() || end % 3 == 0), "no group is parted");
        assert_eq!(ends[..5], [3, 6, 9, 12, 15]);
        assert!(
            ends[ends.len() / 2] - ends[ends.len() / 2 - 1] >= 9 && ends.len() < COARSE + 2 * FINE
        );
    }

    proptest! {
        #[test]
        fn the_parts_add_up_to_the_score(
            rows in proptest::collection::vec((0u8..=20, any::<bool>()), 1..60),
        ) {
            let p: Vec<f64> = rows.iter().map(|r| f64::from(r.0) / 20.0).collect();
            let hit: Vec<bool> = rows.iter().map(|r| r.1).collect();
            let got = corp(&SortedByConfidence::new(&p, &hit));
            let score = p.iter().zip(&hit).map(|(p, h)| (p - f64::from(u8::from(*h))).powi(2)).sum::<f64>()
                / p.len() as f64;
            prop_assert!((got.miscalibration - got.discrimination + got.uncertainty - score).abs() < 1e-14);
            prop_assert!(got.miscalibration > -1e-14 && got.discrimination > -1e-14);
        }
    }
}
