//! The steps of a run, each studied by itself, and the rows that each is judged on.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::analysis::AnalysisOptions;
use crate::data::{SourceInfo, printable};
use crate::diagnosis::{RunStep, step_stats};
use crate::io::OpenOptions;
use crate::metrics::Binning;
use crate::pipeline::{
    Inputs, Study, are_steps, chosen_step, expanded, in_order, step_number, study,
};

use super::super::Failure;
use super::super::args::DoctorArgs;
use super::super::open::{Shared, inputs, options_beside, studying};
use super::super::progress::ProgressLine;
use super::{Judged, Origin};

/// What `--test` names.
enum Test {
    /// Rows of one step.
    Plain(PathBuf),
    /// The files of the steps of a run.
    Files(Vec<PathBuf>),
    /// One file that holds several steps.
    Within(PathBuf),
}

/// Opens and studies one step after the other.
struct Reader<'a> {
    test: Option<&'a Path>,
    options: OpenOptions,
    shared: &'a Shared,
}

/// The steps of a run, and the last of them judged on another file.
pub(super) type Studied = (Vec<(RunStep, Origin)>, Option<Judged>);

/// Every file, and every step of a file that holds several, in the order of their numbers; and the last of several
/// judged on the file `--test`, if that holds no steps.
pub(super) fn studied(args: &DoctorArgs, shared: &Shared) -> Result<Studied, Failure> {
    let mut files = in_order(expanded(&args.files));
    let mut options = OpenOptions { slices: args.slice.clone(), ..args.data.options(shared)? };
    let asked = options.step;
    if asked.is_some()
        && let Some(only) = chosen_step(&files, asked)?
    {
        (files, options.step) = (vec![only.path], None);
    }
    let reader = Reader { test: args.test.as_deref(), options, shared };
    let (mut steps, mut test, mut last_within) = (Vec::new(), None, None);
    for file in &files {
        let opened = reader.open(file, reader.options.step)?;
        let mut within = opened.info().steps();
        if asked.is_some() || within.len() < 2 {
            within.clear();
        }
        let is_one_of_many = files.len() > 1 || !within.is_empty();
        if test.is_none() {
            test = reader.test_of(is_one_of_many || asked.is_some())?;
        }
        last_within = within.pop();
        for number in within {
            let opened = reader.open(file, Some(number))?;
            let study = reader.study(opened, test.as_ref(), (file, is_one_of_many))?;
            steps.push(step(&study, file, true));
        }
        // What was opened first is the last step.
        let study = reader.study(opened, test.as_ref(), (file, is_one_of_many))?;
        steps.push(step(&study, file, is_one_of_many));
    }
    let judged = match (test, files.last()) {
        (Some(Test::Plain(test)), Some(last)) if steps.len() > 1 => {
            let opened = reader.open(last, last_within.or(reader.options.step))?;
            let study = reader.study(opened, Some(&Test::Plain(test.clone())), (last, false))?;
            Some(Judged { step: step(&study, last, true), on: printable(&test.to_string_lossy()) })
        }
        _ => None,
    };
    Ok((steps, judged))
}

impl Reader<'_> {
    fn open(&self, file: &Path, step: Option<u64>) -> Result<Inputs, Failure> {
        let options = OpenOptions { step, ..options_beside(file, self.test, &self.options) };
        let mut line = ProgressLine::new(self.shared.quiet);
        inputs((&[file.to_path_buf()], None), &options, self.shared, &mut line)
    }

    fn open_test(&self, test: &Path, beside: &Path, step: Option<u64>) -> Result<Inputs, Failure> {
        let options = OpenOptions {
            step,
            // `--rows` was for the first file.
            rows: None,
            ..options_beside(test, Some(beside), &self.options)
        };
        let mut line = ProgressLine::new(self.shared.quiet);
        inputs((&[test.to_path_buf()], None), &options, self.shared, &mut line)
    }

    /// What `--test` names. Where there is one step alone it is judged on whatever is read, so that the file need not
    /// be looked into.
    fn test_of(&self, looks_into: bool) -> Result<Option<Test>, Failure> {
        let Some(path) = self.test else {
            return Ok(None);
        };
        let plain = || Test::Plain(path.to_path_buf());
        if !looks_into {
            return Ok(Some(plain()));
        }
        let files = in_order(expanded(&[path.to_path_buf()]));
        if are_steps(&files) {
            return Ok(Some(Test::Files(files)));
        }
        let opened = self.open_test(path, path, None)?;
        Ok(Some(if opened.info().steps().len() > 1 {
            Test::Within(path.to_path_buf())
        } else {
            plain()
        }))
    }

    /// A study of `opened`, judged on the same step of `test`, or on all of `test` where there is one step alone.
    fn study(
        &self,
        opened: Inputs,
        test: Option<&Test>,
        (file, is_one_of_many): (&Path, bool),
    ) -> Result<Study, Failure> {
        let number = number_of(opened.info(), file);
        let on = match test {
            None => None,
            Some(Test::Plain(_)) if is_one_of_many => None,
            Some(Test::Plain(path)) => Some((path, None)),
            Some(Test::Within(path)) => Some((path, number)),
            Some(Test::Files(files)) => Some((file_of(files, number)?, None)),
        };
        let inputs = match on {
            None => opened,
            Some((test, step)) => opened.judged_on(self.open_test(test, file, step)?)?,
        };
        let analysis =
            AnalysisOptions { slices: self.options.slices.clone(), ..analysis(self.shared) };
        let mut line = ProgressLine::new(self.shared.quiet);
        Ok(study(inputs, &analysis, &mut studying(&mut line))?)
    }
}

/// The file of step `number`; of the last one where the run does not say which step it is.
fn file_of(files: &[PathBuf], number: Option<u64>) -> Result<&PathBuf, Failure> {
    let found = match number {
        None => files.last(),
        Some(_) => files.iter().find(|file| step_number(file) == number),
    };
    found.ok_or_else(|| {
        let numbers = files.iter().filter_map(|file| step_number(file));
        let listed: Vec<String> = numbers.map(|number| number.to_string()).collect();
        Failure::hint(
            format!(
                "--test holds no step {}; there are {}",
                number.unwrap_or_default(),
                listed.join(", ")
            ),
            "give the file of one step alone: the last step of the run is judged on it",
        )
    })
}

/// The number of a step: of the series in its file, else in the name of the file.
fn number_of(info: &SourceInfo, file: &Path) -> Option<u64> {
    let number = info.step().and_then(|step| step.parse().ok());
    number.or_else(|| step_number(file))
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
    let number = number_of(&study.info, file);
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
