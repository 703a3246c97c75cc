//! `summarize`, and every command on what it writes.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::passes::overconfident;
use crate::shared::sample;

/// Copies the bundled files into a folder of its own.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for file in ["digits_small_val.csv", "digits_small_test.csv", "digits_overconfident.parquet"] {
        fs::copy(sample(file), folder.path().join(file)).expect("copied");
    }
    folder
}

fn done<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> String {
    let output = run(folder, arguments);
    expect(&output, 0);
    stdout(&output)
}

fn summarize(folder: &Path, from: &str, out: &str) {
    let output = run(folder, &["summarize", from, "--out", out]);
    expect(&output, 0);
    assert!(stderr(&output).starts_with("wrote "), "{}", stderr(&output));
    assert!(stdout(&output).is_empty());
}

/// What the program says when it refuses.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    expect(&output, 2);
    assert!(stdout(&output).is_empty());
    format!("$ logitscope {}\n{}", arguments.join(" "), stderr(&output))
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn report_fit_and_inspect_read_summaries() {
    let folder = folder();
    let folder = folder.path();
    summarize(folder, "digits_small_val.csv", "rows.parquet");
    let of = |file| json(&done(folder, &["report", file, "--format", "json"]));
    let (direct, stored) = (of("digits_small_val.csv"), of("rows.parquet"));
    for key in ["fit", "before", "after", "in_sample_after", "reliability", "exact"] {
        assert_eq!(direct[key], stored[key], "{key}");
    }
    assert_eq!(direct["source"]["sha256_labels"], stored["source"]["sha256_labels"]);
    assert_eq!(stored["source"]["format"], "row summaries");
    let fit = |file| done(folder, &["fit", file]);
    assert_eq!(fit("digits_small_val.csv"), fit("rows.parquet"));
    insta::assert_snapshot!(done(folder, &["inspect", "rows.parquet"]));
}

#[test]
fn summaries_judge_and_are_judged() {
    let folder = folder();
    let folder = folder.path();
    let (val, test) = ("digits_small_val.csv", "digits_small_test.csv");
    summarize(folder, val, "val.rows");
    summarize(folder, test, "test.rows");
    let after = |fit, test| {
        let report = json(&done(folder, &["report", fit, "--test", test, "--format", "json"]));
        assert_eq!(report["evaluated_on"], "test");
        report["after"].clone()
    };
    let direct = after(val, test);
    for (fit, test) in [("val.rows", "test.rows"), (val, "test.rows"), ("val.rows", test)] {
        assert_eq!(after(fit, test), direct, "{fit} {test}");
    }
    let both = ["summarize", val, "--test", test, "--out", "both.rows"];
    expect(&run(folder, &both), 0);
    let report = json(&done(folder, &["report", "both.rows", "--format", "json"]));
    assert_eq!(report["after"], direct);
}

#[test]
fn several_summaries_are_one_data_set_and_join_into_one_file() {
    let folder = folder();
    let folder = folder.path();
    for (rows, out) in [("0..200", "a.rows"), ("200..350", "b.rows")] {
        let arguments = ["summarize", "digits_small_val.csv", "--rows", rows, "--out", out];
        expect(&run(folder, &arguments), 0);
    }
    let figures = |files: &[&str]| {
        let report = json(&done(folder, &[&["report"], files, &["--format", "json"]].concat()));
        (report["fit"].clone(), report["before"].clone(), report["source"]["sha256_labels"].clone())
    };
    let whole = figures(&["digits_small_val.csv"]);
    assert_eq!(figures(&["a.rows", "b.rows"]), whole);
    let join = ["summarize", "a.rows", "b.rows", "--out", "all.rows"];
    expect(&run(folder, &join), 0);
    assert_eq!(figures(&["all.rows"]), whole);
}

