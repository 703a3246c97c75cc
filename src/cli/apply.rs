//! `apply`: calibrated probabilities for every row, in the order of the file.

use crate::data::{BatchSource, Kind, MemorySource, Temperature, ValuesRef};
use crate::io::{Loaded, OpenOptions, Part, Scores, write_scores};
use crate::numerics::softmax;
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
    write_scores(&args.out, &scores(&loaded, temperature, args.what))?;
    if !shared.quiet {
        let (rows, path) = (loaded.fit.n_rows(), args.out.display());
        Output::note(&format!("wrote {rows} rows to {path}, T = {}", temperature.value()));
    }
    Ok(0)
}

fn temperature(args: &ApplyArgs) -> Result<Temperature, Failure> {
    if let Some(value) = args.temperature {
        return Temperature::new(value).map_err(|error| Failure::plain(error.to_string()));
    }
    let path = args.card.as_ref().ok_or_else(|| Failure::plain("no temperature given"))?;
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::plain(format!("{}: {error}", path.display())))?;
    read_card(&text).map_err(|error| {
        Failure::hint(
            format!("{}: {error}", path.display()),
            "a card is what `logitscope fit FILE --out card.json` writes",
        )
    })
}
