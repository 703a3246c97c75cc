//! What the diagnosis needs beside the row summaries, gathered in the same pass over the logits.
//!
//! Counts and hashes are of every row. Sums for each class cost an exponential a score, so that of large data they
//! are taken over rows chosen by a hash of the row number: [`sum_step`] says how many.

use rayon::prelude::*;

use crate::data::{Batch, ValuesRef};
use crate::numerics::{
    ClassSums, InstructionSet, Kernel, RowLevel, RowMoments, Score, Simd, count_at, count_narrow,
    is_descending, row_hash,
};

use super::broken::Broken;
use super::rows::RowSummaries;
use super::totals::{ClassTotals, Sketch};

/// Rows per unit of parallel work, in scores.
const BLOCK_SCORES: usize = 1 << 16;

/// Classes per unit of parallel work on the sums.
const BLOCK_CLASSES: usize = 1 << 10;

/// Scores that the sums for each class are taken over, about.
const SUM_SCORES: usize = 1 << 24;

/// Rows that they are taken over, at least and at most, where there are so many.
const SUM_ROWS: (usize, usize) = (1 << 12, 1 << 16);

/// The same for the sketch, of which every row is kept.
const SKETCH_SCORES: usize = 1 << 22;
const SKETCH_ROWS: (usize, usize) = (1 << 7, 1 << 10);

/// How the numbers of a file were stored, as far as the numbers tell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StoredAs {
    /// Numbers of 32 bits that were looked at; 0 where they have 64.
    pub n_scores: u64,
    /// Of these, how many are bfloat16 numbers.
    pub n_bf16: u64,
    /// How many have no more digits than a float16 number.
    pub n_f16: u64,
}

/// Everything that is gathered for the diagnosis.
#[derive(Clone, PartialEq, Debug)]
pub struct Gathered {
    /// Rows with scores that are not finite.
    pub broken: Broken,
    /// Whether the numbers come from a narrower type.
    pub stored_as: StoredAs,
    /// Scores of the usable rows that are present.
    pub n_scores: u64,
    /// Of these, how many equal the smallest of their row.
    pub n_at_min: u64,
    /// Usable rows whose scores never rise from one class to the next.
    pub n_descending: u64,
    /// Usable rows that lack each class; empty if none lacks any.
    pub absent: Vec<u64>,
    /// A hash of every usable row, in their order; see [`crate::numerics::row_hash`].
    pub hashes: Vec<u64>,
    /// Sums for each class.
    pub totals: ClassTotals,
    /// Centred rows in a few dimensions.
    pub sketch: Sketch,
}

/// The sums for each class are taken over one row in so many.
pub(super) fn sum_step(n_rows: usize, n_classes: usize) -> u64 {
    step(n_rows, (SUM_SCORES / n_classes).clamp(SUM_ROWS.0, SUM_ROWS.1))
}

fn step(n_rows: usize, n_wanted: usize) -> u64 {
    n_rows.div_ceil(n_wanted).max(1) as u64
}

/// True for one row in `step`, in no pattern that data could share (splitmix64, Steele et al. 2014).
fn is_chosen(row: u64, step: u64) -> bool {
    if step <= 1 {
        return true;
    }
    let mut x = row.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 31)).is_multiple_of(step)
}

impl Gathered {
    /// Adds what was gathered of other rows of as many classes, the first of which has the number `first_row`.
    pub(super) fn append(&mut self, other: &Self, first_row: u64) {
        self.broken.append(&other.broken, first_row);
        self.stored_as.n_scores += other.stored_as.n_scores;
        self.stored_as.n_bf16 += other.stored_as.n_bf16;
        self.stored_as.n_f16 += other.stored_as.n_f16;
        self.n_scores += other.n_scores;
        self.n_at_min += other.n_at_min;
        self.n_descending += other.n_descending;
        let n_classes = self.absent.len().max(other.absent.len());
        self.absent.resize(n_classes, 0);
        for (all, more) in self.absent.iter_mut().zip(&other.absent) {
            *all += more;
        }
        self.hashes.extend_from_slice(&other.hashes);
        self.totals.append(&other.totals);
        self.sketch.rows.extend_from_slice(&other.sketch.rows);
    }
}

/// Gathers batch by batch, each after it was summarised.
pub(super) struct Gatherer {
    instructions: InstructionSet,
    has_absent_entries: bool,
    sum_step: u64,
    sketch_step: u64,
    n_done: usize,
    gathered: Gathered,
}

