//! Polars columns to numbers, labels and parts, with every unusable cell named.

use polars::prelude::{
    ChunkedArray, Column as Cells, DataType, Float32Type, Float64Type, PolarsNumericType, Series,
};
use rayon::prelude::*;

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::labels;
use super::super::picked::{BadRows, RawLabels};
use super::batches::guard;
use super::lists::push_lists;
use crate::data::Values;

/// Rows that are brought from columns to row-major order together: a block stays in cache.
const BLOCK_ROWS: usize = 64;

/// Scores gathered batch by batch.
pub(super) struct ScoreSink {
    pub(super) values: Values,
    pub(super) n_cols: usize,
    pub(super) bad: BadRows,
    pub(super) n_rows: usize,
}

/// A number type that scores are stored in.
pub(super) trait Number: Copy + Default + Send + Sync + std::str::FromStr + 'static {
    type Polars: PolarsNumericType<Native = Self>;
    const DATA_TYPE: DataType;
    fn chunks(series: &Series) -> polars::prelude::PolarsResult<&ChunkedArray<Self::Polars>>;
}

impl Number for f32 {
    type Polars = Float32Type;
    const DATA_TYPE: DataType = DataType::Float32;
    fn chunks(series: &Series) -> polars::prelude::PolarsResult<&ChunkedArray<Float32Type>> {
        series.f32()
    }
}

impl Number for f64 {
    type Polars = Float64Type;
    const DATA_TYPE: DataType = DataType::Float64;
    fn chunks(series: &Series) -> polars::prelude::PolarsResult<&ChunkedArray<Float64Type>> {
        series.f64()
    }
}

impl ScoreSink {
    /// For numbers stored as `dtype`; `n_cols` is 0 where the first row will tell.
    pub(super) fn new(dtype: Dtype, n_cols: usize) -> Self {
        let narrow = matches!(dtype, Dtype::F16 | Dtype::Bf16 | Dtype::F32);
        let values = if narrow {
            Values::F32(Vec::new())
        } else {
            Values::F64(Vec::new())
        };
        Self {
            values,
            n_cols,
            bad: BadRows::default(),
            n_rows: 0,
        }
    }

    /// Appends one batch of wide columns.
    pub(super) fn push_wide(
        &mut self,
        columns: &[&Cells],
        names: &[String],
    ) -> Result<(), Problem> {
        let first_row = self.n_rows;
        let bad = match &mut self.values {
            Values::F32(out) => push_wide(out, columns, names, first_row),
            Values::F64(out) => push_wide(out, columns, names, first_row),
        }?;
        self.bad.merge(bad);
        self.n_rows += columns.first().map_or(0, |c| c.len());
        Ok(())
    }

    /// Appends one batch of a column of lists.
    pub(super) fn push_lists(&mut self, column: &Cells, name: &str) -> Result<(), Problem> {
        let n_cols = &mut self.n_cols;
        let (first_row, bad) = (self.n_rows, &mut self.bad);
        match &mut self.values {
            Values::F32(out) => push_lists(out, column, name, n_cols, (first_row, bad)),
            Values::F64(out) => push_lists(out, column, name, n_cols, (first_row, bad)),
        }?;
        self.n_rows += column.len();
        Ok(())
    }
}

fn push_wide<T: Number>(
    out: &mut Vec<T>,
    columns: &[&Cells],
    names: &[String],
    first_row: usize,
) -> Result<BadRows, Problem> {
    let decoded: Vec<(Vec<T>, BadRows)> = columns
        .par_iter()
        .zip(names)
        .map(|(column, name)| decode(column.as_materialized_series(), name, first_row))
        .collect::<Result<_, _>>()?;
    let n_rows = decoded.first().map_or(0, |(v, _)| v.len());
    let n_cols = decoded.len();
    let start = out.len();
    out.resize(start + n_rows * n_cols, T::default());
    out[start..]
        .par_chunks_mut(BLOCK_ROWS * n_cols.max(1))
        .enumerate()
        .for_each(|(block, out)| {
            for (col, (values, _)) in decoded.iter().enumerate() {
                let values = &values[block * BLOCK_ROWS..];
                let cells = out.iter_mut().skip(col).step_by(n_cols);
                cells.zip(values).for_each(|(cell, v)| *cell = *v);
            }
        });
    let mut bad = BadRows::default();
    for (_, more) in decoded {
        bad.merge(more);
    }
    Ok(bad)
}

