//! Where output goes: standard output, a device or a pipe, or a file that appears whole or not at all.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tempfile::{Builder, TempPath};

use super::error::{IoError, Problem};

/// Unfinished files are called `.logitscope-`, random letters, and this; nothing else is.
const PREFIX: &str = ".logitscope-";
const SUFFIX: &str = ".unfinished";
const N_RANDOM: usize = 12;

/// Links that are followed, as the system does.
const MAX_LINKS: usize = 40;

/// Attempts to make a file that nobody takes for a stale one before it is locked.
const MAX_ATTEMPTS: usize = 8;

/// Names of standard output, beside `-`.
const STDOUT: [&str; 3] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// A place to write to. Its clones know of the same unfinished file.
#[derive(Clone, Debug)]
pub struct Destination {
    path: PathBuf,
    unfinished: Arc<Mutex<Option<TempPath>>>,
}

impl From<&Path> for Destination {
    /// `-` is standard output.
    fn from(path: &Path) -> Self {
        Self { path: path.to_path_buf(), unfinished: Arc::default() }
    }
}

impl From<&PathBuf> for Destination {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

impl From<&Self> for Destination {
    fn from(other: &Self) -> Self {
        other.clone()
    }
}

impl Destination {
    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it is called in messages.
    pub fn shown(&self) -> &Path {
        if self.is_stdout() { Path::new("standard output") } else { &self.path }
    }

    /// True for `-` and the other names of standard output.
    pub fn is_stdout(&self) -> bool {
        let is_one_of = |names: &[&str]| names.iter().any(|name| self.path == Path::new(name));
        is_one_of(&["-"]) || cfg!(unix) && is_one_of(&STDOUT)
    }

    /// True for standard output, a pipe or a device: what is written there cannot be taken back.
    pub fn is_stream(&self) -> bool {
        self.is_stdout() || fs::metadata(&self.path).is_ok_and(|m| !m.is_file() && !m.is_dir())
    }

    /// Removes what is not finished, and calls `end` before anything else can be begun or finished: for a signal.
    pub fn abandon(&self, end: impl FnOnce()) {
        let mut unfinished = self.lock();
        *unfinished = None;
        end();
    }

    fn lock(&self) -> MutexGuard<'_, Option<TempPath>> {
        let lock = self.unfinished.lock();
        lock.unwrap_or_else(PoisonError::into_inner)
    }

    /// The stream, if it is one.
    pub(super) fn stream(&self) -> io::Result<Option<File>> {
        if self.is_stdout() {
            return stdout().map(Some);
        }
        if !self.is_stream() {
            return Ok(None);
        }
        OpenOptions::new().write(true).open(&self.path).map(Some)
    }

    /// Refuses a file whose folder is not there, before time is spent on what to write.
    ///
    /// # Errors
    /// If it is missing, or no folder.
    pub fn check_folder(&self) -> Result<(), IoError> {
        let checked = if self.is_stream() { Ok(()) } else { self.folder().map(drop) };
        checked.map_err(|problem| problem.at(&self.path))
    }

