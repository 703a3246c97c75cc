//! One line of an evaluation log.

use serde::Deserialize;
use serde_json::Value;

use super::super::options::Normalize;
use super::super::table::quote_tokens;
use super::choices;
use super::target::Answer;

/// The keys of a line that are of use; all others, such as the question itself, are skipped.
#[derive(Deserialize)]
struct Keys {
    filter: Option<Value>,
    filtered_resps: Option<Value>,
    resps: Option<Value>,
    arguments: Option<Value>,
    choices: Option<Value>,
    target: Option<Value>,
    acc: Option<Value>,
}

/// What a line says.
pub(super) struct Line {
    /// Which of several ways to read the answers of the model this is.
    pub(super) filter: Option<String>,
    /// The question, or why it is none: asked for where the line is kept.
    pub(super) question: Result<Question, String>,
}

/// A question with its choices.
pub(super) struct Question {
    /// A log-likelihood for each choice, divided as [`Normalize`] says.
    pub(super) scores: Vec<f64>,
    /// The texts of the choices, where they are known.
    pub(super) choices: Option<Vec<String>>,
    pub(super) answer: Option<Answer>,
    /// True if the log-likelihoods of the choices without the question came behind, and were left out.
    pub(super) is_unconditional: bool,
}

/// True for a line that has what a log has: also one that is cut.
pub(super) fn is_of_log(line: &[u8]) -> bool {
    let has = |key: &str| memchr::memmem::find(line, key.as_bytes()).is_some();
    let beside = ["\"doc_id\"", "\"arguments\"", "\"target\""];
    (has("\"filtered_resps\"") || has("\"resps\"")) && beside.into_iter().any(has)
}

/// Reads a line.
///
/// # Errors
/// If it is no JSON object.
pub(super) fn parse(line: &[u8], normalize: Normalize) -> Result<Line, String> {
    let (line, _) = quote_tokens(line);
    let keys: Keys = serde_json::from_slice(&line).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line").next().unwrap_or_default();
        format!("character {}: not a JSON object: {reason}", error.column())
    })?;
    let filter = keys.filter.as_ref();
    Ok(Line {
        filter: filter.and_then(Value::as_str).map(str::to_owned),
        question: question(&keys, normalize),
    })
}

fn question(keys: &Keys, normalize: Normalize) -> Result<Question, String> {
    let responses = keys.filtered_resps.as_ref().or(keys.resps.as_ref());
    let responses = responses.and_then(Value::as_array);
    let responses = responses.ok_or("there is no list filtered_resps")?;
    let scores: Option<Vec<f64>> = responses.iter().map(log_likelihood).collect();
    let mut scores = scores.filter(|scores| !scores.is_empty()).ok_or(
        "filtered_resps holds generated text and no log-likelihoods of choices: there are no probabilities \
         to be judged",
    )?;
    let asked = choices::asked(keys.arguments.as_ref(), scores.len());
    let is_unconditional = asked.as_ref().is_some_and(choices::are_doubled);
    if is_unconditional {
        scores.truncate(scores.len() / 2);
    }
    let texts = choices::listed(keys.choices.as_ref(), scores.len())
        .or_else(|| choices::texts(&asked?, scores.len()));
    let first_max = first_max(&scores);
    let answer = keys.target.as_ref().map(|target| {
        let acc = keys.acc.as_ref().and_then(number);
        Answer::of(target, scores.len(), texts.as_deref(), (first_max, acc))
    });
    normalized(&mut scores, texts.as_deref(), normalize)?;
    Ok(Question { scores, choices: texts, answer, is_unconditional })
}

/// The first of the largest scores, which the harness calls the prediction; none where one is NaN.
pub(super) fn first_max(scores: &[f64]) -> Option<usize> {
    let mut best = 0;
    for (place, score) in scores.iter().enumerate() {
        if score.is_nan() {
            return None;
        }
        if *score > scores[best] {
            best = place;
        }
    }
    Some(best)
}

/// Divides each log-likelihood by the length of its choice.
fn normalized(
    scores: &mut [f64],
    texts: Option<&[String]>,
    normalize: Normalize,
) -> Result<(), String> {
    if normalize == Normalize::None {
        return Ok(());
    }
    let texts = texts.ok_or(
        "--normalize divides by the length of a choice, and the line does not hold the texts of the choices",
    )?;
    for (place, (score, text)) in scores.iter_mut().zip(texts).enumerate() {
        let length = match normalize {
            Normalize::Bytes => text.len(),
            Normalize::Chars | Normalize::None => text.chars().count(),
        };
        if length == 0 {
            return Err(format!(
                "choice {place} has no text, and --normalize divides by its length"
            ));
        }
        *score /= length as f64;
    }
    Ok(())
}

