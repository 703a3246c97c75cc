//! The row kernels beside a bare maximum over the same rows in the same run, on one core.
//!
//! `cargo bench --bench kernel` prints a table of ratios for every instruction set of the machine, and then
//! divan's statistics on the best one. A filter (`cargo bench --bench kernel -- exact`) chooses among the latter.

use std::hint::black_box;
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::ItemsCount;
use logitscope::numerics::{
    AcrossRows, InstructionSet, Kernel, Lattice, MAX_ACROSS, RowMoments, RowSummarizer, Score,
    Simd, moments_of_sums, row_sums,
};

/// Logits per measurement: 4 MiB.
const LOGITS: usize = 1 << 20;

/// K.
const CLASSES: [usize; 4] = [10, 100, 1_000, 32_000];

/// K of rows that keep nodes; those of fewer classes keep their scores instead.
const MANY_CLASSES: [usize; 3] = [100, 1_000, 32_000];

/// Rows whose sums become moments together.
const GROUP: usize = 64;

/// Runs of which the fastest counts, for the table of ratios.
const RUNS: usize = 30;

fn main() {
    print_ratios();
    divan::main();
}

/// Rows of a network that is mostly right: noise, and one class that stands out by a random amount.
struct Rows {
    values: Vec<f32>,
    max: Vec<f32>,
    n_classes: usize,
}

impl Rows {
    fn new(n_classes: usize) -> Self {
        let mut state = 1u64;
        let mut uniform = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1u32 << 24) as f32
        };
        let mut values = vec![0.0; LOGITS / n_classes * n_classes];
        for (idx, row) in values.chunks_exact_mut(n_classes).enumerate() {
            for z in row.iter_mut() {
                *z = 4.4 * (uniform() + uniform() + uniform() + uniform() - 2.0);
            }
            row[idx * 7 % n_classes] += 14.0 * uniform();
        }
        let largest = |row: &[f32]| row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let max = values.chunks_exact(n_classes).map(largest).collect();
        Self { values, max, n_classes }
    }

    fn rows(&self) -> impl Iterator<Item = &[f32]> {
        self.values.chunks_exact(self.n_classes)
    }
}

/// The largest score of every row: the least that any pass must do.
struct BareMax<'a>(&'a Rows);

impl Kernel for BareMax<'_> {
    type Output = f32;

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) -> f32 {
        let mut sum = 0.0;
        for row in self.0.rows() {
            let mut lanes = [isa.splat_f32(f32::NEG_INFINITY); 4];
            let groups = row.chunks_exact(4 * I::LANES);
            let mut max = f32::NEG_INFINITY;
            for z in groups.remainder() {
                max = max.max(*z);
            }
            for group in groups {
                for (at, lanes) in lanes.iter_mut().enumerate() {
                    *lanes = isa.max_f32(*lanes, isa.load_f32(&group[at * I::LANES..]));
                }
            }
            let (low, high) = (isa.max_f32(lanes[0], lanes[1]), isa.max_f32(lanes[2], lanes[3]));
            let mut stored = [f32::NEG_INFINITY; 16];
            isa.store_f32(isa.max_f32(low, high), &mut stored);
            for z in &stored[..I::LANES] {
                max = max.max(*z);
            }
            sum += max;
        }
        sum
    }
}

/// The summary pass: the profile alone, or with nodes and moments at T = 1.
struct Summary<'a>(&'a Rows, Option<Lattice>);

impl Kernel for Summary<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) -> f64 {
        let mut summarizer = RowSummarizer::new(isa, self.1);
        let (mut nodes, mut sums, mut moments) = (Vec::new(), Vec::new(), Vec::new());
        let mut mean = 0.0;
        for row in self.0.rows() {
            let summary = summarizer.row(row, 0, &mut nodes).expect("finite");
            mean += summary.profile.mean;
            sums.extend(summary.at_one);
            if sums.len() == GROUP {
                moments_of_sums(isa, &sums, &mut moments);
                black_box((&nodes, &moments));
                nodes.clear();
                sums.clear();
                moments.clear();
            }
        }
        mean
    }
}

/// The exact pass at one temperature.
struct Exact<'a>(&'a Rows);

