//! Which temperature every evaluated row is judged by.

use crate::fit::assign_folds;
use crate::summarize::RowSummaries;

use super::{Analysis, AnalysisOptions, EvaluatedOn};

/// The inverse temperatures after scaling.
#[derive(Clone, PartialEq, Debug)]
pub enum JudgedAt {
    /// One for all rows.
    All(f64),
    /// That of each row's fold.
    Folds {
        /// The fold of every row.
        fold_of: Vec<u32>,
        /// The inverse temperature of every fold, fitted on the others.
        bs: Vec<f64>,
    },
}

impl JudgedAt {
    /// For what [`super::analyze`] made of the evaluated `rows` with the same options; `None` without a
    /// temperature.
    pub fn new(
        rows: &RowSummaries,
        analysis: &Analysis,
        options: &AnalysisOptions,
    ) -> Option<Self> {
        let b = analysis.fit.inverse_temperature?;
        if analysis.evaluated_on != EvaluatedOn::OutOfFold {
            return Some(Self::All(b));
        }
        let n_folds = u32::try_from(analysis.folds.len()).ok()?;
        let temperatures = analysis.folds.iter().filter_map(|fold| fold.temperature);
        Some(Self::Folds {
            fold_of: assign_folds(rows, n_folds, options.seed),
            bs: temperatures.map(f64::recip).collect(),
        })
    }

    /// That of row `idx`.
    pub fn inverse_temperature(&self, idx: usize) -> f64 {
        match self {
            Self::All(b) => *b,
            Self::Folds { fold_of, bs } => bs[fold_of[idx] as usize],
        }
    }
}
