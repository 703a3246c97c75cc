//! Findings name rows by their numbers in the file, whatever part of it was read.

use std::fmt::Write as _;
use std::fs;

use logitscope::io;
use serde_json::{Value, json};

use crate::cli::{expect, run, stdout};

/// 60 rows, odd ones in the test part, of which row 41 is broken; ids are `r100`, `r101`, ..
fn table() -> String {
    let mut text = "name,split,label,logit_0,logit_1,logit_2\n".to_owned();
    for i in 0..60 {
        let z = if i == 41 { "nan".to_owned() } else { format!("{}", f64::from(i % 7) / 4.0) };
        let part = if i % 2 == 0 { "val" } else { "test" };
        writeln!(text, "r{},{part},{},{z},{},0.5", i + 100, i % 3, f64::from(i % 5) / 3.0)
            .expect("written");
    }
    text
}

fn broken_rows(file: &str, flags: &[&str]) -> (Value, Value) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("x.csv"), table()).expect("written");
    let lines: Vec<String> = table()
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let z = cells[3..].join(", ").replace("nan", "NaN");
            format!(
                "{{\"name\": \"{}\", \"split\": \"{}\", \"label\": {}, \"logits\": [{z}]}}",
                cells[0], cells[1], cells[2]
            )
        })
        .collect();
    fs::write(folder.path().join("x.jsonl"), lines.join("\n")).expect("written");
    let command = ["report", file, "--format", "json", "--id", "name"];
    let output = run(folder.path(), &[&command[..], flags].concat());
    expect(&output, 0);
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    let broken = findings.iter().find(|f| f["rule"] == "non_finite").expect("row 41 is broken");
    let message = broken["message"].as_str().expect("a sentence");
    assert!(message.contains("first in row 41 (from 0), class"), "{flags:?}: {message}");
    (broken["rows"].clone(), broken["ids"].clone())
}

#[test]
fn parts_ranges_and_conditions_do_not_renumber() {
    for file in ["x.csv", "x.jsonl"] {
        for flags in [
            &[][..],
            &["--part", "test"],
            &["--part", "all", "--rows", "30..60"],
            &["--part", "all", "--where", "split == test"],
            &["--fit-where", "split == val", "--part", "all"],
            &["--rows", "20..50"],
        ] {
            assert_eq!(
                broken_rows(file, flags),
                (json!([41]), json!(["r141"])),
                "{file} {flags:?}"
            );
        }
    }
}

#[test]
fn broken_rows_of_both_parts_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    // Row 22 is one of those to fit on.
    let text = table().replace("r122,val,1,0.25,", "r122,val,1,nan,");
    fs::write(folder.path().join("x.csv"), text).expect("written");
    let output = run(folder.path(), &["report", "x.csv", "--format", "json"]);
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    let broken = findings.iter().find(|f| f["rule"] == "non_finite");
    let message = broken.expect("rows 22 and 41")["message"].to_string();
    for words in ["first in row 41 (from 0)", "In the rows to fit on: ", "first in row 22 (from 0)"]
    {
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_label_of_a_row_is_named_by_its_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = "logit_a,logit_b,logit_c,label_a,label_b,label_c\n".to_owned();
    for row in 0..90 {
        let z = |label: i32| match (row, label) {
            (50, 2) => "nan".to_owned(),
            _ => f64::from((row * 7 + label * 5) % 13 - 6).to_string(),
        };
        let is_there = |label: i32| u8::from((row * 3 + label * 4) % 5 > 1);
        let scores = [0, 1, 2].map(z).join(",");
        let [a, b, c] = [0, 1, 2].map(is_there);
        writeln!(text, "{scores},{a},{b},{c}").expect("written");
    }
    fs::write(folder.path().join("x.csv"), text).expect("written");
    for flags in [&[][..], &["--rows", "40..80"]] {
        let command = ["report", "x.csv", "--format", "json", "--bootstrap", "0"];
        let output = run(folder.path(), &[&command[..], flags].concat());
        expect(&output, 0);
        let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        let broken = &report["findings"][0];
        assert_eq!((&broken["rule"], &broken["rows"]), (&json!("non_finite"), &json!([50])));
        let message = broken["message"].as_str().expect("a sentence");
        assert!(message.contains("first in row 50 (from 0), label 2"), "{flags:?}: {message}");
    }
}

/// A line of any length that can be read can be listed and chosen.
#[test]
fn a_first_line_of_megabytes_is_listed() {
    let folder = tempfile::tempdir().expect("a folder");
    let n = 30_000;
    let names: Vec<String> = (0..n).map(|k| format!(",logit_{k}")).collect();
    let names = names.concat();
    let zeros = ",0.5".repeat(n);
    let csv = folder.path().join("wide.csv");
    fs::write(&csv, format!("label{names}\n0{zeros}\n1{zeros}\n")).expect("written");
    let list = vec!["0.5"; n].join(", ");
    let lines = folder.path().join("wide.jsonl");
    let line = format!("{{\"label\": 1, \"logits\": [{list}]}}\n");
    fs::write(&lines, line.repeat(2)).expect("written");
    for path in [csv, lines] {
        let seen = io::glimpse(&path).expect("listed");
        assert_eq!((seen.n_classes, seen.has_logits), (Some(n), true), "{seen:?}");
        let offer = io::offer(&path);
        assert!(offer.is_ok_and(|offer| !offer.logits.is_empty()), "{}", path.display());
    }
}
