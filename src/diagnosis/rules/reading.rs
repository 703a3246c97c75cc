//! What the rows are: probabilities, constants, cut lists, repeats.

use crate::data::Kind;
use crate::diagnosis::evidence::{Evidence, share};
use crate::diagnosis::finding::Finding;
use crate::diagnosis::rule::Rule;
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{counted, number, percent};

/// Minima that exporters fill in for what they left out.
const FILLS: [f64; 10] = [-100.0, -999.0, -9999.0, -1e3, -1e4, -1e5, -1e6, -1e9, -1e30, -65504.0];

pub(super) fn probabilities_given(e: &Evidence) -> Option<Finding> {
    let likeness = share(e.scale.like_probabilities, e.n_rows);
    let forced = e.kind == Kind::Logits && likeness >= at::SUM_SHARE;
    if forced {
        let message = format!(
            "{} of the rows lie in [0, 1] and sum to 1: these are probabilities, read as logits.",
            percent(likeness)
        );
        let finding = Finding::failure(Rule::ProbabilitiesGiven, message)
            .then("leave --kind logits out, or give --kind probs");
        return Some(finding.with("share", likeness).with("threshold", at::SUM_SHARE));
    }
    let impossible = &e.scale.impossible;
    if e.kind == Kind::Logits || e.kind == Kind::LogProbs && impossible.n == 0 {
        return None;
    }
    if impossible.n > 0 && !e.is_rounded {
        return Some(impossible_labels(e));
    }
    Some(if e.kind == Kind::Sigmoid {
        Finding::info(
            Rule::ProbabilitiesGiven,
            "These are one-vs-rest probabilities, read as their log-odds.",
        )
        .because("a sigmoid for each class was applied before saving")
    } else {
        Finding::info(
            Rule::ProbabilitiesGiven,
            "These are probabilities, read as their logarithms: temperatures hold, the scale of the logits is gone.",
        )
    })
}

/// Labels of probability 0 that were not rounded to it.
fn impossible_labels(e: &Evidence) -> Finding {
    let impossible = &e.scale.impossible;
    let part = share(impossible.n, e.n_rows);
    let message = format!(
        "{} ({}) give their label a probability of exactly 0: the NLL is infinite.",
        counted(impossible.n, "row"),
        percent(part)
    );
    let finding = if part > at::IMPOSSIBLE_SHARE || e.kind == Kind::LogProbs {
        Finding::failure(Rule::ProbabilitiesGiven, message)
    } else {
        Finding::warning(Rule::ProbabilitiesGiven, message)
    };
    finding
        .because("probabilities that were cut, or taken from a softmax in low precision")
        .then("save the logits; if there are none, know that NLL is infinite and T is fitted on the other rows")
        .with("rows", impossible.n as f64)
        .with("share", part)
        .with("threshold", at::IMPOSSIBLE_SHARE)
        .on(&impossible.first)
}

pub(super) fn rounded_probabilities(e: &Evidence) -> Option<Finding> {
    let impossible = &e.scale.impossible;
    (e.is_rounded && impossible.n > 0).then(|| {
        let message = format!(
            "{} of {} give their label a probability that was rounded to 0: T and NLL go by the other rows, accuracy and ECE by all.",
            counted(impossible.n, "row"),
            counted(e.n_rows, "row")
        );
        Finding::info(Rule::RoundedProbabilities, message)
            .with("rows", impossible.n as f64)
            .with("share", share(impossible.n, e.n_rows))
            .on(&impossible.first)
    })
}

pub(super) fn log_probabilities_given(e: &Evidence) -> Option<Finding> {
    let likeness = share(e.scale.like_log_probabilities, e.n_rows);
    (e.kind == Kind::LogProbs || e.kind == Kind::Logits && likeness >= at::SUM_SHARE).then(|| {
        Finding::info(
            Rule::LogProbabilitiesGiven,
            "These are log-probabilities: T is right, and nothing can be said about the shift and the tail of the logits.",
        )
        .with("share", likeness)
    })
}

pub(super) fn constant_rows(e: &Evidence) -> Option<Finding> {
    let constant = &e.scale.constant;
    // Rounded rows are alike, or tied, by nature; only if all of them are constant is there nothing else.
    if constant.n == 0 || e.is_rounded && constant.n < e.n_rows {
        return None;
    }
    let part = share(constant.n, e.n_rows);
    let message = format!(
        "{} of {} ({}) hold one value for all classes.",
        counted(constant.n, "row"),
        counted(e.n_rows, "row"),
        percent(part)
    );
    let finding = if part > at::CONSTANT_SHARE {
        Finding::failure(Rule::ConstantRows, message)
    } else {
        Finding::warning(Rule::ConstantRows, message)
    };
    Some(finding.with("share", part).with("threshold", at::CONSTANT_SHARE).on(&constant.first))
}

