//! The exact pass: moments of every row at given temperatures, in f64 from the scores.

use pulp::Arch;
use rayon::prelude::*;

use crate::data::{Batch, BatchSource, SourceError, ValuesRef};
use crate::numerics::{RowMoments, Score, row_moments};

use super::BLOCK_ROWS;
use super::rows::{ExactColumn, RowSummaries};

/// One more pass over `source`, which must be the one that `rows` were made from: an exact column for
/// each inverse temperature in `bs`. `keep_going` gets the number of rows done.
///
/// # Errors
/// [`SourceError::Cancelled`] once `keep_going` says no, or why the source could not be read.
pub fn exact(
    source: &dyn BatchSource,
    rows: &RowSummaries,
    bs: &[f64],
    keep_going: &mut dyn FnMut(u64) -> bool,
) -> Result<Vec<ExactColumn>, SourceError> {
    let mut columns: Vec<ExactColumn> = bs
        .iter()
        .map(|&b| ExactColumn {
            b,
            moments: Vec::with_capacity(rows.len()),
        })
        .collect();
    source.read(&mut |batch| {
        let done = batch.first_row + batch.labels.len();
        match batch.values {
            ValuesRef::F32(v) => add(rows, &batch, v, &mut columns),
            ValuesRef::F64(v) => add(rows, &batch, v, &mut columns),
        }
        if keep_going(done as u64) {
            Ok(())
        } else {
            Err(SourceError::Cancelled)
        }
    })?;
    Ok(columns)
}

fn add<S: Score>(
    rows: &RowSummaries,
    batch: &Batch<'_>,
    values: &[S],
    columns: &mut [ExactColumn],
) {
    let index = &rows.columns().row;
    let at = |row: usize| index.partition_point(|&r| r < row as u64);
    let (start, end) = (
        at(batch.first_row),
        at(batch.first_row + batch.labels.len()),
    );
    let used: Vec<usize> = (start..end).collect();
    let bs: Vec<f64> = columns.iter().map(|column| column.b).collect();
    let blocks: Vec<Vec<RowMoments>> = used
        .par_chunks(BLOCK_ROWS)
        .map(|block| {
            Arch::new().dispatch(
                #[inline(always)]
                || moments_of(rows, batch, values, block, &bs),
            )
        })
        .collect();
    for moments in blocks.iter().flat_map(|block| block.chunks_exact(bs.len())) {
        for (column, m) in columns.iter_mut().zip(moments) {
            column.moments.push(*m);
        }
    }
}

/// Moments of the rows `used`, for each b in turn while the row is in the cache.
#[inline(always)]
fn moments_of<S: Score>(
    rows: &RowSummaries,
    batch: &Batch<'_>,
    values: &[S],
    used: &[usize],
    bs: &[f64],
) -> Vec<RowMoments> {
    let (columns, k) = (rows.columns(), batch.n_classes);
    let mut out = Vec::with_capacity(used.len() * bs.len());
    for &idx in used {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a row of a batch in memory"
        )]
        let offset = columns.row[idx] as usize - batch.first_row;
        let row = &values[offset * k..(offset + 1) * k];
        for &b in bs {
            out.push(row_moments(
                row,
                columns.top[idx][0].1,
                columns.n_max[idx],
                b,
            ));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Counted, Kind, Label, MemorySource, Values};
    use crate::summarize::summarize;

    /// Labels that go round through the classes.
    fn class(i: usize, k: usize) -> Label {
        let idx = u32::try_from(i % k).expect("few classes");
        Label::class(idx).expect("few classes")
    }

    #[test]
    fn exact_columns_replace_the_nodes_and_cost_one_read() {
        let (n, k) = (300, 80);
        let mut values: Vec<f64> = (0..n * k)
            .map(|i| ((i * 7919 % 1009) as f64 - 504.0) / 97.0)
            .collect();
        values[5 * k] = f64::NAN; // a row that the columns skip
        let labels = (0..n).map(|i| class(i, k)).collect();
        let source = MemorySource::new(k, Kind::Logits, Values::F64(values.clone()), labels);
        let counted = Counted::new(source.expect("lengths agree"));
        let mut rows = summarize(&counted, 1.0, &mut |_| true).expect("in memory");
        assert!(!rows.is_exact_at(0.7));
        let columns = exact(&counted, &rows, &[0.7, 2.0], &mut |_| true).expect("in memory");
        assert_eq!(counted.n_read(), 2 * n);
        rows.add_exact(columns);
        assert!(rows.is_exact_at(0.7) && rows.is_exact_at(2.0) && !rows.is_exact_at(1.0));
        for idx in [0, 4, 5, 298] {
            let row = usize::try_from(rows.columns().row[idx]).expect("small");
            let z = &values[row * k..(row + 1) * k];
            let max = z.iter().copied().fold(f64::MIN, f64::max);
            let log_z = z.iter().map(|v| (0.7 * (v - max)).exp()).sum::<f64>().ln();
            assert!((rows.row(idx).moments(0.7).at.log_z - log_z).abs() < 1e-13);
        }
    }
}
