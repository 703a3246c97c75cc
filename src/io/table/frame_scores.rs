//! The scores of a table with types, read frame by frame into row-major blocks.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use polars::prelude::Series;
use rayon::prelude::*;

use super::super::array::Dtype;
use super::super::error::Problem;
use super::super::picked::{BadRows, RowNames};
use super::super::progress::Watch;
use super::super::raw::{Deliver, RawScores, Spare, block_rows, read_size};
use super::frames::{Frame, Frames, n_rows};
use super::guard::guard;
use super::lists::push_lists;
use super::numbers::{Cells, Number, decode, is_narrow};
use super::{sampled, transpose};
use crate::data::Values;

/// How the scores of a row are stored, with the names for messages.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// One column for each class.
    Wide(Vec<String>),
    /// One column of lists.
    List(String),
    /// One column of records.
    Record(Vec<String>),
}

/// Brings frames whose columns are scores to row-major blocks.
#[derive(Clone, Debug)]
pub(super) struct Decoder {
    pub(super) layout: Layout,
    pub(super) n_cols: usize,
    /// The type the scores are stored in.
    pub(super) dtype: Dtype,
}

/// The next rows, and how many come before them.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) frame: &'a Frame,
    pub(super) first_row: usize,
}

impl Decoder {
    /// Delivers the rows in blocks, up to the first one with a bad cell; all bad cells are added to `bad`.
    pub(super) fn deliver(
        &self,
        rows: Rows<'_>,
        bad: &mut BadRows,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        if is_narrow(self.dtype) {
            self.deliver_as::<f32>(rows, bad, spare, deliver)
        } else {
            self.deliver_as::<f64>(rows, bad, spare, deliver)
        }
    }

    fn deliver_as<T: Number>(
        &self,
        rows: Rows<'_>,
        bad: &mut BadRows,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        match &self.layout {
            Layout::List(name) => self.lists::<T>(rows, name, bad, (spare, deliver)),
            Layout::Wide(names) => {
                let columns = &rows.frame.columns[..names.len()];
                self.wide::<T>(rows, columns, bad, (spare, deliver))
            }
            Layout::Record(_) => {
                let record = &rows.frame.columns[0];
                let columns = guard(|| Ok(record.struct_()?.fields_as_series()))?;
                self.wide::<T>(rows, &columns, bad, (spare, deliver))
            }
        }
    }

    fn names(&self) -> &[String] {
        match &self.layout {
            Layout::Wide(names) | Layout::Record(names) => names,
            Layout::List(name) => std::slice::from_ref(name),
        }
    }

    /// The blocks of a frame: first row and number of rows of each.
    fn blocks(&self, frame: &Frame) -> impl Iterator<Item = (usize, usize)> + use<> {
        let n_rows = frame.n_rows;
        let n_block = block_rows(self.n_cols, read_size(self.dtype));
        (0..n_rows).step_by(n_block).map(move |start| (start, n_block.min(n_rows - start)))
    }

    fn wide<T: Number>(
        &self,
        rows: Rows<'_>,
        columns: &[Series],
        bad: &mut BadRows,
        (spare, deliver): (&mut Spare<'_>, &mut Deliver<'_>),
    ) -> Result<(), Problem> {
        let first_row = rows.first_row;
        let columns = columns.par_iter().zip(self.names());
        let columns = columns.map(|(series, name)| column(series, name, first_row));
        let columns: Vec<(Cow<'_, [T]>, BadRows)> = columns.collect::<Result<_, _>>()?;
        let mut views: Vec<&[T]> = Vec::with_capacity(columns.len());
        let mut found = BadRows::default();
        for (values, bad) in &columns {
            views.push(values);
            found.merge(bad.clone());
        }
        let is_good = found.first().is_none();
        bad.merge(found);
        for (start, n_rows) in self.blocks(rows.frame).take_while(|_| is_good) {
            let mut block = T::buffer(spare());
            transpose::push_rows(&mut block, &views, start, n_rows);
            deliver(T::values(block))?;
        }
        Ok(())
    }

    fn lists<T: Number>(
        &self,
        rows: Rows<'_>,
        name: &str,
        bad: &mut BadRows,
        (spare, deliver): (&mut Spare<'_>, &mut Deliver<'_>),
    ) -> Result<(), Problem> {
        for (start, n_rows) in self.blocks(rows.frame) {
            let part = rows.frame.slice(start, n_rows);
            let lists = Cells { series: &part.columns[0], name, first_row: rows.first_row + start };
            let mut block = T::buffer(spare());
            push_lists(&mut block, &lists, self.n_cols, bad)?;
            if bad.first().is_none() {
                deliver(T::values(block))?;
            }
        }
        Ok(())
    }
}

/// One column as numbers, and what is wrong with it.
fn column<'a, T: Number>(
    series: &'a Series,
    name: &'a str,
    first_row: usize,
) -> Result<(Cow<'a, [T]>, BadRows), Problem> {
    let mut bad = BadRows::default();
    let cells = Cells { series, name, first_row };
    decode(&cells, &mut bad).map(|values| (values, bad))
}

/// The scores of one file whose pieces can be read in any order.
pub(super) struct FrameScores {
    pub(super) frames: Arc<dyn Frames>,
    /// The columns of the scores.
    pub(super) columns: Vec<usize>,
    pub(super) decoder: Decoder,
    /// Lines before the first row.
    pub(super) n_lines_before: usize,
}

impl RawScores for FrameScores {
    fn n_rows(&self) -> usize {
        n_rows(&*self.frames)
    }

    fn n_cols(&self) -> usize {
        self.decoder.n_cols
    }

    fn dtype(&self) -> Dtype {
        self.decoder.dtype
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let mut first_row = range.start;
        self.frames.read(&self.columns, range, &mut |frame| {
            let rows = Rows { frame: &frame, first_row };
            let mut bad = BadRows::default();
            self.decoder.deliver(rows, &mut bad, spare, deliver)?;
            first_row += frame.n_rows;
            check_scores(&bad, &RowNames::of_file(self.n_lines_before))
                .map_err(|p| self.frames.within(p))?;
            // The next piece may take a while.
            deliver(Values::default())
        })
    }

    fn pieces(&self) -> Option<Vec<Range<usize>>> {
        Some(self.frames.pieces().to_vec())
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        sampled::rows(self, self.frames.pieces(), wanted, watch)
    }
}

/// Refuses a table with cells that are no numbers.
pub(super) fn check_scores(bad: &BadRows, rows: &RowNames) -> Result<(), Problem> {
    bad.check(rows).map_err(|p| {
        p.hint("correct the values in the file; a score that was lost is written nan, and a class that a row does not have -inf")
    })
}
