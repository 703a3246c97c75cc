//! What only the order of the steps shows.

use super::{RunStep, StepStats, at_best, at_one, differences};
use crate::diagnosis::evidence::paired_z;
use crate::diagnosis::finding::Finding;
use crate::diagnosis::rule::{Rule, Severity};
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{limit, number};
use crate::diagnosis::{agree, has_failure};

/// What the order of `steps` shows.
pub fn diagnose_run(steps: &[RunStep]) -> Vec<Finding> {
    let rules =
        [non_finite_onset, explosion_onset, collapse_onset, overconfidence_growth, lse_drift];
    let mut found: Vec<Finding> = rules.iter().filter_map(|rule| rule(steps)).collect();
    agree(&mut found);
    found
}

/// The first step that has one of `rules` as a failure, after or from the first on.
fn onset(steps: &[RunStep], rule: Rule, causes: &[Rule], what: &str) -> Option<Finding> {
    let fails = |step: &RunStep| {
        let of_causes = |f: &&Finding| f.severity == Severity::Failure && causes.contains(&f.rule);
        step.findings.iter().find(of_causes).map(|f| f.rule)
    };
    if steps.len() < 2 {
        return None;
    }
    let at = steps.iter().position(|step| fails(step).is_some())?;
    let step = &steps[at];
    let cause = fails(step)?;
    let when = if at == 0 {
        "from the first step on".to_owned()
    } else {
        format!("at {} (the last one without is {})", step.name, steps[at - 1].name)
    };
    let led = if at > 0 {
        format!("; {} led", leading(&steps[at - 1].stats, &step.stats))
    } else {
        String::new()
    };
    let message = format!("{what} {when} ({cause}){led}.");
    let finding = Finding::failure(rule, message);
    let finding = if at == 0 {
        // There is no step before.
        finding.then("look at what was there before the first step: the initial weights, the data, the export")
    } else {
        finding
    };
    Some(finding.with("index", at as f64).with("step", step.step.map_or(f64::NAN, |n| n as f64)))
}

/// Which of shift, scale and tail grew (or shrank) most between two steps.
fn leading(before: &StepStats, here: &StepStats) -> &'static str {
    let change = |x: f64, y: f64| {
        let ratio = (y / x).ln().abs();
        if ratio.is_nan() { 0.0 } else { ratio }
    };
    // A mean may be near 0, where ratios mean nothing: it is measured in spreads.
    let shift = ((here.mean - before.mean).abs() / before.sd).ln_1p();
    // Without a step of its own the tail grows with the scale.
    let tail = |s: &StepStats| s.max_centred.max / s.sd;
    let changes = [
        (change(before.sd, here.sd), "the scale"),
        (shift, "the shift"),
        (change(tail(before), tail(here)), "the tail"),
    ];
    let most = changes.iter().max_by(|x, y| x.0.total_cmp(&y.0));
    most.map_or("the scale", |change| change.1)
}

fn non_finite_onset(steps: &[RunStep]) -> Option<Finding> {
    let causes = [Rule::NonFinite, Rule::F16Overflow];
    onset(steps, Rule::NonFiniteOnset, &causes, "Scores are not finite")
}

fn explosion_onset(steps: &[RunStep]) -> Option<Finding> {
    onset(steps, Rule::ExplosionOnset, &[Rule::Exploding], "The logits explode")
}

fn collapse_onset(steps: &[RunStep]) -> Option<Finding> {
    let causes = [Rule::RowsAlike, Rule::Collapsed, Rule::ConstantRows, Rule::Vanishing];
    onset(steps, Rule::CollapseOnset, &causes, "The model collapses")
}

fn overconfidence_growth(steps: &[RunStep]) -> Option<Finding> {
    let healthy: Vec<&RunStep> = steps.iter().filter(|s| !has_failure(&s.findings)).collect();
    let last = *healthy.last()?;
    let least = *healthy.iter().min_by(|x, y| x.stats.nll.total_cmp(&y.stats.nll))?;
    let errors = paired_z(&differences(least, last, at_one)?);
    let (t_least, t_last) = (least.stats.temperature?, last.stats.temperature?);
    let grew = healthy.len() as f64 >= at::GROWTH_STEPS
        && errors > at::GROWTH_ERRORS
        && t_last > t_least
        && t_last > 1.0;
    if !grew {
        return None;
    }
    let worse = differences(least, last, at_best).map_or(0.0, |d| paired_z(&d));
    let repaired = worse <= at::WORSE_ERRORS;
    let message = format!(
        "The NLL is least at {} ({}) and {} at {}, while T grew from {} to {}; {}.",
        least.name,
        number(least.stats.nll),
        number(last.stats.nll),
        last.name,
        number(t_least),
        number(t_last),
        if repaired {
            "at the best temperature the last step is not worse, so T repairs it"
        } else {
            "at the best temperature the last step is worse too: no temperature repairs that"
        }
    );
    let next_step = if repaired {
        format!("ship {} with its temperature", last.name)
    } else {
        format!("go back to {}", least.name)
    };
    Some(
        Finding::warning(Rule::OverconfidenceGrowth, message)
            .then(next_step)
            .with("least_step", least.step.map_or(f64::NAN, |n| n as f64))
            .with("least_nll", least.stats.nll)
            .with("last_nll", last.stats.nll)
            .with("standard_errors", errors)
            .with("standard_errors_at_best_temperature", worse)
            .with("threshold", at::GROWTH_ERRORS),
    )
}

fn lse_drift(steps: &[RunStep]) -> Option<Finding> {
    let first = &steps[..steps.len() / 3];
    let last = steps.last().filter(|_| !first.is_empty())?;
    let mean = |of: fn(&StepStats) -> f64| {
        first.iter().map(|s| of(&s.stats)).sum::<f64>() / first.len() as f64
    };
    let growth = last.stats.mean_abs_lse / mean(|s| s.mean_abs_lse);
    let tail_growth = last.stats.log_sum_exp_p99 / mean(|s| s.log_sum_exp_p99);
    let least = steps.iter().filter(|step| step.stats.nll_after.is_some()).min_by(|x, y| {
        x.stats.nll_after.unwrap_or(f64::MAX).total_cmp(&y.stats.nll_after.unwrap_or(f64::MAX))
    })?;
    let worse = paired_z(&differences(least, last, at_best)?);
    let drifts =
        growth > at::LSE_FACTOR && tail_growth > at::LSE_FACTOR && worse > at::WORSE_ERRORS;
    drifts.then(|| {
        let message = format!(
            "abs log Z is {} times that of the first third of the run (threshold {}), while the NLL at the best temperature worsens by {} standard errors.",
            number(growth),
            limit(at::LSE_FACTOR),
            number(worse)
        );
        Finding::warning(Rule::LseDrift, message)
            .with("growth", growth)
            .with("growth_p99", tail_growth)
            .with("standard_errors", worse)
            .with("threshold", at::LSE_FACTOR)
    })
}
