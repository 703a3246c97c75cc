//! What the stored numbers themselves say: overflow, NaN, resolution.

use std::cmp::Reverse;

use crate::data::Kind;
use crate::diagnosis::evidence::{Evidence, Width};
use crate::diagnosis::finding::Finding;
use crate::diagnosis::rule::{Rule, Severity};
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{counted, limit, listed, number, percent};
use crate::summarize::{Broken, farther};

/// Classes that a sentence names.
const SHOWN: usize = 3;

pub(in crate::diagnosis) fn damaged_archive(e: &Evidence) -> Option<Finding> {
    let damaged = e.damaged.as_ref()?;
    let message = format!(
        "{damaged}: what was read does not match the checksum (CRC-32) that was saved with it: bytes have changed since."
    );
    Some(Finding::warning(Rule::DamagedArchive, message))
}

pub(super) fn f16_overflow(e: &Evidence) -> Option<Finding> {
    if e.width != Width::F16 || e.kind.is_probabilities() {
        return None;
    }
    let in_broken = e.broken.as_ref().map_or(0.0, |broken| broken.extreme);
    let infinite = |broken: &Broken| broken.n_plus_inf + broken.n_minus_inf;
    let n_absent: u64 = e.scale.lacking.classes.iter().sum();
    let n_infinite = e.broken.as_ref().map_or(0, infinite) + n_absent;
    let extreme = farther(e.scale.extreme, in_broken);
    let max_abs = extreme.abs();
    let is_clamped = max_abs >= at::F16_MAX;
    // Infinities far from what float16 holds did not come from it: a mask, say.
    let has_overflowed = n_infinite > 0 && max_abs >= at::F16_NEAR;
    if !is_clamped && !has_overflowed && max_abs < at::F16_NEAR {
        return None;
    }
    let found = if has_overflowed {
        format!("{n_infinite} scores are infinite and the largest finite one is {extreme:.0}")
    } else {
        format!("the largest score is {extreme:.0}")
    };
    let message = format!(
        "{found}: float16 ends at {}{}.",
        limit(at::F16_MAX),
        if e.is_upcast { ", and these float32 numbers come from it" } else { "" }
    );
    let finding = if is_clamped || has_overflowed {
        Finding::failure(Rule::F16Overflow, message)
    } else {
        Finding::warning(Rule::F16Overflow, message)
    };
    let rows = e.broken.as_ref().map_or(Vec::new(), first_rows);
    Some(
        finding
            .with("max_abs", max_abs)
            .with("infinite", n_infinite as f64)
            .with("threshold", at::F16_NEAR)
            .on(&rows),
    )
}

fn first_rows(broken: &Broken) -> Vec<u64> {
    broken.first.iter().map(|cell| cell.row).collect()
}

pub(super) fn non_finite(e: &Evidence) -> Option<Finding> {
    if e.n_non_finite == 0 {
        return None;
    }
    let n = usize::try_from(e.n_non_finite).unwrap_or(usize::MAX);
    let Some(broken) = &e.broken else {
        let message = format!("{} hold scores that are not finite.", counted(n, "row"));
        return Some(
            Finding::failure(Rule::NonFinite, message).with("rows", e.n_non_finite as f64),
        );
    };
    let message = format!(
        "{n} of {} {} and are left out of every figure.",
        counted(n + e.n_rows, if e.n_entries > 1 { "label" } else { "row" }),
        not_finite(e, broken)
    );
    let is_masked = lack_labels(broken);
    let finding = if is_masked {
        Finding::failure(Rule::NonFinite, message)
            .because("a mask, or a list of the likeliest classes only, that leaves out the class which is the label")
            .then("look at the rows named here: the mask must allow the label; the figures hold for the other rows only")
    } else if e.kind == Kind::Sigmoid && broken.n_plus_inf > 0 {
        Finding::failure(Rule::NonFinite, message)
            .because("a one-vs-rest probability of exactly 1, whose log-odds are infinite: it was rounded or cut")
            .then("save more digits, or the logits")
    } else if matches!(e.width, Width::F32 | Width::F64) && !e.is_upcast {
        Finding::failure(Rule::NonFinite, message)
            .because("a NaN in the input, divergence, or a division by zero (these are no 16-bit numbers, which overflow)")
            .then("feed the rows named here again and find the first layer that is not finite")
    } else {
        Finding::failure(Rule::NonFinite, message)
    };
    Some(
        finding
            .with("rows", e.n_non_finite as f64)
            .with("nan", broken.n_nan as f64)
            .with("plus_infinity", broken.n_plus_inf as f64)
            .with("minus_infinity", broken.n_minus_inf as f64)
            .with("minus_infinity_at_label", broken.n_minus_inf_at_label as f64)
            .on(&first_rows(broken)),
    )
}

