//! One record per row: what every figure is computed from.

use std::sync::Arc;

use crate::data::{Label, Recorded};
use crate::numerics::{Moments, RowEnds, RowMoments, RowProfile, TOP};

use super::beside::Beside;
use super::curve::Curves;
use super::gather::Gathered;
use super::soft::SoftRows;

/// An exact column within this relative distance of b answers for b: the fourth-order error of the
/// Taylor step is then below 1e-14 of the spread.
const SAME: f64 = 1e-3;

/// Within this relative distance a Taylor step from an exact column is far better than the nodes
/// (1e-8 against 1e-4), though no longer exact.
pub(super) const NEAR: f64 = 0.03;

/// Rows that no figure describes, by reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// Rows whose label asks for it.
    pub ignored_label: u64,
    /// Rows with a NaN or infinite score.
    pub non_finite: u64,
}

impl LeftOut {
    /// Of these rows `n`, by reason; `None` if that is not known.
    pub(super) fn some(self, n: u64) -> Option<Self> {
        match self {
            _ if n == 0 => Some(Self::default()),
            _ if n == self.ignored_label + self.non_finite => Some(self),
            Self { non_finite: 0, .. } => Some(Self { ignored_label: n, ..Self::default() }),
            Self { ignored_label: 0, .. } => Some(Self { non_finite: n, ..Self::default() }),
            _ => None,
        }
    }
}

/// The temperature-free columns, each of length N.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Columns {
    /// 0-based row within the source.
    pub row: Vec<u64>,
    /// The label.
    pub label: Vec<Label>,
    /// The label's score, of a soft label the mean score under it; minus infinity where the label (or a class that a
    /// soft one counts on) has probability 0.
    pub label_logit: Vec<f64>,
    /// 1 + number of scores above the label's.
    pub label_rank: Vec<u32>,
    /// Largest scores with their class, see [`RowProfile::top`]; the first is the prediction.
    pub top: Vec<[(u32, f64); TOP]>,
    /// Classes that share the largest score.
    pub n_max: Vec<u32>,
    /// Classes present.
    pub n_present: Vec<u32>,
    /// Smallest score.
    pub min: Vec<f64>,
    /// Mean score.
    pub mean: Vec<f64>,
    /// Standard deviation of the scores.
    pub sd: Vec<f64>,
    /// Euclidean norm of the scores.
    pub norm: Vec<f64>,
}

impl Columns {
    pub(super) fn with_capacity(n: usize) -> Self {
        Self {
            row: Vec::with_capacity(n),
            label: Vec::with_capacity(n),
            label_logit: Vec::with_capacity(n),
            label_rank: Vec::with_capacity(n),
            top: Vec::with_capacity(n),
            n_max: Vec::with_capacity(n),
            n_present: Vec::with_capacity(n),
            min: Vec::with_capacity(n),
            mean: Vec::with_capacity(n),
            sd: Vec::with_capacity(n),
            norm: Vec::with_capacity(n),
        }
    }

    /// Appends a row. `label_logit` and `label_rank` belong to its label.
    pub(super) fn push(
        &mut self,
        row: u64,
        (label, label_logit, label_rank): (Label, f64, u32),
        profile: &RowProfile,
    ) {
        self.row.push(row);
        self.label.push(label);
        self.label_logit.push(label_logit);
        self.label_rank.push(label_rank);
        self.top.push(profile.top);
        self.n_max.push(profile.n_max);
        self.n_present.push(profile.n_present);
        self.min.push(profile.min);
        self.mean.push(profile.mean);
        self.sd.push(profile.sd);
        self.norm.push(profile.norm);
    }

    /// Appends all rows of `other`.
    pub(super) fn append(&mut self, mut other: Self) {
        self.row.append(&mut other.row);
        self.label.append(&mut other.label);
        self.label_logit.append(&mut other.label_logit);
        self.label_rank.append(&mut other.label_rank);
        self.top.append(&mut other.top);
        self.n_max.append(&mut other.n_max);
        self.n_present.append(&mut other.n_present);
        self.min.append(&mut other.min);
        self.mean.append(&mut other.mean);
        self.sd.append(&mut other.sd);
        self.norm.append(&mut other.norm);
    }
}

