//! Stratified, seeded k-fold: each row judged by a temperature that never saw it.
//!
//! The folds of N rows lie within some hundredths of the fit on all of them. One pass at that fit gives every
//! fold its sums, and so a step of Newton's method that is good to the third order; one or two more passes, each
//! row at the temperatures of the folds it takes part in, make it exact.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;
use rayon::prelude::*;

use crate::numerics::{Moments, pairwise_sum};
use crate::summarize::RowSummaries;

use super::grouped_folds::grouped_folds;
use super::inverse_temperature;
use super::objective::usable;

/// Rows per unit of parallel work; fixed, so that sums do not depend on threads.
const CHUNK: usize = 1024;

/// A relative step of Newton's method below this is the last one: the next would be its square.
const LAST_STEP: f64 = 1e-7;

/// A fold this far from the fit on all rows, in ln b, is fitted on its own.
const FAR: f64 = 0.2;

/// Passes at most: where they do not suffice, the fold is fitted on its own.
const MAX_PASSES: usize = 4;

/// A fold in 0..`n_folds` for every row: rows of each label, in [`RowSummaries::order`], are shuffled by `seed` and
/// dealt out in turn, one label after another, so that both the folds and the labels within them differ in size by at
/// most one. Rows of one group (see [`RowSummaries::groups`]) share a fold, see [`super::grouped_folds()`].
pub fn assign_folds(rows: &RowSummaries, n_folds: u32, seed: u64) -> Vec<u32> {
    match rows.groups() {
        Some(group_of) => grouped_folds(&rows.columns().label, &group_of, n_folds, seed),
        None => deal_rows(rows, n_folds, seed),
    }
}

