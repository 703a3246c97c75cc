//! Passes over all K scores of every summarised row, for what needs more than a row's curve.
//!
//! The scores come from the rows themselves where they are kept, and else from the source that the rows were made
//! of. Rows are handed out in groups whose bounds depend on their number alone, and sums are added up in a fixed
//! order: neither the number of threads nor the batches of a source change a bit of the result.

use rayon::prelude::*;

use crate::data::{Batch, BatchSource, SourceError, Values, ValuesRef};
use crate::numerics::Score;

use super::block_rows;
use super::curve::Curves;
use super::rows::RowSummaries;

/// Sums that are made side by side, whatever the number of threads.
const LANES: usize = 16;

/// All scores of summarised rows.
#[derive(Clone, Copy)]
pub struct Scores<'a> {
    rows: &'a RowSummaries,
    source: Option<&'a dyn BatchSource>,
}

/// Consecutive usable rows with all their scores.
#[derive(Clone, Copy, Debug)]
pub struct ScoreRows<'a, S> {
    /// Index of the first one among the usable rows.
    pub first: usize,
    /// K.
    pub n_classes: usize,
    /// n x K scores, row-major, as logits.
    pub values: &'a [S],
}

impl<'a, S> ScoreRows<'a, S> {
    /// Each row's index among the usable rows and its K scores.
    pub fn iter(self) -> impl Iterator<Item = (usize, &'a [S])> {
        (self.first..).zip(self.values.chunks_exact(self.n_classes))
    }
}

/// Something that is added up over rows.
pub trait RowFold: Sync {
    /// The sum.
    type Sum: Send;

    /// The sum over no row.
    fn empty(&self) -> Self::Sum;

    /// Adds `rows` to `sum`.
    fn add<S: Score>(&self, sum: &mut Self::Sum, rows: ScoreRows<'_, S>);
}

/// Some numbers for every row.
pub trait RowMap: Sync {
    /// How many numbers a row has, at least 1.
    fn width(&self) -> usize;

