//! The file picker: a folder, what is typed, and the files that match it.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::super::folder::Entry;
use super::super::fuzzy::{self, Match};
use super::super::services::Preview;
use super::LineInput;
use crate::data::printable;

/// Rows around the cursor whose files are looked into: more than any terminal shows.
const LOOKED_INTO: usize = 60;

/// What a folder holds, as far as it is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::tui) enum Listing {
    /// It is being looked through.
    Pending,
    /// Files and folders.
    Entries(Vec<Entry>),
    /// Why it cannot be read.
    Failed(String),
}

/// What Enter does with a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::tui) enum RowKind {
    /// Opens the file.
    File,
    /// Walks into the folder.
    Folder,
    /// Opens the folder as one data set.
    Whole,
    /// Opens what was typed, whatever it is.
    Typed,
}

/// A line of the list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::tui) struct PickerRow {
    /// Where it leads.
    pub(in crate::tui) path: PathBuf,
    /// Its name, printable.
    pub(in crate::tui) name: String,
    /// The characters of the name that were typed.
    pub(in crate::tui) marks: Vec<usize>,
    /// What Enter does.
    pub(in crate::tui) kind: RowKind,
    /// Size of a file whose size is known.
    pub(in crate::tui) n_bytes: Option<u64>,
}

/// The picker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::tui) struct Picker {
    /// True if the file is added to a comparison, and not opened.
    pub(in crate::tui) adds: bool,
    /// What is typed.
    pub(in crate::tui) line: LineInput,
    /// The folder, as it is put before the names; empty for the current one.
    pub(in crate::tui) folder: PathBuf,
    /// What it holds.
    pub(in crate::tui) listing: Listing,
    /// The files that were opened last; `None` until that is known.
    pub(in crate::tui) recent: Option<Vec<PathBuf>>,
    /// True if these are listed, and not the folder.
    pub(in crate::tui) shows_recent: bool,
    /// The list.
    pub(in crate::tui) rows: Vec<PickerRow>,
    /// The chosen row.
    pub(in crate::tui) cursor: usize,
    /// What was found in files.
    pub(in crate::tui) previews: BTreeMap<PathBuf, Preview>,
}

impl Picker {
    /// A picker of the files in `folder`, which is yet to be looked through.
    pub(in crate::tui) fn new(folder: PathBuf) -> Self {
        Self {
            adds: false,
            line: LineInput::default(),
            folder,
            listing: Listing::Pending,
            recent: None,
            shows_recent: false,
            rows: Vec::new(),
            cursor: 0,
            previews: BTreeMap::new(),
        }
    }

    /// The chosen row.
    pub(in crate::tui) fn chosen(&self) -> Option<&PickerRow> {
        self.rows.get(self.cursor)
    }

    /// Files and folders that rows are taken from.
    pub(in crate::tui) fn n_all(&self) -> usize {
        match (&self.listing, self.shows_recent) {
            (_, true) => self.recent.as_ref().map_or(0, Vec::len),
            (Listing::Entries(entries), false) => entries.len(),
            _ => 0,
        }
    }

    /// True if a folder of this name stands directly in the listed one.
    pub(in crate::tui) fn has_folder(&self, name: &str) -> bool {
        let is_it = |e: &Entry| e.is_folder && e.depth == 0 && e.name == name;
        matches!(&self.listing, Listing::Entries(entries) if entries.iter().any(is_it))
    }

    /// Walks to another folder; what was typed was for the old one.
    pub(in crate::tui) fn walk(&mut self, folder: PathBuf) {
        self.folder = folder;
        self.line = LineInput::default();
        self.listing = Listing::Pending;
        self.shows_recent = false;
        self.fill();
    }

    /// Makes the list anew, with the cursor on its first row.
    pub(in crate::tui) fn fill(&mut self) {
        let typed = self.line.text();
        let typed = typed.trim();
        self.rows =
            if self.shows_recent { self.recent_rows(typed) } else { self.folder_rows(typed) };
        self.cursor = 0;
    }

