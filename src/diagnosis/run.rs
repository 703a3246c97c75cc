//! A training run: the findings of its steps in order, and what only the order shows.

use std::sync::Arc;

use serde::Serialize;

use super::diagnosis;
use super::evidence::{Evidence, Subject, noise_floor, paired_z};
use super::finding::Finding;
use crate::metrics::{Binning, Outcome, RowsAt, ece, reliability};

mod departures;
mod histograms;
mod rules;

pub use departures::{Departure, departures};
pub use histograms::{EceBin, StepHistograms, entropy_edges, margin_edges};
pub use rules::diagnose_run;

/// Bins of equal width of the ECE that is followed over a run.
const N_BINS: usize = 15;

/// The numbers of one step that are followed over a run. NaN (JSON: null) where undefined.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StepStats {
    /// Rows that the figures describe.
    pub rows: usize,
    /// Rows left out because a score is not finite.
    pub rows_non_finite: u64,
    /// Share of right predictions.
    pub accuracy: f64,
    /// Mean largest probability at T = 1.
    pub mean_confidence: f64,
    /// Mean NLL at T = 1, in nats.
    pub nll: f64,
    /// Mean NLL at the best T, in nats.
    pub nll_after: Option<f64>,
    /// ln K, the NLL of a guess.
    pub ln_classes: f64,
    /// The best T.
    pub temperature: Option<f64>,
    /// Its 95 % interval.
    pub temperature_interval: Option<[f64; 2]>,
    /// Shift: mean of the row means, in logits.
    pub mean: f64,
    /// Scale: median standard deviation of a row.
    pub sd: f64,
    /// Tail: quantiles of the largest centred logit of a row.
    pub max_centred: TailQuantiles,
    /// Mean of log Z.
    pub log_sum_exp: f64,
    /// 99 % quantile of abs log Z.
    pub log_sum_exp_p99: f64,
    /// Median margin between the two largest logits.
    pub margin: f64,
    /// Share of rows with 1 - p = 0 in float32.
    pub saturated: f64,
    /// ECE at T = 1 with 15 bins of equal width.
    pub ece: f64,
    /// What a perfectly calibrated model with these bins would show for it, about: the sum of
    /// n/N sqrt(2 p (1 - p) / (pi n)).
    pub ece_noise_floor: f64,
    /// Mean entropy of the predicted distribution over ln K, in [0, 1].
    pub entropy_share: f64,
    /// Classes that are never predicted although they have labels; `None` if not gathered.
    pub dead_classes: Option<usize>,
    #[serde(skip)]
    mean_abs_lse: f64,
}

/// See [`StepStats::max_centred`].
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct TailQuantiles {
    /// The median.
    pub p50: f64,
    /// The 99 % quantile.
    pub p99: f64,
    /// The maximum.
    pub max: f64,
}

/// One step of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct RunStep {
    /// Its number, if its name or its file has one.
    pub step: Option<u64>,
    /// What it is called in sentences: `step 200`, or the name of its file.
    pub name: String,
    /// Its own findings.
    pub findings: Vec<Finding>,
    /// Its numbers.
    pub stats: StepStats,
    /// SHA-256 of its labels, by which rows are known to be the same.
    pub labels: Option<String>,
    /// How its rows are spread, in the same bins at every step.
    pub histograms: StepHistograms,
    /// NLL of each row, at T = 1 and at the best T: single precision is far below what a paired difference over
    /// rows can tell, and half of the memory of a long run.
    nll_rows: Arc<[f32]>,
    nll_after_rows: Arc<[f32]>,
}

