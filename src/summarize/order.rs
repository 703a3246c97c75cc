//! An order of rows by what they are, so that folds and draws do not depend on where rows lie in files.

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::numerics::{row_hash, text_hash};

use super::RowSummaries;

/// An order once it is known. It follows from the rows, so that two are never unequal.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownOrder(OnceLock<Arc<[u32]>>);

impl PartialEq for KnownOrder {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Above every number of a group.
const ALONE: u64 = 1 << 63;

impl RowSummaries {
    /// All rows in an order that only depends on what they hold: by group, where one is named, else by a hash of
    /// their id, else of their scores and label. The same rows in another order, or spread over other files, come in the
    /// same order here; rows that are equal in all of this are interchangeable. Whatever deals or draws rows by chance
    /// goes through them in this order.
    pub fn order(&self) -> &[u32] {
        self.beside.order.0.get_or_init(|| self.sorted().into())
    }

    /// For every row the number of what is dealt or drawn whole: of its group, see [`RowSummaries::groups`], or its own
    /// place in [`RowSummaries::order`].
    pub fn units(&self) -> Vec<u32> {
        self.groups().unwrap_or_else(|| {
            let mut units = vec![0; self.len()];
            for (place, row) in (0u32..).zip(self.order()) {
                units[*row as usize] = place;
            }
            units
        })
    }

    fn sorted(&self) -> Vec<u32> {
        let of_stored = self.of_stored_rows();
        let key = |idx| (self.unit_key(idx as usize, of_stored.as_deref()), idx);
        // Rows are numbered in 32 bits throughout a fit.
        let n = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let mut keys: Vec<(u64, u32)> = (0..n).into_par_iter().map(key).collect();
        keys.par_sort_unstable_by(|(x, i), (y, j)| {
            let (a, b) = (*i as usize, *j as usize);
            let by_content = || self.content(a).cmp(&self.content(b));
            let by_weight = || self.weight(a).total_cmp(&self.weight(b));
            x.cmp(y).then_with(by_content).then_with(by_weight).then(i.cmp(j))
        });
        keys.into_iter().map(|(_, idx)| idx).collect()
    }

    /// What the unit of a row is sorted by.
    fn unit_key(&self, idx: usize, of_stored: Option<&[u64]>) -> u64 {
        let stored = self.stored_row(idx);
        if let Some(group) = self.carried().group_of(stored) {
            return u64::from(group);
        }
        let id = self.carried().id().and_then(|ids| ids.values.shown(stored));
        let content = || of_stored.map_or_else(|| self.content(idx), |hashes| hashes[stored]);
        ALONE | id.map_or_else(content, |id| text_hash(&id))
    }

    /// Of multi-label data a hash of each stored row, whatever the order of its labels.
    fn of_stored_rows(&self) -> Option<Vec<u64>> {
        (self.n_entries() > 1).then(|| {
            let mut hashes = vec![0u64; self.n_stored()];
            for idx in 0..self.len() {
                let hash = &mut hashes[self.stored_row(idx)];
                *hash = hash.wrapping_add(self.content(idx));
            }
            hashes
        })
    }

    /// A hash of scores and label.
    fn content(&self, idx: usize) -> u64 {
        let columns = &self.columns;
        let label = columns.label[idx].index().map_or(-1.0, |label| label as f64);
        let [first, second, ..] = columns.top[idx];
        row_hash(&[
            label,
            columns.label_logit[idx],
            f64::from(first.0),
            first.1,
            f64::from(second.0),
            second.1,
            columns.min[idx],
            columns.mean[idx],
            columns.sd[idx],
            columns.norm[idx],
        ])
    }
}
