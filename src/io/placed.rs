//! Arrays of which it is known where they lie: what safetensors, torch and pickle files come down to.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::array_store::{Access, ArrayStore};
use super::blob::{Blob, BlobId};
use super::checksum;
use super::error::Problem;
use super::floats::FloatReader;
use super::npy::{self, NpyHeader};
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, block_rows, read_size};
use super::strided::{Strided, product};
use crate::data::Values;

/// Where the elements of an array are.
#[derive(Debug)]
pub(super) enum Body {
    /// In a file, one piece after the other along the first axis.
    Pieces(Vec<Strided>),
    /// In memory, row-major.
    Held(Elements),
    /// Of a type that cannot be read.
    Unreadable,
}

/// A container of such arrays.
#[derive(Debug, Default)]
pub(super) struct PlacedArrays {
    infos: Vec<ArrayInfo>,
    bodies: Vec<Body>,
    /// Of the bytes that arrays lie in, until they are looked at.
    sums: HashMap<BlobId, Sum>,
    /// What every array hangs on: names and shapes.
    common: Vec<BlobId>,
}

/// Bytes and the checksum that was saved with them.
#[derive(Debug)]
pub(super) struct Sum {
    name: String,
    bytes: Blob,
    crc32: u32,
}

impl Sum {
    /// Of the member `name` of an archive.
    pub(super) fn new(name: String, bytes: Blob, crc32: u32) -> Self {
        Self { name, bytes, crc32 }
    }

    /// Tells `watch` if the bytes are others than those that were saved. Files may be saved without checksums, which
    /// are 0 then.
    fn verify(&self, watch: &mut Watch<'_>) -> Result<(), Problem> {
        if self.crc32 == 0 {
            return Ok(());
        }
        let mut reader = self.bytes.reader();
        if checksum::sum_of(&mut reader, &mut || watch.tick())? != self.crc32 {
            watch.add_damaged(&self.name);
        }
        self.bytes.check()
    }
}

impl PlacedArrays {
    /// Adds an array.
    ///
    /// # Errors
    /// If its elements do not lie where they are said to.
    pub(super) fn add(&mut self, info: ArrayInfo, body: Body) -> Result<(), Problem> {
        if let Body::Pieces(pieces) = &body {
            pieces.iter().try_for_each(|p| p.check(&info).map(drop))?;
        }
        self.infos.push(info);
        self.bodies.push(body);
        Ok(())
    }

    /// With what their bytes, and those that all of them hang on, are to be held against.
    pub(super) fn checked_against(&mut self, sums: Vec<Sum>, common: Vec<BlobId>) {
        self.common = common;
        self.sums = sums.into_iter().map(|sum| (sum.bytes.id(), sum)).collect();
    }

    /// True if there is no array.
    pub(super) fn is_empty(&self) -> bool {
        self.infos.is_empty()
    }
}

impl ArrayStore for PlacedArrays {
    fn infos(&self) -> &[ArrayInfo] {
        &self.infos
    }

    fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem> {
        self.verify(idx, watch)?;
        let info = self.infos[idx].clone();
        let elements = match &self.bodies[idx] {
            Body::Held(elements) => elements.clone(),
            Body::Pieces(pieces) => read_pieces(&info, pieces, watch)?,
            Body::Unreadable => return Err(unreadable(&info)),
        };
        Ok(Array { info, elements })
    }

