//! The pure heart: row summaries in, everything a report or a screen says out.

mod bootstrap;
mod class_views;
mod families;
mod gain;
mod groups;
mod judged;
mod labels;
mod measures;
mod methods;
mod notes;
mod parity;
mod shapes;
mod slices;
mod thresholds;
mod verdict;

use serde::Serialize;

use crate::fit::{TemperatureFit, Verdict, fit_folds};
use crate::metrics::{
    Binning, DiagramOptions, Families, Figures, Metrics, Outcome, OverTemperatures, Parity,
    Reliability, RowsAt, figures, metrics, over_temperatures, reliability,
};
use crate::summarize::{Grid, RowSummaries};

pub use bootstrap::{Bootstrap, Simulated, bootstrap};
pub use class_views::{CLASS_BINS, ClassView, Confused, class_views};
pub use families::families;
pub use gain::Gain;
pub use groups::{Class, Details, Group, GroupSide, Groups, MAX_CLASSES, details};
pub use judged::JudgedAt;
pub use labels::{LabelFigures, LabelMeans, MultiLabel, labels};
pub use measures::{Measures, margin_auroc, risk_curve};
pub use methods::{
    Comparison, FitAndTest, MethodFigures, MethodProgress, ScoresError, Skipped, compare_methods,
};
use notes::notes;
pub use parity::{ParityFigures, parity_figures};
use shapes::shapes;
pub use shapes::{Histograms, LogitScale, Margins};
pub use slices::{Slice, SliceKind, slice_members, slices};
pub use thresholds::{Chosen, ClassThresholds, ThresholdOptions, Thresholds, thresholds};
pub use verdict::hold_one_class;

/// How far the curves reach beyond 1 and the fitted temperature, as a factor.
const CURVE_MARGIN: f64 = 4.0;

/// Which rows the figures after scaling were computed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvaluatedOn {
    /// The rows the temperature was fitted on: flattering.
    InSample,
    /// Each row with the temperature of a fit that left its fold out.
    OutOfFold,
    /// Rows of a test part or file.
    Test,
}

/// What a user may choose about the analysis.
#[derive(Clone, PartialEq, Debug)]
pub struct AnalysisOptions {
    /// Bins of the reliability diagram and of ECE; 15 by custom.
    pub n_bins: usize,
    /// How the bins of the diagram are cut (ECE and equal-mass ECE are both reported in any case).
    pub binning: Binning,
    /// Folds of the cross-validation; 0 or 1 asks for in-sample figures.
    pub n_folds: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Level of the intervals, such as 0.95.
    pub level: f64,
    /// Draws of the bootstrap; 0 leaves it out.
    pub n_draws: usize,
    /// Columns of the file by whose values rows are looked at apart, with the measures beyond the quick ones.
    pub slices: Vec<String>,
    /// The library whose figures stand beside ours, if any.
    pub parity: Option<Parity>,
    /// Whether the measures beyond the quick ones are wanted, as in a report.
    pub families: bool,
    /// Whether curves over the temperature are wanted: whatever draws them, but not who asks for T alone.
    pub curves: bool,
    /// Whether findings are wanted: what their rules need is gathered in the pass.
    pub findings: bool,
}

/// Curves over the temperature, on a log grid.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TemperatureCurves {
    /// The temperatures, ascending; the grid covers 1 and the fitted T with room on both sides.
    pub temperature: Vec<f64>,
    /// NLL at each, in nats.
    pub nll: Vec<f64>,
    /// ECE at each, in [0, 1].
    pub ece: Vec<f64>,
    /// Brier score at each.
    pub brier: Vec<f64>,
}

/// The temperature of each fold, and how many rows it was judged on.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Fold {
    /// T fitted on the other folds; `None` if that fit has no finite temperature.
    pub temperature: Option<f64>,
    /// Rows of this fold.
    pub count: usize,
}

