//! The pure heart: row summaries in, everything a report or a screen says out.

use rayon::prelude::*;
use serde::Serialize;

use crate::fit::{TemperatureFit, fit_folds, fit_temperature};
use crate::metrics::{
    Binning, DiagramOptions, Families, FamilyOptions, Figures, Histogram, Metrics, Outcome,
    Reliability, RowsAt, Spread, ece, figures, metrics, reliability,
};
use crate::numerics::mean;
use crate::summarize::RowSummaries;

/// Cells of the histograms in a report; charts merge them to the columns they have.
const HISTOGRAM_CELLS: usize = 60;

/// Temperatures of the curves.
const CURVE_POINTS: usize = 81;

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
    /// Whether to compute [`Analysis::families`], which a report prints and a first screen does not wait for.
    pub families: bool,
}

/// Distribution of the quantities that describe how large the logits are.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LogitScale {
    /// Largest logit of a row.
    pub max: Spread,
    /// Smallest logit of a row (over the classes present).
    pub min: Spread,
    /// Mean logit of a row.
    pub mean: Spread,
    /// Standard deviation within a row, dividing by K.
    pub sd: Spread,
    /// Euclidean norm of a row.
    pub norm: Spread,
    /// log sum exp of a row, at T = 1.
    pub log_sum_exp: Spread,
    /// Entropy of a row in nats, at T = 1.
    pub entropy: Spread,
}

/// Distribution of the top-two margin, in logits.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Margins {
    /// Largest minus second largest logit, all rows.
    pub all: Spread,
    /// The same over rows that are right.
    pub correct: Spread,
    /// The same over rows that are wrong.
    pub wrong: Spread,
    /// Label's logit minus the largest other.
    pub true_class_margin: Spread,
    /// Rows whose largest logit occurs more than once.
    pub tied_top: u64,
}

/// The four histograms of a report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Histograms {
    /// Largest logit.
    pub max_logit: Histogram,
    /// Standard deviation within the row.
    pub sd: Histogram,
    /// Top-two margin, in logits.
    pub margin: Histogram,
    /// Confidence at T = 1.
    pub confidence: Histogram,
}

/// Curves over the temperature, on a log grid.
#[derive(Clone, PartialEq, Debug)]
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
    /// The measures beyond the quick ones, if asked for.
    pub families: Option<Families>,
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
    /// NLL, ECE and Brier over temperatures, of the evaluated rows.
    pub curves: TemperatureCurves,
    /// Sentences on what is undefined or special here, for the user.
    pub notes: Vec<String>,
}

/// Everything about the rows of `fit_rows` (which the temperature is fitted on) and `test_rows` (which,
/// if there are any, every other figure describes).
///
/// Without test rows the figures after scaling are out of fold, or in-sample where the rows are too few
/// for folds or a fold has no temperature of its own; a note says so.
pub fn analyze(
    fit_rows: &RowSummaries,
    test_rows: Option<&RowSummaries>,
    options: &AnalysisOptions,
) -> Analysis {
    let fit = fit_temperature(fit_rows, options.level);
    let rows = test_rows.unwrap_or(fit_rows);
    let diagram = DiagramOptions {
        n_bins: options.n_bins,
        binning: options.binning,
    };
    let at_one = RowsAt::new(rows, 1.0);
    let before = figures(rows, &at_one, diagram, (1.0, rows.is_exact_at(1.0)));
    let after = fit
        .inverse_temperature
        .map(|b| after(rows, test_rows.is_some(), b, options));
    let in_sample = fit.inverse_temperature.map(|b| RowsAt::new(fit_rows, b));
    let families = options.families.then(|| {
        let after = after.as_ref().map(|a| (rows, &a.at));
        let in_sample = in_sample.as_ref().map(|at| (fit_rows, at));
        let options = FamilyOptions {
            n_bins: options.n_bins,
            level: options.level,
            seed: options.seed,
        };
        Families::new((rows, &at_one), after, in_sample, options)
    });
    let in_sample_after = in_sample.map(|at| metrics(fit_rows, &at, options.n_bins));
    let headline = Outcome::headline(rows.n_classes());
    let width = |at| reliability(rows, at, headline, Binning::Width, options.n_bins);
    let (scale, margin, histograms) = shapes(rows, &at_one);
    Analysis {
        evaluated_on: after
            .as_ref()
            .map_or(default_evaluation(test_rows), |a| a.evaluated_on),
        folds: after.as_ref().map_or(Vec::new(), |a| a.folds.clone()),
        reliability_before: width(&at_one),
        reliability_after: after.as_ref().map(|a| width(&a.at)),
        notes: notes(rows, &fit, after.as_ref()),
        curves: curves(rows, fit.temperature, options.n_bins),
        after: after.map(|a| {
            let exact = a
                .folds
                .iter()
                .filter_map(|fold| fold.temperature)
                .chain([a.temperature]);
            let exact = exact.map(f64::recip).all(|b| rows.is_near_exact(b));
            figures(rows, &a.at, diagram, (a.temperature, exact))
        }),
        fit,
        before,
        in_sample_after,
        families,
        logit_scale: scale,
        margin,
        histograms,
    }
}

