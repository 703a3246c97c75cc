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
    let write = |file: &mut BufWriter<File>| file.write_all(text.as_bytes());
    write_atomically(path, |file| write(file).map_err(Problem::from)).map_err(|p| p.at(path))
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
pub(super) fn write_atomically<E: From<Problem>>(
    out: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), E> {
    if out.is_dir() {
        return Err(Problem::new("this is a folder")
            .hint("name a file in it")
            .into());
    }
    // A device or a pipe is written to; a file beside it that takes its name would replace the node.
    if fs::metadata(out).is_ok_and(|meta| !meta.is_file()) {
        let file = OpenOptions::new().write(true).open(out);
        let mut file = BufWriter::new(file.map_err(Problem::from)?);
        write(&mut file)?;
        return Ok(file.flush().map_err(Problem::from)?);
    }
    // Of a link the file it leads to is replaced, not the link.
    let out = &fs::canonicalize(out).unwrap_or_else(|_| out.to_owned());
    let Some((path, file, mut unfinished)) = create_beside(out)? else {
        return Err(Problem::new("this is not the name of a file").into());
    };
    let mut file = BufWriter::new(file);
    write(&mut file)?;
    take_name(file, &path, out).map_err(Problem::from)?;
    unfinished.0 = None;
    Ok(())
}

/// An empty file in the folder of `out`; `None` if `out` is no name.
fn create_beside(out: &Path) -> Result<Option<(PathBuf, File, Unfinished)>, Problem> {
    let Some(name) = out.file_name() else {
        return Ok(None);
    };
    let name = format!(
        ".{}.{}.unfinished",
        name.to_string_lossy(),
        std::process::id()
    );
    let path = out.with_file_name(name);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)?;
    let unfinished = Unfinished(Some(path.clone()));
    Ok(Some((path, file, unfinished)))
}

/// Writes what is left, and gives the file at `path` the name `out`.
fn take_name(file: BufWriter<File>, path: &Path, out: &Path) -> std::io::Result<()> {
    let file = file
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()?;
    drop(file);
    fs::rename(path, out)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_device_stays_a_device_and_a_link_a_link() {
        write_text_atomically(Path::new("/dev/null"), "gone").expect("written");
        assert!(!fs::metadata("/dev/null").expect("still there").is_file());
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").expect("written");
        std::os::unix::fs::symlink(&file, &link).expect("linked");
        write_text_atomically(&link, "new").expect("written");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read_to_string(&file).expect("there"), "new");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2);
    }
}
