//! One table file: its query, its columns, and how its rows are counted.

use std::path::Path;

use polars::prelude::{DataType, LazyFrame, PlSmallStr, ScanSources};

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::sniff::Format;
use super::batches::guard;
use super::columns::{Column, ColumnType};
use super::{csv, ipc, ndjson, parquet};

/// A table that was opened and not read yet.
pub(in crate::io) struct TableFile {
    /// The query for all rows and columns.
    pub(super) frame: LazyFrame,
    pub(in crate::io) columns: Vec<Column>,
    /// The name in the query of each column.
    pub(super) query_names: Vec<PlSmallStr>,
    /// False if the file has no header.
    pub(super) has_names: bool,
    /// Lines before the first row.
    pub(super) n_lines_before: usize,
    pub(in crate::io) format: &'static str,
    /// True if numbers are written as text.
    pub(super) is_text: bool,
    /// Finds the row that polars complains about.
    pub(super) explain: Explain,
}

/// How to say more than polars does when it refuses a file.
pub(super) enum Explain {
    /// Polars says enough.
    Nothing,
    /// CSV: look for a row with too many cells.
    LongRow(csv::LongRows),
    /// NDJSON: look for a line that is no JSON object.
    Json(ScanSources),
}

/// Opens the bytes of a table.
pub(in crate::io) fn open(bytes: Vec<u8>, format: Format) -> Result<TableFile, Problem> {
    match format {
        Format::Parquet => parquet::open(bytes),
        Format::ArrowFile => ipc::open_file(bytes),
        Format::ArrowStream => ipc::open_stream(bytes),
        Format::Ndjson => ndjson::open(bytes),
        Format::Text => csv::open(bytes),
        Format::Npy
        | Format::Zip
        | Format::Safetensors
        | Format::TorchLegacy
        | Format::Pickle
        | Format::Hdf5 => Err(Problem::new("an array file is not a table")),
    }
}

/// Polars reads from memory: see `slurp` for why files are not mapped.
pub(super) fn in_memory(bytes: Vec<u8>) -> ScanSources {
    ScanSources::Buffers([bytes.into()].into())
}

impl TableFile {
    /// A table whose types polars knows.
    pub(super) fn typed(format: &'static str, frame: LazyFrame) -> Result<Self, Problem> {
        let mut frame = frame;
        let schema = guard(|| frame.collect_schema())?;
        let query_names: Vec<PlSmallStr> = schema.iter_names().cloned().collect();
        let columns = schema.iter().map(|(name, dtype)| Column {
            name: name.to_string(),
            ty: column_type(dtype),
        });
        Ok(Self {
            columns: columns.collect(),
            query_names,
            frame,
            has_names: true,
            n_lines_before: 0,
            format,
            is_text: format == "ndjson",
            explain: Explain::Nothing,
        })
    }

    /// A better message than `problem`, if there is one.
    pub(super) fn explain(&self, problem: Problem) -> Problem {
        match &self.explain {
            _ if problem.is_cancelled() => problem,
            Explain::Nothing => problem,
            Explain::LongRow(rows) => rows.explain(problem),
            Explain::Json(sources) => ndjson::explain(sources, problem),
        }
    }

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
            (Some(dtype), _) => ColumnType::Float {
                dtype,
                whole: false,
            },
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

/// Reads and opens a file.
pub(super) fn open_path(
    path: &Path,
    watch: &mut super::super::progress::Watch<'_>,
) -> Result<TableFile, Problem> {
    let open = || {
        let bytes = super::super::slurp::whole(path, watch)?;
        let format = super::super::sniff::sniff(
            &bytes[..bytes.len().min(super::super::sniff::SNIFF_BYTES)],
        )?;
        open(bytes, format)
    };
    let mut open = open;
    open().map_err(|p| p.within(path))
}
