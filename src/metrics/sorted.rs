//! Rows in order of their probability, sorted once for all measures that need the order.

use rayon::prelude::*;

use super::Events;

/// Rows sorted by ascending probability, with what every measure of order adds up.
///
/// A row is a probability in [0, 1] and whether the predicted event happened: for the confidence,
/// that the prediction is right; for two classes, that the label is positive. Rows of equal probability form a
/// *group*: no measure looks inside, so the order of rows in the file never matters.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct SortedByConfidence {
    /// The N probabilities, ascending.
    probability: Vec<f64>,
    /// Hits among the first i rows, i = 0..=N.
    hits_before: Vec<u32>,
    /// Sum of probability - hit, each times its weight, over the first i rows, i = 0..=N.
    gap_before: Vec<f64>,
    /// Where each group ends.
    ends: Vec<u32>,
    /// Sums of the weights; `None` where all rows count the same.
    weights: Option<WeightSums>,
}

/// Sums over the first i rows, i = 0..=N.
#[derive(Clone, PartialEq, Debug)]
struct WeightSums {
    weight: Vec<f64>,
    /// Of rows whose event happened.
    hits: Vec<f64>,
    squares: Vec<f64>,
    /// The weight of each row, in order, and how far its event happened.
    of_row: Vec<f64>,
    outcome: Vec<f64>,
}

/// Rows of one and the same probability.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TieGroup {
    /// Rows with a smaller probability.
    pub start: usize,
    /// The same and the rows of this group.
    pub end: usize,
    /// The probability.
    pub probability: f64,
    /// Rows of the group whose event happened.
    pub hits: u64,
    /// What its rows count: their number, or the sum of their weights.
    pub weight: f64,
    /// The same of the rows whose event happened.
    pub hit_weight: f64,
    /// The sum of the squared weights.
    pub squares: f64,
}

impl TieGroup {
    /// Rows of the group, at least 1.
    #[inline]
    pub fn count(&self) -> u64 {
        (self.end - self.start) as u64
    }

    /// Sum over its rows of probability - hit, each times its weight.
    #[inline]
    pub fn gap(&self) -> f64 {
        self.weight * self.probability - self.hit_weight
    }
}

impl SortedByConfidence {
    /// Sorts the rows in O(N log N).
    ///
    /// # Panics
    /// If the slices differ in length, or there are 2^32 rows or more.
    pub fn new(probability: &[f64], hit: &[bool]) -> Self {
        assert_eq!(probability.len(), hit.len(), "one outcome for each probability");
        assert!(u32::try_from(hit.len()).is_ok(), "row numbers have 32 bits");
        let mut keys: Vec<u64> =
            probability.iter().zip(hit).map(|(p, hit)| key(*p, *hit)).collect();
        keys.par_sort_unstable();
        let mut this = Self {
            probability: Vec::with_capacity(keys.len()),
            hits_before: Vec::with_capacity(keys.len() + 1),
            gap_before: Vec::with_capacity(keys.len() + 1),
            ends: Vec::new(),
            weights: None,
        };
        this.hits_before.push(0);
        this.gap_before.push(0.0);
        this.extend(&keys);
        this
    }

    /// The same of rows that may have weights or soft labels. Rows of weight 0 are left out.
    ///
    /// # Panics
    /// As [`Self::new`].
    pub fn of(events: &Events<'_>) -> Self {
        if !events.is_weighted() {
            return Self::new(events.probability, events.hit);
        }
        let counts = |idx: &usize| events.weight(*idx) > 0.0;
        let mut order: Vec<usize> = (0..events.len()).filter(counts).collect();
        // Of one probability by what they are: what is drawn from them depends neither on threads nor on where rows lie.
        let by = |of: &dyn Fn(usize) -> f64, a: &usize, b: &usize| of(*a).total_cmp(&of(*b));
        order.par_sort_by(|a, b| {
            by(&|idx| events.probability[idx], a, b)
                .then_with(|| by(&|idx| events.outcome(idx), a, b))
                .then_with(|| by(&|idx| events.weight(idx), a, b))
        });
        let probability: Vec<f64> = order.iter().map(|idx| events.probability[*idx]).collect();
        let hit: Vec<bool> = order.iter().map(|idx| events.hit[*idx]).collect();
        let outcome: Vec<f64> = order.iter().map(|idx| events.outcome(*idx)).collect();
        let of_row: Vec<f64> = order.iter().map(|idx| events.weight(*idx)).collect();
        let mut this = Self::new(&probability, &hit);
        let hit_weight = |(outcome, weight): (&f64, &f64)| outcome * weight;
        let gap = |((p, outcome), weight): ((&f64, &f64), &f64)| weight * (p - outcome);
        let rows = probability.iter().zip(&outcome).zip(&of_row);
        this.gap_before = running(rows.map(gap));
        this.weights = Some(WeightSums {
            weight: running(of_row.iter().copied()),
            hits: running(outcome.iter().zip(&of_row).map(hit_weight)),
            squares: running(of_row.iter().map(|weight| weight * weight)),
            of_row,
            outcome,
        });
        this
    }

    fn extend(&mut self, keys: &[u64]) {
        let (mut hits, mut gap, mut previous) = (0u32, 0.0, None);
        for (idx, &key) in keys.iter().enumerate() {
            let (bits, hit) = (key >> 1, (key & 1) as u32);
            if previous.is_some_and(|previous| previous != bits) {
                self.end_group(idx);
            }
            previous = Some(bits);
            hits += hit;
            gap += f64::from_bits(bits) - f64::from(hit);
            self.probability.push(f64::from_bits(bits));
            self.hits_before.push(hits);
            self.gap_before.push(gap);
        }
        if !keys.is_empty() {
            self.end_group(keys.len());
        }
    }

