//! Which rows of a table are fitted on and which are judged on: `--rows`, and the split column.

use super::super::choose_rows::RowSet;
use super::super::error::Problem;
use super::super::names::PartName;
use super::super::parts;
use super::super::picked::{Picked, guess};
use super::super::{OpenOptions, Part};
use crate::data::Guess;

/// Applies `--rows`, then divides by the parts that the split column names, if there is one.
pub(in crate::io) fn divide(
    all: Picked,
    mut split: Vec<Option<PartName>>,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(Picked, Option<Picked>), Problem> {
    let all = match options.rows {
        Some(range) => {
            let all = parts::slice(&all, range)?;
            if !split.is_empty() {
                split = split.drain(range.start..range.end).collect();
            }
            all
        }
        None => all,
    };
    by_parts(all, &split, options, guesses)
}

/// The rows of the parts that the flags want; `split` has the part of each row, or nothing.
pub(in crate::io) fn by_parts<P: RowSet>(
    all: P,
    split: &[Option<PartName>],
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(P, Option<P>), Problem> {
    let rows_of = |part: PartName| -> Vec<usize> {
        let of_part =
            |(row, name): (usize, &Option<PartName>)| (*name == Some(part)).then_some(row);
        split.iter().enumerate().filter_map(of_part).collect()
    };
    let (val, test) = (rows_of(PartName::Val), rows_of(PartName::Test));
    let one =
        |rows: &[usize], word: &str| match rows {
            [] => Err(Problem::new(format!("there is no {word} part in the file"))
                .hint("leave --part out")),
            rows => Ok((all.select(rows), None)),
        };
    match options.wanted_part() {
        Part::Val => one(&val, "val"),
        Part::Test => one(&test, "test"),
        Part::Auto if !val.is_empty() && !test.is_empty() => {
            guesses.push(describe(split.len(), val.len(), test.len()));
            Ok((all.select(&val), Some(all.select(&test))))
        }
        Part::Auto | Part::All => Ok((all, None)),
    }
}

fn describe(n_rows: usize, n_val: usize, n_test: usize) -> Guess {
    let n_left = n_rows - n_val - n_test;
    let left = if n_left > 0 {
        format!("; {n_left} rows of other parts are left out")
    } else {
        String::new()
    };
    guess(
        "parts",
        format!("fitted on {n_val} val rows, judged on {n_test} test rows"),
        format!("the split column{left}; --part val|test|all"),
    )
}
