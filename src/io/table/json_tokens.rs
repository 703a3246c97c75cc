//! The numbers that Python writes and JSON does not know.

use std::borrow::Cow;

use memchr::memchr2_iter;

/// The tokens that Python's `json.dumps` writes for them.
const PYTHON_TOKENS: [&str; 3] = ["NaN", "Infinity", "-Infinity"];

/// Puts quotes around the bare tokens, so that the text is JSON. Returns whether there was one.
pub(in crate::io) fn quote_tokens(text: &[u8]) -> (Cow<'_, [u8]>, bool) {
    let is_token =
        |at: usize| text[at..].starts_with(b"NaN") || text[at..].starts_with(b"Infinity");
    if !memchr2_iter(b'N', b'I', text).any(is_token) {
        return (Cow::Borrowed(text), false);
    }
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    let (mut in_string, mut found, mut at) = (false, false, 0);
    while at < text.len() {
        let byte = text[at];
        if in_string && byte == b'\\' {
            out.extend_from_slice(&text[at..(at + 2).min(text.len())]);
            at += 2;
            continue;
        }
        in_string ^= byte == b'"';
        let token =
            PYTHON_TOKENS.into_iter().find(|t| !in_string && text[at..].starts_with(t.as_bytes()));
        if let Some(token) = token {
            found = true;
            out.extend_from_slice(format!("\"{token}\"").as_bytes());
            at += token.len();
        } else {
            out.push(byte);
            at += 1;
        }
    }
    (Cow::Owned(out), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_quoted_outside_of_strings_alone() {
        let quoted = |text: &str| {
            let (quoted, found) = quote_tokens(text.as_bytes());
            (String::from_utf8_lossy(&quoted).into_owned(), found)
        };
        assert_eq!(
            quoted(r#"{"a NaN \" Infinity": [NaN, -Infinity, 1]}"#),
            (r#"{"a NaN \" Infinity": ["NaN", "-Infinity", 1]}"#.to_owned(), true)
        );
        assert_eq!(quoted(r#"{"NaN": 1}"#), (r#"{"NaN": 1}"#.to_owned(), false));
    }
}
