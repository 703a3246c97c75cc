//! What a file carries beside its logits, found again for the rows of a summary.

use std::collections::HashMap;
use std::sync::Arc;

use crate::data::{BatchSource, Carried, printable};

use super::RowSummaries;

/// The columns beside, by stored row, and how many summarised rows a stored one gives.
#[derive(Clone, PartialEq, Debug)]
pub struct Beside {
    carried: Arc<Carried>,
    n_entries: usize,
}

impl Default for Beside {
    /// Nothing, and one row for each.
    fn default() -> Self {
        Self {
            carried: Arc::default(),
            n_entries: 1,
        }
    }
}

impl Beside {
    /// As many rows for each stored one, and no columns.
    pub(super) fn without_columns(&self) -> Self {
        Self {
            carried: Arc::default(),
            n_entries: self.n_entries,
        }
    }

    /// What `source` has beside its scores.
    pub fn of(source: &dyn BatchSource) -> Self {
        Self {
            carried: source.carried(),
            n_entries: source.n_entries().max(1),
        }
    }
}

impl RowSummaries {
    /// What the file carries beside, by stored row: see [`RowSummaries::stored_row`]. Nothing if the rows come from a
    /// file of summaries.
    pub fn carried(&self) -> &Carried {
        &self.beside.carried
    }

    /// The same with other columns, by stored row, and so many rows for each stored one.
    #[must_use]
    pub fn with_carried(self, carried: Arc<Carried>, n_entries: usize) -> Self {
        Self {
            beside: Beside {
                carried,
                n_entries: n_entries.max(1),
            },
            ..self
        }
    }

    /// The stored row behind row `idx`: its place in the columns of [`RowSummaries::carried`].
    ///
    /// # Panics
    /// If there is no such row.
    pub fn stored_row(&self, idx: usize) -> usize {
        self.source_row(idx) / self.beside.n_entries
    }

    /// Which label of its stored row row `idx` is about: 0 unless the data is multi-label.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn entry(&self, idx: usize) -> usize {
        self.source_row(idx) % self.beside.n_entries
    }

    /// Rows for each stored one: the number of labels of multi-label data, else 1.
    pub fn n_entries(&self) -> usize {
        self.beside.n_entries
    }

    /// A number in 0..`n_groups` for every row: rows of one number belong together, because a column says so or
    /// because they are labels of one stored row. Numbers are given in the order of the rows. `None` if every row
    /// stands alone.
    pub fn groups(&self) -> Option<Vec<u32>> {
        if !self.is_grouped() {
            return None;
        }
        let mut numbers: HashMap<Result<u32, usize>, u32> = HashMap::new();
        let number = |idx| {
            let stored = self.stored_row(idx);
            let key = self.carried().group_of(stored).ok_or(stored);
            // There are no more groups than rows, which are counted in 32 bits throughout a fit.
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(key).or_insert(next)
        };
        Some((0..self.len()).map(number).collect())
    }

    /// A number for every row, alike for rows that belong together, in no order: quicker than [`RowSummaries::groups`].
    /// `None` if every row stands alone.
    pub fn clusters(&self) -> Option<Vec<u64>> {
        let number = |idx| {
            let stored = self.stored_row(idx);
            let alone = || (1 << 32) + stored as u64;
            self.carried()
                .group_of(stored)
                .map_or_else(alone, u64::from)
        };
        self.is_grouped()
            .then(|| (0..self.len()).map(number).collect())
    }

    /// True if rows belong together, see [`RowSummaries::groups`].
    pub fn is_grouped(&self) -> bool {
        self.beside.n_entries != 1 || self.carried().group().is_some()
    }

    /// The sample weight of row `idx`, finite and at least 0: 1 where all rows count the same.
    #[inline(always)]
    pub fn weight(&self, idx: usize) -> f64 {
        self.carried()
            .weights()
            .map_or(1.0, |weights| weights[self.stored_row(idx)])
    }

    /// The sample weight of every row, finite and at least 0; `None` where all rows count the same.
    pub fn weights(&self) -> Option<Vec<f64>> {
        let weights = self.carried().weights()?;
        let weight = |idx| weights[self.stored_row(idx)];
        Some((0..self.len()).map(weight).collect())
    }

    /// The column of sample weights, printable, and the weight of every row; `None` where all rows count the same.
    pub fn weighted_by(&self) -> Option<(String, Vec<f64>)> {
        Some((printable(&self.carried().weight()?.name), self.weights()?))
    }

    pub(super) fn source_row(&self, idx: usize) -> usize {
        usize::try_from(self.columns().row[idx]).unwrap_or(usize::MAX)
    }
}
