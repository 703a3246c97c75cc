//! What a temperature fit says.

use serde::Serialize;

/// Whether the NLL has a minimum at a finite positive temperature, and if not, why.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FitStatus {
    /// The derivative changes sign at the reported temperature.
    Converged,
    /// Every label is its row's largest logit: the NLL falls all the way to T = 0.
    Separable,
    /// Labels score below their row's average: the NLL falls all the way to T = infinity.
    WorseThanUniform,
    /// No row has two different scores: the NLL does not depend on T.
    Flat,
    /// There is a temperature, but f64 cannot resolve it (scores of 1e-200, say).
    Unresolved,
    /// No row with a usable label.
    NoRows,
}

impl FitStatus {
    /// One sentence for the user.
    pub fn explain(self) -> &'static str {
        match self {
            Self::Converged => "the fit converged",
            Self::Separable => {
                "every label is its row's largest logit: T runs to 0 (separable), so the data cannot tell a temperature"
            }
            Self::WorseThanUniform => {
                "labels score below their row's average: no temperature helps (worse than uniform)"
            }
            Self::Flat => "every row is constant: the temperature changes nothing (flat)",
            Self::Unresolved => {
                "the solver found no temperature at which the slope of the NLL is 0 (unresolved)"
            }
            Self::NoRows => "no row has finite logits and a usable label",
        }
    }
}

/// The plain answer, by the 99 % interval of T and, where that is narrow about 1, the ECE at T = 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// T is above 1 beyond its interval: the model claims more than it knows.
    Overconfident,
    /// T is below 1 beyond its interval.
    Underconfident,
    /// The interval of T holds 1 and lies within 0.8 to 1.25; of an analysis: nor does the ECE say otherwise.
    Calibrated,
    /// The same, but the ECE is beyond what a calibrated model would show: no temperature mends that.
    Misshapen,
    /// There is no temperature to judge by, its interval is too wide to say anything, or the labels hold one class.
    Undetermined,
}

impl Verdict {
    /// `overconfident`, `underconfident`, `calibrated`, `misshapen` or `undetermined`, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Overconfident => "overconfident",
            Self::Underconfident => "underconfident",
            Self::Calibrated => "calibrated",
            Self::Misshapen => "misshapen",
            Self::Undetermined => "undetermined",
        }
    }
}

/// A two-sided interval.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Interval {
    /// Nominal coverage, such as 0.95.
    pub level: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How it was made.
    pub method: &'static str,
}

/// The temperature that minimises the mean NLL of the fitted rows. Every value but `nll_before` is `None`
/// unless converged.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TemperatureFit {
    /// See [`FitStatus`].
    pub status: FitStatus,
    /// T = 1 / b.
    pub temperature: Option<f64>,
    /// b, the factor to multiply logits by.
    pub inverse_temperature: Option<f64>,
    /// Robust (sandwich) standard error of T.
    pub standard_error: Option<f64>,
    /// Standard error of T from the Fisher information, which trusts the model to be right.
    pub standard_error_fisher: Option<f64>,
    /// Interval of T from the robust standard error of ln b.
    pub interval: Option<Interval>,
    /// The 99 % interval that the verdict goes by, from the larger of the two standard errors: with a handful
    /// of rows the robust one shrinks to nothing.
    pub verdict_interval: Option<Interval>,
    /// Evaluations of the derivative.
    pub iterations: u64,
    /// Absolute derivative of the mean NLL in b at the solution, in nats per unit of b.
    pub gradient: Option<f64>,
    /// Mean NLL of the fitted rows at T = 1, in nats; infinite (JSON: null) if there are others whose label has a
    /// probability of 0 that was not rounded.
    pub nll_before: Option<f64>,
    /// The same at the fitted T.
    pub nll_after: Option<f64>,
    /// Over- or under-confident.
    pub verdict: Verdict,
}
