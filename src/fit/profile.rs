//! The likelihood-ratio interval of T: all temperatures that the rows do not contradict.

use argmin::core::{CostFunction, Error, Executor, State};
use argmin::solver::brent::BrentRoot;
use serde::Serialize;

use crate::metrics::normal_quantile;
use crate::numerics::pairwise_sum;
use crate::summarize::RowSummaries;

use super::TemperatureFit;
use super::objective::{derivatives, usable};

/// What stands beside every such interval: the likelihood knows of no groups.
const METHOD: &str = "profile likelihood";
const METHOD_IN_GROUPS: &str = "profile likelihood, as if rows of a group were independent";

/// Tolerance of an end in ln T: 1e-9 of T itself.
const TOLERANCE: f64 = 1e-9;

/// Evaluations after which the solver must have ended.
const MAX_ITERATIONS: u64 = 100;

/// Doublings of the first step: 14 of them reach 16,000 standard errors.
const DOUBLINGS: usize = 14;

/// Farther than this from the minimum in ln b the NLL is as flat as it gets, or f64 ends.
const FARTHEST: f64 = 300.0;

/// Nodes and weights of the Gauss-Legendre quadrature with five points on [-1, 1], and the longest stretch of ln b
/// that it is used on.
const QUADRATURE: [(f64, f64); 5] = [
    (-0.906_179_845_938_664, 0.236_926_885_056_189_08),
    (-0.538_469_310_105_683, 0.478_628_670_499_366_47),
    (0.0, 0.568_888_888_888_888_9),
    (0.538_469_310_105_683, 0.478_628_670_499_366_47),
    (0.906_179_845_938_664, 0.236_926_885_056_189_08),
];
const STRETCH: f64 = 0.25;

/// All T whose likelihood is within the chi-squared quantile of the best one. Like the Fisher standard error it
/// trusts softmax(z / T) to be right at some T; unlike any standard error it knows that the NLL is steeper on one
/// side than on the other.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ProfileInterval {
    /// Nominal coverage, such as 0.95.
    pub level: f64,
    /// Lower end; `None` (JSON: null) where even T next to 0 is not contradicted, which takes a handful of rows.
    pub low: Option<f64>,
    /// Upper end; `None` (JSON: null) where the uniform distribution, T = infinity, is not contradicted.
    pub high: Option<f64>,
    /// How it was made.
    pub method: &'static str,
}

/// The interval of `fit`, which was made on the usable rows of `rows`. `None` without a temperature, and where rows have
/// weights: the weighted NLL is then no likelihood.
///
/// The set of T with 2 N (L(T) - L(T*)) at most the quantile of chi-squared with one degree of freedom (Wilks 1938).
pub fn profile_interval(
    rows: &RowSummaries,
    fit: &TemperatureFit,
    level: f64,
) -> Option<ProfileInterval> {
    if rows.carried().weights().is_some() {
        return None;
    }
    let (t, b) = (fit.temperature?, fit.inverse_temperature?);
    let step = normal_quantile(level) * fit.standard_error_fisher? / t;
    let members = usable(rows);
    let profile = Profile::new(rows, &members, b);
    let is_usable = step.is_finite() && step > 0.0 && profile.least.is_finite();
    is_usable.then(|| {
        // The larger b is the lower T.
        let end = |sign: f64| {
            let x = profile.end(sign * step, normal_quantile(level));
            x.map(|x| (-x).exp())
        };
        ProfileInterval {
            level,
            low: end(1.0),
            high: end(-1.0),
            method: if rows.is_grouped() { METHOD_IN_GROUPS } else { METHOD },
        }
    })
}

/// The NLL of some rows around its minimum, as a function of x = ln b.
pub(super) struct Profile<'a> {
    rows: &'a RowSummaries,
    members: &'a [u32],
    /// x of the minimum.
    center: f64,
    /// Sum of the rows' NLL there.
    least: f64,
}

impl<'a> Profile<'a> {
    /// For the rows `members`, whose NLL is least at b.
    pub(super) fn new(rows: &'a RowSummaries, members: &'a [u32], b: f64) -> Self {
        Self { rows, members, center: b.ln(), least: derivatives(rows, members, b).nll }
    }

    /// By how much the sum of the rows' NLL at x lies above its minimum, in nats.
    ///
    /// Nodes give the NLL to some 1e-5 of a nat for each row, which for thousands of rows is as much as what is
    /// looked for. Their slope is as good, and integrated over the short way from the minimum it counts that way only.
    pub(super) fn rise(&self, x: f64) -> f64 {
        if self.rows.is_near_exact(x.exp()) {
            return derivatives(self.rows, self.members, x.exp()).nll - self.least;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most FARTHEST / STRETCH"
        )]
        let n = ((x - self.center).abs() / STRETCH).ceil().max(1.0) as usize;
        let half = (x - self.center) / (2 * n) as f64;
        let stretch = |i: usize| {
            let middle = self.center + (2 * i + 1) as f64 * half;
            let slope = |(u, weight): &(f64, f64)| {
                let b = (middle + half * u).exp();
                weight * b * derivatives(self.rows, self.members, b).gradient
            };
            half * pairwise_sum(&QUADRATURE.iter().map(slope).collect::<Vec<f64>>())
        };
        (0..n).map(stretch).sum()
    }

    /// Where twice the rise is z^2, on the side of `step`; `None` if it stays below.
    fn end(&self, step: f64, z: f64) -> Option<f64> {
        let signed = |x: f64| (2.0 * self.rise(x)).max(0.0).sqrt() - z;
        let (mut near, mut reach) = (self.center, step);
        for _ in 0..DOUBLINGS {
            let far = self.center + reach;
            let value = signed(far);
            if value.is_nan() || reach.abs() > FARTHEST {
                return None;
            }
            if value >= 0.0 {
                return solve(&signed, (near.min(far), near.max(far)));
            }
            near = far;
            reach *= 2.0;
        }
        None
    }
}

/// The root of `of` in a bracket at whose ends the signs differ.
fn solve(of: &dyn Fn(f64) -> f64, (low, high): (f64, f64)) -> Option<f64> {
    let run = Executor::new(Root(of), BrentRoot::new(low, high, TOLERANCE))
        .configure(|state| state.max_iters(MAX_ITERATIONS))
        .run()
        .ok()?;
    run.state().get_best_param().copied()
}

/// A function of x whose root is wanted.
struct Root<'a>(&'a dyn Fn(f64) -> f64);

impl CostFunction for Root<'_> {
    type Param = f64;
    type Output = f64;

    fn cost(&self, x: &f64) -> Result<f64, Error> {
        Ok((self.0)(*x))
    }
}
