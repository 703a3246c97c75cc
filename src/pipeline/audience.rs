//! Who is told how a study goes, and may look at it before it is done.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::{Study, StudyProgress};

/// Whoever waits for a study. Only [`Audience::progress`] is required: the others cost nothing where they
/// are left alone.
pub trait Audience {
    /// Called once before the first pass: all passes together will read so many rows, as a rule.
    fn begin(&mut self, _n_rows: u64) {}

    /// Called at every batch; returning `false` cancels.
    fn progress(&mut self, progress: StudyProgress) -> bool;

    /// A flag that cancels once it is raised, also within steps that report no progress.
    fn stop(&self) -> Arc<AtomicBool> {
        Arc::default()
    }

    /// Asked at every batch of the summary pass, when the first `n_done` rows of all are read: `Some` asks
    /// for a study of them, made of so many rows at most (spread evenly over them).
    fn wants_preview(&mut self, _n_done: u64) -> Option<usize> {
        None
    }

    /// The study that was asked for; its `first` says what it covers.
    fn preview(&mut self, _study: Study) {}
}

/// An audience that is told of progress and nothing else.
pub(super) struct Teller<'a>(pub(super) &'a mut dyn FnMut(StudyProgress) -> bool);

impl Audience for Teller<'_> {
    fn progress(&mut self, progress: StudyProgress) -> bool {
        (self.0)(progress)
    }
}
