//! The frame of an HTML file and its parts.

use super::super::svg::escaped;

/// Colours by custom properties, which the charts use too.
const STYLE: &str = include_str!("style.css");

/// Nothing may be loaded or run, whatever slipped through.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// A file in the making.
#[derive(Debug)]
pub(super) struct Page {
    title: String,
    body: String,
}

impl Page {
    /// An empty one with a title.
    pub(super) fn new(title: &str) -> Self {
        let title = escaped(title);
        let body = format!("<h1>{title}</h1>\n");
        Self { title, body }
    }

    /// Adds markup as it stands.
    pub(super) fn push(&mut self, markup: &str) {
        self.body.push_str(markup);
    }

    pub(super) fn section(&mut self, heading: &str) {
        self.push(&format!("<h2>{}</h2>\n", escaped(heading)));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.push(&format!("<p>{}</p>\n", escaped(text)));
    }

    /// A remark below what it is about.
    pub(super) fn small(&mut self, text: &str) {
        self.push(&format!("<p class=\"small\">{}</p>\n", escaped(text)));
    }

    /// A table whose first column is text and whose others are figures.
    pub(super) fn table(&mut self, heading: &[String], rows: &[Vec<String>]) {
        let cells = |tag: &str, cells: &[String]| {
            let cell = |text: &String| format!("<{tag}>{}</{tag}>", escaped(text));
            let cells: Vec<String> = cells.iter().map(cell).collect();
            format!("<tr>{}</tr>\n", cells.concat())
        };
        let body: Vec<String> = rows.iter().map(|row| cells("td", row)).collect();
        self.push(&format!(
            "<div class=\"wide\"><table>\n<thead>{}</thead>\n<tbody>\n{}</tbody>\n</table></div>\n",
            cells("th", heading).trim_end(),
            body.concat()
        ));
    }

    /// Charts beside one another.
    pub(super) fn figures(&mut self, charts: &[String]) {
        let figures: Vec<String> =
            charts.iter().map(|chart| format!("<figure>{chart}</figure>\n")).collect();
        self.push(&format!("<div class=\"charts\">\n{}</div>\n", figures.concat()));
    }

    /// A section of lines that are laid out in columns; nothing without lines.
    pub(super) fn text_section(&mut self, heading: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.section(heading);
        self.push(&format!("<pre>{}</pre>\n", escaped_lines(lines)));
    }

    /// The whole file.
    pub(super) fn finish(self) -> String {
        let Self { title, body } = self;
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"generator\" content=\"logitscope\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
        )
    }
}

/// Lines one below the other. A line end is a control character, so each is escaped by itself.
fn escaped_lines(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| escaped(line)).collect();
    lines.join("\n")
}
