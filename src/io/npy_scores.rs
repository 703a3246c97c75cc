//! Scores of a .npy array inside a file, read by seeking.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use super::array::Dtype;
use super::error::Problem;
use super::floats::FloatReader;
use super::npy::NpyHeader;
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, block_rows, pick, push_rows, read_size, with_room};
use super::stamp::Stamp;
use super::transpose::transposed_values;
use crate::data::Values;

/// Bytes of columns that are read together from an array in Fortran order: each column is one seek, so
/// that a block of the usual size would be nothing but seeks.
const COLUMN_BYTES: usize = 64 << 20;

/// Runs of a sample between two signs of life.
const RUNS_PER_TICK: usize = 64;

/// An array of numbers whose elements lie in a file as they are.
#[derive(Debug)]
pub(super) struct NpyScores {
    stamp: Stamp,
    layout: Layout,
    /// Bytes of the file before the first element.
    start: u64,
}

/// How the elements of a matrix are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) n_rows: usize,
    pub(super) n_cols: usize,
    pub(super) dtype: Dtype,
    pub(super) big_endian: bool,
    /// Column after column.
    pub(super) by_columns: bool,
}

impl Layout {
    /// Of an array of numbers whose rows or columns follow each other; `None` for any other.
    pub(super) fn of(header: &NpyHeader) -> Option<Self> {
        let info = &header.info;
        let dtype = info.dtype.clone().ok()?;
        let is_number = dtype.is_float() || matches!(dtype, Dtype::Int { .. });
        // Rows of three axes in Fortran order lie in no such order.
        let is_plain = !header.fortran_order || info.shape.len() <= 2;
        let n_cols = info.n_cols().filter(|_| is_number && is_plain)?;
        Some(Self {
            n_rows: info.n_rows(),
            n_cols,
            dtype,
            big_endian: header.big_endian,
            by_columns: header.fortran_order && n_cols > 1,
        })
    }

    /// Reads its elements.
    pub(super) fn reader(&self) -> FloatReader {
        FloatReader::new(self.dtype, self.big_endian)
    }

    /// Rows of one block.
    pub(super) fn block_rows(&self) -> usize {
        block_rows(self.n_cols, read_size(self.dtype))
    }
}

impl NpyScores {
    /// The array whose elements begin `start` bytes into the file. The file is known to hold all of
    /// them.
    pub(super) fn new(stamp: Stamp, layout: Layout, start: u64) -> Self {
        Self { stamp, layout, start }
    }

    /// Goes to an element, counted in stored order.
    fn seek(&self, file: &mut File, element: usize) -> Result<(), Problem> {
        // All elements lie within the file, so their places fit.
        let at = self.start + element as u64 * self.layout.dtype.size() as u64;
        file.seek(SeekFrom::Start(at)).map_err(|e| self.stamp.explain(e))?;
        Ok(())
    }

    fn read_by_rows(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let Layout { n_cols, .. } = self.layout;
        let mut file = self.stamp.open()?;
        self.seek(&mut file, range.start * n_cols)?;
        let mut reader = self.layout.reader();
        let n_block = self.layout.block_rows();
        for start in range.clone().step_by(n_block) {
            let n = n_block.min(range.end - start) * n_cols;
            let block = reader.read(&mut file, n, spare());
            let block = block.map_err(|e| self.stamp.explain(e))?;
            self.stamp.check()?;
            deliver(block)?;
        }
        Ok(())
    }

    fn read_by_columns(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let Layout { n_cols, dtype, .. } = self.layout;
        let mut file = self.stamp.open()?;
        let mut reader = self.layout.reader();
        let n_together = (COLUMN_BYTES / (n_cols * dtype.size())).max(self.layout.block_rows());
        let mut stored = Vec::new();
        let mut columns = Values::default();
        for start in range.clone().step_by(n_together) {
            let rows = start..(start + n_together).min(range.end);
            self.columns_of(rows.clone(), &mut file, &mut stored)?;
            columns = reader.read(&mut &stored[..], rows.len() * n_cols, columns)?;
            self.stamp.check()?;
            let n_block = self.layout.block_rows();
            for first in (0..rows.len()).step_by(n_block) {
                let part = (first, (first + n_block).min(rows.len()));
                deliver(transposed_values(columns.as_ref(), n_cols, part, spare()))?;
            }
        }
        Ok(())
    }

    /// The stored bytes of these rows, column after column.
    fn columns_of(
        &self,
        rows: Range<usize>,
        file: &mut File,
        stored: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        let Layout { n_rows, n_cols, dtype, .. } = self.layout;
        let n_bytes = rows.len() * dtype.size();
        stored.resize(n_bytes * n_cols, 0);
        if rows.len() == n_rows {
            self.seek(file, 0)?;
            return file.read_exact(stored).map_err(|e| self.stamp.explain(e));
        }
        for (col, column) in stored.chunks_exact_mut(n_bytes).enumerate() {
            self.seek(file, col * n_rows + rows.start)?;
            file.read_exact(column).map_err(|e| self.stamp.explain(e))?;
        }
        Ok(())
    }
}

impl RawScores for NpyScores {
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
        if self.layout.by_columns {
            self.read_by_columns(range, spare, deliver)
        } else {
            self.read_by_rows(range, spare, deliver)
        }
    }

    fn decodes(&self) -> bool {
        self.layout.by_columns
    }

    /// Seeks to each run of neighbours; of an array in Fortran order, which has no rows to seek to,
    /// everything is read once.
    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        if self.layout.by_columns {
            return pick(self, wanted, watch);
        }
        let Layout { n_cols, .. } = self.layout;
        let mut file = self.stamp.open()?;
        let mut reader = self.layout.reader();
        let (mut out, mut buffer) = (None, Values::default());
        for (idx, run) in wanted.chunk_by(|a, b| a + 1 == *b).enumerate() {
            self.seek(&mut file, run[0] * n_cols)?;
            let rows = reader.read(&mut file, run.len() * n_cols, buffer);
            buffer = rows.map_err(|e| self.stamp.explain(e))?;
            let out = out.get_or_insert_with(|| with_room(buffer.as_ref(), wanted.len() * n_cols));
            push_rows(out, buffer.as_ref(), n_cols, 0..run.len());
            if idx % RUNS_PER_TICK == 0 {
                watch.tick()?;
            }
        }
        self.stamp.check()?;
        Ok(out.unwrap_or_default())
    }
}
