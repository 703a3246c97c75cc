//! What readers hand over: scores and labels of the same rows, with the meaning still open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::array::Dtype;
use super::error::Problem;
use super::memory::Budget;
use super::raw::RawScores;
use super::soft_labels;
use crate::data::{Carried, FileRows, Guess, Kind, Values};

/// N x C numbers as they are stored. One column is a binary score.
#[derive(Clone, Debug)]
pub(super) struct Scores {
    /// Where they are read from.
    pub(super) raw: Arc<dyn RawScores>,
    /// Column or array name, for the guess of the kind.
    pub(super) name: String,
    /// Class names where the columns carry them.
    pub(super) class_names: Option<Vec<String>>,
    /// What the format says of them, where it does.
    pub(super) known: Option<Known>,
}

/// What a format says of its scores, so that nobody need guess.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) kind: Kind,
    /// Why they are of this kind.
    pub(super) evidence: &'static str,
    /// True if class 1 of one row has nothing in common with class 1 of another, so that two classes are
    /// no positive and negative one.
    pub(super) are_choices: bool,
}

impl Scores {
    /// N.
    pub(super) fn n_rows(&self) -> usize {
        self.raw.n_rows()
    }

    /// C.
    pub(super) fn n_cols(&self) -> usize {
        self.raw.n_cols()
    }

    /// The stored type.
    pub(super) fn dtype(&self) -> Dtype {
        self.raw.dtype()
    }
}

/// Labels as they are stored.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum RawLabels {
    /// Integers, before offset and range check.
    Whole(Vec<i64>),
    /// Names of classes.
    Text(Vec<String>),
    /// Rows of 0 and 1, N x L row-major: several labels a row.
    Entries {
        /// N L integers.
        cells: Vec<i64>,
        /// L.
        n_labels: usize,
    },
    /// Rows of probabilities, N x L row-major.
    Soft {
        /// N L numbers as they are stored.
        values: Values,
        /// L.
        n_labels: usize,
    },
}

/// Reads the labels in the array or column with this index, ahead of everything else.
pub(super) type Probe<'a> = dyn FnMut(usize) -> Result<RawLabels, Problem> + 'a;

impl Default for RawLabels {
    /// None.
    fn default() -> Self {
        Self::Whole(Vec::new())
    }
}

impl RawLabels {
    /// N.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Whole(v) => v.len(),
            Self::Text(v) => v.len(),
            Self::Entries { cells, n_labels } => cells.len() / n_labels.max(&1),
            Self::Soft { values, n_labels } => values.len() / n_labels.max(&1),
        }
    }

    /// Marks row `row` as one without a label; `ignore` is the label that says so.
    pub(super) fn ignore(&mut self, row: usize, ignore: i64) {
        match self {
            Self::Whole(whole) => whole[row] = ignore,
            Self::Text(texts) => texts[row] = ignore.to_string(),
            Self::Entries { cells, n_labels } => {
                cells[row * *n_labels..(row + 1) * *n_labels].fill(ignore);
            }
            Self::Soft { values, n_labels } => soft_labels::ignore(values, *n_labels, row, ignore),
        }
    }
}

/// How a row is called in a message.
#[derive(Clone, Debug, Default)]
pub(super) struct RowNames {
    /// Lines before the first row (1 for a header).
    n_lines_before: usize,
    /// Rows of other files before the first row.
    n_rows_before: usize,
    /// Files and their numbers of rows, where there are several.
    files: Vec<(PathBuf, usize)>,
    /// Stored rows before the first row that is kept.
    n_skipped: usize,
    /// The kept rows, counted from there, where some between them were left out.
    kept: Option<Arc<[usize]>>,
}

impl RowNames {
    /// Rows of one file that has `n_lines_before` lines before its first row.
    pub(super) fn of_file(n_lines_before: usize) -> Self {
        Self { n_lines_before, ..Self::default() }
    }

    /// Row `n_rows` of these is the first row of this file.
    pub(super) fn after(mut self, n_rows: usize) -> Self {
        self.n_rows_before = n_rows;
        self
    }

    /// Appends the rows of another file.
    pub(super) fn add_file(&mut self, path: &Path, n_rows: usize) {
        self.files.push((path.to_path_buf(), n_rows));
    }

    /// The first `n_rows` rows are left out; of all others none was before.
    pub(super) fn skip(&self, n_rows: usize) -> Self {
        match &self.kept {
            Some(kept) => {
                Self { kept: Some(kept[n_rows.min(kept.len())..].into()), ..self.clone() }
            }
            None => Self { n_skipped: self.n_skipped + n_rows, ..self.clone() },
        }
    }