    fn end_group(&mut self, end: usize) {
        self.ends.push(u32::try_from(end).expect("fewer than 2^32 rows, see `new`"));
    }

    /// N.
    pub fn len(&self) -> usize {
        self.probability.len()
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.probability.is_empty()
    }

    /// The probabilities, ascending.
    pub fn probabilities(&self) -> &[f64] {
        &self.probability
    }

    /// Rows whose event happened.
    pub fn n_hits(&self) -> u64 {
        self.hits_before.last().map_or(0, |n| u64::from(*n))
    }

    /// Hits among the `n` rows of least probability; `n` in 0..=N ends a group.
    #[inline]
    pub fn hits_of_least(&self, n: usize) -> u64 {
        u64::from(self.hits_before[n])
    }

    /// True if rows have weights.
    pub fn is_weighted(&self) -> bool {
        self.weights.is_some()
    }

    /// The same rows in the order of their outcomes: as an oracle would rank them. `None` of rows without weights and soft
    /// labels, whose outcomes are hits and misses.
    pub(super) fn by_outcome(&self) -> Option<Self> {
        let WeightSums { of_row, outcome, .. } = self.weights.as_ref()?;
        Some(Self::of(&Events {
            probability: outcome,
            hit: &vec![false; outcome.len()],
            expected: Some(outcome),
            weight: Some(of_row),
            cluster: None,
        }))
    }

    /// What row `n` in this order counts.
    #[inline]
    pub fn weight(&self, n: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |w| w.of_row[n])
    }

    /// What all rows count: N, or the sum of their weights.
    pub fn total_weight(&self) -> f64 {
        self.weight_of_least(self.len())
    }

    /// What the `n` rows of least probability count; `n` in 0..=N ends a group.
    #[inline]
    pub fn weight_of_least(&self, n: usize) -> f64 {
        self.weights.as_ref().map_or(n as f64, |w| w.weight[n])
    }

    /// What the hits among them count.
    #[inline]
    pub fn hit_weight_of_least(&self, n: usize) -> f64 {
        let plain = || f64::from(self.hits_before[n]);
        self.weights.as_ref().map_or_else(plain, |w| w.hits[n])
    }

    /// Sum of probability - hit, each times its weight, over the `n` rows of least probability; `n` in 0..=N ends a group.
    #[inline]
    pub fn gap_of_least(&self, n: usize) -> f64 {
        self.gap_before[n]
    }

    /// How many groups there are: N without a tie.
    pub fn n_groups(&self) -> usize {
        self.ends.len()
    }

    /// Group `idx`, counted from the least probability.
    #[inline]
    pub fn group(&self, idx: usize) -> TieGroup {
        let end = self.ends[idx] as usize;
        let start = idx.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        TieGroup {
            start,
            end,
            probability: self.probability[start],
            hits: u64::from(self.hits_before[end] - self.hits_before[start]),
            weight: self.weight_of_least(end) - self.weight_of_least(start),
            hit_weight: self.hit_weight_of_least(end) - self.hit_weight_of_least(start),
            squares: match &self.weights {
                None => (end - start) as f64,
                Some(w) => w.squares[end] - w.squares[start],
            },
        }
    }

    /// All groups, from the least probability up.
    pub fn groups(&self) -> impl DoubleEndedIterator<Item = TieGroup> + ExactSizeIterator {
        (0..self.n_groups()).map(|idx| self.group(idx))
    }
}

/// The sums of the first i values, i = 0..=N.
fn running(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sums = vec![0.0];
    let mut sum = 0.0;
    sums.extend(values.map(|value| {
        sum += value;
        sum
    }));
    sums
}

/// A probability in [0, 1] leaves the two highest bits of its f64 free: shifted by one, its bits sort as the
/// number does, and the outcome rides along in the lowest one.
fn key(probability: f64, hit: bool) -> u64 {
    // Adding 0 turns -0 into 0, whose sign bit the shift would drop anyway.
    ((probability + 0.0).to_bits() << 1) | u64::from(hit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ties_form_one_group() {
        let p = [0.5, 1.0, 0.25, 0.5, 0.0, -0.0, 1.0];
        let rows = SortedByConfidence::new(&p, &[true, false, true, false, false, true, true]);
        let groups: Vec<(f64, u64, u64)> =
            rows.groups().map(|g| (g.probability, g.count(), g.hits)).collect();
        assert_eq!(groups, [(0.0, 2, 1), (0.25, 1, 1), (0.5, 2, 1), (1.0, 2, 1)]);
        assert_eq!((rows.n_hits(), rows.hits_of_least(3)), (4, 2));
        assert!((rows.gap_of_least(7) - (3.25 - 4.0)).abs() < 1e-15);
    }

    #[test]
    fn no_row_no_group() {
        let rows = SortedByConfidence::new(&[], &[]);
        assert!(rows.is_empty() && rows.groups().next().is_none() && rows.n_hits() == 0);
    }

    proptest! {
        #[test]
        fn every_probability_is_sorted_as_a_number(p in proptest::collection::vec(0.0f64..=1.0, 0..80)) {
            let rows = SortedByConfidence::new(&p, &vec![true; p.len()]);
            let mut sorted = p;
            sorted.sort_by(f64::total_cmp);
            prop_assert_eq!(rows.probabilities(), sorted);
        }
    }
}
