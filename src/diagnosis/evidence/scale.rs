//! How large the scores are and how they were stored: all from the row summaries.

use std::collections::HashMap;

use crate::data::SourceInfo;
use crate::diagnosis::finding::MAX_ROWS;
use crate::diagnosis::thresholds as limit;
use crate::metrics::RowsAt;
use crate::numerics::{mean, quantiles};
use crate::summarize::{RowSummaries, farther};

/// The stored type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::diagnosis) enum Width {
    Bf16,
    F16,
    F32,
    F64,
}

impl Width {
    pub(in crate::diagnosis) fn name(self) -> &'static str {
        match self {
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }

    fn bits(self) -> f64 {
        match self {
            Self::Bf16 | Self::F16 => 16.0,
            Self::F32 => 32.0,
            Self::F64 => 64.0,
        }
    }

    /// Distance to the next number of this type at `z`: 2^(floor(log2 |z|) - digits).
    pub(in crate::diagnosis) fn spacing(self, z: f64) -> f64 {
        let digits = match self {
            Self::Bf16 => 7.0,
            Self::F16 => 10.0,
            Self::F32 => 23.0,
            Self::F64 => 52.0,
        };
        if z.abs() > 0.0 { (z.abs().log2().floor() - digits).exp2() } else { 0.0 }
    }
}

/// The type of the stored numbers, and whether the file holds a wider one.
pub(super) fn width(rows: &RowSummaries, info: &SourceInfo) -> (Width, bool) {
    let stored = match info.dtype.as_str() {
        "bf16" => Width::Bf16,
        "f16" => Width::F16,
        "f32" => Width::F32,
        _ => Width::F64,
    };
    let Some(seen) = rows.gathered().map(|gathered| gathered.stored_as) else {
        return (stored, false);
    };
    let most = |n: u64| seen.n_scores > 0 && n as f64 >= limit::UPCAST * seen.n_scores as f64;
    match stored {
        Width::F32 if most(seen.n_bf16) => (Width::Bf16, true),
        Width::F32 if most(seen.n_f16) => (Width::F16, true),
        stored => (stored, false),
    }
}

/// Sizes of the scores of all usable rows.
#[derive(Clone, Debug)]
pub(in crate::diagnosis) struct Scale {
    /// The score of the largest magnitude, with its sign.
    pub(in crate::diagnosis) extreme: f64,
    pub(in crate::diagnosis) constant: Rows,
    pub(in crate::diagnosis) tied: Rows,
    pub(in crate::diagnosis) saturated: Rows,
    pub(in crate::diagnosis) saturated_wrong: Rows,
    /// Rows that look like probabilities, and like their logarithms.
    pub(in crate::diagnosis) like_probabilities: usize,
    pub(in crate::diagnosis) like_log_probabilities: usize,
    /// Rows whose label has probability 0.
    pub(in crate::diagnosis) impossible: Rows,
    pub(in crate::diagnosis) median_margin: f64,
    pub(in crate::diagnosis) median_s: f64,
    /// 99 % quantiles of the maximum and of max - mean.
    pub(in crate::diagnosis) p99_max: f64,
    pub(in crate::diagnosis) p99_above_mean: f64,
    pub(in crate::diagnosis) mean_of_means: f64,
    /// Largest centred logit, and where.
    pub(in crate::diagnosis) max_c: f64,
    pub(in crate::diagnosis) max_c_row: u64,
    /// Quantiles of the largest centred logit of each row: 50 %, 99 %.
    pub(in crate::diagnosis) c_quantiles: [f64; 2],
    /// Share of the sum of squares that the top 0.1 % of rows hold.
    pub(in crate::diagnosis) top_rows_share: f64,
    /// Mean and 99 % quantile of abs log Z, and its mean with sign.
    pub(in crate::diagnosis) lse: [f64; 3],
    /// Row maxima, ascending.
    pub(in crate::diagnosis) maxima: Vec<f64>,
    /// Median spacing of the stored type at the row maximum.
    pub(in crate::diagnosis) spacing: f64,
    /// The commonest row minimum and the share of rows that have it.
    pub(in crate::diagnosis) common_min: (f64, f64),
    pub(in crate::diagnosis) cut: Option<Cut>,
    pub(in crate::diagnosis) lacking: Lacking,
    pub(in crate::diagnosis) repeats: Option<Repeats>,
    /// True for the log-odds of two classes stored as one number: the other one is always 0.
    pub(in crate::diagnosis) one_column: bool,
}

/// How many rows show something, and the first of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::diagnosis) struct Rows {
    pub(in crate::diagnosis) n: usize,
    pub(in crate::diagnosis) first: Vec<u64>,
}

