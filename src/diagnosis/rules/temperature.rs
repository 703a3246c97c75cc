//! What the temperature says, and how well it is known.

use crate::diagnosis::evidence::{Evidence, Group, GroupKind, share};
use crate::diagnosis::finding::{Finding, Place};
use crate::diagnosis::rule::{Rule, Severity};
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{counted, limit, number, percent};
use crate::fit::{Interval, Verdict};

/// T and its 99 % interval, where T says something about the model.
fn judged(e: &Evidence) -> Option<(f64, &Interval)> {
    let t = e.fit.temperature?;
    let interval = e.fit.verdict_interval.as_ref()?;
    (e.has_signal() && e.mapping.is_none()).then_some((t, interval))
}

/// Whose temperature it is, where other rows are judged.
fn of_fitted(e: &Evidence) -> &'static str {
    if e.is_judged_apart { " of the rows to fit on" } else { "" }
}

fn stated(e: &Evidence, rule: Rule, side: &str) -> Option<Finding> {
    let (t, interval) = judged(e)?;
    let gap = e.weighted_gap.unwrap_or(e.confidence - e.accuracy);
    let with_weights = e.weighted_gap.map_or("", |_| ", both with the weights,");
    let of_fitted = of_fitted(e);
    let of_judged = if e.is_judged_apart { "on the test rows " } else { "" };
    let message = format!(
        "The best temperature{of_fitted} is {} (99 % interval {} to {}, {side} 1); {of_judged}mean confidence minus accuracy{with_weights} is {:+.1} points.",
        number(t),
        number(interval.low),
        number(interval.high),
        gap * 100.0
    );
    Some(
        Finding::warning(rule, message)
            .with("temperature", t)
            .with("low", interval.low)
            .with("high", interval.high)
            .with("threshold", 1.0)
            .with("confidence_minus_accuracy", gap),
    )
}

pub(super) fn overconfident(e: &Evidence) -> Option<Finding> {
    (e.fit.verdict == Verdict::Overconfident)
        .then(|| stated(e, Rule::Overconfident, "above"))
        .flatten()
}

pub(super) fn underconfident(e: &Evidence) -> Option<Finding> {
    (e.fit.verdict == Verdict::Underconfident)
        .then(|| stated(e, Rule::Underconfident, "below"))
        .flatten()
}

pub(super) fn extreme_temperature(e: &Evidence) -> Option<Finding> {
    let (t, interval) = judged(e)?;
    (interval.low > at::T_HIGH || interval.high < at::T_LOW).then(|| {
        let message = format!(
            "The best temperature{}, {}, lies outside {} to {} with all of its 99 % interval: as trained, the probabilities are far off.",
            of_fitted(e),
            number(t),
            limit(at::T_LOW),
            limit(at::T_HIGH)
        );
        Finding::warning(Rule::ExtremeTemperature, message)
            .with("temperature", t)
            .with("low", interval.low)
            .with("high", interval.high)
    })
}

pub(super) fn temperature_uncertain(e: &Evidence) -> Option<Finding> {
    let (t, _) = judged(e)?;
    let error = e.fit.standard_error? / t;
    (error > at::T_ERROR_SOME).then(|| {
        let message = format!(
            "The temperature{} is known to {} only (standard error, threshold {}).",
            of_fitted(e),
            percent(error),
            percent(at::T_ERROR_SOME)
        );
        let severity = if error > at::T_ERROR_LARGE { Severity::Warning } else { Severity::Info };
        Finding::new(Rule::TemperatureUncertain, severity, message)
            .with("relative_error", error)
            .with("threshold", at::T_ERROR_SOME)
    })
}

