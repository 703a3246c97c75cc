//! Every row at one temperature: four columns, from which all figures follow.

use std::ops::Range;

use rayon::prelude::*;

use crate::numerics::RowMoments;
use crate::summarize::{RowSummaries, RowView};

/// Rows per unit of parallel work.
const CHUNK: usize = 1024;

/// Columns of length N at a temperature (or, for out-of-fold figures, each row at its own).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RowsAt {
    /// Largest softmax probability, in (0, 1].
    pub confidence: Vec<f64>,
    /// Probability of class 1, for two classes; empty otherwise.
    pub positive: Vec<f64>,
    /// Negative log-likelihood of the label, in nats; infinite where the label has probability 0.
    pub nll: Vec<f64>,
    /// Entropy of the predicted distribution, in nats.
    pub entropy: Vec<f64>,
    /// Squared error summed over classes, in [0, 2].
    pub brier: Vec<f64>,
}

impl RowsAt {
    /// All rows at the same inverse temperature b.
    pub fn new(rows: &RowSummaries, b: f64) -> Self {
        Self::with(rows, |_| b, |chunk, out| rows.moments_at(chunk, b, out))
    }

    /// Each row at the inverse temperature `b_of(row idx)`.
    pub fn each(rows: &RowSummaries, b_of: impl Fn(usize) -> f64 + Sync) -> Self {
        Self::with(rows, &b_of, |chunk, out| {
            rows.moments_each(chunk, &b_of, out);
        })
    }

    /// All rows at b, with moments that an exact pass has just delivered.
    pub fn from_moments(rows: &RowSummaries, b: f64, moments: &[RowMoments]) -> Self {
        Self::with(
            rows,
            |_| b,
            |chunk, out| out.extend_from_slice(&moments[chunk]),
        )
    }

    /// `moments` appends those of a range of rows.
    fn with(
        rows: &RowSummaries,
        b_of: impl Fn(usize) -> f64 + Sync,
        moments: impl Fn(Range<usize>, &mut Vec<RowMoments>) + Sync,
    ) -> Self {
        let starts: Vec<usize> = (0..rows.len()).step_by(CHUNK).collect();
        let parts: Vec<Self> = starts
            .par_iter()
            .map(|&start| {
                let chunk = start..(start + CHUNK).min(rows.len());
                let (mut part, mut out) = (Self::default(), Vec::with_capacity(CHUNK));
                moments(chunk.clone(), &mut out);
                for (idx, m) in chunk.zip(&out) {
                    part.push(rows.row(idx), b_of(idx), m, rows.n_classes() == 2);
                }
                part
            })
            .collect();
        let mut all = Self::default();
        for part in parts {
            all.append(part);
        }
        all
    }

    fn push(&mut self, row: RowView<'_>, b: f64, m: &RowMoments, binary: bool) {
        let (log_z, nll) = (m.at.log_z, m.at.log_z + b * row.label_below_max());
        let confidence = (-log_z).exp();
        self.confidence.push(confidence);
        self.nll.push(nll);
        self.entropy.push(log_z + b * m.at.below_max);
        let sum_of_squares = (m.at_double.log_z - 2.0 * log_z).exp();
        self.brier.push(sum_of_squares - 2.0 * (-nll).exp() + 1.0);
        if binary {
            let of_other = (-(log_z + b * row.margin())).exp();
            self.positive.push(if row.prediction() == 1 {
                confidence
            } else {
                of_other
            });
        }
    }

    fn append(&mut self, mut other: Self) {
        self.confidence.append(&mut other.confidence);
        self.positive.append(&mut other.positive);
        self.nll.append(&mut other.nll);
        self.entropy.append(&mut other.entropy);
        self.brier.append(&mut other.brier);
    }
}