/// Rows that lack classes.
#[derive(Clone, Debug)]
pub(in crate::diagnosis) struct Lacking {
    pub(in crate::diagnosis) rows: Rows,
    /// In how many rows each class is absent; empty where none is, or where that is not known.
    pub(in crate::diagnosis) classes: Vec<u64>,
}

/// Signs of rows that were cut.
#[derive(Clone, Copy, Debug)]
pub(in crate::diagnosis) struct Cut {
    pub(in crate::diagnosis) at_min_share: f64,
    /// Scores that equal the smallest of their row, in the mean of all rows.
    pub(in crate::diagnosis) at_min_per_row: f64,
    pub(in crate::diagnosis) descending_share: f64,
}

/// Rows that repeat an earlier one.
#[derive(Clone, Debug)]
pub(in crate::diagnosis) struct Repeats {
    pub(in crate::diagnosis) rows: Rows,
    /// Of them, how many carry another label than the first such row.
    pub(in crate::diagnosis) n_other_label: usize,
}

impl Scale {
    pub(super) fn of(rows: &RowSummaries, info: &SourceInfo, at_one: &RowsAt) -> Self {
        let columns = rows.columns();
        let n = rows.len();
        let all = || (0..n).map(|idx| rows.row(idx));
        let margins: Vec<f64> = all().map(|row| row.margin()).collect();
        let above: Vec<f64> = all().map(|row| row.mean_below_max()).collect();
        let maxima: Vec<f64> = all().map(|row| row.max()).collect();
        let largest_c = largest_centred(rows, &above);
        let max_c_idx = (0..n).max_by(|&i, &j| largest_c[i].total_cmp(&largest_c[j]));
        let log_z: Vec<f64> = maxima
            .iter()
            .zip(&at_one.confidence)
            .map(|(max, confidence)| max - confidence.ln())
            .collect();
        let abs_log_z: Vec<f64> = log_z.iter().map(|l| l.abs()).collect();
        let (width, _) = width(rows, info);
        let spacings: Vec<f64> = maxima.iter().map(|z| width.spacing(*z)).collect();
        let rows_where = |holds: &dyn Fn(usize) -> bool| rows_where(rows, holds);
        // A row with one class left has no margin.
        let has_margin = |idx: usize| columns.n_present[idx] > 1;
        let known = (0..n).filter(|idx| has_margin(*idx));
        let known_margins: Vec<f64> = known.map(|idx| margins[idx]).collect();
        let saturated = |idx: usize| has_margin(idx) && margins[idx] > limit::SATURATED_MARGIN;
        let p99 = |values: &[f64]| quantiles(values, &[0.99])[0];
        let median = |values: &[f64]| quantiles(values, &[0.5])[0];
        Self {
            extreme: extreme(&maxima, &columns.min),
            constant: rows_where(&|idx| {
                columns.n_max[idx] == columns.n_present[idx]
                    && columns.n_present[idx] as usize == rows.n_classes()
            }),
            tied: rows_where(&|idx| columns.n_max[idx] > 1),
            saturated: rows_where(&saturated),
            saturated_wrong: rows_where(&|idx| saturated(idx) && !at_one.correct[idx]),
            like_probabilities: (0..n).filter(|i| is_distribution(rows, *i, width)).count(),
            like_log_probabilities: (0..n)
                .filter(|i| {
                    maxima[*i] <= 0.0 && abs_log_z[*i] <= log_slack(width, rows.n_classes())
                })
                .count(),
            impossible: rows_where(&|idx| !columns.label_logit[idx].is_finite()),
            median_margin: median(&known_margins),
            median_s: median(&columns.sd),
            p99_max: p99(&maxima),
            p99_above_mean: p99(&above),
            mean_of_means: mean(&columns.mean),
            max_c: max_c_idx.map_or(f64::NAN, |idx| largest_c[idx]),
            max_c_row: max_c_idx.map_or(0, |idx| columns.row[idx]),
            c_quantiles: [median(&largest_c), p99(&largest_c)],
            top_rows_share: top_rows_share(rows),
            lse: [mean(&abs_log_z), p99(&abs_log_z), mean(&log_z)],
            spacing: median(&spacings),
            common_min: common_min(&columns.min),
            maxima: sorted(maxima),
            cut: cut(rows),
            lacking: lacking(rows),
            repeats: repeats(rows, width, is_one_column(rows)),
            one_column: is_one_column(rows),
        }
    }
}

/// The score of the largest magnitude, with its sign.
fn extreme(maxima: &[f64], minima: &[f64]) -> f64 {
    let ends = maxima.iter().chain(minima);
    ends.copied().fold(0.0, farther)
}

