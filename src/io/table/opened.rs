//! What every reader of tables gives: the columns, and how their rows are read.

use polars::prelude::{DataType, Schema};

use super::super::array::Dtype;
use super::columns::{Column, ColumnType};
use super::csv_rows::CsvRows;
use super::frames::Frames;
use super::ndjson::JsonRows;

/// A table that was opened and whose rows were not read yet.
pub(in crate::io) struct TableFile {
    pub(in crate::io) columns: Vec<Column>,
    /// False if the file has no header.
    pub(super) has_names: bool,
    /// Lines before the first row.
    pub(super) n_lines_before: usize,
    pub(in crate::io) format: &'static str,
    /// True if numbers are written as text.
    pub(super) is_text: bool,
    pub(super) body: Body,
}

/// How rows are read.
pub(super) enum Body {
    /// Piece by piece, in any order, some columns at a time.
    Frames(Box<dyn Frames>),
    /// From the start, all columns at once.
    Csv(CsvRows),
    Json(JsonRows),
}

/// A table whose types are known.
pub(super) fn typed(format: &'static str, schema: &Schema, body: Body) -> TableFile {
    let columns = schema
        .iter()
        .map(|(name, dtype)| Column { name: name.to_string(), ty: column_type(dtype) });
    TableFile {
        columns: columns.collect(),
        has_names: true,
        n_lines_before: 0,
        format,
        is_text: format == "ndjson",
        body,
    }
}

impl TableFile {
    /// The stored type of the scores in column `idx`.
    pub(super) fn dtype_of(&self, idx: usize) -> Dtype {
        match &self.columns[idx].ty {
            ColumnType::Float { dtype, .. } | ColumnType::List { dtype, .. } if !self.is_text => {
                *dtype
            }
            _ => Dtype::F64,
        }
    }
}

pub(super) fn column_type(dtype: &DataType) -> ColumnType {
    match dtype {
        DataType::Boolean => ColumnType::Bool,
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) => ColumnType::Text,
        DataType::List(inner) => list_type(inner, None, dtype),
        DataType::Array(inner, width) => list_type(inner, Some(*width), dtype),
        DataType::Struct(fields) if fields.iter().all(|f| f.dtype().is_numeric()) => {
            ColumnType::Record(fields.iter().map(|f| f.name().to_string()).collect())
        }
        _ => match (float_type(dtype), dtype.is_integer()) {
            (Some(dtype), _) => ColumnType::Float { dtype, whole: false },
            (None, true) => ColumnType::Int,
            (None, false) => ColumnType::Other(dtype.to_string()),
        },
    }
}

fn list_type(inner: &DataType, width: Option<usize>, whole: &DataType) -> ColumnType {
    match float_type(inner) {
        Some(dtype) => ColumnType::List { dtype, width },
        None if inner.is_integer() || inner.is_bool() => ColumnType::IntList,
        None => ColumnType::Other(whole.to_string()),
    }
}

fn float_type(dtype: &DataType) -> Option<Dtype> {
    match dtype {
        DataType::Float16 => Some(Dtype::F16),
        DataType::Float32 => Some(Dtype::F32),
        DataType::Float64 | DataType::Decimal(..) => Some(Dtype::F64),
        _ => None,
    }
}
