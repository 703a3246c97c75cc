//! `apply`: calibrated probabilities for every row, in the order of the file.

use std::path::Path;

use rayon::prelude::*;

use crate::data::{
    Batch, BatchSource, Kind, Label, SourceError, SourceInfo, Task, Temperature, ValuesRef,
};
use crate::diagnosis::{Finding, Severity};
use crate::io::{
    Destination, IoError, Loaded, OpenOptions, Part, Put, Scores, check_scores_path, write_scores,
};
use crate::numerics::{Score, softmax};
use crate::pipeline::{Unlabelled, chosen_step};
use crate::report::{CardError, ReadCard, failure_lines, read_card};

use super::Failure;
use super::args::{ApplyArgs, What};
use super::open::{Shared, load};
use super::output::Output;
use super::progress::ProgressLine;

/// The largest file that is taken for a card; real ones have 3 kB.
const MAX_CARD_BYTES: u64 = 1 << 20;

/// Columns of what is said.
const WIDTH: usize = 80;

pub(super) fn run(args: &ApplyArgs, shared: &Shared) -> Result<u8, Failure> {
    let out = &shared.out.clone().unwrap_or_else(|| (&args.out).into());
    let given = given_temperature(args.temperature, args.card.as_deref())?;
    let card = given.ok_or_else(|| Failure::plain("no temperature given"))?;
    check_scores_path(out)?;
    let asks = !args.despite_failures;
    if let Some([rule, message]) = card.failures.iter().flatten().next().filter(|_| asks) {
        let message = format!("The card was fitted in spite of this: {message}");
        return Err(broken(rule, &message, "fit on rows that are not broken"));
    }
    let mut options = args.data.options(shared)?;
    options.unlabelled = true;
    if options.part == Part::Auto {
        // Every row of the file gets its probabilities, whatever part it belongs to.
        options.part = Part::All;
    }
    let mut line = ProgressLine::new(shared.quiet);
    // Of the steps of a run one is scaled, not all of them as if they were shards.
    let step = chosen_step(std::slice::from_ref(&args.file), options.step)?;
    if step.is_some() {
        options.step = None;
    }
    let file = step.as_ref().map_or(&args.file, |step| &step.path);
    let loaded = load(file, &as_fitted(&card, options), shared, &mut line)
        .map_err(|failure| read_as_fitted(failure, &card))?;
    check_card(&card, &loaded.info)?;
    let mut rules = Rules {
        // A card that names its findings speaks for the model.
        asked: (asks && card.failures.is_none()).then(|| {
            let is_labelled = loaded.fit.labels().iter().any(|l| !l.is_ignored());
            Unlabelled::new(&loaded.fit, is_labelled)
        }),
        info: &loaded.info,
    };
    if out.is_stream() {
        // What went out cannot be taken back.
        rules.ask_before(&loaded, &mut line)?;
    }
    let job = Job { loaded: &loaded, b: card.temperature.inverse(), what: args.what, out };
    job.write(rules, &mut line)?;
    drop(line);
    if !shared.quiet {
        let (path, n_rows) = (out.shown().display(), loaded.fit.n_rows());
        let of_step = step.map_or_else(String::new, |step| {
            format!(" of step {} ({})", step.number, step.evidence)
        });
        Output::note(&format!(
            "wrote {n_rows} rows{of_step} to {path}, T = {}",
            card.temperature.value()
        ));
    }
    Ok(0)
}

fn broken(rule: &str, message: &str, advice: &str) -> Failure {
    Failure::Broken(
        failure_lines(rule, message, WIDTH).join("\n"),
        format!("nothing was written. {advice}; --despite-failures writes it all the same"),
    )
}

/// The rules that need no labels, asked on the way.
struct Rules<'a> {
    asked: Option<Unlabelled>,
    info: &'a SourceInfo,
}

impl Rules<'_> {
    fn add(&mut self, batch: &Batch<'_>) {
        if let Some(asked) = &mut self.asked {
            asked.add(batch);
        }
    }

    /// Fails if a rule does.
    fn answer(&mut self) -> Result<(), Failure> {
        let findings = self.asked.take().map(|asked| asked.findings(self.info));
        let findings = findings.unwrap_or_default();
        let failed = findings.iter().find(|f| f.severity == Severity::Failure);
        let say = |finding: &Finding| {
            let advice = format!("logitscope doctor {} says more", self.info.path);
            Err(broken(finding.rule.name(), &finding.message, &advice))
        };
        failed.map_or(Ok(()), say)
    }

    /// Asks them in a pass of its own.
    fn ask_before(&mut self, loaded: &Loaded, line: &mut ProgressLine) -> Result<(), Failure> {
        if self.asked.is_none() {
            return Ok(());
        }
        let total = loaded.fit.n_rows() as u64;
        loaded.fit.read(&mut |batch| {
            line.show("looking", batch.first_row as u64, total);
            self.add(&batch);
            Ok(())
        })?;
        self.answer()
    }
}

