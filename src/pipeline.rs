//! The one conductor, used by `cli` and `tui` alike: a loaded file to a finished study.
//!
//! source -> summary pass -> fit from the curves -> exact pass at T = 1 and the fitted T -> one
//! refinement -> analysis.

mod input;
mod join;
mod note;
mod summaries;

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use crate::analysis::{Analysis, AnalysisOptions, analyze};
use crate::data::{BatchSource, SourceError, SourceInfo, Temperature};
use crate::fit::fit_temperature;
use crate::metrics::{DiagramOptions, Figures, RowsAt, figures};
use crate::summarize::{self, RowSummaries, START_TEMPERATURE, summarize};

use input::RowsInput;

pub use input::{Inputs, Opened, Sources, holds_summaries, open, open_summaries};
pub use note::{SUMMARIES_SCHEMA, SummarySource};
pub use summaries::{Summaries, SummaryPart};

/// A refined temperature this close (in ln T) to the one the exact pass was made for needs no other pass.
const CLOSE_ENOUGH: f64 = 1e-3;

/// Exact passes at most: the nodes are good to 5e-5, so the first one nearly always suffices.
const MAX_EXACT_PASSES: usize = 3;

/// What the conductor is doing; `done` of `total` rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StudyProgress {
    /// `summarising rows`, `exact figures`, `fitting and drawing`.
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
    /// How long it took.
    pub timing: Timing,
    /// Summaries of the evaluated rows.
    rows: RowSummaries,
    /// The evaluated rows' logits, for exact figures at other temperatures; `None` if summaries were read.
    source: Option<Arc<dyn BatchSource>>,
}

/// Rows that are summarised and, as far as their logits are at hand, exact where figures are reported.
struct Part {
    rows: RowSummaries,
    n_read: u64,
    /// `None` where summaries were read instead of logits.
    source: Option<Arc<dyn BatchSource>>,
    /// Of the labels, where it is not the source that knows it.
    sha256_labels: Option<String>,
}

/// What the passes leave behind.
struct Passed {
    info: SourceInfo,
    sources: Vec<SummarySource>,
    fit: Part,
    test: Option<Part>,
    timing: Timing,
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
    let passed = passes(inputs.into(), options.level, progress)?;
    let start = Instant::now();
    let total = passed.fit.rows.len() as u64;
    let phase = "fitting and drawing";
    if !progress(StudyProgress {
        phase,
        done: 0,
        total,
    }) {
        return Err(SourceError::Cancelled);
    }
    let test_rows = passed.test.as_ref().map(|part| &part.rows);
    let mut analysis = analyze(&passed.fit.rows, test_rows, options);
    let is_fit_exact = is_fit_exact(&analysis, &passed.fit);
    analysis
        .notes
        .extend(notes(&passed, &analysis, is_fit_exact));
    let mut timing = passed.timing;
    timing.metrics = start.elapsed().as_secs_f64();

    let fitted = passed.test.is_some().then(|| passed.fit.counts());
    let sha256_fitted_labels = passed.fit.sha256_labels();
    let judged = passed.test.unwrap_or(passed.fit);
    Ok(Study {
        info: passed.info,
        analysis,
        is_fit_exact,
        counts: judged.counts(),
        fitted,
        sha256_labels: judged.sha256_labels(),
        sha256_fitted_labels,
        timing,
        rows: judged.rows,
        source: judged.source,
    })
}

