//! Arrays of which it is known where they lie: what safetensors, torch and pickle files come down to.

use std::ops::Range;
use std::sync::Arc;

use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::arrays::ArrayStore;
use super::error::Problem;
use super::npy::{self, NpyHeader};
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, block_rows, emptied_for, read_size};
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
        let info = self.infos[idx].clone();
        let elements = match &self.bodies[idx] {
            Body::Held(elements) => elements.clone(),
            Body::Pieces(pieces) => read_pieces(&info, pieces, watch)?,
            Body::Unreadable => return Err(unreadable(&info)),
        };
        Ok(Array { info, elements })
    }

    fn scores(&mut self, idx: usize) -> Option<Arc<dyn RawScores>> {
        let Body::Pieces(pieces) = &self.bodies[idx] else {
            return None;
        };
        let scores = PlacedScores::new(pieces.clone())?;
        Some(Arc::new(scores))
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
            Problem::new(format!(
                "{info}: arrays of more than three axes are not read"
            ))
        })?;
        let mut more = Vec::new();
        rows.read(0..rows.n_rows(), &mut more)?;
        bytes.append(&mut more);
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
        Some(Self {
            pieces,
            starts,
            n_cols,
            dtype,
        })
    }

    /// Appends the decoded rows of `range`, which may span several pieces. `bytes` is a buffer.
    fn append(
        &self,
        range: Range<usize>,
        bytes: &mut Vec<u8>,
        out: &mut Values,
    ) -> Result<(), Problem> {
        let mut row = range.start;
        let mut idx = self.starts.partition_point(|start| *start <= row) - 1;
        while row < range.end {
            let end = self.starts[idx + 1].min(range.end);
            if row < end {
                let piece = &self.pieces[idx];
                let Some(rows) = piece.rows() else { break };
                let first = self.starts[idx];
                rows.read(row - first..end - first, bytes)?;
                decode(bytes, piece.dtype, piece.big_endian, out);
                row = end;
            }
            idx += 1;
        }
        Ok(())
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
        let mut bytes = Vec::new();
        for start in range.clone().step_by(n_block) {
            let mut block = emptied_for(spare(), self.dtype);
            self.append(
                start..(start + n_block).min(range.end),
                &mut bytes,
                &mut block,
            )?;
            deliver(block)?;
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let mut out = emptied_for(Values::default(), self.dtype);
        let mut bytes = Vec::new();
        for run in wanted.chunk_by(|a, b| a + 1 == *b) {
            self.append(run[0]..run[0] + run.len(), &mut bytes, &mut out)?;
            watch.tick()?;
        }
        Ok(out)
    }
}

/// Appends the numbers in `bytes`, which are brought to little-endian in place first.
pub(super) fn decode(bytes: &mut [u8], dtype: Dtype, big_endian: bool, out: &mut Values) {
    use half::{bf16, f16};
    let size = dtype.size();
    if big_endian && size > 1 {
        bytes.chunks_exact_mut(size).for_each(<[u8]>::reverse);
    }
    match (out, dtype) {
        (Values::F32(out), Dtype::F16) => {
            out.extend(words(bytes).map(|w| f16::from_le_bytes(w).to_f32()));
        }
        (Values::F32(out), Dtype::Bf16) => {
            out.extend(words(bytes).map(|w| bf16::from_le_bytes(w).to_f32()));
        }
        (Values::F32(out), _) => out.extend(words(bytes).map(f32::from_le_bytes)),
        (Values::F64(out), Dtype::Int { signed, .. }) => {
            out.extend(bytes.chunks_exact(size).map(|w| integer(w, signed)));
        }
        (Values::F64(out), _) => out.extend(words(bytes).map(f64::from_le_bytes)),
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// A little-endian integer of up to eight bytes as a number.
fn integer(word: &[u8], signed: bool) -> f64 {
    let negative = signed && word.last().is_some_and(|b| b & 0x80 != 0);
    let mut wide = [if negative { 0xff } else { 0 }; 8];
    wide[..word.len()].copy_from_slice(word);
    match signed {
        true => i64::from_le_bytes(wide) as f64,
        false => u64::from_le_bytes(wide) as f64,
    }
}
