//! The summary pass: every row once, in blocks on all cores.

use std::sync::Arc;

use rayon::prelude::*;

use crate::data::{
    Batch, BatchSource, Label, Recorded, SoftLabels, SourceError, Values, ValuesRef,
};
use crate::numerics::{
    InstructionSet, Kernel, Lattice, RowMoments, RowSummarizer, RowSums, Score, Simd,
    moments_of_sums,
};

use super::beside::Beside;
use super::curve::Curves;
use super::gather::Gatherer;
use super::rows::{Columns, ExactColumn, LeftOut, RowSummaries};
use super::soft::soften;
use super::{MAX_KEPT_CLASSES, block_rows};

/// The lattice is laid around this temperature if a first guess has none.
pub const START_TEMPERATURE: f64 = 1.0;

/// Room is made at once for so many rows at most; a file may say that it holds more than it does.
const MAX_RESERVED_ROWS: usize = 1 << 24;

/// What a summary pass takes along.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SummaryOptions {
    /// The inverse temperature that is expected to be fitted.
    pub b0: f64,
    /// How many octaves of temperature the nodes reach beyond it and 1, on either side; rows of few classes keep
    /// their scores and have no nodes.
    pub octaves: f64,
    /// Whether what a diagnosis needs is gathered on the way, for a tenth of the time.
    pub gathers: bool,
}

impl From<f64> for SummaryOptions {
    /// Everything that may be asked later.
    fn from(b0: f64) -> Self {
        Self { b0, octaves: 4.0, gathers: true }
    }
}

/// What one block of rows leaves behind.
struct BlockRows {
    columns: Columns,
    kept: Kept,
    /// Moments at T = 1, where rows keep nodes.
    at_one: Vec<RowMoments>,
    left_out: LeftOut,
}

/// Curve data of a block, in the order of its usable rows.
enum Kept {
    F32(Vec<f32>),
    F64(Vec<f64>),
    Nodes(Vec<f32>),
}

/// How the rows of a source are to be kept.
pub(super) struct Plan {
    pub(super) instructions: InstructionSet,
    pub(super) n_rows: usize,
    pub(super) n_classes: usize,
    /// True if a label's class may be absent: its probability was 0.
    pub(super) has_zeros: bool,
    /// True if minus infinity is broken wherever it stands.
    pub(super) overflowed: bool,
    /// True if a row is one label of multi-label data that may be absent: nothing is then left to decide.
    pub(super) has_absent_entries: bool,
    pub(super) recorded: Recorded,
    pub(super) lattice: Option<Lattice>,
    pub(super) beside: Beside,
    pub(super) soft_labels: Option<Arc<SoftLabels>>,
}

/// Reads every row of `source` once. Rows with more than [`MAX_KEPT_CLASSES`] classes keep nodes of a
/// lattice around inverse temperature `b0` (see [`SummaryOptions`]), and exact moments at T = 1 with them. `keep_going` gets the
/// number of rows done.
///
/// The result does not depend on the number of threads or on the sizes of the batches.
///
/// # Errors
/// [`SourceError::Cancelled`] once `keep_going` says no, or why the source could not be read.
pub fn summarize(
    source: &dyn BatchSource,
    b0: impl Into<SummaryOptions>,
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
    b0: impl Into<SummaryOptions>,
    keep_going: &mut dyn FnMut(&RowSummaries, u64) -> bool,
) -> Result<RowSummaries, SourceError> {
    watched_on(InstructionSet::best(), source, b0.into(), keep_going)
}

/// The same as [`summarize`] on the instruction set `instructions`; results differ by rounding alone.
///
/// # Errors
/// As [`summarize`].
pub fn summarize_on(
    instructions: InstructionSet,
    source: &dyn BatchSource,
    b0: impl Into<SummaryOptions>,
    keep_going: &mut dyn FnMut(u64) -> bool,
) -> Result<RowSummaries, SourceError> {
    watched_on(instructions, source, b0.into(), &mut |_, done| keep_going(done))
}

