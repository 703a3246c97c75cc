//! A training run in one table: a column of steps, and the rows of one of them.

use super::error::Problem;
use super::picked::{Picked, guess};
use super::{OpenOptions, carry, parts};
use crate::data::{CarriedColumn, CarriedValues, Guess, printable};

/// What such a column is called, best first: a step within an epoch is none of the run.
const NAMES: [&str; 5] = ["global_step", "step", "iteration", "iter", "epoch"];

/// A step holds as many rows on average, at least: a number for every row is no step.
const MIN_ROWS: usize = 2;

/// Steps that a message lists.
const SHOWN_STEPS: usize = 12;

/// Whole numbers up to here are exact as f64.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// The rows of the step that is asked for, of the last one without a flag; all of them where no column says which step
/// they are of, or where a flag makes something else of that column.
///
/// # Errors
/// If a step is asked for and there is none, or not this one.
pub(super) fn choose(
    parts: &mut [&mut Picked],
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(), Problem> {
    if guesses.iter().any(|guess| guess.what == "step") {
        // A series of arrays, of which one is chosen.
        return Ok(());
    }
    let Some((name, steps)) = series(parts, options)? else {
        return match options.step {
            Some(_) => Err(Problem::new(
                "there is no series of steps: neither arrays nor a column called step",
            )
            .hint("leave --step out")),
            None => Ok(()),
        };
    };
    let last = steps[steps.len() - 1];
    let step = options.step.unwrap_or(last);
    let listed = listed(&steps);
    if !steps.contains(&step) {
        return Err(Problem::new(format!(
            "there is no step {step} in column {}; there are {listed}",
            printable(&name)
        ))
        .hint(format!("--step {last}")));
    }
    for part in parts.iter_mut() {
        let of_rows = part.carried.column(&name).and_then(numbers);
        let of_rows = of_rows.unwrap_or_default();
        let rows: Vec<usize> = (0..of_rows.len()).filter(|row| of_rows[*row] == step).collect();
        if rows.is_empty() {
            return Err(Problem::new(format!(
                "one part has no row of step {step}; the steps are {listed}"
            ))
            .hint("--step N, or one part alone with --part val|test"));
        }
        **part = parts::select(part, &rows);
    }
    let column = printable(&name);
    let evidence = match options.step {
        Some(_) => format!("as asked for; the steps in column {column} are {listed}"),
        None => format!(
            "the last of the steps in column {column}: {listed}; --step N, or --where '{column} >= 0' for all rows"
        ),
    };
    guesses.push(Guess {
        choices: steps.iter().map(ToString::to_string).collect(),
        ..guess("step", step.to_string(), evidence)
    });
    Ok(())
}

/// The column of steps and its values, ascending, if they make a series.
fn series(
    parts: &[&mut Picked],
    options: &OpenOptions,
) -> Result<Option<(String, Vec<u64>)>, Problem> {
    let taken = carry::demanded(options)?;
    let Some(first) = parts.first() else {
        return Ok(None);
    };
    let columns = || first.carried.columns().iter();
    let is_free = |column: &&CarriedColumn| !taken.contains(&column.name);
    let called = |name: &'static str| {
        let is_called = |column: &&CarriedColumn| column.name.to_lowercase() == name;
        columns().filter(is_free).find(is_called)
    };
    for name in NAMES.into_iter().filter_map(called).map(|column| &column.name) {
        let of_part = |part: &&mut Picked| part.carried.column(name).and_then(numbers);
        let Some(all) = parts.iter().map(of_part).collect::<Option<Vec<_>>>() else {
            continue;
        };
        let n_rows: usize = all.iter().map(Vec::len).sum();
        let mut steps: Vec<u64> = all.into_iter().flatten().collect();
        steps.sort_unstable();
        steps.dedup();
        let is_asked_for = options.step.is_some();
        let is_series = steps.len() > 1 && n_rows >= MIN_ROWS * steps.len();
        if is_series || is_asked_for && !steps.is_empty() {
            return Ok(Some((name.clone(), steps)));
        }
    }
    Ok(None)
}

/// The values of a column, if every one is a whole number from 0 on.
fn numbers(column: &CarriedColumn) -> Option<Vec<u64>> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number within what f64 counts exactly"
    )]
    let whole = |x: &f64| {
        let is_whole = (0.0..=MAX_WHOLE).contains(x) && x.fract() <= 0.0;
        is_whole.then_some(*x as u64)
    };
    match &column.values {
        CarriedValues::Whole(values) => values.iter().map(|n| u64::try_from(*n).ok()).collect(),
        CarriedValues::Numbers(values) => values.iter().map(whole).collect(),
        CarriedValues::Text(_) => None,
    }
}

/// `3, 20, 100`, or the first and the last of many.
fn listed(steps: &[u64]) -> String {
    let text = |steps: &[u64]| {
        let steps: Vec<String> = steps.iter().map(ToString::to_string).collect();
        steps.join(", ")
    };
    match steps {
        [.., last] if steps.len() > SHOWN_STEPS => {
            format!("{}, ... {last} ({} of them)", text(&steps[..SHOWN_STEPS / 2]), steps.len())
        }
        _ => text(steps),
    }
}
