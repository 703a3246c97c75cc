//! Where batches come from: one interface for every file, and what was understood of it.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;

use super::{
    Batch, Carried, FileRows, Kind, Label, Recorded, SoftLabels, Task, Values, sha256_of_labels,
};

/// Rows per batch of a source that is in memory: large enough to share out, small enough to report
/// progress and to stop within a few milliseconds.
const MEMORY_BATCH_ROWS: usize = 4096;

/// Rows of a sample, at most.
const MAX_SAMPLE_ROWS: usize = 8192;

/// Rows beyond which a sample grows only as long as it stays within [`FEW_SCORES`].
const ENOUGH_ROWS: usize = 1024;

/// Scores that take no time worth mentioning.
const FEW_SCORES: usize = 1 << 20;

/// Scores of a sample, at most, unless a few rows already hold more.
const MAX_SAMPLE_SCORES: usize = 16 << 20;

/// Rows of a sample, at least, where there are so many.
const MIN_SAMPLE_ROWS: usize = 64;

/// Scores that are read together, roughly: a disk takes as long for one row as for its neighbours.
const SAMPLE_RUN_SCORES: usize = 8 << 10;

/// Neighbours in a sample, at most.
const MAX_RUN_ROWS: usize = 8;

/// The rows of a sample of about `n_wanted`, in short runs spread evenly over `n_rows` rows of
/// `n_classes` scores. One rule for every source, so that the same rows give the same first guess
/// whatever they are read from. A smaller sample is a subset of a larger one.
pub fn sample_runs(n_rows: usize, n_classes: usize, n_wanted: usize) -> Vec<Range<usize>> {
    let n_run = (SAMPLE_RUN_SCORES / n_classes.max(1)).clamp(1, MAX_RUN_ROWS);
    let rows_of = |n_scores: usize| n_scores / n_classes.max(1);
    let limit = rows_of(MAX_SAMPLE_SCORES).min(ENOUGH_ROWS).max(rows_of(FEW_SCORES));
    let n_runs = limit.clamp(MIN_SAMPLE_ROWS, MAX_SAMPLE_ROWS) / n_run;
    let all: Vec<Range<usize>> = if n_rows <= n_runs * n_run {
        let run = |start: usize| start..(start + n_run).min(n_rows);
        (0..n_rows).step_by(n_run).map(run).collect()
    } else {
        // Without overlap: there are more rows than places.
        let (whole, rest) = (n_rows / n_runs, n_rows % n_runs);
        let start = |run| run * whole + run * rest / n_runs;
        (0..n_runs).map(|run| start(run)..start(run) + n_run).collect()
    };
    let n_all: usize = all.iter().map(Range::len).sum();
    let step = n_all.div_ceil(n_wanted.max(1)).max(1);
    all.into_iter().step_by(step).collect()
}

/// A pass over a source ended early.
#[derive(Debug, Error)]
pub enum SourceError {
    /// The visitor asked to stop (the user pressed Esc, a newer request came in).
    #[error("cancelled")]
    Cancelled,
    /// Reading failed; the message says where and what to try.
    #[error("{0}")]
    Read(#[from] Box<dyn std::error::Error + Send + Sync>),
}

/// A re-readable stream of batches: the only way any code past `io` sees a logit.
pub trait BatchSource: Send + Sync {
    /// K, the number of classes (at least 2).
    fn n_classes(&self) -> usize;

    /// N, the number of rows, ignored and non-finite ones included.
    fn n_rows(&self) -> usize;

    /// What the stored numbers were; the batches are logits in any case.
    fn kind(&self) -> Kind;

    /// How the stored numbers were written, as far as they have been read: all of them after [`BatchSource::read`].
    fn recorded(&self) -> Recorded {
        Recorded { kind: self.kind(), is_rounded: false }
    }

