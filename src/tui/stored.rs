//! What outlives the app: recent files in the state folder, choices of columns in the configuration folder.
//!
//! Both follow the XDG base directory specification: `$XDG_STATE_HOME` or `~/.local/state`, `$XDG_CONFIG_HOME` or
//! `~/.config`, and in them `logitscope`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::data::printable;
use crate::io;

use super::choice::Choice;

/// Recent files that are kept, at most.
const MAX_RECENT: usize = 50;

/// A larger file was not written by this program.
const MAX_BYTES: u64 = 1 << 20;

/// Where things are kept; `None` if the environment names no folder.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Stored {
    state: Option<PathBuf>,
    config: Option<PathBuf>,
}

impl Stored {
    /// The folders that the environment names.
    pub(super) fn from_environment() -> Self {
        Self::of(|name| std::env::var_os(name))
    }

    /// The specification wants relative paths to be ignored.
    fn of(var: impl Fn(&str) -> Option<OsString>) -> Self {
        let absolute = |name: &str| var(name).map(PathBuf::from).filter(|p| p.is_absolute());
        let folder = |name: &str, at_home: &str| {
            let base = absolute(name).or_else(|| Some(absolute("HOME")?.join(at_home)))?;
            Some(base.join("logitscope"))
        };
        Self {
            state: folder("XDG_STATE_HOME", ".local/state"),
            config: folder("XDG_CONFIG_HOME", ".config"),
        }
    }

    /// The files that were opened last, the newest first; those that are gone are left out.
    pub(super) fn recent(&self) -> Vec<PathBuf> {
        let mut recent = self.all_recent();
        recent.retain(|path| path.exists());
        recent
    }

    fn all_recent(&self) -> Vec<PathBuf> {
        let text = self.state.as_ref().and_then(|folder| read(&folder.join("recent.json")));
        let paths: Vec<PathBuf> =
            text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        paths.into_iter().take(MAX_RECENT).collect()
    }

    /// Puts `path` before all others.
    ///
    /// # Errors
    /// Why it cannot be kept, in words.
    pub(super) fn add_recent(&self, path: &Path) -> Result<(), String> {
        let folder = self.state.as_ref().ok_or("no folder for state: HOME is not set")?;
        let path = std::path::absolute(path).map_err(|e| e.to_string())?;
        let mut recent = self.all_recent();
        recent.retain(|other| *other != path);
        recent.insert(0, path);
        recent.truncate(MAX_RECENT);
        // A path that is no UTF-8 has no place in JSON; it is left out rather than bent.
        let names: Vec<&str> = recent.iter().filter_map(|path| path.to_str()).collect();
        let json = serde_json::to_string_pretty(&names).map_err(|e| e.to_string())?;
        write(folder, "recent.json", &(json + "\n"))
    }

    /// What was remembered for files of this schema.
    pub(super) fn recall(&self, schema: &str) -> Option<Choice> {
        let text = read(&self.columns()?.join(file_name(schema)))?;
        Choice::from_json(&text)
    }

    /// True if anything was remembered for any schema: otherwise no file needs to be looked at for its schema.
    pub(super) fn remembers(&self) -> bool {
        let entries = self.columns().and_then(|folder| folder.read_dir().ok());
        entries.is_some_and(|mut entries| entries.next().is_some())
    }

    /// Keeps `choice` for files of this schema.
    ///
    /// # Errors
    /// Why it cannot be kept, in words.
    pub(super) fn remember(&self, schema: &str, choice: &Choice) -> Result<(), String> {
        let folder = self.columns().ok_or("no folder for configuration: HOME is not set")?;
        write(&folder, &file_name(schema), &choice.to_json())
    }

    /// Drops what was remembered for files of this schema.
    ///
    /// # Errors
    /// Why it cannot be dropped, in words.
    pub(super) fn forget(&self, schema: &str) -> Result<(), String> {
        let folder = self.columns().ok_or("no folder for configuration: HOME is not set")?;
        match fs::remove_file(folder.join(file_name(schema))) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(printable(&e.to_string())),
            _ => Ok(()),
        }
    }

    fn columns(&self) -> Option<PathBuf> {
        Some(self.config.as_ref()?.join("columns"))
    }
}

fn file_name(schema: &str) -> String {
    format!("{schema}.json")
}

fn read(path: &Path) -> Option<String> {
    let is_ours = fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= MAX_BYTES);
    is_ours.then(|| fs::read_to_string(path).ok()).flatten()
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), String> {
    let shown = |e: &dyn std::fmt::Display| printable(&e.to_string());
    fs::create_dir_all(folder)
        .map_err(|e| format!("{}: {}", printable(&folder.to_string_lossy()), shown(&e)))?;
    io::write_text_atomically(&folder.join(name), text).map_err(|e| shown(&e))
}

#[cfg(test)]
mod tests {
    use super::super::choice::{Field, Pick};
    use super::*;

    fn in_folder(folder: &Path) -> Stored {
        Stored {
            state: Some(folder.join("state/logitscope")),
            config: Some(folder.join("config/logitscope")),
        }
    }

    #[test]
    fn the_environment_names_the_folders() {
        let home = |name: &str| (name == "HOME").then(|| OsString::from("/home/a"));
        let stored = Stored::of(home);
        assert_eq!(stored.state.unwrap(), Path::new("/home/a/.local/state/logitscope"));
        assert_eq!(stored.config.unwrap(), Path::new("/home/a/.config/logitscope"));
        let relative = |name: &str| (name == "XDG_STATE_HOME").then(|| OsString::from("here"));
        assert_eq!(Stored::of(relative), Stored::default());
        let given = |name: &str| (name == "XDG_CONFIG_HOME").then(|| OsString::from("/etc/x"));
        assert_eq!(Stored::of(given).config.unwrap(), Path::new("/etc/x/logitscope"));
    }

    #[test]
    fn recent_files_are_few_and_the_newest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let stored = in_folder(folder.path());
        assert!(stored.recent().is_empty());
        let file = |i: usize| folder.path().join(format!("{i}.csv"));
        for i in 0..60 {
            fs::write(file(i), "").unwrap();
            stored.add_recent(&file(i)).unwrap();
        }
        stored.add_recent(&file(30)).unwrap();
        let recent = stored.recent();
        assert_eq!((recent.len(), &recent[0], &recent[1]), (50, &file(30), &file(59)));
        fs::remove_file(file(59)).unwrap();
        assert!(!stored.recent().contains(&file(59)));
    }

    #[test]
    fn what_cannot_be_kept_says_why() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("state"), "a file, not a folder").unwrap();
        let stored = in_folder(folder.path());
        let why = stored.add_recent(Path::new("a.csv")).unwrap_err();
        assert!(why.contains("state"), "{why}");
        assert!(Stored::default().add_recent(Path::new("a.csv")).is_err());
        assert!(Stored::default().recent().is_empty());
    }

    #[test]
    fn a_choice_is_kept_for_its_schema_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let stored = in_folder(folder.path());
        let choice: Choice = [(Field::Labels, Pick::inside("target"))].into_iter().collect();
        assert!(!stored.remembers());
        stored.remember("00ff", &choice).unwrap();
        assert!(stored.remembers());
        assert_eq!(stored.recall("00ff"), Some(choice));
        assert_eq!(stored.recall("11ff"), None);
        stored.forget("00ff").unwrap();
        stored.forget("00ff").unwrap();
        assert_eq!(stored.recall("00ff"), None);
    }
}