/// The findings and the numbers of one step.
pub fn step_stats(subject: &Subject<'_>, name: String, labels: Option<String>) -> RunStep {
    let e = Evidence::of(subject);
    let at_one = RowsAt::new(subject.rows, 1.0);
    let outcome = Outcome::headline(e.n_classes);
    let bins = reliability(&at_one, outcome, Binning::Width, N_BINS).bins;
    RunStep {
        step: e.step,
        name,
        findings: diagnosis(&e, subject.rows).findings,
        stats: StepStats {
            ece: ece(&bins),
            ece_noise_floor: noise_floor(&bins),
            entropy_share: crate::numerics::mean(&at_one.entropy) / (e.n_classes as f64).ln(),
            ..stats(&e)
        },
        labels,
        histograms: StepHistograms::of(subject.rows, &at_one, &bins),
        nll_rows: singles(&at_one.nll),
        nll_after_rows: e.at.map_or_else(Arc::default, |at| singles(&at.nll_rows)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is lost is below the spread of any paired difference"
)]
fn singles(values: &[f64]) -> Arc<[f32]> {
    values.iter().map(|value| *value as f32).collect()
}

/// True if all `steps` have the same labels, as far as these are known: else their figures are not of the same rows.
pub fn have_same_labels(steps: &[RunStep]) -> bool {
    let mut known = steps.iter().filter_map(|step| step.labels.as_ref());
    let first = known.next();
    known.all(|labels| Some(labels) == first)
}

/// The standard errors by which the NLL at the best T worsened from `x` to `y`, row by row; `None` if they do not have
/// the same rows, or one has no T.
fn worsening(x: &RunStep, y: &RunStep) -> Option<f64> {
    Some(paired_z(&differences(x, y, at_best)?))
}

/// The differences y - x over the rows of both, if these are the same rows.
fn differences(x: &RunStep, y: &RunStep, of: fn(&RunStep) -> &[f32]) -> Option<Vec<f64>> {
    let (a, b) = (of(x), of(y));
    let same = a.len() == b.len() && !a.is_empty() && x.labels.is_some() && x.labels == y.labels;
    let difference = |(a, b): (&f32, &f32)| f64::from(*b) - f64::from(*a);
    let differences = a.iter().zip(b).map(difference);
    // Without the rows of which neither says anything: a probability that was rounded to 0.
    same.then(|| differences.filter(|d| !d.is_nan()).collect())
}

fn at_one(step: &RunStep) -> &[f32] {
    &step.nll_rows
}

fn at_best(step: &RunStep) -> &[f32] {
    &step.nll_after_rows
}

fn stats(e: &Evidence) -> StepStats {
    let dead = e.association.as_ref().map(|a| {
        let is_dead = |class: &&super::evidence::ClassShare| class.n_labels > 0 && class.q <= 0.0;
        a.classes.iter().filter(is_dead).count()
    });
    StepStats {
        rows: e.n_rows,
        rows_non_finite: e.n_non_finite,
        accuracy: e.accuracy,
        mean_confidence: e.confidence,
        nll: e.nll,
        nll_after: e.at.as_ref().map(|at| at.nll),
        ln_classes: (e.n_classes as f64).ln(),
        temperature: e.fit.temperature,
        temperature_interval: e.t_interval(),
        mean: e.scale.mean_of_means,
        sd: e.scale.median_s,
        max_centred: TailQuantiles {
            p50: e.scale.c_quantiles[0],
            p99: e.scale.c_quantiles[1],
            max: e.scale.max_c,
        },
        log_sum_exp: e.scale.lse[2],
        log_sum_exp_p99: e.scale.lse[1],
        margin: e.scale.median_margin,
        saturated: super::evidence::share(e.scale.saturated.n, e.n_rows),
        ece: f64::NAN,
        ece_noise_floor: f64::NAN,
        entropy_share: f64::NAN,
        dead_classes: dead,
        mean_abs_lse: e.scale.lse[0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A step of no rows whose scale is `sd`; everything else stands still.
    pub(super) fn step(number: u64, sd: f64) -> RunStep {
        let quiet = 1.0;
        RunStep {
            step: Some(number),
            name: format!("step {number}"),
            findings: Vec::new(),
            stats: StepStats {
                rows: 100,
                rows_non_finite: 0,
                accuracy: 0.5,
                mean_confidence: 0.5,
                nll: quiet,
                nll_after: Some(quiet),
                ln_classes: 10f64.ln(),
                temperature: Some(1.0),
                temperature_interval: None,
                mean: quiet,
                sd,
                max_centred: TailQuantiles { p50: quiet, p99: quiet, max: quiet },
                log_sum_exp: quiet,
                log_sum_exp_p99: quiet,
                margin: quiet,
                saturated: 0.0,
                ece: 0.1,
                ece_noise_floor: 0.01,
                entropy_share: 0.5,
                dead_classes: None,
                mean_abs_lse: quiet,
            },
            labels: Some("labels".into()),
            histograms: StepHistograms { margin: Vec::new(), entropy: Vec::new(), ece: Vec::new() },
            nll_rows: Arc::default(),
            nll_after_rows: Arc::default(),
        }
    }

    #[test]
    fn labels_that_are_known_must_agree() {
        let mut steps = vec![step(1, 1.0), step(2, 1.0), step(3, 1.0)];
        assert!(have_same_labels(&steps) && have_same_labels(&[]));
        steps[1].labels = None;
        assert!(have_same_labels(&steps));
        steps[2].labels = Some("other".into());
        assert!(!have_same_labels(&steps));
    }
}
