//! Classes that a row does not have: -inf and what stands for it, in every form, at the label and elsewhere; labels of
//! one class; and what names the cause where a set only looks as if it were broken in another way.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{expect, run, stdout};
use crate::shared;

/// What must not be said of a mask.
const OF_SCALE: [&str; 8] = [
    "exploding",
    "f16_overflow",
    "rows_alike",
    "rank_collapse",
    "constant_rows",
    "heavy_tail",
    "low_resolution",
    "truncated_rows",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/absent").join(name)
}

fn report(file: &Path, more: &[&str]) -> Value {
    let file = file.to_str().expect("UTF-8");
    let arguments = [&["report", file, "--format", "json"], more].concat();
    let output = run(Path::new("/"), &arguments);
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

/// Severity and rule of all findings.
fn findings(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let findings = report["findings"].as_array().expect("findings").iter();
    let pair = |finding: &Value| (text(&finding["severity"]), text(&finding["rule"]));
    findings.map(pair).collect()
}

fn finding<'a>(report: &'a Value, rule: &str) -> Option<&'a Value> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.into_iter().find(|finding| finding["rule"] == rule)
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

/// T, NLL, accuracy and ECE, by numpy over the classes that each row has.
fn assert_figures(file: &Path, report: &Value, wanted: [f64; 4]) {
    let before = &report["before"];
    let found =
        [&report["fit"]["temperature"], &before["nll"], &before["accuracy"], &before["ece"]];
    for (found, wanted) in found.map(number).into_iter().zip(wanted) {
        let shown = file.display();
        assert!((found - wanted).abs() < 1e-6, "{shown}: {found}, not {wanted}");
    }
}

fn assert_healthy(file: &Path, report: &Value) {
    for (severity, rule) in findings(report) {
        let shown = file.display();
        assert!(severity != "failure", "{shown}: {rule}");
        assert!(!OF_SCALE.contains(&rule.as_str()), "{shown}: {rule}");
    }
}

const MASKED: [f64; 4] = [2.056_495, 1.410_013, 0.545, 0.193_710];

