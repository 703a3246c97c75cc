//! Colour of printed text: the verdict, and how much a finding or a limit matters.

use std::io::IsTerminal;

use super::args::When;
use crate::io::Destination;

const RED: &str = "\x1b[1;31m";
const YELLOW: &str = "\x1b[1;33m";
const GREEN: &str = "\x1b[1;32m";
const BLUE: &str = "\x1b[1;34m";
const RESET: &str = "\x1b[0m";

/// What a line may begin with, after its blanks.
const WORDS: [(&str, &str); 13] = [
    ("FAILURE", RED),
    ("CALIBRATED", GREEN),
    ("OVERCONFIDENT", YELLOW),
    ("UNDERCONFIDENT", YELLOW),
    ("MISSHAPEN", YELLOW),
    ("UNDETERMINED", YELLOW),
    ("NO TEMPERATURE", YELLOW),
    ("failure", RED),
    ("warning", YELLOW),
    ("info", BLUE),
    ("exceeded", RED),
    ("ok", GREEN),
    ("ignored", YELLOW),
];

/// Only these stand before such a word: the two blanks of a finding, or none.
const INDENT: usize = 2;

/// Text for people, that goes to `out` or to stdout, with colour where it is wanted.
pub(super) fn of_text(text: String, when: When, out: Option<&Destination>) -> String {
    if is_wanted(when, out) { painted(&text) } else { text }
}

/// As the user says, else as the environment does, else on a terminal. By the customs of `NO_COLOR`, `FORCE_COLOR` and
/// `CLICOLOR`.
fn is_wanted(when: When, out: Option<&Destination>) -> bool {
    match when {
        When::Always => out.is_none_or(Destination::is_stdout),
        When::Never => false,
        When::Auto if out.is_some() => false,
        When::Auto => {
            let var = |name: &str| std::env::var(name).ok();
            is_wanted_by(&var).unwrap_or_else(|| std::io::stdout().is_terminal())
        }
    }
}

/// What the environment says; `None` if it leaves that to the terminal.
fn is_wanted_by(var: &dyn Fn(&str) -> Option<String>) -> Option<bool> {
    let given = |name: &str| var(name).filter(|value| !value.is_empty());
    let is_on = |value: String| !matches!(value.as_str(), "0" | "false");
    if given("NO_COLOR").is_some() {
        return Some(false);
    }
    let forced = given("FORCE_COLOR").map(is_on);
    // CLICOLOR_FORCE=0 forces nothing.
    let forced = forced.or_else(|| given("CLICOLOR_FORCE").map(is_on).filter(|is_on| *is_on));
    let is_plain =
        given("CLICOLOR").is_some_and(|x| !is_on(x)) || given("TERM").as_deref() == Some("dumb");
    forced.or(is_plain.then_some(false))
}

/// The text with its verdict and the severities of findings and limits in colour.
fn painted(text: &str) -> String {
    text.split_inclusive('\n').map(painted_line).collect()
}

fn painted_line(line: &str) -> String {
    let start = line.trim_start_matches(' ');
    let n_blanks = line.len() - start.len();
    let is_whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let found = WORDS.iter().find_map(|(word, colour)| {
        let rest = start.strip_prefix(word).filter(|rest| is_whole(rest))?;
        Some((word, colour, rest))
    });
    match found {
        Some((word, colour, rest)) if n_blanks == 0 || n_blanks == INDENT => {
            format!("{:n_blanks$}{colour}{word}{RESET}{rest}", "")
        }
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_decides_by_its_customs() {
        let of = |pairs: &[(&str, &str)]| {
            is_wanted_by(&|name| {
                pairs.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("NO_COLOR", "")]), None);
        assert_eq!(of(&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")]), Some(false));
        assert_eq!(of(&[("FORCE_COLOR", "3"), ("TERM", "dumb")]), Some(true));
        assert_eq!(of(&[("FORCE_COLOR", "0")]), Some(false));
        assert_eq!(of(&[("CLICOLOR_FORCE", "1")]), Some(true));
        assert_eq!(of(&[("CLICOLOR_FORCE", "0")]), None);
        assert_eq!(of(&[("CLICOLOR", "0")]), Some(false));
        assert_eq!(of(&[("CLICOLOR", "1"), ("TERM", "xterm")]), None);
        assert_eq!(of(&[("TERM", "dumb")]), Some(false));
    }

    #[test]
    fn words_of_severity_alone_are_painted() {
        for (line, word) in [
            ("OVERCONFIDENT: the model\n", "OVERCONFIDENT"),
            ("FAILURE: exploding\n", "FAILURE"),
            ("  warning dead_classes\n", "warning"),
            ("ok        ece 0.1, at most 0.2\n", "ok"),
        ] {
            let painted = painted(line);
            assert!(painted.contains(&format!("m{word}{RESET}")), "{painted:?}");
            assert_eq!(painted.split('\x1b').count(), 3);
        }
        for line in ["okapi\n", "    warning of a sentence\n", "an OVERCONFIDENT model\n", "", "\n"]
        {
            assert_eq!(painted(line), line);
        }
    }
}
