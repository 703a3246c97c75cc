//! Scores as they are stored, read again as often as wanted and never held whole.

use std::ops::Range;

use super::array::Dtype;
use super::error::Problem;
use crate::data::Values;

/// Bytes of decoded scores in one block, at most (one row at least).
#[expect(
    dead_code,
    reason = "the seam that the streaming readers are built against"
)]
pub(super) const BLOCK_BYTES: usize = 8 << 20;

/// The scores of one array or table, N x C: the one interface of every format that is read in pieces.
///
/// Blocks hold `Values::F64` where the stored type is f64 or text, `Values::F32` otherwise; the same
/// variant in every block.
#[expect(
    dead_code,
    reason = "the seam that the streaming readers are built against"
)]
pub(super) trait RawScores: Send + Sync {
    /// N, known once the file was opened.
    fn n_rows(&self) -> usize;

    /// C, the columns stored: 1 for a lone score, K otherwise.
    fn n_cols(&self) -> usize;

    /// The type they are stored in.
    fn dtype(&self) -> Dtype;

    /// Delivers the rows of `range` in order, row-major, in blocks of whole rows of about
    /// [`BLOCK_BYTES`]. `spare` hands out a buffer to fill, one that was used before if there is one.
    ///
    /// # Errors
    /// What `deliver` returns; or why reading failed, in words that name the file, and the row where
    /// there is one. A file that shrank, grew, vanished or was replaced since it was opened is an error.
    fn read(
        &self,
        range: Range<usize>,
        spare: &mut dyn FnMut() -> Values,
        deliver: &mut dyn FnMut(Values) -> Result<(), Problem>,
    ) -> Result<(), Problem>;

    /// The rows with these ascending indices, row-major, for a first guess from rows spread over the
    /// file: a few thousand at most.
    ///
    /// # Errors
    /// As [`RawScores::read`].
    fn rows(&self, wanted: &[usize]) -> Result<Values, Problem>;
}