    /// Fills the numbers of `rows`, row by row.
    fn fill<S: Score>(&self, rows: ScoreRows<'_, S>, out: &mut [f64]);
}

/// The pass itself: a group of rows at a time.
type VisitGroup<'a> = &'a mut dyn FnMut(usize, ValuesRef<'_>) -> Result<(), SourceError>;

impl<'a> Scores<'a> {
    /// The scores of `rows`; `source` must be the one they were made from. `None` if neither has them.
    pub fn new(rows: &'a RowSummaries, source: Option<&'a dyn BatchSource>) -> Option<Self> {
        (rows.keeps_scores() || source.is_some()).then_some(Self { rows, source })
    }

    /// The rows.
    pub fn rows(self) -> &'a RowSummaries {
        self.rows
    }

    /// One pass; the sums of a fixed number of lanes, to be merged in this order. `keep_going` gets the number
    /// of usable rows done.
    ///
    /// # Errors
    /// [`SourceError::Cancelled`] once `keep_going` says no, or why the source could not be read.
    pub fn fold<F: RowFold>(
        self,
        fold: &F,
        keep_going: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Vec<F::Sum>, SourceError> {
        let mut sums: Vec<F::Sum> = (0..LANES).map(|_| fold.empty()).collect();
        self.groups(&mut |first, values| {
            match values {
                ValuesRef::F32(v) => self.fold_group(fold, (first, v), &mut sums),
                ValuesRef::F64(v) => self.fold_group(fold, (first, v), &mut sums),
            }
            self.go_on(first, values.len(), keep_going)
        })?;
        Ok(sums)
    }

    fn fold_group<F: RowFold, S: Score>(
        self,
        fold: &F,
        (first, values): (usize, &[S]),
        sums: &mut [F::Sum],
    ) {
        let n_block = block_rows(self.rows.n_classes);
        let blocks = values.par_chunks(n_block * self.rows.n_classes);
        let lanes = sums.par_iter_mut().zip(blocks).enumerate();
        lanes.for_each(|(idx, (sum, values))| {
            fold.add(sum, self.block(first + idx * n_block, values));
        });
    }

    /// One pass; [`RowMap::width`] numbers for every usable row, in order.
    ///
    /// # Errors
    /// As [`Self::fold`].
    pub fn map<M: RowMap>(
        self,
        map: &M,
        keep_going: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Vec<f64>, SourceError> {
        let width = map.width();
        let mut all = vec![0.0; self.rows.len() * width];
        self.groups(&mut |first, values| {
            let n_rows = values.len() / self.rows.n_classes;
            let out = &mut all[first * width..(first + n_rows) * width];
            match values {
                ValuesRef::F32(v) => self.map_group(map, (first, v), out),
                ValuesRef::F64(v) => self.map_group(map, (first, v), out),
            }
            self.go_on(first, values.len(), keep_going)
        })?;
        Ok(all)
    }

    fn map_group<M: RowMap, S: Score>(
        self,
        map: &M,
        (first, values): (usize, &[S]),
        out: &mut [f64],
    ) {
        let n_block = block_rows(self.rows.n_classes);
        let blocks = values.par_chunks(n_block * self.rows.n_classes);
        let out = out.par_chunks_mut(n_block * map.width());
        out.zip(blocks).enumerate().for_each(|(idx, (out, values))| {
            map.fill(self.block(first + idx * n_block, values), out);
        });
    }

    fn block<S>(self, first: usize, values: &[S]) -> ScoreRows<'_, S> {
        ScoreRows { first, n_classes: self.rows.n_classes, values }
    }

    fn go_on(
        self,
        first: usize,
        n_values: usize,
        keep_going: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), SourceError> {
        let done = first + n_values / self.rows.n_classes;
        if keep_going(done as u64) { Ok(()) } else { Err(SourceError::Cancelled) }
    }

    /// Rows of a group: a block for every lane.
    fn group_rows(self) -> usize {
        LANES * block_rows(self.rows.n_classes)
    }

    fn groups(self, visit: VisitGroup<'_>) -> Result<(), SourceError> {
        if let Curves::Rows(values) = &self.rows.curves {
            let n_group = self.group_rows();
            let k = self.rows.n_classes;
            let mut starts = (0..self.rows.len()).step_by(n_group);
            return starts.try_for_each(|start| {
                let end = (start + n_group).min(self.rows.len());
                visit(start, values.slice(start * k, end * k))
            });
        }
        let Some(source) = self.source else {
            return Ok(());
        };
        let mut group = Group::new(self);
        source.read(&mut |batch| group.add(&batch, visit))?;
        group.flush(visit)
    }
}

/// The usable rows of some batches, until there are enough of them.
struct Group<'a> {
    scores: Scores<'a>,
    /// Index of its first row among the usable rows.
    first: usize,
    /// Index of the next row.
    next: usize,
    narrow: Vec<f32>,
    wide: Vec<f64>,
}

impl<'a> Group<'a> {
    fn new(scores: Scores<'a>) -> Self {
        Self { scores, first: 0, next: 0, narrow: Vec::new(), wide: Vec::new() }
    }

    fn add(&mut self, batch: &Batch<'_>, visit: VisitGroup<'_>) -> Result<(), SourceError> {
        let rows = &self.scores.rows.columns.row;
        let k = batch.n_classes;
        let end = (batch.first_row + batch.labels.len()) as u64;
        while let Some(&row) = rows.get(self.next).filter(|row| **row < end) {
            #[expect(clippy::cast_possible_truncation, reason = "a row of a batch in memory")]
            let start = (row - batch.first_row as u64) as usize * k;
            match batch.values {
                ValuesRef::F32(v) => self.narrow.extend_from_slice(&v[start..start + k]),
                ValuesRef::F64(v) => self.wide.extend_from_slice(&v[start..start + k]),
            }
            self.next += 1;
            if self.next - self.first == self.scores.group_rows() {
                self.flush(visit)?;
            }
        }
        Ok(())
    }

