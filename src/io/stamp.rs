//! Whether a file is still the one that was opened.

use std::fs::{File, Metadata};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::Problem;
use super::picked::grouped;

/// A file as it was when it was opened: its path, size, time of change and, where the system has
/// them, its device and inode.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    path: PathBuf,
    n_bytes: u64,
    /// `None` where the file system keeps no time.
    modified: Option<SystemTime>,
    place: Place,
}

/// Which file a name leads to.
#[cfg(unix)]
type Place = (u64, u64);
/// Elsewhere a file that takes the name of another shows by its size and time alone.
#[cfg(not(unix))]
type Place = ();

#[cfg(unix)]
fn place(meta: &Metadata) -> Place {
    use std::os::unix::fs::MetadataExt;
    (meta.dev(), meta.ino())
}
#[cfg(not(unix))]
fn place(_: &Metadata) -> Place {}

impl Stamp {
    /// The file as it is now, opened from `path`.
    pub(super) fn of(file: &File, path: &Path) -> Result<Self, Problem> {
        let meta = file.metadata()?;
        Ok(Self {
            path: path.to_path_buf(),
            n_bytes: meta.len(),
            modified: meta.modified().ok(),
            place: place(&meta),
        })
    }

    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its size.
    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Opens the file again.
    ///
    /// # Errors
    /// If it is no longer the same.
    pub(super) fn open(&self) -> Result<File, Problem> {
        self.check()?;
        let file = File::open(&self.path).map_err(|e| Problem::from(e).within(&self.path))?;
        self.check_meta(&file.metadata()?)?;
        Ok(file)
    }

    /// Asks what the path leads to. To be called after every block that was read and before it is
    /// used: costs a microsecond.
    ///
    /// # Errors
    /// If the file was changed, cut, lengthened, removed, or replaced by another.
    pub(super) fn check(&self) -> Result<(), Problem> {
        match self.path.metadata() {
            Ok(meta) => self.check_meta(&meta),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(self.changed("it is no longer there"))
            }
            Err(error) => Err(Problem::from(error).within(&self.path)),
        }
    }

    fn check_meta(&self, meta: &Metadata) -> Result<(), Problem> {
        if place(meta) != self.place {
            return Err(self.changed("another file has taken its name"));
        }
        if meta.len() != self.n_bytes {
            let sizes = [self.n_bytes, meta.len()];
            let [before, now] = sizes.map(|n| grouped(usize::try_from(n).unwrap_or(usize::MAX)));
            return Err(self.changed(&format!("it had {before} bytes and has {now}")));
        }
        if meta.modified().ok() != self.modified {
            return Err(self.changed("it was written to"));
        }
        Ok(())
    }

    fn changed(&self, how: &str) -> Problem {
        Problem::new(format!("the file changed while it was read: {how}"))
            .hint("start again once nothing writes to it, or read a copy")
            .within(&self.path)
    }

    /// `error` of a read, or that the file changed if that is why.
    pub(super) fn explain(&self, error: impl Into<Problem>) -> Problem {
        let problem = error.into();
        match self.check() {
            Err(changed) if !problem.is_cancelled() => changed,
            _ => problem.within(&self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    /// What is said once `change` was done to a file of 10 bytes.
    fn said(change: impl FnOnce(&Path)) -> Option<String> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        fs::write(&path, [7; 10]).expect("written");
        let stamp = Stamp::of(&File::open(&path).expect("opened"), &path).expect("a stamp");
        assert!(stamp.check().is_ok() && stamp.open().is_ok());
        change(&path);
        assert_eq!(stamp.check().is_err(), stamp.open().is_err());
        let error = stamp.check().err()?.at(Path::new("other"));
        assert!(error.path == path && error.hint.is_some());
        Some(error.message)
    }

    #[test]
    fn every_change_is_noticed() {
        assert_eq!(said(|_| ()), None);
        let whole = |path: &Path| File::options().write(true).open(path).expect("opened");
        let words = [
            (said(|path| whole(path).set_len(4).expect("cut")), "it had 10 bytes and has 4"),
            (said(|path| whole(path).set_len(12).expect("longer")), "it had 10 bytes and has 12"),
            (said(|path| fs::remove_file(path).expect("removed")), "it is no longer there"),
            (
                said(|path| {
                    let later = SystemTime::now() + Duration::from_secs(5);
                    whole(path).set_modified(later).expect("a time");
                }),
                "it was written to",
            ),
        ];
        for (said, words) in words {
            assert_eq!(said.unwrap(), format!("the file changed while it was read: {words}"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_takes_the_name_is_another() {
        let replace = |path: &Path| {
            let other = path.with_extension("other");
            fs::write(&other, [7; 10]).expect("written");
            let same_time = path.metadata().expect("there").modified().expect("a time");
            let file = File::options().write(true).open(&other).expect("opened");
            file.set_modified(same_time).expect("a time");
            fs::rename(other, path).expect("renamed");
        };
        assert!(said(replace).expect("noticed").contains("another file"));
    }
}
