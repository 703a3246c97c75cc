//! The pure heart: row summaries in, everything a report or a screen says out.

use serde::Serialize;

use crate::fit::TemperatureFit;
use crate::metrics::{Binning, Figures, Histogram, Metrics, Reliability, Spread};

/// Which rows the figures after scaling were computed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EvaluatedOn {
    /// The rows the temperature was fitted on: flattering.
    InSample,
    /// Each row with the temperature of a fit that left its fold out.
    OutOfFold,
    /// Rows of a test part or file.
    Test,
}

/// What a user may choose about the analysis.
#[derive(Clone, PartialEq, Debug)]
pub struct AnalysisOptions {
    /// Bins of the reliability diagram and of ECE; 15 by custom.
    pub n_bins: usize,
    /// How the bins of the diagram are cut (ECE and equal-mass ECE are both reported in any case).
    pub binning: Binning,
    /// Folds of the cross-validation; 0 or 1 asks for in-sample figures.
    pub n_folds: usize,
    /// Seed of everything random.
    pub seed: u64,
    /// Level of the intervals, such as 0.95.
    pub level: f64,
}

/// Distribution of the quantities that describe how large the logits are.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LogitScale {
    /// Largest logit of a row.
    pub max: Spread,
    /// Smallest logit of a row (over the classes present).
    pub min: Spread,
    /// Mean logit of a row.
    pub mean: Spread,
    /// Standard deviation within a row, dividing by K.
    pub sd: Spread,
    /// Euclidean norm of a row.
    pub norm: Spread,
    /// log sum exp of a row, at T = 1.
    pub log_sum_exp: Spread,
    /// Entropy of a row in nats, at T = 1.
    pub entropy: Spread,
}

/// Distribution of the top-two margin, in logits.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Margins {
    /// Largest minus second largest logit, all rows.
    pub all: Spread,
    /// The same over rows that are right.
    pub correct: Spread,
    /// The same over rows that are wrong.
    pub wrong: Spread,
    /// Label's logit minus the largest other.
    pub true_class_margin: Spread,
    /// Rows whose largest logit occurs more than once.
    pub tied_top: u64,
}

/// The four histograms of a report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Histograms {
    /// Largest logit.
    pub max_logit: Histogram,
    /// Standard deviation within the row.
    pub sd: Histogram,
    /// Top-two margin, in logits.
    pub margin: Histogram,
    /// Confidence at T = 1.
    pub confidence: Histogram,
}

/// Curves over the temperature, on a log grid.
#[derive(Clone, PartialEq, Debug)]
pub struct TemperatureCurves {
    /// The temperatures, ascending; the grid covers 1 and the fitted T with room on both sides.
    pub temperature: Vec<f64>,
    /// NLL at each, in nats.
    pub nll: Vec<f64>,
    /// ECE at each, in [0, 1].
    pub ece: Vec<f64>,
    /// Brier score at each.
    pub brier: Vec<f64>,
}

/// The temperature of each fold, and how many rows it was judged on.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Fold {
    /// T fitted on the other folds; `None` if that fit has no finite temperature.
    pub temperature: Option<f64>,
    /// Rows of this fold.
    pub count: usize,
}

/// Everything that was found out about one data set.
#[derive(Clone, PartialEq, Debug)]
pub struct Analysis {
    /// The temperature, or why there is none.
    pub fit: TemperatureFit,
    /// What `after` was computed on.
    pub evaluated_on: EvaluatedOn,
    /// Temperatures of the folds; empty unless `evaluated_on` is out of fold.
    pub folds: Vec<Fold>,
    /// The evaluated rows at T = 1.
    pub before: Figures,
    /// The same rows after scaling, honestly; `None` without a temperature. Its `temperature` is the
    /// fitted one also where each fold has its own.
    pub after: Option<Figures>,
    /// The rows of the fit at the fitted temperature, labelled as in-sample.
    pub in_sample_after: Option<Metrics>,
    /// Equal-width diagram of the evaluated rows at T = 1, for JSON whatever the screen shows.
    pub reliability_before: Reliability,
    /// The same after scaling.
    pub reliability_after: Option<Reliability>,
    /// How large the logits are.
    pub logit_scale: LogitScale,
    /// How clear the decisions are.
    pub margin: Margins,
    /// Histograms of both.
    pub histograms: Histograms,
    /// NLL, ECE and Brier over temperatures, of the evaluated rows.
    pub curves: TemperatureCurves,
    /// Sentences on what is undefined or special here, for the user.
    pub notes: Vec<String>,
}