    /// Hands out what has come together. A source delivers one type of values.
    fn flush(&mut self, visit: VisitGroup<'_>) -> Result<(), SourceError> {
        if self.next > self.first {
            let values = if self.wide.is_empty() {
                ValuesRef::F32(&self.narrow)
            } else {
                ValuesRef::F64(&self.wide)
            };
            visit(self.first, values)?;
        }
        self.first = self.next;
        self.narrow.clear();
        self.wide.clear();
        Ok(())
    }
}

impl RowSummaries {
    /// The kept scores; `None` if the rows keep nodes.
    pub fn kept_scores(&self) -> Option<&Values> {
        match &self.curves {
            Curves::Rows(values) => Some(values),
            Curves::Nodes(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Kind, Label, MemorySource};
    use crate::summarize::summarize;

    struct Total;

    impl RowFold for Total {
        type Sum = (f64, usize);

        fn empty(&self) -> Self::Sum {
            (0.0, 0)
        }

        fn add<S: Score>(&self, sum: &mut Self::Sum, rows: ScoreRows<'_, S>) {
            for (_, row) in rows.iter() {
                sum.0 += row.iter().map(|z| z.widen()).sum::<f64>().sqrt();
                sum.1 += 1;
            }
        }
    }

    struct Place;

    impl RowMap for Place {
        fn width(&self) -> usize {
            2
        }

        fn fill<S: Score>(&self, rows: ScoreRows<'_, S>, out: &mut [f64]) {
            for ((idx, row), out) in rows.iter().zip(out.chunks_exact_mut(2)) {
                (out[0], out[1]) = (idx as f64, row[0].widen());
            }
        }
    }

    /// Every ninth row is to be left out.
    fn source(n: usize, k: usize) -> MemorySource {
        let values = (0..n * k).map(|i| (i * 7919 % 1009) as f32 / 97.0).collect();
        let label = |i: usize| match i % 9 {
            4 => Label::IGNORED,
            _ => Label::class(1).expect("small"),
        };
        let labels = (0..n).map(label).collect();
        MemorySource::new(k, Kind::Logits, Values::F32(values), labels).expect("lengths agree")
    }

    #[test]
    fn batches_and_threads_change_no_bit_and_every_usable_row_comes_once() {
        for (n, k) in [(3000, 300), (20_000, 5)] {
            let (plain, odd) = (source(n, k), source(n, k).in_batches_of(7));
            let rows = summarize(&plain, 1.0, &mut |_| true).expect("in memory");
            let of = |source: &dyn BatchSource, threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                let scores = Scores::new(&rows, Some(source)).expect("a source");
                let fold = || scores.fold(&Total, &mut |_| true).expect("in memory");
                pool.expect("a pool").install(fold)
            };
            let sums = of(&plain, 1);
            assert_eq!(sums, of(&odd, 3));
            assert_eq!(sums.iter().map(|sum| sum.1).sum::<usize>(), rows.len());
        }
    }

    #[test]
    fn a_map_keeps_the_order_of_the_rows() {
        let odd = source(3000, 100).in_batches_of(7);
        let rows = summarize(&odd, 1.0, &mut |_| true).expect("in memory");
        assert!(Scores::new(&rows, None).is_none(), "nodes alone");
        let scores = Scores::new(&rows, Some(&odd)).expect("a source");
        let got = scores.map(&Place, &mut |_| true).expect("in memory");
        for (idx, pair) in got.chunks_exact(2).enumerate() {
            let row = rows.columns().row[idx];
            let first = (row * 100 * 7919 % 1009) as f32 / 97.0;
            assert_eq!(pair, [idx as f64, f64::from(first)]);
        }
        let stopped = scores.map(&Place, &mut |_| false);
        assert!(matches!(stopped, Err(SourceError::Cancelled)));
    }
}
