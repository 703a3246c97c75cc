//! From stored numbers to logits and class indices: kind, task, class names, labels.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::convert::Conversion;
use super::error::Problem;
use super::fill::Infinities;
use super::memory::Budget;
use super::picked::{Found, Picked, RawLabels, RowNames, Scores, grouped, guess};
use super::progress::Watch;
use super::rounding::Rounding;
use super::sample::Sample;
use super::source::{Ingredients, Source};
use super::{
    Loaded, OpenOptions, binary, checksum, choose_rows, class_names, decide, entries, fill,
    first_columns, label_names, labels, soft_labels,
};
use crate::data::{ClassNames, FileRows, Guess, Kind, Label, SourceInfo, Task, printable};

/// Where the data came from.
pub(super) struct Origin<'a> {
    /// As the user gave it.
    pub(super) name: &'a str,
    /// For companions; `None` for bytes that are no file.
    pub(super) path: Option<&'a Path>,
    pub(super) n_bytes: u64,
}

/// Decides what the numbers and the labels mean.
pub(super) fn assemble(
    found: Found,
    origin: &Origin<'_>,
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Loaded, Problem> {
    let Found { format, fit, test, mut guesses, budget } = found;
    guesses.extend(checksum::describe(&watch.damaged()));
    check_shapes(&fit, test.as_ref())?;
    let (fit, test) = choose_rows::choose((fit, test), options, &mut guesses)?;
    let dtype = fit.scores.dtype();
    let mut parts = vec![fit];
    parts.extend(test);
    label_names::simplify_labels(&mut parts);
    soft_labels::of_all_parts(&mut parts);
    first_columns::cut(&mut parts, options, &mut guesses)?;
    let numbers: Vec<FileRows> = parts.iter().map(|part| part.rows.numbers()).collect();
    let entries = entries::spread_if_asked(&mut parts, origin.path, options, &mut guesses)?;
    let n_entries = entries.as_ref().map_or(1, |entries| entries.n_labels);
    let samples = parts.iter().map(|part| Sample::of(&*part.scores.raw, watch));
    let samples: Vec<Sample> = samples.collect::<Result<_, _>>()?;
    let kind = decide::decide(&parts, &samples, options, &mut guesses)?;
    if let RawLabels::Soft { n_labels, .. } = parts[0].labels {
        guesses.push(soft_labels::describe(n_labels));
    }
    let infinities = fill::find((&parts, &samples), kind, &mut guesses, watch)?;
    let plan = match entries {
        Some(_) => Plan::multilabel(kind),
        None => Plan::new(&parts, kind, origin.path, options, &mut guesses)?,
    };
    let plan = Plan { infinities, ..plan };
    let common = (PathBuf::from(origin.name), budget);
    let both = parts.into_iter().zip(samples);
    let mut sources = both.zip(numbers).map(|(part, file_rows)| {
        let ingredients = plan.ingredients(part, common.clone(), options)?;
        Source::new(Ingredients { n_entries, file_rows, ..ingredients })
    });
    let empty = || Problem::new("the file has no rows");
    let fit = sources.next().ok_or_else(empty)??;
    let test = sources.next().transpose()?;
    let described = (format, dtype.to_string());
    Ok(Loaded {
        info: plan.info(origin, described, entries, guesses),
        fit,
        test,
        swapped: plan.swap,
    })
}

fn check_shapes(fit: &Picked, test: Option<&Picked>) -> Result<(), Problem> {
    for part in std::iter::once(fit).chain(test) {
        if part.scores.n_cols() == 0 || part.labels.len() == 0 {
            return Err(Problem::new("there is no row of logits")
                .hint("`logitscope inspect FILE` shows what is there"));
        }
        if part.scores.n_rows() != part.labels.len() {
            return Err(Problem::new(format!(
                "{} rows of logits and {} labels",
                grouped(part.scores.n_rows()),
                grouped(part.labels.len())
            ))
            .hint("choose the labels of the same rows with --labels NAME|FILE"));
        }
        if part.scores.n_cols() != fit.scores.n_cols() {
            return Err(Problem::new(format!(
                "the val part has {} classes and the test part {}",
                fit.scores.n_cols(),
                part.scores.n_cols()
            ))
            .hint("--part val"));
        }
    }
    Ok(())
}

/// What holds for every part of the data.
struct Plan {
    kind: Kind,
    task: Task,
    n_classes: usize,
    names: Option<Vec<String>>,
    /// One score a row, that of class 1.
    single_score: bool,
    /// True if the names are those of text labels, sorted.
    sorted: bool,
    /// Binary data whose positive class is stored first: columns and labels change places.
    swap: bool,
    infinities: Infinities,
}

impl Plan {
    fn new(
        parts: &[Picked],
        kind: Kind,
        path: Option<&Path>,
        options: &OpenOptions,
        guesses: &mut Vec<Guess>,
    ) -> Result<Self, Problem> {
        let scores = &parts[0].scores;
        let n_classes = scores.n_cols().max(2);
        let task = decide_task(scores, options, guesses)?;
        if scores.n_cols() == 1 {
            binary::check_two_labels(parts, options)?;
        }
        let headers = scores.class_names.as_deref();
        let mut sorted = false;
        let mut names = class_names::find(path, headers, n_classes, options, guesses)?;
        let texts = label_names::distinct_texts(parts, options);
        if names.is_none() && !texts.is_empty() {
            names = Some(label_names::names_from_labels(texts, n_classes, guesses)?);
            sorted = true;
        }
        let mut plan = Self {
            kind,
            task,
            n_classes,
            names,
            single_score: scores.n_cols() == 1,
            sorted,
            swap: false,
            infinities: Infinities::default(),
        };
        if task == Task::Binary {
            plan.choose_positive(scores.n_cols(), options, guesses)?;
        } else if options.positive.is_some() {
            return Err(Problem::new(format!(
                "--positive is for two classes, and there are {n_classes}"
            ))
            .hint("leave --positive out"));
        }
        Ok(plan)
    }

    /// What was understood of a file of this format and stored type.
    fn info(
        &self,
        origin: &Origin<'_>,
        (format, dtype): (&str, String),
        entries: Option<entries::Entries>,
        guesses: Vec<Guess>,
    ) -> SourceInfo {
        SourceInfo {
            path: printable(origin.name),
            format: format.to_owned(),
            dtype,
            kind: self.kind,
            task: self.task,
            n_classes: self.n_classes,
            class_names: self
                .names
                .as_ref()
                .map(|names| ClassNames::new(names).sorted_by_us(self.sorted)),
            n_labels: entries.as_ref().map(|entries| entries.n_labels),
            label_names: entries.and_then(|entries| entries.names).map(ClassNames::new),
            single_score: self.single_score,
            n_bytes: origin.n_bytes,
            guesses,
        }
    }

    /// Every label of every row is a row of two classes, whose names are not those of the labels.
    fn multilabel(kind: Kind) -> Self {
        Self {
            kind,
            task: Task::Multilabel,
            n_classes: 2,
            names: None,
            single_score: false,
            sorted: false,
            swap: false,
            infinities: Infinities::default(),
        }
    }

    /// The class that counts as positive becomes class 1.
    fn choose_positive(
        &mut self,
        n_cols: usize,
        options: &OpenOptions,
        guesses: &mut Vec<Guess>,
    ) -> Result<(), Problem> {
        let names: Vec<String> = match &self.names {
            Some(names) => names.clone(),
            None => vec!["0".to_owned(), "1".to_owned()],
        };
        let Some(positive) = &options.positive else {
            let evidence = match (&self.names, n_cols) {
                (None, _) => "label 1",
                (Some(_), 1) => "the second name in sorted order",
                (Some(_), _) => "the second column",
            };
            guesses.push(guess("positive", &names[1], format!("{evidence}; --positive CLASS")));
            return Ok(());
        };
        let by_name = names.iter().position(|n| n == positive);
        let by_number = || positive.parse().ok().filter(|i| *i < 2);
        let class_idx = by_name.or_else(by_number).ok_or_else(|| {
            Problem::new(format!("there is no class {positive}"))
                .hint(format!("--positive {} or --positive {}", names[0], names[1]))
        })?;
        self.swap = class_idx == 0;
        if self.swap
            && let Some(names) = &mut self.names
        {
            names.swap(0, 1);
        }
        if self.swap && self.names.is_none() {
            self.names = Some(vec!["1".to_owned(), "0".to_owned()]);
        }
        Ok(())
    }

    /// One part, with its labels as class indices and what is to be done to its scores.
    fn ingredients(
        &self,
        (part, sample): (Picked, Sample),
        (path, budget): (PathBuf, Budget),
        options: &OpenOptions,
    ) -> Result<Ingredients, Problem> {
        let Picked { scores, labels, rows, carried } = part;
        let (labels, soft_labels) = match labels {
            RawLabels::Soft { values, n_labels } => {
                let classes = (self.n_classes, self.swap);
                let (hard, soft) =
                    soft_labels::resolve((values, n_labels), classes, &rows, options)?;
                (hard, Some(soft))
            }
            labels => (self.resolved(labels, &rows, options)?, None),
        };
        let conversion = Conversion {
            kind: self.kind,
            n_cols: scores.n_cols(),
            swap: self.swap && scores.n_cols() == 2,
            fill: self.infinities.fill,
            claimed: options.kind.map(|_| rows),
            rounding: Arc::new(Rounding::of(scores.dtype())),
        };
        Ok(Ingredients {
            raw: scores.raw,
            sample,
            conversion,
            labels,
            soft_labels,
            carried,
            n_entries: 1,
            overflowed: self.infinities.overflowed,
            file_rows: FileRows::default(),
            path,
            budget,
        })
    }

    /// One class for each row.
    fn resolved(
        &self,
        labels: RawLabels,
        rows: &RowNames,
        options: &OpenOptions,
    ) -> Result<Vec<Label>, Problem> {
        // A single score speaks for the positive class, which is class 1 already.
        let swap_labels = self.swap && matches!(labels, RawLabels::Whole(_));
        let stored = self.stored_names(swap_labels);
        let labels = label_names::labels_by_name_or_number(labels, stored.as_deref());
        let mut resolved =
            labels::resolve(&labels, self.n_classes, stored.as_deref(), rows, options)?;
        if swap_labels {
            for label in &mut resolved {
                *label = binary::other_class(*label);
            }
        }
        Ok(resolved)
    }

    /// The names in the order in which numeric labels count.
    fn stored_names(&self, swapped: bool) -> Option<Vec<String>> {
        let mut names = self.names.clone();
        if swapped && let Some(names) = &mut names {
            names.swap(0, 1);
        }
        names
    }
}

fn decide_task(
    scores: &Scores,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<Task, Problem> {
    let n_cols = scores.n_cols();
    let are_choices = scores.known.is_some_and(|known| known.are_choices);
    let natural = if n_cols <= 2 && !are_choices { Task::Binary } else { Task::Multiclass };
    match options.task {
        Some(Task::Binary) if n_cols > 2 => Err(Problem::new(format!(
            "binary data has one or two columns of scores, and there are {n_cols}"
        ))
        .hint("--task multiclass, or choose the columns with --logits")),
        Some(Task::Multiclass) if n_cols == 1 => {
            Err(Problem::new("one column of scores is binary data, not multi-class")
                .hint("choose the columns with --logits 'PATTERN*'"))
        }
        Some(task) if n_cols > 1 => Ok(task),
        _ => {
            let evidence = match n_cols {
                _ if are_choices => format!("up to {n_cols} choices, which differ from row to row"),
                1 => SourceInfo::ONE_SCORE.to_owned(),
                2 => "two columns of scores".to_owned(),
                _ => format!("{n_cols} columns of scores"),
            };
            let flag = "--task multiclass|binary|multilabel";
            guesses.push(guess("task", natural.name(), format!("{evidence}; {flag}")));
            Ok(options.task.unwrap_or(natural))
        }
    }
}
