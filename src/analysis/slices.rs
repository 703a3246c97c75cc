//! Rows by the values of a column that the file carries: where is the model right about its confidence, and where not?

use std::collections::HashMap;

use crate::data::{CarriedValues, Groups as Values, printable};
use crate::numerics::quantiles;
use crate::summarize::RowSummaries;

use super::Groups;
use super::groups::{Grouping, Members};

/// A numeric column with more distinct values than this is cut at its quartiles.
const MOST_VALUES: usize = 12;

/// Values of a column that are looked at one by one, the most frequent first; all others share a group.
const MOST_GROUPS: usize = 200;

/// The group of rows that have no value.
const MISSING: &str = "(missing)";

/// The rows by one column.
#[derive(Clone, PartialEq, Debug)]
pub struct Slice {
    /// Name of the column, printable.
    pub column: String,
    /// How it was cut.
    pub kind: SliceKind,
    /// What is found in each group; of what it is stands in words, printable.
    pub groups: Groups<String>,
}

/// How a column is cut into groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SliceKind {
    /// A group for each value.
    Values,
    /// Between the quartiles of the evaluated rows.
    Quartiles,
}

/// The groups of rows of every one of `columns`. A column that the rows do not carry is left out: files are asked for
/// their columns when they are opened.
pub fn slices(grouping: &Grouping<'_>, columns: &[String]) -> Vec<Slice> {
    let slice = |name: &String| {
        let values = |rows: &RowSummaries| Some(rows.carried().column(name)?.values.clone());
        let (fitted, evaluated) = (values(grouping.fit_rows)?, values(grouping.rows)?);
        Some(Slice { column: printable(name), ..cut(grouping, &fitted, &evaluated) })
    };
    columns.iter().filter_map(slice).collect()
}

fn cut(grouping: &Grouping<'_>, fitted: &CarriedValues, evaluated: &CarriedValues) -> Slice {
    let both_numeric = fitted.is_numeric() && evaluated.is_numeric();
    let is_cut = both_numeric && n_distinct(grouping.rows, &evaluated.groups()) > MOST_VALUES;
    let (kind, names, members) = if is_cut {
        let (names, members) = by_quartile(grouping, fitted, evaluated);
        (SliceKind::Quartiles, names, members)
    } else {
        let (names, members) = by_value(grouping, &fitted.groups(), &evaluated.groups());
        (SliceKind::Values, names, members)
    };
    Slice { column: String::new(), kind, groups: grouping.groups(names, &members) }
}

/// Distinct values that the rows have. A value of rows that were left out alone is none: summaries do not know it.
fn n_distinct(rows: &RowSummaries, values: &Values) -> usize {
    let mut is_there = vec![false; values.names.len()];
    for idx in 0..rows.len() {
        if let Some(is_there) = is_there.get_mut(values.of_row[rows.stored_row(idx)] as usize) {
            *is_there = true;
        }
    }
    is_there.into_iter().filter(|is_there| *is_there).count()
}

/// True for rows of the evaluated set, of the two that a grouping has.
fn is_evaluated(grouping: &Grouping<'_>, rows: &RowSummaries) -> bool {
    std::ptr::eq(grouping.rows, rows)
}

