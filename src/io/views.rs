//! Some rows of other scores, seen as scores of their own: nothing is copied to make them.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use super::array::Dtype;
use super::error::Problem;
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, block_rows, emptied, push_rows, read_size};
use crate::data::{Values, ValuesRef};

/// Rows of a range.
pub(super) struct RangeView {
    inner: Arc<dyn RawScores>,
    range: Range<usize>,
}

impl RangeView {
    /// Rows `range` of `inner`, which it has.
    pub(super) fn new(inner: Arc<dyn RawScores>, range: Range<usize>) -> Self {
        debug_assert!(range.end <= inner.n_rows(), "the rows are there");
        Self { inner, range }
    }

    fn outer(&self, range: &Range<usize>) -> Range<usize> {
        self.range.start + range.start..self.range.start + range.end
    }
}

impl RawScores for RangeView {
    fn n_rows(&self) -> usize {
        self.range.len()
    }

    fn n_cols(&self) -> usize {
        self.inner.n_cols()
    }

    fn dtype(&self) -> Dtype {
        self.inner.dtype()
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        self.inner.read(self.outer(&range), spare, deliver)
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let wanted: Vec<usize> = wanted.iter().map(|r| self.range.start + r).collect();
        self.inner.rows(&wanted, watch)
    }

    fn pieces(&self) -> Option<Vec<Range<usize>>> {
        let within = |row: usize| row.clamp(self.range.start, self.range.end) - self.range.start;
        let pieces = self.inner.pieces()?.into_iter();
        Some(non_empty(pieces.map(|p| within(p.start)..within(p.end))))
    }

    fn held(&self) -> Option<ValuesRef<'_>> {
        let n_cols = self.n_cols();
        let (start, end) = (self.range.start * n_cols, self.range.end * n_cols);
        Some(self.inner.held()?.slice(start, end))
    }

    fn in_memory(&self) -> bool {
        self.inner.in_memory()
    }

    fn decodes(&self) -> bool {
        self.inner.decodes()
    }
}

/// The pieces that hold a row.
fn non_empty(pieces: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    pieces.filter(|piece| !piece.is_empty()).collect()
}

/// Rows of an ascending list.
pub(super) struct ListView {
    inner: Arc<dyn RawScores>,
    rows: Arc<[usize]>,
}

impl ListView {
    /// The rows of `inner` with these indices, in ascending order.
    pub(super) fn new(inner: Arc<dyn RawScores>, rows: Arc<[usize]>) -> Self {
        debug_assert!(rows.is_sorted(), "rows are read in the order of the file");
        Self { inner, rows }
    }
}

impl RawScores for ListView {
    fn n_rows(&self) -> usize {
        self.rows.len()
    }

    fn n_cols(&self) -> usize {
        self.inner.n_cols()
    }

    fn dtype(&self) -> Dtype {
        self.inner.dtype()
    }

    /// Reads everything between the first and the last of the rows, once.
    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let wanted = &self.rows[range];
        let (Some(&first), Some(&last)) = (wanted.first(), wanted.last()) else {
            return Ok(());
        };
        let n_cols = self.n_cols();
        let n_block = block_rows(n_cols, read_size(self.dtype()));
        // The inner reader fills one buffer again and again.
        let inner_buffer = RefCell::new(Values::default());
        let (mut row, mut next, mut out) = (first, 0, None);
        self.inner.read(first..last + 1, &mut || inner_buffer.take(), &mut |block| {
            if block.is_empty() {
                return deliver(block);
            }
            let end = row + block.len() / n_cols.max(1);
            let n_here = wanted[next..].partition_point(|r| *r < end);
            let here = wanted[next..next + n_here].iter().map(|r| r - row);
            let rows = out.get_or_insert_with(|| emptied(spare(), block.as_ref()));
            push_rows(rows, block.as_ref(), n_cols, here);
            (row, next) = (end, next + n_here);
            inner_buffer.replace(block);
            match out.take_if(|rows| rows.len() >= n_block * n_cols) {
                Some(full) => deliver(full),
                None => Ok(()),
            }
        })?;
        out.filter(|rows| !rows.is_empty()).map_or(Ok(()), deliver)
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let wanted: Vec<usize> = wanted.iter().map(|r| self.rows[*r]).collect();
        self.inner.rows(&wanted, watch)
    }

    fn pieces(&self) -> Option<Vec<Range<usize>>> {
        let place = |row: usize| self.rows.partition_point(|r| *r < row);
        let pieces = self.inner.pieces()?.into_iter();
        Some(non_empty(pieces.map(|p| place(p.start)..place(p.end))))
    }

    fn in_memory(&self) -> bool {
        self.inner.in_memory()
    }

    fn decodes(&self) -> bool {
        self.inner.decodes()
    }
}

