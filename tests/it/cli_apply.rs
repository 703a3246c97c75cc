//! `apply`: what is written, under which names, and what is left when it fails.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};

/// The header of a table of text, and its rows as numbers.
fn table(text: &str) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut lines = text.lines();
    let header = lines.next().expect("a header").split(',');
    let number = |cell: &str| cell.parse::<f64>().expect("a number");
    let rows = lines.map(|line| line.split(',').map(number).collect());
    (header.map(str::to_owned).collect(), rows.collect())
}

/// Runs `apply FILE --temperature 2` with `more` and gives the table `p.csv` that it writes.
fn applied(folder: &Path, file: &str, more: &[&str]) -> (Vec<String>, Vec<Vec<f64>>) {
    let arguments = ["apply", file, "--temperature", "2", "--out", "p.csv"];
    let output = run(folder, &[&arguments[..], more].concat());
    expect(&output, 0);
    table(&fs::read_to_string(folder.join("p.csv")).expect("written"))
}

/// A version 1.0 `.npy` of f64.
fn npy(shape: &str, values: &[f64]) -> Vec<u8> {
    let mut header =
        format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    header.resize(117, b' ');
    header.push(b'\n');
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(header);
    for v in values {
        bytes.extend(v.to_le_bytes());
    }
    bytes
}

const UNLABELLED: [f64; 6] = [2.0, 0.5, -1.25, 0.25, 3.5, 1.75];

#[test]
fn files_without_labels_are_calibrated_in_every_format() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("z.csv"), "id,cat,dog,eel\n7,2,0.5,-1.25\n8,0.25,3.5,1.75\n").expect("written");
    fs::write(path("z.npy"), npy("(2, 3)", &UNLABELLED)).expect("written");
    // At temperature 1 the logits themselves are written: a Parquet file without labels.
    let arguments = ["apply", "z.npy", "--temperature", "1", "--as", "logits"];
    let parquet = run(folder.path(), &[&arguments[..], &["--out", "z.parquet"]].concat());
    expect(&parquet, 0);
    fs::create_dir(path("shards")).expect("a folder");
    fs::copy(path("z.parquet"), path("shards/0.parquet")).expect("a copy");
    for (file, names) in [
        ("z.csv", ["cat", "dog", "eel"]),
        ("z.npy", ["prob_0", "prob_1", "prob_2"]),
        ("z.parquet", ["prob_0", "prob_1", "prob_2"]),
        ("shards", ["prob_0", "prob_1", "prob_2"]),
    ] {
        let (header, rows) = applied(folder.path(), file, &[]);
        assert_eq!(header, names, "{file}: no column of labels is made up");
        assert_eq!(rows.len(), 2, "{file}");
        for (row, z) in rows.iter().zip(UNLABELLED.chunks(3)) {
            let total: f64 = z.iter().map(|z| (z / 2.0).exp()).sum();
            assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{file}");
            for (p, z) in row.iter().zip(z) {
                assert!((p - (z / 2.0).exp() / total).abs() < 1e-14, "{file}: {p}");
            }
        }
        // A judgement needs labels, and says how to give them.
        let report = run(folder.path(), &["report", file]);
        expect(&report, 2);
        assert!(stderr(&report).contains("--labels"), "{}", stderr(&report));
    }
}

#[test]
fn names_beside_a_file_without_labels_name_its_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("z.npy"), npy("(2, 3)", &UNLABELLED)).expect("written");
    fs::write(folder.path().join("class_names.txt"), "ant\nbee\ncat\n").expect("written");
    // The labels of another set beside it have as many rows by chance.
    fs::write(folder.path().join("val_labels.txt"), "0\n1\n").expect("written");
    let (header, rows) = applied(folder.path(), "z.npy", &[]);
    assert_eq!(header, ["ant", "bee", "cat"]);
    assert!(rows[0][0] > rows[0][1] && rows[1][1] > rows[1][0]);
}

