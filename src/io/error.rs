//! What can go wrong with a file, said so that the user can act.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::data::printable;

/// A file could not be read or written. `Display` is one lower-case sentence without a final period
/// that names file, row (1-based, as an editor counts) and column; `hint` is what to type next.
#[derive(Debug, Error)]
#[error("{path}: {message}", path = printable(&path.to_string_lossy()))]
pub struct IoError {
    /// The file, as the user named it (control characters are replaced when it is printed).
    pub path: PathBuf,
    /// What is wrong.
    pub message: String,
    /// A command or flag to try next, if one is known.
    pub hint: Option<String>,
    /// True if reading was cancelled by the caller and not because of the file.
    pub cancelled: bool,
}

/// An [`IoError`] on its way up: readers say what is wrong, [`Problem::at`] adds which file.
#[derive(Debug, Default)]
pub(super) struct Problem {
    /// A file other than the one that was asked for (a shard, a companion).
    path: Option<PathBuf>,
    message: String,
    hint: Option<String>,
    cancelled: bool,
}

impl Problem {
    /// What is wrong, in one sentence. Text from files becomes printable here.
    pub(super) fn new(message: impl AsRef<str>) -> Self {
        Self { message: printable(message.as_ref()), ..Self::default() }
    }

    /// The caller asked to stop.
    pub(super) fn cancelled() -> Self {
        Self { cancelled: true, ..Self::new("cancelled") }
    }

    /// True if the caller asked to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// With what to type next.
    pub(super) fn hint(mut self, hint: impl AsRef<str>) -> Self {
        self.hint = Some(printable(hint.as_ref()));
        self
    }

    /// About `path`, unless a closer file is already named.
    pub(super) fn within(mut self, path: &Path) -> Self {
        self.path.get_or_insert_with(|| path.to_path_buf());
        self
    }

    /// What is wrong, without the file and the hint.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// What to type next.
    pub(super) fn hint_words(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The finished error.
    pub(super) fn at(self, path: &Path) -> IoError {
        let path = self.path.unwrap_or_else(|| path.to_path_buf());
        IoError {
            path: super::pipe_names::shown(&path).into_owned(),
            message: self.message,
            hint: self.hint,
            cancelled: self.cancelled,
        }
    }
}

impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::NotFound => Self::new("no such file or folder"),
            ErrorKind::PermissionDenied => {
                Self::new("permission denied").hint("check the owner and mode with `ls -l`")
            }
            ErrorKind::UnexpectedEof => {
                Self::new("the file ends early; it is truncated").hint("copy or save it again")
            }
            // Whoever reads our output has seen enough.
            ErrorKind::BrokenPipe => Self::cancelled(),
            _ => Self::new(lower_first(&error.to_string())),
        }
    }
}

/// `text` with a lower-case first letter and no final period, as error sentences are written.
pub(super) fn lower_first(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}
