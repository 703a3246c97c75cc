//! Percentile intervals of the figures, from rows drawn with replacement.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rayon::prelude::*;
use serde::Serialize;

use crate::numerics::quantiles;
use crate::summarize::RowSummaries;

use super::diagram::{MassEdges, WidthEdges};
use super::resample::DrawSums;
use super::{Outcome, RowsAt};

/// What stands beside every interval of this module, by what is drawn.
pub const BOOTSTRAP_METHOD: &str = "bootstrap over rows, percentiles";
/// See [`BOOTSTRAP_METHOD`].
pub const GROUP_BOOTSTRAP_METHOD: &str = "bootstrap over groups, percentiles";

/// See [`BOOTSTRAP_METHOD`]; of many rows, see [`lots`].
pub const LOT_BOOTSTRAP_METHOD: &str = "bootstrap over random lots of rows, percentiles";

/// From so many rows on they are drawn in lots, and so many lots there are.
const LOTS_FROM: usize = 1 << 17;
const N_LOTS: u32 = 1 << 15;

/// True if so many rows are drawn in lots.
pub fn is_in_lots(n_rows: usize) -> bool {
    n_rows >= LOTS_FROM
}

/// A lot for every row by chance, all lots of the same size give or take one row; `None` for fewer rows than are worth
/// it. `order` has the rows in an order that does not depend on where they lie, see [`RowSummaries::order`].
///
/// Rows that come into a lot by chance are independent, so that drawing lots gives the draws of a sum the variance that
/// drawing rows gives them, known from 32,768 lots to 0.8 %: less than a thousand draws can tell. It takes a fraction
/// of the time.
pub fn lots(order: &[u32], seed: u64) -> Option<Vec<u32>> {
    if !is_in_lots(order.len()) {
        return None;
    }
    let mut dealt: Vec<u32> = (0..N_LOTS).cycle().take(order.len()).collect();
    dealt.shuffle(&mut Pcg64::seed_from_u64(seed));
    let mut lots = vec![0; order.len()];
    for (row, lot) in order.iter().zip(dealt) {
        lots[*row as usize] = lot;
    }
    Some(lots)
}

/// What the interval of a change claims where every draw compares the same rows at the same two temperatures.
const PAIRED: &str = "paired; of the ECE about its value";

/// The same of the NLL where the figures after scaling are out of fold.
const PAIRED_AT_FITTED: &str = "paired; nll: of the temperature fitted on all rows, stretched to the out-of-fold value; ece: about its value";

/// Percentile intervals `[low, high]` of the figures of one temperature. `None` (JSON: null) where the figure
/// itself is not finite.
///
/// The bins of equal mass are those of all rows: a draw does not move their cuts.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Intervals {
    /// Of the share of rows that are right.
    pub accuracy: Option<[f64; 2]>,
    /// Of the mean largest probability.
    pub mean_confidence: Option<[f64; 2]>,
    /// Of the mean negative log-likelihood, in nats.
    pub nll: Option<[f64; 2]>,
    /// Of the mean Brier score.
    pub brier: Option<[f64; 2]>,
    /// Of the ECE with bins of equal width.
    pub ece: Option<[f64; 2]>,
    /// Of the ECE with bins of equal mass.
    pub ece_equal_mass: Option<[f64; 2]>,
}

/// A difference between the figures of the same rows, with its paired interval.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Difference {
    /// After minus before: negative is better. `None` if it is not finite.
    pub value: Option<f64>,
    /// Percentiles of the difference within each draw.
    pub interval: Option<[f64; 2]>,
}

/// What scaling brings.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Improvement {
    /// Mean negative log-likelihood, in nats.
    pub nll: Difference,
    /// ECE with bins of equal width.
    pub ece: Difference,
    /// What the intervals are of.
    pub method: &'static str,
}

/// The figures that are bootstrapped, of one temperature and one draw.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DrawFigures {
    /// Share of rows that are right.
    pub accuracy: f64,
    /// Mean largest probability.
    pub mean_confidence: f64,
    /// Mean negative log-likelihood, in nats; NaN if a row of all has an infinite one.
    pub nll: f64,
    /// Mean Brier score.
    pub brier: f64,
    /// ECE with bins of equal width.
    pub ece: f64,
    /// ECE with the bins of equal mass of all rows.
    pub ece_equal_mass: f64,
}

