//! Rows that do not count the same: figures against plain formulas and scikit-learn, and against rows that are repeated.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};

/// Of figures and of T.
const TOLERANCE: f64 = 1e-9;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/weights").join(name)
}

fn expected() -> Value {
    let text = fs::read_to_string(fixture("expected.json")).expect("the fixture is there");
    serde_json::from_str(&text).expect("JSON")
}

/// A folder with copies of the fixtures.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["few.csv", "many.npz", "binary.csv"] {
        fs::copy(fixture(name), folder.path().join(name)).expect("copied");
    }
    folder
}

fn report(folder: &Path, arguments: &[&str]) -> Value {
    let fixed = ["--format", "json", "--bootstrap", "0"];
    let output = run(folder, &[&["report"], arguments, &fixed].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

/// What differs, entry by entry of `want`.
fn compare(what: &str, got: &Value, want: &Value, failures: &mut Vec<String>) {
    match want {
        Value::Object(entries) => {
            for (key, want) in entries {
                compare(&format!("{what}.{key}"), &got[key], want, failures);
            }
        }
        Value::Array(entries) => {
            for (idx, want) in entries.iter().enumerate() {
                compare(&format!("{what}[{idx}]"), &got[idx], want, failures);
            }
        }
        want => {
            let want = want.as_f64().expect("a number");
            let got = got.as_f64().unwrap_or(f64::NAN);
            if (got - want).abs() > TOLERANCE * want.abs().max(1.0) || got.is_nan() {
                failures.push(format!("{what}: {got} instead of {want}"));
            }
        }
    }
}

fn check(set: &str, got: &Value) {
    let want = &expected()[set];
    let mut failures = Vec::new();
    for side in ["before", "in_sample_after"] {
        let mut want = want[side].clone();
        // The report says z and p.
        let z = want["spiegelhalter"].take();
        want["spiegelhalter"] = serde_json::json!({ "z": z });
        if side == "in_sample_after" {
            // Needs a pass of its own, which is not made for the fitted rows again.
            want.as_object_mut().expect("figures").remove("classwise_ece");
        }
        compare(side, &got[side], &want, &mut failures);
    }
    compare("fit", &got["fit"], &want["fit"], &mut failures);
    let effective = &got["source"]["weight"]["effective_rows"];
    compare("effective", effective, &want["effective_rows"], &mut failures);
    for bin in want["bins"].as_array().expect("bins") {
        let place = usize::try_from(bin["bin"].as_u64().expect("a number")).expect("small");
        let mut bin = bin.clone();
        for key in ["bin", "effective", "mass", "counting"] {
            bin.as_object_mut().expect("a bin").remove(key);
        }
        let got = &got["reliability"]["before"][place];
        compare(&format!("bin {place}"), got, &bin, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn figures_of_a_few_classes_are_those_of_scikit_learn_and_plain_sums() {
    let folder = folder();
    check("few", &report(folder.path(), &["few.csv", "--weight", "sample_weight"]));
}

#[test]
fn figures_of_many_classes_are_too() {
    let folder = folder();
    check("many", &report(folder.path(), &["many.npz", "--weight", "sample_weight"]));
}

#[test]
fn figures_of_a_binary_score_are_too() {
    let folder = folder();
    check("binary", &report(folder.path(), &["binary.csv", "--weight", "importance"]));
}

#[test]
fn groups_and_weights_go_together() {
    let folder = folder();
    let arguments = ["few.csv", "--weight", "sample_weight", "--group", "document"];
    let got = report(folder.path(), &arguments);
    let mut failures = Vec::new();
    compare("fit", &got["fit"], &expected()["few"]["grouped"], &mut failures);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every figure of `want` that does not count rows, in `got` too.
fn same_figures(got: &Value, want: &Value, keys: &[&str]) {
    let mut failures = Vec::new();
    for key in keys {
        let (got, want) = (&got[*key], &want[*key]);
        compare(key, got, want, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The same rows twice: with whole weights, and each as often as its weight says.
fn weighted_and_repeated(folder: &Path) -> [Value; 2] {
    let head = "logit_0,logit_1,logit_2,label,w\n";
    let (mut weighted, mut repeated) = (head.to_owned(), head.to_owned());
    for row in 0..300usize {
        let z: Vec<f64> = (0..3)
            // No two rows alike: ties of the last bit would be broken by the last bit of T.
            .map(|k| ((row * (7919 + 104 * k) + 17 * k * row * row) % 10_007) as f64 / 1700.0)
            .collect();
        let best = (0..3).max_by(|a, b| z[*a].total_cmp(&z[*b])).unwrap_or(0);
        let label = if row % 4 == 0 { row / 4 % 3 } else { best };
        let weight = [1, 3, 0, 2, 5, 1, 1][row % 7];
        let line = |weight: usize| format!("{},{},{},{label},{weight}\n", z[0], z[1], z[2]);
        weighted.push_str(&line(weight));
        repeated.push_str(&line(1).repeat(weight));
    }
    fs::write(folder.join("weighted.csv"), weighted).expect("written");
    fs::write(folder.join("repeated.csv"), repeated).expect("written");
    [report(folder, &["weighted.csv", "--weight", "w"]), report(folder, &["repeated.csv"])]
}

/// Rows whose weight is a whole number are the same as rows that stand there so often, for everything that takes no
/// row as an observation.
#[test]
fn whole_weights_are_repeated_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let [got, want] = weighted_and_repeated(folder.path());
    let keys = [
        "accuracy",
        "nll",
        "brier",
        "entropy",
        "mean_confidence",
        "ece",
        "rmsce",
        "mce",
        "ks",
        "top_label_ece",
        "auroc",
        "corp",
    ];
    same_figures(&got["in_sample_after"], &want["in_sample_after"], &keys);
    // Found by a search that ends within 1e-7.
    let smooth = |report: &Value| report["before"]["smooth_ece_exact"].as_f64().expect("a number");
    assert!((smooth(&got) - smooth(&want)).abs() < 2e-7);
    let keys = ["classwise_ece", "nll", "ks"];
    same_figures(&got["before"], &want["before"], &keys);
    let keys = ["temperature", "nll_before", "nll_after"];
    same_figures(&got["fit"], &want["fit"], &keys);
    for class in 0..3 {
        let keys = ["recall", "precision"];
        same_figures(&got["classes"][class], &want["classes"][class], &keys);
    }
}

#[test]
fn equal_weights_change_nothing() {
    let folder = folder();
    let plain = report(folder.path(), &["few.csv"]);
    let text = fs::read_to_string(folder.path().join("few.csv")).expect("text");
    let mut lines = text.lines();
    let mut same = format!("{},same\n", lines.next().expect("a head"));
    for line in lines {
        same.push_str(line);
        same.push_str(",2.5\n");
    }
    fs::write(folder.path().join("same.csv"), same).expect("written");
    let weighted = report(folder.path(), &["same.csv", "--weight", "same"]);
    for key in ["fit", "before", "after", "in_sample_after"] {
        let mut want = plain[key].clone();
        if let Some(figures) = want.as_object_mut() {
            for key in ["profile_likelihood", "status", "interval", "verdict", "bootstrap"] {
                figures.remove(key);
            }
            // Drawn in another order, or said in words.
            figures.retain(|_, value| value.is_number());
            figures.remove("noise_floor");
            figures.remove("iterations");
            figures.remove("gradient");
        }
        let mut failures = Vec::new();
        compare(key, &weighted[key], &want, &mut failures);
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

#[test]
fn a_report_says_that_rows_have_weights() {
    let folder = folder();
    let output = run(folder.path(), &["report", "few.csv", "--weight", "sample_weight"]);
    expect(&output, 0);
    let text = stdout(&output);
    assert!(text.contains("600 rows weighted by sample_weight"), "{text}");
    assert!(text.contains("are worth"), "{text}");
    let output = run(folder.path(), &["inspect", "few.csv", "--weight", "sample_weight"]);
    expect(&output, 0);
    assert!(stdout(&output).contains("sample_weight"), "{}", stdout(&output));
}

#[test]
fn what_is_no_weight_is_refused_with_the_row() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, weights: [&str; 3]| {
        let mut text = "logit_0,logit_1,label,w\n".to_owned();
        for (idx, weight) in weights.iter().enumerate() {
            let _ = writeln!(text, "0.5,{idx}.25,1,{weight}");
        }
        fs::write(folder.path().join(name), text).expect("written");
    };
    write("negative.csv", ["1", "-0.5", "2"]);
    write("missing.csv", ["1", "", "2"]);
    write("text.csv", ["1", "much", "2"]);
    write("infinite.csv", ["1", "2", "inf"]);
    write("zero.csv", ["0", "0", "0"]);
    let refused = |arguments: &[&str], words: &[&str]| {
        let output = run(folder.path(), arguments);
        expect(&output, 2);
        let said = stderr(&output);
        for word in words {
            assert!(said.contains(word), "{word}: {said}");
        }
    };
    let of = |name: &str, words: &[&str]| {
        refused(&["fit", name, "--weight", "w"], words);
    };
    of("negative.csv", &["row 3", "column w", "-0.5", "hint:"]);
    of("missing.csv", &["row 3", "column w", "missing", "hint:"]);
    of("text.csv", &["row 3", "column w", "no number", "hint:"]);
    of("infinite.csv", &["row 4", "column w", "hint:"]);
    of("zero.csv", &["column w", "every weight is 0", "hint:"]);
    refused(
        &["fit", "negative.csv", "--weight", "wait"],
        &["there is no column wait", "--weight w"],
    );
    // Other rows may be chosen.
    let chosen = ["fit", "missing.csv", "--weight", "w", "--rows", "0..1"];
    let said = run(folder.path(), &chosen);
    assert!(!stderr(&said).contains("column w"), "{}", stderr(&said));
    let asked = ["--weight", "w", "--compare-methods"];
    let output =
        run(folder.path(), &[&["report", "negative.csv", "--rows", "0..1"], &asked[..]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
}

#[test]
fn the_gap_that_a_finding_names_is_that_of_the_weighted_rows() {
    let folder = folder();
    for (set, file, column) in [
        ("few", "few.csv", "sample_weight"),
        ("many", "many.npz", "sample_weight"),
        ("binary", "binary.csv", "importance"),
    ] {
        let flags = [file, "--weight", column, "--format", "json"];
        let output = run(folder.path(), &[&["doctor"], &flags[..]].concat());
        expect(&output, 0);
        let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        let findings = answer["runs"][0]["findings"].as_array().expect("a list");
        let finding = findings.iter().find(|f| f["rule"] == "overconfident");
        let finding = finding.unwrap_or_else(|| panic!("{set}: {findings:?}"));
        let message = finding["message"].as_str().expect("text");
        assert!(message.contains("both with the weights"), "{message}");
        let before = &expected()[set]["before"];
        let number = |key: &str| before[key].as_f64().expect("a number");
        let want = number("mean_confidence") - number("accuracy");
        let got = &finding["evidence"]["confidence_minus_accuracy"];
        let got = got.as_f64().expect("a number");
        assert!((got - want).abs() < TOLERANCE, "{set}: {got} {want}");
    }
    let plain = run(folder.path(), &["doctor", "few.csv"]);
    assert!(!stdout(&plain).contains("weights"), "{}", stdout(&plain));
}

/// Four thousand rows of which thirty carry nearly all of the weight say no more than thirty.
#[test]
fn rows_that_weigh_nothing_are_not_enough() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = "a,b,c,label,w\n".to_owned();
    for row in 0..4000u32 {
        let score = |class: u32| {
            let noise = f64::from((row * 31 + class * 17) * 7919 % 1009) / 252.0 - 2.0;
            noise + if class == row % 3 && row % 4 > 0 { 2.0 } else { 0.0 }
        };
        let weight = if row % 133 == 0 && row < 3990 { "1" } else { "1e-9" };
        let scores = [score(0), score(1), score(2)].map(|z| format!("{z:.4}"));
        let name = ["a", "b", "c"][(row % 3) as usize];
        text.extend([&scores.join(","), ",", name, ",", weight, "\n"]);
    }
    fs::write(folder.path().join("rows.csv"), text).expect("written");
    let output = run(folder.path(), &["report", "rows.csv", "--weight", "w", "--logits", "a,b,c"]);
    let text = stdout(&output);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("4,000 rows, worth 30 by their weights, are few"), "{text}");
}
