//! A column that follows from the moments of every row.

use rayon::prelude::*;

use crate::numerics::RowMoments;

use super::RowSummaries;

/// Rows per unit of parallel work.
const CHUNK: usize = 1024;

impl RowSummaries {
    /// `of` the moments of every row at inverse temperature b, in the order of the rows.
    pub fn column_at(&self, b: f64, of: impl Fn(&RowMoments) -> f64 + Sync) -> Vec<f64> {
        let mut column = vec![0.0; self.len()];
        let chunks = column.par_chunks_mut(CHUNK).enumerate();
        chunks.for_each(|(chunk, values)| {
            let start = chunk * CHUNK;
            let mut moments = Vec::with_capacity(values.len());
            self.moments_at(start..start + values.len(), b, &mut moments);
            for (value, m) in values.iter_mut().zip(&moments) {
                *value = of(m);
            }
        });
        column
    }
}
