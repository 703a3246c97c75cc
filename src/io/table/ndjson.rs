//! NDJSON: one JSON object for each line. Runs of lines are parsed by polars with one schema.

use std::collections::HashMap;
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use memchr::memchr_iter;
use polars::io::ndjson::infer_schema;
use polars::prelude::{Column, DataType, Field, IntoColumn, PlSmallStr, Schema, Series};
use rayon::prelude::*;

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::picked::grouped;
use super::super::sniff::json_array;
use super::columns::{self, ColumnType};
use super::csv::guess_type;
use super::frames::{Frame, Frames, Visit};
use super::guard::guard;
use super::json_shape;
use super::json_tokens::quote_tokens;
use super::opened::{Body, TableFile, column_type, typed};
use super::records;
use super::text::{Place, Run, Span, Text, lines, parts_of};

type Object = serde_json::Map<String, serde_json::Value>;

/// Rows that decide on the types of the columns, as far as they lie within the first run of lines.
const SAMPLE_ROWS: usize = 1000;
const SCHEMA_ROWS: NonZeroUsize = NonZeroUsize::new(SAMPLE_ROWS).expect("1000 is not 0");

/// Rows whose keys are looked at; writers that repeat one do so in every row.
const KEY_ROWS: usize = 10;

/// Infers the schema. Numbers are read as f64, or as text if Python wrote NaN or Infinity.
pub(super) fn open(text: Text) -> Result<TableFile, Problem> {
    let (head, n_mark) = text.first_lines()?;
    if head.trim_ascii_start().first() == Some(&b'[') {
        return Err(json_array());
    }
    let mut sampled = lines(&head, false);
    sampled.by_ref().take(SAMPLE_ROWS).for_each(drop);
    let head = &head[..head.len() - sampled.rest().len()];
    check_shape(head)?;
    let (quoted, has_tokens) = quote_tokens(head);
    let ragged = records::ragged(&quoted)?;
    let without = records::without(&quoted, &ragged);
    let start = Place { offset: n_mark as u64, ..Place::default() };
    let schema = understand(&without, has_tokens);
    let (schema, mut types) = schema.map_err(|p| explain(&quoted, 0, p))?;
    types.extend(
        ragged.into_iter().map(|name| columns::Column {
            name,
            ty: ColumnType::Other(columns::RAGGED.to_owned()),
        }),
    );
    let rows = JsonRows { text, start, schema: Arc::new(schema) };
    let mut table = typed("ndjson", &Schema::default(), Body::Json(rows));
    table.columns = types;
    Ok(table)
}

/// Refuses what would be read as something else, or not at all.
fn check_shape(head: &[u8]) -> Result<(), Problem> {
    json_shape::check_depth(head, 0)?;
    let mut rows = (1usize..).zip(lines(head, false)).take(KEY_ROWS);
    let twice = rows.find_map(|(row, line)| Some((row, json_shape::twice(line)?)));
    twice.map_or(Ok(()), |(row, key)| {
        Err(Problem::new(format!("row {}: two keys are called {key}", grouped(row)))
            .hint("give each value a key of its own"))
    })
}

/// The schema without tokens, and what the columns hold.
fn understand(head: &[u8], has_tokens: bool) -> Result<(Schema, Vec<columns::Column>), Problem> {
    let inferred = guard(|| infer_schema(&mut Cursor::new(head), Some(SCHEMA_ROWS)))?;
    let schema = in_file_order(&inferred, head);
    // There may be very many columns of numbers, whose types are known.
    let wide = widened(&schema, has_tokens);
    let types = wide.iter().enumerate();
    let seen: Vec<usize> =
        types.filter(|(_, (_, dtype))| must_be_seen(dtype)).map(|(idx, _)| idx).collect();
    let seen = guard(|| schema.try_project_indices(&seen))?;
    let sample = if seen.is_empty() {
        Vec::new()
    } else {
        records::parse(head, &seen, &|schema| widened(schema, has_tokens))?
    };
    let mut sample = sample.iter();
    let column = |(name, dtype): (&PlSmallStr, &DataType)| {
        let ty = match must_be_seen(dtype).then(|| sample.next()).flatten() {
            Some(cells) => {
                type_of_text(&column_type(cells.dtype()), cells.as_materialized_series())?
            }
            None => column_type(dtype),
        };
        Ok(columns::Column { name: name.to_string(), ty })
    };
    let types = wide.iter().map(column).collect::<Result<_, Problem>>()?;
    Ok((schema, types))
}

