//! Bytes that are read from any place, as often as wanted: a file, a part of it, or bytes in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::Problem;
use super::stamp::Stamp;

/// Where bytes lie.
#[derive(Clone, Debug)]
enum Place {
    /// An open file. It is read by position, so that readers do not disturb each other; after each
    /// read it must still be the file that was opened.
    File(Arc<(File, Stamp)>, Arc<AtomicU64>),
    /// Bytes in memory.
    Held(Arc<[u8]>),
}

/// A run of bytes. Cloning one copies no byte.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    place: Place,
    start: u64,
    n_bytes: u64,
}

/// Tells runs of bytes apart: where they lie, and from where on.
pub(super) type BlobId = (usize, u64);

impl Blob {
    /// The same for clones of one run, another for each run that begins elsewhere.
    pub(super) fn id(&self) -> BlobId {
        let place = match &self.place {
            Place::File(file, _) => Arc::as_ptr(file).addr(),
            Place::Held(bytes) => Arc::as_ptr(bytes).addr(),
        };
        (place, self.start)
    }

    /// All bytes of the ordinary file `path`.
    pub(super) fn open(path: &Path) -> Result<Self, Problem> {
        super::slurp::size(path)?;
        let file = File::open(path)?;
        let stamp = Stamp::of(&file, path)?;
        Ok(Self {
            start: 0,
            n_bytes: stamp.n_bytes(),
            place: Place::File(Arc::new((file, stamp)), Arc::new(AtomicU64::new(u64::MAX))),
        })
    }

    /// As [`Blob::open`], of which at most `n_bytes` are read or unpacked: for a look at a file that may be anything.
    pub(super) fn open_at_most(path: &Path, n_bytes: u64) -> Result<Self, Problem> {
        let blob = Self::open(path)?;
        if let Place::File(_, left) = &blob.place {
            left.store(n_bytes, Ordering::Relaxed);
        }
        Ok(blob)
    }

    /// Counts `n_bytes` as read.
    ///
    /// # Errors
    /// If that is more than may be read.
    pub(super) fn spend(&self, n_bytes: u64) -> Result<(), Problem> {
        let Place::File(_, left) = &self.place else {
            return Ok(());
        };
        let spent = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| match left {
            u64::MAX => Some(left),
            left => left.checked_sub(n_bytes),
        });
        spent.map(drop).map_err(|_| Problem::new("too large to be looked into"))
    }

    /// Bytes in memory.
    pub(super) fn held(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        Self { start: 0, n_bytes: bytes.len() as u64, place: Place::Held(bytes) }
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> u64 {
        self.n_bytes
    }

    /// The `n_bytes` bytes from `start` on, or `None` if there are not as many.
    pub(super) fn part(&self, start: u64, n_bytes: u64) -> Option<Self> {
        let end = start.checked_add(n_bytes)?;
        (end <= self.n_bytes).then(|| Self {
            place: self.place.clone(),
            start: self.start + start,
            n_bytes,
        })
    }

    /// Fills `buffer` with the bytes from `at` on.
    ///
    /// # Errors
    /// If there are not as many, or the file cannot be read, or changed since it was opened.
    pub(super) fn read_exact_at(&self, buffer: &mut [u8], at: u64) -> Result<(), Problem> {
        let part = self.part(at, buffer.len() as u64);
        let start = part.ok_or_else(ends_early)?.start;
        match &self.place {
            Place::File(file, _) => {
                self.spend(buffer.len() as u64)?;
                let (file, stamp) = &**file;
                read_file_exact_at(file, buffer, start).map_err(|e| stamp.explain(e))?;
                self.check()
            }
            Place::Held(bytes) => {
                // The part lies within the bytes, so both ends are valid places of theirs.
                let start = usize::try_from(start).map_err(|_| ends_early())?;
                buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
                Ok(())
            }
        }
    }

    /// Asks whether the file is still the one that was opened.
    ///
    /// # Errors
    /// If it changed.
    pub(super) fn check(&self) -> Result<(), Problem> {
        match &self.place {
            Place::File(file, _) => file.1.check(),
            Place::Held(_) => Ok(()),
        }
    }

    /// The bytes from `at` on, `n_bytes` of them; nothing is allocated if there are not as many.
    pub(super) fn bytes(&self, at: u64, n_bytes: u64) -> Result<Vec<u8>, Problem> {
        self.part(at, n_bytes).ok_or_else(ends_early)?;
        let mut bytes = vec![0; usize::try_from(n_bytes).map_err(|_| ends_early())?];
        self.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    }

    /// A reader of its own over these bytes.
    pub(super) fn reader(&self) -> BlobReader {
        BlobReader { blob: self.clone(), at: 0 }
    }
}

fn ends_early() -> Problem {
    Problem::from(io::Error::from(io::ErrorKind::UnexpectedEof))
}

#[cfg(unix)]
fn read_file_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

/// Elsewhere a clone of the handle moves the place that all clones share: one reader at a time.
#[cfg(not(unix))]
fn read_file_exact_at(mut file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(buffer)
}

/// Reads a [`Blob`] from front to back, or after a seek.
pub(super) struct BlobReader {
    blob: Blob,
    at: u64,
}

impl BlobReader {
    /// `error` of a read, or that the file changed if that is why.
    pub(super) fn explain(&self, error: io::Error) -> Problem {
        match &self.blob.place {
            Place::File(file, _) => file.1.explain(error),
            Place::Held(_) => Problem::from(error),
        }
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.blob.len().saturating_sub(self.at);
        let n = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.blob.read_exact_at(&mut buffer[..n], self.at);
        read.map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.blob.len().checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
