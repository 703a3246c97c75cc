//! Whether a stored row can have come from scores: a damaged or forged file must not become figures.

use crate::numerics::{RowMoments, TOP};

use super::from_table::{InvalidTable, TableHead};
use super::rows::{Columns, ExactColumn};
use super::soft::SoftRows;
use super::table::{EXACT_NUMBERS, exact_name, exact_numbers, label_name};

/// Cubes of a spread beyond this overflow f64, so that higher moments of honest rows may be infinite or NaN.
const HUGE_SPREAD: f64 = 1e90;

/// One row of the columns that a file has.
pub(super) struct RowCheck<'a> {
    head: &'a TableHead,
    columns: &'a Columns,
    idx: usize,
}

type Checked = Result<(), InvalidTable>;

impl<'a> RowCheck<'a> {
    pub(super) fn new(head: &'a TableHead, columns: &'a Columns, idx: usize) -> Self {
        Self { head, columns, idx }
    }

    /// An error about `column` unless `holds`.
    fn ensure(&self, holds: bool, column: &str, problem: impl FnOnce() -> String) -> Checked {
        if holds {
            return Ok(());
        }
        Err(InvalidTable::Row { row: self.idx + 1, column: column.to_owned(), problem: problem() })
    }

    fn max(&self) -> f64 {
        self.columns.top[self.idx][0].1
    }

    /// The temperature-free columns.
    pub(super) fn profile(&self) -> Checked {
        self.counts()?;
        self.top()?;
        self.label()?;
        let (columns, idx, max) = (self.columns, self.idx, self.max());
        let min = columns.min[idx];
        self.ensure(min.is_finite() && min <= max, "min", || {
            format!("{min} is no smallest score where {max} is the largest")
        })?;
        let mean = columns.mean[idx];
        self.ensure(mean <= max, "mean", || format!("{mean} is no mean of scores up to {max}"))?;
        for (column, value) in [("sd", columns.sd[idx]), ("norm", columns.norm[idx])] {
            self.ensure(value >= 0.0, column, || format!("{value} is not 0 or more"))?;
        }
        Ok(())
    }

    fn counts(&self) -> Checked {
        let k = self.head.n_classes;
        let (n_max, n) = (self.columns.n_max[self.idx], self.columns.n_present[self.idx]);
        let enough = (1..=k).contains(&(n as usize));
        self.ensure(enough, "n_present", || format!("{n} classes are present of {k}"))?;
        self.ensure((1..=n).contains(&n_max), "n_max", || {
            format!("{n_max} of {n} classes share the largest score")
        })
    }

    /// Existing classes with finite scores come first and never ascend; then nothing.
    fn top(&self) -> Checked {
        let top = &self.columns.top[self.idx];
        let n_here = TOP.min(self.columns.n_present[self.idx] as usize);
        for (place, &(class, logit)) in top.iter().enumerate() {
            let exists = (class as usize) < self.head.n_classes;
            let seen = top[..place].iter().any(|(other, _)| *other == class);
            let right_class = if place < n_here { exists && !seen } else { class == u32::MAX };
            self.ensure(right_class, "top_class", || {
                format!("class {class} in place {}", place + 1)
            })?;
            let in_order = place == 0 || logit <= top[place - 1].1;
            let right_logit = if place < n_here {
                logit.is_finite() && in_order
            } else {
                logit == f64::NEG_INFINITY
            };
            self.ensure(right_logit, "top_logit", || format!("{logit} in place {}", place + 1))?;
        }
        let tied = top.iter().filter(|(_, logit)| *logit >= self.max()).count();
        let n_max = self.columns.n_max[self.idx];
        self.ensure(tied == TOP.min(n_max as usize), "n_max", || {
            format!(
                "{n_max} classes share the largest score, and {tied} of the first {TOP} have it"
            )
        })
    }

    /// The label's score is one of the row's.
    fn label(&self) -> Checked {
        let (columns, idx) = (self.columns, self.idx);
        let (logit, rank) = (columns.label_logit[idx], columns.label_rank[idx]);
        let class = columns.label[idx].index();
        let absent = logit == f64::NEG_INFINITY && self.head.recorded.kind.is_probabilities();
        // Under a soft label the mean of the scores may be anything up to the largest.
        let is_hard = !self.head.soft_labels;
        let known =
            columns.top[idx].iter().find(|(top, _)| is_hard && Some(*top as usize) == class);
        let possible = known
            .map_or((logit.is_finite() || absent) && logit <= self.max(), |(_, top)| {
                top.total_cmp(&logit).is_eq()
            });
        self.ensure(possible, "label_logit", || format!("{logit} is no score of the label"))?;
        let within = (1..=self.head.n_classes).contains(&(rank as usize));
        self.ensure(within, "label_rank", || format!("{rank} is no rank"))
    }

    /// What is kept of a soft label.
    pub(super) fn soft(&self, soft: &SoftRows, exact: &[ExactColumn]) -> Checked {
        let (idx, k) = (self.idx, self.head.n_classes);
        let score = soft.label_score[idx];
        let absent = score == f64::NEG_INFINITY && self.head.recorded.kind.is_probabilities();
        self.ensure((score.is_finite() || absent) && score <= self.max(), "label_score", || {
            format!("{score} is no score of the label")
        })?;
        // Sums of K rounded numbers.
        let slack = 1.0 + k as f64 * f64::EPSILON;
        let squares = soft.squares[idx];
        let within = squares > 0.0 && squares <= slack;
        self.ensure(within, "label_squares", || format!("{squares} is no sum of squares"))?;
        let entropy = soft.entropy[idx];
        let within = (0.0..=(k as f64).ln() * slack).contains(&entropy);
        self.ensure(within, "label_entropy", || format!("{entropy} is no entropy"))?;
        let n = soft.n_largest[idx];
        self.ensure((1..=k).contains(&(n as usize)), "label_largest", || {
            format!("{n} classes of {k} are the most probable one")
        })?;
        let predicted = soft.predicted[idx];
        let within = predicted.is_nan() || (0.0..=slack).contains(&predicted);
        self.ensure(within, "label_predicted", || format!("{predicted} is no probability"))?;
        exact.iter().enumerate().try_for_each(|(number, column)| {
            let log_z = column.label[idx].log_z;
            let possible = !log_z.is_nan() && log_z <= slack - 1.0;
            self.ensure(possible, &label_name(number, 0), || format!("{log_z} is impossible"))
        })
    }

    /// Nodes are finite: their smallest terms were left out before they could overflow.
    pub(super) fn nodes(&self, nodes: &[f32]) -> Checked {
        let wrong = nodes.iter().find(|number| !number.is_finite());
        let found = || format!("{} is not finite", wrong.copied().unwrap_or_default());
        self.ensure(wrong.is_none(), "nodes", found)
    }

    /// Moments of exact column `number`.
    pub(super) fn moments(&self, number: usize, moments: &RowMoments) -> Checked {
        let may_overflow = self.max() - self.columns.min[self.idx] > HUGE_SPREAD;
        let numbers = exact_numbers(moments);
        let possible = |(which, v): (usize, f64)| match which % (EXACT_NUMBERS / 2) {
            0 => v.is_finite() && v >= 0.0,
            1 => may_overflow || v.is_finite() && v >= 0.0,
            _ => may_overflow || v.is_finite(),
        };
        let wrong = (0..).zip(numbers).find(|pair| !possible(*pair));
        wrong.map_or(Ok(()), |(which, v)| {
            self.ensure(false, &exact_name(number, which), || format!("{v} is impossible"))
        })
    }
}
