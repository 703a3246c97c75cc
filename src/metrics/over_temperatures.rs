//! NLL, ECE and Brier score over a grid of temperatures, in one go over the rows.

use std::ops::Range;

use rayon::prelude::*;

use crate::numerics::pairwise_sum;
use crate::summarize::{Grid, RowSummaries, RowSweep, RowView, Sweep, VisitRow};

use super::diagram::WidthEdges;
use super::{Outcome, RowsAt};

/// Units of parallel work, as a bound on the memory of partial sums. Fixed, so that sums do not depend on
/// threads.
const PARTS: usize = 64;

/// Rows of a unit at least.
const LEAST_ROWS: usize = 1024;

/// Confidences multiplied before a logarithm is taken: each is at least 1 / K, so that their product stays far
/// above the smallest f64.
const FACTORS: usize = 8;

/// Three curves over a [`Grid`], one value per inverse temperature in its order.
#[derive(Clone, PartialEq, Debug)]
pub struct OverTemperatures {
    /// Mean NLL, in nats.
    pub nll: Vec<f64>,
    /// ECE of the headline with bins of equal width.
    pub ece: Vec<f64>,
    /// Mean Brier score; NaN where soft labels are not kept with their scores.
    pub brier: Vec<f64>,
}

/// The curves of `rows` over `grid` with `n_bins` bins (at least 1). NaN without rows.
///
/// Where scores are kept the values are those of [`metrics`](super::metrics) to rounding; the ECE may differ by the
/// share of a row whose confidence lies on the edge of a bin to the last bit. Elsewhere they are as good as the nodes.
///
/// `keep_going` is asked now and then; `None` once it says no.
pub fn over_temperatures(
    rows: &RowSummaries,
    grid: Grid,
    n_bins: usize,
    keep_going: &(dyn Fn() -> bool + Sync),
) -> Option<OverTemperatures> {
    let sweep = Sweep::new(rows, grid);
    let edges = WidthEdges::new(n_bins);
    let n_part = rows.len().div_ceil(PARTS).max(LEAST_ROWS);
    let starts: Vec<usize> = (0..rows.len()).step_by(n_part).collect();
    let part = |start: &usize| {
        let range = *start..(start + n_part).min(rows.len());
        keep_going().then(|| Part::of(&sweep, &edges, range))
    };
    let parts: Vec<Part<'_>> = starts.par_iter().map(part).collect::<Option<_>>()?;
    let n = rows.weights().map_or(rows.len() as f64, |weights| pairwise_sum(&weights));
    let total = |value: &dyn Fn(&Part<'_>) -> f64| {
        pairwise_sum(&parts.iter().map(value).collect::<Vec<f64>>()) / n
    };
    let below = total(&|part| part.label_below);
    let share_known = total(&|part| part.known);
    let points = 0..grid.n_points();
    // As in `RowsAt`: of multi-label data the squared error of the label alone counts.
    let share = if rows.n_entries() > 1 { 0.5 } else { 1.0 };
    let ece = |p: usize| -> f64 {
        let gap = |bin| total(&|part| part.gaps[p * n_bins + bin]).abs();
        // Without rows every gap is 0 / 0.
        (0..n_bins).map(gap).sum()
    };
    Some(OverTemperatures {
        nll: points
            .clone()
            .map(|p| (total(&|part| part.log_z[p]) + grid.b(p) * below) / share_known)
            .collect(),
        ece: points.clone().map(ece).collect(),
        brier: match rows.soft() {
            Some(_) => points.map(|p| soft_brier(rows, grid.b(p))).collect(),
            None => points.map(|p| share * (total(&|part| part.brier[p]) + 1.0)).collect(),
        },
    })
}

/// Against the vectors that soft labels are, row by row: NaN where the rows do not keep their scores.
fn soft_brier(rows: &RowSummaries, b: f64) -> f64 {
    if rows.keeps_scores() {
        let at = RowsAt::new(rows, b);
        at.mean(&at.brier)
    } else {
        f64::NAN
    }
}

