//! Rows that no figure can describe, and where they are.

use crate::data::Batch;
use crate::numerics::Score;

/// Cells that are named.
pub(super) const NAMED: usize = 10;

/// What a score is that is not finite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotFinite {
    /// NaN.
    Nan,
    /// Plus infinity.
    PlusInfinity,
    /// Minus infinity.
    MinusInfinity,
}

/// A score that is not finite.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BrokenCell {
    /// 0-based row within the source.
    pub row: u64,
    /// Class of the score.
    pub class: u32,
    /// What it is.
    pub value: NotFinite,
}

/// Counts over the rows with a label that were left out because of their scores.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Broken {
    /// Rows.
    pub n_rows: u64,
    /// Scores that are NaN.
    pub n_nan: u64,
    /// Scores of plus infinity.
    pub n_plus_inf: u64,
    /// Scores of minus infinity.
    pub n_minus_inf: u64,
    /// Rows whose label's score is minus infinity.
    pub n_minus_inf_at_label: u64,
    /// Rows without NaN and plus infinity.
    pub n_only_minus_inf: u64,
    /// Largest magnitude of their finite scores.
    pub max_abs: f64,
    /// The first such score of each of the first ten rows.
    pub first: Vec<BrokenCell>,
}

impl NotFinite {
    fn of(z: f64) -> Self {
        if z.is_nan() {
            Self::Nan
        } else if z > 0.0 {
            Self::PlusInfinity
        } else {
            Self::MinusInfinity
        }
    }
}

impl Broken {
    /// Adds the rows of `batch` that have a label and are not among the `used` ones (offsets, ascending).
    pub(super) fn add<S: Score>(&mut self, batch: &Batch<'_>, values: &[S], used: &[usize]) {
        let mut used = used.iter().peekable();
        for (offset, label) in batch.labels.iter().enumerate() {
            if used.next_if(|used| **used == offset).is_some() {
                continue;
            }
            if let Some(label) = label.index() {
                let k = batch.n_classes;
                let row = (batch.first_row + offset) as u64;
                self.add_row(row, &values[offset * k..(offset + 1) * k], label);
            }
        }
    }

    fn add_row<S: Score>(&mut self, row: u64, scores: &[S], label: usize) {
        let (n_nan, n_plus) = (self.n_nan, self.n_plus_inf);
        let mut first = None;
        for (class, z) in (0u32..).zip(scores.iter().map(|z| z.widen())) {
            if z.is_finite() {
                self.max_abs = self.max_abs.max(z.abs());
                continue;
            }
            first = first.or(Some(BrokenCell {
                row,
                class,
                value: NotFinite::of(z),
            }));
            self.n_nan += u64::from(z.is_nan());
            self.n_plus_inf += u64::from(z > 0.0);
            self.n_minus_inf += u64::from(z < 0.0);
        }
        self.n_rows += 1;
        self.n_only_minus_inf += u64::from(n_nan == self.n_nan && n_plus == self.n_plus_inf);
        self.n_minus_inf_at_label += u64::from(scores[label].widen() < f64::MIN);
        self.first
            .extend(first.filter(|_| self.first.len() < NAMED));
    }

    /// Adds those of `other`, whose rows begin at `first_row`.
    pub(super) fn append(&mut self, other: &Self, first_row: u64) {
        self.n_rows += other.n_rows;
        self.n_nan += other.n_nan;
        self.n_plus_inf += other.n_plus_inf;
        self.n_minus_inf += other.n_minus_inf;
        self.n_minus_inf_at_label += other.n_minus_inf_at_label;
        self.n_only_minus_inf += other.n_only_minus_inf;
        self.max_abs = self.max_abs.max(other.max_abs);
        let moved = |cell: &BrokenCell| BrokenCell {
            row: cell.row + first_row,
            ..*cell
        };
        let n_free = NAMED - self.first.len();
        self.first
            .extend(other.first.iter().take(n_free).map(moved));
    }
}