    /// The file that is to be written, through links, and its folder, which is there.
    fn folder(&self) -> Result<(PathBuf, PathBuf), Problem> {
        let target = followed(&self.path);
        let Some(folder) = target.parent().filter(|_| target.file_name().is_some()) else {
            return Err(Problem::new("this is not the name of a file"));
        };
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match fs::metadata(folder) {
            Ok(meta) if meta.is_dir() => Ok((folder.to_path_buf(), target)),
            Ok(_) => Err(Problem::new("the file cannot lie in what is not a folder")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = folder.display();
                let missing = Problem::new(format!("the folder {folder} is missing"));
                Err(missing.hint(format!("mkdir -p {folder}")))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// An empty file beside the one that is to be written, locked for as long as it is open; it disappears unless it is
    /// [finished](Self::finish).
    pub(super) fn begin(&self) -> Result<File, Problem> {
        let (folder, target) = self.folder()?;
        clear_stale(&folder);
        let mut unfinished = self.lock();
        let (file, path) = unfinished_in(&folder)?;
        *unfinished = Some(path);
        if let Ok(old) = fs::metadata(&target) {
            file.set_permissions(old.permissions())?;
        }
        Ok(file)
    }

    /// Gives the file of [`Self::begin`] its name. What was there stays until then; of a link the file it leads to is
    /// replaced, not the link.
    pub(super) fn finish(&self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        let mut unfinished = self.lock();
        match unfinished.take() {
            Some(path) => path.persist(followed(&self.path)).map_err(io::Error::from),
            None => Err(io::ErrorKind::Interrupted.into()),
        }
    }
}

#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(windows)]
fn stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    let handle = io::stdout().as_handle().try_clone_to_owned();
    handle.map(File::from)
}

/// What a path leads to through links, whether that is there or not.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_path_buf();
    for _ in 0..MAX_LINKS {
        let Ok(next) = fs::read_link(&path) else {
            break;
        };
        path = path.parent().unwrap_or(Path::new("")).join(next);
    }
    path
}

/// A new file that is locked. Another process may take it for a stale one before it is: then the next is tried.
fn unfinished_in(folder: &Path) -> io::Result<(File, TempPath)> {
    for _ in 0..MAX_ATTEMPTS {
        let mut builder = Builder::new();
        builder.prefix(PREFIX).suffix(SUFFIX).rand_bytes(N_RANDOM).permissions(readable()?);
        let (file, path) = builder.tempfile_in(folder)?.into_parts();
        // A file system without locks has no stale files either: nothing is cleared there.
        let _ = file.try_lock();
        if path.exists() {
            return Ok((file, path));
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// What a new file may be, less what the umask takes off.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn readable() -> io::Result<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Ok(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn readable() -> io::Result<Permissions> {
    fs::metadata(".").map(|meta| meta.permissions())
}

/// Removes the unfinished files in `folder` that no process holds. What cannot be removed stays.
fn clear_stale(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let is_ours = |name: &str| {
        let random = name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
        let is_random =
            random.len() == N_RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric());
        is_random.then_some(())
    };
    for entry in entries.filter(|e| e.file_name().to_str().and_then(is_ours).is_some()) {
        let path = entry.path();
        let is_file = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
        let open = || OpenOptions::new().write(true).open(&path);
        if is_file && open().is_ok_and(|file| !is_held(&file)) {
            let _ = fs::remove_file(path);
        }
    }
}

fn is_held(file: &File) -> bool {
    match file.try_lock() {
        Ok(()) => false,
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::super::write_text_atomically;
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let name = |e: io::Result<fs::DirEntry>| e.expect("an entry").file_name();
        let mut names: Vec<String> =
            entries.map(|e| name(e).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_device_stays_a_device_and_a_link_a_link() {
        write_text_atomically(Path::new("/dev/null"), "gone").expect("written");
        assert!(!fs::metadata("/dev/null").expect("still there").is_file());
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "old").expect("written");
        symlink("file", path("link")).expect("linked");
        // This one leads, through another, to what is not there yet.
        symlink("nowhere", path("ahead")).expect("linked");
        symlink(path("ahead"), path("far")).expect("linked");
        write_text_atomically(&path("link"), "new").expect("written");
        write_text_atomically(&path("far"), "far").expect("written");
        for link in ["link", "ahead", "far"] {
            assert!(fs::symlink_metadata(path(link)).expect("there").is_symlink());
        }
        assert_eq!(fs::read_to_string(path("file")).expect("there"), "new");
        assert_eq!(fs::read_to_string(path("nowhere")).expect("there"), "far");
        let all = ["ahead", "far", "file", "link", "nowhere"];
        assert_eq!(names(folder.path()), all);
    }

    #[test]
    fn a_file_keeps_its_mode_and_a_new_one_has_that_of_any_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let mode = |name: &str| path(name).metadata().expect("there").permissions().mode();
        fs::write(path("plain"), "").expect("written");
        write_text_atomically(&path("new"), "x").expect("written");
        assert_eq!(mode("new"), mode("plain"));
        for bits in [0o600, 0o640, 0o755] {
            fs::set_permissions(path("new"), Permissions::from_mode(bits)).expect("set");
            write_text_atomically(&path("new"), "y").expect("written");
            assert_eq!(mode("new") & 0o7777, bits);
        }
    }

    #[test]
    fn what_no_process_holds_is_cleared_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let stale = ".logitscope-AAAAbbbb0000.unfinished";
        let kept = [
            ".logitscope-AAAAbbbb0001.unfinished",
            ".logitscope-notes.unfinished",
            ".other-AAAAbbbb0000.unfinished",
        ];
        for name in kept.iter().chain(&[stale]) {
            fs::write(path(name), "half").expect("written");
        }
        let held = File::open(path(kept[0])).expect("opened");
        held.lock().expect("locked");
        write_text_atomically(&path("card.json"), "whole").expect("written");
        let mut left: Vec<&str> = kept.to_vec();
        left.push("card.json");
        left.sort_unstable();
        assert_eq!(names(folder.path()), left);
    }

    #[test]
    fn what_is_abandoned_leaves_nothing_and_cannot_be_finished() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = Destination::from(&folder.path().join("p.csv"));
        let file = out.begin().expect("begun");
        assert_eq!(names(folder.path()).len(), 1);
        let mut names_then = Vec::new();
        out.clone().abandon(|| names_then = names(folder.path()));
        assert!(names_then.is_empty());
        assert!(out.finish(&file).is_err());
        assert!(names(folder.path()).is_empty());
    }
}