#[test]
fn a_single_score_without_labels_gives_both_probabilities() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("s.csv"), "score\n3\n-1.5\n").expect("written");
    fs::write(folder.path().join("flat.npy"), npy("(2,)", &[3.0, -1.5])).expect("written");
    fs::write(folder.path().join("column.npy"), npy("(2, 1)", &[3.0, -1.5])).expect("written");
    let sigmoid = |z: f64| 1.0 / (1.0 + (-z / 2.0).exp());
    for file in ["s.csv", "flat.npy", "column.npy"] {
        for (more, class) in [(&[][..], 1), (&["--positive", "0"][..], 0)] {
            let (header, rows) = applied(folder.path(), file, more);
            assert_eq!(header, ["prob_0", "prob_1"], "{file}");
            for (row, z) in rows.iter().zip([3.0, -1.5]) {
                assert!((row[class] - sigmoid(z)).abs() < 1e-15, "{file} {more:?}");
                assert!((row[0] + row[1] - 1.0).abs() < 1e-15, "{file}");
            }
        }
    }
}

#[test]
fn the_positive_class_moves_no_probability_to_another_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        (
            "names.csv",
            "ham,spam,label\n2,0.5,ham\n0.25,3.5,spam\n",
            "ham",
            ["ham", "spam", "label"],
        ),
        ("ints.csv", "ham,spam,label\n2,0.5,0\n0.25,3.5,1\n", "ham", ["ham", "spam", "label"]),
        ("numbers.csv", "z0,z1,label\n2,0.5,0\n0.25,3.5,1\n", "0", ["prob_0", "prob_1", "label"]),
        (
            "digits.csv",
            "logit_3,logit_5,label\n2,0.5,3\n0.25,3.5,5\n",
            "3",
            ["prob_3", "prob_5", "label"],
        ),
    ];
    for (file, text, positive, names) in cases {
        fs::write(folder.path().join(file), text).expect("written");
        let plain = applied(folder.path(), file, &[]);
        let swapped = applied(folder.path(), file, &["--positive", positive]);
        assert_eq!(plain.0, names, "{file}");
        assert_eq!(plain, swapped, "{file}");
        assert!(plain.1[0][0] > 0.5 && plain.1[1][1] > 0.5, "{file}");
        assert_eq!((plain.1[0][2], plain.1[1][2]), (0.0, 1.0), "{file}");
    }
}

#[test]
fn numbered_classes_are_written_in_the_order_in_which_they_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    // Class 0 is called class_9, as in a list of names that is sorted otherwise than by number.
    fs::write(folder.path().join("names.txt"), "class_9\nclass_10\nclass_8\n").expect("written");
    let rows = "z0,z1,z2,label\n5.5,0,1,0\n0,5.5,1,1\n0,1,5.5,2\n";
    fs::write(folder.path().join("z.csv"), rows).expect("written");
    let more = ["--class-names", "names.txt"];
    let (header, rows) = applied(folder.path(), "z.csv", &more);
    assert_eq!(header, ["class_8", "class_9", "class_10", "label"]);
    let labels: Vec<f64> = rows.iter().map(|row| row[3]).collect();
    assert_eq!(labels, [1.0, 2.0, 0.0]);
    let report = run(folder.path(), &["report", "p.csv", "--format", "json"]);
    expect(&report, 0);
    let report: Value = serde_json::from_str(&stdout(&report)).expect("JSON");
    assert_eq!(report["before"]["accuracy"], 1.0);
}

