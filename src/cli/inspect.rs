//! `inspect`: how a file is understood, and why.

use std::fmt::Write as _;

use crate::data::{BatchSource, MemorySource, printable};
use crate::io::Loaded;
use crate::report::number::count;

use super::Failure;
use super::args::InspectArgs;
use super::open::load;
use super::output::Output;
use super::progress::ProgressLine;

pub(super) fn run(args: &InspectArgs) -> Result<u8, Failure> {
    let mut line = ProgressLine::new(false);
    let loaded = load(&args.file, &args.data.options()?, &mut line)?;
    drop(line);
    Output::write(&describe(&loaded), None)?;
    Ok(0)
}

fn describe(loaded: &Loaded) -> String {
    let info = &loaded.info;
    let mut text = String::new();
    let mut say = |what: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{what:<13} {}", printable(value));
    };
    say("file", &info.path);
    say(
        "format",
        &format!("{}, scores stored as {}", info.format, info.dtype),
    );
    say(
        "scores",
        &format!(
            "{} of {} classes",
            info.kind.describe(),
            count(info.n_classes as u64)
        ),
    );
    say("task", info.task.name());
    match &loaded.test {
        None => say("rows", &rows(&loaded.fit)),
        Some(test) => {
            say("rows to fit", &rows(&loaded.fit));
            say("rows to judge", &rows(test));
        }
    }
    if let Some(names) = &info.class_names {
        say("class names", &shorten(names.as_slice()));
    }
    if !info.guesses.is_empty() {
        text.push_str("\nwhat was decided, and why\n");
        for guess in &info.guesses {
            let _ = writeln!(
                text,
                "  {:<12} {}",
                printable(&guess.what),
                printable(&guess.chosen)
            );
            let _ = writeln!(text, "  {:<12}   {}", "", printable(&guess.evidence));
        }
    }
    text
}

fn rows(source: &MemorySource) -> String {
    let ignored = source
        .labels()
        .iter()
        .filter(|label| label.is_ignored())
        .count() as u64;
    let total = count(source.n_rows() as u64);
    if ignored == 0 {
        total
    } else {
        format!("{total}, of which {} to ignore", count(ignored))
    }
}

/// The first names and how many more there are.
fn shorten(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let first = names
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => first,
        Some(more) => format!("{first}, and {more} more"),
    }
}
