//! The report as CSV, one figure a line, for whoever plots or collects figures.

use serde_json::Value;

use super::json::json;
use crate::data::spreadsheet_cell;
use crate::pipeline::Study;

/// What stands between two commas.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Cell {
    /// Quoted where it must be.
    Text(String),
    /// In full precision; empty unless finite.
    Number(f64),
}

/// A line with its end (RFC 4180, but for the line end).
pub(super) fn line(cells: impl IntoIterator<Item = Cell>) -> String {
    let cells: Vec<String> = cells.into_iter().map(written).collect();
    cells.join(",") + "\n"
}

fn written(cell: Cell) -> String {
    match cell {
        Cell::Number(number) if number.is_finite() => number.to_string(),
        Cell::Number(_) => String::new(),
        Cell::Text(text) => {
            let text = spreadsheet_cell(&text);
            if text.contains([',', '"', '\n', '\r']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text
            }
        }
    }
}

/// Text for a cell of a Markdown table: nothing in it is taken for markup.
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_[]<>|~".contains(c) {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

/// The sections of the JSON report whose figures are single numbers.
const SECTIONS: [&str; 6] = ["source", "fit", "before", "after", "improvement", "in_sample_after"];

/// `section,figure,value,low,high`: every single figure of [`json()`] by its name there, nested names joined by dots,
/// with its interval where it has one. What is undefined is empty.
pub fn csv(study: &Study) -> String {
    let report = json(study, &study.timing);
    let heading = ["section", "figure", "value", "low", "high"];
    let mut text = line(heading.map(|name| Cell::Text(name.to_string())));
    for section in SECTIONS {
        if let Some(figures) = report.get(section) {
            flatten(section, "", figures, figures.get("intervals"), &mut text);
        }
    }
    text
}

fn flatten(
    section: &str,
    path: &str,
    figures: &Value,
    intervals: Option<&Value>,
    text: &mut String,
) {
    let Value::Object(entries) = figures else {
        return;
    };
    for (key, value) in entries {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let cell = match value {
            Value::Object(_) if key == "intervals" => continue,
            Value::Object(_) => {
                flatten(section, &path, value, None, text);
                continue;
            }
            Value::Array(_) => continue,
            Value::String(string) => Cell::Text(string.clone()),
            Value::Bool(flag) => Cell::Text(flag.to_string()),
            other => Cell::Number(other.as_f64().unwrap_or(f64::NAN)),
        };
        let end = |idx: usize| {
            let end = intervals.and_then(|all| all.get(key)?.get(idx)?.as_f64());
            Cell::Number(end.unwrap_or(f64::NAN))
        };
        let names = [section, &path].map(|name| Cell::Text(name.to_string()));
        *text += &line(names.into_iter().chain([cell, end(0), end(1)]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cells = [Cell::Text("a,\"b\"".into()), Cell::Number(0.1), Cell::Number(f64::NAN)];
        assert_eq!(line(cells), "\"a,\"\"b\"\"\",0.1,\n");
        let formula = Cell::Text("=HYPERLINK(\"x\",1)".into());
        assert_eq!(line([formula]), "\"'=HYPERLINK(\"\"x\"\",1)\"\n");
        assert_eq!(markdown("a|b_c"), "a\\|b\\_c");
    }
}
