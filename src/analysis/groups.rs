//! Groups of rows one by one: is the model right about its confidence in each, and does each want a temperature of its
//! own?

use rayon::prelude::*;

use crate::fit::{
    OneTemperature, ProfileInterval, TemperatureFit, fit_groups, one_temperature, profile_interval,
};
use crate::metrics::{
    Outcome, RowsAt, adjusted_p_values, clustered_hits_p_value, hits_p_value, weighted_hits_p_value,
};
use crate::summarize::RowSummaries;

use super::bootstrap::after;
use super::{Analysis, AnalysisOptions, Slice, slices};

/// Beyond so many classes a table of them says nothing.
pub const MAX_CLASSES: usize = 1000;

/// What a report says besides the measures of all rows.
#[derive(Clone, PartialEq, Debug)]
pub struct Details {
    /// The likelihood-ratio interval of T; `None` without a temperature.
    pub profile: Option<ProfileInterval>,
    /// One entry per class, by prediction; `None` beyond [`MAX_CLASSES`].
    pub classes: Option<Groups<Class>>,
    /// The columns that were asked for, see [`super::slices()`].
    pub slices: Vec<Slice>,
}

/// Groups of one kind.
#[derive(Clone, PartialEq, Debug)]
pub struct Groups<T> {
    /// Level of the intervals of the temperatures; 1 - level is the false discovery rate of the gaps.
    pub level: f64,
    /// One entry per group.
    pub groups: Vec<Group<T>>,
    /// True if rows belong together (see [`RowSummaries::groups`]), so that the gaps are tested by
    /// [`clustered_hits_p_value`].
    pub is_clustered: bool,
    /// One temperature, or one per group? Of the rows that T was fitted on. `None` if it cannot be asked.
    pub one_temperature: Option<OneTemperature>,
}

/// Rows that belong together. Undefined numbers are NaN (JSON: null).
#[derive(Clone, PartialEq, Debug)]
pub struct Group<T> {
    /// Which rows these are.
    pub of: T,
    /// Evaluated rows of the group.
    pub count: u64,
    /// Share of them whose prediction is the label, by weight.
    pub accuracy: f64,
    /// At T = 1.
    pub before: GroupSide,
    /// After scaling, each row by the temperature it is judged with; `None` without one.
    pub after: Option<GroupSide>,
    /// The temperature of the group's rows among those that T was fitted on.
    pub fit: TemperatureFit,
}

/// A group at one temperature.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GroupSide {
    /// Mean confidence.
    pub mean_confidence: f64,
    /// Accuracy minus mean confidence: negative where the model is too sure.
    pub gap: f64,
    /// Chance of a number of right predictions as far off as this one if every confidence is right, see
    /// [`hits_p_value`], [`weighted_hits_p_value`] where rows have weights, and [`clustered_hits_p_value`] where they
    /// belong together.
    pub p_value: f64,
    /// The same after correction for the number of groups, see [`adjusted_p_values`].
    pub adjusted_p_value: f64,
}

/// The rows predicted as one class, and those labelled with it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Class {
    /// The class.
    pub class_idx: usize,
    /// Evaluated rows with this label.
    pub labelled: u64,
    /// Share of them that are predicted so, by weight; NaN without one.
    pub recall: f64,
    /// Mean logit of the class over the evaluated rows, less the mean over all classes (softmax does not see a constant
    /// added to a row); of large data over a part of the rows, see [`crate::summarize::ClassTotals`]. NaN where the
    /// logits were not at hand or a row lacks a class.
    pub mean_centred_logit: f64,
}

/// Everything of [`Details`] for what [`super::analyze`] made of the same rows with the same options; `None` unless
/// the further measures are asked for.
pub fn details(
    fit_rows: &RowSummaries,
    test_rows: Option<&RowSummaries>,
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Option<Details> {
    options.families.then(|| {
        let grouping = Grouping::new(fit_rows, test_rows, analysis, options);
        let shown = fit_rows.n_classes() <= MAX_CLASSES;
        Details {
            profile: profile_interval(fit_rows, &analysis.fit, options.level),
            classes: shown.then(|| classes(&grouping)),
            slices: slices(&grouping, &options.slices),
        }
    })
}

/// The rows of an analysis, to be looked at by groups.
pub struct Grouping<'a> {
    pub(super) fit_rows: &'a RowSummaries,
    pub(super) rows: &'a RowSummaries,
    before: RowsAt,
    after: Option<RowsAt>,
    /// The cluster of every evaluated row, if they belong together.
    cluster_of: Option<Vec<u32>>,
    /// The inverse temperature of all rows.
    b: Option<f64>,
    level: f64,
}

/// The rows of every group, by index: among the fitted and among the evaluated rows.
pub(super) struct Members {
    pub(super) fitted: Vec<Vec<u32>>,
    /// `None` if these are the fitted ones.
    pub(super) evaluated: Option<Vec<Vec<u32>>>,
}

impl<'a> Grouping<'a> {
    /// The rows of an analysis, as for [`details`].
    pub(super) fn new(
        fit_rows: &'a RowSummaries,
        test_rows: Option<&'a RowSummaries>,
        analysis: &Analysis,
        options: &AnalysisOptions,
    ) -> Self {
        let rows = test_rows.unwrap_or(fit_rows);
        Self {
            fit_rows,
            rows,
            before: RowsAt::new(rows, 1.0),
            after: after(rows, analysis, options),
            cluster_of: rows.groups(),
            b: analysis.fit.inverse_temperature,
            level: options.level,
        }
    }

    /// True if the temperature was fitted on other rows than those that are judged.
    fn has_test(&self) -> bool {
        !std::ptr::eq(self.fit_rows, self.rows)
    }

