//! Multi-label data, label by label: is the model right about each, and does each want a temperature of its own?

use rayon::prelude::*;
use serde::Serialize;

use crate::fit::{TemperatureFit, Verdict, fit_folds, fit_groups};
use crate::metrics::{Metrics, RowsAt, metrics};
use crate::numerics::mean;
use crate::summarize::RowSummaries;

use super::verdict::{hold_one_class, verdict};
use super::{Analysis, AnalysisOptions, EvaluatedOn, JudgedAt};

/// What is said of the labels one by one.
#[derive(Clone, PartialEq, Debug)]
pub struct MultiLabel {
    /// One entry for each label, in the order of the scores.
    pub labels: Vec<LabelFigures>,
    /// Stored rows of which every label that is there is predicted right, as a share of all with one, in [0, 1]. The
    /// same at every temperature.
    pub exact_match: f64,
    /// Means over the labels at T = 1.
    pub mean_before: LabelMeans,
    /// The same after scaling by the one temperature.
    pub mean_after: Option<LabelMeans>,
    /// The same after scaling each label by its own temperature, where every label that has evaluated rows has one.
    pub mean_after_own: Option<LabelMeans>,
}

/// One label as a binary question.
#[derive(Clone, PartialEq, Debug)]
pub struct LabelFigures {
    /// Evaluated rows.
    pub count: usize,
    /// Those that have the label.
    pub positives: usize,
    /// The label's own temperature, from the rows that T was fitted on.
    pub fit: TemperatureFit,
    /// At T = 1. `ece` and `mce` read the probability of the label against its rate.
    pub before: Metrics,
    /// After scaling by the one temperature of all labels, judged as the headline is.
    pub after: Option<Metrics>,
    /// After scaling by the label's own temperature.
    pub after_own: Option<Metrics>,
    /// What `after_own` was computed on: out of fold as a rule, in sample where a fold has no temperature.
    pub own_evaluated_on: EvaluatedOn,
}

/// Means over labels, every label counting the same. NaN (JSON: null) where one is undefined.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct LabelMeans {
    /// Of `accuracy`.
    pub accuracy: f64,
    /// Of `nll`, in nats.
    pub nll: f64,
    /// Of `brier`, in [0, 1].
    pub brier: f64,
    /// Of `ece`.
    pub ece: f64,
    /// Of `ece_equal_mass`.
    pub ece_equal_mass: f64,
    /// Of `mce`.
    pub mce: f64,
}

/// For what [`super::analyze`] made of the same rows with the same options; `None` unless the data is multi-label.
pub fn labels(
    fit_rows: &RowSummaries,
    test_rows: Option<&RowSummaries>,
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Option<MultiLabel> {
    let rows = test_rows.unwrap_or(fit_rows);
    let n_labels = rows.n_entries();
    if n_labels < 2 {
        return None;
    }
    let judged = JudgedAt::new(rows, analysis, options);
    let after = judged.map(|judged| RowsAt::each(rows, |idx| judged.inverse_temperature(idx)));
    let fitted = members(fit_rows, n_labels);
    let start = analysis.fit.inverse_temperature.unwrap_or(1.0);
    let mut fits = fit_groups(fit_rows, &fitted, start, options.level);
    for (fit, members) in fits.iter_mut().zip(&fitted) {
        if hold_one_class(fit_rows, members.iter().map(|idx| *idx as usize)) {
            fit.verdict = Verdict::Undetermined;
        }
    }
    let evaluated = test_rows.map(|rows| members(rows, n_labels));
    let shared = Shared {
        rows,
        before: RowsAt::new(rows, 1.0),
        after,
        is_test: test_rows.is_some(),
        options,
    };
    let all = evaluated.as_ref().unwrap_or(&fitted);
    let labels: Vec<LabelFigures> =
        all.par_iter().zip(fits).map(|(members, fit)| shared.label(members, fit)).collect();
    let seen = || labels.iter().filter(|label| label.count > 0);
    let means = |of: fn(&LabelFigures) -> Option<&Metrics>| {
        let each: Option<Vec<&Metrics>> = seen().map(of).collect();
        each.map(|each| LabelMeans::of(&each))
    };
    Some(MultiLabel {
        exact_match: exact_match(rows, &shared.before),
        mean_before: LabelMeans::of(&seen().map(|label| &label.before).collect::<Vec<_>>()),
        mean_after: means(|label| label.after.as_ref()),
        mean_after_own: means(|label| label.after_own.as_ref()),
        labels,
    })
}

/// The rows of each label.
fn members(rows: &RowSummaries, n_labels: usize) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); n_labels];
    for (idx, number) in (0..rows.len()).zip(0u32..) {
        members[rows.entry(idx)].push(number);
    }
    members
}