/// What a block of rows adds.
#[derive(Default)]
struct BlockMarks {
    stored_as: StoredAs,
    n_at_min: u64,
    n_descending: u64,
    hashes: Vec<u64>,
}

/// A usable row of a batch.
#[derive(Clone, Copy)]
struct Used {
    /// Its place within the batch.
    offset: usize,
    row: u64,
    min: f64,
}

/// A row that the sums are taken over.
struct Summed {
    offset: usize,
    row: u64,
    label: usize,
    label_below: f64,
    level: RowLevel,
    entropy: f64,
}

impl Gatherer {
    pub(super) fn new(instructions: InstructionSet, n_rows: usize, n_classes: usize) -> Self {
        let n_sketched = (SKETCH_SCORES / n_classes).clamp(SKETCH_ROWS.0, SKETCH_ROWS.1);
        Self {
            instructions,
            has_absent_entries: false,
            sum_step: sum_step(n_rows, n_classes),
            sketch_step: step(n_rows, n_sketched),
            n_done: 0,
            gathered: Gathered {
                broken: Broken::default(),
                stored_as: StoredAs::default(),
                n_scores: 0,
                n_at_min: 0,
                n_descending: 0,
                absent: Vec::new(),
                hashes: Vec::new(),
                totals: ClassTotals::zeros(n_classes),
                sketch: Sketch::new(n_classes),
            },
        }
    }

    /// The same for a pass with this [`Plan::has_absent_entries`](super::pass::Plan).
    pub(super) fn with_absent_entries(mut self, has_absent_entries: bool) -> Self {
        self.has_absent_entries = has_absent_entries;
        self
    }

    /// Adds `batch`, whose usable rows are the last of `rows`.
    pub(super) fn add(&mut self, batch: &Batch<'_>, rows: &RowSummaries) {
        match batch.values {
            ValuesRef::F32(values) => self.add_scores(batch, values, rows),
            ValuesRef::F64(values) => self.add_scores(batch, values, rows),
        }
        self.n_done = rows.len();
    }

    pub(super) fn finish(self) -> Gathered {
        self.gathered
    }

    fn add_scores<S: Score>(&mut self, batch: &Batch<'_>, values: &[S], rows: &RowSummaries) {
        let k = batch.n_classes;
        let used: Vec<Used> =
            (self.n_done..rows.len()).map(|idx| used(rows, idx, batch.first_row)).collect();
        let all = &mut self.gathered;
        let absent = self.has_absent_entries.then_some(&mut all.absent);
        all.broken.add(batch, values, &used_rows(&used), absent);
        self.add_marks(values, k, &used);
        self.add_absent(values, k, &used, rows);
        let columns = rows.columns();
        let new = self.n_done..rows.len();
        self.gathered.n_scores +=
            columns.n_present[new.clone()].iter().map(|n| u64::from(*n)).sum::<u64>();
        let chosen: Vec<usize> =
            new.filter(|idx| is_chosen(columns.row[*idx], self.sum_step)).collect();
        let summed = summed(rows, &chosen, batch.first_row);
        self.add_sums(values, k, &summed);
    }

    /// Only the rows that lack a class are looked at again.
    fn add_absent<S: Score>(&mut self, values: &[S], k: usize, used: &[Used], rows: &RowSummaries) {
        let n_present = &rows.columns().n_present[self.n_done..];
        let absent = &mut self.gathered.absent;
        for (used, _) in used.iter().zip(n_present).filter(|(_, n)| (**n as usize) < k) {
            absent.resize(k, 0);
            let row = &values[used.offset * k..(used.offset + 1) * k];
            for (count, z) in absent.iter_mut().zip(row) {
                *count += u64::from(*z <= S::LOWEST);
            }
        }
    }

    fn add_marks<S: Score>(&mut self, values: &[S], k: usize, used: &[Used]) {
        let step = self.sum_step;
        let blocks: Vec<BlockMarks> = used
            .par_chunks((BLOCK_SCORES / k).clamp(1, 1024))
            .map(|used| self.instructions.run(Marks { values, k, used, step }))
            .collect();
        let all = &mut self.gathered;
        for mut block in blocks {
            all.n_at_min += block.n_at_min;
            all.n_descending += block.n_descending;
            all.stored_as.n_scores += block.stored_as.n_scores;
            all.stored_as.n_bf16 += block.stored_as.n_bf16;
            all.stored_as.n_f16 += block.stored_as.n_f16;
            all.hashes.append(&mut block.hashes);
        }
    }

