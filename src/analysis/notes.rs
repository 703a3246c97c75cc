//! What is undefined or special about an analysis, in sentences for the user.

use crate::data::{Kind, effective_rows};
use crate::fit::TemperatureFit;
use crate::numerics::mean;
use crate::summarize::{RowSummaries, SoftRows};

use super::After;

/// Fewer groups than this say little about how groups differ: sandwich and bootstrap come out too narrow.
const FEW_GROUPS: u32 = 30;

/// How far from 1 a row of probabilities may sum without a word.
const SUM_SLACK: f64 = 1e-3;

/// What is made of rows that belong together.
fn grouped(rows: &RowSummaries) -> Option<String> {
    let last = rows.groups()?.into_iter().max()?;
    if last == 0 {
        return Some(
            "all rows belong to one group: it is one observation, which has no standard error, and intervals of T, bootstrap \
             and tests of gaps are left out"
                .to_owned(),
        );
    }
    let few =
        if last < FEW_GROUPS { ", which for so few groups are themselves uncertain" } else { "" };
    Some(format!(
        "the rows belong together in {} groups: the standard error of T, the intervals of bins, the bootstrap and the \
         tests of gaps take them whole{few}; noise floor, Spiegelhalter's z, the Fisher error, the likelihood interval and \
         the bounds of selective prediction and of thresholds take rows as independent, so that these promise too much",
        u64::from(last) + 1
    ))
}

/// Tokens of one sentence are hardly ever independent.
fn tokens(rows: &RowSummaries) -> Option<String> {
    let has = |name: &str| rows.carried().column(name).is_some();
    (rows.groups().is_none() && has("sentence") && has("token")).then(|| {
        "the rows are tokens of sentences and taken as independent: --group sentence takes sentences whole, which widens the \
         intervals as a rule"
            .to_owned()
    })
}

pub(super) fn notes(
    rows: &RowSummaries,
    fit: &TemperatureFit,
    after: Option<&After>,
) -> Vec<String> {
    let mut notes = Vec::new();
    let left_out = rows.left_out();
    if left_out.non_finite > 0 {
        notes.push(format!(
            "{} rows hold a score that is not finite (-inf counts at the label alone) and are left out of every figure",
            left_out.non_finite
        ));
    }
    if left_out.ignored_label > 0 {
        notes.push(format!(
            "{} rows carry the label to ignore and are left out of every figure",
            left_out.ignored_label
        ));
    }
    notes.extend(impossible(rows));
    notes.extend(brought_to_one(rows));
    notes.extend(rows.soft().map(soft_note));
    notes.extend(rows.weighted_by().map(|by| weight_note(&by.0, &by.1)));
    notes.extend(grouped(rows));
    notes.extend(tokens(rows));
    if fit.temperature.is_none() {
        notes.push(format!("no temperature: {}", fit.status.explain()));
    }
    notes.extend(after.and_then(|a| a.note.clone()));
    notes
}

/// What is made of labels of probability 0.
fn impossible(rows: &RowSummaries) -> Option<String> {
    let n = rows.n_impossible();
    (n > 0).then(|| {
        if rows.recorded().is_rounded {
            format!(
                "{n} rows give their label a probability that was rounded to 0, which is less than half a unit of the last \
                 digit: T and NLL go by the other {} rows, accuracy and ECE by all",
                rows.len() - n
            )
        } else {
            format!(
                "{n} rows give their label a probability of exactly 0: NLL is infinite, and the fit leaves them out"
            )
        }
    })
}

/// How many rows of probabilities did not sum to 1.
fn brought_to_one(rows: &RowSummaries) -> Option<String> {
    if rows.recorded().kind != Kind::Probs {
        return None;
    }
    let log_z = rows.column_at(1.0, |m| m.at.log_z);
    let sums = log_z.iter().zip(&rows.columns().top);
    let sums = sums.map(|(log_z, top)| (log_z + top[0].1).exp());
    let off: Vec<f64> = sums.filter(|sum| (sum - 1.0).abs() > SUM_SLACK).collect();
    let low = off.iter().copied().fold(f64::INFINITY, f64::min);
    let high = off.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (!off.is_empty()).then(|| {
        format!(
            "{} of {} rows of probabilities do not sum to 1 ({low:.3} to {high:.3}) and were brought to it",
            off.len(),
            rows.len()
        )
    })
}

/// How figures of rows with weights are to be read.
fn weight_note(column: &str, weights: &[f64]) -> String {
    let without = weights.iter().filter(|weight| **weight <= 0.0).count();
    let without = match without {
        0 => String::new(),
        n => format!(", {n} of which have weight 0"),
    };
    format!(
        "rows count as column {} says: {} rows{without} are worth {:.1} of equal weight; intervals, folds and draws take \
         every row as one observation. Counts, histograms, scale, margins and findings are of the rows as they \
         are, but for the temperature and the gap between confidence and accuracy that a finding names, and \
         what needs a likelihood or counts of errors (profile interval, selective prediction, parity) is left out",
        column,
        weights.len(),
        effective_rows(weights)
    )
}

/// How figures of soft labels are to be read.
fn soft_note(soft: &SoftRows) -> String {
    let tied = match soft.n_tied() {
        0 => String::new(),
        n => format!(" (in {n} rows several classes are, and the first of them counts)"),
    };
    format!(
        "the labels are distributions: NLL is the cross-entropy with them, which cannot fall below their mean entropy of {:.4} nats; accuracy, ECE and ranks go by the most probable class{tied}; the Brier score is that of the vectors",
        mean(soft.entropy())
    )
}