/// Names the first line that is no JSON object; polars counts characters.
fn explain(text: &[u8], first_line: usize, problem: Problem) -> Problem {
    for (row, line) in (first_line + 1..).zip(lines(text, false)) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        if let Err(error) = serde_json::from_slice::<Object>(line) {
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
fn in_file_order(schema: &Schema, head: &[u8]) -> Schema {
    let first = first_object(head).unwrap_or_default();
    let fields = schema.iter().map(|(name, dtype)| (name.clone(), dtype.clone())).collect();
    ordered(fields, &first).into_iter().collect()
}

/// `fields` in the order of the keys of `object`; fields of later lines follow by name.
fn ordered(fields: Vec<(PlSmallStr, DataType)>, object: &Object) -> Vec<(PlSmallStr, DataType)> {
    let places: HashMap<&str, usize> = object.keys().map(String::as_str).zip(0..).collect();
    let place = |(name, _): &(PlSmallStr, DataType)| places.get(name.as_str()).copied();
    let (mut fields, mut later): (Vec<_>, Vec<_>) =
        fields.into_iter().partition(|field| place(field).is_some());
    fields.sort_by_cached_key(&place);
    later.sort_by(|a, b| a.0.cmp(&b.0));
    fields.extend(later);
    for (name, dtype) in &mut fields {
        if let (DataType::Struct(inner), Some(serde_json::Value::Object(object))) =
            (&mut *dtype, object.get(name.as_str()))
        {
            let pairs = inner.iter().map(|f| (f.name.clone(), f.dtype.clone())).collect();
            *inner = ordered(pairs, object).into_iter().map(|(n, d)| Field::new(n, d)).collect();
        }
    }
    fields
}

/// The first line that holds an object.
fn first_object(head: &[u8]) -> Option<Object> {
    let mut lines = lines(head, false);
    let line = lines.find(|line| !line.trim_ascii().is_empty())?;
    serde_json::from_slice(line).ok()
}

/// The schema with which a run is read: as text if it holds a token, or a number that is none.
fn widened(schema: &Schema, has_tokens: bool) -> Schema {
    let field = |(name, dtype): (&PlSmallStr, &DataType)| {
        let dtype = wide_type(dtype, has_tokens).unwrap_or_else(|| dtype.clone());
        (name.clone(), dtype)
    };
    schema.iter().map(field).collect()
}

/// Lists whose first rows are all whole numbers may hold fractions later.
fn wide_type(dtype: &DataType, has_tokens: bool) -> Option<DataType> {
    let number = if has_tokens { DataType::String } else { DataType::Float64 };
    match dtype {
        DataType::List(inner) if inner.is_numeric() || has_tokens => {
            Some(DataType::List(Box::new(number)))
        }
        DataType::Float64 if has_tokens => Some(number),
        _ => None,
    }
}

/// The schema of last resort: numbers that were whole in the first rows may have fractions, and what is
/// no number is read as text, so that it is named by its row.
fn loosened(schema: &Schema) -> Schema {
    let field = |(name, dtype): (&PlSmallStr, &DataType)| (name.clone(), loose_type(dtype));
    schema.iter().map(field).collect()
}

fn loose_type(dtype: &DataType) -> DataType {
    match dtype {
        DataType::Struct(fields) => {
            let loose = |f: &Field| Field::new(f.name.clone(), loose_type(&f.dtype));
            DataType::Struct(fields.iter().map(loose).collect())
        }
        _ if dtype.is_integer() => DataType::Float64,
        _ => wide_type(dtype, true).unwrap_or_else(|| dtype.clone()),
    }
}

/// True for what may be numbers in spite of its type: text, lists of it, and records.
fn must_be_seen(dtype: &DataType) -> bool {
    match dtype {
        DataType::List(inner) => inner.is_string(),
        DataType::Struct(_) => true,
        dtype => dtype.is_string(),
    }
}

/// What a column is whose numbers were read as text, or are text in the file.
fn type_of_text(ty: &ColumnType, cells: &Series) -> Result<ColumnType, Problem> {
    let list_of_text = DataType::List(Box::new(DataType::String));
    if *ty == ColumnType::Text {
        return Ok(guess_type(&words(cells)?));
    }
    if cells.dtype() != &list_of_text {
        return Ok(ty.clone());
    }
    let items = guard(|| Ok(cells.list()?.get_inner().into_column().head(Some(10_000))))?;
    Ok(match guess_type(&words(items.as_materialized_series())?) {
        ColumnType::Float { dtype, .. } => ColumnType::List { dtype, width: None },
        ColumnType::Int => ColumnType::List { dtype: Dtype::F64, width: None },
        _ => ty.clone(),
    })
}

/// The words of a column, empty where missing.
fn words(series: &Series) -> Result<Vec<String>, Problem> {
    let series = guard(|| series.cast(&DataType::String))?;
    let texts = guard(|| series.str())?;
    let words = texts.iter().map(|t| t.unwrap_or_default().to_owned());
    Ok(words.collect())
}

/// The rows of one file.
#[derive(Clone)]
pub(super) struct JsonRows {
    pub(super) text: Text,
    start: Place,
    schema: Arc<Schema>,
}

/// Takes the frames of the next run of lines, in order, and tells whether to go on.
pub(super) type VisitRun<'a> = dyn FnMut(Span, Vec<Frame>) -> Result<ControlFlow<()>, Problem> + 'a;

impl JsonRows {
    /// Parses these columns of everything from `start` on; the next run is read while one is parsed.
    pub(super) fn parse(
        &self,
        start: Option<Place>,
        columns: &[usize],
        visit: &mut VisitRun<'_>,
    ) -> Result<(), Problem> {
        let schema = self.schema.try_project_indices(columns);
        let schema = guard(|| schema)?;
        let start = start.unwrap_or(self.start);
        let mut runs = self.text.runs(start)?;
        let mut next = runs.next_run()?;
        let mut row = start.row;
        while let Some(run) = next {
            let parse = || parse_run(&run, &schema);
            let (frames, read) = rayon::join(parse, || runs.next_run());
            let frames = frames.map_err(|p| self.text.within(p))?;
            let start = Place { row, ..run.span.start };
            let span = Span { start, ..run.span };
            row += frames.iter().map(|frame| frame.n_rows).sum::<usize>();
            if visit(span, frames)?.is_break() {
                break;
            }
            next = read?;
        }
        Ok(())
    }
}

fn parse_run(run: &Run, schema: &Schema) -> Result<Vec<Frame>, Problem> {
    let parts = parts_of(&run.text, false, rayon::current_num_threads() * 4);
    let parts = parts.into_par_iter().map(|part| {
        let first_line = run.span.start.line + memchr_iter(b'\n', &run.text[..part.start]).count();
        parse_part(&run.text[part], first_line, schema)
    });
    // The first part that fails, and not whichever failed first.
    let parts: Vec<Result<Frame, Problem>> = parts.collect();
    parts.into_iter().collect()
}

fn parse_part(text: &[u8], first_line: usize, schema: &Schema) -> Result<Frame, Problem> {
    json_shape::check_depth(text, first_line)?;
    let (quoted, has_tokens) = quote_tokens(text);
    let read = records::parse(&quoted, schema, &|schema| widened(schema, has_tokens))
        .or_else(|problem| records::parse(&quoted, schema, &loosened).map_err(|_| problem))
        .map_err(|p| explain(&quoted, first_line, p))?;
    let n_rows = read.first().map_or(0, Column::len);
    let columns = read.into_iter();
    Ok(Frame { n_rows, columns: columns.map(Column::take_materialized_series).collect() })
}

/// The rows of one file after one pass told where the runs are.
pub(super) struct IndexedJson {
    pub(super) rows: JsonRows,
    pub(super) places: Vec<Place>,
    pub(super) pieces: Vec<Range<usize>>,
}

impl Frames for IndexedJson {
    fn pieces(&self) -> &[Range<usize>] {
        &self.pieces
    }

    fn within(&self, problem: Problem) -> Problem {
        self.rows.text.within(problem)
    }

    fn read(
        &self,
        columns: &[usize],
        range: Range<usize>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Problem> {
        let piece = self.pieces.partition_point(|piece| piece.end <= range.start);
        let start = self.places.get(piece).copied();
        self.rows.parse(start, columns, &mut |span, frames| {
            let mut row = span.start.row;
            for frame in frames {
                let within = |at: usize| at.clamp(row, row + frame.n_rows) - row;
                let (start, end) = (within(range.start), within(range.end));
                if start < end {
                    visit(frame.slice(start, end - start))?;
                }
                row += frame.n_rows;
            }
            Ok(if row < range.end { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })
    }
}
