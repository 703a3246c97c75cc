//! The one conductor, used by `cli` and `tui` alike: a loaded file to a finished study.
//!
//! source -> summary pass -> fit from the curves -> exact pass at T = 1 and the fitted T -> one
//! refinement -> analysis.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use crate::analysis::{Analysis, AnalysisOptions, analyze, bootstrap};
use crate::data::{BatchSource, SourceError, SourceInfo, Temperature};
use crate::fit::{TemperatureFit, fit_temperature};
use crate::io::Loaded;
use crate::metrics::{DiagramOptions, Figures, RowsAt, figures};
use crate::summarize::{self, RowSummaries, START_TEMPERATURE, summarize};

/// A refined temperature this close (in ln T) to the one the exact pass was made for needs no other pass.
const CLOSE_ENOUGH: f64 = 1e-3;

/// Exact passes at most: the nodes are good to 5e-5, so the first one nearly always suffices.
const MAX_EXACT_PASSES: usize = 2;

/// Summary passes at most: the second one if a sample of the rows put the nodes in the wrong place, the third
/// if that place was so wrong that the fit on all rows could not tell the right one.
const MAX_SUMMARY_PASSES: usize = 3;

/// What the conductor is doing; `done` of `total` rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StudyProgress {
    /// `summarising rows`, `exact figures`, `fitting and drawing`, `drawing rows again`.
    pub phase: &'static str,
    /// Rows done in this phase.
    pub done: u64,
    /// Rows of this phase.
    pub total: u64,
}

/// Row counts of the evaluated rows, for the `source` object and the app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowCounts {
    /// Rows of the evaluated part as read.
    pub read: u64,
    /// Rows that every figure describes.
    pub used: u64,
    /// Rows left out because of their label.
    pub ignored_label: u64,
    /// Rows left out because a logit is not finite.
    pub non_finite: u64,
}

/// How long each step took, in seconds.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize)]
pub struct Timing {
    /// Reading and decoding the file; set by the caller, who did that.
    pub load: f64,
    /// The summary pass.
    pub summarize: f64,
    /// Fitting, with the exact pass it needs.
    pub fit: f64,
    /// Everything else: folds, figures, curves.
    pub metrics: f64,
    /// The bootstrap and the noise floors.
    pub bootstrap: f64,
}

/// One file, understood, summarised, fitted and analysed. Immutable: threads share it in an `Arc`.
pub struct Study {
    /// What was understood of the file.
    pub info: SourceInfo,
    /// Everything found out.
    pub analysis: Analysis,
    /// Counts of the evaluated rows.
    pub counts: RowCounts,
    /// Counts of the fitted rows, if another part is evaluated.
    pub fitted: Option<RowCounts>,
    /// SHA-256 of the labels of the evaluated part, see [`BatchSource::sha256_labels`].
    pub sha256_labels: String,
    /// The same of the fitted part, for the card.
    pub sha256_fitted_labels: String,
    /// How long it took.
    pub timing: Timing,
    /// Summaries of the evaluated rows.
    rows: RowSummaries,
    /// The evaluated rows' logits, for exact figures at other temperatures.
    source: Arc<dyn BatchSource>,
}

/// What a study is made of: a description and one or two sources.
pub struct Sources {
    /// What was understood of the file.
    pub info: SourceInfo,
    /// The rows to fit on.
    pub fit: Arc<dyn BatchSource>,
    /// The rows to judge on, if they are others.
    pub test: Option<Arc<dyn BatchSource>>,
}

impl From<Loaded> for Sources {
    fn from(loaded: Loaded) -> Self {
        let test = loaded
            .test
            .map(|source| -> Arc<dyn BatchSource> { Arc::new(source) });
        Self {
            info: loaded.info,
            fit: Arc::new(loaded.fit),
            test,
        }
    }
}

