//! Would the predictions agree better with the labels of other rows, or with other numbers of the classes?

use std::collections::{HashMap, HashSet};

use super::Association;
use crate::diagnosis::thresholds as limit;
use crate::summarize::RowSummaries;

/// Rows that rolls are tried on, at most: more would add nothing but time.
const ROLLED_ROWS: usize = 1 << 16;

/// How predictions and labels were found to belong together.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::diagnosis) enum MappingKind {
    /// label = (prediction + c) mod K.
    Shift(usize),
    /// The label of a row stands so many rows later.
    Roll(i64),
    /// The first row has the last label.
    Reversal,
    /// label = map of the prediction; the pairs that differ, most frequent first.
    Permutation(Vec<(u32, u32)>),
}

impl MappingKind {
    /// The class whose scores stand in each column, if this says so of every class of `k`.
    pub(in crate::diagnosis) fn order(&self, k: usize) -> Option<Vec<usize>> {
        let mut order: Vec<usize> = (0..k).collect();
        match self {
            Self::Shift(by) => order.rotate_left(*by),
            Self::Permutation(pairs) => {
                for (column, class) in pairs {
                    order[*column as usize] = *class as usize;
                }
            }
            Self::Roll(_) | Self::Reversal => return None,
        }
        let mut seen = order.clone();
        seen.sort_unstable();
        seen.dedup();
        (seen.len() == k).then_some(order)
    }
}

/// A map that agrees better than none.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::diagnosis) struct Mapping {
    pub(in crate::diagnosis) kind: MappingKind,
    /// Accuracy under it, and without it on the same rows.
    pub(in crate::diagnosis) accuracy: f64,
    pub(in crate::diagnosis) accuracy_now: f64,
    /// Accuracy above chance under it.
    excess: f64,
}

/// Agreement under a map: hits under it alone, without it alone, and both.
#[derive(Clone, Copy, Default)]
struct Agreement {
    n: usize,
    n_new: usize,
    n_now: usize,
    n_both: usize,
}

impl Agreement {
    fn add(&mut self, new: bool, now: bool) {
        self.n += 1;
        self.n_new += usize::from(new);
        self.n_now += usize::from(now);
        self.n_both += usize::from(new && now);
    }

    fn accuracy(&self) -> (f64, f64) {
        (super::share(self.n_new, self.n), super::share(self.n_now, self.n))
    }

    /// Gain in accuracy in the paired standard errors that it has if both are equally good (`McNemar` 1947): of few rows
    /// the spread that was seen is none to go by, and is 0 where all of them speak for the map.
    fn gain_in_errors(&self) -> f64 {
        let n_differing = self.n_new + self.n_now - 2 * self.n_both;
        let gain = self.n_new as f64 - self.n_now as f64;
        if n_differing > 0 { gain / (n_differing as f64).sqrt() } else { 0.0 }
    }
}

struct Rows<'a> {
    /// Where they stand in the file, and the last row that was read there: rows without a label or with broken scores
    /// are left out, and leave gaps.
    places: &'a [u64],
    last_row: u64,
    predictions: Vec<u32>,
    labels: Vec<u32>,
    k: usize,
    confidence: f64,
    /// Frequencies of labels and predictions.
    pi: Vec<f64>,
    q: Vec<f64>,
}

/// The map by which predictions and labels belong together, or the accuracy of the scores times -1 where the logits
/// point away from the labels and that agrees better than any map. Scores that claim nothing at T = 1 may be too small
/// and no worse: what is found then must prove by its agreement that they know something.
pub(super) fn found(
    rows: &RowSummaries,
    association: &Association,
    confidence: f64,
) -> (Option<Mapping>, Option<f64>) {
    if association.are_rows_alike() {
        return (None, None);
    }
    let proves = |accuracy: f64| {
        association.claim > limit::CLAIM || held(association, accuracy) > limit::HELD
    };
    let mapping = best(rows, confidence).filter(|mapping| proves(mapping.accuracy));
    let against = association.t_c < -limit::SIGNAL && association.t_p < -limit::SIGNAL;
    let inverted = (against && rows.n_classes() > 2)
        .then(|| accuracy_of_inverted(rows))
        .filter(|accuracy| proves(*accuracy))
        .filter(|accuracy| mapping.as_ref().is_none_or(|m| *accuracy >= m.accuracy));
    (mapping.filter(|_| inverted.is_none()), inverted)
}

