//! Rows of a data set that belong together: `--rows`, and the val and test part.

use std::sync::Arc;

use super::error::Problem;
use super::picked::{Picked, RawLabels, Scores, grouped};
use super::views::{Chain, ListView, RangeView};
use super::{RowRange, soft_labels};
use crate::data::Values;

/// The rows of `first`, then those of `second`.
pub(super) fn concat(first: Picked, second: Picked) -> Result<Picked, Problem> {
    let raw = Chain::new(vec![first.scores.raw, second.scores.raw])?;
    let counts = (first.labels.len(), second.labels.len());
    let rows = first.rows.then(counts.0, (&second.rows, counts.1));
    let labels = labels(first.labels, second.labels)?;
    Ok(Picked {
        scores: Scores { raw: Arc::new(raw), ..first.scores },
        labels,
        rows,
        carried: first.carried.concat(&second.carried),
    })
}

/// The rows of all `level`, one after the other.
///
/// # Errors
/// If there is none, or they do not fit together.
pub(super) fn chained(mut level: Vec<Picked>) -> Result<Picked, Problem> {
    if level.len() == 1 {
        return level.pop().ok_or_else(no_file);
    }
    let raws = level.iter().map(|part| part.scores.raw.clone()).collect();
    let raw = Arc::new(Chain::new(raws)?);
    // Labels and columns are joined two by two, so that each is copied a few times and not once for every file.
    while level.len() > 1 {
        let mut next = Vec::with_capacity(level.len().div_ceil(2));
        let mut pairs = level.into_iter();
        while let Some(one) = pairs.next() {
            next.push(match pairs.next() {
                Some(other) => concat(one, other)?,
                None => one,
            });
        }
        level = next;
    }
    let all = level.pop().ok_or_else(no_file)?;
    Ok(Picked { scores: Scores { raw, ..all.scores }, ..all })
}

fn no_file() -> Problem {
    Problem::new("there is no file to read")
}

/// Labels of both parts.
fn labels(first: RawLabels, second: RawLabels) -> Result<RawLabels, Problem> {
    Ok(match (first, second) {
        (RawLabels::Whole(a), RawLabels::Whole(b)) => {
            RawLabels::Whole(a.into_iter().chain(b).collect())
        }
        (RawLabels::Text(a), RawLabels::Text(b)) => {
            RawLabels::Text(a.into_iter().chain(b).collect())
        }
        (
            RawLabels::Entries { cells, n_labels },
            RawLabels::Entries { cells: more, n_labels: n },
        ) if n_labels == n => {
            RawLabels::Entries { cells: cells.into_iter().chain(more).collect(), n_labels }
        }
        (a @ RawLabels::Soft { .. }, b) | (a, b @ RawLabels::Soft { .. }) => soft(a, b)?,
        (RawLabels::Entries { .. }, _) | (_, RawLabels::Entries { .. }) => {
            return Err(Problem::new("one part has several labels a row, and the other has not")
                .hint("--part val or --part test"));
        }
        // One part has no labels, or numbers that are the names of classes.
        (RawLabels::Whole(a), RawLabels::Text(b)) => RawLabels::Text(texts(&a).chain(b).collect()),
        (RawLabels::Text(a), RawLabels::Whole(b)) => {
            RawLabels::Text(a.into_iter().chain(texts(&b)).collect())
        }
    })
}

/// The same where those of one part are probabilities at least.
fn soft(first: RawLabels, second: RawLabels) -> Result<RawLabels, Problem> {
    Ok(match (first, second) {
        (RawLabels::Soft { values, n_labels }, RawLabels::Soft { values: more, n_labels: n })
            if n_labels == n =>
        {
            RawLabels::Soft { values: soft_labels::append(values, more), n_labels }
        }
        // Probabilities of class 1 in one part, of which the other has 0 and 1 alone.
        (RawLabels::Soft { values, n_labels: 1 }, RawLabels::Whole(more)) => RawLabels::Soft {
            values: soft_labels::append(values, Values::F64(soft_labels::as_numbers(&more))),
            n_labels: 1,
        },
        (RawLabels::Whole(whole), RawLabels::Soft { values: more, n_labels: 1 }) => {
            RawLabels::Soft {
                values: soft_labels::append(Values::F64(soft_labels::as_numbers(&whole)), more),
                n_labels: 1,
            }
        }
        _ => {
            return Err(Problem::new(
                "the labels of one part are rows of probabilities, and those of the other are not",
            )
            .hint("--part val or --part test"));
        }
    })
}

fn texts(whole: &[i64]) -> impl Iterator<Item = String> {
    whole.iter().map(ToString::to_string)
}

/// Rows `range` of `picked`.
pub(super) fn slice(picked: &Picked, range: RowRange) -> Result<Picked, Problem> {
    let n_rows = picked.labels.len();
    let RowRange { start, end } = range;
    if start >= end || end > n_rows {
        return Err(Problem::new(format!(
            "rows {start}..{end} do not lie within the {} rows there are",
            grouped(n_rows)
        ))
        .hint(format!("--rows 0..{n_rows} is all of them")));
    }
    if picked.scores.n_rows() != n_rows {
        // That they differ has a message of its own, which is to name all rows.
        return Ok(picked.clone());
    }
    let labels = match &picked.labels {
        RawLabels::Whole(v) => RawLabels::Whole(v[start..end].to_vec()),
        RawLabels::Text(v) => RawLabels::Text(v[start..end].to_vec()),
        RawLabels::Entries { cells, n_labels } => RawLabels::Entries {
            cells: cells[start * n_labels..end * n_labels].to_vec(),
            n_labels: *n_labels,
        },
        RawLabels::Soft { values, n_labels } => RawLabels::Soft {
            values: values.slice(start * n_labels, end * n_labels).to_values(),
            n_labels: *n_labels,
        },
    };
    Ok(Picked {
        scores: Scores {
            raw: Arc::new(RangeView::new(picked.scores.raw.clone(), start..end)),
            ..picked.scores.clone()
        },
        labels,
        rows: picked.rows.skip(start),
        carried: picked.carried.slice(start..end),
    })
}

/// The rows with these ascending indices.
pub(super) fn select(picked: &Picked, rows: &[usize]) -> Picked {
    if picked.scores.n_rows() != picked.labels.len() {
        return picked.clone();
    }
    let list: Arc<[usize]> = rows.into();
    let labels = match &picked.labels {
        RawLabels::Whole(v) => RawLabels::Whole(rows.iter().map(|r| v[*r]).collect()),
        RawLabels::Text(v) => RawLabels::Text(rows.iter().map(|r| v[*r].clone()).collect()),
        RawLabels::Entries { cells, n_labels } => {
            let row = |r: &usize| cells[r * n_labels..(r + 1) * n_labels].iter().copied();
            RawLabels::Entries { cells: rows.iter().flat_map(row).collect(), n_labels: *n_labels }
        }
        RawLabels::Soft { values, n_labels } => RawLabels::Soft {
            values: soft_labels::select(values, *n_labels, rows),
            n_labels: *n_labels,
        },
    };
    Picked {
        scores: Scores {
            raw: Arc::new(ListView::new(picked.scores.raw.clone(), list.clone())),
            ..picked.scores.clone()
        },
        labels,
        rows: picked.rows.keep(list),
        carried: picked.carried.select(rows),
    }
}
