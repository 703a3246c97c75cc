//! The temperature of every bootstrap draw, refitted.
//!
//! The slope of the NLL of a draw is a sum over its rows with the draw's counts as weights. Near the fit on all
//! rows each row's slope is a smooth function of ln b, so its values at a few Chebyshev points say what it is
//! in between: the points' sums over a draw give the slope of the draw as a polynomial, whose root is found by
//! Newton's method without touching a row again. Draws whose root lies outside the points are fitted from their
//! rows.

use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::{BOOTSTRAP_METHOD, DrawOptions, DrawSums, Resampled};
use crate::numerics::quantiles;
use crate::summarize::RowSummaries;

use super::objective::usable;
use super::{TemperatureFit, inverse_temperature};

/// Points at which the slopes are known.
const N_POINTS: usize = 7;

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
}

/// What a draw says.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Drawn {
    /// ln b.
    Found(f64),
    /// Every drawn label is its row's largest logit: T is 0.
    Separable,
    /// T is infinite.
    WorseThanUniform,
    /// No two different scores, or no usable row.
    Nothing,
    /// The root lies outside the points.
    Outside,
}

impl TemperatureColumns {
    /// For the rows of `fit`: itself and its columns. `None` unless the fit converged with a finite standard
    /// error.
    pub fn new(rows: &RowSummaries, fit: &TemperatureFit) -> Option<(Self, Vec<Vec<f64>>)> {
        let (t, b) = (fit.temperature?, fit.inverse_temperature?);
        let error = fit.standard_error?.max(fit.standard_error_fisher?) / t;
        let most = if rows.keeps_scores() {
            MAX_REACH
        } else {
            MAX_REACH_OF_NODES
        };
        let this = Self {
            center: b.ln(),
            reach: (REACH * error).min(most),
        };
        let has_width = this.reach > 0.0;
        has_width.then(|| (this.clone(), this.columns(rows)))
    }

    fn columns(&self, rows: &RowSummaries) -> Vec<Vec<f64>> {
        let slope = |u: f64| Self::slopes(rows, (self.center + self.reach * u).exp());
        let existence = [
            column(rows, |idx| rows.row(idx).label_below_max()),
            column(rows, |idx| rows.row(idx).mean_below_max()),
        ];
        points().into_iter().map(slope).chain(existence).collect()
    }

    /// The slope of every row's NLL at b.
    fn slopes(rows: &RowSummaries, b: f64) -> Vec<f64> {
        let below_max = rows.column_at(b, |m| m.at.below_max);
        column(rows, |idx| rows.row(idx).label_below_max() - below_max[idx])
    }

    /// ln b of a draw whose sums of these columns begin at `first`.
    fn solve(&self, sums: DrawSums<'_>, first: usize) -> Drawn {
        let (label, mean) = (
            sums.total(first + N_POINTS),
            sums.total(first + N_POINTS + 1),
        );
        if mean <= 0.0 {
            return Drawn::Nothing;
        }
        if label >= mean {
            return Drawn::WorseThanUniform;
        }
        if label <= 0.0 {
            return Drawn::Separable;
        }
        let values = std::array::from_fn(|point| sums.total(first + point));
        match root(&values) {
            Some(u) => Drawn::Found(self.center + self.reach * u),
            None => Drawn::Outside,
        }
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
        match self.solve(sums, first) {
            Drawn::Found(x) => (-x).exp(),
            Drawn::Separable => 0.0,
            Drawn::WorseThanUniform => f64::INFINITY,
            Drawn::Nothing => f64::NAN,
            Drawn::Outside => {
                let members = members(rows, &table.counts(options, draw));
                let b = inverse_temperature(rows, &members, self.center.exp());
                b.map_or(f64::NAN, f64::recip)
            }
        }
    }
}

/// `of` every row, but 0 where the label has probability 0: such a row takes no part in a fit.
fn column(rows: &RowSummaries, of: impl Fn(usize) -> f64 + Sync) -> Vec<f64> {
    let value = |(idx, z): (usize, &f64)| if z.is_finite() { of(idx) } else { 0.0 };
    let label_logit = rows.columns().label_logit.par_iter();
    label_logit.enumerate().map(value).collect()
}

/// The usable rows, each as often as it was drawn.
fn members(rows: &RowSummaries, counts: &[u32]) -> Vec<u32> {
    let times = |idx: u32| std::iter::repeat_n(idx, counts[idx as usize] as usize);
    usable(rows).into_iter().flat_map(times).collect()
}

/// The extrema of the Chebyshev polynomial, from -1 to 1: the ends are among them.
fn points() -> [f64; N_POINTS] {
    let step = std::f64::consts::PI / (N_POINTS - 1) as f64;
    std::array::from_fn(|point| -(step * point as f64).cos())
}

/// The root in [-1, 1] of the polynomial with these values, which increase from negative to positive, at
/// [`points`]; `None` if they do not.
fn root(values: &[f64; N_POINTS]) -> Option<f64> {
    if !(values[0] <= 0.0 && values[N_POINTS - 1] >= 0.0) {
        return None;
    }
    let points = points();
    let coefficients = divided_differences(&points, values);
    let (mut low, mut high, mut u) = (-1.0, 1.0, 0.0);
    for _ in 0..MAX_STEPS {
        let (value, slope) = evaluate(&points, &coefficients, u);
        if value < 0.0 {
            low = u;
        } else {
            high = u;
        }
        let newton = u - value / slope;
        let next = if low <= newton && newton <= high {
            newton
        } else {
            f64::midpoint(low, high)
        };
        if (next - u).abs() <= TOLERANCE {
            return Some(next);
        }
        u = next;
    }
    None
}

/// Newton's form of the polynomial through `values` at `points`.
fn divided_differences(points: &[f64; N_POINTS], values: &[f64; N_POINTS]) -> [f64; N_POINTS] {
    let mut c = *values;
    for order in 1..N_POINTS {
        for i in (order..N_POINTS).rev() {
            c[i] = (c[i] - c[i - 1]) / (points[i] - points[i - order]);
        }
    }
    c
}

/// The polynomial and its derivative at u.
fn evaluate(points: &[f64; N_POINTS], coefficients: &[f64; N_POINTS], u: f64) -> (f64, f64) {
    let (mut value, mut slope) = (0.0, 0.0);
    for (point, c) in points.iter().zip(coefficients).rev() {
        slope = slope * (u - point) + value;
        value = value * (u - point) + c;
    }
    (value, slope)
}

impl BootstrapInterval {
    /// The percentile interval at `level` of the temperatures of all draws. Draws without one count as what they
    /// tend to, 0 or infinity, which no end of the interval may be.
    pub fn of(temperatures: &[f64], level: f64) -> Self {
        let is_temperature = |t: f64| t.is_finite() && t > 0.0;
        let found = temperatures.iter().filter(|t| is_temperature(**t)).count();
        // Minus infinity in place of 0: an end between it and a temperature is then no number.
        let extended = |t: &f64| {
            if *t > 0.0 || t.is_nan() {
                *t
            } else {
                f64::NEG_INFINITY
            }
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
            method: BOOTSTRAP_METHOD,
        }
    }
}