    fn verify(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<(), Problem> {
        let pieces = match &self.bodies[idx] {
            Body::Pieces(pieces) => &pieces[..],
            Body::Held(_) | Body::Unreadable => &[],
        };
        let of_pieces = pieces.iter().map(|piece| piece.bytes.id());
        for id in self.common.iter().copied().chain(of_pieces) {
            if let Some(sum) = self.sums.remove(&id) {
                sum.verify(watch)?;
            }
        }
        Ok(())
    }

    fn access(&self, idx: usize) -> Access {
        let scores = match &self.bodies[idx] {
            Body::Pieces(pieces) => PlacedScores::new(pieces.clone()),
            Body::Held(_) | Body::Unreadable => None,
        };
        scores.map_or(Access::InMemory, |scores| Access::Cheap(Arc::new(scores)))
    }
}

fn unreadable(info: &ArrayInfo) -> Problem {
    let kind = info.dtype.as_ref().err();
    npy::unreadable(&info.name, kind.map_or("unknown", String::as_str))
}

/// All elements, decoded: for labels.
fn read_pieces(
    info: &ArrayInfo,
    pieces: &[Strided],
    watch: &mut Watch<'_>,
) -> Result<Elements, Problem> {
    let mut bytes = Vec::new();
    let mut big_endian = false;
    for piece in pieces {
        big_endian = piece.big_endian;
        let rows = piece.rows().ok_or_else(|| {
            Problem::new(format!("{info}: arrays of more than three axes are not read"))
        })?;
        rows.append(0..rows.n_rows(), &mut bytes)?;
    }
    let header = NpyHeader::plain(info.clone(), big_endian);
    let n_bytes = bytes.len() as u64;
    Ok(npy::read_body(&header, &mut &bytes[..], n_bytes, watch)?.elements)
}

/// Scores that are read from where they lie, block by block.
#[derive(Debug)]
struct PlacedScores {
    pieces: Vec<Strided>,
    /// The first row of each piece, and behind them the number of all rows.
    starts: Vec<usize>,
    n_cols: usize,
    dtype: Dtype,
}

impl PlacedScores {
    /// `None` if the pieces are no matrix, or of texts or truth values.
    fn new(pieces: Vec<Strided>) -> Option<Self> {
        let first = pieces.first()?;
        let (dtype, n_cols) = (first.dtype, first.rows()?.n_cols());
        if matches!(dtype, Dtype::Bool | Dtype::Text { .. }) {
            return None;
        }
        let mut starts = vec![0usize];
        for piece in &pieces {
            let rows = piece.rows().filter(|rows| rows.n_cols() == n_cols)?;
            product(&piece.shape)?;
            starts.push(starts[starts.len() - 1].checked_add(rows.n_rows())?);
        }
        Some(Self { pieces, starts, n_cols, dtype })
    }

    /// The rows of `range` in a buffer.
    fn block(
        &self,
        range: Range<usize>,
        (reader, bytes): (&mut FloatReader, &mut Vec<u8>),
        buffer: Values,
    ) -> Result<Values, Problem> {
        let n = range.len() * self.n_cols;
        let idx = self.piece_of(range.start);
        let first = self.starts[idx];
        if range.end <= self.starts[idx + 1]
            && let Some(mut run) = self.pieces[idx].run(range.start - first..range.end - first)
        {
            let block = reader.read(&mut run, n, buffer);
            return block.map_err(|e| run.explain(e));
        }
        bytes.clear();
        self.append(range, idx, bytes)?;
        Ok(reader.read(&mut &bytes[..], n, buffer)?)
    }

    /// The last piece that begins at or before this row.
    fn piece_of(&self, row: usize) -> usize {
        self.starts.partition_point(|start| *start <= row).max(1) - 1
    }

    /// Appends the stored bytes of the rows of `range`, which begin in piece `idx`.
    fn append(
        &self,
        range: Range<usize>,
        mut idx: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), Problem> {
        let mut row = range.start;
        while row < range.end {
            let (first, end) = (self.starts[idx], self.starts[idx + 1].min(range.end));
            if row < end
                && let Some(rows) = self.pieces[idx].rows()
            {
                rows.append(row - first..end - first, out)?;
                row = end;
            }
            idx += 1;
        }
        Ok(())
    }

    fn reader(&self) -> FloatReader {
        let big_endian = self.pieces.first().is_some_and(|p| p.big_endian);
        FloatReader::new(self.dtype, big_endian)
    }
}

impl RawScores for PlacedScores {
    fn n_rows(&self) -> usize {
        self.starts[self.pieces.len()]
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
            deliver(self.block(rows, (&mut reader, &mut bytes), spare())?)?;
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let mut bytes = Vec::new();
        for run in wanted.chunk_by(|a, b| a + 1 == *b) {
            let rows = run[0]..run[0] + run.len();
            self.append(rows, self.piece_of(run[0]), &mut bytes)?;
            watch.tick()?;
        }
        let n = wanted.len() * self.n_cols;
        Ok(self.reader().read(&mut &bytes[..], n, Values::default())?)
    }
}
