//! Scores of an array inside a zip archive, unpacked again for every pass.

use std::io::BufReader;
use std::ops::Range;

use zip::ZipArchive;

use super::array::Dtype;
use super::error::Problem;
use super::npy;
use super::npy_scores::{Layout, NpyScores};
use super::npz::broken;
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, pick};
use super::stamp::Stamp;
use crate::data::Values;

/// One member of an archive, in row order.
#[derive(Debug)]
pub(super) struct MemberScores {
    stamp: Stamp,
    name: String,
    /// Place of the member in the archive.
    member: usize,
    layout: Layout,
    /// The same elements where they lie in the file as they are: some of them are read by seeking.
    stored: Option<NpyScores>,
}

impl MemberScores {
    /// The array `name` in this member of the archive.
    pub(super) fn new(
        stamp: Stamp,
        (name, member): (String, usize),
        layout: Layout,
        stored: Option<NpyScores>,
    ) -> Self {
        Self {
            stamp,
            name,
            member,
            layout,
            stored,
        }
    }

    /// Unpacks from the start of the member, so that its checksum is compared at its end.
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
            let block = block.map_err(|e| self.stamp.explain(e))?;
            self.stamp.check()?;
            deliver(if before { Values::default() } else { block })?;
            start += n_rows;
        }
        if range.end == self.layout.n_rows {
            // The checksum is looked at by whoever reads the end.
            let rest = std::io::copy(&mut member, &mut std::io::sink());
            rest.map_err(|e| self.stamp.explain(e))?;
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
        match &self.stored {
            Some(stored) if range.len() < self.layout.n_rows => stored.read(range, spare, deliver),
            _ => self.unpack(range, spare, deliver),
        }
    }

    fn decodes(&self) -> bool {
        self.stored.is_none()
    }

    /// Of a packed member everything is unpacked once: the first rows alone would do for an array that
    /// is not sorted by class, but nobody knows which those are.
    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        match &self.stored {
            Some(stored) => stored.rows(wanted, watch),
            None => pick(self, wanted, watch),
        }
    }
}
