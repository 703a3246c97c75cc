//! One table file: its columns, how its rows are counted, and how they are read.

use std::io::Read;
use std::path::Path;

use polars::prelude::{DataType, Schema};

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::sniff::{Format, SNIFF_BYTES, is_compressed, sniff};
use super::bytes::Bytes;
use super::columns::{Column, ColumnType};
use super::csv_rows::CsvRows;
use super::frames::Frames;
use super::ndjson::JsonRows;
use super::text::Text;
use super::{csv, filtered, ipc, ndjson, parquet};

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

/// Opens the bytes of a table.
pub(in crate::io) fn open_bytes(bytes: Vec<u8>, format: Format) -> Result<TableFile, Problem> {
    open(Bytes::Memory(bytes.into()), format)
}

/// Opens a file, told by its first bytes.
pub(super) fn open_path(path: &Path) -> Result<TableFile, Problem> {
    let open_path = || {
        let bytes = Bytes::of_file(path)?;
        let mut head = Vec::new();
        bytes.reader()?.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
        let format = sniff(&head)?;
        if matches!(format, Format::ArrowFile | Format::ArrowStream) {
            filtered::refuse(path)?;
        }
        open(bytes, format)
    };
    open_path().map_err(|p| p.within(path))
}

pub(super) fn open(bytes: Bytes, format: Format) -> Result<TableFile, Problem> {
    match format {
        Format::Parquet => parquet::open(bytes),
        Format::ArrowFile => ipc::open_file(bytes),
        Format::ArrowStream => ipc::open_stream(bytes),
        Format::Ndjson => ndjson::open(Text::new(bytes, false)?),
        Format::Text => open_text(bytes),
        Format::Npy
        | Format::Zip
        | Format::Safetensors
        | Format::TorchLegacy
        | Format::Pickle
        | Format::Hdf5
        | Format::Kld => Err(Problem::new("an array file is not a table")),
    }
}

/// The lines of a file of text, unpacked if need be.
pub(in crate::io) fn text_of(path: &Path) -> Result<Text, Problem> {
    Text::new(Bytes::of_file(path)?, false)
}

/// The lines of text in memory.
pub(in crate::io) fn text_in(bytes: &[u8]) -> Result<Text, Problem> {
    Text::new(Bytes::Memory(bytes.into()), false)
}

/// Text is what is in it once it is unpacked.
fn open_text(bytes: Bytes) -> Result<TableFile, Problem> {
    match unpacked_format(&bytes)? {
        Format::Ndjson => ndjson::open(Text::new(bytes, false)?),
        Format::Text => csv::open(Text::new(bytes, true)?),
        _ => Err(Problem::new("a packed file that is no text cannot be read")
            .hint("unpack it first: `gunzip FILE`, or `unzstd FILE`")),
    }
}

pub(super) fn unpacked_format(bytes: &Bytes) -> Result<Format, Problem> {
    let head = Text::new(bytes.clone(), false)?.head(SNIFF_BYTES)?;
    if is_compressed(&head) {
        return Err(Problem::new("the file is packed twice").hint("unpack it first"));
    }
    if head.is_empty() {
        return Ok(Format::Text);
    }
    sniff(&head)
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
