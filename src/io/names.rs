//! What the names of columns, arrays and files say: part, step, and what the numbers are.

use super::words;

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
const LABEL_NAMES: [&str; 20] = [
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
    "gold",
    "class",
    "classes",
    "true",
];

/// Columns that are carried along and are neither logits nor labels.
const CARRIED_NAMES: [&str; 35] = [
    "id",
    "ids",
    "idx",
    "index",
    "row",
    "rows",
    "row_id",
    "row_ids",
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
    "config",
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
    /// Of a data set that lies in several arrays: a fold, a batch.
    pub(super) piece: Option<u64>,
    /// What is left, in lower case, joined by `_`.
    pub(super) stem: String,
}

/// Takes `val_logits_step000600` apart: part val, step 600, stem `logits`.
pub(super) fn parse(name: &str) -> Name {
    let (mut part, mut step, mut piece) = (None, None, None);
    let mut words: Vec<String> = Vec::new();
    for word in words::words(name) {
        let before = words.last().map(String::as_str).unwrap_or_default();
        let number = word.parse().ok();
        let after = |is_such: fn(&str) -> bool| number.filter(|_| is_such(before));
        if part.is_none() && PartName::parse(&word).is_some() {
            part = PartName::parse(&word);
        } else if let Some(number) = after(is_step_word) {
            words.pop();
            step = Some(number);
        } else if let Some(number) = after(is_piece_word) {
            words.pop();
            piece = Some(number);
        } else if let Some(number) = number_after(&word, is_step_word) {
            step = Some(number);
        } else if let Some(number) = number_after(&word, is_piece_word) {
            piece = Some(number);
        } else {
            words.push(word);
        }
    }
    Name { part, step, piece, stem: words.join("_") }
}

/// `logits_100` or `100_logits` to 100 and `logits`.
pub(super) fn number_in(name: &Name) -> Option<(u64, String)> {
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
    matches!(word, "step" | "epoch" | "iter" | "iteration" | "ckpt" | "checkpoint")
}

/// Words before the number of a part of one data set, which has labels of its own.
fn is_piece_word(word: &str) -> bool {
    matches!(word, "fold" | "batch" | "chunk" | "shard" | "rank" | "split" | "part" | "piece")
}

/// `step000600` to 600, if `step` is such a word.
fn number_after(word: &str, is_such: fn(&str) -> bool) -> Option<u64> {
    let (word, digits) = trailing_number(word)?;
    is_such(word).then_some(digits)
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

/// How well `name` names labels: 0 is best, `None` not at all; what was predicted is no label.
pub(super) fn labels_rank(name: &str) -> Option<usize> {
    rank(&LABEL_NAMES, &words::stem(name)).filter(|_| !words::say_prediction(name))
}

/// True for the name of classes that were predicted: `output_class`.
pub(super) fn is_predicted_label(name: &str) -> bool {
    rank(&LABEL_NAMES, &words::stem(name)).is_some() && words::say_prediction(name)
}

/// True if the whole name is one of those that labels have.
pub(super) fn is_label_name(name: &str) -> bool {
    LABEL_NAMES.contains(&words::stem(name).as_str())
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

/// True if one of `words` is a word of the name, without digits at its end (`prob_cat`, `p1`).
pub(super) fn has_word(name: &str, words: &[&str]) -> bool {
    let lower = name.to_lowercase();
    let parts = lower.split(|c: char| !c.is_alphanumeric());
    let mut parts = parts.map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
    parts.any(|part| words.contains(&part))
}

/// True for a column that names neither logits nor labels but something beside them.
pub(super) fn is_carried(name: &str) -> bool {
    let stem = words::stem(name);
    matches!(name.trim(), "" | "#")
        || CARRIED_NAMES.contains(&stem.as_str())
        || stem.ends_with("_id")
}

/// True for the columns that say to which part a row belongs.
pub(super) fn is_split(name: &str) -> bool {
    matches!(name.trim().to_lowercase().as_str(), "split" | "subset" | "partition" | "part")
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

/// True if the pattern stands for more names than its own.
pub(super) fn has_star(pattern: &str) -> bool {
    pattern.contains(['*', '?'])
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
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(text);
        let digits = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
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
        assert_eq!(parse("valLogits").stem, "logits");
        let name = parse("fold_3/labels");
        assert_eq!((name.piece, name.stem.as_str()), (Some(3), "labels"));
        assert_eq!(parse("logits_batch12").piece, Some(12));
    }

    #[test]
    fn a_whole_name_ranks_before_a_word_in_a_name() {
        assert_eq!(logits_rank("logits"), Some(0));
        assert!(logits_rank("logits_f32") > logits_rank("softmax"));
        assert_eq!(logits_rank("embedding"), None);
        assert!(labels_rank("label_ids") > labels_rank("labels"));
        assert_eq!(labels_rank("pred_class"), None);
        assert_eq!(labels_rank("True Label"), labels_rank("true_label"));
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