    /// Calls `visit` with every batch in row order; every row exactly once.
    ///
    /// # Errors
    /// What `visit` returns, or why reading failed.
    fn read(
        &self,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError>;

    /// Calls `visit` with about `n_wanted` rows spread evenly over the source (files are often
    /// sorted by class, so the first rows would not do).
    ///
    /// # Errors
    /// What `visit` returns, or why reading failed.
    fn sample(
        &self,
        n_wanted: usize,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError>;

    /// SHA-256 over all labels as little-endian i64 (ignored rows as -100), in lower-case hex.
    fn sha256_labels(&self) -> String;

    /// What the file carries beside, by stored row.
    fn carried(&self) -> Arc<Carried> {
        Arc::default()
    }

    /// The numbers that the stored rows have in their file.
    fn file_rows(&self) -> FileRows {
        FileRows::default()
    }

    /// The distributions that the labels are, by row; `None` where every label is one class. Of these the batches hold
    /// the most probable class, see [`super::SoftLabel::most_probable`].
    fn soft_labels(&self) -> Option<Arc<SoftLabels>> {
        None
    }

    /// Rows of this source for each stored row: 1, or the number of labels of multi-label data, of which every label
    /// is a row of its own.
    fn n_entries(&self) -> usize {
        1
    }

    /// True if the stored float16 numbers overflowed, so that minus infinity is as broken as plus infinity and no absent
    /// class.
    fn overflowed(&self) -> bool {
        false
    }
}

/// A source that is held in memory.
#[derive(Clone, Debug)]
pub struct MemorySource {
    n_classes: usize,
    kind: Kind,
    is_rounded: bool,
    values: Values,
    labels: Vec<Label>,
    soft_labels: Option<Arc<SoftLabels>>,
    n_batch: usize,
}

impl MemorySource {
    /// Takes N x K row-major `values` and N `labels`.
    ///
    /// Returns `None` if the lengths do not belong together, if K < 2, or if a label is out of range.
    pub fn new(n_classes: usize, kind: Kind, values: Values, labels: Vec<Label>) -> Option<Self> {
        let in_range = |l: &Label| l.index().is_none_or(|i| i < n_classes);
        let fits = labels.len().checked_mul(n_classes) == Some(values.len());
        let valid = n_classes >= 2 && fits && labels.iter().all(in_range);
        valid.then_some(Self {
            n_classes,
            kind,
            is_rounded: false,
            values,
            labels,
            soft_labels: None,
            n_batch: MEMORY_BATCH_ROWS,
        })
    }

    /// The same rows in batches of `n_rows`, at least 1.
    #[must_use]
    pub fn in_batches_of(self, n_rows: usize) -> Self {
        Self { n_batch: n_rows.max(1), ..self }
    }

    /// The same rows, of probabilities that were rounded: see [`Recorded::is_rounded`].
    #[must_use]
    pub fn with_rounding(self) -> Self {
        Self { is_rounded: true, ..self }
    }

    /// The same rows with distributions for labels; rows that are left out stay so.
    ///
    /// Returns `None` if they are not as many, of as many classes.
    #[must_use]
    pub fn with_soft_labels(mut self, labels: SoftLabels) -> Option<Self> {
        if (labels.n_classes(), labels.n_rows()) != (self.n_classes, self.labels.len()) {
            return None;
        }
        for (label, most_probable) in self.labels.iter_mut().zip(labels.most_probable()) {
            if !label.is_ignored() {
                *label = most_probable;
            }
        }
        self.soft_labels = Some(Arc::new(labels));
        Some(self)
    }

    /// All scores, N x K row-major.
    pub fn values(&self) -> &Values {
        &self.values
    }

    /// All labels.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn batch(&self, start: usize, end: usize) -> Batch<'_> {
        Batch {
            first_row: start,
            n_classes: self.n_classes,
            values: self.values.slice(start * self.n_classes, end * self.n_classes),
            labels: &self.labels[start..end],
        }
    }
}

impl BatchSource for MemorySource {
    fn n_classes(&self) -> usize {
        self.n_classes
    }

    fn n_rows(&self) -> usize {
        self.labels.len()
    }

    fn kind(&self) -> Kind {
        self.kind
    }

    fn recorded(&self) -> Recorded {
        Recorded { kind: self.kind, is_rounded: self.is_rounded }
    }

    fn read(
        &self,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        for start in (0..self.n_rows()).step_by(self.n_batch) {
            visit(self.batch(start, (start + self.n_batch).min(self.n_rows())))?;
        }
        Ok(())
    }

    fn sample(
        &self,
        n_wanted: usize,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let runs = sample_runs(self.n_rows(), self.n_classes, n_wanted);
        let mut runs = runs.into_iter();
        runs.try_for_each(|run| visit(self.batch(run.start, run.end)))
    }