/// True if all that is wrong with these rows is that they lack the class of their label.
fn lack_labels(broken: &Broken) -> bool {
    broken.n_nan + broken.n_plus_inf == 0 && broken.n_minus_inf_at_label == broken.n_rows
}

/// `hold scores that are not finite (3 x NaN; first in row 7 (from 0), class 2)`.
fn not_finite(e: &Evidence, broken: &Broken) -> String {
    let (n_nan, n_plus) = (broken.n_nan, broken.n_plus_inf);
    let lack_labels = lack_labels(broken);
    // Where more than that is wrong every minus infinity counts, at the label or elsewhere.
    let (n_minus, at_label) =
        if lack_labels { (0, broken.n_minus_inf_at_label) } else { (broken.n_minus_inf, 0) };
    let counts =
        [(n_nan, "NaN"), (n_plus, "+inf"), (n_minus, "-inf"), (at_label, "-inf at the label")];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} x {what}"))
        .collect();
    let first = broken.first.first().map_or_else(String::new, |cell| {
        let row = e.row(cell.row);
        if e.n_entries > 1 {
            return format!("; first in {row}");
        }
        format!("; first in {row}, class {}", e.class(cell.class as usize))
    });
    let what = if lack_labels {
        "lack the class that is their label"
    } else {
        "hold scores that are not finite"
    };
    format!("{what} ({}{first})", counts.join(", "))
}

/// Not where float16 overflowed, of which -inf is a part, nor of probabilities, whose zeros are none.
pub(super) fn masked_classes(e: &Evidence) -> Option<Finding> {
    let lacking = &e.scale.lacking;
    let overflowed = || f16_overflow(e).is_some_and(|f| f.severity == Severity::Failure);
    if e.n_entries > 1 {
        return absent_labels(e).filter(|_| !overflowed());
    }
    if lacking.rows.n == 0 || e.kind.is_probabilities() || overflowed() {
        return None;
    }
    let mut classes: Vec<(usize, u64)> = lacking.classes.iter().copied().enumerate().collect();
    classes.retain(|(_, n)| *n > 0);
    classes.sort_by_key(|(class, n)| (Reverse(*n), *class));
    let named: Vec<String> = classes
        .iter()
        .map(|(class, n)| {
            let n = usize::try_from(*n).unwrap_or(usize::MAX);
            format!("class {} in {}", e.class(*class), counted(n, "row"))
        })
        .collect();
    let which =
        if named.is_empty() { String::new() } else { format!(" ({})", listed(&named, SHOWN)) };
    let message = format!(
        "{} ({}) lack classes{which}: -inf, or a number that stands for it, means that the row does not have the class.",
        counted(lacking.rows.n, "row"),
        percent(lacking.rows.n as f64 / e.n_rows as f64),
    );
    Some(
        Finding::info(Rule::MaskedClasses, message)
            .with("rows", lacking.rows.n as f64)
            .with("classes", classes.len() as f64)
            .on(&lacking.rows.first),
    )
}

/// The labels of multi-label data that their rows do not have: nothing is decided about them.
fn absent_labels(e: &Evidence) -> Option<Finding> {
    let n: u64 = e.scale.lacking.classes.iter().sum();
    if n == 0 || e.kind.is_probabilities() {
        return None;
    }
    let n_absent = usize::try_from(n).unwrap_or(usize::MAX);
    let message = format!(
        "{} ({}) are absent: -inf, or a number that stands for it, means that the row does not have the label, and no figure counts it.",
        counted(n_absent, "label"),
        percent(n as f64 / (n_absent + e.n_rows) as f64),
    );
    Some(Finding::info(Rule::MaskedClasses, message).with("labels", n as f64))
}

pub(super) fn low_resolution(e: &Evidence) -> Option<Finding> {
    let is_16_bit = matches!(e.width, Width::Bf16 | Width::F16);
    let spacing = e.scale.spacing;
    if !is_16_bit || e.kind.is_probabilities() || spacing < at::COARSE {
        return None;
    }
    let message = format!(
        "Half of the largest logits lie where {} numbers are {} or more apart (threshold {}): a probability may be off by a factor of {}.",
        e.width.name(),
        number(spacing),
        limit(at::COARSE),
        number((spacing / 2.0).exp())
    );
    let finding = if spacing >= at::VERY_COARSE {
        Finding::failure(Rule::LowResolution, message)
    } else {
        Finding::warning(Rule::LowResolution, message)
    };
    Some(finding.with("spacing", spacing).with("threshold", at::COARSE))
}

pub(super) fn upcast_storage(e: &Evidence) -> Option<Finding> {
    e.is_upcast.then(|| {
        let message = format!(
            "The file stores float32, but no number needs more than the digits of {}.",
            e.width.name()
        );
        Finding::info(Rule::UpcastStorage, message).with("threshold", at::UPCAST)
    })
}