pub(super) fn one_temperature_not_enough(e: &Evidence) -> Option<Finding> {
    judged(e)?;
    if super::is_class_bias_failure(e) {
        return None;
    }
    let at_t = e.at.as_ref()?;
    let differing = &at_t.differing;
    // What the user asked about first; a class alone is true of half of real sets.
    let is_slice = |group: &&Group| matches!(group.kind, GroupKind::Slice(_));
    let is_third = |group: &&Group| matches!(group.kind, GroupKind::Third(_));
    let serious = differing.iter().find(is_slice);
    let serious = serious.or(differing.iter().find(is_third));
    let group = serious.or(differing.first())?;
    let who = match group.kind {
        GroupKind::Third(0) => "The least confident third".to_owned(),
        GroupKind::Third(1) => "The middle third by confidence".to_owned(),
        GroupKind::Third(_) => "The most confident third".to_owned(),
        GroupKind::Predicted(class) => format!("Rows predicted as {}", e.class(class as usize)),
        GroupKind::Slice(place) => format!("Rows with {}", at_t.slices[place]),
    };
    let message = format!(
        "{who} would want a temperature {} times the common one ({} of all groups differ by more than 1.25).",
        number(group.step.exp()),
        differing.len()
    );
    let severity = match group.kind {
        GroupKind::Predicted(_) => Severity::Info,
        GroupKind::Third(_) | GroupKind::Slice(_) => Severity::Warning,
    };
    let finding = Finding::new(Rule::OneTemperatureNotEnough, severity, message);
    let finding = match group.kind {
        GroupKind::Predicted(class) => {
            finding.seen_at(Place::Classes).with("class", f64::from(class))
        }
        _ => finding,
    };
    Some(
        finding
            .with("groups", differing.len() as f64)
            .with("factor", group.step.exp())
            .with("z", group.z)
            .with("rows", group.n as f64)
            .with("threshold", at::HOLM),
    )
}

pub(super) fn ece_disagrees(e: &Evidence) -> Option<Finding> {
    let ece = e.ece.as_ref()?;
    let rises = share(ece.resampled.n_rises, ece.resampled.n);
    (ece.nll_after < ece.nll_before && ece.after > ece.before && rises >= at::RISE_SHARE).then(
        || {
            let message = format!(
                "Scaling lowers the NLL ({} to {}) and raises ECE ({} to {}), in {} of {} resamples too.",
                number(ece.nll_before),
                number(ece.nll_after),
                percent(ece.before),
                percent(ece.after),
                ece.resampled.n_rises,
                ece.resampled.n
            );
            Finding::info(Rule::EceDisagrees, message)
                .with("ece_before", ece.before)
                .with("ece_after", ece.after)
                .with("share_of_resamples", rises)
                .with("threshold", at::RISE_SHARE)
        },
    )
}

pub(super) fn below_noise_floor(e: &Evidence) -> Option<Finding> {
    judged(e)?;
    let ece = e.ece.as_ref()?;
    (ece.after < at::FLOOR * ece.floor_after).then(|| {
        let message = format!(
            "After scaling ECE is {}; a perfectly calibrated model would show {} on so many rows.",
            percent(ece.after),
            percent(ece.floor_after)
        );
        Finding::info(Rule::BelowNoiseFloor, message)
            .with("ece", ece.after)
            .with("floor", ece.floor_after)
            .with("threshold", at::FLOOR)
    })
}

pub(super) fn small_sample(e: &Evidence) -> Option<Finding> {
    let (t, interval) = judged(e)?;
    let few = e.n_effective < at::FEW_ROWS && !e.is_judged_apart;
    (few && e.fit.verdict == Verdict::Undetermined).then(|| {
        let n_rows = e.n_rows / e.n_entries;
        let weighed = if e.weighted_gap.is_some() {
            format!(", worth {:.0} by their weights,", e.n_effective)
        } else {
            String::new()
        };
        let message = format!(
            "{}{weighed} are too few to tell T = {} from 1 (99 % interval {} to {}).",
            counted(n_rows, "row"),
            number(t),
            number(interval.low),
            number(interval.high)
        );
        Finding::info(Rule::SmallSample, message)
            .with("rows", n_rows as f64)
            .with("effective_rows", e.n_effective)
            .with("low", interval.low)
            .with("high", interval.high)
    })
}
