//! Do the intervals hold what they promise? Simulated models whose truth is known, a table of how often it is met.
//!
//!     cargo run --release --example coverage [models] [draws]
//!
//! Every model has ten classes; its labels are drawn from softmax(z / T), so that T is the temperature to find. With 500
//! models a coverage of 95 % comes out within 93.1 to 96.9 % in 19 of 20 runs.
//!
//! What 500 models with 400 draws gave, in percent, where T = 1 is calibrated, 2 over- and 0.5 under-confident:
//!
//! | N | T | sandwich | Fisher | profile | bootstrap | NLL change | bin accuracy | false star | T differ | ECE - floor |
//! |---|---|---|---|---|---|---|---|---|---|---|
//! | 500 | 1 | 95.4 | 95.2 | 95.0 | 94.8 | 95.2 | 95.2 | 2.6 | 4.2 | +0.00005 +- 0.00052 |
//! | 500 | 2 | 95.4 | 95.2 | 95.0 | 94.4 | 94.6 | 95.3 | 1.8 | 4.2 | the same |
//! | 500 | 0.5 | 95.4 | 95.2 | 95.0 | 94.2 | 94.2 | 95.2 | 1.8 | 4.2 | the same |
//! | 5,000 | 1 | 94.6 | 94.6 | 94.6 | 94.0 | 93.8 | 95.6 | 3.0 | 5.0 | -0.00011 +- 0.00016 |
//! | 5,000 | 2 | 94.6 | 94.6 | 94.6 | 94.0 | 94.0 | 95.1 | 2.0 | 5.0 | the same |
//! | 5,000 | 0.5 | 94.6 | 94.6 | 94.6 | 94.4 | 94.8 | 95.5 | 2.0 | 5.0 | the same |

mod simulated;

use std::io::Write;

use logitscope::analysis::{Analysis, AnalysisOptions, Bootstrap, Details};
use logitscope::analysis::{analyze, bootstrap, details};
use logitscope::fit::fit_temperature;
use logitscope::metrics::{RowsAt, normal_quantile};
use logitscope::summarize::RowSummaries;
use rayon::prelude::*;

use simulated::Truth;

const LEVEL: f64 = 0.95;

/// Rows of the sample that stands for the population.
const POPULATION: usize = 200_000;

