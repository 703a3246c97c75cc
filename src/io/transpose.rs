//! Columns to rows.

use super::raw::{f32_buffer, f64_buffer};
use crate::data::{Values, ValuesRef};

/// Rows and columns that are turned together: what is read and what is written stay in the cache.
const TILE: usize = 32;

/// Row-major rows `start..end` of `n_cols` columns that lie one after the other, each of
/// `columns.len() / n_cols` elements.
pub(super) fn transposed<T: Clone + Default>(
    columns: &[T],
    n_cols: usize,
    (start, end): (usize, usize),
    mut out: Vec<T>,
) -> Vec<T> {
    let n_rows = columns.len() / n_cols.max(1);
    out.resize((end - start) * n_cols, T::default());
    for row in (start..end).step_by(TILE) {
        let rows = row..(row + TILE).min(end);
        for col in (0..n_cols).step_by(TILE) {
            for col in col..(col + TILE).min(n_cols) {
                let column = &columns[col * n_rows + rows.start..col * n_rows + rows.end];
                let cells = out[(row - start) * n_cols + col..].iter_mut().step_by(n_cols);
                cells.zip(column).for_each(|(cell, v)| cell.clone_from(v));
            }
        }
    }
    out
}

/// The same of scores, into `buffer` if it is of their type.
pub(super) fn transposed_values(
    columns: ValuesRef<'_>,
    n_cols: usize,
    rows: (usize, usize),
    buffer: Values,
) -> Values {
    match columns {
        ValuesRef::F32(v) => Values::F32(transposed(v, n_cols, rows, f32_buffer(buffer))),
        ValuesRef::F64(v) => Values::F64(transposed(v, n_cols, rows, f64_buffer(buffer))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_finds_its_place() {
        for (n_rows, n_cols) in [(1, 1), (2, 3), (33, 1), (1, 40), (70, 65)] {
            let columns: Vec<usize> = (0..n_rows * n_cols).collect();
            for (start, end) in [(0, n_rows), (n_rows / 3, n_rows), (0, 0)] {
                let rows = transposed(&columns, n_cols, (start, end), vec![9; 5]);
                let expected = (start..end).flat_map(|r| (0..n_cols).map(move |c| c * n_rows + r));
                assert_eq!(rows, expected.collect::<Vec<_>>());
            }
        }
    }
}
