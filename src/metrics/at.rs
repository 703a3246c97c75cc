//! Every row at one temperature: a few columns, from which all figures follow.

use std::ops::Range;

use rayon::prelude::*;

use crate::numerics::{InstructionSet, Kernel, RowMoments, Simd, exp_nonpositive};
use crate::summarize::{ExactColumn, RowSummaries};

/// Rows per unit of parallel work.
const CHUNK: usize = 512;

/// Columns of length N at a temperature (or, for out-of-fold figures, each row at its own).
#[derive(Clone, PartialEq, Debug, Default)]
pub struct RowsAt {
    /// Largest softmax probability, in (0, 1].
    pub confidence: Vec<f64>,
    /// Probability of class 1, for two classes; empty otherwise.
    pub positive: Vec<f64>,
    /// Negative log-likelihood of the label, in nats; infinite where the label has probability 0, see
    /// [`RowsAt::knows`].
    pub nll: Vec<f64>,
    /// Entropy of the predicted distribution, in nats.
    pub entropy: Vec<f64>,
    /// Squared error summed over classes, in [0, 2], against the vector that a soft label is (NaN where that is not
    /// known, see [`RowSummaries::label_share`]); of multi-label data that of the label alone, in [0, 1].
    pub brier: Vec<f64>,
    /// True if the prediction is the label. The same at every temperature; kept here because finding it
    /// costs a pass over the widest column.
    pub correct: Vec<bool>,
    /// True if the label is class 1, for two classes; empty otherwise.
    pub is_positive: Vec<bool>,
    /// Of soft labels what stands in the place of `correct`: the label's probability of the predicted class. Empty where
    /// labels are classes.
    pub expected: Vec<f64>,
    /// The same in the place of `is_positive`.
    pub expected_positive: Vec<f64>,
    /// The sample weight of every row, see [`RowSummaries::weights`]; empty where all rows count the same.
    pub weight: Vec<f64>,
    /// The cluster of every row, see [`RowSummaries::clusters`]; empty where every row stands alone.
    pub cluster: Vec<u64>,
    /// As [`crate::data::Recorded::is_rounded`].
    pub is_rounded: bool,
}

/// The rows of one unit of work.
struct Part<'a> {
    first: usize,
    confidence: &'a mut [f64],
    positive: &'a mut [f64],
    nll: &'a mut [f64],
    entropy: &'a mut [f64],
    brier: &'a mut [f64],
    correct: &'a mut [bool],
    is_positive: &'a mut [bool],
}

impl RowsAt {
    /// All rows at the same inverse temperature b.
    pub fn new(rows: &RowSummaries, b: f64) -> Self {
        Self::with(rows, |_| b, |range, moments| rows.moments_at(range, b, moments))
    }

    /// Each row at the inverse temperature `b_of(row idx)`.
    pub fn each(rows: &RowSummaries, b_of: impl Fn(usize) -> f64 + Sync) -> Self {
        Self::with(rows, &b_of, |range, moments| {
            rows.moments_each(range, &b_of, moments);
        })
    }

    /// All rows at the inverse temperature of `column`, which an exact pass has just delivered.
    pub fn from_exact(rows: &RowSummaries, column: &ExactColumn) -> Self {
        let moments = |range, out: &mut Vec<RowMoments>| {
            out.extend_from_slice(&column.moments[range]);
        };
        let mut at = Self::with(rows, |_| column.b, moments);
        if let Some(soft) = rows.soft() {
            let labels = column.moments.iter().zip(&column.label).zip(soft.squares());
            for (brier, ((m, label), squares)) in at.brier.iter_mut().zip(labels) {
                let share = (label.log_z - m.at.log_z).exp();
                *brier = soft_brier(m, share, *squares);
            }
        }
        at
    }

