//! `fit`: the temperature to ship.

use std::fmt::Write as _;
use std::time::SystemTime;

use crate::analysis::EvaluatedOn;
use crate::pipeline::Study;
use crate::report::number;
use crate::report::{Card, evaluated_on_words, verdict_word};

use super::Failure;
use super::args::FitArgs;
use super::open::{Shared, study_of};
use super::output::Output;

pub(super) fn run(args: &FitArgs, shared: &Shared) -> Result<u8, Failure> {
    let study = study_of(&args.files, args.test.as_deref(), (&args.data, &args.analysis), shared)?;
    let Some(card) = Card::new(&study, SystemTime::now()) else {
        return Err(no_temperature(&study, args.out.is_some()));
    };
    if let Some(path) = &args.out {
        crate::io::write_text_atomically(path, &card.to_json())?;
        if !shared.quiet {
            Output::note(&format!("wrote {}", path.display()));
        }
    }
    Output::write(&describe(&study), None)?;
    Ok(0)
}

fn no_temperature(study: &Study, wanted_card: bool) -> Failure {
    let message =
        format!("{}: no temperature: {}", study.info.path, study.analysis.fit.status.explain());
    let what = if wanted_card { "no card was written; " } else { "" };
    Failure::hint(message, format!("{what}to see more: logitscope report {}", study.info.path))
}
