//! The family of calibration measures: `cargo bench --bench family`.

use std::hint::black_box;

use divan::{Bencher, counter::ItemsCount};
use logitscope::metrics::{
    BandOptions, ClasswiseBins, Events, SortedByConfidence, TARGET_RISKS, aurc, auroc, corp,
    corp_band, ece_by_bins, excess_aurc, ks_error, selective, smooth_ece, smooth_ece_exact,
    spiegelhalter, top_label_ece,
};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [50_000, 1_000_000];

struct Rows {
    prediction: Vec<u32>,
    confidence: Vec<f64>,
    hit: Vec<bool>,
}

/// Confidences crowded below 1, as those of a network are, right a little less often than they say.
fn rows(n: usize) -> Rows {
    let mut random = Pcg64::seed_from_u64(1);
    let mut uniform = || (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    let mut rows = Rows { prediction: Vec::new(), confidence: Vec::new(), hit: Vec::new() };
    for _ in 0..n {
        let confidence = 1.0 - 0.9 * uniform().powi(4);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 1000")]
        rows.prediction.push((uniform() * 1000.0) as u32);
        rows.confidence.push(confidence);
        rows.hit.push(uniform() < confidence * 0.97);
    }
    rows
}

fn of_sorted<T>(
    bencher: Bencher<'_, '_>,
    n: usize,
    measure: impl Fn(&SortedByConfidence) -> T + Sync,
) {
    let rows = rows(n);
    let sorted = SortedByConfidence::new(&rows.confidence, &rows.hit);
    bencher.counter(ItemsCount::new(n)).bench(|| measure(black_box(&sorted)));
}

#[divan::bench(args = SIZES)]
fn sort(bencher: Bencher<'_, '_>, n: usize) {
    let rows = rows(n);
    bencher.bench(|| SortedByConfidence::new(black_box(&rows.confidence), &rows.hit));
}

#[divan::bench(args = SIZES)]
fn smooth_as_published(bencher: Bencher<'_, '_>, n: usize) {
    of_sorted(bencher, n, smooth_ece);
}

#[divan::bench(args = SIZES)]
fn smooth_exact(bencher: Bencher<'_, '_>, n: usize) {
    of_sorted(bencher, n, smooth_ece_exact);
}

#[divan::bench(args = SIZES)]
fn order_and_scores(bencher: Bencher<'_, '_>, n: usize) {
    of_sorted(bencher, n, |rows| {
        (ks_error(rows), spiegelhalter(rows), auroc(rows), aurc(rows), excess_aurc(rows))
    });
}

#[divan::bench(args = SIZES)]
fn corp_decomposition(bencher: Bencher<'_, '_>, n: usize) {
    of_sorted(bencher, n, corp);
}

#[divan::bench(args = SIZES)]
fn band_of_100_draws(bencher: Bencher<'_, '_>, n: usize) {
    let options = BandOptions { n_draws: 100, level: 0.95, n_points: 101, seed: 0 };
    of_sorted(bencher, n, |rows| corp_band(rows, &options));
}

#[divan::bench(args = SIZES)]
fn bins_5_to_100(bencher: Bencher<'_, '_>, n: usize) {
    of_sorted(bencher, n, |rows| ece_by_bins(rows, 5..=100));
}

#[divan::bench(args = SIZES)]
fn selective_prediction(bencher: Bencher<'_, '_>, n: usize) {
    of_sorted(bencher, n, |rows| selective(rows, &TARGET_RISKS, 0.95));
}

#[divan::bench(args = SIZES)]
fn top_label(bencher: Bencher<'_, '_>, n: usize) {
    let rows = rows(n);
    bencher
        .bench(|| top_label_ece(&rows.prediction, &Events::plain(&rows.confidence, &rows.hit), 15));
}

/// One row of K probabilities into the bins of every class.
#[divan::bench(args = [10, 1000])]
fn classwise_row(bencher: Bencher<'_, '_>, n_classes: usize) {
    let mut bins = ClasswiseBins::new(n_classes, 15);
    let mut p = vec![0.1 / (n_classes - 1) as f64; n_classes];
    p[n_classes / 2] = 0.9;
    bencher.counter(ItemsCount::new(n_classes)).bench_local(|| bins.add_row(black_box(&p), 3));
}
