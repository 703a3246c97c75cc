//! What is judged out of fold, and the interval of T, computed again by plain code from logits, labels and the numbers
//! of the folds.

use std::fmt::Write as _;
use std::fs;

use logitscope::analysis::{AnalysisOptions, EvaluatedOn};
use logitscope::data::Kind;
use logitscope::fit::{FitStatus, assign_folds, fit_temperature};
use logitscope::io::OpenOptions;
use logitscope::pipeline::{Study, study};

use crate::shared;

/// Of figures, relative to 1.
const TOLERANCE: f64 = 1e-9;

const CLASSES: usize = 4;
const FOLDS: u32 = 5;

/// Rows of [`CLASSES`] logits, by hand.
struct Rows {
    logits: Vec<Vec<f64>>,
    label: Vec<usize>,
    weight: Vec<f64>,
    group: Vec<usize>,
}

impl Rows {
    /// `n` rows of `n_groups` groups, one after another; of three in ten the label is drawn at random.
    fn new(n: usize, n_groups: usize) -> Self {
        let mut state = 11u64;
        let mut next = |below: u64| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((state >> 33) % below).expect("small")
        };
        let mut rows =
            Self { logits: Vec::new(), label: Vec::new(), weight: Vec::new(), group: Vec::new() };
        for row in 0..n {
            let label = next(CLASSES as u64 + 2) % CLASSES;
            let lead = if next(10) < 3 { next(CLASSES as u64) } else { label };
            let score = |class: usize, noise: usize| {
                noise as f64 / 128.0 + if class == lead { 3.5 } else { 0.0 }
            };
            rows.logits.push((0..CLASSES).map(|class| score(class, next(512))).collect());
            rows.label.push(label);
            rows.weight.push([0.5, 1.0, 2.5, 1.0][row % 4]);
            rows.group.push(row % n_groups);
        }
        rows
    }

    fn study(&self, open: &OpenOptions) -> Study {
        let folder = tempfile::tempdir().expect("a folder");
        let mut text = "logit_0,logit_1,logit_2,logit_3,label,w,doc\n".to_owned();
        for row in 0..self.label.len() {
            for z in &self.logits[row] {
                write!(text, "{z},").expect("text");
            }
            let (label, weight, group) = (self.label[row], self.weight[row], self.group[row]);
            writeln!(text, "{label},{weight},g{group}").expect("text");
        }
        let path = folder.path().join("rows.csv");
        fs::write(&path, text).expect("written");
        let options = AnalysisOptions { n_folds: FOLDS as usize, ..shared::options() };
        study(shared::open(&path, open), &options, &mut |_| true).expect("read")
    }

    fn n(&self) -> usize {
        self.label.len()
    }

    fn probabilities(&self, row: usize, b: f64) -> Vec<f64> {
        let largest = self.logits[row].iter().copied().fold(f64::MIN, f64::max);
        let powers: Vec<f64> = self.logits[row].iter().map(|z| (b * (z - largest)).exp()).collect();
        let sum: f64 = powers.iter().sum();
        powers.iter().map(|power| power / sum).collect()
    }

    /// The derivative of the NLL of a row in b, and the next one.
    fn slopes(&self, row: usize, b: f64) -> (f64, f64) {
        let (p, z) = (self.probabilities(row, b), &self.logits[row]);
        let mean: f64 = p.iter().zip(z).map(|(p, z)| p * z).sum();
        let square: f64 = p.iter().zip(z).map(|(p, z)| p * z * z).sum();
        (mean - z[self.label[row]], square - mean * mean)
    }

    /// The b at which the weighted derivatives of the rows that `is_in` takes add up to 0, by halving.
    fn fit(&self, is_in: impl Fn(usize) -> bool) -> f64 {
        let (mut low, mut high) = (1e-3, 1e3);
        for _ in 0..200 {
            let b = f64::midpoint(low, high);
            let slope: f64 = (0..self.n())
                .filter(|row| is_in(*row))
                .map(|row| self.weight[row] * self.slopes(row, b).0)
                .sum();
            if slope > 0.0 { high = b } else { low = b }
        }
        low
    }

    fn mean(&self, of: impl Fn(usize) -> f64) -> f64 {
        let total: f64 = self.weight.iter().sum();
        (0..self.n()).map(|row| self.weight[row] * of(row)).sum::<f64>() / total
    }

    /// The first class with the largest probability, and that.
    fn top(p: &[f64]) -> (usize, f64) {
        let largest = p.iter().copied().fold(0.0, f64::max);
        (p.iter().position(|p| *p >= largest).expect("a class"), largest)
    }

    /// NLL, Brier, accuracy and ECE of 15 bins, each row at its own b.
    fn figures(&self, b: impl Fn(usize) -> f64) -> [f64; 4] {
        let p: Vec<Vec<f64>> = (0..self.n()).map(|row| self.probabilities(row, b(row))).collect();
        let is_label = |row: usize, class: usize| f64::from(u8::from(self.label[row] == class));
        let brier = |row: usize| {
            let of = |(class, p): (usize, &f64)| (p - is_label(row, class)).powi(2);
            p[row].iter().enumerate().map(of).sum::<f64>()
        };
        let mut gaps = [0.0; 15];
        for (row, p) in p.iter().enumerate() {
            let (class, confidence) = Self::top(p);
            let bin = (1..15).take_while(|edge| confidence > f64::from(*edge) / 15.0).count();
            gaps[bin] += self.weight[row] * (is_label(row, class) - confidence);
        }
        let total: f64 = self.weight.iter().sum();
        [
            self.mean(|row| -p[row][self.label[row]].ln()),
            self.mean(brier),
            self.mean(|row| is_label(row, Self::top(&p[row]).0)),
            gaps.iter().map(|gap| gap.abs()).sum::<f64>() / total,
        ]
    }
}

