//! What tests of the running program reach for, and no release build has.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

/// By this tests prove that a panic leaves a sane terminal: F12 panics if `LOGITSCOPE_TEST_PANIC` is set.
pub(super) fn panic_if_asked(key: KeyEvent) {
    let asked = key.code == KeyCode::F(12)
        && std::env::var_os("LOGITSCOPE_TEST_PANIC").is_some_and(|v| !v.is_empty());
    assert!(!asked, "this panic was asked for by LOGITSCOPE_TEST_PANIC");
}

/// By this they look at a load that is not done: with `LOGITSCOPE_TEST_HOLD=FILE` every batch waits as long as FILE
/// exists, or until figures of the first rows are due.
pub(super) struct Hold(Option<PathBuf>);

impl Hold {
    pub(super) fn from_environment() -> Self {
        let path = std::env::var_os("LOGITSCOPE_TEST_HOLD").filter(|path| !path.is_empty());
        Self(path.map(PathBuf::from))
    }

    pub(super) fn wait(&self, stop: &AtomicBool, is_due: impl Fn() -> bool) {
        let Some(path) = &self.0 else {
            return;
        };
        while path.exists() && !stop.load(Ordering::Relaxed) && !is_due() {
            thread::sleep(Duration::from_millis(5));
        }
    }
}