/// Values as the evaluated rows have them, in their order; values of the fitted rows alone are nobody's.
fn by_value(
    grouping: &Grouping<'_>,
    fitted: &Values,
    evaluated: &Values,
) -> (Vec<String>, Members) {
    let mut counts = vec![0usize; evaluated.names.len()];
    for idx in 0..grouping.rows.len() {
        let value = evaluated.of_row[grouping.rows.stored_row(idx)];
        if let Some(count) = counts.get_mut(value as usize) {
            *count += 1;
        }
    }
    let mut frequent: Vec<usize> = (0..counts.len()).filter(|value| counts[*value] > 0).collect();
    frequent.sort_by_key(|value| std::cmp::Reverse(counts[*value]));
    let n_others = frequent.len().saturating_sub(MOST_GROUPS);
    frequent.truncate(MOST_GROUPS);
    frequent.sort_unstable();
    let mut names: Vec<String> =
        frequent.iter().map(|value| evaluated.names[*value].clone()).collect();
    let places: HashMap<&str, usize> = frequent
        .iter()
        .enumerate()
        .map(|(place, value)| (evaluated.names[*value].as_str(), place))
        .collect();
    let (others, missing) = (names.len(), names.len() + usize::from(n_others > 0));
    if n_others > 0 {
        names.push(format!("({n_others} other values)"));
    }
    names.push(MISSING.to_owned());
    let place_of = |values: &Values| -> Vec<Option<usize>> {
        let other = (n_others > 0).then_some(others);
        let place = |name: &String| places.get(name.as_str()).copied().or(other);
        values.names.iter().map(place).collect()
    };
    let (of_fitted, of_evaluated) = (place_of(fitted), place_of(evaluated));
    let members = grouping.members(names.len(), |rows, idx| {
        let (values, places) = if is_evaluated(grouping, rows) {
            (evaluated, &of_evaluated)
        } else {
            (fitted, &of_fitted)
        };
        let value = values.of_row[rows.stored_row(idx)];
        places.get(value as usize).map_or(Some(missing), |place| *place)
    });
    (names, members)
}

/// The distinct quartiles of `numbers`, and what lies between them in words.
fn quartiles(numbers: &[f64]) -> (Vec<f64>, Vec<String>) {
    let mut bounds = quantiles(numbers, &[0.25, 0.5, 0.75]);
    bounds.retain(|bound| !bound.is_nan());
    bounds.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let mut names: Vec<String> = Vec::new();
    for (place, bound) in bounds.iter().enumerate() {
        names.push(match place.checked_sub(1) {
            None => format!("at most {bound}"),
            Some(before) => format!("{} to {bound}", bounds[before]),
        });
    }
    names.extend(bounds.last().map(|last| format!("above {last}")));
    (bounds, names)
}

/// The rows of each value of `column` that they carry, or between its quartiles where it has many numbers; each with
/// what it is, printable. Rows without a value are left out. `None` if there is no such column.
pub fn slice_members(rows: &RowSummaries, column: &str) -> Option<Vec<(String, Vec<usize>)>> {
    let values = &rows.carried().column(column)?.values;
    let groups = values.groups();
    let is_cut = values.is_numeric() && groups.names.len() > MOST_VALUES;
    let numbers = (0..rows.len()).filter_map(|idx| values.number(rows.stored_row(idx)));
    let (bounds, names) =
        if is_cut { quartiles(&numbers.collect::<Vec<f64>>()) } else { (Vec::new(), groups.names) };
    let place = |idx: usize| {
        let row = rows.stored_row(idx);
        if is_cut {
            let x = values.number(row)?;
            return Some(bounds.partition_point(|bound| *bound < x));
        }
        groups.of_row.get(row).map(|group| *group as usize)
    };
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); names.len()];
    for idx in 0..rows.len() {
        if let Some(of) = place(idx).and_then(|place| members.get_mut(place)) {
            of.push(idx);
        }
    }
    Some(names.into_iter().zip(members).collect())
}

/// Four groups of about equal size, a value that is a quartile with those below it; and the rows without a number.
fn by_quartile(
    grouping: &Grouping<'_>,
    fitted: &CarriedValues,
    evaluated: &CarriedValues,
) -> (Vec<String>, Members) {
    let number = |rows: &RowSummaries, idx: usize| {
        let values = if is_evaluated(grouping, rows) { evaluated } else { fitted };
        values.number(rows.stored_row(idx))
    };
    let rows = grouping.rows;
    let numbers: Vec<f64> = (0..rows.len()).filter_map(|idx| number(rows, idx)).collect();
    let (bounds, mut names) = quartiles(&numbers);
    names.push(MISSING.to_owned());
    let missing = names.len() - 1;
    let members = grouping.members(names.len(), |rows, idx| {
        let place = number(rows, idx).map(|x| bounds.partition_point(|bound| *bound < x));
        Some(place.unwrap_or(missing))
    });
    (names, members)
}
