//! More than one temperature: recalibrators compared on rows that they have not seen.

use serde::Serialize;

use crate::data::SourceError;
use crate::fit::recalibrate::{
    Features, FitRows, Fitted, Judged, MAX_ONE_VS_REST, Method, Recalibrator, judge, recalibrate,
};
use crate::fit::{fit_in_folds, random_folds};
use crate::metrics::{ece, equal_width, normal_quantile};
use crate::numerics::mean;
use crate::summarize::{RowSummaries, Scores};

use super::gain::{Baseline, Gain, JudgedOn, gain};
use super::{Analysis, AnalysisOptions, EvaluatedOn};

/// Folds from which the strength of a ridge is chosen where test rows judge.
const INNER_FOLDS: usize = 5;

/// How far a comparison is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MethodProgress {
    /// What is being fitted or judged.
    pub method: Method,
    /// Fits done, of all methods.
    pub done: u64,
    /// Fits of all methods.
    pub total: u64,
}

/// One method.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct MethodFigures {
    /// Which.
    pub method: Method,
    /// Mean NLL of the evaluated rows where it is known, in nats; infinite (JSON: null) where a label gets probability 0.
    pub nll: f64,
    /// Rows whose label gets probability 0.
    pub impossible: u64,
    /// Brier score of the evaluated rows, in [0, 2].
    pub brier: f64,
    /// ECE of the headline's probability.
    pub ece: f64,
    /// Share of rows that are predicted right; a bias may change it.
    pub accuracy: f64,
    /// Mean NLL of the fitted rows under the fit on all of them: flattering.
    pub in_sample_nll: f64,
    /// Against the temperature; `None` (JSON: null) for the temperature itself, or if the NLL is infinite.
    pub gain: Option<Gain>,
    /// False if a search ended before its gradient vanished.
    pub converged: bool,
    /// The ridge of the fit on all rows, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub penalty: Option<f64>,
    /// The fit on all rows.
    pub parameters: Recalibrator,
}

/// A method that could not be fitted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Skipped {
    /// Which.
    pub method: Method,
    /// Why.
    pub reason: &'static str,
}

/// All methods.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Comparison {
    /// The rows of `nll` and its neighbours.
    pub evaluated_on: EvaluatedOn,
    /// By NLL, the lowest first.
    pub methods: Vec<MethodFigures>,
    /// Those that make sense for the data and were not possible.
    pub skipped: Vec<Skipped>,
    /// Level of each interval.
    pub level: f64,
    /// How each interval was made.
    pub interval_method: &'static str,
    /// Level that the verdict goes by: so many intervals together hold at `level` (Bonferroni).
    pub verdict_level: f64,
    /// The method of the lowest NLL among those that beat the temperature beyond doubt; the temperature if it is
    /// enough.
    pub verdict: Method,
}

/// Why what needs all scores of rows, and rows without a part in the fit, cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ScoresError {
    /// Every method needs all scores.
    #[error(
        "methods and thresholds need the logits, and these are row summaries of many classes: give the file of logits"
    )]
    NoLogits,
    /// Labels of one row are questions of their own.
    #[error("methods and thresholds are for one label a row, and these rows have several")]
    MultiLabel,
    /// Only the temperature is fitted on distributions.
    #[error(
        "methods and thresholds are for labels of one class, and these labels are distributions"
    )]
    SoftLabels,
    /// Every row counts the same there.
    #[error(
        "methods and thresholds take every row as one, and these rows have weights: leave --weight out"
    )]
    Weights,
    /// Nothing to compare with.
    #[error("no temperature to compare with")]
    NoTemperature,
    /// In-sample figures would favour the method with the most parameters.
    #[error(
        "methods and thresholds are judged on rows that had no part in their fit: give more rows, or a test file with --test"
    )]
    InSample,
    /// Each class against the rest, of which most would have next to no row.
    #[error(
        "thresholds are chosen for up to {MAX_ONE_VS_REST} classes, and these rows have {n_classes}"
    )]
    TooManyClasses {
        /// K.
        n_classes: usize,
    },
    /// Cancelled, or a file that could not be read again.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// Rows to fit on and, if they are others, rows to judge on.
pub type FitAndTest<'a> = (Scores<'a>, Option<Scores<'a>>);

