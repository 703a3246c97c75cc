//! The measures beyond the quick ones, of the rows that an analysis describes.

use crate::metrics::{Families, Family, FamilyOptions, RowsAt};
use crate::summarize::RowSummaries;

use super::bootstrap::after;
use super::{Analysis, AnalysisOptions, EvaluatedOn};

/// The family of measures for what [`super::analyze`] made of the same rows with the same options; `None` if it
/// is not asked for. Apart from the analysis, so that neither a slider nor a first screen waits for it.
pub fn families(
    fit_rows: &RowSummaries,
    test_rows: Option<&RowSummaries>,
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Option<Families> {
    if !options.families {
        return None;
    }
    let rows = test_rows.unwrap_or(fit_rows);
    let (before, after) = (RowsAt::new(rows, 1.0), after(rows, analysis, options));
    let b = analysis.fit.inverse_temperature;
    let in_sample = b.map(|b| RowsAt::new(fit_rows, b));
    let options =
        FamilyOptions { n_bins: options.n_bins, level: options.level, seed: options.seed };
    let mut found = Families::new(
        (rows, &before),
        after.as_ref().map(|at| (rows, at)),
        in_sample.as_ref().map(|at| (fit_rows, at)),
        options,
    );
    if analysis.evaluated_on == EvaluatedOn::OutOfFold {
        let ranking = found.in_sample_after.as_ref().map(Family::ranking);
        if let (Some(after), Some(ranking)) = (&mut found.after, ranking) {
            after.rank_by(ranking);
        }
    }
    Some(found)
}
