//! The texts of the choices of a question.

use serde_json::Value;

/// What the model was shown for each choice: a context, and the text whose log-likelihood was asked for.
pub(super) struct Asked(Vec<(String, String)>);

/// The `arguments` of a line, if they are two texts for each of `n` log-likelihoods:
/// `{"gen_args_0": {"arg_0": ..., "arg_1": ...}}`, or `[[..., ...]]` in older logs.
pub(super) fn asked(arguments: Option<&Value>, n: usize) -> Option<Asked> {
    let pairs: Vec<(String, String)> = match arguments? {
        Value::Array(items) => items.iter().map(pair).collect::<Option<_>>()?,
        Value::Object(fields) => {
            // In the order of their numbers: gen_args_10 comes after gen_args_9.
            let at = |place: usize| fields.get(&format!("gen_args_{place}")).and_then(pair);
            (0..fields.len()).map(at).collect::<Option<_>>()?
        }
        _ => return None,
    };
    (pairs.len() == n).then_some(Asked(pairs))
}

fn pair(value: &Value) -> Option<(String, String)> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    match value {
        Value::Array(items) => Some((text(items.first())?, text(items.get(1))?)),
        Value::Object(fields) => Some((text(fields.get("arg_0"))?, text(fields.get("arg_1"))?)),
        _ => None,
    }
}

/// True if the second half asks for the choices of the first half again, without a context: what the metric
/// `acc_mutual_info` needs.
pub(super) fn are_doubled(asked: &Asked) -> bool {
    let (first, second) = asked.0.split_at(asked.0.len() / 2);
    let again = |(a, b): (&(String, String), &(String, String))| a.1 == b.1 && b.0.is_empty();
    let has_context = first.iter().any(|(context, _)| !context.is_empty());
    first.len() == second.len() && has_context && first.iter().zip(second).all(again)
}

/// The first `n` texts that were asked for, without the space that the harness puts before each. None where all of
/// them are the same: then the choices are in the contexts, and their own texts are not known.
pub(super) fn texts(asked: &Asked, n: usize) -> Option<Vec<String>> {
    let texts = || asked.0.iter().take(n).map(|(_, text)| text.as_str());
    let first = texts().next()?;
    if n > 1 && texts().all(|text| text == first) {
        return None;
    }
    let bare: Option<Vec<&str>> = texts().map(|text| text.strip_prefix(' ')).collect();
    let texts = bare.unwrap_or_else(|| texts().collect());
    Some(texts.into_iter().map(str::to_owned).collect())
}

/// A list of `n` texts under the key `choices`.
pub(super) fn listed(choices: Option<&Value>, n: usize) -> Option<Vec<String>> {
    let items = choices?.as_array().filter(|items| items.len() == n)?;
    let text = |item: &Value| item.as_str().map(str::to_owned);
    items.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn choices_count_by_their_numbers() {
        let fields = (0..12).rev().map(|i| {
            let pair = json!({"arg_0": "Q", "arg_1": format!(" {i}")});
            (format!("gen_args_{i}"), pair)
        });
        let arguments = Value::Object(fields.collect());
        let asked = asked(Some(&arguments), 12).expect("pairs");
        let texts = texts(&asked, 12).expect("texts");
        let expected: Vec<String> = (0..12).map(|i| i.to_string()).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn choices_in_the_contexts_have_no_texts_of_their_own() {
        let arguments = json!([["Sarah", " was late"], ["Maria", " was late"]]);
        let asked = asked(Some(&arguments), 2).expect("pairs");
        assert_eq!(texts(&asked, 2), None);
        assert!(!are_doubled(&asked));
    }
}
