//! The same rows, cut into other batches, on other numbers of threads and on other instruction sets.

use crate::data::{Batch, BatchSource, Kind, Label, MemorySource, SourceError, Values};
use crate::numerics::{InstructionSet, Moments};

use super::{ExactColumn, RowSummaries, exact_on, summarize_on};

/// Rows in batches of a given number of rows.
struct Cut {
    rows: MemorySource,
    n_batch: usize,
}

impl BatchSource for Cut {
    fn n_classes(&self) -> usize {
        self.rows.n_classes()
    }

    fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    fn kind(&self) -> Kind {
        self.rows.kind()
    }

    fn read(
        &self,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        let (k, n) = (self.n_classes(), self.n_rows());
        (0..n).step_by(self.n_batch).try_for_each(|start| {
            let end = (start + self.n_batch).min(n);
            visit(Batch {
                first_row: start,
                n_classes: k,
                values: self.rows.values().slice(start * k, end * k),
                labels: &self.rows.labels()[start..end],
            })
        })
    }

    fn sample(
        &self,
        n_wanted: usize,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.rows.sample(n_wanted, visit)
    }

    fn sha256_labels(&self) -> String {
        self.rows.sha256_labels()
    }
}

/// Seeded rows with ties, a row that is not finite and a row without a label.
fn cut(n: usize, k: usize, n_batch: usize) -> Cut {
    let mut values: Vec<f32> =
        (0..n * k).map(|i| ((i * 7919 % 10_007) as f32 - 5003.0) / 771.0).collect();
    values[3 * k + 1] = f32::NAN;
    values[7 * k] = values[7 * k + 1];
    let label = |i: usize| {
        let class = u32::try_from(i * 31 % k).expect("few classes");
        if i == 11 { Label::IGNORED } else { Label::class(class).expect("few classes") }
    };
    let labels = (0..n).map(label).collect();
    let rows = MemorySource::new(k, Kind::Logits, Values::F32(values), labels);
    Cut { rows: rows.expect("lengths agree"), n_batch }
}

/// Summaries with an exact column at 0.7.
fn summarized(source: &Cut, set: InstructionSet, n_threads: usize) -> RowSummaries {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build();
    pool.expect("a pool").install(|| {
        let mut rows = summarize_on(set, source, 1.0, &mut |_| true).expect("in memory");
        let columns = exact_on(set, (source, &rows), &[0.7], &mut |_| true).expect("in memory");
        rows.add_exact(columns);
        rows
    })
}

#[test]
fn neither_threads_nor_batches_change_a_bit() {
    for set in InstructionSet::available() {
        for k in [2, 10, 48, 49, 120, 1003] {
            let n = if k > 1000 { 200 } else { 1500 };
            let once = summarized(&cut(n, k, n), set, 1);
            for (n_batch, n_threads) in [(1, 1), (97, 3), (n, 4), (256, 2)] {
                let again = summarized(&cut(n, k, n_batch), set, n_threads);
                assert!(
                    once == again && once.gathered() == again.gathered(),
                    "{}, K = {k}, batches of {n_batch}",
                    set.name()
                );
            }
        }
    }
}

#[test]
fn instruction_sets_agree() {
    for k in [10, 49, 120, 1003] {
        let source = cut(300, k, 300);
        let mut sets = InstructionSet::available().into_iter();
        let first = summarized(&source, sets.next().expect("there is one"), 1);
        for set in sets {
            let other = summarized(&source, set, 1);
            assert_eq!(first.columns.top, other.columns.top, "{}", set.name());
            assert_eq!(first.columns.label_rank, other.columns.label_rank);
            assert_near(&first.columns.mean, &other.columns.mean);
            assert_near(&first.columns.sd, &other.columns.sd);
            assert_near(&first.columns.norm, &other.columns.norm);
            for (x, y) in first.exact.iter().zip(&other.exact) {
                assert_columns_near(x, y);
            }
        }
    }
}

fn assert_columns_near(x: &ExactColumn, y: &ExactColumn) {
    let numbers = |column: &ExactColumn| -> Vec<f64> {
        let of = |m: &Moments| [m.log_z, m.below_max, m.variance, m.third];
        let rows = column.moments.iter();
        rows.flat_map(|m| [of(&m.at), of(&m.at_double)].concat()).collect()
    };
    assert_near(&numbers(x), &numbers(y));
}

fn assert_near(x: &[f64], y: &[f64]) {
    assert_eq!(x.len(), y.len());
    for (x, y) in x.iter().zip(y) {
        assert!((x - y).abs() <= 1e-12 * x.abs().max(1.0), "{x} {y}");
    }
}

#[test]
fn many_rows_at_a_time_are_the_rows_one_by_one() {
    for k in [2, 10, 48, 120] {
        let rows = summarized(&cut(500, k, 500), InstructionSet::best(), 1);
        let members = || (0..rows.len()).step_by(3);
        for b in [0.02, 0.69, 0.7, 1.0, 1.9, 300.0] {
            let (mut at, mut each) = (Vec::new(), Vec::new());
            rows.moments_at(members(), b, &mut at);
            rows.moments_each(members(), |_| b, &mut each);
            assert_eq!(at, each, "K = {k}, b = {b}");
            for (idx, got) in members().zip(&at) {
                let want = rows.row(idx).moments(b);
                for (got, want) in [(got.at, want.at), (got.at_double, want.at_double)] {
                    let scale = want.below_max.powi(2) + want.variance;
                    assert_near(&[got.log_z, got.below_max], &[want.log_z, want.below_max]);
                    assert!((got.variance - want.variance).abs() <= 1e-12 * scale.max(1.0));
                }
            }
        }
    }
}

#[test]
fn every_row_may_have_its_own_temperature() {
    for k in [10, 120] {
        let rows = summarized(&cut(400, k, 400), InstructionSet::best(), 1);
        // More temperatures than are remembered.
        let b_of = |idx: usize| 0.3 + (idx % 150) as f64 / 100.0;
        let mut each = Vec::new();
        rows.moments_each(0..rows.len(), b_of, &mut each);
        for (idx, got) in each.iter().enumerate() {
            let mut alone = Vec::new();
            rows.moments_at(std::iter::once(idx), b_of(idx), &mut alone);
            assert_eq!(*got, alone[0], "K = {k}, row {idx}");
        }
    }
}