fn watched_on(
    instructions: InstructionSet,
    source: &dyn BatchSource,
    around: SummaryOptions,
    keep_going: &mut dyn FnMut(&RowSummaries, u64) -> bool,
) -> Result<RowSummaries, SourceError> {
    let mut pass = Pass::new(instructions, source, around);
    let mut done = 0;
    source.read(&mut |batch| {
        let so_far = pass.add(&batch);
        done += batch.labels.len() as u64;
        if keep_going(so_far, done) { Ok(()) } else { Err(SourceError::Cancelled) }
    })?;
    let mut rows = pass.finish();
    // All of them are known now.
    rows.recorded = source.recorded();
    Ok(rows)
}

/// A summary pass that takes the batches of a source as they are read, by whoever reads them.
pub struct Pass {
    plan: Plan,
    rows: Option<RowSummaries>,
    gatherer: Option<Gatherer>,
}

impl Pass {
    fn new(instructions: InstructionSet, source: &dyn BatchSource, around: SummaryOptions) -> Self {
        let lattice = || Lattice::around(around.b0, around.octaves);
        let many = source.n_classes() > MAX_KEPT_CLASSES;
        let plan = Plan::new(instructions, source, many.then(lattice));
        let gatherer = || {
            Gatherer::new(instructions, plan.n_rows, plan.n_classes)
                .with_absent_entries(plan.has_absent_entries)
        };
        Self { gatherer: around.gathers.then(gatherer), plan, rows: None }
    }

    /// A pass over batches of `source` whose labels are others than its own.
    pub fn relabelled(source: &dyn BatchSource, around: SummaryOptions) -> Self {
        let mut pass = Self::new(InstructionSet::best(), source, around);
        pass.plan.soft_labels = None;
        pass
    }

    /// Takes the next batch, in file order; what is returned are the rows so far.
    pub fn add(&mut self, batch: &Batch<'_>) -> &RowSummaries {
        let so_far = add_batch(&mut self.rows, &self.plan, batch);
        if let Some(gatherer) = &mut self.gatherer {
            gatherer.add(batch, so_far);
        }
        so_far
    }

    /// The summaries of all rows.
    pub fn finish(self) -> RowSummaries {
        let mut rows = self.rows.unwrap_or_else(|| self.plan.empty());
        rows.gathered = self.gatherer.map(|gatherer| Arc::new(gatherer.finish()));
        rows
    }
}

impl Plan {
    pub(super) fn new(
        instructions: InstructionSet,
        source: &dyn BatchSource,
        lattice: Option<Lattice>,
    ) -> Self {
        let beside = Beside::of(source);
        let has_zeros = source.kind().is_probabilities();
        Self {
            instructions,
            has_absent_entries: beside.n_entries > 1 && !has_zeros && !source.overflowed(),
            n_rows: source.n_rows(),
            n_classes: source.n_classes(),
            has_zeros,
            overflowed: source.overflowed(),
            recorded: source.recorded(),
            lattice,
            beside,
            soft_labels: source.soft_labels(),
        }
    }

    /// True if the label's class, or one that a soft label gives a share, is absent from `row`: it is no class of this
    /// row, which then says nothing of its label. A probability of 0 is no absence; where float16 overflowed nothing is.
    fn lacks_label<S: Score>(&self, row_idx: u64, row: &[S], class_idx: usize) -> bool {
        if self.has_zeros {
            return false;
        }
        if self.overflowed {
            return row.iter().any(|z| *z <= S::LOWEST);
        }
        let Some(labels) = &self.soft_labels else {
            return row[class_idx] <= S::LOWEST;
        };
        let Ok(row_idx) = usize::try_from(row_idx) else {
            return false;
        };
        let shares = labels.row(row_idx).probabilities();
        row.iter().zip(shares).any(|(z, share)| share > 0.0 && *z <= S::LOWEST)
    }

    pub(super) fn empty(&self) -> RowSummaries {
        self.empty_like(ValuesRef::F64(&[]))
    }

