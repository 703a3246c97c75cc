//! The summary pass: every row once, in blocks on all cores.

use pulp::Arch;
use rayon::prelude::*;

use crate::data::{Batch, BatchSource, Label, SourceError, Values, ValuesRef};
use crate::numerics::{Lattice, RowProfile, Score, profile};

use super::curve::Curves;
use super::rows::{Columns, LeftOut, RowSummaries};
use super::{BLOCK_ROWS, MAX_KEPT_CLASSES};

/// Rows that a first guess of the temperature is made from, at most.
pub const SAMPLE_ROWS: usize = 4096;

/// Scores that a first guess may hold in memory, whatever K is.
const SAMPLE_SCORES: usize = 16 << 20;

/// The lattice is laid around this temperature if a first guess has none.
pub const START_TEMPERATURE: f64 = 1.0;

/// What one block of rows leaves behind.
struct BlockRows {
    columns: Columns,
    kept: Kept,
    left_out: LeftOut,
}

/// Curve data of a block, in the order of its usable rows.
enum Kept {
    F32(Vec<f32>),
    F64(Vec<f64>),
    Nodes(Vec<f32>),
}

/// How the rows of a source are to be kept.
#[derive(Clone, Copy)]
struct Plan {
    n_classes: usize,
    absent_allowed: bool,
    lattice: Option<Lattice>,
}

/// Summaries of some thousand rows spread over `source`, with their scores kept whatever K is: for a
/// first guess of the temperature, around which the nodes of the real pass are laid.
///
/// # Errors
/// If the source cannot be read.
pub fn sample(source: &dyn BatchSource) -> Result<RowSummaries, SourceError> {
    let n_rows = SAMPLE_ROWS.min(SAMPLE_SCORES / source.n_classes()).max(64);
    let plan = Plan::new(source, None);
    let mut rows = None;
    source.sample(n_rows, &mut |batch| {
        add_batch(&mut rows, &plan, &batch);
        Ok(())
    })?;
    Ok(rows.unwrap_or_else(|| plan.empty()))
}

/// Reads every row of `source` once. Rows with more than [`MAX_KEPT_CLASSES`] classes keep nodes of a
/// lattice around inverse temperature `b0`. `keep_going` gets the number of rows done.
///
/// The result does not depend on the number of threads or on the sizes of the batches.
///
/// # Errors
/// [`SourceError::Cancelled`] once `keep_going` says no, or why the source could not be read.
pub fn summarize(
    source: &dyn BatchSource,
    b0: f64,
    keep_going: &mut dyn FnMut(u64) -> bool,
) -> Result<RowSummaries, SourceError> {
    summarize_watched(source, b0, &mut |_, done| keep_going(done))
}

/// The same as [`summarize`]; `keep_going` also gets the summaries of the rows so far, in file order.
///
/// # Errors
/// As [`summarize`].
pub fn summarize_watched(
    source: &dyn BatchSource,
    b0: f64,
    keep_going: &mut dyn FnMut(&RowSummaries, u64) -> bool,
) -> Result<RowSummaries, SourceError> {
    let many = source.n_classes() > MAX_KEPT_CLASSES;
    let plan = Plan::new(source, many.then(|| Lattice::covering(b0)));
    let (mut rows, mut done) = (None, 0);
    source.read(&mut |batch| {
        let so_far = add_batch(&mut rows, &plan, &batch);
        done += batch.labels.len() as u64;
        if keep_going(so_far, done) {
            Ok(())
        } else {
            Err(SourceError::Cancelled)
        }
    })?;
    Ok(rows.unwrap_or_else(|| plan.empty()))
}

impl Plan {
    fn new(source: &dyn BatchSource, lattice: Option<Lattice>) -> Self {
        let absent_allowed = source.kind().allows_absent();
        Self {
            n_classes: source.n_classes(),
            absent_allowed,
            lattice,
        }
    }

    fn empty(&self) -> RowSummaries {
        self.empty_like(ValuesRef::F64(&[]))
    }

    fn empty_like(&self, values: ValuesRef<'_>) -> RowSummaries {
        RowSummaries {
            n_classes: self.n_classes,
            columns: Columns::default(),
            curves: match self.lattice {
                Some(lattice) => Curves::Nodes(lattice, Vec::new()),
                None => Curves::for_rows(values),
            },
            exact: Vec::new(),
            left_out: LeftOut::default(),
        }
    }
}

/// Appends a batch and returns the rows so far.
fn add_batch<'a>(
    rows: &'a mut Option<RowSummaries>,
    plan: &Plan,
    batch: &Batch<'_>,
) -> &'a RowSummaries {
    let rows = rows.get_or_insert_with(|| plan.empty_like(batch.values));
    let blocks: Vec<BlockRows> = match batch.values {
        ValuesRef::F32(v) => blocks(plan, batch, v, Kept::F32),
        ValuesRef::F64(v) => blocks(plan, batch, v, Kept::F64),
    };
    for block in blocks {
        rows.columns.append(block.columns);
        rows.left_out.ignored_label += block.left_out.ignored_label;
        rows.left_out.non_finite += block.left_out.non_finite;
        match (&mut rows.curves, block.kept) {
            (Curves::Rows(Values::F32(all)), Kept::F32(mut new))
            | (Curves::Nodes(_, all), Kept::Nodes(mut new)) => all.append(&mut new),
            (Curves::Rows(Values::F64(all)), Kept::F64(mut new)) => all.append(&mut new),
            _ => unreachable!("a source delivers one type of values"),
        }
    }
    rows
}

