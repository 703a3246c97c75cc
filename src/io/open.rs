//! Opening a path or bytes: which reader, which companion, and the meaning of it all.

use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::array::ArrayInfo;
use super::assemble::{Origin, assemble};
use super::blob::Blob;
use super::error::{IoError, Problem};
use super::names::natural_key;
use super::npz::Npz;
use super::picked::{Found, RawLabels};
use super::progress::Watch;
use super::sniff::{Format, SNIFF_BYTES, sniff};
use super::stores::{NpyBytes, NpyFiles};
use super::table::{self, Shard};
use super::{Loaded, OpenOptions, Progress, arrays, companion, containers, slurp};
use crate::data::Guess;

/// Files in one folder that are looked at; a data set of more shards than this is not one folder.
const MAX_FILES: usize = 100_000;

/// Folders within folders that are looked into for hive partitions.
const MAX_DEPTH: usize = 8;

/// Loads the file or folder `path`, told apart by its bytes, and decides what it means.
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
        (None, format) => table::read_bytes(bytes.to_vec(), format, options, watch),
    }?;
    let origin = Origin {
        name,
        path: None,
        n_bytes,
    };
    assemble(found, &origin, options, watch)
}

fn open_path(
    path: &Path,
    options: &OpenOptions,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Loaded, Problem> {
    let name = path.to_string_lossy();
    let origin = |n_bytes| Origin {
        name: &name,
        path: Some(path),
        n_bytes,
    };
    if path.metadata()?.is_dir() {
        let files = files_in(path)?;
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
    let found = read_file(path, format, options, watch)?;
    assemble(found, &origin(n_bytes), options, watch)
}

fn read_file(
    path: &Path,
    format: Format,
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let mut go_on = |_| true;
    let mut quiet = Watch::new(&mut go_on, 0)?;
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
            let shard = Shard {
                path: path.to_path_buf(),
                constants: Vec::new(),
            };
            table::read_shards(&[shard], options, watch)
        }
    }
}

fn read_folder(
    files: Vec<Shard>,
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let sniffed = files.iter().map(|f| {
        let format = slurp::head(&f.path).and_then(|h| sniff(&h));
        format.map_err(|p| p.within(&f.path))
    });
    let (mut formats, mut problems) = (Vec::new(), Vec::new());
    for format in sniffed {
        match format {
            Ok(format) => formats.push(format),
            Err(problem) => problems.push(problem),
        }
    }
    match problems.pop() {
        Some(problem) if formats.is_empty() => return Err(problem),
        Some(_) => return Err(several_formats()),
        None => {}
    }
    if formats.iter().any(|f| *f != formats[0]) {
        return Err(several_formats());
    }
    if formats.iter().any(|f| f.is_container()) {
        return Err(Problem::new(
            "a folder of files that each hold several arrays is several data sets",
        )
        .hint("name one of the files"));
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
        files
            .iter()
            .try_for_each(|shard| refuse_summaries(&shard.path))?;
    }
    table::read_shards(&files, options, watch)
}

fn several_formats() -> Problem {
    Problem::new("the folder holds files of several formats, so it is not one data set")
        .hint("name one of the files")
}

/// Data files below `folder` in natural order: the files that [`open`] takes for one data set.
///
/// # Errors
/// If the folder cannot be read, or holds none.
pub fn data_files(folder: &Path) -> Result<Vec<PathBuf>, IoError> {
    let shards = files_in(folder).map_err(|p| p.at(folder))?;
    Ok(shards.into_iter().map(|shard| shard.path).collect())
}

/// A table of our own that holds no logits is not guessed at. What is wrong with a damaged file the reader says.
fn refuse_summaries(path: &Path) -> Result<(), Problem> {
    if !matches!(table::note_of(path), Ok(Some(_))) {
        return Ok(());
    }
    Err(
        Problem::new("these are row summaries, which no longer hold the logits")
            .hint("name the file that they were made from; `logitscope inspect FILE` shows it")
            .within(path),
    )
}

/// Data files below `folder` in natural order, with the columns their folders stand for.
pub(super) fn files_in(folder: &Path) -> Result<Vec<Shard>, Problem> {
    let mut shards = Vec::new();
    let mut to_visit = vec![(folder.to_path_buf(), Vec::new(), 0)];
    while let Some((folder, constants, depth)) = to_visit.pop() {
        for entry in folder.read_dir()? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.starts_with(['.', '_']) {
                continue;
            }
            let partition = name.split_once('=').filter(|_| path.is_dir());
            if let (Some((key, value)), true) = (partition, depth < MAX_DEPTH) {
                let mut constants: Vec<(String, String)> = constants.clone();
                constants.push((key.to_owned(), value.to_owned()));
                to_visit.push((path, constants, depth + 1));
            } else if path.is_file() && is_data(&path) {
                shards.push(Shard {
                    path,
                    constants: constants.clone(),
                });
            }
            if shards.len() > MAX_FILES {
                return Err(
                    Problem::new("the folder holds too many files").hint("name one of them")
                );
            }
        }
    }
    if shards.is_empty() {
        return Err(Problem::new("the folder holds no data file").hint("name a file"));
    }
    shards.sort_by_cached_key(|s| natural_key(&s.path.to_string_lossy()));
    Ok(shards)
}

/// Notes and lists of names that lie beside the data are not data.
fn is_data(path: &Path) -> bool {
    const BESIDE: [&str; 6] = ["txt", "md", "json", "yaml", "yml", "log"];
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    !BESIDE.contains(&extension.as_str())
}
