//! From rows at a temperature to the table of figures.

use crate::numerics::mean;
use crate::summarize::RowSummaries;

use super::{Binning, Figures, Histogram, Metrics, Outcome, RowsAt, ece, mce, reliability, rmsce};

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
    let headline = Outcome::headline(rows.n_classes());
    let width = reliability(rows, at, headline, Binning::Width, n_bins).bins;
    let mass = reliability(rows, at, headline, Binning::Mass, n_bins).bins;
    let top_class = (headline == Outcome::Positive)
        .then(|| reliability(rows, at, Outcome::TopClass, Binning::Width, n_bins).bins);
    let (mce_value, mce_count) = mce(&width);
    Metrics {
        n_rows: rows.len(),
        accuracy: share(rows, |row| row.is_correct()),
        top5_accuracy: share_of(&rows.columns().label_rank, |rank| *rank <= TOP_FIVE),
        mean_confidence: mean(&at.confidence),
        nll: mean(&at.nll),
        brier: mean(&at.brier),
        ece: ece(&width),
        ece_equal_mass: ece(&mass),
        rmsce: rmsce(&width),
        mce: mce_value,
        mce_count,
        ece_top_class: top_class.as_deref().map(ece),
        mce_top_class: top_class.as_deref().map(|bins| mce(bins).0),
        entropy: mean(&at.entropy),
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
    let headline = Outcome::headline(rows.n_classes());
    let correct: Vec<bool> = (0..rows.len()).map(|i| rows.row(i).is_correct()).collect();
    Figures {
        temperature,
        exact,
        metrics: metrics(rows, at, diagram.n_bins),
        reliability: reliability(rows, at, headline, diagram.binning, diagram.n_bins),
        confidence: Histogram::new(&at.confidence, &correct, (0.0, 1.0), CONFIDENCE_CELLS),
    }
}

fn share(rows: &RowSummaries, holds: impl Fn(crate::summarize::RowView<'_>) -> bool) -> f64 {
    (0..rows.len()).filter(|&i| holds(rows.row(i))).count() as f64 / rows.len() as f64
}

fn share_of<T>(column: &[T], holds: impl Fn(&T) -> bool) -> f64 {
    column.iter().filter(|value| holds(value)).count() as f64 / column.len() as f64
}
