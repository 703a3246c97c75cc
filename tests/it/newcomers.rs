//! What people bring that is nearly what can be read: it is read, or refused with what to do.

use std::fs;
use std::path::{Path, PathBuf};

use logitscope::data::{BatchSource, Values};
use logitscope::io::OpenOptions;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared;

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/newcomers");
    folder.join(name)
}

/// What `inspect` says of a file that it refuses.
fn said(name: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(name), bytes).expect("written");
    let output = run(folder.path(), &["inspect", name]);
    expect(&output, 2);
    stderr(&output)
}

/// An `Array2D` of Hugging Face `datasets` with one row of scores in each row.
#[test]
fn lists_of_one_list_under_an_extension_type_are_rows_of_scores() {
    let wanted: Vec<f32> = (0..12u16)
        .flat_map(|i| (0..4u16).map(move |k| f32::from((7 * i + 3 * k) % 11) / 2.0 - 2.0))
        .collect();
    for name in ["array2d.parquet", "array2d.arrows"] {
        let loaded = shared::open(&fixture(name), &OpenOptions::default());
        assert_eq!(shared::values(&loaded.fit), Values::F32(wanted.clone()), "{name}");
        let labels = loaded.fit.labels().iter().map(|label| label.as_i64());
        assert!(labels.eq((0..12).map(|i| (3 * i + 1) % 4)), "{name}");
        assert_eq!(loaded.fit.n_classes(), 4);
    }
}

#[test]
fn lists_of_several_lists_are_refused_by_row() {
    let bytes = fs::read(fixture("tokens.parquet")).expect("a file");
    insta::assert_snapshot!(said("tokens.parquet", &bytes), @r##"
    error: tokens.parquet: row 1, column logits: 2 lists of numbers, and a row of scores is one

    hint: write one row for each token; or save arrays of rows, tokens and classes: `np.savez("logits.npz", logits=logits, labels=labels)`
    "##);
}

#[test]
fn what_is_not_the_data_itself_is_told_by_its_bytes() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n";
    insta::assert_snapshot!(said("logits.npz", pointer), @r"
    error: logits.npz: this is a pointer of Git LFS: the data itself was not downloaded

    hint: `git lfs pull` in its repository
    ");
    insta::assert_snapshot!(said("a.csv", b"\n<!DOCTYPE html><html><body>404</body></html>"), @r"
    error: a.csv: this is a web page and no data: an error or a log-in page may have been saved

    hint: download it again; in a browser it shows what it is
    ");
}

#[test]
fn what_can_be_mended_by_a_line_says_by_which() {
    insta::assert_snapshot!(said("a.csv", b"z_0;z_1;label\n0,5;-1,25;0\n1,5;2;1\n"), @r"
    error: a.csv: the numbers are written with a decimal comma

    hint: write them with a point: `tr , . < FILE > NEW`, or df.to_csv(path)
    ");
    insta::assert_snapshot!(said("a.json", br"[[1.5, 2.5], [0.5, 1.5]]"), @r##"
    error: a.json: a JSON array that is not made of objects is not a table that can be read

    hint: write rows as [{"logits": [...], "label": 0}, ...], or one object of lists: {"logits": [[...]], "labels": [...]}
    "##);
    insta::assert_snapshot!(said("signs.csv", b"score,label\n0.5,-1\n1.5,1\n-2.5,-1\n"), @r"
    error: signs.csv: row 2: one column of logits (score) needs labels 0 and 1, and this label is -1

    hint: labels of -1 and 1 are 0 and 1 after `labels > 0`: save them so
    ");
}

#[test]
fn labels_that_h5py_wrote_from_texts_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(fixture("texts.h5"), folder.path().join("texts.h5")).expect("copied");
    let output = run(folder.path(), &["inspect", "texts.h5"]);
    expect(&output, 0);
    assert!(stdout(&output).contains("w, x, y, z"), "{}", stdout(&output));
}
