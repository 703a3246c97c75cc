//! Tables in pieces are the tables at once, bit for bit; rows are named across pieces; and files that
//! change are errors. Runs of lines are a kilobyte here, so that small files have many.

use std::fs::{self, File};
use std::path::Path;

use polars::prelude::{IntoColumn, NamedFrom, Series};

use crate::data::{BatchSource, SourceError, ValuesRef};
use crate::io::{IoError, Loaded, OpenOptions, Part, RowRange, Source, open};

mod forms;

use forms::{N_CLASSES, N_ROWS, csv, forms, gzip, json, label, parquet, part, row_of, score, wide};

fn options(memory: Option<u64>, part: Part) -> OpenOptions {
    OpenOptions { part, memory, ..OpenOptions::default() }
}

fn load(path: &Path, options: &OpenOptions) -> Loaded {
    open(path, options, &mut |_| true).unwrap_or_else(|e| panic!("{e} {:?}", e.hint))
}

/// All scores in one pass, widened, as bits; a NaN is a NaN.
fn bits(source: &Source) -> Vec<u64> {
    let bit = |v: f64| if v.is_nan() { 1 } else { v.to_bits() };
    let mut all = Vec::new();
    let read = source.read(&mut |batch| {
        match batch.values {
            ValuesRef::F32(v) => all.extend(v.iter().map(|v| bit(f64::from(*v)))),
            ValuesRef::F64(v) => all.extend(v.iter().map(|v| bit(*v))),
        }
        Ok(())
    });
    read.unwrap();
    all
}

fn bits_of(rows: impl Iterator<Item = usize>) -> Vec<u64> {
    let bit = |v: f32| match f64::from(v) {
        v if v.is_nan() => 1,
        v => v.to_bits(),
    };
    rows.flat_map(row_of).map(bit).collect()
}

fn labels_of(source: &Source) -> Vec<i64> {
    source.labels().iter().map(|l| l.as_i64()).collect()
}

/// Nothing is kept; text is given up in the middle; everything is kept.
const MEMORIES: [Option<u64>; 3] = [Some(0), Some(9000), None];

#[test]
fn tables_in_pieces_are_the_tables_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let expected = bits_of(0..N_ROWS);
    let labels: Vec<i64> = (0..N_ROWS).map(label).collect();
    for path in forms(folder.path()) {
        for memory in MEMORIES {
            let what = format!("{} {memory:?}", path.display());
            let loaded = load(&path, &options(memory, Part::All));
            assert_eq!(labels_of(&loaded.fit), labels, "{what}");
            for _ in 0..2 {
                assert!(bits(&loaded.fit) == expected, "{what}");
            }
            let range = RowRange { start: 47, end: 311 };
            let some = OpenOptions { rows: Some(range), ..options(memory, Part::All) };
            let loaded = load(&path, &some);
            assert_eq!(labels_of(&loaded.fit), labels[47..311], "{what}");
            assert!(bits(&loaded.fit) == bits_of(47..311), "{what}");
        }
    }
}

#[test]
fn parts_in_pieces_and_their_samples() {
    let folder = tempfile::tempdir().unwrap();
    let rows_of = |name: &'static str| (0..N_ROWS).filter(move |row| part(*row) == name);
    for path in forms(folder.path()) {
        for memory in MEMORIES {
            let what = format!("{} {memory:?}", path.display());
            let loaded = load(&path, &options(memory, Part::Auto));
            let test = loaded.test.expect("a test part");
            assert!(bits(&loaded.fit) == bits_of(rows_of("val")), "{what}");
            assert!(bits(&test) == bits_of(rows_of("test")), "{what}");
            let labels: Vec<i64> = rows_of("test").map(label).collect();
            assert_eq!(labels_of(&test), labels, "{what}");
            // So few rows are all in the sample.
            let mut n_sampled = 0;
            let sampled = test.sample(usize::MAX, &mut |batch| {
                n_sampled += batch.labels.len();
                Ok(())
            });
            assert!(sampled.is_ok() && n_sampled == labels.len(), "{what}");
        }
    }
}

#[test]
fn keyed_objects_in_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyed.jsonl");
    fs::write(&path, json(true)).unwrap();
    let cell = |i: usize| ((i / N_CLASSES * (i % N_CLASSES)) as f64 / 4.0).to_bits();
    let expected: Vec<u64> = (0..N_ROWS * N_CLASSES).map(cell).collect();
    for memory in MEMORIES {
        let loaded = load(&path, &options(memory, Part::All));
        assert!(bits(&loaded.fit) == expected);
        let names = loaded.info.class_names.expect("names");
        assert_eq!(names.as_slice()[6], "c6");
    }
}

/// What is said of a text file in pieces, wherever it is found.
fn said(name: &str, text: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    let said = MEMORIES.map(|memory| {
        let error = open(&path, &options(memory, Part::All), &mut |_| true).expect_err("refused");
        assert_eq!(error.path, path);
        error.message
    });
    assert!(said.iter().all(|other| *other == said[0]), "{said:?}");
    said[0].clone()
}

