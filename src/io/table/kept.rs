//! Scores that are kept in memory as long as they fit.

use std::sync::Arc;

use super::super::error::Problem;
use super::super::memory::{Budget, Reserved};
use super::super::progress::Watch;
use super::super::raw::{HeldScores, RawScores, read_size};
use super::super::sample::n_sampled;
use crate::data::Values;

/// Gathers scores until they are too many.
pub(super) struct Kept {
    budget: Budget,
    reserved: Vec<Reserved>,
    values: Option<Values>,
}

impl Kept {
    /// Nothing yet; at most as much as `budget` allows.
    pub(super) fn new(budget: &Budget) -> Self {
        Self { budget: budget.clone(), reserved: Vec::new(), values: Some(Values::default()) }
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

/// `raw` in memory, if it fits and is so small that a sample of it would decode half of it anyway.
pub(super) fn keep_small(
    raw: Arc<dyn RawScores>,
    budget: &Budget,
    watch: &mut Watch<'_>,
) -> Result<Arc<dyn RawScores>, Problem> {
    let Some(pieces) = raw.pieces() else {
        return Ok(raw);
    };
    let n_scores = raw.n_rows().saturating_mul(raw.n_cols());
    let n_bytes = n_scores.saturating_mul(read_size(raw.dtype()));
    if n_sampled(pieces.len(), n_scores) * 2 < pieces.len() {
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
