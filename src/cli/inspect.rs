//! `inspect`: how a file is understood, and why; of several files which of them every command takes.

mod record;
mod several;

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::data::{
    BatchSource, Carried, CarriedColumn, SourceError, SourceInfo, ValuesRef, printable,
};
use crate::io::{Loaded, OpenOptions, Source};
use crate::numerics::Score;
use crate::pipeline::{
    self, Opened, Summaries, SummaryPart, are_steps, chosen_step, expanded, holds_summaries,
    in_order, open_summaries,
};
use crate::report::number::{count, counted, decimal, temperature};
use crate::report::program;

use super::Failure;
use super::args::{AnswerFormat, InspectArgs};
use super::open::{Shared, mistyped_command, reading};
use super::output::Output;
use super::progress::ProgressLine;

/// The first key of the answer in JSON.
const SCHEMA: &str = "logitscope.inspect/1";

pub(super) fn run(args: &InspectArgs, shared: &Shared) -> Result<u8, Failure> {
    if let Some(failure) = mistyped_command(&args.files) {
        return Err(failure);
    }
    let options = args.data.options(shared)?;
    let answer = answer(args, &options, shared)?;
    let text = match args.format {
        AnswerFormat::Text => answer.text,
        AnswerFormat::Json => format!("{:#}\n", answer.json),
    };
    Output::write(&text, None)?;
    Ok(0)
}

/// The answer in both forms.
struct Answer {
    text: String,
    json: Value,
}

fn answer(args: &InspectArgs, options: &OpenOptions, shared: &Shared) -> Result<Answer, Failure> {
    let files = in_order(expanded(&args.files));
    let mut line = ProgressLine::new(shared.quiet);
    if options.step.is_some()
        && let Some(step) = chosen_step(&files, options.step)?
    {
        // Which step is decided: the file holds no others.
        let options = OpenOptions { step: None, ..options.clone() };
        let opened = pipeline::open(&step.path, &options, &mut reading(&mut line))?;
        return of_one(&opened.of_step(&step), false);
    }
    match files.as_slice() {
        [file] => of_one(&open(file, options, &mut line)?, options.step.is_none()),
        several if several.iter().all(|file| holds_summaries(file)) && !are_steps(several) => {
            let joined = open_summaries(several, options, &mut reading(&mut line))?;
            of_one(&Opened::Summaries(Box::new(joined)), false)
        }
        several => several::answer(several, are_steps(several), options, &mut line),
    }
}

fn open(file: &Path, options: &OpenOptions, line: &mut ProgressLine) -> Result<Opened, Failure> {
    Ok(pipeline::open(file, options, &mut reading(line))?)
}

/// One data set. `all_steps` says that none of several steps within it was asked for.
fn of_one(opened: &Opened, all_steps: bool) -> Result<Answer, Failure> {
    let steps = opened.info().steps();
    let mut text = in_full(opened)?;
    let mut json = json!({"schema": SCHEMA, "program": program(), "runs": [record::of(opened)?]});
    if all_steps && let [_, .., last] = steps.as_slice() {
        text.push('\n');
        text.push_str(&several::taken_lines(*last));
        json["taken"] = several::taken(&steps, *last);
    }
    Ok(Answer { text, json })
}

/// Everything about one data set.
fn in_full(opened: &Opened) -> Result<String, SourceError> {
    match opened {
        Opened::Logits(loaded) => describe(loaded),
        Opened::Summaries(summaries) => Ok(describe_summaries(summaries)),
    }
}

