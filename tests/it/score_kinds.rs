//! Scores that look like probabilities are not taken for logits in silence, and a rounded 0 is no impossibility.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared;

/// The figures of the fixtures and cases are given to six digits, by programs that share nothing with this one.
const TOLERANCE: f64 = 1.5e-6;

/// 500 rows of 10 classes: softmax outputs that were printed with two digits.
const TWO_DIGITS: &str = "softmax_two_digits.csv";

/// 500 rows of 4 classes: one sigmoid for each.
const ONE_VS_REST: &str = "one_vs_rest.csv";

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/score_kinds")
}

fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[&["report"], arguments, &["--format", "json"]].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

fn assert_close(got: &Value, want: f64) {
    let got = got.as_f64().expect("a number");
    assert!((got - want).abs() <= TOLERANCE, "{got} instead of {want}");
}

fn word(value: &Value) -> &str {
    value.as_str().expect("a word")
}

/// The findings of `report`, with their severity.
fn found(report: &Value) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().expect("findings").iter();
    findings.map(|f| (word(&f["rule"]), word(&f["severity"]))).collect()
}

/// What is said of `text` as a file of this name, which must be refused.
fn refused(name: &str, text: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), text).expect("written");
    let output = run(folder.path(), &[&["fit", name, "--out", "card.json"], arguments].concat());
    expect(&output, 2);
    assert!(!folder.path().join("card.json").exists());
    stderr(&output)
}

#[track_caller]
fn assert_rounded(report: &Value, n_impossible: usize, figures: [f64; 3]) {
    let [t, nll, accuracy] = figures;
    assert_eq!(report["source"]["kind"], "probs");
    assert_close(&report["fit"]["temperature"], t);
    assert_close(&report["before"]["nll"], nll);
    assert_close(&report["fit"]["nll_before"], nll);
    assert_close(&report["before"]["accuracy"], accuracy);
    assert!(report["before"]["intervals"]["nll"].is_array());
    let found = found(report);
    assert!(found.contains(&("rounded_probabilities", "info")), "{found:?}");
    assert!(found.contains(&("probabilities_given", "info")), "{found:?}");
    let silent = ["duplicate_rows", "tied_top", "constant_rows", "saturated", "truncated_rows"];
    let is_wrong =
        |(rule, severity): &(&str, &str)| silent.contains(rule) || *severity == "failure";
    assert!(!found.iter().any(is_wrong), "{found:?}");
    let note = format!("{n_impossible} rows give their label a probability that was rounded to 0");
    let notes = report["notes"].to_string();
    assert!(notes.contains(&note), "{notes}");
}

#[test]
fn two_digits_are_probabilities_and_a_rounded_zero_is_left_out_of_nll_alone() {
    let report = report(&fixtures(), &[TWO_DIGITS]);
    assert_rounded(&report, 32, [2.028_261, 1.578_254, 0.4]);
    assert_eq!(report["source"]["rows_used"], 500);
    let notes = report["notes"].to_string();
    assert!(notes.contains("270 of 500 rows of probabilities do not sum to 1"));
}

/// What is said of T and NLL is what the rows say whose label has a probability.
#[test]
fn rows_of_a_rounded_zero_leave_t_and_nll_as_they_are_without_them() {
    let text = std::fs::read_to_string(fixtures().join(TWO_DIGITS)).expect("read");
    let has_label = |line: &&str| {
        let cells: Vec<&str> = line.split(',').collect();
        let label: usize = cells[11].parse().expect("a label");
        cells[label + 1] != "0.00"
    };
    let mut lines = text.lines();
    let mut kept = vec![lines.next().expect("a header")];
    kept.extend(lines.filter(has_label));
    assert_eq!(kept.len(), 1 + 468);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("kept.csv"), kept.join("\n")).expect("written");
    let all = report(&fixtures(), &[TWO_DIGITS]);
    let kept = report(folder.path(), &["kept.csv"]);
    let number = |report: &Value, path: &str| report.pointer(path).and_then(Value::as_f64);
    for path in ["/fit/temperature", "/fit/standard_error", "/before/nll", "/fit/nll_after"] {
        assert_close(
            &all.pointer(path).cloned().unwrap_or_default(),
            number(&kept, path).expect(path),
        );
    }
    // Draws differ; their spread is the same.
    for end in ["/before/intervals/nll/0", "/before/intervals/nll/1"] {
        let [all, kept] = [&all, &kept].map(|report| number(report, end).expect("an end"));
        assert!((all - kept).abs() < 0.03, "{end}: {all} and {kept}");
    }
}

