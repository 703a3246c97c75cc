//! Folds that keep rows together which belong together: the sentences of one document, the images of one patient, the
//! labels of one row.

use std::collections::BTreeMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::data::Label;

/// A group: its rows by label.
#[derive(Default)]
struct Group {
    n_rows: usize,
    by_label: BTreeMap<usize, usize>,
}

/// A fold in 0..`n_folds` for every row, the same one for rows of the same number in `group_of`, which numbers groups
/// from 0 on.
///
/// Groups are shuffled by `seed`, put in order of size, the largest first, and dealt out one by one: each goes to the
/// fold that has the fewest rows of the labels that the group holds, counting a rare label as much as a common one
/// (and of equal folds to the one with the fewest rows, then to the first). This is the greedy rule that scikit-learn's
/// `StratifiedGroupKFold` follows, with the sum of shares in place of their spread. With fewer groups than folds some
/// folds stay empty.
pub fn grouped_folds(labels: &[Label], group_of: &[u32], n_folds: u32, seed: u64) -> Vec<u32> {
    let n_groups = group_of.iter().max().map_or(0, |last| *last as usize + 1);
    let mut groups: Vec<Group> = Vec::new();
    groups.resize_with(n_groups, Group::default);
    let mut n_of_label: BTreeMap<usize, usize> = BTreeMap::new();
    for (label, group) in labels.iter().zip(group_of) {
        let group = &mut groups[*group as usize];
        group.n_rows += 1;
        if let Some(class_idx) = label.index() {
            *group.by_label.entry(class_idx).or_default() += 1;
            *n_of_label.entry(class_idx).or_default() += 1;
        }
    }
    let mut order: Vec<usize> = (0..n_groups).collect();
    order.shuffle(&mut Pcg64::seed_from_u64(seed));
    order.sort_by_key(|group| std::cmp::Reverse(groups[*group].n_rows));

    let mut folds: Vec<Group> = Vec::new();
    folds.resize_with(n_folds as usize, Group::default);
    let mut fold_of_group = vec![0; n_groups];
    for group_idx in order {
        let group = &groups[group_idx];
        let emptiest = (0..n_folds).min_by(|a, b| {
            let (a, b) = (&folds[*a as usize], &folds[*b as usize]);
            let (full_a, full_b) =
                (fullness(a, group, &n_of_label), fullness(b, group, &n_of_label));
            full_a.total_cmp(&full_b).then(a.n_rows.cmp(&b.n_rows))
        });
        let fold = emptiest.unwrap_or(0);
        fold_of_group[group_idx] = fold;
        let into = &mut folds[fold as usize];
        into.n_rows += group.n_rows;
        for (label, n) in &group.by_label {
            *into.by_label.entry(*label).or_default() += n;
        }
    }
    group_of.iter().map(|group| fold_of_group[*group as usize]).collect()
}

/// How much of what `group` holds `fold` has already, in shares of all rows of each label.
fn fullness(fold: &Group, group: &Group, n_of_label: &BTreeMap<usize, usize>) -> f64 {
    let share = |(label, n): (&usize, &usize)| {
        let here = fold.by_label.get(label).copied().unwrap_or(0) as f64;
        let all = n_of_label.get(label).copied().unwrap_or(1) as f64;
        *n as f64 / all * here / all
    };
    group.by_label.iter().map(share).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label(class_idx: u32) -> Label {
        Label::class(class_idx).expect("few")
    }

    fn counts(folds: &[u32], of: impl Fn(usize) -> bool, n_folds: u32) -> Vec<usize> {
        let in_fold = |fold: u32| (0..folds.len()).filter(|i| folds[*i] == fold && of(*i)).count();
        (0..n_folds).map(in_fold).collect()
    }

    #[test]
    fn folds_are_even_and_so_are_the_labels_within() {
        // 400 rows in 100 groups of four of one label each, one label in five is 1.
        let group_of: Vec<u32> = (0..400).map(|row| row / 4).collect();
        let labels: Vec<Label> =
            group_of.iter().map(|group| label(u32::from(group % 5 == 0))).collect();
        let folds = grouped_folds(&labels, &group_of, 5, 3);
        assert_eq!(counts(&folds, |_| true, 5), [80; 5]);
        assert_eq!(counts(&folds, |row| labels[row] == label(1), 5), [16; 5]);
    }

    proptest! {
        #[test]
        fn a_group_is_never_torn_and_no_fold_stays_empty(
            rows in prop::collection::vec((0u32..20, 0u32..3), 60..200),
            seed in 0u64..50,
        ) {
            // Numbered in the order of the rows, as `RowSummaries::groups` does.
            let mut numbers = std::collections::HashMap::new();
            let mut number = |group: u32| {
                let next = u32::try_from(numbers.len()).expect("few");
                *numbers.entry(group).or_insert(next)
            };
            let group_of: Vec<u32> = rows.iter().map(|(group, _)| number(*group)).collect();
            let labels: Vec<Label> = rows.iter().map(|(_, class)| label(*class)).collect();
            let folds = grouped_folds(&labels, &group_of, 5, seed);
            for (a, b) in (0..rows.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
                if group_of[a] == group_of[b] {
                    prop_assert_eq!(folds[a], folds[b]);
                }
            }
            if group_of.iter().max() >= Some(&5) {
                prop_assert!(counts(&folds, |_| true, 5).iter().all(|n| *n > 0));
            }
            prop_assert_eq!(&folds, &grouped_folds(&labels, &group_of, 5, seed));
        }
    }
}
