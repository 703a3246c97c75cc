//! Rows spread over the data, from which is decided what the numbers are.

use super::error::Problem;
use super::progress::Watch;
use super::raw::RawScores;
use crate::data::{Values, sample_runs};

/// Rows as they are stored, and which they are.
pub(super) struct Sample {
    /// Their indices, in ascending order.
    pub(super) rows: Vec<usize>,
    /// Their scores, row-major.
    pub(super) values: Values,
}

impl Sample {
    /// Some thousand rows of `raw`, the same ones wherever they are read from.
    pub(super) fn of(raw: &dyn RawScores, watch: &mut Watch<'_>) -> Result<Self, Problem> {
        let runs = sample_runs(raw.n_rows(), raw.n_cols().max(2), usize::MAX);
        let rows: Vec<usize> = runs.into_iter().flatten().collect();
        let values = raw.rows(&rows, watch)?;
        Ok(Self { rows, values })
    }
}
