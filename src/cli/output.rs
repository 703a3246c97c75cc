//! Where results go.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::io::{Destination, data_files, is_pattern, write_text_atomically};

use super::Failure;

/// Standard output, or a file that appears whole or not at all.
pub(super) struct Output;

impl Output {
    /// True if a person reads stdout.
    pub(super) fn is_terminal() -> bool {
        std::io::stdout().is_terminal()
    }

    /// Writes `text` to `out`, or to stdout.
    pub(super) fn write(text: &str, out: Option<&Destination>) -> Result<(), Failure> {
        if let Some(out) = out {
            Ok(write_text_atomically(out, text)?)
        } else {
            let mut stdout = std::io::stdout().lock();
            stdout.write_all(text.as_bytes())?;
            Ok(stdout.flush()?)
        }
    }

    /// Refuses an output that is one of the inputs, under whatever name: it would be gone, and with it what was read.
    /// A folder or a pattern stands for its files.
    pub(super) fn spare(out: &Destination, inputs: &[PathBuf]) -> Result<(), Failure> {
        let file = (!out.is_stream()).then(|| out.path());
        let Some(place) = file.and_then(place) else {
            return Ok(());
        };
        let is_taken = |input: &&PathBuf| {
            let is_one = |file: &Path| self::place(file).is_some_and(|other| other == place);
            let is_many = input.is_dir() || is_pattern(input);
            let files = is_many.then(|| data_files(input).unwrap_or_default());
            // What a data set of Hugging Face says of its files stands beside them.
            let folder = if input.is_dir() { Some(input.as_path()) } else { input.parent() };
            let is_said = ["state.json", "dataset_info.json"]
                .iter()
                .any(|name| folder.is_some_and(|folder| is_one(&folder.join(name))));
            is_said
                || is_one(input)
                || files.is_some_and(|files| files.iter().any(|file| is_one(file)))
        };
        match inputs.iter().find(is_taken) {
            None => Ok(()),
            Some(input) => {
                let (out, input) = (out.path().display(), input.display());
                Err(Failure::hint(
                    format!("--out {out}: this is the file that is read ({input})"),
                    "give the output a name of its own",
                ))
            }
        }
    }

    /// A note for the user, on stderr.
    pub(super) fn note(text: &str) {
        Self::note_lines(&crate::data::printable(text));
    }

    /// The same of several lines that are printable.
    pub(super) fn note_lines(text: &str) {
        // Notes are a courtesy: a closed stderr must not stop the work.
        let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
    }
}

/// The file that a path leads to, by what it is and not by its name; `None` where there is none. Standard input may be
/// a file too.
#[cfg(unix)]
fn place(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let path = if path == Path::new("-") { Path::new("/dev/stdin") } else { path };
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn place(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}
