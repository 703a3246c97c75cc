//! Files and folders as lists: natural order, hidden ones left out.

use std::cmp::Ordering;
use std::fs::DirEntry;
use std::path::Path;

use crate::data::printable;

/// Entries of one list, at most: further ones are said to be there, and are found by walking into their folders.
const MAX_ENTRIES: usize = 5000;

/// Folders within folders that the picker looks into.
pub(super) const MAX_DEPTH: usize = 3;

/// Folders that hold programs, not data.
const SKIPPED: [&str; 4] = ["__pycache__", "node_modules", "site-packages", "target"];

/// Endings of the files that may hold logits.
const ENDINGS: [&str; 28] = [
    "npz",
    "npy",
    "safetensors",
    "pt",
    "pth",
    "pkl",
    "pickle",
    "p",
    "h5",
    "hdf5",
    "parquet",
    "csv",
    "tsv",
    "tsv.gz",
    "tsv.zst",
    "kld",
    "ndjson",
    "jsonl",
    "arrow",
    "feather",
    "ipc",
    "arrows",
    "csv.gz",
    "csv.zst",
    "jsonl.gz",
    "jsonl.zst",
    "ndjson.gz",
    "ndjson.zst",
];

/// A file or folder within the folder that was looked through.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    /// Its path from that folder on.
    pub(super) name: String,
    /// The same, printable.
    pub(super) shown: String,
    /// True for a folder.
    pub(super) is_folder: bool,
    /// Size of a file in bytes.
    pub(super) n_bytes: u64,
    /// Folders between it and the folder that was looked through.
    pub(super) depth: usize,
}

/// What a folder holds: files that may be data by their endings, and folders, also what stands in these up to
/// `max_depth` folders down. What stands directly in it comes first, and in each folder files come before folders.
///
/// # Errors
/// Why the folder cannot be read, in words. Folders within it that cannot be read are left out.
pub(super) fn list(folder: &Path, max_depth: usize) -> Result<Vec<Entry>, String> {
    let words = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => "no such folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => printable(&e.to_string()),
    };
    let at = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut all = level(at, "", 0).map_err(words)?;
    let mut next = 0;
    while next < all.len() && all.len() < MAX_ENTRIES {
        let Entry { name, depth, .. } = all[next].clone();
        if all[next].is_folder && depth < max_depth && !is_skipped(&name) {
            // A folder that cannot be read, or that leads to a place already seen, is not worth a word in a list.
            let is_link = at.join(&name).is_symlink();
            let inner = if is_link {
                Ok(Vec::new())
            } else {
                level(&at.join(&name), &format!("{name}/"), depth + 1)
            };
            all.extend(inner.unwrap_or_default());
        }
        next += 1;
    }
    all.truncate(MAX_ENTRIES);
    Ok(all)
}

fn is_skipped(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name);
    SKIPPED.contains(&last)
}

/// The entries of one folder, whose names begin with `prefix`.
fn level(folder: &Path, prefix: &str, depth: usize) -> std::io::Result<Vec<Entry>> {
    let entry = |entry: DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        let meta = entry.path().metadata().ok()?;
        let wanted =
            !name.starts_with('.') && (meta.is_dir() || meta.is_file() && has_ending(&name));
        let name = format!("{prefix}{name}");
        wanted.then(|| Entry {
            shown: printable(&name),
            name,
            is_folder: meta.is_dir(),
            n_bytes: if meta.is_file() { meta.len() } else { 0 },
            depth,
        })
    };
    let mut entries: Vec<Entry> = folder.read_dir()?.flatten().filter_map(entry).collect();
    entries.sort_by(|a, b| (a.is_folder.cmp(&b.is_folder)).then_with(|| natural(&a.name, &b.name)));
    Ok(entries)
}

/// True if the name ends like that of a file that may hold logits.
pub(super) fn has_ending(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // The one JSON that is data: what version 0.3 of lm-evaluation-harness writes out.
    if name.ends_with("_write_out_info.json") {
        return true;
    }
    ENDINGS.iter().any(|ending| name.strip_suffix(ending).is_some_and(|n| n.ends_with('.')))
}

/// `step2` before `step10`: runs of digits compare as numbers.
pub(super) fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.chars().peekable(), b.chars().peekable());
    loop {
        match (a.peek().copied(), b.peek().copied()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let order = number(&mut a).cmp(&number(&mut b));
                if order.is_ne() {
                    return order;
                }
            }
            (x, y) => {
                let order = x.cmp(&y);
                if order.is_ne() || x.is_none() {
                    return order;
                }
                a.next();
                b.next();
            }
        }
    }
}

/// The digits that come next, without leading zeros: first by length, then as text.
fn number(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> (usize, String) {
    let mut digits = String::new();
    while let Some(c) = chars.next_if(char::is_ascii_digit) {
        if !(digits.is_empty() && c == '0') {
            digits.push(c);
        }
    }
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = vec!["step10.npz", "step2.npz", "step02.csv", "a.csv"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a.csv", "step02.csv", "step2.npz", "step10.npz"]);
    }

    #[test]
    fn endings_are_whole() {
        assert!(has_ending("val.CSV.gz"));
        assert!(has_ending("val.npz"));
        assert!(!has_ending("npz"));
        assert!(!has_ending("notes.txt"));
    }

    #[test]
    fn a_list_reaches_into_folders() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["runs/a", ".git", "__pycache__", "one/two/three/four"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        let files = [
            "val10.csv",
            "val9.csv",
            "notes.md",
            "runs/a/x.npz",
            ".git/y.npz",
            "__pycache__/z.npz",
            "one/two/three/w.npz",
            "one/two/three/four/deep.npz",
        ];
        for name in files {
            fs::write(at(name), "12345").unwrap();
        }
        let entries = list(folder.path(), MAX_DEPTH).unwrap();
        let names: Vec<&str> = entries.iter().map(|e| e.name.as_str()).collect();
        let direct = ["val9.csv", "val10.csv", "__pycache__", "one", "runs"];
        assert_eq!(names[..5], direct);
        let within = [
            "one/two",
            "runs/a",
            "one/two/three",
            "runs/a/x.npz",
            "one/two/three/w.npz",
            "one/two/three/four",
        ];
        assert_eq!(names[5..], within);
        assert_eq!((entries[0].n_bytes, entries[0].is_folder, entries[0].depth), (5, false, 0));
        assert_eq!(entries[8].depth, 2);
        assert_eq!(list(folder.path(), 0).unwrap(), entries[..5]);
    }

    #[test]
    fn a_folder_that_cannot_be_read_says_why() {
        assert_eq!(list(Path::new("no/such/folder"), 0).unwrap_err(), "no such folder");
    }
}