/// Runs every step. `progress` is called from this thread at every batch; returning `false` cancels.
///
/// # Errors
/// [`SourceError::Cancelled`], or why the source could not be read again.
pub fn study(
    sources: impl Into<Sources>,
    options: &AnalysisOptions,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<Study, SourceError> {
    let Sources {
        info,
        fit: fit_source,
        test: test_source,
    } = sources.into();
    let start = Instant::now();
    let mut fit_rows = summary(&*fit_source, None, progress)?;
    let b0 = fit_temperature(&fit_rows, options.level).inverse_temperature;
    let mut test_rows = test_source
        .as_ref()
        .map(|source| summary(&**source, b0, progress))
        .transpose()?;
    let mut timing = Timing {
        summarize: start.elapsed().as_secs_f64(),
        ..Timing::default()
    };

    let start = Instant::now();
    let fit = refine(&*fit_source, &mut fit_rows, options.level, progress)?;
    if let (Some(source), Some(rows)) = (&test_source, &mut test_rows) {
        let points = exact_points(fit.inverse_temperature);
        add_exact(&**source, rows, &points, progress)?;
    }
    timing.fit = start.elapsed().as_secs_f64();

    let rows = (&fit_rows, test_rows.as_ref());
    let analysis = analysis(fit, rows, options, (&mut timing, progress))?;

    let fitted = test_rows
        .is_some()
        .then(|| RowCounts::new(&*fit_source, &fit_rows));
    let sha256_fitted_labels = fit_source.sha256_labels();
    let (rows, source) = match (test_rows, test_source) {
        (Some(rows), Some(source)) => (rows, source),
        _ => (fit_rows, fit_source),
    };
    Ok(Study {
        info,
        analysis,
        counts: RowCounts::new(&*source, &rows),
        fitted,
        sha256_labels: source.sha256_labels(),
        sha256_fitted_labels,
        timing,
        rows,
        source,
    })
}

/// Everything after the passes: figures, then the draws of the bootstrap.
fn analysis(
    fit: TemperatureFit,
    (fit_rows, test_rows): (&RowSummaries, Option<&RowSummaries>),
    options: &AnalysisOptions,
    (timing, progress): (&mut Timing, &mut dyn FnMut(StudyProgress) -> bool),
) -> Result<Analysis, SourceError> {
    let total = fit_rows.len() as u64;
    let mut begin = |phase| {
        let goes_on = progress(StudyProgress {
            phase,
            done: 0,
            total,
        });
        goes_on.then(Instant::now).ok_or(SourceError::Cancelled)
    };
    let start = begin("fitting and drawing")?;
    let mut analysis = analyze(fit, fit_rows, test_rows, options);
    timing.metrics = start.elapsed().as_secs_f64();
    let start = begin("drawing rows again")?;
    analysis.bootstrap = bootstrap(fit_rows, test_rows, &analysis, options);
    timing.bootstrap = start.elapsed().as_secs_f64();
    Ok(analysis)
}

/// The summary pass. For rows that keep nodes, `b0` (or a first guess from a sample) says where the nodes
/// are wanted. A sample may mislead: if all rows together have their minimum where the nodes do not reach,
/// the pass is made again.
fn summary(
    source: &dyn BatchSource,
    b0: Option<f64>,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<RowSummaries, SourceError> {
    let needs_guess = source.n_classes() > summarize::MAX_KEPT_CLASSES && b0.is_none();
    let guess = if needs_guess {
        fit_temperature(&summarize::sample(source)?, 0.95).inverse_temperature
    } else {
        b0
    };
    let start = guess.unwrap_or(START_TEMPERATURE.recip());
    let mut rows = summary_around(source, start, progress)?;
    for _ in 1..MAX_SUMMARY_PASSES {
        let fitted = needs_guess.then(|| fit_temperature(&rows, 0.95).inverse_temperature);
        match fitted.flatten() {
            Some(b) if !rows.covers(b) => rows = summary_around(source, b, progress)?,
            _ => break,
        }
    }
    Ok(rows)
}

fn summary_around(
    source: &dyn BatchSource,
    b0: f64,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<RowSummaries, SourceError> {
    let total = source.n_rows() as u64;
    summarize(source, b0, &mut |done| {
        progress(StudyProgress {
            phase: "summarising rows",
            done,
            total,
        })
    })
}

/// Exact passes at 1 and the fitted temperature until the fit no longer moves away from its column; the last
/// fit.
fn refine(
    source: &dyn BatchSource,
    rows: &mut RowSummaries,
    level: f64,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<TemperatureFit, SourceError> {
    let mut fit = fit_temperature(rows, level);
    for _ in 0..MAX_EXACT_PASSES {
        let missing: Vec<f64> = exact_points(fit.inverse_temperature)
            .into_iter()
            .filter(|b| !rows.is_exact_at(*b))
            .collect();
        if missing.is_empty() {
            break;
        }
        add_exact(source, rows, &missing, progress)?;
        fit = fit_temperature(rows, level);
    }
    Ok(fit)
}

/// Where reported figures must be exact.
fn exact_points(b: Option<f64>) -> Vec<f64> {
    let fitted = b.filter(|b| b.ln().abs() > CLOSE_ENOUGH);
    std::iter::once(1.0).chain(fitted).collect()
}

fn add_exact(
    source: &dyn BatchSource,
    rows: &mut RowSummaries,
    bs: &[f64],
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<(), SourceError> {
    if rows.keeps_scores() {
        return Ok(());
    }
    let total = source.n_rows() as u64;
    let columns = summarize::exact(source, rows, bs, &mut |done| {
        progress(StudyProgress {
            phase: "exact figures",
            done,
            total,
        })
    })?;
    rows.add_exact(columns);
    Ok(())
}

impl RowCounts {
    fn new(source: &dyn BatchSource, rows: &RowSummaries) -> Self {
        let left_out = rows.left_out();
        Self {
            read: source.n_rows() as u64,
            used: rows.len() as u64,
            ignored_label: left_out.ignored_label,
            non_finite: left_out.non_finite,
        }
    }
}

impl std::fmt::Debug for Study {
    /// The source is left out: it is the whole matrix.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Study");
        out.field("info", &self.info)
            .field("analysis", &self.analysis);
        out.field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Study {
    /// Summaries of the evaluated rows.
    pub fn rows(&self) -> &RowSummaries {
        &self.rows
    }

    /// Figures of the evaluated rows at any temperature, from the curves alone: O(N) whatever K is.
    /// `exact` in the answer says whether the curves were interpolated.
    pub fn figures_at(&self, temperature: Temperature, diagram: DiagramOptions) -> Figures {
        let b = temperature.inverse();
        let at = RowsAt::new(&self.rows, b);
        figures(
            &self.rows,
            &at,
            diagram,
            (temperature.value(), self.rows.is_exact_at(b)),
        )
    }

    /// The same from one more pass over the logits, in f64. `keep_going` is asked at every batch.
    ///
    /// # Errors
    /// [`SourceError::Cancelled`] once `keep_going` says no, or why the source could not be read.
    pub fn exact_figures_at(
        &self,
        temperature: Temperature,
        diagram: DiagramOptions,
        keep_going: &mut dyn FnMut() -> bool,
    ) -> Result<Figures, SourceError> {
        let b = temperature.inverse();
        if self.rows.is_exact_at(b) {
            return Ok(self.figures_at(temperature, diagram));
        }
        let columns = summarize::exact(&*self.source, &self.rows, &[b], &mut |_| keep_going())?;
        let at = RowsAt::from_moments(&self.rows, b, &columns[0].moments);
        Ok(figures(
            &self.rows,
            &at,
            diagram,
            (temperature.value(), true),
        ))
    }
}
