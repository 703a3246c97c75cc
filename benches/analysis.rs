//! What everything after the pass over the logits costs: `cargo bench --bench analysis`.
//!
//! Row summaries are made of seeded random rows and repeated to the size wanted; the labels are drawn from the
//! softmax at T = 1.7. The fastest of the samples is the figure to compare on a machine that does other things too.

use std::sync::OnceLock;

use divan::Bencher;
use logitscope::analysis::{Analysis, AnalysisOptions, analyze, bootstrap};
use logitscope::data::{Kind, Label, MemorySource, Values};
use logitscope::fit::{fit_folds, fit_temperature};
use logitscope::metrics::{Binning, DiagramOptions, RowsAt, figures, over_temperatures};
use logitscope::summarize::{Grid, RowSummaries, exact, summarize};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn main() {
    divan::main();
}

/// Class counts: rows that keep their scores, and rows that keep nodes.
const CLASSES: [usize; 4] = [2, 10, 48, 1000];

/// The same and the vocabulary of a language model.
const WITH_VOCABULARY: [usize; 3] = [10, 1000, 152_000];

const TRUE_T: f64 = 1.7;

/// `n` rows of `k` classes, made of at most 20 million scores.
fn rows(n: usize, k: usize) -> RowSummaries {
    let n_made = (20_000_000 / k).clamp(50, n);
    let mut random = Pcg64::seed_from_u64(k as u64);
    let mut normal = || -> f32 { (0..4).map(|_| random.random::<f32>() - 0.5).sum::<f32>() * 5.0 };
    let values: Vec<f32> = (0..n_made * k).map(|_| normal()).collect();
    let mut uniform = || f64::from(normal()).abs().fract();
    let labels = values.chunks_exact(k).map(|row| draw(row, uniform())).collect();
    let source = MemorySource::new(k, Kind::Logits, Values::F32(values), labels);
    let source = source.expect("as many labels as rows");
    let mut made = summarize(&source, 1.0, &mut |_| true).expect("in memory");
    if !made.keeps_scores() {
        let b = fit_temperature(&made, 0.95).inverse_temperature;
        let columns = exact(&source, &made, &[1.0, b.unwrap_or(1.0)], &mut |_| true);
        made.add_exact(columns.expect("in memory"));
    }
    made.repeated(n / n_made)
}

/// A class drawn from the softmax at [`TRUE_T`].
fn draw(row: &[f32], u: f64) -> Label {
    let weights: Vec<f64> = row.iter().map(|z| (f64::from(*z) / TRUE_T).exp()).collect();
    let mut rest = u * weights.iter().sum::<f64>();
    let class = weights.iter().position(|w| {
        rest -= w;
        rest < 0.0
    });
    let class = u32::try_from(class.unwrap_or(0)).expect("few classes");
    Label::class(class).expect("few classes")
}

fn options(n_draws: usize) -> AnalysisOptions {
    AnalysisOptions {
        slices: Vec::new(),
        parity: None,
        n_bins: 15,
        binning: Binning::Width,
        n_folds: 5,
        seed: 0,
        level: 0.95,
        n_draws,
        families: false,
        curves: true,
        findings: true,
    }
}

/// Everything in a report that is called `metrics` there.
#[divan::bench(args = CLASSES)]
fn metrics_of_50_000_rows(bencher: Bencher<'_, '_>, k: usize) {
    let rows = rows(50_000, k);
    let fit = fit_temperature(&rows, 0.95);
    bencher.bench_local(|| analyze(fit.clone(), &rows, None, &options(0)));
}

#[divan::bench(args = [10, 1000], sample_count = 5)]
fn metrics_of_a_million_rows(bencher: Bencher<'_, '_>, k: usize) {
    let rows = rows(1_000_000, k);
    let fit = fit_temperature(&rows, 0.95);
    bencher.bench_local(|| analyze(fit.clone(), &rows, None, &options(0)));
}

/// A step of the slider, between the exact columns.
fn slider(bencher: Bencher<'_, '_>, n: usize, k: usize) {
    let rows = rows(n, k);
    let diagram = DiagramOptions { n_bins: 15, binning: Binning::Width };
    let b = 0.81;
    bencher.bench_local(|| figures(&rows, &RowsAt::new(&rows, b), diagram, (b, false)));
}

#[divan::bench(args = WITH_VOCABULARY)]
fn slider_of_50_000_rows(bencher: Bencher<'_, '_>, k: usize) {
    slider(bencher, 50_000, k);
}

#[divan::bench(args = WITH_VOCABULARY, sample_count = 20)]
fn slider_of_a_million_rows(bencher: Bencher<'_, '_>, k: usize) {
    slider(bencher, 1_000_000, k);
}

#[divan::bench(args = CLASSES)]
fn rows_at(bencher: Bencher<'_, '_>, k: usize) {
    let rows = rows(50_000, k);
    bencher.bench_local(|| RowsAt::new(&rows, 0.81));
}

#[divan::bench(args = CLASSES)]
fn fit(bencher: Bencher<'_, '_>, k: usize) {
    let rows = rows(50_000, k);
    bencher.bench_local(|| fit_temperature(&rows, 0.95));
}

#[divan::bench(args = CLASSES)]
fn folds(bencher: Bencher<'_, '_>, k: usize) {
    let rows = rows(50_000, k);
    let b = fit_temperature(&rows, 0.95).inverse_temperature;
    let b = b.expect("labels are drawn from the softmax");
    bencher.bench_local(|| fit_folds(&rows, 5, 0, b));
}

#[divan::bench(args = CLASSES)]
fn curves(bencher: Bencher<'_, '_>, k: usize) {
    let rows = rows(50_000, k);
    bencher.bench_local(|| over_temperatures(&rows, Grid::covering(0.15, 4.0), 15, &|| true));
}

/// Ten classes, so that the draws and not the rows are measured.
fn draws(bencher: Bencher<'_, '_>, n: usize, n_draws: usize) {
    static ROWS: OnceLock<(RowSummaries, Analysis)> = OnceLock::new();
    let make = || {
        let rows = rows(n, 10);
        let analysis = analyze(fit_temperature(&rows, 0.95), &rows, None, &options(0));
        (rows, analysis)
    };
    let made;
    let (rows, analysis) = if n == 50_000 {
        ROWS.get_or_init(make)
    } else {
        made = make();
        &made
    };
    bencher.bench_local(|| bootstrap(rows, None, analysis, &options(n_draws)));
}

#[divan::bench(args = [1, 100, 1000, 2000], sample_count = 10)]
fn bootstrap_of_50_000_rows(bencher: Bencher<'_, '_>, n_draws: usize) {
    draws(bencher, 50_000, n_draws);
}

#[divan::bench(args = [100, 1000], sample_count = 2)]
fn bootstrap_of_a_million_rows(bencher: Bencher<'_, '_>, n_draws: usize) {
    draws(bencher, 1_000_000, n_draws);
}
