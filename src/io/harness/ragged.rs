//! Rows of different lengths, one behind the other, seen as rows of one length.

use std::ops::Range;

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::progress::Watch;
use super::super::raw::{Deliver, RawScores, Spare, block_rows, f64_buffer};
use crate::data::Values;

/// Scores of rows that differ in length. What a row does not have is minus infinity, put there when it is read: memory
/// follows the scores there are, and not the longest row times all rows.
#[derive(Default)]
pub(super) struct RaggedScores {
    scores: Vec<f64>,
    /// Where each row ends.
    ends: Vec<usize>,
    /// The fewest and the most scores of a row.
    n_choices: Option<(usize, usize)>,
}

impl RaggedScores {
    /// Appends a row.
    pub(super) fn push(&mut self, row: &[f64]) {
        self.scores.extend_from_slice(row);
        self.ends.push(self.scores.len());
        let n = row.len();
        let (low, high) = self.n_choices.unwrap_or((n, n));
        self.n_choices = Some((low.min(n), high.max(n)));
    }

    /// The fewest and the most scores of a row; 0 and 0 without a row.
    pub(super) fn n_choices(&self) -> (usize, usize) {
        self.n_choices.unwrap_or_default()
    }

    /// True if a row is shorter than another, or lacks a choice: one whose probability is 0.
    pub(super) fn is_ragged(&self) -> bool {
        let (low, high) = self.n_choices();
        low < high || self.scores.contains(&f64::NEG_INFINITY)
    }

    fn row(&self, row: usize) -> &[f64] {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.scores[start..self.ends[row]]
    }

    fn append(&self, rows: impl Iterator<Item = usize>, out: &mut Vec<f64>) {
        for row in rows {
            let end = out.len() + self.n_cols();
            out.extend_from_slice(self.row(row));
            out.resize(end, f64::NEG_INFINITY);
        }
    }
}

impl RawScores for RaggedScores {
    fn n_rows(&self) -> usize {
        self.ends.len()
    }

    fn n_cols(&self) -> usize {
        self.n_choices().1
    }

    fn dtype(&self) -> Dtype {
        Dtype::F64
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let n_block = block_rows(self.n_cols(), size_of::<f64>());
        for start in range.clone().step_by(n_block) {
            let mut block = f64_buffer(spare());
            block.clear();
            self.append(start..range.end.min(start + n_block), &mut block);
            deliver(Values::F64(block))?;
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], _: &mut Watch<'_>) -> Result<Values, Problem> {
        let mut out = Vec::new();
        self.append(wanted.iter().copied(), &mut out);
        Ok(Values::F64(out))
    }

    /// Reading is copying, though no slice of what is held is a block. That what is to be converted is converted
    /// when the file is opened would hold the longest row times all rows, so that this is said of full rows alone.
    fn in_memory(&self) -> bool {
        !self.is_ragged()
    }

    fn decodes(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_filled_up_when_they_are_read() {
        let mut scores = RaggedScores::default();
        assert_eq!((scores.n_choices(), scores.is_ragged()), ((0, 0), false));
        for row in [&[1.0, 2.0][..], &[3.0], &[4.0, 5.0, 6.0]] {
            scores.push(row);
        }
        assert_eq!((scores.n_choices(), scores.is_ragged()), ((1, 3), true));
        let none = f64::NEG_INFINITY;
        let expected = [1.0, 2.0, none, 3.0, none, none, 4.0, 5.0, 6.0];
        let mut seen = Vec::new();
        let read = scores.read(0..3, &mut Values::default, &mut |block| {
            seen.extend(f64_buffer(block));
            Ok(())
        });
        assert!(read.is_ok());
        assert_eq!(seen, expected);
        let mut go_on = |_| true;
        let watch = &mut Watch::new(&mut go_on, 0).expect("goes on");
        let some = scores.rows(&[0, 2], watch).expect("in memory");
        assert_eq!(some, Values::F64(vec![1.0, 2.0, none, 4.0, 5.0, 6.0]));
    }

    #[test]
    fn a_choice_of_probability_zero_is_absent() {
        let mut scores = RaggedScores::default();
        scores.push(&[-1.0, f64::NEG_INFINITY]);
        assert!(scores.is_ragged());
    }
}