impl Kernel for Exact<'_> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) {
        let (mut sums, mut moments) = (Vec::new(), Vec::new());
        for (row, max) in self.0.rows().zip(&self.0.max) {
            sums.push(row_sums(isa, row, (*max, 1), 0.6));
            if sums.len() == GROUP {
                moments_of_sums(isa, &sums, &mut moments);
                black_box(&moments);
                sums.clear();
                moments.clear();
            }
        }
    }
}

fn bare_max(set: InstructionSet, rows: &Rows) {
    black_box(set.run(BareMax(rows)));
}

fn profile(set: InstructionSet, rows: &Rows) {
    black_box(set.run(Summary(rows, None)));
}

fn summary(set: InstructionSet, rows: &Rows) {
    black_box(set.run(Summary(rows, Some(Lattice::covering(0.9)))));
}

fn exact(set: InstructionSet, rows: &Rows) {
    set.run(Exact(rows));
}

/// All rows at one temperature from the scores that rows of few classes keep.
fn across<S: Score>(set: InstructionSet, values: &[S], n_classes: usize) {
    let n_rows = values.len() / n_classes;
    let mut out: Vec<RowMoments> = Vec::with_capacity(1024);
    for start in (0..n_rows).step_by(1024) {
        out.clear();
        set.run(AcrossRows {
            values,
            n_classes,
            rows: start..(start + 1024).min(n_rows),
            b_of: |_| 0.6,
            out: &mut out,
        });
        black_box(&out);
    }
}

#[expect(clippy::print_stdout, reason = "the figures are the point")]
fn print_ratios() {
    println!("one core; ns per logit (times a bare maximum over the same rows)\n");
    println!(
        "{:>14} {:>6} {:>8} {:>14} {:>14} {:>14} {:>14}",
        "instructions", "K", "bare max", "profile", "summary", "exact", "few classes"
    );
    for set in InstructionSet::available() {
        for n_classes in CLASSES {
            let rows = Rows::new(n_classes);
            let per_logit = |time: Duration| time.as_secs_f64() * 1e9 / rows.values.len() as f64;
            let bare = per_logit(fastest(|| bare_max(set, &rows)));
            let column =
                |time: Duration| format!("{:.2} ({:.1})", per_logit(time), per_logit(time) / bare);
            let few = n_classes <= MAX_ACROSS;
            let nodes = (!few).then(|| column(fastest(|| summary(set, &rows))));
            let few = few.then(|| column(fastest(|| across(set, &rows.values, n_classes))));
            println!(
                "{:>14} {n_classes:>6} {bare:>8.3} {:>14} {:>14} {:>14} {:>14}",
                set.name(),
                column(fastest(|| profile(set, &rows))),
                nodes.unwrap_or_default(),
                column(fastest(|| exact(set, &rows))),
                few.unwrap_or_default(),
            );
        }
    }
    println!();
}

fn fastest(mut run: impl FnMut()) -> Duration {
    let times = (0..RUNS).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed()
    });
    times.min().unwrap_or_default()
}

fn bench(bencher: Bencher<'_, '_>, n_classes: usize, run: fn(InstructionSet, &Rows)) {
    let (set, rows) = (InstructionSet::best(), Rows::new(n_classes));
    bencher.counter(ItemsCount::new(rows.values.len())).bench_local(|| run(set, &rows));
}

#[divan::bench(args = CLASSES)]
fn bench_bare_max(bencher: Bencher<'_, '_>, n_classes: usize) {
    bench(bencher, n_classes, bare_max);
}

#[divan::bench(args = CLASSES)]
fn bench_profile(bencher: Bencher<'_, '_>, n_classes: usize) {
    bench(bencher, n_classes, profile);
}

#[divan::bench(args = MANY_CLASSES)]
fn bench_summary(bencher: Bencher<'_, '_>, n_classes: usize) {
    bench(bencher, n_classes, summary);
}

#[divan::bench(args = CLASSES)]
fn bench_exact(bencher: Bencher<'_, '_>, n_classes: usize) {
    bench(bencher, n_classes, exact);
}

#[divan::bench(args = [2, 10, 48])]
fn bench_few_classes(bencher: Bencher<'_, '_>, n_classes: usize) {
    bench(bencher, n_classes, |set, rows| {
        across(set, &rows.values, rows.n_classes);
    });
}