fn default_evaluation(test_rows: Option<&RowSummaries>) -> EvaluatedOn {
    if test_rows.is_some() {
        EvaluatedOn::Test
    } else {
        EvaluatedOn::InSample
    }
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
        let note = format!(
            "{} rows are too few for {} folds: the figures after scaling are in-sample",
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
    let fold = |(idx, b): (usize, &f64)| Fold {
        temperature: Some(b.recip()),
        count: count(idx),
    };
    After {
        temperature: b.recip(),
        at: RowsAt::each(rows, |idx| bs[fold_of[idx] as usize]),
        evaluated_on: EvaluatedOn::OutOfFold,
        folds: bs.iter().enumerate().map(fold).collect(),
        note: None,
    }
}

fn notes(rows: &RowSummaries, fit: &TemperatureFit, after: Option<&After>) -> Vec<String> {
    let mut notes = Vec::new();
    let left_out = rows.left_out();
    if left_out.non_finite > 0 {
        notes.push(format!(
            "{} rows hold NaN or infinite scores and are left out of every figure",
            left_out.non_finite
        ));
    }
    if left_out.ignored_label > 0 {
        notes.push(format!(
            "{} rows carry the label to ignore and are left out of every figure",
            left_out.ignored_label
        ));
    }
    let impossible = rows
        .columns()
        .label_logit
        .iter()
        .filter(|z| !z.is_finite())
        .count();
    if impossible > 0 {
        notes.push(format!(
            "{impossible} rows give their label a probability of exactly 0: NLL is infinite, and the fit leaves them out"
        ));
    }
    if fit.temperature.is_none() {
        notes.push(format!("no temperature: {}", fit.status.explain()));
    }
    notes.extend(after.and_then(|a| a.note.clone()));
    notes
}

fn shapes(rows: &RowSummaries, at_one: &RowsAt) -> (LogitScale, Margins, Histograms) {
    let columns = rows.columns();
    let each = |f: &dyn Fn(crate::summarize::RowView<'_>) -> f64| -> Vec<f64> {
        (0..rows.len()).map(|i| f(rows.row(i))).collect()
    };
    let correct: Vec<bool> = (0..rows.len()).map(|i| rows.row(i).is_correct()).collect();
    let (max, margin) = (each(&|row| row.max()), each(&|row| row.margin()));
    let log_sum_exp: Vec<f64> = (0..rows.len())
        .map(|i| max[i] + rows.row(i).moments(1.0).at.log_z)
        .collect();
    let of = |keep: bool| -> Vec<f64> {
        margin
            .iter()
            .zip(&correct)
            .filter(|pair| *pair.1 == keep)
            .map(|pair| *pair.0)
            .collect()
    };
    let scale = LogitScale {
        max: Spread::of(&max),
        min: Spread::of(&columns.min),
        mean: Spread::of(&columns.mean),
        sd: Spread::of(&columns.sd),
        norm: Spread::of(&columns.norm),
        log_sum_exp: Spread::of(&log_sum_exp),
        entropy: Spread::of(&at_one.entropy),
    };
    let margins = Margins {
        all: Spread::of(&margin),
        correct: Spread::of(&of(true)),
        wrong: Spread::of(&of(false)),
        true_class_margin: Spread::of(&each(&|row| row.true_class_margin())),
        tied_top: columns.n_max.iter().filter(|n| **n > 1).count() as u64,
    };
    let cells = HISTOGRAM_CELLS;
    let histograms = Histograms {
        max_logit: Histogram::new(&max, &correct, range(&scale.max), cells),
        sd: Histogram::new(&columns.sd, &correct, from_zero(&scale.sd), cells),
        margin: Histogram::new(&margin, &correct, from_zero(&margins.all), cells),
        confidence: Histogram::new(&at_one.confidence, &correct, (0.0, 1.0), cells),
    };
    (scale, margins, histograms)
}

/// What a histogram shows: the middle 98 %, widened to the whole range where that is no more than half as
/// wide again. A few runaway rows must not squeeze all others into one cell; they are counted beside it.
fn range(spread: &Spread) -> (f64, f64) {
    // A row with one class left has an infinite margin: the range is that of the finite quantiles.
    let finite: Vec<f64> = spread
        .quantiles
        .0
        .iter()
        .copied()
        .filter(|q| q.is_finite())
        .collect();
    let (Some(&least), Some(&most)) = (finite.first(), finite.last()) else {
        return (0.0, 1.0);
    };
    let inner = |q: f64| q.clamp(least, most);
    let q = spread.quantiles.0.map(inner);
    let (low, high) = (q[1], q[7]);
    let room = 0.5 * (high - low);
    let low = if low - q[0] <= room { q[0] } else { low };
    let high = if q[8] - high <= room { q[8] } else { high };
    (low, high)
}

/// The same for a quantity that cannot be negative. Where all of it is 0, the unit to the right is shown.
fn from_zero(spread: &Spread) -> (f64, f64) {
    let high = range(spread).1;
    (0.0, if high > 0.0 { high } else { 1.0 })
}

/// Curves of the evaluated rows over a log grid that covers 1 and T with room on both sides.
fn curves(rows: &RowSummaries, temperature: Option<f64>, n_bins: usize) -> TemperatureCurves {
    let t = temperature.unwrap_or(1.0);
    let (low, high) = (t.min(1.0) / CURVE_MARGIN, t.max(1.0) * CURVE_MARGIN);
    let step = (high / low).ln() / (CURVE_POINTS - 1) as f64;
    let grid: Vec<f64> = (0..CURVE_POINTS)
        .map(|i| low * (step * i as f64).exp())
        .collect();
    let headline = Outcome::headline(rows.n_classes());
    let point = |t: &f64| {
        let at = RowsAt::new(rows, t.recip());
        let bins = reliability(rows, &at, headline, Binning::Width, n_bins).bins;
        (mean(&at.nll), ece(&bins), mean(&at.brier))
    };
    let points: Vec<(f64, f64, f64)> = grid.par_iter().map(point).collect();
    TemperatureCurves {
        nll: points.iter().map(|p| p.0).collect(),
        ece: points.iter().map(|p| p.1).collect(),
        brier: points.iter().map(|p| p.2).collect(),
        temperature: grid,
    }
}
