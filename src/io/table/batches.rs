//! Running a polars query in batches, with its panics turned into errors.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::sync_channel;
use std::thread;

use polars::prelude::{
    DataFrame, Engine, IdxSize, LazyFrame, PlanCallback, PolarsError, PolarsResult,
};

use super::super::error::{Problem, lower_first};

/// Calls `visit` with every batch of at most `n_rows` rows, in row order.
///
/// An error of `visit` stops the query. A panic inside polars (on its own threads) is an error too:
/// polars' own `collect_batches` would end the batches early without one.
pub(super) fn for_each(
    frame: LazyFrame,
    n_rows: NonZeroUsize,
    visit: &mut dyn FnMut(DataFrame) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let (send, receive) = sync_channel::<DataFrame>(1);
    let callback = PlanCallback::new(move |batch| Ok(send.send(batch).is_err()));
    let query = guard(|| frame.sink_batches(callback, true, Some(n_rows)))?;
    let worker = thread::Builder::new()
        .name("table".to_owned())
        .spawn(move || guard(|| query.collect_with_engine(Engine::Streaming).map(drop)))?;
    let visited = receive.iter().try_for_each(visit);
    // Without a receiver the query stops at its next batch.
    drop(receive);
    let finished = worker
        .join()
        .unwrap_or_else(|_| Err(Problem::new("the table library failed")));
    visited.and(finished)
}

/// The first `n_rows` rows.
pub(super) fn first_rows(frame: LazyFrame, n_rows: IdxSize) -> Result<DataFrame, Problem> {
    guard(|| frame.limit(n_rows).collect())
}

/// Runs polars code; its errors and its panics become problems.
pub(in crate::io) fn guard<T>(run: impl FnOnce() -> PolarsResult<T>) -> Result<T, Problem> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|e| from_polars(&e)),
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Problem::new(format!(
                "the table library failed: {}",
                first_line(text.unwrap_or("no reason given"))
            )))
        }
    }
}

fn from_polars(error: &PolarsError) -> Problem {
    Problem::new(lower_first(first_line(&error.to_string())))
}

fn first_line(text: &str) -> &str {
    text.lines().find(|l| !l.trim().is_empty()).unwrap_or(text)
}
