//! The one conductor, used by `cli` and `tui` alike: a loaded file to a finished study.
//!
//! source -> summary pass -> fit from the curves -> exact pass at T = 1 and the fitted T -> one
//! refinement -> analysis.

mod audience;
mod beside;
mod choose;
mod classwise;
mod compare;
mod counts;
mod diagnosed;
mod figures;
mod further;
mod gathered;
mod input;
mod join;
mod methods;
mod note;
mod passes;
mod preview;
mod sequence;
mod summaries;
mod unlabelled;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use serde::Serialize;

use crate::analysis::{
    Analysis, AnalysisOptions, analyze_while, bootstrap, details, families, labels, parity_figures,
};
use crate::data::{BatchSource, SourceError, SourceInfo};
use crate::diagnosis::{Diagnosis, Finding, Skipped, Subject};
use crate::fit::{TemperatureFit, fit_temperature_from, nearly};
use crate::metrics::MAX_CLASSWISE;
use crate::summarize::{self, RowSummaries, START_TEMPERATURE, SummaryOptions, summarize_watched};

use audience::Teller;
use preview::Preview;

pub use audience::Audience;
pub use compare::{Incomparable, Paired};
pub use counts::RowCounts;
pub use further::{ClasswiseSides, Further};
pub use preview::FirstRows;

use passes::{is_fit_exact, notes, passes};

pub use choose::for_summaries;
pub use input::{Inputs, Opened, Sources, holds_summaries, open, open_summaries};
pub use note::{SUMMARIES_SCHEMA, SummarySource};
pub use passes::summaries;
pub use sequence::{
    ChosenStep, are_steps, chosen_step, expanded, in_order, series_of, step_number, steps_beside,
};
pub use summaries::{Summaries, SummaryPart};
pub use unlabelled::Unlabelled;

/// A refined temperature this close (in ln T) to the one the exact pass was made for needs no other pass.
const CLOSE_ENOUGH: f64 = 1e-3;

/// Exact passes at most: the nodes are good to 5e-5, so the first one nearly always suffices.
const MAX_EXACT_PASSES: usize = 2;

/// Summary passes at most: the second one if a sample of the rows put the nodes in the wrong place, the third
/// if that place was so wrong that the fit on all rows could not tell the right one.
const MAX_SUMMARY_PASSES: usize = 3;

/// Octaves of temperature that nodes reach beyond 1 and the fitted temperature, for curves and all that may be asked
/// later, and for a fit alone.
const ALL_OCTAVES: f64 = 4.0;
const NEARBY_OCTAVES: f64 = 2.0;

/// The same for a fit of so many rows that no fold strays far from it.
const NEXT_OCTAVES: f64 = 1.0;
const MANY_ROWS: usize = 10_000;

/// What the conductor is doing; `done` of `total` rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StudyProgress {
    /// `summarising rows`, `exact figures`, `fitting and drawing`, `drawing rows again`, `further measures`,
    /// `classwise figures`.
    pub phase: &'static str,
    /// Rows done in this phase.
    pub done: u64,
    /// Rows of this phase.
    pub total: u64,
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
    /// The measures beyond the quick ones, where they are asked for.
    pub families: f64,
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
    /// False if the temperature had to be fitted on interpolated rows, because the logits are not at hand.
    pub is_fit_exact: bool,
    /// SHA-256 of the labels of the evaluated part, see [`BatchSource::sha256_labels`]; `None` where several
    /// summaries were joined that do not know all labels.
    pub sha256_labels: Option<String>,
    /// The same of the fitted part, for the card.
    pub sha256_fitted_labels: Option<String>,
    /// What is wrong with the logits, the probable cause first; empty in a study of first rows.
    pub findings: Vec<Finding>,
    /// The rules that do not apply to these rows; empty in a study of first rows.
    pub skipped: Vec<Skipped>,
    /// How long it took.
    pub timing: Timing,
    /// More than one temperature, see [`Study::compare_methods`]; the caller enters it here if a report is to hold it.
    pub methods: Option<crate::analysis::Comparison>,
    /// Thresholds of every class, see [`Study::thresholds`]; as above.
    pub thresholds: Option<crate::analysis::Thresholds>,
    /// Summaries of the evaluated rows.
    rows: RowSummaries,
    /// The rows that were fitted on, if they are others.
    fit_part: Option<passes::Part>,
    /// `Some` if only the first rows were read when this was made: it is shown while the others come.
    pub first: Option<FirstRows>,
    /// The evaluated rows' logits, for exact figures at other temperatures; `None` if summaries were read, and in
    /// a study of first rows.
    source: Option<Arc<dyn BatchSource>>,
}