#[test]
fn what_cannot_be_done_with_summaries_is_said_with_what_to_type_instead() {
    let folder = folder();
    let folder = folder.path();
    summarize(folder, "digits_small_val.csv", "rows.parquet");
    fs::write(folder.join("names.txt"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n").expect("written");
    let named = [
        "summarize",
        "digits_small_val.csv",
        "--class-names",
        "names.txt",
        "--out",
        "named.parquet",
    ];
    expect(&run(folder, &named), 0);
    let k2 = "label,logit_0,logit_1\n0,1.5,0.25\n1,0.5,2.0\n0,0.1,0.2\n";
    fs::write(folder.join("two.csv"), k2).expect("written");
    summarize(folder, "two.csv", "two.parquet");
    fs::write(
        folder.join("cut.parquet"),
        &fs::read(folder.join("rows.parquet")).expect("read")[..900],
    )
    .expect("written");
    let commands: [&[&str]; 14] = [
        &["apply", "rows.parquet", "--temperature", "2", "--out", "p.csv"],
        &["report", "rows.parquet", "--mask", "keep"],
        &["report", "rows.parquet", "--rows", "0..351"],
        &["report", "rows.parquet", "--slice", "lang"],
        &["report", "rows.parquet", "--part", "val"],
        &["report", "rows.parquet", "two.parquet"],
        &["report", "rows.parquet", "named.parquet"],
        &["report", "rows.parquet", "digits_small_test.csv"],
        &["report", "digits_small_val.csv", "digits_small_test.csv"],
        &["report", "rows.parquet", "--test", "two.parquet"],
        &["report", "cut.parquet"],
        &["summarize", "rows.parquet", "--out", "rows.parquet"],
        &["summarize", "digits_small_val.csv", "--out", "no/such/folder/rows.parquet"],
        &["summarize", "digits_small_val.csv"],
    ];
    insta::assert_snapshot!(commands.map(|command| refusal(folder, command)).join("\n"));
}

#[test]
fn an_interpolated_temperature_is_marked() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let source = overconfident(900, 60, 1.7);
    let logitscope::data::Values::F64(values) = source.values() else {
        panic!("made of f64");
    };
    let header: Vec<String> = (0..60).map(|i| format!("logit_{i}")).collect();
    let mut lines = vec![format!("label,{}", header.join(","))];
    for (row, label) in values.chunks(60).zip(source.labels()) {
        let cells: Vec<String> = row.iter().map(ToString::to_string).collect();
        lines.push(format!("{},{}", label.as_i64(), cells.join(",")));
    }
    fs::write(folder.join("all.csv"), lines.join("\n")).expect("written");
    for (rows, out) in [("0..500", "a.rows"), ("500..900", "b.rows")] {
        expect(&run(folder, &["summarize", "all.csv", "--rows", rows, "--out", out]), 0);
    }
    let fit = done(folder, &["fit", "a.rows", "b.rows"]);
    assert!(fit.contains("temperature     ~") && fit.contains("interpolated"), "{fit}");
    let report = done(folder, &["report", "a.rows", "b.rows"]);
    assert!(report.contains("~T = ") && report.contains("interpolated"), "{report}");
    let report = json(&done(folder, &["report", "a.rows", "b.rows", "--format", "json"]));
    assert_eq!(report["exact"].to_string(), r#"{"fit":false,"before":true,"after":false}"#);
}

/// Row summaries of `from` without their note. Tools that write a Parquet file anew drop the note of its footer: here,
/// the key is turned into another of its length.
fn summarize_without_note(folder: &Path, from: &str, out: &str) {
    summarize(folder, from, "rows.parquet");
    let mut bytes = fs::read(folder.join("rows.parquet")).expect("read");
    for at in 0..bytes.len() - 10 {
        if bytes[at..].starts_with(b"logitscope") {
            bytes[at..at + 10].copy_from_slice(b"logitscopx");
        }
    }
    fs::write(folder.join(out), bytes).expect("written");
}

/// 200 rows of 60 classes.
fn wide_table() -> String {
    let names: Vec<String> = (0..60).map(|k| format!(",logit_{k}")).collect();
    let row = |i: usize| {
        let z: Vec<String> = (0..60).map(|k| format!(",{}", (i * 31 + k * 17) % 23)).collect();
        format!("{}{}\n", i % 60, z.concat())
    };
    let rows: String = (0..200).map(row).collect();
    format!("label{}\n{rows}", names.concat())
}

#[test]
fn summaries_that_lost_their_note_are_known_by_their_columns() {
    let folder = folder();
    let folder = folder.path();
    summarize_without_note(folder, "digits_small_val.csv", "few.parquet");
    fs::write(folder.join("wide.csv"), wide_table()).expect("written");
    summarize_without_note(folder, "wide.csv", "many.parquet");
    let tables = [
        (
            "text.csv",
            "row,label,label_logit,label_rank,top_class,n_max\n0,1,0.5,0,1,1\n1,0,0.5,0,1,1\n",
        ),
        ("other.csv", "nodes,TOP_LOGIT,label,n_present\n0.5,1.5,1,2\n0.25,1.0,0,2\n"),
        (
            "lines.jsonl",
            "{\"top_logit\": [1.5, 0.5], \"label\": 1, \"nodes\": [1, 2.5], \"label_rank\": 0}\n{\"top_logit\": [1.5, 0.5], \"label\": 1, \"nodes\": [1, 2.5], \"label_rank\": 0}\n",
        ),
    ];
    for (name, text) in tables {
        fs::write(folder.join(name), text).expect("written");
    }
    for file in ["few.parquet", "many.parquet", "text.csv", "other.csv", "lines.jsonl"] {
        for command in ["report", "fit", "inspect", "doctor"] {
            let said = refusal(folder, &[command, file]);
            assert!(said.contains("these are the columns of row summaries"), "{said}");
        }
    }
    for flags in [["--logits", "top_logit"], ["--labels", "label"]] {
        let said = refusal(folder, &[&["report", "other.csv"], &flags[..]].concat());
        assert!(said.contains("row summaries"), "{said}");
    }
    // A table of one's own that is called so.
    let own = done(folder, &["report", "few.parquet", "--logits", "scores", "--format", "json"]);
    let made_from = done(folder, &["report", "digits_small_val.csv", "--format", "json"]);
    assert_eq!(json(&own)["before"]["accuracy"], json(&made_from)["before"]["accuracy"]);
}
