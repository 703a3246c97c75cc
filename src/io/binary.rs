//! Binary data: one score that becomes two logits, and the class that counts as positive.

use super::error::Problem;
use super::picked::{Picked, RawLabels};
use super::{OpenOptions, labels};
use crate::data::{Label, Values};

/// A single column of scores needs labels of two values.
pub(super) fn check_two_labels(parts: &[Picked], options: &OpenOptions) -> Result<(), Problem> {
    let ignore = options.ignore_index.unwrap_or(labels::IGNORE_INDEX);
    for part in parts {
        let RawLabels::Whole(whole) = &part.labels else {
            continue;
        };
        let offset = options.label_offset;
        let other = |v: &&i64| **v != ignore && !matches!(v.checked_sub(offset), Some(0 | 1));
        if let Some(row) = whole.iter().position(|v| other(&v)) {
            let is_sign = |v: &i64| matches!(*v, -1 | 1) || *v == ignore;
            let hint = if whole.iter().all(is_sign) {
                "labels of -1 and 1 are 0 and 1 after `labels > 0`: save them so"
            } else {
                "choose all columns of logits with --logits 'PATTERN*', or shift labels with --label-offset N"
            };
            return Err(Problem::new(format!(
                "{}: one column of logits ({}) needs labels 0 and 1, and this label is {}",
                part.rows.name(row),
                part.scores.name,
                whole[row]
            ))
            .hint(hint));
        }
    }
    Ok(())
}

/// Class 0 for class 1 and the other way round.
pub(super) fn other_class(label: Label) -> Label {
    match label.index() {
        Some(0) => Label::class(1).unwrap_or(label),
        Some(1) => Label::class(0).unwrap_or(label),
        _ => label,
    }
}

/// Exchanges the two columns.
pub(super) fn swap_columns(values: &mut Values) {
    match values {
        Values::F32(v) => v.chunks_exact_mut(2).for_each(|row| row.swap(0, 1)),
        Values::F64(v) => v.chunks_exact_mut(2).for_each(|row| row.swap(0, 1)),
    }
}
