//! The temperature of every bootstrap draw, refitted.
//!
//! The slope of the NLL of a draw is a sum over its rows with the draw's counts as weights. Near the fit on all
//! rows each row's slope is a smooth function of ln b, so its values at a few Chebyshev points say what it is
//! in between: the points' sums over a draw give the slope of the draw as a polynomial, whose root is found by
//! Newton's method without touching a row again. Draws whose root lies outside the points are fitted from their
//! rows.

use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::{DrawOptions, DrawSums, Resampled};
use crate::numerics::quantiles;
use crate::summarize::RowSummaries;

use super::objective::usable;
use super::{FitStatus, TemperatureFit, inverse_temperature, status};

/// Points at which the slopes are known: the error of the interpolation falls with the reach to this power.
const FEW_POINTS: usize = 5;
const MANY_POINTS: usize = 7;

/// Up to this reach in ln b the few points suffice.
const FEW_REACH: f64 = 0.05;

/// The points reach so many standard errors to either side.
const REACH: f64 = 5.0;

/// They never reach farther than this in ln b: beyond, rows with a large margin need more points. Where rows
/// keep nodes, this is how far a Taylor step from the exact column goes.
const MAX_REACH: f64 = 0.15;
const MAX_REACH_OF_NODES: f64 = 0.0299;

/// Newton's method has converged when a step is below this share of the reach.
const TOLERANCE: f64 = 1e-13;

/// Steps of Newton's method or of bisection at most; from the middle it takes three or four.
const MAX_STEPS: usize = 100;

/// Percentile interval of T.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct BootstrapInterval {
    /// Nominal coverage, such as 0.95.
    pub level: f64,
    /// Lower end; `None` (JSON: null) if so many draws have no temperature that the end is not one.
    pub low: Option<f64>,
    /// Upper end; as above.
    pub high: Option<f64>,
    /// Number of draws.
    pub draws: usize,
    /// Draws without a finite temperature: every drawn label was its row's largest logit, or the draw was worse
    /// than uniform.
    pub without_temperature: usize,
    /// How it was made.
    pub method: &'static str,
}

/// The columns whose sums over a draw say its temperature.
#[derive(Clone, PartialEq, Debug)]
pub struct TemperatureColumns {
    /// ln b of the fit on all rows.
    center: f64,
    /// Half the width of the points in ln b.
    reach: f64,
    /// Where the slopes are known, from -1 to 1 in units of the reach.
    points: Vec<f64>,
}

impl TemperatureColumns {
    /// For the rows of `fit`: itself and its columns. `None` unless the fit converged with a finite standard
    /// error.
    pub fn new(rows: &RowSummaries, fit: &TemperatureFit) -> Option<(Self, Vec<Vec<f64>>)> {
        let (t, b) = (fit.temperature?, fit.inverse_temperature?);
        let error = fit.standard_error?.max(fit.standard_error_fisher?) / t;
        let most = if rows.keeps_scores() { MAX_REACH } else { MAX_REACH_OF_NODES };
        let reach = (REACH * error).min(most);
        let n_points = if reach <= FEW_REACH { FEW_POINTS } else { MANY_POINTS };
        let this = Self { center: b.ln(), reach, points: points(n_points) };
        (reach > 0.0).then(|| {
            let columns = this.columns(rows);
            (this, columns)
        })
    }

    /// The slope of every row's NLL at each of the points.
    fn columns(&self, rows: &RowSummaries) -> Vec<Vec<f64>> {
        let slopes = |u: &f64| {
            let b = (self.center + self.reach * u).exp();
            let below_max = rows.column_at(b, |m| m.at.below_max);
            column(rows, |idx| rows.row(idx).label_below_max() - below_max[idx])
        };
        self.points.iter().map(slopes).collect()
    }

    /// The temperature of draw `draw` of `table`, which is made of the rows `rows`, with these columns beginning at
    /// `first`. 0 for a separable draw, infinite for one that is worse than uniform, NaN for one without a usable
    /// row.
    pub fn temperature(
        &self,
        rows: &RowSummaries,
        (table, first): (&Resampled, usize),
        (options, draw): (DrawOptions, usize),
        sums: DrawSums<'_>,
    ) -> f64 {
        let values: Vec<f64> =
            (0..self.points.len()).map(|point| sums.total(first + point)).collect();
        // By convexity a change of sign is the one minimum there is.
        match root(&self.points, &values) {
            Some(u) => (-self.center - self.reach * u).exp(),
            None => refit(rows, &table.counts(options, draw), self.center.exp()),
        }
    }
}