fn close(what: &str, got: f64, want: f64) {
    assert!(
        (got - want).abs() < TOLERANCE * want.abs().max(1.0),
        "{what}: {got} instead of {want}"
    );
}

/// Figures, temperatures and sizes of the folds against plain code.
fn check_folds(what: &str, rows: &Rows, open: &OpenOptions) -> Vec<u32> {
    let study = rows.study(open);
    let analysis = &study.analysis;
    assert_eq!(analysis.evaluated_on, EvaluatedOn::OutOfFold, "{what}");
    let fold_of = assign_folds(study.rows(), FOLDS, shared::options().seed);
    let outside = |fold: u32| rows.fit(|row| fold_of[row] != fold);
    let bs: Vec<f64> = (0..FOLDS).map(outside).collect();
    for (fold, b) in (0u32..).zip(&bs) {
        let got = &analysis.folds[fold as usize];
        close(&format!("{what}: T of fold {fold}"), got.temperature.expect("one"), b.recip());
        let count = fold_of.iter().filter(|of| **of == fold).count();
        assert_eq!(got.count, count, "{what}: rows of fold {fold}");
    }
    let of = |m: &logitscope::metrics::Metrics| [m.nll, m.brier, m.accuracy, m.ece];
    let want = rows.figures(|row| bs[fold_of[row] as usize]);
    let got = of(&analysis.after.as_ref().expect("a temperature").metrics);
    let b = rows.fit(|_| true);
    let in_sample = rows.figures(|_| b);
    for (idx, name) in ["nll", "brier", "accuracy", "ece"].iter().enumerate() {
        close(&format!("{what}: {name}"), got[idx], want[idx]);
        let got = of(analysis.in_sample_after.as_ref().expect("a temperature"));
        close(&format!("{what}: in-sample {name}"), got[idx], in_sample[idx]);
    }
    assert!((want[0] - in_sample[0]).abs() > 1e-5, "{what}: folds make no difference");
    close(&format!("{what}: T"), analysis.fit.temperature.expect("one"), b.recip());
    fold_of
}

#[test]
fn figures_out_of_fold_by_plain_code() {
    let mut rows = Rows::new(331, 23);
    rows.weight.fill(1.0);
    let fold_of = check_folds("plain", &rows, &OpenOptions::default());
    for class in 0..CLASSES {
        let in_fold = |fold| {
            (0..rows.n()).filter(|row| fold_of[*row] == fold && rows.label[*row] == class).count()
        };
        let sizes: Vec<usize> = (0..FOLDS).map(in_fold).collect();
        let spread = sizes.iter().max().expect("five") - sizes.iter().min().expect("five");
        assert!(spread <= 1 && sizes[0] > 5, "class {class} is not spread evenly: {sizes:?}");
    }
    let by_document = OpenOptions { group: Some("doc".to_owned()), ..OpenOptions::default() };
    let fold_of = check_folds("grouped", &rows, &by_document);
    for (a, b) in (0..rows.n()).flat_map(|a| (0..a).map(move |b| (a, b))) {
        let together = rows.group[a] == rows.group[b];
        assert!(!together || fold_of[a] == fold_of[b], "rows {a} and {b} are of one group");
    }
}

#[test]
fn weighted_figures_out_of_fold_by_plain_code() {
    let rows = Rows::new(331, 23);
    let weighted = OpenOptions { weight: Some("w".to_owned()), ..OpenOptions::default() };
    check_folds("weighted", &rows, &weighted);
}