/// Runs every step. `progress` is called from this thread at every batch; returning `false` cancels.
///
/// # Errors
/// [`SourceError::Cancelled`], or why the source could not be read again.
pub fn study(
    inputs: impl Into<Inputs>,
    options: &AnalysisOptions,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<Study, SourceError> {
    study_before(inputs, options, &mut Teller(progress))
}

/// The same before an audience that may look at the figures of the first rows while the others come.
///
/// # Errors
/// As [`study`]; also [`SourceError::Cancelled`] soon after the audience's flag was raised.
pub fn study_before(
    inputs: impl Into<Inputs>,
    options: &AnalysisOptions,
    audience: &mut dyn Audience,
) -> Result<Study, SourceError> {
    let passed = passes(inputs.into(), options, audience)?;
    let mut timing = passed.timing;
    let stop = audience.stop();
    let test_rows = passed.test.as_ref().map(|part| &part.rows);
    let mut analysis = analysis(
        (passed.fitted.clone(), &passed.fit.rows, test_rows),
        options,
        &mut timing,
        (&mut |p| audience.progress(p), &stop),
    )?;
    classwise::add(&mut analysis, &passed, options, (audience, &mut timing))?;
    let is_fit_exact = is_fit_exact(&analysis, &passed.fit);
    analysis.notes.extend(notes(&passed, &analysis, is_fit_exact));

    let asked = options.findings;
    let found = asked.then(|| diagnosed::diagnosed(&passed, &analysis, options));
    let Diagnosis { findings, skipped } = found.unwrap_or_default();
    let fitted = passed.test.is_some().then(|| passed.fit.counts());
    let sha256_fitted_labels = passed.fit.sha256_labels();
    let (judged, fit_part) = match passed.test {
        Some(test) => (test, Some(passed.fit)),
        None => (passed.fit, None),
    };
    Ok(Study {
        info: passed.info,
        analysis,
        is_fit_exact,
        counts: judged.counts(),
        fitted,
        sha256_labels: judged.sha256_labels(),
        sha256_fitted_labels,
        findings,
        skipped,
        timing,
        rows: judged.rows,
        fit_part,
        methods: None,
        thresholds: None,
        first: None,
        source: judged.source,
    })
}

/// Passes over the logits that a study takes as a rule: the summary pass, and where it keeps nodes an
/// exact one and, with all `families` of measures, one for the classwise figures.
fn n_passes(n_classes: usize, families: bool) -> u64 {
    if n_classes <= summarize::MAX_KEPT_CLASSES {
        1
    } else if families && n_classes <= MAX_CLASSWISE {
        3
    } else {
        2
    }
}

/// Everything that follows from the rows to fit on and, if they are others, those to judge on.
fn analysis(
    (fit, fit_rows, test_rows): (TemperatureFit, &RowSummaries, Option<&RowSummaries>),
    options: &AnalysisOptions,
    timing: &mut Timing,
    (progress, stop): (&mut dyn FnMut(StudyProgress) -> bool, &AtomicBool),
) -> Result<Analysis, SourceError> {
    let mut begin = |phase| {
        let goes_on = progress(StudyProgress { phase, done: 0, total: 0 });
        goes_on.then(Instant::now).ok_or(SourceError::Cancelled)
    };
    let keep_going = || !stop.load(Ordering::Relaxed);
    let start = begin("fitting and drawing")?;
    let mut analysis = analyze_while(fit, fit_rows, test_rows, options, &keep_going)
        .ok_or(SourceError::Cancelled)?;
    timing.metrics = start.elapsed().as_secs_f64();
    let start = begin("drawing rows again")?;
    analysis.bootstrap = bootstrap(fit_rows, test_rows, &analysis, options);
    timing.bootstrap = start.elapsed().as_secs_f64();
    let start = begin("further measures")?;
    analysis.families = families(fit_rows, test_rows, &analysis, options);
    analysis.labels = labels(fit_rows, test_rows, &analysis, options);
    analysis.details = details(fit_rows, test_rows, &analysis, options);
    let rows = test_rows.unwrap_or(fit_rows);
    analysis.parity = parity_figures(rows, &analysis, options);
    timing.families = start.elapsed().as_secs_f64();
    Ok(analysis)
}

/// The summary pass. For rows that keep nodes, `b0` (or a first guess from a sample) says where the nodes
/// are wanted. A sample may mislead: if all rows together have their minimum where the nodes do not reach,
/// the pass is made again. Beside the rows stands their fitted inverse temperature as nearly as the nodes say it.
fn summary(
    source: &dyn BatchSource,
    b0: Option<f64>,
    preview: &mut Option<Preview<'_>>,
    audience: &mut dyn Audience,
) -> Result<(RowSummaries, Option<f64>), SourceError> {
    let needs_guess = source.n_classes() > summarize::MAX_KEPT_CLASSES && b0.is_none();
    let guess = if needs_guess {
        let begins = StudyProgress { phase: "sampling rows", done: 0, total: 0 };
        if !audience.progress(begins) {
            return Err(SourceError::Cancelled);
        }
        nearly(&summarize::sample(source)?, START_TEMPERATURE.recip())
    } else {
        b0
    };
    let start = guess.unwrap_or(START_TEMPERATURE.recip());
    let octaves = octaves(preview.as_ref(), source.n_rows());
    let mut rows = summary_around(source, start, preview, audience)?;
    if rows.keeps_scores() {
        return Ok((rows, None));
    }
    let mut fitted = nearly(&rows, start);
    for _ in 1..MAX_SUMMARY_PASSES {
        match fitted {
            Some(b) if needs_guess && !rows.covers(b, octaves - (0.5 * octaves).min(1.0)) => {
                rows = summary_around(source, b, preview, audience)?;
                fitted = nearly(&rows, b);
            }
            _ => break,
        }
    }
    Ok((rows, fitted))
}

/// How far nodes must reach: a fit alone needs those nearby, and they cost a third less.
fn octaves(preview: Option<&Preview<'_>>, n_rows: usize) -> f64 {
    match preview {
        Some(preview) if !preview.draws_curves() && n_rows >= MANY_ROWS => NEXT_OCTAVES,
        Some(preview) if !preview.draws_curves() => NEARBY_OCTAVES,
        _ => ALL_OCTAVES,
    }
}

fn summary_around(
    source: &dyn BatchSource,
    b0: f64,
    preview: &mut Option<Preview<'_>>,
    audience: &mut dyn Audience,
) -> Result<RowSummaries, SourceError> {
    let total = source.n_rows() as u64;
    let wanted = SummaryOptions {
        b0,
        octaves: octaves(preview.as_ref(), source.n_rows()),
        gathers: preview.as_ref().is_none_or(Preview::has_findings),
    };
    summarize_watched(source, wanted, &mut |rows, done| {
        let at = StudyProgress { phase: "summarising rows", done, total };
        audience.progress(at)
            && preview.as_ref().is_none_or(|preview| preview.show(rows, done, audience))
    })
}

/// Exact passes at 1 and the fitted temperature, which is `near`, until it no longer moves away from its column; then
/// the fit.
fn refine(
    source: &dyn BatchSource,
    (rows, near): (&mut RowSummaries, Option<f64>),
    level: f64,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<TemperatureFit, SourceError> {
    let mut b = near;
    for _ in 0..MAX_EXACT_PASSES {
        let missing: Vec<f64> =
            exact_points(b).into_iter().filter(|b| !rows.is_exact_at(*b)).collect();
        if missing.is_empty() {
            break;
        }
        add_exact(source, rows, &missing, progress)?;
        b = b.and_then(|b| nearly(rows, b));
    }
    let start = b.unwrap_or(START_TEMPERATURE.recip());
    Ok(fit_temperature_from(rows, level, start))
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
        progress(StudyProgress { phase: "exact figures", done, total })
    })?;
    rows.add_exact(columns);
    Ok(())
}

impl std::fmt::Debug for Study {
    /// The source is left out: it is the whole matrix.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = f.debug_struct("Study");
        out.field("info", &self.info).field("analysis", &self.analysis);
        out.field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Study {
    /// These rows as a subject of the diagnosis.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            info: &self.info,
            rows: &self.rows,
            fit: &self.analysis.fit,
            analysis: Some(&self.analysis),
            slices: &[],
        }
    }

    /// Summaries of the evaluated rows.
    pub fn rows(&self) -> &RowSummaries {
        &self.rows
    }

    /// Summaries of the rows that the temperature was fitted on, where others are judged.
    pub fn fitted_rows(&self) -> Option<&RowSummaries> {
        self.fit_part.as_ref().map(|part| &part.rows)
    }
}