/// What is counted: name, how often it held, and of how many.
type Count = (&'static str, usize, usize);

fn main() -> std::io::Result<()> {
    let arguments: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let n_models = arguments.first().copied().unwrap_or(500);
    let n_draws = arguments.get(1).copied().unwrap_or(400);
    let mut out = std::io::stdout().lock();
    let all = [500, 5000].map(|n| [1.0, 2.0, 0.5].map(|t| (n, t)));
    for (n, t) in all.into_iter().flatten() {
        let population = Population::new(rows(POPULATION, t, u64::MAX));
        let runs: Vec<Run> = (0..n_models as u64)
            .into_par_iter()
            .map(|seed| run((n, t), &population, n_draws, seed))
            .collect();
        writeln!(out, "N = {n}, T = {t}: {n_models} models, {n_draws} draws")?;
        for idx in 0..runs[0].counts.len() {
            let held: usize = runs.iter().map(|run| run.counts[idx].1).sum();
            let of: usize = runs.iter().map(|run| run.counts[idx].2).sum();
            let share = 100.0 * held as f64 / of as f64;
            writeln!(out, "  {:<44} {share:6.2} %  of {of}", runs[0].counts[idx].0)?;
        }
        let excess: Vec<f64> = runs.iter().map(|run| run.ece_above_floor).collect();
        let mean = excess.iter().sum::<f64>() / excess.len() as f64;
        let squares: f64 = excess.iter().map(|e| (e - mean).powi(2)).sum();
        let error = squares.sqrt() / excess.len() as f64;
        writeln!(
            out,
            "  mean ECE above the noise floor at the true T  {mean:+.6} +- {error:.6}\n"
        )?;
    }
    Ok(())
}

/// The sample that stands for the population.
struct Population {
    rows: RowSummaries,
    /// NLL at T = 1.
    before: f64,
}

impl Population {
    fn new(rows: RowSummaries) -> Self {
        let mut this = Self { rows, before: 0.0 };
        this.before = this.nll(1.0);
        this
    }

    fn nll(&self, t: f64) -> f64 {
        let log_z = self.rows.column_at(t.recip(), |m| m.at.log_z);
        let below = |idx: usize| self.rows.row(idx).label_below_max() / t;
        let nll = log_z.iter().enumerate().map(|(idx, z)| z + below(idx));
        nll.sum::<f64>() / self.rows.len() as f64
    }
}

/// One simulated model.
struct Run {
    counts: Vec<Count>,
    /// ECE less noise floor, where the probabilities are right.
    ece_above_floor: f64,
}

/// The same rows for every T but for the scale of their logits; no class has a bias.
fn rows(n: usize, t: f64, seed: u64) -> RowSummaries {
    let truth = Truth { temperature: t, bias: 0.0 };
    simulated::rows(n, truth, seed)
}

fn run((n, t): (usize, f64), population: &Population, n_draws: usize, seed: u64) -> Run {
    let rows = rows(n, t, seed);
    let options = AnalysisOptions {
        n_folds: 5,
        level: LEVEL,
        n_draws,
        families: true,
        ..simulated::options(seed)
    };
    let analysis = analyze(fit_temperature(&rows, LEVEL), &rows, None, &options);
    let drawn = bootstrap(&rows, None, &analysis, &options).expect("there are rows and draws");
    let found = details(&rows, None, &analysis, &options).expect("asked for");
    let mut counts = temperature(&analysis, &drawn, &found, t);
    counts.push(improvement(&analysis, &drawn, population));
    counts.push(bins(&rows, &analysis, t));
    counts.extend(groups(&found, t));
    let truth = RowsAt::new(&rows, t.recip());
    let ece = logitscope::metrics::ece(&logitscope::metrics::equal_width(
        &truth.confidence,
        &truth.correct,
        15,
    ));
    let floor = logitscope::metrics::noise_floor(&truth.confidence, 15, seed);
    Run { counts, ece_above_floor: ece - floor }
}

fn count(name: &'static str, low: f64, high: f64, truth: f64) -> Count {
    (name, usize::from(low <= truth && truth <= high), 1)
}

/// The four intervals of T.
fn temperature(analysis: &Analysis, drawn: &Bootstrap, found: &Details, t: f64) -> Vec<Count> {
    let fit = &analysis.fit;
    let robust = fit.interval.as_ref().expect("converged");
    let fitted = fit.temperature.expect("converged");
    let z = normal_quantile(LEVEL);
    let fisher = (z * fit.standard_error_fisher.expect("converged") / fitted).exp();
    let profile = found.profile.as_ref().expect("converged");
    let refitted = drawn.temperature.as_ref().expect("drawn");
    let end = |end: Option<f64>, otherwise: f64| end.unwrap_or(otherwise);
    vec![
        count("T: sandwich", robust.low, robust.high, t),
        count("T: Fisher", fitted / fisher, fitted * fisher, t),
        count("T: profile likelihood", end(profile.low, 0.0), end(profile.high, f64::INFINITY), t),
        count("T: bootstrap", end(refitted.low, 0.0), end(refitted.high, f64::INFINITY), t),
    ]
}

/// What the fitted temperature brings on rows that nobody has seen.
fn improvement(analysis: &Analysis, drawn: &Bootstrap, population: &Population) -> Count {
    let fitted = analysis.fit.temperature.expect("converged");
    let truth = population.nll(fitted) - population.before;
    let interval = drawn.improvement.as_ref().and_then(|i| i.nll.interval).expect("finite");
    count("NLL after minus before, bootstrap", interval[0], interval[1], truth)
}

/// The accuracy of every bin with ten rows or more, against the mean right probability of its rows.
fn bins(rows: &RowSummaries, analysis: &Analysis, t: f64) -> Count {
    let (shown, right) = (RowsAt::new(rows, 1.0), RowsAt::new(rows, t.recip()));
    let (mut held, mut of) = (0, 0);
    for bin in &analysis.reliability_before.bins {
        let inside = |c: f64| bin.low < c && c <= bin.high;
        let pairs = shown.confidence.iter().zip(&right.confidence);
        let truth: Vec<f64> = pairs.filter(|(c, _)| inside(**c)).map(|(_, p)| *p).collect();
        if let (Some([low, high]), true) = (bin.interval, truth.len() >= 10) {
            let mean = truth.iter().sum::<f64>() / truth.len() as f64;
            held += usize::from(low <= mean && mean <= high);
            of += 1;
        }
    }
    ("accuracy of a bin: Wilson", held, of)
}

/// How often something is found where there is nothing.
fn groups(found: &Details, t: f64) -> Vec<Count> {
    let classes = found.classes.as_ref().expect("ten classes");
    let is_right = (t - 1.0).abs() < f64::EPSILON;
    let any = classes.groups.iter().any(|group| {
        // At T = 1 the probabilities are right only if that is the true one.
        let side = if is_right { Some(&group.before) } else { group.after.as_ref() };
        side.is_some_and(|side| side.adjusted_p_value <= 1.0 - LEVEL)
    });
    let differ = classes.one_temperature.is_some_and(|test| test.p_value <= 1.0 - LEVEL);
    let asked = usize::from(classes.one_temperature.is_some());
    vec![
        ("a class has a star, none should", usize::from(any), 1),
        ("temperatures differ by class, none does", usize::from(differ), asked),
    ]
}
