//! The figures of one set of rows at one temperature.

use serde::Serialize;

use super::{Histogram, Reliability};

/// Every scalar of the calibration table. Undefined values are NaN (JSON: null).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Metrics {
    /// Rows these figures describe.
    #[serde(skip)]
    pub n_rows: usize,
    /// Share of rows whose prediction (first largest logit) is the label; of a soft label its most probable class, the
    /// first one of several.
    pub accuracy: f64,
    /// Share of rows with fewer than five logits above the label's.
    pub top5_accuracy: f64,
    /// Mean largest softmax probability.
    pub mean_confidence: f64,
    /// Mean negative log-likelihood, in nats, of the rows where it is known, see [`super::RowsAt::knows`]. Infinite if a
    /// label has a probability of 0 that was not rounded (JSON: null).
    pub nll: f64,
    /// Mean over rows of the sum over classes of squared error, in [0, 2] (Brier 1950), against the vector that a soft
    /// label is; of multi-label data that of the label alone, in [0, 1].
    pub brier: f64,
    /// Expected calibration error with bins of equal width (Naeini 2015). For two classes of the
    /// positive class's probability.
    pub ece: f64,
    /// The same with bins of equal mass, ties kept together (Nixon 2019).
    pub ece_equal_mass: f64,
    /// Root mean square calibration error over the bins of equal width (Kumar 2019).
    pub rmsce: f64,
    /// Largest gap over bins with at least one row.
    pub mce: f64,
    /// Rows in the bin that `mce` comes from.
    pub mce_count: u64,
    /// Two classes only: `ece` of the confidence of the predicted class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ece_top_class: Option<f64>,
    /// Two classes only: `mce` of the confidence of the predicted class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mce_top_class: Option<f64>,
    /// Mean entropy of the predicted distribution, in nats.
    pub entropy: f64,
    /// Rows whose confidence is exactly 1.0 in f64.
    pub exact_one: u64,
}

/// All that moves with the temperature: what a screen shows for the slider's value.
#[derive(Clone, PartialEq, Debug)]
pub struct Figures {
    /// T.
    pub temperature: f64,
    /// False if the curves of the rows were interpolated: shown with `~` until an exact pass arrives.
    pub exact: bool,
    /// The scalars.
    pub metrics: Metrics,
    /// The bins of the diagram.
    pub reliability: Reliability,
    /// Confidence over [0, 1], split by correct and wrong.
    pub confidence: Histogram,
}
