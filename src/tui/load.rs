//! A load as the app sees it: phase, rate and time left, and figures of the first rows.

mod pace;
mod schedule;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::analysis::AnalysisOptions;
use crate::data::SourceError;
use crate::io::{self, IoError};
use crate::pipeline::{self, Audience, Inputs, Study, StudyProgress};

use super::choice::Choice;
use pace::Pace;
use schedule::Schedule;

/// How far a load has come.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct LoadProgress {
    /// What is being done, in words.
    pub(super) phase: &'static str,
    /// Rows done in this phase.
    pub(super) rows_done: u64,
    /// Rows of this phase, if known.
    pub(super) rows_total: Option<u64>,
    /// Share done in this phase, in [0, 1], if known.
    pub(super) share: Option<f64>,
    /// Bytes a second over the last seconds: of the file while it is opened, then of the rows that were
    /// worked through.
    pub(super) rate: Option<f64>,
    /// Seconds until all is done, from that rate; later passes over the rows are counted in.
    pub(super) seconds_left: Option<f64>,
}

/// Who waits for a load.
pub(super) trait Listener {
    /// Told of progress; returning false cancels.
    fn progress(&mut self, progress: LoadProgress) -> bool;

    /// Told that the file is read as was remembered for files like it.
    fn remembered(&mut self, choice: Choice);

    /// Gets a study of the first rows.
    fn preview(&mut self, study: Study);

    /// Raised to cancel at once.
    fn stop(&self) -> Arc<AtomicBool>;
}

/// Measures a load and tells the listener.
pub(super) struct Load<'a> {
    listener: &'a mut dyn Listener,
    started: Instant,
    pace: Pace,
    #[cfg(debug_assertions)]
    hold: super::hooks::Hold,
}

impl<'a> Load<'a> {
    /// A load that starts now.
    pub(super) fn new(listener: &'a mut dyn Listener) -> Self {
        Self {
            listener,
            started: Instant::now(),
            pace: Pace::default(),
            #[cfg(debug_assertions)]
            hold: super::hooks::Hold::from_environment(),
        }
    }

    /// Opens with `open`, then runs every pass.
    ///
    /// # Errors
    /// Why opening failed, or a pass over the rows.
    pub(super) fn run(
        mut self,
        open: impl FnOnce(&mut dyn FnMut(io::Progress) -> bool) -> Result<Inputs, IoError>,
        analysis: &AnalysisOptions,
    ) -> Result<Study, LoadError> {
        let inputs = open(&mut |p| self.opening(p))?;
        let load = self.started.elapsed().as_secs_f64();
        let name = inputs.info().path.clone();
        let n_rows = inputs.n_rows();
        let mut passes = Passes {
            bytes_per_row: inputs.info().n_bytes as f64 / n_rows.max(1) as f64,
            n_rows,
            n_expected: 0,
            n_before: 0,
            now: StudyProgress { phase: "", done: 0, total: 0 },
            schedule: Schedule::new(),
            asked: Default::default(),
            load: self,
        };
        let mut study = pipeline::study_before(inputs, analysis, &mut passes)
            .map_err(|e| LoadError::Study(name, e))?;
        study.timing.load = load;
        Ok(study)
    }

    fn opening(&mut self, p: io::Progress) -> bool {
        self.pace.mark(self.started.elapsed(), p.bytes_done as f64);
        let rate = self.pace.per_second();
        let share = (p.bytes_total > 0).then(|| p.bytes_done as f64 / p.bytes_total as f64);
        self.listener.progress(LoadProgress {
            phase: "reading logits",
            rows_done: p.rows_done,
            rows_total: p.rows_total,
            share: share.map(|s| s.min(1.0)),
            rate,
            seconds_left: rate.map(|r| p.bytes_total.saturating_sub(p.bytes_done) as f64 / r),
        })
    }
}

/// Why there is no study.
pub(super) enum LoadError {
    /// The file could not be opened.
    Open(IoError),
    /// The rows of the file of this name could not be read, or nobody wanted them any more.
    Study(String, SourceError),
}

impl From<IoError> for LoadError {
    fn from(e: IoError) -> Self {
        Self::Open(e)
    }
}

/// The passes over the rows, as the conductor tells of them.
struct Passes<'a> {
    load: Load<'a>,
    bytes_per_row: f64,
    /// Rows of all parts.
    n_rows: u64,
    /// Rows that all passes will read.
    n_expected: u64,
    /// Rows of the passes before this one.
    n_before: u64,
    now: StudyProgress,
    schedule: Schedule,
    /// When figures were asked for, and of which first rows.
    asked: (Duration, u64),
}

impl Passes<'_> {
    /// See [`Schedule::rows_now`].
    fn rows_now(&self, n_done: u64) -> Option<usize> {
        // After the last pass figures of all rows come next.
        if self.n_before + self.now.done >= self.n_expected {
            return None;
        }
        let now = self.load.started.elapsed();
        let left = self.seconds_left();
        self.schedule.rows_now(now, (n_done, self.n_rows), left)
    }

    fn seconds_left(&self) -> Option<f64> {
        let in_pass = self.now.total.saturating_sub(self.now.done);
        let in_all = self.n_expected.saturating_sub(self.n_before + self.now.done);
        let rate = self.load.pace.per_second()?;
        Some(in_pass.max(in_all) as f64 / rate)
    }
}

impl Audience for Passes<'_> {
    fn begin(&mut self, n_rows: u64) {
        self.n_expected = n_rows;
    }

    fn progress(&mut self, p: StudyProgress) -> bool {
        if p.phase != self.now.phase || p.done < self.now.done {
            self.n_before += self.now.done;
            self.load.pace = Pace::default();
        }
        self.now = p;
        self.load.pace.mark(self.load.started.elapsed(), p.done as f64);
        let is_counted = p.total > 0;
        let rate = self.load.pace.per_second();
        let told = LoadProgress {
            phase: p.phase,
            rows_done: p.done,
            rows_total: is_counted.then_some(p.total),
            share: is_counted.then(|| (p.done as f64 / p.total as f64).min(1.0)),
            rate: rate.map(|rows| rows * self.bytes_per_row),
            seconds_left: self.seconds_left().filter(|_| is_counted),
        };
        let goes_on = self.load.listener.progress(told);
        #[cfg(debug_assertions)]
        if p.done > 0 {
            let is_due = || self.rows_now(p.done).is_some();
            self.load.hold.wait(&self.stop(), is_due);
        }
        goes_on
    }

    fn stop(&self) -> Arc<AtomicBool> {
        self.load.listener.stop()
    }

    fn wants_preview(&mut self, n_done: u64) -> Option<usize> {
        self.asked = (self.load.started.elapsed(), n_done);
        self.rows_now(n_done)
    }

    fn preview(&mut self, study: Study) {
        let ((asked, n_done), now) = (self.asked, self.load.started.elapsed());
        let n_used = usize::try_from(study.counts.used).unwrap_or(usize::MAX);
        let took = now.saturating_sub(asked);
        self.schedule.made(now, n_done, (n_used, took));
        self.load.listener.preview(study);
    }
}