/// Everything that was found out about one data set.
#[derive(Clone, PartialEq, Debug)]
pub struct Analysis {
    /// The temperature, or why there is none.
    pub fit: TemperatureFit,
    /// What `after` was computed on.
    pub evaluated_on: EvaluatedOn,
    /// Temperatures of the folds; empty unless `evaluated_on` is out of fold.
    pub folds: Vec<Fold>,
    /// The evaluated rows at T = 1.
    pub before: Figures,
    /// The same rows after scaling, honestly; `None` without a temperature. Its `temperature` is the
    /// fitted one also where each fold has its own.
    pub after: Option<Figures>,
    /// The rows of the fit at the fitted temperature, labelled as in-sample.
    pub in_sample_after: Option<Metrics>,
    /// Equal-width diagram of the evaluated rows at T = 1, for JSON whatever the screen shows.
    pub reliability_before: Reliability,
    /// The same after scaling.
    pub reliability_after: Option<Reliability>,
    /// How large the logits are.
    pub logit_scale: LogitScale,
    /// How clear the decisions are.
    pub margin: Margins,
    /// Histograms of both.
    pub histograms: Histograms,
    /// NLL, ECE and Brier over temperatures, of the evaluated rows; empty if they were not asked for.
    pub curves: TemperatureCurves,
    /// Intervals from rows drawn with replacement, which [`bootstrap()`] makes; `None` until then, if none were
    /// asked for, or if there is no row.
    pub bootstrap: Option<Bootstrap>,
    /// The measures beyond the quick ones, which [`families()`] makes; `None` until then, or if they were not
    /// asked for.
    pub families: Option<Families>,
    /// Classes and the likelihood interval of T, which [`details()`] makes; `None` until then, or if the further
    /// measures were not asked for.
    pub details: Option<Details>,
    /// Another library's figures beside ours, which [`parity_figures()`] makes; `None` unless asked for.
    pub parity: Option<ParityFigures>,
    /// Multi-label data label by label, which [`labels()`] makes; `None` until then, or for any other task.
    pub labels: Option<MultiLabel>,
    /// Sentences on what is undefined or special here, for the user.
    pub notes: Vec<String>,
}

/// Everything about the rows of `fit_rows` (which `fit` was made on) and `test_rows` (which,
/// if there are any, every other figure describes).
///
/// Without test rows the figures after scaling are out of fold, or in-sample where the rows are too few
/// for folds or a fold has no temperature of its own; a note says so.
#[expect(clippy::missing_panics_doc, reason = "nobody asks it to stop")]
pub fn analyze(
    fit: TemperatureFit,
    fit_rows: &RowSummaries,
    test_rows: Option<&RowSummaries>,
    options: &AnalysisOptions,
) -> Analysis {
    analyze_while(fit, fit_rows, test_rows, options, &|| true).expect("nobody asks it to stop")
}

/// The same as [`analyze`], as long as `keep_going` says yes: it is asked between the steps and at every
/// temperature of the curves. `None` once it says no.
pub fn analyze_while(
    mut fit: TemperatureFit,
    fit_rows: &RowSummaries,
    test_rows: Option<&RowSummaries>,
    options: &AnalysisOptions,
    keep_going: &(dyn Fn() -> bool + Sync),
) -> Option<Analysis> {
    let rows = test_rows.unwrap_or(fit_rows);
    let diagram = DiagramOptions { n_bins: options.n_bins, binning: options.binning };
    // Neither half waits for the other, and each has stretches that one core works on alone.
    let ((at_one, before, shapes), (after, in_sample_after)) = {
        let (as_given, scaled) = rayon::join(
            || as_given(rows, diagram, keep_going),
            || scaled(&fit, fit_rows, test_rows, (options, keep_going)),
        );
        (as_given?, scaled?)
    };
    fit.verdict = if hold_one_class(fit_rows, 0..fit_rows.len()) {
        Verdict::Undetermined
    } else {
        verdict::verdict(&fit, (rows, &at_one), before.metrics.ece, options)
    };
    let (scale, margin, histograms) = shapes;
    let headline = Outcome::headline(rows.n_classes());
    let width = |at| reliability(at, headline, Binning::Width, options.n_bins);
    let curves = if options.curves {
        curves(rows, fit.temperature, options.n_bins, keep_going)?
    } else {
        TemperatureCurves::default()
    };
    Some(Analysis {
        evaluated_on: after.as_ref().map_or(default_evaluation(test_rows), |a| a.evaluated_on),
        folds: after.as_ref().map_or(Vec::new(), |a| a.folds.clone()),
        reliability_before: width(&at_one),
        reliability_after: after.as_ref().map(|a| width(&a.at)),
        notes: notes(rows, &fit, after.as_ref()),
        curves,
        after: after.map(|a| {
            let exact = a.folds.iter().filter_map(|fold| fold.temperature).chain([a.temperature]);
            let exact = exact.map(f64::recip).all(|b| rows.is_near_exact(b));
            figures(rows, &a.at, diagram, (a.temperature, exact))
        }),
        fit,
        before,
        bootstrap: None,
        families: None,
        details: None,
        parity: None,
        labels: None,
        in_sample_after,
        logit_scale: scale,
        margin,
        histograms,
    })
}