    /// The rows `members`, by index.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, members: &[u32]) -> Self {
        fn of<T: Copy>(column: &[T], members: &[u32]) -> Vec<T> {
            // Without a positive class two of the columns are empty, without weights or clusters others.
            let there = members.iter().filter(|_| !column.is_empty());
            there.map(|idx| column[*idx as usize]).collect()
        }
        Self {
            confidence: of(&self.confidence, members),
            positive: of(&self.positive, members),
            nll: of(&self.nll, members),
            entropy: of(&self.entropy, members),
            brier: of(&self.brier, members),
            correct: of(&self.correct, members),
            is_positive: of(&self.is_positive, members),
            expected: of(&self.expected, members),
            expected_positive: of(&self.expected_positive, members),
            weight: of(&self.weight, members),
            cluster: of(&self.cluster, members),
            is_rounded: self.is_rounded,
        }
    }

    fn with(
        rows: &RowSummaries,
        b_of: impl Fn(usize) -> f64 + Sync,
        moments: impl Fn(Range<usize>, &mut Vec<RowMoments>) + Sync,
    ) -> Self {
        let mut all = Self::zeros(rows.len(), rows.n_classes() == 2);
        all.parts().into_par_iter().for_each(|part| {
            let mut of_part = Vec::with_capacity(CHUNK);
            moments(part.first..part.first + part.nll.len(), &mut of_part);
            InstructionSet::best().run(Fill { part, rows, b_of: &b_of, moments: &of_part });
        });
        if rows.n_entries() > 1 {
            // The two classes of a label are off by the same, and one of them is the label.
            all.brier.iter_mut().for_each(|brier| *brier /= 2.0);
        }
        if rows.soft().is_some() {
            let views = || (0..rows.len()).map(|idx| rows.row(idx));
            all.expected = views().map(|row| row.outcome()).collect();
            if rows.n_classes() == 2 {
                all.expected_positive = views().map(|row| row.positive_outcome()).collect();
            }
        }
        all.weight = rows.weights().unwrap_or_default();
        all.cluster = rows.clusters().unwrap_or_default();
        all.is_rounded = rows.recorded().is_rounded;
        all
    }

    fn zeros(n_rows: usize, binary: bool) -> Self {
        let n_binary = if binary { n_rows } else { 0 };
        Self {
            confidence: vec![0.0; n_rows],
            positive: vec![0.0; n_binary],
            nll: vec![0.0; n_rows],
            entropy: vec![0.0; n_rows],
            brier: vec![0.0; n_rows],
            correct: vec![false; n_rows],
            is_positive: vec![false; n_binary],
            expected: Vec::new(),
            expected_positive: Vec::new(),
            weight: Vec::new(),
            cluster: Vec::new(),
            is_rounded: false,
        }
    }

    fn parts(&mut self) -> Vec<Part<'_>> {
        let mut positive = self.positive.chunks_mut(CHUNK);
        let mut is_positive = self.is_positive.chunks_mut(CHUNK);
        let columns = self.confidence.chunks_mut(CHUNK);
        let columns = columns
            .zip(self.nll.chunks_mut(CHUNK))
            .zip(self.entropy.chunks_mut(CHUNK))
            .zip(self.brier.chunks_mut(CHUNK))
            .zip(self.correct.chunks_mut(CHUNK));
        let part = |(idx, ((((confidence, nll), entropy), brier), correct))| Part {
            first: idx * CHUNK,
            confidence,
            positive: positive.next().unwrap_or_default(),
            nll,
            entropy,
            brier,
            correct,
            is_positive: is_positive.next().unwrap_or_default(),
        };
        columns.enumerate().map(part).collect()
    }
}

/// A part and what it is filled with.
struct Fill<'a, B> {
    part: Part<'a>,
    rows: &'a RowSummaries,
    b_of: &'a B,
    moments: &'a [RowMoments],
}

impl<B: Fn(usize) -> f64> Kernel for Fill<'_, B> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(self, _: I) {
        self.part.fill(self.rows, self.b_of, self.moments);
    }
}

/// sum p^2 - 2 sum y p + sum y^2, where `share` is sum y p and `squares` sum y^2.
fn soft_brier(m: &RowMoments, share: f64, squares: f64) -> f64 {
    exp_nonpositive(m.at_double.log_z - 2.0 * m.at.log_z) - 2.0 * share + squares
}

impl Part<'_> {
    /// First what each row says, then the exponentials of all of them in loops that the compiler
    /// vectorises.
    #[inline(always)]
    fn fill(self, rows: &RowSummaries, b_of: &impl Fn(usize) -> f64, moments: &[RowMoments]) {
        let (mut log_z, mut log_squares, mut behind) = ([0.0; CHUNK], [0.0; CHUNK], [0.0; CHUNK]);
        for (i, m) in moments.iter().enumerate() {
            let (idx, row) = (self.first + i, rows.row(self.first + i));
            let b = b_of(idx);
            log_z[i] = m.at.log_z;
            log_squares[i] = m.at_double.log_z - 2.0 * m.at.log_z;
            self.nll[i] = m.at.log_z + b * row.label_below_max();
            self.entropy[i] = m.at.log_z + b * m.at.below_max;
            self.correct[i] = row.is_correct();
            if let Some(is_positive) = self.is_positive.get_mut(i) {
                *is_positive = row.label() == 1;
                let below = if row.prediction() == 1 { 0.0 } else { row.margin() };
                behind[i] = b * below;
            }
        }
        for (confidence, log_z) in self.confidence.iter_mut().zip(&log_z) {
            *confidence = exp_nonpositive(-log_z);
        }
        if let Some(soft) = rows.soft() {
            for (i, m) in moments.iter().enumerate() {
                let idx = self.first + i;
                let share = rows.label_share(idx, b_of(idx), m.at.log_z);
                self.brier[i] = soft_brier(m, share, soft.squares()[idx]);
            }
        } else {
            let each = self.brier.iter_mut().zip(&log_squares).zip(self.nll);
            for ((brier, log_squares), nll) in each {
                *brier = exp_nonpositive(*log_squares) - 2.0 * exp_nonpositive(-*nll) + 1.0;
            }
        }
        for ((positive, log_z), behind) in self.positive.iter_mut().zip(&log_z).zip(&behind) {
            *positive = exp_nonpositive(-(log_z + behind));
        }
    }
}