    /// Shared out by classes and not by rows, so that every sum runs over the rows in their order: the same bits for
    /// any number of threads and any size of the batches.
    fn add_sums<S: Score>(&mut self, values: &[S], k: usize, summed: &[Summed]) {
        let Gathered { totals, sketch, .. } = &mut self.gathered;
        if let Some(first) = summed.first().filter(|_| totals.n_rows == 0) {
            let scores = &values[first.offset * k..(first.offset + 1) * k];
            totals.set_origin(scores, first.level.mean);
        }
        let instructions = self.instructions;
        let n = BLOCK_CLASSES;
        let sums = totals.c.par_chunks_mut(n).zip(totals.c2.par_chunks_mut(n));
        let more = totals.p.par_chunks_mut(n).zip(totals.p2.par_chunks_mut(n));
        let origins = totals.origin.par_chunks(n);
        sums.zip(more).zip(origins).enumerate().for_each(
            |(block, (((c, c2), (p, p2)), origin))| {
                instructions.run(Sums {
                    values,
                    k,
                    summed,
                    first_class: block * n,
                    into: ClassSums { c, c2, origin, p, p2 },
                });
            },
        );
        for row in summed {
            let label_p = (-row.level.log_z - row.label_below).exp();
            let label_c = row.level.max - row.label_below - row.level.mean;
            totals.add_label(row.label, label_c, label_p, row.entropy);
            if is_chosen(row.row.rotate_left(32), self.sketch_step.div_ceil(self.sum_step)) {
                let scores = &values[row.offset * k..(row.offset + 1) * k];
                sketch.add(scores, row.level.mean);
            }
        }
    }
}

fn used(rows: &RowSummaries, idx: usize, first_row: usize) -> Used {
    let columns = rows.columns();
    let row = columns.row[idx];
    #[expect(clippy::cast_possible_truncation, reason = "a row of a batch in memory")]
    let offset = row as usize - first_row;
    Used { offset, row, min: columns.min[idx] }
}

fn used_rows(used: &[Used]) -> Vec<usize> {
    used.iter().map(|used| used.offset).collect()
}

/// The rows `chosen` with what the sums need of them.
fn summed(rows: &RowSummaries, chosen: &[usize], first_row: usize) -> Vec<Summed> {
    let moments: Vec<Vec<RowMoments>> = chosen
        .par_chunks(512)
        .map(|chosen| {
            let mut moments = Vec::with_capacity(chosen.len());
            rows.moments_at(chosen.iter().copied(), 1.0, &mut moments);
            moments
        })
        .collect();
    let of_row = |(&idx, moments): (&usize, RowMoments)| {
        let used = used(rows, idx, first_row);
        let view = rows.row(idx);
        Summed {
            offset: used.offset,
            row: used.row,
            label: view.label() as usize,
            label_below: view.max() - view.label_score(),
            level: RowLevel {
                max: view.max(),
                mean: rows.columns().mean[idx],
                log_z: moments.at.log_z,
            },
            entropy: moments.at.log_z + moments.at.below_max,
        }
    };
    chosen.iter().zip(moments.into_iter().flatten()).map(of_row).collect()
}

/// The marks of a block of rows.
struct Marks<'a, S> {
    values: &'a [S],
    k: usize,
    used: &'a [Used],
    step: u64,
}

impl<S: Score> Kernel for Marks<'_, S> {
    type Output = BlockMarks;

    #[inline(always)]
    fn run<I: Simd>(self, _: I) -> BlockMarks {
        let mut marks = BlockMarks::default();
        marks.hashes.reserve(self.used.len());
        for used in self.used {
            let row = &self.values[used.offset * self.k..(used.offset + 1) * self.k];
            marks.hashes.push(row_hash(row));
            marks.n_descending += u64::from(is_descending(row));
            marks.n_at_min += u64::from(count_at(row, S::narrowed(used.min)));
            if is_chosen(used.row, self.step) {
                let [bf16, f16] = count_narrow(row);
                marks.stored_as.n_scores += self.k as u64;
                marks.stored_as.n_bf16 += u64::from(bf16);
                marks.stored_as.n_f16 += u64::from(f16);
            }
        }
        marks
    }
}

/// The sums over the chosen rows of a batch for a range of classes.
struct Sums<'a, S> {
    values: &'a [S],
    k: usize,
    summed: &'a [Summed],
    first_class: usize,
    into: ClassSums<'a>,
}

impl<S: Score> Kernel for Sums<'_, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(mut self, isa: I) {
        let n = self.into.c.len();
        for row in self.summed {
            let start = row.offset * self.k + self.first_class;
            self.into.add(isa, &self.values[start..start + n], row.level);
        }
    }
}
