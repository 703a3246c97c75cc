//! Scores of an array that is packed in a zip archive, unpacked again for every pass.

use std::io::BufReader;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use zip::ZipArchive;

use super::array::Dtype;
use super::checksum;
use super::error::Problem;
use super::npy;
use super::npy_scores::Layout;
use super::npz::broken;
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, pick};
use super::stamp::Stamp;
use crate::data::Values;

/// One packed member of an archive, in row order.
#[derive(Debug)]
pub(super) struct MemberScores {
    stamp: Stamp,
    name: String,
    /// Place of the member in the archive.
    member: usize,
    layout: Layout,
    /// True once all of it was held against its checksum.
    verified: AtomicBool,
}

impl MemberScores {
    /// The array `name` in this member of the archive.
    pub(super) fn new(stamp: Stamp, (name, member): (String, usize), layout: Layout) -> Self {
        Self { stamp, name, member, layout, verified: AtomicBool::new(false) }
    }

    /// Unpacks from the start of the member, and on to its end unless that was seen before: there its checksum is
    /// compared.
    fn unpack(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let file = BufReader::with_capacity(1 << 16, self.stamp.open()?);
        let mut archive = ZipArchive::new(file).map_err(|e| self.stamp.explain(broken(&e)))?;
        let member = archive.by_index(self.member);
        let mut member = member.map_err(|e| self.stamp.explain(broken(&e)))?;
        npy::read_header(&self.name, &mut member).map_err(|p| self.stamp.explain(p))?;
        let (n_cols, n_block) = (self.layout.n_cols, self.layout.block_rows());
        let mut reader = self.layout.reader();
        let mut start = 0;
        while start < range.end {
            // What is before the range is unpacked too; there a block is a sign of life.
            let before = start < range.start;
            let limit = if before { range.start } else { range.end };
            let n_rows = n_block.min(limit - start);
            let block = reader.read(&mut member, n_rows * n_cols, spare());
            let block =
                block.map_err(|e| self.stamp.explain(checksum::unpacking(&self.name, e)))?;
            self.stamp.check()?;
            deliver(if before { Values::default() } else { block })?;
            start += n_rows;
        }
        if range.end == self.layout.n_rows || !self.verified.load(Ordering::Relaxed) {
            let mut go_on = || deliver(Values::default());
            checksum::finish(&self.name, &mut member, &mut go_on)
                .map_err(|p| self.stamp.explain(p))?;
            self.verified.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl RawScores for MemberScores {
    fn n_rows(&self) -> usize {
        self.layout.n_rows
    }

    fn n_cols(&self) -> usize {
        self.layout.n_cols
    }

    fn dtype(&self) -> Dtype {
        match self.layout.dtype {
            Dtype::Int { .. } => Dtype::F64,
            dtype => dtype,
        }
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        self.unpack(range, spare, deliver)
    }

    /// Everything is unpacked once: the first rows alone would do for an array that
    /// is not sorted by class, but nobody knows which those are.
    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        pick(self, wanted, watch)
    }
}
