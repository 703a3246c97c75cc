//! What a file offers to be taken for its logits, labels and class names, for a user who chooses.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::array::{ArrayInfo, Dtype};
use super::blob::Blob;
use super::error::Problem;
use super::files::files_in;
use super::json::{self, Document};
use super::npz::Npz;
use super::sniff::{Format, sniff};
use super::stores::NpyFiles;
use super::table::{self, Shard};
use super::{
    IoError, OpenOptions, array_store::ArrayStore, class_names, companion, containers, mask, names,
    series, slurp, words,
};
use crate::data::printable;

/// Candidates of one kind, at most: a list that nobody can go through helps nobody.
const MAX_OFFERED: usize = 200;

/// Text files beside the data that are counted, at most.
const MAX_TEXTS: usize = 16;

/// What a file offers, from its header or its first lines alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// As [`crate::data::SourceInfo::format`].
    pub format: String,
    /// Columns of a table, or arrays of a container.
    pub n_columns: usize,
    /// A hash of the names and types of all columns (of arrays also the length of the last axis), which is the same
    /// for files of one schema however many rows they have. Hexadecimal.
    pub schema: String,
    /// What can be logits, the likeliest first.
    pub logits: Vec<Offered>,
    /// What can be labels, the likeliest first; files beside the data come last.
    pub labels: Vec<Offered>,
    /// What names rows, groups them or divides them: columns of one whole number or text a row, in stored order.
    pub beside: Vec<Offered>,
    /// What can say which rows count: columns or arrays of truth values, or called like masks.
    pub masks: Vec<Offered>,
    /// What can say how much a row counts: columns or arrays of numbers that are called like weights.
    pub weights: Vec<Offered>,
    /// True if a row may be a token of a sentence: an array of three axes.
    pub has_tokens: bool,
    /// Text files beside the data that may hold the names of the classes.
    pub class_names: Vec<Offered>,
    /// The steps of a series, in order.
    pub steps: Vec<u64>,
    /// True if the names of the arrays speak of a val and a test part.
    pub has_parts: bool,
}

/// One candidate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offered {
    /// What [`OpenOptions`] takes: a column, a pattern, an array, or the name of a file beside the data.
    pub select: String,
    /// The same for the eye, with type and shape; printable.
    pub words: String,
    /// Why it is a candidate; printable.
    pub evidence: String,
    /// True for a file in the folder of the data.
    pub is_beside: bool,
}

impl Offered {
    /// A candidate within the file.
    pub(super) fn inside(
        select: impl Into<String>,
        words: impl AsRef<str>,
        evidence: impl AsRef<str>,
    ) -> Self {
        Self {
            select: select.into(),
            words: printable(words.as_ref()),
            evidence: printable(evidence.as_ref()),
            is_beside: false,
        }
    }
}

/// Looks at the file or folder `path`; of several files of one data set at the first.
///
/// # Errors
/// If it cannot be read, or there is nothing to choose in it.
pub fn offer(path: &Path) -> Result<Offer, IoError> {
    offer_of(path).map_err(|p| p.at(path))
}

fn offer_of(path: &Path) -> Result<Offer, Problem> {
    let mut offer =
        if path.metadata()?.is_dir() { of_folder(&files_in(path)?) } else { of_file(path, &[]) }?;
    offer.labels.extend(labels_beside(path));
    offer.class_names = texts_beside(path);
    for list in [&mut offer.logits, &mut offer.labels, &mut offer.beside] {
        list.truncate(MAX_OFFERED);
    }
    Ok(offer)
}

fn of_folder(shards: &[Shard]) -> Result<Offer, Problem> {
    let Some(first) = shards.first() else {
        return Err(Problem::new("the folder holds no data file"));
    };
    if sniff(&slurp::head(&first.path)?)? == Format::Npy {
        let paths: Vec<PathBuf> = shards.iter().map(|s| s.path.clone()).collect();
        return Ok(of_arrays("npy", NpyFiles::open(&paths)?.infos()));
    }
    of_file(&first.path, &first.constants)
}

