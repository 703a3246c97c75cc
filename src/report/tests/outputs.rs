//! JSON and card.

use serde_json::Value;

use super::examples::{Labels, TIMING, all_states, rows, simple, source, study_of};
use crate::data::{Kind, SourceInfo, Task, Temperature};
use crate::fit::FitStatus;
use crate::report::usage::usage;
use crate::report::{CardError, NoTemperature, card, json, read_card, recipe};

/// Every key path in the order of the document; of a list only its first item.
fn keys(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                found.push(path.clone());
                keys(value, &path, found);
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                keys(first, &format!("{path}[]"), found);
            }
        }
        _ => {}
    }
}

fn key_list(value: &Value) -> String {
    let mut found = Vec::new();
    keys(value, "", &mut found);
    found.join("\n")
}

#[test]
fn keys_of_the_report() {
    let val = source(4, rows(900, 4, Labels::AtTemperature(2.0)));
    let test = source(4, rows(700, 4, Labels::AtTemperature(2.0)));
    let mut study = study_of(val, Some(test), 4);
    study.info.class_names = Some(crate::data::ClassNames::new(["a", "b", "c", "d"]));
    let report = json(&study, &TIMING);
    insta::assert_snapshot!(key_list(&report));
    assert_eq!(report["source"]["parts"], serde_json::json!({"val": 900, "test": 700}));
    assert_eq!(report["source"]["rows_used"], 700);
    assert_eq!(report["evaluated_on"], "test");
    assert_eq!(report["timing"]["load"], 0.25);
}

#[test]
fn numbers_keep_their_full_precision() {
    let study = simple(1500, Labels::AtTemperature(2.0));
    let text = json(&study, &TIMING).to_string();
    let back: Value = serde_json::from_str(&text).expect("the report is JSON");
    assert_eq!(back["fit"]["temperature"].as_f64(), study.analysis.fit.temperature);
    assert_eq!(back["before"]["nll"].as_f64(), Some(study.analysis.before.metrics.nll));
}

#[test]
fn every_null_has_a_note() {
    for (name, study) in all_states() {
        let report = json(&study, &TIMING);
        let has_null = report.to_string().contains("null");
        let n_notes = report["notes"].as_array().map_or(0, Vec::len);
        assert!(!has_null || n_notes > 0, "{name}");
        let top: Vec<&String> = report.as_object().expect("an object").keys().collect();
        assert_eq!(top[0], "schema", "{name}");
    }
    let study = simple(300, Labels::Smallest);
    let report = json(&study, &TIMING);
    assert_eq!(report["fit"]["status"], "worse_than_uniform");
    assert_eq!(report["after"], Value::Null);
    let notes = report["notes"].to_string();
    assert!(notes.contains("no temperature helps"), "{notes}");
}

#[test]
fn an_infinite_nll_is_null_with_its_reason() {
    let mut study = simple(1500, Labels::AtTemperature(2.0));
    study.analysis.before.metrics.nll = f64::INFINITY;
    let report = json(&study, &TIMING);
    assert_eq!(report["before"]["nll"], Value::Null);
    assert!(report["notes"].to_string().contains("before.nll: infinite"));
}

#[test]
fn a_card_reads_back_to_the_same_temperature() {
    let study = simple(1500, Labels::AtTemperature(2.0));
    let card = card(&study, when()).expect("the fit converged");
    let text = card.to_json().expect("a card is JSON");
    assert_eq!(
        read_card(&text).map(|card| card.temperature.value()).ok(),
        study.analysis.fit.temperature
    );
    let value: Value = serde_json::from_str(&text).expect("a card is JSON");
    insta::assert_snapshot!(key_list(&value));
    let usage = value["usage"]["python"].as_str().expect("a line");
    assert!(usage.contains(&value["temperature"].to_string()), "{usage}");
    assert_eq!(value["fitted_on"]["rows"], 1500);
    assert_eq!(value["created"], "2026-11-24T03:22:33Z");
}

#[test]
fn a_fit_without_a_temperature_has_no_card() {
    let study = simple(300, Labels::Largest);
    let status = FitStatus::Separable;
    let error = card(&study, when()).expect_err("there is no temperature");
    assert_eq!(error, NoTemperature { status });
    assert!(error.to_string().contains("T runs to 0"));
}

