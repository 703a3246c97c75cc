//! `apply`: calibrated probabilities for every row, in the order of the file.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::data::{BatchSource, Kind, Label, SourceError, Temperature, ValuesRef};
use crate::io::{Loaded, Part, Scores, check_scores_path, write_scores};
use crate::numerics::{Score, softmax};
use crate::pipeline::chosen_step;
use crate::report::{card_classes, read_card};

use super::Failure;
use super::args::{ApplyArgs, What};
use super::open::{Shared, load};
use super::output::Output;
use super::progress::ProgressLine;

/// The largest file that is taken for a card; real ones have 3 kB.
const MAX_CARD_BYTES: u64 = 1 << 20;

pub(super) fn run(args: &ApplyArgs, shared: &Shared) -> Result<u8, Failure> {
    let inputs = [Some(&args.file), args.card.as_ref()].map(|path| path.map(PathBuf::as_path));
    let inputs: Vec<&Path> = inputs.into_iter().flatten().collect();
    Output::spare_inputs(Some(&args.out), &inputs)?;
    let given = given_temperature(args.temperature, args.card.as_deref())?;
    let (temperature, n_fitted) = given.ok_or_else(|| Failure::plain("no temperature given"))?;
    check_scores_path(&args.out)?;
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
    let loaded = load(file, &options, &mut line)?;
    check_classes(n_fitted, &loaded)?;
    write(&loaded, temperature, args, &mut line)?;
    drop(line);
    if !shared.quiet {
        let (path, n_rows) = (args.out.display(), loaded.fit.n_rows());
        let of_step = step.map_or_else(String::new, |step| {
            format!(" of step {} ({})", step.number, step.evidence)
        });
        Output::note(&format!(
            "wrote {n_rows} rows{of_step} to {path}, T = {}",
            temperature.value()
        ));
    }
    Ok(0)
}

/// The temperature by its value or of a card, and for how many classes it was fitted if a card says so; `None` if
/// neither is given.
pub(super) fn given_temperature(
    value: Option<f64>,
    card: Option<&Path>,
) -> Result<Option<(Temperature, Option<u64>)>, Failure> {
    if let Some(value) = value {
        let temperature = Temperature::new(value);
        return temperature
            .map(|t| Some((t, None)))
            .map_err(|error| Failure::plain(error.to_string()));
    }
    let Some(path) = card else {
        return Ok(None);
    };
    let wrong = |reason: String| {
        Failure::hint(
            format!("{}: {reason}", path.display()),
            "a card is what `logitscope fit FILE --out card.json` writes",
        )
    };
    let meta = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?;
    // A pipe might never end, and a file of many megabytes is something else.
    if !meta.is_file() || meta.len() > MAX_CARD_BYTES {
        return Err(wrong("not a card".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let temperature = read_card(&text).map_err(|error| wrong(error.to_string()))?;
    Ok(Some((temperature, card_classes(&text))))
}

/// A temperature fitted on a model of ten classes says nothing about one of two.
fn check_classes(n_fitted: Option<u64>, loaded: &Loaded) -> Result<(), Failure> {
    let k = loaded.info.n_scores() as u64;
    match n_fitted {
        Some(fitted) if fitted != k => Err(Failure::hint(
            format!(
                "the card was fitted on {fitted} {}, and {} has {k}",
                loaded.info.scores_word(),
                loaded.info.path
            ),
            "take the card of this model, or give the number with --temperature",
        )),
        _ => Ok(()),
    }
}

/// All rows of `loaded` at `temperature`, in the order of the file, written as they are read. What cannot be
/// computed (a row with NaN or infinite logits) is NaN in the output, so that rows keep their places.
fn write(
    loaded: &Loaded,
    temperature: Temperature,
    args: &ApplyArgs,
    line: &mut ProgressLine,
) -> Result<(), Failure> {
    if loaded.info.n_labels.is_some() {
        return write_labels(loaded, temperature, args, line);
    }
    let source = &loaded.fit;
    let columns = columns(loaded, args.what);
    let mut labels = source.labels().to_vec();
    if loaded.swapped {
        unswap_labels(&mut labels);
    }
    let labelled = labels.iter().any(|label| !label.is_ignored());
    let scores = Scores {
        n_rows: source.n_rows(),
        columns: &columns,
        labels: labelled.then_some(&labels),
        kind: match args.what {
            What::Probs => Kind::Probs,
            What::Logits => Kind::Logits,
        },
    };
    let (b, total) = (temperature.inverse(), source.n_rows() as u64);
    let mut rows = Vec::new();
    write_scores(&args.out, &scores, |put| {
        let written = source.read(&mut |batch| {
            rows.resize(batch.values.len(), 0.0);
            match batch.values {
                ValuesRef::F32(v) => scale(v, (batch.n_classes, b), args.what, &mut rows),
                ValuesRef::F64(v) => scale(v, (batch.n_classes, b), args.what, &mut rows),
            }
            if loaded.swapped {
                rows.chunks_exact_mut(2).for_each(|row| row.swap(0, 1));
            }
            line.show("writing", batch.first_row as u64, total);
            put(&rows).map_err(|error| SourceError::Read(Box::new(error)))
        });
        written.map_err(Failure::from)
    })
}

/// Multi-label data: one column for each label. Each row of the source is one label of a row, with the logits (0, z).
fn write_labels(
    loaded: &Loaded,
    temperature: Temperature,
    args: &ApplyArgs,
    line: &mut ProgressLine,
) -> Result<(), Failure> {
    let source = &loaded.fit;
    let columns = columns(loaded, args.what);
    let n_labels = columns.len();
    let scores = Scores {
        n_rows: source.n_rows() / n_labels,
        columns: &columns,
        labels: None,
        kind: match args.what {
            What::Probs => Kind::Probs,
            What::Logits => Kind::Logits,
        },
    };
    let (b, total) = (temperature.inverse(), source.n_rows() as u64);
    let (mut pairs, mut waiting) = (Vec::new(), Vec::new());
    write_scores(&args.out, &scores, |put| {
        let written = source.read(&mut |batch| {
            pairs.resize(batch.values.len(), 0.0);
            match batch.values {
                ValuesRef::F32(v) => scale(v, (2, b), args.what, &mut pairs),
                ValuesRef::F64(v) => scale(v, (2, b), args.what, &mut pairs),
            }
            waiting.extend(pairs.chunks_exact(2).map(|pair| match args.what {
                What::Probs => pair[1],
                What::Logits => pair[1] - pair[0],
            }));
            line.show("writing", batch.first_row as u64, total);
            // A batch may end within a row.
            let n_whole = waiting.len() / n_labels * n_labels;
            let whole: Vec<f64> = waiting.drain(..n_whole).collect();
            put(&whole).map_err(|error| SourceError::Read(Box::new(error)))
        });
        written.map_err(Failure::from)
    })
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
        What::Logits => out
            .iter_mut()
            .zip(row)
            .for_each(|(out, z)| *out = b * z.widen()),
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
    let names = loaded
        .info
        .label_names
        .as_ref()
        .or(loaded.info.class_names.as_ref());
    let mut names = names.map_or(Vec::new(), |names| names.as_slice().to_vec());
    if loaded.swapped && names.len() == 2 {
        names.swap(0, 1);
    }
    if names.len() != k {
        names = (0..k).map(|i| i.to_string()).collect();
    }
    let is_number = |name: &String| name.trim().parse::<f64>().is_ok();
    if names.iter().all(is_number) {
        names = names
            .iter()
            .map(|name| format!("{prefix}_{name}"))
            .collect();
    }
    names
}