/// Moments of every row at one inverse temperature, computed in f64 from the scores.
#[derive(Clone, PartialEq, Debug)]
pub struct ExactColumn {
    /// The inverse temperature.
    pub b: f64,
    /// One entry per row.
    pub moments: Vec<RowMoments>,
    /// Where labels are soft, one entry per row: of log sum `y_k` exp(b `z_k`), see [`super::SoftRows`]. Else empty.
    pub label: Vec<Moments>,
}

/// Everything that is kept of N rows: temperature-free columns, a curve in b per row, and exact columns
/// where an exact pass was made.
///
/// Two are equal if their rows are, whatever was gathered beside them.
#[derive(Clone, Debug)]
pub struct RowSummaries {
    pub(super) n_classes: usize,
    /// What the scores were.
    pub(super) recorded: Recorded,
    pub(super) columns: Columns,
    pub(super) curves: Curves,
    pub(super) exact: Vec<ExactColumn>,
    pub(super) left_out: LeftOut,
    pub(super) beside: Beside,
    /// What is kept of labels that are distributions.
    pub(super) soft: Option<SoftRows>,
    /// For the diagnosis; `None` where the logits were not at hand, or not all of their rows.
    pub(super) gathered: Option<Arc<Gathered>>,
    /// A hash of each row, where these are some of the rows of a file: nothing else that was gathered is known of them.
    pub(super) some_hashes: Option<Arc<[u64]>>,
}

impl PartialEq for RowSummaries {
    fn eq(&self, other: &Self) -> bool {
        self.n_classes == other.n_classes
            && self.recorded == other.recorded
            && self.columns == other.columns
            && self.curves == other.curves
            && self.exact == other.exact
            && self.left_out == other.left_out
            && self.beside == other.beside
            && self.soft == other.soft
    }
}

/// One row of [`RowSummaries`].
#[derive(Clone, Copy, Debug)]
pub struct RowView<'a> {
    rows: &'a RowSummaries,
    idx: usize,
}

impl RowSummaries {
    /// N, the rows that figures describe.
    pub fn len(&self) -> usize {
        self.columns.row.len()
    }

    /// True if no row is usable.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// K.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// What the scores were before they became logits.
    pub fn recorded(&self) -> Recorded {
        self.recorded
    }

    /// Rows whose label has a probability of 0.
    pub fn n_impossible(&self) -> usize {
        let label_logits = self.columns.label_logit.iter();
        label_logits.filter(|z| !z.is_finite()).count()
    }

    /// The temperature-free columns.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// What was gathered for the diagnosis while the logits were read; `None` where they were not at hand, or not
    /// all of their rows.
    pub fn gathered(&self) -> Option<&Gathered> {
        self.gathered.as_deref()
    }

    /// Rows that were read and left out.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }

    /// True if some row has fewer than K classes.
    pub fn has_absent_classes(&self) -> bool {
        let n_present = self.columns.n_present.iter();
        n_present.map(|n| *n as usize).any(|n| n < self.n_classes)
    }

    /// True if every temperature is exact without another pass.
    #[inline(always)]
    pub fn keeps_scores(&self) -> bool {
        matches!(self.curves, Curves::Rows(_))
    }

    /// Row `idx`, counted among the usable rows.
    #[inline(always)]
    pub fn row(&self, idx: usize) -> RowView<'_> {
        RowView { rows: self, idx }
    }

    /// True if figures at b need no interpolation.
    pub fn is_exact_at(&self, b: f64) -> bool {
        self.keeps_scores() || self.nearest(b).is_some_and(|(_, distance)| distance <= SAME)
    }

    /// True if moments at b come from the scores or by a Taylor step from an exact column, and not from the
    /// nodes: they are then good to 1e-8.
    pub fn is_near_exact(&self, b: f64) -> bool {
        self.keeps_scores() || self.nearest(b).is_some_and(|(_, distance)| distance <= NEAR)
    }

    /// Adds exact columns, each of length N.
    ///
    /// # Panics
    /// If a column has another length: it belongs to other rows.
    pub fn add_exact(&mut self, columns: Vec<ExactColumn>) {
        for column in columns {
            assert_eq!(column.moments.len(), self.len(), "an exact column of other rows");
            self.exact.retain(|kept| (kept.b / column.b).ln().abs() > SAME * 1e-3);
            self.exact.push(column);
        }
    }

    #[inline(always)]
    pub(super) fn nearest(&self, b: f64) -> Option<(&ExactColumn, f64)> {
        let with_distance = self.exact.iter().map(|column| (column, (b / column.b).ln().abs()));
        with_distance.min_by(|x, y| x.1.total_cmp(&y.1))
    }

    /// Moments of row `idx` at inverse temperature b: from the scores, from an exact column nearby, or
    /// from the nodes.
    #[inline(always)]
    pub(crate) fn moments(&self, idx: usize, b: f64) -> RowMoments {
        if !self.keeps_scores()
            && let Some((column, distance)) = self.nearest(b)
            && distance <= NEAR
        {
            return column.moments[idx].shifted(b - column.b);
        }
        self.curves.at(idx, self.n_classes, &self.row(idx).ends(), b).0
    }
}

