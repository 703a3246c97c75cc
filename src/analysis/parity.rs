//! Another library's figures on the rows of an analysis, beside ours.

use crate::metrics::{Outcome, Parity, ParityFigure, ParityRows, Precision, RowsAt, parity};
use crate::summarize::RowSummaries;

use super::bootstrap::after;
use super::{Analysis, AnalysisOptions};

/// The figures of one library, at both temperatures.
#[derive(Clone, PartialEq, Debug)]
pub struct ParityFigures {
    /// Whose they are.
    pub library: Parity,
    /// The evaluated rows at T = 1.
    pub before: Vec<ParityFigure>,
    /// The same after scaling; `None` without a temperature.
    pub after: Option<Vec<ParityFigure>>,
}

/// The figures of the library that the options name, on the evaluated `rows` of the analysis; `None` if they name
/// none, or where rows have weights, which these libraries do not take. Scores that fit in float32 are taken to be handed
/// over so, as torch and `NumPy` keep them.
pub fn parity_figures(
    rows: &RowSummaries,
    analysis: &Analysis,
    options: &AnalysisOptions,
) -> Option<ParityFigures> {
    let library = options.parity?;
    if rows.carried().weights().is_some() {
        return None;
    }
    let precision = if rows.is_narrow() { Precision::Single } else { Precision::Double };
    let figures = |at: &RowsAt| {
        // Its code takes the largest probability, whatever the number of classes.
        let outcome = match library {
            Parity::Gpleiss => Outcome::TopClass,
            _ => Outcome::headline(rows.n_classes()),
        };
        let (probability, hit) = outcome.pairs(at);
        let rows = ParityRows {
            probability,
            hit,
            nll: &at.nll,
            mean_nll: at.mean_nll(),
            brier: &at.brier,
            is_binary: rows.n_classes() == 2,
            precision,
        };
        parity(library, &rows, options.n_bins)
    };
    Some(ParityFigures {
        library,
        before: figures(&RowsAt::new(rows, 1.0)),
        after: after(rows, analysis, options).as_ref().map(figures),
    })
}
