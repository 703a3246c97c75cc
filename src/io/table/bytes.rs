//! Where the bytes of a table lie: in a file that is not to change while it is read, or in memory.
//!
//! Files are read by position and never memory-mapped: one that is truncated under a map would kill the
//! process and leave the terminal raw.

use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::super::error::Problem;
use super::super::slurp;
use super::super::stamp::Stamp;

/// The bytes of one table.
#[derive(Clone)]
pub(super) enum Bytes {
    File(Stamp),
    Memory(Arc<[u8]>),
}

impl Bytes {
    /// The bytes of the ordinary file `path`, as it is now.
    pub(super) fn of_file(path: &Path) -> Result<Self, Problem> {
        slurp::size(path)?;
        Stamp::of(&File::open(path)?, path).map(Self::File)
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::File(stamp) => stamp.n_bytes(),
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    /// Refuses a file that changed since it was opened first: to be asked about what was read before it
    /// is used.
    pub(super) fn check(&self) -> Result<(), Problem> {
        match self {
            Self::File(stamp) => stamp.check(),
            Self::Memory(_) => Ok(()),
        }
    }

    /// `problem` within this file, or that the file changed if that is why.
    pub(super) fn explain(&self, problem: Problem) -> Problem {
        match self {
            Self::File(stamp) => stamp.explain(problem),
            Self::Memory(_) => problem,
        }
    }

    /// `problem` within this file.
    pub(super) fn within(&self, problem: Problem) -> Problem {
        match self {
            Self::File(stamp) => problem.within(stamp.path()),
            Self::Memory(_) => problem,
        }
    }

    /// Opens the file for one pass.
    pub(super) fn reader(&self) -> Result<Reader<'_>, Problem> {
        match self {
            Self::File(stamp) => Ok(Reader::File(stamp.open()?)),
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
