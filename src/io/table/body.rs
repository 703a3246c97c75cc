//! Reading the labels, the parts and (where that is one and the same) the scores of one table file.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use polars::prelude::Series;

use super::super::carry::CarrySink;
use super::super::error::Problem;
use super::super::memory::Budget;
use super::super::names::PartName;
use super::super::picked::BadRows;
use super::super::progress::Watch;
use super::super::raw::{HeldScores, RawScores};
use super::carried;
use super::columns::{Column, ScoreColumns, Selection};
use super::csv_rows::{CsvRows, Wanted};
use super::csv_scores::CsvScores;
use super::frame_scores::{Decoder, FrameScores, Layout, Rows};
use super::frames::{Frame, Frames, n_rows, pieces_of};
use super::kept::Kept;
use super::label_column::{LabelSink, parts_of};
use super::lists;
use super::ndjson::{IndexedJson, JsonRows};
use super::numbers::is_narrow;
use super::opened::Body;
use super::text::Place;
use crate::data::Values;

/// What is wanted of a file.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) columns: &'a [Column],
    pub(super) selection: &'a Selection,
    pub(super) n_lines_before: usize,
    pub(super) budget: &'a Budget,
}

/// What was gathered besides the scores.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) labels: LabelSink,
    pub(super) parts: Vec<Option<PartName>>,
    pub(super) bad_scores: BadRows,
    pub(super) carried: CarrySink,
}

impl Task<'_> {
    /// The columns of the scores.
    fn scores(&self) -> Vec<usize> {
        match &self.selection.scores {
            ScoreColumns::Wide(idxs) => idxs.clone(),
            ScoreColumns::List(idx) | ScoreColumns::Record(idx, _) => vec![*idx],
        }
    }

    /// The columns of labels and parts.
    fn beside(&self) -> Vec<usize> {
        let beside = self.selection.labels.into_iter();
        beside.chain(self.selection.split).collect()
    }

    fn name(&self, column: usize) -> &str {
        &self.columns[column].name
    }

    /// How the scores are stored, except for the width of lists.
    fn layout(&self) -> Layout {
        match &self.selection.scores {
            ScoreColumns::Wide(idxs) => {
                Layout::Wide(idxs.iter().map(|&i| self.name(i).to_owned()).collect())
            }
            ScoreColumns::List(idx) => Layout::List(self.name(*idx).to_owned()),
            ScoreColumns::Record(_, fields) => Layout::Record(fields.clone()),
        }
    }

    /// Appends the labels and parts of `frame`, which holds these columns alone.
    fn push_beside(&self, columns: &[Series], out: &mut Beside) -> Result<(), Problem> {
        let mut columns = columns.iter();
        if let Some(idx) = self.selection.labels
            && let Some(labels) = columns.next()
        {
            out.labels.push(labels, self.name(idx))?;
        }
        if self.selection.split.is_some()
            && let Some(parts) = columns.next()
        {
            out.parts.extend(parts_of(parts)?);
        }
        for (place, (idx, series)) in self.selection.carried.iter().zip(columns).enumerate() {
            let values = carried::values_of(series, &self.columns[*idx].ty)?;
            out.carried.push(place, values);
        }
        Ok(())
    }
}

/// Reads labels and parts of a file into `beside`. What is returned reads the scores.
pub(super) fn read(
    body: Body,
    task: Task<'_>,
    decoder: &Decoder,
    beside: &mut Beside,
    watch: &mut Watch<'_>,
) -> Result<Arc<dyn RawScores>, Problem> {
    match body {
        Body::Frames(frames) => frames_of(frames.into(), task, decoder, beside, watch),
        Body::Csv(rows) => csv(rows, task, beside, watch),
        Body::Json(rows) => json(rows, task, decoder, beside, watch),
    }
}

/// How the scores are brought to rows. The first list tells the width of all.
pub(super) fn decoder(
    body: &Body,
    task: Task<'_>,
    dtype: super::super::array::Dtype,
) -> Result<Decoder, Problem> {
    let layout = task.layout();
    let n_cols = match &layout {
        Layout::Wide(names) | Layout::Record(names) => names.len(),
        Layout::List(_) => width(body, &task.scores())?,
    };
    Ok(Decoder { layout, n_cols, dtype })
}

fn width(body: &Body, columns: &[usize]) -> Result<usize, Problem> {
    let mut width = 0;
    match body {
        Body::Frames(frames) => {
            frames.read(columns, 0..1.min(n_rows(&**frames)), &mut |frame| {
                width = lists::width(&frame.columns[0])?;
                Ok(())
            })?;
        }
        Body::Json(rows) => rows.parse(None, columns, &mut |_, frames| {
            let first = frames.iter().find(|frame| frame.n_rows > 0);
            width = first.map_or(Ok(0), |frame| lists::width(&frame.columns[0]))?;
            Ok(ControlFlow::Break(()))
        })?,
        Body::Csv(_) => {}
    }
    Ok(width)
}

fn frames_of(
    frames: Arc<dyn Frames>,
    task: Task<'_>,
    decoder: &Decoder,
    beside: &mut Beside,
    watch: &mut Watch<'_>,
) -> Result<Arc<dyn RawScores>, Problem> {
    let columns = task.beside();
    if !columns.is_empty() {
        frames.read(&columns, 0..n_rows(&*frames), &mut |frame| {
            task.push_beside(&frame.columns, beside)?;
            watch.tick()
        })?;
    }
    let (carried, sink) = (&task.selection.carried, &mut beside.carried);
    carried::read_frames(&*frames, carried, task.columns, sink, watch)?;
    let scores = FrameScores {
        frames,
        columns: task.scores(),
        decoder: decoder.clone(),
        n_lines_before: task.n_lines_before,
    };
    Ok(Arc::new(scores))
}

