//! `compare`, `check`, slices, parity and the other forms of a report, as a script sees them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};

const N_ROWS: usize = 400;

/// In 0..1, without a pattern that a few hundred rows would show.
fn wave(i: usize) -> f64 {
    let x = (i as f64 * 12.9898 + 4.1).sin() * 43_758.545_3;
    x - x.floor()
}

pub(crate) fn row(row: usize) -> ([f64; 3], usize) {
    let z = [0, 1, 2].map(|class| 6.0 * wave(3 * row + class));
    let weights = z.map(|z| (z / 2.0).exp());
    let mut rest = wave(50_000 + row) * weights.iter().sum::<f64>();
    let label = weights.iter().position(|w| {
        rest -= w;
        rest < 0.0
    });
    (z, label.unwrap_or(2))
}

/// Three files on the same labels: a model; the same with other logits of its own in places; and the first with one
/// row that is not finite. Beside them carried columns.
fn models(folder: &Path) -> [PathBuf; 3] {
    let names = ["first.csv", "second.csv", "broken.csv"];
    for name in names {
        let mut text = "logit_0,logit_1,logit_2,label,site,length\n".to_owned();
        for idx in 0..N_ROWS {
            let (mut z, label) = row(idx);
            if name == "second.csv" {
                z[idx % 3] += 2.0 * wave(90_000 + idx) - 1.0;
            }
            let first =
                if name == "broken.csv" && idx == 7 { "nan".to_owned() } else { z[0].to_string() };
            let site = ["north", "so|uth"][usize::from(idx % 5 == 0)];
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{first},{},{},{label},{site},{}", z[1], z[2], idx as f64 / 2.0);
        }
        fs::write(folder.join(name), text).expect("written");
    }
    names.map(|name| folder.join(name))
}

fn json_of(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, arguments);
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn differences_are_those_of_the_reports_and_their_intervals_those_of_the_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let all = json_of(folder.path(), &["compare", "first.csv", "second.csv", "--format", "json"]);
    assert_eq!(all["schema"], "logitscope.compare/2");
    let runs = all["runs"].as_array().expect("a list");
    assert!(runs.len() == 2 && runs[0]["against_first"].is_null());
    let against = &runs[1]["against_first"];
    assert_eq!(against["rows"], N_ROWS);
    for side in ["before", "after"] {
        for figure in ["nll", "ece", "brier", "accuracy"] {
            let want = number(&runs[1][side][figure]) - number(&runs[0][side][figure]);
            let got = &against[side][figure];
            assert!((number(&got["value"]) - want).abs() < 1e-12, "{side} {figure}");
            assert!(number(&got["interval"][0]) < number(&got["interval"][1]), "{side} {figure}");
        }
    }
    // The mean of N differences has a known standard error.
    let nll = |z: [f64; 3], label: usize| z.map(f64::exp).iter().sum::<f64>().ln() - z[label];
    let differences: Vec<f64> = (0..N_ROWS)
        .map(|idx| {
            let (z, label) = row(idx);
            let mut other = z;
            other[idx % 3] += 2.0 * wave(90_000 + idx) - 1.0;
            nll(other, label) - nll(z, label)
        })
        .collect();
    let mean = differences.iter().sum::<f64>() / N_ROWS as f64;
    let squares: f64 = differences.iter().map(|d| (d - mean).powi(2)).sum();
    let error = squares.sqrt() / N_ROWS as f64;
    let interval = &against["before"]["nll"]["interval"];
    let width = (number(&interval[1]) - number(&interval[0])) / (2.0 * 1.96 * error);
    assert!((width - 1.0).abs() < 0.08, "1000 draws: {width}");
    assert!((number(&against["before"]["nll"]["value"]) - mean).abs() < 1e-12);
}