fn blocks<S: Score>(
    plan: &Plan,
    batch: &Batch<'_>,
    values: &[S],
    keep: fn(Vec<S>) -> Kept,
) -> Vec<BlockRows> {
    let k = plan.n_classes;
    values
        .par_chunks(BLOCK_ROWS * k)
        .zip(batch.labels.par_chunks(BLOCK_ROWS))
        .enumerate()
        .map(|(idx, (values, labels))| {
            let first_row = batch.first_row + idx * BLOCK_ROWS;
            Arch::new().dispatch(
                #[inline(always)]
                || block(plan, first_row, values, labels, keep),
            )
        })
        .collect()
}

/// One block, compiled for the instruction set that `dispatch` found.
#[inline(always)]
fn block<S: Score>(
    plan: &Plan,
    first_row: usize,
    values: &[S],
    labels: &[Label],
    keep: fn(Vec<S>) -> Kept,
) -> BlockRows {
    let mut columns = Columns::default();
    let mut left_out = LeftOut::default();
    let (mut scores, mut nodes) = (Vec::new(), Vec::new());
    for (idx, (row, label)) in values.chunks_exact(plan.n_classes).zip(labels).enumerate() {
        let Some(class_idx) = label.index() else {
            left_out.ignored_label += 1;
            continue;
        };
        let Some(profile) = profile(row, plan.absent_allowed) else {
            left_out.non_finite += 1;
            continue;
        };
        let of_label = (*label, row[class_idx].widen(), rank(row, row[class_idx]));
        columns.push((first_row + idx) as u64, of_label, &profile);
        match plan.lattice {
            Some(lattice) => add_nodes(lattice, row, &profile, &mut nodes),
            None => scores.extend_from_slice(row),
        }
    }
    let kept = if plan.lattice.is_some() {
        Kept::Nodes(nodes)
    } else {
        keep(scores)
    };
    BlockRows {
        columns,
        kept,
        left_out,
    }
}

#[inline(always)]
fn add_nodes<S: Score>(lattice: Lattice, row: &[S], profile: &RowProfile, nodes: &mut Vec<f32>) {
    let start = nodes.len();
    nodes.resize(start + lattice.row_len(), 0.0);
    lattice.summarize(row, profile.top[0].1, profile.n_max, &mut nodes[start..]);
}

/// 1 + number of scores above `score`.
#[inline(always)]
fn rank<S: Score>(row: &[S], score: S) -> u32 {
    row.iter().map(|z| u32::from(*z > score)).sum::<u32>() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Counted, Kind, MemorySource};

    /// Labels that go round through the classes.
    fn class(i: usize, k: usize) -> Label {
        let idx = u32::try_from(i % k).expect("few classes");
        Label::class(idx).expect("few classes")
    }

    fn source(n: usize, k: usize) -> MemorySource {
        let values = (0..n * k)
            .map(|i| ((i * 7919 % 1009) as f32 - 504.0) / 97.0)
            .collect();
        let labels = (0..n).map(|i| class(i, k)).collect();
        MemorySource::new(k, Kind::Logits, Values::F32(values), labels).expect("lengths agree")
    }

    #[test]
    fn every_row_is_read_exactly_once() {
        for k in [3, 100] {
            let counted = Counted::new(source(10_000, k));
            let rows = summarize(&counted, 1.0, &mut |_| true).expect("in memory");
            assert_eq!(
                (rows.len(), counted.n_read(), counted.n_sampled()),
                (10_000, 10_000, 0)
            );
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        for k in [5, 120] {
            let source = source(3000, k);
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                pool.expect("a pool")
                    .install(|| summarize(&source, 1.0, &mut |_| true))
            };
            assert_eq!(on(1).expect("read"), on(3).expect("read"));
        }
    }

    #[test]
    fn rows_without_a_label_and_rows_that_are_not_finite_are_counted_and_left_out() {
        let values = Values::F64(vec![1.0, 2.0, f64::NAN, 0.0, 3.0, 1.0, f64::INFINITY, 0.0]);
        let class = |i| Label::class(i).expect("small");
        let labels = vec![class(1), class(0), Label::IGNORED, class(0)];
        let source = MemorySource::new(2, Kind::Logits, values, labels).expect("lengths agree");
        let rows = summarize(&source, 1.0, &mut |_| true).expect("in memory");
        assert_eq!(rows.len(), 1);
        assert_eq!(
            rows.left_out(),
            LeftOut {
                ignored_label: 1,
                non_finite: 2
            }
        );
        assert!(rows.row(0).is_correct());
    }

    #[test]
    fn saying_no_cancels_within_a_batch() {
        let source = source(50_000, 2);
        let mut calls = 0;
        let result = summarize(&source, 1.0, &mut |_| {
            calls += 1;
            false
        });
        assert!(matches!(result, Err(SourceError::Cancelled)) && calls == 1);
    }
}
