//! The columns of a table from its header or footer alone.

use std::path::Path;

use polars::prelude::Schema;

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::picked::RawLabels;
use super::super::sniff::Format;
use super::super::{OpenOptions, harness, logprobs};
use super::bytes::Bytes;
use super::columns::{Chooser, Column, ColumnType, ScoreColumns};
use super::text::Text;
use super::{csv, file, frames, ipc, parquet};

/// Bytes of text that are looked at; packed text is unpacked from as many.
const TEXT_BYTES: usize = 64 << 10;

/// The same where a line is longer.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// What the start or the end of a file says.
pub(in crate::io) struct Glimpse {
    pub(in crate::io) format: &'static str,
    pub(in crate::io) n_rows: Option<usize>,
    pub(in crate::io) n_classes: Option<usize>,
    /// Names of logits and labels, or why none are found.
    pub(in crate::io) contents: Result<String, Problem>,
}

/// The columns of a table, before anyone has decided what they mean.
pub(in crate::io) struct Head {
    pub(in crate::io) format: &'static str,
    pub(super) columns: Vec<Column>,
    /// False if the names were made up (a file without a header).
    pub(super) has_names: bool,
    n_rows: Option<usize>,
    /// The first cells of each column of a text.
    cells: Option<Vec<Vec<String>>>,
}

/// Looks at the table in `path`, and chooses.
pub(in crate::io) fn peek(path: &Path, format: Format) -> Result<Glimpse, Problem> {
    if let Some(glimpse) = evaluation_log(path, format)? {
        return Ok(glimpse);
    }
    head(path, format).map(|head| choose(&head))
}

/// Looks at lines of NDJSON that were made from a JSON array.
pub(in crate::io) fn head_of_lines(lines: &[u8]) -> Result<Head, Problem> {
    let head = first_object(lines)?;
    Ok(Head { format: "json", n_rows: Some(memchr::memchr_iter(b'\n', lines).count()), ..head })
}

/// The same, and chooses.
pub(in crate::io) fn glimpse_of_lines(lines: &[u8]) -> Result<Glimpse, Problem> {
    head_of_lines(lines).map(|head| choose(&head))
}

/// What is known of an evaluation log; `None` if it is none.
pub(in crate::io) fn evaluation_log(
    path: &Path,
    format: Format,
) -> Result<Option<Glimpse>, Problem> {
    if matches!(format, Format::Parquet | Format::ArrowFile | Format::ArrowStream) {
        return Ok(None);
    }
    let bytes = Bytes::of_file(path)?;
    if file::unpacked_format(&bytes)? != Format::Ndjson {
        return Ok(None);
    }
    let text = Text::new(bytes, false)?;
    logprobs::refuse(&text)?;
    harness::refuse_totals(&text)?;
    let glimpse = Glimpse {
        format: harness::FORMAT,
        n_rows: None,
        n_classes: None,
        contents: Ok("filtered_resps, target".to_owned()),
    };
    Ok(harness::is_log(&text)?.then_some(glimpse))
}

/// Looks at the table in `path`.
pub(in crate::io) fn head(path: &Path, format: Format) -> Result<Head, Problem> {
    match format {
        Format::Parquet => {
            let (schema, groups) = parquet::frames(Bytes::of_file(path)?)?;
            Ok(Head { n_rows: Some(frames::n_rows(&groups)), ..typed("parquet", &schema) })
        }
        Format::ArrowFile => {
            let schema = ipc::schema_of_file(&Bytes::of_file(path)?)?;
            Ok(typed("arrow", &schema))
        }
        Format::ArrowStream => {
            let schema = ipc::schema_of_stream(&Bytes::of_file(path)?)?;
            Ok(typed("arrow", &schema))
        }
        _ => of_text(path),
    }
}

/// The first lines, unpacked if need be.
fn of_text(path: &Path) -> Result<Head, Problem> {
    let bytes = Bytes::of_file(path)?;
    let (head, is_cut) = first_lines(&Text::new(bytes.clone(), true)?)?;
    if file::unpacked_format(&bytes)? == Format::Ndjson {
        return first_object(&head);
    }
    let glimpse = csv::glimpse(&head, is_cut)?;
    Ok(Head {
        format: glimpse.format,
        columns: glimpse.columns,
        has_names: glimpse.has_names,
        n_rows: None,
        cells: Some(glimpse.cells),
    })
}

