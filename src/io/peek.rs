//! A fast look at a file, for a list of files: its first bytes or its footer, never all of it.

use std::path::Path;

use super::OpenOptions;
use super::array::ArrayInfo;
use super::array_store::ArrayStore;
use super::blob::Blob;
use super::companion::stem;
use super::error::{IoError, Problem};
use super::json::{self, Document};
use super::npz::Npz;
use super::sniff::{Format, sniff};
use super::stores::NpyFiles;
use super::{arrays, containers, names, slurp, table};
use crate::data::printable;

/// An archive of more bytes than this is not looked into for a list of files.
const MAX_ARCHIVE_MEMBERS: usize = 4096;

/// Bytes of a container that are read or unpacked for a list of files, at most: its names and shapes take far less.
const MAX_LISTED_BYTES: u64 = 64 << 20;

/// JSON that is one value, of more bytes than this, is not read for a list of files.
const MAX_JSON_BYTES: u64 = 4 << 20;

/// What a file seems to hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Peek {
    /// As [`crate::data::SourceInfo::format`].
    pub format: String,
    /// Size on disk.
    pub n_bytes: u64,
    /// N, where the header or footer says so.
    pub n_rows: Option<usize>,
    /// K, where the header or footer says so.
    pub n_classes: Option<usize>,
    /// `logits, label`, or why it would not open: `no array of logits found; there are ...`.
    pub contents: String,
    /// Where it would not open, the flag that helps.
    pub hint: Option<String>,
    /// True if logits (labels may still be missing) or summaries of them were recognised.
    pub has_logits: bool,
}

/// Looks at the ordinary file `path`; `None` for anything that is not one, cannot be read, or is in no
/// format that can be opened. Reads some kilobytes and never waits for a device or a pipe.
pub fn peek(path: &Path) -> Option<Peek> {
    glimpse(path).ok()
}

/// As [`peek`], with the reason where there is nothing to see.
///
/// # Errors
/// If `path` is no ordinary file, cannot be read, or is in no format that can be opened.
pub fn glimpse(path: &Path) -> Result<Peek, IoError> {
    glimpse_of(path).map_err(|p| p.at(path))
}

fn glimpse_of(path: &Path) -> Result<Peek, Problem> {
    let n_bytes = slurp::size(path)?;
    let format = sniff(&slurp::head(path)?)?;
    if let (Format::Parquet, Ok(Some(note))) = (format, table::note_of(path)) {
        return Ok(of_summaries(path, n_bytes, &note));
    }
    let glimpse = match format {
        Format::Npy => npy(path),
        format if format.is_container() => container(path, format),
        Format::Ndjson | Format::Text => text(path, format, n_bytes),
        _ => table::peek(path, format),
    };
    let glimpse = glimpse?;
    let hint = glimpse.contents.as_ref().err();
    Ok(Peek {
        format: glimpse.format.to_owned(),
        n_bytes,
        n_rows: glimpse.n_rows,
        n_classes: glimpse.n_classes,
        has_logits: glimpse.contents.is_ok(),
        hint: hint.and_then(|p| p.hint_words().map(str::to_owned)),
        contents: match &glimpse.contents {
            Ok(contents) => printable(contents),
            Err(problem) => problem.message().to_owned(),
        },
    })
}

/// A table of our own says itself how many classes it is about.
fn of_summaries(path: &Path, n_bytes: u64, note: &str) -> Peek {
    let note: serde_json::Value = serde_json::from_str(note).unwrap_or_default();
    let n_classes = note["classes"].as_u64();
    Peek {
        format: "row summaries".to_owned(),
        n_bytes,
        n_rows: table::peek(path, Format::Parquet).ok().and_then(|g| g.n_rows),
        n_classes: n_classes.and_then(|k| usize::try_from(k).ok()),
        contents: "row summaries".to_owned(),
        hint: None,
        has_logits: true,
    }
}

fn npy(path: &Path) -> Result<table::Glimpse, Problem> {
    let store = NpyFiles::open(&[path.to_path_buf()])?;
    Ok(of_arrays("npy", store.infos()))
}

fn container(path: &Path, format: Format) -> Result<table::Glimpse, Problem> {
    match containers::open(&Blob::open_at_most(path, MAX_LISTED_BYTES)?, format, &stem(path))? {
        Some(container) => Ok(of_arrays(container.format, container.store.infos())),
        None => npz(path),
    }
}