/// Columns of one temperature: hit, confidence, NLL, Brier, and probability minus outcome.
const N_COLUMNS: usize = 5;

/// The last of these.
const GAP: usize = 4;

/// Temperatures at most: before and after.
const MAX_SIDES: usize = 2;

/// Rows at one or two temperatures, ready to be drawn from: which columns to sum, and which rows share their
/// bins.
#[derive(Clone, PartialEq, Debug)]
pub struct FigureColumns {
    n_bins: usize,
    /// False where the NLL of a row that counts is infinite.
    finite_nll: Vec<bool>,
    /// Per cell, per temperature: the bin of equal width and the bin of equal mass.
    cells: Vec<Vec<[u32; 2]>>,
    /// True if rows have weights: the last column holds them, and every other is multiplied by them.
    is_weighted: bool,
}

impl FigureColumns {
    /// For `sides`, the same rows at one or two temperatures, with `n_bins` bins (at least 1): itself, the cell
    /// of every row, and the columns.
    pub fn new(
        rows: &RowSummaries,
        sides: &[&RowsAt],
        n_bins: usize,
    ) -> (Self, Vec<u32>, Vec<Vec<f64>>) {
        Self::of_sides((rows.len(), rows.n_classes()), sides, n_bins)
    }

    /// The same for `n_rows` rows of K classes.
    pub(super) fn of_sides(
        (n_rows, n_classes): (usize, usize),
        sides: &[&RowsAt],
        n_bins: usize,
    ) -> (Self, Vec<u32>, Vec<Vec<f64>>) {
        let headline = Outcome::headline(n_classes);
        let bins: Vec<Vec<[u32; 2]>> = sides.iter().map(|at| bins(at, headline, n_bins)).collect();
        let (cell_of, cells) = cells(n_rows, &bins);
        let this = Self {
            n_bins,
            finite_nll: sides.iter().map(|at| at.mean_nll().is_finite()).collect(),
            cells,
            is_weighted: sides.iter().any(|at| at.weights().is_some()),
        };
        let is_known = |idx: usize| sides.iter().all(|at| at.knows(idx));
        let known: Vec<bool> = (0..n_rows).map(is_known).collect();
        let mut all: Vec<Vec<f64>> = Vec::new();
        for at in sides {
            all.extend(columns(at, headline, &known));
        }
        if this.is_weighted {
            all.extend(sides.first().map(|at| at.weight.clone()));
        }
        (this, cell_of, all)
    }

    /// Number of cells.
    pub fn n_cells(&self) -> usize {
        self.cells.len()
    }

    /// Number of columns: those that follow belong to others.
    pub fn n_columns(&self) -> usize {
        self.finite_nll.len() * N_COLUMNS + usize::from(self.is_weighted)
    }

    /// What the rows of a draw count: their number, or the sum of their weights.
    pub fn mass(&self, sums: DrawSums<'_>) -> f64 {
        if self.is_weighted { sums.total(self.n_columns() - 1) } else { sums.n_rows() }
    }

    /// True for the columns whose sums within cells are needed; of the others, and of those that follow, totals do.
    pub fn is_by_cell(&self, column: usize) -> bool {
        column < self.finite_nll.len() * N_COLUMNS && column % N_COLUMNS == GAP
    }

    /// The figures of every side from the sums of a draw.
    pub fn figures(&self, sums: DrawSums<'_>) -> Vec<DrawFigures> {
        let n = self.mass(sums);
        let side = |side: usize| {
            let mean = |column: usize| sums.total(side * N_COLUMNS + column) / n;
            DrawFigures {
                accuracy: mean(0),
                mean_confidence: mean(1),
                nll: if self.finite_nll[side] { mean(2) } else { f64::NAN },
                brier: mean(3),
                ece: self.ece(sums, side, 0),
                ece_equal_mass: self.ece(sums, side, 1),
            }
        };
        (0..self.finite_nll.len()).map(side).collect()
    }

