//! Progress of a read, and the way it is cancelled.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Progress, error::Problem};

/// Bytes between two reports: some tens of a second apart on a slow network file system.
const STEP_BYTES: u64 = 4 << 20;

/// Tells the caller how far reading has come, and learns whether to go on.
pub(super) struct Watch<'a> {
    report: &'a mut dyn FnMut(Progress) -> bool,
    now: Progress,
    reported_bytes: u64,
    damaged: Damaged,
}

/// Parts of files whose checksums do not match where that is no error, in the order in which they were read.
pub(super) type Damaged = Rc<RefCell<Vec<String>>>;

impl<'a> Watch<'a> {
    /// Nothing read yet of `bytes_total`.
    pub(super) fn new(
        report: &'a mut dyn FnMut(Progress) -> bool,
        bytes_total: u64,
    ) -> Result<Self, Problem> {
        let now = Progress { rows_done: 0, rows_total: None, bytes_done: 0, bytes_total };
        let mut watch = Self { report, now, reported_bytes: 0, damaged: Damaged::default() };
        watch.tick()?;
        Ok(watch)
    }

    /// Shares the list of what is damaged with another watch over the same files.
    pub(super) fn beside(self, other: &Watch<'_>) -> Self {
        Self { damaged: Rc::clone(&other.damaged), ..self }
    }

    /// Notes that the checksum of `part` does not match.
    pub(super) fn add_damaged(&mut self, part: &str) {
        let mut damaged = self.damaged.borrow_mut();
        if !damaged.iter().any(|known| known == part) {
            damaged.push(part.to_owned());
        }
    }

    /// What was noted so far.
    pub(super) fn damaged(&self) -> Vec<String> {
        self.damaged.borrow().clone()
    }

    /// `n_bytes` more were read.
    pub(super) fn add_bytes(&mut self, n_bytes: u64) -> Result<(), Problem> {
        self.now.bytes_done += n_bytes;
        self.now.bytes_total = self.now.bytes_total.max(self.now.bytes_done);
        if self.now.bytes_done - self.reported_bytes < STEP_BYTES {
            return Ok(());
        }
        self.reported_bytes = self.now.bytes_done;
        self.tick()
    }

    /// `n_rows` more were decoded.
    pub(super) fn add_rows(&mut self, n_rows: usize) -> Result<(), Problem> {
        self.now.rows_done += n_rows as u64;
        self.tick()
    }

    /// Reports where reading stands.
    pub(super) fn tick(&mut self) -> Result<(), Problem> {
        if (self.report)(self.now) { Ok(()) } else { Err(Problem::cancelled()) }
    }
}
