//! The batches of one part of a file: read ahead, converted, and kept in memory if they fit.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::convert::{Conversion, converted, read_converted};
use super::error::Problem;
use super::memory::{Budget, Reserved};
use super::pump::pump;
use super::raw::{RawScores, block_rows, read_size};
use super::sample::Sample;
use crate::data::{
    Batch, BatchSource, Carried, FileRows, Kind, Label, Recorded, SoftLabels, SourceError,
    SourceInfo, Values, ValuesRef, sample_runs, sha256_of_labels,
};

/// Full reads of a file whose numbers lie there as they are before a copy is kept. New memory costs the
/// system three times what a read of the same bytes from its own cache costs, so that a study, which reads
/// three times with its classwise figures, would lose by keeping them; the app, which may go on reading, gains.
const PLAIN_READS: usize = 3;

/// Rows of a file as often as they are asked for: labels in memory, scores read ahead by a thread of
/// their own in blocks of some 4 MiB.
///
/// Blocks of the first full read (the third where nothing is decoded) are kept if they fit the memory budget
/// ([`super::OpenOptions::memory`]), and later reads come from memory. The file must stay as it is while it is in use: a change is an
/// error, never a mixture. A clone is another handle to the same rows.
#[derive(Clone)]
pub struct Source {
    inner: Arc<Inner>,
    budget: Budget,
}

struct Inner {
    raw: Arc<dyn RawScores>,
    /// What is still to be done to what `raw` delivers.
    conversion: Arc<Conversion>,
    kind: Kind,
    n_classes: usize,
    labels: Vec<Label>,
    soft_labels: Option<Arc<SoftLabels>>,
    carried: Arc<Carried>,
    n_entries: usize,
    overflowed: bool,
    file_rows: FileRows,
    /// Rows spread over the data, as logits; not needed where `raw` holds all rows.
    sample: Option<Sample>,
    /// For messages.
    path: PathBuf,
    /// Full reads begun.
    n_reads: AtomicUsize,
    kept: OnceLock<Kept>,
}

/// All blocks, as logits.
struct Kept {
    blocks: Vec<Values>,
    /// Gives the memory back to the budget.
    _reserved: Reserved,
}

/// What a [`Source`] is made of: as many labels as `raw` has rows, and a sample of it.
pub(super) struct Ingredients {
    pub(super) raw: Arc<dyn RawScores>,
    pub(super) sample: Sample,
    pub(super) conversion: Conversion,
    pub(super) labels: Vec<Label>,
    /// The distributions whose most probable classes the labels are.
    pub(super) soft_labels: Option<SoftLabels>,
    pub(super) carried: Carried,
    /// Rows for each row that is carried beside: the number of labels of multi-label data, else 1.
    pub(super) n_entries: usize,
    /// True if minus infinity is an overflow and no absent class.
    pub(super) overflowed: bool,
    /// The numbers of the rows that are carried beside.
    pub(super) file_rows: FileRows,
    pub(super) path: PathBuf,
    pub(super) budget: Budget,
}

impl Source {
    /// Scores that are in memory and not logits yet are converted now, all others as they are read.
    pub(super) fn new(parts: Ingredients) -> Result<Self, Problem> {
        let Ingredients { raw, conversion, .. } = parts;
        let (kind, n_classes) = (conversion.kind, conversion.n_classes());
        if kind.is_probabilities() {
            conversion.rounding.look(parts.sample.values.as_ref());
        }
        let (values, _) = conversion.convert(parts.sample.values, Values::default());
        let (raw, conversion) = if conversion.changes() && raw.in_memory() {
            let held: Arc<dyn RawScores> = Arc::new(converted(&*raw, &conversion)?);
            (held, conversion.done(n_classes))
        } else {
            (raw, conversion)
        };
        let sample = raw.held().is_none().then_some(Sample { values, ..parts.sample });
        let inner = Inner {
            raw,
            conversion: Arc::new(conversion),
            kind,
            n_classes,
            labels: parts.labels,
            soft_labels: parts.soft_labels.map(Arc::new),
            carried: Arc::new(parts.carried),
            n_entries: parts.n_entries,
            overflowed: parts.overflowed,
            file_rows: parts.file_rows,
            sample,
            path: parts.path,
            n_reads: AtomicUsize::new(0),
            kept: OnceLock::new(),
        };
        Ok(Self { inner: Arc::new(inner), budget: parts.budget })
    }

