//! JSON that is one value and not one object a line: an object of lists, which is read as a container of arrays, and an
//! array of objects, which is read as the lines of NDJSON are. Both are held in memory as a whole.

mod columns;
mod cursor;
mod grown;
mod rows;

use std::collections::HashSet;

use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::array_store::{Access, ArrayStore};
use super::containers::Container;
use super::error::Problem;
use super::names;
use super::progress::Watch;
use super::table::text::{Text, lines};
use crate::data::Values;

use cursor::Cursor;
use grown::Grown;

/// Bytes of text that are looked at first, and at most: beyond, one line is too long for a row.
const HEAD_BYTES: usize = 1 << 16;
const MAX_HEAD_BYTES: usize = 64 << 20;

/// What a text that may be JSON is.
pub(super) enum Document {
    /// Lines: rows of NDJSON, or no JSON at all.
    Lines,
    /// The lists of one object.
    Lists(Container),
    /// The objects of one array, one a line.
    Rows(Vec<u8>),
}

/// Tells one value from lines, and reads it.
///
/// # Errors
/// If it is one value, and no JSON, or holds nothing that could be logits.
pub(super) fn document(text: &Text) -> Result<Document, Problem> {
    Ok(match kind_of(text)? {
        Kind::Lines => Document::Lines,
        Kind::Object => {
            let text = text.whole()?;
            match columns::lines_of(&text)? {
                Some(lines) => Document::Rows(lines),
                None => Document::Lists(Container::of_json(JsonArrays::parse(&text)?)),
            }
        }
        Kind::Array => Document::Rows(rows::lines_of(&text.whole()?)?),
    })
}

/// True for JSON that is one value, from its start alone.
///
/// # Errors
/// If the text cannot be read.
pub(super) fn is_document(text: &Text) -> Result<bool, Problem> {
    Ok(kind_of(text)? != Kind::Lines)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Lines,
    Object,
    Array,
}

fn kind_of(text: &Text) -> Result<Kind, Problem> {
    let mut n_bytes = HEAD_BYTES;
    loop {
        let head = text.head(n_bytes)?;
        let is_whole = head.len() < n_bytes;
        if let Some(kind) = kind_by_head(&head, is_whole) {
            return Ok(kind);
        }
        n_bytes *= 4;
        if n_bytes > MAX_HEAD_BYTES {
            // No line of a table is as long.
            return Ok(Kind::Object);
        }
    }
}

/// `None` if more has to be seen.
fn kind_by_head(head: &[u8], is_whole: bool) -> Option<Kind> {
    let start = head.trim_ascii_start();
    match start.first() {
        Some(b'[') if start[1..].trim_ascii_start().first() == Some(&b'{') => Some(Kind::Array),
        Some(b'{') => kind_of_object(start, is_whole),
        _ => Some(Kind::Lines),
    }
}

/// An object that ends in its first line is a row, unless it is alone and its lists are columns.
fn kind_of_object(start: &[u8], is_whole: bool) -> Option<Kind> {
    let line = lines(start, false).next().unwrap_or_default();
    let is_whole_line = is_whole || line.len() < start.len();
    let seen = cursor::glance(line);
    if !seen.is_closed {
        // Pretty-printed; a line that is cut short is one whose reader says so.
        let goes_on = !start[line.len()..].trim_ascii().is_empty();
        return match (is_whole_line, goes_on) {
            (true, true) => Some(Kind::Object),
            (true, false) if seen.has_columns() => Some(Kind::Object),
            (true, false) => Some(Kind::Lines),
            (false, _) if seen.has_matrix => Some(Kind::Object),
            (false, _) => None,
        };
    }
    let rest = start[line.len()..].trim_ascii();
    Some(if rest.is_empty() && seen.has_columns() { Kind::Object } else { Kind::Lines })
}

/// The lists of an object by their keys; those of an object within it as `val/logits`.
#[derive(Debug)]
pub(super) struct JsonArrays {
    infos: Vec<ArrayInfo>,
    /// The elements, or why they make no array.
    arrays: Vec<Result<Elements, String>>,
}

