//! Bad input, case by case and form by form: one clear error, or rows that are counted, and never a wrong number.
//!
//! Some cases have tests of their own elsewhere: flags (`io_errors.rs`), hostile pickles and strict headers
//! (`containers.rs`), files that change under a pass (`stream.rs`), evaluation logs (`logs.rs`).

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use logitscope::data::BatchSource;
use logitscope::io::{OpenOptions, open};
use polars::prelude::{DataFrame, IntoColumn, NamedFrom, Series};

use crate::forms::{FORMS, archive, bytes, frame, gzip, is_text, n_lines_before};

const N: usize = 12;

/// Twelve rows of three classes.
fn scores() -> Vec<Vec<f64>> {
    let z = |row: usize, class: usize| ((row * 5 + class * 7) % 11) as f64 / 2.0 - 1.75;
    (0..N).map(|row| (0..3).map(|class| z(row, class)).collect()).collect()
}

fn labels() -> Vec<i64> {
    (0..N).map(|row| i64::try_from(row % 3).expect("small")).collect()
}

/// What is said of the file `name` in a folder of `files`; the folder's name is left out.
fn said_of(name: &str, files: &[(&str, &[u8])], options: &OpenOptions) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("written");
    }
    let Err(error) = open(&folder.path().join(name), options, &mut |_| true) else {
        return "no error".to_owned();
    };
    let mut text = format!("error: {error}");
    if let Some(hint) = &error.hint {
        let _ = write!(text, "\nhint: {hint}");
    }
    let prefix = format!("{}/", folder.path().display());
    text.replace(&prefix, "")
}

/// What is said of these bytes.
fn said(name: &str, bytes: &[u8]) -> String {
    said_of(name, &[(name, bytes)], &OpenOptions::default())
}

/// Fails unless `said` is an error with this text and a hint.
fn assert_said(form: &str, said: &str, words: &str) {
    assert!(said.contains(words), "{form}: {said}\nwanted: {words}");
    assert!(said.contains("\nhint: "), "{form} has no hint: {said}");
}

#[test]
fn labels_out_of_range_in_every_form() {
    let mut wrong = labels();
    for row in [2, 5, 6, 9] {
        wrong[row] = 9;
    }
    for form in FORMS {
        let rows = [3, 6, 7].map(|row| row + n_lines_before(form));
        let words =
            rows.map(|row| format!("row {row}, label 9 is not one of the 3 classes 0 to 2"));
        let words = format!("{} (and 1 more)", words.join("; "));
        assert_said(form, &said(form, &bytes(form, &scores(), &wrong)), &words);
    }
}

#[test]
fn labels_that_count_from_one_are_told_the_flag() {
    let from_one: Vec<i64> = labels().iter().map(|label| label + 1).collect();
    for form in FORMS {
        let file = bytes(form, &scores(), &from_one);
        assert_said(form, &said(form, &file), "if the labels count from 1: --label-offset 1");
        let options = OpenOptions { label_offset: 1, ..OpenOptions::default() };
        assert_eq!(said_of(form, &[(form, &file)], &options), "no error", "{form}");
    }
}

#[test]
fn one_score_needs_labels_0_and_1() {
    let one: Vec<Vec<f64>> = scores().iter().map(|row| row[..1].to_vec()).collect();
    for form in FORMS {
        let row = 3 + n_lines_before(form);
        let said = said(form, &bytes(form, &one, &labels()));
        assert_said(form, &said, &format!("row {row}: one column of logits"));
        assert_said(form, &said, "needs labels 0 and 1, and this label is 2");
    }
}

#[test]
fn files_of_no_bytes_and_of_no_rows() {
    for form in FORMS {
        assert_said(form, &said(form, b""), "the file is empty");
        let nothing = said(form, &bytes(form, &[], &[]));
        assert_said(form, &nothing, "error: ");
    }
    assert_said("gz", &said("x.csv.gz", &gzip(b"")), "the file is empty");
}

