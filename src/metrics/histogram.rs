//! Histograms split by correct and wrong.

use rayon::prelude::*;
use serde::Serialize;

/// Rows per unit of parallel work.
const CHUNK: usize = 16_384;

/// Counts over equal-width cells; nothing is dropped: what lies outside is counted at the ends.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Histogram {
    /// n + 1 ascending edges of n cells [`e_i`, `e_(i+1)`), the last one closed.
    pub edges: Vec<f64>,
    /// Rows per cell whose prediction is the label.
    pub correct: Vec<u64>,
    /// Rows per cell whose prediction is another class.
    pub wrong: Vec<u64>,
    /// Rows below the first edge.
    pub below: u64,
    /// Rows above the last edge.
    pub above: u64,
    /// Those of them whose prediction is another class.
    #[serde(skip)]
    pub wrong_above: u64,
}

impl Histogram {
    /// `n_cells` cells (at least 1) from `low` to `high`; `values` and `correct` have the same length.
    /// Where low and high are equal, one unit around them is shown, and without any value 0 to 1. NaN is counted nowhere: no caller has
    /// any.
    pub fn new(values: &[f64], correct: &[bool], (low, high): (f64, f64), n_cells: usize) -> Self {
        let (low, high) = if high > low { (low, high) } else { (low - 0.5, low + 0.5) };
        let width = (high - low) / n_cells as f64;
        let edges = (0..n_cells).map(|i| low + width * i as f64).chain([high]);
        let empty = Self {
            edges: edges.collect(),
            correct: vec![0; n_cells],
            wrong: vec![0; n_cells],
            below: 0,
            above: 0,
            wrong_above: 0,
        };
        // Counts are whole numbers: in which order the parts are added does not matter.
        values
            .par_chunks(CHUNK)
            .zip(correct.par_chunks(CHUNK))
            .map(|(values, correct)| empty.clone().counting(values, correct))
            .reduce(|| empty.clone(), |x, y| x.plus(&y))
    }

    fn counting(mut self, values: &[f64], correct: &[bool]) -> Self {
        let n_cells = self.correct.len();
        let per_unit = n_cells as f64 / (self.edges[n_cells] - self.edges[0]);
        for (&value, &correct) in values.iter().zip(correct) {
            self.count(value, correct, per_unit);
        }
        self
    }

    #[inline]
    fn count(&mut self, value: f64, correct: bool, per_unit: f64) {
        let n_cells = self.correct.len();
        if value < self.edges[0] {
            self.below += 1;
        } else if value > self.edges[n_cells] {
            self.above += 1;
            self.wrong_above += u64::from(!correct);
        } else {
            let idx = self.cell(value, per_unit);
            let cells = if correct { &mut self.correct } else { &mut self.wrong };
            cells[idx] += 1;
        }
    }

    /// The cell of a value within the edges, by comparison with the very edges; the division comes close.
    #[inline]
    fn cell(&self, value: f64, per_unit: f64) -> usize {
        let last = self.correct.len() - 1;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a value within the edges; anything else saturates"
        )]
        let mut idx = (((value - self.edges[0]) * per_unit) as usize).min(last);
        while idx > 0 && value < self.edges[idx] {
            idx -= 1;
        }
        while idx < last && value >= self.edges[idx + 1] {
            idx += 1;
        }
        idx
    }

    fn plus(mut self, other: &Self) -> Self {
        let cells = self.correct.iter_mut().chain(&mut self.wrong);
        for (cell, more) in cells.zip(other.correct.iter().chain(&other.wrong)) {
            *cell += more;
        }
        self.below += other.below;
        self.above += other.above;
        self.wrong_above += other.wrong_above;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_counted_once() {
        let values = [-0.1, 0.0, 0.1, 0.25, 0.5, 0.999, 1.0, 1.1, f64::INFINITY];
        let correct = [true, true, false, true, false, true, true, false, false];
        let h = Histogram::new(&values, &correct, (0.0, 1.0), 4);
        assert_eq!((h.below, h.above, h.wrong_above), (1, 2, 2));
        assert_eq!(h.correct, [1, 1, 0, 2]);
        assert_eq!(h.wrong, [1, 0, 1, 0]);
    }

    #[test]
    fn a_single_value_has_a_cell() {
        let h = Histogram::new(&[3.0, 3.0], &[true, false], (3.0, 3.0), 5);
        assert_eq!((h.correct[2], h.wrong[2]), (1, 1));
    }
}
