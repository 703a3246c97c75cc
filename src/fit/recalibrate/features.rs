//! ln p and ln(1 - p) of every row, for the methods that see each class against the rest.

use super::fitted::odds_of_row;
use super::{KeepGoing, MAX_ONE_VS_REST};
use crate::data::SourceError;
use crate::numerics::Score;
use crate::summarize::{RowMap, RowSummaries, ScoreRows, Scores};

/// Columns by class: for two classes of class 1 alone, else of every class.
#[derive(Clone, PartialEq, Debug)]
pub struct Features {
    n_columns: usize,
    /// Row by row, for every column ln p and ln(1 - p).
    odds: Vec<f64>,
}

impl Features {
    /// One pass. `None` for more than [`MAX_ONE_VS_REST`] classes.
    ///
    /// # Errors
    /// [`SourceError::Cancelled`] once `keep_going` says no, or why the scores could not be read.
    pub fn new(scores: Scores<'_>, keep_going: KeepGoing<'_>) -> Result<Option<Self>, SourceError> {
        let n_classes = scores.rows().n_classes();
        if n_classes > MAX_ONE_VS_REST {
            return Ok(None);
        }
        let n_columns = if n_classes == 2 { 1 } else { n_classes };
        let pass = Pass { rows: scores.rows(), n_columns };
        let odds = scores.map(&pass, &mut |_| keep_going())?;
        Ok(Some(Self { n_columns, odds }))
    }

    /// Columns.
    pub(super) fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// ln p and ln(1 - p) of row `idx` in `column`.
    pub(super) fn odds(&self, idx: usize, column: usize) -> [f64; 2] {
        let at = 2 * (idx * self.n_columns + column);
        [self.odds[at], self.odds[at + 1]]
    }

    /// The class that `column` is about.
    pub(super) fn class(&self, column: usize) -> u32 {
        if self.n_columns == 1 {
            return 1;
        }
        u32::try_from(column).expect("at most a hundred classes, see `new`")
    }

    /// True if every logarithm is finite: no probability is exactly 0, or so near to 1 that the rest is 0.
    pub fn is_finite(&self) -> bool {
        self.odds.iter().all(|odds| odds.is_finite())
    }
}

struct Pass<'a> {
    rows: &'a RowSummaries,
    n_columns: usize,
}

impl RowMap for Pass<'_> {
    fn width(&self) -> usize {
        2 * self.n_columns
    }

    fn fill<S: Score>(&self, rows: ScoreRows<'_, S>, out: &mut [f64]) {
        for ((idx, row), out) in rows.iter().zip(out.chunks_exact_mut(self.width())) {
            let skipped = row.len() - self.n_columns;
            odds_of_row(row, self.rows.row(idx).max(), |class, odds| {
                if let Some(column) = class.checked_sub(skipped) {
                    (out[2 * column], out[2 * column + 1]) = (odds.ln_p, odds.ln_rest);
                }
            });
        }
    }
}
