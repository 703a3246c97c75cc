//! Columns to rows, in tiles that stay in the cache.

use rayon::prelude::*;

/// Columns of a tile: one cache line of f32, so that every line of the rows is written once and whole.
const TILE_COLUMNS: usize = 16;

/// Rows of a tile, so that the columns are read by whole cache lines too.
const TILE_ROWS: usize = 64;

/// Appends rows `start..start + n_rows` of `columns`, all of which are long enough, row-major.
pub(super) fn push_rows<T: Copy + Default + Send + Sync>(
    out: &mut Vec<T>,
    columns: &[&[T]],
    start: usize,
    n_rows: usize,
) {
    let n_cols = columns.len();
    let old = out.len();
    out.resize(old + n_rows * n_cols, T::default());
    let tiles = out[old..].par_chunks_mut(TILE_ROWS * n_cols.max(1));
    tiles.enumerate().for_each(|(tile, rows)| {
        let first = start + tile * TILE_ROWS;
        let n_rows = rows.len() / n_cols;
        for (group, columns) in columns.chunks(TILE_COLUMNS).enumerate() {
            // Slices of one length each, so that no index in the inner loop is checked twice.
            let mut cut: [&[T]; TILE_COLUMNS] = [&[]; TILE_COLUMNS];
            for (cut, column) in cut.iter_mut().zip(columns) {
                *cut = &column[first..first + n_rows];
            }
            let cut = &cut[..columns.len()];
            let rows = rows.chunks_exact_mut(n_cols).enumerate();
            rows.for_each(|(row, cells)| {
                let cells = &mut cells[group * TILE_COLUMNS..][..cut.len()];
                for (cell, column) in cells.iter_mut().zip(cut) {
                    *cell = column[row];
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_finds_its_place() {
        for (n_rows, n_cols) in [(0, 3), (1, 1), (5, 16), (64, 17), (65, 3), (130, 40)] {
            let column = |c: usize| (0..n_rows + 2).map(|r| r * 100 + c).collect::<Vec<_>>();
            let columns: Vec<Vec<usize>> = (0..n_cols).map(column).collect();
            let views: Vec<&[usize]> = columns.iter().map(Vec::as_slice).collect();
            let mut out = vec![7];
            push_rows(&mut out, &views, 1, n_rows);
            let expected = (1..=n_rows).flat_map(|r| (0..n_cols).map(move |c| r * 100 + c));
            assert_eq!(out[1..], expected.collect::<Vec<_>>());
        }
    }
}
