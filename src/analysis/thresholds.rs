//! A threshold of its own for every class, for data in which some are rare.

use rayon::prelude::*;
use serde::Serialize;

use crate::data::SourceError;
use crate::fit::recalibrate::MAX_ONE_VS_REST;
use crate::metrics::SortedByConfidence;
use crate::numerics::{Score, binomial_at_most, clopper_pearson_upper, softmax};
use crate::summarize::{RowMap, ScoreRows, Scores};

use super::{Analysis, AnalysisOptions, EvaluatedOn, FitAndTest, JudgedAt, ScoresError};

/// Thresholds that are tested in turn on their way down, as shares of the rows that the class is expected to have.
const STEPS_PER_EXPECTED: usize = 50;

/// What is asked of thresholds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ThresholdOptions {
    /// The precision to meet, in (0, 1).
    pub precision: f64,
    /// The probability with which it is met, such as 0.95.
    pub level: f64,
}

/// "The label is k" is said where `p_k` is at least the threshold; how that went on rows which had no part in its
/// choice.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Chosen {
    /// Chosen on all rows to fit on, of the probability at the fitted temperature; `None` (JSON: null) if none will
    /// do.
    pub threshold: Option<f64>,
    /// Rows of the evaluation at or above it.
    pub kept: u64,
    /// Share of these that are labelled k; NaN (JSON: null) if none is kept.
    pub precision: f64,
    /// One-sided Clopper-Pearson lower bound on the precision at the level; NaN (JSON: null) if none is kept.
    pub precision_lower: f64,
    /// Share of the rows labelled k that are kept; NaN (JSON: null) without such a row.
    pub recall: f64,
    /// Harmonic mean of precision and recall: 2 hits / (kept + labelled k).
    pub f1: f64,
}

/// The thresholds of one class.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct ClassThresholds {
    /// Its index.
    pub class: usize,
    /// Rows of the evaluation that are labelled so.
    pub count: u64,
    /// The threshold of the largest F1 on the rows of the choice.
    pub largest_f1: Chosen,
    /// The threshold with the most rows at which fixed-sequence testing finds the precision met: with probability at
    /// least the level the true precision is no less than the target.
    pub precision_met: Chosen,
}

/// Thresholds of all classes.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Thresholds {
    /// The fitted T, at which the probabilities are that thresholds are held against.
    pub temperature: f64,
    /// The rows of `kept` and its neighbours.
    pub evaluated_on: EvaluatedOn,
    /// The precision that was asked for.
    pub precision_target: f64,
    /// Level of its guarantee and of the bounds.
    pub level: f64,
    /// By class; of two classes the positive one alone.
    pub classes: Vec<ClassThresholds>,
}

/// Chooses the thresholds on the fitted rows and tries them on rows without a part in their choice: on the test
/// rows, or on each fold with those chosen on the others. (Every row's probability is at the temperature of its
/// fold. That one number saw the rows of other folds.)
///
/// # Errors
/// See [`ScoresError`].
pub fn thresholds(
    (fit, test): FitAndTest<'_>,
    (analysis, options): (&Analysis, &AnalysisOptions),
    asked: ThresholdOptions,
    keep_going: &mut dyn FnMut() -> bool,
) -> Result<Thresholds, ScoresError> {
    let n_classes = fit.rows().n_classes();
    if n_classes > MAX_ONE_VS_REST {
        return Err(ScoresError::TooManyClasses { n_classes });
    }
    let judged = test.unwrap_or(fit);
    let at = JudgedAt::new(judged.rows(), analysis, options);
    let at = at.filter(|_| analysis.evaluated_on != EvaluatedOn::InSample);
    let (at, b) = at.zip(analysis.fit.inverse_temperature).ok_or(ScoresError::InSample)?;
    let chosen_on = Columns::new(fit, &JudgedAt::All(b), keep_going)?;
    let tried_on = Columns::new(judged, &at, keep_going)?;
    let classes = if n_classes == 2 { 1..2 } else { 0..n_classes };
    let of_class = |class: usize| {
        let rows = |columns: &Columns| columns.class(class);
        of_class(class, (&rows(&chosen_on), &rows(&tried_on)), &at, asked)
    };
    Ok(Thresholds {
        temperature: b.recip(),
        evaluated_on: analysis.evaluated_on,
        precision_target: asked.precision,
        level: asked.level,
        classes: classes.into_par_iter().map(of_class).collect(),
    })
}

