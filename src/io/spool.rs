//! Data that comes through a pipe, kept so that it can be read more than once.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use super::IoError;
use super::error::Problem;
use super::pipe_names::{NAME, OF_PIPES, OPEN_FILES};
use super::slurp::SNIFF_BYTES;
use super::sniff::sniff;

/// Bytes that are taken from the pipe at once.
const BLOCK_BYTES: usize = 64 << 10;

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
    /// Reads `input` to its end, or until its first bytes show that it is in no format that can be read.
    ///
    /// # Errors
    /// If it is empty or in no such format, if reading fails, or there is no place for a temporary file.
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
        // What is no data is refused at once: its writer may never end, as that of /dev/zero does.
        let mut head = Vec::new();
        input.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
        sniff(&head)?;
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
        file.write_all(&head).map_err(no_place)?;
        let mut block = vec![0; BLOCK_BYTES];
        loop {
            let n = match input.read(&mut block) {
                Ok(0) => return Ok(spool),
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            file.write_all(&block[..n]).map_err(no_place)?;
        }
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

    /// Bytes without end, as of /dev/zero. A reader that wants them all never returns.
    struct Endless(u8);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            buffer.fill(self.0);
            Ok(buffer.len())
        }
    }

    #[test]
    fn what_is_no_data_is_refused_before_its_end() {
        let error = Spool::of(&mut Endless(0)).expect_err("no format");
        assert!(error.to_string().starts_with("stdin: this is no format"));
        let error = Spool::of(&mut &b""[..]).expect_err("empty").to_string();
        assert_eq!(error, "stdin: the file is empty");
    }

    #[test]
    fn an_error_of_the_pipe_is_told() {
        struct Broken(u8);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += 1;
                if self.0 < 3 {
                    buffer[0] = b'a';
                    return Ok(1);
                }
                Err(io::ErrorKind::IsADirectory.into())
            }
        }
        let error = Spool::of(&mut Broken(0)).expect_err("broken").to_string();
        assert_eq!(error, "stdin: is a directory");
    }

    #[test]
    fn errors_call_it_by_its_name() {
        let spool = Spool::of(&mut &b"a"[..]).expect("a place");
        let error = open(spool.path(), &OpenOptions::default(), &mut |_| true);
        let error = error.expect_err("no row").to_string();
        assert!(error.contains("stdin: there is a header"), "{error}");
    }
}
