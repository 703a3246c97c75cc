//! Rows whose labels are distributions y: what is kept of them beside the hard label's columns.
//!
//! The cross-entropy of a row is sum `y_k` (log Z - b `z_k`) = log Z - b `E_y[z]`: with `E_y[z]` in the place of the
//! label's score it is the NLL of a hard label, and so is everything that follows from the NLL: the fit, its errors, its
//! intervals. [`super::Columns::label_logit`] is that mean. What else is asked of the label (is it predicted, what is
//! its rank) is asked of its most probable class, the first one of several. The Brier score is that of the vector,
//! sum p^2 - 2 sum y p + sum y^2.

use rayon::prelude::*;

use crate::data::{Batch, SoftLabel, SoftLabels, Values, ValuesRef};
use crate::numerics::{Moments, Score, exp_nonpositive, weighted_moments};

use super::curve::Curves;
use super::rows::{NEAR, RowSummaries};

/// Rows per unit of parallel work, at least.
const LEAST_ROWS: usize = 64;

/// What is kept of the labels of all rows, each column of length N.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SoftRows {
    /// The score of the label's most probable class.
    pub(super) label_score: Vec<f64>,
    /// sum y^2.
    pub(super) squares: Vec<f64>,
    /// - sum y ln y, in nats.
    pub(super) entropy: Vec<f64>,
    /// Classes that are the most probable one.
    pub(super) n_largest: Vec<u32>,
    /// y of the predicted class; NaN where a file of summaries does not hold it.
    pub(super) predicted: Vec<f64>,
    /// N x K probabilities, row-major, where the scores are kept too; else empty.
    pub(super) probabilities: Vec<f64>,
}

/// What one row leaves.
struct Made {
    label_logit: f64,
    label_score: f64,
    squares: f64,
    entropy: f64,
    n_largest: u32,
    predicted: f64,
    /// At every exact column.
    moments: Vec<Moments>,
}

impl SoftRows {
    /// sum y^2 of every row, in [1 / K, 1].
    pub fn squares(&self) -> &[f64] {
        &self.squares
    }

    /// The entropy of every row's label, in nats: no prediction has a smaller cross-entropy.
    pub fn entropy(&self) -> &[f64] {
        &self.entropy
    }

    /// The label's probability of the predicted class of every row: how far the prediction is expected to be right. NaN
    /// where it is not known.
    pub fn predicted(&self) -> &[f64] {
        &self.predicted
    }

    /// The distribution that the label of row `idx` is, over `n_classes`; `None` where it is not kept.
    pub fn distribution(&self, idx: usize, n_classes: usize) -> Option<&[f64]> {
        self.probabilities.get(idx * n_classes..(idx + 1) * n_classes)
    }

    /// Rows of which several classes are the most probable one.
    pub fn n_tied(&self) -> usize {
        self.n_largest.iter().filter(|n| **n > 1).count()
    }

    /// Appends the rows of `other`.
    pub(super) fn append(&mut self, other: Self) {
        self.label_score.extend(other.label_score);
        self.squares.extend(other.squares);
        self.entropy.extend(other.entropy);
        self.n_largest.extend(other.n_largest);
        self.predicted.extend(other.predicted);
        self.probabilities.extend(other.probabilities);
    }

    fn push(&mut self, made: &Made) {
        self.label_score.push(made.label_score);
        self.squares.push(made.squares);
        self.entropy.push(made.entropy);
        self.n_largest.push(made.n_largest);
        self.predicted.push(made.predicted);
    }
}

/// Gives the rows from `first` on, which come from `batch`, the distributions that their labels are.
pub(super) fn soften(
    rows: &mut RowSummaries,
    first: usize,
    labels: &SoftLabels,
    batch: &Batch<'_>,
) {
    let bs = rows.exact_at();
    let one = |idx: usize| {
        let (label, row) = (labels.row(rows.source_row(idx)), rows.row(idx));
        let top = (row.max(), row.prediction() as usize);
        match scores_of(rows, idx, batch) {
            ValuesRef::F32(v) => made(v, label, top, &bs),
            ValuesRef::F64(v) => made(v, label, top, &bs),
        }
    };
    let all = (first..rows.len()).into_par_iter().with_min_len(LEAST_ROWS);
    let all: Vec<Made> = all.map(one).collect();
    let keeps_scores = rows.keeps_scores();
    let mut soft = rows.soft.take().unwrap_or_default();
    for (idx, made) in (first..).zip(&all) {
        rows.columns.label_logit[idx] = made.label_logit;
        soft.push(made);
        if keeps_scores {
            let label = labels.row(rows.source_row(idx));
            soft.probabilities.extend(label.probabilities());
        }
        for (column, moments) in rows.exact.iter_mut().zip(&made.moments) {
            column.label.push(*moments);
        }
    }
    rows.soft = Some(soft);
}

