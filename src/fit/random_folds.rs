//! Folds that do not look at labels, for comparing what fits a number to every class.
//!
//! Stratified folds all hold the same share of every label. A bias that follows the chance share of a label in this
//! sample then proves itself on folds made to have the same share: of 100 classes that a weak model tells apart badly,
//! "a bias for every class" would win by far, and lose on new rows. Dealt out blindly, the shares of a fold and of the
//! others are as independent as those of new rows.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

/// A fold in 0..`n_folds` for every row, the same one for rows of the same number in `unit_of`, numbered from 0 on: of
/// single rows or of groups, see [`crate::summarize::RowSummaries::units`].
///
/// Units are shuffled by `seed` and dealt out one by one, the largest groups first, each to the fold of the
/// fewest rows (of equals the first). With fewer groups than folds some folds stay empty.
pub fn random_folds(unit_of: &[u32], n_folds: u32, seed: u64) -> Vec<u32> {
    let n_units = unit_of.iter().max().map_or(0, |last| *last as usize + 1);
    let mut n_in_unit = vec![0usize; n_units];
    for unit in unit_of {
        n_in_unit[*unit as usize] += 1;
    }
    let mut order: Vec<usize> = (0..n_units).collect();
    order.shuffle(&mut Pcg64::seed_from_u64(seed));
    order.sort_by_key(|unit| std::cmp::Reverse(n_in_unit[*unit]));
    let mut n_in_fold = vec![0usize; n_folds as usize];
    let mut fold_of_unit = vec![0; n_units];
    for unit in order {
        let emptiest = (0..n_folds).min_by_key(|fold| n_in_fold[*fold as usize]);
        let fold = emptiest.unwrap_or(0);
        fold_of_unit[unit] = fold;
        n_in_fold[fold as usize] += n_in_unit[unit];
    }
    unit_of.iter().map(|unit| fold_of_unit[*unit as usize]).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sizes(folds: &[u32]) -> Vec<usize> {
        let size = |fold: u32| folds.iter().filter(|f| **f == fold).count();
        (0..5).map(size).collect()
    }

    #[test]
    fn blind_folds_are_even_and_the_share_of_a_label_varies_as_by_chance() {
        // 40 of 400 rows carry a label: of those a fold of 80 holds a hypergeometric number, whose variance is
        // 80 (40/400) (360/400) (320/399) = 5.77; stratified folds hold 8 each.
        let variance = |seed| {
            let folds = random_folds(&(0..400).collect::<Vec<u32>>(), 5, seed);
            assert_eq!(sizes(&folds), [80; 5]);
            let labelled: Vec<u32> = folds.into_iter().step_by(10).collect();
            let squares = sizes(&labelled).iter().map(|n| (*n as f64 - 8.0).powi(2)).sum::<f64>();
            squares / 5.0
        };
        let mean = (0..400).map(variance).sum::<f64>() / 400.0;
        assert!((mean / 5.77 - 1.0).abs() < 0.15, "{mean}");
    }

    proptest! {
        #[test]
        fn a_group_is_whole_and_folds_differ_by_no_more_than_the_largest(
            groups in prop::collection::vec(0u32..20, 60..200), seed in 0u64..50,
        ) {
            let mut numbers = std::collections::HashMap::new();
            let group_of: Vec<u32> = groups
                .iter()
                .map(|group| {
                    let next = u32::try_from(numbers.len()).expect("few");
                    *numbers.entry(*group).or_insert(next)
                })
                .collect();
            let folds = random_folds(&group_of, 5, seed);
            for (a, b) in (0..folds.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
                prop_assert!(group_of[a] != group_of[b] || folds[a] == folds[b]);
            }
            let largest = numbers.values().map(|n| group_of.iter().filter(|g| *g == n).count()).max();
            let sizes = sizes(&folds);
            let spread = sizes.iter().max().zip(sizes.iter().min()).map(|(most, least)| most - least);
            prop_assert!(spread <= largest);
            prop_assert_eq!(&folds, &random_folds(&group_of, 5, seed));
        }
    }
}
