//! What a file carries beside its logits: it comes along, chooses rows, and keeps them together.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use logitscope::data::{BatchSource, Carried};
use logitscope::fit::assign_folds;
use logitscope::io::{self, IoError, Loaded, OpenOptions, Split};
use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared;

/// 60 rows of three classes in the documents 0 to 19, three rows each.
fn rows() -> Vec<(usize, [f64; 3], usize)> {
    let logit = |row: usize, class: usize| ((row * 31 + class * 17) % 13) as f64 / 3.0 - 2.0;
    let row = |row: usize| {
        let z = [0, 1, 2].map(|class| logit(row, class));
        let best = (0..3).max_by(|a, b| z[*a].total_cmp(&z[*b])).unwrap_or(0);
        (row, z, if row.is_multiple_of(4) { row / 4 % 3 } else { best })
    };
    (0..60).map(row).collect()
}

fn part(row: usize) -> &'static str {
    ["train", "dev"][row % 2]
}

/// The same rows as CSV and as NDJSON.
fn tables(folder: &Path) -> [PathBuf; 2] {
    let mut csv = "uid,logit_0,logit_1,logit_2,label,doc,part_of,length,code,word\n".to_owned();
    let mut json = String::new();
    for (row, z, label) in rows() {
        let (doc, part, length) = (row / 3, part(row), row as f64 / 4.0);
        let (code, word) = (format!("{row:03}"), if row % 5 == 0 { "" } else { "one, two" });
        // Writing to a String cannot fail.
        let _ = writeln!(
            csv,
            "{row},{},{},{},{label},{doc},{part},{length},{code},\"{word}\"",
            z[0], z[1], z[2]
        );
        let line = serde_json::json!({
            "uid": row, "logits": z, "label": label, "doc": doc, "part_of": part, "length": length,
            "code": code, "word": if word.is_empty() { Value::Null } else { word.into() },
        });
        let _ = writeln!(json, "{line}");
    }
    let paths = [folder.join("rows.csv"), folder.join("rows.jsonl")];
    fs::write(&paths[0], csv).expect("written");
    fs::write(&paths[1], json).expect("written");
    paths
}

fn open(path: &Path, options: &OpenOptions) -> Result<Loaded, IoError> {
    io::open(path, options, &mut |_| true)
}

fn with(change: impl Fn(&mut OpenOptions)) -> OpenOptions {
    let mut options = OpenOptions::default();
    change(&mut options);
    options
}

/// The column as text, a dash for a missing value.
fn shown(carried: &Carried, name: &str) -> Vec<String> {
    let column = carried.column(name).unwrap_or_else(|| panic!("no column {name}"));
    let value = |row| column.values.shown(row).unwrap_or("-".to_owned());
    (0..carried.n_rows()).map(value).collect()
}

#[test]
fn every_other_column_comes_along_with_its_type() {
    let folder = tempfile::tempdir().expect("a folder");
    for path in tables(folder.path()) {
        // Also where the scores are not kept in memory.
        for memory in [None, Some(0)] {
            let loaded = open(&path, &with(|o| o.memory = memory)).expect("opens");
            let carried = loaded.fit.carried();
            let names: Vec<&str> = carried.columns().iter().map(|c| c.name.as_str()).collect();
            assert_eq!(names, ["uid", "doc", "part_of", "length", "code", "word"], "{path:?}");
            assert_eq!(shown(&carried, "doc")[..4], ["0", "0", "0", "1"]);
            assert_eq!(shown(&carried, "length")[..3], ["0", "0.25", "0.5"]);
            assert_eq!(shown(&carried, "code")[..2], ["000", "001"], "{path:?}: zeros are kept");
            assert_eq!(shown(&carried, "word")[4..6], ["one, two", "-"]);
            assert_eq!(carried.column("doc").expect("there").values.number(59), Some(19.0));
            assert_eq!(carried.id().map(|id| id.name.as_str()), Some("uid"));
        }
    }
}

