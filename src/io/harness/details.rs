//! What version 0.3 of lm-evaluation-harness writes with `--write_out`: `<task>_write_out_info.json`, one JSON array
//! with an entry for each question.
//!
//! An entry holds `prompt_0`, `prompt_1`, ... (question and choice together, one text for each choice), `logit_0`,
//! `logit_1`, ... (what the model answered to each: a log-likelihood, or that and whether greedy decoding gives the
//! choice, or generated text), `truth` (the index of the right choice, or its text) and the metrics, as text.

use std::collections::BTreeMap;

use memchr::memmem;
use serde_json::{Map, Value};

use super::super::error::Problem;
use super::super::table::quote_tokens;
use super::super::table::text::{Place, Text};
use super::line::{self, Line, Question};
use super::target::Answer;

/// Bytes of the head that are looked at for the sign of a file of total scores.
const HEAD_BYTES: usize = 1 << 20;

/// An entry of more bytes than this is not one: a question of many choices, each with a long prompt, has a tenth.
const MAX_ENTRY_BYTES: usize = 64 << 20;

fn first_byte(text: &[u8]) -> Option<u8> {
    text.trim_ascii_start().first().copied()
}

/// Refuses the file that holds the scores of whole tasks: `results.json` of version 0.3, `results_*.json` of 0.4.
///
/// # Errors
/// If `text` is one.
pub(in crate::io) fn refuse_totals(text: &Text) -> Result<(), Problem> {
    if are_totals(&text.head(HEAD_BYTES)?) {
        return Err(totals());
    }
    Ok(())
}

/// An object whose first key is `results`, with the versions of the tasks or the settings of the run behind it.
fn are_totals(head: &[u8]) -> bool {
    let rest = head.trim_ascii_start().strip_prefix(b"{");
    let rest = rest.and_then(|rest| rest.trim_ascii_start().strip_prefix(b"\"results\""));
    let rest = rest.and_then(|rest| rest.trim_ascii_start().strip_prefix(b":"));
    let Some(rest) = rest else {
        return false;
    };
    let has = |key: &str| memmem::find(rest, key.as_bytes()).is_some();
    first_byte(rest) == Some(b'{')
        && (has("\"versions\"") || has("\"config\"") || has("\"configs\""))
}

fn totals() -> Problem {
    Problem::new(
        "these are the scores of whole tasks (the results file of lm-evaluation-harness): the log-likelihoods of the \
         single questions are not in it",
    )
    .hint(
        "let the harness write them: `lm_eval ... --output_path DIR --log_samples` gives samples_*.jsonl; before \
         version 0.4, `main.py ... --write_out --output_base_path DIR` gives *_write_out_info.json",
    )
}

/// What is done with an entry of an array: its number, and its text.
pub(super) type Visit<'a> = dyn FnMut(usize, &[u8]) -> Result<(), Problem> + 'a;

/// Calls `visit` with the number of each entry, counted from 0, and its text.
///
/// # Errors
/// If the text is no array of objects, ends within one, or what `visit` returns.
pub(super) fn entries(
    text: &Text,
    visit: &mut Visit<'_>,
    advance: &mut dyn FnMut(u64) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let (mut runs, mut cutter) = (text.runs(Place::default())?, Cutter::default());
    while let Some(run) = runs.next_run()? {
        advance(run.span.n_bytes)?;
        let mut rest = match run.text.strip_prefix(super::BYTE_ORDER_MARK) {
            Some(rest) if run.span.start.line == 0 => rest,
            _ => &run.text[..],
        };
        while let Some(n) = cutter.take(rest)? {
            rest = &rest[n..];
            let entry = std::mem::take(&mut cutter.entry);
            visit(cutter.n_entries, &entry)?;
            cutter.n_entries += 1;
        }
    }
    if cutter.is_closed {
        return Ok(());
    }
    Err(Problem::new(format!(
        "the array ends within entry {}: the file is cut short",
        cutter.n_entries
    ))
    .hint("copy it again, or let the harness finish"))
}

