//! From rows at a temperature to the table of figures.

use crate::summarize::RowSummaries;

use super::{
    Binning, Figures, Histogram, Metrics, Outcome, Reliability, RowsAt, ece, mce, reliability,
    rmsce,
};

/// A logit that fewer than this many others exceed counts as "in the top five".
const TOP_FIVE: u32 = 5;

/// Cells of the confidence histogram.
const CONFIDENCE_CELLS: usize = 50;

/// How a reliability diagram is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiagramOptions {
    /// Number of bins, at least 1.
    pub n_bins: usize,
    /// How they are cut.
    pub binning: Binning,
}

/// Every scalar of `rows` at the temperature of `at`, with `n_bins` bins (at least 1).
pub fn metrics(rows: &RowSummaries, at: &RowsAt, n_bins: usize) -> Metrics {
    let [width, mass] = diagrams(rows, at, n_bins);
    of_diagrams(rows, at, &width, &mass)
}

/// The headline's diagrams: bins of equal width, bins of equal mass.
fn diagrams(rows: &RowSummaries, at: &RowsAt, n_bins: usize) -> [Reliability; 2] {
    let headline = Outcome::headline(rows.n_classes());
    let (width, mass) = rayon::join(
        || reliability(at, headline, Binning::Width, n_bins),
        || reliability(at, headline, Binning::Mass, n_bins),
    );
    [width, mass]
}

fn of_diagrams(
    rows: &RowSummaries,
    at: &RowsAt,
    width: &Reliability,
    mass: &Reliability,
) -> Metrics {
    let (width, mass) = (&width.bins, &mass.bins);
    let top_class = (Outcome::headline(rows.n_classes()) == Outcome::Positive)
        .then(|| reliability(at, Outcome::TopClass, Binning::Width, width.len()).bins);
    let (mce_value, mce_count) = mce(width);
    Metrics {
        n_rows: rows.len(),
        accuracy: at.accuracy(),
        top5_accuracy: at.share(&rows.columns().label_rank, |rank| *rank <= TOP_FIVE),
        mean_confidence: at.mean(&at.confidence),
        nll: at.mean_nll(),
        brier: at.mean(&at.brier),
        ece: ece(width),
        ece_equal_mass: ece(mass),
        rmsce: rmsce(width),
        mce: mce_value,
        mce_count,
        ece_top_class: top_class.as_deref().map(ece),
        mce_top_class: top_class.as_deref().map(|bins| mce(bins).0),
        entropy: at.mean(&at.entropy),
        exact_one: at.confidence.iter().filter(|c| **c >= 1.0).count() as u64,
    }
}

/// Scalars, diagram and confidence histogram at once. `temperature` and `exact` are passed through.
pub fn figures(
    rows: &RowSummaries,
    at: &RowsAt,
    diagram: DiagramOptions,
    (temperature, exact): (f64, bool),
) -> Figures {
    let [width, mass] = diagrams(rows, at, diagram.n_bins);
    Figures {
        temperature,
        exact,
        metrics: of_diagrams(rows, at, &width, &mass),
        reliability: match diagram.binning {
            Binning::Width => width,
            Binning::Mass => mass,
        },
        confidence: Histogram::new(&at.confidence, &at.correct, (0.0, 1.0), CONFIDENCE_CELLS),
    }
}
