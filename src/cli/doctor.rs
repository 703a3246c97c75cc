//! `doctor`: findings alone, and training runs.

mod steps;

use serde_json::{Value, json};

use crate::diagnosis::{
    Departure, Finding, Rule, RunStep, Skipped, departures, diagnose_run, entropy_edges,
    explanation, has_failure, have_same_labels, margin_edges,
};
use crate::report::number::{counted, decimal, nats, percent, temperature};
use crate::report::{explanation_lines, findings_lines, program, skipped_lines, wrap};

use super::args::{AnswerFormat, DoctorArgs};
use super::open::Shared;
use super::output::Output;
use super::{Failure, colour};

/// The first key of the answer in JSON.
const SCHEMA: &str = "logitscope.doctor/1";

/// Columns where no terminal says otherwise, and at most.
const WIDTH: (usize, usize) = (80, 120);

pub(super) fn run(args: &DoctorArgs, shared: &Shared) -> Result<u8, Failure> {
    if let Some(rule) = &args.explain {
        Output::write(&explain(rule)?, None)?;
        return Ok(0);
    }
    let (steps, judged) = steps::studied(args, shared)?;
    let run = Run::new(steps, judged);
    let text = match args.format {
        AnswerFormat::Text => colour::of_text(text(&run, width()), shared.color, None),
        AnswerFormat::Json => format!("{:#}\n", as_json(&run)),
    };
    Output::write(&text, None)?;
    let judged = run.judged.iter().map(|judged| &judged.step.0);
    let mut all = run.steps.iter().chain(judged);
    let any = has_failure(&run.findings) || all.any(|step| has_failure(&step.findings));
    Ok(u8::from(any))
}

fn width() -> usize {
    let terminal = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    terminal.unwrap_or(WIDTH.0).clamp(WIDTH.0, WIDTH.1)
}

fn explain(name: &str) -> Result<String, Failure> {
    if name.is_empty() {
        let line = |rule: &Rule| format!("{:<28} {}\n", rule.name(), explanation(*rule).measured);
        return Ok(Rule::ALL.iter().map(line).collect());
    }
    let close = || {
        let distance = |rule: &&Rule| strsim::damerau_levenshtein(rule.name(), name);
        Rule::ALL.iter().min_by_key(distance)
    };
    let rule = Rule::named(name).ok_or_else(|| {
        let hint = close().map_or("", |rule| rule.name());
        Failure::hint(
            format!("there is no rule {name}"),
            format!("logitscope doctor --explain {hint}"),
        )
    })?;
    Ok(explanation_lines(rule, width()).join("\n") + "\n")
}

/// Where a step comes from.
struct Origin {
    path: String,
    rows_read: u64,
    evaluated_on: Value,
    /// The rules that had nothing to go by.
    skipped: Vec<Skipped>,
}

/// The last step of several, judged on a file that holds no steps.
struct Judged {
    step: (RunStep, Origin),
    /// The path of that file, printable.
    on: String,
}

/// One step or several, in order.
struct Run {
    steps: Vec<RunStep>,
    /// As many as there are steps.
    origins: Vec<Origin>,
    /// What the order shows.
    findings: Vec<Finding>,
    departures: Vec<Departure>,
    judged: Option<Judged>,
}

impl Run {
    fn new(steps: Vec<(RunStep, Origin)>, judged: Option<Judged>) -> Self {
        let (steps, origins): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
        let findings = match steps.as_slice() {
            [_, _, ..] => diagnose_run(&steps),
            _ => Vec::new(),
        };
        let departures = departures(&steps);
        Self { steps, origins, findings, departures, judged }
    }

    fn both(&self) -> impl Iterator<Item = (&RunStep, &Origin)> {
        self.steps.iter().zip(&self.origins)
    }
}

fn record((step, origin): (&RunStep, &Origin)) -> Value {
    json!({
        "path": origin.path,
        "step": step.step,
        "rows_read": origin.rows_read,
        "evaluated_on": origin.evaluated_on,
        "sha256_labels": step.labels,
        "stats": step.stats,
        "histograms": step.histograms,
        "findings": step.findings,
        "skipped": origin.skipped,
    })
}

