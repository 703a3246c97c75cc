//! An array of objects, however it is broken into lines, as one object a line.

use super::super::error::Problem;
use super::super::picked::grouped;

/// The objects of the array that `text` is, each in a line of its own.
///
/// # Errors
/// If something else stands among them, or the text ends within one.
pub(super) fn lines_of(text: &[u8]) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::with_capacity(text.len());
    let (mut depth, mut n_rows) = (0usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    let mut bytes = text.iter();
    for byte in bytes.by_ref() {
        if in_string {
            in_string = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            out.push(*byte);
            continue;
        }
        match (depth, byte) {
            (0, b'[') => depth = 1,
            (1, b']') => {
                depth = 0;
                break;
            }
            (1, b'{') => {
                n_rows += 1;
                depth = 2;
                out.push(*byte);
            }
            (1, b',') => {}
            (0 | 1, b) if b.is_ascii_whitespace() => {}
            (0 | 1, _) => return Err(no_object(n_rows + 1)),
            (_, b'\n' | b'\r') => out.push(b' '),
            (_, byte) => {
                out.push(*byte);
                match byte {
                    b'"' => in_string = true,
                    b'[' | b'{' => depth += 1,
                    b']' | b'}' => depth -= 1,
                    _ => {}
                }
                if depth == 1 {
                    out.push(b'\n');
                }
            }
        }
    }
    if depth > 0 || in_string {
        return Err(Problem::new(format!(
            "the array ends within row {}: the file is cut short",
            grouped(n_rows.max(1))
        ))
        .hint("copy or save it again"));
    }
    if bytes.any(|b| !b.is_ascii_whitespace()) {
        return Err(Problem::new("something follows the array")
            .hint("write one JSON object for each line (NDJSON)"));
    }
    Ok(out)
}

fn no_object(row: usize) -> Problem {
    Problem::new(format!(
        "row {}: an array that is read as a table holds objects alone",
        grouped(row)
    ))
    .hint("write rows as {\"logits\": [...], \"label\": 0}, or one object of lists: {\"logits\": [[...]], \"labels\": [...]}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_stand_in_lines_of_their_own() {
        let text = b" [\n {\"a\": \"]}\\\"\\n,\",\n \"b\": [1,\r\n 2]}, {\"a\": {}}\n]\n";
        let lines = lines_of(text).expect("an array");
        let expected = "{\"a\": \"]}\\\"\\n,\",  \"b\": [1,   2]}\n{\"a\": {}}\n";
        assert_eq!(String::from_utf8_lossy(&lines), expected);
    }

    #[test]
    fn what_is_no_array_of_objects_is_said_with_its_row() {
        for (text, words) in [
            ("[{\"a\": 1}, 2]", "row 2: "),
            ("[{\"a\": 1}, {\"a\": 2", "within row 2"),
            ("[{\"a\": 1}", "within row 1"),
            ("[{\"a\": 1}] [", "something follows"),
        ] {
            let problem = lines_of(text.as_bytes()).expect_err(text);
            assert!(problem.message().contains(words), "{}", problem.message());
        }
    }
}
