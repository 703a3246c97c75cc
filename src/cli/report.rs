//! `report`: everything about a file, for people or for programs.

use std::path::Path;

use crate::pipeline::Study;
use crate::report::{self, TextOptions};

use super::Failure;
use super::args::{AppArgs, Format, ReportArgs};
use super::open::{Shared, study_of, study_of_sample};
use super::output::{Output, text_options};

pub(super) fn run(args: &ReportArgs, shared: &Shared) -> Result<u8, Failure> {
    let study = study_of(&args.files, args.test.as_deref(), (&args.data, &args.analysis), shared)?;
    print(&study, args.format, text_options(args.ascii), args.out.as_deref())
}

/// What the app prints when there is no terminal to draw on.
pub(super) fn run_plain(args: &AppArgs, shared: &Shared) -> Result<u8, Failure> {
    let study = if args.files.is_empty() {
        study_of_sample(&args.data, &args.analysis, shared)?
    } else {
        study_of(&args.files, None, (&args.data, &args.analysis), shared)?
    };
    print(&study, Format::Text, text_options(args.ascii), None)
}

fn print(
    study: &Study,
    format: Format,
    options: TextOptions,
    out: Option<&Path>,
) -> Result<u8, Failure> {
    let text = match format {
        Format::Text => report::text(study, &options),
        Format::Json => format!("{:#}\n", report::json(study)),
    };
    Output::write(&text, out)?;
    Ok(0)
}