#[test]
fn masked_rows_keep_their_other_classes() {
    let cases = [
        ("m1e9.npz", MASKED, 368),
        ("m65504.npz", [2.056_486, 1.410_011, 0.545, 0.193_706], 368),
        ("val.jsonl", [1.660_169, 0.851_511, 0.675, 0.141_122], 46),
    ];
    for (name, wanted, n_lacking) in cases {
        let file = fixture(name);
        let report = report(&file, &[]);
        assert_figures(&file, &report, wanted);
        assert_healthy(&file, &report);
        let masked = finding(&report, "masked_classes").expect("some classes are absent");
        assert_eq!(masked["severity"], "info");
        assert_eq!(masked["evidence"]["rows"], f64::from(n_lacking));
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn every_fill_of_the_shared_cases_is_read_alike() {
    let folder = shared::data("cases/23-masked-classes");
    for name in ["finfo_min.npz", "m1e6.npz", "m1e9.npz", "m100.npz"] {
        let file = folder.join(name);
        let report = report(&file, &[]);
        assert_figures(&file, &report, MASKED);
        assert_healthy(&file, &report);
        let is_masked = finding(&report, "masked_classes").is_some();
        assert_eq!(is_masked, name != "m100.npz", "{name}");
    }
}

#[test]
fn a_label_that_the_row_lacks_leaves_the_row_out() {
    let report = report(&fixture("wide_minf.csv"), &[]);
    // 124 rows lack a class, three of them that of their label.
    assert_eq!(report["source"]["rows_used"], 197);
    assert_eq!(report["source"]["rows_non_finite"], 3);
    let found = finding(&report, "non_finite").expect("a failure");
    assert_eq!(found["severity"], "failure");
    assert_eq!(found["evidence"]["minus_infinity_at_label"], 3.0);
    let masked = finding(&report, "masked_classes").expect("an info");
    assert_eq!(masked["evidence"]["rows"], 121.0);
    assert!((number(&report["fit"]["temperature"]) - 1.682_772).abs() < 1e-6);
}

/// Rows of 5 classes, with `fill` for one class in four that is not the label.
fn table(fill: &str) -> String {
    let mut text = "a,b,c,d,e,label\n".to_owned();
    for row in 0..400u32 {
        let label = row * 7 % 5;
        let score = |class: u32| {
            let noise = f64::from((row * 31 + class * 17) * 7919 % 1009) / 252.0 - 2.0;
            let bonus = if class == label && row % 3 > 0 { 2.5 } else { 0.0 };
            if class != label && (row + 3 * class).is_multiple_of(4) {
                fill.to_owned()
            } else {
                format!("{:.4}", noise + bonus)
            }
        };
        let scores: Vec<String> = (0..5).map(score).collect();
        let name = ["a", "b", "c", "d", "e"][label as usize];
        writeln!(text, "{},{name}", scores.join(",")).expect("a String grows");
    }
    text
}

#[test]
fn a_fill_is_minus_infinity_in_files_larger_than_memory_and_in_summaries() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("inf.csv"), table("-inf")).expect("written");
    fs::write(path("fill.csv"), table("-1e9")).expect("written");
    let wanted = report(&path("inf.csv"), &[]);
    assert_eq!(wanted["source"]["rows_used"], 400);
    assert_healthy(&path("inf.csv"), &wanted);
    let summary = path("rows.parquet");
    let arguments = ["summarize", "fill.csv", "--out", "rows.parquet"];
    expect(&run(folder.path(), &arguments), 0);
    let others = [
        report(&path("fill.csv"), &[]),
        report(&path("fill.csv"), &["--memory", "1"]),
        report(&summary, &[]),
    ];
    for other in &others {
        for key in ["fit", "before", "after"] {
            assert_eq!(wanted[key], other[key], "{key}");
        }
        assert_eq!(findings(&wanted), findings(other));
        let of = |report| finding(report, "masked_classes").expect("an info").clone();
        assert_eq!(of(&wanted), of(other));
    }
    let inspected = stdout(&run(folder.path(), &["inspect", "fill.csv"]));
    assert!(inspected.contains("it stands for -inf"), "{inspected}");
    let doctor = run(folder.path(), &["doctor", "rows.parquet"]);
    assert!(stdout(&doctor).contains("masked_classes"));
}

/// Many classes keep no scores: the row summaries must say the same.
#[test]
fn absent_classes_of_many_are_counted_in_summaries_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wide.jsonl");
    let mut lines = String::new();
    for row in 0..300u32 {
        let label = row * 7 % 60;
        let score = |class: u32| {
            let noise = f64::from((row * 31 + class * 17) * 7919 % 1009) / 252.0 - 2.0;
            let bonus = if class == label && row % 3 > 0 { 5.0 } else { 0.0 };
            if class == (label + 1) % 60 {
                "-Infinity".to_owned()
            } else {
                format!("{:.4}", noise + bonus)
            }
        };
        let scores: Vec<String> = (0..60).map(score).collect();
        writeln!(lines, "{{\"logits\": [{}], \"label\": {label}}}", scores.join(", "))
            .expect("a String grows");
    }
    fs::write(&path, lines).expect("written");
    let direct = report(&path, &[]);
    assert_healthy(&path, &direct);
    let arguments = ["summarize", "wide.jsonl", "--out", "rows.parquet"];
    expect(&run(folder.path(), &arguments), 0);
    let stored = report(&folder.path().join("rows.parquet"), &[]);
    let of = |report| finding(report, "masked_classes").expect("an info").clone();
    assert_eq!(of(&direct), of(&stored));
    assert_eq!(of(&direct)["evidence"]["classes"], 60.0);
    assert_eq!(findings(&direct), findings(&stored));
}

#[test]
fn nothing_is_said_of_classes_that_no_label_is() {
    let report = report(&fixture("one_class.npz"), &[]);
    let found = findings(&report);
    assert!(found.iter().all(|(severity, _)| severity == "info"), "{found:?}");
    let one = finding(&report, "one_class").expect("the labels hold one class");
    assert_eq!(one["evidence"]["class"], 2.0);
    let text = report.to_string();
    assert!(!text.contains("-inf %"), "{text}");
}

