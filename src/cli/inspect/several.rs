//! Several files: the steps of one run, or files of their own, and which of them every command takes.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::data::printable;
use crate::io::OpenOptions;
use crate::pipeline::step_number;
use crate::report::number::count;
use crate::report::program;

use super::super::Failure;
use super::super::progress::ProgressLine;
use super::{Answer, SCHEMA, in_full, open, record};

/// The commands that take one step of a run, or all of them.
const TAKE_ALL: &str = "doctor, the app";
const TAKE_ONE: &str = "report, fit, check, compare, apply, summarize";

/// What the table of steps says of one.
struct Seen {
    path: String,
    number: Option<u64>,
    /// The key that says so in JSON, as JSON holds it.
    record: Value,
}

/// Opens one file after the other, so that one of them is in memory at a time. `are_steps` says that they are the
/// steps of one run, in order.
pub(super) fn answer(
    files: &[PathBuf],
    are_steps: bool,
    options: &OpenOptions,
    line: &mut ProgressLine,
) -> Result<Answer, Failure> {
    let mut seen = Vec::new();
    let mut texts = Vec::new();
    for (idx, file) in files.iter().enumerate() {
        let opened = open(file, options, line)?;
        if !are_steps || idx + 1 == files.len() {
            texts.push(in_full(&opened)?);
        }
        seen.push(Seen {
            path: opened.info().path.clone(),
            number: step_number(file),
            record: record::of(&opened)?,
        });
    }
    let same_labels = have_same_labels(&seen);
    let numbers: Vec<u64> = seen.iter().filter_map(|seen| seen.number).collect();
    let last = numbers.last().copied().filter(|_| are_steps);
    let text = match last {
        Some(last) => of_run(&seen, last, &texts.concat()),
        None => of_files(&texts),
    };
    let records: Vec<Value> = seen.into_iter().map(|seen| seen.record).collect();
    let mut json = json!({"schema": SCHEMA, "program": program(), "runs": records, "same_labels": same_labels});
    if let Some(last) = last {
        json["taken"] = taken(&numbers, last);
    }
    Ok(Answer { text, json })
}

/// The numbers of the steps that every command takes.
pub(super) fn taken(all: &[u64], last: u64) -> Value {
    let one = TAKE_ONE.split(", ").map(|command| (command, vec![last]));
    let all = [("doctor", all.to_vec()), ("app", all.to_vec())];
    let pairs = all.into_iter().chain(one);
    Value::Object(pairs.map(|(command, steps)| (command.to_owned(), json!(steps))).collect())
}

/// The same for people.
pub(super) fn taken_lines(last: u64) -> String {
    format!(
        "what the commands take\n  {TAKE_ALL}\n      all steps in this order, as one training run\n  {TAKE_ONE}\n      the last, step {last}; --step N takes another\n"
    )
}

fn of_run(seen: &[Seen], last: u64, in_full: &str) -> String {
    let mut text = format!(
        "{} steps of one training run, in the order of the numbers in their names\n\n{:>12} {:>10} {:>8}  file\n",
        count(seen.len() as u64),
        "step",
        "rows",
        "classes"
    );
    for step in seen {
        let number = |key: &str| step.record[key].as_u64().map_or_else(String::new, count);
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:>12} {:>10} {:>8}  {}",
            step.number.unwrap_or_default(),
            number("rows_read"),
            number("classes"),
            printable(&step.path)
        );
    }
    let labels = match differing(seen) {
        None => "the labels are the same in every step".to_owned(),
        Some((other, first)) => format!(
            "the labels of step {other} are not those of step {first}: their figures are not about the same rows"
        ),
    };
    let _ = writeln!(text, "{labels}\n\n{}", taken_lines(last));
    let _ = write!(text, "step {last} in full\n\n{in_full}");
    text
}

fn of_files(texts: &[String]) -> String {
    format!(
        "{}\nwhat the commands take\n  doctor\n      all of them in this order, as the steps of one training run\n  compare, the app\n      all of them, as models to compare\n  the others\n      one file, or one to fit on and one to judge on: --test FILE\n",
        texts.join("\n")
    )
}

/// The first step with other labels than the first one of which they are known, and that one.
fn differing(seen: &[Seen]) -> Option<(u64, u64)> {
    let labels = |seen: &Seen| seen.record["sha256_labels"].as_str().map(str::to_owned);
    let known = || {
        let of_step = |seen: &Seen| Some((seen.number.unwrap_or_default(), labels(seen)?));
        seen.iter().filter_map(of_step)
    };
    let (first, expected) = known().next()?;
    let (other, _) = known().find(|(_, labels)| *labels != expected)?;
    Some((other, first))
}

fn have_same_labels(seen: &[Seen]) -> bool {
    differing(seen).is_none()
}
