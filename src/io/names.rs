//! What the names of columns, arrays and files say: part, step, and what the numbers are.

use std::collections::HashMap;

/// The part of a data set a name speaks of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum PartName {
    Val,
    Test,
}

impl PartName {
    /// `val` or `test`, whatever the file calls it.
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "val" | "valid" | "validation" | "dev" | "eval" => Some(Self::Val),
            "test" | "testing" => Some(Self::Test),
            _ => None,
        }
    }

    /// The word used in messages and flags.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Val => "val",
            Self::Test => "test",
        }
    }
}

/// Names of logits, best first.
const LOGIT_NAMES: [&str; 17] = [
    "logits",
    "logit",
    "predictions",
    "preds",
    "outputs",
    "output",
    "scores",
    "score",
    "log_probs",
    "logprobs",
    "log_prob",
    "probs",
    "probabilities",
    "probas",
    "proba",
    "prob",
    "softmax",
];

/// Names of labels, best first.
const LABEL_NAMES: [&str; 19] = [
    "labels",
    "label",
    "targets",
    "target",
    "label_ids",
    "label_id",
    "ground_truth",
    "y_true",
    "true_label",
    "true_labels",
    "truth",
    "gt",
    "y",
    "obs",
    "observed",
    "actual",
    "class",
    "classes",
    "true",
];

/// Columns that are carried along and are neither logits nor labels.
const CARRIED_NAMES: [&str; 33] = [
    "id",
    "ids",
    "idx",
    "index",
    "row",
    "rows",
    "row_id",
    "sample_id",
    "uid",
    "split",
    "subset",
    "partition",
    "part",
    "fold",
    "resample",
    "group",
    "step",
    "global_step",
    "iteration",
    "epoch",
    "seed",
    "pred",
    "prediction",
    "predicted",
    "y_pred",
    "weight",
    "weights",
    "loss",
    "nll",
    "confidence",
    "entropy",
    "timestamp",
    "time",
];

/// A name taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Name {
    pub(super) part: Option<PartName>,
    pub(super) step: Option<u64>,
    /// What is left, in lower case, joined by `_`.
    pub(super) stem: String,
}

/// Takes `val_logits_step000600` apart: part val, step 600, stem `logits`.
pub(super) fn parse(name: &str) -> Name {
    let mut part = None;
    let mut step = None;
    let mut words: Vec<String> = Vec::new();
    let lower = name.to_lowercase();
    for word in lower
        .split(['_', '-', '.', '/', ' '])
        .filter(|w| !w.is_empty())
    {
        let after_step = words.last().is_some_and(|w| is_step_word(w));
        if part.is_none() && PartName::parse(word).is_some() {
            part = PartName::parse(word);
        } else if let (true, Ok(number)) = (after_step, word.parse()) {
            words.pop();
            step = Some(number);
        } else if let Some(number) = step_number(word) {
            step = Some(number);
        } else {
            words.push(word.to_owned());
        }
    }
    Name {
        part,
        step,
        stem: words.join("_"),
    }
}

/// Takes names of logits that differ by a number alone, such as `logits_100` and `logits_200` or the
/// keys `100/logits` and `200/logits`, for the steps of a series, together with the labels beside them.
pub(super) fn number_series(names: &mut [Name], can_be_logits: &[bool]) {
    let steps: Vec<Option<(u64, String)>> = names
        .iter()
        .map(|name| number_in(name).filter(|_| name.step.is_none()))
        .collect();
    let is_logits = |i: &usize| {
        let stem = steps[*i].as_ref().map(|(_, stem)| stem);
        can_be_logits[*i] && stem.is_some_and(|stem| logits_rank(stem).is_some())
    };
    let mut seen = HashMap::new();
    let is_series = (0..names.len()).filter(is_logits).any(|i| {
        let Some((number, stem)) = &steps[i] else {
            return false;
        };
        *seen.entry((names[i].part, stem)).or_insert(*number) != *number
    });
    if !is_series {
        return;
    }
    for (name, step) in names.iter_mut().zip(steps) {
        if let Some((number, stem)) = step {
            (name.step, name.stem) = (Some(number), stem);
        }
    }
}

/// `logits_100` or `100_logits` to 100 and `logits`.
fn number_in(name: &Name) -> Option<(u64, String)> {
    let stem = name.stem.as_str();
    let last = stem.rsplit_once('_').map(|(rest, number)| (number, rest));
    let mut found = [stem.split_once('_'), last].into_iter().flatten();
    // `logits100`, and not the `f32` of `logits_f32`.
    let glued = || {
        let (rest, number) = trailing_number(stem)?;
        let whole = LOGIT_NAMES.contains(&rest) || LABEL_NAMES.contains(&rest);
        whole.then(|| (number, rest.to_owned()))
    };
    let whole = found.find_map(|(number, rest)| Some((number.parse().ok()?, rest.to_owned())));
    whole.or_else(glued).filter(|(_, rest)| !rest.is_empty())
}

fn is_step_word(word: &str) -> bool {
    matches!(
        word,
        "step" | "epoch" | "iter" | "iteration" | "ckpt" | "checkpoint"
    )
}

/// `step000600` to 600.
fn step_number(word: &str) -> Option<u64> {
    let (word, digits) = trailing_number(word)?;
    is_step_word(word).then_some(digits)
}

/// `logit_10` to `logit_` and 10.
pub(super) fn trailing_number(name: &str) -> Option<(&str, u64)> {
    let prefix = name.trim_end_matches(|c: char| c.is_ascii_digit());
    Some((prefix, name[prefix.len()..].parse().ok()?))
}