/// One column as numbers. Text is parsed; a missing or unreadable cell is bad and becomes 0 until the
/// whole table is refused.
pub(super) fn decode<T: Number>(
    series: &Series,
    name: &str,
    first_row: usize,
) -> Result<(Vec<T>, BadRows), Problem> {
    let mut bad = BadRows::default();
    let mut row = first_row;
    let mut missing = |row: usize| bad_cell(&mut bad, row, name, None);
    let mut out = Vec::with_capacity(series.len());
    if series.dtype() == &DataType::String {
        let mut texts = Vec::new();
        for text in guard(|| series.str())?.iter() {
            match text.map(|t| (t, t.trim().parse::<T>())) {
                Some((_, Ok(value))) => out.push(value),
                other => {
                    texts.push((row, other.map(|(t, _)| t.to_owned())));
                    out.push(T::default());
                }
            }
            row += 1;
        }
        for (row, text) in texts {
            bad_cell(&mut bad, row, name, text.as_deref());
        }
        return Ok((out, bad));
    }
    let numbers = guard(|| series.cast(&T::DATA_TYPE))?;
    let numbers = guard(|| T::chunks(&numbers))?;
    if numbers.null_count() == 0 {
        for chunk in numbers.data_views() {
            out.extend_from_slice(chunk);
        }
        return Ok((out, bad));
    }
    for value in numbers.iter() {
        if value.is_none() {
            missing(row);
        }
        out.push(value.unwrap_or_default());
        row += 1;
    }
    Ok((out, bad))
}

fn bad_cell(bad: &mut BadRows, row: usize, name: &str, text: Option<&str>) {
    bad.add(row, || match text {
        Some(text) if !text.trim().is_empty() => {
            format!("column {name}: \"{text}\" is not a number")
        }
        _ => format!("column {name}: the value is missing"),
    });
}

/// Labels gathered batch by batch.
#[derive(Default)]
pub(super) struct LabelSink {
    labels: Option<RawLabels>,
    pub(super) bad: BadRows,
    n_rows: usize,
}

impl LabelSink {
    /// Appends one batch.
    pub(super) fn push(&mut self, column: &Cells, name: &str) -> Result<(), Problem> {
        let first_row = self.n_rows;
        self.n_rows += column.len();
        let series = column.as_materialized_series();
        let more = match series.dtype() {
            DataType::List(_) | DataType::Array(..) => RawLabels::Whole(one_hot(column, name)?),
            DataType::String | DataType::Categorical(..) | DataType::Enum(..) => {
                RawLabels::Text(self.texts(series, name, first_row)?)
            }
            _ => RawLabels::Whole(self.whole(series, name, first_row)?),
        };
        match (&mut self.labels, more) {
            (Some(RawLabels::Whole(all)), RawLabels::Whole(more)) => all.extend(more),
            (Some(RawLabels::Text(all)), RawLabels::Text(more)) => all.extend(more),
            (labels @ None, more) => *labels = Some(more),
            _ => {
                return Err(Problem::new(format!(
                    "column {name}: the type of the labels changes"
                )));
            }
        }
        Ok(())
    }

    /// All labels; none if there was no batch.
    pub(super) fn finish(self) -> RawLabels {
        self.labels.unwrap_or(RawLabels::Whole(Vec::new()))
    }

    fn texts(
        &mut self,
        series: &Series,
        name: &str,
        first_row: usize,
    ) -> Result<Vec<String>, Problem> {
        let series = guard(|| series.cast(&DataType::String))?;
        let texts = guard(|| series.str())?;
        let mut out = Vec::with_capacity(series.len());
        for (row, text) in (first_row..).zip(texts.iter()) {
            if text.is_none_or(|t| t.trim().is_empty()) {
                self.bad
                    .add(row, || format!("column {name}: the label is missing"));
            }
            out.push(text.unwrap_or_default().to_owned());
        }
        Ok(out)
    }

    fn whole(
        &mut self,
        series: &Series,
        name: &str,
        first_row: usize,
    ) -> Result<Vec<i64>, Problem> {
        let floats = series.dtype().is_float();
        let numbers = guard(|| {
            let target = if floats {
                DataType::Float64
            } else {
                DataType::Int64
            };
            series.strict_cast(&target)
        })?;
        let stored: Vec<Option<Result<i64, f64>>> = guard(|| {
            let whole = |v| labels::as_whole(v).ok_or(v);
            Ok(if floats {
                numbers.f64()?.iter().map(|v| v.map(whole)).collect()
            } else {
                numbers.i64()?.iter().map(|v| v.map(Ok)).collect()
            })
        })?;
        let mut out = Vec::with_capacity(stored.len());
        for (row, value) in (first_row..).zip(stored) {
            match value {
                Some(Err(v)) => self
                    .bad
                    .add(row, || format!("column {name}: {v} is no whole number")),
                None => self
                    .bad
                    .add(row, || format!("column {name}: the label is missing")),
                Some(Ok(_)) => {}
            }
            out.push(value.and_then(Result::ok).unwrap_or(0));
        }
        Ok(out)
    }
}

/// A column of one-hot lists as class numbers.
fn one_hot(column: &Cells, name: &str) -> Result<Vec<i64>, Problem> {
    let mut sink = ScoreSink::new(Dtype::F64, 0);
    sink.push_lists(column, name)?;
    sink.bad.check(&super::super::picked::RowNames::default())?;
    let whole = labels::whole_numbers(name, &sink.values)?;
    labels::from_one_hot(name, &whole, sink.n_cols)
}

/// The words of a column, empty where missing.
pub(super) fn words(column: &Cells) -> Result<Vec<String>, Problem> {
    let series = guard(|| column.as_materialized_series().cast(&DataType::String))?;
    let texts = guard(|| series.str())?;
    Ok(texts
        .iter()
        .map(|t| t.unwrap_or_default().to_owned())
        .collect())
}
