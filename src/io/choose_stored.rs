//! Which rows of stored summaries are wanted, by what was kept beside them: the flags of [`super::choose_rows`].

use std::path::Path;

use super::OpenOptions;
use super::carry::no_column;
use super::choose_rows::{RowSet, meet};
use super::error::{IoError, Problem};
use super::names::PartName;
use super::picked::RowNames;
use super::table::by_parts;
use crate::data::{Carried, Guess, Meanings};

/// Rows, and what is carried beside them.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredRows {
    /// Their places among the rows there were, ascending.
    pub rows: Vec<usize>,
    /// As many rows of every column, and once they are chosen what they mean.
    pub carried: Carried,
}

/// What flags choose.
#[derive(Clone, PartialEq, Debug)]
pub struct Choice {
    /// The rows to fit on.
    pub fit: StoredRows,
    /// The rows to judge on, if they are others; of the rows to fit on where there was one set.
    pub test: Option<StoredRows>,
    /// What was decided.
    pub guesses: Vec<Guess>,
}

/// A set in the making.
struct Set {
    stored: StoredRows,
    kept: Meanings,
}

impl RowSet for Set {
    fn n_rows(&self) -> usize {
        self.stored.rows.len()
    }

    fn carried(&self) -> &Carried {
        &self.stored.carried
    }

    fn carried_mut(&mut self) -> &mut Carried {
        &mut self.stored.carried
    }

    fn select(&self, rows: &[usize]) -> Self {
        Self {
            stored: StoredRows {
                rows: rows.iter().map(|row| self.stored.rows[*row]).collect(),
                carried: self.stored.carried.select(rows),
            },
            kept: self.kept.clone(),
        }
    }

    fn kept(&self) -> Meanings {
        self.kept.clone()
    }

    fn names(&self) -> RowNames {
        RowNames::default().keep(self.stored.rows.as_slice().into())
    }
}

/// The rows of `fit` and `test` that `options` want by their columns, which get the meaning that the flags give them or
/// have those of `means`, for either set. `path` is the file they come from.
///
/// # Errors
/// As [`super::open()`] for the same flags.
pub fn choose_stored(
    path: &Path,
    (fit, test): (StoredRows, Option<StoredRows>),
    means: &Meanings,
    options: &OpenOptions,
) -> Result<Choice, IoError> {
    let set = |stored| Set { stored, kept: means.clone() };
    choice((set(fit), test.map(set)), options).map_err(|problem| problem.at(path))
}

fn choice((fit, test): (Set, Option<Set>), options: &OpenOptions) -> Result<Choice, Problem> {
    let mut guesses = Vec::new();
    let (fit, test) = match split_column(options) {
        Some(name) if test.is_none() => {
            let split = parts_of(&fit, name)?;
            by_parts(fit, &split, options, &mut guesses)?
        }
        _ => (fit, test),
    };
    let (fit, test) = meet((fit, test), options, &mut guesses)?;
    Ok(Choice { fit: fit.stored, test: test.map(|test| test.stored), guesses })
}

/// The column that tells val from test, if a flag names one.
pub(super) fn split_column(options: &OpenOptions) -> Option<&str> {
    let split = options.split.as_ref()?;
    split.values.is_empty().then_some(split.column.as_str())
}

fn parts_of(all: &Set, name: &str) -> Result<Vec<Option<PartName>>, Problem> {
    let carried = all.carried();
    let column = carried.column(name).ok_or_else(|| no_column("--split", name, carried))?;
    let part = |row| PartName::parse(&column.values.shown(row)?);
    Ok((0..all.n_rows()).map(part).collect())
}