fn made<S: Score>(
    scores: &[S],
    label: SoftLabel<'_>,
    (max, prediction): (f64, usize),
    bs: &[f64],
) -> Made {
    let (class, n_largest) = label.most_probable();
    let pairs = || scores.iter().zip(label.probabilities());
    // A class of probability 0 may be absent: 0 * infinity is NaN.
    let below = pairs().filter(|(_, y)| *y > 0.0);
    let below: f64 = below.map(|(z, y)| y * (max - z.widen())).sum();
    Made {
        label_logit: max - below,
        label_score: scores[class].widen(),
        squares: label.squares(),
        entropy: label.entropy(),
        n_largest,
        predicted: label.probabilities().nth(prediction).unwrap_or(f64::NAN),
        moments: bs.iter().map(|b| label_moments(scores, label, max, *b)).collect(),
    }
}

/// The scores of row `idx`, which comes from `batch`.
fn scores_of<'a>(rows: &RowSummaries, idx: usize, batch: &Batch<'a>) -> ValuesRef<'a> {
    let (offset, k) = (rows.source_row(idx) - batch.first_row, batch.n_classes);
    batch.values.slice(offset * k, (offset + 1) * k)
}

/// [`label_moments`] of row `idx`, which comes from `batch`.
pub(super) fn label_moments_of(
    (rows, idx): (&RowSummaries, usize),
    labels: &SoftLabels,
    batch: &Batch<'_>,
    b: f64,
) -> Moments {
    let (label, max) = (labels.row(rows.source_row(idx)), rows.row(idx).max());
    match scores_of(rows, idx, batch) {
        ValuesRef::F32(v) => label_moments(v, label, max, b),
        ValuesRef::F64(v) => label_moments(v, label, max, b),
    }
}

/// The moments of log sum `y_k` exp(b `z_k`), relative to the largest score.
fn label_moments<S: Score>(scores: &[S], label: SoftLabel<'_>, max: f64, b: f64) -> Moments {
    weighted_moments(scores.iter().map(|z| z.widen()).zip(label.probabilities()), max, b)
}

impl RowSummaries {
    /// What is kept of labels that are distributions; `None` where every label is one class.
    pub fn soft(&self) -> Option<&SoftRows> {
        self.soft.as_ref()
    }

    /// sum `y_k p_k` of row `idx` at inverse temperature b, where p is softmax(b z) with `log_z` as in [`Moments`]: for
    /// a hard label its probability. NaN where it is not known: of soft labels of more than
    /// [`super::MAX_KEPT_CLASSES`] classes, far from every exact column.
    pub fn label_share(&self, idx: usize, b: f64, log_z: f64) -> f64 {
        let Some(soft) = &self.soft else {
            return exp_nonpositive(-(log_z + b * self.row(idx).label_below_max()));
        };
        let (k, max) = (self.n_classes, self.row(idx).max());
        let range = idx * k..(idx + 1) * k;
        match &self.curves {
            Curves::Rows(Values::F32(v)) => {
                share(&v[range.clone()], &soft.probabilities[range], (max, log_z), b)
            }
            Curves::Rows(Values::F64(v)) => {
                share(&v[range.clone()], &soft.probabilities[range], (max, log_z), b)
            }
            Curves::Nodes(..) => self.share_nearby(idx, b, log_z),
        }
    }

    fn share_nearby(&self, idx: usize, b: f64, log_z: f64) -> f64 {
        let nearest = self.nearest(b).filter(|(_, distance)| *distance <= NEAR);
        let moments = nearest.and_then(|(column, _)| Some((column.b, column.label.get(idx)?)));
        moments.map_or(f64::NAN, |(at, moments)| (moments.shifted(b - at).log_z - log_z).exp())
    }
}

