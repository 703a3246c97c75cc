//! `doctor`: findings alone, and training runs.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::analysis::AnalysisOptions;
use crate::diagnosis::{
    Finding, Rule, RunStep, diagnose_run, explanation, has_failure, step_stats,
};
use crate::io::OpenOptions;
use crate::metrics::Binning;
use crate::pipeline::{Study, study};
use crate::report::number::{counted, decimal, nats, percent, temperature};
use crate::report::{explanation_lines, findings_lines};

use super::Failure;
use super::args::{CheckFormat, DoctorArgs};
use super::open::{Shared, inputs, studying};
use super::output::Output;
use super::progress::ProgressLine;

/// The first key of the answer in JSON.
const SCHEMA: &str = "logitscope.doctor/1";

/// Columns where no terminal says otherwise, and at most.
const WIDTH: (usize, usize) = (80, 120);

/// What stands before the number of a step in the name of a file.
const STEP_WORDS: [&str; 6] = ["global_step", "checkpoint", "step", "epoch", "iter", "ckpt"];

pub(super) fn run(args: &DoctorArgs, shared: &Shared) -> Result<u8, Failure> {
    if let Some(rule) = &args.explain {
        Output::write(&explain(rule)?, None)?;
        return Ok(0);
    }
    let steps = steps(args, shared)?;
    let of_run = if steps.len() > 1 {
        diagnose_run(
            &steps
                .iter()
                .map(|step| step.of_run.clone())
                .collect::<Vec<_>>(),
        )
    } else {
        Vec::new()
    };
    let text = match args.format {
        CheckFormat::Text => text(&steps, &of_run, width()),
        CheckFormat::Json => format!("{:#}\n", as_json(&steps, &of_run)),
    };
    Output::write(&text, None)?;
    let all = steps.iter().flat_map(|step| &step.of_run.findings);
    let any = has_failure(&of_run) || has_failure(&all.cloned().collect::<Vec<_>>());
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

/// A step and where it comes from.
struct Step {
    of_run: RunStep,
    path: String,
    rows_read: u64,
    evaluated_on: Value,
}

/// Every file, and every step of a file that holds several, in the order of their numbers.
fn steps(args: &DoctorArgs, shared: &Shared) -> Result<Vec<Step>, Failure> {
    let mut steps = Vec::new();
    for file in ordered(&args.files) {
        let options = args.data.options(shared)?;
        let first = study_of(file, &options, shared)?;
        let numbers = first.info.steps();
        if options.step.is_some() || numbers.len() < 2 {
            steps.push(step(&first, file, args.files.len() > 1));
            continue;
        }
        for number in &numbers[..numbers.len() - 1] {
            let options = OpenOptions {
                step: Some(*number),
                ..options.clone()
            };
            steps.push(step(&study_of(file, &options, shared)?, file, true));
        }
        // The first one opened is the last step.
        steps.push(step(&first, file, true));
    }
    Ok(steps)
}

/// By the number in their names, if every name has one; else as they were given.
fn ordered(files: &[PathBuf]) -> Vec<&Path> {
    let mut ordered: Vec<(Option<u64>, &Path)> = files
        .iter()
        .map(|file| (step_number(file), file.as_path()))
        .collect();
    if ordered.iter().all(|(number, _)| number.is_some()) {
        ordered.sort_by_key(|(number, _)| *number);
    }
    ordered.into_iter().map(|(_, file)| file).collect()
}

/// The number after `step`, `checkpoint-`, `epoch` and the like in the name of a file, or of the folder it is in.
fn step_number(file: &Path) -> Option<u64> {
    let mut names = file.iter().rev().take(2);
    names.find_map(|name| number_in(&name.to_string_lossy().to_lowercase()))
}

fn number_in(name: &str) -> Option<u64> {
    let after = |word: &&str| {
        let rest = &name[name.rfind(*word)? + word.len()..];
        let rest = rest.trim_start_matches(['-', '_', '=', '.', ' ']);
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..end].parse().ok()
    };
    STEP_WORDS.iter().find_map(after)
}

