//! What the app needs from the rest of the program, behind one trait so that tests can stand in.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::analysis::AnalysisOptions;
use crate::data::{SourceError, printable};
use crate::io::{self, IoError, OpenOptions};
use crate::pipeline::{self, Study};
use crate::report::{self, number::count};

use super::Sample;
use super::event::Target;
use super::load::{Listener, Load, LoadError};

/// Most files that the home screen looks into.
const MAX_CANDIDATES: usize = 200;

/// Most paths that a prompt offers.
const MAX_MATCHES: usize = 50;

/// Endings of the files that may hold logits.
const ENDINGS: [&str; 21] = [
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
    "ndjson",
    "jsonl",
    "arrow",
    "feather",
    "ipc",
    "arrows",
    "csv.gz",
    "csv.zst",
];

/// A file of the home screen's directory.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Candidate {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its name, made printable.
    pub(super) name: String,
    /// Its size in bytes.
    pub(super) n_bytes: u64,
    /// What a peek found, such as `10,000 × 100   logits, label`; empty if nothing was read.
    pub(super) found: String,
    /// True if it can be opened as it is.
    pub(super) usable: bool,
}

/// Why a load ended without a study.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    /// The file, made printable.
    pub(super) name: String,
    /// What is wrong, and where.
    pub(super) message: String,
    /// What to type next.
    pub(super) hint: Option<String>,
    /// True if the user asked for it.
    pub(super) cancelled: bool,
}

/// Everything that is neither state nor drawing.
pub(super) trait Services: Send + Sync + 'static {
    /// Loads and studies, and tells the listener how far that is.
    fn load(&self, target: &Target, listener: &mut dyn Listener) -> Result<Study, Failure>;

    /// Files that look like logits, in natural order, by their names alone.
    fn scan(&self) -> Vec<Candidate>;

    /// Looks into one of them and says what was found.
    fn look(&self, candidate: Candidate) -> Candidate;

    /// Paths that begin with `prefix`; folders end in `/`.
    fn complete(&self, prefix: &str) -> Vec<String>;

    /// Writes the deployment card; returns where it is.
    fn write_card(&self, study: &Study, target: &Target) -> Result<PathBuf, String>;
}

/// The real thing.
#[derive(Debug)]
pub(super) struct Program {
    /// How files are read.
    pub(super) open: OpenOptions,
    /// How they are analysed.
    pub(super) analysis: AnalysisOptions,
    /// The compiled-in sample.
    pub(super) sample: Sample,
}

impl Services for Program {
    fn load(&self, target: &Target, listener: &mut dyn Listener) -> Result<Study, Failure> {
        let open = |on_read: &mut dyn FnMut(io::Progress) -> bool| match target {
            Target::Path(path) => pipeline::open(path, &self.open, on_read).map(Into::into),
            Target::Sample => {
                io::open_bytes(self.sample.name, self.sample.bytes, &self.open).map(Into::into)
            }
        };
        let studied = Load::new(listener).run(open, &self.analysis);
        studied.map_err(|e| match e {
            LoadError::Open(e) => read_failure(&e),
            LoadError::Study(name, e) => study_failure(name, &e),
        })
    }

    fn scan(&self) -> Vec<Candidate> {
        let mut names = names_in(Path::new("."));
        names.retain(|(name, is_folder)| !is_folder && has_ending(name));
        names.sort_by(|(a, _), (b, _)| natural(a, b));
        names.truncate(MAX_CANDIDATES);
        names
            .iter()
            .filter_map(|(name, _)| candidate(name))
            .collect()
    }

    fn look(&self, candidate: Candidate) -> Candidate {
        match io::peek(&candidate.path) {
            Some(peek) => Candidate {
                found: found_words(&peek),
                usable: peek.has_logits,
                ..candidate
            },
            None => Candidate {
                found: "cannot be opened".into(),
                usable: false,
                ..candidate
            },
        }
    }

