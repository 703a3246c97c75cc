//! A column of lists of numbers to rows of scores.

use polars::prelude::{DataType, Series};

use super::super::error::Problem;
use super::super::picked::BadRows;
use super::guard::guard;
pub(super) use super::numbers::Cells;
use super::numbers::{Number, decode};

/// The length of the first list of a column; 0 if there is none.
pub(super) fn width(series: &Series) -> Result<usize, Problem> {
    if let DataType::Array(_, width) = series.dtype() {
        return Ok(*width);
    }
    let first = (!series.is_empty()).then(|| row_of(series, 0)).transpose()?;
    Ok(first.flatten().map_or(0, |list| list.len()))
}

/// Appends a column of lists of `n_cols` numbers: all at once if every list has that length and holds
/// numbers alone, else list by list, so that the message can name the row.
pub(super) fn push_lists<T: Number>(
    out: &mut Vec<T>,
    lists: &Cells<'_>,
    n_cols: usize,
    bad: &mut BadRows,
) -> Result<(), Problem> {
    let start = out.len();
    if push_equal_lists(out, lists.series, n_cols)? {
        return Ok(());
    }
    out.truncate(start);
    push_each_list(out, lists, n_cols, bad)
}

/// Returns whether all lists could be appended.
fn push_equal_lists<T: Number>(
    out: &mut Vec<T>,
    series: &Series,
    n_cols: usize,
) -> Result<bool, Problem> {
    let Some((items, runs)) = runs(series)? else {
        return Ok(false);
    };
    for (start, lengths) in runs {
        if lengths.iter().any(|n| *n != n_cols) {
            return Ok(false);
        }
        let items = items.slice(start, lengths.len() * n_cols);
        let mut bad = BadRows::default();
        let values = decode::<T>(&nameless(&items), &mut bad)?;
        if bad.first().is_some() {
            return Ok(false);
        }
        out.extend_from_slice(&values);
    }
    Ok(true)
}

/// Cells of a list, whose place in it is what a message counts.
fn nameless(items: &Series) -> Cells<'_> {
    Cells { series: items, name: "", first_row: 0 }
}

/// Where in the items the lists of one chunk start, and how long they are.
pub(super) type Run = (i64, Vec<usize>);

/// The items of all lists in a row, and the runs of lists in them; `None` if a list is missing.
pub(super) fn runs(series: &Series) -> Result<Option<(Series, Vec<Run>)>, Problem> {
    if series.null_count() > 0 {
        return Ok(None);
    }
    guard(|| {
        if let DataType::Array(_, width) = series.dtype() {
            let lengths = vec![*width; series.len()];
            return Ok(Some((series.array()?.get_inner(), vec![(0, lengths)])));
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
    lists: &Cells<'_>,
    n_cols: usize,
    bad: &mut BadRows,
) -> Result<(), Problem> {
    let name = lists.name;
    for i in 0..lists.series.len() {
        let row = lists.first_row + i;
        let end = out.len() + n_cols;
        match row_of(lists.series, i)? {
            None => bad.add(row, || format!("column {name}: the list is missing")),
            Some(list) if list.len() != n_cols => bad.add(row, || {
                let n = list.len();
                format!("column {name}: the list holds {n} numbers and the first row {n_cols}")
            }),
            Some(list) => {
                let mut bad_items = BadRows::default();
                let cells = Cells { name, ..nameless(&list) };
                out.extend_from_slice(&decode::<T>(&cells, &mut bad_items)?);
                if let Some((item, what)) = bad_items.first() {
                    bad.add(row, || format!("item {} of {what}", item + 1));
                }
            }
        }
        out.resize(end, T::default());
    }
    Ok(())
}

/// The list in row `i`, or `None` if it is missing.
fn row_of(series: &Series, i: usize) -> Result<Option<Series>, Problem> {
    guard(|| match series.dtype() {
        DataType::Array(..) => Ok(series.array()?.get_as_series(i)),
        _ => Ok(series.list()?.get_as_series(i)),
    })
}
