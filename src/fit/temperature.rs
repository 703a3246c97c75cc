//! One temperature for all rows, with its standard error, interval and verdict.

use crate::metrics::normal_quantile;
use crate::numerics::student_quantile;
use crate::summarize::RowSummaries;

use super::clustered::{Clustered, gradient_squares};
use super::objective::{Derivatives, derivatives, total_weight, usable};
use super::solve::{near, root};
use super::{FitStatus, Interval, TemperatureFit, Verdict, status};

/// First step of the bracket in ln b where nothing is known: half an octave or so.
const FIRST_STEP: f64 = 0.5;

/// The slope of the mean NLL in ln b, in nats, below which a solution counts as one. Real fits end at 1e-9 and
/// below; a step of 1e-6 in ln T is the least that anybody could ship.
const RESOLVED: f64 = 1e-6;

/// How intervals of T are made, and where rows belong together: by Student's quantile of one degree of freedom fewer than
/// there are groups, as the normal one is too short where these are few.
const ROBUST: &str = "sandwich, on ln T";
const BY_GROUPS: &str = "sandwich by groups, on ln T";

/// Level of the interval that the verdict goes by.
const VERDICT_LEVEL: f64 = 0.99;

/// Fits T on all rows whose label has a probability above 0; `level` is the level of the interval.
///
/// Exact where the summaries keep scores or hold an exact column near the solution; otherwise good to
/// about 5e-5 relative, to be refined after an exact pass there.
pub fn fit_temperature(rows: &RowSummaries, level: f64) -> TemperatureFit {
    fit_temperature_from(rows, level, 1.0)
}

/// The same from the inverse temperature `start`: the nearer it is, the fewer evaluations.
pub fn fit_temperature_from(rows: &RowSummaries, level: f64, start: f64) -> TemperatureFit {
    let members = usable(rows);
    let mut fit = fit_members(rows, &members, (start, FIRST_STEP), level);
    if members.len() < rows.len() && !rows.recorded().is_rounded {
        for nll in [&mut fit.nll_before, &mut fit.nll_after] {
            *nll = nll.map(|_| f64::INFINITY);
        }
    }
    fit
}

/// The same on the rows `members`, all of them usable, starting at an inverse temperature with a first step in ln b.
pub(super) fn fit_members(
    rows: &RowSummaries,
    members: &[u32],
    (start, step): (f64, f64),
    level: f64,
) -> TemperatureFit {
    let status = status(rows, members);
    let solved =
        (status == FitStatus::Converged).then(|| root(rows, members, start, step)).flatten();
    match solved {
        Some(root) => {
            let (b, at) = polish(rows, members, root.b);
            if resolves(&at, b, total_weight(rows, members)) {
                converged(rows, members, (b, at, root.evaluations), level)
            } else {
                without_temperature(rows, members, FitStatus::Unresolved)
            }
        }
        None => without_temperature(rows, members, status),
    }
}

/// The inverse temperature to some 1e-4 of itself, from `start`, on all rows that a fit may use: where nodes are
/// wanted, and where an exact pass is worth its while. `None` if there is none.
pub fn nearly(rows: &RowSummaries, start: f64) -> Option<f64> {
    let members = usable(rows);
    if status(rows, &members) != FitStatus::Converged {
        return None;
    }
    near(rows, &members, start)
}

/// The inverse temperature alone, from `start`, on the rows `members`; `None` if there is none.
pub fn inverse_temperature(rows: &RowSummaries, members: &[u32], start: f64) -> Option<f64> {
    if status(rows, members) != FitStatus::Converged {
        return None;
    }
    let b = root(rows, members, start, FIRST_STEP / 8.0)?.b;
    Some(polish(rows, members, b).0)
}

/// One Newton step, taken if it shrinks the derivative: it leaves the rounding of Brent's last interval
/// behind.
fn polish(rows: &RowSummaries, members: &[u32], b: f64) -> (f64, Derivatives) {
    let here = derivatives(rows, members, b);
    let next = b - here.gradient / here.curvature;
    if next.is_finite() && next > 0.0 {
        let there = derivatives(rows, members, next);
        if there.gradient.abs() < here.gradient.abs() {
            return (next, there);
        }
    }
    (b, here)
}

