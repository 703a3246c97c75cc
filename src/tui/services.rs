//! What the app needs from the rest of the program, behind one trait so that tests can stand in.

mod gather;

#[cfg(test)]
pub(super) use gather::why_not;

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use crate::analysis::AnalysisOptions;
use crate::data::{SourceError, printable};
use crate::io::{self, IoError, Offer, OpenOptions};
use crate::pipeline::{self, Paired, Study};
use crate::report::{self, number::count};

use super::Sample;
use super::choice::Choice;
use super::event::{Agreed, CardEnd, Order, Target};
use super::folder::{self, Entry};
use super::load::{Listener, Load, LoadError, LoadProgress};
use super::state::Gathered;
use super::stored::Stored;

/// Most files that the home screen looks into.
const MAX_CANDIDATES: usize = 200;

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

/// What was found in a file without reading it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Preview {
    /// In few words, such as `10,000 × 100   logits, label`; printable.
    pub(super) words: String,
    /// Its format; printable.
    pub(super) format: String,
    /// What to type next, where it would not open as it is; printable.
    pub(super) hint: Option<String>,
    /// True if it can be opened as it is.
    pub(super) usable: bool,
}

/// What can be chosen in a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Choices {
    /// What the file offers.
    pub(super) offer: Offer,
    /// What was remembered for files of its schema.
    pub(super) remembered: Option<Choice>,
}

/// Whether a file is as it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Stamp {
    /// The newest time of change, where the file system keeps one.
    pub(super) modified: Option<SystemTime>,
    /// Bytes of all files.
    pub(super) n_bytes: u64,
    /// Number of files.
    pub(super) n_files: usize,
}

/// Everything that is neither state nor drawing.
pub(super) trait Services: Send + Sync + 'static {
    /// Loads and studies, and tells the listener how far that is, and which remembered choice it goes by.
    fn load(&self, order: &Order, listener: &mut dyn Listener) -> Result<Study, Failure>;

    /// Files that look like logits, in natural order, by their names alone.
    fn scan(&self) -> Vec<Candidate>;

    /// Looks into one of them and says what was found.
    fn look(&self, candidate: Candidate) -> Candidate;

    /// What a folder holds, see [`folder::list`].
    fn list(&self, folder: &Path) -> Result<Vec<Entry>, String>;

    /// Looks into a file and says what was found.
    fn preview(&self, path: &Path) -> Preview;

    /// The files that were opened last.
    fn recent(&self) -> Vec<PathBuf>;

    /// Counts a file among them.
    fn add_recent(&self, path: &Path) -> Result<(), String>;

    /// What can be chosen in a file, and what was remembered for files like it.
    fn offer(&self, target: &Target) -> Result<Choices, String>;

    /// Remembers a choice for files of a schema; `None` forgets it.
    fn remember(&self, schema: &str, choice: Option<&Choice>) -> Result<(), String>;

    /// Reads a member of a group for the screens that show all of them, with its study if asked, without its logits.
    fn gather(
        &self,
        order: &Order,
        with_study: bool,
        stop: &AtomicBool,
    ) -> Result<Gathered, Failure>;

    /// A model minus the reference; or why they cannot be compared, printable.
    fn pair(&self, reference: &Study, model: &Study) -> Result<Paired, String>;

    /// The files of the run that a file belongs to, as they are now.
    fn steps_beside(&self, file: &Path) -> Vec<PathBuf>;

    /// Size and time of a file or of all files of a folder; `None` if it is not there.
    fn stamp(&self, path: &Path) -> Option<Stamp>;

    /// Writes the deployment card, unless more must be agreed to first.
    fn write_card(&self, study: &Study, target: &Target, agreed: Agreed)
    -> Result<CardEnd, String>;
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
    /// Recent files and remembered choices.
    pub(super) stored: Stored,
}