    /// The members of `n_groups` groups: `group_of` says to which a row belongs, of either set.
    pub(super) fn members(
        &self,
        n_groups: usize,
        group_of: impl Fn(&RowSummaries, usize) -> Option<usize>,
    ) -> Members {
        let of = |rows: &RowSummaries| {
            let mut members = vec![Vec::new(); n_groups];
            for idx in 0u32.. {
                if idx as usize >= rows.len() {
                    break;
                }
                if let Some(group) = group_of(rows, idx as usize) {
                    members[group].push(idx);
                }
            }
            members
        };
        Members { fitted: of(self.fit_rows), evaluated: self.has_test().then(|| of(self.rows)) }
    }

    /// The figures of every group; `keys` are what they are of, in order.
    pub(super) fn groups<T: Send>(&self, keys: Vec<T>, members: &Members) -> Groups<T> {
        let evaluated = members.evaluated.as_ref().unwrap_or(&members.fitted);
        let start = self.b.unwrap_or(1.0);
        let fits = fit_groups(self.fit_rows, &members.fitted, start, self.level);
        let cluster_of = self.cluster_of.as_deref();
        let before = sides(&self.before, evaluated, cluster_of);
        let after = self.after.as_ref().map(|at| sides(at, evaluated, cluster_of));
        // Without a temperature of all rows there is no hypothesis to test.
        let one_temperature =
            self.b.and_then(|b| one_temperature(self.fit_rows, &members.fitted, &fits, b));
        let group = |(idx, (of, fit)): (usize, (T, TemperatureFit))| Group {
            of,
            count: evaluated[idx].len() as u64,
            accuracy: accuracy(&self.before, &evaluated[idx]),
            before: before[idx],
            after: after.as_ref().map(|after| after[idx]),
            fit,
        };
        Groups {
            level: self.level,
            groups: keys.into_iter().zip(fits).enumerate().map(group).collect(),
            is_clustered: self.cluster_of.is_some(),
            one_temperature,
        }
    }
}

/// The classes by prediction: what the confidence speaks about is known before the label is, so that a model which
/// is right about its confidence is so within each.
fn classes(grouping: &Grouping<'_>) -> Groups<Class> {
    let rows = grouping.rows;
    let n_classes = rows.n_classes();
    let members =
        grouping.members(n_classes, |rows, idx| Some(rows.row(idx).prediction() as usize));
    let mut labelled = vec![(0u64, 0.0, 0.0); n_classes];
    for idx in 0..rows.len() {
        let row = rows.row(idx);
        if let Some((count, mass, hits)) = labelled.get_mut(row.label() as usize) {
            *count += 1;
            *mass += row.weight();
            *hits += row.weight() * f64::from(u8::from(row.is_correct()));
        }
    }
    let mean_logits = mean_centred_logits(rows);
    let class = |(class_idx, (count, mass, hits)): (usize, (u64, f64, f64))| Class {
        class_idx,
        labelled: count,
        recall: hits / mass,
        mean_centred_logit: mean_logits.get(class_idx).copied().unwrap_or(f64::NAN),
    };
    grouping.groups(labelled.into_iter().enumerate().map(class).collect(), &members)
}

/// See [`Class::mean_centred_logit`]; empty where they are not known.
fn mean_centred_logits(rows: &RowSummaries) -> Vec<f64> {
    let totals = rows.gathered().map(|gathered| &gathered.totals);
    let Some(totals) = totals.filter(|_| !rows.has_absent_classes()) else {
        return Vec::new();
    };
    let n = totals.n_rows as f64;
    totals.c.iter().map(|sum| sum / n).collect()
}

fn accuracy(at: &RowsAt, members: &[u32]) -> f64 {
    at.select(members).accuracy()
}

fn n_hits(at: &RowsAt) -> usize {
    at.correct.iter().filter(|is_right| **is_right).count()
}

/// All groups at one temperature; rows of one cluster need not be independent.
fn sides(at: &RowsAt, groups: &[Vec<u32>], cluster_of: Option<&[u32]>) -> Vec<GroupSide> {
    let side = |members: &Vec<u32>| {
        let of = at.select(members);
        let mean_confidence = of.mean(&of.confidence);
        let accuracy = of.accuracy();
        GroupSide {
            mean_confidence,
            gap: accuracy - mean_confidence,
            p_value: match (cluster_of, of.weights()) {
                (Some(cluster_of), _) => clustered_p_value(&of, members, cluster_of),
                (None, None) if of.expected.is_empty() => hits_p_value(&of.confidence, n_hits(&of)),
                _ => weighted_hits_p_value(&Outcome::TopClass.events(&of)),
            },
            adjusted_p_value: f64::NAN,
        }
    };
    let mut sides: Vec<GroupSide> = groups.par_iter().map(side).collect();
    let p_values: Vec<f64> = sides.iter().map(|side| side.p_value).collect();
    for (side, adjusted) in sides.iter_mut().zip(adjusted_p_values(&p_values)) {
        side.adjusted_p_value = adjusted;
    }
    sides
}

/// Of the rows `members`, which `of` holds.
fn clustered_p_value(of: &RowsAt, members: &[u32], cluster_of: &[u32]) -> f64 {
    let events = Outcome::TopClass.events(of);
    let difference =
        |idx: usize| events.weight(idx) * (events.outcome(idx) - events.probability[idx]);
    let differences: Vec<f64> = (0..events.len()).map(difference).collect();
    let clusters: Vec<u32> = members.iter().map(|idx| cluster_of[*idx as usize]).collect();
    clustered_hits_p_value(&differences, &clusters)
}
