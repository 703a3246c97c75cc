//! What a caller may ask of a reader, and what it gets.

use std::fmt;
use std::path::PathBuf;

use super::error::Problem;
#[cfg(doc)]
use crate::data::{Filter, Label};
use crate::data::{Kind, Task};

/// Which part of a file that holds several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Part {
    /// Fit on val, judge on test, where the file has both; else all rows.
    #[default]
    Auto,
    /// The validation rows alone.
    Val,
    /// The test rows alone.
    Test,
    /// All rows as one set.
    All,
}

/// Rows `start..end`, 0-based, end left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowRange {
    /// First row kept.
    pub start: usize,
    /// First row no longer kept.
    pub end: usize,
}

/// `--split`: the column that says which part a row belongs to, and the values to keep.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Split {
    /// The name of the column.
    pub column: String,
    /// Rows with another value are left out. Without a value `column` is the one that tells val from test.
    pub values: Vec<String>,
}

impl Split {
    /// `COLUMN=V1|V2`, or a column alone.
    pub fn parse(text: &str) -> Self {
        let (column, values) = text.split_once('=').unwrap_or((text, ""));
        let values = values.split('|').map(str::trim).filter(|value| !value.is_empty());
        Self { column: column.trim().to_owned(), values: values.map(str::to_owned).collect() }
    }
}

impl fmt::Display for Split {
    /// `fold=1|2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let equals = if self.values.is_empty() { "" } else { "=" };
        write!(f, "{}{equals}{}", self.column, self.values.join("|"))
    }
}

/// What the log-likelihood of a choice in an evaluation log is divided by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Normalize {
    /// Nothing: the harness calls the accuracy of this `acc`.
    #[default]
    None,
    /// The number of characters of the choice: `acc_norm`.
    Chars,
    /// The number of its bytes in UTF-8.
    Bytes,
}

impl Normalize {
    /// What was done, in a list of what was decided.
    pub(super) fn done(self) -> &'static str {
        match self {
            Self::None => "as they are",
            Self::Chars => "divided by the characters of each choice",
            Self::Bytes => "divided by the bytes of each choice",
        }
    }

    /// Why the scores are logits.
    pub(super) fn evidence(self) -> &'static str {
        match self {
            Self::None => "log-likelihoods of choices, which do not sum to 1 over them",
            Self::Chars | Self::Bytes => "log-likelihoods by length, which sum to 1 over nothing",
        }
    }
}

/// Everything that overrides a guess. `Default` guesses all.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct OpenOptions {
    /// Column pattern (`logit_*`), list column, or array name.
    pub logits: Option<String>,
    /// Column or array name, or a file of its own.
    pub labels: Option<String>,
    /// Labels are not needed: where none are found every row's label is [`Label::IGNORED`], which is
    /// recorded as a guess. Only a column or array that is called like labels is taken for them then.
    pub unlabelled: bool,
    /// What the scores are.
    pub kind: Option<Kind>,
    /// What the labels ask for.
    pub task: Option<Task>,
    /// Binary data: the label that counts as positive.
    pub positive: Option<String>,
    /// The label of rows to leave out; -100 unless told.
    pub ignore_index: Option<i64>,
    /// A text file with one class name a line.
    pub class_names: Option<PathBuf>,
    /// Subtracted from every integer label (1 for one-based labels).
    pub label_offset: i64,
    /// Keep the first so many columns of scores: classes beyond are padding.
    pub n_classes: Option<usize>,
    /// Which part to read.
    pub part: Part,
    /// Which step of a series; the last unless told.
    pub step: Option<u64>,
    /// Keep only these rows.
    pub rows: Option<RowRange>,
    /// Evaluation logs: what a log-likelihood is divided by.
    pub normalize: Normalize,
    /// A column or array of 0 and 1 (or true and false): rows where it is not 1 are left out like those without a label.
    pub mask: Option<String>,
    /// The scores of a token are about the next one: arrays of three axes, or one sequence of tokens.
    pub shift: bool,
    /// The column that names a row.
    pub id: Option<String>,
    /// The column whose rows belong together: folds and draws keep them so.
    pub group: Option<String>,
    /// The column that says how much each row counts.
    pub weight: Option<String>,
    /// Columns by whose values rows are looked at apart.
    pub slices: Vec<String>,
    /// Keep only rows with these values of a column; or which column tells val from test.
    pub split: Option<Split>,
    /// Keep only rows that meet this condition, see [`Filter`]; after [`OpenOptions::rows`].
    pub filter: Option<String>,
    /// Fit on the rows that meet this condition; judge on the others unless `test_where` says on which.
    pub fit_where: Option<String>,
    /// Judge on the rows that meet this condition; fit on the others unless `fit_where` says on which.
    pub test_where: Option<String>,
    /// Bytes of scores that may be kept in memory, so that they are read and decoded once; a quarter of
    /// the free memory unless told. What does not fit is read again for every pass.
    pub memory: Option<u64>,
}

impl OpenOptions {
    /// The part to read: all of them where conditions divide the rows.
    pub fn wanted_part(&self) -> Part {
        let divides = self.fit_where.is_some() || self.test_where.is_some();
        match self.part {
            Part::Auto if divides => Part::All,
            part => part,
        }
    }

    /// True if the search for labels may end in `problem`: nobody named labels and nobody needs them.
    pub(super) fn can_do_without(&self, problem: &Problem) -> bool {
        self.unlabelled && self.labels.is_none() && !problem.is_cancelled()
    }
}

/// How far reading has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Progress {
    /// Rows decoded so far.
    pub rows_done: u64,
    /// Rows in all, where the format says so up front.
    pub rows_total: Option<u64>,
    /// Bytes read so far.
    pub bytes_done: u64,
    /// Bytes in all.
    pub bytes_total: u64,
}
