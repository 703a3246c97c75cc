//! Labels that are distributions: figures against plain formulas, in every form they are stored in.

use std::fs;
use std::path::{Path, PathBuf};

use logitscope::data::BatchSource;
use logitscope::io::{self, OpenOptions, Part, Source};
use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};

/// Of figures and of T.
const TOLERANCE: f64 = 1e-9;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/soft_labels").join(name)
}

fn report(folder: &Path, file: &str, more: &[&str]) -> Value {
    let arguments = ["report", file, "--format", "json", "--bootstrap", "0"];
    let output = run(folder, &[&arguments, more].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

/// A folder with copies of the fixtures.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["votes.csv", "teacher.npz", "votes_logits.npy", "votes_labels.npy"] {
        fs::copy(fixture(name), folder.path().join(name)).expect("copied");
    }
    folder
}

fn check(report: &Value, want: &Value) {
    let mut failures = Vec::new();
    let mut close = |what: String, got: &Value, want: &Value| {
        let (got, want) = (got.as_f64().unwrap_or(f64::NAN), want.as_f64().expect("a number"));
        if (got - want).abs() > TOLERANCE * want.abs().max(1.0) || got.is_nan() {
            failures.push(format!("{what}: {got} instead of {want}"));
        }
    };
    for key in ["fit", "before", "after"] {
        let figures = want[key].as_object().expect("figures");
        for (name, want) in figures {
            close(format!("{key}.{name}"), &report[key][name], want);
        }
    }
    let entropy = &report["source"]["soft_labels"]["mean_entropy"];
    close("entropy".to_owned(), entropy, &want["entropy"]);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn expected() -> Value {
    let text = fs::read_to_string(fixture("expected.json")).expect("there");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn every_figure_is_that_of_the_plain_formulas() {
    let folder = folder();
    for file in ["votes.csv", "teacher.npz"] {
        check(&report(folder.path(), file, &["--folds", "0"]), &expected()[file]);
    }
    let votes = report(folder.path(), "votes_logits.npy", &["--folds", "0"]);
    check(&votes, &expected()["votes.csv"]);
    assert_eq!(votes["source"]["soft_labels"]["tied"], 1);
    let notes = votes["notes"].as_array().expect("notes");
    let says = |note: &Value| note.as_str().is_some_and(|note| note.contains("mean entropy"));
    assert!(notes.iter().any(says), "{notes:?}");
}

#[test]
fn other_forms_hold_the_same_labels() {
    let folder = folder();
    let csv = fs::read_to_string(fixture("votes.csv")).expect("there");
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let (z, y) = (cells[..5].join(","), cells[5..].join(","));
        format!("{{\"logits\": [{z}], \"labels\": [{y}]}}\n")
    };
    let lines: String = csv.lines().skip(1).map(line).collect();
    fs::write(folder.path().join("votes.jsonl"), lines).expect("written");
    let want = &expected()["votes.csv"];
    check(&report(folder.path(), "votes.jsonl", &["--folds", "0"]), want);
    let named = ["--folds", "0", "--labels", "votes_labels.npy"];
    check(&report(folder.path(), "votes_logits.npy", &named), want);
    // Parts of the rows, and all of them again.
    let part = |range| report(folder.path(), "votes.csv", &["--folds", "0", "--rows", range]);
    let (first, rest) = (part("0..100"), part("100..400"));
    let mean = |of: &Value| of["before"]["brier"].as_f64().expect("a number");
    let all = (mean(&first) + 3.0 * mean(&rest)) / 4.0;
    assert!((all - want["before"]["brier"].as_f64().expect("a number")).abs() < 1e-12);
}

#[test]
fn neither_memory_nor_threads_change_a_figure() {
    let folder = folder();
    for file in ["votes.csv", "teacher.npz"] {
        let of = |more: &[&str]| {
            let mut report = report(folder.path(), file, more);
            let report = report.as_object_mut().expect("an object");
            report.shift_remove("timing");
            report.shift_remove("peak_memory_bytes");
            Value::Object(report.clone())
        };
        let plain = of(&["--threads", "2"]);
        assert_eq!(plain, of(&["--threads", "1", "--memory", "0"]), "{file}");
        assert!(plain["after"]["brier"].is_number(), "{file}: out of fold");
    }
}

#[test]
fn summaries_hold_what_is_needed_of_the_labels() {
    let folder = folder();
    for file in ["votes.csv", "teacher.npz"] {
        let output = run(folder.path(), &["summarize", file, "--out", "rows.parquet"]);
        expect(&output, 0);
        let (direct, stored) =
            (report(folder.path(), file, &[]), report(folder.path(), "rows.parquet", &[]));
        for key in ["temperature", "standard_error", "nll_before", "nll_after"] {
            assert_eq!(direct["fit"][key], stored["fit"][key], "{file} {key}");
        }
        for (when, key) in [("before", "nll"), ("before", "brier"), ("after", "brier")] {
            assert_eq!(direct[when][key], stored[when][key], "{file} {when}.{key}");
        }
        assert_eq!(direct["source"]["soft_labels"], stored["source"]["soft_labels"]);
    }
}

#[test]
fn a_positive_class_that_is_stored_first_changes_places_with_its_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "logit_0,logit_1,label_0,label_1\n1,2.5,0.25,0.75\n0.5,-1,0.9,0.1\n2,1,0.4,0.6\n-1,1,0.5,0.5\n";
    fs::write(folder.path().join("two.csv"), rows).expect("written");
    let of = |more: &[&str]| report(folder.path(), "two.csv", more);
    let (second, first) = (of(&[]), of(&["--positive", "0"]));
    for key in ["nll", "brier", "mean_confidence"] {
        let [a, b] = [&second, &first].map(|r| r["before"][key].as_f64().expect("a number"));
        assert!((a - b).abs() < 1e-15, "{key}");
    }
}