/// All probabilities of all rows.
struct Columns {
    n_classes: usize,
    p: Vec<f64>,
    labels: Vec<u32>,
}

/// `p_k` of every row, and whether the row is labelled k.
type ClassRows = (Vec<f64>, Vec<bool>);

impl Columns {
    fn new(
        scores: Scores<'_>,
        at: &JudgedAt,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Self, SourceError> {
        let rows = scores.rows();
        let pass = Softmax { n_classes: rows.n_classes(), at };
        Ok(Self {
            n_classes: rows.n_classes(),
            p: scores.map(&pass, &mut |_| keep_going())?,
            labels: (0..rows.len()).map(|idx| rows.row(idx).label()).collect(),
        })
    }

    fn class(&self, class: usize) -> ClassRows {
        let p = self.p.iter().skip(class).step_by(self.n_classes).copied();
        let is_class = |label: &u32| *label as usize == class;
        (p.collect(), self.labels.iter().map(is_class).collect())
    }
}

struct Softmax<'a> {
    n_classes: usize,
    at: &'a JudgedAt,
}

impl RowMap for Softmax<'_> {
    fn width(&self) -> usize {
        self.n_classes
    }

    fn fill<S: Score>(&self, rows: ScoreRows<'_, S>, out: &mut [f64]) {
        for ((idx, row), out) in rows.iter().zip(out.chunks_exact_mut(self.n_classes)) {
            softmax(row, self.at.inverse_temperature(idx), out);
        }
    }
}

fn of_class(
    class: usize,
    (chosen_on, tried_on): (&ClassRows, &ClassRows),
    at: &JudgedAt,
    asked: ThresholdOptions,
) -> ClassThresholds {
    let sorted = SortedByConfidence::new(&chosen_on.0, &chosen_on.1);
    let thresholds =
        |sorted: &SortedByConfidence| [largest_f1(sorted), precision_met(sorted, asked)];
    let all = thresholds(&sorted);
    let of_folds: Vec<[Option<f64>; 2]> = match at {
        JudgedAt::All(_) => Vec::new(),
        JudgedAt::Folds { fold_of, bs } => {
            (0..bs.len()).map(|fold| thresholds(&outside(tried_on, fold_of, fold))).collect()
        }
    };
    let threshold_of = |idx: usize, which: usize| match at {
        JudgedAt::All(_) => all[which],
        JudgedAt::Folds { fold_of, .. } => of_folds[fold_of[idx] as usize][which],
    };
    let chosen =
        |which: usize| tried(all[which], tried_on, |idx| threshold_of(idx, which), asked.level);
    ClassThresholds {
        class,
        count: tried_on.1.iter().filter(|hit| **hit).count() as u64,
        largest_f1: chosen(0),
        precision_met: chosen(1),
    }
}

/// The rows outside a fold.
fn outside(rows: &ClassRows, fold_of: &[u32], fold: usize) -> SortedByConfidence {
    let keep = |idx: &usize| fold_of[*idx] as usize != fold;
    let members: Vec<usize> = (0..fold_of.len()).filter(keep).collect();
    let p: Vec<f64> = members.iter().map(|idx| rows.0[*idx]).collect();
    let hit: Vec<bool> = members.iter().map(|idx| rows.1[*idx]).collect();
    SortedByConfidence::new(&p, &hit)
}

/// How thresholds do on `rows`, each by its own.
fn tried(
    threshold: Option<f64>,
    rows: &ClassRows,
    threshold_of: impl Fn(usize) -> Option<f64>,
    level: f64,
) -> Chosen {
    let (mut kept, mut hits) = (0u64, 0u64);
    for (idx, (p, hit)) in rows.0.iter().zip(&rows.1).enumerate() {
        if threshold_of(idx).is_some_and(|threshold| *p >= threshold) {
            kept += 1;
            hits += u64::from(*hit);
        }
    }
    let labelled = rows.1.iter().filter(|hit| **hit).count() as f64;
    let precision_lower =
        if kept == 0 { f64::NAN } else { 1.0 - clopper_pearson_upper(kept - hits, kept, level) };
    Chosen {
        threshold,
        kept,
        precision: hits as f64 / kept as f64,
        precision_lower,
        recall: hits as f64 / labelled,
        f1: 2.0 * hits as f64 / (kept as f64 + labelled),
    }
}

