//! `summarize`: the row summaries as a file, which every command reads instead of the logits.

use std::path::{Path, PathBuf};

use crate::io::check_numbers_path;
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
    let paths: Vec<&Path> = args
        .files
        .iter()
        .chain(&args.test)
        .map(PathBuf::as_path)
        .collect();
    Output::spare_inputs(Some(&args.out), &paths)?;
    check_numbers_path(&args.out)?;
    let mut line = ProgressLine::new(shared.quiet);
    let files = (args.files.as_slice(), args.test.as_deref());
    let inputs = inputs(files, &args.data.options(shared)?, &mut line)?;
    let summaries = pipeline::summaries(inputs, LEVEL, &mut studying(&mut line))?;
    drop(line);
    let parts = std::iter::once(&summaries.fit).chain(&summaries.test);
    let n_rows: u64 = parts.map(|part| part.rows.len() as u64).sum();
    summaries.write(&args.out)?;
    if !shared.quiet {
        Output::note(&wrote(n_rows, &args.out));
    }
    Ok(0)
}

/// `wrote 50,000 rows to rows.parquet, 20 MB, 412 bytes a row`.
fn wrote(n_rows: u64, out: &Path) -> String {
    let text = format!("wrote {} to {}", counted(n_rows, "row"), out.display());
    // What is written to a device or a pipe has no size.
    match std::fs::metadata(out) {
        Ok(meta) if meta.is_file() && n_rows > 0 => {
            let a_row = meta.len() / n_rows;
            format!(
                "{text}, {}, {}",
                bytes(meta.len()),
                counted(a_row, "byte") + " a row"
            )
        }
        _ => text,
    }
}
