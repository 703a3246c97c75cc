//! `--classes`: a padded vocabulary cut to the classes there are.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};

/// Five rows of three classes, and two columns of padding.
const ROWS: [([f64; 5], u32); 5] = [
    ([1.5, -2.0, 0.5, 9.0, 8.0], 0),
    ([-1.0, 0.5, -2.5, 0.0, 1.0], 1),
    ([0.5, 1.0, -1.0, 7.0, -7.0], 2),
    ([2.0, -0.25, 1.0, 0.5, 0.0], 2),
    ([-0.5, 0.75, -0.125, 3.0, 3.5], 1),
];

fn table(folder: &Path, name: &str, n_classes: usize) {
    let numbers = |row: &[f64]| {
        let cells: Vec<String> = row[..n_classes].iter().map(ToString::to_string).collect();
        cells.join(",")
    };
    let header: Vec<String> = (0..n_classes).map(|i| format!("logit_{i}")).collect();
    let rows = ROWS.iter().map(|(z, y)| format!("{},{y}\n", numbers(z)));
    let text = format!("{},label\n{}", header.join(","), rows.collect::<String>());
    fs::write(folder.join(name), text).expect("written");
}

fn report(folder: &Path, file: &str, more: &[&str]) -> Value {
    let arguments = ["report", file, "--format", "json", "--bootstrap", "0"];
    let output = run(folder, &[&arguments, more].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

#[test]
fn the_first_columns_are_as_if_there_were_no_others() {
    let folder = tempfile::tempdir().expect("a folder");
    table(folder.path(), "padded.csv", 5);
    table(folder.path(), "plain.csv", 3);
    let plain = report(folder.path(), "plain.csv", &[]);
    for more in [&["--classes", "3"][..], &["--classes", "3", "--memory", "0"]] {
        let cut = report(folder.path(), "padded.csv", more);
        for key in ["fit", "before", "after", "logit_scale", "margin", "classes"] {
            assert_eq!(cut[key], plain[key], "{key}");
        }
        assert_eq!(cut["source"]["classes"], 3);
    }
    let output = run(folder.path(), &["inspect", "padded.csv", "--classes", "3"]);
    expect(&output, 0);
    assert!(stdout(&output).contains("the first 3 of 5"), "{}", stdout(&output));
    assert_eq!(report(folder.path(), "plain.csv", &["--classes", "3"])["fit"], plain["fit"]);
}

#[test]
fn labels_of_classes_that_are_cut_off_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    table(folder.path(), "padded.csv", 5);
    let refused = |n: &str, said: &str| {
        let output = run(folder.path(), &["report", "padded.csv", "--classes", n]);
        expect(&output, 2);
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
    };
    refused("2", "row 4, label 2 is not one of the 2 classes 0 to 1");
    refused("2", "hint: --classes with a larger number, or without");
    refused("6", "--classes 6: there are 5 classes");
    refused("1", "--classes 1: there are 5 classes, and 2 or more are kept");
}

#[test]
fn a_card_says_which_columns_are_scaled() {
    let folder = tempfile::tempdir().expect("a folder");
    table(folder.path(), "padded.csv", 5);
    let fit = ["fit", "padded.csv", "--classes", "3", "--out", "card.json", "--despite-failures"];
    let output = run(folder.path(), &fit);
    expect(&output, 0);
    let card = fs::read_to_string(folder.path().join("card.json")).expect("a card");
    let usage = &serde_json::from_str::<Value>(&card).expect("JSON")["usage"];
    for (language, words) in [
        ("python", "torch.softmax(logits[..., :3] / "),
        ("rust", "in row[..3].iter_mut()"),
        ("c", "k < 3; k++"),
    ] {
        let line = usage[language].as_str().expect("a line");
        assert!(line.contains(words), "{line}");
    }
}