/// The start of a text with its first two lines, however long they are up to a limit; and whether it goes on.
fn first_lines(text: &Text) -> Result<(Vec<u8>, bool), Problem> {
    let mut n_bytes = TEXT_BYTES;
    loop {
        let head = text.head(n_bytes)?;
        // A byte order mark is taken off.
        let is_cut = head.len() + 3 >= n_bytes;
        let n_lines = memchr::memchr_iter(b'\n', &head).count();
        if !is_cut || n_lines > 1 || n_bytes >= MAX_TEXT_BYTES {
            return Ok((head, is_cut));
        }
        n_bytes *= 4;
    }
}

fn typed(format: &'static str, schema: &Schema) -> Head {
    let columns = schema.iter().map(|(name, dtype)| Column {
        name: name.to_string(),
        ty: super::opened::column_type(dtype),
    });
    named(format, columns.collect())
}

fn named(format: &'static str, columns: Vec<Column>) -> Head {
    Head { format, columns, has_names: true, n_rows: None, cells: None }
}

/// The keys of the first line; the list's length stands for K.
fn first_object(head: &[u8]) -> Result<Head, Problem> {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(line).map_err(|_| Problem::new("not a JSON object"))?;
    let columns =
        object.iter().map(|(name, value)| Column { name: name.clone(), ty: json_type(value) });
    Ok(named("ndjson", columns.collect()))
}

fn json_type(value: &serde_json::Value) -> ColumnType {
    use serde_json::Value;
    match value {
        Value::Bool(_) => ColumnType::Bool,
        Value::String(_) => ColumnType::Text,
        Value::Number(n) if n.is_f64() => ColumnType::Float { dtype: Dtype::F64, whole: false },
        Value::Number(_) => ColumnType::Int,
        Value::Array(items) => ColumnType::List { dtype: Dtype::F64, width: Some(items.len()) },
        Value::Object(fields) => ColumnType::Record(fields.keys().cloned().collect()),
        Value::Null => ColumnType::Other("null".to_owned()),
    }
}

/// Logits and labels as they would be chosen. Labels that decide on the logits are read where the first lines hold
/// them.
fn choose(head: &Head) -> Glimpse {
    let columns = &head.columns;
    let mut glimpse = Glimpse {
        format: head.format,
        n_rows: head.n_rows,
        n_classes: None,
        contents: Ok(String::new()),
    };
    let options = OpenOptions::default();
    let chooser = Chooser { columns, options: &options, has_names: head.has_names };
    let mut probe = |idx: usize| match &head.cells {
        Some(cells) => Ok(RawLabels::Text(cells[idx].clone())),
        None => Err(Problem::new("which columns are the logits shows once the labels are read")),
    };
    let selection = match chooser.choose(&mut probe, &mut Vec::new()) {
        Ok(selection) => selection,
        Err(problem) => {
            glimpse.contents = Err(problem);
            return glimpse;
        }
    };
    let (logits, n_classes) = match &selection.scores {
        ScoreColumns::Wide(idxs) => match idxs[..] {
            [first, .., last] => {
                (format!("{} .. {}", columns[first].name, columns[last].name), Some(idxs.len()))
            }
            _ => (columns[idxs[0]].name.clone(), Some(2)),
        },
        ScoreColumns::Record(idx, fields) => (columns[*idx].name.clone(), Some(fields.len())),
        ScoreColumns::List(idx) => match columns[*idx].ty {
            ColumnType::List { width, .. } => (columns[*idx].name.clone(), width),
            _ => (columns[*idx].name.clone(), None),
        },
    };
    glimpse.n_classes = n_classes;
    let labels = selection.labels.map(|idx| format!(", {}", columns[idx].name));
    glimpse.contents = Ok(format!("{logits}{}", labels.unwrap_or_default()));
    glimpse
}
