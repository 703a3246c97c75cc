//! Scores that are kept in memory as long as they fit.

use std::sync::Arc;

use super::super::error::Problem;
use super::super::memory::{Budget, Reserved};
use super::super::progress::Watch;
use super::super::raw::{HeldScores, RawScores, read_size};
use crate::data::Values;

/// A table of at most so many pieces is decoded whole when it is opened, if it fits: rows spread over it
/// lie in all of them, and what was decoded for a sample need not be decoded again.
const MAX_PIECES: usize = 8;

/// Gathers scores until they are too many.
pub(super) struct Kept {
    budget: Budget,
    reserved: Vec<Reserved>,
    values: Option<Values>,
}

impl Kept {
    /// Nothing yet; at most as much as `budget` allows.
    pub(super) fn new(budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            reserved: Vec::new(),
            values: Some(Values::default()),
        }
    }

    /// Appends scores, or lets go of all.
    pub(super) fn push(&mut self, block: &Values) {
        let Some(all) = &mut self.values else {
            return;
        };
        if let Some(more) = self.budget.reserve(n_bytes(block)) {
            self.reserved.push(more);
            append(all, block, 0);
        } else {
            self.values = None;
            self.reserved.clear();
        }
    }

    /// All scores, unless they were too many.
    pub(super) fn into_values(self) -> Option<Values> {
        self.values
    }
}

fn n_bytes(values: &Values) -> u64 {
    let size = match values {
        Values::F32(_) => size_of::<f32>(),
        Values::F64(_) => size_of::<f64>(),
    };
    (values.len() * size) as u64
}

/// Appends scores of one type; the first of them make room for `n_more` others.
fn append(all: &mut Values, more: &Values, n_more: usize) {
    if all.is_empty() {
        *all = match more {
            Values::F32(_) => Values::F32(Vec::with_capacity(more.len() + n_more)),
            Values::F64(_) => Values::F64(Vec::with_capacity(more.len() + n_more)),
        };
    }
    match (all, more) {
        (Values::F32(all), Values::F32(more)) => all.extend_from_slice(more),
        (Values::F64(all), Values::F64(more)) => all.extend_from_slice(more),
        _ => debug_assert!(more.is_empty(), "one table has one type"),
    }
}

/// `raw`, which is read in `n_pieces` pieces, in memory if it is so small that a sample of it would decode
/// all of it.
pub(super) fn keep_small(
    raw: Arc<dyn RawScores>,
    n_pieces: usize,
    budget: &Budget,
    watch: &mut Watch<'_>,
) -> Result<Arc<dyn RawScores>, Problem> {
    let n_scores = raw.n_rows().saturating_mul(raw.n_cols());
    let n_bytes = n_scores.saturating_mul(read_size(raw.dtype()));
    if raw.in_memory() || n_pieces > MAX_PIECES {
        return Ok(raw);
    }
    let Some(_reserved) = budget.reserve(n_bytes as u64) else {
        return Ok(raw);
    };
    let mut kept = Values::default();
    raw.read(0..raw.n_rows(), &mut Values::default, &mut |block| {
        if !block.is_empty() {
            append(&mut kept, &block, n_scores - block.len().min(n_scores));
            watch.add_rows(block.len() / raw.n_cols().max(1))?;
        }
        watch.tick()
    })?;
    Ok(Arc::new(HeldScores::new(kept, raw.n_cols(), raw.dtype())))
}
