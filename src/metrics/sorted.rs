//! Rows in order of their probability, sorted once for all measures that need the order.

use rayon::prelude::*;

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
    /// Sum of probability - hit over the first i rows, i = 0..=N.
    gap_before: Vec<f64>,
    /// Where each group ends.
    ends: Vec<u32>,
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
}

impl TieGroup {
    /// Rows of the group, at least 1.
    #[inline]
    pub fn count(&self) -> u64 {
        (self.end - self.start) as u64
    }

    /// Sum over its rows of probability - hit.
    #[inline]
    pub fn gap(&self) -> f64 {
        self.count() as f64 * self.probability - self.hits as f64
    }
}

impl SortedByConfidence {
    /// Sorts the rows in O(N log N).
    ///
    /// # Panics
    /// If the slices differ in length, or there are 2^32 rows or more.
    pub fn new(probability: &[f64], hit: &[bool]) -> Self {
        assert_eq!(
            probability.len(),
            hit.len(),
            "one outcome for each probability"
        );
        assert!(u32::try_from(hit.len()).is_ok(), "row numbers have 32 bits");
        let mut keys: Vec<u64> = probability
            .iter()
            .zip(hit)
            .map(|(p, hit)| key(*p, *hit))
            .collect();
        keys.par_sort_unstable();
        let mut this = Self {
            probability: Vec::with_capacity(keys.len()),
            hits_before: Vec::with_capacity(keys.len() + 1),
            gap_before: Vec::with_capacity(keys.len() + 1),
            ends: Vec::new(),
        };
        this.hits_before.push(0);
        this.gap_before.push(0.0);
        this.extend(&keys);
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
        self.ends
            .push(u32::try_from(end).expect("fewer than 2^32 rows, see `new`"));
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

    /// Sum of probability - hit over the `n` rows of least probability; `n` in 0..=N ends a group.
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
        let start = idx
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] as usize);
        TieGroup {
            start,
            end,
            probability: self.probability[start],
            hits: u64::from(self.hits_before[end] - self.hits_before[start]),
        }
    }

    /// All groups, from the least probability up.
    pub fn groups(&self) -> impl DoubleEndedIterator<Item = TieGroup> + ExactSizeIterator {
        (0..self.n_groups()).map(|idx| self.group(idx))
    }
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
        let groups: Vec<(f64, u64, u64)> = rows
            .groups()
            .map(|g| (g.probability, g.count(), g.hits))
            .collect();
        assert_eq!(
            groups,
            [(0.0, 2, 1), (0.25, 1, 1), (0.5, 2, 1), (1.0, 2, 1)]
        );
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
