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