fn csv(
    rows: CsvRows,
    task: Task<'_>,
    beside: &mut Beside,
    watch: &mut Watch<'_>,
) -> Result<Arc<dyn RawScores>, Problem> {
    let (scores, n_columns) = (task.scores(), rows.names.len());
    let selection = task.selection;
    let wanted = Wanted::new(n_columns, &scores, selection.labels, selection.split);
    let types = selection.carried.iter().map(|idx| (*idx, carried::empty(&task.columns[*idx].ty)));
    let wanted = wanted.carrying(types.collect());
    let mut kept = Kept::new(task.budget);
    let (mut places, mut n_rows_of) = (Vec::new(), Vec::new());
    rows.parse(rows.start, &wanted, &mut |span, parts| {
        let mut n_rows = 0;
        for part in parts {
            kept.push(&Values::F64(part.scores));
            beside.labels.push_list(part.labels, part.bad_labels);
            beside.parts.extend(part.parts);
            for (place, values) in part.carried.into_iter().enumerate() {
                beside.carried.push(place, values);
            }
            let bad = part.bad_scores.after(span.start.row + n_rows);
            beside.bad_scores.merge(bad);
            n_rows += part.n_rows;
        }
        places.push(span.start);
        n_rows_of.push(n_rows);
        watch.add_bytes(span.n_bytes)?;
        watch.add_rows(n_rows)?;
        Ok(ControlFlow::Continue(()))
    })?;
    let dtype = super::super::array::Dtype::F64;
    let n_cols = scores.len();
    let raw: Arc<dyn RawScores> = match kept.into_values() {
        Some(values) => Arc::new(HeldScores::new(as_f64(values), n_cols, dtype)),
        None => Arc::new(CsvScores::new(rows.into(), &scores, places, pieces_of(n_rows_of))),
    };
    Ok(raw)
}

/// No scores are of either type.
fn as_f64(values: Values) -> Values {
    if values.is_empty() {
        return Values::F64(Vec::new());
    }
    values
}

fn json(
    rows: JsonRows,
    task: Task<'_>,
    decoder: &Decoder,
    beside: &mut Beside,
    watch: &mut Watch<'_>,
) -> Result<Arc<dyn RawScores>, Problem> {
    let scores = task.scores();
    let carried = task.selection.carried.iter().copied();
    let wanted = scores.iter().copied().chain(task.beside()).chain(carried);
    let (columns, among) = distinct(wanted);
    let mut kept = Kept::new(task.budget);
    let (mut places, mut n_rows_of): (Vec<Place>, Vec<usize>) = (Vec::new(), Vec::new());
    rows.parse(None, &columns, &mut |span, frames| {
        let mut n_rows = 0;
        for frame in frames {
            let columns = among.iter().map(|place| frame.columns[*place].clone());
            let frame = Frame { columns: columns.collect(), ..frame };
            task.push_beside(&frame.columns[scores.len()..], beside)?;
            let rows = Rows { frame: &frame, first_row: span.start.row + n_rows };
            let bad = &mut beside.bad_scores;
            decoder.deliver(rows, bad, &mut Values::default, &mut |block| {
                kept.push(&block);
                Ok(())
            })?;
            n_rows += frame.n_rows;
        }
        places.push(span.start);
        n_rows_of.push(n_rows);
        watch.add_bytes(span.n_bytes)?;
        watch.add_rows(n_rows)?;
        Ok(ControlFlow::Continue(()))
    })?;
    debug_assert!(!is_narrow(decoder.dtype), "text is read as f64");
    let raw: Arc<dyn RawScores> = match kept.into_values() {
        Some(values) => Arc::new(HeldScores::new(as_f64(values), decoder.n_cols, decoder.dtype)),
        None => Arc::new(FrameScores {
            frames: Arc::new(IndexedJson { rows, places, pieces: pieces_of(n_rows_of) }),
            columns: scores,
            decoder: decoder.clone(),
            n_lines_before: task.n_lines_before,
        }),
    };
    Ok(raw)
}

/// Every column once, and the place of each wanted one among them.
fn distinct(wanted: impl Iterator<Item = usize>) -> (Vec<usize>, Vec<usize>) {
    let mut columns: Vec<usize> = Vec::new();
    let mut known = HashMap::new();
    let place = |idx| {
        *known.entry(idx).or_insert_with(|| {
            columns.push(idx);
            columns.len() - 1
        })
    };
    let places = wanted.map(place).collect();
    (columns, places)
}

/// Reads one column of labels alone.
pub(super) fn labels_alone(
    body: &Body,
    column: usize,
    name: &str,
    watch: &mut Watch<'_>,
) -> Result<LabelSink, Problem> {
    let mut labels = LabelSink::default();
    let mut push = |frame: &Frame| {
        labels.push(&frame.columns[0], name)?;
        watch.tick()
    };
    match body {
        Body::Frames(frames) => {
            frames.read(&[column], 0..n_rows(&**frames), &mut |frame| push(&frame))?;
        }
        Body::Json(rows) => rows.parse(None, &[column], &mut |_, frames| {
            frames.iter().try_for_each(&mut push)?;
            Ok(ControlFlow::Continue(()))
        })?,
        Body::Csv(rows) => {
            let wanted = Wanted::new(rows.names.len(), &[], Some(column), None);
            rows.parse(rows.start, &wanted, &mut |_, parts| {
                for part in parts {
                    labels.push_list(part.labels, part.bad_labels);
                }
                watch.tick()?;
                Ok(ControlFlow::Continue(()))
            })?;
        }
    }
    Ok(labels)
}