    fn empty_like(&self, values: ValuesRef<'_>) -> RowSummaries {
        let n_rows = self.n_rows.min(MAX_RESERVED_ROWS);
        let at_one = self.lattice.map(|_| ExactColumn {
            b: 1.0,
            moments: Vec::with_capacity(n_rows),
            label: Vec::new(),
        });
        RowSummaries {
            n_classes: self.n_classes,
            recorded: self.recorded,
            columns: Columns::with_capacity(n_rows),
            curves: match self.lattice {
                Some(lattice) => {
                    Curves::Nodes(lattice, Vec::with_capacity(n_rows * lattice.row_len()))
                }
                None => Curves::for_rows(values, n_rows * self.n_classes),
            },
            exact: at_one.into_iter().collect(),
            left_out: LeftOut::default(),
            gathered: None,
            some_hashes: None,
            beside: self.beside.clone(),
            soft: None,
        }
    }
}

/// Appends a batch and returns the rows so far.
pub(super) fn add_batch<'a>(
    rows: &'a mut Option<RowSummaries>,
    plan: &Plan,
    batch: &Batch<'_>,
) -> &'a RowSummaries {
    let rows = rows.get_or_insert_with(|| plan.empty_like(batch.values));
    let n_before = rows.len();
    let blocks: Vec<BlockRows> = match batch.values {
        ValuesRef::F32(v) => blocks(plan, batch, v, Kept::F32),
        ValuesRef::F64(v) => blocks(plan, batch, v, Kept::F64),
    };
    rows.append_blocks(blocks);
    if let Some(labels) = &plan.soft_labels {
        soften(rows, n_before, labels, batch);
    }
    rows
}

impl RowSummaries {
    /// Appends blocks in order. What is copied is touched for the first time, which takes the system longer than the
    /// copying itself: both kinds of columns at once.
    fn append_blocks(&mut self, blocks: Vec<BlockRows>) {
        let mut all_kept = Vec::with_capacity(blocks.len());
        let mut all_columns = Vec::with_capacity(blocks.len());
        for block in blocks {
            self.left_out.ignored_label += block.left_out.ignored_label;
            self.left_out.non_finite += block.left_out.non_finite;
            all_kept.push(block.kept);
            all_columns.push((block.columns, block.at_one));
        }
        let (curves, columns, exact) = (&mut self.curves, &mut self.columns, &mut self.exact);
        rayon::join(
            || {
                for kept in all_kept {
                    append_kept(curves, kept);
                }
            },
            || {
                for (more, at_one) in all_columns {
                    columns.append(more);
                    for column in exact.iter_mut() {
                        column.moments.extend_from_slice(&at_one);
                    }
                }
            },
        );
    }
}

fn append_kept(curves: &mut Curves, kept: Kept) {
    match (curves, kept) {
        (Curves::Rows(Values::F32(all)), Kept::F32(mut new))
        | (Curves::Nodes(_, all), Kept::Nodes(mut new)) => all.append(&mut new),
        (Curves::Rows(Values::F64(all)), Kept::F64(mut new)) => all.append(&mut new),
        _ => unreachable!("a source delivers one type of values"),
    }
}

fn blocks<S: Score>(
    plan: &Plan,
    batch: &Batch<'_>,
    values: &[S],
    keep: fn(Vec<S>) -> Kept,
) -> Vec<BlockRows> {
    let (k, n_block) = (plan.n_classes, block_rows(plan.n_classes));
    values
        .par_chunks(n_block * k)
        .zip(batch.labels.par_chunks(n_block))
        .enumerate()
        .map(|(idx, (values, labels))| {
            plan.instructions.run(Block {
                plan,
                first_row: batch.first_row + idx * n_block,
                values,
                labels,
                keep,
            })
        })
        .collect()
}

/// One block of rows to summarise.
struct Block<'a, S> {
    plan: &'a Plan,
    first_row: usize,
    values: &'a [S],
    labels: &'a [Label],
    keep: fn(Vec<S>) -> Kept,
}

