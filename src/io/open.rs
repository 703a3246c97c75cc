//! Opening a path or bytes: which reader, which companion, and the meaning of it all.

use std::io::Cursor;
use std::path::Path;

use super::array::ArrayInfo;
use super::assemble::{Origin, assemble};
use super::blob::Blob;
use super::error::{IoError, Problem};
use super::json::{self, Document};
use super::npz::Npz;
use super::picked::{Found, RawLabels};
use super::progress::Watch;
use super::slurp::SNIFF_BYTES;
use super::sniff::{Format, sniff};
use super::stores::{NpyBytes, NpyFiles};
use super::table::text::Text;
use super::table::{self, Shard};
use super::{
    Loaded, OpenOptions, Progress, arrays, checksum, companion, containers, files, harness,
    logprobs, pipe_names, shards, slurp,
};
use crate::data::Guess;

/// Loads the file or folder `path`, told apart by its bytes, and decides what it means. A path that is none, and
/// holds `*`, `?` or `[`, is a pattern: all files that match it are one data set, as those of a folder are.
///
/// `progress` is called every few megabytes and before and after each slow step; if it returns false,
/// reading stops and the error has `cancelled` set.
///
/// # Errors
/// If the file cannot be read, is damaged, or does not say clearly enough what its logits and labels
/// are; the message names row and column, and the hint the flag that helps.
pub fn open(
    path: &Path,
    options: &OpenOptions,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Loaded, IoError> {
    open_path(path, options, progress).map_err(|p| p.at(path))
}

/// Loads bytes that are no file, such as the sample in the binary; `name` stands for the path.
///
/// # Errors
/// As [`open`].
pub fn open_bytes(name: &str, bytes: &[u8], options: &OpenOptions) -> Result<Loaded, IoError> {
    load_bytes(name, bytes, options).map_err(|p| p.at(Path::new(name)))
}

fn load_bytes(name: &str, bytes: &[u8], options: &OpenOptions) -> Result<Loaded, Problem> {
    let n_bytes = bytes.len() as u64;
    let mut go_on = |_| true;
    let watch = &mut Watch::new(&mut go_on, n_bytes)?;
    let mut outside = |_: &_, _: &mut Vec<Guess>| match &options.labels {
        Some(file) => Err(Problem::new(format!("there is no array {file}"))),
        None => Err(Problem::new("no labels found")),
    };
    let format = sniff(&bytes[..bytes.len().min(SNIFF_BYTES)])?;
    let assembled = |found, watch: &mut Watch<'_>| {
        let origin = Origin { name, path: None, n_bytes };
        assemble(found, &origin, options, watch)
    };
    let container = if format.is_container() {
        containers::open(&Blob::held(bytes), format, name)?
    } else {
        None
    };
    let found = match (container, format) {
        (Some(mut container), _) => {
            arrays::read_container(&mut container, options, &mut outside, watch)
        }
        (None, Format::Npy) => {
            let mut store = NpyBytes::open(name, bytes)?;
            arrays::read("npy", &mut store, options, &mut outside, watch)
        }
        (None, Format::Zip) => {
            let mut store = Npz::open(Cursor::new(bytes))?;
            arrays::read("npz", &mut store, options, &mut outside, watch)
        }
        (None, format) => {
            if is_text(format) {
                let text = table::text_in(bytes)?;
                if is_log(&text, options)? {
                    let found = harness::read_bytes(&text, options, watch);
                    return assembled(found?, watch);
                }
                if let Some(found) = of_json(&text, options, &mut outside, watch)? {
                    return assembled(found, watch);
                }
            }
            table::read_bytes(bytes.to_vec(), format, options, watch)
        }
    }?;
    assembled(found, watch)
}