/// What the figures of all labels are made from.
struct Shared<'a> {
    rows: &'a RowSummaries,
    before: RowsAt,
    after: Option<RowsAt>,
    is_test: bool,
    options: &'a AnalysisOptions,
}

impl Shared<'_> {
    fn label(&self, members: &[u32], mut fit: TemperatureFit) -> LabelFigures {
        let rows = self.rows.select(members);
        let of = |at: &RowsAt| metrics(&rows, &at.select(members), self.options.n_bins);
        let (before, at_one) = (of(&self.before), self.before.select(members));
        fit.verdict = verdict(&fit, (&rows, &at_one), before.ece, self.options);
        let own = fit.inverse_temperature.map(|b| self.own(&rows, b));
        let own_evaluated_on = own.as_ref().map_or(EvaluatedOn::InSample, |own| own.1);
        let is_positive = |label: &&crate::data::Label| label.index() == Some(1);
        LabelFigures {
            count: rows.len(),
            positives: rows.columns().label.iter().filter(is_positive).count(),
            fit,
            before,
            after: self.after.as_ref().map(of),
            after_own: own.map(|own| metrics(&rows, &own.0, self.options.n_bins)),
            own_evaluated_on,
        }
    }

    /// The rows of one label at its own temperature, honestly where that can be.
    fn own(&self, rows: &RowSummaries, b: f64) -> (RowsAt, EvaluatedOn) {
        if self.is_test {
            return (RowsAt::new(rows, b), EvaluatedOn::Test);
        }
        let folds = fit_folds(rows, self.options.n_folds, self.options.seed, b);
        let folds = folds.and_then(|(fold_of, fits)| {
            Some((fold_of, fits.into_iter().collect::<Option<Vec<f64>>>()?))
        });
        match folds {
            Some((fold_of, bs)) => {
                (RowsAt::each(rows, |idx| bs[fold_of[idx] as usize]), EvaluatedOn::OutOfFold)
            }
            None => (RowsAt::new(rows, b), EvaluatedOn::InSample),
        }
    }
}

/// The share of stored rows with every label right, by weight. Rows come in the order of the file.
fn exact_match(rows: &RowSummaries, at: &RowsAt) -> f64 {
    let (mut total, mut right, mut last) = (0.0, 0.0, None);
    // What the row so far counts if all its labels are right.
    let mut all_right = 0.0;
    for idx in 0..rows.len() {
        let stored = Some(rows.stored_row(idx));
        if stored != last {
            right += all_right;
            all_right = rows.weight(idx);
            (total, last) = (total + all_right, stored);
        }
        if !at.correct[idx] {
            all_right = 0.0;
        }
    }
    (right + all_right) / total
}

impl LabelMeans {
    fn of(labels: &[&Metrics]) -> Self {
        let mean_of =
            |of: fn(&Metrics) -> f64| mean(&labels.iter().map(|m| of(m)).collect::<Vec<_>>());
        Self {
            accuracy: mean_of(|m| m.accuracy),
            nll: mean_of(|m| m.nll),
            brier: mean_of(|m| m.brier),
            ece: mean_of(|m| m.ece),
            ece_equal_mass: mean_of(|m| m.ece_equal_mass),
            mce: mean_of(|m| m.mce),
        }
    }
}
