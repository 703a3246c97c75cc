//! What a JSON reader would not mind, and is no row all the same: a key that is there twice, and brackets within
//! brackets until a reader that calls itself runs out of stack.

use std::collections::HashSet;
use std::fmt;

use memchr::memchr2_iter;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::super::error::Problem;
use super::super::picked::grouped;
use super::text::lines;

/// Brackets within brackets, at most; the limit of `serde_json`, so that both readers refuse the same lines.
const MAX_DEPTH: usize = 127;

/// Refuses lines of `text` in which brackets are nested too deep for polars, which ends the process on them.
///
/// `first_line` lines stand before the text.
pub(super) fn check_depth(text: &[u8], first_line: usize) -> Result<(), Problem> {
    for (row, line) in (first_line + 1..).zip(lines(text, false)) {
        // Nearly every line is done here: it does not open as many brackets.
        if memchr2_iter(b'[', b'{', line).count() > MAX_DEPTH && depth(line) > MAX_DEPTH {
            return Err(Problem::new(format!(
                "row {}: lists within lists, more than {MAX_DEPTH} deep",
                grouped(row)
            ))
            .hint("write the logits as one list of numbers for each row"));
        }
    }
    Ok(())
}

/// How deep the brackets outside of strings are nested.
fn depth(line: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0usize, 0, false, false);
    for byte in line {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The first key that the object in `line` holds twice; `None` too if it is no object.
pub(super) fn twice(line: &[u8]) -> Option<String> {
    serde_json::from_slice::<Keys>(line).ok()?.0
}

/// The first key of an object that is there twice.
struct Keys(Option<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(KeysVisitor)
    }
}

struct KeysVisitor;

impl<'de> Visitor<'de> for KeysVisitor {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
        let (mut seen, mut twice) = (HashSet::new(), None);
        while let Some((key, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
            if seen.contains(&key) {
                twice.get_or_insert(key);
            } else {
                seen.insert(key);
            }
        }
        Ok(Keys(twice))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_counted_outside_of_strings() {
        for (line, expected) in [
            ("", 0),
            (r#"{"a": [1, [2]], "b": []}"#, 3),
            (r#"{"[[[": "[\"[", "c": "]"}"#, 1),
            ("]]]{[", 2),
        ] {
            assert_eq!(depth(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn a_deep_line_is_named_and_a_wide_one_is_none() {
        let wide = format!("{{\"a\": [{}]}}\n", vec!["[1]"; 500].join(","));
        assert!(check_depth(wide.as_bytes(), 0).is_ok());
        let deep = format!("{wide}{{\"a\": {}", "[".repeat(MAX_DEPTH));
        let problem = check_depth(deep.as_bytes(), 1_000).expect_err("deep");
        assert!(problem.message().starts_with("row 1,002: "));
        let shallow = format!("{{\"a\": {}", "[".repeat(MAX_DEPTH - 1));
        assert!(check_depth(shallow.as_bytes(), 0).is_ok());
    }

    #[test]
    fn a_key_that_is_there_twice_is_found() {
        let found = |line: &str| twice(line.as_bytes());
        assert_eq!(found(r#"{"a": 1, "b": 2, "a": 3}"#), Some("a".to_owned()));
        assert_eq!(found(r#"{"a": {"a": 1}, "b": [1]}"#), None);
        assert_eq!(found("[1]"), None);
        assert_eq!(found(""), None);
    }
}
