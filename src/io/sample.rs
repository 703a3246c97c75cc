//! Rows spread over the data, from which is decided what the numbers are.

use std::ops::Range;

use super::error::Problem;
use super::progress::Watch;
use super::raw::RawScores;
use crate::data::{Values, sample_runs};

/// Scores that are decoded for a sample, about, of data whose pieces have to be decoded whole.
const MAX_DECODED: usize = 32 << 20;

/// Pieces that rows are taken from, at least: files are often sorted by class.
const MIN_PIECES: usize = 3;

/// Rows as they are stored, and which they are.
pub(super) struct Sample {
    /// Runs of neighbours, in ascending order.
    pub(super) runs: Vec<Range<usize>>,
    /// Their indices.
    pub(super) rows: Vec<usize>,
    /// Their scores, row-major.
    pub(super) values: Values,
}

impl Sample {
    /// Some thousand rows of `raw`, the same ones wherever they are read from; of data in large pieces,
    /// rows spread over some of these.
    pub(super) fn of(raw: &dyn RawScores, watch: &mut Watch<'_>) -> Result<Self, Problem> {
        let (n_rows, n_classes) = (raw.n_rows(), raw.n_cols().max(2));
        let pieces = raw.pieces().and_then(|all| some_of(&all, n_rows * n_classes));
        let runs = match &pieces {
            Some(pieces) => runs_within(pieces, n_classes),
            None => sample_runs(n_rows, n_classes, usize::MAX),
        };
        let rows: Vec<usize> = runs.iter().cloned().flatten().collect();
        let values = raw.rows(&rows, watch)?;
        Ok(Self { runs, rows, values })
    }

    /// About `n_wanted` of the rows: a smaller sample is a subset of a larger one.
    pub(super) fn some(&self, n_wanted: usize) -> impl Iterator<Item = &Range<usize>> {
        let step = self.rows.len().div_ceil(n_wanted.max(1)).max(1);
        self.runs.iter().step_by(step)
    }
}

/// How many of `n_pieces` pieces, which hold `n_scores` together, a sample is taken from.
pub(super) fn n_sampled(n_pieces: usize, n_scores: usize) -> usize {
    let in_piece = n_scores / n_pieces.max(1);
    let n_wanted = (MAX_DECODED / in_piece.max(1)).max(MIN_PIECES);
    n_wanted.min(n_pieces)
}

/// Pieces spread evenly over all; `None` if these are all.
fn some_of(all: &[Range<usize>], n_scores: usize) -> Option<Vec<Range<usize>>> {
    let n = n_sampled(all.len(), n_scores);
    if n == all.len() {
        return None;
    }
    Some((0..n).map(|i| all[i * all.len() / n].clone()).collect())
}

/// The runs of a sample of what lies in these pieces.
fn runs_within(pieces: &[Range<usize>], n_classes: usize) -> Vec<Range<usize>> {
    let n_rows = pieces.iter().map(Range::len).sum();
    let (mut runs, mut n_before) = (Vec::new(), 0);
    let all = sample_runs(n_rows, n_classes, usize::MAX);
    for piece in pieces {
        let here = n_before..n_before + piece.len();
        for run in &all {
            let start = run.start.clamp(here.start, here.end);
            let end = run.end.clamp(here.start, here.end);
            if start < end {
                runs.push(piece.start + start - n_before..piece.start + end - n_before);
            }
        }
        n_before = here.end;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_pieces_stand_for_all_where_all_are_too_much() {
        let pieces = |n: usize, rows: usize| -> Vec<Range<usize>> {
            (0..n).map(|i| i * rows..(i + 1) * rows).collect()
        };
        // 200 pieces of 10,000 rows of 1,000 scores.
        let some = some_of(&pieces(200, 10_000), 2_000_000_000).expect("some");
        assert_eq!(some, [0..10_000, 660_000..670_000, 1_330_000..1_340_000]);
        let runs = runs_within(&some, 1000);
        let inside =
            |run: &Range<usize>| some.iter().any(|p| p.start <= run.start && run.end <= p.end);
        assert!(runs.iter().all(inside) && runs.is_sorted_by_key(|run| run.start));
        let n_rows: usize = runs.iter().map(Range::len).sum();
        assert_eq!(n_rows, 1048);
        // All of them where all are little.
        assert_eq!(some_of(&pieces(200, 10), 2_000_000), None);
        assert_eq!(some_of(&pieces(2, 1 << 30), 1 << 34), None);
    }
}
