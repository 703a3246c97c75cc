//! Labels that are rows of probabilities: told from rows of 0 and 1 by their fractions.

use super::OpenOptions;
use super::error::Problem;
use super::labels::{self, IGNORE_INDEX};
use super::picked::{BadRows, Picked, RawLabels, RowNames, guess};
use crate::data::{Guess, Label, SoftLabels, Values, ValuesRef};

/// How far from 1 a row may add up, for decimals that were cut off and for half precision; it is divided by its sum.
const SUM_TOLERANCE: f64 = 0.01;

/// Row-major rows of numbers as labels: whole numbers are one-hot rows or several labels a row, as
/// [`labels::of_matrix`] tells, and fractions are probabilities.
pub(super) fn of_matrix(name: &str, values: Values, n_cols: usize) -> Result<RawLabels, Problem> {
    if (0..values.len()).all(|i| labels::as_whole(number(values.as_ref(), i)).is_some()) {
        return labels::of_matrix(name, labels::whole_numbers(name, &values)?, n_cols);
    }
    Ok(RawLabels::Soft { values, n_labels: n_cols })
}

/// One number a row as labels: class numbers where all are whole, and the probability of class 1 of two where some are
/// fractions and all lie in [0, 1] (or are -100).
///
/// # Errors
/// If they are neither.
pub(super) fn of_vector(name: &str, values: Values) -> Result<RawLabels, Problem> {
    if are_probabilities((0..values.len()).map(|i| number(values.as_ref(), i))) {
        return Ok(RawLabels::Soft { values, n_labels: 1 });
    }
    labels::whole_numbers(name, &values).map(RawLabels::Whole)
}

/// True if there is a fraction among the numbers, and all are probabilities or say that there is no label.
pub(super) fn are_probabilities(mut numbers: impl Iterator<Item = f64>) -> bool {
    let mut has_fraction = false;
    let ignored = IGNORE_INDEX as f64;
    numbers.all(|p| {
        has_fraction |= is_fraction(p);
        (0.0..=1.0).contains(&p) || p.total_cmp(&ignored).is_eq()
    }) && has_fraction
}

/// True for a probability that is no class number.
pub(super) fn is_fraction(p: f64) -> bool {
    p > 0.0 && p < 1.0
}

/// Labels of binary data become probabilities in every part where one is among those of any part: those of a part by
/// itself may be 0 and 1, or be read as text. What is none beside it is told by its row when all is known.
pub(super) fn of_all_parts(parts: &mut [Picked]) {
    let numbers = |part: &Picked| match &part.labels {
        _ if part.scores.n_cols() > 2 => None,
        RawLabels::Text(texts) => {
            let numbers = texts.iter().map(|text| text.trim().parse::<f64>().ok());
            numbers.collect::<Option<Vec<f64>>>()
        }
        RawLabels::Whole(whole) => Some(as_numbers(whole)),
        RawLabels::Soft { values, n_labels: 1 } => {
            Some((0..values.len()).map(|i| number(values.as_ref(), i)).collect())
        }
        RawLabels::Soft { .. } | RawLabels::Entries { .. } => None,
    };
    let is_soft = |part: &Picked| matches!(part.labels, RawLabels::Soft { .. });
    if parts.iter().all(is_soft) {
        return;
    }
    let Some(all) = parts.iter().map(numbers).collect::<Option<Vec<Vec<f64>>>>() else {
        return;
    };
    if !all.iter().flatten().copied().any(is_fraction) {
        return;
    }
    for (part, numbers) in parts.iter_mut().zip(all) {
        part.labels = RawLabels::Soft { values: Values::F64(numbers), n_labels: 1 };
    }
}

/// Class numbers as what they are beside probabilities of class 1.
pub(super) fn as_numbers(whole: &[i64]) -> Vec<f64> {
    whole.iter().map(|label| *label as f64).collect()
}

/// The distributions (1 - p, p) of the probabilities of class 1; a row that is left out stays so.
fn two_classes(values: ValuesRef<'_>, rows: &RowNames, ignore: i64) -> Result<Values, Problem> {
    let ignored = ignore as f64;
    let (mut both, mut bad) = (Vec::with_capacity(values.len() * 2), BadRows::default());
    for row in 0..values.len() {
        let p = number(values, row);
        if p.total_cmp(&ignored).is_eq() {
            both.extend([p, p]);
            continue;
        }
        if !(0.0..=1.0).contains(&p) {
            bad.add(row, || format!("the label {p} is neither a class number nor a probability"));
        }
        both.extend([1.0 - p, p]);
    }
    bad.check(rows).map_err(|p| {
        p.hint("labels with fractions are the probability of class 1; --labels NAME|FILE chooses other labels")
    })?;
    Ok(Values::F64(both))
}

/// Why one probability a row does not do where there are more classes than two.
fn one_of_many(values: ValuesRef<'_>, n_classes: usize, rows: &RowNames) -> Problem {
    let fraction = (0..values.len()).find(|row| labels::as_whole(number(values, *row)).is_none());
    let row = fraction.unwrap_or(0);
    Problem::new(format!(
        "{}, the label {} is no whole number, and there are {n_classes} classes",
        rows.name(row),
        number(values, row)
    ))
    .hint("labels are class numbers, or rows of one probability for each class; choose with --labels NAME|FILE")
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
        Values::F32(v) => {
            v.chunks_exact_mut(n_sentence).for_each(|sentence| sentence.rotate_left(n_labels));
        }
        Values::F64(v) => {
            v.chunks_exact_mut(n_sentence).for_each(|sentence| sentence.rotate_left(n_labels));
        }
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
    let (values, n_labels) = match (n_labels, n_classes) {
        (1, 2) => {
            let ignore = options.ignore_index.unwrap_or(IGNORE_INDEX);
            (two_classes(values.as_ref(), rows, ignore)?, 2)
        }
        (1, _) => return Err(one_of_many(values.as_ref(), n_classes, rows)),
        _ => (values, n_labels),
    };
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
    starts.map(|start| (start..start + n_labels).all(is_ignored)).collect()
}

/// For the record.
pub(super) fn describe(n_labels: usize) -> Guess {
    let what = if n_labels == 1 {
        "the probability p of class 1, which stands for (1 - p, p)".to_owned()
    } else {
        format!("rows of {n_labels} probabilities")
    };
    guess(
        "soft labels",
        what,
        "NLL is the cross-entropy with them, and the Brier score that of the vectors; accuracy and ECE go by the most probable class of each, the first one of several",
    )
}