#[test]
fn other_texts_are_not_cards() {
    let malformed = ["", "1.5", "{}", r#"{"schema": "logitscope.temperature/1"}"#];
    for text in malformed {
        assert!(matches!(read_card(text), Err(CardError::Malformed(_))), "{text}");
    }
    let other = r#"{"schema": "logitscope.report/1\u001b[2J", "temperature": 1.5}"#;
    let error = read_card(other).expect_err("a report is not a card").to_string();
    assert!(error.contains("logitscope.report/1") && !error.contains('\u{1b}'), "{error}");
    for t in ["0", "-1.5", "1e-320"] {
        let text = format!(r#"{{"schema": "logitscope.temperature/1", "temperature": {t}}}"#);
        assert!(matches!(read_card(&text), Err(CardError::Temperature(_))), "{t}");
    }
}

/// 2026-11-24 03:22:33 UTC.
fn when() -> std::time::SystemTime {
    std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_795_490_553)
}

/// Task, whether there is one score a row, kind, the formula, and what each language's line holds.
type Recipe = ((Task, bool), Kind, &'static str, [&'static str; 3]);

const LOGIT: [&str; 3] = ["torch.logit(probs)", "(*z / (1.0 - *z)).ln()", "log(z[k] / (1 - z[k]))"];

fn recipes() -> Vec<Recipe> {
    let multiclass = (Task::Multiclass, false);
    let two_columns = (Task::Binary, false);
    let (one_column, multilabel) = ((Task::Binary, true), (Task::Multilabel, false));
    vec![
        (multiclass, Kind::Logits, "softmax(z / 2.0)", ["logits", "*z /= 2.0", "z[k] /= 2.0"]),
        (two_columns, Kind::Logits, "softmax(z / 2.0)", ["logits", "*z /= 2.0", "z[k] /= 2.0"]),
        (
            multiclass,
            Kind::LogProbs,
            "softmax(log p / 2.0)",
            ["log_probs", "*z /= 2.0", "z[k] /= 2.0"],
        ),
        (
            two_columns,
            Kind::Probs,
            "softmax(log p / 2.0)",
            ["torch.log(probs)", "*z = z.ln() / 2.0", "z[k] = log(z[k]) / 2.0"],
        ),
        (
            one_column,
            Kind::Logits,
            "sigmoid(z / 2.0)",
            ["logits", "(-*z / 2.0).exp()", "exp(-z[k] / 2.0)"],
        ),
        (
            multilabel,
            Kind::Logits,
            "sigmoid(z / 2.0)",
            ["logits", "(-*z / 2.0).exp()", "exp(-z[k] / 2.0)"],
        ),
        (one_column, Kind::Probs, "sigmoid(log(p / (1 - p)) / 2.0)", LOGIT),
        (multilabel, Kind::Probs, "sigmoid(log(p / (1 - p)) / 2.0)", LOGIT),
    ]
}

/// What a line of each language says for every kind of scores and every task.
#[test]
fn the_lines_of_a_card_are_right_for_the_scores() {
    let t = Temperature::new(2.0).expect("a temperature");
    for ((task, single_score), kind, formula, [tensor, rust, c]) in recipes() {
        let info =
            SourceInfo { kind, task, single_score, ..simple(300, Labels::AtTemperature(2.0)).info };
        let lines = usage(t, &info);
        let link = &formula[..7];
        assert!(
            lines.python.starts_with(&format!("probs = torch.{link}({tensor} / 2.0")),
            "{lines:?}"
        );
        assert_eq!(lines.python.contains("dim=-1"), link == "softmax", "{lines:?}");
        assert!(lines.rust.contains(rust) && lines.c.contains(c), "{lines:?}");
        assert_eq!(lines.rust.contains("then softmax"), link == "softmax", "{lines:?}");
        let [words, shown] = recipe(&info, "2.0");
        assert_eq!(shown, formula);
        assert!(words.ends_with(&format!("before the {link}:")), "{words}");
    }
}
