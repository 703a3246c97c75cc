//! NDJSON: one JSON object for each line.

use std::num::NonZeroUsize;

use polars::prelude::DataType;
use polars::prelude::{
    LazyFileListReader, LazyFrame, LazyJsonLineReader, PlSmallStr, ScanSources, Schema,
};

use super::super::array::Dtype;
use super::super::error::Problem;
use super::batches::guard;
use super::columns::{Column, ColumnType};
use super::file::{TableFile, in_memory};

/// Rows that decide on the types of the columns.
const SCHEMA_ROWS: NonZeroUsize = NonZeroUsize::new(1000).expect("1000 is not 0");

/// The tokens that Python's `json.dumps` writes for numbers that JSON does not know.
const PYTHON_TOKENS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// Infers the schema. Numbers are read as f64, or as text if Python wrote NaN or Infinity.
pub(super) fn open(bytes: Vec<u8>) -> Result<TableFile, Problem> {
    let (bytes, has_tokens) = quote_tokens(bytes);
    let sources = in_memory(bytes);
    let mut frame = scan(&sources, None)?;
    let mut schema = Schema::clone(&*guard(|| frame.collect_schema())?);
    let names: Vec<PlSmallStr> = schema.iter_names().cloned().collect();
    let mut as_text = Vec::new();
    for name in names {
        let Some(dtype) = schema.get(&name) else {
            continue;
        };
        if let Some(dtype) = widened(dtype, has_tokens) {
            schema.set_dtype(&name, dtype);
            as_text.push(name);
        }
    }
    let frame = scan(&sources, Some(schema))?;
    let mut table = TableFile::typed("ndjson", frame)?;
    if has_tokens {
        table
            .columns
            .iter_mut()
            .filter(|c| as_text.contains(&c.name.as_str().into()))
            .for_each(read_as_text);
    }
    Ok(table)
}

fn scan(sources: &ScanSources, overwrite: Option<Schema>) -> Result<LazyFrame, Problem> {
    guard(|| {
        LazyJsonLineReader::new_with_sources(sources.clone())
            .with_infer_schema_length(Some(SCHEMA_ROWS))
            .with_schema_overwrite(overwrite.map(Into::into))
            .finish()
    })
}

/// Lists whose first rows are all whole numbers may hold fractions later.
fn widened(dtype: &DataType, has_tokens: bool) -> Option<DataType> {
    let number = if has_tokens {
        DataType::String
    } else {
        DataType::Float64
    };
    match dtype {
        DataType::List(inner) if inner.is_numeric() || has_tokens => {
            Some(DataType::List(Box::new(number)))
        }
        DataType::Float64 if has_tokens => Some(number),
        _ => None,
    }
}

/// The column's numbers are text for polars, and numbers for everyone else.
fn read_as_text(column: &mut Column) {
    column.ty = match column.ty {
        ColumnType::Text => ColumnType::Float {
            dtype: Dtype::F64,
            whole: false,
        },
        _ => ColumnType::List {
            dtype: Dtype::F64,
            width: None,
        },
    };
}

/// Puts quotes around the bare tokens, so that the text is JSON. Returns whether there was one.
fn quote_tokens(bytes: Vec<u8>) -> (Vec<u8>, bool) {
    let finder = |token: &str| bytes.windows(token.len()).any(|w| w == token.as_bytes());
    if !finder("NaN") && !finder("Infinity") {
        return (bytes, false);
    }
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    let (mut in_string, mut found, mut at) = (false, false, 0);
    while at < bytes.len() {
        let byte = bytes[at];
        if in_string && byte == b'\\' {
            out.extend_from_slice(&bytes[at..(at + 2).min(bytes.len())]);
            at += 2;
            continue;
        }
        in_string ^= byte == b'"';
        let token = PYTHON_TOKENS
            .into_iter()
            .find(|t| !in_string && bytes[at..].starts_with(t.as_bytes()));
        if let Some(token) = token {
            found = true;
            out.extend_from_slice(format!("\"{token}\"").as_bytes());
            at += token.len();
        } else {
            out.push(byte);
            at += 1;
        }
    }
    (out, found)
}