#[test]
fn conditions_choose_the_rows_that_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    for path in tables(folder.path()) {
        let chosen = |options: &OpenOptions| {
            let loaded = open(&path, options).unwrap_or_else(|e| panic!("{e}"));
            shown(&loaded.fit.carried(), "uid")
        };
        let options = with(|o| o.filter = Some("doc in (1, 3) & part_of = dev".to_owned()));
        assert_eq!(chosen(&options), ["3", "5", "9", "11"]);
        let options = with(|o| o.filter = Some("label = 1 & uid < 30".to_owned()));
        let of_label = rows().into_iter().filter(|(row, _, label)| *label == 1 && *row < 30);
        let expected: Vec<String> = of_label.map(|(row, ..)| row.to_string()).collect();
        assert_eq!(chosen(&options), expected, "labels can be asked for too");
        let options = with(|o| {
            o.split = Some(Split {
                column: "doc".to_owned(),
                values: vec!["0".to_owned(), "19".to_owned()],
            });
        });
        assert_eq!(chosen(&options), ["0", "1", "2", "57", "58", "59"]);
        let options = with(|o| o.fit_where = Some("doc < 5".to_owned()));
        let loaded = open(&path, &options).expect("opens");
        let test = loaded.test.expect("the other rows");
        assert_eq!((loaded.fit.n_rows(), test.n_rows()), (15, 45));
        assert_eq!(shown(&test.carried(), "doc")[0], "5");
    }
}

#[test]
fn the_column_of_parts_can_be_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    let lines =
        (0..40).map(|i| format!("{}.5,{}.25,{},{}", i % 5, i % 3, i % 2, ["val", "test"][i % 2]));
    let text = format!("logit_0,logit_1,label,kind_of\n{}\n", lines.collect::<Vec<_>>().join("\n"));
    fs::write(&path, text).expect("written");
    assert!(open(&path, &OpenOptions::default()).expect("opens").test.is_none());
    let options = with(|o| {
        o.split = Some(Split { column: "kind_of".to_owned(), values: Vec::new() });
    });
    let loaded = open(&path, &options).expect("opens");
    assert_eq!(loaded.test.map(|test| test.n_rows()), Some(20));
}

#[test]
fn groups_are_whole_in_one_fold() {
    let folder = tempfile::tempdir().expect("a folder");
    let [csv, _] = tables(folder.path());
    let options = with(|o| {
        o.group = Some("doc".to_owned());
        o.filter = Some("uid != 7".to_owned());
    });
    let study = shared::study_of(open(&csv, &options).expect("opens"));
    let rows = study.rows();
    assert_eq!(rows.len(), 59);
    let folds = assign_folds(rows, 5, 1);
    let mut fold_of: HashMap<String, u32> = HashMap::new();
    let docs = shown(rows.carried(), "doc");
    for (idx, fold) in folds.iter().enumerate() {
        let doc = docs[rows.stored_row(idx)].clone();
        assert_eq!(fold_of.entry(doc).or_insert(*fold), fold);
    }
    assert_eq!(fold_of.len(), 20);
    assert_eq!(study.analysis.folds.len(), 5);
}

#[test]
fn what_is_wrong_names_the_columns_there_are() {
    let folder = tempfile::tempdir().expect("a folder");
    tables(folder.path());
    let cases: [(&[&str], &str, &str); 8] = [
        (
            &["--where", "docs = 1"],
            "there is no column docs beside the logits and labels; there are uid, doc, part_of, length, code, word",
            "inspect",
        ),
        (&["--where", "doc = "], "--where doc = : a value expected at the end", "COLUMN = VALUE"),
        (&["--where", "doc = x"], "column doc holds numbers, and \"x\" is none", "number"),
        (&["--where", "part_of = test"], "no row meets --where 'part_of = test'", "dev, train"),
        (&["--group", "docs"], "there is no column docs", "--group"),
        (&["--id", "docs"], "there is no column docs", "--id"),
        (&["--split", "part_of=test"], "no row meets --split part_of=test", "dev, train"),
        (
            &["--fit-where", "doc < 9", "--test-where", "doc > 7"],
            "3 rows meet --fit-where and --test-where alike",
            "leave --test-where out",
        ),
    ];
    for (flags, message, hint) in cases {
        let arguments = [&["report", "rows.csv"], flags].concat();
        let output = run(folder.path(), &arguments);
        expect(&output, 2);
        let said = stderr(&output);
        assert!(said.contains(message), "{flags:?}: {said}");
        assert!(said.contains("hint: ") && said.contains(hint), "{flags:?}: {said}");
        assert!(stdout(&output).is_empty());
    }
}