/// How well `stem` names logits: 0 is best, `None` not at all.
pub(super) fn logits_rank(stem: &str) -> Option<usize> {
    rank(&LOGIT_NAMES, stem)
}

/// How well `stem` names labels: 0 is best, `None` not at all.
pub(super) fn labels_rank(stem: &str) -> Option<usize> {
    rank(&LABEL_NAMES, stem)
}

/// True if the whole name is one of those that labels have.
pub(super) fn is_label_name(name: &str) -> bool {
    LABEL_NAMES.contains(&name.trim().to_lowercase().as_str())
}

/// True if the whole name is one of those that logits have.
pub(super) fn is_logits_name(name: &str) -> bool {
    LOGIT_NAMES.contains(&name.trim().to_lowercase().as_str())
}

/// A whole match counts before one of several words (`model_logits`, `logits_f32`).
fn rank(names: &[&str], stem: &str) -> Option<usize> {
    let stem = stem.trim_matches('_');
    if let Some(at) = names.iter().position(|n| *n == stem) {
        return Some(at);
    }
    let words: Vec<&str> = stem.split('_').collect();
    let within = |name: &&str| name.len() > 2 && words.contains(name);
    Some(names.iter().position(within)? + names.len())
}

/// True for a column that names neither logits nor labels but something beside them.
pub(super) fn is_carried(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    lower.is_empty() || CARRIED_NAMES.contains(&lower.as_str()) || lower.ends_with("_id")
}

/// True for the columns that say to which part a row belongs.
pub(super) fn is_split(name: &str) -> bool {
    matches!(
        name.trim().to_lowercase().as_str(),
        "split" | "subset" | "partition" | "part"
    )
}

/// What stands before a class in `logit_cat`, or `None`.
pub(super) fn score_prefix(name: &str) -> Option<&str> {
    const PREFIXES: [&str; 14] = [
        "logits_",
        "logit_",
        "log_probs_",
        "log_prob_",
        "logprob_",
        "probs_",
        "prob_",
        "proba_",
        "scores_",
        "score_",
        "outputs_",
        "output_",
        "p_",
        "logits.",
    ];
    let lower = name.to_lowercase();
    let prefix = PREFIXES.into_iter().find(|p| lower.starts_with(p))?;
    name.get(..prefix.len())
}

/// True if the pattern matches the whole name; `*` stands for any text, `?` for one character.
pub(super) fn glob(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, n));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == name[n]) {
            p += 1;
            n += 1;
        } else if let Some((star_p, star_n)) = star {
            // Let the last star swallow one more character, and try again from there.
            star = Some((star_p, star_n + 1));
            p = star_p + 1;
            n = star_n + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Names in the order people mean: runs of digits compare as numbers.
pub(super) fn natural_key(name: &str) -> Vec<(String, u128)> {
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (word, tail) = rest.split_at(text);
        let digits = tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (number, tail) = tail.split_at(digits);
        key.push((word.to_owned(), number.parse().unwrap_or(0)));
        rest = tail;
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_step_and_stem_are_told_apart() {
        let name = parse("val_logits_step000600");
        assert_eq!((name.part, name.step), (Some(PartName::Val), Some(600)));
        assert_eq!(name.stem, "logits");
        assert_eq!(parse("test_label_ids").stem, "label_ids");
        assert_eq!(parse("epoch_3/preds").step, Some(3));
        assert_eq!(parse("arr_0").stem, "arr_0");
    }

    #[test]
    fn names_that_differ_by_a_number_are_a_series() {
        let series = |names: &[&str]| {
            let mut names: Vec<Name> = names.iter().map(|n| parse(n)).collect();
            let can_be_logits: Vec<bool> =
                names.iter().map(|n| n.stem.contains("logits")).collect();
            number_series(&mut names, &can_be_logits);
            names
                .into_iter()
                .map(|n| (n.step, n.stem))
                .collect::<Vec<_>>()
        };
        let step = |n, stem: &str| (n, stem.to_owned());
        assert_eq!(
            series(&["val_logits_100", "200/val/logits", "labels_100", "labels"]),
            [
                step(Some(100), "logits"),
                step(Some(200), "logits"),
                step(Some(100), "labels"),
                step(None, "labels")
            ]
        );
        assert_eq!(series(&["logits1", "logits2"])[1], step(Some(2), "logits"));
        // One is no series, and a type is no number.
        assert_eq!(series(&["logits_1", "labels"])[0], step(None, "logits_1"));
        assert_eq!(
            series(&["logits_f16", "logits_f32"])[0],
            step(None, "logits_f16")
        );
    }

    #[test]
    fn a_whole_name_ranks_before_a_word_in_a_name() {
        assert_eq!(logits_rank("logits"), Some(0));
        assert!(logits_rank("logits_f32") > logits_rank("softmax"));
        assert_eq!(logits_rank("embedding"), None);
        assert!(labels_rank("label_ids") > labels_rank("labels"));
    }

    #[test]
    fn globs_match_whole_names() {
        assert!(glob("logit_*", "logit_12"));
        assert!(!glob("logit_*", "my_logit_12"));
        assert!(glob("*a*b", "xayyab"));
        assert!(!glob("a?c", "ac"));
    }

    #[test]
    fn numbers_in_names_sort_as_numbers() {
        let mut names = ["part-10", "part-9", "part-2b", "part-2a"];
        names.sort_by_key(|n| natural_key(n));
        assert_eq!(names, ["part-2a", "part-2b", "part-9", "part-10"]);
    }
}