    /// Only these rows, in this order, are left.
    pub(super) fn keep(&self, rows: Arc<[usize]>) -> Self {
        let stored = match &self.kept {
            None => rows,
            Some(kept) => rows.iter().map(|&r| kept[r]).collect(),
        };
        Self { kept: Some(stored), ..self.clone() }
    }

    /// The same as numbers.
    pub(super) fn numbers(&self) -> FileRows {
        FileRows::new(self.n_skipped, self.kept.clone())
    }

    /// These `n_rows` rows, and then the `n_more` ones of `other`, where both are rows of one file.
    pub(super) fn then(&self, n_rows: usize, (other, n_more): (&Self, usize)) -> Self {
        if self.kept.is_none() && other.kept.is_none() {
            return self.clone();
        }
        let (ours, theirs) = (self.numbers(), other.numbers());
        let ours = (0..n_rows).map(|row| ours.number(row));
        let all = ours.chain((0..n_more).map(|row| theirs.number(row)));
        Self { n_skipped: 0, kept: Some(all.collect()), ..self.clone() }
    }

    /// `row 4,182`, or `part-00002.parquet row 12`.
    pub(super) fn name(&self, row: usize) -> String {
        let kept = self.kept.as_ref().and_then(|kept| kept.get(row).copied());
        let mut row = self.n_skipped + kept.unwrap_or(row);
        row -= self.n_rows_before.min(row);
        let mut file = String::new();
        for (path, n_rows) in &self.files {
            if row < *n_rows {
                let name = path.file_name().unwrap_or_default();
                file = format!("{} ", name.to_string_lossy());
                break;
            }
            row -= n_rows;
        }
        format!("{file}row {}", grouped(row + 1 + self.n_lines_before))
    }
}

/// Rows of one part.
#[derive(Clone, Debug)]
pub(super) struct Picked {
    pub(super) scores: Scores,
    pub(super) labels: RawLabels,
    pub(super) rows: RowNames,
    /// What else the file says of these rows; nothing, or as many as there are labels.
    pub(super) carried: Carried,
}

/// Everything a reader found out.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) format: &'static str,
    pub(super) fit: Picked,
    pub(super) test: Option<Picked>,
    pub(super) guesses: Vec<Guess>,
    /// The memory that both parts share, less what is held already.
    pub(super) budget: Budget,
}

/// A decision for the record.
pub(super) fn guess(what: &str, chosen: impl AsRef<str>, evidence: impl AsRef<str>) -> Guess {
    Guess {
        what: what.to_owned(),
        chosen: crate::data::printable(chosen.as_ref()),
        evidence: crate::data::printable(evidence.as_ref()),
        choices: Vec::new(),
    }
}

/// `4182` as `4,182`.
pub(super) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Rows that cannot be used, gathered into one message.
#[derive(Clone, Debug, Default)]
pub(super) struct BadRows {
    count: usize,
    first: Vec<(usize, String)>,
}

impl BadRows {
    /// How many rows a message shows.
    const SHOWN: usize = 3;

    /// Row `row` is bad; `what` says why and is only asked for the rows that will be shown.
    pub(super) fn add(&mut self, row: usize, what: impl FnOnce() -> String) {
        self.count += 1;
        let place = self.first.partition_point(|(r, _)| *r <= row);
        if place < Self::SHOWN {
            self.first.insert(place, (row, what()));
            self.first.truncate(Self::SHOWN);
        }
    }

    /// Joins what another thread or batch found.
    pub(super) fn merge(&mut self, other: Self) {
        let count = self.count + other.count;
        for (row, what) in other.first {
            self.add(row, || what);
        }
        self.count = count;
    }

    /// The same rows where `n_rows` others come before.
    pub(super) fn after(mut self, n_rows: usize) -> Self {
        self.first.iter_mut().for_each(|(row, _)| *row += n_rows);
        self
    }

    /// The first bad row, and what is wrong with it.
    pub(super) fn first(&self) -> Option<&(usize, String)> {
        self.first.first()
    }

    /// Nothing, or the one message.
    pub(super) fn check(&self, rows: &RowNames) -> Result<(), Problem> {
        if self.count == 0 {
            return Ok(());
        }
        let shown: Vec<String> =
            self.first.iter().map(|(row, what)| format!("{}, {what}", rows.name(*row))).collect();
        let more = if self.count > shown.len() {
            format!(" (and {} more)", grouped(self.count - shown.len()))
        } else {
            String::new()
        };
        Err(Problem::new(format!("{}{more}", shown.join("; "))))
    }
}
