//! Other libraries' figures, reproduced, beside ours and the reason for the difference: so that two reports
//! about one model can be reconciled.
//!
//! Checked against torchmetrics 1.9, netcal 1.4.0 and scikit-learn 1.9.1; the loss of
//! `gpleiss/temperature_scaling` is a few lines that torch runs.

use serde::Serialize;

use super::{Bin, ece, equal_width, mce, rmsce};
use crate::numerics::{mean, pairwise_sum};

/// Whose figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// `torchmetrics.functional.calibration_error`.
    Torchmetrics,
    /// `netcal.metrics`.
    Netcal,
    /// `sklearn.metrics` and `sklearn.calibration`.
    Sklearn,
    /// `_ECELoss` of `gpleiss/temperature_scaling`.
    Gpleiss,
}

/// The number format in which the other library sees the probabilities.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Precision {
    /// 32 bits, as torch computes unless told otherwise.
    Single,
    /// 64 bits.
    Double,
}

/// What the figures are computed from; slices with one entry per row.
#[derive(Clone, Copy, Debug)]
pub struct ParityRows<'a> {
    /// Probability in [0, 1]: confidence, or for two classes that of the positive one.
    pub probability: &'a [f64],
    /// Whether its event happened.
    pub hit: &'a [bool],
    /// Negative log-likelihood of the label.
    pub nll: &'a [f64],
    /// Its mean as we have it, see [`super::RowsAt::mean_nll`].
    pub mean_nll: f64,
    /// Squared error summed over classes.
    pub brier: &'a [f64],
    /// True for two classes.
    pub is_binary: bool,
    /// The format the library would be given.
    pub precision: Precision,
}

/// One figure, theirs and ours.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct ParityFigure {
    /// What it is called there.
    pub figure: &'static str,
    /// What they report; NaN (JSON: null) where it is not reproduced.
    pub theirs: f64,
    /// What we report in its place; NaN (JSON: null) where there is nothing to set beside it.
    pub ours: f64,
    /// Why the two differ, in one sentence.
    pub reason: &'static str,
}

/// The figures of `library` with `n_bins` (at least 1) bins, beside ours.
pub fn parity(library: Parity, rows: &ParityRows<'_>, n_bins: usize) -> Vec<ParityFigure> {
    match library {
        Parity::Torchmetrics => torchmetrics(rows, n_bins),
        Parity::Netcal => netcal(rows, n_bins),
        Parity::Sklearn => sklearn(rows, n_bins),
        Parity::Gpleiss => gpleiss(rows, n_bins),
    }
}

fn torchmetrics(rows: &ParityRows<'_>, n_bins: usize) -> Vec<ParityFigure> {
    const REASON: &str =
        "its bins are [low, high) and confidence 1 has a bin of its own; ours are (low, high]";
    let edges = torch_edges(rows.precision, n_bins);
    let theirs = binned(rows, n_bins + 1, |p| edges.partition_point(|edge| *edge <= p) - 1);
    let ours = equal_width(rows.probability, rows.hit, n_bins);
    let figure = |figure, theirs, ours| ParityFigure { figure, theirs, ours, reason: REASON };
    vec![
        figure("calibration_error(norm='l1')", ece(&theirs), ece(&ours)),
        figure("calibration_error(norm='l2')", rmsce(&theirs), rmsce(&ours)),
        figure("calibration_error(norm='max')", mce(&theirs).0, mce(&ours).0),
    ]
}

fn netcal(rows: &ParityRows<'_>, n_bins: usize) -> Vec<ParityFigure> {
    const EDGES: &str = "its bins are [low, high), the last one closed; ours are (low, high]";
    const UNWEIGHTED: &str = "its ACE is the mean gap over filled bins, a bin of one row counting as much as a bin of thousands; beside it stands our ECE";
    let edges: Vec<f64> = (0..=n_bins).map(|i| i as f64 / n_bins as f64).collect();
    let theirs =
        binned(rows, n_bins, |p| (edges.partition_point(|edge| *edge <= p) - 1).min(n_bins - 1));
    let ours = equal_width(rows.probability, rows.hit, n_bins);
    let figure = |figure, theirs, ours, reason| ParityFigure { figure, theirs, ours, reason };
    vec![
        figure("ECE", ece(&theirs), ece(&ours), EDGES),
        figure("MCE", mce(&theirs).0, mce(&ours).0, EDGES),
        figure("ACE", mean_gap(&theirs), ece(&ours), UNWEIGHTED),
    ]
}

