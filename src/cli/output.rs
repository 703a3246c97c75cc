//! Where results go.

use std::io::{IsTerminal, Write};
use std::path::Path;

use crate::io::write_text_atomically;

use super::Failure;

/// Standard output, or a file that appears whole or not at all.
pub(super) struct Output;

impl Output {
    /// True if a person reads stdout.
    pub(super) fn is_terminal() -> bool {
        std::io::stdout().is_terminal()
    }

    /// Writes `text` to `path`, or to stdout.
    pub(super) fn write(text: &str, path: Option<&Path>) -> Result<(), Failure> {
        if let Some(path) = path {
            Ok(write_text_atomically(path, text)?)
        } else {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            Ok(stdout.flush()?)
        }
    }

    /// Refuses an output that is one of the inputs: it would be gone, and with it what was read.
    pub(super) fn spare_inputs(out: Option<&Path>, inputs: &[&Path]) -> Result<(), Failure> {
        let Some(target) = out.and_then(|out| std::fs::canonicalize(out).ok()) else {
            return Ok(());
        };
        let same = |input: &&&Path| std::fs::canonicalize(input).is_ok_and(|path| path == target);
        match inputs.iter().find(same) {
            None => Ok(()),
            Some(input) => Err(Failure::hint(
                format!("--out {}: this is the file that is read", input.display()),
                "give the output a name of its own",
            )),
        }
    }

    /// A note for the user, on stderr.
    pub(super) fn note(text: &str) {
        // Notes are a courtesy: a closed stderr must not stop the work.
        let _ = writeln!(std::io::stderr(), "{}", crate::data::printable(text));
    }
}