    /// All labels.
    pub fn labels(&self) -> &[Label] {
        &self.inner.labels
    }

    /// From now on the memory of `other` is for both.
    pub(super) fn share_memory_of(&mut self, other: &Self) {
        self.budget = other.budget.clone();
    }

    /// Reads everything, and keeps it if there is memory for it.
    fn stream(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        let inner = &*self.inner;
        let reserved = inner.wants_to_keep().and_then(|n| self.budget.reserve(n));
        let keeps = reserved.is_some();
        let (raw, conversion) = (inner.raw.clone(), inner.conversion.clone());
        let (mut first_row, mut blocks) = (0, Vec::new());
        pump::<Stopped>(
            move |spare, deliver| read_converted(&*raw, &conversion, spare, deliver),
            &mut |block| {
                first_row += inner.visit(first_row, block.as_ref(), visit)?;
                if keeps {
                    blocks.push(block);
                    return Ok(None);
                }
                Ok(Some(block))
            },
        )?;
        if first_row < inner.labels.len() {
            return Err(Problem::new("there are fewer rows than when it was opened").into());
        }
        if let Some(reserved) = reserved {
            // Another read may have been faster: one copy is enough.
            let _ = inner.kept.set(Kept { blocks, _reserved: reserved });
        }
        Ok(())
    }
}

type Visit<'a> = dyn FnMut(Batch<'_>) -> Result<(), SourceError> + 'a;

impl Inner {
    /// Scores that are logits and lie in memory.
    fn held(&self) -> Option<ValuesRef<'_>> {
        self.raw.held().filter(|_| !self.conversion.changes())
    }

    /// Bytes of all logits, if they are to be kept from the read that begins now.
    fn wants_to_keep(&self) -> Option<u64> {
        let n_reads = self.n_reads.fetch_add(1, Ordering::Relaxed);
        let plain = !self.raw.decodes() && !self.conversion.changes();
        if self.raw.in_memory() || plain && n_reads < PLAIN_READS {
            return None;
        }
        let size =
            if self.conversion.widens() { size_of::<f64>() } else { read_size(self.raw.dtype()) };
        let n = self.labels.len().checked_mul(self.n_classes * size)?;
        u64::try_from(n).ok()
    }

    /// Shows rows from `first_row` on to `visit`, and says how many they are.
    fn visit(
        &self,
        first_row: usize,
        values: ValuesRef<'_>,
        visit: &mut Visit<'_>,
    ) -> Result<usize, Stopped> {
        let n_rows = values.len() / self.n_classes;
        let labels = self.labels.get(first_row..first_row + n_rows);
        let labels =
            labels.ok_or_else(|| Problem::new("there are more rows than when it was opened"))?;
        visit(Batch { first_row, n_classes: self.n_classes, values, labels })?;
        Ok(n_rows)
    }

    fn read_held(&self, all: ValuesRef<'_>, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        let k = self.n_classes;
        let n_block = block_rows(k, read_size(self.raw.dtype()));
        for start in (0..self.labels.len()).step_by(n_block) {
            let end = (start + n_block).min(self.labels.len());
            let block = all.slice(start * k, end * k);
            self.conversion.check(start, block)?;
            self.visit(start, block, visit)?;
        }
        Ok(())
    }

    fn error(&self, stopped: Stopped) -> SourceError {
        match stopped {
            Stopped::Visitor(error) => error,
            Stopped::Reader(problem) if problem.is_cancelled() => SourceError::Cancelled,
            Stopped::Reader(problem) => SourceError::Read(Box::new(problem.at(&self.path))),
        }
    }
}