#[test]
fn a_model_does_not_differ_from_itself_and_rows_without_a_number_are_said() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let arguments = ["compare", "first.csv", "first.csv", "broken.csv", "--bootstrap", "50"];
    let all = json_of(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
    let same = &all["runs"][1]["against_first"]["after"]["ece"];
    assert_eq!((number(&same["value"]), number(&same["interval"][1])), (0.0, 0.0));
    assert_eq!(all["runs"][2]["against_first"]["rows"], N_ROWS - 1);
    let text = stdout(&run(folder.path(), &arguments));
    assert!(text.contains("3 models on the same 400 labels"), "{text}");
    assert!(text.contains("3: the differences are of the 399 rows"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn other_labels_are_refused_with_both_hashes() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let text = fs::read_to_string(folder.path().join("first.csv")).expect("there");
    let fewer: Vec<&str> = text.lines().take(200).collect();
    fs::write(folder.path().join("fewer.csv"), fewer.join("\n")).expect("written");
    let output = run(folder.path(), &["compare", "first.csv", "fewer.csv"]);
    expect(&output, 2);
    let error = stderr(&output);
    assert!(error.contains("fewer.csv: its labels are not those of first.csv: sha256 "), "{error}");
    assert!(error.contains("hint: "), "{error}");
    let alone = run(folder.path(), &["compare", "first.csv"]);
    expect(&alone, 2);
}

#[test]
fn comparisons_come_as_tables_too() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let form = |form: &str| {
        let arguments =
            ["compare", "first.csv", "second.csv", "--bootstrap", "20", "--format", form];
        let output = run(folder.path(), &arguments);
        expect(&output, 0);
        stdout(&output)
    };
    let csv = form("csv");
    let lines: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{csv}");
    let column =
        lines[0].iter().position(|name| *name == "nll_difference_after").expect("a column");
    assert!(lines[1][column].is_empty() && lines[2][column].parse::<f64>().is_ok(), "{csv}");
    let markdown = form("markdown");
    let table: Vec<&str> = markdown.lines().filter(|line| line.starts_with('|')).collect();
    assert_eq!(table.len(), 4 + 6, "{markdown}");
}

#[test]
fn a_gate_opens_closes_and_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let report = json_of(folder.path(), &["report", "first.csv", "--format", "json"]);
    let (ece, t) = (number(&report["before"]["ece"]), number(&report["fit"]["temperature"]));
    let check = |more: &[&str]| run(folder.path(), &[&["check", "first.csv"], more].concat());
    let just = ece.to_string();
    let met =
        check(&["--max-ece", &just, "--temperature-within", "1.5,3", "--min-accuracy", "0.4"]);
    expect(&met, 0);
    assert_eq!(stdout(&met).lines().count(), 3);
    let closed = check(&["--max-ece", "0.01", "--max-nll", "9", "--format", "json"]);
    expect(&closed, 1);
    let result: Value = serde_json::from_str(&stdout(&closed)).expect("JSON");
    assert_eq!(
        (&result["met"], &result["limits"][0]["met"]),
        (&Value::Bool(false), &Value::Bool(false))
    );
    assert_eq!(result["limits"][1]["met"], true);
    // At the temperature that is shipped the same limit is met.
    expect(&check(&["--max-ece", "0.06", "--temperature", &t.to_string()]), 0);
    expect(&check(&["--max-ece", "0.06"]), 1);
    expect(&run(folder.path(), &["fit", "first.csv", "--out", "card.json"]), 0);
    expect(&check(&["--max-ece", "0.06", "--card", "card.json"]), 0);
    expect(&check(&[]), 2);
    expect(&check(&["--max-ece", "-1"]), 2);
    expect(&check(&["--temperature-within", "3,1"]), 2);
}

