//! Language models: the scores at one token are about the next one.

use super::error::Problem;
use super::labels::IGNORE_INDEX;
use super::picked::{RawLabels, guess};
use super::progress::Watch;
use super::raw::RawScores;
use super::{OpenOptions, soft_labels};
use crate::data::{Guess, Values};

/// Rows that are looked at before a shift is offered.
const LOOKED_AT: usize = 2048;

/// Moves the labels of each sentence of `n_inner` tokens one token ahead: a row is labelled with what follows it, and
/// the last row of a sentence with `--ignore-index`.
pub(super) fn shift(labels: &mut RawLabels, n_inner: usize, options: &OpenOptions) {
    let ignore = options.ignore_index.unwrap_or(IGNORE_INDEX);
    let n_inner = n_inner.max(1);
    match labels {
        RawLabels::Whole(whole) => whole.chunks_mut(n_inner).for_each(|sentence| {
            sentence.rotate_left(1);
            sentence.iter_mut().next_back().into_iter().for_each(|last| *last = ignore);
        }),
        RawLabels::Text(texts) => texts.chunks_mut(n_inner).for_each(|sentence| {
            sentence.rotate_left(1);
            sentence.iter_mut().next_back().into_iter().for_each(|last| *last = ignore.to_string());
        }),
        RawLabels::Soft { values, n_labels } => {
            soft_labels::shift(values, *n_labels, n_inner, ignore);
        }
        RawLabels::Entries { .. } => {}
    }
}

/// Says so if the labels fit the scores of the row before them far better than those of their own row.
///
/// # Errors
/// If the scores cannot be read.
pub(super) fn offer(
    raw: &dyn RawScores,
    labels: &RawLabels,
    n_inner: usize,
    guesses: &mut Vec<Guess>,
    watch: &mut Watch<'_>,
) -> Result<(), Problem> {
    let RawLabels::Whole(whole) = labels else {
        return Ok(());
    };
    let (n_rows, n_cols) = (raw.n_rows().min(whole.len()), raw.n_cols());
    let step = n_rows.div_ceil(LOOKED_AT).max(1);
    // Rows whose sentence goes on, with a label here and at the next token.
    let counts = |row: &usize| {
        let goes_on = row % n_inner + 1 < n_inner && row + 1 < whole.len();
        goes_on && whole[*row] >= 0 && whole[row + 1] >= 0
    };
    let rows: Vec<usize> = (0..n_rows).step_by(step).filter(counts).collect();
    let scores = raw.rows(&rows, watch)?;
    let (mut here, mut next) = (0usize, 0usize);
    for (idx, row) in rows.iter().enumerate() {
        let best = i64::try_from(argmax(&scores, idx * n_cols..(idx + 1) * n_cols));
        here += usize::from(best == Ok(whole[*row]));
        next += usize::from(best == Ok(whole[row + 1]));
    }
    if is_far_better(next, here) {
        let share = |n: usize| format!("{:.1} %", 100.0 * n as f64 / rows.len() as f64);
        guesses.push(guess(
            "shift",
            "none",
            format!(
                "of the rows looked at {} are right, and {} would be if each were labelled with the token after it; --shift",
                share(here),
                share(next)
            ),
        ));
    }
    Ok(())
}

/// At least twice as many, by more than four standard deviations of what chance does.
fn is_far_better(next: usize, here: usize) -> bool {
    let (next, here) = (next as f64, here as f64);
    next > 2.0 * here && next - here > 4.0 * (next + here + 1.0).sqrt()
}

/// The first largest of some scores, counted from the first of them.
fn argmax(scores: &Values, range: std::ops::Range<usize>) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (place, idx) in range.enumerate() {
        let score = match scores {
            Values::F32(v) => f64::from(v[idx]),
            Values::F64(v) => v[idx],
        };
        if score > best.1 {
            best = (place, score);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::array::Dtype;
    use crate::io::raw::HeldScores;

    #[test]
    fn each_sentence_moves_by_itself() {
        let mut labels = RawLabels::Whole(vec![1, 2, 3, 4, 5, 6]);
        shift(&mut labels, 3, &OpenOptions::default());
        assert_eq!(labels, RawLabels::Whole(vec![2, 3, IGNORE_INDEX, 5, 6, IGNORE_INDEX]));
    }

    #[test]
    fn a_shift_is_offered_where_the_scores_are_about_the_next_token() {
        let tokens: Vec<i64> = (0..600).map(|i| i * 7919 % 11).collect();
        let about = |ahead: usize| {
            let score = |(row, class): (usize, i64)| {
                let token = tokens.get(row + ahead).copied();
                f64::from(u8::from(token == Some(class)))
            };
            let values = (0..600).flat_map(|row| (0..11).map(move |class| (row, class)));
            HeldScores::new(Values::F64(values.map(score).collect()), 11, Dtype::F64)
        };
        let offered = |ahead| {
            let (mut guesses, mut go_on) = (Vec::new(), |_| true);
            let mut watch = Watch::new(&mut go_on, 0).unwrap();
            let labels = RawLabels::Whole(tokens.clone());
            offer(&about(ahead), &labels, 20, &mut guesses, &mut watch).unwrap();
            guesses.iter().any(|guess| guess.evidence.contains("--shift"))
        };
        assert!(!offered(0));
        assert!(offered(1));
    }
}
