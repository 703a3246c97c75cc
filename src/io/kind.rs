//! Logits, log-probabilities or probabilities: decided by the numbers, once for each file.

use super::array::Dtype;
use super::error::Problem;
use crate::data::{Kind, Values, ValuesRef};

/// At most one row in this many may break the rule.
const ROWS_FOR_ONE_EXCEPTION: usize = 1000;

/// What `n_cols` columns of `values` are (two or more columns).
///
/// Probabilities lie in [0, 1] and each row sums to 1 within 1e-3 (f32, f64) or 1e-2 (16 bit);
/// log-probabilities are at most 0 and their log-sum-exp is 0 within 1e-3, or the rounding of a
/// 16-bit type. Either must hold on 99.9 % of the rows; rows with NaN or +inf do not count.
pub(super) fn detect(values: &Values, n_cols: usize, dtype: Dtype) -> Kind {
    let half = matches!(dtype, Dtype::F16 | Dtype::Bf16);
    let sum_tolerance = if half { 1e-2 } else { 1e-3 };
    // A row's error is at most its entropy times half an epsilon, and entropy is at most ln K.
    let log_tolerance = if half {
        (dtype.epsilon() * (n_cols as f64).ln()).max(1e-3)
    } else {
        1e-3
    };
    if most_rows(values, n_cols, |row| is_distribution(row, sum_tolerance)) {
        Kind::Probs
    } else if most_rows(values, n_cols, |row| {
        is_log_distribution(row, log_tolerance)
    }) {
        Kind::LogProbs
    } else {
        Kind::Logits
    }
}

/// True if all numbers (99.9 % of them, without NaN) lie in [0, 1]: one column of probabilities.
pub(super) fn all_in_unit_interval(values: &Values) -> bool {
    most_rows(values, 1, |row| (0.0..=1.0).contains(&row[0]))
}

fn is_distribution(row: &[f64], tolerance: f64) -> bool {
    row.iter().all(|p| (0.0..=1.0).contains(p))
        && (row.iter().sum::<f64>() - 1.0).abs() <= tolerance
}

fn is_log_distribution(row: &[f64], tolerance: f64) -> bool {
    row.iter().all(|l| *l <= 0.0)
        && row.iter().map(|l| l.exp()).sum::<f64>().ln().abs() <= tolerance
}

/// True if `rule` holds on 99.9 % of the usable rows and there is one.
fn most_rows(values: &Values, n_cols: usize, rule: impl Fn(&[f64]) -> bool) -> bool {
    let n_rows = values.len() / n_cols.max(1);
    let n_allowed = n_rows / ROWS_FOR_ONE_EXCEPTION;
    let mut row = vec![0.0; n_cols];
    let (mut n_usable, mut n_broken) = (0, 0);
    for row_idx in 0..n_rows {
        let start = row_idx * n_cols;
        match values {
            Values::F32(v) => row
                .iter_mut()
                .zip(&v[start..start + n_cols])
                .for_each(|(wide, v)| *wide = f64::from(*v)),
            Values::F64(v) => row.copy_from_slice(&v[start..start + n_cols]),
        }
        if row.iter().any(|v| v.is_nan() || *v == f64::INFINITY) {
            continue;
        }
        n_usable += 1;
        n_broken += usize::from(!rule(&row));
        if n_broken > n_allowed {
            return false;
        }
    }
    n_usable > 0
}

/// How far above 0 a log-probability may lie: half-precision rounding of values near 0.
const LOG_SLACK: f64 = 1e-2;

/// The first finite score that cannot be of `kind`, and its place: a probability outside [0, 1] (by more than
/// rounding), or a log-probability above 0.
pub(super) fn contradiction(values: ValuesRef<'_>, kind: Kind) -> Option<(usize, f64)> {
    let wrong = |z: f64| match kind {
        Kind::Logits => false,
        Kind::Probs => z.is_finite() && !(0.0..=1.0 + LOG_SLACK).contains(&z),
        Kind::LogProbs => z.is_finite() && z > LOG_SLACK,
    };
    match values {
        ValuesRef::F32(v) => v
            .iter()
            .map(|z| f64::from(*z))
            .enumerate()
            .find(|(_, z)| wrong(*z)),
        ValuesRef::F64(v) => v.iter().copied().enumerate().find(|(_, z)| wrong(*z)),
    }
}

/// The error for a score that cannot be of the kind that a flag says.
pub(super) fn contradicted(row: &str, col: usize, value: f64, kind: Kind) -> Problem {
    let column = col + 1;
    Problem::new(format!(
        "{row}, score {column}: {value} is none of the {}",
        kind.describe()
    ))
    .hint("leave --kind out: it is guessed from the numbers")
}

/// ln(1 - e^l) for l <= 0, by whichever of two forms keeps its digits (Maechler 2012).
pub(super) fn ln_1m_exp(l: f64) -> f64 {
    if l > -std::f64::consts::LN_2 {
        (-l.exp_m1()).ln()
    } else {
        (-l.exp()).ln_1p()
    }
}
