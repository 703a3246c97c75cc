//! `inspect` of several files: the steps of a run, models, and which of them every command takes.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared::sample;

/// A run of two steps of 350 rows, of which the labels differ, and a file of its own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("run")).expect("a folder");
    for (file, name) in [
        ("digits_small_val.csv", "run/step_20.csv"),
        ("digits_small_test.csv", "run/step_3.csv"),
        ("digits_small_val.csv", "other.csv"),
    ] {
        fs::copy(sample(file), folder.path().join(name)).expect("copied");
    }
    folder
}

fn as_json(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--format", "json"]].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

#[test]
fn the_steps_of_a_folder_are_listed_with_what_each_command_takes() {
    let folder = folder();
    let said = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        expect(&output, 0);
        stdout(&output)
    };
    let text = said(&["inspect", "run"]);
    let named = said(&["inspect", "run/step_20.csv", "run/step_3.csv"]);
    assert_eq!(text, named);
    assert_eq!(text, said(&["inspect", "run/*.csv"]));
    let start = "2 steps of one training run, in the order of the numbers in their names

        step       rows  classes  file
           3        350       10  run/step_3.csv
          20        350       10  run/step_20.csv
the labels of step 20 are not those of step 3: their figures are not about the same rows

what the commands take
  doctor, the app
      all steps in this order, as one training run
  report, fit, check, compare, apply, summarize
      the last, step 20; --step N takes another

step 20 in full

file          run/step_20.csv
";
    assert!(text.starts_with(start), "{text}");
    assert!(!text.contains("one after the other"), "{text}");
    // What is said holds: 350 rows, and not 700.
    for command in ["report", "fit", "check", "summarize", "apply"] {
        let flags: &[&str] = match command {
            "check" => &["--max-ece", "1", "--format", "json"],
            "summarize" => &["--out", "out.rows"],
            "apply" => &["--temperature", "2", "--out", "out.csv"],
            _ => &[],
        };
        expect(&run(folder.path(), &[&[command, "run"], flags].concat()), 0);
    }
    let rows = as_json(folder.path(), &["inspect", "out.rows"]);
    assert_eq!(rows["runs"][0]["rows_read"], 350);
    let written = fs::read_to_string(folder.path().join("out.csv")).expect("written");
    assert_eq!(written.lines().count(), 351);
}

#[test]
fn the_steps_are_in_json_too() {
    let folder = folder();
    let answer = as_json(folder.path(), &["inspect", "run"]);
    assert_eq!(answer["schema"], "logitscope.inspect/1");
    assert_eq!(answer["same_labels"], false);
    let runs = answer["runs"].as_array().expect("a list");
    let doctor = run(folder.path(), &["doctor", "run", "--format", "json"]);
    let doctor: Value = serde_json::from_str(&stdout(&doctor)).expect("JSON");
    let steps = doctor["runs"].as_array().expect("a list");
    assert_eq!(runs.len(), steps.len());
    for (run, step) in runs.iter().zip(steps) {
        for key in ["path", "step", "rows_read", "sha256_labels"] {
            assert_eq!(run[key], step[key], "{key}");
        }
        assert_eq!((&run["classes"], &run["kind"]), (&10.into(), &"logits".into()));
        assert_eq!(run["rows_non_finite"], 0);
    }
    assert_eq!(answer["taken"]["doctor"], serde_json::json!([3, 20]));
    assert_eq!(answer["taken"]["report"], serde_json::json!([20]));
    let one = as_json(folder.path(), &["inspect", "run", "--step", "3"]);
    assert_eq!(one["runs"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["runs"][0]["step"], 3);
    assert!(one["taken"].is_null(), "{one:#}");
    let none = run(folder.path(), &["inspect", "run", "--step", "4"]);
    expect(&none, 2);
    assert!(stderr(&none).contains("there are 3, 20"), "{}", stderr(&none));
}

#[test]
fn steps_within_one_file_are_said_too() {
    let folder = folder();
    let text = fs::read_to_string(sample("digits_small_val.csv")).expect("text");
    let mut table = String::new();
    for (idx, line) in text.lines().enumerate() {
        let step = match idx {
            0 => "step",
            1..=150 => "7",
            _ => "40",
        };
        writeln!(table, "{step},{line}").expect("a String grows");
    }
    fs::write(folder.path().join("table.csv"), table).expect("written");
    let said = stdout(&run(folder.path(), &["inspect", "table.csv"]));
    assert!(said.contains("the last, step 40; --step N takes another"), "{said}");
    let answer = as_json(folder.path(), &["inspect", "table.csv"]);
    assert_eq!(answer["runs"][0]["steps"], serde_json::json!([7, 40]));
    assert_eq!(answer["taken"]["app"], serde_json::json!([7, 40]));
    let one = stdout(&run(folder.path(), &["inspect", "table.csv", "--step", "7"]));
    assert!(!one.contains("what the commands take"), "{one}");
}

#[test]
fn files_of_their_own_are_described_one_by_one() {
    let folder = folder();
    let output = run(folder.path(), &["inspect", "other.csv", "run/step_3.csv"]);
    expect(&output, 0);
    let text = stdout(&output);
    assert!(text.contains("file          other.csv\n"), "{text}");
    assert!(text.contains("file          run/step_3.csv\n"), "{text}");
    assert!(text.contains("as models to compare"), "{text}");
    let json = as_json(folder.path(), &["inspect", "other.csv", "run/step_3.csv"]);
    assert_eq!(json["runs"].as_array().map(Vec::len), Some(2));
    assert!(json["taken"].is_null(), "{json:#}");
    let mistyped = run(folder.path(), &["inspect", "repotr", "other.csv"]);
    expect(&mistyped, 2);
}

#[test]
fn what_is_to_be_scaled_is_one_step_that_is_named() {
    let folder = folder();
    let apply = |flags: &[&str]| {
        let fixed = ["apply", "run", "--temperature", "2", "--out", "out.csv"];
        let output = run(folder.path(), &[&fixed[..], flags].concat());
        expect(&output, 0);
        stderr(&output)
    };
    let said = apply(&[]);
    assert!(
        said.contains("wrote 350 rows of step 20 (the last of the steps 3, 20; --step N)"),
        "{said}"
    );
    let last = fs::read(folder.path().join("out.csv")).expect("written");
    assert!(apply(&["--step", "3"]).contains("of step 3 (as asked for"));
    assert_ne!(last, fs::read(folder.path().join("out.csv")).expect("written"));
}
