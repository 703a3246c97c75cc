//! The elements of a dataset, read by ranges of rows.

use std::ops::Range;

use hdf5_reader::error::Error;
use hdf5_reader::{Datatype, H5Type, SliceInfo, SliceInfoElem};

use super::super::array::{ArrayInfo, Dtype};
use super::super::error::Problem;
use super::super::floats::FloatReader;
use super::super::progress::Watch;
use super::super::raw::{Deliver, RawScores, Spare, block_rows, read_size};
use super::{Table, guard};
use crate::data::Values;

/// The stored bytes of one element.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Stored<const N: usize>([u8; N]);

impl<const N: usize> H5Type for Stored<N> {
    fn hdf5_type() -> Datatype {
        Datatype::Opaque { size: u32::try_from(N).unwrap_or(u32::MAX), tag: String::new() }
    }

    fn from_bytes(bytes: &[u8], _: &Datatype) -> Result<Self, Error> {
        let first = bytes.first_chunk().copied();
        let short = || Error::InvalidData("an element is cut short".to_owned());
        Ok(Self(first.ok_or_else(short)?))
    }

    fn element_size(_: &Datatype) -> usize {
        N
    }

    fn decode_vec(raw: &[u8], _: &Datatype, count: usize) -> Option<Result<Vec<Self>, Error>> {
        let words = raw.as_chunks::<N>().0.get(..count)?;
        Some(Ok(words.iter().map(|word| Self(*word)).collect()))
    }

    /// Any bytes are such an element, whatever they stand for.
    fn native_copy_compatible(dtype: &Datatype) -> bool {
        hdf5_reader::dtype_element_size(dtype).is_ok_and(|size| size == N)
    }
}

impl Table {
    /// Appends the stored bytes of the selected elements, each of `size` bytes.
    pub(super) fn slice(
        &self,
        chosen: &SliceInfo,
        size: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        match size {
            1 => self.slice_of::<1>(chosen, out),
            2 => self.slice_of::<2>(chosen, out),
            4 => self.slice_of::<4>(chosen, out),
            _ => self.slice_of::<8>(chosen, out),
        }
    }

    fn slice_of<const N: usize>(
        &self,
        chosen: &SliceInfo,
        out: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        let elements = guard(|| self.dataset.read_slice::<Stored<N>>(chosen));
        self.blob.check()?;
        let elements = elements?;
        out.reserve(elements.len() * N);
        elements.iter().for_each(|e| out.extend_from_slice(&e.0));
        Ok(())
    }
}

/// A dataset of scores, read in blocks.
pub(super) struct DatasetScores {
    table: Table,
    n_axes: usize,
    dtype: Dtype,
    /// Rows lie in runs, one for each index of the first of three axes.
    n_outer: usize,
    n_inner: usize,
    n_cols: usize,
}

impl DatasetScores {
    /// `None` if it is no matrix of numbers.
    pub(super) fn new(info: &ArrayInfo, table: &Table) -> Option<Self> {
        let dtype = info.dtype.clone().ok()?;
        let (n_outer, n_inner, n_cols) = match info.shape[..] {
            [n] => (1, n, 1),
            [n, k] => (1, n, k),
            [n, t, k] => (n, t, k),
            _ => return None,
        };
        let is_number = dtype.is_float() || matches!(dtype, Dtype::Int { .. });
        is_number.then(|| Self {
            table: table.clone(),
            n_axes: info.shape.len(),
            dtype,
            n_outer,
            n_inner,
            n_cols,
        })
    }

    /// Appends the stored bytes of the rows of `range`.
    fn append(&self, range: Range<usize>, bytes: &mut Vec<u8>) -> Result<(), Problem> {
        let mut row = range.start;
        while row < range.end {
            let (run, first) = (row / self.n_inner, row % self.n_inner);
            // As many whole runs as fit, or what is wanted of this one.
            let n_runs = (range.end - row) / self.n_inner;
            let (runs, rows) = if first == 0 && n_runs > 0 {
                (run..run + n_runs, 0..self.n_inner)
            } else {
                let end = self.n_inner.min(first + (range.end - row));
                (run..run + 1, first..end)
            };
            row += runs.len() * rows.len();
            let axes = [runs, rows, 0..self.n_cols];
            let wanted = match self.n_axes {
                1 => &axes[1..2],
                2 => &axes[1..],
                _ => &axes[..],
            };
            let selections = wanted.iter().map(|axis| SliceInfoElem::Slice {
                start: axis.start as u64,
                end: axis.end as u64,
                step: 1,
            });
            let selections = selections.collect();
            self.table.slice(&SliceInfo { selections }, self.dtype.size(), bytes)?;
        }
        Ok(())
    }

    fn reader(&self) -> FloatReader {
        FloatReader::new(self.dtype, self.table.big_endian)
    }
}

impl RawScores for DatasetScores {
    fn n_rows(&self) -> usize {
        self.n_outer * self.n_inner
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
        let n_block = block_rows(self.n_cols, read_size(self.dtype));
        let (mut reader, mut bytes) = (self.reader(), Vec::new());
        for start in range.clone().step_by(n_block) {
            let rows = start..(start + n_block).min(range.end);
            let n = rows.len() * self.n_cols;
            bytes.clear();
            self.append(rows, &mut bytes)?;
            deliver(reader.read(&mut &bytes[..], n, spare())?)?;
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let mut bytes = Vec::new();
        for run in wanted.chunk_by(|a, b| a + 1 == *b) {
            self.append(run[0]..run[0] + run.len(), &mut bytes)?;
            watch.tick()?;
        }
        let n = wanted.len() * self.n_cols;
        Ok(self.reader().read(&mut &bytes[..], n, Values::default())?)
    }
}