fn sklearn(rows: &ParityRows<'_>, n_bins: usize) -> Vec<ParityFigure> {
    const CLIPPED: &str = "it clips probabilities at the machine epsilon of their type, so that a confident error costs at most 36 nats (16 in float32); ours does not";
    const HALVED: &str = "for two classes it halves the sum over classes; ours is the sum, in 0..2";
    const SAME: &str = "the same definition";
    const UNWEIGHTED: &str = "the mean of abs(prob_true - prob_pred) counts every filled bin alike; ours weighs bins by their rows (the bins are the same)";
    let epsilon = match rows.precision {
        Precision::Single => f64::from(f32::EPSILON),
        Precision::Double => f64::EPSILON,
    };
    let clip = |nll: &f64| nll.clamp(-(-epsilon).ln_1p(), -epsilon.ln());
    let brier = mean(rows.brier);
    let (share, reason) = if rows.is_binary { (0.5, HALVED) } else { (1.0, SAME) };
    let bins = equal_width(rows.probability, rows.hit, n_bins);
    let figure = |figure, theirs, ours, reason| ParityFigure { figure, theirs, ours, reason };
    vec![
        figure(
            "log_loss",
            mean(&rows.nll.iter().map(clip).collect::<Vec<_>>()),
            rows.mean_nll,
            CLIPPED,
        ),
        figure("brier_score_loss", share * brier, brier, reason),
        figure("calibration_curve, mean gap", mean_gap(&bins), ece(&bins), UNWEIGHTED),
    ]
}

fn gpleiss(rows: &ParityRows<'_>, n_bins: usize) -> Vec<ParityFigure> {
    const EDGES: &str = "the same bins (low, high] of the largest probability, with edges and probabilities in float32";
    const TEMPERATURE: &str = "not reproduced: it stops L-BFGS after 50 steps at learning rate 0.01 from T = 1.5, converged or not, so its T depends on the torch version and the device; ours is the minimum";
    let edges = torch_edges(rows.precision, n_bins);
    let bin_of = |p: f64| edges[1..n_bins].partition_point(|edge| *edge < p);
    let theirs = binned(rows, n_bins, bin_of);
    let ours = equal_width(rows.probability, rows.hit, n_bins);
    let figure = |figure, theirs, ours, reason| ParityFigure { figure, theirs, ours, reason };
    vec![
        figure("_ECELoss", ece(&theirs), ece(&ours), EDGES),
        figure("temperature", f64::NAN, f64::NAN, TEMPERATURE),
    ]
}

/// `torch.linspace(0, 1, n_bins + 1)`: counted from both ends towards the middle, with one rounding.
fn torch_edges(precision: Precision, n_bins: usize) -> Vec<f64> {
    let single = |i: usize| {
        let step = 1.0 / n_bins as f32;
        if i < n_bins.div_ceil(2) {
            step * i as f32
        } else {
            (-step).mul_add((n_bins - i) as f32, 1.0)
        }
    };
    let double = |i: usize| {
        let step = 1.0 / n_bins as f64;
        if i < n_bins.div_ceil(2) {
            step * i as f64
        } else {
            (-step).mul_add((n_bins - i) as f64, 1.0)
        }
    };
    let edge = |i| match precision {
        Precision::Single => f64::from(single(i)),
        Precision::Double => double(i),
    };
    (0..=n_bins).map(edge).collect()
}

/// Bins by another rule, on probabilities in the library's format.
fn binned(rows: &ParityRows<'_>, n_bins: usize, bin_of: impl Fn(f64) -> usize) -> Vec<Bin> {
    let mut members: Vec<Vec<f64>> = vec![Vec::new(); n_bins];
    let mut hits = vec![0u64; n_bins];
    for (&p, &hit) in rows.probability.iter().zip(rows.hit) {
        let p = match rows.precision {
            #[expect(clippy::cast_possible_truncation, reason = "to f32 is the point")]
            Precision::Single => f64::from(p as f32),
            Precision::Double => p,
        };
        let idx = bin_of(p);
        members[idx].push(p);
        hits[idx] += u64::from(hit);
    }
    let bin = |(members, hits): (&Vec<f64>, u64)| {
        let count = members.len() as u64;
        Bin {
            low: f64::NAN,
            high: f64::NAN,
            count,
            weight: None,
            effective: count as f64,
            hits,
            accuracy: hits as f64 / count as f64,
            confidence: pairwise_sum(members) / count as f64,
            interval: None,
        }
    };
    members.iter().zip(hits).map(bin).collect()
}

/// Mean absolute gap over bins with at least one row, unweighted; NaN without rows.
fn mean_gap(bins: &[Bin]) -> f64 {
    let gaps: Vec<f64> =
        bins.iter().filter(|bin| !bin.is_empty()).map(|bin| bin.gap().abs()).collect();
    mean(&gaps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_one_has_a_bin_of_its_own_in_torchmetrics_alone() {
        let rows = ParityRows {
            probability: &[1.0, 0.95, 0.5],
            hit: &[false, true, true],
            nll: &[50.0, 0.1, 0.7],
            mean_nll: 50.8 / 3.0,
            brier: &[2.0, 0.1, 0.5],
            is_binary: false,
            precision: Precision::Double,
        };
        let figures = parity(Parity::Torchmetrics, &rows, 10);
        assert!((figures[0].theirs - (1.0 + 0.05 + 0.5) / 3.0).abs() < 1e-15);
        assert!((figures[0].ours - (2.0 * 0.475 + 0.5) / 3.0).abs() < 1e-15);
        let loss = &parity(Parity::Sklearn, &rows, 10)[0];
        assert!((loss.theirs - (52.0 * 2f64.ln() + 0.8) / 3.0).abs() < 1e-12, "36.04 nats at most");
    }
}
