//! Situations from public reports: every file of the folder of cases ends with the right figures, a refusal, or a
//! failure by which nothing ships. The table is `cases.txt`; it is printed, and a file that is not in it fails.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{run, stderr};
use crate::shared;

const TABLE: &str = include_str!("cases.txt");

/// What is right for a file, or what came out of it.
#[derive(Debug)]
enum Outcome {
    /// Temperature, NLL and accuracy at T = 1; `None` is not held.
    Figures([Option<f64>; 3]),
    /// Exit status 2, with words of the message or its hint.
    Refused(String),
    /// The first finding is a failure of this rule.
    Failure(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Figures([t, nll, accuracy]) => {
                let number = |x: &Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:.6}"));
                write!(f, "T {} nll {} acc {}", number(t), number(nll), number(accuracy))
            }
            Self::Refused(words) => write!(f, "refused {}", words.lines().next().unwrap_or("")),
            Self::Failure(rule) => write!(f, "failure {rule}"),
        }
    }
}

/// What is right: each of these, whole. `null` is NaN: undefined must stay undefined.
fn expected(text: &str) -> Vec<Vec<Outcome>> {
    let one = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().collect();
        let number = |word: &str| match word {
            "-" => None,
            "null" => Some(f64::NAN),
            _ => Some(word.parse().expect("a number of the table")),
        };
        match words.as_slice() {
            ["T", t, "nll", nll, "acc", accuracy] => {
                Outcome::Figures([number(t), number(nll), number(accuracy)])
            }
            ["refused", words @ ..] => Outcome::Refused(words.join(" ")),
            ["failure", rule] => Outcome::Failure((*rule).to_owned()),
            _ => panic!("no outcome: {text}"),
        }
    };
    let all = |text: &str| text.split(" and ").map(|text| one(text.trim())).collect();
    text.split(" or ").map(all).collect()
}

/// What the program makes of `file`: a report or a refusal. A report with a failure is both its figures and the failure.
fn outcomes(folder: &Path, file: &str, flags: &[String]) -> Vec<Outcome> {
    let mut arguments = vec!["report".to_owned(), file.to_owned()];
    arguments.extend(["--format", "json", "--bootstrap", "0"].map(str::to_owned));
    arguments.extend_from_slice(flags);
    let output = run(folder, &arguments);
    if output.status.code() == Some(2) {
        return vec![Outcome::Refused(stderr(&output))];
    }
    assert_eq!(output.status.code(), Some(0), "{file}: {}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let number = |value: &Value| Some(value.as_f64().unwrap_or(f64::NAN));
    let figures = Outcome::Figures([
        number(&report["fit"]["temperature"]),
        number(&report["before"]["nll"]),
        number(&report["before"]["accuracy"]),
    ]);
    let first = &report["findings"][0];
    if first["severity"] != "failure" {
        return vec![figures];
    }
    let rule = first["rule"].as_str().expect("a name").to_owned();
    vec![figures, Outcome::Failure(rule)]
}

fn agree(came: &Outcome, right: &Outcome) -> bool {
    match (came, right) {
        (Outcome::Figures(came), Outcome::Figures(right)) => {
            came.iter().zip(right).all(|(came, right)| match (came, right) {
                (_, None) => true,
                (Some(came), Some(right)) if right.is_nan() => came.is_nan(),
                // Six decimals are printed, and T of a file with five digits moves in the sixth.
                (Some(came), Some(right)) => (came - right).abs() <= 2e-5 * right.abs().max(0.1),
                (None, Some(_)) => false,
            })
        }
        (Outcome::Refused(came), Outcome::Refused(right)) => came.contains(right.as_str()),
        (Outcome::Failure(came), Outcome::Failure(right)) => came == right,
        _ => false,
    }
}

/// `*` stands for any text within one name.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else {
        return pattern == path;
    };
    let Some(rest) = path.strip_prefix(head) else {
        return false;
    };
    let ends = rest.find('/').unwrap_or(rest.len());
    (0..=ends).filter(|end| rest.is_char_boundary(*end)).any(|end| matches(tail, &rest[end..]))
}

