//! `summarize`: the row summaries as a file, which every command reads instead of the logits.

use crate::io::{Destination, check_numbers_path};
use crate::pipeline;
use crate::report::number::{bytes, counted};

use super::Failure;
use super::args::SummarizeArgs;
use super::open::{Shared, inputs, studying};
use super::output::Output;
use super::progress::ProgressLine;

/// Level of the interval of T, which is not stored.
const LEVEL: f64 = 0.95;

pub(super) fn run(args: &SummarizeArgs, shared: &Shared) -> Result<u8, Failure> {
    let out = Destination::from(&args.out);
    if out.is_stdout() && Output::is_terminal() {
        return Err(Failure::hint(
            "row summaries are Parquet, which is nothing for a terminal",
            "logitscope summarize FILE --out rows.parquet",
        ));
    }
    let out = shared.out.as_ref().unwrap_or(&out);
    check_numbers_path(out)?;
    let mut line = ProgressLine::new(shared.quiet);
    let files = (args.files.as_slice(), args.test.as_deref());
    let inputs = inputs(files, &args.data.options(shared)?, shared, &mut line)?;
    let summaries = pipeline::summaries(inputs, LEVEL, &mut studying(&mut line))?;
    drop(line);
    let parts = std::iter::once(&summaries.fit).chain(&summaries.test);
    let n_rows: u64 = parts.map(|part| part.rows.len() as u64).sum();
    summaries.write(out)?;
    if !shared.quiet {
        Output::note(&wrote(n_rows, out));
    }
    Ok(0)
}

/// `wrote 50,000 rows to rows.parquet, 20 MB, 412 bytes a row`.
fn wrote(n_rows: u64, out: &Destination) -> String {
    let text = format!("wrote {} to {}", counted(n_rows, "row"), out.shown().display());
    // What is written to a device or a pipe has no size.
    match std::fs::metadata(out.path()) {
        Ok(meta) if meta.is_file() && n_rows > 0 => {
            let a_row = meta.len() / n_rows;
            format!("{text}, {}, {}", bytes(meta.len()), counted(a_row, "byte") + " a row")
        }
        _ => text,
    }
}
