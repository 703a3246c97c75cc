//! What can go wrong with a file, said so that the user can act.

use std::path::PathBuf;

use thiserror::Error;

/// A file could not be read or written. `Display` is one lower-case sentence without a final period
/// that names file, row (1-based, as an editor counts) and column; `hint` is what to type next.
#[derive(Debug, Error)]
#[error("{path}: {message}", path = path.display())]
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