/// The threshold of the largest F1, the highest one on a tie; `None` without a hit.
fn largest_f1(rows: &SortedByConfidence) -> Option<f64> {
    let mut best = (0.0, None);
    for group in rows.groups().rev() {
        let hits = rows.n_hits() - rows.hits_of_least(group.start);
        let kept = (rows.len() - group.start) as f64;
        let f1 = 2.0 * hits as f64 / (kept + rows.n_hits() as f64);
        if f1 > best.0 {
            best = (f1, Some(group.probability));
        }
    }
    best.1
}

/// The lowest threshold that fixed-sequence testing lets through. The hypotheses "the precision of so many rows is
/// below the target" are tested by the binomial from the most probable rows down, in steps that the probabilities
/// alone decide, beginning with the first at which half the allowed share of misses would pass; the first that is not
/// rejected at 1 - level ends it, so that no correction for the many tests is needed (Angelopoulos et al. 2021).
fn precision_met(rows: &SortedByConfidence, asked: ThresholdOptions) -> Option<f64> {
    let risk = 1.0 - asked.precision;
    let passes = |misses: u64, kept: u64| binomial_at_most(misses, kept, risk) <= 1.0 - asked.level;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of rows"
    )]
    let at_half_risk = |kept: u64| (kept as f64 * risk / 2.0) as u64;
    let is_testable = |start: &usize| {
        let kept = (rows.len() - start) as u64;
        !passes(at_half_risk(kept), kept)
    };
    let is_met = |start: &usize| {
        let kept = (rows.len() - start) as u64;
        passes(kept - (rows.n_hits() - rows.hits_of_least(*start)), kept)
    };
    let tested = starts(rows).skip_while(is_testable).take_while(is_met);
    tested.last().map(|start| rows.probabilities()[start])
}

/// Where the rows above a threshold begin, from the highest threshold down: steps of a fiftieth of the rows that the
/// probabilities expect of the class, each moved to the end of its ties.
fn starts(rows: &SortedByConfidence) -> impl Iterator<Item = usize> + '_ {
    let n = rows.len();
    let expected: f64 = rows.probabilities().iter().sum();
    let step = (expected / STEPS_PER_EXPECTED as f64).max(1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most the number of rows"
    )]
    let kept = (1..).map(move |i| (f64::from(i) * step).ceil() as usize);
    kept.take_while(move |kept| *kept <= n).map(move |kept| {
        let last_kept = rows.probabilities()[n - kept];
        rows.probabilities().partition_point(|p| *p < last_kept)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{Rng, SeedableRng};
    use rand_pcg::Pcg64;

    #[test]
    fn the_largest_f1_by_hand() {
        // Kept 1, 2, 3, 4 rows: F1 2/4, 2/5, 4/6, 6/7.
        let rows = SortedByConfidence::new(&[0.9, 0.8, 0.6, 0.3], &[true, false, true, true]);
        assert_eq!(largest_f1(&rows), Some(0.3));
        let tied = SortedByConfidence::new(&[0.9, 0.9, 0.1], &[true, false, false]);
        assert_eq!(largest_f1(&tied), Some(0.9));
        assert_eq!(largest_f1(&SortedByConfidence::new(&[0.5], &[false])), None);
    }

    #[test]
    fn a_met_precision_is_missed_as_rarely_as_it_says() {
        let mut random = Pcg64::seed_from_u64(11);
        let mut uniform = || (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        let asked = ThresholdOptions { precision: 0.9, level: 0.9 };
        let (n_sets, mut missed, mut found) = (400, 0, 0);
        for _ in 0..n_sets {
            let p: Vec<f64> = (0..1500).map(|_| uniform()).collect();
            let hit: Vec<bool> = p.iter().map(|p| uniform() < *p).collect();
            if let Some(t) = precision_met(&SortedByConfidence::new(&p, &hit), asked) {
                found += 1;
                // Hits are as frequent as the probability says: above t the precision is its mean.
                missed += u32::from(f64::midpoint(1.0, t) < 0.9);
            }
        }
        // A tenth of 400, and four standard errors of a binomial share.
        assert!(missed <= 40 + 24, "{missed} of {n_sets} miss the target");
        assert!(found > 300, "and yet most sets have a threshold: {found}");
    }
}
