//! What is printed when a command cannot run: one sentence, then what to type next.

use std::fmt::Write as _;
use std::io::Write as _;

use crate::data::{SourceError, printable};
use crate::io::IoError;

/// Exit status of a command that could not run.
const COULD_NOT_RUN: u8 = 2;

/// The same if the data is broken, or worse than allowed.
pub(super) const BROKEN: u8 = 1;

/// Why a command ended without its result.
#[derive(Debug)]
pub(super) enum Failure {
    /// Something is wrong: the sentence, and a hint.
    Error(String, Option<String>),
    /// Something is broken in the data, and nothing was written: what is printed, and a hint.
    Broken(String, String),
    /// The reader of our output is gone (`| head`): not an error.
    ClosedPipe,
}

impl Failure {
    /// A failure with a hint.
    pub(super) fn hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Error(message.into(), Some(hint.into()))
    }

    /// A failure without one.
    pub(super) fn plain(message: impl Into<String>) -> Self {
        Self::Error(message.into(), None)
    }

    /// Prints it to stderr and gives the exit status.
    pub(super) fn print(self) -> u8 {
        let (mut text, hint, status) = match self {
            Self::Error(message, hint) => {
                let text = format!("error: {}\n", printable_lines(&message));
                (text, hint, COULD_NOT_RUN)
            }
            Self::Broken(message, hint) => (printable_lines(&message) + "\n", Some(hint), BROKEN),
            Self::ClosedPipe => return 0,
        };
        if let Some(hint) = hint {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "\nhint: {}", printable_lines(&hint));
        }
        // Nothing is left to do if even stderr is gone.
        let _ = std::io::stderr().write_all(text.as_bytes());
        status
    }
}

/// Messages quote file names and cells: no control character of theirs reaches the terminal.
fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

impl From<IoError> for Failure {
    fn from(error: IoError) -> Self {
        // Nothing here cancels but the reader of our output.
        if error.cancelled {
            return Self::ClosedPipe;
        }
        Self::Error(error.to_string(), error.hint)
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Read(error) => match error.downcast::<IoError>() {
                Ok(error) => (*error).into(),
                Err(error) => Self::plain(error.to_string()),
            },
            SourceError::Cancelled => Self::plain(error.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::plain(error.to_string()),
        }
    }
}
