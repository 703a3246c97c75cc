//! `apply`: calibrated probabilities for every row, in the order of the file.

use crate::data::{BatchSource, Kind, Label, Temperature, ValuesRef};
use crate::io::{Loaded, Part, Scores, check_scores_path, write_scores};
use crate::numerics::{Score, softmax};
use crate::report::read_card;

use super::Failure;
use super::args::{ApplyArgs, What};
use super::open::{Shared, load};
use super::output::Output;
use super::progress::ProgressLine;

pub(super) fn run(args: &ApplyArgs, shared: &Shared) -> Result<u8, Failure> {
    let temperature = temperature(args)?;
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

fn temperature(args: &ApplyArgs) -> Result<Temperature, Failure> {
    if let Some(value) = args.temperature {
        return Temperature::new(value).map_err(|error| Failure::plain(error.to_string()));
    }
    let path = args
        .card
        .as_ref()
        .ok_or_else(|| Failure::plain("no temperature given"))?;
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::plain(format!("{}: {error}", path.display())))?;
    read_card(&text).map_err(|error| {
        Failure::hint(
            format!("{}: {error}", path.display()),
            "a card is what `logitscope fit FILE --out card.json` writes",
        )
    })
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