impl JsonArrays {
    /// Reads all of `text`.
    ///
    /// # Errors
    /// If it is no JSON object, two keys of it are the same, or it holds no list.
    pub(super) fn parse(text: &[u8]) -> Result<Self, Problem> {
        let mut cursor = Cursor::new(text);
        let lists = cursor.document()?;
        let mut seen = HashSet::new();
        if let Some((name, _)) = lists.iter().find(|(name, _)| !seen.insert(name.as_str())) {
            return Err(Problem::new(format!("two keys are called {name}"))
                .hint("give each list a key of its own"));
        }
        if lists.is_empty() {
            return Err(
                Problem::new("the JSON object holds no list of numbers").hint(
                    "save the lists: `json.dump({\"logits\": z.tolist(), \"labels\": y.tolist()}, file)`",
                ),
            );
        }
        let (infos, arrays) = lists.into_iter().map(finished).unzip();
        Ok(Self { infos, arrays })
    }
}

/// What was found under a key. Whole numbers that are called logits are numbers like others; a vector that makes none
/// is no candidate for anything, and a matrix that makes none is one whose reader says why.
fn finished((name, grown): (String, Grown)) -> (ArrayInfo, Result<Elements, String>) {
    let stem = names::parse(&name).stem;
    let (shape, elements) = grown.finish();
    let is_class =
        names::labels_rank(&stem).is_some() || shape.len() < 2 && names::is_predicted_label(&stem);
    let is_logits = names::logits_rank(&stem).is_some() && !is_class;
    let elements = match elements {
        Ok(Elements::Int(whole)) if is_logits => {
            let numbers = whole.into_iter().map(|n| n as f64).collect();
            Ok(Elements::Float(Values::F64(numbers)))
        }
        elements => elements,
    };
    let dtype = match &elements {
        Ok(elements) => Ok(elements.dtype()),
        Err(_) if shape.len() > 1 || is_logits => Ok(Dtype::F64),
        Err(_) => Err("mixed".to_owned()),
    };
    (ArrayInfo { name, dtype, shape }, elements)
}

impl ArrayStore for JsonArrays {
    fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    fn read(&mut self, idx: usize, _: &mut Watch<'_>) -> Result<Array, Problem> {
        let info = self.infos[idx].clone();
        match &self.arrays[idx] {
            Ok(elements) => Ok(Array {
                elements: elements.clone(),
                info,
            }),
            Err(reason) => Err(Problem::new(format!("{}: {reason}", info.name)).hint(
                "a row of logits is a list of one number for each class, and a label is a number or a text",
            )),
        }
    }