/// Cuts an array into its entries, however the text comes.
#[derive(Default)]
struct Cutter {
    entry: Vec<u8>,
    n_entries: usize,
    depth: usize,
    in_string: bool,
    is_escaped: bool,
    /// True behind the last bracket.
    is_closed: bool,
}

impl Cutter {
    /// Takes bytes up to the end of the next entry, which is whole then; `None` if it ends in text to come.
    fn take(&mut self, text: &[u8]) -> Result<Option<usize>, Problem> {
        for (at, byte) in text.iter().enumerate() {
            let was_within = self.depth > 1;
            self.step(*byte)?;
            if was_within || self.depth > 1 {
                self.entry.push(*byte);
            }
            if was_within && self.depth == 1 {
                return Ok(Some(at + 1));
            }
        }
        if self.entry.len() > MAX_ENTRY_BYTES {
            let n = self.n_entries;
            return Err(Problem::new(format!("entry {n} does not end"))
                .hint("a quote or a bracket may be opened and not closed"));
        }
        Ok(None)
    }

    fn step(&mut self, byte: u8) -> Result<(), Problem> {
        if self.in_string {
            self.in_string = self.is_escaped || byte != b'"';
            self.is_escaped = !self.is_escaped && byte == b'\\';
            return Ok(());
        }
        match byte {
            b'"' if self.depth > 1 => self.in_string = true,
            b'{' if self.depth == 1 => self.depth += 1,
            b'[' if self.depth == 0 && !self.is_closed => self.depth = 1,
            b'[' | b'{' if self.depth > 1 => self.depth += 1,
            b']' | b'}' if self.depth > 1 => self.depth -= 1,
            b']' if self.depth == 1 => (self.depth, self.is_closed) = (0, true),
            b',' if self.depth == 1 => {}
            _ if self.depth > 1 || byte.is_ascii_whitespace() => {}
            _ => {
                return Err(Problem::new(format!(
                    "behind entry {}: an array of questions holds objects alone",
                    self.n_entries
                )));
            }
        }
        Ok(())
    }
}

/// Reads an entry.
///
/// # Errors
/// If it is no JSON object.
pub(super) fn parse(entry: &[u8]) -> Result<Line, String> {
    let (entry, _) = quote_tokens(entry);
    let keys: Map<String, Value> = serde_json::from_slice(&entry).map_err(|error| {
        let reason = error.to_string();
        let reason = reason.split(" at line").next().unwrap_or_default();
        format!("line {} of the entry: not a JSON object: {reason}", error.line())
    })?;
    Ok(Line { filter: None, question: question(&keys) })
}

/// The values of the keys that are `prefix` and a number, in the order of the numbers; `None` if one is left out.
fn numbered<'a>(keys: &'a Map<String, Value>, prefix: &str) -> Option<Vec<&'a Value>> {
    let number = |key: &String| key.strip_prefix(prefix)?.parse::<usize>().ok();
    let found: BTreeMap<usize, &Value> =
        keys.iter().filter_map(|(key, value)| Some((number(key)?, value))).collect();
    let is_whole = found.keys().copied().eq(0..found.len());
    is_whole.then(|| found.into_values().collect())
}

fn question(keys: &Map<String, Value>) -> Result<Question, String> {
    let mut responses =
        numbered(keys, "logit_").ok_or("the numbers of logit_0, logit_1, ... are not all there")?;
    // A task that asks for one text gets its log-likelihood, and behind it whether greedy decoding gives it.
    responses.retain(|response| !response.is_boolean());
    if responses.is_empty() {
        return Err("there is no logit_0".to_owned());
    }
    let scores: Option<Vec<f64>> = responses.into_iter().map(log_likelihood).collect();
    let scores = scores.ok_or(
        "logit_0, ... hold generated text and no log-likelihoods of choices: there are no probabilities to be judged",
    )?;
    let prompts = numbered(keys, "prompt_").unwrap_or_default();
    let prompts: Option<Vec<&str>> = prompts.into_iter().map(Value::as_str).collect();
    let prompts = prompts.filter(|prompts| prompts.len() == scores.len());
    let truth = keys.get("truth").filter(|truth| !truth.is_null());
    let texts = prompts.and_then(|prompts| texts(&prompts, truth));
    let first_max = line::first_max(&scores);
    let acc = keys.get("acc").and_then(line::number);
    let answer =
        truth.map(|truth| Answer::of(truth, scores.len(), texts.as_deref(), (first_max, acc)));
    Ok(Question { scores, choices: texts, answer, is_unconditional: false })
}

