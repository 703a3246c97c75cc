//! Arguments -> checked options -> a study.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::analysis::AnalysisOptions;
use crate::data::{Kind, Task};
use crate::io::{self, Loaded, OpenOptions, Part, RowRange};
use crate::metrics::Binning;
use crate::pipeline::{Study, study};
use crate::sample;

use super::Failure;
use super::args::{
    AnalysisArgs, BinningArg, DataArgs, KindArg, PartArg, SharedArgs, TaskArg, When,
};
use super::progress::ProgressLine;

/// What a mistyped first word may have meant.
const COMMANDS: [&str; 4] = ["report", "fit", "apply", "inspect"];

/// What every command obeys.
pub(super) struct Shared {
    /// No progress.
    pub(super) quiet: bool,
    /// Seed of everything random.
    pub(super) seed: u64,
    /// Colour in the app.
    pub(super) color: When,
}

impl SharedArgs {
    /// Applies `--threads` and takes the rest over.
    pub(super) fn check(&self) -> Result<Shared, Failure> {
        let (quiet, seed, threads, color) = self.parts();
        if let Some(threads) = threads {
            if threads == 0 {
                return Err(Failure::plain("--threads takes a number of at least 1"));
            }
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build_global();
            pool.map_err(|error| Failure::plain(error.to_string()))?;
        }
        Ok(Shared { quiet, seed, color })
    }
}

impl DataArgs {
    /// The options of the reader.
    pub(super) fn options(&self) -> Result<OpenOptions, Failure> {
        Ok(OpenOptions {
            logits: self.logits.clone(),
            labels: self.labels.clone(),
            unlabelled: false,
            kind: self.kind.map(|kind| match kind {
                KindArg::Logits => Kind::Logits,
                KindArg::LogProbs => Kind::LogProbs,
                KindArg::Probs => Kind::Probs,
            }),
            task: self.task.map(|task| match task {
                TaskArg::Multiclass => Task::Multiclass,
                TaskArg::Binary => Task::Binary,
            }),
            positive: self.positive.clone(),
            ignore_index: self.ignore_index,
            class_names: self.class_names.clone(),
            label_offset: self.label_offset,
            part: match self.part {
                None => Part::Auto,
                Some(PartArg::Val) => Part::Val,
                Some(PartArg::Test) => Part::Test,
                Some(PartArg::All) => Part::All,
            },
            step: self.step,
            rows: self.rows.as_deref().map(row_range).transpose()?,
        })
    }
}

/// `A..B`; A may be left out.
fn row_range(text: &str) -> Result<RowRange, Failure> {
    let wrong = || {
        let message = format!("--rows {text}: not a range of rows");
        Failure::hint(
            message,
            "give it as A..B, counted from 0 with B left out: --rows 0..5000",
        )
    };
    let (start, end) = text.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str| {
        text.trim()
            .replace('_', "")
            .parse::<usize>()
            .map_err(|_| wrong())
    };
    let start = if start.trim().is_empty() {
        0
    } else {
        number(start)?
    };
    let end = number(end)?;
    if start < end {
        Ok(RowRange { start, end })
    } else {
        Err(wrong())
    }
}

impl AnalysisArgs {
    /// The options of the analysis.
    pub(super) fn options(&self, shared: &Shared) -> AnalysisOptions {
        AnalysisOptions {
            n_bins: usize::from(self.bins),
            binning: match self.binning {
                BinningArg::Width => Binning::Width,
                BinningArg::Mass => Binning::Mass,
            },
            n_folds: usize::from(self.folds),
            seed: shared.seed,
            level: self.level,
            n_draws: self.bootstrap.map_or(0, |n| n as usize),
        }
    }
}

/// A hint if the first "file" is no file but nearly the name of a command.
fn mistyped_command(files: &[PathBuf]) -> Option<Failure> {
    let first = files.first().filter(|first| !first.exists())?;
    let typed = first.to_str()?;
    let close = |command: &&&str| strsim::damerau_levenshtein(typed, command) <= 2;
    let command = COMMANDS.iter().find(close)?;
    let rest: Vec<String> = files[1..]
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    Some(Failure::hint(
        format!("{typed}: there is no such file, nor such a command"),
        format!("logitscope {command} {}", rest.join(" ")),
    ))
}

