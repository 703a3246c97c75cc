//! Logits, log-probabilities or probabilities: what the numbers look like, for each part of the data.

use super::array::Dtype;
use super::error::Problem;
use super::rounding;
use crate::data::{Kind, Values, ValuesRef};

/// At most one row in this many may break the rule.
const ROWS_FOR_ONE_EXCEPTION: usize = 1000;

/// How far from 1 a row of probabilities may sum, in 32 bits or more and in 16.
const SUM_SLACK: f64 = 1e-3;
const SUM_SLACK_16: f64 = 1e-2;

/// Rounding that leaves more to chance than this would make rows of probabilities of far too much.
const MOST_SLACK: f64 = 0.1;

/// How far from 100 a row of percent may sum, if nothing was rounded.
const PERCENT_SLACK: f64 = 0.1;

/// What numbers look like.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Look {
    /// They lie in [0, 1], and rows of several sum to 1; `by_rounding` is how far from it, where that is more than
    /// round-off.
    Probs { by_rounding: Option<f64> },
    /// No number is above 0, and the log-sum-exp of each row is 0.
    LogProbs,
    /// Every number is 0 or 1, and rows differ.
    Classes,
    /// They lie in [0, 1], and rows sum to something else, from the first of `sums` to the second.
    Unit { sums: [f64; 2] },
    /// None is negative, and every row sums to 100.
    Percent,
    /// Most rows are what `most` says, `n_such` of `n_rows`, and others are not: the first is `place`.
    Mixed { most: &'static str, n_such: usize, n_rows: usize, place: usize },
    /// Anything else, from `low` to `high`.
    Other { low: f64, high: f64 },
}

/// What `n_cols` columns of `values` look like.
///
/// Rows of probabilities sum to 1 within 1e-3 (f32, f64) or 1e-2 (16 bit), or where all numbers lie on a grid of
/// rounding within half a unit of the last digit for each of them, if that is at most 0.1; log-probabilities are at
/// most 0 and their log-sum-exp is 0 within 1e-3, or the rounding of a 16-bit type. Either must hold on 99.9 % of the
/// rows; rows with NaN or +inf do not count. Rows of one value each say nothing unless they sum to 1.
pub(super) fn look(values: &Values, n_cols: usize, dtype: Dtype) -> Look {
    let most = |rule: &dyn Fn(&[f64]) -> bool| most_rows(values, n_cols, rule);
    let [low, high] = ends(values, n_cols, &|row| {
        row.iter()
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], z| [low.min(*z), high.max(*z)])
    });
    let is_flat = if n_cols == 1 {
        low >= high
    } else {
        all_rows(values, n_cols, &|row| row.iter().all(|z| z.total_cmp(&row[0]).is_eq()))
    };
    let other = Look::Other { low, high };
    if most(&in_unit) {
        let is_whole = |row: &[f64]| row.iter().all(|p| *p <= 0.0 || *p >= 1.0);
        if in_unit(&[low, high]) && !is_flat && all_rows(values, n_cols, &is_whole) {
            return Look::Classes;
        }
        let by_rounding = by_rounding(values, n_cols, dtype);
        let slack = by_rounding.unwrap_or(sum_slack(dtype));
        let sums_to_one = |row: &[f64]| n_cols == 1 || (sum(row) - 1.0).abs() <= slack;
        return if most(&|row| in_unit(row) && sums_to_one(row)) && high > 0.0 {
            Look::Probs { by_rounding }
        } else if is_flat {
            other
        } else {
            let sums = ends(values, n_cols, &|row| [sum(row); 2]);
            Look::Unit { sums }
        };
    }
    if n_cols == 1 || is_flat {
        let mixed = || mixed(values, n_cols, dtype);
        return (!is_flat).then(mixed).flatten().unwrap_or(other);
    }
    // A row's error is at most its entropy times half an epsilon, and entropy is at most ln K.
    let log_slack = if rounding::is_16_bit(dtype) {
        (dtype.epsilon() * (n_cols as f64).ln()).max(SUM_SLACK)
    } else {
        SUM_SLACK
    };
    let percent_slack = rounding::last_unit(values.as_ref(), dtype)
        .map_or(PERCENT_SLACK, |unit| (n_cols as f64 * unit / 2.0).max(PERCENT_SLACK));
    if most(&|row| is_log_distribution(row, log_slack)) {
        Look::LogProbs
    } else if low >= 0.0 && most(&|row| (sum(row) - 100.0).abs() <= percent_slack) {
        Look::Percent
    } else {
        mixed(values, n_cols, dtype).unwrap_or(other)
    }
}