/// As in logs of later versions, and a pair that Python wrote as text: `(-13.2, False)`.
fn log_likelihood(response: &Value) -> Option<f64> {
    let Value::String(text) = response else {
        return line::log_likelihood(response);
    };
    // Written as a token that JSON does not know, and quoted by us.
    if let "NaN" | "Infinity" | "-Infinity" = text.as_str() {
        return text.parse().ok();
    }
    let inner = text.trim().strip_prefix('(')?.strip_suffix(')')?;
    let (score, greedy) = inner.split_once(',')?;
    matches!(greedy.trim(), "True" | "False").then(|| score.trim().parse().ok())?
}

/// The choices, of which the prompts hold the question too: behind the place where `truth` begins, if it is the text
/// of one, else behind the last space that all prompts share.
fn texts(prompts: &[&str], truth: Option<&Value>) -> Option<Vec<String>> {
    let first = prompts.first()?;
    let n_shared = prompts.iter().fold(first.len(), |n, prompt| shared(&first[..n], prompt));
    let cut = match truth.and_then(Value::as_str).filter(|truth| truth.parse::<i64>().is_err()) {
        Some(truth) => start_of(prompts, truth, n_shared)?,
        None => first[..n_shared].rfind(char::is_whitespace).map_or(0, |at| at + 1),
    };
    let text = |prompt: &&str| prompt.get(cut..).map(|text| text.trim_start().to_owned());
    let texts: Vec<String> = prompts.iter().map(text).collect::<Option<_>>()?;
    let is_first = |(i, text): (usize, &String)| !text.is_empty() && !texts[..i].contains(text);
    texts.iter().enumerate().all(is_first).then_some(texts)
}

/// Bytes that both texts begin with, up to the end of a character.
fn shared(a: &str, b: &str) -> usize {
    let same = a.chars().zip(b.chars()).take_while(|(a, b)| a == b);
    same.map(|(a, _)| a.len_utf8()).sum()
}