/// Every method for these classes, each row judged by a fit that has not seen it: on the test rows, or out of as many
/// folds as the analysis has. These are not stratified as those of the analysis are, see [`random_folds`], so that the
/// temperature's own figures differ from the analysis' in their last digits. `progress` is asked at every pass.
///
/// # Errors
/// See [`ScoresError`].
pub fn compare_methods(
    (fit, test): FitAndTest<'_>,
    analysis: &Analysis,
    options: &AnalysisOptions,
    progress: &mut dyn FnMut(MethodProgress) -> bool,
) -> Result<Comparison, ScoresError> {
    let b = analysis.fit.inverse_temperature.ok_or(ScoresError::NoTemperature)?;
    if analysis.evaluated_on == EvaluatedOn::InSample {
        return Err(ScoresError::InSample);
    }
    let methods = Method::of_classes(fit.rows().n_classes());
    let folds = Folds::new(fit.rows(), (test.is_some(), b), analysis, options)?;
    let mut steps = Steps::new(&methods, folds.bs.len(), progress);
    let features = Features::new(fit, &mut || steps.ask())?;
    let on = FitRows {
        scores: fit,
        fold_of: &folds.fold_of,
        without: None,
        b,
        features: features.as_ref(),
    };
    let mut tried = Vec::new();
    for method in methods {
        steps.method = method;
        let trial = trial(method, (on, test), (&folds.bs, options.n_bins), &mut steps)?;
        tried.push((method, trial));
    }
    let judged_on = JudgedOn {
        evaluated_on: analysis.evaluated_on,
        n_folds: folds.bs.len(),
        groups: test.unwrap_or(fit).rows().groups().map(|groups| {
            let rows = test.unwrap_or(fit).rows();
            known(&groups, rows)
        }),
    };
    Ok(ranked(tried, judged_on, options.level))
}

/// Folds that do not look at labels, see [`random_folds`].
struct Folds {
    fold_of: Vec<u32>,
    /// The inverse temperature of the rows outside each; empty where test rows judge, and folds only serve a choice
    /// within the fit.
    bs: Vec<f64>,
}

impl Folds {
    fn new(
        rows: &RowSummaries,
        (is_tested, b): (bool, f64),
        analysis: &Analysis,
        options: &AnalysisOptions,
    ) -> Result<Self, ScoresError> {
        let n_folds = if is_tested { INNER_FOLDS } else { analysis.folds.len() };
        let n_folds = u32::try_from(n_folds).unwrap_or(u32::MAX);
        let fold_of = random_folds(&rows.units(), n_folds, options.seed);
        let bs = if is_tested {
            Vec::new()
        } else {
            let fits = fit_in_folds(rows, (&fold_of, n_folds), b).ok_or(ScoresError::InSample)?;
            fits.into_iter().map(|fit| fit.unwrap_or(b)).collect()
        };
        Ok(Self { fold_of, bs })
    }
}

/// Counts fits and asks whether to go on.
struct Steps<'a> {
    method: Method,
    done: u64,
    total: u64,
    progress: &'a mut dyn FnMut(MethodProgress) -> bool,
}

impl<'a> Steps<'a> {
    fn new(
        methods: &[Method],
        n_folds: usize,
        progress: &'a mut dyn FnMut(MethodProgress) -> bool,
    ) -> Self {
        Self {
            method: Method::None,
            done: 0,
            total: (methods.len() * (n_folds + 1)) as u64,
            progress,
        }
    }

    fn ask(&mut self) -> bool {
        (self.progress)(MethodProgress { method: self.method, done: self.done, total: self.total })
    }
}

/// The entries of `column`, one for each of `rows`, whose NLL is known, see [`crate::metrics::RowsAt::knows`].
fn known<T: Copy>(column: &[T], rows: &RowSummaries) -> Vec<T> {
    let is_known = |z: &f64| z.is_finite() || !rows.recorded().is_rounded;
    let rows = column.iter().zip(&rows.columns().label_logit);
    rows.filter(|(_, z)| is_known(z)).map(|(entry, _)| *entry).collect()
}

/// What one method says; the rows' figures and the fit on all rows.
struct Trial {
    judged: Judged,
    in_sample_nll: f64,
    ece: f64,
    converged: bool,
    fitted: Fitted,
}

