//! Arrays whose names differ by a number alone: the steps of a training run, or pieces of one data set.

use std::collections::BTreeMap;

use super::array::ArrayInfo;
use super::error::Problem;
use super::names::{self, Name, PartName};
use super::picked::{Probe, RawLabels};

/// The names of the arrays taken apart. Names of logits that differ by a number alone, such as `logits_100` and
/// `logits_200` or the keys `100/logits` and `200/logits`, are steps of a run, together with the labels beside them,
/// if all have one shape; and pieces of one data set if they have the same classes and differ in rows.
pub(super) fn names_of(infos: &[ArrayInfo]) -> Vec<Name> {
    let mut names: Vec<Name> = infos.iter().map(|i| names::parse(&i.name)).collect();
    let numbers: Vec<Option<(u64, String)>> = names
        .iter()
        .map(|name| names::number_in(name).filter(|_| name.step.is_none() && name.piece.is_none()))
        .collect();
    let mut groups: BTreeMap<(Option<PartName>, &str), Vec<usize>> = BTreeMap::new();
    for (idx, found) in numbers.iter().enumerate() {
        let logits = |stem: &&str| can_be_logits(&infos[idx]) && names::logits_rank(stem).is_some();
        if let Some(stem) = found.as_ref().map(|(_, stem)| stem.as_str()).filter(logits) {
            groups.entry((names[idx].part, stem)).or_default().push(idx);
        }
    }
    groups.retain(|_, group| {
        let number = |idx: &usize| numbers[*idx].as_ref().map(|(number, _)| *number);
        group.iter().any(|idx| number(idx) != number(&group[0]))
    });
    let same = |of: fn(&ArrayInfo) -> &[usize]| {
        let mut groups = groups.values();
        groups.all(|group| group.iter().all(|idx| of(&infos[*idx]) == of(&infos[group[0]])))
    };
    let (same_shape, same_classes) = (same(|i| &i.shape), same(|i| &i.shape[1..]));
    if groups.is_empty() || !same_classes {
        return names;
    }
    for (name, found) in names.iter_mut().zip(numbers) {
        if let Some((number, stem)) = found {
            let place = if same_shape { &mut name.step } else { &mut name.piece };
            (*place, name.stem) = (Some(number), stem);
        }
    }
    names
}

/// True for numbers with a fraction in rows.
pub(super) fn can_be_logits(info: &ArrayInfo) -> bool {
    info.is_float() && info.n_cols().is_some_and(|k| k > 0)
}

/// How the labels of several arrays of logits are to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kinship {
    /// The same: the arrays are about the same rows.
    Same,
    /// The same in another order, as far as counts can tell.
    Reordered,
    /// Others.
    Different,
}

/// What the labels in the arrays `idxs` are to each other.
///
/// # Errors
/// If they cannot be read.
pub(super) fn kinship(idxs: &[usize], probe: &mut Probe<'_>) -> Result<Kinship, Problem> {
    let all: Vec<RawLabels> = idxs.iter().map(|idx| probe(*idx)).collect::<Result<_, _>>()?;
    if all.windows(2).all(|pair| pair[0] == pair[1]) {
        return Ok(Kinship::Same);
    }
    let sorted: Vec<RawLabels> = all.into_iter().map(sorted).collect();
    let reordered = sorted.windows(2).all(|pair| pair[0] == pair[1]);
    Ok(if reordered { Kinship::Reordered } else { Kinship::Different })
}

fn sorted(labels: RawLabels) -> RawLabels {
    match labels {
        RawLabels::Whole(mut whole) => {
            whole.sort_unstable();
            RawLabels::Whole(whole)
        }
        RawLabels::Text(mut texts) => {
            texts.sort_unstable();
            RawLabels::Text(texts)
        }
        rows => rows,
    }
}

#[cfg(test)]
mod tests {
    use super::super::array::Dtype;
    use super::*;

    fn series(arrays: &[(&str, &[usize])]) -> Vec<(Option<u64>, Option<u64>, String)> {
        let info = |(name, shape): &(&str, &[usize])| ArrayInfo {
            name: (*name).to_owned(),
            dtype: Ok(if shape.len() > 1 { Dtype::F32 } else { Dtype::Bool }),
            shape: shape.to_vec(),
        };
        let infos: Vec<ArrayInfo> = arrays.iter().map(info).collect();
        let names = names_of(&infos).into_iter();
        names.map(|n| (n.step, n.piece, n.stem)).collect()
    }

    fn name(
        step: Option<u64>,
        piece: Option<u64>,
        stem: &str,
    ) -> (Option<u64>, Option<u64>, String) {
        (step, piece, stem.to_owned())
    }

    #[test]
    fn names_that_differ_by_a_number_are_steps() {
        assert_eq!(
            series(&[
                ("val_logits_100", &[9, 3]),
                ("200/val/logits", &[9, 3]),
                ("labels_100", &[9]),
                ("labels", &[9]),
            ]),
            [
                name(Some(100), None, "logits"),
                name(Some(200), None, "logits"),
                name(Some(100), None, "labels"),
                name(None, None, "labels")
            ]
        );
        let two: [(&str, &[usize]); 2] = [("logits1", &[9, 3]), ("logits2", &[9, 3])];
        assert_eq!(series(&two)[1], name(Some(2), None, "logits"));
        // One is no series, and a type is no number.
        let one: [(&str, &[usize]); 2] = [("logits_1", &[9, 3]), ("labels", &[9])];
        assert_eq!(series(&one)[0], name(None, None, "logits_1"));
        let types: [(&str, &[usize]); 2] = [("logits_f16", &[9, 3]), ("logits_f32", &[9, 3])];
        assert_eq!(series(&types)[0], name(None, None, "logits_f16"));
    }

    #[test]
    fn arrays_of_other_shapes_are_no_steps() {
        let rows: [(&str, &[usize]); 2] = [("logits_0", &[64, 4]), ("logits_1", &[44, 4])];
        assert_eq!(series(&rows)[1], name(None, Some(1), "logits"));
        let classes: [(&str, &[usize]); 2] = [("preds/0", &[64, 4]), ("preds/1", &[64, 32])];
        assert_eq!(series(&classes)[1], name(None, None, "preds_1"));
    }
}
