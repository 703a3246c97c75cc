//! Reliability bins: what is drawn as a bar, and what the ECE family adds up.

use serde::Serialize;

/// How rows are cut into bins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Binning {
    /// Bins (i/M, (i+1)/M] of equal width; probability 0 belongs to the first one.
    #[default]
    Width,
    /// Bins of equal count by rank, each cut moved forward past equal probabilities.
    Mass,
}

/// One bin. For more than two classes the probability is the confidence (largest softmax probability)
/// and the outcome "the prediction is right"; for two classes it is the probability of the positive
/// class and the outcome "the label is positive".
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Bin {
    /// Lower end: the edge (left out), or for equal mass the smallest probability in the bin.
    pub low: f64,
    /// Upper end: the edge (counted in), or for equal mass the largest probability in the bin.
    pub high: f64,
    /// Rows in the bin.
    pub count: u64,
    /// Rows in the bin with the outcome.
    #[serde(skip)]
    pub hits: u64,
    /// Sum of the sample weights of its rows, relative to a mean weight of 1; `None` where all rows count the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// As many rows of equal weight say as much, see [`crate::data::effective_rows`]; their number where all count the
    /// same.
    #[serde(skip)]
    pub effective: f64,
    /// Share of rows with the outcome, in [0, 1]; NaN (JSON: null) in an empty bin.
    pub accuracy: f64,
    /// Mean probability, in [0, 1]; NaN (JSON: null) in an empty bin.
    pub confidence: f64,
    /// Wilson 95 % interval of `accuracy`, of so many rows as they are worth with their weights and clusters; `None` in an empty bin.
    pub interval: Option<[f64; 2]>,
}

impl Bin {
    /// accuracy - confidence: negative where the model is too sure. NaN in an empty bin.
    pub fn gap(&self) -> f64 {
        self.accuracy - self.confidence
    }

    /// True if no row falls into this bin, or none that counts.
    pub fn is_empty(&self) -> bool {
        self.mass() <= 0.0
    }

    /// What its rows count: their number, or the sum of their weights.
    pub fn mass(&self) -> f64 {
        self.weight.unwrap_or(self.count as f64)
    }
}

/// All bins of one diagram, in order of probability. Equal-mass diagrams may hold fewer bins than
/// asked for: ties are never cut apart.
#[derive(Clone, PartialEq, Debug)]
pub struct Reliability {
    /// How the rows were cut.
    pub binning: Binning,
    /// The bins.
    pub bins: Vec<Bin>,
}
