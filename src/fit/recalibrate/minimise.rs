//! The minimum of a smooth function of many numbers: argmin's L-BFGS, and what it needs of a vector.

use std::cell::{Cell, RefCell};

use argmin::core::{CostFunction, Error, Executor, Gradient};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use argmin_math::{
    ArgminAdd, ArgminDot, ArgminL1Norm, ArgminL2Norm, ArgminMinMax, ArgminMul, ArgminScaledAdd,
    ArgminSignum, ArgminSub, ArgminZeroLike,
};

use crate::data::SourceError;

/// Steps that the curvature is estimated from.
const MEMORY: usize = 10;

/// The norm of the gradient at which a run ends, in nats per unit of a standardised parameter: the NLL is then
/// within about 1e-11 of its minimum.
const TOLERANCE: f64 = 1e-7;

/// A gradient below this counts as the minimum where rounding ends a run early.
const CONVERGED: f64 = 1e-5;

/// Iterations of one run at most: a minimum at infinity (a class without a row) is approached for ever.
const MAX_ITERATIONS: u64 = 300;

/// A line search that fails leaves a wrong curvature behind: so often the run begins anew.
const MAX_RUNS: usize = 3;

/// Value and gradient at a point.
pub(super) type Evaluated = Result<(f64, Vec<f64>), SourceError>;

/// What is minimised.
type Function<'a> = &'a mut dyn FnMut(&[f64]) -> Evaluated;

/// The lowest point that was found.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Minimum {
    pub(super) x: Vec<f64>,
    /// Norm of the gradient there.
    pub(super) gradient: f64,
    /// How often the function was evaluated.
    pub(super) evaluations: u64,
}

impl Minimum {
    /// True if the gradient vanishes.
    pub(super) fn is_converged(&self) -> bool {
        self.gradient <= CONVERGED
    }
}

/// Minimises `function` from `start`.
pub(super) fn minimise(start: Vec<f64>, function: Function<'_>) -> Result<Minimum, SourceError> {
    let problem = Problem {
        function: RefCell::new(function),
        last: RefCell::new(None),
        best: RefCell::new(None),
        error: RefCell::new(None),
        evaluations: Cell::new(0),
    };
    let mut x = start;
    for _ in 0..MAX_RUNS {
        problem.run(&x);
        if let Some(error) = problem.error.take() {
            return Err(error);
        }
        let Some(best) = &*problem.best.borrow() else {
            break;
        };
        let moved = best.x.0 != x;
        x.clone_from(&best.x.0);
        if !moved || norm(&best.gradient.0) <= TOLERANCE {
            break;
        }
    }
    let gradient = problem.best.take().map_or(f64::INFINITY, |best| norm(&best.gradient.0));
    Ok(Minimum { x, gradient, evaluations: problem.evaluations.get() })
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

#[derive(Clone)]
struct At {
    x: Point,
    value: f64,
    gradient: Point,
}

/// argmin asks for value and gradient apart; one pass gives both. It also forgets the lowest point when a line
/// search fails.
struct Problem<'a> {
    function: RefCell<Function<'a>>,
    last: RefCell<Option<At>>,
    best: RefCell<Option<At>>,
    error: RefCell<Option<SourceError>>,
    evaluations: Cell<u64>,
}

impl Problem<'_> {
    fn run(&self, start: &[f64]) {
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY)
            .with_tolerance_grad(TOLERANCE)
            .and_then(|solver| solver.with_tolerance_cost(0.0));
        let Ok(solver) = solver else { return };
        let start = Point(start.to_vec());
        // How it ended does not matter: the lowest point is kept here, and its gradient says what it is worth.
        let _ = Executor::new(self, solver)
            .configure(|state| state.param(start).max_iters(MAX_ITERATIONS))
            .run();
    }

    fn at(&self, x: &Point) -> Result<At, Error> {
        if let Some(last) = &*self.last.borrow()
            && last.x == *x
        {
            return Ok(last.clone());
        }
        self.evaluations.update(|n| n + 1);
        let (value, gradient) = (self.function.borrow_mut())(&x.0).map_err(|error| {
            let message = error.to_string();
            self.error.replace(Some(error));
            Error::msg(message)
        })?;
        let at = At { x: x.clone(), value, gradient: Point(gradient) };
        if !value.is_finite() || at.gradient.0.iter().any(|g| !g.is_finite()) {
            return Err(Error::msg("not finite"));
        }
        let is_best = self.best.borrow().as_ref().is_none_or(|best| value < best.value);
        if is_best {
            self.best.replace(Some(at.clone()));
        }
        self.last.replace(Some(at.clone()));
        Ok(at)
    }
}

