//! Do logits and labels belong together: four numbers from sums for each class.

use crate::diagnosis::finding::MAX_ROWS;
use crate::diagnosis::thresholds as limit;
use crate::metrics::RowsAt;
use crate::numerics::normal_two_sided;
use crate::summarize::{ClassTotals, Gathered, RowSummaries, Sketch};

/// One class: its share of labels, predictions and probability.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::diagnosis) struct ClassShare {
    /// Labels among all usable rows, and their share.
    pub(in crate::diagnosis) n_labels: u64,
    pub(in crate::diagnosis) pi: f64,
    /// Share of predictions.
    pub(in crate::diagnosis) q: f64,
    /// Mean probability at T = 1, over the rows that the sums were taken over.
    pub(in crate::diagnosis) a: f64,
    /// Share of the labels among those rows.
    pub(in crate::diagnosis) pi_summed: f64,
    /// Mean centred logit.
    pub(in crate::diagnosis) mean_c: f64,
    /// Mean probability over the rows with this label.
    pub(in crate::diagnosis) self_confidence: f64,
    /// Two-sided p of the mass lying within the allowed ratio to the labels; 1 if it does.
    pub(in crate::diagnosis) p_value: f64,
}

/// Numbers from the sums for each class.
#[derive(Clone, Debug)]
pub(in crate::diagnosis) struct Association {
    /// Excess of the centred logit (or the probability) at the label over what chance labels give, in standard
    /// errors: standard normal when labels are permuted.
    pub(in crate::diagnosis) t_c: f64,
    pub(in crate::diagnosis) t_p: f64,
    /// What `t_p` would be were the probabilities right.
    pub(in crate::diagnosis) t_q: f64,
    /// Share of the label information that the logits claim to hold.
    pub(in crate::diagnosis) claim: f64,
    /// Entropy of the labels.
    pub(in crate::diagnosis) label_entropy: f64,
    /// Entropy of the mean probabilities over that of the labels.
    pub(in crate::diagnosis) spread: f64,
    /// Share of the sum of squares of c that differs between rows, and the root of its mean.
    pub(in crate::diagnosis) alike_share: f64,
    pub(in crate::diagnosis) alike_rms: f64,
    /// The class with the largest share of the sum of squares of c, and that share.
    pub(in crate::diagnosis) top_column: (usize, f64),
    /// Participation ratio of the covariance of c, and the rows it was taken from.
    pub(in crate::diagnosis) rank: (f64, usize),
    pub(in crate::diagnosis) classes: Vec<ClassShare>,
}

impl Association {
    pub(super) fn of(rows: &RowSummaries, gathered: &Gathered) -> Self {
        let totals = &gathered.totals;
        let n = totals.n_rows as f64;
        let classes = classes(rows, totals);
        let k = classes.len();
        let pi = |i: usize| classes[i].pi_summed;
        let variance = |sum: f64, squares: f64| (squares / n - (sum / n) * (sum / n)).max(0.0);
        let variance_p = |i: usize| variance(totals.p[i], totals.p2[i]);
        let t = |at_label: f64, sums: &[f64], variance: &dyn Fn(usize) -> f64| {
            let expected: f64 = (0..k).map(|i| pi(i) * sums[i] / n).sum();
            let spread: f64 = (0..k).map(|i| pi(i) * variance(i)).sum();
            ratio(at_label / n - expected, (spread / n).sqrt())
        };
        let a = |i: usize| classes[i].a;
        let power: f64 = (0..k).map(|i| totals.p2[i] / n - a(i) * a(i)).sum();
        let spread_of_p: f64 = (0..k).map(|i| a(i) * variance(totals.p[i], totals.p2[i])).sum();
        let (h_a, h_pi) = (entropy((0..k).map(a)), entropy((0..k).map(pi)));
        let squares: Vec<f64> = (0..k).map(|i| totals.squares_c(i)).collect();
        let all_squares: f64 = squares.iter().sum();
        let between: f64 = (0..k).map(|i| totals.variance_c(i)).sum();
        let top = (0..k).max_by(|&i, &j| squares[i].total_cmp(&squares[j]));
        Self {
            t_c: t(totals.c_at_label, &totals.c, &|i| totals.variance_c(i)),
            t_p: t(totals.p_label.iter().sum(), &totals.p, &variance_p),
            t_q: ratio(power, (spread_of_p / n).sqrt()),
            claim: (h_a - totals.entropy / n) / h_pi,
            label_entropy: h_pi,
            spread: h_a / h_pi,
            alike_share: between * n / all_squares,
            alike_rms: (between / k as f64).sqrt(),
            top_column: top.map_or((0, f64::NAN), |i| (i, squares[i] / all_squares)),
            rank: participation(&gathered.sketch),
            classes,
        }
    }
}

impl Association {
    /// True if every row has nearly the same scores: differences are then round-off, and no test on them holds.
    pub(in crate::diagnosis) fn are_rows_alike(&self) -> bool {
        self.alike_share < limit::ALIKE_SHARE && self.alike_rms < limit::ALIKE_RMS
    }
}

