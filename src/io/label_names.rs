//! Labels that are text: when they are numbers, when they are names, and what the names of the classes are then.

use super::error::Problem;
use super::picked::{Picked, RawLabels, guess};
use super::{OpenOptions, labels};
use crate::data::Guess;

/// Text that is numbers in every part becomes numbers; names stay text in every part.
pub(super) fn simplify_labels(parts: &mut [Picked]) {
    if !parts.iter().any(|p| matches!(p.labels, RawLabels::Text(_))) {
        return;
    }
    let simple: Vec<RawLabels> = parts.iter().map(|p| labels::simplify(p.labels.clone())).collect();
    if simple.iter().all(|l| matches!(l, RawLabels::Whole(_))) {
        for (part, labels) in parts.iter_mut().zip(simple) {
            part.labels = labels;
        }
    }
}

/// The texts of all parts, each once, in sorted order.
pub(super) fn distinct_texts(parts: &[Picked], options: &OpenOptions) -> Vec<String> {
    let ignore = options.ignore_index.unwrap_or(labels::IGNORE_INDEX);
    let texts = parts.iter().filter_map(|p| match &p.labels {
        RawLabels::Text(texts) => Some(texts),
        RawLabels::Whole(_) | RawLabels::Entries { .. } | RawLabels::Soft { .. } => None,
    });
    labels::distinct(texts.flatten(), ignore)
}

/// Sorted labels stand for the classes if there are exactly K.
pub(super) fn names_from_labels(
    texts: Vec<String>,
    n_classes: usize,
    guesses: &mut Vec<Guess>,
) -> Result<Vec<String>, Problem> {
    let shown = labels::shorten(&texts);
    if texts.len() != n_classes {
        return Err(Problem::new(format!(
            "the labels are {} names ({shown}) and there are {n_classes} classes; \
             which name belongs to which column is unknown",
            texts.len()
        ))
        .hint("--class-names FILE with one name a line, in the order of the logits"));
    }
    let evidence = "the labels in sorted order; the order decides every figure; --class-names FILE";
    guesses.push(guess("class names", shown, evidence));
    Ok(texts)
}

/// Numbers that all are names of classes (digits 3 and 5, or 1 to K) are names, also where they could be
/// indices: which labels happen to occur must not decide what they mean.
pub(super) fn labels_by_name_or_number(labels: RawLabels, names: Option<&[String]>) -> RawLabels {
    let (RawLabels::Whole(whole), Some(names)) = (&labels, names) else {
        return labels;
    };
    let texts = || whole.iter().map(ToString::to_string);
    let ignore = labels::IGNORE_INDEX.to_string();
    let named = |t: String| t == ignore || names.contains(&t);
    if !texts().all(named) {
        return labels;
    }
    RawLabels::Text(texts().collect())
}
