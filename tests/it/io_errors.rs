//! What is said about input that cannot be used: file, row, column, and what to type next.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use logitscope::io::{OpenOptions, open};

/// Writes `files`, opens the first, and returns the error without the folder's name.
fn error_of(files: &[(&str, &[u8])], options: &OpenOptions) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("a file in it");
    }
    message(&folder.path().join(files[0].0), folder.path(), options)
}

fn message(path: &Path, folder: &Path, options: &OpenOptions) -> String {
    let Err(error) = open(path, options, &mut |_| true) else {
        return "no error".to_owned();
    };
    let mut text = format!("error: {error}");
    if let Some(hint) = &error.hint {
        let _ = write!(text, "\nhint: {hint}");
    }
    let folder = folder.display().to_string();
    text.replace(&format!("{folder}/"), "").replace(&folder, "FOLDER")
}

fn csv_error(text: &str) -> String {
    error_of(&[("d.csv", text.as_bytes())], &OpenOptions::default())
}

#[test]
fn bad_cells_are_named_by_row_and_column() {
    let mut text = "logit_0,logit_1,logit_2,label\n".to_owned();
    for row in 0..5000 {
        text += if row == 4180 { "1,NaN.,2,0\n" } else { "0.5,-1,nan,1\n" };
    }
    insta::assert_snapshot!(csv_error(&text), @r#"
        error: d.csv: row 4,182, column logit_1: "NaN." is not a number
        hint: correct the values in the file; a score that was lost is written nan, and a class that a row does not have -inf
        "#);
    let five_bad =
        "a1,a2,label\n1,2,0\nx,2,0\n1,y,0\n,2,1\n1,z,0\n1.5,2,0\n1,2,1\n1,2,1\n1,2,1\n1,2,1\n";
    insta::assert_snapshot!(csv_error(five_bad), @r#"
        error: d.csv: row 3, column a1: "x" is not a number; row 4, column a2: "y" is not a number; row 5, column a1: the value is missing (and 1 more)
        hint: correct the values in the file; a score that was lost is written nan, and a class that a row does not have -inf
        "#);
}

#[test]
fn rows_of_another_length_are_named() {
    insta::assert_snapshot!(csv_error("z0,z1,label\n1.5,2,0\n1,2,3,1\n"), @r#"
        error: d.csv: row 3: 4 cells, and the header has 3
        hint: every row needs as many cells as the header
        "#);
    insta::assert_snapshot!(csv_error("z0,z1,label\n1.5,2,0\n1,2\n"), @r#"
        error: d.csv: row 3, column label: the label is missing
        hint: mark rows without a label with -100 (--ignore-index)
        "#);
    insta::assert_snapshot!(csv_error("z0,z1,label\n"), @r#"
        error: d.csv: there is a header and no row below it
        hint: if the first line is a row, put the names of the columns above it
        "#);
    insta::assert_snapshot!(csv_error(""), @r#"
        error: d.csv: the file is empty
        hint: copy or save it again
        "#);
    insta::assert_snapshot!(csv_error("\n\n"), @r#"
        error: d.csv: the file is empty
        hint: copy or save it again
        "#);
}

#[test]
fn columns_that_cannot_be_told_apart_are_listed() {
    insta::assert_snapshot!(csv_error("z0,z1,z1,label\n1.5,2,3,0\n"), @r#"
        error: d.csv: two columns are called z1
        hint: give each column a name of its own in the first line
        "#);
    insta::assert_snapshot!(csv_error("cat,dog,speed,label\n1.5,2.5,3.5,0\n1,2,3,1\n"), @r#"
        error: d.csv: it is not clear which columns are the logits: cat (f64), dog (f64), speed (f64)
        hint: --logits 'cat,dog,speed'
        "#);
    insta::assert_snapshot!(csv_error("z0,z1,a,b\n1.5,2.5,0,0\n1,2,1,1\n"), @r#"
        error: d.csv: no column of labels found; there are z0 (f64), z1 (f64), a (integer), b (integer)
        hint: --labels COLUMN, or --labels FILE if they are in a file of their own
        "#);
    insta::assert_snapshot!(csv_error("name,label\nx,0\ny,1\n"), @r#"
        error: d.csv: no column of logits found; there are name (text), label (integer)
        hint: --logits 'PATTERN*' for one column a class, or --logits COLUMN for a column of lists
        "#);
    insta::assert_snapshot!(csv_error("z0,z1,label_a,label_b\n1.5,2.5,0,0\n1,2,1,1\n"), @r#"
        error: d.csv: several columns could be the labels: label_a (integer), label_b (integer)
        hint: --labels label_a; for multi-label data one column of 0 and 1 for each column of logits, --labels 'PATTERN*'
        "#);
}

#[test]
fn labels_that_are_no_class_are_named() {
    insta::assert_snapshot!(csv_error("z0,z1,z2,label\n1.5,2,3,1\n1.5,2,3,2\n1,2,3,3\n"), @r#"
        error: d.csv: row 4, label 3 is not one of the 3 classes 0 to 2
        hint: if the labels count from 1: --label-offset 1
        "#);
    insta::assert_snapshot!(csv_error("z0,z1,z2,label\n1.5,2,3,0\n1.5,2,3,-1\n1,2,3,2\n"), @r#"
        error: d.csv: row 3, label -1 is not one of the 3 classes 0 to 2
        hint: if -1 marks rows to leave out: --ignore-index -1
        "#);
    insta::assert_snapshot!(csv_error("z0,z1,z2,label\n1.5,2,3,a\n1.5,2,3,b\n"), @r#"
        error: d.csv: the labels are 2 names (a, b) and there are 3 classes; which name belongs to which column is unknown
        hint: --class-names FILE with one name a line, in the order of the logits
        "#);
    insta::assert_snapshot!(csv_error("logit_a,logit_b,logit_c,label\n1.5,2,3,a\n1.5,2,3,d\n"), @r#"
        error: d.csv: row 3, label "d" is no class name
        hint: the class names are a, b, c; name them in the order of the logits with --class-names FILE
        "#);
    insta::assert_snapshot!(csv_error("z0,z1,z2,label\n1.5,2,3,0\n1.5,2,3,\n"), @r#"
        error: d.csv: row 3, column label: the label is missing
        hint: mark rows without a label with -100 (--ignore-index)
        "#);
    insta::assert_snapshot!(csv_error("logit,label\n1.5,0\n1.5,1\n-1,2\n"), @r#"
        error: d.csv: row 4: one column of logits (logit) needs labels 0 and 1, and this label is 2
        hint: choose all columns of logits with --logits 'PATTERN*', or shift labels with --label-offset N
        "#);
}

#[test]
fn flags_that_name_nothing_are_answered_with_what_there_is() {
    let table: (&str, &[u8]) = ("d.csv", b"z0,z1,label\n1.5,2,0\n1,2,1\n");
    let with = |change: fn(&mut OpenOptions)| {
        let mut options = OpenOptions::default();
        change(&mut options);
        error_of(&[table], &options)
    };
    insta::assert_snapshot!(with(|o| o.logits = Some("q*".to_owned())), @r#"
        error: d.csv: no column matches --logits q*; there are z0 (f64), z1 (integer), label (integer)
        hint: --logits 'PATTERN*', or name the columns with commas between
        "#);
    insta::assert_snapshot!(with(|o| o.labels = Some("q".to_owned())), @r#"
        error: d.csv: there is no column q; there are z0 (f64), z1 (integer), label (integer)
        hint: --labels with one of these names, or with a file
        "#);
    insta::assert_snapshot!(with(|o| o.positive = Some("q".to_owned())), @r#"
        error: d.csv: there is no class q
        hint: --positive 0 or --positive 1
        "#);
    insta::assert_snapshot!(with(|o| o.part = logitscope::io::Part::Test), @r#"
        error: d.csv: there is no test part in the file
        hint: leave --part out
        "#);
    insta::assert_snapshot!(with(|o| o.class_names = Some("nowhere.txt".into())), @"error: nowhere.txt: no such file or folder");
    let range = logitscope::io::RowRange { start: 1, end: 9 };
    let options = OpenOptions { rows: Some(range), ..OpenOptions::default() };
    insta::assert_snapshot!(error_of(&[table], &options), @r#"
        error: d.csv: rows 1..9 do not lie within the 2 rows there are
        hint: --rows 0..2 is all of them
        "#);
}

#[test]
fn lists_of_different_lengths_and_holes_are_named() {
    let ndjson = |text: &str| error_of(&[("d.jsonl", text.as_bytes())], &OpenOptions::default());
    insta::assert_snapshot!(ndjson("{\"logits\": [1.5, 2], \"label\": 0}\n{\"logits\": [1.5], \"label\": 0}\n"), @r#"
        error: d.jsonl: row 2, column logits: the list holds 1 numbers and the first row 2
        hint: correct the values in the file; a score that was lost is written nan, and a class that a row does not have -inf
        "#);
    insta::assert_snapshot!(ndjson("{\"logits\": [1.5, 2], \"label\": 0}\n{\"logits\": [1.5, null], \"label\": 0}\n"), @r#"
        error: d.jsonl: row 2, item 2 of column logits: the value is missing
        hint: correct the values in the file; a score that was lost is written nan, and a class that a row does not have -inf
        "#);
    insta::assert_snapshot!(ndjson("{\"logits\": [1.5, 2], \"label\": 0}\n{\"logits\": [1.5, 2, \"label\": 0}\n"), @r#"
        error: d.jsonl: row 2, character 28: not a JSON object: expected `,` or `]`
        hint: write one JSON object for each line
        "#);
    insta::assert_snapshot!(ndjson("{\"logits\": [1.5, 2], \"label\": 0}\n{\"logits\": [1.5, \"a\"], \"label\": 0}\n"), @r#"
        error: d.jsonl: row 2, item 2 of column logits: "a" is not a number
        hint: correct the values in the file; a score that was lost is written nan, and a class that a row does not have -inf
        "#);
    insta::assert_snapshot!(ndjson("{\"logits\": [1.5, 2]}\n"), @r#"
        error: d.jsonl: no column of labels found; there are logits (list of f64)
        hint: --labels COLUMN, or --labels FILE if they are in a file of their own
        "#);
}

/// A version 1.0 array of little-endian floats.
fn npy(descr: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).expect("a short header").to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(body);
    bytes
}

#[test]
fn arrays_that_lie_or_stand_alone_are_refused() {
    let one = |bytes: &[u8]| error_of(&[("logits.npy", bytes)], &OpenOptions::default());
    insta::assert_snapshot!(one(&npy("<f4", "(1000000000000, 10)", &[0; 40])), @r#"
        error: logits.npy: logits (f32, 1000000000000 x 10): the header claims 40000000000000 bytes of numbers and 40 are there; the file is truncated
        hint: copy or save it again
        "#);
    insta::assert_snapshot!(one(&npy("<f4", "(2, 3)", &[0; 20])), @r#"
        error: logits.npy: logits (f32, 2 x 3): the header claims 24 bytes of numbers and 20 are there; the file is truncated
        hint: copy or save it again
        "#);
    insta::assert_snapshot!(one(&npy("|O", "(2, 3)", &[0; 20])), @r#"
        error: logits.npy: logits: elements of type pickled objects cannot be read
        hint: save it as a plain array: `np.save(path, np.asarray(x, dtype=np.float32))`
        "#);
    insta::assert_snapshot!(one(&npy("<f4", "(2, 3)", &[0; 24])), @r#"
        error: logits.npy: no labels found for logits (f32, 2 x 3), neither inside nor beside the file
        hint: --labels FILE (.npy, .csv, .parquet or .txt), or --labels NAME for an array inside
        "#);
    insta::assert_snapshot!(one(b"\x93NUMPY\x01\x00\xff\xff{"), @r#"
        error: logits.npy: the file ends early; it is truncated
        hint: copy or save it again
        "#);
    let logits = npy("<f4", "(2, 3)", &[0; 24]);
    let different = [
        ("logits.npy", &logits[..]),
        ("labels.npy", &npy("|u1", "(2,)", &[0, 1])),
        ("labels_clean.npy", &npy("|u1", "(2,)", &[0, 2])),
        ("labels_noisy.npy", &npy("|u1", "(2,)", &[0, 1])),
    ];
    // `labels.npy` belongs to `logits.npy`; without it, two others disagree.
    assert_eq!(error_of(&different, &OpenOptions::default()), "no error");
    let others = [different[0], different[2], different[3]];
    insta::assert_snapshot!(error_of(&others, &OpenOptions::default()), @r#"
        error: logits.npy: several files beside it hold 2 labels, and not the same ones: labels_clean.npy, labels_noisy.npy
        hint: --labels labels_clean.npy
        "#);
    let options = OpenOptions { labels: Some("labels".to_owned()), ..OpenOptions::default() };
    insta::assert_snapshot!(error_of(&[different[0]], &options), @r#"
        error: logits.npy: there is no array labels; there are logits (f32, 2 x 3)
        hint: --labels with one of these names, or with a file
        "#);
}

#[test]
fn labels_of_another_length_are_refused() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (logits, labels) = (folder.path().join("a.npy"), folder.path().join("b.npy"));
    fs::write(&logits, npy("<f4", "(2, 3)", &[0; 24])).expect("a file");
    fs::write(&labels, npy("|u1", "(3,)", &[0, 1, 2])).expect("a file");
    let options =
        OpenOptions { labels: Some(labels.display().to_string()), ..OpenOptions::default() };
    insta::assert_snapshot!(message(&logits, folder.path(), &options), @r#"
        error: a.npy: 2 rows of logits in a (f32, 2 x 3) and 3 labels
        hint: both must describe the same rows; choose with --logits NAME and --labels NAME|FILE
        "#);
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn truncated_and_foreign_files_are_refused() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/formats");
    let half = |name: &str| {
        let bytes = fs::read(shared.join(name)).expect("a shared file");
        error_of(&[(name, &bytes[..bytes.len() / 2])], &OpenOptions::default())
    };
    insta::assert_snapshot!(half("list_f32.parquet"), @r#"
        error: list_f32.parquet: the Parquet footer is missing; the file is truncated or still being written
        hint: copy or save it again
        "#);
    insta::assert_snapshot!(half("list_f32.arrow"), @r#"
        error: list_f32.arrow: the Arrow footer is missing; the file is truncated or still being written
        hint: copy or save it again
        "#);
    insta::assert_snapshot!(half("deflated.npz"), @r#"
        error: deflated.npz: the zip archive is damaged or truncated: invalid Zip archive: Could not find EOCD
        hint: copy or save it again
        "#);
    insta::assert_snapshot!(half("logits_f32.npy"), @r#"
        error: logits_f32.npy: logits_f32 (f32, 1000 x 10): the header claims 40000 bytes of numbers and 19936 are there; the file is truncated
        hint: copy or save it again
        "#);
    insta::assert_snapshot!(half("arrays.h5"), @r#"
        error: arrays.h5: the file ends early; it is truncated
        hint: copy or save it again
        "#);
    insta::assert_snapshot!(half("f32.safetensors"), @r#"
        error: f32.safetensors: the safetensors file is damaged: logits (f32, 1000 x 10) lies at bytes 8000 to 48000 of 23928 there are
        hint: copy or save it again
        "#);
    let base = fs::read(shared.join("../word_lm/base_logits.kld")).expect("a shared file");
    let base = error_of(&[("base.kld", &base[..base.len() / 2])], &OpenOptions::default());
    insta::assert_snapshot!(base, @r#"
        error: base.kld: the file ends after 1 of the 4 contexts that its header counts: it was cut, or llama-perplexity did not come to its end
        hint: llama-perplexity -m MODEL -f TEXT --kl-divergence-base FILE writes it again
        "#);
    insta::assert_snapshot!(message(Path::new("/dev/zero"), &shared, &OpenOptions::default()), @r#"
        error: /dev/zero: not an ordinary file
        hint: save the data to a file first
        "#);
    insta::assert_snapshot!(message(Path::new("no/such/file"), &shared, &OpenOptions::default()), @"error: no/such/file: no such file or folder");
    insta::assert_snapshot!(message(&shared, &shared, &OpenOptions::default()), @r#"
        error: FOLDER: the folder holds files of several formats, so it is not one data set
        hint: name one of the files
        "#);
}

#[test]
fn names_with_control_characters_never_reach_the_terminal() {
    let text = "z0,z1,\u{1b}[2Jbad,also\u{7}\n1.5,2.5,0,0\n1,2,1,1\n";
    let message = csv_error(text);
    assert!(
        message.contains("bad") && !message.chars().any(|c| c.is_control() && c != '\n'),
        "{message}"
    );
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn a_caller_that_says_stop_is_obeyed() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    for name in [
        "cifar10_densenet40/logits.npz",
        "magika/logits.parquet",
        "formats/wide.csv",
        "formats/shards",
    ] {
        for n_calls in 0..2 {
            let mut left = n_calls;
            let mut report = |_| {
                left -= 1;
                left >= 0
            };
            let stopped = open(&shared.join(name), &OpenOptions::default(), &mut report);
            assert!(stopped.is_err_and(|e| e.cancelled), "{name} after {n_calls} calls");
        }
    }
}
