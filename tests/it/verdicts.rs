//! The verdict, and sentences and findings that agree with it.

use std::fs;

use logitscope::analysis::analyze;
use logitscope::fit::{Verdict, fit_temperature};
use serde_json::{Value, json};

use crate::cli::{expect, run, stdout};
use crate::shared::fault;
use crate::simulated::{self, Truth};

fn report(path: &str) -> (Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let of = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        expect(&output, 0);
        stdout(&output)
    };
    let json = of(&["report", path, "--format", "json"]);
    let text = of(&["report", path]);
    (serde_json::from_str(&json).expect("JSON"), text)
}

/// The report on a file that shows a fault, its lines joined.
fn of_fault(name: &str) -> (Value, String) {
    let (json, text) = report(fault(name).to_str().expect("a path"));
    (json, text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().filter_map(|f| f["rule"].as_str()).collect()
}

fn simulated(n: usize, temperature: f64, seed: u64) -> Verdict {
    let truth = Truth { temperature, bias: 0.0 };
    let rows = simulated::rows(n, truth, seed);
    let options = simulated::options(0);
    let fit = fit_temperature(&rows, options.level);
    analyze(fit, &rows, None, &options).fit.verdict
}

/// `examples/verdict` has the shares of 300 sets.
#[test]
fn few_rows_are_not_calibrated_and_calibrated_models_are() {
    let share = |n_sets: u64, n: usize, t: f64| {
        let of = (0..n_sets).map(|seed| simulated(n, t, 1000 + seed));
        let seen = of.filter(|verdict| *verdict == Verdict::Calibrated);
        seen.count() as f64 / n_sets as f64
    };
    assert!(share(60, 80, 1.5) <= 0.05);
    assert!(share(20, 2500, 1.0) >= 0.95);
}

#[test]
fn a_wide_interval_about_one_is_undetermined() {
    let (report, text) = of_fault("few_rows_T1.6.npz");
    assert_eq!(report["fit"]["verdict"], "undetermined");
    assert!(text.contains("UNDETERMINED") && text.contains("99 % interval 0.884 to 4.449"));
    assert!(!text.contains("little to gain") && !text.contains("No rule found a fault"));
    assert!(!text.contains("stop here"), "{text}");
}

#[test]
fn what_no_temperature_mends_is_misshapen() {
    let (report, text) = of_fault("s_shaped.npz");
    assert_eq!(report["fit"]["verdict"], "misshapen");
    let (ece, floor) = (&report["before"]["ece"], &report["before"]["noise_floor"]);
    assert!(ece.as_f64() > Some(0.1) && floor.as_f64() < Some(0.02));
    assert!(text.contains("MISSHAPEN") && text.contains("no temperature mends that"));
    assert!(!text.contains("No rule found a fault"), "{text}");
}

#[test]
fn of_two_parts_every_sentence_says_which() {
    let (report, text) = of_fault("val_sharp_test_soft.npz");
    assert_eq!(report["fit"]["verdict"], "underconfident");
    assert!(text.contains("On the test rows the model claims 56.6 %"));
    assert!(text.contains("of the 1,500 rows it was fitted on) sharpens it"));
    assert!(text.contains("NLL rises on the test rows"), "{text}");
    assert!(!text.contains("its likelihood still asks"), "{text}");
    let findings = report["findings"].as_array().expect("findings");
    let under = findings.iter().find(|f| f["rule"] == "underconfident");
    let under = under.expect("T is below 1");
    let message = under["message"].as_str().expect("a sentence");
    assert!(message.contains("of the rows to fit on") && message.contains("on the test rows"));
    let next = under["next_step"].as_str().expect("a sentence");
    assert!(next.contains("split_mismatch first"), "{next}");
}

#[test]
fn soft_labels_predicted_exactly_are_calibrated_by_every_figure() {
    let (report, text) = of_fault("soft_perfect.npz");
    assert_eq!(report["fit"]["verdict"], "calibrated");
    let before = &report["before"];
    for figure in [
        "ece",
        "ece_equal_mass",
        "rmsce",
        "mce",
        "smooth_ece",
        "ks",
        "top_label_ece",
        "classwise_ece",
        "brier",
    ] {
        let value = before[figure].as_f64().expect(figure);
        assert!(value < 1e-6, "{figure} {value}");
    }
    let [accuracy, confidence] =
        ["accuracy", "mean_confidence"].map(|key| before[key].as_f64().expect("a share"));
    assert!((accuracy - confidence).abs() < 1e-6, "{accuracy}");
    assert!(!rules(&report).contains(&"suspiciously_perfect"));
    assert!(text.contains("the two agree on average"), "{text}");
    let path = fault("soft_perfect.npz");
    let folder = tempfile::tempdir().expect("a folder");
    let path = path.to_str().expect("a path");
    expect(&run(folder.path(), &["check", path, "--max-ece", "0.01"]), 0);
}

/// Two soft rows of two classes, by hand: what a share of a row is worth, not which class leads.
#[test]
fn accuracy_and_ece_of_soft_labels_are_expectations() {
    let folder = tempfile::tempdir().expect("a folder");
    let row = |z: [f64; 3], y: [f64; 3]| json!({"logits": z, "label": y}).to_string() + "\n";
    let ln = |p: f64| p.ln();
    let rows = [
        row([ln(0.5), ln(0.3), ln(0.2)], [0.4, 0.6, 0.0]),
        row([ln(0.2), ln(0.7), ln(0.1)], [0.1, 0.8, 0.1]),
        row([ln(0.2), ln(0.1), ln(0.7)], [0.5, 0.25, 0.25]),
    ];
    let path = folder.path().join("soft.jsonl");
    fs::write(&path, rows.concat()).expect("written");
    let (report, _) = report(path.to_str().expect("a path"));
    let of = |key: &str| report["before"][key].as_f64().expect("a number");
    assert!((of("accuracy") - (0.4 + 0.8 + 0.25) / 3.0).abs() < 1e-12);
    // Confidence .5 against .4; .7 twice against .8 and .25.
    let ece = (0.1 + (1.4 - 1.05)) / 3.0;
    assert!((of("ece") - ece).abs() < 1e-12, "{}", of("ece"));
    // Prefix sums by confidence: .1, then .45.
    assert!((of("ks") - 0.45 / 3.0).abs() < 1e-12, "{}", of("ks"));
}