/// A line of the answer: what it is about, and the answer.
type Line = (&'static str, String);

fn describe(loaded: &Loaded) -> Result<String, SourceError> {
    let mut lines = understood(&loaded.info);
    match &loaded.test {
        None => lines.push(("rows", rows(&loaded.fit))),
        Some(test) => {
            lines.extend([("rows to fit", rows(&loaded.fit)), ("rows to judge", rows(test))]);
        }
    }
    lines.extend(beside(&loaded.fit.carried()));
    let sources = std::iter::once(&loaded.fit).chain(&loaded.test);
    lines.push(("values", values(sources)?));
    Ok(text(lines, &loaded.info))
}

/// The columns that are carried along.
fn beside(carried: &Carried) -> Option<Line> {
    let column = |c: &CarriedColumn| format!("{} ({})", printable(&c.name), c.values.type_name());
    let columns: Vec<String> = carried.columns().iter().map(column).collect();
    (!columns.is_empty()).then(|| ("beside", columns.join(", ")))
}

/// The same of summaries, with the temperatures at which they need no interpolation.
fn describe_summaries(summaries: &Summaries) -> String {
    let mut lines = understood(&summaries.info);
    match &summaries.test {
        None => lines.push(("rows", summarized(&summaries.fit))),
        Some(test) => lines.extend([
            ("rows to fit", summarized(&summaries.fit)),
            ("rows to judge", summarized(test)),
        ]),
    }
    let rows = &summaries.fit.rows;
    lines.extend(beside(rows.carried()));
    let bs = rows.exact_at().into_iter();
    let ts = bs.map(|b| format!("T = {}", temperature(b.recip())));
    let exact = if rows.keeps_scores() {
        "every T: the scores are kept".to_owned()
    } else {
        ts.collect::<Vec<_>>().join(", ")
    };
    lines.push(("exact at", exact));
    text(lines, &summaries.info)
}

fn understood(info: &SourceInfo) -> Vec<Line> {
    let scores = format!(
        "{} of {} {}",
        info.kind.describe(),
        count(info.n_scores() as u64),
        info.scores_word()
    );
    vec![
        ("file", info.path.clone()),
        ("format", format!("{}, scores stored as {}", info.format, info.dtype)),
        ("scores", scores),
        ("task", info.task.name().to_owned()),
    ]
}

fn text(mut lines: Vec<Line>, info: &SourceInfo) -> String {
    if let Some(names) = &info.class_names {
        lines.push(("class names", shorten(names.as_slice())));
    }
    let line = |(what, value): Line| format!("{what:<13} {}\n", printable(&value));
    let mut text: String = lines.into_iter().map(line).collect();
    if !info.guesses.is_empty() {
        text.push_str("\nwhat was decided, and why\n");
    }
    for guess in &info.guesses {
        let (what, chosen) = (printable(&guess.what), printable(&guess.chosen));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {what:<12} {chosen}");
        let _ = writeln!(text, "  {:<12}   {}", "", printable(&guess.evidence));
    }
    text
}

fn summarized(part: &SummaryPart) -> String {
    let left_out = part.rows.left_out();
    let total = count(part.n_read);
    let reasons = [
        (left_out.ignored_label, "to ignore"),
        (left_out.non_finite, "with NaN or infinite scores"),
    ];
    let reasons: Vec<String> = reasons
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, why)| format!("{} {why}", count(n)))
        .collect();
    if reasons.is_empty() { total } else { format!("{total}, of which {}", reasons.join(" and ")) }
}

fn rows(source: &Source) -> String {
    let ignored = source.labels().iter().filter(|label| label.is_ignored()).count() as u64;
    let total = count(source.n_rows() as u64);
    if ignored == 0 { total } else { format!("{total}, of which {} to ignore", count(ignored)) }
}

/// The extremes of the finite scores, and how many rows hold others.
fn values<'a>(sources: impl Iterator<Item = &'a Source>) -> Result<String, SourceError> {
    let extremes = extremes(sources)?;
    let lacking = (extremes.n_lacking > 0).then(|| {
        let rows = counted(extremes.n_lacking, "row");
        format!("{rows} with absent classes (-inf)")
    });
    let broken = (extremes.n_broken > 0).then(|| {
        let rows = counted(extremes.n_broken, "row");
        format!("{rows} with NaN or infinite scores")
    });
    let odd: Vec<String> = lacking.into_iter().chain(broken).collect();
    let broken = if odd.is_empty() { "all finite".to_owned() } else { odd.join(", ") };
    Ok(format!("{} to {} as logits, {broken}", decimal(extremes.low, 4), decimal(extremes.high, 4)))
}

fn extremes<'a>(mut sources: impl Iterator<Item = &'a Source>) -> Result<Extremes, SourceError> {
    let mut extremes =
        Extremes { low: f64::INFINITY, high: f64::NEG_INFINITY, n_lacking: 0, n_broken: 0 };
    sources.try_for_each(|source| {
        source.read(&mut |batch| {
            match batch.values {
                ValuesRef::F32(v) => extremes.add(v, batch.n_classes, source.overflowed()),
                ValuesRef::F64(v) => extremes.add(v, batch.n_classes, source.overflowed()),
            }
            Ok(())
        })
    })?;
    Ok(extremes)
}

/// What was seen of the scores so far.
struct Extremes {
    low: f64,
    high: f64,
    /// Rows that lack a class, and rows with NaN or plus infinity.
    n_lacking: u64,
    n_broken: u64,
}

impl Extremes {
    fn add<S: Score>(&mut self, values: &[S], k: usize, overflowed: bool) {
        for row in values.chunks_exact(k) {
            let (mut lacks, mut broken) = (false, false);
            for z in row.iter().map(|z| z.widen()) {
                lacks |= z == f64::NEG_INFINITY;
                broken |= z.is_nan() || z == f64::INFINITY;
                if z.is_finite() {
                    (self.low, self.high) = (self.low.min(z), self.high.max(z));
                }
            }
            broken |= lacks && overflowed;
            self.n_lacking += u64::from(lacks && !broken);
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
        .map(|name| crate::data::short_name(name))
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => first,
        Some(more) => format!("{first}, and {more} more"),
    }
}
