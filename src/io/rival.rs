//! Two columns of the same classes, each of which could be the labels: one of them is what a model predicted.

use std::collections::HashSet;

use super::error::Problem;
use super::labels::simplify;
use super::names;
use super::picked::{Probe, RawLabels, grouped};
use super::words;

/// True if a column or array of this name may be the true labels beside the ones that were chosen by name: `gold`,
/// `human_label`, `target`.
pub(super) fn may_be_true(name: &str) -> bool {
    !words::say_prediction(name)
        && !words::say_rightness(name)
        && (words::say_truth(name) || names::is_label_name(name))
}

/// Asks which of two columns of classes holds the labels, if they differ: what a pipeline calls `label` is its
/// prediction. `chosen` and `others` have names; a name of truth needs no question.
///
/// # Errors
/// If one of `others` holds the same classes as `chosen` and differs in a row, or if a column cannot be read.
pub(super) fn refuse(
    (chosen, name): (usize, &str),
    others: &[(usize, &str)],
    probe: &mut Probe<'_>,
) -> Result<(), Problem> {
    if words::say_truth(name) || others.is_empty() {
        return Ok(());
    }
    let labels = simplify(probe(chosen)?);
    for (idx, other) in others {
        // What cannot be read as labels is none.
        let Ok(rival) = probe(*idx) else { continue };
        let n_apart = match (&labels, &simplify(rival)) {
            (RawLabels::Whole(ours), RawLabels::Whole(theirs)) => n_apart(ours, theirs),
            (RawLabels::Text(ours), RawLabels::Text(theirs)) => n_apart(ours, theirs),
            _ => 0,
        };
        if n_apart > 0 {
            // What says truth comes first, and else what a reader would have taken.
            let [first, second] =
                if words::say_truth(other) { [*other, name] } else { [name, *other] };
            return Err(Problem::new(format!(
                "several columns could be the labels: {name} and {other} hold the same classes and differ in {} row{}",
                grouped(n_apart),
                if n_apart == 1 { "" } else { "s" }
            ))
            .hint(format!(
                "--labels {first} or --labels {second}, whichever holds the true classes"
            )));
        }
    }
    Ok(())
}

/// In how many rows two columns of the same classes differ; 0 if one has a class of its own and so has the other.
fn n_apart<T: Eq + std::hash::Hash>(ours: &[T], theirs: &[T]) -> usize {
    let [a, b]: [HashSet<&T>; 2] = [ours, theirs].map(|labels| labels.iter().collect());
    let are_classes = a.is_subset(&b) || b.is_subset(&a);
    let differ = || ours.iter().zip(theirs).filter(|(a, b)| a != b).count();
    if are_classes && ours.len() == theirs.len() { differ() } else { 0 }
}