    /// Sum over bins of the absolute sum of probability minus outcome, over N.
    fn ece(&self, sums: DrawSums<'_>, side: usize, binning: usize) -> f64 {
        let mut gaps = vec![0.0; self.n_bins];
        for (cell, bins) in self.cells.iter().enumerate() {
            gaps[bins[side][binning] as usize] += sums.in_cell(cell, side * N_COLUMNS + GAP);
        }
        gaps.iter().map(|gap| gap.abs()).sum::<f64>() / self.mass(sums)
    }
}

impl Intervals {
    /// The percentile intervals at `level` of one temperature's `draws`.
    pub fn of(draws: &[DrawFigures], level: f64) -> Self {
        let of = |figure: fn(&DrawFigures) -> f64| {
            percentiles(&draws.iter().map(figure).collect::<Vec<f64>>(), level)
        };
        Self {
            accuracy: of(|d| d.accuracy),
            mean_confidence: of(|d| d.mean_confidence),
            nll: of(|d| d.nll),
            brier: of(|d| d.brier),
            ece: of(|d| d.ece),
            ece_equal_mass: of(|d| d.ece_equal_mass),
        }
    }
}

impl Improvement {
    /// From the figures of all rows (NLL and ECE), before and after, and the draws of both.
    pub fn of(
        [before, after]: [[f64; 2]; 2],
        draws: (&[DrawFigures], &[DrawFigures]),
        level: f64,
    ) -> Self {
        let differences = |figure: fn(&DrawFigures) -> f64| {
            let pairs = draws.0.iter().zip(draws.1);
            pairs.map(|(b, a)| figure(a) - figure(b)).collect::<Vec<f64>>()
        };
        let [nll, ece] = [0, 1].map(|of| after[of] - before[of]);
        Self {
            nll: Difference::of(nll, &differences(|d| d.nll), level),
            ece: Difference::of(ece, &about(ece, differences(|d| d.ece)), level),
            method: PAIRED,
        }
    }

    /// The same with an interval of the NLL for out-of-fold figures, from `changes`: the mean change of NLL in each
    /// draw when all rows are scaled by the one temperature T that was fitted on them.
    ///
    /// What it covers is R(T) - R(1), with R the NLL of new rows of the same kind and T held fixed: what shipping
    /// this T brings. To first order the mean change on the fitted rows misses that by (b - 1) times the mean slope
    /// of the NLL at the best b, and the draws have just this spread, so the interval covers it exactly when the
    /// interval of T covers the best temperature: for models that are calibrated already as for any other. Around the
    /// out-of-fold value it would not: that value moves, by one over N, with the way the rows fell into folds, and
    /// near a calibrated model the change itself is no larger. Where the value lies outside for that reason the
    /// interval is stretched to hold it.
    #[must_use]
    pub fn at_fitted_temperature(mut self, changes: &[f64], level: f64) -> Self {
        if let (Some(value), Some([low, high])) = (self.nll.value, percentiles(changes, level)) {
            self.nll.interval = Some([low.min(value), high.max(value)]);
            self.method = PAIRED_AT_FITTED;
        }
        self
    }
}

impl Difference {
    /// `value` with the percentiles of `draws`.
    pub(super) fn of(value: f64, draws: &[f64], level: f64) -> Self {
        Self { value: value.is_finite().then_some(value), interval: percentiles(draws, level) }
    }
}

/// Draws of a difference of two ECEs, moved so that their mean is `value`. Chance adds to an ECE, and drawing rows anew
/// adds it a second time, the more the better calibrated a model is: the draws lie beside the difference that so many
/// rows show, always to the disadvantage of the better model, and more rows do not help. Their spread is right.
pub(super) fn about(value: f64, mut draws: Vec<f64>) -> Vec<f64> {
    let shift = value - crate::numerics::mean(&draws);
    for draw in &mut draws {
        *draw += shift;
    }
    draws
}

/// The quantiles at (1 - `level`) / 2 from either end; `None` unless all `draws` are finite and there is one.
pub(super) fn percentiles(draws: &[f64], level: f64) -> Option<[f64; 2]> {
    if draws.is_empty() || !is_finite(draws) {
        return None;
    }
    let tail = (1.0 - level) / 2.0;
    let ends = quantiles(draws, &[tail, 1.0 - tail]);
    Some([ends[0], ends[1]])
}

