//! Objects within the objects of NDJSON: logits by the names of their classes.
//!
//! Polars brings such a column together field by field and compares all fields for each, so that its time is that of
//! their square. A record of many fields is therefore spread: its fields become columns of the row, which are parsed in
//! linear time, and are put together again behind. Objects that have other keys in every row, as many as there are
//! rows, are no record of classes: they are named and left unread.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use memchr::memchr2;
use polars::io::ndjson::core::parse_ndjson;
use polars::prelude::{
    Column, DataType, Field, IntoColumn, IntoSeries, PlSmallStr, Schema, StructChunked,
};

use super::super::error::Problem;
use super::super::picked::grouped;
use super::columns::RAGGED;
use super::guard::guard;
use super::text::lines;

/// A record of at most as many fields is left to polars.
const FEW_FIELDS: usize = 32;

/// Different keys of all rows, at least, before objects are looked at for being ragged.
const MANY_KEYS: usize = 256;

/// So many times the keys of the fullest row are no record with some fields left out.
const MAX_SPREAD: usize = 4;

/// Between the name of a record and that of its field: a control character that no key has, as JSON writes it.
const BETWEEN: char = '\u{1f}';
const BETWEEN_ESCAPED: &[u8] = b"\\u001f";

/// Parses lines as polars does with this schema, `widened` as the caller wants it.
pub(super) fn parse(
    text: &[u8],
    schema: &Schema,
    widened: &dyn Fn(&Schema) -> Schema,
) -> Result<Vec<Column>, Problem> {
    let wide: HashMap<Vec<u8>, &PlSmallStr> = schema
        .iter()
        .filter(|(_, dtype)| fields_of(dtype).is_some())
        .map(|(name, _)| (written(name), name))
        .collect();
    if wide.is_empty() {
        let frame = guard(|| parse_ndjson(text, None, &widened(schema), false))?;
        return Ok(frame.into_columns());
    }
    let flat: Schema = schema.iter().flat_map(|(name, dtype)| flat_fields(name, dtype)).collect();
    let text = rewritten(text, &|key| {
        if wide.contains_key(key) { Use::Spread } else { Use::Keep }
    });
    let frame = guard(|| parse_ndjson(&text, None, &widened(&flat), false))?;
    let n_rows = frame.height();
    let mut columns = frame.into_columns().into_iter();
    let mut joined = Vec::new();
    for (name, dtype) in schema.iter() {
        let Some(fields) = fields_of(dtype) else {
            joined.extend(columns.next());
            continue;
        };
        let parts = fields.iter().zip(columns.by_ref()).map(|(field, column)| {
            let mut series = column.take_materialized_series();
            series.rename(field.name.clone());
            series
        });
        let parts: Vec<_> = parts.collect();
        let record = guard(|| StructChunked::from_series(name.clone(), n_rows, parts.iter()))?;
        joined.push(record.into_series().into_column());
    }
    Ok(joined)
}

/// The fields of a record that is spread.
fn fields_of(dtype: &DataType) -> Option<&[Field]> {
    match dtype {
        DataType::Struct(fields) if fields.len() > FEW_FIELDS => Some(fields),
        _ => None,
    }
}

fn flat_fields(name: &PlSmallStr, dtype: &DataType) -> Vec<Field> {
    match fields_of(dtype) {
        None => vec![Field::new(name.clone(), dtype.clone())],
        Some(fields) => {
            let flat = |f: &Field| {
                Field::new(format!("{name}{BETWEEN}{}", f.name).into(), f.dtype.clone())
            };
            fields.iter().map(flat).collect()
        }
    }
}

/// A key as JSON writes it, without its quotes.
fn written(key: &str) -> Vec<u8> {
    let quoted = serde_json::to_string(key).unwrap_or_default();
    quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().as_bytes().to_vec()
}

/// The keys whose objects have other keys in every row of `head`.
///
/// # Errors
/// If the rows themselves are such objects.
pub(super) fn ragged(head: &[u8]) -> Result<Vec<String>, Problem> {
    let (mut rows, mut inner) = (KeySet::default(), Vec::new());
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    for line in lines(head, false) {
        let row = entries(line).unwrap_or_default();
        rows.add(&row);
        for (key, value) in row {
            if let Some(object) = entries(value) {
                let place = *places.entry(key).or_insert(inner.len());
                if place == inner.len() {
                    inner.push((key, KeySet::default()));
                }
                inner[place].1.add(&object);
            }
        }
    }
    if rows.is_ragged() {
        return Err(Problem::new(format!(
            "the rows are {RAGGED}: {} keys, and at most {} in one row",
            grouped(rows.keys.len()),
            grouped(rows.most)
        ))
        .hint("write the scores of a row as a list of one length, and its label as a place in that list"));
    }
    let ragged = inner.iter().filter(|(_, keys)| keys.is_ragged());
    Ok(ragged.map(|(key, _)| read(key)).collect())
}

