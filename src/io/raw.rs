//! Scores as they are stored, read again as often as wanted and never held whole.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use super::array::Dtype;
use super::error::Problem;
use super::memory::Reserved;
use super::progress::Watch;
use crate::data::{Values, ValuesRef};

/// Bytes of decoded scores in one block, at most (one row at least). Four blocks are under way at a time, in fresh
/// memory for every pass: with eight times the size a third of a study's page faults were those of their buffers, with half
/// of it handing over took longer than that saved.
pub(super) const BLOCK_BYTES: usize = 2 << 20;

/// Hands out a buffer to fill. It may hold stale scores of either type: [`f32_buffer`] and
/// [`f64_buffer`] take what can be used again.
pub(super) type Spare<'a> = dyn FnMut() -> Values + 'a;

/// Takes the next block of whole rows. An empty block is no row but a sign of life: long steps
/// between two blocks give one now and then, so that reading can be stopped there.
pub(super) type Deliver<'a> = dyn FnMut(Values) -> Result<(), Problem> + 'a;

/// The scores of one array or table, N x C: the one interface of every format that is read in pieces.
///
/// Blocks hold `Values::F64` where the stored type is f64, an integer or text, `Values::F32`
/// otherwise; the same variant in every block.
pub(super) trait RawScores: Send + Sync {
    /// N, known once the file was opened.
    fn n_rows(&self) -> usize;

    /// C, the columns stored: 1 for a lone score, K otherwise.
    fn n_cols(&self) -> usize;

    /// The type they are stored in.
    fn dtype(&self) -> Dtype;

    /// Delivers the rows of `range` in order, row-major, in blocks of whole rows of about
    /// [`BLOCK_BYTES`].
    ///
    /// # Errors
    /// What `deliver` returns, at once; or why reading failed, in words that name the file, and the row
    /// where there is one. A file that shrank, grew, vanished or was replaced since it was opened is an
    /// error.
    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem>;

    /// The rows with these ascending indices, row-major, for a first guess from rows spread over the
    /// file: a few thousand at most, often some neighbours at a time. Asked for once, when the file is
    /// opened.
    ///
    /// # Errors
    /// As [`RawScores::read`], or that `watch` was told to stop.
    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem>;

    /// The pieces that are read and decoded whole whatever is wanted of them, such as row groups: all rows
    /// in order. `None` where any row is as near as any other.
    fn pieces(&self) -> Option<Vec<Range<usize>>> {
        None
    }

    /// All scores, row-major, where they lie in memory in that order: no block is copied then.
    fn held(&self) -> Option<ValuesRef<'_>> {
        None
    }

    /// True if reading costs no more than copying: nothing is gained by keeping what was read.
    fn in_memory(&self) -> bool {
        self.held().is_some()
    }

    /// False if the numbers lie in a file as blocks bring them (but for their width and byte order): the
    /// system keeps such a file in memory as long as there is room, and reading it again is copying.
    fn decodes(&self) -> bool {
        true
    }
}

impl fmt::Debug for dyn RawScores + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n_rows, n_cols) = (self.n_rows(), self.n_cols());
        write!(f, "{n_rows} x {n_cols} {}", self.dtype())
    }
}

/// Rows of `n_cols` scores of `size` bytes in one block: a multiple of 64 where there are so many,
/// which is what the kernels take at a time.
pub(super) fn block_rows(n_cols: usize, size: usize) -> usize {
    let n_rows = (BLOCK_BYTES / n_cols.saturating_mul(size).max(1)).max(1);
    if n_rows < 64 { n_rows } else { n_rows / 64 * 64 }
}

/// Bytes of one score once it is read.
pub(super) fn read_size(dtype: Dtype) -> usize {
    match dtype {
        Dtype::F16 | Dtype::Bf16 | Dtype::F32 => size_of::<f32>(),
        _ => size_of::<f64>(),
    }
}

/// The buffer in `values` if it is one of f32, with its stale scores.
pub(super) fn f32_buffer(values: Values) -> Vec<f32> {
    match values {
        Values::F32(buffer) => buffer,
        Values::F64(_) => Vec::new(),
    }
}

/// The buffer in `values` if it is one of f64, with its stale scores.
pub(super) fn f64_buffer(values: Values) -> Vec<f64> {
    match values {
        Values::F32(_) => Vec::new(),
        Values::F64(buffer) => buffer,
    }
}

