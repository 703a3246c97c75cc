//! `apply`: calibrated probabilities for every row, in the order of the file.

use std::path::{Path, PathBuf};

use crate::data::{BatchSource, Kind, Label, Temperature, ValuesRef};
use crate::io::{Loaded, Part, Scores, check_scores_path, write_scores};
use crate::numerics::{Score, softmax};
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
    let (temperature, n_fitted) = temperature(args)?;
    check_scores_path(&args.out)?;
    let mut options = args.data.options()?;
    options.unlabelled = true;
    if options.part == Part::Auto {
        // Every row of the file gets its probabilities, whatever part it belongs to.
        options.part = Part::All;
    }
    let mut line = ProgressLine::new(shared.quiet);
    let loaded = load(&args.file, &options, &mut line)?;
    drop(line);
    check_classes(n_fitted, &loaded)?;
    let n_rows = write(&loaded, temperature, args)?;
    if !shared.quiet {
        let path = args.out.display();
        Output::note(&format!(
            "wrote {n_rows} rows to {path}, T = {}",
            temperature.value()
        ));
    }
    Ok(0)
}

/// The temperature, and for how many classes it was fitted if a card says so.
fn temperature(args: &ApplyArgs) -> Result<(Temperature, Option<u64>), Failure> {
    if let Some(value) = args.temperature {
        let temperature = Temperature::new(value);
        return temperature
            .map(|t| (t, None))
            .map_err(|error| Failure::plain(error.to_string()));
    }
    let path = args
        .card
        .as_ref()
        .ok_or_else(|| Failure::plain("no temperature given"))?;
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
    Ok((temperature, card_classes(&text)))
}

/// A temperature fitted on a model of ten classes says nothing about one of two.
fn check_classes(n_fitted: Option<u64>, loaded: &Loaded) -> Result<(), Failure> {
    let k = loaded.info.n_classes as u64;
    match n_fitted {
        Some(fitted) if fitted != k => Err(Failure::hint(
            format!(
                "the card was fitted on {fitted} classes, and {} has {k}",
                loaded.info.path
            ),
            "take the card of this model, or give the number with --temperature",
        )),
        _ => Ok(()),
    }
}

/// All rows of `loaded` at `temperature`, in the order of the file. What cannot be computed (a row with NaN or
/// infinite logits) is NaN in the output, so that rows keep their places.
fn write(loaded: &Loaded, temperature: Temperature, args: &ApplyArgs) -> Result<usize, Failure> {
    let source = &loaded.fit;
    let k = source.n_classes();
    let mut values = Vec::with_capacity(source.n_rows() * k);
    source.read(&mut |batch| {
        match batch.values {
            ValuesRef::F32(v) => scale(v, (k, temperature.inverse()), args.what, &mut values),
            ValuesRef::F64(v) => scale(v, (k, temperature.inverse()), args.what, &mut values),
        }
        Ok(())
    })?;
    let columns = columns(loaded, args.what);
    let mut labels = source.labels().to_vec();
    if loaded.swapped {
        unswap(&mut values, &mut labels);
    }
    let labelled = labels.iter().any(|label| !label.is_ignored());
    let kind = match args.what {
        What::Probs => Kind::Probs,
        What::Logits => Kind::Logits,
    };
    write_scores(
        &args.out,
        &Scores {
            values: &values,
            columns: &columns,
            labels: labelled.then_some(&labels),
            kind,
        },
    )?;
    Ok(source.n_rows())
}

/// The two classes in the order of the file again: which of them counts as positive changes no probability.
fn unswap(values: &mut [f64], labels: &mut [Label]) {
    values.chunks_exact_mut(2).for_each(|row| row.swap(0, 1));
    let other = |class| Label::class(u32::from(class == 0));
    for label in labels {
        *label = label.index().and_then(other).unwrap_or(*label);
    }
}

fn scale<S: Score>(values: &[S], (k, b): (usize, f64), what: What, out: &mut Vec<f64>) {
    for row in values.chunks_exact(k) {
        match what {
            What::Logits => out.extend(row.iter().map(|z| b * z.widen())),
            What::Probs => {
                let start = out.len();
                out.resize(start + k, 0.0);
                softmax(row, b, &mut out[start..]);
            }
        }
    }
}

/// The class names in the order of the file, or `prob_0`, `prob_1` and so on, by which every reader of ours finds
/// them again. Names that are numbers are written `prob_3` too: a first line of numbers is no header.
fn columns(loaded: &Loaded, what: What) -> Vec<String> {
    let prefix = match what {
        What::Probs => "prob",
        What::Logits => "logit",
    };
    let k = loaded.info.n_classes;
    let names = loaded.info.class_names.as_ref();
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