#[test]
fn summaries_know_that_probabilities_were_rounded() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = fixtures().join(TWO_DIGITS);
    let rows = folder.path().join("rows.parquet");
    let (file, rows) = (file.to_str().unwrap(), rows.to_str().unwrap());
    expect(&run(folder.path(), &["summarize", file, "--out", rows]), 0);
    let from_rows = report(folder.path(), &[rows]);
    assert_rounded(&from_rows, 32, [2.028_261, 1.578_254, 0.4]);
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn the_cases_of_rounded_probabilities() {
    let cases = shared::data("cases");
    for (file, n_impossible, figures) in [
        ("03-softmax-saved-as-logits/val_4digits.csv", 1, [1.997_056, 1.898_634, 0.4]),
        ("43-decisions/q_min.jsonl", 14, [1.290_068, 0.615_470, 0.744_333]),
    ] {
        assert_rounded(&report(&cases, &[file]), n_impossible, figures);
    }
}

/// Every probability of the fixture in its own digits, but one row off every grid.
#[test]
fn one_number_off_the_grid_makes_the_zeros_impossible() {
    let text = std::fs::read_to_string(fixtures().join(TWO_DIGITS)).expect("read");
    let off = text.replacen("0.02,0.17", "0.0200001,0.1699999", 1);
    assert_ne!(text, off);
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("off.csv"), off).expect("written");
    let report = report(folder.path(), &["off.csv", "--kind", "probs"]);
    assert!(report["before"]["nll"].is_null() && report["fit"]["nll_before"].is_null());
    // 6.4 % of the labels.
    assert_eq!(found(&report)[0], ("probabilities_given", "failure"));
}

#[test]
fn one_vs_rest_probabilities_are_a_question_with_both_answers() {
    let output = run(&fixtures(), &["fit", ONE_VS_REST]);
    expect(&output, 2);
    let said = stderr(&output);
    for words in ["prob_0", "rows sum to 0.0706 to 3.8023", "--kind sigmoid", "--kind probs"] {
        assert!(said.contains(words), "{said}");
    }
    let sigmoid = report(&fixtures(), &[ONE_VS_REST, "--kind", "sigmoid"]);
    assert_eq!(sigmoid["source"]["kind"], "sigmoid");
    for (key, want) in [("nll", 1.08852), ("accuracy", 0.606), ("ece", 0.169_491)] {
        assert_close(&sigmoid["before"][key], want);
    }
    assert_close(&sigmoid["fit"]["temperature"], 1.997_853);
    let brought = report(&fixtures(), &[ONE_VS_REST, "--kind", "probs"]);
    for (key, want) in [("nll", 1.01024), ("accuracy", 0.606), ("ece", 0.102_567)] {
        assert_close(&brought["before"][key], want);
    }
    assert_close(&brought["fit"]["temperature"], 1.143_135);
    let notes = brought["notes"].to_string();
    assert!(notes.contains("500 of 500 rows of probabilities do not sum to 1"), "{notes}");
    let inspected = run(&fixtures(), &["inspect", ONE_VS_REST, "--kind", "probs"]);
    let inspected = stdout(&inspected);
    assert!(inspected.contains("500 of 500 rows do not sum to 1"), "{inspected}");
}

#[test]
fn log_odds_are_applied_as_log_odds() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ovr.csv");
    std::fs::write(&file, "prob_a,prob_b,prob_c,label\n0.9,0.5,0,a\n0.2,0.6,0.75,c\n").unwrap();
    let arguments =
        ["apply", "ovr.csv", "--kind", "sigmoid", "--temperature", "2", "--out", "p.csv"];
    expect(&run(folder.path(), &arguments), 0);
    let written = std::fs::read_to_string(folder.path().join("p.csv")).expect("written");
    let cells =
        |line: &str| -> Vec<f64> { line.split(',').filter_map(|cell| cell.parse().ok()).collect() };
    let rows: Vec<Vec<f64>> = written.lines().skip(1).map(cells).collect();
    // The root of the odds, brought to sum 1: 9, 1, 0 and 1/4, 3/2, 3.
    let want = |odds: [f64; 3]| {
        let sum: f64 = odds.iter().map(|o| o.sqrt()).sum();
        odds.map(|o| o.sqrt() / sum)
    };
    for (row, odds) in rows.iter().zip([[9.0, 1.0, 0.0], [0.25, 1.5, 3.0]]) {
        for (got, want) in row.iter().zip(want(odds)) {
            assert!((got - want).abs() < 1e-12, "{written}");
        }
    }
}

