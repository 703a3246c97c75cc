//! Columns of numbers, or of numbers written as text, to the numbers that scores are read as.

use std::borrow::Cow;

use polars::prelude::{
    ChunkedArray, DataType, Float32Type, Float64Type, PolarsNumericType, PolarsResult, Series,
};

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::picked::BadRows;
use super::guard::guard;
use crate::data::Values;

/// A number type that scores are read as.
pub(super) trait Number: Copy + Default + Send + Sync + std::str::FromStr + 'static {
    type Polars: PolarsNumericType<Native = Self>;
    const DATA_TYPE: DataType;

    /// The numbers of a column of this type.
    fn chunks(series: &Series) -> PolarsResult<&ChunkedArray<Self::Polars>>;

    /// The buffer in `values` if it is one of this type, without scores.
    fn buffer(values: Values) -> Vec<Self>;

    fn values(buffer: Vec<Self>) -> Values;
}

impl Number for f32 {
    type Polars = Float32Type;
    const DATA_TYPE: DataType = DataType::Float32;

    fn chunks(series: &Series) -> PolarsResult<&ChunkedArray<Float32Type>> {
        series.f32()
    }

    fn buffer(values: Values) -> Vec<Self> {
        let mut buffer = super::super::raw::f32_buffer(values);
        buffer.clear();
        buffer
    }

    fn values(buffer: Vec<Self>) -> Values {
        Values::F32(buffer)
    }
}

impl Number for f64 {
    type Polars = Float64Type;
    const DATA_TYPE: DataType = DataType::Float64;

    fn chunks(series: &Series) -> PolarsResult<&ChunkedArray<Float64Type>> {
        series.f64()
    }

    fn buffer(values: Values) -> Vec<Self> {
        let mut buffer = super::super::raw::f64_buffer(values);
        buffer.clear();
        buffer
    }

    fn values(buffer: Vec<Self>) -> Values {
        Values::F64(buffer)
    }
}

/// True if scores stored as `dtype` are read as f32.
pub(super) fn is_narrow(dtype: Dtype) -> bool {
    super::super::raw::read_size(dtype) == size_of::<f32>()
}

/// A column whose cells are to be numbers, and what is said of those that are none.
pub(super) struct Cells<'a> {
    pub(super) series: &'a Series,
    pub(super) name: &'a str,
    /// The row of the first cell, for messages.
    pub(super) first_row: usize,
}

/// One column as numbers: borrowed where it is stored so, without a missing cell and in one chunk. A
/// missing or unreadable cell is bad and 0 until the whole table is refused.
pub(super) fn decode<'a, T: Number>(
    cells: &Cells<'a>,
    bad: &mut BadRows,
) -> Result<Cow<'a, [T]>, Problem> {
    let series = cells.series;
    if series.dtype() == &DataType::String {
        return parse(cells, bad).map(Cow::Owned);
    }
    if series.dtype() == &T::DATA_TYPE && series.null_count() == 0 {
        let numbers = guard(|| T::chunks(series))?;
        let mut views = numbers.data_views();
        if let (1, Some(all)) = (numbers.chunks().len(), views.next()) {
            return Ok(Cow::Borrowed(all));
        }
    }
    let numbers = guard(|| series.cast(&T::DATA_TYPE))?;
    let numbers = guard(|| T::chunks(&numbers))?;
    let mut out = Vec::with_capacity(series.len());
    if numbers.null_count() == 0 {
        numbers.data_views().for_each(|v| out.extend_from_slice(v));
        return Ok(Cow::Owned(out));
    }
    for (row, value) in (cells.first_row..).zip(numbers.iter()) {
        if value.is_none() {
            bad.add(row, || bad_cell(cells.name, None));
        }
        out.push(value.unwrap_or_default());
    }
    Ok(Cow::Owned(out))
}

fn parse<T: Number>(cells: &Cells<'_>, bad: &mut BadRows) -> Result<Vec<T>, Problem> {
    let texts = guard(|| cells.series.str())?;
    let mut out = Vec::with_capacity(texts.len());
    for (row, text) in (cells.first_row..).zip(texts.iter()) {
        let value = text.and_then(|text| text.trim().parse().ok());
        if value.is_none() {
            bad.add(row, || bad_cell(cells.name, text));
        }
        out.push(value.unwrap_or_default());
    }
    Ok(out)
}

/// What is said of a cell that is no number.
pub(super) fn bad_cell(name: &str, text: Option<&str>) -> String {
    match text {
        Some(text) if !text.trim().is_empty() => {
            format!("column {name}: \"{text}\" is not a number")
        }
        _ => format!("column {name}: the value is missing"),
    }
}