impl RowView<'_> {
    /// What the row counts, see [`RowSummaries::weight`].
    #[inline(always)]
    pub fn weight(&self) -> f64 {
        self.rows.weight(self.idx)
    }

    /// Largest score.
    #[inline(always)]
    pub fn max(&self) -> f64 {
        self.rows.columns.top[self.idx][0].1
    }

    /// The first class with the largest score.
    pub fn prediction(&self) -> u32 {
        self.rows.columns.top[self.idx][0].0
    }

    /// Largest minus second largest score; 0 on a tie, infinity if only one class is present.
    pub fn margin(&self) -> f64 {
        let top = &self.rows.columns.top[self.idx];
        top[0].1 - top[1].1
    }

    /// The label's class. Rows without a label are not kept.
    pub fn label(&self) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "a label is stored in 32 bits")]
        self.rows.columns.label[self.idx].index().map_or(u32::MAX, |idx| idx as u32)
    }

    /// True if the prediction is the label.
    pub fn is_correct(&self) -> bool {
        self.prediction() == self.label()
    }

    /// 1 if the prediction is the label, else 0; of a soft label its probability of the prediction, see
    /// [`super::SoftRows::predicted`].
    pub fn outcome(&self) -> f64 {
        let hard = || f64::from(u8::from(self.is_correct()));
        let soft = self.rows.soft.as_ref();
        soft.map_or_else(hard, |soft| soft.predicted[self.idx])
    }

    /// The same of class 1 in place of the prediction, of two classes.
    pub fn positive_outcome(&self) -> f64 {
        let hard = || f64::from(u8::from(self.label() == 1));
        let soft = self.rows.soft.as_ref();
        soft.map_or_else(hard, |soft| match self.prediction() {
            1 => soft.predicted[self.idx],
            _ => 1.0 - soft.predicted[self.idx],
        })
    }

    /// The score of the label's class, of a soft label that of its most probable class.
    pub fn label_score(&self) -> f64 {
        let soft = self.rows.soft.as_ref();
        let hard = || self.rows.columns.label_logit[self.idx];
        soft.map_or_else(hard, |soft| soft.label_score[self.idx])
    }

    /// max minus the label's score (of a soft label the mean score under it): 0 where the label ties for the top;
    /// infinite for a label of probability 0.
    pub fn label_below_max(&self) -> f64 {
        self.max() - self.rows.columns.label_logit[self.idx]
    }

    /// The score of the label's class minus the largest other one.
    pub fn true_class_margin(&self) -> f64 {
        if self.is_correct() { self.margin() } else { self.label_score() - self.max() }
    }

    /// max minus mean score.
    #[inline(always)]
    pub fn mean_below_max(&self) -> f64 {
        self.max() - self.rows.columns.mean[self.idx]
    }

    #[inline(always)]
    pub(super) fn ends(&self) -> RowEnds {
        let columns = &self.rows.columns;
        let sd = columns.sd[self.idx];
        RowEnds {
            n_max: f64::from(columns.n_max[self.idx]),
            n_present: f64::from(columns.n_present[self.idx]),
            mean_below_max: self.mean_below_max(),
            variance: sd * sd,
        }
    }

    /// Moments at inverse temperature b; see [`RowSummaries::is_exact_at`].
    #[inline(always)]
    pub fn moments(&self, b: f64) -> RowMoments {
        self.rows.moments(self.idx, b)
    }
}