/// True if the slope of the mean NLL in ln b vanishes at b, as nearly as the terms it is the difference of
/// allow.
fn resolves(at: &Derivatives, b: f64, total_weight: f64) -> bool {
    (b * at.gradient / total_weight).abs() <= RESOLVED
}

fn converged(
    rows: &RowSummaries,
    members: &[u32],
    (b, at, evaluations): (f64, Derivatives, u64),
    level: f64,
) -> TemperatureFit {
    let n = total_weight(rows, members);
    // Rows that belong together are one observation.
    let clustered = gradient_squares(rows, members, b);
    let at = Derivatives {
        gradient_squares: clustered.map_or(at.gradient_squares, Clustered::corrected),
        ..at
    };
    let (t, robust) = (b.recip(), robust_relative(&at, b));
    let fisher = at.information.sqrt() / at.curvature / b;
    let interval = |relative: f64, level: f64| match clustered {
        None => Some(interval((t, relative), (level, normal_quantile(level)), ROBUST)),
        Some(Clustered { n_groups, .. }) => (n_groups > 1).then(|| {
            let quantile = student_quantile(level, n_groups - 1);
            interval((t, relative), (level, quantile), BY_GROUPS)
        }),
    };
    let judged = interval(robust.max(fisher), VERDICT_LEVEL);
    TemperatureFit {
        status: FitStatus::Converged,
        temperature: Some(t),
        inverse_temperature: Some(b),
        standard_error: Some(t * robust).filter(|error| !error.is_nan() || clustered.is_none()),
        standard_error_fisher: Some(t * fisher),
        interval: interval(robust, level),
        iterations: evaluations,
        gradient: Some((at.gradient / n).abs()),
        nll_before: Some(derivatives(rows, members, 1.0).nll / n),
        nll_after: Some(at.nll / n),
        verdict: judged.as_ref().map_or(Verdict::Undetermined, verdict),
        verdict_interval: judged,
    }
}

/// Standard error of ln b (and so of ln T): sqrt(sum `g_i^2`) / sum `h_i` is that of b (White 1982), where g and h carry
/// the weight of their row.
fn robust_relative(at: &Derivatives, b: f64) -> f64 {
    at.gradient_squares.sqrt() / at.curvature / b
}

/// T times exp(-+ z s) for the quantile z: symmetric in ln T, so that it never reaches below 0.
fn interval(
    (t, relative): (f64, f64),
    (level, quantile): (f64, f64),
    method: &'static str,
) -> Interval {
    let factor = (quantile * relative).exp();
    Interval { level, low: t / factor, high: t * factor, method }
}

/// A model is called calibrated where T lies between the inverse of this and this: 1.25 is what a fit of a part of the
/// rows is off by before it counts as another temperature.
const NARROW: f64 = 1.25;

fn verdict(interval: &Interval) -> Verdict {
    if interval.low > 1.0 {
        Verdict::Overconfident
    } else if interval.high < 1.0 {
        Verdict::Underconfident
    } else if NARROW.recip() <= interval.low && interval.high <= NARROW {
        Verdict::Calibrated
    } else {
        // Too wide; or an end is NaN: the curvature was too small for f64.
        Verdict::Undetermined
    }
}

/// A fit that says why there is no temperature. Should the solver fail where one exists, which takes
/// rounding errors as large as the derivative itself, that is said too.
fn without_temperature(rows: &RowSummaries, members: &[u32], status: FitStatus) -> TemperatureFit {
    let n = total_weight(rows, members);
    let nll_before = (!members.is_empty()).then(|| derivatives(rows, members, 1.0).nll / n);
    let status = if status == FitStatus::Converged { FitStatus::Unresolved } else { status };
    TemperatureFit {
        status,
        temperature: None,
        inverse_temperature: None,
        standard_error: None,
        standard_error_fisher: None,
        interval: None,
        verdict_interval: None,
        iterations: 0,
        gradient: None,
        nll_before,
        nll_after: None,
        verdict: Verdict::Undetermined,
    }
}
