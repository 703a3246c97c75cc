//! `doctor`: findings alone, and training runs.

use std::path::Path;

use serde_json::{Value, json};

use crate::analysis::AnalysisOptions;
use crate::diagnosis::{
    Departure, Finding, Rule, RunStep, Skipped, departures, diagnose_run, entropy_edges,
    explanation, has_failure, have_same_labels, margin_edges, step_stats,
};
use crate::io::OpenOptions;
use crate::metrics::Binning;
use crate::pipeline::{Study, chosen_step, expanded, in_order, step_number, study};
use crate::report::number::{counted, decimal, nats, percent, temperature};
use crate::report::{explanation_lines, findings_lines, skipped_lines, wrap};

use super::Failure;
use super::args::{CheckFormat, DoctorArgs};
use super::open::{Shared, inputs, studying};
use super::output::Output;
use super::progress::ProgressLine;

/// The first key of the answer in JSON.
const SCHEMA: &str = "logitscope.doctor/1";

/// Columns where no terminal says otherwise, and at most.
const WIDTH: (usize, usize) = (80, 120);

pub(super) fn run(args: &DoctorArgs, shared: &Shared) -> Result<u8, Failure> {
    if let Some(rule) = &args.explain {
        Output::write(&explain(rule)?, None)?;
        return Ok(0);
    }
    let run = Run::new(steps(args, shared)?);
    let text = match args.format {
        CheckFormat::Text => text(&run, width()),
        CheckFormat::Json => format!("{:#}\n", as_json(&run)),
    };
    Output::write(&text, None)?;
    let any = has_failure(&run.findings) || run.steps.iter().any(|s| has_failure(&s.findings));
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

/// One step or several, in order.
struct Run {
    steps: Vec<RunStep>,
    /// As many as there are steps.
    origins: Vec<Origin>,
    /// What the order shows.
    findings: Vec<Finding>,
    departures: Vec<Departure>,
}

impl Run {
    fn new(steps: Vec<(RunStep, Origin)>) -> Self {
        let (steps, origins): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
        let findings = match steps.as_slice() {
            [_, _, ..] => diagnose_run(&steps),
            _ => Vec::new(),
        };
        let departures = departures(&steps);
        Self {
            steps,
            origins,
            findings,
            departures,
        }
    }

    fn both(&self) -> impl Iterator<Item = (&RunStep, &Origin)> {
        self.steps.iter().zip(&self.origins)
    }
}

/// Every file, and every step of a file that holds several, in the order of their numbers.
fn steps(args: &DoctorArgs, shared: &Shared) -> Result<Vec<(RunStep, Origin)>, Failure> {
    let mut steps = Vec::new();
    let mut files = in_order(expanded(&args.files));
    let mut options = OpenOptions {
        slices: args.slice.clone(),
        ..args.data.options(shared)?
    };
    if options.step.is_some()
        && let Some(only) = chosen_step(&files, options.step)?
    {
        (files, options.step) = (vec![only.path], None);
    }
    for file in &files {
        let study_of = |options: &OpenOptions| {
            study_of((file.as_path(), args.test.as_deref()), options, shared)
        };
        let first = study_of(&options)?;
        let numbers = first.info.steps();
        if options.step.is_some() || numbers.len() < 2 {
            steps.push(step(&first, file, files.len() > 1));
            continue;
        }
        for number in &numbers[..numbers.len() - 1] {
            let options = OpenOptions {
                step: Some(*number),
                ..options.clone()
            };
            steps.push(step(&study_of(&options)?, file, true));
        }
        // The first one opened is the last step.
        steps.push(step(&first, file, true));
    }
    Ok(steps)
}

fn study_of(
    (file, test): (&Path, Option<&Path>),
    options: &OpenOptions,
    shared: &Shared,
) -> Result<Study, Failure> {
    let mut line = ProgressLine::new(shared.quiet);
    let files = [file.to_path_buf()];
    let inputs = inputs((&files, test), options, &mut line)?;
    let analysis = AnalysisOptions {
        slices: options.slices.clone(),
        ..analysis(shared)
    };
    Ok(study(inputs, &analysis, &mut studying(&mut line))?)
}

/// No intervals and no further measures: no rule asks for them.
fn analysis(shared: &Shared) -> AnalysisOptions {
    AnalysisOptions {
        slices: Vec::new(),
        parity: None,
        n_bins: 15,
        binning: Binning::Width,
        n_folds: 5,
        seed: shared.seed,
        level: 0.95,
        families: false,
        n_draws: 0,
        curves: false,
        findings: true,
    }
}

fn step(study: &Study, file: &Path, is_one_of_many: bool) -> (RunStep, Origin) {
    let number = study.info.step().and_then(|step| step.parse().ok());
    let number = number.or_else(|| step_number(file));
    let name = match number {
        Some(number) if is_one_of_many => format!("step {number}"),
        _ => study.info.path.clone(),
    };
    let mut step = step_stats(&study.subject(), name, study.sha256_labels.clone());
    step.step = number;
    step.findings.clone_from(&study.findings);
    let origin = Origin {
        path: study.info.path.clone(),
        rows_read: study.counts.read,
        evaluated_on: json!(study.analysis.evaluated_on),
        skipped: study.skipped.clone(),
    };
    (step, origin)
}

fn as_json(run: &Run) -> Value {
    let record = |(step, origin): (&RunStep, &Origin)| {
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
    };
    let mut answer = json!({
        "schema": SCHEMA,
        "bins": { "margin": margin_edges(), "entropy": entropy_edges() },
        "runs": run.both().map(record).collect::<Vec<_>>(),
    });
    if run.steps.len() > 1 {
        answer["findings"] = json!(run.findings);
        answer["departures"] = json!(run.departures);
        answer["same_labels"] = json!(have_same_labels(&run.steps));
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
    if let Some((last, origin)) = run.both().last() {
        lines.push(String::new());
        lines.push(format!("{}: {}", last.name, summary(&last.findings)));
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
    let n_failures = findings
        .iter()
        .filter(|f| has_failure(std::slice::from_ref(f)))
        .count();
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