/// The temperature by its value, of which no more is known, or of a card; `None` if neither is given.
pub(super) fn given_temperature(
    value: Option<f64>,
    card: Option<&Path>,
) -> Result<Option<ReadCard>, Failure> {
    if let Some(value) = value {
        let temperature = Temperature::new(value);
        let card = |temperature| ReadCard {
            temperature,
            n_classes: None,
            task: None,
            kind: None,
            single_score: None,
            failures: None,
        };
        return temperature
            .map(|t| Some(card(t)))
            .map_err(|error| Failure::plain(error.to_string()));
    }
    let Some(path) = card else {
        return Ok(None);
    };
    let wrong = |reason: &str| {
        Failure::hint(
            format!("{}{reason}", path.display()),
            "a card is what `logitscope fit FILE --out card.json` writes",
        )
    };
    let unread = |error: std::io::Error| wrong(&format!(": {error}"));
    let no_card = |error: CardError| wrong(&format!(" {error}"));
    let meta = std::fs::metadata(path).map_err(unread)?;
    // A pipe might never end, and a file of many megabytes is something else.
    if !meta.is_file() || meta.len() > MAX_CARD_BYTES {
        return Err(no_card(CardError::Other));
    }
    let bytes = std::fs::read(path).map_err(unread)?;
    // JSON is UTF-8.
    let text = String::from_utf8(bytes).map_err(|_| no_card(CardError::Other))?;
    Ok(Some(read_card(&text).map_err(no_card)?))
}

/// The options with what the card knows and no flag says. Without labels nothing else tells multi-label data, or what
/// one score a row is. Whether scores are logits is left to the numbers: any number could be one.
fn as_fitted(card: &ReadCard, options: OpenOptions) -> OpenOptions {
    let task = card.task.filter(|task| *task == Task::Multilabel);
    let kind = card.kind.filter(|kind| *kind != Kind::Logits);
    OpenOptions { task: options.task.or(task), kind: options.kind.or(kind), ..options }
}

/// What could not be read as the card says: flags that nobody gave are not to be left out.
fn read_as_fitted(failure: Failure, card: &ReadCard) -> Failure {
    match (failure, card.task, card.kind) {
        (Failure::Error(message, Some(hint)), Some(task), Some(kind)) if hint.contains("--") => {
            let says = format!(
                "{hint}. The card was fitted on {} data, {}: take the card of this model",
                task.name(),
                kind.describe()
            );
            Failure::hint(message, says)
        }
        (failure, ..) => failure,
    }
}

/// A temperature is that of a model with its kind of scores: a card that was fitted on others is refused.
pub(super) fn check_card(card: &ReadCard, info: &SourceInfo) -> Result<(), Failure> {
    let refuse = |fitted: &str, found: &str, flag: &str| {
        Err(Failure::hint(
            format!("the card was fitted on {fitted}, and {} is read as {found}", info.path),
            format!("take the card of this model; if this is what the card says, {flag}"),
        ))
    };
    let is_multilabel = |task: Task| task == Task::Multilabel;
    if let Some(task) = card.task
        && is_multilabel(task) != is_multilabel(info.task)
    {
        let [fitted, found] = [task, info.task].map(|task| format!("{} data", task.name()));
        return refuse(&fitted, &found, &format!("--task {}", task.name()));
    }
    check_classes(card.n_classes, info)?;
    if let Some(kind) = card.kind
        && kind != info.kind
    {
        let flag = format!("--kind {}", kind.name());
        return refuse(kind.describe(), info.kind.describe(), &flag);
    }
    let scores = |is_one| {
        if is_one { "one score a row" } else { "a score for each class" }
    };
    match card.single_score {
        Some(is_one) if is_one != info.single_score => {
            refuse(scores(is_one), scores(info.single_score), "--logits names its scores")
        }
        _ => Ok(()),
    }
}

/// A temperature fitted on a model of ten classes says nothing about one of two.
fn check_classes(n_fitted: Option<u64>, info: &SourceInfo) -> Result<(), Failure> {
    let k = info.n_scores() as u64;
    match n_fitted {
        Some(fitted) if fitted != k => Err(Failure::hint(
            format!(
                "the card was fitted on {fitted} {word}, and {} has {k}",
                info.path,
                word = info.scores_word(),
            ),
            "take the card of this model, or give the number with --temperature",
        )),
        _ => Ok(()),
    }
}

/// All rows of a file at a temperature, in the order of the file, written as they are read. What cannot be computed (a
/// row with NaN or infinite logits) is NaN in the output, so that rows keep their places.
struct Job<'a> {
    loaded: &'a Loaded,
    b: f64,
    what: What,
    out: &'a Destination,
}

