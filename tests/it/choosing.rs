//! What is chosen among names: parts by their synonyms and not swapped, labels and steps by precedence, steps by number.

use std::fmt::Write as _;
use std::fs;

use logitscope::data::{BatchSource, ValuesRef};
use logitscope::io::{self, Loaded, OpenOptions};

use crate::forms::{archive, npy};
use crate::shared;

const ROWS: usize = 12;

/// Scores that tell where they come from: `mark` + row / 16 in the first of three classes.
fn scores(mark: f64) -> Vec<u8> {
    let row = |row: usize| [mark + row as f64 / 16.0, 0.5, -1.25];
    (0..ROWS).flat_map(row).flat_map(f64::to_le_bytes).collect()
}

fn labels(shift: usize) -> Vec<i64> {
    (0..ROWS).map(|row| i64::try_from((row + shift) % 3).expect("small")).collect()
}

fn logits_array(mark: f64) -> Vec<u8> {
    npy("<f8", &format!("({ROWS}, 3)"), &scores(mark))
}

fn labels_array(shift: usize) -> Vec<u8> {
    let bytes: Vec<u8> = labels(shift).into_iter().flat_map(i64::to_le_bytes).collect();
    npy("<i8", &format!("({ROWS},)"), &bytes)
}

fn arrays(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let named: Vec<(String, Vec<u8>)> =
        members.iter().map(|(name, bytes)| (format!("{name}.npy"), bytes.clone())).collect();
    let members: Vec<(&str, Vec<u8>)> =
        named.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    archive(&members, zip::CompressionMethod::Stored)
}

fn open(name: &str, bytes: &[u8], options: &OpenOptions) -> Result<Loaded, String> {
    let opened = io::open_bytes(name, bytes, options);
    opened.map_err(|error| format!("{error}; {}", error.hint.as_deref().unwrap_or("")))
}

/// The mark and the labels of the rows.
fn marks(source: &dyn BatchSource) -> (Vec<f64>, Vec<usize>) {
    let (mut first, mut labels) = (Vec::new(), Vec::new());
    let read = source.read(&mut |batch| {
        let k = batch.n_classes;
        match batch.values {
            ValuesRef::F32(v) => first.extend(v.chunks(k).map(|row| f64::from(row[0]))),
            ValuesRef::F64(v) => first.extend(v.chunks(k).map(|row| row[0])),
        }
        labels.extend(batch.labels.iter().filter_map(|label| label.index()));
        Ok(())
    });
    read.expect("read");
    (first, labels)
}

fn wanted(mark: f64, shift: usize) -> (Vec<f64>, Vec<usize>) {
    let first = (0..ROWS).map(|row| mark + row as f64 / 16.0).collect();
    (first, (0..ROWS).map(|row| (row + shift) % 3).collect())
}

const VAL: [&str; 5] = ["val", "valid", "validation", "dev", "eval"];
const TEST: [&str; 2] = ["test", "testing"];

#[test]
fn parts_of_arrays_by_every_name_and_in_either_order() {
    for val in VAL {
        for test in TEST {
            let names = |part: &str| [format!("{part}_logits"), format!("{part}_labels")];
            let ([val_z, val_y], [test_z, test_y]) = (names(val), names(test));
            let of_val = [(&val_z[..], logits_array(2.0)), (&val_y[..], labels_array(0))];
            let of_test = [(&test_z[..], logits_array(-3.0)), (&test_y[..], labels_array(1))];
            for members in [[of_val.clone(), of_test.clone()], [of_test, of_val]] {
                let loaded = open("x.npz", &arrays(&members.concat()), &OpenOptions::default());
                let loaded = loaded.unwrap_or_else(|said| panic!("{val}, {test}: {said}"));
                assert_eq!(marks(&loaded.fit), wanted(2.0, 0), "{val} is fitted on");
                let judged = loaded.test.expect("two parts");
                assert_eq!(marks(&judged), wanted(-3.0, 1), "{test} is judged on");
            }
        }
    }
}

/// Lines of a table: a part, three scores, a label.
fn lines(part: &str, mark: f64, shift: usize) -> Vec<(String, [f64; 3], usize)> {
    let row =
        |row: usize| (part.to_owned(), [mark + row as f64 / 16.0, 0.5, -1.25], (row + shift) % 3);
    (0..ROWS).map(row).collect()
}

#[test]
fn parts_of_tables_by_every_name_and_in_either_order() {
    for column in ["split", "subset", "partition"] {
        for (val, test) in VAL.into_iter().flat_map(|val| TEST.map(|test| (val, test))) {
            for swapped in [false, true] {
                let mut all = [lines(val, 2.0, 0), lines(test, -3.0, 1)];
                if swapped {
                    all.reverse();
                }
                let all = all.concat();
                let csv =
                    all.iter().map(|(part, [a, b, c], y)| format!("{part},{a},{b},{c},{y}\n"));
                let csv =
                    format!("{column},logit_0,logit_1,logit_2,label\n{}", csv.collect::<String>());
                let json = all.iter().map(|(part, z, y)| {
                    format!("{{\"{column}\": \"{part}\", \"logits\": {z:?}, \"label\": {y}}}\n")
                });
                let json: String = json.collect();
                for (name, text) in [("x.csv", &csv), ("x.jsonl", &json)] {
                    let what = format!("{name}: {column} of {val} and {test}, swapped {swapped}");
                    let loaded = open(name, text.as_bytes(), &OpenOptions::default());
                    let loaded = loaded.unwrap_or_else(|said| panic!("{what}: {said}"));
                    assert_eq!(marks(&loaded.fit), wanted(2.0, 0), "{what}: fitted on");
                    let judged = loaded.test.unwrap_or_else(|| panic!("{what}: no test part"));
                    assert_eq!(marks(&judged), wanted(-3.0, 1), "{what}: judged on");
                }
            }
        }
    }
}

