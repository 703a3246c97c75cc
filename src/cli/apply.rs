//! `apply`: calibrated probabilities for every row, in the order of the file.

use crate::data::{BatchSource, Kind, Temperature, ValuesRef};
use crate::io::{Loaded, Part, Scores, write_scores};
use crate::numerics::{Score, softmax};
use crate::report::read_card;

use super::Failure;
use super::args::{ApplyArgs, What};
use super::open::{Shared, load};
use super::output::Output;
use super::progress::ProgressLine;

pub(super) fn run(args: &ApplyArgs, shared: &Shared) -> Result<u8, Failure> {
    let temperature = temperature(args)?;
    let mut options = args.data.options()?;
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
    let mut labels = Vec::with_capacity(source.n_rows());
    source.read(&mut |batch| {
        labels.extend_from_slice(batch.labels);
        match batch.values {
            ValuesRef::F32(v) => scale(v, (k, temperature.inverse()), args.what, &mut values),
            ValuesRef::F64(v) => scale(v, (k, temperature.inverse()), args.what, &mut values),
        }
        Ok(())
    })?;
    let columns = columns(loaded, args.what);
    let kind = match args.what {
        What::Probs => Kind::Probs,
        What::Logits => Kind::Logits,
    };
    write_scores(
        &args.out,
        &Scores {
            values: &values,
            columns: &columns,
            labels: &labels,
            kind,
        },
    )?;
    Ok(labels.len())
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

/// The class names, or `prob_0`, `prob_1` and so on, by which every reader of ours finds them again.
fn columns(loaded: &Loaded, what: What) -> Vec<String> {
    let prefix = match what {
        What::Probs => "prob",
        What::Logits => "logit",
    };
    let numbered = |i: usize| format!("{prefix}_{i}");
    let k = loaded.info.n_classes;
    match &loaded.info.class_names {
        Some(names) if names.as_slice().len() == k => names.as_slice().to_vec(),
        _ => (0..k).map(numbered).collect(),
    }
}
