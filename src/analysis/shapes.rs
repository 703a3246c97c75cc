//! How large the logits are and how clear the decisions: what does not move with the temperature.

use rayon::prelude::*;
use serde::Serialize;

use crate::metrics::{Histogram, RowsAt, Spread};
use crate::summarize::{RowSummaries, RowView};

/// Cells of the histograms in a report; charts merge them to the columns they have.
const HISTOGRAM_CELLS: usize = 60;

/// Distribution of the quantities that describe how large the logits are.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct LogitScale {
    /// Largest logit of a row.
    pub max: Spread,
    /// Smallest logit of a row (over the classes present).
    pub min: Spread,
    /// Mean logit of a row.
    pub mean: Spread,
    /// Standard deviation within a row, dividing by K.
    pub sd: Spread,
    /// Euclidean norm of a row.
    pub norm: Spread,
    /// log sum exp of a row, at T = 1.
    pub log_sum_exp: Spread,
    /// Entropy of a row in nats, at T = 1.
    pub entropy: Spread,
}

/// Distribution of the top-two margin, in logits.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Margins {
    /// Largest minus second largest logit, all rows.
    pub all: Spread,
    /// The same over rows that are right.
    pub correct: Spread,
    /// The same over rows that are wrong.
    pub wrong: Spread,
    /// Label's logit minus the largest other.
    pub true_class_margin: Spread,
    /// Rows whose largest logit occurs more than once.
    pub tied_top: u64,
}

/// The four histograms of a report.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Histograms {
    /// Largest logit.
    pub max_logit: Histogram,
    /// Standard deviation within the row.
    pub sd: Histogram,
    /// Top-two margin, in logits.
    pub margin: Histogram,
    /// Confidence at T = 1.
    pub confidence: Histogram,
}

/// All of it. `at_one` is `rows` at T = 1.
pub(super) fn shapes(rows: &RowSummaries, at_one: &RowsAt) -> (LogitScale, Margins, Histograms) {
    let columns = rows.columns();
    let each = |f: fn(RowView<'_>) -> f64| -> Vec<f64> {
        let indices = (0..rows.len()).into_par_iter();
        indices.map(|i| f(rows.row(i))).collect()
    };
    let (max, margin) = (each(|row| row.max()), each(|row| row.margin()));
    let log_z = rows.column_at(1.0, |m| m.at.log_z);
    let log_sum_exp: Vec<f64> = max.iter().zip(&log_z).map(|(max, z)| max + z).collect();
    let of = |keep: bool| -> Vec<f64> {
        let pairs = margin.iter().zip(&at_one.correct);
        pairs.filter(|p| *p.1 == keep).map(|p| *p.0).collect()
    };
    let (correct, wrong, true_class) = (of(true), of(false), each(|row| row.true_class_margin()));
    let of_column: [&[f64]; 11] = [
        &max,
        &columns.min,
        &columns.mean,
        &columns.sd,
        &columns.norm,
        &log_sum_exp,
        &at_one.entropy,
        &margin,
        &correct,
        &wrong,
        &true_class,
    ];
    // Selecting a quantile begins with a stretch for one core: columns side by side leave none idle.
    let mut spreads = of_column.into_par_iter().map(Spread::of).collect::<Vec<_>>().into_iter();
    let mut next = || spreads.next().expect("one for each column");
    let scale = LogitScale {
        max: next(),
        min: next(),
        mean: next(),
        sd: next(),
        norm: next(),
        log_sum_exp: next(),
        entropy: next(),
    };
    let margins = Margins {
        all: next(),
        correct: next(),
        wrong: next(),
        true_class_margin: next(),
        tied_top: columns.n_max.iter().filter(|n| **n > 1).count() as u64,
    };
    let histogram = |values, range| Histogram::new(values, &at_one.correct, range, HISTOGRAM_CELLS);
    let histograms = Histograms {
        max_logit: histogram(&max, range(&scale.max)),
        sd: histogram(&columns.sd, from_zero(&scale.sd)),
        margin: histogram(&margin, from_zero(&margins.all)),
        confidence: histogram(&at_one.confidence, (0.0, 1.0)),
    };
    (scale, margins, histograms)
}

/// What a histogram shows: the middle 98 %, widened to the whole range where that is no more than half as
/// wide again. A few runaway rows must not squeeze all others into one cell; they are counted beside it.
fn range(spread: &Spread) -> (f64, f64) {
    // A row with one class left has an infinite margin: the range is that of the finite quantiles.
    let finite: Vec<f64> = spread.quantiles.0.iter().copied().filter(|q| q.is_finite()).collect();
    let (Some(&least), Some(&most)) = (finite.first(), finite.last()) else {
        return (0.0, 1.0);
    };
    let inner = |q: f64| q.clamp(least, most);
    let q = spread.quantiles.0.map(inner);
    let (low, high) = (q[1], q[7]);
    let room = 0.5 * (high - low);
    let low = if low - q[0] <= room { q[0] } else { low };
    let high = if q[8] - high <= room { q[8] } else { high };
    (low, high)
}

/// The same for a quantity that cannot be negative. Where all of it is 0, the unit to the right is shown.
fn from_zero(spread: &Spread) -> (f64, f64) {
    let high = range(spread).1;
    (0.0, if high > 0.0 { high } else { 1.0 })
}