#[test]
fn the_cause_is_named_before_what_follows_from_it() {
    let cases = [
        ("negative.npz", "anti_informative"),
        ("sorted_names.npz", "class_order"),
        ("ridge_labels_rotated.npz", "labels_shifted"),
    ];
    for (name, rule) in cases {
        let report = report(&fixture(name), &[]);
        let found = findings(&report);
        assert_eq!(found[0], ("failure".to_owned(), rule.to_owned()), "{name}");
        let others = ["labels_shifted", "labels_permuted", "collapsed"];
        let later = &found[1..];
        assert!(later.iter().all(|(_, rule)| !others.contains(&rule.as_str())), "{found:?}");
    }
    let report = report(&fixture("sorted_names.npz"), &[]);
    let next = finding(&report, "class_order").expect("a failure")["next_step"].to_string();
    assert!(next.contains("entailment, neutral, contradiction"), "{next}");
}

#[test]
fn rows_of_many_labels_are_counted_as_rows() {
    let output =
        run(Path::new("/"), &["report", fixture("multilabel_150.npz").to_str().expect("UTF-8")]);
    let text = stdout(&output);
    assert!(text.contains("150 rows are few"), "{text}");
    assert!(text.contains("140 rows (93 %), 312 labels in all"), "{text}");
}

/// Labels that a row does not have, on a copy of the rows without them: by leaving them out of the sums.
#[test]
fn absent_labels_of_multilabel_rows_count_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let (n_rows, n_labels) = (400usize, 3usize);
    let mut state = 7u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut lines = String::from("logit_0,logit_1,logit_2,label_0,label_1,label_2\n");
    let (mut nll, mut n_right, mut n_counted, mut n_absent) = (0.0, 0, 0, 0);
    for row in 0..n_rows {
        let (mut scores, mut labels) = (Vec::new(), Vec::new());
        for label in 0..n_labels {
            let z = (uniform() * 8.0 - 4.0) * 2.0;
            let is_there = uniform() < 1.0 / (1.0 + (-z / 2.0).exp());
            let is_absent = label == 2 && row % 3 == 0;
            n_absent += usize::from(is_absent);
            if !is_absent {
                let signed = if is_there { z } else { -z };
                nll += (-signed).exp().ln_1p();
                n_right += usize::from(signed > 0.0);
                n_counted += 1;
            }
            scores.push(if is_absent { "-inf".to_owned() } else { z.to_string() });
            labels.push(u8::from(is_there && !is_absent).to_string());
        }
        writeln!(lines, "{},{}", scores.join(","), labels.join(",")).expect("a String");
    }
    let path = folder.path().join("masked.csv");
    fs::write(&path, lines).expect("written");
    let found = report(&path, &["--task", "multilabel"]);
    let near =
        |at: &Value, wanted: f64| assert!((number(at) - wanted).abs() < 1e-9, "{at} {wanted}");
    near(&found["before"]["nll"], nll / f64::from(n_counted));
    near(&found["before"]["accuracy"], n_right as f64 / f64::from(n_counted));
    let masked = finding(&found, "masked_classes").expect("an info");
    near(&masked["evidence"]["labels"], n_absent as f64);
    assert!(findings(&found).iter().all(|(severity, _)| severity != "failure"), "{found}");
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn the_shared_masks_are_no_faults() {
    let folder = shared::data("faults");
    for name in ["masked_1e30.npz", "f16_then_masked_1000.npz", "ruled_out.npz"] {
        let file = folder.join(name);
        assert_healthy(&file, &report(&file, &[]));
    }
    let misaligned = report(&folder.join("thousand_alphabetical.npz"), &[]);
    let found = finding(&misaligned, "rows_misaligned").expect("a failure");
    let message = found["message"].as_str().expect("text");
    assert!(!message.contains("nothing to do with"), "{message}");
}
