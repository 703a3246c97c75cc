//! Labels that lie in a file of their own: named with `--labels`, or found beside the logits.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use super::array::ArrayInfo;
use super::array_store::ArrayStore;
use super::arrays::labels_of;
use super::blob::Blob;
use super::error::Problem;
use super::labels::shorten;
use super::names;
use super::npz::Npz;
use super::picked::{RawLabels, guess};
use super::progress::Watch;
use super::sniff::{self, Format, sniff};
use super::{OpenOptions, class_names, containers, npy, pipe_names, slurp, table, words};
use crate::data::Guess;

/// Words of a logits file's name and what stands in their place in the name of its labels.
const LOGIT_WORDS: [&str; 16] = [
    "logits",
    "logit",
    "predictions",
    "preds",
    "pred",
    "outputs",
    "output",
    "scores",
    "score",
    "probs",
    "probabilities",
    "proba",
    "softmax",
    "log",
    "x",
    "z",
];
const LABEL_WORDS: [&str; 12] = [
    "labels", "label", "targets", "target", "y", "ids", "gt", "truth", "ground", "true", "classes",
    "class",
];
/// Words that say how numbers are stored and not what they are.
const STORAGE_WORDS: [&str; 22] = [
    "f16", "f32", "f64", "bf16", "fp16", "fp32", "float16", "float32", "float64", "i8", "u8",
    "i16", "i32", "i64", "int8", "int32", "int64", "big", "little", "endian", "fortran", "onehot",
];
/// Endings of files that are opened to see whether they hold the labels.
const READABLE: [&str; 10] =
    ["npy", "txt", "pt", "pth", "pkl", "p", "pickle", "safetensors", "h5", "hdf5"];
/// More candidates than this are not compared.
const MAX_CANDIDATES: usize = 64;

/// Reads the labels in `path`, whatever its format; a matrix of them is flattened where `logits` have
/// three axes.
pub(super) fn read_labels_of(
    path: &Path,
    logits: Option<&ArrayInfo>,
    watch: &mut Watch<'_>,
) -> Result<RawLabels, Problem> {
    read_labels_inner(path, logits, watch).map_err(|p| p.within(path))
}

/// As [`read_labels_of`], beside logits that are rows of a table.
pub(super) fn read_labels(path: &Path, watch: &mut Watch<'_>) -> Result<RawLabels, Problem> {
    read_labels_of(path, None, watch)
}

fn read_labels_inner(
    path: &Path,
    logits: Option<&ArrayInfo>,
    watch: &mut Watch<'_>,
) -> Result<RawLabels, Problem> {
    let head = slurp::head(path)?;
    match sniff(&head)? {
        Format::Npy => {
            let size = path.metadata()?.len();
            let mut reader = BufReader::new(File::open(path)?);
            let header = npy::read_header(&stem(path), &mut reader)?;
            let available = size.saturating_sub(header.n_bytes);
            let array = npy::read_body(&header, &mut reader, available, watch)?;
            labels_of(array, logits)
        }
        format if format.is_container() => labels_in((path, format), logits, watch),
        Format::Text if is_list(path) || pipe_names::is_spooled(path) && is_one_column(&head) => {
            read_list(path)
        }
        _ => table::read_labels(path, watch),
    }
}

/// The labels in a container: its only array, or the only one that is called so.
fn labels_in(
    (path, format): (&Path, Format),
    logits: Option<&ArrayInfo>,
    watch: &mut Watch<'_>,
) -> Result<RawLabels, Problem> {
    let mut store: Box<dyn ArrayStore> =
        match containers::open(&Blob::open(path)?, format, &stem(path))? {
            Some(container) => container.store,
            None => Box::new(Npz::open_path(path, usize::MAX)?),
        };
    let infos = store.infos();
    let named = |info: &ArrayInfo| names::labels_rank(&names::parse(&info.name).stem).is_some();
    let mut called_so = (0..infos.len()).filter(|i| infos.len() == 1 || named(&infos[*i]));
    if let (Some(only), None) = (called_so.next(), called_so.next()) {
        return labels_of(store.read(only, watch)?, logits);
    }
    let listed: Vec<String> = infos.iter().map(ToString::to_string).collect();
    Err(Problem::new(format!("it is not clear which array holds the labels: {}", shorten(&listed)))
        .hint("save the labels alone, or under the name labels"))
}

/// `.txt` is one label a line; any other text is a table.
fn is_list(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("txt"))
}

fn read_list(path: &Path) -> Result<RawLabels, Problem> {
    let mut lines = class_names::read_lines(path)?;
    if lines.first().is_some_and(|l| names::is_label_name(l)) || has_header(&lines) {
        lines.remove(0);
    }
    Ok(RawLabels::Text(lines))
}