/// The share of the label information that predictions of this accuracy hold at least (Fano 1952).
fn held(association: &Association, accuracy: f64) -> f64 {
    let others = (association.classes.len() as f64 - 1.0).ln();
    let entropy = |p: f64| if p > 0.0 { -p * p.ln() } else { 0.0 };
    let missing = entropy(accuracy) + entropy(1.0 - accuracy) + (1.0 - accuracy) * others;
    1.0 - missing / association.label_entropy
}

/// The share of rows whose label has the smallest score.
fn accuracy_of_inverted(rows: &RowSummaries) -> f64 {
    let is_least = |idx: &usize| rows.row(*idx).label_score() <= rows.columns().min[*idx];
    super::share((0..rows.len()).filter(is_least).count(), rows.len())
}

/// The map that agrees best, if it is better than none beyond doubt: by 10 % of what there is to win above chance and
/// 4 standard errors, with at least half the accuracy that the confidence promises.
fn best(rows: &RowSummaries, confidence: f64) -> Option<Mapping> {
    let rows = Rows::of(rows, confidence);
    let mut found: Vec<Mapping> =
        [rows.shifted(), rows.rolled(), rows.permuted()].into_iter().flatten().collect();
    let top = found.iter().map(|m| m.excess).fold(f64::MIN, f64::max);
    // They stand in the order of simplicity.
    let at = found.iter().position(|m| m.excess >= top - limit::MAP_TIE)?;
    Some(found.swap_remove(at))
}

impl<'a> Rows<'a> {
    fn of(rows: &'a RowSummaries, confidence: f64) -> Self {
        let n = rows.len();
        let left_out = rows.left_out();
        let n_read = n as u64 + left_out.ignored_label + left_out.non_finite;
        let predictions: Vec<u32> = (0..n).map(|idx| rows.row(idx).prediction()).collect();
        let labels: Vec<u32> = (0..n).map(|idx| rows.row(idx).label()).collect();
        let k = rows.n_classes();
        let frequencies = |classes: &[u32]| {
            let mut shares = vec![0.0; k];
            for class in classes {
                shares[*class as usize] += 1.0 / n as f64;
            }
            shares
        };
        Self {
            places: &rows.columns().row,
            last_row: n_read.saturating_sub(1),
            pi: frequencies(&labels),
            q: frequencies(&predictions),
            predictions,
            labels,
            k,
            confidence,
        }
    }

    fn now(&self, idx: usize) -> bool {
        self.predictions[idx] == self.labels[idx]
    }

    /// The mapping, if it passes. `chance` and `chance_now` are the agreements of independent rows.
    fn judged(&self, kind: MappingKind, agreement: Agreement, chance: f64) -> Option<Mapping> {
        let (accuracy, accuracy_now) = agreement.accuracy();
        let chance_now = self.chance(Some);
        let excess = accuracy - chance;
        let passes = excess - (accuracy_now - chance_now) > limit::MAP_GAIN * (1.0 - chance)
            && agreement.gain_in_errors() > limit::MAP_ERRORS
            && accuracy >= self.confidence / 2.0;
        passes.then_some(Mapping { kind, accuracy, accuracy_now, excess })
    }

    fn chance(&self, map: impl Fn(usize) -> Option<usize>) -> f64 {
        let of_class = |class: usize| map(class).map_or(0.0, |to| self.q[class] * self.pi[to]);
        (0..self.k).map(of_class).sum()
    }

    fn shifted(&self) -> Option<Mapping> {
        let mut counts = vec![0usize; self.k];
        for (prediction, label) in self.predictions.iter().zip(&self.labels) {
            counts[(*label as usize + self.k - *prediction as usize) % self.k] += 1;
        }
        let shift = (1..self.k).max_by_key(|shift| counts[*shift])?;
        let map = |class: usize| (class + shift) % self.k;
        let mut agreement = Agreement::default();
        for (idx, prediction) in self.predictions.iter().enumerate() {
            let new = map(*prediction as usize) == self.labels[idx] as usize;
            agreement.add(new, self.now(idx));
        }
        let chance = self.chance(|class| Some(map(class)));
        self.judged(MappingKind::Shift(shift), agreement, chance)
    }

