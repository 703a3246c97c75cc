//! `inspect`: how a file is understood, and why.

use std::fmt::Write as _;

use crate::data::{BatchSource, SourceError, ValuesRef, printable};
use crate::io::{Loaded, Source};
use crate::numerics::Score;
use crate::report::number::{count, counted, decimal};

use super::Failure;
use super::args::InspectArgs;
use super::open::{Shared, load};
use super::output::Output;
use super::progress::ProgressLine;

pub(super) fn run(args: &InspectArgs, shared: &Shared) -> Result<u8, Failure> {
    let mut line = ProgressLine::new(shared.quiet);
    let loaded = load(&args.file, &args.data.options(shared)?, &mut line)?;
    drop(line);
    Output::write(&describe(&loaded)?, None)?;
    Ok(0)
}

fn describe(loaded: &Loaded) -> Result<String, SourceError> {
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
        &values(std::iter::once(&loaded.fit).chain(&loaded.test))?,
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
    Ok(text)
}

fn rows(source: &Source) -> String {
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
fn values<'a>(mut sources: impl Iterator<Item = &'a Source>) -> Result<String, SourceError> {
    let mut extremes = Extremes {
        low: f64::INFINITY,
        high: f64::NEG_INFINITY,
        n_broken: 0,
    };
    sources.try_for_each(|source| {
        source.read(&mut |batch| {
            match batch.values {
                ValuesRef::F32(v) => extremes.add(v, batch.n_classes),
                ValuesRef::F64(v) => extremes.add(v, batch.n_classes),
            }
            Ok(())
        })
    })?;
    let broken = match extremes.n_broken {
        0 => "all finite".to_owned(),
        n => format!("{} with NaN or infinite scores", counted(n, "row")),
    };
    Ok(format!(
        "{} to {} as logits, {broken}",
        decimal(extremes.low, 4),
        decimal(extremes.high, 4)
    ))
}

/// What was seen of the scores so far.
struct Extremes {
    low: f64,
    high: f64,
    n_broken: u64,
}

impl Extremes {
    fn add<S: Score>(&mut self, values: &[S], k: usize) {
        for row in values.chunks_exact(k) {
            let mut broken = false;
            for z in row.iter().map(|z| z.widen()) {
                broken |= !z.is_finite();
                if z.is_finite() {
                    (self.low, self.high) = (self.low.min(z), self.high.max(z));
                }
            }
            self.n_broken += u64::from(broken);
        }
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
