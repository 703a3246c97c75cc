//! Columns of a table that are carried along.

use std::collections::HashSet;

use std::ops::Range;

use polars::prelude::{DataType, Series};

use super::super::carry::{self, CarrySink};
use super::super::error::Problem;
use super::super::progress::Watch;
use super::columns::{Column, ColumnType, ScoreColumns, Selection};
use super::frames::Frames;
use super::guard::guard;
use crate::data::{CarriedValues, TextColumn};

/// The places of the columns to carry: those that a flag names, and of the others the first that are one value for
/// each row and neither scores nor labels.
pub(super) fn choose(
    columns: &[Column],
    scores: &ScoreColumns,
    labels: Option<usize>,
    demanded: &[String],
) -> Vec<usize> {
    let is_scalar = |idx: &usize| {
        let ty = &columns[*idx].ty;
        ty.is_number() || matches!(ty, ColumnType::Bool | ColumnType::Text)
    };
    let is_demanded = |idx: &usize| demanded.contains(&columns[*idx].name);
    let scores: HashSet<usize> = match scores {
        ScoreColumns::Wide(idxs) => idxs.iter().copied().collect(),
        ScoreColumns::List(only) | ScoreColumns::Record(only, _) => HashSet::from([*only]),
    };
    let is_score = |idx: &usize| scores.contains(idx);
    let mut n_free = 0;
    let mut wanted = |idx: &usize| {
        let is_free = Some(*idx) != labels && !is_score(idx);
        n_free += usize::from(is_free && !is_demanded(idx));
        is_demanded(idx) || is_free && n_free <= carry::MAX_COLUMNS
    };
    (0..columns.len()).filter(is_scalar).filter(|idx| wanted(idx)).collect()
}

/// An empty column for cells of this type.
pub(super) fn empty(ty: &ColumnType) -> CarriedValues {
    match ty {
        ColumnType::Int => CarriedValues::Whole(Vec::new()),
        ColumnType::Float { .. } => CarriedValues::Numbers(Vec::new()),
        _ => CarriedValues::Text(TextColumn::default()),
    }
}

/// A sink with the columns of `selection`.
pub(super) fn sink(columns: &[Column], selection: &Selection, demanded: &[String]) -> CarrySink {
    let mut sink = CarrySink::default();
    let label_columns: HashSet<usize> = selection.label_columns.iter().copied().collect();
    for idx in &selection.carried {
        let column = &columns[*idx];
        let is_label = label_columns.contains(idx);
        let is_demanded = is_label || demanded.contains(&column.name);
        sink.add(&column.name, empty(&column.ty), is_demanded);
    }
    sink
}

/// Appends all rows of the columns `carried` of `frames`, piece by piece; a column that is too large is not read on.
pub(super) fn read_frames(
    frames: &dyn Frames,
    carried: &[usize],
    columns: &[Column],
    sink: &mut CarrySink,
    watch: &mut Watch<'_>,
) -> Result<(), Problem> {
    for piece in frames.pieces() {
        let live = sink.live();
        let live: Vec<usize> = live.into_iter().filter(|place| *place < carried.len()).collect();
        if live.is_empty() {
            break;
        }
        let idxs: Vec<usize> = live.iter().map(|place| carried[*place]).collect();
        let range: Range<usize> = piece.clone();
        frames.read(&idxs, range, &mut |frame| {
            for (place, series) in live.iter().zip(&frame.columns) {
                sink.push(*place, values_of(series, &columns[carried[*place]].ty)?);
            }
            watch.tick()
        })?;
    }
    Ok(())
}

/// The cells of a column of which it is known what they are meant to be.
pub(super) fn values_of(series: &Series, ty: &ColumnType) -> Result<CarriedValues, Problem> {
    match series.dtype() {
        DataType::String | DataType::Categorical(..) | DataType::Enum(..) => {
            let series = guard(|| series.cast(&DataType::String))?;
            let texts = guard(|| series.str())?;
            let mut values = empty(ty);
            texts.iter().for_each(|text| values.push_cell(text.unwrap_or_default()));
            Ok(values)
        }
        DataType::Boolean => {
            let truths = guard(|| series.bool())?;
            let mut text = TextColumn::default();
            let word = |truth: bool| if truth { "true" } else { "false" };
            truths.iter().for_each(|truth| text.push(truth.map(word)));
            Ok(CarriedValues::Text(text))
        }
        dtype if dtype.is_integer() && !ty.is_float() => {
            // Numbers beyond i64 are as near as f64 brings them.
            match guard(|| series.strict_cast(&DataType::Int64)) {
                Ok(whole) => {
                    let whole = guard(|| whole.i64())?;
                    let value = |v: Option<i64>| v.unwrap_or(CarriedValues::MISSING);
                    Ok(CarriedValues::Whole(whole.iter().map(value).collect()))
                }
                Err(_) => numbers(series),
            }
        }
        _ => numbers(series),
    }
}

fn numbers(series: &Series) -> Result<CarriedValues, Problem> {
    let numbers = guard(|| series.cast(&DataType::Float64))?;
    let numbers = guard(|| numbers.f64())?;
    let value = |v: Option<f64>| v.unwrap_or(f64::NAN);
    Ok(CarriedValues::Numbers(numbers.iter().map(value).collect()))
}
