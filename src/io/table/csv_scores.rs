//! The scores of a CSV file that is too large to be kept: parsed again for every pass.

use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::progress::Watch;
use super::super::raw::{Deliver, RawScores, Spare, block_rows};
use super::csv_rows::{CsvRows, Wanted};
use super::numbers::Number;
use super::sampled;
use super::text::Place;
use crate::data::Values;

/// The scores of one file whose every cell was looked at before.
pub(super) struct CsvScores {
    rows: Arc<CsvRows>,
    wanted: Wanted,
    n_cols: usize,
    places: Vec<Place>,
    pieces: Vec<Range<usize>>,
}

impl CsvScores {
    /// These columns of `rows`; `places` are where the runs start that hold the rows of `pieces`.
    pub(super) fn new(
        rows: Arc<CsvRows>,
        columns: &[usize],
        places: Vec<Place>,
        pieces: Vec<Range<usize>>,
    ) -> Self {
        Self {
            wanted: Wanted::new(rows.names.len(), columns, None, None),
            n_cols: columns.len(),
            rows,
            places,
            pieces,
        }
    }

    /// Where to start reading for row `row`.
    fn place_of(&self, row: usize) -> Place {
        let next = self.places.partition_point(|place| place.row <= row);
        self.places[..next].last().copied().unwrap_or(self.rows.start)
    }
}

impl RawScores for CsvScores {
    fn n_rows(&self) -> usize {
        self.pieces.last().map_or(0, |last| last.end)
    }

    fn n_cols(&self) -> usize {
        self.n_cols
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
        let mut blocks = Blocks {
            n_block: block_rows(self.n_cols, size_of::<f64>()) * self.n_cols,
            filling: None,
        };
        let start = self.place_of(range.start);
        self.rows.parse(start, &self.wanted, &mut |span, parts| {
            let mut row = span.start.row;
            for part in parts {
                let within = |at: usize| at.clamp(row, row + part.n_rows) - row;
                let (start, end) = (within(range.start), within(range.end));
                let scores = &part.scores[start * self.n_cols..end * self.n_cols];
                blocks.push(scores, spare, deliver)?;
                row += part.n_rows;
            }
            // The next run may take a while.
            deliver(Values::default())?;
            Ok(if row < range.end { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        blocks.finish(deliver)
    }

    fn pieces(&self) -> Option<Vec<Range<usize>>> {
        Some(self.pieces.clone())
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        sampled::rows(self, &self.pieces, wanted, watch)
    }
}

/// Gathers scores into blocks.
struct Blocks {
    /// Scores of a block.
    n_block: usize,
    filling: Option<Vec<f64>>,
}

impl Blocks {
    fn push(
        &mut self,
        mut scores: &[f64],
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        while !scores.is_empty() {
            let block = self.filling.get_or_insert_with(|| f64::buffer(spare()));
            let (now, later) = scores.split_at(scores.len().min(self.n_block - block.len()));
            block.extend_from_slice(now);
            scores = later;
            if block.len() == self.n_block {
                self.finish(deliver)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self, deliver: &mut Deliver<'_>) -> Result<(), Problem> {
        let full = self.filling.take();
        full.map_or(Ok(()), |block| deliver(Values::F64(block)))
    }
}
