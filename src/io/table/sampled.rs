//! Some rows of scores that are read piece by piece.

use std::ops::Range;

use super::super::error::Problem;
use super::super::progress::Watch;
use super::super::raw::{RawScores, emptied, push_rows};
use crate::data::Values;

/// The `wanted` rows, in ascending order: of every piece that holds one, what lies between its first and
/// its last is decoded.
pub(super) fn rows(
    raw: &dyn RawScores,
    pieces: &[Range<usize>],
    wanted: &[usize],
    watch: &mut Watch<'_>,
) -> Result<Values, Problem> {
    let mut out = None;
    let mut left = wanted;
    while let Some(first) = left.first() {
        let piece = pieces.partition_point(|piece| piece.end <= *first);
        let end = pieces.get(piece).map_or(first + 1, |piece| piece.end);
        let (here, rest) = left.split_at(left.partition_point(|row| *row < end));
        push_between(raw, here, &mut out, watch)?;
        left = rest;
    }
    Ok(out.unwrap_or_default())
}

fn push_between(
    raw: &dyn RawScores,
    wanted: &[usize],
    out: &mut Option<Values>,
    watch: &mut Watch<'_>,
) -> Result<(), Problem> {
    let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else {
        return Ok(());
    };
    let n_cols = raw.n_cols();
    let mut row = *first;
    raw.read(*first..last + 1, &mut Values::default, &mut |block| {
        watch.tick()?;
        let end = row + block.len() / n_cols.max(1);
        let here = wanted.iter().filter(|r| (row..end).contains(r));
        if !block.is_empty() {
            let out = out.get_or_insert_with(|| emptied(Values::default(), block.as_ref()));
            push_rows(out, block.as_ref(), n_cols, here.map(|r| r - row));
        }
        row = end;
        Ok(())
    })
}
