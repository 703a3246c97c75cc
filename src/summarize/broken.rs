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
    /// Of their finite scores the one of the largest magnitude, with its sign.
    pub extreme: f64,
    /// Of each of the first ten rows the first score that is NaN or plus infinity, else that of the label, else the first of minus infinity.
    pub first: Vec<BrokenCell>,
}

/// Of two scores the one of the larger magnitude, with its sign.
pub(crate) fn farther(x: f64, y: f64) -> f64 {
    if y.abs() > x.abs() { y } else { x }
}

/// The other one of two classes, where it alone is minus infinity.
fn only_other_is_absent<S: Score>(scores: &[S], label: usize) -> Option<usize> {
    let other = 1usize.checked_sub(label).filter(|_| scores.len() == 2)?;
    let [of_label, of_other] = [label, other].map(|class| scores[class].widen());
    (of_label.is_finite() && of_other == f64::NEG_INFINITY).then_some(other)
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
    /// Adds the rows of `batch` that have a label and are not among the `used` ones (offsets, ascending). Where rows are
    /// labels of multi-label data those that are merely `absent` are counted there, by class.
    pub(super) fn add<S: Score>(
        &mut self,
        batch: &Batch<'_>,
        values: &[S],
        used: &[usize],
        mut absent: Option<&mut Vec<u64>>,
    ) {
        let mut used = used.iter().peekable();
        for (offset, label) in batch.labels.iter().enumerate() {
            if used.next_if(|used| **used == offset).is_some() {
                continue;
            }
            if let Some(label) = label.index() {
                let k = batch.n_classes;
                let row = (batch.first_row + offset) as u64;
                let scores = &values[offset * k..(offset + 1) * k];
                match (&mut absent, only_other_is_absent(scores, label)) {
                    (Some(absent), Some(other)) => {
                        absent.resize(k, 0);
                        absent[other] += 1;
                    }
                    _ => self.add_row(row, scores, label),
                }
            }
        }
    }

    fn add_row<S: Score>(&mut self, row: u64, scores: &[S], label: usize) {
        let cell = |(class, z)| BrokenCell { row, class, value: NotFinite::of(z) };
        let cells = || (0u32..).zip(scores.iter().map(|z| z.widen()));
        let broken = cells().find(|(_, z)| z.is_nan() || *z == f64::INFINITY);
        let of_label = cells().nth(label).filter(|(_, z)| !z.is_finite());
        let first = broken.or(of_label);
        let first = first.or(cells().find(|(_, z)| !z.is_finite())).map(cell);
        for (_, z) in cells() {
            if z.is_finite() {
                self.extreme = farther(self.extreme, z);
                continue;
            }
            self.n_nan += u64::from(z.is_nan());
            self.n_plus_inf += u64::from(z > 0.0);
            self.n_minus_inf += u64::from(z < 0.0);
        }
        self.n_rows += 1;
        self.n_minus_inf_at_label += u64::from(scores[label].widen() < f64::MIN);
        self.first.extend(first.filter(|_| self.first.len() < NAMED));
    }

    /// Adds those of `other`, whose rows begin at `first_row`.
    pub(super) fn append(&mut self, other: &Self, first_row: u64) {
        self.n_rows += other.n_rows;
        self.n_nan += other.n_nan;
        self.n_plus_inf += other.n_plus_inf;
        self.n_minus_inf += other.n_minus_inf;
        self.n_minus_inf_at_label += other.n_minus_inf_at_label;
        self.extreme = farther(self.extreme, other.extreme);
        let moved = |cell: &BrokenCell| BrokenCell { row: cell.row + first_row, ..*cell };
        let n_free = NAMED - self.first.len();
        self.first.extend(other.first.iter().take(n_free).map(moved));
    }
}
