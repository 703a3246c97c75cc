//! What an analysis makes of a temperature: the verdict also asks the labels and the ECE at T = 1.

use crate::fit::{TemperatureFit, Verdict};
use crate::metrics::{Events, Outcome, RowsAt, redrawn_ece};
use crate::numerics::pairwise_sum;
use crate::summarize::RowSummaries;

use super::AnalysisOptions;

/// Standard deviations of the ECEs of calibrated redrawings by which an ECE may lie above their mean.
const SPREADS: f64 = 3.0;

/// The verdict on rows whose temperature is `fit`, by the `ece` that they show at T = 1.
pub(super) fn verdict(
    fit: &TemperatureFit,
    (rows, at_one): (&RowSummaries, &RowsAt),
    ece: f64,
    options: &AnalysisOptions,
) -> Verdict {
    if hold_one_class(rows, 0..rows.len()) {
        return Verdict::Undetermined;
    }
    let events = Outcome::headline(rows.n_classes()).events(at_one);
    if fit.verdict == Verdict::Calibrated && is_misshapen(&events, ece, options) {
        return Verdict::Misshapen;
    }
    fit.verdict
}

/// True if the labels of `members` name one class: nothing can be said about the others.
pub fn hold_one_class(rows: &RowSummaries, mut members: impl Iterator<Item = usize>) -> bool {
    let label = |idx: usize| rows.columns().label[idx];
    let first = members.next().map(label);
    rows.soft().is_none() && first.is_some() && members.all(|idx| Some(label(idx)) == first)
}

/// True if the ECE lies above its floor by more than chance. Rows that belong together miss together: the spread of
/// redrawings, which are independent, is widened as much as theirs is.
fn is_misshapen(events: &Events<'_>, ece: f64, options: &AnalysisOptions) -> bool {
    let rows = (events.probability, events.weight);
    let [floor, spread] = redrawn_ece(rows, options.n_bins, options.seed);
    let widened = design_effect(events).sqrt();
    ece - floor * widened > SPREADS * spread * widened
}

/// The variance of the sum of w (hit - p) by clusters over that by rows, at least 1 (Kish 1965).
fn design_effect(events: &Events<'_>) -> f64 {
    let Some(clusters) = events.cluster else {
        return 1.0;
    };
    let off = |idx: usize| events.weight(idx) * (events.outcome(idx) - events.probability[idx]);
    let mut rows: Vec<(u64, f64)> = (0..events.len()).map(|i| (clusters[i], off(i))).collect();
    rows.sort_by_key(|row| row.0);
    let of_rows: Vec<f64> = rows.iter().map(|(_, off)| off * off).collect();
    let clusters = rows.chunk_by(|a, b| a.0 == b.0);
    let of_clusters: Vec<f64> =
        clusters.map(|rows| rows.iter().map(|(_, off)| off).sum::<f64>().powi(2)).collect();
    (pairwise_sum(&of_clusters) / pairwise_sum(&of_rows)).max(1.0)
}