/// The one file, or none. Several files are models to compare, which is not the job of this command.
pub(super) fn at_most_one(files: &[PathBuf]) -> Result<Option<&PathBuf>, Failure> {
    if let Some(failure) = mistyped_command(files) {
        return Err(failure);
    }
    match files {
        [] => Ok(None),
        [file] => Ok(Some(file)),
        [first, second, ..] => Err(Failure::hint(
            format!(
                "{} files given, and rows of different files are never pooled",
                files.len()
            ),
            format!(
                "to fit on the first and judge on the second: logitscope report {} --test {}; a folder of shards is one data set",
                first.display(),
                second.display()
            ),
        )),
    }
}

/// A study of the one file in `files`, judged on the file `test` if given.
pub(super) fn study_of(
    (files, test): (&[PathBuf], Option<&Path>),
    (data, analysis): (&DataArgs, &AnalysisArgs),
    shared: &Shared,
) -> Result<Study, Failure> {
    let Some(path) = at_most_one(files)? else {
        return Err(Failure::hint("no file given", "logitscope report FILE"));
    };
    let mut line = ProgressLine::new(shared.quiet);
    let start = Instant::now();
    let options = data.options()?;
    let mut loaded = load(path, &options, &mut line)?;
    if let Some(test) = test {
        loaded = with_test(loaded, test, &options, &mut line)?;
    }
    finish(
        loaded,
        &analysis.options(shared),
        start.elapsed().as_secs_f64(),
        line,
    )
}

/// A study of the bundled sample.
pub(super) fn study_of_sample(
    data: &DataArgs,
    analysis: &AnalysisArgs,
    shared: &Shared,
) -> Result<Study, Failure> {
    let start = Instant::now();
    let loaded = io::open_bytes(sample::NAME, sample::BYTES, &data.options()?)?;
    let line = ProgressLine::new(shared.quiet);
    finish(
        loaded,
        &analysis.options(shared),
        start.elapsed().as_secs_f64(),
        line,
    )
}

/// Opens a file, showing progress.
pub(super) fn load(
    path: &Path,
    options: &OpenOptions,
    line: &mut ProgressLine,
) -> Result<Loaded, Failure> {
    Ok(io::open(path, options, &mut |progress| {
        line.show("reading", progress.bytes_done, progress.bytes_total);
        true
    })?)
}

/// Fits on `loaded` and judges on the file `test`. A test part that `loaded` has itself would make two
/// test sets: it is left out, which `--part val` says too.
fn with_test(
    loaded: Loaded,
    test: &Path,
    options: &OpenOptions,
    line: &mut ProgressLine,
) -> Result<Loaded, Failure> {
    // Of a test file that itself holds two parts the test part is meant; `--rows` was for the first file.
    let part = if options.part == Part::Auto {
        Part::Auto
    } else {
        options.part
    };
    let other = load(
        test,
        &OpenOptions {
            part,
            rows: None,
            ..options.clone()
        },
        line,
    )?;
    if other.info.n_classes != loaded.info.n_classes {
        return Err(Failure::plain(format!(
            "{} has {} classes and {} has {}: a temperature fitted on one says nothing about the other",
            loaded.info.path, loaded.info.n_classes, other.info.path, other.info.n_classes
        )));
    }
    Ok(Loaded {
        test: Some(other.test.unwrap_or(other.fit)),
        ..loaded
    })
}

fn finish(
    loaded: Loaded,
    analysis: &AnalysisOptions,
    seconds: f64,
    mut line: ProgressLine,
) -> Result<Study, Failure> {
    let mut study = study(loaded, analysis, &mut |progress| {
        line.show(progress.phase, progress.done, progress.total);
        true
    })?;
    study.timing.load = seconds;
    Ok(study)
}
