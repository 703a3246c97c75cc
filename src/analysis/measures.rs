//! What one temperature says of the evaluated rows beyond the quick figures.

use crate::metrics::{
    Families, Family, FamilyCurves, FamilyOptions, Kept, Outcome, RowsAt, Selective,
    SortedByConfidence, auroc, noise_floor_of, risk_coverage,
};
use crate::summarize::RowSummaries;

use super::{AnalysisOptions, MAX_CLASSES};

/// Steps of coverage that a risk-coverage curve is thinned to: more than any terminal has columns.
const COVERAGE_STEPS: f64 = 512.0;

/// The further measures of rows at one temperature. Undefined numbers are NaN.
#[derive(Clone, PartialEq, Debug)]
pub struct Measures {
    /// The temperature; where every fold has its own, that of all rows.
    pub temperature: f64,
    /// False if the rows' probabilities are interpolated between stored temperatures.
    pub exact: bool,
    /// Bins of those measures that have bins.
    pub n_bins: usize,
    /// Level of the bounds and of the band, such as 0.95.
    pub level: f64,
    /// The scalars; `classwise_ece` is `None`, since it needs every probability of a row.
    pub family: Family,
    /// The ECE of these probabilities if all were right, see [`noise_floor_of`].
    pub noise_floor: f64,
    /// CORP curve with its band, and the ECE against the number of bins.
    pub curves: FamilyCurves,
    /// What the target risks allow.
    pub selective: Vec<Selective>,
    /// Coverage and error rate of keeping the most confident rows, by rising coverage in steps of 1/512 or more, the
    /// last point at coverage 1.
    pub risk_coverage: Vec<[f64; 2]>,
    /// Mean confidence of the rows predicted as each class, NaN where there is none; empty beyond [`MAX_CLASSES`].
    pub confidence_of_class: Vec<f64>,
}

impl Measures {
    /// Of `rows`, whose probabilities are `at`; (temperature, whether they are exact) are said of them.
    pub fn new(
        rows: &RowSummaries,
        at: &RowsAt,
        (temperature, exact): (f64, bool),
        options: &AnalysisOptions,
    ) -> Self {
        let family =
            FamilyOptions { n_bins: options.n_bins, level: options.level, seed: options.seed };
        let all = Families::new((rows, at), None, None, family);
        let (probability, _) = Outcome::headline(rows.n_classes()).pairs(at);
        Self {
            temperature,
            exact,
            n_bins: options.n_bins,
            level: options.level,
            family: all.before,
            noise_floor: noise_floor_of((probability, at.weights()), options.n_bins, options.seed),
            curves: all.curves_before,
            selective: all.selective,
            risk_coverage: risk_curve(at),
            confidence_of_class: confidence_of_class(rows, at),
        }
    }
}

/// Coverage and error rate of keeping the rows of most confidence, see [`Measures::risk_coverage`].
pub fn risk_curve(at: &RowsAt) -> Vec<[f64; 2]> {
    thinned(&risk_coverage(&SortedByConfidence::of(&Outcome::TopClass.events(at))))
}

fn thinned(curve: &[Kept]) -> Vec<[f64; 2]> {
    let mut next = 0.0;
    let mut points = Vec::new();
    for (idx, kept) in curve.iter().enumerate() {
        if kept.coverage >= next || idx + 1 == curve.len() {
            points.push([kept.coverage, kept.risk]);
            next = ((kept.coverage * COVERAGE_STEPS).floor() + 1.0) / COVERAGE_STEPS;
        }
    }
    points
}

fn confidence_of_class(rows: &RowSummaries, at: &RowsAt) -> Vec<f64> {
    let n_classes = rows.n_classes();
    if n_classes > MAX_CLASSES {
        return Vec::new();
    }
    let mut sums = vec![(0.0, 0.0); n_classes];
    for (idx, confidence) in at.confidence.iter().enumerate() {
        let (sum, mass) = &mut sums[rows.row(idx).prediction() as usize];
        *sum += rows.weight(idx) * confidence;
        *mass += rows.weight(idx);
    }
    sums.into_iter().map(|(sum, mass)| sum / mass).collect()
}

/// How often a right row has a larger top-two margin than a wrong one, ties counting half: the AUROC of the margin,
/// which no temperature changes. NaN without right or without wrong rows.
pub fn margin_auroc(rows: &RowSummaries) -> f64 {
    // m / (1 + m) keeps the order and lies in [0, 1], where the sort wants its values.
    let squeezed = |margin: f64| {
        if margin.is_finite() { margin / (1.0 + margin) } else { 1.0 }
    };
    let margins: Vec<f64> = (0..rows.len()).map(|idx| squeezed(rows.row(idx).margin())).collect();
    let hits: Vec<bool> = (0..rows.len()).map(|idx| rows.row(idx).is_correct()).collect();
    auroc(&SortedByConfidence::new(&margins, &hits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(n: usize) -> Vec<Kept> {
        let point = |i: usize| Kept {
            coverage: i as f64 / n as f64,
            threshold: None,
            kept: i as u64,
            risk: i as f64,
        };
        (1..=n).map(point).collect()
    }

    #[test]
    fn curves_are_thinned_to_steps_of_coverage_and_keep_their_end() {
        for n in [0, 1, 7, 511, 513, 20_000] {
            let curve = thinned(&kept(n));
            assert_eq!(curve.len(), n.min(curve.len()));
            assert!(curve.len() <= 514 && curve.is_sorted_by(|a, b| a[0] < b[0]));
            assert_eq!(curve.last().map(|point| point[0]), (n > 0).then_some(1.0));
            if n <= 511 {
                assert_eq!(curve.len(), n, "few points are all kept");
            }
        }
    }
}
