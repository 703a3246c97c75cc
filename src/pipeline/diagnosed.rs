//! The diagnosis of what the passes left behind.

use crate::analysis::{Analysis, AnalysisOptions};
use crate::diagnosis::{Diagnosis, Subject, diagnose_parts};

use super::passes::Passed;

/// What is wrong with the judged rows, and with those the temperature was fitted on.
pub(super) fn diagnosed(
    passed: &Passed,
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Diagnosis {
    let fitted = Subject {
        info: &passed.info,
        rows: &passed.fit.rows,
        fit: &analysis.fit,
        analysis: None,
        slices: &options.slices,
    };
    let judged = Subject {
        rows: passed.test.as_ref().map_or(fitted.rows, |part| &part.rows),
        analysis: Some(analysis),
        ..fitted
    };
    diagnose_parts(&judged, passed.test.as_ref().map(|_| &fitted))
}