fn deal_rows(rows: &RowSummaries, n_folds: u32, seed: u64) -> Vec<u32> {
    let mut by_label: Vec<Vec<usize>> = vec![Vec::new(); rows.n_classes()];
    for idx in rows.order() {
        let idx = *idx as usize;
        if let Some(class_idx) = rows.columns().label[idx].index() {
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

/// Stratified folds of `rows`, see [`assign_folds`], and one inverse temperature per fold, see [`fit_in_folds`].
pub fn fit_folds(
    rows: &RowSummaries,
    n_folds: usize,
    seed: u64,
    start: f64,
) -> Option<(Vec<u32>, Vec<Option<f64>>)> {
    let n_folds = u32::try_from(n_folds).ok()?;
    if n_folds < 2 {
        return None;
    }
    let fold_of = assign_folds(rows, n_folds, seed);
    let fits = fit_in_folds(rows, (&fold_of, n_folds), start)?;
    Some((fold_of, fits))
}

/// Fits one inverse temperature for each of `n_folds` folds on the rows outside it, starting from `start`, the fit on
/// all rows. An inner result is `None` for a fold whose fit has no finite temperature. At least two folds and two rows
/// per fold are needed, and as many groups as folds; `None` otherwise.
pub fn fit_in_folds(
    rows: &RowSummaries,
    (fold_of, n_folds): (&[u32], u32),
    start: f64,
) -> Option<Vec<Option<f64>>> {
    let is_enough = n_folds >= 2 && rows.len() >= 2 * n_folds as usize;
    if !is_enough || (0..n_folds).any(|fold| !fold_of.contains(&fold)) {
        return None;
    }
    let folds = CrossValidation { rows, members: usable(rows), fold_of, n_folds: n_folds as usize };
    Some(folds.fit(start))
}

/// The rows of a cross-validation.
struct CrossValidation<'a> {
    rows: &'a RowSummaries,
    members: Vec<u32>,
    fold_of: &'a [u32],
    n_folds: usize,
}

/// Sums over the rows outside a fold.
#[derive(Clone, Copy, Default)]
struct Outside {
    gradient: f64,
    curvature: f64,
    third: f64,
}

impl CrossValidation<'_> {
    fn fit(&self, start: f64) -> Vec<Option<f64>> {
        let exists = self.exist();
        let mut bs: Vec<f64> = self.at_one(start).iter().map(|sums| start + sums.step()).collect();
        let mut settled = vec![false; self.n_folds];
        for _ in 0..MAX_PASSES {
            let usable = |b: &f64| (b / start).ln().abs() < FAR;
            if settled.iter().all(|settled| *settled) || !bs.iter().all(usable) {
                break;
            }
            let sums = self.at_each(&bs);
            for ((b, sums), settled) in bs.iter_mut().zip(sums).zip(&mut settled) {
                let step = -sums.gradient / sums.curvature;
                *settled = step.abs() <= LAST_STEP * *b;
                *b += step;
            }
        }
        let fit = |fold: usize| {
            if settled[fold] && exists[fold] { Some(bs[fold]) } else { self.fit_alone(fold, start) }
        };
        (0..self.n_folds).map(fit).collect()
    }

    /// The whole way, existence included, for a fold that the short one does not serve.
    fn fit_alone(&self, fold: usize, start: f64) -> Option<f64> {
        let outside = |idx: &u32| self.fold_of[*idx as usize] as usize != fold;
        let members: Vec<u32> = self.members.iter().copied().filter(outside).collect();
        inverse_temperature(self.rows, &members, start)
    }

    /// For each fold, whether the fit outside it has a finite temperature; see [`super::status`].
    fn exist(&self) -> Vec<bool> {
        let sums = self.sums_by_fold(|members, of_fold: &mut [[f64; 2]]| {
            for idx in members {
                let row = self.rows.row(*idx as usize);
                let sums = &mut of_fold[self.fold_of[*idx as usize] as usize];
                let weight = self.rows.weight(*idx as usize);
                if weight > 0.0 {
                    sums[0] += weight * row.label_below_max();
                    sums[1] += weight * row.mean_below_max();
                }
            }
        });
        outside(&sums).map(|[label, mean]| 0.0 < label && label < mean).collect()
    }

    /// The sums outside each fold, all at b.
    fn at_one(&self, b: f64) -> Vec<Outside> {
        let sums = self.sums_by_fold(|members, of_fold: &mut [[f64; 3]]| {
            let mut moments = Vec::with_capacity(members.len());
            let indices = members.iter().map(|idx| *idx as usize);
            self.rows.moments_at(indices.clone(), b, &mut moments);
            for (idx, m) in indices.zip(&moments) {
                self.add(&mut of_fold[self.fold_of[idx] as usize], idx, &m.at);
            }
        });
        outside(&sums).map(Outside::from).collect()
    }

    /// The sums outside each fold, each at its own b.
    fn at_each(&self, bs: &[f64]) -> Vec<Outside> {
        let sums = self.sums_by_fold(|members, of_fold: &mut [[f64; 3]]| {
            let mut moments = Vec::with_capacity(members.len());
            for (fold, (sums, b)) in of_fold.iter_mut().zip(bs).enumerate() {
                let is_outside = |idx: &usize| self.fold_of[*idx] as usize != fold;
                let indices = members.iter().map(|idx| *idx as usize).filter(is_outside);
                moments.clear();
                self.rows.moments_at(indices.clone(), *b, &mut moments);
                for (idx, m) in indices.zip(&moments) {
                    self.add(sums, idx, &m.at);
                }
            }
        });
        sums.into_iter().map(Outside::from).collect()
    }

    /// Adds the derivatives of the NLL of a row in b: the first, the second and the third.
    fn add(&self, sums: &mut [f64; 3], idx: usize, m: &Moments) {
        let weight = self.rows.weight(idx);
        sums[0] += weight * (self.rows.row(idx).label_below_max() - m.below_max);
        sums[1] += weight * m.variance;
        sums[2] += weight * m.third;
    }

    /// One array of sums per fold, over all members.
    fn sums_by_fold<const M: usize>(
        &self,
        add: impl Fn(&[u32], &mut [[f64; M]]) + Sync,
    ) -> Vec<[f64; M]> {
        let chunk = |members: &[u32]| {
            let mut sums = vec![[0.0; M]; self.n_folds];
            add(members, &mut sums);
            sums
        };
        let chunks: Vec<Vec<[f64; M]>> = self.members.par_chunks(CHUNK).map(chunk).collect();
        let total = |fold: usize, i: usize| {
            pairwise_sum(&chunks.iter().map(|sums| sums[fold][i]).collect::<Vec<f64>>())
        };
        let fold = |fold| std::array::from_fn(|i| total(fold, i));
        (0..self.n_folds).map(fold).collect()
    }
}

/// From the sums within each fold to those over all others. Sums of few folds: nothing is lost by adding
/// them anew for each.
fn outside<const M: usize>(within: &[[f64; M]]) -> impl Iterator<Item = [f64; M]> {
    (0..within.len()).map(|fold| {
        std::array::from_fn(|i| {
            let others = within.iter().enumerate().filter(|(other, _)| *other != fold);
            others.map(|(_, sums)| sums[i]).sum()
        })
    })
}

impl From<[f64; 3]> for Outside {
    fn from([gradient, curvature, third]: [f64; 3]) -> Self {
        Self { gradient, curvature, third }
    }
}

impl Outside {
    /// Newton's step, and the correction that the third derivative makes to it.
    fn step(&self) -> f64 {
        let newton = -self.gradient / self.curvature;
        newton - self.third / (2.0 * self.curvature) * newton * newton
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Kind, Label, MemorySource, Values};
    use crate::summarize::summarize;

    fn rows(n: usize, k: usize) -> RowSummaries {
        let values: Vec<f64> =
            (0..n * k).map(|i| ((i * 7919 % 1009) as f64 - 504.0) / 97.0).collect();
        let label = |row: usize| {
            let scores = &values[row * k..(row + 1) * k];
            let best = (0..k).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or(0);
            let class = if row.is_multiple_of(3) { row % k } else { best };
            Label::class(u32::try_from(class).expect("few")).expect("few")
        };
        let labels = (0..n).map(label).collect();
        let source = MemorySource::new(k, Kind::Logits, Values::F64(values), labels);
        summarize(&source.expect("lengths agree"), 1.0, &mut |_| true).expect("in memory")
    }

    #[test]
    fn every_fold_is_what_a_fit_of_its_own_finds() {
        for (n, k, n_folds) in [(20, 3, 5), (200, 4, 5), (3000, 10, 5), (300, 70, 20), (64, 5, 32)]
        {
            let rows = rows(n, k);
            let all: Vec<u32> = (0..u32::try_from(n).expect("few")).collect();
            let start = inverse_temperature(&rows, &all, 1.0).expect("converges");
            let (fold_of, fits) = fit_folds(&rows, n_folds, 7, start).expect("enough rows");
            for (fold, got) in fits.iter().enumerate() {
                let outside = |idx: &u32| fold_of[*idx as usize] as usize != fold;
                let members: Vec<u32> = all.iter().copied().filter(outside).collect();
                let want = inverse_temperature(&rows, &members, start).expect("converges");
                let off = (got.expect("converges") / want - 1.0).abs();
                assert!(off < 1e-11, "{n} x {k}, fold {fold}: {off:e}");
            }
        }
    }
}
