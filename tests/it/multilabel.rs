//! Multi-label data: rows of several labels, each a binary question, with one temperature or one each.

use std::path::Path;

use logitscope::analysis::LabelFigures;
use logitscope::data::{BatchSource, Task};
use logitscope::io::{self, OpenOptions};
use logitscope::metrics::Metrics;
use logitscope::pipeline::Study;
use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared;

/// Tolerance of figures, and the relative one of T.
const TOLERANCE: f64 = 1e-9;
const T_TOLERANCE: f64 = 1e-6;

/// Five rows of three labels; the second row has none, the fourth has all.
const TABLE: &str = "id,logit_a,logit_b,logit_c,label_c,label_a,label_b
r1,1.5,-2.0,0.5,1,1,0
r2,-1.0,-0.5,-2.5,0,0,0
r3,0.5,1.0,-1.0,0,0,1
r4,2.0,-0.25,1.0,1,1,1
r5,-0.5,0.75,-0.125,1,0,-100
";

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--format", "json"]].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

fn close(failures: &mut Vec<String>, what: &str, got: f64, want: &Value) {
    let want = want.as_f64().expect("a reference value");
    if (got - want).abs() > TOLERANCE * want.abs().max(1.0) || !got.is_finite() {
        failures.push(format!("{what}: {got} instead of {want}"));
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn every_figure_of_the_morphology_labels() {
    let folder = shared::data("morph_multilabel");
    let text = std::fs::read_to_string(shared::data("reference.json"));
    let reference: Value = serde_json::from_str(&text.expect("readable")).expect("JSON");
    let want = &reference["data"]["morph_multilabel/{val,test}.npz"];
    let open = |name: &str| shared::open(&folder.join(name), &OpenOptions::default());
    let (val, test) = (open("val.npz"), open("test.npz"));
    assert_eq!(val.info.task, Task::Multilabel, "guessed without a flag");
    assert_eq!((val.info.n_labels, val.fit.n_rows()), (Some(12), 72_000));
    assert_eq!(val.info.label_names.as_ref().expect("beside it").get(0), "Number=Sing");
    let val_alone = shared::study_of(val.clone());
    let judged = shared::study_of(val.judged_on(test));
    let mut failures = Vec::new();
    let t = judged.analysis.fit.temperature.expect("converges");
    let want_t = want["fit"]["T"].as_f64().expect("a number");
    assert!((t / want_t - 1.0).abs() < T_TOLERANCE, "{t} {want_t}");
    let in_sample = val_alone.analysis.in_sample_after.as_ref();
    check_split(&mut failures, ("val", want), &val_alone, in_sample);
    let after = judged.analysis.after.as_ref().map(|after| &after.metrics);
    check_split(&mut failures, ("test", want), &judged, after);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every figure of one split against the reference of the data set.
fn check_split(
    failures: &mut Vec<String>,
    (split, reference): (&str, &Value),
    study: &Study,
    after: Option<&Metrics>,
) {
    let want = &reference["splits"][split];
    let labels = study.analysis.labels.as_ref().expect("labels");
    for (at, got) in
        [("at_T1", &study.analysis.before.metrics), ("at_T", after.expect("converges"))]
    {
        let figures = [
            ("nll", got.nll),
            ("ece15_pos_all_entries", got.ece),
            ("brier_all_entries", got.brier),
            ("accuracy_at_half", got.accuracy),
            ("exact_match", labels.exact_match),
        ];
        for (key, got) in figures {
            close(failures, &format!("{split} {at} {key}"), got, &want[at][key]);
        }
    }
    for (idx, label) in labels.labels.iter().enumerate() {
        check_label(failures, (split, want), idx, label);
    }
    let mean = &want["at_T1"]["ece15_pos_label_mean"];
    close(failures, "mean ece", labels.mean_before.ece, mean);
}

/// One label; only on test rows is it judged after scaling as the reference does it.
fn check_label(
    failures: &mut Vec<String>,
    (split, want): (&str, &Value),
    idx: usize,
    label: &LabelFigures,
) {
    let mut sides = vec![("at_T1", &label.before)];
    if split == "test" {
        sides.push(("at_T", label.after.as_ref().expect("converges")));
    }
    for (at, got) in sides {
        for (key, got) in [("nll_per_label", got.nll), ("ece15_pos_per_label", got.ece)] {
            let name = format!("{split} label {idx} {at} {key}");
            close(failures, &name, got, &want[at][key][idx]);
        }
    }
    assert_eq!(Some(label.positives as u64), want["positives"][idx].as_u64());
}

/// 300 rows of two labels as `all.csv`, and the second of them alone as `one.csv`.
fn two_labels(folder: &Path) {
    let value = |row: usize, label: usize| ((row * 37 + label * 101) % 61) as f64 / 10.0 - 3.0;
    let has = |row: usize, label: usize| {
        let noise = (row * 13 + label * 7) % 11;
        u8::from(value(row, label) + noise as f64 / 3.0 > 1.5)
    };
    let mut all = "logit_a,logit_b,label_a,label_b\n".to_owned();
    let mut one = "score,label\n".to_owned();
    for row in 0..300 {
        let (z, y) = (|label| value(row, label), |label| has(row, label));
        all.extend([format!("{},{},{},{}\n", z(0), z(1), y(0), y(1))]);
        one.extend([format!("{},{}\n", z(1), y(1))]);
    }
    std::fs::write(folder.join("all.csv"), all).expect("written");
    std::fs::write(folder.join("one.csv"), one).expect("written");
}

#[test]
fn labels_that_repeat_a_score_are_no_repeated_rows_and_findings_name_stored_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    two_labels(folder.path());
    let report = json(folder.path(), &["report", "all.csv"]);
    let findings = report["findings"].as_array().expect("a list");
    assert!(!findings.is_empty(), "half of the labels are noise");
    for finding in findings {
        assert_ne!(finding["rule"], "duplicate_rows", "61 scores for 600 labels");
        let rows = finding["rows"].as_array().into_iter().flatten();
        let mut rows = rows.map(|row| row.as_u64().expect("a row"));
        assert!(rows.all(|row| row < 300), "{finding}");
    }
}

#[test]
fn a_label_is_what_it_is_as_a_binary_file_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    two_labels(folder.path());
    let all = json(folder.path(), &["report", "all.csv"]);
    let one = json(folder.path(), &["report", "one.csv", "--kind", "logits"]);
    assert_eq!(all["source"]["task"], "multilabel");
    let label = &all["labels"][1];
    assert_eq!(label["name"], "b");
    assert_eq!(label["before"]["ece"], one["before"]["ece"]);
    assert_eq!(label["before"]["nll"], one["before"]["nll"]);
    let number = |v: &Value| v.as_f64().expect("a number");
    assert!(
        (number(&label["fit"]["temperature"]) / number(&one["fit"]["temperature"]) - 1.0).abs()
            < 1e-9
    );
    assert!(
        (2.0 * number(&label["before"]["brier"]) - number(&one["before"]["brier"])).abs() < 1e-12
    );
}

#[test]
fn columns_of_labels_find_their_scores_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    std::fs::write(&path, TABLE).expect("written");
    let loaded = shared::open(&path, &OpenOptions::default());
    let labels: Vec<i64> = loaded.fit.labels().iter().map(|label| label.as_i64()).collect();
    // Row by row a, b, c, however the columns are stored.
    assert_eq!(labels, [1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 1, 1, 0, -100, 1]);
    assert_eq!(loaded.fit.n_entries(), 3);
    assert_eq!(loaded.fit.carried().id().map(|id| id.name.as_str()), Some("id"));
    let study = shared::study_of(loaded);
    assert_eq!(study.counts.used, 14);
    let labels = study.analysis.labels.as_ref().expect("labels");
    // Rows 1 and 2 are right in every label, row 5 in both it has but for c.
    assert!((labels.exact_match - 2.0 / 5.0).abs() < 1e-12, "{}", labels.exact_match);
    assert_eq!(labels.labels.iter().map(|l| l.count).collect::<Vec<_>>(), [5, 4, 5]);
    let groups = study.rows().groups().expect("rows of several labels");
    let row_of = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4];
    assert_eq!(groups.len(), row_of.len());
    for (a, b) in (0..row_of.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
        assert_eq!(groups[a] == groups[b], row_of[a] == row_of[b], "entries {a} and {b}");
    }
}

