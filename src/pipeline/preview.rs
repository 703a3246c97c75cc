//! Figures of the first rows, while the others come.

use std::sync::atomic::Ordering;

use super::{Audience, RowCounts, Study, Timing};
use crate::analysis::{AnalysisOptions, analyze_while};
use crate::data::SourceInfo;
use crate::fit::fit_temperature;
use crate::summarize::RowSummaries;

/// What a study covers that was made before all rows were read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FirstRows {
    /// Rows that were read, in file order: these are the first ones, and files may be sorted.
    pub read: u64,
    /// Rows of the whole.
    pub total: u64,
    /// The study is made of every so many-th of the rows that were read; 1 if of all.
    pub every: usize,
}

/// Makes studies of the rows so far.
pub(super) struct Preview<'a> {
    info: &'a SourceInfo,
    options: AnalysisOptions,
    n_rows: u64,
    /// Rows of the fitted part, once it was read whole and others are judged.
    n_before: u64,
    fit_rows: Option<RowSummaries>,
}

/// Rows of the fitted part that a preview of another part is fitted on, at most.
const MAX_FIT_ROWS: usize = 20_000;

impl<'a> Preview<'a> {
    /// For a study of `n_rows` rows in all.
    pub(super) fn new(info: &'a SourceInfo, options: &AnalysisOptions, n_rows: u64) -> Self {
        Self {
            info,
            // Folds would be five more fits, for figures that change with the next rows.
            options: AnalysisOptions { n_folds: 0, n_draws: 0, families: false, ..options.clone() },
            n_rows,
            n_before: 0,
            fit_rows: None,
        }
    }

    /// True if the study has curves over the temperature.
    pub(super) fn draws_curves(&self) -> bool {
        self.options.curves
    }

    /// True if the study has findings.
    pub(super) fn has_findings(&self) -> bool {
        self.options.findings
    }

    /// From now on rows of another part are read, on which the fit of `rows` is judged, for which `n_read`
    /// rows were read.
    pub(super) fn fitted_on(&mut self, rows: &RowSummaries, n_read: u64) {
        self.n_before = n_read;
        self.fit_rows = Some(rows.every(rows.len().div_ceil(MAX_FIT_ROWS)));
    }

    /// Shows the audience what `rows`, the first `n_done` of their part, amount to, if it wants to see it.
    /// False if it wants to stop.
    pub(super) fn show(
        &self,
        rows: &RowSummaries,
        n_done: u64,
        audience: &mut dyn Audience,
    ) -> bool {
        let stop = audience.stop();
        let keep_going = || !stop.load(Ordering::Relaxed);
        let n_read = self.n_before + n_done;
        if let Some(most) = audience.wants_preview(n_read) {
            let first = FirstRows {
                read: n_read,
                total: self.n_rows,
                every: rows.len().div_ceil(most.max(1)).max(1),
            };
            if let Some(study) = self.study(rows, n_done, first, &keep_going) {
                audience.preview(study);
            }
        }
        keep_going()
    }

    fn study(
        &self,
        rows: &RowSummaries,
        n_done: u64,
        first: FirstRows,
        keep_going: &(dyn Fn() -> bool + Sync),
    ) -> Option<Study> {
        let rows = rows.every(first.every);
        let fit_rows = self.fit_rows.as_ref().unwrap_or(&rows);
        let test_rows = self.fit_rows.as_ref().map(|_| &rows);
        let fit = fit_temperature(fit_rows, self.options.level);
        let analysis = analyze_while(fit, fit_rows, test_rows, &self.options, keep_going)?;
        Some(Study {
            info: self.info.clone(),
            analysis,
            counts: RowCounts::of(&rows, n_done),
            fitted: self.fit_rows.as_ref().map(|r| RowCounts::of(r, self.n_before)),
            // The hash is of all labels: there is no card of first rows, and no report to compare.
            sha256_labels: None,
            sha256_fitted_labels: None,
            is_fit_exact: false,
            findings: Vec::new(),
            skipped: Vec::new(),
            timing: Timing::default(),
            rows,
            fit_part: None,
            methods: None,
            thresholds: None,
            first: Some(first),
            source: None,
        })
    }
}
