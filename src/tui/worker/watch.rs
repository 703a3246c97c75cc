//! Looks at a file every second, as long as it is watched.
//!
//! A poll and no notification of the kernel: there is none for files on a network file system, where many logits lie.

use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use super::super::services::{Services, Stamp};

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// What two looks tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Watched {
    /// As the file was when it was told of last.
    known: Option<Stamp>,
    /// As it was at the last look.
    seen: Option<Stamp>,
}

impl Watched {
    /// Begins with the file as it is.
    pub(super) fn new(now: Option<Stamp>) -> Self {
        Self { known: now, seen: now }
    }

    /// The file as it is at the next look; true if it is another than the one told of last, is there, and was the same
    /// at the look before: a file that still grows is not worth reading.
    pub(super) fn look(&mut self, now: Option<Stamp>) -> bool {
        let is_settled = now == self.seen;
        self.seen = now;
        if now.is_none() || !is_settled || now == self.known {
            return false;
        }
        self.known = now;
        true
    }
}

/// Calls `changed` whenever the file at `path` has become another, until `stop` is closed.
pub(super) fn watch(
    services: &dyn Services,
    path: &Path,
    stop: &Receiver<()>,
    mut changed: impl FnMut(),
) {
    let mut watched = Watched::new(services.stamp(path));
    while stop.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        if watched.look(services.stamp(path)) {
            changed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(n_bytes: u64) -> Stamp {
        Stamp { modified: None, n_bytes, n_files: 1 }
    }

    #[test]
    fn a_change_is_told_once_it_has_settled() {
        let mut watched = Watched::new(Some(stamp(1)));
        let looks = [1, 1, 2, 3, 3, 3, 1, 1, 1];
        let told: Vec<bool> = looks.map(|n| watched.look(Some(stamp(n)))).to_vec();
        let expected = [false, false, false, false, true, false, false, true, false];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_file_that_is_gone_is_waited_for() {
        let mut watched = Watched::new(Some(stamp(1)));
        assert!(
            ![None, None, Some(stamp(1)), Some(stamp(1))].map(|s| watched.look(s)).contains(&true)
        );
        assert_eq!(
            [None, Some(stamp(2)), Some(stamp(2))].map(|s| watched.look(s)),
            [false, false, true]
        );
    }
}
