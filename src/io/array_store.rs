//! What every container of arrays can do.

use std::sync::Arc;

use super::array::{Array, ArrayInfo};
use super::error::Problem;
use super::progress::Watch;
use super::raw::RawScores;

/// A container of arrays whose headers are known.
pub(super) trait ArrayStore {
    /// What is inside, in stored order.
    fn infos(&self) -> &[ArrayInfo];

    /// Reads array `idx`.
    fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem>;

    /// Holds the bytes of array `idx` against their checksum, where they have one that [`ArrayStore::read`] or the
    /// first pass over its scores does not look at anyway. To be called once, before [`ArrayStore::access`].
    ///
    /// # Errors
    /// If they do not match and a file cannot have been saved so.
    fn verify(&mut self, _idx: usize, _watch: &mut Watch<'_>) -> Result<(), Problem> {
        Ok(())
    }

    /// How the numbers of array `idx` can be read.
    fn access(&self, idx: usize) -> Access;
}

/// How an array of numbers can be read.
pub(super) enum Access {
    /// In pieces, again and again, from any row.
    Cheap(Arc<dyn RawScores>),
    /// In pieces, each time at the price of unpacking everything or of many seeks: it is read once and
    /// held if there is memory for it.
    Dear(Arc<dyn RawScores>),
    /// Not in pieces (packed, column after column): there must be memory for it.
    WholeOnly,
    /// It is in memory, or is not an array of numbers.
    InMemory,
}
