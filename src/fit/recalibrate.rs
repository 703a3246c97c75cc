//! Recalibrators that have more than one number, beside the temperature that they are measured against.
//!
//! | method | what it does to the logits z or the probabilities p | parameters | source |
//! |---|---|---|---|
//! | temperature | z / T | 1 | Guo et al. 2017 |
//! | bias-corrected temperature | z / T + `c_k` | 1 + K | Alexandari et al. 2020 |
//! | Platt (two classes) | a (`z_1` - `z_0`) + c | 2 | Platt 1999, without his smoothing of the labels |
//! | vector | `a_k` `z_k` + `c_k` | 2K | Guo et al. 2017 |
//! | structured vector | (1 + `v_k`) `u_k` + `c_k`, where u = (z - max z) / T, with a ridge on v and c | 2K | after Berta et al. 2025 |
//! | beta | logit = a ln p - b ln(1 - p) + c, a, b >= 0; each class against the rest, normalised | 3 or 3K | Kull et al. 2017 |
//! | isotonic | a monotone step function of p; each class against the rest, normalised | | Zadrozny & Elkan 2002 |
//! | ensemble temperature | `w_1` softmax(z / T) + `w_2` softmax(z) + `w_3` / K | 1 + 2 | Zhang et al. 2020 |
//!
//! For two classes bias-corrected temperature, vector and structured vector scaling are Platt's two numbers in
//! other words and are left out. Everything smooth is fitted by L-BFGS on the exact gradient of the mean NLL, with
//! nothing clamped: a class absent from a row stays absent.

mod affine;
mod beta;
mod ensemble;
mod features;
mod fitted;
mod isotonic;
mod judge;
mod minimise;
mod structured;

use serde::Serialize;

use crate::data::SourceError;
use crate::summarize::{RowSummaries, Scores};

pub use affine::Affine;
pub use beta::Beta;
pub use features::Features;
pub use fitted::{Fitted, Recalibrator};
pub use isotonic::Steps;
pub use judge::{JUDGED, Judged, judge};

/// Each class against the rest is fitted for so many classes at most: beyond, most have a handful of rows.
pub const MAX_ONE_VS_REST: usize = 100;

/// A way to recalibrate.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The probabilities as they are.
    None,
    /// One temperature for all.
    Temperature,
    /// A temperature and a bias for every class.
    BiasCorrectedTemperature,
    /// Two classes: a line through the log-odds.
    Platt,
    /// A factor and a bias for every class.
    Vector,
    /// The same after the temperature, held back by a ridge.
    StructuredVector,
    /// Beta calibration.
    Beta,
    /// Isotonic regression.
    Isotonic,
    /// A mixture of scaled, unscaled and uniform probabilities.
    EnsembleTemperature,
}

impl Method {
    /// Those that make sense for K classes, in the order of the table.
    pub fn of_classes(n_classes: usize) -> Vec<Self> {
        let mut methods = vec![Self::None, Self::Temperature];
        if n_classes == 2 {
            methods.push(Self::Platt);
        } else {
            methods.extend([Self::BiasCorrectedTemperature, Self::Vector, Self::StructuredVector]);
        }
        if n_classes <= MAX_ONE_VS_REST {
            methods.extend([Self::Beta, Self::Isotonic]);
        }
        methods.push(Self::EnsembleTemperature);
        methods
    }

    /// Its name in a table or a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Temperature => "temperature",
            Self::BiasCorrectedTemperature => "bias-corrected T",
            Self::Platt => "Platt",
            Self::Vector => "vector",
            Self::StructuredVector => "structured vector",
            Self::Beta => "beta",
            Self::Isotonic => "isotonic",
            Self::EnsembleTemperature => "ensemble T",
        }
    }
}

/// Rows to fit on.
#[derive(Clone, Copy)]
pub struct FitRows<'a> {
    /// All rows with their scores.
    pub scores: Scores<'a>,
    /// The fold of every row.
    pub fold_of: &'a [u32],
    /// Rows of this fold take no part.
    pub without: Option<u32>,
    /// The inverse temperature fitted on the same rows.
    pub b: f64,
    /// Columns for the methods that see each class against the rest; `None` where they are left out.
    pub features: Option<&'a Features>,
}

/// Asked at every pass over the scores.
pub type KeepGoing<'a> = &'a mut dyn FnMut() -> bool;

impl<'a> FitRows<'a> {
    pub(super) fn rows(&self) -> &'a RowSummaries {
        self.scores.rows()
    }

    /// True if row `idx` takes part: it is not left out, and its label has a probability above 0.
    pub(super) fn is_member(&self, idx: usize) -> bool {
        self.without != Some(self.fold_of[idx])
            && self.rows().columns().label_logit[idx].is_finite()
    }

    /// How many rows take part.
    pub(super) fn n_members(&self) -> usize {
        (0..self.rows().len()).filter(|idx| self.is_member(*idx)).count()
    }
}

/// Fits `method` on `on`. `None` if it cannot be fitted there: one that sees each class against the rest without
/// its features, or no row.
///
/// # Errors
/// [`SourceError::Cancelled`] once `keep_going` says no, or why the scores could not be read.
pub fn recalibrate(
    method: Method,
    on: FitRows<'_>,
    keep_going: KeepGoing<'_>,
) -> Result<Option<Fitted>, SourceError> {
    if on.n_members() == 0 {
        return Ok(None);
    }
    let k = on.rows().n_classes();
    Ok(match method {
        Method::None => Some(Fitted::closed(Affine::scaled(1.0, k))),
        Method::Temperature => Some(Fitted::closed(Affine::scaled(on.b, k))),
        Method::BiasCorrectedTemperature | Method::Platt => {
            Some(affine::fit(on, affine::Scale::Shared, keep_going)?)
        }
        Method::Vector => Some(affine::fit(on, affine::Scale::PerClass, keep_going)?),
        Method::StructuredVector => Some(structured::fit(on, keep_going)?),
        Method::Beta => on.features.and_then(|features| beta::fit(on, features)),
        Method::Isotonic => on.features.map(|features| isotonic::fit(on, features)),
        Method::EnsembleTemperature => Some(ensemble::fit(on)),
    })
}