    fn complete(&self, prefix: &str) -> Vec<String> {
        let (folder, start) = prefix
            .rsplit_once('/')
            .map_or(("", prefix), |(folder, start)| {
                (&prefix[..=folder.len()], start)
            });
        let look_in = if folder.is_empty() { "." } else { folder };
        let mut names = names_in(Path::new(look_in));
        names.retain(|(name, is_folder)| {
            name.starts_with(start)
                && (!name.starts_with('.') || start.starts_with('.'))
                && (*is_folder || has_ending(name))
        });
        names.sort_by(|(a, _), (b, _)| natural(a, b));
        names.truncate(MAX_MATCHES);
        let full = |(name, is_folder): (String, bool)| {
            format!("{folder}{name}{}", if is_folder { "/" } else { "" })
        };
        names.into_iter().map(full).collect()
    }

    fn write_card(&self, study: &Study, target: &Target) -> Result<PathBuf, String> {
        let Target::Path(data) = target else {
            return Err("the sample has no folder".into());
        };
        let path = card_path(data);
        let card = report::card(study, SystemTime::now()).map_err(|e| printable(&e.to_string()))?;
        let json = card.to_json().map_err(|e| printable(&e.to_string()))?;
        io::write_text_atomically(&path, &json).map_err(|e| printable(&e.to_string()))?;
        Ok(path)
    }
}

/// `10,000 × 100   logits, label`, as far as the file says so up front.
fn found_words(peek: &io::Peek) -> String {
    let number = |n: Option<usize>| {
        n.map_or_else(
            || "?".to_owned(),
            |n| count(u64::try_from(n).unwrap_or(u64::MAX)),
        )
    };
    if peek.n_rows.is_none() && peek.n_classes.is_none() {
        return peek.contents.clone();
    }
    let shape = format!("{} × {}", number(peek.n_rows), number(peek.n_classes));
    format!("{shape:<14} {}", peek.contents)
}

/// `val.npz` -> `val.temperature.json`, beside it.
fn card_path(data: &Path) -> PathBuf {
    let name = data.file_name().unwrap_or_default().to_string_lossy();
    let stem = name.split('.').next().filter(|stem| !stem.is_empty());
    data.with_file_name(format!("{}.temperature.json", stem.unwrap_or("logits")))
}

fn read_failure(e: &IoError) -> Failure {
    Failure {
        name: printable(&e.path.display().to_string()),
        message: printable(&e.message),
        hint: e.hint.as_deref().map(printable),
        cancelled: e.cancelled,
    }
}

fn study_failure(name: String, e: &SourceError) -> Failure {
    let of_reader = match e {
        SourceError::Read(e) => e.downcast_ref::<IoError>(),
        SourceError::Cancelled => None,
    };
    match of_reader {
        Some(e) => Failure {
            name,
            ..read_failure(e)
        },
        None => Failure {
            name,
            message: printable(&e.to_string()),
            hint: None,
            cancelled: matches!(e, SourceError::Cancelled),
        },
    }
}

/// Names in a folder, and whether each is a folder; empty if it cannot be read.
fn names_in(folder: &Path) -> Vec<(String, bool)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let name = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().ok()?;
        Some((name, entry.path().is_dir()))
    };
    entries.flatten().filter_map(name).collect()
}

fn has_ending(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ENDINGS
        .iter()
        .any(|ending| name.strip_suffix(ending).is_some_and(|n| n.ends_with('.')))
}

fn candidate(name: &str) -> Option<Candidate> {
    let path = PathBuf::from(name);
    let n_bytes = std::fs::metadata(&path).ok()?.len();
    Some(Candidate {
        name: printable(name),
        path,
        n_bytes,
        found: String::new(),
        usable: true,
    })
}

/// `step2` before `step10`: runs of digits compare as numbers.
fn natural(a: &str, b: &str) -> std::cmp::Ordering {
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
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names = vec!["step10.npz", "step2.npz", "step02.csv", "a.csv"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["a.csv", "step02.csv", "step2.npz", "step10.npz"]);
    }

    #[test]
    fn the_card_lies_beside_the_data() {
        let path = card_path(Path::new("runs/val.csv.gz"));
        assert_eq!(path, Path::new("runs/val.temperature.json"));
    }

    #[test]
    fn endings_are_whole() {
        assert!(has_ending("val.CSV.gz"));
        assert!(has_ending("val.npz"));
        assert!(!has_ending("npz"));
        assert!(!has_ending("notes.txt"));
    }
}