fn is_finite(values: &[f64]) -> bool {
    values.iter().all(|value| value.is_finite())
}

/// The bin of equal width and the bin of equal mass of every row.
fn bins(at: &RowsAt, headline: Outcome, n_bins: usize) -> Vec<[u32; 2]> {
    let (probability, _) = headline.pairs(at);
    let (width, mass) = (WidthEdges::new(n_bins), MassEdges::new(probability, n_bins));
    #[expect(clippy::cast_possible_truncation, reason = "at most a thousand bins")]
    let both = |p: &f64| [width.bin_of(*p) as u32, mass.bin_of(*p) as u32];
    probability.iter().map(both).collect()
}

/// Rows that share all their bins, on all sides, form a cell: the cell of each row, and the bins of each cell.
fn cells(n_rows: usize, bins: &[Vec<[u32; 2]>]) -> (Vec<u32>, Vec<Vec<[u32; 2]>>) {
    let key = |row: usize| -> [[u32; 2]; MAX_SIDES] {
        std::array::from_fn(|side| bins.get(side).map_or([0; 2], |bins| bins[row]))
    };
    let keys: Vec<_> = (0..n_rows).into_par_iter().map(key).collect();
    let mut cells = keys.clone();
    cells.par_sort_unstable();
    cells.dedup();
    #[expect(clippy::cast_possible_truncation, reason = "no more cells than rows")]
    let cell = |key| cells.partition_point(|cell| cell < key) as u32;
    let cell_of = keys.par_iter().map(cell).collect();
    (cell_of, cells.iter().map(|cell| cell.to_vec()).collect())
}

/// `nll` as a column whose mean over a draw of rows is that of the rows where it is `known`, to first order in the draw:
/// the mean m for the others, and m + (nll - m) N / N' for these N' of N rows, by weight.
pub fn stretched(nll: &[f64], known: &[bool], weights: Option<&[f64]>) -> Vec<f64> {
    if known.iter().all(|known| *known) {
        return nll.to_vec();
    }
    let weight = |idx: usize| weights.map_or(1.0, |weights| weights[idx]);
    let (mut sum, mut of_known, mut of_all) = (0.0, 0.0, 0.0);
    for (idx, nll) in nll.iter().enumerate() {
        of_all += weight(idx);
        if known[idx] {
            of_known += weight(idx);
            sum += weight(idx) * nll;
        }
    }
    let mean = sum / of_known;
    let value = |(nll, known): (&f64, &bool)| match known {
        true => mean + (nll - mean) * of_all / of_known,
        false => mean,
    };
    nll.iter().zip(known).map(value).collect()
}

fn columns(at: &RowsAt, headline: Outcome, known: &[bool]) -> [Vec<f64>; N_COLUMNS] {
    let events = headline.events(at);
    let right = Outcome::TopClass.events(at);
    // An infinite NLL would make every sum infinite or, drawn zero times, NaN: the figure is undefined anyway.
    let finite = |nll: &f64| if nll.is_finite() { *nll } else { 0.0 };
    let gaps = (0..events.len()).map(|idx| events.probability[idx] - events.outcome(idx));
    let mut columns = [
        (0..right.len()).map(|idx| right.outcome(idx)).collect(),
        at.confidence.clone(),
        stretched(&at.nll, known, at.weights()).iter().map(finite).collect(),
        at.brier.clone(),
        gaps.collect::<Vec<f64>>(),
    ];
    if let Some(weights) = at.weights() {
        for column in &mut columns {
            for (value, weight) in column.iter_mut().zip(weights) {
                *value *= weight;
            }
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_go_with_rows_wherever_they_lie() {
        let n = u32::try_from(LOTS_FROM).expect("few") + 5;
        let as_given: Vec<u32> = (0..n).collect();
        let turned: Vec<u32> = (0..n).rev().collect();
        let lots_of = |order: &[u32]| lots(order, 3).expect("many rows");
        let mut moved = lots_of(&turned);
        moved.reverse();
        assert_eq!(moved, lots_of(&as_given));
        assert_ne!(moved, lots(&as_given, 4).expect("many rows"));
        assert_eq!(lots(&as_given[1..10], 3), None);
    }
}