/// The lines without the values of these keys.
pub(super) fn without<'a>(text: &'a [u8], keys: &[String]) -> Cow<'a, [u8]> {
    if keys.is_empty() {
        return Cow::Borrowed(text);
    }
    let keys: HashSet<Vec<u8>> = keys.iter().map(|key| written(key)).collect();
    Cow::Owned(rewritten(text, &|key| {
        if keys.contains(key) { Use::Drop } else { Use::Keep }
    }))
}

/// The keys that were seen in objects of one kind.
#[derive(Default)]
struct KeySet<'a> {
    keys: HashSet<&'a [u8]>,
    /// Keys of the object that has most of them.
    most: usize,
}

impl<'a> KeySet<'a> {
    fn is_ragged(&self) -> bool {
        self.keys.len() > MANY_KEYS && self.keys.len() > MAX_SPREAD * self.most
    }

    fn add(&mut self, object: &[Entry<'a>]) {
        self.most = self.most.max(object.len());
        self.keys.extend(object.iter().map(|(key, _)| *key));
    }
}

/// What becomes of the value of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Keep,
    Drop,
    /// Its fields take its place.
    Spread,
}

/// The lines with the keys of their objects used so. A line that is none stays as it is: its reader says so.
fn rewritten(text: &[u8], of: &dyn Fn(&[u8]) -> Use) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2);
    for line in lines(text, false) {
        match entries(line) {
            Some(row) => write_row(&row, of, &mut out),
            None => out.extend_from_slice(line),
        }
        out.push(b'\n');
    }
    out
}

fn write_row(row: &[Entry<'_>], of: &dyn Fn(&[u8]) -> Use, out: &mut Vec<u8>) {
    out.push(b'{');
    let start = out.len();
    let mut write = |parts: &[&[u8]], value: &[u8]| {
        out.extend_from_slice(if out.len() > start { b",\"" } else { b"\"" });
        for part in parts {
            out.extend_from_slice(part);
        }
        out.extend_from_slice(b"\":");
        out.extend_from_slice(value);
    };
    for (key, value) in row {
        match (of(key), entries(value)) {
            (Use::Drop, _) => {}
            (Use::Spread, Some(fields)) => {
                for (field, value) in fields {
                    write(&[key, BETWEEN_ESCAPED, field], value);
                }
            }
            _ => write(&[key], value),
        }
    }
    out.push(b'}');
}

/// A key without its quotes, as it is written, and the bytes of its value.
type Entry<'a> = (&'a [u8], &'a [u8]);

/// The keys and values of an object; `None` for anything else. Values are not looked into.
fn entries(text: &[u8]) -> Option<Vec<Entry<'_>>> {
    let text = text.trim_ascii();
    let mut rest = text.strip_prefix(b"{")?.trim_ascii_start();
    let mut found = Vec::new();
    while let Some(key) = rest.strip_prefix(b"\"") {
        let n_key = string_len(key)?;
        let after = key[n_key..].trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let n_value = value_len(after)?;
        found.push((&key[..n_key - 1], &after[..n_value]));
        rest = after[n_value..].trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
    }
    (rest == b"}").then_some(found)
}

/// Bytes up to and with the quote that ends a string.
fn string_len(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Bytes of the value that `text` begins with.
fn value_len(text: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0usize);
    loop {
        let byte = *text.get(at)?;
        match byte {
            b'"' => at += string_len(&text[at + 1..])?,
            b'[' | b'{' => depth += 1,
            b']' | b'}' | b',' if depth == 0 => return (at > 0).then_some(at),
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 && matches!(byte, b'"' | b']' | b'}') {
            return Some(at);
        }
    }
}

/// A key as it is meant.
fn read(key: &[u8]) -> String {
    let quoted = [b"\"", key, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(key).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_taken_apart() {
        let found = |text: &str| {
            let entries = entries(text.as_bytes())?;
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
            Some(
                entries
                    .iter()
                    .map(|(k, v)| format!("{}={}", text(k), text(v)))
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        };
        let cases = [
            (
                r#" {"a": 1, "b":[1,{"c":"]}"}] ,"d\"":"x\\" } "#,
                Some(r#"a=1 b=[1,{"c":"]}"}] d\"="x\\""#),
            ),
            ("{}", Some("")),
            (r#"{"a":{},"b":null}"#, Some("a={} b=null")),
            ("[1]", None),
            (r#"{"a": 1"#, None),
            (r#"{"a" 1}"#, None),
            (r#"{"a": "x}"#, None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(found(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn records_are_spread_and_others_dropped() {
        let of = |key: &[u8]| match key {
            b"r" => Use::Spread,
            b"x" => Use::Drop,
            _ => Use::Keep,
        };
        let text = "{\"x\":1,\"r\":{\"a\":1,\"b\":2},\"y\":{\"z\":3}}\n{\"r\":{},\"y\":0}\nodd\n";
        assert_eq!(
            String::from_utf8(rewritten(text.as_bytes(), &of)).expect("text"),
            "{\"r\\u001fa\":1,\"r\\u001fb\":2,\"y\":{\"z\":3}}\n{\"y\":0}\nodd\n"
        );
    }
}
