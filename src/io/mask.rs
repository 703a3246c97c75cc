//! Masks beside token labels: arrays of 0 and 1 that say which rows count.

use super::array::{Array, ArrayInfo, Elements};
use super::error::Problem;
use super::names::Name;
use super::picked::{RawLabels, grouped, guess};
use super::{OpenOptions, labels};
use crate::data::Guess;

/// Names of masks whose ones are rows that count.
const KEEP_NAMES: [&str; 8] = [
    "mask",
    "attention_mask",
    "loss_mask",
    "label_mask",
    "labels_mask",
    "target_mask",
    "token_mask",
    "logits_mask",
];
/// Names of masks whose ones are rows to leave out.
const DROP_NAMES: [&str; 5] =
    ["padding_mask", "pad_mask", "key_padding_mask", "special_tokens_mask", "ignore_mask"];

/// True for the name of a mask.
pub(super) fn is_called_so(name: &str) -> bool {
    let name = name.to_lowercase();
    KEEP_NAMES.contains(&name.as_str())
        || DROP_NAMES.contains(&name.as_str())
        || name.contains("mask")
}

/// An array that says which rows count.
pub(super) struct Mask {
    /// Its place among the arrays.
    pub(super) idx: usize,
    /// What it holds where a row counts.
    keep: i64,
}

/// The mask of the logits `infos[logits]`: an array of integers or truth values with one for each row,
/// called like a mask and of the same part and step.
pub(super) fn find(infos: &[ArrayInfo], names: &[Name], logits: usize) -> Option<Mask> {
    let possible = |idx: &usize| {
        let (info, name, of) = (&infos[*idx], &names[*idx], &names[logits]);
        // `valid_mask` speaks of rows that are valid where nothing else speaks of a part.
        let same_part = name.part == of.part || of.part.is_none();
        let same_step = name.step.is_none() || name.step == of.step;
        let fits = info.is_one_for_each_row_of(&infos[logits]);
        *idx != logits && !info.is_float() && fits && same_part && same_step
    };
    (0..infos.len()).filter(possible).find_map(|idx| {
        let stem = names[idx].stem.as_str();
        let keep = match (KEEP_NAMES.contains(&stem), DROP_NAMES.contains(&stem)) {
            (true, _) => 1,
            (_, true) => 0,
            _ => return None,
        };
        Some(Mask { idx, keep })
    })
}

impl Mask {
    /// Marks the rows that do not count as rows without a label.
    ///
    /// # Errors
    /// If the mask holds other numbers than 0 and 1.
    pub(super) fn apply(
        &self,
        array: &Array,
        labels: &mut RawLabels,
        options: &OpenOptions,
        guesses: &mut Vec<Guess>,
    ) -> Result<(), Problem> {
        let marks: Vec<i64> = match &array.elements {
            Elements::Int(marks) => marks.clone(),
            Elements::Bool(marks) => marks.iter().map(|m| i64::from(*m)).collect(),
            Elements::Float(_) | Elements::Text(_) => return Ok(()),
        };
        if let Some(row) = marks.iter().position(|m| !matches!(m, 0 | 1)) {
            let (info, row, mark) = (&array.info, grouped(row + 1), marks[row]);
            return Err(Problem::new(format!(
                "{info}: a mask holds 0 and 1, and row {row} holds {mark}"
            ))
            .hint("give the array another name, or save the labels of rows to leave out as -100"));
        }
        let ignore = options.ignore_index.unwrap_or(labels::IGNORE_INDEX);
        let mut n_left_out = 0;
        for (row, _) in marks.iter().enumerate().filter(|(_, m)| **m != self.keep) {
            n_left_out += 1;
            labels.ignore(row, ignore);
        }
        let (keep, n_left_out) = (self.keep, grouped(n_left_out));
        guesses.push(guess(
            "mask",
            array.info.to_string(),
            format!("by name; rows where it is not {keep} are left out: {n_left_out}"),
        ));
        Ok(())
    }
}
