//! Tables with types, read some columns and some rows at a time.

use std::ops::Range;

use polars::prelude::Series;

use super::super::error::Problem;
use super::nested;

/// Consecutive rows of some columns.
pub(super) struct Frame {
    pub(super) n_rows: usize,
    /// In the order in which they were asked for.
    pub(super) columns: Vec<Series>,
}

impl Frame {
    /// `n_rows` rows from row `start`; nothing is copied.
    pub(super) fn slice(&self, start: usize, n_rows: usize) -> Self {
        let start = i64::try_from(start).unwrap_or(i64::MAX);
        let columns = self.columns.iter().map(|c| c.slice(start, n_rows));
        Self { n_rows, columns: columns.collect() }
    }

    /// The same with lists of one list each as lists, see [`nested::flat`]; row 0 is row `first_row` of the file.
    ///
    /// # Errors
    /// If a row holds another number of lists.
    pub(super) fn flat(self, first_row: usize) -> Result<Self, Problem> {
        let columns = self.columns.into_iter();
        let columns = columns.map(|column| nested::flat(column, first_row));
        Ok(Self { n_rows: self.n_rows, columns: columns.collect::<Result<_, _>>()? })
    }
}

/// Takes the next rows.
pub(super) type Visit<'a> = dyn FnMut(Frame) -> Result<(), Problem> + 'a;

/// A table of row groups, record batches or runs of lines, each of which can be read without the others.
pub(super) trait Frames: Send + Sync {
    /// The rows of each piece, one after the other without gaps.
    fn pieces(&self) -> &[Range<usize>];

    /// `problem` within the file.
    fn within(&self, problem: Problem) -> Problem;

    /// Calls `visit` with the rows of `range` of these columns, in order.
    ///
    /// # Errors
    /// What `visit` returns, or why reading failed, or that the file changed since it was opened.
    fn read(
        &self,
        columns: &[usize],
        range: Range<usize>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Problem>;
}

/// N, the rows of all pieces.
pub(super) fn n_rows(frames: &dyn Frames) -> usize {
    frames.pieces().last().map_or(0, |last| last.end)
}

/// The pieces that hold rows of `range`, each with its rows there, counted from its own first.
pub(super) fn pieces_in(
    pieces: &[Range<usize>],
    range: Range<usize>,
) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
    let first = pieces.partition_point(|piece| piece.end <= range.start);
    let pieces = pieces.iter().enumerate().skip(first);
    pieces
        .take_while(move |(_, piece)| piece.start < range.end)
        .map(move |(idx, piece)| {
            let start = range.start.max(piece.start) - piece.start;
            (idx, start..range.end.min(piece.end) - piece.start)
        })
        .filter(|(_, rows)| !rows.is_empty())
}

/// Pieces of these numbers of rows, one after the other.
pub(super) fn pieces_of(n_rows: impl IntoIterator<Item = usize>) -> Vec<Range<usize>> {
    let mut end = 0usize;
    let piece = |n: usize| {
        let start = end;
        end = end.saturating_add(n);
        start..end
    };
    n_rows.into_iter().map(piece).collect()
}