impl Program {
    /// How the file of `order` is read: the flags, and over them what was chosen, or what was remembered for files like
    /// it, which the listener is told.
    fn options(&self, order: &Order, listener: &mut dyn Listener) -> OpenOptions {
        let Target::Path(path) = &order.target else {
            return self.open.clone();
        };
        let folder = folder_of(path);
        if let Some(choice) = &order.choice {
            return choice.over(&self.open, &folder).unwrap_or_else(|| self.open.clone());
        }
        let remembered = self.remembered(path);
        let options = remembered.as_ref().and_then(|choice| choice.over(&self.open, &folder));
        if let (Some(choice), Some(_)) = (remembered, &options) {
            listener.remembered(choice);
        }
        options.unwrap_or_else(|| self.open.clone())
    }

    /// What was remembered for files like `path`, unless the command line says something of columns itself.
    fn remembered(&self, path: &Path) -> Option<Choice> {
        let says_itself = self.open.logits.is_some() || self.open.labels.is_some();
        if says_itself || !self.stored.remembers() {
            return None;
        }
        self.stored.recall(&io::offer(path).ok()?.schema)
    }
}

impl Services for Program {
    fn load(&self, order: &Order, listener: &mut dyn Listener) -> Result<Study, Failure> {
        let options = self.options(order, listener);
        let open = |on_read: &mut dyn FnMut(io::Progress) -> bool| match &order.target {
            Target::Path(path) => pipeline::open(path, &options, on_read).map(Into::into),
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
        let entries = folder::list(Path::new(""), 0).unwrap_or_default();
        let files = entries.into_iter().filter(|e| !e.is_folder);
        let candidate = |entry: Entry| Candidate {
            path: PathBuf::from(entry.name),
            name: entry.shown,
            n_bytes: entry.n_bytes,
            found: String::new(),
            usable: true,
        };
        files.take(MAX_CANDIDATES).map(candidate).collect()
    }

    fn look(&self, candidate: Candidate) -> Candidate {
        let preview = self.preview(&candidate.path);
        Candidate { found: preview.words, usable: preview.usable, ..candidate }
    }

    fn list(&self, folder: &Path) -> Result<Vec<Entry>, String> {
        folder::list(folder, folder::MAX_DEPTH)
    }

    fn preview(&self, path: &Path) -> Preview {
        match io::glimpse(path) {
            Ok(peek) => Preview {
                words: found_words(&peek),
                format: printable(&peek.format),
                hint: peek.hint.as_deref().map(printable),
                usable: peek.has_logits,
            },
            Err(e) => Preview {
                words: printable(&e.message),
                format: String::new(),
                hint: e.hint.as_deref().map(printable),
                usable: false,
            },
        }
    }

    fn recent(&self) -> Vec<PathBuf> {
        self.stored.recent()
    }

    fn add_recent(&self, path: &Path) -> Result<(), String> {
        self.stored.add_recent(path)
    }

    fn offer(&self, target: &Target) -> Result<Choices, String> {
        let Target::Path(path) = target else {
            return Err("there is nothing to choose in the bundled sample".into());
        };
        let offer = io::offer(path).map_err(|e| printable(&e.message))?;
        let remembered = self.stored.recall(&offer.schema);
        Ok(Choices { offer, remembered })
    }

    fn remember(&self, schema: &str, choice: Option<&Choice>) -> Result<(), String> {
        match choice {
            Some(choice) => self.stored.remember(schema, choice),
            None => self.stored.forget(schema),
        }
    }

    fn stamp(&self, path: &Path) -> Option<Stamp> {
        let files =
            if path.is_dir() { io::data_files(path).ok()? } else { vec![path.to_path_buf()] };
        let metas: Vec<Metadata> = files.iter().filter_map(|file| file.metadata().ok()).collect();
        (metas.len() == files.len()).then(|| Stamp {
            modified: metas.iter().filter_map(|m| m.modified().ok()).max(),
            n_bytes: metas.iter().map(Metadata::len).sum(),
            n_files: metas.len(),
        })
    }

    fn gather(
        &self,
        order: &Order,
        with_study: bool,
        stop: &AtomicBool,
    ) -> Result<Gathered, Failure> {
        let options = self.options(order, &mut Unheard);
        gather::gather((order, &options), &self.analysis, with_study, stop)
    }

    fn pair(&self, reference: &Study, model: &Study) -> Result<Paired, String> {
        gather::pair((reference, model), &self.analysis)
    }

    fn steps_beside(&self, file: &Path) -> Vec<PathBuf> {
        pipeline::steps_beside(file)
    }

    fn write_card(
        &self,
        study: &Study,
        target: &Target,
        agreed: Agreed,
    ) -> Result<CardEnd, String> {
        let Target::Path(data) = target else {
            return Err("the sample has no folder".into());
        };
        let path = card_path(data);
        if let Some(asks) = asks(study, &path, agreed) {
            return Ok(asks);
        }
        let card = report::card(study, SystemTime::now()).map_err(|e| printable(&e.to_string()))?;
        let json = card.to_json().map_err(|e| printable(&e.to_string()))?;
        io::write_text_atomically(&path, &json).map_err(|e| printable(&e.to_string()))?;
        Ok(CardEnd::Written(path))
    }
}

/// Nobody waits for what a background reading has to tell.
struct Unheard;

impl Listener for Unheard {
    fn progress(&mut self, _: LoadProgress) -> bool {
        true
    }

