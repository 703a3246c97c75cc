//! Labels as stored to class indices: offset, ignored rows, names, one-hot rows.

use std::collections::{BTreeSet, HashMap};

use super::OpenOptions;
use super::error::Problem;
use super::picked::{BadRows, RawLabels, RowNames, guess};
use crate::data::{Guess, Label, Values, short_name};

/// The label of rows that are left out, unless `--ignore-index` says otherwise.
pub(super) const IGNORE_INDEX: i64 = -100;

/// How many names an error shows.
const SHOWN_NAMES: usize = 8;

/// Labels of `n_rows` rows of which none has one.
pub(super) fn none(n_rows: usize, options: &OpenOptions, guesses: &mut Vec<Guess>) -> RawLabels {
    guesses.push(guess(
        "labels",
        "none",
        "none were found, and none are needed; --labels NAME|FILE",
    ));
    RawLabels::Whole(vec![options.ignore_index.unwrap_or(IGNORE_INDEX); n_rows])
}

/// Floats that hold whole numbers, as `y.astype(float)` saves them.
pub(super) fn whole_numbers(name: &str, values: &Values) -> Result<Vec<i64>, Problem> {
    let numbers: Vec<f64> = match values {
        Values::F32(v) => v.iter().map(|v| f64::from(*v)).collect(),
        Values::F64(v) => v.clone(),
    };
    let mut bad = BadRows::default();
    let mut whole = Vec::with_capacity(numbers.len());
    for (row, v) in numbers.into_iter().enumerate() {
        let as_whole = as_whole(v);
        if as_whole.is_none() {
            bad.add(row, || format!("column {name}: {v} is no whole number"));
        }
        whole.push(as_whole.unwrap_or(0));
    }
    bad.check(&RowNames::default())
        .map_err(|p| p.hint("labels are class numbers; choose with --labels NAME|FILE"))?;
    Ok(whole)
}

/// The integer that `v` is, if it is one and floats hold it exactly.
pub(super) fn as_whole(v: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let exact = v.fract() == 0.0 && v.abs() <= EXACT;
    #[expect(clippy::cast_possible_truncation, reason = "whole and at most 2^53")]
    exact.then_some(v as i64)
}

/// Row-major rows of 0 and 1: with a single 1 in every row the column of that 1, else several labels a row.
pub(super) fn of_matrix(name: &str, cells: Vec<i64>, n_cols: usize) -> Result<RawLabels, Problem> {
    let is_label = |cell: &i64| matches!(*cell, 0 | 1 | IGNORE_INDEX);
    if cells.iter().all(is_label) {
        return Ok(of_columns(cells, n_cols));
    }
    from_one_hot(name, &cells, n_cols).map(RawLabels::Whole)
}

/// The same of cells that are held against 0 and 1 later.
pub(super) fn of_columns(cells: Vec<i64>, n_cols: usize) -> RawLabels {
    match from_one_hot("", &cells, n_cols) {
        Ok(whole) => RawLabels::Whole(whole),
        Err(_) => RawLabels::Entries { cells, n_labels: n_cols },
    }
}

/// Row-major rows with a single 1 to the column of that 1.
fn from_one_hot(name: &str, cells: &[i64], n_cols: usize) -> Result<Vec<i64>, Problem> {
    let mut bad = BadRows::default();
    let mut labels = Vec::with_capacity(cells.len() / n_cols.max(1));
    let has_labels = cells.iter().any(|cell| *cell != IGNORE_INDEX);
    for (row, cells) in cells.chunks_exact(n_cols.max(1)).enumerate() {
        if has_labels && cells.iter().all(|cell| *cell == IGNORE_INDEX) {
            labels.push(IGNORE_INDEX);
            continue;
        }
        let n_ones = cells.iter().filter(|c| **c == 1).count();
        let n_zeros = cells.iter().filter(|c| **c == 0).count();
        if n_ones != 1 || n_ones + n_zeros != n_cols {
            bad.add(row, || {
                format!("{name}: a one-hot row holds one 1 and zeros, this one holds {n_ones} ones and {n_zeros} zeros")
            });
        }
        let at = cells.iter().position(|c| *c == 1).unwrap_or(0);
        labels.push(i64::try_from(at).unwrap_or(i64::MAX));
    }
    bad.check(&RowNames::default()).map_err(|p| {
        p.hint("rows of 0 and 1 are one-hot or multi-label data; -100 leaves a label out")
    })?;
    Ok(labels)
}

/// Text that is numbers or truth values throughout, as those.
pub(super) fn simplify(labels: RawLabels) -> RawLabels {
    let RawLabels::Text(texts) = labels else {
        return labels;
    };
    let numbers: Option<Vec<i64>> = texts.iter().map(|t| parse_number(t)).collect();
    let truths = || texts.iter().map(|t| parse_truth(t)).collect();
    match numbers.or_else(truths) {
        Some(whole) => RawLabels::Whole(whole),
        None => RawLabels::Text(texts),
    }
}