/// Names of labels, the better one first: both hold whole numbers below K.
const BETTER_LABELS: [[&str; 2]; 5] = [
    ["labels", "targets"],
    ["label", "target"],
    ["target", "y_true"],
    ["y_true", "gold"],
    ["label", "class"],
];

#[test]
fn labels_by_the_better_name_or_a_question() {
    for [better, worse] in BETTER_LABELS {
        for first in [better, worse] {
            let member = |name| (name, labels_array(usize::from(name == worse)));
            let second = if first == better { worse } else { better };
            let members = [("logits", logits_array(1.0)), member(first), member(second)];
            let header = format!("logit_0,logit_1,logit_2,{first},{second}\n");
            let shift = |name| usize::from(name == worse);
            let row = |row: usize| {
                let (a, b) = ((row + shift(first)) % 3, (row + shift(second)) % 3);
                format!("{},0.5,-1.25,{a},{b}\n", 1.0 + row as f64 / 16.0)
            };
            let csv = header + &(0..ROWS).map(row).collect::<String>();
            let files = [("x.npz", arrays(&members)), ("x.csv", csv.into_bytes())];
            for (file, bytes) in files {
                match open(file, &bytes, &OpenOptions::default()) {
                    Ok(loaded) => {
                        let what = format!("{file}: {better} before {worse}");
                        assert_eq!(marks(&loaded.fit), wanted(1.0, 0), "{what}");
                    }
                    Err(said) => assert!(
                        said.contains(better) && said.contains(worse) && said.contains("--labels"),
                        "{file}: {said}"
                    ),
                }
                for (name, shift) in [(better, 0), (worse, 1)] {
                    let options =
                        OpenOptions { labels: Some(name.to_owned()), ..OpenOptions::default() };
                    let loaded = open(file, &bytes, &options).expect("chosen by name");
                    assert_eq!(marks(&loaded.fit), wanted(1.0, shift), "{file}: --labels {name}");
                }
            }
        }
    }
}

/// Arrays of steps 9, 10 and 100, in the order of text and in another.
#[test]
fn steps_of_arrays_by_number() {
    for order in [[100, 10, 9], [9, 100, 10], [10, 9, 100]] {
        let names = order.map(|step| (format!("logits_step{step}"), f64::from(step)));
        let mut members: Vec<(&str, Vec<u8>)> =
            names.iter().map(|(name, step)| (name.as_str(), logits_array(*step))).collect();
        members.push(("labels", labels_array(0)));
        let bytes = arrays(&members);
        let last = open("x.npz", &bytes, &OpenOptions::default()).expect("a run");
        assert_eq!(marks(&last.fit), wanted(100.0, 0), "the last step of {order:?}");
        for step in order {
            let wanted_step = u64::try_from(step).expect("positive");
            let options = OpenOptions { step: Some(wanted_step), ..OpenOptions::default() };
            let loaded = open("x.npz", &bytes, &options).expect("there is one");
            assert_eq!(marks(&loaded.fit), wanted(f64::from(step), 0), "step {step}");
        }
    }
}

/// Columns of a run: the better name decides, whatever stands first; steps go by number.
#[test]
fn steps_of_tables_by_the_better_name_and_by_number() {
    for better_first in [true, false] {
        let names = if better_first { "global_step,step" } else { "step,global_step" };
        let mut csv = format!("{names},logit_0,logit_1,logit_2,label\n");
        for (global, step) in [(9, 2), (100, 1), (10, 3)] {
            for row in 0..ROWS {
                let steps = if better_first {
                    format!("{global},{step}")
                } else {
                    format!("{step},{global}")
                };
                let z = f64::from(global) + row as f64 / 16.0;
                writeln!(csv, "{steps},{z},0.5,-1.25,{}", row % 3).expect("text");
            }
        }
        let loaded = open("x.csv", csv.as_bytes(), &OpenOptions::default()).expect("a run");
        assert_eq!(marks(&loaded.fit), wanted(100.0, 0), "{names}");
        let ninth = OpenOptions { step: Some(9), ..OpenOptions::default() };
        let loaded = open("x.csv", csv.as_bytes(), &ninth).expect("there is one");
        assert_eq!(marks(&loaded.fit), wanted(9.0, 0), "{names}");
    }
}

/// Companions of a lone array lie beside it, and go with its part.
#[test]
fn companions_go_with_their_part() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: Vec<u8>| {
        fs::write(folder.path().join(name), bytes).expect("written");
    };
    write("val_logits.npy", logits_array(2.0));
    write("val_labels.npy", labels_array(0));
    write("test_logits.npy", logits_array(-3.0));
    write("test_labels.npy", labels_array(1));
    for (name, mark, shift) in [("val_logits.npy", 2.0, 0), ("test_logits.npy", -3.0, 1)] {
        let loaded = shared::open(&folder.path().join(name), &OpenOptions::default());
        assert_eq!(marks(&loaded.fit), wanted(mark, shift), "{name}");
    }
    let both = shared::open(folder.path(), &OpenOptions::default());
    assert_eq!(marks(&both.fit), wanted(2.0, 0), "the folder is fitted on val");
    assert_eq!(marks(&both.test.expect("two parts")), wanted(-3.0, 1), "and judged on test");
}
