//! What a file offers to a user who chooses: every candidate, as the flag takes it.

use std::fs;
use std::path::Path;

use logitscope::io::{Offer, OpenOptions, glimpse, offer, open};

fn selects(list: &[logitscope::io::Offered]) -> Vec<&str> {
    list.iter().map(|o| o.select.as_str()).collect()
}

fn csv(folder: &Path, name: &str, header: &str, rows: &[&str]) -> Offer {
    let path = folder.join(name);
    let lines = [&[header], rows].concat();
    fs::write(&path, lines.join("\n") + "\n").expect("written");
    offer(&path).expect("a table")
}

const HEADER: &str = "id,logit_0,logit_1,logit_10,score,truth,coarse,fold";
const ROWS: [&str; 3] =
    ["a,0.5,1.5,-2.25,0.75,0,1,1", "b,2.5,0.5,-1.25,0.25,2,0,1", "c,0.1,0.2,0.3,0.5,1,1,2"];

#[test]
fn a_table_offers_its_columns_as_the_flags_take_them() {
    let folder = tempfile::tempdir().unwrap();
    let found = csv(folder.path(), "val.csv", HEADER, &ROWS);
    assert_eq!(selects(&found.logits), ["logit_*", "logit_0,logit_1,logit_10,score", "score"]);
    assert_eq!(found.logits[0].words, "logit_0 .. logit_10 (3 columns of f64)");
    assert_eq!(selects(&found.labels), ["truth", "coarse", "id", "fold"]);
    assert_eq!(found.labels[0].words, "truth (integer)");
    assert_eq!(selects(&found.beside), ["id", "truth", "coarse", "fold"]);
    assert_eq!((found.format.as_str(), found.n_columns), ("csv", 8));
    // Each of them opens the file, and takes what it says.
    for (logits, n_classes) in found.logits.iter().zip([3, 4, 2]) {
        let options = OpenOptions {
            logits: Some(logits.select.clone()),
            labels: Some("coarse".into()),
            ..OpenOptions::default()
        };
        let loaded = open(&folder.path().join("val.csv"), &options, &mut |_| true).unwrap();
        assert_eq!(loaded.info.n_classes, n_classes, "{logits:?}");
    }
}

#[test]
fn names_with_commas_are_still_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let header = "\"score_a,b\",score_b,score_c,wide,label";
    let found =
        csv(folder.path(), "odd.csv", header, &["0.25,-0.25,0.5,7.5,1", "0.5,0.25,-2.25,8.5,0"]);
    assert_eq!(selects(&found.logits), ["score_*", "score_a?b,score_b,score_c,wide", "wide"]);
    for candidate in &found.logits {
        let options =
            OpenOptions { logits: Some(candidate.select.clone()), ..OpenOptions::default() };
        let loaded = open(&folder.path().join("odd.csv"), &options, &mut |_| true);
        assert!(loaded.is_ok(), "{candidate:?}: {loaded:?}");
    }
}

#[test]
fn a_schema_is_names_and_types_and_not_the_number_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let schema =
        |name: &str, header: &str, rows: &[&str]| csv(folder.path(), name, header, rows).schema;
    let all = schema("a.csv", HEADER, &ROWS);
    assert_eq!(all.len(), 16);
    assert_eq!(all, schema("b.csv", HEADER, &ROWS[..2]));
    assert_ne!(all, schema("c.csv", &HEADER.replace("truth", "target"), &ROWS));
    let text: Vec<String> = ROWS.iter().map(|row| row.replace(",1", ",x")).collect();
    let text: Vec<&str> = text.iter().map(String::as_str).collect();
    assert_ne!(all, schema("d.csv", HEADER, &text));
}

#[test]
fn files_beside_the_data_are_offered_too() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("class_names.txt"), "cat\ndog\nowl\n").unwrap();
    fs::write(folder.path().join("val_labels.txt"), "0\n1\n2\n").unwrap();
    fs::write(folder.path().join("notes.txt"), "nothing").unwrap();
    let found = csv(folder.path(), "val_logits.csv", HEADER, &ROWS);
    let beside: Vec<&str> =
        found.labels.iter().filter(|o| o.is_beside).map(|o| o.select.as_str()).collect();
    assert_eq!(beside, ["val_labels.txt"]);
    let names: Vec<&str> = found.class_names.iter().map(|o| o.evidence.as_str()).collect();
    assert_eq!(selects(&found.class_names), ["class_names.txt", "val_labels.txt"]);
    assert_eq!(names, ["3 lines", "3 lines"]);
}

#[test]
fn what_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.csv");
    fs::write(&path, "logit_0,logit_1,logit_2,truth_a,truth_b\n0.5,1.5,2.5,0,1\n").unwrap();
    let seen = glimpse(&path).unwrap();
    assert!(!seen.has_logits);
    assert_eq!(
        seen.contents,
        "several columns could be the labels: truth_a (integer), truth_b (integer)"
    );
    assert!(seen.hint.unwrap().starts_with("--labels truth_a"));
    let gone = glimpse(&folder.path().join("nowhere.csv")).unwrap_err();
    assert_eq!(gone.message, "no such file or folder");
    let none = offer(&folder.path().join("nowhere.csv")).unwrap_err();
    assert_eq!(none.message, "no such file or folder");
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn containers_of_the_shared_data_offer_arrays_steps_and_parts() {
    let data = crate::shared::data("");
    let found = offer(&data.join("digits_cnn/cnn_steps.npz")).unwrap();
    assert_eq!(found.steps, [0, 20, 60, 200, 600, 2000, 8000]);
    assert!(found.has_parts);
    assert_eq!(selects(&found.labels)[..2], ["val_labels", "test_labels"]);
    assert_eq!(found.logits.len(), 14);
    for (path, logits, labels) in [
        ("formats/arrays.h5", "logits", "labels"),
        ("formats/bf16.safetensors", "logits", "labels"),
        ("formats/list_f32.parquet", "logits", "label"),
        ("formats/rows.jsonl", "logits", "label"),
        ("formats/wide.csv.gz", "logit_*", "label"),
        ("hpc_lda/hpc_cv.csv", "VF,F,M,L", "obs"),
    ] {
        let found = offer(&data.join(path)).unwrap();
        assert_eq!(
            (selects(&found.logits)[0], selects(&found.labels)[0]),
            (logits, labels),
            "{path}"
        );
    }
    let hive = offer(&data.join("formats/hive")).unwrap();
    assert_eq!(selects(&hive.labels)[0], "label");
}
