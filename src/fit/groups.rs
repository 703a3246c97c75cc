//! A temperature for each group of rows, and whether one for all of them is enough.

use rayon::prelude::*;
use serde::Serialize;

use crate::numerics::{chi_squared_above, pairwise_sum};
use crate::summarize::RowSummaries;

use super::clustered::gradient_squares;
use super::objective::{derivatives, usable};
use super::profile::Profile;
use super::temperature::fit_members;
use super::{FitStatus, TemperatureFit, inverse_temperature};

/// First step of the bracket in ln b around the temperature of all rows.
const STEP: f64 = 0.1;

/// Groups with fewer usable rows take no part in the test, whose distribution is one of many rows.
const LEAST_ROWS: usize = 50;

/// The test of "one temperature serves all groups" against "every group has its own".
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct OneTemperature {
    /// Groups that take part: those of at least 50 usable rows.
    pub groups: usize,
    /// Their rows.
    pub rows: usize,
    /// Twice the sum of log-likelihoods that the groups gain by temperatures of their own.
    pub likelihood_ratio: f64,
    /// Groups less one.
    pub degrees_of_freedom: usize,
    /// What the likelihood ratio is divided by before it is compared with chi-squared: 1 if softmax(z / T) is
    /// right, else what makes its mean right (Rotnitzky & Jewell 1990).
    pub scale: f64,
    /// Chance of so large a ratio if all groups have the same temperature. NaN (JSON: null) if it cannot be told.
    pub p_value: f64,
}

/// The temperature of each of `groups` (rows by index), see [`super::fit_temperature`]; `start` is that of all rows.
/// Rows whose label has probability 0 take no part.
pub fn fit_groups(
    rows: &RowSummaries,
    groups: &[Vec<u32>],
    start: f64,
    level: f64,
) -> Vec<TemperatureFit> {
    let fit = |group: &Vec<u32>| fit_members(rows, &finite(rows, group), (start, STEP), level);
    groups.par_iter().map(fit).collect()
}

/// One temperature or one per group? By likelihood ratio, with `fits` from [`fit_groups`] on the same `groups`. `None`
/// with fewer than two groups of enough rows, or if these have no temperature in common.
///
/// A group without a finite temperature gains what the limit of its NLL gains.
pub fn one_temperature(
    rows: &RowSummaries,
    groups: &[Vec<u32>],
    fits: &[TemperatureFit],
    start: f64,
) -> Option<OneTemperature> {
    let taking_part: Vec<(Vec<u32>, &TemperatureFit)> = groups
        .iter()
        .map(|group| finite(rows, group))
        .zip(fits)
        .filter(|(group, _)| group.len() >= LEAST_ROWS)
        .collect();
    if taking_part.len() < 2 {
        return None;
    }
    let mut all: Vec<u32> =
        taking_part.iter().flat_map(|(group, _)| group.iter().copied()).collect();
    all.sort_unstable();
    let b = if all.len() == usable(rows).len() {
        start
    } else {
        inverse_temperature(rows, &all, start)?
    };
    let gains: Vec<[f64; 3]> =
        taking_part.par_iter().map(|(group, fit)| gain(rows, group, fit, b)).collect();
    let together = gradient_squares(rows, &all, b);
    if together.is_some_and(|of_all| of_all.n_groups < 2) {
        return None;
    }
    let together = together.map(|of_all| of_all.squares * b * b);
    Some(test(&gains, together, all.len()))
}

/// Twice the log-likelihood that a group gains over b by a temperature of its own, its curvature at b, and the sum
/// of its squared slopes there (of squared sums of slopes where rows belong together).
fn gain(rows: &RowSummaries, group: &[u32], fit: &TemperatureFit, b: f64) -> [f64; 3] {
    let common = derivatives(rows, group, b);
    let gained = match (fit.status, fit.inverse_temperature) {
        (FitStatus::Converged, Some(own)) => Profile::new(rows, group, own).rise(b.ln()),
        (FitStatus::Separable, _) => common.nll - limit(rows, group, &rows.columns().n_max),
        (FitStatus::WorseThanUniform, _) => {
            common.nll - limit(rows, group, &rows.columns().n_present)
        }
        _ => 0.0,
    };
    let squares = gradient_squares(rows, group, b);
    let squares = squares.map_or(common.gradient_squares, |of_group| of_group.squares);
    let at_b = [common.curvature, squares].map(|sum| sum * b * b);
    [2.0 * gained.max(0.0), at_b[0], at_b[1]]
}

/// The sum of NLL where each row spreads its probability evenly over so many classes.
fn limit(rows: &RowSummaries, group: &[u32], n_alike: &[u32]) -> f64 {
    let nll = |idx: &u32| rows.weight(*idx as usize) * f64::from(n_alike[*idx as usize]).ln();
    pairwise_sum(&group.iter().map(nll).collect::<Vec<f64>>())
}

/// The mean of the ratio under the hypothesis is the sum over groups of squared slopes over curvature, less the same
/// of all rows together, which is the number of degrees of freedom only if the two agree. `together` are the squared
/// slopes of all rows where that is not the sum over groups, as rows that belong together may be of several groups.
fn test(gains: &[[f64; 3]], together: Option<f64>, n_rows: usize) -> OneTemperature {
    let likelihood_ratio: f64 = gains.iter().map(|g| g[0]).sum();
    let curvature: f64 = gains.iter().map(|g| g[1]).sum();
    let degrees_of_freedom = gains.len() - 1;
    let together = together.unwrap_or_else(|| gains.iter().map(|g| g[2]).sum());
    let apart = gains.iter().filter(|g| g[1] > 0.0).map(|[_, h, s]| s / h);
    let mean = apart.sum::<f64>() - together / curvature;
    let scale = mean / degrees_of_freedom as f64;
    OneTemperature {
        groups: gains.len(),
        rows: n_rows,
        likelihood_ratio,
        degrees_of_freedom,
        scale,
        p_value: chi_squared_above(likelihood_ratio / scale, degrees_of_freedom),
    }
}

/// Those of `group` whose label has a probability above 0.
fn finite(rows: &RowSummaries, group: &[u32]) -> Vec<u32> {
    let label_logit = &rows.columns().label_logit;
    let is_finite = |idx: &u32| label_logit[*idx as usize].is_finite();
    group.iter().copied().filter(is_finite).collect()
}