/// What a row may be.
type Rule<'a> = &'a dyn Fn(&[f64]) -> bool;

/// Rows most of which are probabilities or percent, so that reading all of them as logits would be wrong for most: half
/// of the rows sum to 1 or to 100, which logits do not, or 99 of 100 lie in [0, 1].
fn mixed(values: &Values, n_cols: usize, dtype: Dtype) -> Option<Look> {
    let slack = by_rounding(values, n_cols, dtype).unwrap_or(sum_slack(dtype));
    let sums_to = |row: &[f64], to: f64, slack: f64| n_cols > 1 && (sum(row) - to).abs() <= slack;
    let is_distribution = |row: &[f64]| in_unit(row) && sums_to(row, 1.0, slack);
    let is_percent =
        |row: &[f64]| row.iter().all(|p| *p >= 0.0) && sums_to(row, 100.0, PERCENT_SLACK);
    let rules: [(&'static str, usize, Rule<'_>); 3] = [
        ("probabilities", 2, &is_distribution),
        ("percent", 2, &is_percent),
        ("numbers in [0, 1]", 100, &in_unit),
    ];
    rules.into_iter().find_map(|(most, of, rule)| {
        let (mut n_rows, mut n_such, mut place) = (0, 0, None);
        visit_numbered(values, n_cols, &mut |idx, row| {
            n_rows += 1;
            if rule(row) {
                n_such += 1;
            } else {
                place = place.or(Some(idx));
            }
            true
        });
        // Half of the rows, or all but one in a hundred.
        let is_most = n_such * of >= n_rows * (of - 1) && n_such > 0;
        let place = place.filter(|_| is_most)?;
        Some(Look::Mixed { most, n_such, n_rows, place })
    })
}

/// How many rows do not sum to 1.
pub(super) fn n_off_one(values: &Values, n_cols: usize) -> usize {
    let mut n_off = 0;
    visit_rows(values, n_cols, &mut |row| {
        n_off += usize::from((sum(row) - 1.0).abs() > SUM_SLACK);
        true
    });
    n_off
}

fn in_unit(row: &[f64]) -> bool {
    row.iter().all(|p| (0.0..=1.0).contains(p))
}

fn sum(row: &[f64]) -> f64 {
    row.iter().sum()
}

fn sum_slack(dtype: Dtype) -> f64 {
    if rounding::is_16_bit(dtype) { SUM_SLACK_16 } else { SUM_SLACK }
}

/// How far from 1 rows of numbers on a grid may sum, where that is more than they may anyway: half a unit for each.
fn by_rounding(values: &Values, n_cols: usize, dtype: Dtype) -> Option<f64> {
    let unit = rounding::last_unit(values.as_ref(), dtype)?;
    let slack = n_cols as f64 * unit / 2.0;
    let is_bounded = slack > sum_slack(dtype) && slack <= MOST_SLACK * (1.0 + 1e-9);
    // Sums of decimals are off by round-off.
    is_bounded.then_some(slack + 1e-6)
}

fn is_log_distribution(row: &[f64], tolerance: f64) -> bool {
    row.iter().all(|l| *l <= 0.0)
        && row.iter().map(|l| l.exp()).sum::<f64>().ln().abs() <= tolerance
}

