//! Columns of any type beside tables of numbers: see [`super::number_files`].

use polars::prelude::{Column as Cells, DataType, NamedFrom, PlSmallStr, Schema, Series};

use super::super::error::Problem;
use super::guard::guard;
use crate::data::{CarriedColumn, CarriedValues};

/// The column as it is written: what is missing is null, but for a number, which is NaN.
pub(super) fn cells(column: &CarriedColumn) -> Cells {
    let name = PlSmallStr::from(column.name.as_str());
    let series = match &column.values {
        CarriedValues::Whole(whole) => {
            let cell = |v: &i64| (*v != CarriedValues::MISSING).then_some(*v);
            Series::new(name, whole.iter().map(cell).collect::<Vec<_>>())
        }
        CarriedValues::Numbers(numbers) => Series::new(name, numbers),
        CarriedValues::Text(text) => {
            let cells: Vec<Option<&str>> = (0..text.len()).map(|row| text.get(row)).collect();
            Series::new(name, cells)
        }
    };
    series.into()
}

/// Where the columns are in a file of these `types`.
///
/// # Errors
/// If one is not there, or has another type.
pub(super) fn places(types: &Schema, columns: &[CarriedColumn]) -> Result<Vec<usize>, Problem> {
    let place = |column: &CarriedColumn| {
        let name = &column.name;
        let missing =
            || Problem::new(format!("there is no column {name}, of which its note speaks"));
        let (idx, _, dtype) = types.get_full(name.as_str()).ok_or_else(missing)?;
        let fits = match &column.values {
            CarriedValues::Whole(_) => *dtype == DataType::Int64,
            CarriedValues::Numbers(_) => *dtype == DataType::Float64,
            CarriedValues::Text(_) => *dtype == DataType::String,
        };
        let expected = column.values.type_name();
        fits.then_some(idx).ok_or_else(|| {
            Problem::new(format!("column {name} holds {dtype}, and its note says {expected}"))
        })
    };
    columns.iter().map(place).collect()
}

/// Appends the cells of `series`, which has the type that [`places`] found.
pub(super) fn append(column: &mut CarriedColumn, series: &Series) -> Result<(), Problem> {
    guard(|| {
        match &mut column.values {
            CarriedValues::Whole(out) => {
                let value = |v: Option<i64>| v.unwrap_or(CarriedValues::MISSING);
                out.extend(series.i64()?.iter().map(value));
            }
            CarriedValues::Numbers(out) => {
                out.extend(series.f64()?.iter().map(|v| v.unwrap_or(f64::NAN)));
            }
            CarriedValues::Text(out) => series.str()?.iter().for_each(|text| out.push(text)),
        }
        Ok(())
    })
}
