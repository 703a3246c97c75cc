//! The note of a file of row summaries: all that is no column, as one JSON object.

use serde::{Deserialize, Serialize};

use crate::data::{
    Carried, CarriedColumn, CarriedValues, ClassNames, Kind, Recorded, Task, printable,
};
use crate::numerics::Lattice;
use crate::summarize::{LeftOut, TableHead};

use super::gathered::GatheredNote;

/// The first key of every note.
pub const SUMMARIES_SCHEMA: &str = "logitscope.summaries/1";

/// Nodes between b and 2b.
const NODES_PER_OCTAVE: u32 = 2;

/// More rows than this are no count but damage.
const MAX_ROWS: u64 = 1 << 48;

/// Exact columns are made at T = 1 and at the fitted temperature; no file has more than these.
const MAX_EXACT: usize = 8;

/// A file that summaries were made from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SummarySource {
    /// As the user named it.
    pub path: String,
    /// As [`crate::data::SourceInfo::format`].
    pub format: String,
}

/// The lattice of the nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct LatticeNote {
    /// Nodes lie at b = 2^(j / this).
    nodes_per_octave: u32,
    /// The j of the first node.
    first: i32,
    /// How many there are.
    count: usize,
}

/// One part of the rows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct PartNote {
    /// `rows` where there is one part, else `val` and `test`.
    pub(super) name: String,
    pub(super) rows_read: u64,
    pub(super) rows_used: u64,
    pub(super) rows_ignored_label: u64,
    pub(super) rows_non_finite: u64,
    /// Which rows of their file these are, as `FileRows::of_runs` takes it; left out where they are its first ones, and
    /// where they are scattered too much: rows are then those of the part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) file_rows: Vec<[usize; 2]>,
    /// Over the labels of all rows that were read; null where several files were joined and not all are known.
    pub(super) sha256_labels: Option<String>,
    /// Inverse temperatures of the exact columns; as text, which keeps every digit.
    pub(super) exact_at: Vec<String>,
    /// What the diagnosis needs beside the rows; files of earlier versions have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gathered: Option<GatheredNote>,
}

/// What a column that is carried beside the rows stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Meaning {
    /// It names the row.
    Id,
    /// Its rows belong together.
    Group,
    /// What each row counts.
    Weight,
}

impl Meaning {
    /// All there are.
    pub(super) const ALL: [Self; 3] = [Self::Id, Self::Group, Self::Weight];

    /// The column of `carried` that stands for this.
    pub(super) fn of(self, carried: &Carried) -> Option<&CarriedColumn> {
        match self {
            Self::Id => carried.id(),
            Self::Group => carried.group(),
            Self::Weight => carried.weight(),
        }
    }
}

/// A column that is carried beside the rows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct BesideNote {
    /// As the file of logits called it.
    pub(super) name: String,
    /// As this file calls it.
    pub(super) column: String,
    /// As [`CarriedValues::type_name`].
    #[serde(rename = "type")]
    pub(super) type_name: String,
    /// What it stands for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) means: Vec<Meaning>,
}

/// See the module.
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each a key of the note")]
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) schema: String,
    /// Of the program that wrote it.
    pub(super) version: String,
    pub(super) kind: Kind,
    /// As [`Recorded::is_rounded`], of all parts; left out of files where it is false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) rounded: bool,
    /// True if labels are distributions; left out of files where they are classes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) soft_labels: bool,
    pub(super) task: Task,
    pub(super) classes: usize,
    pub(super) class_names: Option<Vec<String>>,
    /// True if nothing but the alphabet says which name belongs to which column; left out where something does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) class_names_sorted: bool,
    /// Labels of a row of multi-label data: row i L + l of the source is label l of row i.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) labels: Option<usize>,
    /// One score a row, that of the positive class.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) single_score: bool,
    /// Their names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) label_names: Option<Vec<String>>,
    /// The type the scores were stored in.
    pub(super) dtype: String,
    /// The step of a series.
    pub(super) step: Option<String>,
    pub(super) lattice: Option<LatticeNote>,
    pub(super) parts: Vec<PartNote>,
    pub(super) sources: Vec<SummarySource>,
    /// What is carried beside; left out of files where nothing is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) beside: Vec<BesideNote>,
}

impl LatticeNote {
    pub(super) fn of(lattice: Lattice) -> Self {
        Self {
            nodes_per_octave: NODES_PER_OCTAVE,
            first: lattice.first(),
            count: lattice.n_nodes(),
        }
    }

    fn lattice(self) -> Result<Lattice, String> {
        if self.nodes_per_octave != NODES_PER_OCTAVE {
            return Err(format!(
                "its lattice has {} nodes an octave, not {NODES_PER_OCTAVE}",
                self.nodes_per_octave
            ));
        }
        Lattice::from_range(self.first, self.count).ok_or_else(|| {
            format!("{} nodes from 2^({}/2) on are no lattice", self.count, self.first)
        })
    }
}