/// Quantiles at 90, 95 and 99 %, from `SciPy` 1.17.1: `norm.ppf((1 + level) / 2)`, `t.ppf((1 + level) / 2, df)`.
const LEVELS: [f64; 3] = [0.90, 0.95, 0.99];
const NORMAL: [f64; 3] = [1.644_853_626_951_472_2, 1.959_963_984_540_054, 2.575_829_303_548_900_4];
const STUDENT_23: [f64; 3] =
    [1.713_871_527_747_048, 2.068_657_610_419_048_6, 2.807_335_683_769_999];
const STUDENT_1: [f64; 3] = [6.313_751_514_675_037, 12.706_204_736_174_694, 63.656_741_162_871_526];

/// The interval of T on ln T by the sandwich, with the sums of `unit` taken whole.
fn check_intervals(
    what: &str,
    rows: &Rows,
    open: &OpenOptions,
    unit: Option<usize>,
    quantiles: [f64; 3],
) {
    let study = rows.study(open);
    let b = rows.fit(|_| true);
    let mut sums = vec![0.0; unit.unwrap_or(rows.n())];
    let mut curvature = 0.0;
    for row in 0..rows.n() {
        let (slope, second) = rows.slopes(row, b);
        let of = if unit.is_some() { rows.group[row] } else { row };
        sums[of] += rows.weight[row] * slope;
        curvature += rows.weight[row] * second;
    }
    let groups = unit.map_or(1.0, |n| n as f64 / (n as f64 - 1.0));
    let square: f64 = sums.iter().map(|sum| sum * sum).sum::<f64>() * groups;
    let relative = square.sqrt() / curvature / b;
    for (level, quantile) in LEVELS.iter().zip(quantiles) {
        let fit = fit_temperature(study.rows(), *level);
        close(&format!("{what}: error"), fit.standard_error.expect("one"), relative / b);
        let interval = fit.interval.expect("one");
        let what = format!("{what} at {level}");
        close(&what, interval.level, *level);
        close(&what, interval.low, (-quantile * relative).exp() / b);
        close(&what, interval.high, (quantile * relative).exp() / b);
    }
}

#[test]
fn intervals_of_the_temperature_by_hand() {
    let mut rows = Rows::new(240, 24);
    let weighted = OpenOptions { weight: Some("w".to_owned()), ..OpenOptions::default() };
    check_intervals("weighted", &rows, &weighted, None, NORMAL);
    let both = OpenOptions { group: Some("doc".to_owned()), ..weighted };
    check_intervals("weighted groups", &rows, &both, Some(24), STUDENT_23);
    rows.weight.fill(1.0);
    check_intervals("plain", &rows, &OpenOptions::default(), None, NORMAL);
    let grouped = OpenOptions { group: Some("doc".to_owned()), ..OpenOptions::default() };
    check_intervals("groups", &rows, &grouped, Some(24), STUDENT_23);
    rows.group.iter_mut().for_each(|group| *group %= 2);
    check_intervals("two groups", &rows, &grouped, Some(2), STUDENT_1);
}

#[test]
fn every_status_where_it_holds_and_only_there() {
    let status = |change: &dyn Fn(usize, &mut Vec<f64>, &mut usize)| {
        let mut rows = Rows::new(60, 3);
        rows.weight.fill(1.0);
        for row in 0..rows.n() {
            change(row, &mut rows.logits[row], &mut rows.label[row]);
        }
        let logits = OpenOptions { kind: Some(Kind::Logits), ..OpenOptions::default() };
        rows.study(&logits).analysis.fit
    };
    let top = |z: &[f64]| Rows::top(z).0;
    let converged = status(&|_, _, _| {});
    assert!(converged.status == FitStatus::Converged && converged.temperature.is_some());
    let cases = [
        (FitStatus::Separable, status(&|_, z, y| *y = top(z))),
        (FitStatus::WorseThanUniform, status(&|_, z, y| *y = (top(z) + 1) % CLASSES)),
        (FitStatus::Flat, status(&|_, z, _| z.fill(0.25))),
        (FitStatus::Unresolved, status(&|_, z, _| z.iter_mut().for_each(|z| *z *= 1e-321))),
    ];
    for (want, fit) in cases {
        assert_eq!(fit.status, want);
        assert!(fit.temperature.is_none() && fit.interval.is_none(), "{want:?}");
    }
    // One label that is not the largest score, or one that is, is enough for a temperature.
    let almost = status(&|row, z, y| *y = if row == 7 { (top(z) + 1) % CLASSES } else { top(z) });
    assert_eq!(almost.status, FitStatus::Converged);
}