    fn remembered(&mut self, _: Choice) {}

    fn preview(&mut self, _: Study) {}

    fn stop(&self) -> Arc<AtomicBool> {
        Arc::default()
    }
}

/// `10,000 × 100   logits, label`, as far as the file says so up front.
fn found_words(peek: &io::Peek) -> String {
    let number = |n: Option<usize>| {
        n.map_or_else(|| "?".to_owned(), |n| count(u64::try_from(n).unwrap_or(u64::MAX)))
    };
    if peek.n_rows.is_none() && peek.n_classes.is_none() {
        return peek.contents.clone();
    }
    let shape = format!("{} × {}", number(peek.n_rows), number(peek.n_classes));
    format!("{shape:<14} {}", peek.contents)
}

/// The folder in which the companions of `path` lie.
fn folder_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_path_buf();
    }
    path.parent().map(Path::to_path_buf).unwrap_or_default()
}

/// `val.npz` -> `val.npz.temperature.json`, beside it: files that differ by their endings alone have cards of their own.
fn card_path(data: &Path) -> PathBuf {
    let mut name = data.file_name().unwrap_or("logits".as_ref()).to_owned();
    name.push(".temperature.json");
    data.with_file_name(name)
}

/// What must be agreed to before the card is written at `path`, if it was not.
pub(super) fn asks(study: &Study, path: &Path, agreed: Agreed) -> Option<CardEnd> {
    let fault = report::fault(study);
    let needed = Agreed { failure: fault.is_some(), overwrite: path.symlink_metadata().is_ok() };
    if agreed.failure >= needed.failure && agreed.overwrite >= needed.overwrite {
        return None;
    }
    let name = printable(&path.file_name().unwrap_or_default().to_string_lossy());
    let failure = fault.map(|fault| format!("FAILURE: {}", fault.rule));
    let there = needed.overwrite.then(|| format!("{name} is there"));
    let over = if needed.overwrite { "writes over it" } else { "writes the card all the same" };
    let reasons: Vec<String> = failure.into_iter().chain(there).collect();
    let question = format!("{}: w again {over}", reasons.join(", and "));
    Some(CardEnd::Asks(needed, question))
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
        Some(e) => Failure { name, ..read_failure(e) },
        None => Failure {
            name,
            message: printable(&e.to_string()),
            hint: None,
            cancelled: matches!(e, SourceError::Cancelled),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_card_lies_beside_the_data() {
        let path = card_path(Path::new("runs/val.csv.gz"));
        assert_eq!(path, Path::new("runs/val.csv.gz.temperature.json"));
    }
}
