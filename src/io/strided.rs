//! Arrays whose elements lie at regular distances: whole tensors, slices of them, transposed views.

use std::ops::Range;

use super::array::{ArrayInfo, Dtype};
use super::blob::{Blob, BlobReader};
use super::error::Problem;

/// Of a span of bytes at least one part in this many must be wanted, or it is read in pieces.
const MAX_WASTE: usize = 8;

/// Elements that the rows of one read may lie apart.
const MAX_SPAN: usize = 16 << 20;

/// Where the elements of an array lie.
#[derive(Clone, Debug)]
pub(super) struct Strided {
    /// The storage that the array is a view of.
    pub(super) bytes: Blob,
    pub(super) dtype: Dtype,
    pub(super) big_endian: bool,
    /// The first element's place in the storage, in elements.
    pub(super) start: usize,
    /// Lengths of the axes.
    pub(super) shape: Vec<usize>,
    /// Elements from one index of an axis to the next, for each axis.
    pub(super) strides: Vec<usize>,
}

/// The strides of an array whose last axis varies fastest. Lengths whose product does not fit a
/// `usize` give strides that [`Strided::check`] refuses.
pub(super) fn row_major(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1usize; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis].max(1));
    }
    strides
}

/// The strides of an array whose first axis varies fastest.
pub(super) fn column_major(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1usize; shape.len()];
    for axis in 1..shape.len() {
        strides[axis] = strides[axis - 1].saturating_mul(shape[axis - 1].max(1));
    }
    strides
}

impl Strided {
    /// The number of elements, if all of them lie within the storage and none is shared by so many
    /// places that there are more elements than the storage has room for.
    ///
    /// # Errors
    /// If the view does not fit its storage; `info` says which array it is.
    pub(super) fn check(&self, info: &ArrayInfo) -> Result<usize, Problem> {
        let room = self.bytes.len() / self.dtype.size().max(1) as u64;
        let n = product(&self.shape).filter(|n| *n as u64 <= room);
        let last = self.last_element().filter(|last| (*last as u64) < room);
        match (n, last) {
            (Some(0), _) => Ok(0),
            (Some(n), Some(_)) => Ok(n),
            _ => Err(Problem::new(format!(
                "{info}: its shape and strides reach beyond the {} bytes that are stored for it",
                self.bytes.len()
            ))
            .hint("save the tensor itself and no view that repeats it: `x.clone()`")),
        }
    }

    fn last_element(&self) -> Option<usize> {
        let axes = self.shape.iter().zip(&self.strides);
        axes.into_iter().try_fold(self.start, |at, (&n, stride)| {
            at.checked_add(n.saturating_sub(1).checked_mul(*stride)?)
        })
    }

    /// The bytes of the rows in `range` where they lie one after the other without gaps.
    pub(super) fn run(&self, range: Range<usize>) -> Option<BlobReader> {
        let rows = self.rows()?;
        let (n_cols, size) = (rows.n_cols(), self.dtype.size());
        if rows.outer.0 != 1 || rows.inner.1 != n_cols || rows.column.1 != 1 {
            return None;
        }
        let start = (self.start + range.start * n_cols) * size;
        let n_bytes = range.len() * n_cols * size;
        let run = self.bytes.part(start as u64, n_bytes as u64)?;
        Some(run.reader())
    }

    /// The rows of the matrix that the array is: rows x columns for one axis (one column) or two, and for
    /// three the first two axes flattened into rows.
    pub(super) fn rows(&self) -> Option<Rows<'_>> {
        let (s, d) = (&self.strides, &self.shape);
        let [outer, inner, column] = match d[..] {
            [n] => [(1, 0), (n, s[0]), (1, 1)],
            [n, k] => [(1, 0), (n, s[0]), (k, s[1])],
            [n, t, k] if s[0] == s[1].saturating_mul(t) => [(1, 0), (n * t, s[1]), (k, s[2])],
            [n, t, k] => [(n, s[0]), (t, s[1]), (k, s[2])],
            _ => return None,
        };
        Some(Rows { of: self, outer, inner, column })
    }
}