#[test]
fn hive_partitions_are_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    for fold in 0..3 {
        let part = folder.path().join(format!("set/fold={fold}"));
        fs::create_dir_all(&part).expect("a folder");
        let rows = (0..4).map(|i| format!("{}.5,{}.25,{}", i, fold, i % 2));
        let text = format!("logit_0,logit_1,label\n{}\n", rows.collect::<Vec<_>>().join("\n"));
        fs::write(part.join("rows.csv"), text).expect("written");
    }
    let options = with(|o| o.filter = Some("fold != '1'".to_owned()));
    let loaded = open(&folder.path().join("set"), &options).expect("opens");
    assert_eq!(loaded.fit.n_rows(), 8);
    assert_eq!(shown(&loaded.fit.carried(), "fold").concat(), "00002222");
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn folds_of_the_published_table_by_name() {
    let path = shared::data("hpc_lda/hpc_cv.csv");
    let folds: Vec<String> = (1..=5).map(|fold| format!("Fold0{fold}")).collect();
    let text = fs::read_to_string(shared::data("reference.json")).expect("read");
    let reference: Value = serde_json::from_str(&text).expect("JSON");
    let want = &reference["data"]["hpc_lda/hpc_cv.csv Fold01-05 = val"];
    let options = with(|o| o.fit_where = Some(format!("Resample in ({})", folds.join(","))));
    let study = shared::study_of(open(&path, &options).expect("opens"));
    let close = |got: f64, want: &Value| {
        let want = want.as_f64().expect("a number");
        assert!((got - want).abs() < 1e-6 * want.max(1.0), "{got} {want}");
    };
    close(study.analysis.fit.temperature.expect("fits"), &want["fit"]["T"]);
    let (before, after) = (&study.analysis.before, study.analysis.after.as_ref().expect("fits"));
    let test = &want["splits"]["test"];
    assert_eq!(study.counts.used, test["rows_used"].as_u64().expect("a number"));
    close(before.metrics.nll, &test["at_T1"]["nll"]);
    close(after.metrics.ece, &test["at_T"]["ece15"]);

    let options = with(|o| {
        o.split = Some(Split { column: "Resample".to_owned(), values: folds.clone() });
    });
    let val = open(&path, &options).expect("opens");
    let rows = want["splits"]["val"]["rows"].as_u64().expect("a number");
    assert_eq!(val.fit.n_rows() as u64, rows);
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn tokens_are_numbered_within_their_sentences() {
    let path = shared::data("pos_tags/val.safetensors");
    let loaded = open(&path, &with(|o| o.group = Some("sentence".to_owned()))).expect("opens");
    let carried = loaded.fit.carried();
    assert_eq!(carried.n_rows(), loaded.fit.n_rows());
    let n_sentences = carried.column("sentence").expect("there").values.groups().names.len();
    let n_tokens = carried.column("token").expect("there").values.groups().names.len();
    assert_eq!(n_sentences * n_tokens, loaded.fit.n_rows());
    let study = shared::study_of(loaded);
    let groups = study.rows().groups().expect("sentences");
    assert_eq!(groups.len(), study.rows().len());
}

#[test]
fn a_mask_leaves_rows_out_and_says_how_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "logit_0,logit_1,label,keep,odd\n1.5,0.5,0,1,a\n0.5,2.5,1,0,b\n1.25,0.75,1,1,c\n";
    let path = folder.path().join("rows.csv");
    fs::write(&path, text).expect("written");
    let loaded = open(&path, &with(|o| o.mask = Some("keep".to_owned()))).expect("opens");
    let labels: Vec<i64> = loaded.fit.labels().iter().map(|label| label.as_i64()).collect();
    assert_eq!(labels, [0, -100, 1]);
    let said = loaded.info.guesses.iter().find(|guess| guess.what == "mask").expect("said");
    assert!(said.evidence.ends_with("left out: 1"), "{}", said.evidence);
    for (flags, message) in [
        (["--mask", "odd"], "row 2, column odd: a mask holds 0 and 1, and this is a"),
        (["--mask", "kept"], "there is no column kept"),
    ] {
        let output = run(folder.path(), &[&["report", "rows.csv"][..], &flags].concat());
        expect(&output, 2);
        assert!(stderr(&output).contains(message), "{}", stderr(&output));
    }
    let output = run(folder.path(), &["report", "rows.csv", "--shift"]);
    expect(&output, 2);
    assert!(stderr(&output).contains("--shift is for arrays of tokens"));
}