/// Rows of made-up numbers.
fn table(header: &str, row: impl Fn(usize) -> String) -> String {
    let mut text = format!("{header}\n");
    for idx in 0..40 {
        writeln!(text, "{}", row(idx)).expect("written");
    }
    text
}

#[test]
fn percent_counts_and_predicted_classes_are_refused_by_name() {
    let percent = table("confidence,correct", |i| format!("{},{}", 20 + 2 * i, i % 2));
    let pair = ["--logits", "confidence", "--labels", "correct"];
    assert!(refused("x.csv", &percent, &pair).contains("these are percent"));
    let score = percent.replace("confidence", "score");
    let pair = ["--logits", "score", "--labels", "correct"];
    assert!(refused("x.csv", &score, &pair).contains("divide by 100"));
    let three =
        table("a,b,c,label", |i| format!("{i}.5,{}.5,59.0,{}", 40 - i, ["a", "b", "c"][i % 3]));
    assert!(refused("x.csv", &three, &[]).contains("these are percent"));
    let votes = table("votes_a,votes_b,votes_c,label", |i| {
        format!("{},{},{},{}", i % 7, 7 - i % 7, 3, i % 3)
    });
    assert!(refused("x.csv", &votes, &["--logits", "votes_*"]).contains("these are counts"));
    let one_hot = table("logit_0,logit_1,logit_2,label", |i| {
        let hot = |k: usize| f64::from(u8::from(i % 3 == k));
        format!("{:.1},{:.1},{:.1},{}", hot(0), hot(1), hot(2), (i / 2) % 3)
    });
    assert!(refused("x.csv", &one_hot, &[]).contains("these are predicted classes"));
    let binary =
        table("score,label", |i| format!("{:.1},{}", f64::from(u8::from(i % 2 == 0)), i % 2));
    assert!(refused("x.csv", &binary, &[]).contains("these are predicted classes"));
}

#[test]
fn what_could_be_two_things_is_asked() {
    let small = table("logit_0,logit_1,logit_2,label", |i| {
        format!("0.{:03},0.9,0.{:03},{}", 17 * i % 1000, 31 * i % 1000, i % 3)
    });
    let said = refused("x.csv", &small, &[]);
    assert!(said.contains("--kind logits") && said.contains("--kind sigmoid"), "{said}");
    let called = table("prob_0,prob_1,label", |i| format!("-0.5,{i},{}", i % 2));
    assert!(refused("x.csv", &called, &[]).contains("by name these are probabilities"));
    // One digit of twelve classes: half a unit for each is 0.6.
    let coarse = table("p_0,p_1,p_2,p_3,p_4,p_5,p_6,p_7,p_8,p_9,p_10,p_11,label", |i| {
        let mut cells = ["0.0"; 12];
        (cells[i % 12], cells[(i + 1) % 12]) = ("0.6", "0.2");
        format!("{},{}", cells.join(","), i % 12)
    });
    assert!(refused("x.csv", &coarse, &[]).contains("rows sum to 0.8"));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn stated_confidence_of_two_digits_is_what_it_says() {
    let cases = shared::data("cases");
    let pair = ["46-one-score/verbal.csv", "--logits", "confidence", "--labels", "correct"];
    let verbal = report(&cases, &pair);
    assert_close(&verbal["fit"]["temperature"], 2.576_641);
    assert_close(&verbal["before"]["ece"], 0.162_725);
    let pair = ["46-one-score/forecast.csv", "--logits", "forecast", "--labels", "outcome"];
    let forecast = report(&cases, &pair);
    assert_close(&forecast["fit"]["temperature"], 0.864_434);
    assert_close(&forecast["before"]["ece"], 0.062_425);
    for report in [&verbal, &forecast] {
        let found = found(report);
        let is_wrong = |(rule, severity): &(&str, &str)| {
            *severity == "failure"
                || ["duplicate_rows", "tied_top", "constant_rows", "saturated"].contains(rule)
        };
        assert!(!found.iter().any(is_wrong), "{found:?}");
    }
}

/// 300 rows of three scores, the others of which are those of `row`, as CSV.
fn with_odd_rows(others: &[usize], odd: [f64; 3], row: impl Fn(usize) -> [f64; 3]) -> String {
    let mut text = "a,b,c,label\n".to_owned();
    for idx in 0..300 {
        let row = if others.contains(&idx) { odd } else { row(idx) };
        let label = ["a", "b", "c"][idx % 3];
        text.extend(row.map(|score| format!("{score},")));
        text.extend([label, "\n"]);
    }
    text
}

#[test]
fn an_odd_row_makes_no_logits_of_probabilities() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scores.csv");
    let said = |text: String| {
        std::fs::write(&path, text).expect("written");
        let opened =
            logitscope::io::open(&path, &logitscope::io::OpenOptions::default(), &mut |_| true);
        opened.map(|loaded| loaded.info.kind).map_err(|error| error.to_string())
    };
    let p = |idx: usize| (idx % 17) as f64 / 40.0 + 0.05;
    let probabilities = |idx: usize| [p(idx), p(idx + 5), 1.0 - p(idx) - p(idx + 5)];
    let percent = |idx: usize| probabilities(idx).map(|p| 100.0 * p);
    let sigmoids = |idx: usize| [p(idx), p(idx + 5), 2.0 * p(idx + 9)];
    let logits = |idx: usize| probabilities(idx).map(|p| 4.0 * p.ln() + 3.0);
    for odd in [[-1.0; 3], [99.0; 3], [1.2, 0.3, 0.1], [0.5, -0.01, 0.2]] {
        for (what, row) in [
            ("probabilities", &probabilities as &dyn Fn(usize) -> [f64; 3]),
            ("percent", &percent),
            ("numbers in [0, 1]", &sigmoids),
        ] {
            let error = said(with_odd_rows(&[7], odd, row)).expect_err("it is asked");
            let is_named = error.contains(&format!("299 of 300 rows are {what}, and row 9 is not"));
            assert!(is_named, "{what} with {odd:?}: {error}");
        }
        let half: Vec<usize> = (0..150).collect();
        assert!(said(with_odd_rows(&half, odd, probabilities)).is_err());
    }
    let kind = said(with_odd_rows(&[7], [0.2, 0.3, 0.5], logits));
    assert_eq!(kind, Ok(logitscope::data::Kind::Logits));
}