/// The product of `lengths`, if a `usize` holds it.
pub(super) fn product(lengths: &[usize]) -> Option<usize> {
    if lengths.contains(&0) {
        return Some(0);
    }
    lengths.iter().try_fold(1usize, |n, &d| n.checked_mul(d))
}

/// A matrix in a storage; each axis is a length and a stride.
pub(super) struct Rows<'a> {
    of: &'a Strided,
    /// What jumps between runs of rows.
    outer: (usize, usize),
    /// The rows of one run.
    inner: (usize, usize),
    column: (usize, usize),
}

impl Rows<'_> {
    /// N.
    pub(super) fn n_rows(&self) -> usize {
        self.outer.0 * self.inner.0
    }

    /// K.
    pub(super) fn n_cols(&self) -> usize {
        self.column.0
    }

    /// Appends the bytes of the elements of the rows in `range`, row-major, as they are stored.
    ///
    /// # Errors
    /// If the storage cannot be read.
    pub(super) fn append(&self, range: Range<usize>, out: &mut Vec<u8>) -> Result<(), Problem> {
        let n_row = self.column.0 * self.of.dtype.size();
        let mut filled = out.len();
        out.resize(filled + range.len() * n_row, 0);
        let mut row = range.start;
        while row < range.end && n_row > 0 {
            let (run, first) = (row / self.inner.0, row % self.inner.0);
            let n = (self.inner.0 - first).min(range.end - row);
            let start = self.of.start + run * self.outer.1 + first * self.inner.1;
            self.read_run(start, n, &mut out[filled..filled + n * n_row])?;
            row += n;
            filled += n * n_row;
        }
        Ok(())
    }

    /// `n` rows of one run, the first of which begins at element `start`.
    fn read_run(&self, start: usize, n: usize, out: &mut [u8]) -> Result<(), Problem> {
        let (n_cols, column) = self.column;
        let row = self.inner.1;
        if column == 1 && (row == n_cols || n == 1) || n_cols == 1 && row == 1 {
            let at = start * self.of.dtype.size();
            return self.of.bytes.read_exact_at(out, at as u64);
        }
        if n > 1 && span(n, row) > MAX_SPAN {
            let (above, below) = out.split_at_mut(n / 2 * n_cols * self.of.dtype.size());
            self.read_run(start, n / 2, above)?;
            return self.read_run(start + n / 2 * row, n - n / 2, below);
        }
        let all = ((n, row), (n_cols, column));
        if extent(all) <= n.saturating_mul(n_cols).saturating_mul(MAX_WASTE) {
            self.pick(start, all, 0, out)
        } else if row < column {
            (0..n_cols).try_for_each(|k| {
                let one_column = ((n, row), (1, column));
                self.pick(start + k * column, one_column, k, out)
            })
        } else {
            (0..n).try_for_each(|i| {
                let one_row = ((1, row), (n_cols, column));
                self.pick(start + i * row, one_row, i * n_cols, out)
            })
        }
    }

    /// Reads the span of two axes that begins at element `start`, and copies their elements to where
    /// they belong: the first to element `first` of `out`, and rows follow each other at a distance of K.
    fn pick(&self, start: usize, axes: Axes, first: usize, out: &mut [u8]) -> Result<(), Problem> {
        let size = self.of.dtype.size();
        let (rows, columns) = axes;
        let at = (start * size) as u64;
        let bytes = self.of.bytes.bytes(at, (extent(axes) * size) as u64)?;
        for i in 0..rows.0 {
            for k in 0..columns.0 {
                let from = (i * rows.1 + k * columns.1) * size;
                let to = (first + i * self.column.0 + k) * size;
                out[to..to + size].copy_from_slice(&bytes[from..from + size]);
            }
        }
        Ok(())
    }
}

/// Lengths and strides of rows and columns.
type Axes = ((usize, usize), (usize, usize));

