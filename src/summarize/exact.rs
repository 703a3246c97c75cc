//! The exact pass: moments of every row at given temperatures, in f64 from the scores.

use std::ops::Range;

use rayon::prelude::*;

use crate::data::{Batch, BatchSource, SoftLabels, SourceError, ValuesRef};
use crate::numerics::{InstructionSet, Kernel, RowMoments, Score, Simd, moments_of_sums, row_sums};

use super::block_rows;
use super::rows::{ExactColumn, RowSummaries};
use super::soft::label_moments_of;

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
    exact_on(InstructionSet::best(), (source, rows), bs, keep_going)
}

/// The same as [`exact`] on the instruction set `instructions`; results differ by rounding alone.
///
/// # Errors
/// As [`exact`].
pub fn exact_on(
    instructions: InstructionSet,
    (source, rows): (&dyn BatchSource, &RowSummaries),
    bs: &[f64],
    keep_going: &mut dyn FnMut(u64) -> bool,
) -> Result<Vec<ExactColumn>, SourceError> {
    let mut columns: Vec<ExactColumn> = bs
        .iter()
        .map(|&b| ExactColumn { b, moments: Vec::with_capacity(rows.len()), label: Vec::new() })
        .collect();
    let soft_labels = source.soft_labels();
    source.read(&mut |batch| {
        let done = batch.first_row + batch.labels.len();
        match batch.values {
            ValuesRef::F32(v) => add(instructions, rows, (&batch, v), &mut columns),
            ValuesRef::F64(v) => add(instructions, rows, (&batch, v), &mut columns),
        }
        if let Some(labels) = &soft_labels {
            add_labels(rows, labels, &batch, &mut columns);
        }
        if keep_going(done as u64) { Ok(()) } else { Err(SourceError::Cancelled) }
    })?;
    Ok(columns)
}

/// The moments of the soft labels of a batch, at every column.
fn add_labels(
    rows: &RowSummaries,
    labels: &SoftLabels,
    batch: &Batch<'_>,
    columns: &mut [ExactColumn],
) {
    let used = used(rows, batch);
    for column in columns {
        let b = column.b;
        let one = |idx| label_moments_of((rows, idx), labels, batch, b);
        column.label.par_extend(used.clone().into_par_iter().map(one));
    }
}

/// The usable rows of a batch, by index.
fn used(rows: &RowSummaries, batch: &Batch<'_>) -> Range<usize> {
    let index = &rows.columns().row;
    let at = |row: usize| index.partition_point(|&r| r < row as u64);
    at(batch.first_row)..at(batch.first_row + batch.labels.len())
}

fn add<S: Score>(
    instructions: InstructionSet,
    rows: &RowSummaries,
    (batch, values): (&Batch<'_>, &[S]),
    columns: &mut [ExactColumn],
) {
    let Range { start, end } = used(rows, batch);
    let bs: Vec<f64> = columns.iter().map(|column| column.b).collect();
    let n_block = block_rows(batch.n_classes);
    let starts: Vec<usize> = (start..end).step_by(n_block).collect();
    let blocks: Vec<Vec<Vec<RowMoments>>> = starts
        .par_iter()
        .map(|&start| {
            instructions.run(Block {
                rows,
                batch,
                values,
                used: start..(start + n_block).min(end),
                bs: &bs,
            })
        })
        .collect();
    for block in blocks {
        for (column, moments) in columns.iter_mut().zip(block) {
            column.moments.extend_from_slice(&moments);
        }
    }
}

/// Moments of the rows `used`, a vector per b, each b in turn while the row is in the cache.
struct Block<'a, S> {
    rows: &'a RowSummaries,
    batch: &'a Batch<'a>,
    values: &'a [S],
    used: Range<usize>,
    bs: &'a [f64],
}

impl<S: Score> Kernel for Block<'_, S> {
    type Output = Vec<Vec<RowMoments>>;

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) -> Self::Output {
        let (columns, k) = (self.rows.columns(), self.batch.n_classes);
        let mut sums = vec![Vec::with_capacity(self.used.len()); self.bs.len()];
        for idx in self.used.clone() {
            #[expect(clippy::cast_possible_truncation, reason = "a row of a batch in memory")]
            let offset = columns.row[idx] as usize - self.batch.first_row;
            let row = &self.values[offset * k..(offset + 1) * k];
            let max = row[columns.top[idx][0].0 as usize];
            for (sums, &b) in sums.iter_mut().zip(self.bs) {
                sums.push(row_sums(isa, row, (max, columns.n_max[idx]), b));
            }
        }
        let mut out = vec![Vec::with_capacity(self.used.len()); self.bs.len()];
        for (out, sums) in out.iter_mut().zip(&sums) {
            moments_of_sums(isa, sums, out);
        }
        out
    }
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
        let mut values: Vec<f64> =
            (0..n * k).map(|i| ((i * 7919 % 1009) as f64 - 504.0) / 97.0).collect();
        values[5 * k] = f64::NAN; // a row that the columns skip
        let labels = (0..n).map(|i| class(i, k)).collect();
        let source = MemorySource::new(k, Kind::Logits, Values::F64(values.clone()), labels);
        let counted = Counted::new(source.expect("lengths agree"));
        let mut rows = summarize(&counted, 1.0, &mut |_| true).expect("in memory");
        assert!(!rows.is_exact_at(0.7) && rows.is_exact_at(1.0));
        let columns = exact(&counted, &rows, &[0.7, 2.0], &mut |_| true).expect("in memory");
        assert_eq!(counted.n_read(), 2 * n);
        rows.add_exact(columns);
        assert!(rows.is_exact_at(0.7) && rows.is_exact_at(2.0) && !rows.is_exact_at(1.5));
        for idx in [0, 4, 5, 298] {
            let row = usize::try_from(rows.columns().row[idx]).expect("small");
            let z = &values[row * k..(row + 1) * k];
            let max = z.iter().copied().fold(f64::MIN, f64::max);
            let log_z = z.iter().map(|v| (0.7 * (v - max)).exp()).sum::<f64>().ln();
            assert!((rows.row(idx).moments(0.7).at.log_z - log_z).abs() < 1e-13);
        }
    }
}