fn open_path(
    path: &Path,
    options: &OpenOptions,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Loaded, Problem> {
    let shown = pipe_names::shown(path);
    let name = shown.to_string_lossy();
    let origin = |n_bytes| Origin { name: &name, path: Some(path), n_bytes };
    if files::is_pattern(path) || path.metadata()?.is_dir() {
        let files = if path.is_dir() { files::files_in(path)? } else { files::matching(path)? };
        let sizes = files.iter().map(|f| f.path.metadata().map(|m| m.len()));
        let n_bytes = sizes.sum::<Result<u64, _>>()?;
        let watch = &mut Watch::new(progress, n_bytes)?;
        let found = read_folder(files, options, watch)?;
        return assemble(found, &origin(n_bytes), options, watch);
    }
    let head = slurp::head(path)?;
    let n_bytes = slurp::size(path)?;
    let format = sniff(&head)?;
    let watch = &mut Watch::new(progress, n_bytes)?;
    let read = read_file(path, format, options, watch);
    let loaded = read.and_then(|found| assemble(found, &origin(n_bytes), options, watch));
    loaded.map_err(|problem| checksum::explained(problem, &watch.damaged()))
}

fn read_file(
    path: &Path,
    format: Format,
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let mut go_on = |_| true;
    let mut quiet = Watch::new(&mut go_on, 0)?.beside(watch);
    let mut outside = |info: &ArrayInfo, guesses: &mut Vec<Guess>| -> Result<RawLabels, Problem> {
        match &options.labels {
            Some(file) => companion::read_labels_of(Path::new(file), Some(info), &mut quiet),
            None => companion::find((path, options), info, guesses, &mut quiet),
        }
    };
    if format.is_container() {
        let container = containers::open(&Blob::open(path)?, format, &companion::stem(path))?;
        if let Some(mut container) = container {
            return arrays::read_container(&mut container, options, &mut outside, watch);
        }
    }
    match format {
        Format::Npy => {
            let mut store = NpyFiles::open(&[path.to_path_buf()])?;
            arrays::read("npy", &mut store, options, &mut outside, watch)
        }
        Format::Zip => {
            let mut store = Npz::open_path(path, usize::MAX)?;
            arrays::read("npz", &mut store, options, &mut outside, watch)
        }
        _ => {
            if format == Format::Parquet {
                refuse_summaries(path)?;
            }
            let shard = [Shard { path: path.to_path_buf(), constants: Vec::new() }];
            if is_text(format) {
                let text = table::text_of(path)?;
                if is_log(&text, options)? {
                    return harness::read_files(&shard, options, watch);
                }
                if let Some(found) = of_json(&text, options, &mut outside, watch)? {
                    return Ok(found);
                }
            }
            table::read_shards(&shard, options, watch)
        }
    }
}

fn read_folder(
    mut files: Vec<Shard>,
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    if let [only] = &files[..] {
        let format = sniff(&slurp::head(&only.path)?)?;
        if only.constants.is_empty() {
            return read_file(&only.path, format, options, watch).map_err(|p| p.within(&only.path));
        }
    }
    let formats = formats_of(&files)?;
    if formats.iter().any(|f| *f != formats[0]) {
        return Err(several_formats());
    }
    if formats[0].is_container() {
        let format = formats[0];
        let mut read = |path: &Path, options: &OpenOptions| read_file(path, format, options, watch);
        return shards::read(&files, options, &mut read);
    }
    if formats.iter().all(|f| *f == Format::Npy) {
        let paths: Vec<_> = files.into_iter().map(|f| f.path).collect();
        let mut store = NpyFiles::open(&paths)?;
        let mut outside = |_: &_, _: &mut Vec<Guess>| {
            Err(Problem::new("no labels found in the folder").hint("--labels FILE"))
        };
        return arrays::read("npy", &mut store, options, &mut outside, watch);
    }
    if formats[0] == Format::Parquet {
        files.iter().try_for_each(|shard| refuse_summaries(&shard.path))?;
    }
    if is_text(formats[0]) {
        let text = table::text_of(&files[0].path)?;
        if is_log(&text, options).map_err(|p| p.within(&files[0].path))? {
            return harness::read_files(&files, options, watch);
        }
    }
    if let Some(parts) = files::parts_by_name(&files) {
        for (file, part) in files.iter_mut().zip(parts) {
            file.constants.push(("split".to_owned(), part.word().to_owned()));
        }
    }
    table::read_shards(&files, options, watch)
}

/// The format of each file.
///
/// # Errors
/// Of the first that is empty or cannot be read; if some are data and others are not.
fn formats_of(files: &[Shard]) -> Result<Vec<Format>, Problem> {
    let (mut formats, mut strange) = (Vec::new(), None);
    for file in files {
        let within = |p: Problem| p.within(&file.path);
        let head = slurp::head(&file.path).map_err(within)?;
        match sniff(&head) {
            Ok(format) => formats.push(format),
            // An empty shard is one that was never written.
            Err(problem) if head.is_empty() => return Err(within(problem)),
            Err(problem) => strange = Some(within(problem)),
        }
    }
    match strange {
        Some(problem) if formats.is_empty() => Err(problem),
        Some(_) => Err(several_formats()),
        None => Ok(formats),
    }
}

/// True for an evaluation log, unless columns are named that it does not have.
///
/// # Errors
/// If it is something else that servers and harnesses write, from which nothing can be computed.
fn is_log(text: &Text, options: &OpenOptions) -> Result<bool, Problem> {
    if options.logits.is_some() {
        return Ok(false);
    }
    logprobs::refuse(text)?;
    harness::refuse_totals(text)?;
    harness::is_log(text)
}

/// What is read of JSON that is one value; `None` for lines.
fn of_json(
    text: &Text,
    options: &OpenOptions,
    outside: &mut arrays::Outside<'_>,
    watch: &mut Watch<'_>,
) -> Result<Option<Found>, Problem> {
    Ok(match json::document(text)? {
        Document::Lines => None,
        Document::Lists(mut container) => {
            Some(arrays::read_container(&mut container, options, outside, watch)?)
        }
        Document::Rows(lines) => {
            let found = table::read_bytes(lines, Format::Ndjson, options, watch)?;
            Some(Found { format: "json", ..found })
        }
    })
}

/// True for lines of text, packed or not, which may be a log.
fn is_text(format: Format) -> bool {
    matches!(format, Format::Ndjson | Format::Text)
}

fn several_formats() -> Problem {
    Problem::new("the folder holds files of several formats, so it is not one data set")
        .hint("name one of the files")
}

/// A table of our own that holds no logits is not guessed at. What is wrong with a damaged file the reader says.
fn refuse_summaries(path: &Path) -> Result<(), Problem> {
    if !matches!(table::note_of(path), Ok(Some(_))) {
        return Ok(());
    }
    Err(Problem::new("these are row summaries, which no longer hold the logits")
        .hint("name the file that they were made from; `logitscope inspect FILE` shows it")
        .within(path))
}