fn as_json(run: &Run) -> Value {
    let mut answer = json!({
        "schema": SCHEMA,
        "program": program(),
        "bins": { "margin": margin_edges(), "entropy": entropy_edges() },
        "runs": run.both().map(record).collect::<Vec<_>>(),
    });
    if run.steps.len() > 1 {
        answer["findings"] = json!(run.findings);
        answer["departures"] = json!(run.departures);
        answer["same_labels"] = json!(have_same_labels(&run.steps));
    }
    if let Some(judged) = &run.judged {
        let (step, origin) = &judged.step;
        answer["test"] = record((step, origin));
        answer["test"]["judged_on"] = json!(judged.on);
    }
    answer
}

fn text(run: &Run, width: usize) -> String {
    let mut lines = Vec::new();
    if let [only] = run.steps.as_slice() {
        let path = &run.origins[0].path;
        lines.push(format!("{path}: {}", summary(&only.findings)));
        lines.extend(findings_lines(&only.findings, width));
        lines.extend(skipped_lines(&run.origins[0].skipped, width));
        return lines.join("\n") + "\n";
    }
    lines.push(format!(
        "{} in order: {}",
        counted(run.steps.len() as u64, "step"),
        summary(&run.findings)
    ));
    lines.extend(findings_lines(&run.findings, width));
    let departures = run.departures.iter().map(|d| departed(d, &run.steps));
    let notes = departures.chain(labels_differ(&run.steps));
    lines.extend(notes.flat_map(|note| wrap(&note, width)));
    lines.push(String::new());
    lines.push(heading());
    lines.extend(run.both().map(row));
    let judged = run.judged.as_ref().map(|judged| {
        let (step, origin) = &judged.step;
        let on = format!(
            "{}, judged on {}, which holds no steps (the steps before are not compared with it)",
            step.name, judged.on
        );
        (on, step, origin)
    });
    let last = || {
        let (step, origin) = run.both().last()?;
        Some((step.name.clone(), step, origin))
    };
    if let Some((name, last, origin)) = judged.or_else(last) {
        lines.push(String::new());
        lines.extend(wrap(&format!("{name}: {}", summary(&last.findings)), width));
        lines.extend(findings_lines(&last.findings, width));
        lines.extend(skipped_lines(&origin.skipped, width));
    }
    lines.join("\n") + "\n"
}

/// A departure as a sentence.
fn departed(departure: &Departure, steps: &[RunStep]) -> String {
    format!(
        "info: at {} {} is {}, far from {} in the steps before, and the NLL at the best temperature is worse by {} standard errors.",
        steps[departure.index].name,
        departure.statistic,
        decimal(departure.value, 3),
        decimal(departure.median, 3),
        decimal(departure.standard_errors, 1),
    )
}

/// That the steps are not about the same rows.
fn labels_differ(steps: &[RunStep]) -> Option<String> {
    let first = steps.iter().find(|step| step.labels.is_some())?;
    let is_other = |step: &&RunStep| step.labels.is_some() && step.labels != first.labels;
    let other = steps.iter().find(is_other)?;
    Some(format!(
        "The labels of {} are not those of {}: their figures are not about the same rows, and nothing is compared row by row.",
        other.name, first.name
    ))
}

fn summary(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "nothing found".to_owned();
    }
    let n_failures = findings.iter().filter(|f| has_failure(std::slice::from_ref(f))).count();
    let all = counted(findings.len() as u64, "finding");
    match n_failures {
        0 => all,
        n => format!("{all}, {}", counted(n as u64, "failure")),
    }
}

fn heading() -> String {
    format!(
        "{:>12} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}  {}",
        "step", "rows", "accuracy", "NLL", "at T", "T", "spread", "sat.", "first finding"
    )
}

/// One line for a step; no rows, no figures: `-`.
fn row((step, origin): (&RunStep, &Origin)) -> String {
    let stats = &step.stats;
    let first = step.findings.first();
    let first = first.map_or_else(String::new, |f| format!("{} {}", f.severity.name(), f.rule));
    let name = match step.step {
        Some(number) => number.to_string(),
        None => origin.path.clone(),
    };
    format!(
        "{:>12} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6}  {first}",
        name,
        stats.rows,
        percent(stats.accuracy, 1),
        nats(stats.nll),
        stats.nll_after.map_or("-".to_owned(), nats),
        stats.temperature.map_or("-".to_owned(), temperature),
        decimal(stats.sd, 2),
        percent(stats.saturated, 0),
    )
    .trim_end()
    .to_owned()
}
