//! Where the bytes of a table lie: in a file that is not to change while it is read, or in memory.
//!
//! Files are read by position and never memory-mapped: one that is truncated under a map would kill the
//! process and leave the terminal raw.

use std::fs::{File, Metadata};
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::super::error::Problem;
use super::super::slurp;

/// The bytes of one table.
#[derive(Clone)]
pub(super) enum Bytes {
    File(Arc<Stamped>),
    Memory(Arc<[u8]>),
}

/// A file, and what it was like when it was opened first.
pub(super) struct Stamped {
    path: PathBuf,
    stamp: Stamp,
}

/// What tells a file from what it becomes when it is written again.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    n_bytes: u64,
    modified: Option<SystemTime>,
    id: Option<(u64, u64)>,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            n_bytes: metadata.len(),
            modified: metadata.modified().ok(),
            id: file_id(metadata),
        }
    }
}

/// Device and number of the file, where files have them.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
fn file_id(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn file_id(_: &Metadata) -> Option<(u64, u64)> {
    None
}

impl Stamped {
    /// Refuses a file that is not the one that was opened, or no longer as it was.
    fn check(&self) -> Result<(), Problem> {
        let changed = |what: &str| {
            let hint = "read it again once it is written";
            Err(Problem::new(format!("the file {what} while it was read")).hint(hint))
        };
        let Ok(metadata) = self.path.metadata() else {
            return changed("vanished");
        };
        let (old, new) = (self.stamp, Stamp::of(&metadata));
        if new.id != old.id {
            changed("was replaced by another")
        } else if new.n_bytes < old.n_bytes {
            changed("shrank")
        } else if new.n_bytes > old.n_bytes {
            changed("grew")
        } else if new.modified != old.modified {
            changed("changed")
        } else {
            Ok(())
        }
    }
}

impl Bytes {
    /// The bytes of the ordinary file `path`, as it is now.
    pub(super) fn of_file(path: &Path) -> Result<Self, Problem> {
        slurp::size(path)?;
        let stamp = Stamp::of(&path.metadata()?);
        let path = path.to_path_buf();
        Ok(Self::File(Arc::new(Stamped { path, stamp })))
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.stamp.n_bytes,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Refuses a file that changed since it was opened first.
    pub(super) fn check(&self) -> Result<(), Problem> {
        match self {
            Self::File(file) => file.check(),
            Self::Memory(_) => Ok(()),
        }
    }

    /// That the file changed, if it did, rather than what came of it.
    pub(super) fn explain(&self, problem: Problem) -> Problem {
        if problem.is_cancelled() {
            return problem;
        }
        self.check().err().unwrap_or(problem)
    }

    /// Opens the file for one pass.
    pub(super) fn reader(&self) -> Result<Reader<'_>, Problem> {
        self.check()?;
        match self {
            Self::File(file) => Ok(Reader::File(File::open(&file.path)?)),
            Self::Memory(bytes) => Ok(Reader::Memory(Cursor::new(bytes))),
        }
    }
}

/// Reads the bytes of a table, from several threads at once if they name the place.
pub(super) enum Reader<'a> {
    File(File),
    Memory(Cursor<&'a [u8]>),
}

impl Reader<'_> {
    /// The bytes at `range`, which must be there.
    pub(super) fn read_at(&self, range: &Range<u64>) -> std::io::Result<Vec<u8>> {
        let n_bytes = usize::try_from(range.end.saturating_sub(range.start)).unwrap_or(usize::MAX);
        let mut buffer = Vec::new();
        buffer.try_reserve_exact(n_bytes)?;
        buffer.resize(n_bytes, 0);
        match self {
            Self::File(file) => read_exact_at(file, &mut buffer, range.start)?,
            Self::Memory(bytes) => {
                let mut bytes = bytes.clone();
                bytes.set_position(range.start);
                bytes.read_exact(&mut buffer)?;
            }
        }
        Ok(buffer)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> std::io::Result<()> {
    let mut n_read = 0;
    while n_read < buffer.len() {
        let at = offset + n_read as u64;
        match std::os::windows::fs::FileExt::seek_read(file, &mut buffer[n_read..], at)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            n => n_read += n,
        }
    }
    Ok(())
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Memory(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Reader<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Memory(bytes) => bytes.seek(to),
        }
    }
}
