//! Columns of labels and of parts, gathered piece by piece.

use polars::prelude::{DataType, Series};

use super::super::error::Problem;
use super::super::labels;
use super::super::names::PartName;
use super::super::picked::{BadRows, RawLabels, RowNames};
use super::super::soft_labels;
use super::guard::guard;
use super::lists::{Cells, push_lists};
use crate::data::Values;

/// Labels as they are stored. Text is kept as numbers as long as all of it is: eight bytes a row.
pub(super) struct LabelList(RawLabels);

impl Default for LabelList {
    fn default() -> Self {
        Self(RawLabels::Whole(Vec::new()))
    }
}

/// The number that is written as `text` and not otherwise.
fn plain_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let plain = match digits {
        [b'0'] => text.len() == 1,
        [b'1'..=b'9', rest @ ..] => rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    text.parse().ok().filter(|_| plain)
}

impl LabelList {
    fn len(&self) -> usize {
        self.0.len()
    }

    /// Appends a label that is written as text.
    pub(super) fn push_text(&mut self, text: &str) {
        if let RawLabels::Whole(whole) = &mut self.0 {
            if let Some(number) = plain_number(text) {
                return whole.push(number);
            }
            let texts = whole.iter().map(ToString::to_string).collect();
            self.0 = RawLabels::Text(texts);
        }
        if let RawLabels::Text(texts) = &mut self.0 {
            texts.push(text.to_owned());
        }
    }

    /// Appends what comes next in the file.
    pub(super) fn append(&mut self, more: RawLabels) {
        match (&mut self.0, more) {
            (RawLabels::Whole(all), RawLabels::Whole(more)) => all.extend(more),
            (RawLabels::Text(all), RawLabels::Text(more)) if !all.is_empty() => all.extend(more),
            (_, RawLabels::Text(more)) => more.iter().for_each(|text| self.push_text(text)),
            (RawLabels::Text(all), RawLabels::Whole(more)) => {
                all.extend(more.iter().map(ToString::to_string));
            }
            (
                RawLabels::Soft { values: Values::F64(all), .. },
                RawLabels::Soft { values: Values::F64(more), .. },
            ) => all.extend(more),
            // One number a row, of which the first piece happened to hold no fraction.
            (RawLabels::Whole(all), RawLabels::Soft { values, n_labels: 1 }) if !all.is_empty() => {
                let all = Values::F64(as_floats(all));
                self.0 = RawLabels::Soft { values: soft_labels::append(all, values), n_labels: 1 };
            }
            (RawLabels::Soft { values: Values::F64(all), n_labels: 1 }, RawLabels::Whole(more)) => {
                all.extend(as_floats(&more));
            }
            // Lists follow lists: these are the first ones.
            (all, more @ (RawLabels::Entries { .. } | RawLabels::Soft { .. })) => *all = more,
            (RawLabels::Entries { .. } | RawLabels::Soft { .. }, _) => {}
        }
    }

    /// All labels.
    pub(super) fn into_labels(self) -> RawLabels {
        self.0
    }
}

/// The labels of one table.
#[derive(Default)]
pub(super) struct LabelSink {
    labels: LabelList,
    pub(super) bad: BadRows,
    /// Of a column of lists.
    name: String,
}

impl LabelSink {
    /// Appends the labels of the next rows.
    pub(super) fn push(&mut self, series: &Series, name: &str) -> Result<(), Problem> {
        let first_row = self.labels.len();
        match series.dtype() {
            DataType::List(_) | DataType::Array(..) => {
                self.push_rows_of_labels(series, name, first_row)?;
            }
            DataType::String | DataType::Categorical(..) | DataType::Enum(..) => {
                self.push_texts(series, name, first_row)?;
            }
            _ => {
                let labels = self.numbers(series, name, first_row)?;
                self.labels.append(labels);
            }
        }
        Ok(())
    }

    /// Appends labels that were read as text; `bad` counts from the first of them.
    pub(super) fn push_list(&mut self, list: LabelList, bad: BadRows) {
        self.bad.merge(bad.after(self.labels.len()));
        self.labels.append(list.into_labels());
    }

    /// All labels; none if there was no row.
    ///
    /// # Errors
    /// If lists are no rows of labels.
    pub(super) fn finish(self) -> Result<RawLabels, Problem> {
        match self.labels.into_labels() {
            RawLabels::Soft { values, n_labels: 1 } if self.name.is_empty() => {
                Ok(RawLabels::Soft { values, n_labels: 1 })
            }
            RawLabels::Soft { values, n_labels } => {
                soft_labels::of_matrix(&self.name, values, n_labels)
            }
            one_each => Ok(one_each),
        }
    }

    /// Appends lists of numbers, which mean one label a row, several, or probabilities: only all of them tell.
    fn push_rows_of_labels(
        &mut self,
        series: &Series,
        name: &str,
        first_row: usize,
    ) -> Result<(), Problem> {
        let (cells, n_labels) = rows_of_labels(series, name, first_row)?;
        match &self.labels.0 {
            _ if cells.is_empty() => return Ok(()),
            RawLabels::Soft { n_labels: n, .. } if *n != n_labels => {
                return Err(Problem::new(format!(
                    "column {name}: some rows have {n} labels and others {n_labels}"
                )));
            }
            _ => {}
        }
        name.clone_into(&mut self.name);
        self.labels.append(RawLabels::Soft { values: Values::F64(cells), n_labels });
        Ok(())
    }

