//! A column of lists of numbers to rows of scores.

use polars::prelude::{Column as Cells, DataType, Series};

use super::super::error::Problem;
use super::super::picked::BadRows;
use super::batches::guard;
use super::cells::{Number, decode};

/// Appends a column of lists: all numbers at once if every list has the length of the first and holds
/// numbers alone, else list by list, so that the message can name the row.
pub(super) fn push_lists<T: Number>(
    out: &mut Vec<T>,
    column: &Cells,
    name: &str,
    n_cols: &mut usize,
    (first_row, bad): (usize, &mut BadRows),
) -> Result<(), Problem> {
    let start = out.len();
    if push_equal_lists(out, column, n_cols, first_row)? {
        return Ok(());
    }
    out.truncate(start);
    push_each_list(out, column, name, n_cols, (first_row, bad))
}

/// Returns whether all lists could be appended.
fn push_equal_lists<T: Number>(
    out: &mut Vec<T>,
    column: &Cells,
    n_cols: &mut usize,
    first_row: usize,
) -> Result<bool, Problem> {
    let Some((items, runs)) = runs(column)? else {
        return Ok(false);
    };
    let first = runs.iter().find_map(|(_, lengths)| lengths.first());
    if *n_cols == 0 && first_row == 0 {
        *n_cols = first.copied().unwrap_or(0);
    }
    for (start, lengths) in runs {
        if lengths.iter().any(|n| n != n_cols) {
            return Ok(false);
        }
        let items = items.slice(start, lengths.len() * *n_cols);
        let (values, bad) = decode::<T>(&items, "", 0)?;
        if bad.first().is_some() {
            return Ok(false);
        }
        out.extend(values);
    }
    Ok(true)
}

/// Where in the items the lists of one chunk start, and how long they are.
type Run = (i64, Vec<usize>);

/// The items of all lists in a row, and the runs of lists in them; `None` if a list is missing.
fn runs(column: &Cells) -> Result<Option<(Series, Vec<Run>)>, Problem> {
    let series = column.as_materialized_series();
    if series.null_count() > 0 {
        return Ok(None);
    }
    guard(|| {
        if let DataType::Array(_, width) = series.dtype() {
            return Ok(Some((
                series.array()?.get_inner(),
                vec![(0, vec![*width; series.len()])],
            )));
        }
        let lists = series.list()?;
        let (mut runs, mut n_before) = (Vec::new(), 0);
        for chunk in lists.downcast_iter() {
            let offsets = chunk.offsets();
            runs.push((n_before + offsets.first(), offsets.lengths().collect()));
            n_before += i64::try_from(chunk.values().len()).unwrap_or(i64::MAX);
        }
        Ok(Some((lists.get_inner(), runs)))
    })
}

fn push_each_list<T: Number>(
    out: &mut Vec<T>,
    column: &Cells,
    name: &str,
    n_cols: &mut usize,
    (first_row, bad): (usize, &mut BadRows),
) -> Result<(), Problem> {
    for i in 0..column.len() {
        let row = first_row + i;
        let list = row_of(column, i)?;
        let Some(list) = list else {
            bad.add(row, || format!("column {name}: the list is missing"));
            out.resize(out.len() + *n_cols, T::default());
            continue;
        };
        if *n_cols == 0 && row == 0 {
            *n_cols = list.len();
        }
        if list.len() != *n_cols {
            let (n, expected) = (list.len(), *n_cols);
            bad.add(row, || {
                format!("column {name}: the list holds {n} numbers and the first row {expected}")
            });
            out.resize(out.len() + *n_cols, T::default());
            continue;
        }
        let (values, bad_values) = decode::<T>(&list, name, 0)?;
        if let Some((item, what)) = bad_values.first() {
            bad.add(row, || format!("item {} of {what}", item + 1));
        }
        out.extend(values);
    }
    Ok(())
}

/// The list in row `i`, or `None` if it is missing.
fn row_of(column: &Cells, i: usize) -> Result<Option<Series>, Problem> {
    let series = column.as_materialized_series();
    guard(|| match series.dtype() {
        DataType::Array(..) => Ok(series.array()?.get_as_series(i)),
        _ => Ok(series.list()?.get_as_series(i)),
    })
}