/// Where the text of the right choice begins: all prompts are the same up to there, and each goes on.
fn start_of(prompts: &[&str], truth: &str, n_shared: usize) -> Option<usize> {
    let truth = truth.trim();
    let shortest = prompts.iter().map(|prompt| prompt.len()).min()?;
    let start = |prompt: &&str| {
        let start = prompt.trim_end().strip_suffix(truth)?.len();
        (!truth.is_empty() && start <= n_shared && start < shortest).then_some(start)
    };
    let mut starts = prompts.iter().filter_map(start);
    match (starts.next(), starts.next()) {
        (Some(start), None) => Some(start),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::super::table;
    use super::*;

    fn cut(text: &str) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let text = table::text_in(text.as_bytes()).expect("text");
        let mut visit = |number, entry: &[u8]| {
            assert_eq!(number, found.len());
            found.push(String::from_utf8_lossy(entry).into_owned());
            Ok(())
        };
        let cut = entries(&text, &mut visit, &mut |_| Ok(()));
        cut.map(|()| found).map_err(|p| p.message().to_owned())
    }

    #[test]
    fn an_array_is_cut_into_its_objects() {
        let one = r#"{"a": "]}\"[{\\", "b": [{}]}"#;
        let two = "{\n  \"a\": 1\n}";
        assert_eq!(cut(&format!(" [{one},\n{two} ]\n")), Ok(vec![one.to_owned(), two.to_owned()]));
        // Longer than one run of lines.
        let long = format!("{{\"a\": \"{}\",\n\"b\": 2}}", "x".repeat(5000));
        let many = vec![long; 4];
        assert_eq!(cut(&format!("[{}]", many.join(", "))), Ok(many));
        assert_eq!(cut("\u{feff}[]"), Ok(Vec::new()));
        assert!(cut("[{\"a\": 1}, {\"a\":").expect_err("cut").contains("within entry 1"));
        assert!(cut("[{}, 7]").expect_err("a number").contains("objects alone"));
        assert!(cut("[{}] x").expect_err("more").contains("objects alone"));
    }

    fn scores(entry: &Value) -> Result<Vec<f64>, String> {
        parse(entry.to_string().as_bytes())?.question.map(|question| question.scores)
    }

    #[test]
    fn log_likelihoods_are_numbers_or_pairs() {
        let answers = [
            json!({"logit_0": -1.5, "logit_1": -2.25}),
            json!({"logit_1": [-2.25, true], "logit_0": [-1.5, false]}),
            json!({"logit_0": "(-1.5, False)", "logit_1": "(-2.25, True)"}),
        ];
        for answer in answers {
            assert_eq!(scores(&answer), Ok(vec![-1.5, -2.25]), "{answer}");
        }
        let twelve: Map<String, Value> =
            (0..12).map(|i| (format!("logit_{i}"), json!(i))).collect();
        assert_eq!(scores(&Value::Object(twelve)), Ok((0..12).map(f64::from).collect()));
        let token = parse(br#"{"logit_0": -Infinity, "logit_1": NaN}"#).expect("JSON");
        let token = token.question.expect("numbers").scores;
        assert!(token[0] == f64::NEG_INFINITY && token[1].is_nan());
        // One text was asked for.
        assert_eq!(scores(&json!({"logit_0": -1.5, "logit_1": false})), Ok(vec![-1.5]));
    }

    #[test]
    fn what_holds_no_log_likelihoods_says_so() {
        for (entry, why) in [
            (json!({"logit_0": "42"}), "generated text"),
            (json!({"logit_0": "so (he, said)"}), "generated text"),
            (json!({"truth": 1}), "no logit_0"),
            (json!({"logit_0": 1, "logit_2": 1}), "not all there"),
        ] {
            let error = scores(&entry).expect_err("nothing");
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn the_choices_are_what_the_prompts_end_with() {
        let of = |prompts: &[&str], truth: Value| texts(prompts, Some(&truth));
        let two = |a: &str, b: &str| Some(vec![a.to_owned(), b.to_owned()]);
        assert_eq!(of(&["Q? yes", "Q? no"], json!(" yes")), two("yes", "no"));
        assert_eq!(of(&["Q? no", "Q? not so"], json!(" no")), two("no", "not so"));
        assert_eq!(of(&["Q? a", "Q? a a"], json!(" a")), two("a", "a a"));
        assert_eq!(of(&["Q? not", "Q? none"], json!(0)), two("not", "none"));
        assert_eq!(of(&["Qä ö1", "Qä ö2"], json!(0)), two("ö1", "ö2"));
        for truth in ["", " ", "maybe"] {
            assert_eq!(of(&["Q? yes", "Q? no"], json!(truth)), None, "{truth}");
        }
    }

    #[test]
    fn scores_of_whole_tasks_are_told_by_their_keys() {
        let v3 = br#"{"results": {"arc_easy": {"acc": 0.5}}, "versions": {"arc_easy": 0}, "config": {}}"#;
        assert!(are_totals(v3));
        for other in [
            &br#"{"results": [1.0, 2.0], "config": 1}"#[..],
            br#"{"label": 1, "results": {}, "config": 1}"#,
            br#"{"results": {"a": 1}}"#,
            b"results,config\n",
        ] {
            assert!(!are_totals(other));
        }
    }
}