/// The rows at T = 1, their figures, and their shapes; `None` once `keep_going` says no.
fn as_given(
    rows: &RowSummaries,
    diagram: DiagramOptions,
    keep_going: &(dyn Fn() -> bool + Sync),
) -> Option<(RowsAt, Figures, (LogitScale, Margins, Histograms))> {
    let on = || keep_going().then_some(());
    on()?;
    let at_one = RowsAt::new(rows, 1.0);
    let before = figures(rows, &at_one, diagram, (1.0, rows.is_exact_at(1.0)));
    on()?;
    let shapes = shapes(rows, &at_one);
    Some((at_one, before, shapes))
}

/// The evaluated rows after scaling, and the measures of the fitted ones; `None` once it is told to stop.
fn scaled(
    fit: &TemperatureFit,
    fit_rows: &RowSummaries,
    test_rows: Option<&RowSummaries>,
    (options, keep_going): (&AnalysisOptions, &(dyn Fn() -> bool + Sync)),
) -> Option<(Option<After>, Option<Metrics>)> {
    let on = || keep_going().then_some(());
    let rows = test_rows.unwrap_or(fit_rows);
    on()?;
    let after = fit.inverse_temperature.map(|b| after(rows, test_rows.is_some(), b, options));
    on()?;
    let in_sample = fit
        .inverse_temperature
        .map(|b| metrics(fit_rows, &RowsAt::new(fit_rows, b), options.n_bins));
    Some((after, in_sample))
}

fn default_evaluation(test_rows: Option<&RowSummaries>) -> EvaluatedOn {
    if test_rows.is_some() { EvaluatedOn::Test } else { EvaluatedOn::InSample }
}

/// The evaluated rows after scaling.
struct After {
    temperature: f64,
    at: RowsAt,
    evaluated_on: EvaluatedOn,
    folds: Vec<Fold>,
    note: Option<String>,
}

fn after(rows: &RowSummaries, is_test: bool, b: f64, options: &AnalysisOptions) -> After {
    let same = |evaluated_on, note| After {
        temperature: b.recip(),
        at: RowsAt::new(rows, b),
        evaluated_on,
        folds: Vec::new(),
        note,
    };
    if is_test {
        return same(EvaluatedOn::Test, None);
    }
    if options.n_folds < 2 {
        return same(EvaluatedOn::InSample, None);
    }
    let Some((fold_of, fits)) = fit_folds(rows, options.n_folds, options.seed, b) else {
        let grouped = if rows.groups().is_some() { " in their groups" } else { "" };
        let note = format!(
            "{} rows{grouped} are too few for {} folds: the figures after scaling are in-sample",
            rows.len(),
            options.n_folds
        );
        return same(EvaluatedOn::InSample, Some(note));
    };
    let Some(bs) = fits.iter().copied().collect::<Option<Vec<f64>>>() else {
        let note = "a fold has no temperature of its own: the figures after scaling are in-sample";
        return same(EvaluatedOn::InSample, Some(note.to_owned()));
    };
    let count = |fold: usize| fold_of.iter().filter(|f| **f as usize == fold).count();
    let fold = |(idx, b): (usize, &f64)| Fold { temperature: Some(b.recip()), count: count(idx) };
    After {
        temperature: b.recip(),
        at: RowsAt::each(rows, |idx| bs[fold_of[idx] as usize]),
        evaluated_on: EvaluatedOn::OutOfFold,
        folds: bs.iter().enumerate().map(fold).collect(),
        note: None,
    }
}

/// Curves of the evaluated rows over a log grid that covers 1 and T with room on both sides.
fn curves(
    rows: &RowSummaries,
    temperature: Option<f64>,
    n_bins: usize,
    keep_going: &(dyn Fn() -> bool + Sync),
) -> Option<TemperatureCurves> {
    let t = temperature.unwrap_or(1.0);
    let (low, high) = (t.min(1.0) / CURVE_MARGIN, t.max(1.0) * CURVE_MARGIN);
    let grid = Grid::covering(high.recip(), low.recip());
    let OverTemperatures { nll, ece, brier } = over_temperatures(rows, grid, n_bins, keep_going)?;
    // Ascending in b is descending in T.
    let reversed = |values: Vec<f64>| values.into_iter().rev().collect();
    Some(TemperatureCurves {
        temperature: (0..grid.n_points()).rev().map(|idx| grid.b(idx).recip()).collect(),
        nll: reversed(nll),
        ece: reversed(ece),
        brier: reversed(brier),
    })
}
