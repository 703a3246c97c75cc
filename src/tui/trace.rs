//! How long a key takes to become a frame, for whoever asks with `LOGITSCOPE_TRACE=FILE`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::time::{Duration, Instant};

/// Writes one line per frame that followed a key, and per exact answer.
#[derive(Debug, Default)]
pub(super) struct Trace {
    file: Option<File>,
    key: Option<Instant>,
    moved: Option<Instant>,
}

impl Trace {
    /// A trace into the file that the environment names; without one, nothing is kept.
    pub(super) fn from_environment() -> Self {
        let file = std::env::var_os("LOGITSCOPE_TRACE")
            .and_then(|path| OpenOptions::new().create(true).append(true).open(path).ok());
        Self { file, ..Self::default() }
    }

    /// A key was read at `when`. The first key of several that share a frame counts.
    pub(super) fn key(&mut self, when: Instant) {
        self.key.get_or_insert(when);
        self.moved = Some(when);
    }

    /// A frame was flushed that took `drawing`; `state` says whether the cursor's figures on it are
    /// `stale`, `interpolated` or `exact`.
    pub(super) fn frame(&mut self, drawing: Duration, state: &str) {
        let (Some(file), Some(moved)) = (self.file.as_mut(), self.moved) else {
            return;
        };
        let since = |t: Instant| t.elapsed().as_secs_f64() * 1e3;
        let after = match self.key.take() {
            Some(key) => format!("{:.3} ms after its key", since(key)),
            None => format!("{:.3} ms after the last key", since(moved)),
        };
        let drawing = drawing.as_secs_f64() * 1e3;
        let line = format!("frame {after}, drawn in {drawing:.3} ms: {state}\n");
        // A trace that cannot be written must not end the app.
        let _ = file.write_all(line.as_bytes());
    }
}
