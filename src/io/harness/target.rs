//! Which choice is right: `target` is its index, its text, or a list of right ones.

use serde_json::Value;
use std::fmt::Write as _;

use super::super::error::Problem;
use super::super::picked::{BadRows, RawLabels, RowNames, grouped, guess};
use crate::data::{Guess, printable};

/// Characters of a target that a message shows.
const SHOWN_CHARS: usize = 40;

/// The right choice of one question, by both ways to read its target.
pub(super) struct Answer {
    by_index: Choice,
    by_text: Choice,
    /// Whether the log calls the largest log-likelihood right (`acc`), and where that is.
    judged: Option<(usize, bool)>,
    n_choices: usize,
    /// For messages.
    target: String,
}

/// One way to read a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Choice {
    One(usize),
    /// Several choices are right, or the target says that there is none.
    NotOne,
    /// It is no choice.
    Invalid,
}

impl Answer {
    /// `target` among `n` choices, of which the texts may be known; `judged` is the choice with the largest
    /// log-likelihood and what the log says of it.
    pub(super) fn of(
        target: &Value,
        n: usize,
        texts: Option<&[String]>,
        (first_max, acc): (Option<usize>, Option<f64>),
    ) -> Self {
        let shown = match target {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let several = listed(target, &shown);
        let each = |read: &dyn Fn(&str) -> Choice| match &several {
            None => read(&shown),
            Some(items) => match &items[..] {
                [only] => read(only),
                [] => Choice::NotOne,
                items if items.iter().any(|item| read(item) == Choice::Invalid) => Choice::Invalid,
                _ => Choice::NotOne,
            },
        };
        let by_index = each(&|text| by_index(text, n));
        let by_text = each(&|text| by_text(text, texts));
        let judged = first_max.zip(acc).map(|(place, acc)| (place, acc > 0.5));
        Self {
            by_index,
            by_text,
            judged,
            n_choices: n,
            target: shown.chars().take(SHOWN_CHARS).collect(),
        }
    }

    fn read(&self, way: Way) -> Choice {
        match way {
            Way::Index => self.by_index,
            Way::Text => self.by_text,
        }
    }
}

/// The items of a list, also of one that Python wrote as text: `[0, 2]`, `['a', 'b']`.
fn listed(target: &Value, shown: &str) -> Option<Vec<String>> {
    let text = |item: &Value| match item {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if let Value::Array(items) = target {
        return Some(items.iter().map(text).collect());
    }
    let inner = shown.trim().strip_prefix('[')?.strip_suffix(']')?;
    if inner.trim().is_empty() {
        return Some(Vec::new());
    }
    let bare = |item: &str| item.trim().trim_matches(['\'', '"']).to_owned();
    Some(inner.split(',').map(bare).collect())
}

/// -100 is how the harness writes that no choice is right.
fn by_index(text: &str, n: usize) -> Choice {
    match text.trim().parse::<i64>() {
        Ok(-100) => Choice::NotOne,
        Ok(index) => usize::try_from(index)
            .ok()
            .filter(|index| *index < n)
            .map_or(Choice::Invalid, Choice::One),
        Err(_) => Choice::Invalid,
    }
}

fn by_text(text: &str, texts: Option<&[String]>) -> Choice {
    let mut same =
        texts.into_iter().flatten().enumerate().filter(|(_, choice)| choice.trim() == text.trim());
    match (same.next(), same.next()) {
        (Some((place, _)), None) => Choice::One(place),
        (Some(_), Some(_)) => Choice::NotOne,
        (None, _) => Choice::Invalid,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Index,
    Text,
}

/// The answers of all questions.
#[derive(Default)]
pub(super) struct Readings {
    answers: Vec<Option<Answer>>,
}

impl Readings {
    /// The answer of the next question, if it has a target.
    pub(super) fn push(&mut self, answer: Option<Answer>) {
        self.answers.push(answer);
    }

    /// True if no question has a target.
    pub(super) fn is_empty(&self) -> bool {
        self.answers.iter().all(Option::is_none)
    }

    /// Rows that can be read this way, and of these the ones where the log's own `acc` is borne out.
    fn support(&self, way: Way) -> (usize, usize) {
        let one = |answer: &Answer| match answer.read(way) {
            Choice::One(place) => (1, agrees(answer, place)),
            Choice::NotOne => (1, 0),
            Choice::Invalid => (0, 0),
        };
        let counts = self.answers.iter().flatten().map(one);
        counts.fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1))
    }

    /// The right choice of every question. Rows with several right ones, or none, are left out.
    ///
    /// # Errors
    /// If a target is no choice.
    pub(super) fn labels(
        self,
        ignore: i64,
        names: &RowNames,
        guesses: &mut Vec<Guess>,
    ) -> Result<RawLabels, Problem> {
        let (index, text) = (self.support(Way::Index), self.support(Way::Text));
        let way = if text > index { Way::Text } else { Way::Index };
        let (mut bad, mut n_not_one) = (BadRows::default(), 0);
        let mut labels = Vec::with_capacity(self.answers.len());
        for (row, answer) in self.answers.iter().enumerate() {
            let choice = answer.as_ref().map(|answer| answer.read(way));
            labels.push(match choice {
                Some(Choice::One(place)) => i64::try_from(place).unwrap_or(i64::MAX),
                Some(Choice::NotOne) => {
                    n_not_one += 1;
                    ignore
                }
                Some(Choice::Invalid) | None => {
                    bad.add(row, || wrong(answer.as_ref()));
                    ignore
                }
            });
        }
        bad.check(names).map_err(|p| {
            p.hint("a target is the index of the right choice, counted from 0, or its text")
        })?;
        guesses.push(self.described(way, n_not_one));
        Ok(RawLabels::Whole(labels))
    }

    fn described(&self, way: Way, n_not_one: usize) -> Guess {
        let chosen = match way {
            Way::Index => "target, the index of the right choice",
            Way::Text => "target, the text of the right choice",
        };
        let n_judged = |answer: &&Answer| {
            answer.judged.is_some() && matches!(answer.read(way), Choice::One(_))
        };
        let n_judged = self.answers.iter().flatten().filter(n_judged).count();
        let mut evidence = if n_judged > 0 {
            let n_agree = grouped(self.support(way).1);
            let n_judged = grouped(n_judged);
            format!("it bears out the log's own acc in {n_agree} of {n_judged} rows")
        } else {
            "by name".to_owned()
        };
        if n_not_one > 0 {
            let n = grouped(n_not_one);
            let _ =
                write!(evidence, "; {n} rows with several right choices, or none, are left out");
        }
        guess("labels", chosen, evidence + "; --labels FILE")
    }
}

fn agrees(answer: &Answer, place: usize) -> usize {
    let agrees = |(max, right): (usize, bool)| (max == place) == right;
    usize::from(answer.judged.is_some_and(agrees))
}

fn wrong(answer: Option<&Answer>) -> String {
    let Some(answer) = answer else {
        return "there is no target".to_owned();
    };
    format!("target \"{}\" is none of the {} choices", printable(&answer.target), answer.n_choices)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn labels(answers: Vec<Answer>) -> Result<(RawLabels, Guess), String> {
        let answers = answers.into_iter().map(Some).collect();
        let mut guesses = Vec::new();
        let labels = Readings { answers }.labels(-100, &RowNames::default(), &mut guesses);
        let labels = labels.map_err(|problem| problem.message().to_owned())?;
        Ok((labels, guesses.remove(0)))
    }

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_target_is_an_index_a_text_or_a_list() {
        let choices = texts(&["no", "yes", "maybe"]);
        let read = |target: &Value| {
            let answer = Answer::of(target, 3, Some(&choices), (None, None));
            (answer.by_index, answer.by_text)
        };
        let (one, invalid) = (Choice::One, Choice::Invalid);
        assert_eq!(read(&json!(2)), (one(2), invalid));
        assert_eq!(read(&json!("2")), (one(2), invalid));
        assert_eq!(read(&json!("[2]")), (one(2), invalid));
        assert_eq!(read(&json!(" yes")), (invalid, one(1)));
        assert_eq!(read(&json!(["yes"])), (invalid, one(1)));
        assert_eq!(read(&json!("['no', 'maybe']")), (invalid, Choice::NotOne));
        assert_eq!(read(&json!([0, 2])), (Choice::NotOne, invalid));
        assert_eq!(read(&json!("[0, 7]")), (invalid, invalid));
        assert_eq!(read(&json!("-100")), (Choice::NotOne, invalid));
        assert_eq!(read(&json!(3)), (invalid, invalid));
        assert_eq!(read(&Value::Null), (invalid, invalid));
    }

    #[test]
    fn the_log_itself_tells_an_index_from_a_text_that_is_a_number() {
        let choices = texts(&["2", "0", "1"]);
        // Of a log that was right where it chose the text "0".
        let answer = |acc| Answer::of(&json!("0"), 3, Some(&choices), (Some(1), Some(acc)));
        let (by_text, guess) = labels(vec![answer(1.0), answer(1.0)]).expect("choices");
        assert_eq!(by_text, RawLabels::Whole(vec![1, 1]));
        assert!(guess.evidence.contains("2 of 2 rows"), "{}", guess.evidence);
        let (by_index, _) = labels(vec![answer(0.0)]).expect("choices");
        assert_eq!(by_index, RawLabels::Whole(vec![0]));
    }

    #[test]
    fn a_target_that_is_no_choice_is_named() {
        let answer = |target: Value| Answer::of(&target, 2, None, (None, None));
        let answers = vec![answer(json!(1)), answer(json!("x\u{1b}y"))];
        let error = labels(answers).expect_err("no choice");
        assert!(error.starts_with("row 2, target \"x"), "{error}");
        assert!(!error.contains('\u{1b}'));
    }

    #[test]
    fn rows_with_several_right_choices_are_left_out_and_counted() {
        let answer = |target: Value| Answer::of(&target, 2, None, (None, None));
        let (all, guess) = labels(vec![answer(json!([0, 1])), answer(json!(1))]).expect("choices");
        assert_eq!(all, RawLabels::Whole(vec![-100, 1]));
        assert!(guess.evidence.contains("1 rows with several"), "{}", guess.evidence);
    }
}