#[test]
fn slices_are_the_reports_of_their_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let arguments = ["report", "first.csv", "--bootstrap", "0", "--format", "json"];
    let slices = ["--slice", "site", "--slice", "length"];
    let report = json_of(folder.path(), &[&arguments[..], &slices].concat());
    let (site, length) = (&report["slices"][0], &report["slices"][1]);
    assert_eq!((&site["column"], &site["by"]), (&"site".into(), &"value".into()));
    assert_eq!((&length["column"], &length["by"]), (&"length".into(), &"quartile".into()));
    let counts = |slice: &Value| -> Vec<u64> {
        let groups = slice["groups"].as_array().expect("a list");
        groups.iter().map(|group| group["count"].as_u64().expect("a count")).collect()
    };
    assert_eq!(counts(site), [320, 80, 0], "the last group has no value");
    assert_eq!(counts(length), [100, 100, 100, 100, 0]);
    assert_eq!(length["groups"][0]["value"], "at most 49.875");
    let north = json_of(folder.path(), &[&arguments[..], &["--where", "site = north"]].concat());
    let group = &site["groups"][0];
    for (got, want) in [
        (&group["accuracy"], &north["before"]["accuracy"]),
        (&group["mean_confidence"], &north["before"]["mean_confidence"]),
        (&group["fit"]["temperature"], &north["fit"]["temperature"]),
    ] {
        assert!((number(got) / number(want) - 1.0).abs() < 1e-9, "{got} {want}");
    }
    let test = &site["test"]["one_temperature"];
    assert_eq!((&test["groups"], &test["degrees_of_freedom"]), (&2.into(), &1.into()));
}

#[test]
fn a_slice_by_no_column_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let wrong = run(folder.path(), &["report", "first.csv", "--slice", "sight"]);
    expect(&wrong, 2);
    assert!(stderr(&wrong).contains("there is no column sight"), "{}", stderr(&wrong));
}

#[test]
fn parity_stands_beside_our_figure_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    for library in ["torchmetrics", "netcal", "sklearn", "gpleiss"] {
        let arguments = ["report", "first.csv", "--bootstrap", "0", "--parity", library];
        let report = json_of(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
        let first = &report["parity"]["before"][0];
        assert_eq!(report["parity"]["library"], library);
        let figure = if library == "sklearn" { "nll" } else { "ece" };
        assert!((number(&first["ours"]) - number(&report["before"][figure])).abs() < 1e-12);
        let text = stdout(&run(folder.path(), &arguments));
        assert!(text.contains("\nParity\n") && text.lines().all(|l| l.chars().count() <= 80));
    }
}

#[test]
fn a_report_comes_as_csv_and_markdown() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let arguments = ["report", "first.csv", "--bootstrap", "50", "--slice", "site"];
    let report = json_of(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
    let csv = stdout(&run(folder.path(), &[&arguments[..], &["--format", "csv"]].concat()));
    let line = csv.lines().find(|line| line.starts_with("after,nll,")).expect("a line");
    let numbers: Vec<f64> = line.split(',').skip(2).map(|n| n.parse().expect("a number")).collect();
    let after = &report["after"];
    let ends = &after["intervals"]["nll"];
    let want = [number(&after["nll"]), number(&ends[0]), number(&ends[1])];
    for (got, want) in numbers.iter().zip(want) {
        // The reader of JSON rounds the last bit its own way.
        assert!((got / want - 1.0).abs() < 1e-15, "{got} {want}");
    }
    assert!(csv.contains("\nbefore,corp.miscalibration,"), "{csv}");
    let markdown =
        stdout(&run(folder.path(), &[&arguments[..], &["--format", "markdown"]].concat()));
    assert!(markdown.starts_with("# first.csv\n"), "{markdown}");
    assert!(markdown.contains("so\\|uth") && markdown.contains("## Classes"), "{markdown}");
    // Every row of a table has the columns of its heading.
    let mut columns = 0;
    for line in markdown.lines() {
        let n = line.replace("\\|", "").matches('|').count();
        assert!(columns == 0 || n == 0 || n == columns, "{line}");
        columns = n;
    }
}

#[test]
fn flags_of_every_command_may_stand_before_it_and_others_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    models(folder.path());
    let quiet = run(folder.path(), &["--quiet", "--seed", "3", "fit", "first.csv"]);
    expect(&quiet, 0);
    assert!(stdout(&quiet).starts_with("temperature"));
    let misplaced = run(folder.path(), &["--bins", "10", "fit", "first.csv"]);
    expect(&misplaced, 2);
    let error = stderr(&misplaced);
    assert!(error.contains("--bins goes after the command: logitscope fit"), "{error}");
}