/// `None` if the method could not be fitted.
fn trial(
    method: Method,
    (on, test): (FitRows<'_>, Option<Scores<'_>>),
    (fold_bs, n_bins): (&[f64], usize),
    steps: &mut Steps<'_>,
) -> Result<Option<Trial>, SourceError> {
    let mut fit = |on: FitRows<'_>| -> Result<Option<Fitted>, SourceError> {
        let fitted = recalibrate(method, on, &mut || steps.ask());
        steps.done += 1;
        fitted
    };
    let Some(fitted) = fit(on)? else {
        steps.done += fold_bs.len() as u64;
        return Ok(None);
    };
    let mut of_folds = Vec::new();
    for (fold, b) in (0..).zip(fold_bs) {
        let on = FitRows { without: Some(fold), b: *b, ..on };
        of_folds.extend(fit(on)?);
    }
    let keep_going: &mut dyn FnMut() -> bool = &mut || steps.ask();
    let in_sample = judge(on.scores, &|_| &fitted.map, keep_going)?;
    let mut judged = match test {
        Some(test) => judge(test, &|_| &fitted.map, keep_going)?,
        None => judge(on.scores, &|idx| &of_folds[on.fold_of[idx] as usize].map, keep_going)?,
    };
    let bins = equal_width(&judged.probability, &judged.hit, n_bins);
    let converged = fitted.is_converged && of_folds.iter().all(|fit| fit.is_converged);
    judged.nll = known(&judged.nll, test.unwrap_or(on.scores).rows());
    Ok(Some(Trial {
        ece: ece(&bins),
        in_sample_nll: mean(&known(&in_sample.nll, on.scores.rows())),
        converged,
        judged,
        fitted,
    }))
}

fn ranked(tried: Vec<(Method, Option<Trial>)>, on: JudgedOn, level: f64) -> Comparison {
    let temperature = tried
        .iter()
        .find(|(method, _)| *method == Method::Temperature)
        .and_then(|(_, trial)| trial.as_ref());
    let (evaluated_on, interval_method) = (on.evaluated_on, on.interval_method());
    let baseline = Baseline {
        nll: temperature.map_or(Vec::new(), |trial| trial.judged.nll.clone()),
        in_sample_nll: temperature.map_or(f64::NAN, |trial| trial.in_sample_nll),
        on,
    };
    let rivals = tried.len().saturating_sub(2).max(1);
    let verdict_level = 1.0 - (1.0 - level) / rivals as f64;
    let (mut methods, mut skipped) = (Vec::new(), Vec::new());
    for (method, trial) in tried {
        match trial {
            Some(trial) => methods.push(figures(method, trial, &baseline, level)),
            None => skipped.push(Skipped {
                method,
                reason: "a probability is exactly 0, or leaves exactly 0 to the other classes: it has no log-odds",
            }),
        }
    }
    methods.sort_by(|x, y| x.nll.total_cmp(&y.nll));
    let quantile = normal_quantile(verdict_level);
    let is_better = |figures: &&MethodFigures| {
        figures.method != Method::None
            && figures.gain.is_some_and(|gain| {
                f64::midpoint(gain.low, gain.high) - quantile * gain.standard_error > 0.0
            })
    };
    let verdict = methods.iter().find(is_better).map(|figures| figures.method);
    Comparison {
        evaluated_on,
        methods,
        skipped,
        level,
        interval_method,
        verdict_level,
        verdict: verdict.unwrap_or(Method::Temperature),
    }
}

fn figures(method: Method, trial: Trial, baseline: &Baseline, level: f64) -> MethodFigures {
    let Trial { judged, fitted, .. } = trial;
    let nll = mean(&judged.nll);
    let share =
        |flags: &[bool]| flags.iter().filter(|flag| **flag).count() as f64 / flags.len() as f64;
    MethodFigures {
        method,
        nll,
        impossible: judged.nll.iter().filter(|nll| nll.is_infinite()).count() as u64,
        brier: mean(&judged.brier),
        ece: trial.ece,
        accuracy: share(&judged.correct),
        in_sample_nll: trial.in_sample_nll,
        gain: (method != Method::Temperature)
            .then(|| gain(baseline, (&judged.nll, trial.in_sample_nll), level))
            .flatten(),
        converged: trial.converged,
        penalty: fitted.penalty,
        parameters: fitted.map,
    }
}
