//! Evaluation logs: the `samples_*.jsonl` of lm-evaluation-harness, one question with its choices a line.
//!
//! A line holds `filtered_resps` (or `resps`): a log-likelihood and whether greedy decoding gives the choice, for
//! each choice, as numbers or, since version 0.4, as text; `target`: the right choice by index or by its text;
//! `arguments`: what the model was shown, of which the second text is the choice; and `filter`, by which a question
//! may occur several times. Log-likelihoods of choices do not sum to 1: they are logits, from which `softmax` makes
//! the probabilities of the choices. Questions may have different numbers of choices; the classes that a row does
//! not have are absent. All log-likelihoods are held: 8 bytes each, of lines that are far longer.
//!
//! Version 0.3 wrote the same with other keys, as one array: see [`details`].

mod choices;
mod details;
mod line;
mod ragged;
mod target;

use std::path::Path;

use rayon::prelude::*;

use super::OpenOptions;
use super::companion;
use super::error::Problem;
use super::labels;
use super::memory::Budget;
use super::options::Normalize;
use super::picked::{BadRows, Found, Known, Picked, RawLabels, RowNames, Scores, grouped, guess};
use super::progress::Watch;
use super::raw::RawScores as _;
use super::sniff::starts_details;
use super::table::text::{Place, Run, Text, lines};
use super::table::{self, Shard};
use crate::data::{Carried, Guess, Kind};
use line::{Line, Question};
use ragged::RaggedScores;
use target::Readings;

pub(super) use details::refuse_totals;

/// As [`crate::data::SourceInfo::format`].
pub(super) const FORMAT: &str = "lm-evaluation-harness log";

/// Bytes of the first line that are looked at.
const HEAD_BYTES: usize = 1 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// True if the first line of NDJSON is one of an evaluation log, or the text begins as the array of version 0.3.
pub(super) fn is_log(text: &Text) -> Result<bool, Problem> {
    let head = text.head(HEAD_BYTES)?;
    if starts_details(&head) {
        return Ok(true);
    }
    let first = lines(&head, false).find(|line| !line.trim_ascii().is_empty());
    Ok(first.is_some_and(line::is_of_log))
}

/// Reads the logs in `files`, one after the other, as one data set.
///
/// # Errors
/// If a line is none of an evaluation log, if there is nothing to choose between, or if the targets are no choices.
pub(super) fn read_files(
    files: &[Shard],
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let mut log = Log::new(options.normalize);
    for file in files {
        let n_before = log.n_lines;
        let text = table::text_of(&file.path).map_err(|p| p.within(&file.path))?;
        log.append(&text, watch).map_err(|p| p.within(&file.path))?;
        if files.len() > 1 {
            log.names.add_file(&file.path, log.n_lines - n_before);
        }
    }
    log.finish(options, watch)
}

/// Reads a log that is in memory.
pub(super) fn read_bytes(
    text: &Text,
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let mut log = Log::new(options.normalize);
    log.append(text, watch)?;
    log.finish(options, watch)
}

/// What was read so far.
struct Log {
    normalize: Normalize,
    /// True for the arrays of version 0.3.
    is_details: bool,
    scores: RaggedScores,
    readings: Readings,
    /// Of the rows that are kept, the first of which decides.
    filter: Option<String>,
    n_other_filters: usize,
    /// Rows whose second half of log-likelihoods is that of the choices without their question.
    n_unconditional: usize,
    /// The choices, as long as every row has the same.
    choices: Option<Vec<String>>,
    /// Lines of all files so far.
    n_lines: usize,
    /// The line of each row, counted from 0 over all files.
    lines: Vec<usize>,
    names: RowNames,
}

impl Log {
    fn new(normalize: Normalize) -> Self {
        Self {
            normalize,
            is_details: false,
            scores: RaggedScores::default(),
            readings: Readings::default(),
            filter: None,
            n_other_filters: 0,
            n_unconditional: 0,
            choices: None,
            n_lines: 0,
            lines: Vec::new(),
            names: RowNames::default(),
        }
    }

    /// Appends the questions of one file.
    fn append(&mut self, text: &Text, watch: &mut Watch<'_>) -> Result<(), Problem> {
        if starts_details(&text.head(HEAD_BYTES)?) {
            return self.append_details(text, watch);
        }
        let mut runs = text.runs(Place::default())?;
        let mut n_lines = 0;
        while let Some(run) = runs.next_run()? {
            watch.add_bytes(run.span.n_bytes)?;
            n_lines = run.span.start.line + lines(&run.text, false).count();
            self.append_run(&run)?;
            watch.tick()?;
        }
        self.n_lines += n_lines;
        Ok(())
    }

    /// Appends the questions of an array of version 0.3.
    fn append_details(&mut self, text: &Text, watch: &mut Watch<'_>) -> Result<(), Problem> {
        if self.normalize != Normalize::None {
            return Err(Problem::new(
                "--normalize divides by the length of a choice, and here question and choice are one text",
            )
            .hint("leave --normalize out, or let version 0.4 write the log: lm_eval --log_samples"));
        }
        self.is_details = true;
        let (mut bad, mut n_entries) = (BadRows::default(), 0);
        let mut visit = |at, entry: &[u8]| {
            n_entries = at + 1;
            match details::parse(entry) {
                Ok(line) => self.push(at, line, &mut bad),
                Err(problem) => bad.add(at, || problem),
            }
            Ok(())
        };
        details::entries(text, &mut visit, &mut |n_bytes| {
            watch.add_bytes(n_bytes)?;
            watch.tick()
        })?;
        self.n_lines += n_entries;
        bad.check(&RowNames::default())
            .map_err(|p| p.hint("a task of multiple-choice questions is what can be judged"))
    }