#[test]
fn rows_of_zeros_and_a_one_stay_hard_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "{\"logits\": [1, 2.5], \"labels\": [0.0, 1.0]}\n{\"logits\": [0.5, -1], \"labels\": [1.0, 0.0]}\n";
    fs::write(folder.path().join("hot.jsonl"), rows).expect("written");
    let report = report(folder.path(), "hot.jsonl", &[]);
    assert_eq!(report["source"]["soft_labels"], Value::Null);
    assert_eq!(report["before"]["accuracy"], 1.0);
}

#[test]
fn what_is_no_distribution_is_refused_by_row() {
    let folder = folder();
    let table =
        |label: &str| format!("logit_0,logit_1,label_0,label_1\n1,2.5,0.25,0.75\n0.5,-1,{label}\n");
    let refusal = |file: &str, more: &[&str]| {
        let output = run(folder.path(), &[&["report", file], more].concat());
        expect(&output, 2);
        stderr(&output)
    };
    for (label, sum) in [("0.4,0.4", "0.8"), ("1.5,-0.5", "1,"), ("0,0", "0,")] {
        fs::write(folder.path().join("bad.csv"), table(label)).expect("written");
        let said = refusal("bad.csv", &[]);
        let place = format!(
            "row 3, a soft label is a row of probabilities that add up to 1, and these add up to {sum}"
        );
        assert!(said.contains(&place), "{said}");
        assert!(said.contains("\nhint: "), "{said}");
    }
    // Left out, and never looked at.
    fs::write(folder.path().join("out.csv"), table("-100,-100")).expect("written");
    let kept = report(folder.path(), "out.csv", &[]);
    assert_eq!(kept["source"]["rows_ignored_label"], 1);
    for (flags, said) in [
        (&["--label-offset", "1"][..], "--label-offset is for class numbers"),
        (&["--task", "multilabel"][..], "these are probabilities"),
        (&["--compare-methods"][..], "these labels are distributions"),
        (&["--thresholds"][..], "these labels are distributions"),
    ] {
        let output = refusal("votes.csv", flags);
        assert!(output.contains(said), "{output}");
    }
}

