//! Classes one by one, for whoever looks at one: what they are taken for, and their reliability.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::metrics::{Bin, Outcome, RowsAt, equal_width_of};
use crate::summarize::RowSummaries;

/// Classes that are named in a list of confusions.
const MOST_CONFUSED: usize = 3;

/// Bins of the diagram of one class: fewer than of all rows, since it has fewer.
pub const CLASS_BINS: usize = 10;

/// Another class, and how many rows.
pub type Confused = (usize, u64);

/// What is said of one class.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClassView {
    /// What its rows are predicted as where that is wrong, the most frequent first.
    pub taken_for: Vec<Confused>,
    /// What the rows are that are predicted so wrongly, the most frequent first.
    pub mistaken: Vec<Confused>,
    /// The rows predicted so by confidence, at T = 1; [`CLASS_BINS`] of equal width.
    pub before: Vec<Bin>,
    /// The same after scaling; empty without a temperature.
    pub after: Vec<Bin>,
}

/// One entry for each class. `before` and `after` are `rows` at T = 1 and after scaling.
pub fn class_views(rows: &RowSummaries, before: &RowsAt, after: Option<&RowsAt>) -> Vec<ClassView> {
    let mut views = vec![ClassView::default(); rows.n_classes()];
    for (view, bins) in views.iter_mut().zip(diagrams(rows, before)) {
        view.before = bins;
    }
    if let Some(after) = after {
        for (view, bins) in views.iter_mut().zip(diagrams(rows, after)) {
            view.after = bins;
        }
    }
    for (label, predicted, count) in confusions(rows) {
        let named = |list: &mut Vec<Confused>, class| {
            if list.len() < MOST_CONFUSED {
                list.push((class, count));
            }
        };
        if let Some(view) = views.get_mut(label) {
            named(&mut view.taken_for, predicted);
        }
        if let Some(view) = views.get_mut(predicted) {
            named(&mut view.mistaken, label);
        }
    }
    views
}

/// Label, prediction and number of the wrong rows, the most frequent pairs first.
fn confusions(rows: &RowSummaries) -> Vec<(usize, usize, u64)> {
    let mut counts: HashMap<(u32, u32), u64> = HashMap::new();
    for idx in 0..rows.len() {
        let row = rows.row(idx);
        if row.label() != row.prediction() {
            *counts.entry((row.label(), row.prediction())).or_default() += 1;
        }
    }
    let mut pairs: Vec<(usize, usize, u64)> = counts
        .into_iter()
        .map(|((label, predicted), count)| (label as usize, predicted as usize, count))
        .collect();
    pairs.sort_unstable_by_key(|(label, predicted, count)| (Reverse(*count), *label, *predicted));
    pairs
}

/// The diagram of the rows predicted as each class.
fn diagrams(rows: &RowSummaries, at: &RowsAt) -> Vec<Vec<Bin>> {
    let mut members = vec![Vec::new(); rows.n_classes()];
    for (idx, number) in (0..rows.len()).zip(0u32..) {
        members[rows.row(idx).prediction() as usize].push(number);
    }
    let diagram = |members: &Vec<u32>| {
        let of = at.select(members);
        equal_width_of(&Outcome::TopClass.events(&of), CLASS_BINS)
    };
    members.iter().map(diagram).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Kind, Label, MemorySource, Values};
    use crate::summarize::summarize;

    #[test]
    fn confusions_are_counted_from_both_sides() {
        // Predictions 0 0 0 1 1 2; labels 0 1 1 1 0 2.
        let predictions = [0usize, 0, 0, 1, 1, 2];
        let labels = [0u32, 1, 1, 1, 0, 2];
        let mut scores = vec![0.0; 18];
        for (idx, class) in predictions.iter().enumerate() {
            scores[idx * 3 + class] = 2.0;
        }
        let labels = labels.map(|label| Label::class(label).unwrap()).to_vec();
        let source = MemorySource::new(3, Kind::Logits, Values::F64(scores), labels).unwrap();
        let rows = summarize(&source, 1.0, &mut |_| true).unwrap();
        let at = RowsAt::new(&rows, 1.0);
        let views = class_views(&rows, &at, None);
        assert_eq!(views[1].taken_for, [(0, 2)]);
        assert_eq!(views[0].mistaken, [(1, 2)]);
        assert_eq!(views[0].taken_for, [(1, 1)]);
        assert!(views[2].taken_for.is_empty() && views[2].mistaken.is_empty());
        let counts: Vec<u64> =
            views.iter().map(|view| view.before.iter().map(|bin| bin.count).sum()).collect();
        assert_eq!(counts, [3, 2, 1]);
        assert!(views[0].after.is_empty());
    }
}