#[test]
fn a_file_that_cannot_be_written_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let text = "cat,dog,label\n2,0.5,0\n0.25,3.5,1\n";
    fs::write(path("z.csv"), text).expect("written");
    fs::write(path("twice.txt"), "cat\ncat\n").expect("written");
    fs::create_dir(path("folder.csv")).expect("a folder");
    let count = || fs::read_dir(folder.path()).expect("a folder").count();
    let before = count();
    let twice = &["--class-names", "twice.txt"][..];
    let no_rows = &["--rows", "5..9"][..];
    let cases = [
        ("p.csv", twice, "two classes are called cat"),
        ("p.jsonl", twice, "two classes are called cat"),
        ("p.csv", no_rows, "do not lie within the 2 rows"),
        ("p.xlsx", &[], "the ending does not name a format"),
        ("p", &[], "the ending does not name a format"),
        ("no/such/p.csv", &[], "the folder no/such is missing\n\nhint: mkdir -p no/such\n"),
        ("z.csv/p.csv", &[], "what is not a folder"),
        ("folder.csv", &[], "this is a folder"),
    ];
    for (out, more, words) in cases {
        let arguments = ["apply", "z.csv", "--temperature", "2", "--out", out];
        let output = run(folder.path(), &[&arguments[..], more].concat());
        expect(&output, 2);
        let said = stderr(&output);
        assert!(said.starts_with("error: ") && said.contains(words), "{out}: {said}");
        assert!(stdout(&output).is_empty());
        assert_eq!(fs::read_to_string(path("z.csv")).expect("still there"), text);
        assert_eq!(count(), before, "{out}");
    }
    // An archive has no names of columns that could clash.
    let arguments = ["apply", "z.csv", "--temperature", "2", "--out", "p.npz"];
    expect(&run(folder.path(), &[&arguments[..], twice].concat()), 0);
}

/// Numbers in (0, 1) that look like chance.
fn chances(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f64 + 0.5) / f64::from(1 << 24)
    }
}

fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// Fits `val.csv` with `flags` in `folder` and gives the temperature of `card.json`.
fn fitted(folder: &Path, val: &str, flags: &[&str]) -> f64 {
    fs::write(folder.join("val.csv"), val).expect("written");
    let fit = ["fit", "val.csv", "--out", "card.json", "--despite-failures"];
    expect(&run(folder, &[&fit, flags].concat()), 0);
    let card = fs::read(folder.join("card.json")).expect("written");
    let card: Value = serde_json::from_slice(&card).expect("JSON");
    card["temperature"].as_f64().expect("a number")
}

/// Runs `apply FILE --card card.json` with `more`.
fn with_card(folder: &Path, file: &str, more: &[&str]) -> std::process::Output {
    let apply = ["apply", file, "--card", "card.json", "--despite-failures", "--out", "q.csv"];
    run(folder, &[&apply, more].concat())
}

fn written(folder: &Path, file: &str) -> Vec<Vec<f64>> {
    expect(&with_card(folder, file, &[]), 0);
    table(&fs::read_to_string(folder.join("q.csv")).expect("written")).1
}

fn refused(folder: &Path, file: &str, more: &[&str]) {
    let _ = fs::remove_file(folder.join("q.csv"));
    let output = with_card(folder, file, more);
    expect(&output, 2);
    assert!(stderr(&output).contains("card was fitted on"), "{}", stderr(&output));
    assert!(!folder.join("q.csv").exists());
}

