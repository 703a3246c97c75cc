//! A first look at some rows: where the temperature will lie, about.

use std::sync::Arc;

use crate::data::{Batch, BatchSource, SourceError, Values, ValuesRef};
use crate::numerics::InstructionSet;

use super::beside::Beside;
use super::pass::{Plan, add_batch};
use super::rows::RowSummaries;

/// Rows that a first guess of the temperature is made from, at most: it decides where the nodes lie, for
/// which an octave is near enough, and every evaluation of its fit reads all their scores.
pub const SAMPLE_ROWS: usize = 1024;

/// Scores that a first guess may hold in memory, whatever K is.
const SAMPLE_SCORES: usize = 16 << 20;

/// Summaries of some thousand rows spread over `source`, with their scores kept whatever K is: for a
/// first guess of the temperature, around which the nodes of the real pass are laid.
///
/// # Errors
/// If the source cannot be read.
pub fn sample(source: &dyn BatchSource) -> Result<RowSummaries, SourceError> {
    let n_rows = SAMPLE_ROWS.min(SAMPLE_SCORES / source.n_classes()).max(64);
    let mut plan = Plan {
        n_rows: n_rows.min(source.n_rows()),
        // The rows of a sample are numbered anew.
        beside: Beside::default(),
        ..Plan::new(InstructionSet::best(), source, None)
    };
    // Row by row they come; together they go to all cores.
    let (mut scores, mut labels, mut numbers) = (None, Vec::new(), Vec::new());
    source.sample(n_rows, &mut |batch| {
        labels.extend_from_slice(batch.labels);
        numbers.extend(batch.first_row..batch.first_row + batch.labels.len());
        append_scores(&mut scores, batch.values);
        Ok(())
    })?;
    let soft_labels = plan.soft_labels.take();
    plan.soft_labels = soft_labels.map(|soft| Arc::new(soft.select(numbers)));
    let mut rows = None;
    if let Some(scores) = scores {
        let batch = Batch {
            first_row: 0,
            n_classes: plan.n_classes,
            values: scores.slice(0, scores.len()),
            labels: &labels,
        };
        add_batch(&mut rows, &plan, &batch);
    }
    Ok(rows.unwrap_or_else(|| plan.empty()))
}

fn append_scores(all: &mut Option<Values>, more: ValuesRef<'_>) {
    let empty = || match more {
        ValuesRef::F32(_) => Values::F32(Vec::new()),
        ValuesRef::F64(_) => Values::F64(Vec::new()),
    };
    match (all.get_or_insert_with(empty), more) {
        (Values::F32(all), ValuesRef::F32(more)) => all.extend_from_slice(more),
        (Values::F64(all), ValuesRef::F64(more)) => all.extend_from_slice(more),
        _ => unreachable!("a source delivers one type of values"),
    }
}
