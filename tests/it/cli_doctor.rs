//! `doctor`: exit status, JSON, runs, explanations.

use std::fs;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared::sample;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let copies = [
        ("digits_fp16_overflow.npz", "broken.npz"),
        ("digits_small_val.csv", "step_20.csv"),
        ("digits_small_test.csv", "step_3.csv"),
    ];
    for (file, name) in copies {
        fs::copy(sample(file), folder.path().join(name)).expect("copied");
    }
    folder
}

#[test]
fn a_failure_is_exit_status_1_and_says_what_to_do() {
    let folder = folder();
    let output = run(folder.path(), &["doctor", "broken.npz"]);
    expect(&output, 1);
    let text = stdout(&output);
    assert!(text.contains("failure f16_overflow") && text.contains("failure non_finite"));
    assert!(text.contains("Probably: ") && text.contains("Next: "));
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    expect(&run(folder.path(), &["doctor", "step_3.csv"]), 0);
}

#[test]
fn files_with_numbers_are_a_run_in_their_order() {
    let folder = folder();
    let arguments = ["doctor", "step_20.csv", "step_3.csv", "--format", "json"];
    let output = run(folder.path(), &arguments);
    expect(&output, 0);
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(answer["schema"], "logitscope.doctor/1");
    let steps: Vec<&Value> = answer["runs"].as_array().expect("a list").iter().collect();
    let numbers: Vec<Option<u64>> = steps.iter().map(|step| step["step"].as_u64()).collect();
    assert_eq!(numbers, [Some(3), Some(20)]);
    for step in steps {
        let stats = &step["stats"];
        for key in [
            "accuracy",
            "nll",
            "nll_after",
            "temperature",
            "sd",
            "log_sum_exp",
            "margin",
        ] {
            assert!(stats[key].is_number(), "{key}: {stats:#}");
        }
        for finding in step["findings"].as_array().expect("a list") {
            for key in [
                "rule",
                "severity",
                "message",
                "evidence",
                "cause",
                "next_step",
                "see",
            ] {
                assert!(!finding[key].is_null(), "{key}: {finding:#}");
            }
        }
    }
    assert!(answer["findings"].is_array() && answer["departures"].is_array());
    assert_eq!(answer["same_labels"], false);
    let text = stdout(&run(folder.path(), &arguments[..3]));
    assert!(text.starts_with("2 steps in order: "), "{text}");
    assert!(text.contains("The labels of step 20 are not those of step 3"));
}

#[test]
fn a_folder_of_steps_is_a_run_whose_bins_are_fixed() {
    let folder = folder();
    let run_folder = folder.path().join("run");
    fs::create_dir(&run_folder).expect("a folder");
    for (from, to) in [("step_20.csv", "step_2.csv"), ("step_3.csv", "step_10.csv")] {
        fs::rename(folder.path().join(from), run_folder.join(to)).expect("moved");
    }
    let output = run(folder.path(), &["doctor", "run", "--format", "json"]);
    expect(&output, 0);
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let steps = answer["runs"].as_array().expect("a list");
    let numbers: Vec<Option<u64>> = steps.iter().map(|step| step["step"].as_u64()).collect();
    assert_eq!(numbers, [Some(2), Some(10)]);
    for step in steps {
        let sum = |counts: &Value| -> u64 {
            let counts = counts.as_array().expect("a list");
            counts.iter().filter_map(Value::as_u64).sum()
        };
        for name in ["margin", "entropy"] {
            let (counts, edges) = (&step["histograms"][name], &answer["bins"][name]);
            assert_eq!(Some(sum(counts)), step["stats"]["rows"].as_u64(), "{name}");
            let length = |list: &Value| list.as_array().map(Vec::len);
            assert_eq!(length(counts), length(edges), "{name}");
        }
        // The ECE is what its bins add up to.
        let bins = step["histograms"]["ece"].as_array().expect("a list");
        let weighted = bins.iter().map(|bin| {
            let gap = bin["gap"].as_f64().map_or(0.0, f64::abs);
            gap * bin["count"].as_f64().expect("a count")
        });
        let ece = weighted.sum::<f64>() / step["stats"]["rows"].as_f64().expect("rows");
        assert!((ece - step["stats"]["ece"].as_f64().expect("an ECE")).abs() < 1e-12);
    }
}

#[test]
fn rules_are_explained_without_a_file() {
    let folder = folder();
    let all = run(folder.path(), &["doctor", "--explain"]);
    expect(&all, 0);
    assert!(stdout(&all).lines().count() > 40);
    let one = run(folder.path(), &["doctor", "--explain", "exploding"]);
    expect(&one, 0);
    insta::assert_snapshot!("what_exploding_means", stdout(&one));
    let none = run(folder.path(), &["doctor", "--explain", "explodes"]);
    expect(&none, 2);
    assert!(stderr(&none).contains("hint: logitscope doctor --explain exploding"));
    expect(&run(folder.path(), &["doctor"]), 2);
}

#[test]
fn a_report_holds_the_findings_too() {
    let folder = folder();
    let output = run(folder.path(), &["report", "broken.npz", "--format", "json"]);
    expect(&output, 0);
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(report["findings"][0]["rule"], "f16_overflow");
    let text = stdout(&run(folder.path(), &["report", "broken.npz"]));
    assert!(text.contains("failure f16_overflow"));
}
