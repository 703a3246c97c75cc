//! What is computed beside the figures of the slider, once a screen that shows it comes up.

use std::sync::Arc;

use crate::analysis::{AnalysisOptions, Comparison, Measures, Thresholds};
use crate::data::Temperature;
use crate::pipeline::{Further, Study};

/// The precision that thresholds of classes are asked to meet, as on the command line.
pub(super) const PRECISION: f64 = 0.9;

/// A computation that runs in a thread of its own and can be stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Errand {
    /// The further measures, classes, intervals.
    Further,
    /// More than one temperature.
    Methods,
    /// Thresholds of every class.
    Thresholds,
}

impl Errand {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Further, Self::Methods, Self::Thresholds];

    /// Its place in [`Errand::ALL`].
    pub(super) fn index(self) -> usize {
        self as usize
    }
}

/// An errand to run.
#[derive(Clone, Debug)]
pub(super) struct ErrandOrder {
    /// Tells this run from others; answers of others are dropped.
    pub(super) number: u64,
    /// Which.
    pub(super) errand: Errand,
    /// Of what.
    pub(super) study: Arc<Study>,
    /// The options of the study.
    pub(super) options: AnalysisOptions,
}

/// How far an errand is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct ErrandProgress {
    /// What is being done, in words.
    pub(super) phase: String,
    /// Steps done.
    pub(super) done: u64,
    /// Steps in all; 0 where that is not known.
    pub(super) total: u64,
}

/// What an errand has to tell.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// It goes on.
    Progress(ErrandProgress),
    /// All pieces so far.
    Further(Further),
    /// The methods.
    Methods(Arc<Comparison>),
    /// The thresholds.
    Thresholds(Arc<Thresholds>),
    /// It is through.
    Done,
    /// It was stopped.
    Stopped,
    /// It cannot be done, and why.
    Failed(String),
}

/// The further measures at the cursor's temperature are wanted.
#[derive(Clone, Debug)]
pub(super) struct MeasuresRequest {
    /// Of what.
    pub(super) study: Arc<Study>,
    /// The cursor's temperature.
    pub(super) temperature: Temperature,
    /// The options of the study.
    pub(super) options: AnalysisOptions,
}

/// And here they are.
#[derive(Clone, Debug)]
pub(super) struct MeasuresAnswer {
    /// Of what.
    pub(super) study: Arc<Study>,
    /// At which temperature.
    pub(super) temperature: Temperature,
    /// The measures, or why there are none.
    pub(super) measures: Result<Arc<Measures>, String>,
}