/// sum y exp(b (z - max) - log Z).
fn share<S: Score>(scores: &[S], label: &[f64], (max, log_z): (f64, f64), b: f64) -> f64 {
    let live = scores.iter().zip(label).filter(|(_, y)| **y > 0.0);
    let terms = live.map(|(z, y)| y * exp_nonpositive(-(log_z + b * (max - z.widen()))));
    terms.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{BatchSource, Counted, Kind, Label, MemorySource};
    use crate::summarize::{exact, summarize};

    const N: usize = 90;

    fn scores(k: usize) -> Vec<f64> {
        (0..N * k).map(|i| (i * 7919 % 1009) as f64 / 97.0 - 5.0).collect()
    }

    /// Every fifth number is 0; rows add up to anything.
    fn labels(k: usize) -> Vec<f32> {
        let number = |i: usize| {
            if i.is_multiple_of(5) { 0.0 } else { (1 + i * 31 % 23) as f32 }
        };
        (0..N * k).map(number).collect()
    }

    fn source(k: usize) -> MemorySource {
        let label = |i: usize| match i % 17 {
            3 => Label::IGNORED,
            _ => Label::class(0).expect("small"),
        };
        let hard = (0..N).map(label).collect();
        let source = MemorySource::new(k, Kind::Logits, Values::F64(scores(k)), hard);
        let soft = SoftLabels::new(k, Values::F32(labels(k))).expect("whole rows");
        let source = source.expect("lengths agree").with_soft_labels(soft);
        source.expect("as many rows")
    }

    /// By the plain formulas: the cross-entropy and sum y p.
    fn plain(z: &[f64], y: &[f32], b: f64) -> (f64, f64) {
        let sum: f64 = y.iter().map(|y| f64::from(*y)).sum();
        let total: f64 = z.iter().map(|z| (b * z).exp()).sum();
        let pairs = || z.iter().zip(y).map(|(z, y)| (z, f64::from(*y) / sum));
        let nll = pairs().map(|(z, y)| y * (total.ln() - b * z)).sum();
        (nll, pairs().map(|(z, y)| y * (b * z).exp() / total).sum())
    }

    #[test]
    fn rows_say_what_the_plain_formulas_say() {
        for k in [2, 7, 60] {
            let (source, z, y) = (source(k), scores(k), labels(k));
            let mut rows = summarize(&source, 1.0, &mut |_| true).expect("in memory");
            if !rows.keeps_scores() {
                rows.add_exact(exact(&source, &rows, &[0.6], &mut |_| true).expect("in memory"));
            }
            assert_eq!(rows.soft().map(|soft| soft.entropy().len()), Some(rows.len()));
            for idx in 0..rows.len() {
                let row = usize::try_from(rows.columns().row[idx]).expect("small");
                let here = row * k..(row + 1) * k;
                for b in [1.0, 0.6, 0.601] {
                    let (nll, share) = plain(&z[here.clone()], &y[here.clone()], b);
                    let log_z = rows.row(idx).moments(b).at.log_z;
                    let got = log_z + b * rows.row(idx).label_below_max();
                    assert!((got - nll).abs() < 1e-8, "{got} {nll}");
                    assert!((rows.label_share(idx, b, log_z) - share).abs() < 1e-8);
                }
            }
        }
    }

    #[test]
    fn far_from_exact_columns_nothing_is_made_up() {
        let rows = summarize(&source(60), 1.0, &mut |_| true).expect("in memory");
        let log_z = rows.row(0).moments(3.0).at.log_z;
        assert!(rows.label_share(0, 3.0, log_z).is_nan());
    }

    #[test]
    fn batches_and_threads_change_no_bit() {
        for k in [7, 60] {
            let of = |source: &dyn BatchSource, threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                let rows = || summarize(source, 1.0, &mut |_| true).expect("in memory");
                pool.expect("a pool").install(rows)
            };
            let counted = Counted::new(source(k).in_batches_of(7));
            assert_eq!(of(&source(k), 1), of(&counted, 3));
        }
    }

    #[test]
    fn a_label_with_one_class_is_a_hard_label() {
        let k = 7;
        let hot: Vec<f64> = (0..N * k).map(|i| f64::from(u8::from(i % k == i / k % k))).collect();
        let class = |row: usize| Label::class(u32::try_from(row % k).expect("few")).expect("few");
        let hard =
            MemorySource::new(k, Kind::Logits, Values::F64(scores(k)), (0..N).map(class).collect());
        let hard = hard.expect("lengths agree");
        let soft = SoftLabels::new(k, Values::F64(hot)).expect("whole rows");
        let soft = hard.clone().with_soft_labels(soft).expect("as many");
        let of = |source| summarize(source, 1.0, &mut |_| true).expect("in memory");
        let (hard, soft) = (of(&hard), of(&soft));
        for idx in 0..N {
            let (a, b) = (hard.row(idx), soft.row(idx));
            assert_eq!((a.label(), a.is_correct()), (b.label(), b.is_correct()));
            assert!((a.label_below_max() - b.label_below_max()).abs() < 1e-14);
            assert!((a.true_class_margin() - b.true_class_margin()).abs() < 1e-14);
            let log_z = a.moments(0.7).at.log_z;
            let shares = [&hard, &soft].map(|rows| rows.label_share(idx, 0.7, log_z));
            assert!((shares[0] - shares[1]).abs() < 1e-14);
        }
    }
}