/// A word over numbers is what `cut` takes from the head of a table.
fn has_header(lines: &[String]) -> bool {
    let is_number = |line: &String| line.trim().parse::<f64>().is_ok();
    match lines {
        [first, rest @ ..] => !rest.is_empty() && !is_number(first) && rest.iter().all(is_number),
        [] => false,
    }
}

/// What comes through a pipe has no name that tells a list from a table.
fn is_one_column(head: &[u8]) -> bool {
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    !sniff::is_compressed(head) && !first.iter().any(|byte| b",;\t|".contains(byte))
}

/// What is said of a file that was found and not named.
pub(super) const BESIDE: &str = "beside the file";

/// The files beside `path` that were read for these `guesses`.
pub fn files_beside(path: &Path, guesses: &[Guess]) -> Vec<PathBuf> {
    let found: Vec<&Guess> = guesses.iter().filter(|g| g.evidence.contains(BESIDE)).collect();
    if found.is_empty() {
        return Vec::new();
    }
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    let names = folder.map(|folder| folder.join(class_names::COMPANION));
    let labels = candidates(path, &OpenOptions::default()).unwrap_or_default();
    let is_named = |file: &PathBuf| {
        let name = crate::data::printable(&file_name(file));
        let is_in = |guess: &&Guess| guess.chosen == name || guess.evidence.contains(&name);
        found.iter().any(is_in)
    };
    labels.into_iter().chain(names).filter(is_named).collect()
}

/// Finds the labels of the lone matrix `info` of file `path` among the files beside it.
pub(super) fn find(
    (path, options): (&Path, &OpenOptions),
    info: &ArrayInfo,
    guesses: &mut Vec<Guess>,
    watch: &mut Watch<'_>,
) -> Result<RawLabels, Problem> {
    let n_rows = info.n_rows();
    let mut found: Vec<(PathBuf, RawLabels)> = Vec::new();
    for candidate in candidates(path, options)? {
        // A file that merely looks like labels may be anything: what cannot be read is not ours.
        if let Ok(labels) = read_labels_of(&candidate, Some(info), watch)
            && labels.len() == n_rows
        {
            found.push((candidate, labels));
        }
        watch.tick()?;
    }
    let names: Vec<String> = found.iter().map(|(p, _)| file_name(p)).collect();
    let Some((first, labels)) = found.first() else {
        return Err(missing(info));
    };
    let same = found.iter().all(|(_, other)| other == labels);
    if !same {
        return Err(Problem::new(format!(
            "several files beside it hold {n_rows} labels, and not the same ones: {}",
            names.join(", ")
        ))
        .hint(format!("--labels {}", first.display())));
    }
    let evidence = match names.len() {
        1 => format!("{BESIDE}, {n_rows} labels; --labels FILE"),
        n => format!(
            "{BESIDE}; {n} files hold the same {n_rows} labels ({}); --labels FILE",
            names.join(", ")
        ),
    };
    guesses.push(guess("labels", &names[0], evidence));
    Ok(labels.clone())
}

fn missing(info: &ArrayInfo) -> Problem {
    Problem::new(format!("no labels found for {info}, neither inside nor beside the file"))
        .hint("--labels FILE (.npy, .csv, .parquet or .txt), or --labels NAME for an array inside")
}

/// Files beside `path` whose names speak of labels: those of the same part and subject if there are any,
/// and only those where labels are not needed: those of another set would not do.
pub(super) fn candidates(path: &Path, options: &OpenOptions) -> Result<Vec<PathBuf>, Problem> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut all = Vec::new();
    for entry in folder.read_dir()? {
        let entry = entry?.path();
        let readable = entry.extension().is_some_and(|e| READABLE.iter().any(|r| e == *r));
        let words = words(&entry);
        let speaks_of_labels = words.iter().any(|w| LABEL_WORDS.contains(&w.as_str()));
        if readable
            && speaks_of_labels
            && !words::say_prediction(&stem(&entry))
            && entry != path
            && entry.file_name() != Some("class_names.txt".as_ref())
        {
            all.push(entry);
        }
    }
    all.sort_by_key(|p| names::natural_key(&file_name(p)));
    all.truncate(MAX_CANDIDATES);
    let subject = subject(path);
    let of_subject: Vec<PathBuf> =
        all.iter().filter(|p| self::subject(p) == subject).cloned().collect();
    Ok(if of_subject.is_empty() && !options.unlabelled { all } else { of_subject })
}

/// `val_logits.f16.npy` and `val_labels.npy` are both about `val`.
fn subject(path: &Path) -> Vec<String> {
    let about = |w: &String| {
        let w = w.as_str();
        !LOGIT_WORDS.contains(&w) && !LABEL_WORDS.contains(&w) && !STORAGE_WORDS.contains(&w)
    };
    words(path).into_iter().filter(about).collect()
}

fn words(path: &Path) -> Vec<String> {
    words::words(&stem(path))
}

/// The name without its last ending.
pub(super) fn stem(path: &Path) -> String {
    super::pipe_names::shown(path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