    fn append_run(&mut self, run: &Run) -> Result<(), Problem> {
        let text = match run.text.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) if run.span.start.line == 0 => rest,
            _ => &run.text[..],
        };
        let (normalize, mut bad) = (self.normalize, BadRows::default());
        let all: Vec<(usize, &[u8])> = (run.span.start.line..).zip(lines(text, false)).collect();
        let parsed = all.into_par_iter().filter_map(|(at, line)| {
            let is_empty = line.trim_ascii().is_empty();
            (!is_empty).then(|| (at, line::parse(line, normalize)))
        });
        for (at, line) in parsed.collect::<Vec<_>>() {
            match line {
                Ok(line) => self.push(at, line, &mut bad),
                Err(problem) => bad.add(at, || problem),
            }
        }
        bad.check(&RowNames::default()).map_err(|p| {
            p.hint("a log of multiple-choice questions is what `lm_eval --log_samples` writes")
        })
    }

    fn push(&mut self, at: usize, line: Line, bad: &mut BadRows) {
        let is_first = self.scores.n_rows() == 0;
        if is_first {
            self.filter.clone_from(&line.filter);
        }
        if line.filter != self.filter {
            self.n_other_filters += 1;
            return;
        }
        let question = match line.question {
            Ok(question) => question,
            Err(problem) => return bad.add(at, || problem),
        };
        let Question { scores, choices, answer, is_unconditional } = question;
        if is_first {
            self.choices = choices;
        } else if self.choices != choices {
            self.choices = None;
        }
        self.n_unconditional += usize::from(is_unconditional);
        self.scores.push(&scores);
        self.readings.push(answer);
        self.lines.push(self.n_lines + at);
    }

    /// How the rows are called: by their lines.
    fn names(&mut self) -> RowNames {
        let lines = std::mem::take(&mut self.lines);
        self.names.keep(lines.into())
    }

    fn finish(mut self, options: &OpenOptions, watch: &mut Watch<'_>) -> Result<Found, Problem> {
        if self.scores.n_choices().1 < 2 {
            return Err(Problem::new(
                "every line holds one log-likelihood, of the one text that was asked for: there are no \
                 choices, and so no probabilities to be judged",
            )
            .hint("lm_eval --tasks TASK --log_samples, with a task of output_type multiple_choice"));
        }
        if options.shift {
            return Err(Problem::new(
                "--shift is for tokens of a sequence, and these are questions",
            )
            .hint("leave --shift out"));
        }
        let mut guesses = self.described();
        self.names = self.names();
        let labels = self.labels(options, &mut guesses, watch)?;
        let known = Known {
            kind: Kind::Logits,
            evidence: self.normalize.evidence(),
            are_choices: self.choices.is_none(),
        };
        let name = self.scores_name();
        let all = Picked {
            scores: Scores {
                raw: std::sync::Arc::new(self.scores),
                name: name.to_owned(),
                class_names: self.choices,
                known: Some(known),
            },
            labels,
            rows: self.names,
            carried: Carried::default(),
        };
        let (fit, test) = table::divide(all, Vec::new(), options, &mut guesses)?;
        Ok(Found { format: FORMAT, fit, test, guesses, budget: Budget::new(options) })
    }

    fn scores_name(&self) -> &'static str {
        if self.is_details { "logit_0, logit_1, ..." } else { "filtered_resps" }
    }

    /// What was understood of scores and filters.
    fn described(&self) -> Vec<Guess> {
        let (low, high) = self.scores.n_choices();
        let choices = if low == high {
            format!("log-likelihoods of {high} choices")
        } else {
            format!("log-likelihoods of {low} to {high} choices")
        };
        let ragged =
            if low == high { "" } else { "the classes that a row does not have are absent; " };
        let evidence = if self.is_details {
            format!(
                "logit_0, logit_1, ... of each entry, as version 0.3 writes them; {ragged}as they are"
            )
        } else {
            format!(
                "filtered_resps, {}; {ragged}--normalize none|chars|bytes",
                self.normalize.done()
            )
        };
        let mut guesses = vec![guess("logits", choices, evidence)];
        if self.n_other_filters > 0 {
            let filter = self.filter.as_deref().unwrap_or("none");
            let n_others = grouped(self.n_other_filters);
            let evidence = format!("the first filter; {n_others} lines of others are left out");
            guesses.push(guess("filter", filter, evidence));
        }
        if self.n_unconditional > 0 {
            let n = grouped(self.n_unconditional);
            let evidence = format!(
                "the second half of {n} rows is that of the choices without a question, which was left out"
            );
            guesses.push(guess("choices", "the first half of each row", evidence));
        }
        guesses
    }

    fn labels(
        &mut self,
        options: &OpenOptions,
        guesses: &mut Vec<Guess>,
        watch: &mut Watch<'_>,
    ) -> Result<RawLabels, Problem> {
        if let Some(file) = &options.labels {
            if Path::new(file).is_file() {
                return companion::read_labels(Path::new(file), watch);
            }
            return Err(Problem::new(format!(
                "--labels {file}: the labels of an evaluation log are its targets, or lie in a file"
            ))
            .hint("leave --labels out"));
        }
        if options.unlabelled && self.readings.is_empty() {
            return Ok(labels::none(self.scores.n_rows(), options, guesses));
        }
        let ignore = options.ignore_index.unwrap_or(labels::IGNORE_INDEX);
        let readings = std::mem::take(&mut self.readings);
        readings.labels(ignore, &self.names, guesses)
    }
}