    fn push_texts(&mut self, series: &Series, name: &str, first_row: usize) -> Result<(), Problem> {
        let series = guard(|| series.cast(&DataType::String))?;
        let texts = guard(|| series.str())?;
        for (row, text) in (first_row..).zip(texts.iter()) {
            let text = text.unwrap_or_default();
            if text.trim().is_empty() {
                self.bad.add(row, || missing(name));
            }
            self.labels.push_text(text);
        }
        Ok(())
    }

    /// Class numbers, or probabilities where there is a fraction.
    fn numbers(
        &mut self,
        series: &Series,
        name: &str,
        first_row: usize,
    ) -> Result<RawLabels, Problem> {
        let floats = series.dtype().is_float();
        let numbers = guard(|| {
            let target = if floats { DataType::Float64 } else { DataType::Int64 };
            series.strict_cast(&target)
        })?;
        let stored: Vec<Option<Result<i64, f64>>> = guard(|| {
            let whole = |v| labels::as_whole(v).ok_or(v);
            Ok(if floats {
                numbers.f64()?.iter().map(|v| v.map(whole)).collect()
            } else {
                numbers.i64()?.iter().map(|v| v.map(Ok)).collect()
            })
        })?;
        let fraction = |v: &Option<Result<i64, f64>>| matches!(v, Some(Err(v)) if soft_labels::is_fraction(*v));
        if stored.iter().any(fraction) {
            return Ok(self.probabilities(stored, name, first_row));
        }
        let mut out = Vec::with_capacity(stored.len());
        for (row, value) in (first_row..).zip(stored) {
            match value {
                Some(Err(v)) => {
                    self.bad.add(row, || format!("column {name}: {v} is no whole number"));
                }
                None => self.bad.add(row, || missing(name)),
                Some(Ok(_)) => {}
            }
            out.push(value.and_then(Result::ok).unwrap_or(0));
        }
        Ok(RawLabels::Whole(out))
    }

    /// What is no probability is told when all is known.
    fn probabilities(
        &mut self,
        stored: Vec<Option<Result<i64, f64>>>,
        name: &str,
        first_row: usize,
    ) -> RawLabels {
        let mut out = Vec::with_capacity(stored.len());
        for (row, value) in (first_row..).zip(stored) {
            if value.is_none() {
                self.bad.add(row, || missing(name));
            }
            out.push(match value {
                Some(Ok(whole)) => whole as f64,
                Some(Err(v)) => v,
                None => 0.0,
            });
        }
        RawLabels::Soft { values: Values::F64(out), n_labels: 1 }
    }
}

fn as_floats(whole: &[i64]) -> Vec<f64> {
    whole.iter().map(|label| *label as f64).collect()
}

/// What is said of a row without a label.
pub(super) fn missing(name: &str) -> String {
    format!("column {name}: the label is missing")
}

/// A column of lists of numbers, row-major, and the length of each.
fn rows_of_labels(
    series: &Series,
    name: &str,
    first_row: usize,
) -> Result<(Vec<f64>, usize), Problem> {
    let n_labels = super::lists::width(series)?;
    let (mut cells, mut bad) = (Vec::<f64>::new(), BadRows::default());
    let lists = Cells { series, name, first_row };
    push_lists(&mut cells, &lists, n_labels, &mut bad)?;
    bad.check(&RowNames::default())?;
    Ok((cells, n_labels))
}

/// The part that each row of a column belongs to.
pub(super) fn parts_of(series: &Series) -> Result<Vec<Option<PartName>>, Problem> {
    let series = guard(|| series.cast(&DataType::String))?;
    let texts = guard(|| series.str())?;
    Ok(texts.iter().map(|t| PartName::parse(t.unwrap_or_default())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> RawLabels {
        let mut list = LabelList::default();
        for text in texts {
            list.push_text(text);
        }
        list.into_labels()
    }

    #[test]
    fn text_is_kept_as_numbers_only_where_nothing_is_lost() {
        let whole = ["0", "-100", "9223372036854775807", "12"];
        assert_eq!(list(&whole), RawLabels::Whole(vec![0, -100, i64::MAX, 12]));
        for odd in ["007", "-0", "+1", "1.0", " 1", "", "a", "9223372036854775808", "-"] {
            let texts = ["3", odd, "-5"];
            let expected = texts.iter().map(ToString::to_string).collect();
            assert_eq!(list(&texts), RawLabels::Text(expected), "{odd}");
        }
    }

    #[test]
    fn numbers_become_text_when_text_follows() {
        let mut labels = LabelList::default();
        labels.append(RawLabels::Whole(vec![1, 2]));
        labels.append(list(&["a"]));
        labels.append(RawLabels::Whole(vec![3]));
        let expected = ["1", "2", "a", "3"].map(ToString::to_string);
        assert_eq!(labels.into_labels(), RawLabels::Text(expected.to_vec()));
    }
}