/// One probability a row beside one score or two: (1 - p, p), in every form. What `NumPy` and `SciPy` compute of the same
/// numbers is in `binary_expected.json`.
#[test]
fn one_probability_a_row_is_the_distribution_of_two_classes() {
    let text = fs::read_to_string(fixture("binary_expected.json")).expect("there");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["binary_score.csv", "binary_two.csv", "binary_arrays.npz", "binary.jsonl"] {
        fs::copy(fixture(name), folder.path().join(name)).expect("copied");
        let report = report(folder.path(), name, &["--folds", "0"]);
        check(&report, &expected[name]);
        assert_eq!(report["source"]["task"], "binary", "{name}");
        let output = run(folder.path(), &["inspect", name]);
        expect(&output, 0);
        let said = stdout(&output);
        assert!(
            said.contains("the probability p of class 1, which stands for (1 - p, p)"),
            "{said}"
        );
    }
}

#[test]
fn fractions_that_are_no_probabilities_of_two_classes_are_refused_by_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("written");
        let output = run(folder.path(), &["inspect", name]);
        expect(&output, 2);
        stderr(&output)
    };
    let many = "{\"logits\": [1, 2, 3], \"label\": 1}\n{\"logits\": [1, 2, 3], \"label\": 0.25}\n";
    insta::assert_snapshot!(said("many.jsonl", many), @r"
    error: many.jsonl: row 2, the label 0.25 is no whole number, and there are 3 classes

    hint: labels are class numbers, or rows of one probability for each class; choose with --labels NAME|FILE
    ");
    let odd = "{\"score\": 0.5, \"label\": 0.5}\n{\"score\": -1.5, \"label\": 2}\n";
    insta::assert_snapshot!(said("odd.jsonl", odd), @r"
    error: odd.jsonl: row 2, the label 2 is neither a class number nor a probability

    hint: labels with fractions are the probability of class 1; --labels NAME|FILE chooses other labels
    ");
    insta::assert_snapshot!(said("odd.csv", "score,label\n0.5,0.5\n-1.5,2\n"), @r"
    error: odd.csv: row 3, the label 2 is neither a class number nor a probability

    hint: labels with fractions are the probability of class 1; --labels NAME|FILE chooses other labels
    ");
}

#[test]
fn parts_of_which_one_has_fractions_are_soft_in_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let object = |val: &str, test: &str| {
        format!(
            "{{\"val_scores\": [0.5, -1.5, 2.25], \"val_labels\": {val}, \"test_scores\": [1.5, -2.5], \"test_labels\": {test}}}"
        )
    };
    let open = |text: &str, part| {
        let path = folder.path().join("a.json");
        fs::write(&path, text).expect("written");
        let options = OpenOptions { part, ..OpenOptions::default() };
        io::open(&path, &options, &mut |_| true)
    };
    let distributions = |source: &Source| -> Vec<[f64; 2]> {
        let soft = source.soft_labels().expect("soft labels");
        let of = |row| -> [f64; 2] {
            let both: Vec<f64> = soft.row(row).probabilities().collect();
            both.try_into().expect("two classes")
        };
        (0..soft.n_rows()).map(of).collect()
    };
    for (val, test) in
        [("[0, 1, 1]", "[0.25, 1]"), ("[0.0, 1.0, 1.0]", "[0.25, 1]"), ("[0, 1, 0.75]", "[0, 1]")]
    {
        let loaded = open(&object(val, test), Part::Auto).expect("two parts");
        let last = if val.contains("0.75") { 0.75 } else { 1.0 };
        let first = if test.contains("0.25") { 0.25 } else { 0.0 };
        let fit = [[1.0, 0.0], [0.0, 1.0], [1.0 - last, last]];
        let judged = [[1.0 - first, first], [0.0, 1.0]];
        assert_eq!(distributions(&loaded.fit), fit, "{val} {test}");
        assert_eq!(distributions(&loaded.test.expect("a test part")), judged);
        let all = open(&object(val, test), Part::All).expect("one set");
        assert_eq!(distributions(&all.fit), [&fit[..], &judged].concat());
    }
    // Without a fraction they are classes.
    let hard = open(&object("[0, 1, 1]", "[0.0, 1.0]"), Part::Auto).expect("classes");
    assert!(hard.fit.soft_labels().is_none());
    let wrong = open(&object("[0, 1, 2]", "[0.25, 1]"), Part::Auto).expect_err("no probability");
    assert!(wrong.message.contains("row 3"), "{wrong}");
}
