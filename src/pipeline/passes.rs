//! From logits, or their stored summaries, to rows that are exact where figures are reported.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::analysis::{Analysis, AnalysisOptions};
use crate::data::{BatchSource, SourceError, SourceInfo};
use crate::fit::{TemperatureFit, fit_temperature, nearly};
use crate::summarize::{RowSummaries, START_TEMPERATURE};

use super::choose::UNCOUNTED;
use super::input::{Inputs, RowsInput};
use super::note::{SummarySource, made_from};
use super::summaries::{Summaries, SummaryPart};
use super::{
    Audience, Preview, RowCounts, StudyProgress, Teller, Timing, add_exact, exact_points, n_passes,
    refine, summary,
};

/// Rows that are summarised and, as far as their logits are at hand, exact where figures are reported.
pub(super) struct Part {
    pub(super) rows: RowSummaries,
    /// The inverse temperature fitted on them as nearly as nodes say it, where they keep nodes and there is one.
    near: Option<f64>,
    pub(super) n_read: u64,
    /// `None` where summaries were read instead of logits.
    pub(super) source: Option<Arc<dyn BatchSource>>,
    /// Of the labels, where it is not the source that knows it.
    pub(super) sha256_labels: Option<String>,
}

/// What the passes leave behind.
pub(super) struct Passed {
    pub(super) info: SourceInfo,
    pub(super) sources: Vec<SummarySource>,
    /// The temperature of the fitted part.
    pub(super) fitted: TemperatureFit,
    pub(super) fit: Part,
    pub(super) test: Option<Part>,
    pub(super) timing: Timing,
}

/// The passes of a study alone: what a file of summaries holds.
///
/// # Errors
/// As [`super::study`].
pub fn summaries(
    inputs: impl Into<Inputs>,
    level: f64,
    progress: &mut dyn FnMut(StudyProgress) -> bool,
) -> Result<Summaries, SourceError> {
    let passed = passes_at(inputs.into(), level, None, &mut Teller(progress))?;
    let b = passed.fitted.inverse_temperature;
    let stored = |part: Part| {
        let sha256_labels = part.sha256_labels();
        let mut rows = part.rows;
        rows.keep_exact(&exact_points(b));
        SummaryPart { rows, n_read: part.n_read, sha256_labels }
    };
    Ok(Summaries {
        info: passed.info,
        sources: passed.sources,
        fit: stored(passed.fit),
        test: passed.test.map(stored),
    })
}

/// Summaries of all rows, with exact columns at T = 1 and at the temperature fitted on the first part.
/// `audience` may look at the figures of the first rows of a study with these `options`.
pub(super) fn passes(
    inputs: Inputs,
    options: &AnalysisOptions,
    audience: &mut dyn Audience,
) -> Result<Passed, SourceError> {
    passes_at(inputs, options.level, Some(options), audience)
}

fn passes_at(
    inputs: Inputs,
    level: f64,
    shown: Option<&AnalysisOptions>,
    audience: &mut dyn Audience,
) -> Result<Passed, SourceError> {
    let n_rows = |input: &RowsInput| match input {
        RowsInput::Logits(source) => source.n_rows() as u64,
        RowsInput::Summaries(_) => 0,
    };
    let n_rows = n_rows(&inputs.fit) + inputs.test.as_ref().map_or(0, n_rows);
    let families = shown.is_some_and(|options| options.families);
    audience.begin(n_rows * n_passes(inputs.info.n_classes, families));
    let stop = audience.stop();
    let keep_going = || !stop.load(Ordering::Relaxed);
    let start = Instant::now();
    let mut preview = shown.map(|options| Preview::new(&inputs.info, options, n_rows));
    let mut fit = Part::new(inputs.fit, None, &mut preview, audience)?;
    keep_going().then_some(()).ok_or(SourceError::Cancelled)?;
    let mut test = None;
    if let Some(input) = inputs.test {
        let b0 = fit.near.or_else(|| nearly(&fit.rows, START_TEMPERATURE.recip()));
        if let Some(preview) = &mut preview {
            preview.fitted_on(&fit.rows, fit.n_read);
        }
        test = Some(Part::new(input, b0, &mut preview, audience)?);
    }
    let mut timing = Timing { summarize: start.elapsed().as_secs_f64(), ..Timing::default() };

    let start = Instant::now();
    let progress = &mut |p: StudyProgress| audience.progress(p) && keep_going();
    let fitted = match &fit.source {
        Some(source) => refine(&**source, (&mut fit.rows, fit.near), level, progress)?,
        None => fit_temperature(&fit.rows, level),
    };
    if let Some(Part { rows, source: Some(source), .. }) = &mut test {
        let points = exact_points(fitted.inverse_temperature);
        add_exact(&**source, rows, &points, progress)?;
    }
    timing.fit = start.elapsed().as_secs_f64();
    Ok(Passed { info: inputs.info, sources: inputs.sources, fitted, fit, test, timing })
}

/// True if the fitted temperature needed no interpolation, or there is none.
pub(super) fn is_fit_exact(analysis: &Analysis, fit: &Part) -> bool {
    let b = analysis.fit.inverse_temperature;
    b.is_none_or(|b| fit.rows.is_exact_at(b))
}

/// What the reader must know of figures that were not computed from logits.
pub(super) fn notes(passed: &Passed, analysis: &Analysis, is_fit_exact: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let stored = |part: &Part| part.source.is_none();
    if stored(&passed.fit) || passed.test.as_ref().is_some_and(stored) {
        notes.push(format!(
            "from row summaries of {}, without the logits",
            made_from(&passed.sources)
        ));
    }
    let guesses = passed.info.guesses.iter();
    for guess in guesses.filter(|guess| guess.what == UNCOUNTED) {
        notes.push(format!("{UNCOUNTED}: {}, {}", guess.chosen, guess.evidence));
    }
    if !is_fit_exact {
        notes.push(
            "the temperature was fitted again without the logits: it is interpolated, to about 5e-5 of T".to_owned(),
        );
    }
    let before = (!analysis.before.exact).then_some("before scaling");
    let after = analysis.after.as_ref().filter(|after| !after.exact);
    let inexact: Vec<&str> = before.into_iter().chain(after.map(|_| "after scaling")).collect();
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
        preview: &mut Option<Preview<'_>>,
        audience: &mut dyn Audience,
    ) -> Result<Self, SourceError> {
        match input {
            RowsInput::Logits(source) => {
                let (rows, near) = summary(&*source, b0, preview, audience)?;
                Ok(Self {
                    rows,
                    near,
                    n_read: source.n_rows() as u64,
                    source: Some(source),
                    sha256_labels: None,
                })
            }
            RowsInput::Summaries(part) => Ok(Self {
                rows: part.rows,
                near: None,
                n_read: part.n_read,
                source: None,
                sha256_labels: part.sha256_labels,
            }),
        }
    }

    pub(super) fn sha256_labels(&self) -> Option<String> {
        let of_source = self.source.as_ref().map(|source| source.sha256_labels());
        of_source.or_else(|| self.sha256_labels.clone())
    }

    pub(super) fn counts(&self) -> RowCounts {
        RowCounts::of(&self.rows, self.n_read)
    }
}
