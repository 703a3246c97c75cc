//! Sources over scores that count, chop, stop and lie.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::super::OpenOptions;
use super::super::array::Dtype;
use super::super::picked::RowNames;
use super::super::progress::Watch;
use super::super::raw::{Deliver, Spare};
use super::super::rounding::Rounding;
use super::*;

/// Rows of two scores (row, -row), in blocks of any size.
struct Made {
    n_rows: usize,
    /// What it delivers, which may be something else.
    n_delivered: usize,
    n_block: usize,
    panics: bool,
    n_reads: AtomicUsize,
    n_blocks: AtomicUsize,
}

impl Made {
    fn new(n_rows: usize, n_block: usize) -> Self {
        Self {
            n_rows,
            n_delivered: n_rows,
            n_block,
            panics: false,
            n_reads: AtomicUsize::new(0),
            n_blocks: AtomicUsize::new(0),
        }
    }

    fn rows_of(range: impl Iterator<Item = usize>) -> Values {
        Values::F64(range.flat_map(|r| [r as f64, -(r as f64)]).collect())
    }
}

impl RawScores for Made {
    fn n_rows(&self) -> usize {
        self.n_rows
    }

    fn n_cols(&self) -> usize {
        2
    }

    fn dtype(&self) -> Dtype {
        Dtype::F64
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        self.n_reads.fetch_add(1, Ordering::SeqCst);
        let end = range.end.min(self.n_delivered) + self.n_delivered.saturating_sub(self.n_rows);
        for start in (range.start..end).step_by(self.n_block) {
            drop(spare());
            self.n_blocks.fetch_add(1, Ordering::SeqCst);
            deliver(Values::default())?;
            deliver(Self::rows_of(start..(start + self.n_block).min(end)))?;
            assert!(!self.panics, "a bug in a reader");
        }
        Ok(())
    }

    fn rows(&self, wanted: &[usize], _: &mut Watch<'_>) -> Result<Values, Problem> {
        Ok(Self::rows_of(wanted.iter().copied()))
    }
}

fn budget(bytes: u64) -> Budget {
    Budget::new(&OpenOptions { memory: Some(bytes), ..OpenOptions::default() })
}

fn source_of(raw: Arc<Made>, kind: Kind, budget: Budget) -> Source {
    let mut go_on = |_| true;
    let mut watch = Watch::new(&mut go_on, 0).unwrap();
    Source::new(Ingredients {
        sample: Sample::of(&*raw, &mut watch).unwrap(),
        conversion: Conversion {
            kind,
            n_cols: 2,
            swap: false,
            fill: None,
            claimed: Some(RowNames::default()),
            rounding: Arc::new(Rounding::of(raw.dtype())),
        },
        labels: vec![Label::IGNORED; raw.n_rows],
        soft_labels: None,
        carried: Carried::default(),
        n_entries: 1,
        overflowed: false,
        file_rows: FileRows::default(),
        path: "made".into(),
        budget,
        raw,
    })
    .unwrap()
}

fn source(raw: &Arc<Made>, bytes: u64) -> Source {
    source_of(raw.clone(), Kind::Logits, budget(bytes))
}

/// All scores, with every row checked to be where it says it is.
fn all(source: &Source) -> Vec<f64> {
    let mut all = Vec::new();
    let read = source.read(&mut |batch| {
        let ValuesRef::F64(v) = batch.values else { panic!("f64") };
        assert_eq!(batch.first_row * 2, all.len());
        assert_eq!(batch.labels.len() * 2, v.len());
        all.extend_from_slice(v);
        Ok(())
    });
    read.unwrap();
    all
}

fn message(result: Result<(), SourceError>) -> String {
    result.expect_err("an error").to_string()
}

#[test]
fn blocks_of_any_size_bring_the_same_rows() {
    let Values::F64(expected) = Made::rows_of(0..1000) else { panic!("f64") };
    for n_block in [1, 7, 64, 999, 1000, 5000] {
        for bytes in [0, 1 << 20] {
            let raw = Arc::new(Made::new(1000, n_block));
            let source = source(&raw, bytes);
            for n_reads in 1..=3 {
                assert_eq!(all(&source), expected);
                let expected_reads = if bytes == 0 { n_reads } else { 1 };
                assert_eq!(raw.n_reads.load(Ordering::SeqCst), expected_reads);
            }
        }
    }
}

