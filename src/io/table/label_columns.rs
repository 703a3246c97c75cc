//! Tables of several labels a row: one column of 0 and 1, or of probabilities, for each column of logits.

use std::collections::{HashMap, HashSet};

use super::super::error::Problem;
use super::super::picked::{BadRows, RawLabels, RowNames, grouped};
use super::super::{labels, names};
use super::columns::{Chooser, ColumnType, ScoreColumns};
use crate::data::{Carried, CarriedValues, Values};

/// The columns that `--labels PATTERN` names, or those that are called like labels of several scores; none if there
/// are fewer than two.
pub(super) fn candidates(table: &Chooser<'_>) -> Vec<usize> {
    let columns = table.columns;
    let found: Vec<usize> = match &table.options.labels {
        Some(pattern) if columns.iter().any(|c| c.name == *pattern) => Vec::new(),
        Some(pattern) => {
            let patterns = pattern.split(',').map(str::trim);
            let idxs = patterns.flat_map(|p| {
                (0..columns.len()).filter(move |i| names::glob(p, &columns[*i].name))
            });
            idxs.collect()
        }
        // One column that is called like labels is enough.
        None if columns.iter().any(|c| names::is_label_name(&c.name)) => Vec::new(),
        None => {
            let is_label = |i: &usize| {
                let column = &columns[*i];
                let is_number = matches!(
                    column.ty,
                    ColumnType::Int | ColumnType::Bool | ColumnType::Float { .. }
                );
                is_number && suffix(&column.name).is_some()
            };
            let named: Vec<usize> = (0..columns.len()).filter(is_label).collect();
            // Each must be about one of the scores: `label_cat` beside `logit_cat`.
            let scores: HashSet<&str> =
                columns.iter().filter_map(|c| score_suffix(&c.name)).collect();
            let is_scored = |i: &&usize| {
                suffix(&columns[**i].name).is_some_and(|suffix| scores.contains(suffix))
            };
            if named.iter().filter(is_scored).count() == named.len() { named } else { Vec::new() }
        }
    };
    if found.len() < 2 { Vec::new() } else { found }
}

/// What follows `label_` or `target_`.
fn suffix(name: &str) -> Option<&str> {
    const PREFIXES: [&str; 6] = ["label_", "labels_", "target_", "targets_", "true_", "y_"];
    let lower = name.to_lowercase();
    let prefix = PREFIXES.iter().find(|prefix| lower.starts_with(**prefix))?;
    name.get(prefix.len()..).filter(|rest| !rest.is_empty())
}

fn score_suffix(name: &str) -> Option<&str> {
    name.get(names::score_prefix(name)?.len()..)
}

/// The columns of labels in the order of the scores: by their names if these are those of the scores, else as they are
/// stored.
///
/// # Errors
/// If there are not as many as scores.
pub(super) fn in_order(
    table: &Chooser<'_>,
    found: Vec<usize>,
    scores: &ScoreColumns,
    class_names: Option<&[String]>,
) -> Result<Vec<usize>, Problem> {
    if found.is_empty() {
        return Ok(found);
    }
    let wanted: Vec<String> = match (scores, class_names) {
        (_, Some(names)) => names.to_vec(),
        (ScoreColumns::Wide(idxs), None) => {
            let suffix = |i: &usize| score_suffix(&table.columns[*i].name).unwrap_or_default();
            idxs.iter().map(|i| suffix(i).to_owned()).collect()
        }
        _ => return Ok(found),
    };
    let places: HashMap<&str, usize> =
        found.iter().filter_map(|i| Some((suffix(&table.columns[*i].name)?, *i))).collect();
    if let Some(ordered) = wanted.iter().map(|name| places.get(name.as_str()).copied()).collect() {
        return Ok(ordered);
    }
    if found.len() == wanted.len() {
        return Ok(found);
    }
    Err(Problem::new(format!(
        "{} columns of labels and {} columns of logits: {}",
        grouped(found.len()),
        grouped(wanted.len()),
        table.list(&found)
    ))
    .hint(
        "multi-label data has one column of 0 and 1 for each column of logits: --labels 'PATTERN*'",
    ))
}

/// The labels that the columns called `names` hold, row-major.
///
/// # Errors
/// If a value is missing or no whole number.
pub(super) fn gather(
    carried: &Carried,
    names: &[&str],
    rows: &RowNames,
) -> Result<RawLabels, Problem> {
    let n_labels = names.len();
    let mut cells = vec![0.0; carried.n_rows() * n_labels];
    let mut bad = BadRows::default();
    for (label, name) in names.iter().enumerate() {
        let Some(column) = carried.column(name) else {
            return Err(Problem::new(format!("column {name} does not hold one label a row")));
        };
        for row in 0..carried.n_rows() {
            let cell = number(&column.values, row);
            if cell.is_none() {
                bad.add(row, || match column.values.shown(row) {
                    Some(shown) => format!("column {name}: \"{shown}\" is neither 0 nor 1"),
                    None => format!("column {name}: the label is missing"),
                });
            }
            cells[row * n_labels + label] = cell.unwrap_or(0.0);
        }
    }
    bad.check(rows).map_err(|p| p.hint("mark labels to leave out with -100 (--ignore-index)"))?;
    let whole = cells.iter().map(|cell| labels::as_whole(*cell));
    Ok(match whole.collect::<Option<Vec<i64>>>() {
        // With a single 1 in every row these are classes, as in a matrix.
        Some(cells) => labels::of_columns(cells, n_labels),
        None => RawLabels::Soft { values: Values::F64(cells), n_labels },
    })
}

fn number(values: &CarriedValues, row: usize) -> Option<f64> {
    match values {
        CarriedValues::Text(text) => match text.get(row) {
            Some("true") => Some(1.0),
            Some("false") => Some(0.0),
            _ => None,
        },
        numbers => numbers.number(row),
    }
}