/// For each row the largest distance of a score from the mean of the row, whose largest score lies `above` it.
fn largest_centred(rows: &RowSummaries, above: &[f64]) -> Vec<f64> {
    let columns = rows.columns();
    let below = columns.mean.iter().zip(&columns.min);
    let both = above.iter().zip(below);
    both.map(|(above, (mean, min))| above.max(mean - min)).collect()
}

/// Rows without some of the classes.
fn lacking(rows: &RowSummaries) -> Lacking {
    let n_present = &rows.columns().n_present;
    Lacking {
        rows: rows_where(rows, &|idx| (n_present[idx] as usize) < rows.n_classes()),
        classes: rows.gathered().map_or(Vec::new(), |g| g.absent.clone()),
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The rows for which `holds`.
pub(super) fn rows_where(rows: &RowSummaries, holds: &dyn Fn(usize) -> bool) -> Rows {
    let mut found = Rows::default();
    for idx in (0..rows.len()).filter(|idx| holds(*idx)) {
        found.n += 1;
        if found.first.len() < MAX_ROWS {
            found.first.push(rows.columns().row[idx]);
        }
    }
    found
}

fn is_distribution(rows: &RowSummaries, idx: usize, width: Width) -> bool {
    let columns = rows.columns();
    let slack = if width.bits() < 32.0 { limit::SUM_SLACK_16 } else { limit::SUM_SLACK };
    let sum = columns.mean[idx] * f64::from(columns.n_present[idx]);
    columns.min[idx] >= 0.0 && rows.row(idx).max() <= 1.0 && (sum - 1.0).abs() <= slack
}

fn log_slack(width: Width, k: usize) -> f64 {
    match width {
        Width::Bf16 => (2f64.powi(-8) * (k as f64).ln()).max(limit::SUM_SLACK),
        Width::F16 => (2f64.powi(-11) * (k as f64).ln()).max(limit::SUM_SLACK),
        _ => limit::SUM_SLACK,
    }
}

/// The largest rows' share of the sum of squares of the centred logits: those of the top 0.1 %, at least one.
fn top_rows_share(rows: &RowSummaries) -> f64 {
    let columns = rows.columns();
    let squares = columns.sd.iter().zip(&columns.n_present);
    let squares = sorted(squares.map(|(s, n)| s * s * f64::from(*n)).collect());
    let n_top = squares.len().div_ceil(1000);
    let total: f64 = squares.iter().sum();
    squares.iter().rev().take(n_top).sum::<f64>() / total
}

fn common_min(minima: &[f64]) -> (f64, f64) {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    for min in minima {
        *counts.entry(min.to_bits()).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(bits, n)| (*n, *bits));
    most.map_or((f64::NAN, 0.0), |(bits, n)| (f64::from_bits(bits), super::share(n, minima.len())))
}

fn cut(rows: &RowSummaries) -> Option<Cut> {
    let gathered = rows.gathered().filter(|g| g.n_scores > 0)?;
    Some(Cut {
        at_min_per_row: gathered.n_at_min as f64 / rows.len() as f64,
        at_min_share: gathered.n_at_min as f64 / gathered.n_scores as f64,
        descending_share: gathered.n_descending as f64 / rows.len() as f64,
    })
}

/// True for the log-odds of two classes stored as one number: the other one is always 0.
fn is_one_column(rows: &RowSummaries) -> bool {
    let is_zero = |idx: usize| {
        let row = rows.row(idx);
        let places = &rows.columns().top[idx];
        let first = places.iter().find(|(class, _)| *class == 0);
        first.is_some_and(|(_, z)| z.abs() <= 0.0) && row.max().is_finite()
    };
    rows.n_classes() == 2 && (0..rows.len()).all(is_zero)
}

fn repeats(rows: &RowSummaries, width: Width, one_column: bool) -> Option<Repeats> {
    let n_numbers = if one_column { 1 } else { rows.n_classes() };
    if n_numbers as f64 * width.bits() < limit::MIN_HASHED_BITS {
        return None;
    }
    let hashes = rows.row_hashes()?;
    let mut first: HashMap<u64, u32> = HashMap::with_capacity(hashes.len());
    let mut found = Repeats { rows: Rows::default(), n_other_label: 0 };
    for (idx, hash) in hashes.iter().enumerate() {
        let label = rows.row(idx).label();
        let Some(of_first) = first.get(hash) else {
            first.insert(*hash, label);
            continue;
        };
        found.n_other_label += usize::from(*of_first != label);
        found.rows.n += 1;
        if found.rows.first.len() < MAX_ROWS {
            found.rows.first.push(rows.columns().row[idx]);
        }
    }
    Some(found)
}
