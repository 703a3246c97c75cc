//! A table as one object: the names of its `columns` beside the rows of its `data`, as pandas (`orient="split"`) and
//! trackers of experiments write it.

use std::collections::HashSet;

use memchr::memmem;

use super::super::error::Problem;
use super::super::picked::grouped;
use super::cursor::Cursor;

/// The rows as one object a line; `None` if `text` is no such object, or its columns are classes: then they are numbers,
/// or labels lie in a list beside them.
///
/// # Errors
/// If a row has not one cell for each column, or two columns have one name.
pub(super) fn lines_of(text: &[u8]) -> Result<Option<Vec<u8>>, Problem> {
    let has = |key: &[u8]| memmem::find(text, key).is_some();
    if !has(b"\"columns\"") || !has(b"\"data\"") {
        return Ok(None);
    }
    let mut keys = Cursor::new(text).values()?;
    let mut take = |name: &str| {
        let at = keys.iter().position(|(key, _)| key == name)?;
        Some(keys.swap_remove(at).1)
    };
    let (Some(columns), Some(data)) = (take("columns"), take("data")) else {
        return Ok(None);
    };
    keys.retain(|(key, _)| key != "index");
    let columns: Vec<serde_json::Value> = match serde_json::from_slice(columns) {
        Ok(columns) => columns,
        Err(_) => return Ok(None),
    };
    let names: Option<Vec<&str>> = columns.iter().map(serde_json::Value::as_str).collect();
    let Some(names) = names.filter(|names| !names.is_empty()) else {
        return Ok(None);
    };
    let is_list = |value: &[u8]| value.first() == Some(&b'[');
    let is_beside = |name: &&str| {
        use super::super::names::{is_carried, labels_rank};
        is_carried(name) || labels_rank(name).is_some()
    };
    let others_have_labels = keys.iter().any(|(_, value)| is_list(value));
    if !is_list(data) || others_have_labels && !names.iter().any(is_beside) {
        return Ok(None);
    }
    let mut seen = HashSet::new();
    if let Some(name) = names.iter().find(|name| !seen.insert(**name)) {
        return Err(Problem::new(format!("two columns are called {name}"))
            .hint("give each column a name of its own"));
    }
    rows(data, &names).map(Some)
}

fn rows(data: &[u8], names: &[&str]) -> Result<Vec<u8>, Problem> {
    let keys: Vec<String> =
        names.iter().map(|name| serde_json::Value::from(*name).to_string()).collect();
    let mut out = Vec::with_capacity(data.len() * 2);
    for (row, cells) in Cursor::new(data).items()?.into_iter().enumerate() {
        let odd = |what: String| {
            Problem::new(format!("data: row {}: {what}", grouped(row + 1)))
                .hint("a table has one cell for each column; `df.to_json(path, orient=\"records\")` names them in every row")
        };
        if cells.first() != Some(&b'[') {
            return Err(odd("there is no list of cells".to_owned()));
        }
        let cells = Cursor::new(cells).items()?;
        if cells.len() != keys.len() {
            return Err(odd(format!(
                "{} cells, and there are {} columns",
                cells.len(),
                keys.len()
            )));
        }
        for (place, (key, cell)) in keys.iter().zip(cells).enumerate() {
            out.push(if place == 0 { b'{' } else { b',' });
            out.extend(key.bytes().chain([b':']));
            out.extend(cell.iter().map(|b| if b.is_ascii_whitespace() { b' ' } else { *b }));
        }
        out.extend(b"}\n");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Option<String> {
        let lines = lines_of(text.as_bytes()).expect("JSON");
        lines.map(|lines| String::from_utf8(lines).expect("text"))
    }

    #[test]
    fn rows_get_the_names_of_their_columns() {
        let text = "{\"columns\": [\"id\", \"z\\\"\"], \"index\": [7, 8],\n \"data\": [[1, [0.5,\n NaN]], [\"a]\", null]]}";
        let expected = "{\"id\":1,\"z\\\"\":[0.5,  NaN]}\n{\"id\":\"a]\",\"z\\\"\":null}\n";
        assert_eq!(lines(text).as_deref(), Some(expected));
    }

    #[test]
    fn names_of_classes_beside_labels_are_no_table() {
        for text in [
            "{\"columns\": [\"cat\", \"dog\"], \"data\": [[1, 2]], \"labels\": [0]}",
            "{\"columns\": [0, 1], \"data\": [[1, 2]]}",
            "{\"columns\": 2, \"data\": [[1, 2]]}",
            "{\"columns\": [\"a\"], \"data\": {}}",
            "{\"logits\": [[1, 2]]}",
        ] {
            assert_eq!(lines(text), None, "{text}");
        }
        assert!(lines("{\"columns\": [\"label\"], \"data\": [[1]], \"y\": [0]}").is_some());
        for (text, words) in [
            ("{\"columns\": [\"a\", \"b\"], \"data\": [[1, 2], [3]]}", "row 2: 1 cells"),
            ("{\"columns\": [\"a\", \"a\"], \"data\": [[1, 2]]}", "two columns"),
        ] {
            let problem = lines_of(text.as_bytes()).expect_err(text);
            assert!(problem.message().contains(words), "{}", problem.message());
        }
    }
}
