//! Chart inputs shared by the tests.

use crate::plot::{
    Axis, BinWidths, CurveChart, Ink, LineStyle, ReliabilityBin, ReliabilityChart, ReliabilityView,
    Series, Sign, VerticalMark,
};

/// Fifteen bins of an over-confident model, the first one empty, the next two nearly so.
pub(super) fn overconfident() -> Vec<ReliabilityBin> {
    let counts = [0, 4, 38, 105, 190, 240, 280, 310, 330, 350, 380, 420, 632, 700, 6021];
    (0..15).map(|i| bin(i, counts[i], 0.72)).collect()
}

/// The same bins where outcomes are more frequent than claimed.
pub(super) fn underconfident() -> Vec<ReliabilityBin> {
    (0..15).map(|i| bin(i, 30 + 10 * i as u64, 1.3)).collect()
}

fn bin(i: usize, count: u64, factor: f64) -> ReliabilityBin {
    let (low, high) = (i as f64 / 15.0, (i + 1) as f64 / 15.0);
    let probability = f64::midpoint(low, high);
    let outcome = (probability * factor).min(1.0);
    let half = (outcome * (1.0 - outcome) / (count.max(1) as f64)).sqrt() * 2.0;
    let interval = [(outcome - half).max(0.0), (outcome + half).min(1.0)];
    let empty = count == 0;
    ReliabilityBin {
        low,
        high,
        count,
        outcome: if empty { f64::NAN } else { outcome },
        probability: if empty { f64::NAN } else { probability },
        interval: (!empty).then_some(interval),
    }
}

/// Bins of equal count as an over-confident model has them: narrow at the right end.
pub(super) fn equal_mass() -> Vec<ReliabilityBin> {
    let edges = [0.18, 0.41, 0.55, 0.68, 0.79, 0.88, 0.94, 0.975, 0.992, 0.9985, 1.0];
    let pair = |w: &[f64]| ReliabilityBin {
        low: w[0],
        high: w[1],
        count: 100,
        outcome: (w[0] + w[1]) * 0.36,
        probability: f64::midpoint(w[0], w[1]),
        interval: Some([(w[0] + w[1]) * 0.36 - 0.07, (w[0] + w[1]) * 0.36 + 0.07]),
    };
    edges.windows(2).map(pair).collect()
}

pub(super) fn reliability(bins: &[ReliabilityBin]) -> ReliabilityChart<'_> {
    ReliabilityChart {
        bins,
        overlay: &[],
        widths: BinWidths::Equal,
        view: ReliabilityView::Bars,
        selected: None,
        has_histogram: true,
        has_whiskers: true,
        accuracy: Some(0.697),
        mean_probability: Some(0.825),
        title: "",
    }
}

/// A convex curve over T with its minimum of 0.972 at 1.781.
pub(super) fn nll() -> (Vec<f64>, Vec<f64>) {
    let x: Vec<f64> = (0..=120).map(|i| 0.25 * 2_f64.powf(f64::from(i) / 24.0)).collect();
    let y = x.iter().map(|t| 0.972 + 0.4 * (t / 1.781).ln().powi(2)).collect();
    (x, y)
}

pub(super) fn temperature_marks() -> Vec<VerticalMark<'static>> {
    let mark =
        |x, sign, ink, line, label| VerticalMark { x, sign, ink, line, is_on_curve: true, label };
    vec![
        mark(1.0, Sign::Ring, Ink::Unit, LineStyle::None, "T=1"),
        mark(1.781, Sign::Diamond, Ink::Optimum, LineStyle::Dashed, "T* 1.781"),
        mark(1.5, Sign::Dot, Ink::Cursor, LineStyle::Solid, "cursor"),
    ]
}

pub(super) fn curve<'a>(series: &'a [Series<'a>], marks: &'a [VerticalMark<'a>]) -> CurveChart<'a> {
    CurveChart {
        series,
        x: Axis { range: Some([0.25, 8.0]), is_log: true },
        y: Axis::default(),
        marks,
        interval: Some([1.6, 1.95]),
        title: "NLL (nats per row)",
    }
}

/// Forty cells of a skewed distribution, split in correct and wrong.
pub(super) fn histogram() -> (Vec<f64>, Vec<u64>, Vec<u64>) {
    let edges = (0..=40).map(|i| f64::from(i) * 0.375).collect();
    let shape = |i: u32, at: f64| (600.0 * (-f64::from(i) / at).exp()).round();
    let count = |v: f64| crate::plot::scale::index(v, usize::MAX) as u64;
    let correct = (0..40).map(|i| count(shape(i, 14.0) * 0.4)).collect();
    let wrong = (0..40).map(|i| count(shape(i, 5.0))).collect();
    (edges, correct, wrong)
}