fn study_of(file: &Path, options: &OpenOptions, shared: &Shared) -> Result<Study, Failure> {
    let mut line = ProgressLine::new(shared.quiet);
    let files = [file.to_path_buf()];
    let inputs = inputs((&files, None), options, &mut line)?;
    Ok(study(inputs, &analysis(shared), &mut studying(&mut line))?)
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

fn step(study: &Study, file: &Path, is_one_of_many: bool) -> Step {
    let number = study.info.step().and_then(|step| step.parse().ok());
    let number = number.or_else(|| step_number(file));
    let name = match number {
        Some(number) if is_one_of_many => format!("step {number}"),
        _ => study.info.path.clone(),
    };
    let mut step = step_stats(&study.subject(), name, study.sha256_labels.clone());
    step.step = number;
    step.findings.clone_from(&study.findings);
    Step {
        of_run: step,
        path: study.info.path.clone(),
        rows_read: study.counts.read,
        evaluated_on: json!(study.analysis.evaluated_on),
    }
}

fn as_json(steps: &[Step], of_run: &[Finding]) -> Value {
    let record = |step: &Step| {
        json!({
            "path": step.path,
            "step": step.of_run.step,
            "rows_read": step.rows_read,
            "evaluated_on": step.evaluated_on,
            "sha256_labels": step.of_run.labels,
            "stats": step.of_run.stats,
            "findings": step.of_run.findings,
        })
    };
    let mut answer = json!({
        "schema": SCHEMA,
        "runs": steps.iter().map(record).collect::<Vec<_>>(),
    });
    if steps.len() > 1 {
        answer["findings"] = json!(of_run);
    }
    answer
}

fn text(steps: &[Step], of_run: &[Finding], width: usize) -> String {
    let mut lines = Vec::new();
    if let [only] = steps {
        lines.push(format!("{}: {}", only.path, summary(&only.of_run.findings)));
        lines.extend(findings_lines(&only.of_run.findings, width));
        return lines.join("\n") + "\n";
    }
    lines.push(format!(
        "{} in order: {}",
        counted(steps.len() as u64, "step"),
        summary(of_run)
    ));
    lines.extend(findings_lines(of_run, width));
    lines.push(String::new());
    lines.push(heading());
    lines.extend(steps.iter().map(row));
    if let Some(last) = steps.last() {
        lines.push(String::new());
        lines.push(format!(
            "{}: {}",
            last.of_run.name,
            summary(&last.of_run.findings)
        ));
        lines.extend(findings_lines(&last.of_run.findings, width));
    }
    lines.join("\n") + "\n"
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
fn row(step: &Step) -> String {
    let stats = &step.of_run.stats;
    let first = step.of_run.findings.first();
    let first = first.map_or_else(String::new, |f| format!("{} {}", f.severity.name(), f.rule));
    let name = match step.of_run.step {
        Some(number) => number.to_string(),
        None => step.path.clone(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_known_by_the_number_after_their_word() {
        let cases = [
            ("run/step_000120.npz", Some(120)),
            ("checkpoint-500/logits.npy", Some(500)),
            ("out/epoch=3.parquet", Some(3)),
            ("global_step77.npz", Some(77)),
            ("iter_9.npz", Some(9)),
            ("val2.npz", None),
        ];
        for (name, number) in cases {
            assert_eq!(step_number(Path::new(name)), number, "{name}");
        }
    }

    #[test]
    fn files_without_a_number_keep_their_order() {
        let files = ["b.npz", "step_1.npz"].map(PathBuf::from);
        assert_eq!(
            ordered(&files),
            [Path::new("b.npz"), Path::new("step_1.npz")]
        );
        let files = ["step_20.npz", "step_3.npz"].map(PathBuf::from);
        assert_eq!(
            ordered(&files),
            [Path::new("step_3.npz"), Path::new("step_20.npz")]
        );
    }
}