    fn rolled(&self) -> Option<Mapping> {
        let n = self.labels.len().min(ROLLED_ROWS);
        let chance = self.chance(Some);
        #[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
        let most = limit::MAX_ROLL as i64;
        let rolls = (-most..=most)
            .filter(|by| *by != 0)
            .map(|by| (MappingKind::Roll(by), self.agreement(n, by)));
        let reversal = (MappingKind::Reversal, self.reversed());
        let (kind, agreement) = rolls
            .chain([reversal])
            .max_by(|x, y| x.1.gain_in_errors().total_cmp(&y.1.gain_in_errors()))?;
        self.judged(kind, agreement, chance)
    }

    /// With the label `by` rows later in the file, among the first `n` rows.
    fn agreement(&self, n: usize, by: i64) -> Agreement {
        let mut agreement = Agreement::default();
        let rows = &self.places[..n];
        let mut of = 0;
        for (idx, row) in rows.iter().enumerate() {
            let Some(wanted) = row.checked_add_signed(by) else {
                continue;
            };
            of += rows[of..].iter().take_while(|row| **row < wanted).count();
            if rows.get(of) == Some(&wanted) {
                agreement.add(self.predictions[idx] == self.labels[of], self.now(idx));
            }
        }
        agreement
    }

    /// With the labels of the file from the last row to the first.
    fn reversed(&self) -> Agreement {
        let mut agreement = Agreement::default();
        let mut end = self.places.len();
        for (idx, row) in self.places.iter().enumerate() {
            let Some(wanted) = self.last_row.checked_sub(*row) else {
                break;
            };
            let later = self.places[..end].iter().rev();
            end -= later.take_while(|row| **row > wanted).count();
            if let Some(of) = end.checked_sub(1).filter(|of| self.places[*of] == wanted) {
                agreement.add(self.predictions[idx] == self.labels[of], self.now(idx));
            }
        }
        agreement
    }

    /// A map learnt on even rows is tried on the odd ones, and the reverse: none profits from what it has seen.
    fn permuted(&self) -> Option<Mapping> {
        let maps = [self.learnt(0), self.learnt(1)];
        let mut agreement = Agreement::default();
        for (idx, prediction) in self.predictions.iter().enumerate() {
            let mapped = maps[(idx + 1) % 2].get(prediction);
            agreement.add(mapped == Some(&self.labels[idx]), self.now(idx));
        }
        let map = |class: usize| {
            let class = u32::try_from(class).ok()?;
            maps[0].get(&class).map(|to| *to as usize)
        };
        let mut changed: Vec<(u32, u32)> =
            maps[0].iter().map(|(from, to)| (*from, *to)).filter(|(from, to)| from != to).collect();
        changed.sort_by(|x, y| {
            let q = |pair: &(u32, u32)| self.q[pair.0 as usize];
            q(y).total_cmp(&q(x)).then(x.cmp(y))
        });
        let chance = self.chance(map);
        self.judged(MappingKind::Permutation(changed), agreement, chance)
    }

    /// The one-to-one map of predictions to labels on the rows of one parity, greedily by count.
    fn learnt(&self, parity: usize) -> HashMap<u32, u32> {
        let mut counts: HashMap<(u32, u32), usize> = HashMap::new();
        let pairs = self.predictions.iter().zip(&self.labels).enumerate();
        for (_, (prediction, label)) in pairs.filter(|(idx, _)| idx % 2 == parity) {
            *counts.entry((*prediction, *label)).or_default() += 1;
        }
        let mut counts: Vec<((u32, u32), usize)> = counts.into_iter().collect();
        counts.sort_by(|x, y| y.1.cmp(&x.1).then(x.0.cmp(&y.0)));
        let (mut map, mut taken) = (HashMap::new(), HashSet::new());
        for ((prediction, label), _) in counts {
            if !map.contains_key(&prediction) && taken.insert(label) {
                map.insert(prediction, label);
            }
        }
        map
    }
}