/// The passes of a study alone: what a file of summaries holds.
///
/// # Errors
/// As [`study`].
pub fn summaries(
    inputs: impl Into<Inputs>,
    level: f64,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<Summaries, SourceError> {
    let passed = passes(inputs.into(), level, progress)?;
    let b = fit_temperature(&passed.fit.rows, level).inverse_temperature;
    let stored = |part: Part| {
        let sha256_labels = part.sha256_labels();
        let mut rows = part.rows;
        rows.keep_exact(&exact_points(b));
        SummaryPart {
            rows,
            n_read: part.n_read,
            sha256_labels,
        }
    };
    Ok(Summaries {
        info: passed.info,
        sources: passed.sources,
        fit: stored(passed.fit),
        test: passed.test.map(stored),
    })
}

/// Summaries of all rows, with exact columns at T = 1 and at the temperature fitted on the first part.
fn passes(
    inputs: Inputs,
    level: f64,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<Passed, SourceError> {
    let start = Instant::now();
    let mut fit = Part::new(inputs.fit, None, progress)?;
    let b0 = fit_temperature(&fit.rows, level).inverse_temperature;
    let test = inputs.test.map(|input| Part::new(input, b0, progress));
    let mut test = test.transpose()?;
    let mut timing = Timing {
        summarize: start.elapsed().as_secs_f64(),
        ..Timing::default()
    };

    let start = Instant::now();
    if let Some(source) = &fit.source {
        refine(&**source, &mut fit.rows, level, progress)?;
    }
    if let Some(Part {
        rows,
        source: Some(source),
        ..
    }) = &mut test
    {
        let b = fit_temperature(&fit.rows, level).inverse_temperature;
        add_exact(&**source, rows, &exact_points(b), progress)?;
    }
    timing.fit = start.elapsed().as_secs_f64();
    Ok(Passed {
        info: inputs.info,
        sources: inputs.sources,
        fit,
        test,
        timing,
    })
}

/// True if the fitted temperature needed no interpolation, or there is none.
fn is_fit_exact(analysis: &Analysis, fit: &Part) -> bool {
    let b = analysis.fit.inverse_temperature;
    b.is_none_or(|b| fit.rows.is_exact_at(b))
}

/// What the reader must know of figures that were not computed from logits.
fn notes(passed: &Passed, analysis: &Analysis, is_fit_exact: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let stored = |part: &Part| part.source.is_none();
    if stored(&passed.fit) || passed.test.as_ref().is_some_and(stored) {
        notes.push(format!(
            "from row summaries of {}, without the logits",
            note::made_from(&passed.sources)
        ));
    }
    if !is_fit_exact {
        notes.push(
            "the temperature was fitted again without the logits: it is interpolated, to about 5e-5 of T".to_owned(),
        );
    }
    let before = (!analysis.before.exact).then_some("before scaling");
    let after = analysis.after.as_ref().filter(|after| !after.exact);
    let inexact: Vec<&str> = before
        .into_iter()
        .chain(after.map(|_| "after scaling"))
        .collect();
    if !inexact.is_empty() {
        notes.push(format!(
            "the figures {} are interpolated between the temperatures that the summaries hold, and marked ~",
            inexact.join(" and ")
        ));
    }
    notes
}

impl Part {
    /// The summary pass over logits; summaries are taken as they are.
    fn new(
        input: RowsInput,
        b0: Option<f64>,
        progress: &mut dyn FnMut(StudyProgress) -> bool,
    ) -> Result<Self, SourceError> {
        match input {
            RowsInput::Logits(source) => Ok(Self {
                rows: summary(&*source, b0, progress)?,
                n_read: source.n_rows() as u64,
                source: Some(source),
                sha256_labels: None,
            }),
            RowsInput::Summaries(part) => Ok(Self {
                rows: part.rows,
                n_read: part.n_read,
                source: None,
                sha256_labels: part.sha256_labels,
            }),
        }
    }

    fn sha256_labels(&self) -> Option<String> {
        let of_source = self.source.as_ref().map(|source| source.sha256_labels());
        of_source.or_else(|| self.sha256_labels.clone())
    }

    fn counts(&self) -> RowCounts {
        let left_out = self.rows.left_out();
        RowCounts {
            read: self.n_read,
            used: self.rows.len() as u64,
            ignored_label: left_out.ignored_label,
            non_finite: left_out.non_finite,
        }
    }
}

/// The summary pass. For rows that keep nodes, `b0` (or a first guess from a sample) says where the nodes
/// are wanted.
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
    let total = source.n_rows() as u64;
    summarize(
        source,
        guess.unwrap_or(START_TEMPERATURE.recip()),
        &mut |done| {
            progress(StudyProgress {
                phase: "summarising rows",
                done,
                total,
            })
        },
    )
}

/// Exact passes at 1 and the fitted temperature until the fit no longer moves away from its column.
fn refine(
    source: &dyn BatchSource,
    rows: &mut RowSummaries,
    level: f64,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<(), SourceError> {
    for _ in 0..MAX_EXACT_PASSES {
        let b = fit_temperature(rows, level).inverse_temperature;
        let missing: Vec<f64> = exact_points(b)
            .into_iter()
            .filter(|b| !rows.is_exact_at(*b))
            .collect();
        if missing.is_empty() {
            break;
        }
        add_exact(source, rows, &missing, progress)?;
    }
    Ok(())
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

    /// True if [`Study::exact_figures_at`] can do better than [`Study::figures_at`] at some temperature.
    pub fn has_logits(&self) -> bool {
        self.source.is_some()
    }

    /// The same from one more pass over the logits, in f64. `keep_going` is asked at every batch. Where there are no
    /// logits, because summaries were read, the figures of [`Study::figures_at`], which say so.
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
        let source = self.source.as_ref().filter(|_| !self.rows.is_exact_at(b));
        let Some(source) = source else {
            return Ok(self.figures_at(temperature, diagram));
        };
        let columns = summarize::exact(&**source, &self.rows, &[b], &mut |_| keep_going())?;
        let at = RowsAt::from_moments(&self.rows, b, &columns[0].moments);
        Ok(figures(
            &self.rows,
            &at,
            diagram,
            (temperature.value(), true),
        ))
    }
}
