//! `fit`: the temperature to ship.

use std::fmt::Write as _;
use std::time::SystemTime;

use crate::analysis::AnalysisOptions;
use crate::data::Guess;
use crate::fit::BootstrapInterval;
use crate::io::Destination;
use crate::pipeline::Study;
use crate::report::{self, number, verdict, wrap};

use super::args::FitArgs;
use super::demand::demand;
use super::failure::BROKEN;
use super::open::{Shared, study_of};
use super::output::Output;
use super::{Failure, colour};

/// Columns of the printed sentences.
const WIDTH: usize = 80;

pub(super) fn run(args: &FitArgs, shared: &Shared) -> Result<u8, Failure> {
    let files = (args.files.as_slice(), args.test.as_deref());
    let options = AnalysisOptions { curves: false, ..args.analysis.options(shared) };
    let mut study = study_of(files, (&args.data, &options), shared)?;
    let is_refused = report::fault(&study).is_some() && !args.despite_failures;
    if study.analysis.fit.temperature.is_some() && !is_refused {
        demand(&mut study, args.demand, &options, shared)?;
    }
    let out = shared.out.as_ref();
    let Ok(card) = report::card(&study, SystemTime::now()) else {
        let heading = heading(&study);
        if !heading.is_empty() {
            Output::note_lines(&heading);
        }
        return Err(no_temperature(&study, args.out.is_some()));
    };
    if let Some(out) = out.filter(|_| !is_refused) {
        let text = card.to_json();
        Output::write(&text.map_err(|error| Failure::plain(error.to_string()))?, Some(out))?;
    }
    if out.is_some_and(Destination::is_stdout) {
        Output::note_lines(&describe(&study));
    } else {
        Output::write(&colour::of_text(describe(&study), shared.color, None), None)?;
    }
    if is_refused {
        Output::note_lines(&format!("\n{}", refusal(&study)));
        return Ok(BROKEN);
    }
    if let (Some(out), false) = (out, shared.quiet) {
        Output::note(&format!("wrote {}", out.shown().display()));
    }
    Ok(0)
}

/// Why there is no card although there is a temperature, and what to type next.
fn refusal(study: &Study) -> String {
    let path = &study.info.path;
    format!(
        "hint: no card was written. logitscope report {path} says what is broken; --despite-failures writes the card all the same"
    )
}

fn no_temperature(study: &Study, wanted_card: bool) -> Failure {
    let (path, status) = (&study.info.path, study.analysis.fit.status);
    let what = if wanted_card { "no card was written; " } else { "" };
    Failure::hint(
        format!("{path}: no temperature: {}", status.explain()),
        format!("{what}logitscope report {path} shows the rows"),
    )
}

/// `2.85 to 2.91  (95 %, bootstrap over rows, percentiles, 1,000 draws)`
fn describe_bootstrap(interval: &BootstrapInterval) -> String {
    let [low, high] =
        [interval.low, interval.high].map(|end| number::temperature(end.unwrap_or(f64::NAN)));
    let draws = number::counted(interval.draws as u64, "draw");
    let level = number::percent(interval.level, 0);
    let without = match interval.without_temperature {
        0 => String::new(),
        n => format!(", {} without a temperature", number::count(n as u64)),
    };
    format!("{low} to {high}  ({level}, {}, {draws}{without})", interval.method)
}

/// Which step of a series was read.
fn step_of(study: &Study) -> Option<&Guess> {
    let guesses = &study.info.guesses;
    guesses.iter().find(|guess| guess.what == "step")
}

/// What is broken, which comes before any figure; empty where nothing is.
fn heading(study: &Study) -> String {
    report::fault(study).map_or_else(String::new, |fault| {
        let lines = report::failure_lines(fault.rule.name(), &fault.message, WIDTH);
        lines.join("\n") + "\n\n"
    })
}

/// The temperature with its uncertainty, the verdict, and the one line that applies it.
fn describe(study: &Study) -> String {
    let fit = &study.analysis.fit;
    let mut text = heading(study);
    let mut say = |what: &str, value: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{what:<15} {value}");
    };
    if let Some(guess) = step_of(study) {
        say("step", format!("{} ({})", guess.chosen, guess.evidence));
    }
    let digits = |value: Option<f64>| value.map_or("-".to_owned(), |v| v.to_string());
    let mark = if study.is_fit_exact { "" } else { "~" };
    say("temperature", format!("{mark}{}", digits(fit.temperature)));
    if let Some(interval) = &fit.interval {
        let level = number::percent(interval.level, 0);
        let ends = (number::temperature(interval.low), number::temperature(interval.high));
        say("interval", format!("{} to {}  ({level}, {})", ends.0, ends.1, interval.method));
    }
    if let Some(bootstrap) = &study.analysis.bootstrap
        && let Some(interval) = &bootstrap.temperature
    {
        say("bootstrap", describe_bootstrap(interval));
    }
    let error = fit.standard_error.unwrap_or(f64::NAN);
    let fisher = fit.standard_error_fisher.unwrap_or(f64::NAN);
    let errors = (number::decimal(error, 6), number::decimal(fisher, 6));
    say("standard error", format!("{} robust, {} Fisher", errors.0, errors.1));
    let nll = |value: Option<f64>| number::nats(value.unwrap_or(f64::NAN));
    say("NLL, in sample", format!("{} -> {}", nll(fit.nll_before), nll(fit.nll_after)));
    text.push('\n');
    let verdict = verdict(study);
    let mut sentences = verdict.sentences.join(" ");
    if report::fault(study).is_none() {
        sentences = format!("{}: {sentences}", verdict.headline);
    }
    if !study.is_fit_exact {
        sentences
            .push_str(" The temperature is interpolated (~), because the logits are not at hand.");
    }
    for line in wrap(&sentences, WIDTH) {
        text.push_str(&line);
        text.push('\n');
    }
    for line in demanded(study) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The tables that were asked for, each under its heading.
fn demanded(study: &Study) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(methods) = &study.methods {
        lines.extend([String::new(), "Other recalibrators".to_owned()]);
        lines.extend(report::methods_table(methods, WIDTH));
    }
    if let Some(chosen) = &study.thresholds {
        let names = study.info.class_names.as_ref();
        lines.extend([String::new(), "Thresholds of every class".to_owned()]);
        lines.extend(report::thresholds_tables(chosen, names, WIDTH));
    }
    lines
}