    fn access(&self, _: usize) -> Access {
        Access::InMemory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<Kind> {
        kind_by_head(text.as_bytes(), true)
    }

    #[test]
    fn one_value_is_told_from_lines() {
        let cases = [
            ("{\"logits\": [1, 2], \"label\": 0}", Kind::Lines),
            ("{\"logits\": [1, 2], \"label\": 0}\n{\"logits\": [1", Kind::Lines),
            ("{\"a\": [[1]], \"b\": [0]}\n{\"a\": [[1]], \"b\": [0]}\n", Kind::Lines),
            ("a,b\n1,2\n", Kind::Lines),
            ("[1, 2]", Kind::Lines),
            ("{\"logits\": [[1, 2]], \"labels\": [0]}\n", Kind::Object),
            ("\n {\"labels\": [0, 1], \"scores\": [0.5, 1.5]}", Kind::Object),
            ("{\"val\": {\"logits\": [[1, 2]]}}", Kind::Object),
            ("{\n  \"logits\": [\n", Kind::Object),
            ("{\"logits\": [[1, 2],\n [3, 4]]}", Kind::Object),
            ("[{\"logits\": [1, 2]}]", Kind::Array),
            (" [\n {", Kind::Array),
        ];
        for (text, expected) in cases {
            assert_eq!(kind(text), Some(expected), "{text}");
        }
        let long = |text: &str| kind_by_head(text.as_bytes(), false);
        assert_eq!(long("{\"labels\": [0, 1, 1"), None);
        assert_eq!(long("{\"labels\": [0], \"logits\": [[0.5"), Some(Kind::Object));
        assert_eq!(long("{\"a\": 1}\n{\"a"), Some(Kind::Lines));
    }

    fn arrays(text: &str) -> Vec<(String, Result<Elements, String>)> {
        let found = JsonArrays::parse(text.as_bytes()).expect("an object");
        let names = found.infos.iter().map(ToString::to_string);
        names.zip(found.arrays).collect()
    }

    #[test]
    fn lists_become_arrays_with_their_shapes() {
        let text = r#"{"note": "x", "n": 3, "labels": [0, 1], "logits": [[1.5, NaN, -Infinity], [-0, 2e3, 1]],
            "ids": ["a", "b\"\u00e9"], "ok": [true, false], "none": null, "empty": [], "deep": [[[1]], [[2]]],
            "preds": [[1, 2], [3, 4]], "val": {"logits": [0.25, 1]}}"#;
        let found = arrays(text);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "labels (i64, 2)",
                "logits (f64, 2 x 3)",
                "ids (text, 2)",
                "ok (bool, 2)",
                "empty (f64, 0)",
                "deep (i64, 2 x 1 x 1)",
                "preds (f64, 2 x 2)",
                "val/logits (f64, 2)",
            ]
        );
        let Ok(Elements::Float(Values::F64(logits))) = &found[1].1 else {
            panic!("{:?}", found[1]);
        };
        assert!(logits[1].is_nan());
        assert_eq!(logits[2..], [f64::NEG_INFINITY, 0.0, 2000.0, 1.0]);
        let ids = Elements::Text(vec!["a".to_owned(), "b\"\u{e9}".to_owned()]);
        assert_eq!(found[2].1, Ok(ids));
    }

    #[test]
    fn what_makes_no_array_is_named_by_row_and_column() {
        let cases = [
            ("[[1, 2], [3]]", "row 2 has 1 item, and row 1 has 2"),
            ("[[1, 2], [3, null]]", "row 2, column 2: null is no number"),
            ("[[1, 2], [3, \"x\"]]", "row 2, column 2: \"x\" is no number"),
            ("[[1, 2], 3]", "row 2: 3 stands where there should be a list"),
            ("[1, [2]]", "row 2: a list stands where there should be a number"),
            ("[\"a\", 1]", "row 2: 1 is no text"),
            ("[1, {\"a\": 1}]", "row 2: an object stands where there should be a number"),
            ("[true, 2]", "row 2: 2 is no truth value"),
            ("[[[[1]]]]", "row 1, item 1, column 1: lists within lists, more than three deep"),
        ];
        for (list, expected) in cases {
            let found = arrays(&format!("{{\"a\": {list}}}"));
            assert_eq!(found[0].1, Err(expected.to_owned()), "{list}");
        }
    }

    #[test]
    fn what_is_no_json_is_named_by_line_and_character() {
        let cases = [
            ("{\"a\": [1, 2\n", "line 2, character 1: the text ends within the object"),
            ("{\"a\": [1, x]}", "line 1, character 11: not JSON"),
            ("{\"a\": [1]\n \"b\": 2}", "line 2, character 2: not JSON"),
            ("{\"a\": [1]} {", "line 1, character 12: something follows the object"),
            ("{\"a\": [1], \"a\": [2]}", "two keys are called a"),
            ("{\"a\": 1}", "the JSON object holds no list of numbers"),
            ("{\"a\": [1.2.3]}", "line 1, character 8: 1.2.3 is no number"),
        ];
        for (text, expected) in cases {
            let problem = JsonArrays::parse(text.as_bytes()).expect_err(text);
            assert!(problem.message().starts_with(expected), "{}", problem.message());
        }
    }
}