/// The temperature of a draw from its rows, starting at inverse temperature `start`.
fn refit(rows: &RowSummaries, counts: &[u32], start: f64) -> f64 {
    let members = members(rows, counts);
    match status(rows, &members) {
        FitStatus::Separable => 0.0,
        FitStatus::WorseThanUniform => f64::INFINITY,
        _ => inverse_temperature(rows, &members, start).map_or(f64::NAN, f64::recip),
    }
}

/// `of` every row times its weight, but 0 where the label has probability 0: such a row takes no part in a fit.
fn column(rows: &RowSummaries, of: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    let value = |(idx, z): (usize, &f64)| {
        if z.is_finite() { rows.weight(idx) * of(idx) } else { 0.0 }
    };
    let label_logit = rows.columns().label_logit.par_iter();
    label_logit.enumerate().map(value).collect()
}

/// The usable rows, each as often as it was drawn.
fn members(rows: &RowSummaries, counts: &[u32]) -> Vec<u32> {
    let times = |idx: u32| std::iter::repeat_n(idx, counts[idx as usize] as usize);
    usable(rows).into_iter().flat_map(times).collect()
}

/// The `n` extrema of a Chebyshev polynomial, from -1 to 1: the ends are among them.
fn points(n: usize) -> Vec<f64> {
    let step = std::f64::consts::PI / (n - 1) as f64;
    (0..n).map(|point| -(step * point as f64).cos()).collect()
}

/// The root in [-1, 1] of the polynomial with these `values` at `points`, which run from negative to positive;
/// `None` if they do not.
fn root(points: &[f64], values: &[f64]) -> Option<f64> {
    let (first, last) = (*values.first()?, *values.last()?);
    if !(first < 0.0 && 0.0 < last) {
        return None;
    }
    let coefficients = divided_differences(points, values);
    let (mut low, mut high, mut u) = (-1.0, 1.0, 0.0);
    for _ in 0..MAX_STEPS {
        let (value, slope) = evaluate(points, &coefficients, u);
        if value < 0.0 {
            low = u;
        } else {
            high = u;
        }
        let newton = u - value / slope;
        let next = if low <= newton && newton <= high { newton } else { f64::midpoint(low, high) };
        if (next - u).abs() <= TOLERANCE {
            return Some(next);
        }
        u = next;
    }
    None
}

/// Newton's form of the polynomial through `values` at `points`.
fn divided_differences(points: &[f64], values: &[f64]) -> Vec<f64> {
    let mut c = values.to_vec();
    for order in 1..points.len() {
        for i in (order..points.len()).rev() {
            c[i] = (c[i] - c[i - 1]) / (points[i] - points[i - order]);
        }
    }
    c
}

/// The polynomial and its derivative at u.
fn evaluate(points: &[f64], coefficients: &[f64], u: f64) -> (f64, f64) {
    let (mut value, mut slope) = (0.0, 0.0);
    for (point, c) in points.iter().zip(coefficients).rev() {
        slope = slope * (u - point) + value;
        value = value * (u - point) + c;
    }
    (value, slope)
}

impl BootstrapInterval {
    /// The percentile interval at `level` of the temperatures of all draws, made by `method`. Draws without one count
    /// as what they tend to, 0 or infinity, which no end of the interval may be.
    pub fn of(temperatures: &[f64], level: f64, method: &'static str) -> Self {
        let is_temperature = |t: f64| t.is_finite() && t > 0.0;
        let found = temperatures.iter().filter(|t| is_temperature(**t)).count();
        // Minus infinity in place of 0: an end between it and a temperature is then no number.
        let extended = |t: &f64| {
            if *t > 0.0 || t.is_nan() { *t } else { f64::NEG_INFINITY }
        };
        let extended: Vec<f64> = temperatures.iter().map(extended).collect();
        let any_undefined = extended.iter().any(|t| t.is_nan());
        let tail = (1.0 - level) / 2.0;
        let ends = quantiles(&extended, &[tail, 1.0 - tail]);
        let end = |value: f64| (is_temperature(value) && !any_undefined).then_some(value);
        Self {
            level,
            low: end(ends[0]),
            high: end(ends[1]),
            draws: temperatures.len(),
            without_temperature: temperatures.len() - found,
            method,
        }
    }
}