    fn sha256_labels(&self) -> String {
        sha256_of_labels(self.labels.iter().copied())
    }

    fn soft_labels(&self) -> Option<Arc<SoftLabels>> {
        self.soft_labels.clone()
    }
}

/// One thing that was guessed about a file, and why.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Guess {
    /// What was decided: `logits`, `labels`, `kind`, `task`, `positive`, `class names`, `parts`, `step`, `damaged`.
    pub what: String,
    /// What it was taken to be, as a user would write it.
    pub chosen: String,
    /// The evidence, and the flag that overrides it.
    pub evidence: String,
    /// Everything that could have been chosen, where that is a short list (the steps of a series).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

impl SourceInfo {
    /// Why data of one column of scores is binary.
    pub(crate) const ONE_SCORE: &str = "one column of scores: the logits are (0, score)";

    /// True for one probability a row, which is a claim about its outcome and no choice between two classes.
    pub fn is_one_probability(&self) -> bool {
        let is_one = |g: &Guess| g.what == "task" && g.evidence.starts_with(Self::ONE_SCORE);
        self.kind == Kind::Probs && self.guesses.iter().any(is_one)
    }

    /// What [`Guess::what`] says of members of an archive that were read though their checksums do not match.
    pub(crate) const DAMAGED: &'static str = "damaged";

    /// The members of the archive that were read though their checksums do not match.
    pub fn damaged(&self) -> Option<&str> {
        let mut guesses = self.guesses.iter();
        let damaged = guesses.find(|guess| guess.what == Self::DAMAGED)?;
        Some(&damaged.chosen)
    }

    /// What [`Guess::what`] says where columns behind the classes were cut off.
    pub(crate) const CUT: &'static str = "classes";

    /// True if the file holds more columns of scores than the K classes, which are the first of them.
    pub fn is_cut(&self) -> bool {
        self.guesses.iter().any(|guess| guess.what == Self::CUT)
    }

    /// Scores of a row as the model gives them: K, or L of multi-label data.
    pub fn n_scores(&self) -> usize {
        self.n_labels.unwrap_or(self.n_classes)
    }

    /// `10 classes`, or `12 labels`.
    pub fn scores_word(&self) -> &'static str {
        if self.n_labels.is_some() { "labels" } else { "classes" }
    }

    /// The step of a series that was read, as the reader chose it; `None` if the file holds none.
    pub fn step(&self) -> Option<&str> {
        self.guesses.iter().find(|guess| guess.what == "step").map(|guess| guess.chosen.as_str())
    }

    /// The numbers of all steps of the series in the file, ascending; empty if it holds none.
    pub fn steps(&self) -> Vec<u64> {
        let guess = self.guesses.iter().find(|guess| guess.what == "step");
        let choices = guess.into_iter().flat_map(|guess| &guess.choices);
        choices.filter_map(|step| step.parse().ok()).collect()
    }
}

/// What was understood of a file before a single figure was computed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceInfo {
    /// The path as the user gave it, made printable.
    pub path: String,
    /// `csv`, `tsv`, `ndjson`, `json`, `parquet`, `arrow`, `npy`, `npz`, `safetensors`, `torch`, `pickle`, `hdf5`.
    pub format: String,
    /// The type the scores are stored in: `f16`, `bf16`, `f32`, `f64` (text is `f64`).
    pub dtype: String,
    /// What the scores are.
    pub kind: Kind,
    /// What the labels ask for.
    pub task: Task,
    /// K.
    pub n_classes: usize,
    /// Class names where the file or a companion carries them.
    pub class_names: Option<super::ClassNames>,
    /// L, the labels of a row of multi-label data, each of which is a row of two classes; `None` otherwise.
    pub n_labels: Option<usize>,
    /// Names of these labels where the file or a companion carries them.
    pub label_names: Option<super::ClassNames>,
    /// True if the file holds one score a row, that of the positive class, and not one for each class.
    pub single_score: bool,
    /// Size of the data on disk, in bytes.
    pub n_bytes: u64,
    /// What was guessed, for `inspect` and the app.
    pub guesses: Vec<Guess>,
}
