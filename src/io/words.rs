//! The words of a name, and whether they say that something was predicted.

/// Words that say so wherever they stand.
const PREDICTED: [&str; 23] = [
    "pred",
    "preds",
    "predict",
    "predicts",
    "predicted",
    "prediction",
    "predictions",
    "argmax",
    "yhat",
    "yhats",
    "ŷ",
    "guessed",
    "inferred",
    "estimated",
    "decoded",
    "detected",
    "pseudo",
    "inference",
    "classified",
    "recognized",
    "recognised",
    "likely",
    "likeliest",
];
/// Words that say so unless a word of truth stands beside them: `expected_output`, `correct_response`.
const PERHAPS_PREDICTED: [&str; 7] =
    ["output", "outputs", "response", "responses", "winner", "guess", "hypothesis"];
const TRUE: [&str; 14] = [
    "true",
    "truth",
    "gt",
    "gold",
    "golden",
    "actual",
    "ground",
    "expected",
    "reference",
    "observed",
    "annotated",
    "correct",
    "human",
    "expert",
];
/// What or how it was decided, if the thing decided stands beside it: `model_label`, `class_assigned`, `best_idx`.
const DECIDED: [&str; 20] = [
    "model",
    "system",
    "machine",
    "auto",
    "classifier",
    "network",
    "net",
    "algorithm",
    "llm",
    "gpt",
    "bot",
    "best",
    "max",
    "maximum",
    "out",
    "result",
    "assigned",
    "selected",
    "chosen",
    "winning",
];
/// What is predicted, as names are glued together: `ypred`, `predlabel`, `y_hat`, `top_class`.
const THINGS: [&str; 15] = [
    "y", "label", "labels", "class", "classes", "cls", "target", "targets", "category", "tag",
    "tags", "id", "ids", "idx", "index",
];

/// The words of `val_logits`, `valLogits`, `val.logits` and `Val Logits`, in lower case: `val` and `logits`.
pub(super) fn words(name: &str) -> Vec<String> {
    // Most names are, and a file may have a hundred thousand of them.
    if name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        return name.split('_').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    }
    let chars: Vec<char> = name.chars().collect();
    let is_lower = |at: usize| chars.get(at).is_some_and(|c| c.is_lowercase());
    let mut words = vec![String::new()];
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| chars[before]);
        // `predLabel`, `top1Class` and `GTClass`, and not `IDs` or `F16`.
        let begins = c.is_uppercase()
            && before.is_some_and(|b| b.is_lowercase() || is_lower(at + 1) && is_lower(at + 2));
        if begins || !c.is_alphanumeric() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The words with `_` between.
pub(super) fn stem(name: &str) -> String {
    words(name).join("_")
}

/// True if a name says that it is what a model predicted: no labels, whatever else stands in it.
pub(super) fn say_prediction(name: &str) -> bool {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&bare(word)));
    let follows = |first: &dyn Fn(&str) -> bool, second: &dyn Fn(&str) -> bool| {
        words.windows(2).any(|w| first(&w[0]) && second(&w[1]))
    };
    let is_thing = |word: &str| THINGS.contains(&word);
    let is_number = |word: &str| word.bytes().all(|b| b.is_ascii_digit());
    let is_top = |word: &str| word == "top";
    let is_rank = |word: &String| word.len() > 3 && bare(word) == "top";
    let has_hat = follows(&is_thing, &|word| word == "hat");
    let is_decided = |word: &str| DECIDED.contains(&bare(word));
    let is_decision = follows(&is_decided, &is_thing) || follows(&is_thing, &is_decided);
    // `ArgMaxClass` is written in three words.
    let is_cut = words.windows(2).any(|w| PREDICTED.contains(&w.concat().as_str()));
    let has_top =
        words.iter().any(is_rank) || follows(&is_top, &|word| is_number(word) || is_thing(word));
    has(&PREDICTED)
        || words.iter().any(|word| is_glued(word))
        || has_hat
        || is_cut
        || (has_top || is_decision || has(&PERHAPS_PREDICTED)) && !has(&TRUE)
}

/// True if a name says that it holds the truth: `gold`, `true_label`, `human_label`.
pub(super) fn say_truth(name: &str) -> bool {
    words(name).iter().any(|word| TRUE.contains(&bare(word)))
}

/// True if a name says that it tells whether a prediction is right, and not which class is.
pub(super) fn say_rightness(name: &str) -> bool {
    let stem = stem(name);
    let whole = ["correct", "iscorrect", "right", "is_right", "hit", "acc"];
    whole.contains(&stem.as_str()) || stem.ends_with("_correct")
}

/// `pred1` is `pred`.
fn bare(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// `predlabel`, `ypred`.
fn is_glued(word: &str) -> bool {
    PREDICTED[..7].iter().any(|predicted| {
        let rests = [word.strip_prefix(predicted), word.strip_suffix(predicted)];
        rests.into_iter().flatten().any(|rest| THINGS.contains(&rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_into_words_however_they_are_written() {
        for (name, expected) in [
            ("val_logits_step000600", "val_logits_step000600"),
            ("valLogits", "val_logits"),
            (".pred_class", "pred_class"),
            ("Predicted Class", "predicted_class"),
            ("XTest", "x_test"),
            ("GTClass", "gt_class"),
            ("top1Class", "top1_class"),
            ("IDs", "ids"),
            ("logits_F16", "logits_f16"),
            ("LABELS", "labels"),
            ("# logit_0", "logit_0"),
            ("#", ""),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn what_was_predicted_says_so_in_any_place_and_spelling() {
        let predicted = "pred_class|.pred_class|pred.class|predLabel|PredictedClass|label-pred|label_predicted| \
             output_class|org_predicted_label|y_hat|yHat|yhat|Yhat|argmax|response|winner|top1_class| \
             top_1_label|topClass|ypred|y_pred|predlabel|Predicted Label|MODEL_PREDICTION|label_hat| \
             pred1|class_argmax|response_label|true_pred|model_label|pseudo_label|assigned_label| \
             selectedClass|most_likely|ArgMaxClass|best_class|class_max|gpt4_label|PseudoLabels";
        for name in predicted.split('|') {
            assert!(say_prediction(name.trim()), "{name}");
        }
        let others = "label|true_label|species|y|y_true|predicate|expected_output|correct_response| \
             reference_response|gold|desktop|hat|label_top|truth|throughput|target|model| \
             human_assigned_label|result|class_name|max";
        for name in others.split('|') {
            assert!(!say_prediction(name.trim()), "{name}");
        }
        assert!(say_rightness("isCorrect") && !say_rightness("correct_label"));
    }
}
