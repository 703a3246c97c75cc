//! Choosing the columns of logits, labels and parts in a table.

use std::collections::HashSet;

use super::super::OpenOptions;
use super::super::array::Dtype;
use super::super::carry;
use super::super::error::Problem;
use super::super::names;
use super::super::picked::{Probe, guess};
use super::super::{rival, words};
use super::carried;
use super::label_columns;
use super::{lost_note, scores, timm};
use crate::data::{Guess, short_name};

/// Columns that a message lists before it says "and so many more".
const SHOWN_COLUMNS: usize = 12;

/// What a column of objects holds that differ in their keys from row to row.
pub(super) const RAGGED: &str = "objects whose keys differ from row to row";

/// What a column holds, as far as choosing needs to know.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::io) enum ColumnType {
    /// Numbers with a fraction. `whole` is true if a look at the first rows found no fraction.
    Float {
        dtype: Dtype,
        whole: bool,
    },
    Int,
    Bool,
    Text,
    /// A list of numbers for each row; its length where the type fixes it.
    List {
        dtype: Dtype,
        width: Option<usize>,
    },
    /// A list of integers or truth values for each row: one-hot labels.
    IntList,
    /// Named numbers for each row.
    Record(Vec<String>),
    /// Anything else, by the name of its type.
    Other(String),
}

impl ColumnType {
    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Float { .. } | Self::Int)
    }

    /// True for one class or name a row.
    pub(super) fn is_discrete(&self) -> bool {
        matches!(self, Self::Int | Self::Bool | Self::Text)
    }

    pub(super) fn is_float(&self) -> bool {
        matches!(self, Self::Float { .. })
    }

    pub(super) fn describe(&self) -> String {
        match self {
            Self::Float { dtype, .. } => dtype.to_string(),
            Self::Int => "integer".to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Text => "text".to_owned(),
            Self::List { dtype, width: Some(width) } => format!("list of {width} {dtype}"),
            Self::List { dtype, width: None } => format!("list of {dtype}"),
            Self::IntList => "list of integers".to_owned(),
            Self::Record(fields) => format!("record of {}", fields.len()),
            Self::Other(name) => name.clone(),
        }
    }
}

/// A column of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::io) struct Column {
    pub(in crate::io) name: String,
    pub(in crate::io) ty: ColumnType,
}

/// Which columns hold the scores.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum ScoreColumns {
    /// One column for each class, in class order, or a single binary score.
    Wide(Vec<usize>),
    /// One column of lists.
    List(usize),
    /// One column of records, and the names of their fields.
    Record(usize, Vec<String>),
}

/// What will be read of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Selection {
    pub(super) scores: ScoreColumns,
    /// `None` if the labels are in another file.
    pub(super) labels: Option<usize>,
    pub(super) split: Option<usize>,
    /// Of multi-label data the columns of labels, in the order of the scores; else empty.
    pub(super) label_columns: Vec<usize>,
    /// Columns that are carried along.
    pub(super) carried: Vec<usize>,
    pub(super) class_names: Option<Vec<String>>,
}

/// The columns of a table, and what is asked of them.
pub(super) struct Chooser<'a> {
    pub(super) columns: &'a [Column],
    pub(super) options: &'a OpenOptions,
    /// False if the names were made up (a file without a header).
    pub(super) has_names: bool,
}