/// 0 where both are: nothing varies, so nothing is associated.
fn ratio(x: f64, error: f64) -> f64 {
    if error > 0.0 { x / error } else { 0.0 }
}

fn entropy(p: impl Iterator<Item = f64>) -> f64 {
    p.filter(|p| *p > 0.0).map(|p| -p * p.ln()).sum()
}

fn classes(rows: &RowSummaries, totals: &ClassTotals) -> Vec<ClassShare> {
    let (mut labels, mut predicted) = (vec![0u64; rows.n_classes()], vec![0u64; rows.n_classes()]);
    for idx in 0..rows.len() {
        let row = rows.row(idx);
        labels[row.label() as usize] += 1;
        predicted[row.prediction() as usize] += 1;
    }
    let (n, n_all) = (totals.n_rows as f64, rows.len() as f64);
    (0..rows.n_classes())
        .map(|i| ClassShare {
            n_labels: labels[i],
            pi: labels[i] as f64 / n_all,
            q: predicted[i] as f64 / n_all,
            a: totals.p[i] / n,
            pi_summed: totals.labels[i] as f64 / n,
            mean_c: totals.mean_c(i),
            self_confidence: totals.p_label[i] / totals.labels[i] as f64,
            p_value: outside(totals, i),
        })
        .collect()
}

/// Two-sided p of the hypothesis that the mass of a class lies between the edges: the mean of p - r y is 0 at edge r,
/// with y the indicator of the label.
fn outside(totals: &ClassTotals, class: usize) -> f64 {
    use crate::diagnosis::thresholds::{BIAS_HIGH, BIAS_LOW};
    let n = totals.n_rows as f64;
    let (a, pi) = (totals.p[class] / n, totals.labels[class] as f64 / n);
    let edge = if a > BIAS_HIGH * pi {
        BIAS_HIGH
    } else if a < BIAS_LOW * pi {
        BIAS_LOW
    } else {
        return 1.0;
    };
    let mean = a - edge * pi;
    let second = totals.p2[class] / n - 2.0 * edge * totals.p_label[class] / n + edge * edge * pi;
    normal_two_sided(mean / ((second - mean * mean).max(0.0) / n).sqrt())
}

/// tr(C)^2 / tr(C^2) of the covariance C of the sketched rows, and their number: how many directions the rows vary in.
fn participation(sketch: &Sketch) -> (f64, usize) {
    let (d, n) = (sketch.n_dims, sketch.rows.len() / sketch.n_dims);
    let rows = || sketch.rows.chunks_exact(d);
    let mean = |i: usize| rows().map(|row| row[i]).sum::<f64>() / n as f64;
    let means: Vec<f64> = (0..d).map(mean).collect();
    let covariance = |i: usize, j: usize| {
        let products = rows().map(|row| (row[i] - means[i]) * (row[j] - means[j]));
        products.sum::<f64>() / n as f64
    };
    let trace: f64 = (0..d).map(|i| covariance(i, i)).sum();
    let squares: f64 = (0..d * d).map(|at| covariance(at / d, at % d).powi(2)).sum();
    (trace * trace / squares, n)
}

/// Labels that the model doubts.
#[derive(Clone, Debug, Default)]
pub(in crate::diagnosis) struct Doubtful {
    /// How many there are, and how many rows of the file hold them: fewer of multi-label data.
    pub(in crate::diagnosis) n: usize,
    pub(in crate::diagnosis) n_stored: usize,
    /// The least self-confident rows, up to ten.
    pub(in crate::diagnosis) first: Vec<u64>,
}

/// Rows that confident learning counts as wrongly labelled (Northcutt et al. 2021). Only the five largest scores of a
/// row are looked at: a sixth probability is below 1/6.
pub(super) fn doubtful(
    rows: &RowSummaries,
    association: &Association,
    at_one: &RowsAt,
) -> Doubtful {
    let classes = &association.classes;
    let is_doubtful = |idx: usize| {
        let view = rows.row(idx);
        let sure = |&&(class, z): &&(u32, f64)| {
            let p = at_one.confidence[idx] * (z - view.max()).exp();
            classes.get(class as usize).is_some_and(|share| p >= share.self_confidence)
        };
        let likely = rows.columns().top[idx].iter().find(sure);
        likely.is_some_and(|(class, _)| *class != view.label())
    };
    let mut found: Vec<usize> = (0..rows.len()).filter(|idx| is_doubtful(*idx)).collect();
    let n = found.len();
    let mut stored: Vec<usize> = found.iter().map(|idx| rows.stored_row(*idx)).collect();
    stored.dedup();
    found.sort_by(|&i, &j| at_one.nll[j].total_cmp(&at_one.nll[i]));
    let row = |idx: usize| rows.columns().row[idx];
    Doubtful {
        n,
        n_stored: stored.len(),
        first: found.into_iter().take(MAX_ROWS).map(row).collect(),
    }
}