/// What each shared data set is taken for without a flag.
const TAKEN_FOR: &[(&str, &str, &str)] = &[
    ("cifar10_densenet40/logits.npz", "logits", "multiclass"),
    ("cifar_softmax/densenet-bc-100-cifar-100.npz", "probs", "multiclass"),
    ("cifar_softmax/lenet-5-cifar-10.npz", "probs", "multiclass"),
    ("cifar_softmax/wideresnet-16-4-cifar-10.npz", "probs", "multiclass"),
    ("hpc_lda/hpc_cv.csv", "probs", "multiclass"),
    ("digits_cnn/cnn_steps.npz", "logits", "multiclass"),
    ("digits_cnn/label_smoothing.npz", "logits", "multiclass"),
    ("digits_cnn/noisy_labels.npz", "logits", "multiclass"),
    ("digits_cnn/broken_collapsed.npz", "logits", "multiclass"),
    ("digits_cnn/broken_dead_units.npz", "logits", "multiclass"),
    ("digits_cnn/broken_exploding.npz", "logits", "multiclass"),
    ("digits_cnn/broken_fp16_overflow.npz", "logits", "multiclass"),
    ("digits_cnn/broken_zero_init.npz", "logits", "multiclass"),
    ("digits_small/val.csv", "logits", "multiclass"),
    ("magika/logits.parquet", "logits", "multiclass"),
    ("pos_tags/val.safetensors", "logits", "multiclass"),
    ("pos_tags/test_bf16.safetensors", "logits", "multiclass"),
    ("word_lm/val_logits.f16.npy", "logits", "multiclass"),
    ("word_lm/test_bf16.safetensors", "logits", "multiclass"),
    ("sms_spam/val.csv", "logits", "binary"),
    ("sms_spam/val_strong_regularisation.csv", "logits", "binary"),
    ("word_lm/base_logits.kld", "logprobs", "multiclass"),
    ("word_lm/choices.jsonl", "logits", "multiclass"),
    ("morph_multilabel/val.npz", "logits", "multilabel"),
    ("morph_multilabel/val_first500.csv", "logits", "multilabel"),
];

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn kinds_and_tasks_are_guessed_right() {
    let folder = shared::data("");
    let mut wrong = Vec::new();
    for &(file, kind, task) in TAKEN_FOR {
        match open(&folder.join(file), &OpenOptions::default()) {
            Ok(loaded) => {
                let found =
                    (format!("{:?}", loaded.info.kind).to_lowercase(), loaded.info.task.name());
                if found != (kind.to_owned(), task) {
                    wrong.push(format!("{file}: {found:?}"));
                }
                let offers_shift = loaded.info.guesses.iter().any(|guess| guess.what == "shift");
                if offers_shift {
                    wrong.push(format!("{file}: a shift is offered"));
                }
            }
            Err(error) => wrong.push(format!("{file}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