fn of_file(path: &Path, constants: &[(String, String)]) -> Result<Offer, Problem> {
    let format = sniff(&slurp::head(path)?)?;
    match format {
        Format::Npy => Ok(of_arrays("npy", NpyFiles::open(&[path.to_path_buf()])?.infos())),
        format if format.is_container() => {
            let opened = containers::open(&Blob::open(path)?, format, &companion::stem(path))?;
            match opened {
                Some(container) => Ok(of_arrays(container.format, container.store.infos())),
                None => Ok(of_arrays("npz", Npz::open_path(path, usize::MAX)?.infos())),
            }
        }
        Format::Parquet if matches!(table::note_of(path), Ok(Some(_))) => {
            Err(Problem::new("these are row summaries: there is nothing to choose"))
        }
        Format::Ndjson | Format::Text => match json::document(&table::text_of(path)?)? {
            Document::Lines => Ok(of_table(&table::head(path, format)?.with_constants(constants))),
            Document::Lists(container) => Ok(of_arrays(container.format, container.store.infos())),
            Document::Rows(lines) => Ok(of_table(&table::head_of_lines(&lines)?)),
        },
        _ => Ok(of_table(&table::head(path, format)?.with_constants(constants))),
    }
}

fn of_table(head: &table::Head) -> Offer {
    let (logits, labels, beside) = head.candidates();
    let types = head.types();
    let is_mask = |offered: &&Offered| {
        let is_truth = |(name, ty): &(&str, String)| *name == offered.select && ty == "bool";
        mask::is_called_so(&offered.select) || types.iter().any(is_truth)
    };
    let weights = types.iter().filter(|(name, ty)| {
        speaks_of_weights(name) && ["f16", "f32", "f64", "integer"].contains(&ty.as_str())
    });
    let weight = |(name, ty): &(&str, String)| {
        Offered::inside(*name, format!("{name} ({ty})"), "called like weights")
    };
    let weights = weights.map(weight).collect();
    let masks = beside.iter().filter(is_mask).cloned().collect();
    Offer {
        format: head.format.to_owned(),
        n_columns: types.len(),
        schema: hash(types.iter().map(|(name, ty)| format!("{name}\0{ty}"))),
        logits,
        labels,
        beside,
        masks,
        weights,
        has_tokens: false,
        class_names: Vec::new(),
        steps: Vec::new(),
        has_parts: types.iter().any(|(name, _)| names::is_split(name)),
    }
}

fn of_arrays(format: &str, infos: &[ArrayInfo]) -> Offer {
    let names = series::names_of(infos);
    let mut steps: Vec<u64> = names.iter().filter_map(|n| n.step).collect();
    steps.sort_unstable();
    steps.dedup();
    let mut parts: Vec<_> = names.iter().filter_map(|n| n.part).collect();
    parts.sort_unstable();
    parts.dedup();
    let both = || infos.iter().zip(&names);
    let mut logits = ranked(both().filter(|(i, _)| series::can_be_logits(i)), |name| {
        names::logits_rank(&name.stem).map(|rank| (rank, "called like logits"))
    });
    let mut labels = ranked(both().filter(|(i, _)| can_be_labels(i)), |name| {
        names::labels_rank(&name.stem).map(|rank| (rank, "called like labels"))
    });
    // A matrix is likelier than a vector, and a vector of integers likelier than one of floats.
    logits.sort_by_key(|(rank, i, _)| (*rank, i.shape.len() < 2));
    // What was predicted comes last.
    labels.sort_by_key(|(rank, i, _)| (words::say_prediction(&i.name), *rank, i.is_float()));
    let offered = |list: Vec<(usize, &ArrayInfo, &str)>| {
        let one =
            |(_, i, why): (usize, &ArrayInfo, &str)| Offered::inside(&i.name, i.to_string(), why);
        list.into_iter().map(one).collect()
    };
    Offer {
        format: format.to_owned(),
        n_columns: infos.len(),
        schema: hash(infos.iter().map(array_type)),
        logits: offered(logits),
        labels: offered(labels),
        beside: infos.iter().filter(|i| can_be_beside(i)).map(of_row).collect(),
        masks: infos.iter().filter(|i| can_be_mask(i)).map(of_row).collect(),
        weights: infos.iter().filter(|i| can_be_weights(i)).map(of_row).collect(),
        has_tokens: infos.iter().any(|i| i.is_float() && i.shape.len() == 3),
        class_names: Vec::new(),
        steps: if steps.len() > 1 { steps } else { Vec::new() },
        has_parts: parts.len() > 1,
    }
}

/// Arrays with the rank that their names have, and why.
fn ranked<'a>(
    arrays: impl Iterator<Item = (&'a ArrayInfo, &'a names::Name)>,
    rank: impl Fn(&names::Name) -> Option<(usize, &'static str)>,
) -> Vec<(usize, &'a ArrayInfo, &'static str)> {
    let one = |(info, name): (&'a ArrayInfo, &'a names::Name)| {
        let (rank, why) = rank(name).unwrap_or((usize::MAX, "by type and shape"));
        (rank, info, why)
    };
    arrays.map(one).collect()
}

