//! Every figure in plain words, as `docs/reading.md` has them: one text for the page, `report --explain` and the help of the app.

use super::words::{indented, wrap};

/// The page.
const PAGE: &str = include_str!("../../docs/reading.md");

/// Columns of the names in a list.
const NAME_WIDTH: usize = 28;

/// Columns before a paragraph that has a heading of its own.
const INDENT: usize = 4;

/// What one figure means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figure {
    /// Its heading.
    pub name: &'static str,
    /// What it is called in JSON and in tables.
    pub aliases: Vec<&'static str>,
    /// The screens that show it.
    pub screens: Vec<&'static str>,
    /// What it is, then what is good, what is bad, and who made it, each behind its word and a colon.
    pub paragraphs: Vec<String>,
}

/// Every figure, in the order of the page.
pub fn figures() -> Vec<Figure> {
    let sections = PAGE.split("\n### ").skip(1);
    sections.map(|section| section.split("\n## ").next().unwrap_or(section)).map(figure).collect()
}

/// Heading, a line of names and screens, paragraphs.
fn figure(section: &'static str) -> Figure {
    let (name, rest) = section.split_once('\n').unwrap_or((section, ""));
    let (about, text) = rest.split_once('\n').unwrap_or((rest, ""));
    let (aliases, screens) = about.split_once(" · ").unwrap_or((about, ""));
    let paragraphs = text.split("\n\n").map(|text| text.trim().replace(['`', '*'], ""));
    Figure {
        name: name.trim(),
        aliases: aliases.split('`').skip(1).step_by(2).collect(),
        screens: screens.split(',').map(str::trim).collect(),
        paragraphs: paragraphs.filter(|text| !text.is_empty()).collect(),
    }
}

impl Figure {
    /// True if it goes by `name`, in capitals or not.
    pub fn is_called(&self, name: &str) -> bool {
        self.names().any(|other| other.eq_ignore_ascii_case(name.trim()))
    }

    /// Its heading and what else it is called.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }

    /// As a list of all figures has it: its heading, and what it is in a clause.
    pub fn summary(&self, width: usize) -> String {
        let text = self.paragraphs.first().map_or("", String::as_str);
        let ends = [". ", ": ", "; "].iter().filter_map(|end| text.find(end));
        let clause = text[..ends.min().unwrap_or(text.len())].trim_end_matches('.');
        let lines = wrap(clause, width.saturating_sub(NAME_WIDTH));
        format!("{:<NAME_WIDTH$}{}", self.name, lines.join(&format!("\n{:NAME_WIDTH$}", "")))
    }

    /// As `report --explain` prints it, in lines of at most `width` columns.
    pub fn lines(&self, width: usize) -> Vec<String> {
        let heading = format!("{}  ({})", self.name, self.aliases.join(", "));
        let mut lines = wrap(&heading, width);
        for text in &self.paragraphs {
            let known = |(word, _): &(&str, &str)| ["Good", "Bad", "Source"].contains(word);
            if let Some((word, text)) = text.split_once(": ").filter(known) {
                lines.push(format!("  {word}"));
                let text = wrap(text, width.saturating_sub(INDENT));
                lines.extend(text.iter().map(|line| format!("{:INDENT$}{line}", "")));
            } else {
                lines.extend(indented(text, width));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_figure_says_what_it_is_and_what_is_good_and_bad() {
        let figures = figures();
        assert!(figures.len() > 30, "{}", figures.len());
        let mut names = HashSet::new();
        for figure in &figures {
            assert!(!figure.aliases.is_empty() && !figure.screens.is_empty(), "{figure:?}");
            let has = |word: &str| figure.paragraphs.iter().any(|text| text.starts_with(word));
            assert!(has("Good") && (has("Bad") || has("Good and bad")), "{figure:?}");
            assert!(figure.paragraphs[0].len() > 40, "{figure:?}");
            assert!(figure.paragraphs.iter().all(|text| text.is_ascii()), "{figure:?}");
            let own: HashSet<String> = figure.names().map(str::to_lowercase).collect();
            assert!(own.into_iter().all(|name| names.insert(name)), "{figure:?}");
            assert!(figure.lines(80).iter().all(|line| line.chars().count() <= 80));
        }
    }
}
