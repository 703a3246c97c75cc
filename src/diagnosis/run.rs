//! A training run: the findings of its steps in order, and what only the order shows.

use serde::Serialize;

use super::evidence::{Evidence, Subject, paired_z};
use super::finding::Finding;
use super::rule::{Rule, Severity};
use super::thresholds as at;
use super::words::{limit, number};
use super::{findings, has_failure, sort};

/// The numbers of one step that are followed over a run. NaN (JSON: null) where undefined.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StepStats {
    /// Rows that the figures describe.
    pub rows: usize,
    /// Rows left out because a score is not finite.
    pub rows_non_finite: u64,
    /// Share of right predictions.
    pub accuracy: f64,
    /// Mean largest probability at T = 1.
    pub mean_confidence: f64,
    /// Mean NLL at T = 1, in nats.
    pub nll: f64,
    /// Mean NLL at the best T, in nats.
    pub nll_after: Option<f64>,
    /// ln K, the NLL of a guess.
    pub ln_classes: f64,
    /// The best T.
    pub temperature: Option<f64>,
    /// Its 95 % interval.
    pub temperature_interval: Option<[f64; 2]>,
    /// Shift: mean of the row means, in logits.
    pub mean: f64,
    /// Scale: median standard deviation of a row.
    pub sd: f64,
    /// Tail: quantiles of the largest centred logit of a row.
    pub max_centred: TailQuantiles,
    /// Mean of log Z.
    pub log_sum_exp: f64,
    /// 99 % quantile of abs log Z.
    pub log_sum_exp_p99: f64,
    /// Median margin between the two largest logits.
    pub margin: f64,
    /// Share of rows with 1 - p = 0 in float32.
    pub saturated: f64,
    /// Classes that are never predicted although they have labels; `None` if not gathered.
    pub dead_classes: Option<usize>,
    #[serde(skip)]
    mean_abs_lse: f64,
}

/// See [`StepStats::max_centred`].
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct TailQuantiles {
    /// The median.
    pub p50: f64,
    /// The 99 % quantile.
    pub p99: f64,
    /// The maximum.
    pub max: f64,
}

/// One step of a run.
#[derive(Clone, PartialEq, Debug)]
pub struct RunStep {
    /// Its number, if its name or its file has one.
    pub step: Option<u64>,
    /// What it is called in sentences: `step 200`, or the name of its file.
    pub name: String,
    /// Its own findings.
    pub findings: Vec<Finding>,
    /// Its numbers.
    pub stats: StepStats,
    /// SHA-256 of its labels, by which rows are known to be the same.
    pub labels: Option<String>,
    nll_rows: Vec<f64>,
    nll_after_rows: Vec<f64>,
}

/// The findings and the numbers of one step.
pub fn step_stats(subject: &Subject<'_>, name: String, labels: Option<String>) -> RunStep {
    let e = Evidence::of(subject);
    let at_one = crate::metrics::RowsAt::new(subject.rows, 1.0);
    RunStep {
        step: e.step,
        name,
        findings: findings(&e),
        stats: stats(&e),
        labels,
        nll_rows: at_one.nll,
        nll_after_rows: e.at.map_or(Vec::new(), |at| at.nll_rows),
    }
}

fn stats(e: &Evidence) -> StepStats {
    let dead = e.association.as_ref().map(|a| {
        let is_dead = |class: &&super::evidence::ClassShare| class.n_labels > 0 && class.q <= 0.0;
        a.classes.iter().filter(is_dead).count()
    });
    StepStats {
        rows: e.n_rows,
        rows_non_finite: e.n_non_finite,
        accuracy: e.accuracy,
        mean_confidence: e.confidence,
        nll: e.nll,
        nll_after: e.at.as_ref().map(|at| at.nll),
        ln_classes: (e.n_classes as f64).ln(),
        temperature: e.fit.temperature,
        temperature_interval: e.t_interval(),
        mean: e.scale.mean_of_means,
        sd: e.scale.median_s,
        max_centred: TailQuantiles {
            p50: e.scale.c_quantiles[0],
            p99: e.scale.c_quantiles[1],
            max: e.scale.max_c,
        },
        log_sum_exp: e.scale.lse[2],
        log_sum_exp_p99: e.scale.lse[1],
        margin: e.scale.median_margin,
        saturated: super::evidence::share(e.scale.saturated.n, e.n_rows),
        dead_classes: dead,
        mean_abs_lse: e.scale.lse[0],
    }
}

/// What the order of `steps` shows.
pub fn diagnose_run(steps: &[RunStep]) -> Vec<Finding> {
    let rules = [
        non_finite_onset,
        explosion_onset,
        collapse_onset,
        overconfidence_growth,
        lse_drift,
    ];
    let mut found: Vec<Finding> = rules.iter().filter_map(|rule| rule(steps)).collect();
    sort(&mut found);
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
        format!(
            "at {} (the last one without is {})",
            step.name,
            steps[at - 1].name
        )
    };
    let led = if at > 0 {
        format!("; {} led", leading(&steps[at - 1].stats, &step.stats))
    } else {
        String::new()
    };
    let message = format!("{what} {when} ({cause}){led}.");
    Some(
        Finding::failure(rule, message)
            .with("index", at as f64)
            .with("step", step.step.map_or(f64::NAN, |n| n as f64)),
    )
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
    onset(
        steps,
        Rule::NonFiniteOnset,
        &causes,
        "Scores are not finite",
    )
}

fn explosion_onset(steps: &[RunStep]) -> Option<Finding> {
    onset(
        steps,
        Rule::ExplosionOnset,
        &[Rule::Exploding],
        "The logits explode",
    )
}

fn collapse_onset(steps: &[RunStep]) -> Option<Finding> {
    let causes = [
        Rule::RowsAlike,
        Rule::Collapsed,
        Rule::ConstantRows,
        Rule::Vanishing,
    ];
    onset(steps, Rule::CollapseOnset, &causes, "The model collapses")
}

/// The differences y - x over the rows of both, if these are the same rows.
fn differences(x: &RunStep, y: &RunStep, of: fn(&RunStep) -> &[f64]) -> Option<Vec<f64>> {
    let (a, b) = (of(x), of(y));
    let same = a.len() == b.len() && !a.is_empty() && x.labels.is_some() && x.labels == y.labels;
    same.then(|| a.iter().zip(b).map(|(a, b)| b - a).collect())
}

fn at_one(step: &RunStep) -> &[f64] {
    &step.nll_rows
}

fn at_best(step: &RunStep) -> &[f64] {
    &step.nll_after_rows
}

fn overconfidence_growth(steps: &[RunStep]) -> Option<Finding> {
    let healthy: Vec<&RunStep> = steps.iter().filter(|s| !has_failure(&s.findings)).collect();
    let last = *healthy.last()?;
    let least = *healthy
        .iter()
        .min_by(|x, y| x.stats.nll.total_cmp(&y.stats.nll))?;
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
    let least = steps
        .iter()
        .filter(|step| step.stats.nll_after.is_some())
        .min_by(|x, y| {
            x.stats
                .nll_after
                .unwrap_or(f64::MAX)
                .total_cmp(&y.stats.nll_after.unwrap_or(f64::MAX))
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
