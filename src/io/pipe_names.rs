//! How the paths of what came through a pipe are told from others, and called.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// Where Linux keeps the open files of a process.
pub(super) const OPEN_FILES: &str = "/proc/self/fd";

/// The same folder under another name: what came through a pipe with a name is told from standard input by it.
pub(super) const OF_PIPES: &str = "/dev/fd";

/// How data of standard input is called, and that of any other pipe.
pub(super) const NAME: &str = "stdin";
const PIPE_NAME: &str = "pipe";

/// True for a path of ours, under which what came through a pipe is kept.
pub(super) fn is_spooled(path: &Path) -> bool {
    path.starts_with(OPEN_FILES) || path.starts_with(OF_PIPES)
}

/// How a path is called: what came through a pipe has a path that tells nothing.
pub(super) fn shown(path: &Path) -> Cow<'_, Path> {
    if path.starts_with(OPEN_FILES) {
        Cow::Owned(PathBuf::from(NAME))
    } else if path.starts_with(OF_PIPES) {
        Cow::Owned(PathBuf::from(PIPE_NAME))
    } else {
        Cow::Borrowed(path)
    }
}
