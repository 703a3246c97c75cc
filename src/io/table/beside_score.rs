//! A column called like scores beside others that may be the scores of the classes: it may be the largest of them.

use std::collections::{BTreeSet, HashSet};

use super::super::carry;
use super::super::error::Problem;
use super::super::labels::{self, IGNORE_INDEX};
use super::super::names;
use super::super::picked::{Probe, RawLabels};
use super::columns::Chooser;

/// The columns that are called exactly like the labels, where all labels have one and no other column of numbers with
/// fractions stands beside `score` and them; `None` if nothing tells that columns beside `score` are scores.
///
/// # Errors
/// If only some are called like the labels, or there are as many as classes.
pub(super) fn choose(
    table: &Chooser<'_>,
    free: &[usize],
    label_idx: Option<usize>,
    probe: &mut Probe<'_>,
) -> Result<Option<Vec<usize>>, Problem> {
    let demanded = carry::demanded(table.options)?;
    let name = |i: usize| table.columns[i].name.as_str();
    let numbers = free.iter().copied().filter(|i| {
        table.columns[*i].ty.is_number() && !demanded.iter().any(|asked| asked == name(*i))
    });
    let (scores, others): (Vec<usize>, Vec<usize>) =
        numbers.partition(|i| names::is_logits_name(name(*i)));
    let (Some(score), Some(label_idx)) = (scores.first(), label_idx) else {
        return Ok(None);
    };
    if others.len() < 2 {
        return Ok(None);
    }
    let Some((values, n_classes)) = classes(table, probe(label_idx)?) else {
        return Ok(None);
    };
    let called = |i: &usize| values.contains(name(*i));
    let is_float = |i: &usize| table.columns[*i].ty.is_float();
    let classes: Vec<usize> = others.iter().copied().filter(called).collect();
    let mut others = others;
    others.retain(|i| called(i) || is_float(i));
    let all_called = classes.len() == values.len() && classes.len() > 1;
    if all_called && others.len() == classes.len() {
        return Ok(Some(classes));
    }
    if others.len() < 2 || classes.is_empty() && others.len() != n_classes {
        return Ok(None);
    }
    let likely = if all_called { &classes } else { &others };
    Err(unsure(table, &scores, &others, likely, name(*score)))
}

/// The names that the labels give, and how many classes there are by them; `None` for rows of several labels.
fn classes(table: &Chooser<'_>, labels: RawLabels) -> Option<(HashSet<String>, usize)> {
    match labels::simplify(labels) {
        RawLabels::Text(texts) => {
            let values = labels::distinct(&texts, IGNORE_INDEX);
            let n_classes = values.len();
            Some((values.into_iter().collect(), n_classes))
        }
        RawLabels::Whole(whole) => {
            let ignore = table.options.ignore_index.unwrap_or(IGNORE_INDEX);
            let values: BTreeSet<i64> = whole.into_iter().filter(|l| *l != ignore).collect();
            let offset = table.options.label_offset;
            let top = values.last().map_or(0, |top| top.saturating_sub(offset));
            let n_classes = usize::try_from(top).ok()?.saturating_add(1);
            Some((values.iter().map(ToString::to_string).collect(), n_classes))
        }
        RawLabels::Entries { .. } | RawLabels::Soft { .. } => None,
    }
}

fn unsure(
    table: &Chooser<'_>,
    scores: &[usize],
    others: &[usize],
    likely: &[usize],
    score: &str,
) -> Problem {
    let likely: Vec<&str> = likely.iter().map(|i| table.columns[*i].name.as_str()).collect();
    Problem::new(format!(
        "it is not clear which columns are the logits: {}, or {}, which may be the largest of a row",
        table.list(others),
        table.list(scores)
    ))
    .hint(format!(
        "--logits '{}' (exactly the columns of the classes) or, if it is the score of class 1, --logits {score}",
        likely.join(",")
    ))
}
