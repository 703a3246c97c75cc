//! Labels that are rows of probabilities: told from rows of 0 and 1 by their fractions.

use super::OpenOptions;
use super::error::Problem;
use super::labels::{self, IGNORE_INDEX};
use super::picked::{BadRows, RawLabels, RowNames, guess};
use crate::data::{Guess, Label, SoftLabels, Values, ValuesRef};

/// How far from 1 a row may add up, for decimals that were cut off and for half precision; it is divided by its sum.
const SUM_TOLERANCE: f64 = 0.01;

/// Row-major rows of numbers as labels: whole numbers are one-hot rows or several labels a row, as
/// [`labels::of_matrix`] tells, and fractions are probabilities.
pub(super) fn of_matrix(name: &str, values: Values, n_cols: usize) -> Result<RawLabels, Problem> {
    if (0..values.len()).all(|i| labels::as_whole(number(values.as_ref(), i)).is_some()) {
        return labels::of_matrix(name, labels::whole_numbers(name, &values)?, n_cols);
    }
    Ok(RawLabels::Soft {
        values,
        n_labels: n_cols,
    })
}

fn number(values: ValuesRef<'_>, idx: usize) -> f64 {
    match values {
        ValuesRef::F32(v) => f64::from(v[idx]),
        ValuesRef::F64(v) => v[idx],
    }
}

/// Marks row `row` as one without a label.
pub(super) fn ignore(values: &mut Values, n_labels: usize, row: usize, ignore: i64) {
    let range = row * n_labels..(row + 1) * n_labels;
    match values {
        Values::F32(v) => v[range].fill(ignore as f32),
        Values::F64(v) => v[range].fill(ignore as f64),
    }
}

/// Moves the labels of each sentence of `n_inner` tokens one token ahead; the last one is left without.
pub(super) fn shift(values: &mut Values, n_labels: usize, n_inner: usize, ignored: i64) {
    let n_sentence = n_inner * n_labels;
    let n_rows = values.len() / n_labels.max(1);
    match values {
        Values::F32(v) => v
            .chunks_exact_mut(n_sentence)
            .for_each(|sentence| sentence.rotate_left(n_labels)),
        Values::F64(v) => v
            .chunks_exact_mut(n_sentence)
            .for_each(|sentence| sentence.rotate_left(n_labels)),
    }
    for last in (n_inner - 1..n_rows).step_by(n_inner) {
        ignore(values, n_labels, last, ignored);
    }
}

/// The rows of `more` after those of `values`: f64 where one of both is.
pub(super) fn append(values: Values, more: Values) -> Values {
    let wide = |values: Values| match values {
        Values::F32(v) => v.into_iter().map(f64::from).collect::<Vec<f64>>(),
        Values::F64(v) => v,
    };
    match (values, more) {
        (Values::F32(mut all), Values::F32(more)) => {
            all.extend(more);
            Values::F32(all)
        }
        (all, more) => Values::F64([wide(all), wide(more)].concat()),
    }
}

/// The rows with these indices.
pub(super) fn select(values: &Values, n_labels: usize, rows: &[usize]) -> Values {
    fn of<T: Copy>(all: &[T], n_labels: usize, rows: &[usize]) -> Vec<T> {
        let row = |row: &usize| &all[row * n_labels..(row + 1) * n_labels];
        rows.iter().flat_map(row).copied().collect()
    }
    match values {
        Values::F32(v) => Values::F32(of(v, n_labels, rows)),
        Values::F64(v) => Values::F64(of(v, n_labels, rows)),
    }
}

/// The labels as distributions over `n_classes` classes, and the most probable class of each. With `swap` the two
/// classes change places.
///
/// # Errors
/// If a row has not one number a class, holds what is no probability, or does not add up to 1 within a hundredth.
pub(super) fn resolve(
    (values, n_labels): (Values, usize),
    (n_classes, swap): (usize, bool),
    rows: &RowNames,
    options: &OpenOptions,
) -> Result<(Vec<Label>, SoftLabels), Problem> {
    if n_labels != n_classes {
        return Err(Problem::new(format!(
            "each label is a row of {n_labels} probabilities, and there are {n_classes} classes"
        ))
        .hint("soft labels have one probability for each class, in the order of the logits; --labels NAME|FILE chooses others"));
    }
    if options.label_offset != 0 {
        return Err(Problem::new(
            "--label-offset is for class numbers, and these labels are rows of probabilities",
        )
        .hint("leave --label-offset out"));
    }
    let mut values = values;
    if swap {
        super::binary::swap_columns(&mut values);
    }
    let ignored = ignored_rows(values.as_ref(), n_labels, options);
    let odd = || Problem::new("the labels do not make whole rows");
    let soft = SoftLabels::new(n_classes, values).ok_or_else(odd)?;
    let mut bad = BadRows::default();
    for row in (0..soft.n_rows()).filter(|row| !ignored[*row]) {
        let label = soft.row(row);
        let sums_to_one = (label.sum() - 1.0).abs() <= SUM_TOLERANCE;
        if !(label.is_distribution() && sums_to_one) {
            bad.add(row, || {
                let sum = label.sum();
                format!("a soft label is a row of probabilities that add up to 1, and these add up to {sum}, or are none")
            });
        }
    }
    bad.check(rows).map_err(|p| {
        p.hint("rows of 0 and 1 are one-hot or multi-label data; a row of -100 is left out; --labels NAME|FILE chooses other labels")
    })?;
    let mut hard = soft.most_probable();
    for (label, is_ignored) in hard.iter_mut().zip(ignored) {
        if is_ignored {
            *label = Label::IGNORED;
        }
    }
    Ok((hard, soft))
}

/// The rows that hold nothing but the number to ignore.
fn ignored_rows(values: ValuesRef<'_>, n_labels: usize, options: &OpenOptions) -> Vec<bool> {
    let ignore = options.ignore_index.unwrap_or(IGNORE_INDEX) as f64;
    let is_ignored = |i: usize| number(values, i).total_cmp(&ignore).is_eq();
    let starts = (0..values.len()).step_by(n_labels.max(1));
    starts
        .map(|start| (start..start + n_labels).all(is_ignored))
        .collect()
}

/// For the record.
pub(super) fn describe(n_labels: usize) -> Guess {
    guess(
        "soft labels",
        format!("rows of {n_labels} probabilities"),
        "NLL is the cross-entropy with them, and the Brier score that of the vectors; accuracy and ECE go by the most probable class of each, the first one of several",
    )
}