#[test]
fn a_card_of_several_labels_a_row_speaks_for_files_without_labels() {
    let folder = tempfile::tempdir().expect("a folder");
    let (folder, mut chance) = (folder.path(), chances(1));
    let (mut val, mut bare) = (String::new(), String::new());
    for _ in 0..400 {
        let z = [(); 3].map(|()| 8.0 * chance() - 4.0);
        let y = z.map(|z| u8::from(chance() < sigmoid(z / 2.0)));
        let line = format!("{},{},{}", z[0], z[1], z[2]);
        writeln!(val, "{line},{},{},{}", y[0], y[1], y[2]).expect("written");
        bare += &(line + "\n");
    }
    let header = "logit_a,logit_b,logit_c";
    fs::write(folder.join("bare.csv"), format!("{header}\n{bare}")).expect("written");
    let t = fitted(folder, &format!("{header},label_a,label_b,label_c\n{val}"), &[]);
    let rows = written(folder, "bare.csv");
    assert_eq!(rows.len(), 400);
    for (row, line) in rows.iter().zip(bare.lines()) {
        for (p, z) in row.iter().zip(line.split(',')) {
            let z: f64 = z.parse().expect("a number");
            assert!((p - sigmoid(z / t)).abs() < 1e-14, "{p} {z} {t}");
        }
    }
    for task in ["multiclass", "binary"] {
        let output = with_card(folder, "bare.csv", &["--task", task]);
        expect(&output, 2);
        assert!(stderr(&output).contains("hint: "), "{}", stderr(&output));
    }
    refused(folder, "bare.csv", &["--task", "multiclass"]);
    // A card that does not say what it was fitted on is taken for what the file looks like.
    let card = fs::read(folder.join("card.json")).expect("there");
    let mut card: Value = serde_json::from_slice(&card).expect("JSON");
    let fitted_on = card["fitted_on"].as_object_mut().expect("an object");
    for (key, value) in [("task", "multilabel"), ("kind", "logits")] {
        assert_eq!(fitted_on.remove(key), Some(value.into()));
    }
    assert_eq!(fitted_on.remove("single_score"), Some(false.into()));
    fs::write(folder.join("card.json"), card.to_string()).expect("written");
    for row in written(folder, "bare.csv") {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn a_card_says_what_its_scores_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let (folder, mut chance) = (folder.path(), chances(2));
    // One log-probability a row, which by its numbers could be a logit.
    let (mut val, mut bare) = ("score,label\n".to_owned(), "score\n".to_owned());
    for _ in 0..400 {
        let z = 8.0 * chance() - 4.0;
        let y = u8::from(chance() < sigmoid(z / 2.0));
        writeln!(val, "{},{y}", sigmoid(z).ln()).expect("written");
        writeln!(bare, "{}", sigmoid(z).ln()).expect("written");
    }
    fs::write(folder.join("bare.csv"), &bare).expect("written");
    let t = fitted(folder, &val, &["--kind", "log-probs"]);
    for (row, line) in written(folder, "bare.csv").iter().zip(bare.lines().skip(1)) {
        let p = line.parse::<f64>().expect("a number").exp();
        let want = sigmoid((p / (1.0 - p)).ln() / t);
        assert!((row[1] - want).abs() < 1e-12, "{row:?} {want}");
    }
    refused(folder, "bare.csv", &["--kind", "logits"]);
    fs::write(folder.join("pair.csv"), "z0,z1\n-0.5,-0.9327521295671886\n").expect("written");
    refused(folder, "pair.csv", &[]);
    fs::write(folder.join("above.csv"), "score\n-1.5\n2.5\n").expect("written");
    refused(folder, "above.csv", &[]);

    // One sigmoid for each class.
    let (mut val, mut bare) = ("z0,z1,z2,label\n".to_owned(), "z0,z1,z2\n".to_owned());
    for _ in 0..400 {
        let z = [(); 3].map(|()| 6.0 * chance() - 3.0);
        let weights = z.map(|z| (z / 2.0).exp());
        let place = chance() * weights.iter().sum::<f64>();
        let y = usize::from(place > weights[0]) + usize::from(place > weights[0] + weights[1]);
        let p = z.map(sigmoid);
        writeln!(val, "{},{},{},{y}", p[0], p[1], p[2]).expect("written");
        writeln!(bare, "{},{},{}", p[0], p[1], p[2]).expect("written");
    }
    fs::write(folder.join("bare.csv"), &bare).expect("written");
    let t = fitted(folder, &val, &["--kind", "sigmoid"]);
    for (row, line) in written(folder, "bare.csv").iter().zip(bare.lines().skip(1)) {
        let p = line.split(',').map(|p| p.parse::<f64>().expect("a number"));
        let weights: Vec<f64> = p.map(|p| ((p / (1.0 - p)).ln() / t).exp()).collect();
        let total: f64 = weights.iter().sum();
        for (p, weight) in row.iter().zip(&weights) {
            assert!((p - weight / total).abs() < 1e-12, "{row:?} {weights:?}");
        }
    }
    refused(folder, "bare.csv", &["--kind", "probs"]);
    refused(folder, "bare.csv", &["--task", "multilabel"]);
    let check = ["check", "val.csv", "--card", "card.json", "--max-nll", "9"];
    let output = run(folder, &[&check[..], &["--kind", "probs"]].concat());
    expect(&output, 2);
}