/// Columns of logits called like the labels, and the largest probability of the row in `score`.
fn class_columns() -> String {
    std::fs::read_to_string(fixtures().join("class_columns_and_top.csv")).expect("read")
}

/// Figures of the columns `cat` and `dog`, by `NumPy`.
#[track_caller]
fn assert_class_columns(name: &str, text: &str, arguments: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(name), text).expect("written");
    let report = report(folder.path(), &[&[name], arguments].concat());
    assert_eq!(report["source"]["kind"], "logits");
    assert_close(&report["fit"]["temperature"], 2.207_632);
    assert_close(&report["before"]["nll"], 0.588_72);
    assert_close(&report["before"]["accuracy"], 0.806_667);
}

#[test]
fn columns_called_like_all_labels_are_the_scores_beside_a_column_score() {
    let text = class_columns();
    assert_class_columns("top.csv", &text, &[]);
    for name in ["scores", "prob", "output"] {
        let header = format!("cat,dog,{name},label");
        assert_class_columns("top.csv", &text.replacen("cat,dog,score,label", &header, 1), &[]);
    }
    let mut records = String::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        writeln!(
            records,
            r#"{{"cat": {}, "dog": {}, "score": {}, "label": "{}"}}"#,
            cells[0], cells[1], cells[2], cells[3]
        )
        .expect("text");
    }
    assert_class_columns("top.jsonl", &records, &[]);
}

#[test]
fn as_many_columns_as_classes_beside_a_column_score_are_a_question() {
    let numbered = class_columns().replace(",cat\n", ",0\n").replace(",dog\n", ",1\n");
    let said = refused("top.csv", &numbered, &[]);
    assert!(said.contains("--logits 'cat,dog'"), "{said}");
    assert!(said.contains("--logits score"), "{said}");
    assert_class_columns("top.csv", &numbered, &["--logits", "cat,dog"]);
}

#[test]
fn another_column_beside_those_called_like_the_labels_is_a_question() {
    let mut lines = class_columns();
    lines = lines.replace('\n', ",0.5\n").replacen("label,0.5", "label,far", 1);
    let said = refused("top.csv", &lines, &[]);
    assert!(said.contains("--logits 'cat,dog'"), "{said}");
    assert_class_columns("top.csv", &lines, &["--logits", "cat,dog"]);
}