/// Every truncation of the forms that know their length, and of packed text, is an error that says so.
#[test]
fn truncated_files_in_every_form() {
    let reasons =
        ["truncated", "damaged", "ends early", "is empty", "no format", "footer is missing"];
    for form in FORMS {
        let whole = bytes(form, &scores(), &labels());
        let is_packed = Path::new(form).extension().is_some_and(|e| e == "gz");
        for end in 0..whole.len() {
            let said = said(form, &whole[..end]);
            assert!(!said.contains("library failed"), "{form} at {end}: {said}");
            // One byte of a packed text does not show that it is packed.
            let is_short_stream = form == "list.arrows"
                && (said == "no error" || said.contains("there is no row of logits"));
            if is_text(form) && (!is_packed || end < 4) || is_short_stream {
                // A text that ends with a whole row is one, and so is a stream that ends without its mark, be it after
                // its schema.
                continue;
            }
            // Fewer bytes than the mark of a format do not show what it is.
            let is_told = end < 8 || reasons.iter().any(|reason| said.contains(reason));
            assert!(is_told && said.contains("\nhint: "), "{form} at {end}: {said}");
        }
    }
}

#[test]
fn files_that_shrink_or_grow_under_a_pass_in_every_form() {
    for form in FORMS {
        for change in [-7i64, 7] {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join(form);
            let whole = bytes(form, &scores(), &labels());
            fs::write(&path, &whole).expect("written");
            let options = OpenOptions { memory: Some(0), ..OpenOptions::default() };
            let loaded = open(&path, &options, &mut |_| true).expect("opens");
            let length = u64::try_from(whole.len()).expect("small").saturating_add_signed(change);
            let file = fs::File::options().append(true).open(&path).expect("opens");
            file.set_len(length).expect("another length");
            let read = loaded.fit.read(&mut |_| Ok(()));
            let said = read.expect_err("the file changed").to_string();
            assert!(said.contains("the file changed while it was read"), "{form}: {said}");
        }
    }
}