impl Job<'_> {
    fn write(&self, rules: Rules<'_>, line: &mut ProgressLine) -> Result<(), Failure> {
        let (loaded, source) = (self.loaded, &self.loaded.fit);
        let columns = columns(loaded, self.what);
        let n_labels = loaded.info.n_labels.map(|_| columns.len());
        let mut labels = source.labels().to_vec();
        if loaded.swapped {
            unswap_labels(&mut labels);
        }
        let labelled = n_labels.is_none() && labels.iter().any(|label| !label.is_ignored());
        let scores = Scores {
            n_rows: source.n_rows() / n_labels.unwrap_or(1),
            columns: &columns,
            labels: labelled.then_some(&labels),
            kind: match self.what {
                What::Probs => Kind::Probs,
                What::Logits => Kind::Logits,
            },
        };
        write_scores(self.out, &scores, |put| match n_labels {
            Some(n_labels) => self.put_labels(n_labels, put, rules, line),
            None => self.put_rows(put, rules, line),
        })
    }

    /// Calls `visit` with the scaled scores of every batch; then the rules are answered, before the file has its name.
    fn each(
        &self,
        mut rules: Rules<'_>,
        line: &mut ProgressLine,
        visit: &mut dyn FnMut(&mut [f64]) -> Result<(), IoError>,
    ) -> Result<(), Failure> {
        let (source, mut rows) = (&self.loaded.fit, Vec::new());
        let total = source.n_rows() as u64;
        source.read(&mut |batch| {
            rules.add(&batch);
            rows.resize(batch.values.len(), 0.0);
            let shape = (batch.n_classes, self.b);
            match batch.values {
                ValuesRef::F32(v) => scale(v, shape, self.what, &mut rows),
                ValuesRef::F64(v) => scale(v, shape, self.what, &mut rows),
            }
            line.show("writing", batch.first_row as u64, total);
            visit(&mut rows).map_err(|error| SourceError::Read(Box::new(error)))
        })?;
        rules.answer()
    }

    fn put_rows(
        &self,
        put: &mut Put<'_>,
        rules: Rules<'_>,
        line: &mut ProgressLine,
    ) -> Result<(), Failure> {
        self.each(rules, line, &mut |rows| {
            if self.loaded.swapped {
                rows.chunks_exact_mut(2).for_each(|row| row.swap(0, 1));
            }
            put(rows)
        })
    }

    /// Multi-label data: one column for each label. Each row of the source is one label of a row, with the logits
    /// (0, z).
    fn put_labels(
        &self,
        n_labels: usize,
        put: &mut Put<'_>,
        rules: Rules<'_>,
        line: &mut ProgressLine,
    ) -> Result<(), Failure> {
        let mut waiting = Vec::new();
        self.each(rules, line, &mut |pairs| {
            waiting.extend(pairs.chunks_exact(2).map(|pair| match self.what {
                What::Probs => pair[1],
                What::Logits => pair[1] - pair[0],
            }));
            // A batch may end within a row.
            let n_whole = waiting.len() / n_labels * n_labels;
            let whole: Vec<f64> = waiting.drain(..n_whole).collect();
            put(&whole)
        })
    }
}

/// The two classes in the order of the file again: which of them counts as positive changes no probability.
fn unswap_labels(labels: &mut [Label]) {
    let other = |class| Label::class(u32::from(class == 0));
    for label in labels {
        *label = label.index().and_then(other).unwrap_or(*label);
    }
}

fn scale<S: Score>(values: &[S], (k, b): (usize, f64), what: What, out: &mut [f64]) {
    let rows = values.par_chunks_exact(k).zip(out.par_chunks_exact_mut(k));
    rows.for_each(|(row, out)| match what {
        What::Logits => out.iter_mut().zip(row).for_each(|(out, z)| *out = b * z.widen()),
        What::Probs => softmax(row, b, out),
    });
}

/// The class names in the order of the file, or `prob_0`, `prob_1` and so on, by which every reader of ours finds
/// them again. Names that are numbers are written `prob_3` too: a first line of numbers is no header.
fn columns(loaded: &Loaded, what: What) -> Vec<String> {
    let prefix = match what {
        What::Probs => "prob",
        What::Logits => "logit",
    };
    let k = loaded.info.n_scores();
    let names = loaded.info.label_names.as_ref().or(loaded.info.class_names.as_ref());
    let mut names = names.map_or(Vec::new(), |names| names.as_slice().to_vec());
    if loaded.swapped && names.len() == 2 {
        names.swap(0, 1);
    }
    if names.len() != k {
        names = (0..k).map(|i| i.to_string()).collect();
    }
    let is_number = |name: &String| name.trim().parse::<f64>().is_ok();
    if names.iter().all(is_number) {
        names = names.iter().map(|name| format!("{prefix}_{name}")).collect();
    }
    names
}