#[test]
fn a_summary_and_a_written_file_keep_the_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("rows.csv"), TABLE).expect("written");
    let direct = json(folder.path(), &["report", "rows.csv"]);
    expect(&run(folder.path(), &["summarize", "rows.csv", "--out", "rows.parquet"]), 0);
    let summarized = json(folder.path(), &["report", "rows.parquet"]);
    assert_eq!(direct["labels"], summarized["labels"]);
    assert_eq!(direct["before"], summarized["before"]);
    let arguments = ["apply", "rows.csv", "--temperature", "2", "--out", "calibrated.csv"];
    expect(&run(folder.path(), &arguments), 0);
    let text = std::fs::read_to_string(folder.path().join("calibrated.csv")).expect("written");
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("a,b,c"));
    let first: Vec<f64> =
        lines.next().expect("a row").split(',').map(|v| v.parse().expect("a number")).collect();
    for (got, z) in first.iter().zip([1.5f64, -2.0, 0.5]) {
        assert!((got - 1.0 / (1.0 + (-z / 2.0).exp())).abs() < 1e-15);
    }
    assert_eq!(lines.count(), 4);
}

#[test]
fn one_label_a_row_is_multilabel_only_if_the_flag_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "logit_0,logit_1,logit_2,label\n1,0,2,2\n0.5,1.5,-1,0\n-1,0.25,1,-100\n";
    std::fs::write(folder.path().join("rows.csv"), text).expect("written");
    let path = folder.path().join("rows.csv");
    let loaded = shared::open(&path, &OpenOptions::default());
    assert_eq!(loaded.info.task, Task::Multiclass);
    let options = OpenOptions { task: Some(Task::Multilabel), ..OpenOptions::default() };
    let loaded = shared::open(&path, &options);
    let labels: Vec<i64> = loaded.fit.labels().iter().map(|label| label.as_i64()).collect();
    assert_eq!(labels, [0, 0, 1, 1, 0, 0, -100, -100, -100]);
}

#[test]
fn what_is_wrong_with_several_labels_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let two = TABLE.replace("r3,0.5,1.0,-1.0,0,0,1", "r3,0.5,1.0,-1.0,0,2,1");
    let few = TABLE.replace(",label_b", ",other_b");
    for (text, flags, message) in [
        (two.as_str(), &[][..], "row 4, label 1: 2 is neither 0 nor 1"),
        (TABLE, &["--task", "multiclass"], "which is no multiclass data"),
        (few.as_str(), &["--labels", "label_*"], "2 columns of labels and 3 columns of logits"),
        (TABLE, &["--positive", "a"], "--positive is for two classes"),
    ] {
        std::fs::write(folder.path().join("rows.csv"), text).expect("written");
        let output = run(folder.path(), &[&["report", "rows.csv"][..], flags].concat());
        expect(&output, 2);
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
        assert!(stderr(&output).contains("hint: "));
    }
    let bytes = io::open_bytes("x.csv", TABLE.as_bytes(), &OpenOptions::default());
    assert!(bytes.is_ok());
}
