//! Histograms split by correct and wrong.

use serde::Serialize;

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
}

impl Histogram {
    /// `n_cells` cells (at least 1) from `low` to `high`; `values` and `correct` have the same length.
    /// Where low and high are equal, one unit around them is shown, and without any value 0 to 1. NaN is counted nowhere: no caller has
    /// any.
    pub fn new(values: &[f64], correct: &[bool], (low, high): (f64, f64), n_cells: usize) -> Self {
        let (low, high) = if high > low {
            (low, high)
        } else {
            (low - 0.5, low + 0.5)
        };
        let width = (high - low) / n_cells as f64;
        let mut this = Self {
            edges: (0..n_cells)
                .map(|i| low + width * i as f64)
                .chain([high])
                .collect(),
            correct: vec![0; n_cells],
            wrong: vec![0; n_cells],
            below: 0,
            above: 0,
        };
        for (&value, &correct) in values.iter().zip(correct) {
            this.count(value, correct);
        }
        this
    }

    fn count(&mut self, value: f64, correct: bool) {
        let n_cells = self.correct.len();
        if value < self.edges[0] {
            self.below += 1;
        } else if value > self.edges[n_cells] {
            self.above += 1;
        } else {
            let idx = self
                .edges
                .partition_point(|edge| *edge <= value)
                .saturating_sub(1);
            let cells = if correct {
                &mut self.correct
            } else {
                &mut self.wrong
            };
            cells[idx.min(n_cells - 1)] += 1;
        }
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
        assert_eq!((h.below, h.above), (1, 2));
        assert_eq!(h.correct, [1, 1, 0, 2]);
        assert_eq!(h.wrong, [1, 0, 1, 0]);
    }

    #[test]
    fn a_single_value_has_a_cell() {
        let h = Histogram::new(&[3.0, 3.0], &[true, false], (3.0, 3.0), 5);
        assert_eq!((h.correct[2], h.wrong[2]), (1, 1));
    }
}
