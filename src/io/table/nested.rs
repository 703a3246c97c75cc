//! Columns of types around other types: what Hugging Face `datasets` calls `Array2D` is stored as lists of lists under
//! an extension type, and a list with one list of scores in it is a row of scores.

use polars::prelude::{ArrowSchema, DataType, Schema, Series};
use polars_arrow::datatypes::ArrowDataType;

use super::super::error::Problem;
use super::super::picked::grouped;
use super::guard::guard;
use super::lists;

/// Puts the types that extension types are stored as in their places: polars knows no extension type.
pub(super) fn unwrap_extensions(schema: &mut ArrowSchema) {
    for field in schema.iter_values_mut() {
        if let ArrowDataType::Extension(extension) = &field.dtype {
            field.dtype = extension.inner.to_storage_recursive();
        }
    }
}

/// The types of columns as [`flat`] gives them.
pub(super) fn flat_types(mut types: Schema) -> Schema {
    for dtype in types.iter_values_mut() {
        if let Some(numbers) = numbers_within(dtype) {
            *dtype = DataType::List(Box::new(numbers.clone()));
        }
    }
    types
}

fn inner(dtype: &DataType) -> Option<&DataType> {
    match dtype {
        DataType::List(inner) | DataType::Array(inner, _) => Some(inner),
        _ => None,
    }
}

/// The type of the numbers in lists of lists of them.
fn numbers_within(dtype: &DataType) -> Option<&DataType> {
    inner(inner(dtype)?).filter(|numbers| numbers.is_float())
}

/// Lists that hold one list of scores each become these lists; all other columns stay as they are. The first row of
/// `series` is row `first_row`, counted from 0.
///
/// # Errors
/// If a row holds another number of lists than one.
pub(super) fn flat(series: Series, first_row: usize) -> Result<Series, Problem> {
    if numbers_within(series.dtype()).is_none() {
        return Ok(series);
    }
    let name = series.name().clone();
    let row = |row: usize| format!("row {}, column {name}", grouped(first_row + row + 1));
    let Some((items, runs)) = lists::runs(&series)? else {
        let missing =
            guard(|| Ok(series.is_null().iter().position(|is_null| is_null == Some(true))))?;
        return Err(Problem::new(format!("{}: the list is missing", row(missing.unwrap_or(0)))));
    };
    let (mut out, mut n_before): (Option<Series>, usize) = (None, 0);
    for (start, lengths) in runs {
        if let Some(at) = lengths.iter().position(|n| *n != 1) {
            return Err(not_one(&row(n_before + at), lengths[at]));
        }
        n_before += lengths.len();
        let part = items.slice(start, lengths.len());
        out = Some(match out {
            None => part,
            Some(mut all) => {
                guard(|| all.append_owned(part).map(|_| ()))?;
                all
            }
        });
    }
    let flat = out.unwrap_or_else(|| items.slice(0, 0));
    let numbers = inner(flat.dtype()).cloned().unwrap_or(DataType::Float64);
    let flat = guard(|| flat.cast(&DataType::List(Box::new(numbers))))?;
    Ok(flat.with_name(name))
}

fn not_one(row: &str, n_lists: usize) -> Problem {
    Problem::new(format!(
        "{row}: {} lists of numbers, and a row of scores is one",
        grouped(n_lists)
    ))
    .hint(
        "write one row for each token; or save arrays of rows, tokens and classes: \
         `np.savez(\"logits.npz\", logits=logits, labels=labels)`",
    )
}