fn is_listed(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    !matches!(
        name,
        None | Some("make.py" | "truth.txt" | "README.md" | "common.py" | "__pycache__")
    )
}

/// All files below `folder`, by their path from it.
fn files(root: &Path, folder: &Path, found: &mut Vec<String>) {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    for path in entries.into_iter().filter(|path| is_listed(path)) {
        if path.is_dir() {
            files(root, &path, found);
        } else {
            let path = path.strip_prefix(root).expect("below the root");
            found.push(path.to_str().expect("UTF-8").to_owned());
        }
    }
}

/// One line of the table.
struct Line {
    pattern: &'static str,
    flags: Vec<String>,
    right: Vec<Vec<Outcome>>,
}

/// The lines of the table; `{path}` in flags is a file of the folder.
fn table(root: &Path) -> Vec<Line> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let line = |line: &'static str| {
        let mut cells = line.splitn(3, '|').map(str::trim);
        let mut cell = || cells.next().unwrap_or_else(|| panic!("three cells: {line}"));
        let (pattern, flags, right) = (cell(), cell(), cell());
        let flag = |word: &str| match word.strip_prefix('{') {
            Some(path) => root.join(path.trim_end_matches('}')).display().to_string(),
            None => word.to_owned(),
        };
        let flags = flags.split_whitespace().map(flag).collect();
        Line { pattern, flags, right: expected(right) }
    };
    lines.map(line).collect()
}

/// What came out, and whether it is right.
fn judge(root: &Path, path: &str, line: &Line) -> (String, bool) {
    let came = outcomes(root, path, &line.flags);
    let has = |right: &Outcome| came.iter().any(|came| agree(came, right));
    let fails = |outcome: &Outcome| matches!(outcome, Outcome::Failure(_));
    // Figures under a failure that nobody asked for are not right.
    let as_loud = |all: &Vec<Outcome>| all.iter().any(fails) == came.iter().any(fails);
    let right = line.right.iter().any(|all| all.iter().all(has) && as_loud(all));
    let came: Vec<String> = came.iter().map(ToString::to_string).collect();
    let verdict = if right { "right" } else { "WRONG" };
    let text = format!("{path} {} :: {} :: {verdict}", line.flags.join(" "), came.join(", "));
    (text, right)
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn every_case_is_right_or_refused() {
    let root = shared::data("cases");
    let lines = table(&root);
    let mut paths = Vec::new();
    files(&root, &root, &mut paths);
    let folders = lines.iter().map(|line| line.pattern);
    let folders = folders.filter(|pattern| !pattern.contains('.') && !pattern.ends_with('*'));
    paths.extend(folders.flat_map(|pattern| {
        let (case, name) = pattern.split_once('/').expect("a folder of a case");
        let parents = fs::read_dir(&root).expect("a folder");
        let parents = parents.filter_map(|parent| parent.ok()?.file_name().into_string().ok());
        parents.filter(move |parent| matches(case, parent)).map(move |p| format!("{p}/{name}"))
    }));
    let mut wrong = Vec::new();
    for path in &paths {
        // The first line of the table holds, for each set of flags.
        let mut flags_seen: Vec<&[String]> = Vec::new();
        for line in lines.iter().filter(|line| matches(line.pattern, path)) {
            if flags_seen.contains(&line.flags.as_slice()) {
                continue;
            }
            flags_seen.push(&line.flags);
            let (text, right) = judge(&root, path, line);
            println!("{text}");
            if !right {
                wrong.push(text);
            }
        }
        if !flags_seen.iter().any(|flags| flags.is_empty()) {
            wrong.push(format!("{path} is not in the table"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), paths.len(), wrong.join("\n"));
}