/// Integers, truth values and texts in rows; floats where the name says so.
fn can_be_labels(info: &ArrayInfo) -> bool {
    let named = || names::labels_rank(&names::parse(&info.name).stem).is_some();
    let has_rows = !info.shape.is_empty() && info.shape.len() <= 2;
    match &info.dtype {
        Ok(Dtype::Int { .. } | Dtype::Bool | Dtype::Text { .. }) => has_rows,
        Ok(_) => has_rows && named(),
        Err(_) => false,
    }
}

/// One whole number or text for each row.
fn can_be_beside(info: &ArrayInfo) -> bool {
    let dtype = info.dtype.as_ref();
    let is_discrete = |d: &Dtype| matches!(d, Dtype::Int { .. } | Dtype::Bool | Dtype::Text { .. });
    info.shape.len() == 1 && dtype.is_ok_and(is_discrete)
}

/// `weight`, `sample_weights`.
fn speaks_of_weights(name: &str) -> bool {
    name.to_lowercase().contains("weight")
}

/// Numbers that are called like weights, one for each row.
fn can_be_weights(info: &ArrayInfo) -> bool {
    let is_number = |d: &Dtype| matches!(d, Dtype::Int { .. }) || info.is_float();
    info.shape.len() == 1
        && speaks_of_weights(&info.name)
        && info.dtype.as_ref().is_ok_and(is_number)
}

/// Truth values, or whole numbers that are called like a mask, one for each row.
fn can_be_mask(info: &ArrayInfo) -> bool {
    let called_so = mask::is_called_so(&names::parse(&info.name).stem);
    let is_one_each = matches!(info.shape.len(), 1 | 2);
    match &info.dtype {
        Ok(Dtype::Bool) => {
            is_one_each && names::labels_rank(&names::parse(&info.name).stem).is_none()
        }
        Ok(Dtype::Int { .. }) => is_one_each && called_so,
        _ => false,
    }
}

fn of_row(info: &ArrayInfo) -> Offered {
    Offered::inside(&info.name, info.to_string(), "one for each row")
}

/// Name, type, number of axes and length of the last one: not how many rows there are.
fn array_type(info: &ArrayInfo) -> String {
    let dtype = match &info.dtype {
        Ok(dtype) => dtype.to_string(),
        Err(name) => name.clone(),
    };
    let last = info.shape.last().filter(|_| info.shape.len() > 1);
    format!("{}\0{dtype}\0{}\0{last:?}", info.name, info.shape.len())
}

fn hash(columns: impl Iterator<Item = String>) -> String {
    let mut hasher = Sha256::new();
    for column in columns {
        hasher.update(column.as_bytes());
        hasher.update(b"\n");
    }
    let digest = hasher.finalize();
    let start = digest.iter().take(8).fold(0_u64, |start, byte| start << 8 | u64::from(*byte));
    format!("{start:016x}")
}

/// Files beside `path` whose names speak of labels.
fn labels_beside(path: &Path) -> Vec<Offered> {
    let found = companion::candidates(path, &OpenOptions::default());
    let files = found.unwrap_or_default();
    let of_file =
        |file: &PathBuf| beside(file, "a file beside the data, called like labels".to_owned());
    files.iter().filter_map(of_file).collect()
}

/// Lists of names beside `path`, with their numbers of lines.
fn texts_beside(path: &Path) -> Vec<Offered> {
    let speaks_of_names =
        |name: &str| ["class", "name", "label", "vocab"].iter().any(|w| name.contains(w));
    let Some(folder) = folder_of(path) else {
        return Vec::new();
    };
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|p| p.extension().is_some_and(|e| e == "txt"))
        .filter(|p| speaks_of_names(&companion::stem(p).to_lowercase()))
        .collect();
    files.sort();
    files.truncate(MAX_TEXTS);
    let of_file = |file: &PathBuf| {
        let n_lines = class_names::read_lines(file).ok()?.len();
        beside(file, format!("{n_lines} lines"))
    };
    files.iter().filter_map(of_file).collect()
}

/// The folder in which companions of `path` lie.
fn folder_of(path: &Path) -> Option<PathBuf> {
    if path.is_dir() {
        return Some(path.to_path_buf());
    }
    let parent = path.parent()?;
    let is_here = parent.as_os_str().is_empty();
    Some(if is_here { PathBuf::from(".") } else { parent.to_path_buf() })
}

/// A file that is named in UTF-8: no other name can be remembered.
fn beside(file: &Path, evidence: String) -> Option<Offered> {
    let name = file.file_name()?.to_str()?;
    Some(Offered { select: name.to_owned(), words: printable(name), evidence, is_beside: true })
}
