//! What takes many passes and is made on demand: other recalibrators, thresholds of every class.

use crate::analysis::{AnalysisOptions, ScoresError, ThresholdOptions};
use crate::pipeline::Study;

use super::Failure;
use super::args::DemandArgs;
use super::open::Shared;
use super::progress::ProgressLine;

/// Enters what is demanded in `study`, which was made with the same `options`.
pub(super) fn demand(
    study: &mut Study,
    args: DemandArgs,
    options: &AnalysisOptions,
    shared: &Shared,
) -> Result<(), Failure> {
    if let Some(precision) = args.thresholds {
        let asked = ThresholdOptions { precision, level: options.level };
        let chosen = study.thresholds(options, asked, &mut || true);
        study.thresholds = Some(chosen.map_err(|error| failure(study, error))?);
    }
    let mut line = ProgressLine::new(shared.quiet);
    if args.compare_methods {
        let compared = study.compare_methods(options, &mut |at| {
            line.show(&format!("comparing methods: {}", at.method.name()), at.done, at.total);
            true
        });
        study.methods = Some(compared.map_err(|error| failure(study, error))?);
    }
    Ok(())
}

fn failure(study: &Study, error: ScoresError) -> Failure {
    let path = &study.info.path;
    let message = format!("{path}: {error}");
    match error {
        ScoresError::Source(error) => error.into(),
        ScoresError::NoLogits => {
            Failure::hint(message, "logitscope report LOGITS --compare-methods")
        }
        ScoresError::InSample => {
            Failure::hint(message, format!("logitscope report {path} --folds 5, or --test FILE"))
        }
        ScoresError::MultiLabel
        | ScoresError::SoftLabels
        | ScoresError::Weights
        | ScoresError::NoTemperature
        | ScoresError::TooManyClasses { .. } => {
            Failure::hint(message, format!("logitscope report {path} has what can be said without"))
        }
    }
}
