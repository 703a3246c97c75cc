//! NDJSON: one JSON object for each line.

use std::num::NonZeroUsize;

use polars::prelude::{Column as Cells, DataType, IntoColumn};
use polars::prelude::{
    Field, LazyFileListReader, LazyFrame, LazyJsonLineReader, PlSmallStr, ScanSources, Schema,
};

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::picked::grouped;
use super::batches::{first_rows, guard};
use super::cells::words;
use super::columns::ColumnType;
use super::csv::guess_type;
use super::file::{Explain, TableFile, in_memory};

type Object = serde_json::Map<String, serde_json::Value>;

/// Rows that decide on the types of the columns.
const SAMPLE_ROWS: u32 = 1000;
const SCHEMA_ROWS: NonZeroUsize = NonZeroUsize::new(1000).expect("1000 is not 0");

/// The tokens that Python's `json.dumps` writes for numbers that JSON does not know.
const PYTHON_TOKENS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// Infers the schema. Numbers are read as f64, or as text if Python wrote NaN or Infinity.
pub(super) fn open(bytes: Vec<u8>) -> Result<TableFile, Problem> {
    let (bytes, has_tokens) = quote_tokens(bytes);
    let sources = in_memory(bytes);
    let table = open_quoted(&sources, has_tokens);
    table.map_err(|p| explain(&sources, p))
}

fn open_quoted(sources: &ScanSources, has_tokens: bool) -> Result<TableFile, Problem> {
    let mut frame = scan(sources, None)?;
    let mut schema = Schema::clone(&*guard(|| frame.collect_schema())?);
    let names: Vec<PlSmallStr> = schema.iter_names().cloned().collect();
    for name in names {
        let Some(dtype) = schema.get(&name) else {
            continue;
        };
        if let Some(dtype) = widened(dtype, has_tokens) {
            schema.set_dtype(&name, dtype);
        }
    }
    let frame = scan(sources, Some(in_file_order(&schema, sources)))?;
    let mut table = TableFile::typed("ndjson", frame)?;
    let sample = first_rows(table.frame.clone(), SAMPLE_ROWS)?;
    for (column, cells) in table.columns.iter_mut().zip(sample.columns()) {
        column.ty = type_of_text(&column.ty, cells)?;
    }
    table.explain = Explain::Json(sources.clone());
    Ok(table)
}

/// Names the first line that is no JSON object; polars counts characters.
pub(super) fn explain(sources: &ScanSources, problem: Problem) -> Problem {
    let ScanSources::Buffers(buffers) = sources else {
        return problem;
    };
    let lines = buffers
        .iter()
        .flat_map(|b| b.as_slice().split(|b| *b == b'\n'));
    for (row, line) in (1..).zip(lines) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let object = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(line);
        if let Err(error) = object {
            let reason = error.to_string();
            let reason = reason.split(" at line").next().unwrap_or_default();
            return Problem::new(format!(
                "row {}, character {}: not a JSON object: {reason}",
                grouped(row),
                error.column()
            ))
            .hint("write one JSON object for each line");
        }
    }
    problem
}

/// The columns in the order of the first line's keys. Polars keeps the keys of wide objects in a hash map, so
/// that its own order changes from run to run, and with it which class is which.
fn in_file_order(schema: &Schema, sources: &ScanSources) -> Schema {
    let first = first_object(sources).unwrap_or_default();
    let fields = schema
        .iter()
        .map(|(name, dtype)| (name.clone(), dtype.clone()))
        .collect();
    ordered(fields, &first).into_iter().collect()
}

/// `fields` in the order of the keys of `object`; fields of later lines follow by name.
fn ordered(
    mut fields: Vec<(PlSmallStr, DataType)>,
    object: &Object,
) -> Vec<(PlSmallStr, DataType)> {
    fields.sort_by(|a, b| a.0.cmp(&b.0));
    fields.sort_by_key(|(name, _)| {
        object
            .keys()
            .position(|key| key == name.as_str())
            .unwrap_or(usize::MAX)
    });
    for (name, dtype) in &mut fields {
        if let (DataType::Struct(inner), Some(serde_json::Value::Object(object))) =
            (&mut *dtype, object.get(name.as_str()))
        {
            let pairs = inner
                .iter()
                .map(|f| (f.name.clone(), f.dtype.clone()))
                .collect();
            *inner = ordered(pairs, object)
                .into_iter()
                .map(|(n, d)| Field::new(n, d))
                .collect();
        }
    }
    fields
}

/// The first line that holds an object.
fn first_object(sources: &ScanSources) -> Option<Object> {
    let ScanSources::Buffers(buffers) = sources else {
        return None;
    };
    let mut lines = buffers
        .iter()
        .flat_map(|b| b.as_slice().split(|b| *b == b'\n'));
    let line = lines.find(|line| !line.trim_ascii().is_empty())?;
    serde_json::from_slice(line).ok()
}

fn scan(sources: &ScanSources, schema: Option<Schema>) -> Result<LazyFrame, Problem> {
    guard(|| {
        LazyJsonLineReader::new_with_sources(sources.clone())
            .with_infer_schema_length(Some(SCHEMA_ROWS))
            .with_schema(schema.map(Into::into))
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

/// What a column is whose numbers were read as text, or are text in the file.
fn type_of_text(ty: &ColumnType, cells: &Cells) -> Result<ColumnType, Problem> {
    let list_of_text = DataType::List(Box::new(DataType::String));
    if *ty == ColumnType::Text {
        return Ok(guess_type(&words(cells)?));
    }
    if cells.dtype() != &list_of_text {
        return Ok(ty.clone());
    }
    let items = guard(|| {
        cells
            .as_materialized_series()
            .list()?
            .get_inner()
            .into_column()
            .head(Some(10_000))
            .cast(&DataType::String)
    })?;
    Ok(match guess_type(&words(&items)?) {
        ColumnType::Float { dtype, .. } => ColumnType::List { dtype, width: None },
        ColumnType::Int => ColumnType::List {
            dtype: Dtype::F64,
            width: None,
        },
        _ => ty.clone(),
    })
}

/// Puts quotes around the bare tokens, so that the text is JSON. Returns whether there was one.
fn quote_tokens(bytes: Vec<u8>) -> (Vec<u8>, bool) {
    let is_token =
        |at: usize| bytes[at..].starts_with(b"NaN") || bytes[at..].starts_with(b"Infinity");
    if !(0..bytes.len()).any(|at| matches!(bytes[at], b'N' | b'I') && is_token(at)) {
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
