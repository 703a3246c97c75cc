//! A progress line on stderr, where a person reads it.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Shorter jobs show nothing.
const QUIET_FOR: Duration = Duration::from_millis(300);

/// Time between two updates.
const INTERVAL: Duration = Duration::from_millis(100);

/// One line that is rewritten and, at the end, wiped.
pub(super) struct ProgressLine {
    enabled: bool,
    next: Instant,
    shown: bool,
}

impl ProgressLine {
    /// A line that stays silent if `quiet`, or if stderr is not a terminal.
    pub(super) fn new(quiet: bool) -> Self {
        let enabled = !quiet && std::io::stderr().is_terminal();
        Self { enabled, next: Instant::now() + QUIET_FOR, shown: false }
    }

    /// Shows `done` of `total` units of `phase`.
    pub(super) fn show(&mut self, phase: &str, done: u64, total: u64) {
        let now = Instant::now();
        if !self.enabled || now < self.next {
            return;
        }
        self.next = now + INTERVAL;
        self.shown = true;
        let percent = 100.0 * done as f64 / total.max(1) as f64;
        // A progress line that cannot be written is not worth an error.
        let _ = write!(std::io::stderr(), "\r\x1b[K{phase} {percent:.0} %");
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
