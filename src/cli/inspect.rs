//! `inspect`: how a file is understood, and why.

use std::fmt::Write as _;

use crate::data::{BatchSource, MemorySource, Values, printable};
use crate::io::Loaded;
use crate::report::number::{count, counted, decimal};

use super::Failure;
use super::args::InspectArgs;
use super::open::{Shared, load};
use super::output::Output;
use super::progress::ProgressLine;

pub(super) fn run(args: &InspectArgs, shared: &Shared) -> Result<u8, Failure> {
    let mut line = ProgressLine::new(shared.quiet);
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
    say(
        "values",
        &values(std::iter::once(&loaded.fit).chain(&loaded.test)),
    );
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

/// The extremes of the finite scores, and how many rows hold others.
fn values<'a>(sources: impl Iterator<Item = &'a MemorySource>) -> String {
    let (mut low, mut high, mut n_broken) = (f64::INFINITY, f64::NEG_INFINITY, 0);
    for source in sources {
        let mut add = |row: &mut dyn Iterator<Item = f64>| {
            let mut broken = false;
            for z in row {
                broken |= !z.is_finite();
                if z.is_finite() {
                    (low, high) = (low.min(z), high.max(z));
                }
            }
            n_broken += u64::from(broken);
        };
        let k = source.n_classes();
        match source.values() {
            Values::F32(v) => {
                v.chunks_exact(k)
                    .for_each(|row| add(&mut row.iter().map(|z| f64::from(*z))));
            }
            Values::F64(v) => v
                .chunks_exact(k)
                .for_each(|row| add(&mut row.iter().copied())),
        }
    }
    let broken = match n_broken {
        0 => "all finite".to_owned(),
        n => format!("{} with NaN or infinite scores", counted(n, "row")),
    };
    format!(
        "{} to {} as logits, {broken}",
        decimal(low, 4),
        decimal(high, 4)
    )
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
