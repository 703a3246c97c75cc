//! What the limits of a gate could be, from the rows that it is to judge.

use super::super::Failure;
use super::super::args::CheckArgs;
use super::super::open::{Shared, study_of};
use super::{check_card, metrics, one};
use crate::analysis::{AnalysisOptions, Simulated};
use crate::metrics::Metrics;
use crate::pipeline::Study;
use crate::report::ReadCard;

/// Rows drawn again leave a proposed limit on the wrong side so seldom that a gate on as many rows of the same model is
/// not closed by chance.
const LEVEL: f64 = 0.99;

const DRAWS: usize = 400;

/// A gate without limits, and the command with limits that these rows meet with room for chance.
///
/// # Errors
/// If the rows cannot be read, or the card is that of another model.
pub(super) fn no_limit(
    args: &CheckArgs,
    given: Option<&ReadCard>,
    shared: &Shared,
) -> Result<Failure, Failure> {
    let options = AnalysisOptions {
        n_folds: 0,
        n_draws: DRAWS,
        level: LEVEL,
        ..args.analysis.options(shared)
    };
    let study = study_of((&args.files, None), (&args.data, &options), shared)?;
    if let Some(card) = given {
        check_card(card, &study.info)?;
    }
    let temperature = given.map_or_else(one, |card| Ok(card.temperature))?;
    let metrics = metrics(&study, temperature, &options)?;
    let flags = flags(&study, &metrics, temperature.value());
    let at = match (args.temperature, &args.card) {
        (Some(t), _) => format!(" --temperature {t}"),
        (None, Some(card)) => format!(" --card {}", card.display()),
        (None, None) => String::new(),
    };
    let hint = if flags.is_empty() {
        format!("logitscope report {} says what the figures are", study.info.path)
    } else {
        format!(
            "these rows meet, with room for chance: logitscope check {}{at} {}",
            study.info.path,
            flags.join(" ")
        )
    };
    Ok(Failure::hint("no limit is given, so that this gate would let everything pass", hint))
}

/// The flags, each with the end of the interval that is worse than what was found.
fn flags(study: &Study, metrics: &Metrics, temperature: f64) -> Vec<String> {
    let Some((simulated, of)) = nearest(study, temperature) else {
        return Vec::new();
    };
    let intervals = &simulated.intervals;
    // What rows drawn again add to a figure at a temperature close by.
    let most = |flag: &str, found: f64, (interval, at): (Option<[f64; 2]>, f64), end: f64| {
        let [_, high] = interval?;
        let limit = outward((found + (high - at).max(0.0)).min(end), true);
        (found.is_finite() && high.is_finite()).then(|| format!("--{flag} {limit}"))
    };
    let least = |flag: &str, found: f64, (interval, at): (Option<[f64; 2]>, f64)| {
        let [low, _] = interval?;
        (found.is_finite() && low.is_finite())
            .then(|| format!("--{flag} {}", outward(found - (at - low).max(0.0), false)))
    };
    [
        // A share is 1 at most.
        most("max-ece", metrics.ece, (intervals.ece, of.ece), 1.0),
        most("max-nll", metrics.nll, (intervals.nll, of.nll), f64::INFINITY),
        least("min-accuracy", metrics.accuracy, (intervals.accuracy, of.accuracy)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The draws at T = 1 or at the fitted T, whichever is closer, with the figures that they are about.
fn nearest(study: &Study, temperature: f64) -> Option<(&Simulated, &Metrics)> {
    let analysis = &study.analysis;
    let bootstrap = analysis.bootstrap.as_ref()?;
    let away = |t: f64| (temperature / t).ln().abs();
    match (&bootstrap.after, &analysis.after, analysis.fit.temperature) {
        (Some(simulated), Some(figures), Some(t)) if away(t) < away(1.0) => {
            Some((simulated, &figures.metrics))
        }
        _ => Some((&bootstrap.before, &analysis.before.metrics)),
    }
}

/// Three decimals, away from what was found.
fn outward(limit: f64, is_up: bool) -> f64 {
    let thousandths = limit * 1000.0;
    (if is_up { thousandths.ceil() } else { thousandths.floor() }).max(0.0) / 1000.0
}
