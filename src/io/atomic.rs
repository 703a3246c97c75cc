//! Files that appear whole under their names or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::{IoError, Problem};

/// Writes `text` to `path`: the file appears whole or not at all.
///
/// # Errors
/// If the folder does not exist or cannot be written, or the disk is full.
pub fn write_text_atomically(path: &Path, text: &str) -> Result<(), IoError> {
    write_atomically(path, |file| Ok(file.write_all(text.as_bytes())?)).map_err(|p| p.at(path))
}

/// A file under a temporary name that disappears unless it is renamed.
struct Unfinished(Option<PathBuf>);

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = self.0.take() {
            // Nothing can be done about a file that cannot be removed.
            let _ = fs::remove_file(path);
        }
    }
}

/// Calls `write` with a file beside `out` that takes its name once it is written; what was there stays until then.
pub(super) fn write_atomically(
    out: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let Some(name) = out.file_name() else {
        return Err(Problem::new("this is not the name of a file"));
    };
    if out.is_dir() {
        return Err(Problem::new("this is a folder").hint("name a file in it"));
    }
    let name = format!(
        ".{}.{}.unfinished",
        name.to_string_lossy(),
        std::process::id()
    );
    let path = out.with_file_name(name);
    let mut unfinished = Unfinished(None);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)?;
    unfinished.0 = Some(path.clone());
    let mut file = BufWriter::new(file);
    write(&mut file)?;
    let file = file
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&path, out)?;
    unfinished.0 = None;
    Ok(())
}