/// The log-likelihood in `[-13.2, false]`, `["-13.2", "False"]`, `[-13.2]`, -13.2, or in a list of one of these.
/// Text alone is what a model wrote, also where it wrote a number.
pub(super) fn log_likelihood(response: &Value) -> Option<f64> {
    match response {
        Value::Number(number) => number.as_f64(),
        Value::Array(items) => match &items[..] {
            [only @ (Value::Array(_) | Value::Number(_))] => match only {
                Value::Array(inner) if inner.iter().any(Value::is_array) => None,
                _ => log_likelihood(only),
            },
            [score, greedy] if is_truth(greedy) => number(score),
            _ => None,
        },
        _ => None,
    }
}

fn is_truth(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::String(text) => matches!(text.as_str(), "True" | "False" | "true" | "false"),
        _ => false,
    }
}

/// A number, or text that is one, as Python writes it.
pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scores(line: &str, normalize: Normalize) -> Result<Vec<f64>, String> {
        let question = parse(line.as_bytes(), normalize)?.question;
        question.map(|question| question.scores)
    }

    #[test]
    fn log_likelihoods_of_every_version() {
        for responses in [
            r#""filtered_resps": [["-1.5", "False"], ["-2.25", "True"]]"#,
            r#""filtered_resps": [[-1.5, false], [-2.25, true]]"#,
            r#""filtered_resps": [[-1.5], [-2.25]]"#,
            r#""filtered_resps": [-1.5, -2.25], "resps": 7"#,
            r#""resps": [[["-1.5", "False"]], [["-2.25", "True"]]]"#,
            r#""resps": [[[-1.5, false]], [[-2.25, true]]], "doc": {"a": [1, {"b": NaN}]}"#,
        ] {
            let line = format!("{{\"doc_id\": 0, {responses}}}");
            assert!(is_of_log(line.as_bytes()));
            assert_eq!(scores(&line, Normalize::None), Ok(vec![-1.5, -2.25]), "{line}");
        }
        let odd = r#"{"filtered_resps": [["nan", "False"], ["-inf", "False"], [NaN, false]]}"#;
        let odd = scores(odd, Normalize::None).expect("numbers");
        assert!(odd[0].is_nan() && odd[1] == f64::NEG_INFINITY && odd[2].is_nan());
    }

    #[test]
    fn generated_text_is_none() {
        for responses in [r#"["42"]"#, r#"[["42"]]"#, "[]", "[[[[-1.0]]]]", r#"[["a", "True"]]"#] {
            let line = format!("{{\"filtered_resps\": {responses}}}");
            let error = scores(&line, Normalize::None).expect_err(responses);
            assert!(error.contains("generated text"), "{error}");
        }
        let error = scores("{}", Normalize::None).expect_err("nothing");
        assert_eq!(error, "there is no list filtered_resps");
    }

    #[test]
    fn the_lengths_are_those_of_the_choices_alone() {
        let line = r#"{"filtered_resps": [[-6, false], [-6, false]], "arguments":
            {"gen_args_0": {"arg_0": "Q", "arg_1": " ab"}, "gen_args_1": {"arg_0": "Q", "arg_1": " äöü"}}}"#;
        assert_eq!(scores(line, Normalize::Chars), Ok(vec![-3.0, -2.0]));
        assert_eq!(scores(line, Normalize::Bytes), Ok(vec![-3.0, -1.0]));
        let older = line.replace(
            r#"{"gen_args_0": {"arg_0": "Q", "arg_1": " ab"}, "gen_args_1": {"arg_0": "Q", "arg_1": " äöü"}}"#,
            r#"[["Q", " ab"], ["Q", " äöü"]]"#,
        );
        assert_eq!(scores(&older, Normalize::Bytes), Ok(vec![-3.0, -1.0]));
        let without = r#"{"filtered_resps": [[-6, false], [-6, false]]}"#;
        let error = scores(without, Normalize::Chars).expect_err("no texts");
        assert!(error.contains("does not hold the texts"), "{error}");
    }

    #[test]
    fn choices_without_their_question_are_left_out() {
        let line = r#"{"filtered_resps": [[-1, false], [-2, false], [-3, false], [-4, false]],
            "arguments": [["Q", " a"], ["Q", " b"], ["", " a"], ["", " b"]], "target": 1}"#;
        let question = parse(line.as_bytes(), Normalize::None).expect("JSON").question;
        let question = question.expect("a question");
        assert!(question.is_unconditional);
        assert_eq!(question.scores, [-1.0, -2.0]);
        assert_eq!(question.choices, Some(vec!["a".to_owned(), "b".to_owned()]));
    }
}