/// Sums over some rows.
struct Part<'a> {
    edges: &'a WidthEdges,
    headline: Outcome,
    octave: usize,
    /// True if rows have weights: then logarithms cannot wait for a product.
    is_weighted: bool,
    is_rounded: bool,
    /// Per point, of log Z, but for the confidences in `product`.
    log_z: Vec<f64>,
    /// Per point, the product of the last confidences.
    product: Vec<f64>,
    n_factors: usize,
    /// Per point, of sum p^2 - 2 `p_y`.
    brier: Vec<f64>,
    /// Per point and bin, of probability minus outcome.
    gaps: Vec<f64>,
    /// Of the largest score minus the label's.
    label_below: f64,
    /// Of the weights of rows whose NLL is known, see [`RowsAt::knows`].
    known: f64,
}

impl<'a> Part<'a> {
    fn of(sweep: &Sweep<'_>, edges: &'a WidthEdges, range: Range<usize>) -> Self {
        let n_points = sweep.grid().n_points();
        let mut part = Self {
            edges,
            headline: Outcome::headline(sweep.n_classes()),
            octave: sweep.grid().per_octave(),
            is_weighted: sweep.rows().carried().weights().is_some(),
            is_rounded: sweep.rows().recorded().is_rounded,
            log_z: vec![0.0; n_points],
            product: vec![1.0; n_points],
            n_factors: 0,
            brier: vec![0.0; n_points],
            gaps: vec![0.0; n_points * edges.n_bins()],
            label_below: 0.0,
            known: 0.0,
        };
        sweep.visit(range, &mut part);
        part.take_logarithms();
        part
    }

    #[inline(always)]
    fn add_gaps(&mut self, probability: impl Iterator<Item = f64>, (outcome, weight): (f64, f64)) {
        let points = self.gaps.chunks_exact_mut(self.edges.n_bins());
        for (gaps, p) in points.zip(probability) {
            gaps[self.edges.bin_of(p)] += weight * (p - outcome);
        }
    }

    /// Moves the logarithms of the products to the sums.
    fn take_logarithms(&mut self) {
        for (log_z, product) in self.log_z.iter_mut().zip(&mut self.product) {
            *log_z -= product.ln();
            *product = 1.0;
        }
        self.n_factors = 0;
    }
}

impl VisitRow for Part<'_> {
    #[inline(always)]
    fn row(&mut self, row: RowView<'_>, at: RowSweep<'_>) {
        let weight = row.weight();
        if weight <= 0.0 {
            return;
        }
        let doubled = &at.confidence[self.octave..];
        let columns = at.confidence.iter().zip(doubled).zip(at.label);
        for (brier, ((c, c_double), label)) in self.brier.iter_mut().zip(columns) {
            // sum p^2 = Z(2b) / Z(b)^2, where 1 / Z is the confidence.
            *brier += weight * (c * c / c_double - 2.0 * c * label);
        }
        match self.headline {
            Outcome::TopClass => {
                self.add_gaps(at.confidence.iter().copied(), (row.outcome(), weight));
            }
            Outcome::Positive => {
                let shares = at.confidence.iter().zip(at.positive);
                self.add_gaps(shares.map(|(c, share)| c * share), (row.positive_outcome(), weight));
            }
        }
        let below = row.label_below_max();
        if self.is_rounded && !below.is_finite() {
            return;
        }
        self.label_below += weight * below;
        self.known += weight;
        if self.is_weighted {
            for (log_z, c) in self.log_z.iter_mut().zip(at.confidence) {
                *log_z -= weight * c.ln();
            }
            return;
        }
        for (product, c) in self.product.iter_mut().zip(at.confidence) {
            *product *= c;
        }
        self.n_factors += 1;
        if self.n_factors == FACTORS {
            self.take_logarithms();
        }
    }
}