/// Who ended a read early.
enum Stopped {
    Visitor(SourceError),
    Reader(Problem),
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Self::Reader(problem)
    }
}

impl From<SourceError> for Stopped {
    fn from(error: SourceError) -> Self {
        Self::Visitor(error)
    }
}

impl BatchSource for Source {
    fn n_classes(&self) -> usize {
        self.inner.n_classes
    }

    fn n_rows(&self) -> usize {
        self.inner.labels.len()
    }

    fn kind(&self) -> Kind {
        self.inner.kind
    }

    fn recorded(&self) -> Recorded {
        Recorded { kind: self.inner.kind, is_rounded: self.inner.conversion.rounding.is_rounded() }
    }

    fn read(&self, visit: &mut Visit<'_>) -> Result<(), SourceError> {
        let inner = &*self.inner;
        let done = if let Some(all) = inner.held() {
            inner.read_held(all, visit)
        } else if let Some(kept) = inner.kept.get() {
            let mut first_row = 0;
            kept.blocks.iter().try_for_each(|block| {
                first_row += inner.visit(first_row, block.as_ref(), visit)?;
                Ok(())
            })
        } else {
            self.stream(visit)
        };
        done.map_err(|stopped| inner.error(stopped))
    }

    fn sample(&self, n_wanted: usize, visit: &mut Visit<'_>) -> Result<(), SourceError> {
        let (inner, k) = (&*self.inner, self.inner.n_classes);
        let mut show = |run: &Range<usize>, values: ValuesRef<'_>, at: usize| {
            let rows = values.slice(at * k, (at + run.len()) * k);
            let shown = inner.visit(run.start, rows, visit);
            shown.map(drop).map_err(|stopped| inner.error(stopped))
        };
        if let Some(sample) = &inner.sample {
            return sample.some(n_wanted).try_for_each(|run| {
                let at = sample.rows.partition_point(|r| *r < run.start);
                show(run, sample.values.as_ref(), at)
            });
        }
        let all = inner.raw.held().unwrap_or(ValuesRef::F32(&[]));
        let runs = sample_runs(self.n_rows(), k, n_wanted);
        runs.iter().try_for_each(|run| show(run, all, run.start))
    }

    fn file_rows(&self) -> FileRows {
        self.inner.file_rows.clone()
    }

    fn sha256_labels(&self) -> String {
        sha256_of_labels(self.inner.labels.iter().copied())
    }

    fn carried(&self) -> Arc<Carried> {
        self.inner.carried.clone()
    }

    fn soft_labels(&self) -> Option<Arc<SoftLabels>> {
        self.inner.soft_labels.clone()
    }

    fn n_entries(&self) -> usize {
        self.inner.n_entries
    }

    fn overflowed(&self) -> bool {
        self.inner.overflowed
    }
}

impl fmt::Debug for Source {
    /// The scores are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Source");
        out.field("path", &self.inner.path).field("raw", &self.inner.raw);
        out.field("kind", &self.inner.kind).finish_non_exhaustive()
    }
}

/// One opened file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What was understood.
    pub info: SourceInfo,
    /// The rows to fit on (all rows, or the val part).
    pub fit: Source,
    /// The rows to judge on, where the file has a test part.
    pub test: Option<Source>,
    /// True if class 0 of the file is class 1 here, because `positive` says so: the two columns, their
    /// names and the labels have changed places.
    pub swapped: bool,
}

impl Loaded {
    /// The same rows to fit on, and those of `other` to judge on: its test part, or all of it. Both share
    /// the memory of the first.
    #[must_use]
    pub fn judged_on(self, other: Self) -> Self {
        let mut test = other.test.unwrap_or(other.fit);
        test.share_memory_of(&self.fit);
        Self { test: Some(test), ..self }
    }
}

#[cfg(test)]
mod tests;
