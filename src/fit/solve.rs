//! The root of the derivative, by argmin inside a bracket that grows until the sign changes.

use std::cell::Cell;

use argmin::core::{CostFunction, Error, Executor, State};
use argmin::solver::brent::BrentRoot;

use crate::summarize::RowSummaries;

use super::objective::{Derivatives, derivatives, total_weight};

/// Tolerance of ln b. argmin's Brent takes it as absolute, which in ln b is relative in T.
const TOLERANCE: f64 = 1e-12;

/// Steps of the bracket: each is twice the one before, so 12 of them reach past the range of f64.
const BRACKET_STEPS: usize = 12;

/// A bracket is halved until it is this narrow: Brent's interpolation may creep along one end of a bracket
/// over which the slope grows by many powers of ten.
const NARROW: f64 = 1.0;

/// Steps of Newton's method before the bracket at most, and their longest in ln b.
const MAX_NEWTON: usize = 8;
const LONGEST: f64 = 2.0;

/// After a step of Newton's method as short as this, the next would be its square.
const NEARLY: f64 = 1e-4;

/// First step of the bracket around a root that Newton's method has found to 1e-8 or so.
const CLOSE: f64 = 1e-6;

/// Evaluations after which Brent must have ended: bisection alone needs 50 for 12 digits.
const MAX_ITERATIONS: u64 = 200;

/// A root of the derivative.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Root {
    /// The inverse temperature.
    pub(super) b: f64,
    /// How often the derivative was evaluated.
    pub(super) evaluations: u64,
}

/// b L'(b) as a function of x = ln b: the derivative of the mean NLL in x.
struct Slope<'a> {
    rows: &'a RowSummaries,
    members: &'a [u32],
    total_weight: f64,
    /// argmin counts only on request, and only its own evaluations.
    n_evaluations: &'a Cell<u64>,
}

impl Slope<'_> {
    fn at(&self, x: f64) -> f64 {
        x.exp() * self.derivatives(x).gradient / self.total_weight
    }

    fn derivatives(&self, x: f64) -> Derivatives {
        self.n_evaluations.update(|n| n + 1);
        derivatives(self.rows, self.members, x.exp())
    }
}

impl CostFunction for Slope<'_> {
    type Param = f64;
    type Output = f64;

    fn cost(&self, x: &f64) -> Result<f64, Error> {
        Ok(self.at(*x))
    }
}

/// The b at which the mean NLL of `members` is least, starting from `start`. The caller has checked that
/// there is one ([`super::status`]); `None` if rounding hides the sign change all the same.
pub(super) fn root(rows: &RowSummaries, members: &[u32], start: f64, step: f64) -> Option<Root> {
    let n_evaluations = Cell::new(0);
    let slope = Slope {
        rows,
        members,
        total_weight: total_weight(rows, members),
        n_evaluations: &n_evaluations,
    };
    let (near, _) = approach(&slope, start.ln());
    let around = bracket(&slope, near, CLOSE).or_else(|| bracket(&slope, start.ln(), step))?;
    let (low, high) = narrow(&slope, around);
    let solver = BrentRoot::new(low, high, TOLERANCE);
    let run = Executor::new(slope, solver)
        .configure(|state| state.max_iters(MAX_ITERATIONS))
        .run()
        .ok()?;
    let b = run.state().get_best_param()?.exp();
    (b.is_finite() && b > 0.0).then_some(Root { b, evaluations: n_evaluations.get() })
}

/// The same to some 1e-4 of b, in few evaluations: Newton's method, and the whole way where that does not settle.
pub(super) fn near(rows: &RowSummaries, members: &[u32], start: f64) -> Option<f64> {
    let slope = Slope {
        rows,
        members,
        total_weight: total_weight(rows, members),
        n_evaluations: &Cell::new(0),
    };
    let (x, is_settled) = approach(&slope, start.ln());
    if is_settled {
        return Some(x.exp());
    }
    root(rows, members, start, 0.5).map(|root| root.b)
}

/// Newton's method on the slope in x = ln b from `x`, and whether it settled. Where it works, it ends within [`CLOSE`] of the root, where a
/// bracket is found and narrowed in a few evaluations more. Where it does not, the bracket finds no change of
/// sign there.
fn approach(slope: &Slope<'_>, mut x: f64) -> (f64, bool) {
    for _ in 0..MAX_NEWTON {
        let (b, at) = (x.exp(), slope.derivatives(x));
        let bend = at.gradient + b * at.curvature;
        let step = -at.gradient / bend;
        let is_usable = bend > 0.0 && step.abs() <= LONGEST;
        if !is_usable {
            break;
        }
        x += step;
        if step.abs() <= NEARLY {
            return (x, true);
        }
    }
    (x, false)
}

/// The same sign change in an interval no wider than [`NARROW`], by halving.
fn narrow(slope: &Slope<'_>, (mut low, mut high): (f64, f64)) -> (f64, f64) {
    while high - low > NARROW {
        let middle = f64::midpoint(low, high);
        if slope.at(middle) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    (low, high)
}

/// An interval of x over which the slope changes from negative to positive.
/// argmin checks a bracket by a product of signs, which lets NaN pass: the signs are checked here.
fn bracket(slope: &Slope<'_>, start: f64, step: f64) -> Option<(f64, f64)> {
    let here = slope.at(start);
    let direction = if here < 0.0 { step } else { -step };
    let (mut near, mut reach) = (start, direction);
    for _ in 0..BRACKET_STEPS {
        let far = start + reach;
        let value = slope.at(far);
        let crossed = if direction > 0.0 { value >= 0.0 } else { value <= 0.0 };
        if crossed && value.is_finite() {
            return Some((near.min(far), near.max(far)));
        }
        near = far;
        reach *= 2.0;
    }
    None
}
