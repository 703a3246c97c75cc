//! Polars' errors and panics as problems.

use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::{PolarsError, PolarsResult};

use super::super::error::{Problem, lower_first};

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