#[test]
fn counts_that_differ_in_every_form() {
    for form in ["npz", "packed.npz", "safetensors"] {
        let said = said(form, &bytes(form, &scores(), &labels()[1..]));
        assert_said(form, &said, "12 rows of logits in logits (f64, 12 x 3) and 11 labels");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("labels.txt");
    fs::write(&other, "0\n1\n2\n").expect("written");
    let options =
        OpenOptions { labels: Some(other.display().to_string()), ..OpenOptions::default() };
    for form in FORMS {
        let file = bytes(form, &scores(), &labels());
        let said = said_of(form, &[(form, &file)], &options);
        assert_said(form, &said, "12 rows of logits");
        assert_said(form, &said, "3 labels");
    }
}

/// NaN and infinite logits are data: nothing is refused, nothing is dropped.
#[test]
fn numbers_that_are_not_finite_are_data_in_every_form() {
    let mut odd = scores();
    odd[1] = vec![f64::NAN; 3];
    odd[4][2] = f64::INFINITY;
    odd[7][0] = f64::NEG_INFINITY;
    for form in FORMS {
        // Bare words in JSON are what Python writes; Rust writes others.
        let file = if form.starts_with("jsonl") {
            let lines = odd.iter().zip(labels()).map(|(row, label)| {
                let row = format!("{row:?}").replace("inf", "Infinity");
                format!("{{\"logits\": {row}, \"label\": {label}}}\n")
            });
            let text = lines.collect::<Vec<_>>().concat();
            if form == "jsonl" { text.into_bytes() } else { gzip(text.as_bytes()) }
        } else {
            bytes(form, &odd, &labels())
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(form);
        fs::write(&path, file).expect("written");
        let loaded = crate::shared::open(&path, &OpenOptions::default());
        let logitscope::data::Values::F64(values) = crate::shared::values(&loaded.fit) else {
            panic!("{form}: f64 is read as f64");
        };
        let flat: Vec<f64> = odd.iter().flatten().copied().collect();
        let bits = |values: &[f64]| -> Vec<Option<u64>> {
            values.iter().map(|v| (!v.is_nan()).then(|| v.to_bits())).collect()
        };
        assert_eq!(bits(&values), bits(&flat), "{form}");
    }
}

#[test]
fn unknown_class_names_are_named_and_counted() {
    let word = |row: usize| {
        if [1, 4, 6, 10].contains(&row) { "eel" } else { ["ant", "bee", "cat"][row % 3] }
    };
    let words: Vec<&str> = (0..N).map(word).collect();
    let lines = (0..N).map(|row| format!("{row}.5,-1.5,2,{}\n", word(row)));
    let csv = lines.collect::<Vec<_>>().concat();
    let csv = format!("logit_0,logit_1,logit_2,label\n{csv}");
    let line = |row| {
        let word = word(row);
        format!("{{\"logits\": [{row}.5, -1.5, 2], \"label\": \"{word}\"}}\n")
    };
    let jsonl = (0..N).map(line).collect::<Vec<_>>().concat();
    let columns = vec![
        Series::new("logit_0".into(), vec![0.5; N]).into_column(),
        Series::new("logit_1".into(), vec![1.5; N]).into_column(),
        Series::new("logit_2".into(), vec![2.5; N]).into_column(),
        Series::new("label".into(), words).into_column(),
    ];
    let table = DataFrame::new(N, columns).expect("a frame");
    let folder = tempfile::tempdir().expect("a folder");
    let names = folder.path().join("names.txt");
    fs::write(&names, "ant\nbee\ncat\n").expect("written");
    let options = OpenOptions { class_names: Some(names), ..OpenOptions::default() };
    for (name, file, first) in [
        ("x.csv", csv.into_bytes(), 3),
        ("x.jsonl", jsonl.into_bytes(), 2),
        ("x.parquet", frame("parquet", table.clone()), 2),
        ("x.arrow", frame("arrow", table), 2),
    ] {
        let rows =
            [0, 3, 5].map(|after| format!("row {}, label \"eel\" is no class name", first + after));
        let words = format!("{} (and 1 more)", rows.join("; "));
        assert_said(name, &said_of(name, &[(name, &file)], &options), &words);
    }
}

#[test]
fn lists_that_differ_and_lists_with_holes() {
    let mut ragged = scores();
    ragged[3].pop();
    ragged[8].push(1.5);
    for form in ["jsonl", "jsonl.gz", "list.parquet", "list.arrow", "list.arrows"] {
        let said = said(form, &bytes(form, &ragged, &labels()));
        assert_said(
            form,
            &said,
            "row 4, column logits: the list holds 2 numbers and the first row 3; row 9, column logits: the list holds 4 numbers and the first row 3",
        );
    }
    let holes = |row: usize| (row == 6).then_some(1.5).xor(Some(0.5));
    let column: Vec<Option<f64>> = (0..N).map(holes).collect();
    let list = |row: usize| {
        let items = [Some(row as f64 / 4.0), (row != 6).then_some(0.25)];
        Series::new("".into(), items)
    };
    let lists: Vec<Series> = (0..N).map(list).collect();
    let label = Series::new("label".into(), [0i64, 1].repeat(N / 2)).into_column();
    let full =
        Series::new("logit_0".into(), (0..N).map(|row| row as f64 / 4.0).collect::<Vec<_>>());
    let wide = vec![
        full.into_column(),
        Series::new("logit_1".into(), column).into_column(),
        label.clone(),
    ];
    let nested = vec![Series::new("logits".into(), lists).into_column(), label];
    let [wide, nested] = [wide, nested].map(|columns| DataFrame::new(N, columns).expect("a frame"));
    for form in ["parquet", "arrow", "arrows"] {
        let of_wide = said(form, &frame(form, wide.clone()));
        assert_said(form, &of_wide, "row 7, column logit_1: the value is missing");
        let of_nested = said(form, &frame(form, nested.clone()));
        assert_said(form, &of_nested, "row 7, item 2 of column logits: the value is missing");
    }
}

#[test]
fn text_among_the_logits_is_named_by_row_and_column() {
    let csv = String::from_utf8(bytes("csv", &scores(), &labels())).expect("text");
    let lines: Vec<&str> = csv.lines().collect();
    let broken = csv.replacen(lines[5], &lines[5].replacen(',', ",oops", 1), 1);
    let tsv = broken.replace(',', "\t");
    for (name, file) in [
        ("x.csv", broken.clone().into_bytes()),
        ("x.tsv", tsv.into_bytes()),
        ("x.csv.gz", gzip(broken.as_bytes())),
    ] {
        let said = said(name, &file);
        assert_said(name, &said, "row 6, column logit_1: \"oops");
    }
    // A column of text between columns of numbers was once left out, and with it a class.
    let text = |row: usize| if row == 4 { "oops" } else { "0.5" };
    let number = |name: &str| Series::new(name.into(), vec![0.5; N]).into_column();
    let texts: Vec<&str> = (0..N).map(text).collect();
    let columns = vec![
        number("logit_0"),
        Series::new("logit_1".into(), texts).into_column(),
        number("logit_2"),
        Series::new("label".into(), [0i64, 1].repeat(N / 2)).into_column(),
    ];
    let table = DataFrame::new(N, columns).expect("a frame");
    for form in ["parquet", "arrow", "arrows"] {
        let said = said(form, &frame(form, table.clone()));
        assert_said(form, &said, "row 5, column logit_1: \"oops\" is not a number");
    }
    insta::assert_snapshot!(said("d.csv", b"logit_0,logit_1,label\n1.5,x,0\n1,y,1\n"), @r#"
    error: d.csv: row 2, column logit_1: "x" is not a number; row 3, column logit_1: "y" is not a number
    hint: correct the values in the file; a score that was lost is written nan, and a class that a row does not have -inf
    "#);
}

#[test]
fn two_columns_of_one_name() {
    let table = b"logit_0\tlogit_1\tlogit_1\tlabel\n1.5\t2\t3\t0\n";
    assert_said("tsv", &said("d.tsv", table), "two columns are called logit_1");
    insta::assert_snapshot!(said("d.jsonl", b"{\"logits\": [1.5, 2], \"label\": 0, \"label\": 1}\n"), @r"
    error: d.jsonl: row 1: two keys are called label
    hint: give each value a key of its own
    ");
    let keyed = b"{\"logits\": {\"a\": 1.5, \"a\": 2.5, \"b\": 3.5}, \"label\": \"a\"}\n";
    assert_said("jsonl", &said("d.jsonl", keyed), "two columns are called a");
    let file = |form: &str| replaced(&bytes(form, &scores(), &labels()), b"logit_2", b"logit_1");
    assert_said(
        "parquet",
        &said("d.parquet", &file("wide.parquet")),
        "two columns are called logit_1",
    );
    assert_said("arrow", &said("d.arrow", &file("wide.arrow")), "two columns have the same name");
}

/// `bytes` with every `from` replaced by the `to` of the same length.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert!(!places.is_empty() && from.len() == to.len());
    for at in places {
        out[at..at + to.len()].copy_from_slice(to);
    }
    out
}

#[test]
fn folders_without_a_data_set() {
    let options = OpenOptions::default();
    insta::assert_snapshot!(said_of("set", &[("set/notes.txt", b"hello")], &options), @r"
    error: set: the folder holds no data file
    hint: name a file
    ");
    let csv = bytes("csv", &scores(), &labels());
    insta::assert_snapshot!(said_of("set", &[("set/a.csv", &csv), ("set/b.csv", b"")], &options), @r"
    error: set/b.csv: the file is empty
    hint: copy or save it again
    ");
    insta::assert_snapshot!(said_of("set", &[("set/a.csv", &csv), ("set/b.bin", &[0; 50])], &options), @r"
    error: set: the folder holds files of several formats, so it is not one data set
    hint: name one of the files
    ");
    let parquet = bytes("list.parquet", &scores(), &labels());
    let cut = &parquet[..parquet.len() / 2];
    insta::assert_snapshot!(said_of("set", &[("set/a.parquet", &parquet), ("set/b.parquet", cut)], &options), @r"
    error: set/b.parquet: the Parquet footer is missing; the file is truncated or still being written
    hint: copy or save it again
    ");
    let other = bytes("csv", &[vec![0.5; 2], vec![1.5; 2]], &[0, 1]);
    insta::assert_snapshot!(said_of("set", &[("set/a.csv", &csv), ("set/b.csv", &other)], &options), @r"
    error: set/b.csv: column logit_2 is missing; the shards differ
    hint: open files of one schema only
    ");
}

#[test]
fn foreign_files_are_told_what_is_read() {
    for (name, bytes) in [("a.jpg", &b"\xff\xd8\xff\xe0\0\x10JFIF"[..]), ("a.bin", &[0; 64])] {
        assert_said(name, &said(name, bytes), "this is no format that can be read (CSV, TSV,");
    }
    insta::assert_snapshot!(said("d.csv", b"\xff\xfea\0,\0b\0\n\0"), @r"
    error: d.csv: this is UTF-16 text
    hint: write it as UTF-8: `iconv -f utf-16 -t utf-8 FILE > NEW`
    ");
    let archive = archive(&[("readme.txt", b"hello".to_vec())], zip::CompressionMethod::Stored);
    insta::assert_snapshot!(said("d.zip", &archive), @r"
    error: d.zip: the zip archive holds no .npy array
    hint: save one: `np.savez(path, logits=logits, labels=labels)`
    ");
}