/// True if enough rows end at a number that is filled in for what was left out.
pub(in crate::diagnosis) fn is_filled(e: &Evidence) -> bool {
    let (min, filled) = e.scale.common_min;
    let is_fill = FILLS.iter().any(|fill| fill.total_cmp(&min).is_eq());
    is_fill && filled > at::FILL_SHARE
}

pub(super) fn truncated_rows(e: &Evidence) -> Option<Finding> {
    if (e.n_classes as f64) < at::MIN_CUT_CLASSES || e.kind.is_probabilities() {
        return None;
    }
    let (min, filled) = e.scale.common_min;
    let (at_min, descending) =
        e.scale.cut.map_or((f64::NAN, f64::NAN), |cut| (cut.at_min_share, cut.descending_share));
    let is_fill = FILLS.iter().any(|fill| fill.total_cmp(&min).is_eq());
    // What equals the smallest score is room at the end of a vocabulary.
    let at_min_per_row = e.scale.cut.map_or(f64::NAN, |cut| cut.at_min_per_row);
    let n_padded = super::n_padded(e);
    let is_padded = at_min_per_row <= n_padded as f64;
    let n_real = (e.n_classes - n_padded) as f64;
    let message = if descending > at::DESCENDING_SHARE && n_real >= at::MIN_CUT_CLASSES {
        format!(
            "The scores of {} of the rows fall from the first class to the last: a column is a rank, not a class.",
            percent(descending)
        )
    } else if is_padded {
        return None;
    } else if is_filled(e) {
        format!(
            "{} of the rows end at exactly {}, a number that is filled in for what was left out.",
            percent(filled),
            number(min)
        )
    } else if at_min > at::AT_MIN_SHARE {
        format!(
            "{} of all scores equal the smallest of their row (threshold {}): rows were cut or clamped there.",
            percent(at_min),
            percent(at::AT_MIN_SHARE)
        )
    } else {
        return None;
    };
    Some(
        Finding::warning(Rule::TruncatedRows, message)
            .with("at_minimum", at_min)
            .with("descending", descending)
            .with("filled", if is_fill { filled } else { 0.0 })
            .with("threshold", at::AT_MIN_SHARE),
    )
}

pub(super) fn duplicate_rows(e: &Evidence) -> Option<Finding> {
    // Of multi-label data every label of a row is a single score, and those repeat by nature.
    let repeats = e.scale.repeats.as_ref().filter(|_| e.n_entries == 1 && !e.is_rounded)?;
    let part = share(repeats.rows.n, e.n_rows);
    if part <= at::REPEATED_SOME {
        return None;
    }
    let labels = match repeats.n_other_label {
        0 => "all with the same label".to_owned(),
        n => format!("{n} of them with another label"),
    };
    let message = format!(
        "{} ({}) repeat an earlier one, {labels}: intervals come out too narrow.",
        counted(repeats.rows.n, "row"),
        percent(part)
    );
    let finding = if part > at::REPEATED_MANY {
        Finding::warning(Rule::DuplicateRows, message)
    } else {
        Finding::info(Rule::DuplicateRows, message)
    };
    Some(
        finding
            .with("share", part)
            .with("threshold", at::REPEATED_SOME)
            .with("other_label", repeats.n_other_label as f64)
            .on(&repeats.rows.first),
    )
}

pub(super) fn tied_top(e: &Evidence) -> Option<Finding> {
    let tied = &e.scale.tied;
    let part = share(tied.n, e.n_rows);
    if e.is_rounded || part <= at::TIED_SOME || (tied.n as f64) < at::TIED_ROWS {
        return None;
    }
    let message = format!(
        "{} ({}) have several largest scores (threshold {}): accuracy hangs on which one counts.",
        counted(tied.n, "row"),
        percent(part),
        percent(at::TIED_SOME)
    );
    let finding = if part > at::TIED_MANY {
        Finding::failure(Rule::TiedTop, message)
    } else {
        Finding::warning(Rule::TiedTop, message)
    };
    Some(finding.with("share", part).with("threshold", at::TIED_SOME).on(&tied.first))
}