/// True if `rule` holds on 99.9 % of the usable rows and there is one.
fn most_rows(values: &Values, n_cols: usize, rule: &dyn Fn(&[f64]) -> bool) -> bool {
    let n_allowed = values.len() / n_cols.max(1) / ROWS_FOR_ONE_EXCEPTION;
    let (mut n_usable, mut n_broken) = (0, 0);
    visit_rows(values, n_cols, &mut |row| {
        n_usable += 1;
        n_broken += usize::from(!rule(row));
        n_broken <= n_allowed
    });
    n_usable > 0 && n_broken <= n_allowed
}

/// True if `rule` holds on all usable rows.
fn all_rows(values: &Values, n_cols: usize, rule: &dyn Fn(&[f64]) -> bool) -> bool {
    let mut holds = true;
    visit_rows(values, n_cols, &mut |row| {
        holds &= rule(row);
        holds
    });
    holds
}

/// The least and the greatest that `of_row` says of the usable rows.
fn ends(values: &Values, n_cols: usize, of_row: &dyn Fn(&[f64]) -> [f64; 2]) -> [f64; 2] {
    let mut ends = [f64::INFINITY, f64::NEG_INFINITY];
    visit_rows(values, n_cols, &mut |row| {
        let [low, high] = of_row(row);
        ends = [ends[0].min(low), ends[1].max(high)];
        true
    });
    ends
}

/// Shows rows without NaN and +inf, until `go_on` says no.
fn visit_rows(values: &Values, n_cols: usize, go_on: &mut dyn FnMut(&[f64]) -> bool) {
    visit_numbered(values, n_cols, &mut |_, row| go_on(row));
}

/// The same with the place of each row.
fn visit_numbered(values: &Values, n_cols: usize, go_on: &mut dyn FnMut(usize, &[f64]) -> bool) {
    let mut row = vec![0.0; n_cols];
    for row_idx in 0..values.len() / n_cols.max(1) {
        let start = row_idx * n_cols;
        match values {
            Values::F32(v) => row
                .iter_mut()
                .zip(&v[start..start + n_cols])
                .for_each(|(wide, v)| *wide = f64::from(*v)),
            Values::F64(v) => row.copy_from_slice(&v[start..start + n_cols]),
        }
        let is_usable = !row.iter().any(|v| v.is_nan() || *v == f64::INFINITY);
        if is_usable && !go_on(row_idx, &row) {
            return;
        }
    }
}

/// How far above 0 a log-probability may lie: half-precision rounding of values near 0.
const LOG_SLACK: f64 = 1e-2;

/// The first finite score that cannot be of `kind`, and its place: a probability outside [0, 1] (by more than
/// rounding), or a log-probability above 0.
pub(super) fn contradiction(values: ValuesRef<'_>, kind: Kind) -> Option<(usize, f64)> {
    let wrong = |z: f64| match kind {
        Kind::Logits => false,
        // The log-odds of what is above 1 would be NaN.
        Kind::Sigmoid => z.is_finite() && !(0.0..=1.0).contains(&z),
        Kind::Probs => z.is_finite() && !(0.0..=1.0 + LOG_SLACK).contains(&z),
        Kind::LogProbs => z.is_finite() && z > LOG_SLACK,
    };
    match values {
        ValuesRef::F32(v) => v.iter().map(|z| f64::from(*z)).enumerate().find(|(_, z)| wrong(*z)),
        ValuesRef::F64(v) => v.iter().copied().enumerate().find(|(_, z)| wrong(*z)),
    }
}

/// The error for a score that cannot be of the kind that a flag says.
pub(super) fn contradicted(row: &str, col: usize, value: f64, kind: Kind) -> Problem {
    let column = col + 1;
    Problem::new(format!("{row}, score {column}: {value} is none of the {}", kind.describe()))
        .hint("leave --kind out: it is guessed from the numbers")
}

/// ln(1 - e^l) for l <= 0, by whichever of two forms keeps its digits (Maechler 2012).
pub(super) fn ln_1m_exp(l: f64) -> f64 {
    if l > -std::f64::consts::LN_2 { (-l.exp_m1()).ln() } else { (-l.exp()).ln_1p() }
}