/// Elements from the first to the last of two axes, both counted.
fn extent((rows, columns): Axes) -> usize {
    let last = span(rows.0, rows.1).saturating_add(span(columns.0, columns.1));
    last.saturating_add(1)
}

/// Elements from the first to the last of `n` at a distance of `stride`.
fn span(n: usize, stride: usize) -> usize {
    n.saturating_sub(1).saturating_mul(stride)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    /// The rows of a view of the numbers 0, 1, 2, .. as a vector.
    fn rows(start: usize, shape: &[usize], strides: &[usize], range: Range<usize>) -> Vec<u8> {
        let view = Strided {
            bytes: Blob::held((0..=255).collect::<Vec<u8>>()),
            dtype: Dtype::Int { signed: false, size: 1 },
            big_endian: false,
            start,
            shape: shape.to_vec(),
            strides: strides.to_vec(),
        };
        let run = view.run(range.clone());
        let mut out = Vec::new();
        let rows = view.rows().expect("at most three axes");
        assert_eq!(rows.n_rows() * rows.n_cols(), product(shape).unwrap());
        rows.append(range, &mut out).expect("within the storage");
        if let Some(mut run) = run {
            let mut same = Vec::new();
            run.read_to_end(&mut same).expect("within the storage");
            assert_eq!(same, out, "the run of {shape:?} by {strides:?}");
        }
        out
    }

    #[test]
    fn rows_of_plain_sliced_and_transposed_views() {
        assert_eq!(rows(0, &[3, 2], &[2, 1], 1..3), [2, 3, 4, 5]);
        // Every second row, without the first column.
        assert_eq!(rows(1, &[2, 2], &[6, 1], 0..2), [1, 2, 7, 8]);
        // Rows far apart are read one by one.
        assert_eq!(rows(0, &[3, 2], &[100, 1], 0..3), [0, 1, 100, 101, 200, 201]);
        assert_eq!(rows(0, &[3, 2], &[1, 3], 0..3), [0, 3, 1, 4, 2, 5]);
        // Columns far apart are read one by one.
        assert_eq!(rows(0, &[3, 2], &[1, 100], 1..3), [1, 101, 2, 102]);
        assert_eq!(rows(5, &[3], &[7], 0..3), [5, 12, 19]);
    }

    #[test]
    fn three_axes_are_rows_of_the_last() {
        assert_eq!(rows(0, &[2, 2, 2], &[4, 2, 1], 1..4), [2, 3, 4, 5, 6, 7]);
        // [sentence, token, class] of which the last token is cut off.
        assert_eq!(rows(0, &[2, 2, 1], &[3, 1, 1], 0..4), [0, 1, 3, 4]);
        // Tokens before sentences.
        assert_eq!(rows(0, &[2, 2, 2], &[2, 4, 1], 0..4), [0, 1, 4, 5, 2, 3, 6, 7]);
    }

    #[test]
    fn views_that_do_not_fit_are_refused() {
        let check = |start, shape: &[usize], strides: &[usize]| {
            let info =
                ArrayInfo { name: "x".to_owned(), dtype: Ok(Dtype::F32), shape: shape.to_vec() };
            let view = Strided {
                bytes: Blob::held(vec![0; 40]),
                dtype: Dtype::F32,
                big_endian: false,
                start,
                shape: shape.to_vec(),
                strides: strides.to_vec(),
            };
            view.check(&info).ok()
        };
        assert_eq!(check(0, &[5, 2], &[2, 1]), Some(10));
        assert_eq!(check(9, &[0, 2], &[2, 1]), Some(0));
        assert_eq!(check(1, &[5, 2], &[2, 1]), None);
        assert_eq!(check(0, &[11], &[0]), None, "more elements than are stored");
        assert_eq!(check(0, &[usize::MAX, 2], &[1, usize::MAX]), None);
        assert_eq!(check(usize::MAX, &[2], &[usize::MAX]), None);
    }
}