impl<S: Score> Kernel for Block<'_, S> {
    type Output = BlockRows;

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) -> BlockRows {
        let Plan { lattice, n_classes, .. } = *self.plan;
        let mut summarizer = RowSummarizer::new(isa, lattice);
        let mut made = Made::with_capacity(self.labels.len(), self.plan);
        let rows = self.values.chunks_exact(n_classes).zip(self.labels);
        for (row_idx, (row, label)) in (self.first_row as u64..).zip(rows) {
            let Some(class_idx) = label.index() else {
                made.left_out.ignored_label += 1;
                continue;
            };
            let known = !self.plan.lacks_label(row_idx, row, class_idx);
            // No closure: it would be a function of its own, compiled without the instruction set, and every
            // operation in it a call.
            let summary =
                if known { summarizer.row(row, class_idx, &mut made.nodes) } else { None };
            let Some(summary) = summary else {
                made.left_out.non_finite += 1;
                continue;
            };
            if self.plan.has_absent_entries && summary.profile.n_present == 1 {
                made.left_out.ignored_label += 1;
                continue;
            }
            let of_label = (*label, row[class_idx].widen(), summary.label_rank);
            made.columns.push(row_idx, of_label, &summary.profile);
            match summary.at_one {
                Some(sums) => made.at_one.push(sums),
                None => made.scores.extend_from_slice(row),
            }
        }
        made.finish(isa, lattice.is_some(), self.keep)
    }
}

/// A block in the making.
struct Made<S> {
    columns: Columns,
    scores: Vec<S>,
    nodes: Vec<f32>,
    at_one: Vec<RowSums>,
    left_out: LeftOut,
}

impl<S> Made<S> {
    fn with_capacity(n_rows: usize, plan: &Plan) -> Self {
        let (n_scores, n_nodes, n_sums) = match plan.lattice {
            Some(lattice) => (0, n_rows * lattice.row_len(), n_rows),
            None => (n_rows * plan.n_classes, 0, 0),
        };
        Self {
            columns: Columns::with_capacity(n_rows),
            scores: Vec::with_capacity(n_scores),
            nodes: Vec::with_capacity(n_nodes),
            at_one: Vec::with_capacity(n_sums),
            left_out: LeftOut::default(),
        }
    }

    #[inline(always)]
    fn finish<I: Simd>(self, isa: I, has_nodes: bool, keep: fn(Vec<S>) -> Kept) -> BlockRows {
        let mut at_one = Vec::with_capacity(self.at_one.len());
        moments_of_sums(isa, &self.at_one, &mut at_one);
        BlockRows {
            columns: self.columns,
            kept: if has_nodes { Kept::Nodes(self.nodes) } else { keep(self.scores) },
            at_one,
            left_out: self.left_out,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Kind;
    use crate::data::{Counted, MemorySource};

    /// Labels that go round through the classes.
    fn class(i: usize, k: usize) -> Label {
        let idx = u32::try_from(i % k).expect("few classes");
        Label::class(idx).expect("few classes")
    }

    fn source(n: usize, k: usize) -> MemorySource {
        let values = (0..n * k).map(|i| ((i * 7919 % 1009) as f32 - 504.0) / 97.0).collect();
        let labels = (0..n).map(|i| class(i, k)).collect();
        MemorySource::new(k, Kind::Logits, Values::F32(values), labels).expect("lengths agree")
    }

    #[test]
    fn every_row_is_read_exactly_once() {
        for k in [3, 100] {
            let counted = Counted::new(source(10_000, k));
            let rows = summarize(&counted, 1.0, &mut |_| true).expect("in memory");
            assert_eq!((rows.len(), counted.n_read(), counted.n_sampled()), (10_000, 10_000, 0));
        }
    }

    #[test]
    fn the_number_of_threads_changes_no_bit() {
        for k in [5, 120] {
            let source = source(3000, k);
            let on = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                pool.expect("a pool").install(|| summarize(&source, 1.0, &mut |_| true))
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
        assert_eq!(rows.left_out(), LeftOut { ignored_label: 1, non_finite: 2 });
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
