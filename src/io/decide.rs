//! What the scores are: by a flag, by what the format says, or by the numbers and names. What could be two things is
//! asked, never guessed.

use super::OpenOptions;
use super::error::Problem;
use super::kind::{self, Look};
use super::names;
use super::picked::{Picked, Scores, grouped, guess};
use super::sample::Sample;
use crate::data::{Guess, Kind};

/// The flag, as hints name it.
const FLAG: &str = "--kind logits|log-probs|probs|sigmoid";

/// The answers to the question what numbers in [0, 1] are.
const ANSWERS: &str = "--kind sigmoid (one-vs-rest: z = ln p/(1-p)), --kind probs (every row is brought to sum 1), or \
                       --kind logits";

/// Numbers that reach beyond this, are never negative and never above 100, are in percent if they are one column or
/// called so: as a logit this would leave the other class one chance in 10^13.
const PERCENT_BEYOND: f64 = 30.0;

/// The kind of all parts.
pub(super) fn decide(
    parts: &[Picked],
    samples: &[Sample],
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<Kind, Problem> {
    let both = || parts.iter().zip(samples);
    if let Some(kind) = options.kind {
        both().try_for_each(|(part, sample)| check(part, sample, kind))?;
        guesses.extend(brought_to_one(parts, samples, kind));
        return Ok(kind);
    }
    if let Some(known) = parts[0].scores.known {
        let evidence = format!("{}; {FLAG}", known.evidence);
        guesses.push(guess("kind", known.kind.describe(), evidence));
        return Ok(known.kind);
    }
    let found = both().map(|(part, sample)| looks_like(part, sample));
    let found: Vec<(Kind, String)> = found.collect::<Result<_, _>>()?;
    // A row that sums to 1 is strong evidence; a lone score between 0 and 1 is not, so that a single
    // score outside in any part speaks for all.
    let is_weak = parts[0].scores.n_cols() == 1;
    let by_weak = found.iter().find(|(kind, _)| is_weak && *kind == Kind::Logits);
    let (kind, evidence) = by_weak.unwrap_or(&found[0]);
    if by_weak.is_none() && found.iter().any(|(other, _)| other != kind) {
        return Err(Problem::new(
            "the val part and the test part look like different kinds of numbers",
        )
        .hint(FLAG));
    }
    guesses.push(guess("kind", kind.describe(), format!("{evidence}; {FLAG}")));
    Ok(*kind)
}

/// A flag that the numbers contradict would silently cost rows: ln of a negative number is none.
fn check(part: &Picked, sample: &Sample, kind: Kind) -> Result<(), Problem> {
    let Some((idx, value)) = kind::contradiction(sample.values.as_ref(), kind) else {
        return Ok(());
    };
    let n_cols = part.scores.n_cols();
    let row = part.rows.name(sample.rows[idx / n_cols]);
    Err(kind::contradicted(&row, idx % n_cols, value, kind))
}

/// How many rows of probabilities do not sum to 1, where a flag says that they are such.
fn brought_to_one(parts: &[Picked], samples: &[Sample], kind: Kind) -> Option<Guess> {
    let n_cols = parts[0].scores.n_cols();
    if kind != Kind::Probs || n_cols < 2 {
        return None;
    }
    let off = samples.iter().map(|sample| kind::n_off_one(&sample.values, n_cols));
    let n_off: usize = off.sum();
    let n_rows: usize = samples.iter().map(|sample| sample.rows.len()).sum();
    let n_all: usize = parts.iter().map(|part| part.scores.n_rows()).sum();
    let looked = if n_rows < n_all { " looked at" } else { "" };
    (n_off > 0).then(|| {
        let evidence = format!(
            "--kind probs; {} of {} rows{looked} do not sum to 1 and are brought to it",
            grouped(n_off),
            grouped(n_rows)
        );
        guess("kind", kind.describe(), evidence)
    })
}

/// What the numbers of one part are, and why.
fn looks_like(part: &Picked, sample: &Sample) -> Result<(Kind, String), Problem> {
    let scores = &part.scores;
    let (kind, why) = match kind::look(&sample.values, scores.n_cols(), scores.dtype()) {
        Look::Probs { .. } if scores.n_cols() == 1 => {
            if is_called(scores, &["logit", "logits"]) {
                return Err(unclear(scores, "every score lies in [0, 1]"));
            }
            (Kind::Probs, "every score lies in [0, 1]".to_owned())
        }
        Look::Probs { by_rounding } => {
            let within = by_rounding.map_or_else(String::new, |slack| {
                format!(" within {}, as digits were rounded", short(slack))
            });
            let why = format!("every row lies in [0, 1] and sums to 1{within}");
            (Kind::Probs, why)
        }
        Look::LogProbs => {
            let why = "no number is above 0 and each row's log-sum-exp is 0";
            (Kind::LogProbs, why.to_owned())
        }
        Look::Classes => return Err(predicted_classes(scores)),
        Look::Unit { sums: [low, high] } => {
            let [low, high] = [low, high].map(short);
            let what = format!("every score lies in [0, 1], and rows sum to {low} to {high}");
            return Err(unclear(scores, &what));
        }
        Look::Percent => return Err(percent(scores)),
        Look::Mixed { most, n_such, n_rows, place } => {
            let row = part.rows.name(sample.rows[place]);
            let (n_such, n_rows) = (grouped(n_such), grouped(n_rows));
            let what =
                format!("{}: {n_such} of {n_rows} rows are {most}, and {row} is not", scores.name);
            let hint =
                "correct that row and others like it; if all of these are logits: --kind logits";
            return Err(Problem::new(what).hint(hint));
        }
        Look::Other { low, high } => {
            refuse_by_name(scores, [low, high])?;
            let why = "rows are neither probabilities nor log-probabilities";
            (Kind::Logits, why.to_owned())
        }
    };
    Ok((kind, why))
}

/// Numbers from `low` to `high` that nothing but their name, or their size, tells from logits.
fn refuse_by_name(scores: &Scores, [low, high]: [f64; 2]) -> Result<(), Problem> {
    const PERCENT_NAMES: [&str; 5] = ["confidence", "conf", "percent", "percentage", "pct"];
    const PROBABILITY_NAMES: [&str; 8] =
        ["prob", "probs", "proba", "probas", "probability", "probabilities", "softmax", "p"];
    if low >= high || is_called(scores, &["log", "logit", "logits", "margin"]) {
        return Ok(());
    }
    let is_probability = is_called(scores, &PROBABILITY_NAMES);
    let is_confidence = is_probability || is_called(scores, &PERCENT_NAMES);
    let is_within = low >= 0.0 && (PERCENT_BEYOND..=100.0).contains(&high);
    let problem = if is_within && (is_confidence || scores.n_cols() == 1) {
        percent(scores)
    } else if low >= 0.0 && is_called(scores, &["vote", "votes", "count", "counts"]) {
        Problem::new(format!("{}: these are counts, not logits", scores.name))
            .hint("divide every row by its sum and save that: `x / x.sum(axis=1, keepdims=True)`")
    } else if is_probability || is_confidence && low >= 0.0 {
        let [low, high] = [low, high].map(short);
        Problem::new(format!(
            "{}: by name these are probabilities, and they go from {low} to {high}",
            scores.name
        ))
        .hint("if the name says nothing, say what they are: --kind logits or --kind log-probs")
    } else {
        return Ok(());
    };
    Err(problem)
}

/// True if one of `words` is a word of the name, or where columns are called by classes, of all of these.
fn is_called(scores: &Scores, words: &[&str]) -> bool {
    let has_word = |name: &String| names::has_word(name, words);
    match &scores.class_names {
        Some(names) if names.first() == Some(&scores.name) => names.iter().all(has_word),
        _ => has_word(&scores.name),
    }
}

fn unclear(scores: &Scores, what: &str) -> Problem {
    Problem::new(format!(
        "{}: {what}: one-vs-rest probabilities, probabilities to be brought to sum 1, or logits?",
        scores.name
    ))
    .hint(ANSWERS)
}

fn predicted_classes(scores: &Scores) -> Problem {
    Problem::new(format!(
        "{}: every number is 0 or 1: these are predicted classes, not scores, and do not say how sure the model was",
        scores.name
    ))
    .hint(
        "save what the model computed before it chose, its logits or probabilities; --kind probs takes these for \
         probabilities all the same",
    )
}

fn percent(scores: &Scores) -> Problem {
    Problem::new(format!("{}: these are percent, not logits", scores.name))
        .hint("divide by 100 and save that: `x / 100`")
}

/// Four digits, as many as anybody reads.
fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    text.to_owned()
}
