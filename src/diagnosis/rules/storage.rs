//! What the stored numbers themselves say: overflow, NaN, resolution.

use crate::data::Kind;
use crate::diagnosis::evidence::{Evidence, Width};
use crate::diagnosis::finding::Finding;
use crate::diagnosis::rule::Rule;
use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{counted, limit, number};
use crate::summarize::Broken;

pub(in crate::diagnosis) fn damaged_archive(e: &Evidence) -> Option<Finding> {
    let damaged = e.damaged.as_ref()?;
    let message = format!(
        "{damaged}: what was read does not match the checksum (CRC-32) that was saved with it: bytes have changed since."
    );
    Some(Finding::warning(Rule::DamagedArchive, message))
}

pub(super) fn f16_overflow(e: &Evidence) -> Option<Finding> {
    if e.width != Width::F16 || e.kind == Kind::Probs {
        return None;
    }
    let in_broken = e.broken.as_ref().map_or(0.0, |broken| broken.max_abs);
    let infinite = |broken: &Broken| broken.n_plus_inf + broken.n_minus_inf;
    let n_infinite = e.broken.as_ref().map_or(0, infinite);
    let max_abs = e.scale.max_abs.max(in_broken);
    let is_clamped = max_abs >= at::F16_MAX;
    // Infinities far from what float16 holds did not come from it: a mask, say.
    let has_overflowed = n_infinite > 0 && max_abs >= at::F16_NEAR;
    if !is_clamped && !has_overflowed && max_abs < at::F16_NEAR {
        return None;
    }
    let found = if has_overflowed {
        format!("{n_infinite} scores are infinite and the largest finite one is {max_abs:.0}")
    } else {
        format!("the largest score is {max_abs:.0}")
    };
    let message = format!(
        "{found}: float16 ends at {}{}.",
        limit(at::F16_MAX),
        if e.is_upcast {
            ", and these float32 numbers come from it"
        } else {
            ""
        }
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
    let counts = [
        (broken.n_nan, "NaN"),
        (broken.n_plus_inf, "+inf"),
        (broken.n_minus_inf, "-inf"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} x {what}"))
        .collect();
    let first = broken.first.first().map_or_else(String::new, |cell| {
        format!(
            "; first in row {} (from 0), class {}",
            cell.row,
            e.class(cell.class as usize)
        )
    });
    let message = format!(
        "{n} of {} hold scores that are not finite ({}{first}) and are left out of every figure.",
        counted(n + e.n_rows, "row"),
        counts.join(", "),
    );
    let only_masked = broken.n_nan + broken.n_plus_inf + broken.n_minus_inf_at_label == 0;
    let finding = if only_masked {
        Finding::warning(Rule::NonFinite, message)
            .because("a mask: classes that were not allowed got -inf before the logits were saved")
            .then("if -inf stands for an absent class, save log-probabilities, which may hold it: --kind log-probs")
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
            .with(
                "minus_infinity_at_label",
                broken.n_minus_inf_at_label as f64,
            )
            .on(&first_rows(broken)),
    )
}

pub(super) fn low_resolution(e: &Evidence) -> Option<Finding> {
    let is_16_bit = matches!(e.width, Width::Bf16 | Width::F16);
    let spacing = e.scale.spacing;
    if !is_16_bit || e.kind == Kind::Probs || spacing < at::COARSE {
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
    Some(
        finding
            .with("spacing", spacing)
            .with("threshold", at::COARSE),
    )
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