#[test]
fn rows_are_named_across_runs_of_lines() {
    let line = |row: usize| format!("{}.5,1,{}\n", row % 10, row % 2);
    let table = |odd: &str| {
        let before: String = (0..900).map(line).collect();
        let after: String = (0..900).map(line).collect();
        format!("z0,z1,label\n{before}{odd}\n{after}")
    };
    for (odd, words) in [
        ("x,1,0", "row 902, column z0: \"x\" is not a number"),
        ("1,2,3,4", "row 902: 4 cells, and the header has 3"),
        ("1,2,", "row 902, column label: the label is missing"),
        ("1,,0", "row 902, column z1: the value is missing"),
    ] {
        assert_eq!(said("d.csv", table(odd).as_bytes()), words);
        assert_eq!(said("d.csv.gz", &gzip(&table(odd))), words);
    }
    let latin: Vec<u8> = table("1,2,#").bytes().map(|b| if b == b'#' { 0xe9 } else { b }).collect();
    assert_eq!(said("d.csv", &latin), "row 902: this is not UTF-8 text");
    let object = |row: usize| format!("{{\"logits\": [{row}.5, 1], \"label\": 1}}\n");
    let lines = |odd: &str| {
        let before: String = (0..1200).map(object).collect();
        format!("{before}{odd}\n{}", object(7))
    };
    for (odd, words) in [
        (
            "{\"logits\": [1.5, \"x\"], \"label\": 1}",
            "row 1,201, item 2 of column logits: \"x\" is not a number",
        ),
        (
            "{\"logits\": [1.5], \"label\": 1}",
            "row 1,201, column logits: the list holds 1 numbers and the first row 2",
        ),
        (
            "{\"logits\": [1.5, 2], \"label\": 1",
            "row 1,201, character 31: not a JSON object: EOF while parsing an object",
        ),
    ] {
        assert_eq!(said("d.jsonl", lines(odd).as_bytes()), words);
    }
}

#[test]
fn packed_text_that_ends_early_is_truncated() {
    let mut packed = gzip(&csv());
    packed.truncate(packed.len() - 20);
    assert_eq!(said("d.csv.gz", &packed), "the file ends early; it is truncated");
}

#[test]
fn fractions_after_a_thousand_whole_numbers_are_read() {
    let object = |a: &str| format!("{{\"logits\": {{\"x\": {a}, \"y\": 2}}, \"label\": \"y\"}}\n");
    let text = object("1").repeat(1100) + &object("1.75");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.jsonl");
    fs::write(&path, text).unwrap();
    for memory in MEMORIES {
        let last = bits(&load(&path, &options(memory, Part::All)).fit)[2200];
        assert_eq!(last, 1.75f64.to_bits());
    }
}

/// A bad cell in a row group is found by the pass, and named.
#[test]
fn a_missing_score_is_named_by_its_row() {
    let folder = tempfile::tempdir().unwrap();
    let holes = |row: usize| (row != 333).then(|| score(row, 0));
    let mut frame = wide(0..N_ROWS);
    let column: Vec<Option<f32>> = (0..N_ROWS).map(holes).collect();
    frame.replace("logit_0", Series::new("logit_0".into(), column).into_column()).unwrap();
    let path = parquet(&folder.path().join("holes.parquet"), frame);
    let words = "row 334, column logit_0: the value is missing";
    let error = open(&path, &options(None, Part::All), &mut |_| true).expect_err("refused");
    assert_eq!((error.path, error.message.as_str()), (path, words));
}

fn change(path: &Path) {
    let file = File::options().write(true).open(path).unwrap();
    let n_bytes = file.metadata().unwrap().len();
    file.set_len(n_bytes / 2).unwrap();
}

fn assert_noticed(result: Result<(), SourceError>, path: &Path) {
    let Err(SourceError::Read(error)) = result else { panic!("{}: {result:?}", path.display()) };
    let error = error.downcast::<IoError>().unwrap();
    let words = "the file changed while it was read: it had ";
    assert!(error.message.starts_with(words), "{error}");
    assert_eq!(error.path, path);
}

#[test]
fn a_table_that_is_cut_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for path in forms(folder.path()) {
        let cut = if path.is_dir() { path.join("part-2.parquet") } else { path.clone() };
        let loaded = load(&path, &options(Some(0), Part::All));
        let mut is_first = true;
        let result = loaded.fit.read(&mut |_| {
            if std::mem::take(&mut is_first) {
                change(&cut);
            }
            Ok(())
        });
        // So few scores of CSV are one block, which is delivered when all of them are read.
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let at_once = name.contains(".csv");
        if at_once {
            assert!(result.is_ok());
        } else {
            assert_noticed(result, &cut);
        }
        assert_noticed(loaded.fit.read(&mut |_| Ok(())), &cut);
    }
}
