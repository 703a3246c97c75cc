//! Data that comes through a pipe, kept so that it can be read more than once.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::IoError;
use super::error::Problem;

/// Where Linux keeps the open files of a process.
const OPEN_FILES: &str = "/proc/self/fd";

/// The same folder under another name: what came through a pipe with a name is told from standard input by it.
const OF_PIPES: &str = "/dev/fd";

/// How data of standard input is called, and that of any other pipe.
const NAME: &str = "stdin";
const PIPE_NAME: &str = "pipe";

/// What came through a pipe, in a temporary file that is gone with this value, or with the process however that
/// ends: on Linux it has no name. The system keeps it in memory as long as there is room.
#[derive(Debug)]
pub struct Spool {
    path: PathBuf,
    _kept: Kept,
}

/// What must live as long as the file.
#[derive(Debug)]
enum Kept {
    /// A file without a name, which lives as long as it is open.
    #[cfg(target_os = "linux")]
    Open(#[expect(dead_code, reason = "held, so that the file stays")] File),
    /// A file in a folder that is removed when this is dropped.
    Folder(#[expect(dead_code, reason = "held, so that the file stays")] tempfile::TempDir),
}

impl Spool {
    /// Reads `input` to its end.
    ///
    /// # Errors
    /// If reading fails, or there is no place for a temporary file.
    pub fn of(input: &mut dyn Read) -> Result<Self, IoError> {
        Self::read(input).map_err(|p| p.at(Path::new(NAME)))
    }

    /// Reads the pipe `path` to its end, which waits for someone to write to it.
    ///
    /// # Errors
    /// As [`Spool::of`].
    pub fn of_pipe(path: &Path) -> Result<Self, IoError> {
        let read = || -> Result<Self, Problem> {
            let mut spool = Self::read(&mut File::open(path)?)?;
            if let Ok(number) = spool.path.strip_prefix(OPEN_FILES) {
                let renamed = Path::new(OF_PIPES).join(number);
                if renamed.exists() {
                    spool.path = renamed;
                }
            }
            Ok(spool)
        };
        read().map_err(|p| p.at(path))
    }

    fn read(input: &mut dyn Read) -> Result<Self, Problem> {
        let no_place = |error: io::Error| {
            let folder = std::env::temp_dir();
            Problem::new(format!(
                "it cannot be kept in {}: {}",
                folder.display(),
                Problem::from(error).message()
            ))
            .hint("TMPDIR=/a/folder/with/room logitscope ..., or save the data to a file first")
        };
        let (mut file, spool) = Self::place().map_err(no_place)?;
        io::copy(input, &mut file).map_err(no_place)?;
        Ok(spool)
    }

    /// An empty file to write to.
    fn place() -> io::Result<(File, Self)> {
        #[cfg(target_os = "linux")]
        if let Some(place) = nameless()? {
            return Ok(place);
        }
        let folder = tempfile::tempdir()?;
        let path = folder.path().join(NAME);
        let file = File::create(&path)?;
        let kept = Kept::Folder(folder);
        Ok((file, Self { path, _kept: kept }))
    }

    /// The path under which the data can be opened, as often as wanted.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// An empty file without a name; `None` where the system does not show open files.
#[cfg(target_os = "linux")]
fn nameless() -> io::Result<Option<(File, Spool)>> {
    use std::os::fd::AsRawFd;
    let kept = tempfile::tempfile()?;
    let path = Path::new(OPEN_FILES).join(kept.as_raw_fd().to_string());
    if path.metadata().is_err() {
        return Ok(None);
    }
    let file = kept.try_clone()?;
    let kept = Kept::Open(kept);
    Ok(Some((file, Spool { path, _kept: kept })))
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

#[cfg(test)]
mod tests {
    use super::super::{OpenOptions, open};
    use super::*;
    use crate::data::BatchSource;

    #[test]
    fn what_came_through_a_pipe_is_read_as_often_as_wanted() {
        let spool = Spool::of(&mut &b"z0,z1,label\n1.5,2,0\n1,2,1\n"[..]).expect("a place");
        for _ in 0..2 {
            let loaded = open(spool.path(), &OpenOptions::default(), &mut |_| true);
            let loaded = loaded.expect("a table");
            assert_eq!(loaded.fit.n_rows(), 2);
            assert!(loaded.info.path.ends_with(NAME), "{}", loaded.info.path);
        }
        let path = spool.path().to_path_buf();
        drop(spool);
        assert!(!path.ends_with(NAME) || !path.exists());
    }

    #[test]
    fn errors_call_it_by_its_name() {
        let spool = Spool::of(&mut &b""[..]).expect("a place");
        let error = open(spool.path(), &OpenOptions::default(), &mut |_| true);
        let error = error.expect_err("empty").to_string();
        assert!(error.ends_with("stdin: the file is empty"), "{error}");
    }
}
