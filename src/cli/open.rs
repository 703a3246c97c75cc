//! Arguments -> checked options -> a study.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::analysis::AnalysisOptions;
use crate::data::{Kind, SourceInfo, Task};
use crate::io::{self, Destination, Loaded, Normalize, OpenOptions, Part, RowRange, Split};
use crate::metrics::Binning;
use crate::pipeline::{
    self, Inputs, Study, StudyProgress, chosen_step, expanded, for_summaries, holds_summaries,
    in_order, open_summaries, study,
};
use crate::sample;

use super::args::{
    AnalysisArgs, BinningArg, DataArgs, KindArg, NormalizeArg, PartArg, SharedArgs, TaskArg, When,
};
use super::output::Output;
use super::progress::ProgressLine;
use super::{Failure, interrupt};

/// What a mistyped first word may have meant.
const COMMANDS: [&str; 8] =
    ["report", "fit", "apply", "check", "compare", "inspect", "summarize", "doctor"];

/// What every command obeys.
pub(super) struct Shared {
    /// No progress.
    pub(super) quiet: bool,
    /// Seed of everything random.
    pub(super) seed: u64,
    /// Bytes of scores to keep in memory.
    pub(super) memory: Option<u64>,
    /// Colour in the app and in text.
    pub(super) color: When,
    /// What `--out` names.
    pub(super) out: Option<Destination>,
    /// Every file that is to be written: this one, or those of figures in this folder.
    pub(super) written: Vec<Destination>,
}

impl Shared {
    /// Refuses to write over any of these files, which are read. A signal that ends the process leaves nothing of what
    /// is not finished.
    pub(super) fn guard(&self, inputs: &[PathBuf]) -> Result<(), Failure> {
        self.spare(inputs)?;
        // A folder of figures is made.
        if let [file] = self.written.as_slice() {
            file.check_folder()?;
        }
        let files = self.written.iter().filter(|out| !out.is_stream());
        Ok(interrupt::watch(files.cloned().collect())?)
    }

    /// Nothing is written if one of the files that would be is among these.
    fn spare(&self, inputs: &[PathBuf]) -> Result<(), Failure> {
        self.written.iter().try_for_each(|file| Output::spare(file, inputs))
    }

    /// The same for what was found beside the file `path` and read too.
    fn spare_beside(&self, path: &Path, info: &SourceInfo) -> Result<(), Failure> {
        if self.written.is_empty() {
            return Ok(());
        }
        self.spare(&io::files_beside(path, &info.guesses))
    }
}

impl SharedArgs {
    /// Applies `--threads` and takes the rest over; `out` is what `--out` names, `figures` are files in that folder.
    pub(super) fn check(
        &self,
        out: Option<Destination>,
        figures: Option<Vec<PathBuf>>,
    ) -> Result<Shared, Failure> {
        let (quiet, seed, threads, color) = self.parts();
        if let Some(threads) = threads {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads)).build_global();
            pool.map_err(|error| Failure::plain(error.to_string()))?;
        }
        let written = match figures {
            Some(files) => files.iter().map(Into::into).collect(),
            None => out.iter().cloned().collect(),
        };
        Ok(Shared { quiet, seed, memory: self.memory, color, out, written })
    }
}

impl DataArgs {
    /// The options of the reader.
    pub(super) fn options(&self, shared: &Shared) -> Result<OpenOptions, Failure> {
        Ok(OpenOptions {
            logits: self.logits.clone(),
            labels: self.labels.clone(),
            unlabelled: false,
            kind: self.kind.map(|kind| match kind {
                KindArg::Logits => Kind::Logits,
                KindArg::LogProbs => Kind::LogProbs,
                KindArg::Probs => Kind::Probs,
                KindArg::Sigmoid => Kind::Sigmoid,
            }),
            task: self.task.map(|task| match task {
                TaskArg::Multiclass => Task::Multiclass,
                TaskArg::Binary => Task::Binary,
                TaskArg::Multilabel => Task::Multilabel,
            }),
            positive: self.positive.clone(),
            ignore_index: self.ignore_index,
            class_names: self.class_names.clone(),
            label_offset: self.label_offset,
            n_classes: self.classes,
            part: match self.part {
                None => Part::Auto,
                Some(PartArg::Val) => Part::Val,
                Some(PartArg::Test) => Part::Test,
                Some(PartArg::All) => Part::All,
            },
            step: self.step,
            rows: self.rows.as_deref().map(row_range).transpose()?,
            normalize: match self.normalize.unwrap_or_default() {
                NormalizeArg::None => Normalize::None,
                NormalizeArg::Chars => Normalize::Chars,
                NormalizeArg::Bytes => Normalize::Bytes,
            },
            mask: self.mask.clone(),
            shift: self.shift,
            id: self.id.clone(),
            group: self.group.clone(),
            weight: self.weight.clone(),
            split: self.split.as_deref().map(Split::parse),
            slices: Vec::new(),
            filter: self.filter.clone(),
            fit_where: self.fit_where.clone(),
            test_where: self.test_where.clone(),
            memory: shared.memory,
        })
    }
}