#[test]
fn parts_share_one_budget_and_clones_one_copy() {
    let (first, second) = (Arc::new(Made::new(100, 10)), Arc::new(Made::new(100, 10)));
    let shared = budget(100 * 2 * 8 + 7);
    let fit = source_of(first.clone(), Kind::Logits, shared.clone());
    let test = source_of(second.clone(), Kind::Logits, shared);
    for _ in 0..2 {
        all(&fit);
        all(&fit.clone());
        all(&test);
    }
    let n_reads = [first, second].map(|raw| raw.n_reads.load(Ordering::SeqCst));
    assert_eq!(n_reads, [1, 2]);
    drop(fit);
    all(&test);
    let freed = test.budget.reserve(1);
    assert!(freed.is_some(), "what the first part gave back is not all taken");
}

#[test]
fn reading_ahead_is_bounded_and_stops_when_told() {
    let raw = Arc::new(Made::new(1000, 1));
    let source = source(&raw, 0);
    let mut n_seen = 0;
    let stopped = source.read(&mut |_| {
        n_seen += 1;
        std::thread::sleep(Duration::from_millis(2));
        // Two wait, one is being made.
        let n_blocks = raw.n_blocks.load(Ordering::SeqCst);
        assert!(n_blocks <= n_seen + 3, "{n_blocks} blocks after {n_seen}");
        if n_seen == 20 {
            return Err(SourceError::Cancelled);
        }
        Ok(())
    });
    assert!(matches!(stopped, Err(SourceError::Cancelled)));
    drop(source);
    let deadline = Instant::now() + Duration::from_secs(20);
    while Arc::strong_count(&raw) > 1 {
        assert!(Instant::now() < deadline, "the reader goes on");
        std::thread::yield_now();
    }
    assert!(raw.n_blocks.load(Ordering::SeqCst) <= 24);
}

#[test]
fn a_read_that_was_stopped_leaves_nothing_behind() {
    let raw = Arc::new(Made::new(100, 10));
    let source = source(&raw, 100 * 2 * 8);
    let stopped = source.read(&mut |_| Err(SourceError::Cancelled));
    assert!(matches!(stopped, Err(SourceError::Cancelled)));
    assert_eq!(all(&source).len(), 200);
    assert_eq!(all(&source).len(), 200);
    assert_eq!(raw.n_reads.load(Ordering::SeqCst), 2);
}

#[test]
fn readers_that_panic_or_lie_are_errors() {
    let made = |change: fn(&mut Made)| {
        let mut raw = Made::new(100, 10);
        change(&mut raw);
        message(source(&Arc::new(raw), 0).read(&mut |_| Ok(())))
    };
    assert_eq!(made(|raw| raw.panics = true), "made: the reader failed: a bug in a reader");
    assert!(made(|raw| raw.n_delivered = 90).contains("fewer rows"));
    assert!(made(|raw| raw.n_delivered = 110).contains("more rows"));
}

#[test]
fn scores_that_a_flag_contradicts_are_named_when_they_are_met() {
    let raw = Arc::new(Made::new(3, 1));
    let source = source_of(raw, Kind::LogProbs, budget(0));
    let error = message(source.read(&mut |_| Ok(())));
    assert_eq!(error, "made: row 2, score 1: 1 is none of the log-probabilities");
}

#[test]
fn samples_hold_the_rows_they_name() {
    for n_rows in [1, 5, 4096, 8192, 8193, 100_000] {
        let source = source(&Arc::new(Made::new(n_rows, 4096)), 0);
        for n_wanted in [1, 100, 4096, usize::MAX] {
            let (mut rows, mut last) = (0, None);
            let visited = source.sample(n_wanted, &mut |batch| {
                let ValuesRef::F64(v) = batch.values else { panic!("f64") };
                for (i, row) in v.chunks_exact(2).enumerate() {
                    let row_idx = batch.first_row + i;
                    assert!(last.is_none_or(|last| last < row_idx) && row_idx < n_rows);
                    assert!(row[0].to_bits() == (row_idx as f64).to_bits());
                    last = Some(row_idx);
                    rows += 1;
                }
                Ok(())
            });
            visited.unwrap();
            // Whole runs of at most 8 rows.
            assert!(rows >= 1 && rows <= n_wanted.saturating_add(7), "{rows} of {n_wanted}");
            assert!(rows >= n_rows.min(n_wanted).min(8192) / 2, "{rows} of {n_wanted}");
        }
    }
}
