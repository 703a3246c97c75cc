//! Polars' errors and panics as problems.

use std::io::ErrorKind;

use polars::prelude::{PolarsError, PolarsResult};

use super::super::error::{Problem, lower_first};
use super::super::quiet::catch;

/// Runs polars code; its errors and its panics become problems.
pub(in crate::io) fn guard<T>(run: impl FnOnce() -> PolarsResult<T>) -> Result<T, Problem> {
    match catch(run) {
        Ok(result) => result.map_err(|e| from_polars(&e)),
        Err(words) => {
            Err(Problem::new(format!("the table library failed: {}", first_line(&words))))
        }
    }
}

/// As [`guard`], of code that takes a file of the format `name` apart: what it does not like is damage.
pub(super) fn guard_file<T>(
    name: &str,
    run: impl FnOnce() -> PolarsResult<T>,
) -> Result<T, Problem> {
    guard(run).map_err(|problem| {
        if problem.hint_words().is_some() {
            return problem;
        }
        let message = problem.message();
        // Behind it the library prints its own innards.
        let end = message.find(": Error {").or_else(|| message.find(" { "));
        Problem::new(format!(
            "the {name} is damaged or truncated: {}",
            &message[..end.unwrap_or(message.len())]
        ))
        .hint("copy or save it again")
    })
}

fn from_polars(error: &PolarsError) -> Problem {
    let text = error.to_string();
    let text = first_line(&text);
    match error {
        PolarsError::Duplicate(_) => duplicate(text.split('\'').nth(1)),
        PolarsError::IO { error, .. } if error.kind() == ErrorKind::BrokenPipe => {
            Problem::cancelled()
        }
        _ => Problem::new(lower_first(text)),
    }
}

/// Two columns have one name, which is `name` if it is known.
pub(super) fn duplicate(name: Option<&str>) -> Problem {
    let problem = match name {
        Some(name) => Problem::new(format!("two columns are called {name}")),
        None => Problem::new("two columns have the same name"),
    };
    problem.hint("save it again with a name of its own for each column")
}

fn first_line(text: &str) -> &str {
    text.lines().find(|l| !l.trim().is_empty()).unwrap_or(text)
}