impl CostFunction for &Problem<'_> {
    type Param = Point;
    type Output = f64;

    fn cost(&self, x: &Point) -> Result<f64, Error> {
        self.at(x).map(|at| at.value)
    }
}

impl Gradient for &Problem<'_> {
    type Param = Point;
    type Gradient = Point;

    fn gradient(&self, x: &Point) -> Result<Point, Error> {
        self.at(x).map(|at| at.gradient)
    }
}

/// A vector as argmin wants it.
#[derive(Clone, PartialEq, Debug)]
struct Point(Vec<f64>);

impl Point {
    fn map(&self, of: impl Fn(f64) -> f64) -> Self {
        Self(self.0.iter().map(|x| of(*x)).collect())
    }

    fn zip(&self, other: &Self, of: impl Fn(f64, f64) -> f64) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        Self(pairs.map(|(x, y)| of(*x, *y)).collect())
    }
}

impl ArgminAdd<Point, Point> for Point {
    fn add(&self, other: &Point) -> Point {
        self.zip(other, |x, y| x + y)
    }
}

impl ArgminAdd<f64, Point> for Point {
    fn add(&self, other: &f64) -> Point {
        self.map(|x| x + other)
    }
}

impl ArgminSub<Point, Point> for Point {
    fn sub(&self, other: &Point) -> Point {
        self.zip(other, |x, y| x - y)
    }
}

impl ArgminSub<f64, Point> for Point {
    fn sub(&self, other: &f64) -> Point {
        self.map(|x| x - other)
    }
}

impl ArgminMul<Point, Point> for Point {
    fn mul(&self, other: &Point) -> Point {
        self.zip(other, |x, y| x * y)
    }
}

impl ArgminMul<f64, Point> for Point {
    fn mul(&self, other: &f64) -> Point {
        self.map(|x| x * other)
    }
}

impl ArgminScaledAdd<Point, f64, Point> for Point {
    fn scaled_add(&self, factor: &f64, other: &Point) -> Point {
        self.zip(other, |x, y| x + factor * y)
    }
}

impl ArgminDot<Point, f64> for Point {
    fn dot(&self, other: &Point) -> f64 {
        self.0.iter().zip(&other.0).map(|(x, y)| x * y).sum()
    }
}

impl ArgminL1Norm<f64> for Point {
    fn l1_norm(&self) -> f64 {
        self.0.iter().map(|x| x.abs()).sum()
    }
}

impl ArgminL2Norm<f64> for Point {
    fn l2_norm(&self) -> f64 {
        norm(&self.0)
    }
}

impl ArgminSignum for Point {
    fn signum(self) -> Self {
        self.map(f64::signum)
    }
}

impl ArgminZeroLike for Point {
    fn zero_like(&self) -> Self {
        self.map(|_| 0.0)
    }
}

impl ArgminMinMax for Point {
    fn min(x: &Self, y: &Self) -> Self {
        x.zip(y, f64::min)
    }

    fn max(x: &Self, y: &Self) -> Self {
        x.zip(y, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_valley_is_followed_to_its_end() {
        // Rosenbrock (1960), minimum 0 at (1, 1).
        let mut valley = |x: &[f64]| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            let gradient = vec![-2.0 * a - 400.0 * x[0] * b, 200.0 * b];
            Ok((a * a + 100.0 * b * b, gradient))
        };
        let found = minimise(vec![-1.2, 1.0], &mut valley).expect("never cancelled");
        assert!(found.is_converged());
        assert!(found.x.iter().all(|x| (x - 1.0).abs() < 1e-6), "{found:?}");
    }

    #[test]
    fn an_error_ends_the_search_and_comes_back() {
        let mut stopped = |_: &[f64]| Err(SourceError::Cancelled);
        let got = minimise(vec![0.0], &mut stopped);
        assert!(matches!(got, Err(SourceError::Cancelled)));
    }
}
