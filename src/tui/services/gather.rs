//! A member of several files, read for the screens that show all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Failure, read_failure, study_failure};
use crate::analysis::AnalysisOptions;
use crate::data::printable;
use crate::diagnosis::step_stats;
use crate::io::OpenOptions;
use crate::pipeline::{self, Incomparable, Inputs, Paired, Study, step_number};
use crate::tui::event::{Order, Target};
use crate::tui::state::Gathered;

/// Draws of a paired interval where nobody says how many: the ends of a 95 % interval are then good to a fiftieth of
/// its width.
const DRAWS: usize = 1000;

/// Reads what `order` names by `options`. Without its study only what the Run screen shows is computed.
pub(super) fn gather(
    (order, options): (&Order, &OpenOptions),
    analysis: &AnalysisOptions,
    with_study: bool,
    stop: &AtomicBool,
) -> Result<Gathered, Failure> {
    let goes_on = || !stop.load(Ordering::Relaxed);
    let Target::Path(path) = &order.target else {
        return Err(Failure {
            name: String::new(),
            message: "the bundled sample is no member of several files".into(),
            hint: None,
            cancelled: false,
        });
    };
    let opened = pipeline::open(path, options, &mut |_| goes_on()).map_err(|e| read_failure(&e))?;
    let inputs: Inputs = opened.into();
    let name = inputs.info().path.clone();
    let analysis = AnalysisOptions {
        families: with_study,
        curves: with_study,
        findings: true,
        n_draws: 0,
        ..analysis.clone()
    };
    let study = pipeline::study(inputs, &analysis, &mut |_| goes_on());
    let mut study = study.map_err(|e| study_failure(name, &e))?;
    let number = study.info.step().and_then(|step| step.parse().ok());
    let number = number.or_else(|| step_number(path));
    let name = number.map_or_else(|| study.info.path.clone(), |n| format!("step {n}"));
    let mut step = step_stats(&study.subject(), name, study.sha256_labels.clone());
    step.step = number;
    step.findings.clone_from(&study.findings);
    study.forget_logits();
    Ok(Gathered { step, study: with_study.then(|| Arc::new(study)) })
}

/// `model` minus `reference`, with intervals from draws of the same rows.
pub(super) fn pair(
    (reference, model): (&Study, &Study),
    analysis: &AnalysisOptions,
) -> Result<Paired, String> {
    let options = AnalysisOptions {
        n_draws: match analysis.n_draws {
            0 => DRAWS,
            n_draws => n_draws,
        },
        ..analysis.clone()
    };
    let paired = model.paired_with(reference, &options);
    paired.map_err(|problem| why_not(&problem))
}

/// Why two models cannot be compared, in words that fit a line; printable.
pub(in crate::tui) fn why_not(problem: &Incomparable) -> String {
    let short = |hash: &String| hash.get(..12).unwrap_or(hash).to_owned();
    match problem {
        Incomparable::Labels { expected, found, .. } => {
            format!("other labels: sha256 {}… instead of {}…", short(found), short(expected))
        }
        Incomparable::Classes { expected, found, .. } => {
            format!("{found} classes instead of {expected}")
        }
        Incomparable::UnknownLabels { unknown, .. } => {
            printable(&format!("{unknown} holds no hash of its labels"))
        }
    }
}