/// `buffer` without scores, for scores of the type of `like`.
pub(super) fn emptied(buffer: Values, like: ValuesRef<'_>) -> Values {
    match like {
        ValuesRef::F32(_) => {
            let mut buffer = f32_buffer(buffer);
            buffer.clear();
            Values::F32(buffer)
        }
        ValuesRef::F64(_) => {
            let mut buffer = f64_buffer(buffer);
            buffer.clear();
            Values::F64(buffer)
        }
    }
}

/// A buffer that has room for `n` scores of the type of `like`: what grows to that size is copied on the way.
pub(super) fn with_room(like: ValuesRef<'_>, n: usize) -> Values {
    match like {
        ValuesRef::F32(_) => Values::F32(Vec::with_capacity(n)),
        ValuesRef::F64(_) => Values::F64(Vec::with_capacity(n)),
    }
}

/// Appends rows of `from`, each of `n_cols` scores. Scores of another type are not appended.
pub(super) fn push_rows(
    out: &mut Values,
    from: ValuesRef<'_>,
    n_cols: usize,
    rows: impl Iterator<Item = usize>,
) {
    match (out, from) {
        (Values::F32(out), ValuesRef::F32(from)) => {
            rows.for_each(|r| out.extend_from_slice(&from[r * n_cols..(r + 1) * n_cols]));
        }
        (Values::F64(out), ValuesRef::F64(from)) => {
            rows.for_each(|r| out.extend_from_slice(&from[r * n_cols..(r + 1) * n_cols]));
        }
        _ => debug_assert!(false, "one array has one type"),
    }
}

/// The rows with these ascending indices, by reading all rows in between.
pub(super) fn pick(
    raw: &dyn RawScores,
    wanted: &[usize],
    watch: &mut Watch<'_>,
) -> Result<Values, Problem> {
    let (Some(&first), Some(&last)) = (wanted.first(), wanted.last()) else {
        return Ok(Values::default());
    };
    let n_cols = raw.n_cols();
    let free = RefCell::new(Values::default());
    let (mut row, mut next, mut out) = (first, 0, None);
    raw.read(first..last + 1, &mut || free.take(), &mut |block| {
        watch.tick()?;
        if block.is_empty() {
            return Ok(());
        }
        let end = row + block.len() / n_cols.max(1);
        let n_here = wanted[next..].partition_point(|r| *r < end);
        let here = wanted[next..next + n_here].iter().map(|r| r - row);
        let out = out.get_or_insert_with(|| emptied(Values::default(), block.as_ref()));
        push_rows(out, block.as_ref(), n_cols, here);
        (row, next) = (end, next + n_here);
        free.replace(block);
        Ok(())
    })?;
    Ok(out.unwrap_or_default())
}

/// N x C scores in memory.
pub(super) struct HeldScores {
    values: Values,
    n_cols: usize,
    dtype: Dtype,
    /// Gives the memory back to the budget.
    _reserved: Option<Reserved>,
}

impl HeldScores {
    /// Row-major `values`, which were stored as `dtype`.
    pub(super) fn new(values: Values, n_cols: usize, dtype: Dtype) -> Self {
        Self { values, n_cols, dtype, _reserved: None }
    }

    /// In memory that was `reserved` for them.
    pub(super) fn within(self, reserved: Reserved) -> Self {
        Self { _reserved: Some(reserved), ..self }
    }
}

impl RawScores for HeldScores {
    fn n_rows(&self) -> usize {
        self.values.len() / self.n_cols.max(1)
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
        let all = self.values.as_ref();
        let n_block = block_rows(self.n_cols, read_size(self.dtype));
        for start in range.clone().step_by(n_block) {
            let end = (start + n_block).min(range.end);
            let mut block = emptied(spare(), all);
            let rows = all.slice(start * self.n_cols, end * self.n_cols);
            push_rows(&mut block, rows, self.n_cols, 0..end - start);
            deliver(block)?;
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], _: &mut Watch<'_>) -> Result<Values, Problem> {
        let all = self.values.as_ref();
        let mut out = emptied(Values::default(), all);
        push_rows(&mut out, all, self.n_cols, wanted.iter().copied());
        Ok(out)
    }

    fn held(&self) -> Option<ValuesRef<'_>> {
        Some(self.values.as_ref())
    }
}