    fn recent_rows(&self, typed: &str) -> Vec<PickerRow> {
        let paths = self.recent.as_deref().unwrap_or_default();
        let names: Vec<String> = paths.iter().map(|p| printable(&p.to_string_lossy())).collect();
        let row = |found: Match| PickerRow {
            path: paths[found.idx].clone(),
            name: names[found.idx].clone(),
            marks: found.marks,
            kind: RowKind::File,
            n_bytes: None,
        };
        let found = fuzzy::matches(typed, names.iter().map(String::as_str));
        found.into_iter().map(row).collect()
    }

    /// Without a word what stands directly in the folder, else everything below it that matches.
    fn folder_rows(&self, typed: &str) -> Vec<PickerRow> {
        let entries = match &self.listing {
            Listing::Entries(entries) => entries.as_slice(),
            _ => &[],
        };
        let found = fuzzy::matches(typed, entries.iter().map(|e| e.shown.as_str()));
        let mut rows: Vec<PickerRow> = found
            .into_iter()
            .filter(|m| !typed.is_empty() || entries[m.idx].depth == 0)
            .map(|m| self.entry_row(&entries[m.idx], m.marks))
            .collect();
        let is_known = entries.iter().any(|e| e.name == typed);
        match typed.is_empty() {
            true if !rows.is_empty() => rows.push(self.last_row("", RowKind::Whole)),
            false if !is_known => rows.push(self.last_row(typed, RowKind::Typed)),
            _ => {}
        }
        rows
    }

    fn entry_row(&self, entry: &Entry, marks: Vec<usize>) -> PickerRow {
        let kind = if entry.is_folder { RowKind::Folder } else { RowKind::File };
        PickerRow {
            path: self.folder.join(&entry.name),
            name: entry.shown.clone(),
            marks,
            kind,
            n_bytes: (!entry.is_folder).then_some(entry.n_bytes),
        }
    }

    fn last_row(&self, typed: &str, kind: RowKind) -> PickerRow {
        let path = match (kind, self.folder.as_os_str().is_empty()) {
            (RowKind::Whole, true) => PathBuf::from("."),
            (RowKind::Whole, false) => self.folder.clone(),
            _ => self.folder.join(typed),
        };
        PickerRow { path, name: printable(typed), marks: Vec::new(), kind, n_bytes: None }
    }

    /// Files near the cursor that were not looked into yet, the chosen one first.
    pub(in crate::tui) fn unseen(&self) -> Vec<PathBuf> {
        let first = self.cursor.saturating_sub(LOOKED_INTO / 2);
        let near = self.rows.iter().skip(first).take(LOOKED_INTO);
        let wanted = self.chosen().into_iter().chain(near);
        let mut paths: Vec<PathBuf> = Vec::new();
        for row in wanted.filter(|row| row.kind == RowKind::File) {
            if !self.previews.contains_key(&row.path) && !paths.contains(&row.path) {
                paths.push(row.path.clone());
            }
        }
        paths
    }
}

/// The folder above `folder`, which need not be there; that of the root is the root.
pub(in crate::tui) fn above(folder: &Path) -> PathBuf {
    match folder.components().next_back() {
        None | Some(Component::ParentDir) => folder.join(".."),
        Some(Component::CurDir) => PathBuf::from(".."),
        Some(Component::RootDir | Component::Prefix(_)) => folder.to_path_buf(),
        Some(Component::Normal(_)) => folder.parent().map(Path::to_path_buf).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_has_one_above() {
        let up = |folder: &str| above(Path::new(folder)).to_string_lossy().into_owned();
        assert_eq!(up(""), "..");
        assert_eq!(up(".."), "../..");
        assert_eq!(up("runs"), "");
        assert_eq!(up("runs/a"), "runs");
        assert_eq!(up("../x"), "..");
        assert_eq!(up("/data"), "/");
        assert_eq!(up("/"), "/");
    }
}