/// Lines are looked at from their start; JSON that is one value has to be read, and a large one is not.
fn text(path: &Path, format: Format, n_bytes: u64) -> Result<table::Glimpse, Problem> {
    if let Some(glimpse) = table::evaluation_log(path, format)? {
        return Ok(glimpse);
    }
    let text = table::text_of(path)?;
    if n_bytes > MAX_JSON_BYTES && json::is_document(&text)? {
        return Ok(table::Glimpse {
            format: "json",
            n_rows: None,
            n_classes: None,
            contents: Ok("one JSON value, too large to be looked into".to_owned()),
        });
    }
    match json::document(&text)? {
        Document::Lines => table::peek(path, format),
        Document::Lists(container) => Ok(of_arrays(container.format, container.store.infos())),
        Document::Rows(lines) => table::glimpse_of_lines(&lines),
    }
}

fn npz(path: &Path) -> Result<table::Glimpse, Problem> {
    let store = Npz::open_path(path, MAX_ARCHIVE_MEMBERS)?;
    Ok(of_arrays("npz", store.infos()))
}

fn of_arrays(format: &'static str, infos: &[ArrayInfo]) -> table::Glimpse {
    let mut glimpse = table::Glimpse {
        format,
        n_rows: None,
        n_classes: None,
        contents: Err(Problem::new("no logits found")),
    };
    let pairs = match arrays::choose(infos, &OpenOptions::default()) {
        Ok(pairs) => pairs,
        Err(problem) => {
            glimpse.contents = Err(problem);
            return glimpse;
        }
    };
    if let Some((logits, labels)) = pairs.first() {
        // Pieces of one data set follow each other.
        let part = |logits: usize| names::parse(&infos[logits].name).part;
        let same_part = pairs.iter().filter(|(other, _)| part(*other) == part(*logits));
        glimpse.n_rows = Some(same_part.map(|(other, _)| infos[*other].n_rows()).sum());
        let logits = &infos[*logits];
        glimpse.n_classes = logits.n_cols().map(|k| k.max(2));
        let labels = labels.map(|l| format!(", {}", infos[l].name));
        glimpse.contents = Ok(format!("{}{}", logits.name, labels.unwrap_or_default()));
    }
    glimpse
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn shared(path: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path)
    }

    #[test]
    #[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
    fn shared_files_are_recognised_without_reading_them() {
        let cases = [
            ("formats/stored.npz", "npz 1000 x 10 logits, labels"),
            ("formats/logits_f64_fortran.npy", "npy 1000 x 10 logits_f64_fortran"),
            ("formats/arrays.h5", "hdf5 1000 x 10 logits, labels"),
            ("formats/bf16.safetensors", "safetensors 1000 x 10 logits, labels"),
            ("pos_tags/val.safetensors", "safetensors 22400 x 50 logits, labels"),
            ("formats/wide.csv", "csv ? x 10 logit_0 .. logit_9, label"),
            ("formats/wide.csv.gz", "csv ? x 10 logit_0 .. logit_9, label"),
            ("formats/rows.jsonl", "ndjson ? x 10 logits, label"),
            ("formats/list_f32.parquet", "parquet 1000 x ? logits, label"),
            ("formats/fixed_list_f16.parquet", "parquet 1000 x 10 logits, label"),
            ("formats/list_f32.arrow", "arrow ? x ? logits, label"),
            ("formats/list_f32.arrows", "arrow ? x ? logits, label"),
            ("magika/logits.parquet", "parquet 1536 x ? logits, label"),
            ("sms_spam/val.csv", "csv ? x 2 logit, label"),
            ("hpc_lda/hpc_cv.csv", "csv ? x 4 VF .. L, obs"),
        ];
        let number = |n: Option<usize>| n.map_or("?".to_owned(), |n| n.to_string());
        for (name, expected) in cases {
            let p = peek(&shared(name)).unwrap_or_else(|| panic!("{name}"));
            let shape = format!("{} x {}", number(p.n_rows), number(p.n_classes));
            assert_eq!(format!("{} {shape} {}", p.format, p.contents), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_data_file_is_none() {
        assert_eq!(peek(Path::new("/dev/zero")), None);
        assert_eq!(peek(Path::new("no such file")), None);
        assert_eq!(peek(&shared("formats")), None);
        let notes = peek(&shared("README.md"));
        assert!(notes.is_none_or(|p| !p.has_logits));
    }
}