/// The rows of several arrays or tables, one after the other.
pub(super) struct Chain {
    pieces: Vec<Arc<dyn RawScores>>,
    n_rows: usize,
    n_cols: usize,
    dtype: Dtype,
}

impl Chain {
    /// All rows of `pieces`.
    ///
    /// # Errors
    /// If there is no piece, or they differ in the number of columns or in the type their scores are
    /// read as.
    pub(super) fn new(pieces: Vec<Arc<dyn RawScores>>) -> Result<Self, Problem> {
        let Some(first) = pieces.first() else {
            return Err(Problem::new("there is no row of logits"));
        };
        let (n_cols, dtype) = (first.n_cols(), first.dtype());
        for piece in &pieces {
            if piece.n_cols() != n_cols {
                return Err(Problem::new(format!(
                    "the parts have {n_cols} and {} columns of logits",
                    piece.n_cols()
                )));
            }
            if read_size(piece.dtype()) != read_size(dtype) {
                return Err(Problem::new("the parts store their logits in different types"));
            }
        }
        Ok(Self { n_rows: pieces.iter().map(|p| p.n_rows()).sum(), n_cols, dtype, pieces })
    }

    /// Each piece with the number of rows before it.
    fn pieces(&self) -> impl Iterator<Item = (usize, &Arc<dyn RawScores>)> {
        self.pieces.iter().scan(0, |n_before, piece| {
            let start = *n_before;
            *n_before += piece.n_rows();
            Some((start, piece))
        })
    }
}

impl RawScores for Chain {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn n_cols(&self) -> usize {
        self.n_cols
    }

    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        for (n_before, piece) in self.pieces() {
            let start = range.start.saturating_sub(n_before);
            let end = range.end.saturating_sub(n_before).min(piece.n_rows());
            if start < end {
                piece.read(start..end, spare, deliver)?;
            }
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let (mut out, mut next) = (None, 0);
        for (n_before, piece) in self.pieces() {
            let n_here = wanted[next..].partition_point(|r| *r < n_before + piece.n_rows());
            let here = wanted[next..next + n_here].iter().map(|r| r - n_before);
            let here: Vec<usize> = here.collect();
            next += n_here;
            if here.is_empty() {
                continue;
            }
            let rows = piece.rows(&here, watch)?;
            let out = out.get_or_insert_with(|| emptied(Values::default(), rows.as_ref()));
            push_rows(out, rows.as_ref(), self.n_cols, 0..here.len());
        }
        Ok(out.unwrap_or_default())
    }

    fn pieces(&self) -> Option<Vec<Range<usize>>> {
        let all = self.pieces().map(|(n_before, piece)| {
            let inner =
                piece.pieces().unwrap_or_else(|| std::iter::once(0..piece.n_rows()).collect());
            let inner = inner.into_iter();
            inner.map(move |p| n_before + p.start..n_before + p.end)
        });
        let near = self.pieces.iter().all(|piece| piece.pieces().is_none());
        (!near).then(|| non_empty(all.flatten()))
    }

    fn in_memory(&self) -> bool {
        self.pieces.iter().all(|piece| piece.in_memory())
    }

    fn decodes(&self) -> bool {
        self.pieces.iter().any(|piece| piece.decodes())
    }
}