/// `3`, `3.0`, `3.000e+00`.
fn parse_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let whole = || text.parse().ok().and_then(as_whole);
    text.parse().ok().or_else(whole)
}

fn parse_truth(text: &str) -> Option<i64> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" => Some(1),
        "false" => Some(0),
        _ => None,
    }
}

/// Distinct texts in sorted order, without the ignored one.
pub(super) fn distinct<'a>(
    texts: impl IntoIterator<Item = &'a String>,
    ignore: i64,
) -> Vec<String> {
    let ignore = ignore.to_string();
    let distinct: BTreeSet<&String> = texts.into_iter().filter(|t| **t != ignore).collect();
    distinct.into_iter().cloned().collect()
}

/// Labels as class indices of `n_classes` classes.
pub(super) fn resolve(
    labels: &RawLabels,
    n_classes: usize,
    names: Option<&[String]>,
    rows: &RowNames,
    options: &OpenOptions,
) -> Result<Vec<Label>, Problem> {
    match labels {
        RawLabels::Whole(whole) => resolve_numbers(whole, n_classes, rows, options),
        RawLabels::Text(texts) => resolve_names(texts, names.unwrap_or_default(), rows, options),
        RawLabels::Entries { .. } | RawLabels::Soft { .. } => {
            Err(Problem::new("there are several labels a row").hint("--task multilabel"))
        }
    }
}

fn resolve_numbers(
    whole: &[i64],
    n_classes: usize,
    rows: &RowNames,
    options: &OpenOptions,
) -> Result<Vec<Label>, Problem> {
    let ignore = options.ignore_index.unwrap_or(IGNORE_INDEX);
    let mut bad = BadRows::default();
    let mut labels = Vec::with_capacity(whole.len());
    let class_of = |stored: i64| {
        let class_idx = u32::try_from(stored.checked_sub(options.label_offset)?).ok()?;
        Label::class(class_idx).filter(|_| (class_idx as usize) < n_classes)
    };
    for (row, &stored) in whole.iter().enumerate() {
        if stored == ignore {
            labels.push(Label::IGNORED);
            continue;
        }
        let label = class_of(stored);
        if label.is_none() {
            bad.add(row, || {
                format!(
                    "label {stored} is not one of the {n_classes} classes 0 to {}",
                    n_classes - 1
                )
            });
        }
        labels.push(label.unwrap_or(Label::IGNORED));
    }
    bad.check(rows).map_err(|p| p.hint(range_hint(whole, n_classes, options)))?;
    Ok(labels)
}

/// What to type for labels out of range.
fn range_hint(whole: &[i64], n_classes: usize, options: &OpenOptions) -> String {
    if options.label_offset != 0 {
        let offset = options.label_offset;
        return format!("{offset} is subtracted from every label: leave --label-offset out");
    }
    if options.n_classes.is_some() {
        return "--classes with a larger number, or without".to_owned();
    }
    let ignore = options.ignore_index.unwrap_or(IGNORE_INDEX);
    let used = || whole.iter().copied().filter(|v| *v != ignore);
    let low = used().min().unwrap_or(0);
    let high = used().max().unwrap_or(0);
    let span = usize::try_from(high.saturating_sub(low)).unwrap_or(usize::MAX);
    if low > 0 && span < n_classes {
        return format!("if the labels count from {low}: --label-offset {low}");
    }
    if low < 0 && used().all(|v| v == low || v >= 0) {
        return format!("if {low} marks rows to leave out: --ignore-index {low}");
    }
    let in_range = |v: i64| usize::try_from(v).is_ok_and(|v| v < n_classes);
    if used().all(|v| v == high || in_range(v)) && used().any(in_range) {
        return format!("if {high} marks rows to leave out: --ignore-index {high}");
    }
    "choose the labels with --labels NAME|FILE".to_owned()
}

fn resolve_names(
    texts: &[String],
    names: &[String],
    rows: &RowNames,
    options: &OpenOptions,
) -> Result<Vec<Label>, Problem> {
    let ignore = options.ignore_index.unwrap_or(IGNORE_INDEX).to_string();
    let index: HashMap<&str, Label> = (0u32..)
        .zip(names)
        .filter_map(|(i, name)| Some((name.as_str(), Label::class(i)?)))
        .collect();
    let mut bad = BadRows::default();
    let mut labels = Vec::with_capacity(texts.len());
    for (row, text) in texts.iter().enumerate() {
        let label = index.get(text.as_str()).copied();
        let label = label.or_else(|| (*text == ignore).then_some(Label::IGNORED));
        if label.is_none() {
            bad.add(row, || format!("label \"{text}\" is no class name"));
        }
        labels.push(label.unwrap_or(Label::IGNORED));
    }
    bad.check(rows).map_err(|p| {
        p.hint(format!(
            "the class names are {}; name them in the order of the logits with --class-names FILE",
            shorten(names)
        ))
    })?;
    Ok(labels)
}

/// The first few names of a list.
pub(super) fn shorten(names: &[String]) -> String {
    let shown =
        names.iter().take(SHOWN_NAMES).map(|name| short_name(name)).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(SHOWN_NAMES) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}
