//! What a study is made of: logits, the summaries of logits, or one to fit on and the other to judge on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::data::{BatchSource, SourceInfo};
use crate::io::{self, IoError, Loaded, OpenOptions, Progress};

use super::choose::UNCOUNTED;
use super::note::SummarySource;
use super::sequence::{ChosenStep, step_number};
use super::summaries::{Summaries, SummaryPart, refusal};

/// Rows to fit on or to judge on.
pub(super) enum RowsInput {
    /// Their logits, to be summarised.
    Logits(Arc<dyn BatchSource>),
    /// Their summaries.
    Summaries(Box<SummaryPart>),
}

/// What a study is made of: a description, and one or two sets of rows.
pub struct Inputs {
    /// What was understood of the file.
    pub(super) info: SourceInfo,
    /// The files of logits behind it.
    pub(super) sources: Vec<SummarySource>,
    /// The rows to fit on.
    pub(super) fit: RowsInput,
    /// The rows to judge on, if they are others.
    pub(super) test: Option<RowsInput>,
}

/// The logits a study is made of: a description and one or two sources.
pub struct Sources {
    /// What was understood of the file.
    pub info: SourceInfo,
    /// The rows to fit on.
    pub fit: Arc<dyn BatchSource>,
    /// The rows to judge on, if they are others.
    pub test: Option<Arc<dyn BatchSource>>,
}

impl From<Loaded> for Sources {
    fn from(loaded: Loaded) -> Self {
        let test = loaded.test.map(|source| -> Arc<dyn BatchSource> { Arc::new(source) });
        Self { info: loaded.info, fit: Arc::new(loaded.fit), test }
    }
}

impl From<Sources> for Inputs {
    fn from(Sources { info, fit, test }: Sources) -> Self {
        let source = SummarySource { path: info.path.clone(), format: info.format.clone() };
        Self {
            info,
            sources: vec![source],
            fit: RowsInput::Logits(fit),
            test: test.map(RowsInput::Logits),
        }
    }
}

impl From<Loaded> for Inputs {
    fn from(loaded: Loaded) -> Self {
        Sources::from(loaded).into()
    }
}

impl From<Summaries> for Inputs {
    fn from(summaries: Summaries) -> Self {
        let rows = |part| RowsInput::Summaries(Box::new(part));
        Self {
            info: summaries.info,
            sources: summaries.sources,
            fit: rows(summaries.fit),
            test: summaries.test.map(rows),
        }
    }
}

/// A file as it was opened: with its logits, or as the summaries of them.
pub enum Opened {
    /// Logits in any format that can be read.
    Logits(Box<Loaded>),
    /// What `logitscope summarize` wrote.
    Summaries(Box<Summaries>),
}

impl From<Opened> for Inputs {
    fn from(opened: Opened) -> Self {
        match opened {
            Opened::Logits(loaded) => (*loaded).into(),
            Opened::Summaries(summaries) => (*summaries).into(),
        }
    }
}

impl Opened {
    /// What was understood of the file.
    pub fn info(&self) -> &SourceInfo {
        match self {
            Self::Logits(loaded) => &loaded.info,
            Self::Summaries(summaries) => &summaries.info,
        }
    }
}

impl Opened {
    /// The same, known to be this step of a run.
    #[must_use]
    pub fn of_step(mut self, step: &ChosenStep) -> Self {
        let info = match &mut self {
            Self::Logits(loaded) => &mut loaded.info,
            Self::Summaries(summaries) => &mut summaries.info,
        };
        info.guesses.retain(|guess| guess.what != "step");
        info.guesses.push(step.guess());
        self
    }
}

impl RowsInput {
    fn n_rows(&self) -> u64 {
        match self {
            Self::Logits(source) => source.n_rows() as u64,
            Self::Summaries(part) => part.n_read,
        }
    }
}

impl Inputs {
    /// Rows of all parts, as they are read.
    pub fn n_rows(&self) -> u64 {
        self.fit.n_rows() + self.test.as_ref().map_or(0, RowsInput::n_rows)
    }