impl Note {
    /// The note in `text`, if it says what a note can say.
    ///
    /// # Errors
    /// What is wrong with it, in words that may hold text of the file.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Schema {
            schema: String,
        }
        let json = |error: serde_json::Error| format!("its note cannot be read: {error}");
        let Schema { schema } = serde_json::from_str(text).map_err(json)?;
        if schema != SUMMARIES_SCHEMA {
            return Err(format!(
                "its schema is {schema}, and this version reads {SUMMARIES_SCHEMA}"
            ));
        }
        let note: Self = serde_json::from_str(text).map_err(json)?;
        note.check().map(|()| note)
    }

    fn check(&self) -> Result<(), String> {
        let k = self.classes;
        if !(2..u32::MAX as usize).contains(&k) || self.task != Task::Multiclass && k != 2 {
            return Err(format!("{} data of {k} classes", self.task.name()));
        }
        if let Some(names) = self.class_names.as_ref().filter(|names| names.len() != k) {
            return Err(format!("{} class names for {k} classes", names.len()));
        }
        let n_labels = self.labels.unwrap_or(0);
        let is_multilabel = self.task == Task::Multilabel;
        let names = self.label_names.as_ref().map_or(n_labels, Vec::len);
        if is_multilabel != (n_labels > 1) || names != n_labels || n_labels > u32::MAX as usize {
            return Err(format!(
                "{} data of {n_labels} labels and {names} names of labels",
                self.task.name()
            ));
        }
        let names: Vec<&str> = self.parts.iter().map(|part| part.name.as_str()).collect();
        if !matches!(names[..], ["rows"] | ["val", "test"]) {
            return Err(format!("its parts are called {}", names.join(", ")));
        }
        self.parts.iter().try_for_each(PartNote::check)?;
        self.check_beside()
    }

    fn check_beside(&self) -> Result<(), String> {
        for (idx, column) in self.beside.iter().enumerate() {
            if CarriedValues::empty(&column.type_name).is_none() {
                return Err(format!(
                    "column {} is said to hold {}, not integer, number or text",
                    column.column, column.type_name
                ));
            }
            let before = &self.beside[..idx];
            if before.iter().any(|other| other.column == column.column) {
                return Err(format!("its note names column {} twice", column.column));
            }
            let again = |other: &BesideNote| column.means.iter().any(|m| other.means.contains(m));
            if let Some(other) = before.iter().find(|other| again(other)) {
                return Err(format!(
                    "columns {} and {} are said to mean the same",
                    other.column, column.column
                ));
            }
        }
        Ok(())
    }

    pub(super) fn class_names(&self) -> Option<ClassNames> {
        let names = self.class_names.as_ref().map(ClassNames::new);
        names.map(|names| names.sorted_by_us(self.class_names_sorted))
    }

    /// What the columns of part `idx` are read with.
    ///
    /// # Errors
    /// If the lattice is none, or a temperature is not a number.
    pub(super) fn head(&self, idx: usize) -> Result<TableHead, String> {
        let part = &self.parts[idx];
        let number = |text: &String| text.parse().map_err(|_| format!("{text} is not a number"));
        Ok(TableHead {
            n_classes: self.classes,
            recorded: Recorded { kind: self.kind, is_rounded: self.rounded },
            soft_labels: self.soft_labels,
            lattice: self.lattice.map(LatticeNote::lattice).transpose()?,
            exact_at: part.exact_at.iter().map(number).collect::<Result<_, _>>()?,
            n_read: part.rows_read,
            left_out: LeftOut {
                ignored_label: part.rows_ignored_label,
                non_finite: part.rows_non_finite,
            },
            gathered: part.gathered.as_ref().map(|note| note.gathered(self.classes)).transpose()?,
        })
    }
}

/// `val.npz (npz)`, or the first files and how many more.
pub(super) fn made_from(sources: &[SummarySource]) -> String {
    const SHOWN: usize = 3;
    let shown = sources.iter().take(SHOWN).map(|s| format!("{} ({})", s.path, s.format));
    let shown = shown.collect::<Vec<_>>().join(", ");
    let text = match sources.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    };
    printable(&text)
}

impl PartNote {
    fn check(&self) -> Result<(), String> {
        let counts =
            [self.rows_read, self.rows_used, self.rows_ignored_label, self.rows_non_finite];
        if counts.iter().any(|n| *n > MAX_ROWS) {
            return Err(format!("{counts:?} are no numbers of rows"));
        }
        let n_listed = self.file_rows.iter().map(|[_, n]| *n as u64);
        let n_listed = n_listed.fold(0, u64::saturating_add);
        // What is listed is written out in memory: it has to be about as many rows as there are.
        let is_listed = self.file_rows.len() > 1;
        let most = self.rows_used.saturating_mul(8).saturating_add(1 << 16);
        let is_far = |[start, n]: &[usize; 2]| (*start as u64).saturating_add(*n as u64) > MAX_ROWS;
        if is_listed && n_listed > most || self.file_rows.iter().any(is_far) {
            return Err(format!("{n_listed} rows of its file are more than it holds"));
        }
        if self.exact_at.len() > MAX_EXACT {
            return Err(format!("it has {} exact columns", self.exact_at.len()));
        }
        Ok(())
    }
}
