//! Rows of a data set that belong together: `--rows`, and the val and test part.

use super::RowRange;
use super::error::Problem;
use super::picked::{Picked, RawLabels, Scores, grouped};
use crate::data::Values;

/// The rows of `first`, then those of `second`.
pub(super) fn concat(first: Picked, second: Picked) -> Result<Picked, Problem> {
    let Picked {
        mut scores,
        mut labels,
        rows,
    } = first;
    let n_cols = (scores.n_cols, second.scores.n_cols);
    if n_cols.0 != n_cols.1 {
        return Err(Problem::new(format!(
            "the parts have {} and {} columns of logits",
            n_cols.0, n_cols.1
        )));
    }
    match (&mut scores.values, second.scores.values) {
        (Values::F32(a), Values::F32(b)) => a.extend(b),
        (Values::F64(a), Values::F64(b)) => a.extend(b),
        _ => {
            return Err(Problem::new(
                "the parts store their logits in different types",
            ));
        }
    }
    match (&mut labels, second.labels) {
        (RawLabels::Whole(a), RawLabels::Whole(b)) => a.extend(b),
        (RawLabels::Text(a), RawLabels::Text(b)) => a.extend(b),
        // One part has no labels, or numbers that are the names of classes.
        (RawLabels::Whole(a), RawLabels::Text(b)) => {
            labels = RawLabels::Text(texts(a).into_iter().chain(b).collect());
        }
        (RawLabels::Text(a), RawLabels::Whole(b)) => a.extend(texts(&b)),
    }
    Ok(Picked {
        scores,
        labels,
        rows,
    })
}

fn texts(whole: &[i64]) -> Vec<String> {
    whole.iter().map(ToString::to_string).collect()
}

/// Rows `range` of `picked`.
pub(super) fn slice(picked: &Picked, range: RowRange) -> Result<Picked, Problem> {
    let n_rows = picked.labels.len();
    if range.start >= range.end || range.end > n_rows {
        return Err(Problem::new(format!(
            "rows {}..{} do not lie within the {} rows there are",
            range.start,
            range.end,
            grouped(n_rows)
        ))
        .hint(format!("--rows 0..{n_rows} is all of them")));
    }
    let rows: Vec<usize> = (range.start..range.end).collect();
    Ok(select(picked, &rows))
}

/// The rows with these indices, in this order.
pub(super) fn select(picked: &Picked, rows: &[usize]) -> Picked {
    let scores = &picked.scores;
    let n_cols = scores.n_cols;
    let values = match &scores.values {
        Values::F32(v) => Values::F32(gather(v, n_cols, rows)),
        Values::F64(v) => Values::F64(gather(v, n_cols, rows)),
    };
    let labels = match &picked.labels {
        RawLabels::Whole(v) => RawLabels::Whole(gather(v, 1, rows)),
        RawLabels::Text(v) => RawLabels::Text(gather(v, 1, rows)),
    };
    Picked {
        scores: Scores {
            values,
            name: scores.name.clone(),
            class_names: scores.class_names.clone(),
            ..*scores
        },
        labels,
        rows: picked.rows.keep(rows),
    }
}

fn gather<T: Clone>(from: &[T], width: usize, rows: &[usize]) -> Vec<T> {
    let mut out = Vec::with_capacity(rows.len() * width);
    for row in rows {
        out.extend_from_slice(&from[row * width..(row + 1) * width]);
    }
    out
}