impl Chooser<'_> {
    /// Decides on all columns; `probe` reads labels where the choice of logits depends on them.
    pub(super) fn choose(
        &self,
        probe: &mut Probe<'_>,
        guesses: &mut Vec<Guess>,
    ) -> Result<Selection, Problem> {
        timm::refuse(self.columns, self.options, probe)?;
        lost_note::refuse(self.columns, self.options)?;
        let several = label_columns::candidates(self);
        let labels = match self.choose_labels() {
            _ if !several.is_empty() => None,
            Err(problem) if self.options.can_do_without(&problem) => None,
            found => found?,
        };
        if let Some((idx, "by name")) = labels {
            rival::refuse((idx, &self.columns[idx].name), &self.rivals(idx), probe)?;
        }
        let split = self.split_column()?;
        let split = split.filter(|s| labels.as_ref().is_none_or(|(l, _)| l != s));
        let taken = labels.iter().map(|(l, _)| *l).chain(split);
        let taken: Vec<usize> = taken.chain(several.iter().copied()).collect();
        let label_idx = labels.as_ref().map(|(l, _)| *l);
        let (scores, class_names, how) = scores::choose(self, &taken, label_idx, probe)?;
        guesses.push(guess(
            "logits",
            self.describe(&scores),
            format!("{how}; --logits 'PATTERN*'"),
        ));
        if let Some((idx, how)) = &labels {
            let column = &self.columns[*idx];
            let chosen = format!("{} ({})", column.name, column.ty.describe());
            guesses.push(guess("labels", chosen, format!("{how}; --labels COLUMN|FILE")));
        }
        let label_columns =
            label_columns::in_order(self, several, &scores, class_names.as_deref())?;
        if let [first, .., last] = label_columns[..] {
            let [first, last] = [first, last].map(|idx| short_name(&self.columns[idx].name));
            guesses.push(guess(
                "labels",
                format!("{first} .. {last} ({} columns)", label_columns.len()),
                "one column for each column of logits; --labels 'PATTERN*'",
            ));
        }
        Ok(Selection {
            carried: self.carried(&scores, label_idx, &label_columns)?,
            label_columns,
            scores,
            labels: label_idx,
            split,
            class_names,
        })
    }

    /// Columns of classes that may be the labels in place of `labels`.
    fn rivals(&self, labels: usize) -> Vec<(usize, &str)> {
        let columns = self.columns.iter().enumerate();
        let may_be = columns.filter(|(idx, column)| {
            *idx != labels && column.ty.is_discrete() && rival::may_be_true(&column.name)
        });
        may_be.map(|(idx, column)| (idx, column.name.as_str())).collect()
    }

    /// The columns to carry, with those of the labels of multi-label data at the end.
    fn carried(
        &self,
        scores: &ScoreColumns,
        label: Option<usize>,
        label_columns: &[usize],
    ) -> Result<Vec<usize>, Problem> {
        let demanded = carry::demanded(self.options)?;
        let mut carried = carried::choose(self.columns, scores, label, &demanded);
        let labels: HashSet<usize> = label_columns.iter().copied().collect();
        carried.retain(|idx| !labels.contains(idx));
        carried.extend(label_columns);
        Ok(carried)
    }

    /// The column that tells val from test: the one that `--split` names without a value, or the one called so.
    fn split_column(&self) -> Result<Option<usize>, Problem> {
        let Some(split) = self.options.split.as_ref().filter(|split| split.values.is_empty())
        else {
            return Ok(self.columns.iter().position(|c| names::is_split(&c.name)));
        };
        let found = self.columns.iter().position(|c| c.name == split.column);
        found.map(Some).ok_or_else(|| {
            Problem::new(format!(
                "there is no column {}; there are {}",
                split.column,
                self.list_all()
            ))
            .hint("--split COLUMN, or --split 'COLUMN=VALUE|VALUE' to keep some rows")
        })
    }

    pub(super) fn describe(&self, scores: &ScoreColumns) -> String {
        match scores {
            ScoreColumns::Wide(idxs) => match idxs[..] {
                [only] => self.columns[only].name.clone(),
                [first, .., last] => format!(
                    "{} .. {} ({} columns of {})",
                    short_name(&self.columns[first].name),
                    short_name(&self.columns[last].name),
                    idxs.len(),
                    self.columns[first].ty.describe()
                ),
                [] => String::new(),
            },
            ScoreColumns::List(idx) | ScoreColumns::Record(idx, _) => {
                format!("{} ({})", self.columns[*idx].name, self.columns[*idx].ty.describe())
            }
        }
    }

    /// The column of labels and why it was taken; `None` if they are in another file.
    pub(super) fn choose_labels(&self) -> Result<Option<(usize, &'static str)>, Problem> {
        if let Some(name) = &self.options.labels {
            let found = self.columns.iter().position(|c| c.name == *name);
            let is_file = std::path::Path::new(name).is_file();
            return match found {
                Some(idx) => Ok(Some((idx, "--labels"))),
                None if is_file => Ok(None),
                None => Err(Problem::new(format!(
                    "there is no column {name}; there are {}",
                    self.list_all()
                ))
                .hint("--labels with one of these names, or with a file")),
            };
        }
        if let Some(idx) = self.labels_by_name()? {
            return Ok(Some((idx, "by name")));
        }
        // Without a need for labels a stray column is not taken for them, if names can tell it is one.
        if self.options.unlabelled && self.has_names {
            return Ok(None);
        }
        let n_scores = self.columns.iter().map(|c| match c.ty {
            ColumnType::List { .. } | ColumnType::Record(_) => 2,
            _ => usize::from(c.ty.is_float()),
        });
        let has_classes = n_scores.sum::<usize>() > 1;
        let unnamed = |c: &&(usize, &Column)| {
            let name = &c.1.name;
            // Beside one score it is the label.
            let says_rightness = has_classes && words::say_rightness(name);
            let is_other = names::is_carried(name) || words::say_prediction(name) || says_rightness;
            !is_other && names::score_prefix(name).is_none()
        };
        let discrete: Vec<(usize, &Column)> = self.columns.iter().enumerate().collect();
        let of_type = |wanted: fn(&ColumnType) -> bool| -> Vec<usize> {
            let found = discrete.iter().filter(unnamed).filter(|c| wanted(&c.1.ty));
            found.map(|c| c.0).collect()
        };
        let is_whole = |t: &ColumnType| matches!(t, ColumnType::Float { whole: true, .. });
        if let [only] = of_type(ColumnType::is_discrete)[..] {
            return Ok(Some((only, "the only column that holds no fractions")));
        }
        if let ([], [only]) = (&of_type(ColumnType::is_discrete)[..], &of_type(is_whole)[..]) {
            return Ok(Some((*only, "the only column of whole numbers")));
        }
        Err(self.no_labels(&of_type(ColumnType::is_discrete)))
    }

    /// Why there are no labels; any of `possible` may be.
    fn no_labels(&self, possible: &[usize]) -> Problem {
        let is_predicted = |i: &usize| {
            let column = &self.columns[*i];
            column.ty.is_discrete() && words::say_prediction(&column.name)
        };
        let predicted: Vec<usize> = (0..self.columns.len()).filter(is_predicted).collect();
        let all = self.list_all();
        if predicted.is_empty() {
            return Problem::new(format!("no column of labels found; there are {all}"))
                .hint("--labels COLUMN, or --labels FILE if they are in a file of their own");
        }
        let flags: Vec<String> =
            possible.iter().map(|i| format!("--labels {}", self.columns[*i].name)).collect();
        Problem::new(format!(
            "no column of labels found; what a model predicted is none: {}; there are {all}",
            self.list(&predicted)
        ))
        .hint(match flags.len() {
            1..=4 => format!("{}, whichever holds the true classes", flags.join(" or ")),
            _ => "--labels COLUMN or --labels FILE with the true classes".to_owned(),
        })
    }

    fn labels_by_name(&self) -> Result<Option<usize>, Problem> {
        let possible = |c: &Column| match c.ty {
            ColumnType::Int | ColumnType::Bool | ColumnType::Text | ColumnType::IntList => true,
            ColumnType::Float { .. } | ColumnType::List { .. } => names::is_label_name(&c.name),
            _ => false,
        };
        let ranks = self.columns.iter().map(|c| {
            let carried = names::is_carried(&c.name) && !names::is_label_name(&c.name);
            names::labels_rank(&c.name).filter(|_| possible(c) && !carried)
        });
        let ranks: Vec<Option<usize>> = ranks.collect();
        let Some(best) = ranks.iter().flatten().min() else {
            return Ok(None);
        };
        let tied: Vec<usize> = (0..ranks.len()).filter(|&i| ranks[i] == Some(*best)).collect();
        if let [only] = tied[..] {
            return Ok(Some(only));
        }
        Err(Problem::new(format!(
            "several columns could be the labels: {}",
            self.list(&tied)
        ))
        .hint(format!(
            "--labels {}; for multi-label data one column of 0 and 1 for each column of logits, --labels 'PATTERN*'",
            self.columns[tied[0]].name
        )))
    }

    pub(super) fn list_all(&self) -> String {
        self.list(&(0..self.columns.len()).collect::<Vec<_>>())
    }

    /// `a (f32), b (text) and 3 more`.
    pub(super) fn list(&self, idxs: &[usize]) -> String {
        let shown = idxs
            .iter()
            .take(SHOWN_COLUMNS)
            .map(|&i| format!("{} ({})", self.columns[i].name, self.columns[i].ty.describe()));
        let shown = shown.collect::<Vec<_>>().join(", ");
        match idxs.len().checked_sub(SHOWN_COLUMNS) {
            None | Some(0) => shown,
            Some(more) => format!("{shown} and {more} more"),
        }
    }
}
