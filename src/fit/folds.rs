//! Stratified, seeded k-fold: each row judged by a temperature that never saw it.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::summarize::RowSummaries;

use super::inverse_temperature;
use super::objective::usable;

/// A fold in 0..`n_folds` for every row: rows of each label are shuffled by `seed` and dealt out in turn,
/// one label after another, so that both the folds and the labels within them differ in size by at most
/// one.
pub fn assign_folds(rows: &RowSummaries, n_folds: u32, seed: u64) -> Vec<u32> {
    let mut by_label: Vec<Vec<usize>> = vec![Vec::new(); rows.n_classes()];
    for (idx, label) in rows.columns().label.iter().enumerate() {
        if let Some(class_idx) = label.index() {
            by_label[class_idx].push(idx);
        }
    }
    let mut random = Pcg64::seed_from_u64(seed);
    let mut fold_of = vec![0; rows.len()];
    let mut deal = (0..n_folds).cycle();
    for members in &mut by_label {
        members.shuffle(&mut random);
        for (idx, fold) in members.iter().zip(&mut deal) {
            fold_of[*idx] = fold;
        }
    }
    fold_of
}

/// Fits one inverse temperature per fold on the rows outside it, starting from `start`. The inner result
/// is `None` for a fold whose fit has no finite temperature. At least two folds and two rows per fold are
/// needed; `None` otherwise.
pub fn fit_folds(
    rows: &RowSummaries,
    n_folds: usize,
    seed: u64,
    start: f64,
) -> Option<(Vec<u32>, Vec<Option<f64>>)> {
    let n_folds = u32::try_from(n_folds).ok()?;
    if n_folds < 2 || rows.len() < 2 * n_folds as usize {
        return None;
    }
    let fold_of = assign_folds(rows, n_folds, seed);
    let members = usable(rows);
    let fits = (0..n_folds)
        .map(|fold| {
            let outside: Vec<u32> = members
                .iter()
                .copied()
                .filter(|idx| fold_of[*idx as usize] != fold)
                .collect();
            inverse_temperature(rows, &outside, start)
        })
        .collect();
    Some((fold_of, fits))
}