/// `A..B`; A may be left out.
fn row_range(text: &str) -> Result<RowRange, Failure> {
    let wrong = || {
        let message = format!("--rows {text}: not a range of rows");
        Failure::hint(message, "give it as A..B, counted from 0 with B left out: --rows 0..5000")
    };
    let (start, end) = text.split_once("..").ok_or_else(wrong)?;
    let number = |text: &str| text.trim().replace('_', "").parse::<usize>().map_err(|_| wrong());
    let start = if start.trim().is_empty() { 0 } else { number(start)? };
    let end = number(end)?;
    if start < end { Ok(RowRange { start, end }) } else { Err(wrong()) }
}

impl AnalysisArgs {
    /// The options of the analysis.
    pub(super) fn options(&self, shared: &Shared) -> AnalysisOptions {
        AnalysisOptions {
            slices: Vec::new(),
            parity: None,
            n_bins: usize::from(self.bins),
            binning: match self.binning {
                BinningArg::Width => Binning::Width,
                BinningArg::Mass => Binning::Mass,
            },
            n_folds: usize::from(self.folds),
            seed: shared.seed,
            level: self.level,
            families: false,
            curves: true,
            findings: true,
            n_draws: self.bootstrap.map_or(0, |n| n as usize),
        }
    }
}

/// A hint if the first "file" is no file but nearly the name of a command.
pub(super) fn mistyped_command(files: &[PathBuf]) -> Option<Failure> {
    let first = files.first().filter(|first| !first.exists())?;
    let typed = first.to_str()?;
    let close = |command: &&&str| strsim::damerau_levenshtein(typed, command) <= 2;
    let command = COMMANDS.iter().find(close)?;
    let rest: Vec<String> = files[1..].iter().map(|file| file.display().to_string()).collect();
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
        several if several.iter().all(|path| holds_summaries(path)) => Err(to_join(several)),
        [first, second, ..] => Err(Failure::hint(
            format!("{} files given, and rows of different files are never pooled", files.len()),
            format!(
                "to fit on the first and judge on the second: logitscope report {} --test {}; a folder of shards is one data set",
                first.display(),
                second.display()
            ),
        )),
    }
}

/// The files that the app opens together, in order; a folder or pattern of steps stands for these.
pub(super) fn together(files: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    match mistyped_command(files) {
        Some(failure) => Err(failure),
        None => Ok(in_order(expanded(files))),
    }
}

/// Where one file is asked for, several files of summaries are one once they are joined.
fn to_join(files: &[PathBuf]) -> Failure {
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Failure::hint(
        format!("{} files of row summaries given, where one is opened", files.len()),
        format!("logitscope summarize {} --out all.parquet", names.join(" ")),
    )
}

/// A study of the data set in `files`, judged on the file `test` if given.
pub(super) fn study_of(
    files: (&[PathBuf], Option<&Path>),
    (data, analysis): (&DataArgs, &AnalysisOptions),
    shared: &Shared,
) -> Result<Study, Failure> {
    let mut line = ProgressLine::new(shared.quiet);
    let start = Instant::now();
    let options = OpenOptions { slices: analysis.slices.clone(), ..data.options(shared)? };
    let inputs = inputs(files, &options, shared, &mut line)?;
    let seconds = start.elapsed().as_secs_f64();
    finish(inputs, analysis, seconds, line)
}