    /// What was understood of the file.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// The same rows to fit on, judged on `other`: on its test part if it has one. A test part of its own is left out.
    ///
    /// # Errors
    /// If the two differ in K: a temperature fitted on one says nothing about the other.
    pub fn judged_on(self, other: Self) -> Result<Self, IoError> {
        let (ours, theirs) = (&self.info, &other.info);
        if ours.n_classes != theirs.n_classes {
            let message = format!(
                "it has {} classes and {} has {}: a temperature fitted on one says nothing about the other",
                theirs.n_classes, ours.path, ours.n_classes
            );
            return Err(IoError { hint: None, ..refusal(Path::new(&theirs.path), &message) });
        }
        let mut sources = self.sources;
        sources.extend(other.sources);
        let mut info = self.info;
        let of_other = other.info.guesses.into_iter();
        info.guesses.extend(of_other.filter(|guess| guess.what == UNCOUNTED));
        Ok(Self { info, sources, test: Some(other.test.unwrap_or(other.fit)), ..self })
    }
}

/// True if `path` is a file of row summaries, or a folder whose first file is one.
pub fn holds_summaries(path: &Path) -> bool {
    let note = |file: &Path| matches!(io::table_note(file), Ok(Some(_)));
    if !path.is_dir() {
        return note(path);
    }
    let files = io::data_files(path).unwrap_or_default();
    files.first().is_some_and(|file| note(file))
}

/// Opens a file or folder: row summaries as such, anything else as logits, see [`io::open`].
///
/// # Errors
/// As [`io::open`], or if summaries are damaged, the files of a folder do not belong together, or `options` say how
/// logits are to be read.
pub fn open(
    path: &Path,
    options: &OpenOptions,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Opened, IoError> {
    if holds_summaries(path) {
        let summaries = open_summaries(&[path.to_path_buf()], options, progress)?;
        return Ok(Opened::Summaries(Box::new(summaries)));
    }
    let loaded = io::open(path, options, progress)?;
    let opened = Opened::Logits(Box::new(loaded));
    let by_name = step_number(path).filter(|_| opened.info().step().is_none());
    Ok(match by_name {
        Some(number) => opened.of_step(&ChosenStep {
            path: path.to_path_buf(),
            number,
            evidence: "by the name of the file".to_owned(),
        }),
        None => opened,
    })
}

/// Opens files and folders of row summaries as one data set, in this order: of it the rows that `options` want by part,
/// number and what is carried beside them.
///
/// # Errors
/// If one is damaged, or two do not belong together, see [`Summaries::join`]; if `options` say how logits are to be
/// read, of which there are none; or as [`io::open`] if they name a column that is not carried or leave no row.
pub fn open_summaries(
    paths: &[PathBuf],
    options: &OpenOptions,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Summaries, IoError> {
    let mut files = Vec::new();
    check_flags(paths, options)?;
    for path in paths {
        if path.is_dir() {
            files.extend(io::data_files(path)?);
        } else {
            files.push(path.clone());
        }
    }
    let sets =
        files.iter().map(|file| Ok(Summaries::read(file, progress)?.meaning_nothing_else(options)));
    let mut all = Summaries::join(sets.collect::<Result<_, _>>()?)?;
    if let [folder] = paths {
        all.info.path = crate::data::printable(&folder.to_string_lossy());
    }
    all.chosen(options)
}

/// What says how logits are read comes too late for their summaries, and must not be ignored silently.
fn check_flags(paths: &[PathBuf], options: &OpenOptions) -> Result<(), IoError> {
    let flags = [
        ("--logits", options.logits.is_some()),
        ("--labels", options.labels.is_some()),
        ("--kind", options.kind.is_some()),
        ("--task", options.task.is_some()),
        ("--positive", options.positive.is_some()),
        ("--ignore-index", options.ignore_index.is_some()),
        ("--class-names", options.class_names.is_some()),
        ("--label-offset", options.label_offset != 0),
        ("--classes", options.n_classes.is_some()),
        ("--step", options.step.is_some()),
        ("--mask", options.mask.is_some()),
        ("--shift", options.shift),
    ];
    let Some((flag, _)) = flags.into_iter().find(|(_, given)| *given) else {
        return Ok(());
    };
    let path = paths.first().map_or(Path::new(""), PathBuf::as_path);
    let message = format!("{flag} says how logits are read, and these are row summaries");
    Err(IoError {
        hint: Some(format!(
            "give {flag} when the logits are read: logitscope summarize FILE {flag} ... --out rows.parquet"
        )),
        ..refusal(path, &message)
    })
}