/// The data set in `files`, judged on the file `test` if given. How logits are read is no matter to summaries that
/// stand beside a file of logits: it is meant for that.
pub(super) fn inputs(
    (files, test): (&[PathBuf], Option<&Path>),
    options: &OpenOptions,
    shared: &Shared,
    line: &mut ProgressLine,
) -> Result<Inputs, Failure> {
    let test = test.map(|path| [path.to_path_buf()]);
    let both_kinds = test.as_ref().is_some_and(|test| of_summaries(test) != of_summaries(files));
    let mut open = |paths: &[PathBuf], options: &OpenOptions| {
        let inputs = if both_kinds && of_summaries(paths) {
            open_set(paths, &for_summaries(options), line)
        } else {
            open_set(paths, options, line)
        }?;
        for path in paths {
            shared.spare_beside(path, inputs.info())?;
        }
        Ok::<_, Failure>(inputs)
    };
    let inputs = open(files, options)?;
    let Some(test) = test else {
        return Ok(inputs);
    };
    // `--rows` was for the first file.
    let options = OpenOptions { rows: None, ..options.clone() };
    Ok(inputs.judged_on(open(&test, &options)?)?)
}

fn of_summaries(paths: &[PathBuf]) -> bool {
    paths.iter().all(|path| holds_summaries(path))
}

/// The options for `path` where it is opened beside `other`, see [`inputs`].
pub(super) fn options_beside(
    path: &Path,
    other: Option<&Path>,
    options: &OpenOptions,
) -> OpenOptions {
    if other.is_some_and(|other| holds_summaries(path) && !holds_summaries(other)) {
        for_summaries(options)
    } else {
        options.clone()
    }
}

/// One file or folder of logits, or any number of summaries.
fn open_set(
    paths: &[PathBuf],
    options: &OpenOptions,
    line: &mut ProgressLine,
) -> Result<Inputs, Failure> {
    if let Some(step) = chosen_step(paths, options.step)? {
        // Which step is decided: the file holds no others.
        let options = OpenOptions { step: None, ..options.clone() };
        let opened = pipeline::open(&step.path, &options, &mut reading(line))?;
        return Ok(opened.of_step(&step).into());
    }
    let matching = match paths {
        [pattern] if io::is_pattern(pattern) => io::data_files(pattern)?,
        _ => Vec::new(),
    };
    if matching.len() > 1 && matching.iter().all(|path| holds_summaries(path)) {
        return Ok(open_summaries(&matching, options, &mut reading(line))?.into());
    }
    if paths.len() > 1 && paths.iter().all(|path| holds_summaries(path)) {
        return Ok(open_summaries(paths, options, &mut reading(line))?.into());
    }
    let Some(path) = at_most_one(paths)? else {
        return Err(Failure::hint("no file given", "logitscope report FILE"));
    };
    Ok(pipeline::open(path, options, &mut reading(line))?.into())
}

/// A study of the bundled sample.
pub(super) fn study_of_sample(
    data: &DataArgs,
    analysis: &AnalysisOptions,
    shared: &Shared,
) -> Result<Study, Failure> {
    let start = Instant::now();
    let loaded = io::open_bytes(sample::NAME, sample::BYTES, &data.options(shared)?)?;
    let line = ProgressLine::new(shared.quiet);
    finish(loaded, analysis, start.elapsed().as_secs_f64(), line)
}

/// Opens a file of logits, showing progress.
pub(super) fn load(
    path: &Path,
    options: &OpenOptions,
    shared: &Shared,
    line: &mut ProgressLine,
) -> Result<Loaded, Failure> {
    let loaded = io::open(path, options, &mut reading(line))?;
    shared.spare_beside(path, &loaded.info)?;
    Ok(loaded)
}

/// Shows the progress of reading.
pub(super) fn reading(line: &mut ProgressLine) -> impl FnMut(io::Progress) -> bool {
    |progress| {
        line.show("reading", progress.bytes_done, progress.bytes_total);
        true
    }
}

fn finish(
    inputs: impl Into<Inputs>,
    analysis: &AnalysisOptions,
    seconds: f64,
    mut line: ProgressLine,
) -> Result<Study, Failure> {
    let mut study = study(inputs, analysis, &mut studying(&mut line))?;
    study.timing.load = seconds;
    Ok(study)
}

/// Shows the progress of the passes.
pub(super) fn studying(line: &mut ProgressLine) -> impl FnMut(StudyProgress) -> bool {
    |progress| {
        line.show(progress.phase, progress.done, progress.total);
        true
    }
}
