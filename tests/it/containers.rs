//! Arrays in torch, pickle and HDF5 files, as their own libraries write them: `tests/fixtures`.

use std::fs;
use std::path::{Path, PathBuf};

use logitscope::data::{BatchSource, ValuesRef};
use logitscope::io::{self, IoError, Loaded, OpenOptions, Part};

use crate::shared;

/// Rows of the first part, and of all, in every fixture; and classes.
const N: usize = 8;
const N_ALL: usize = 12;
const K: usize = 4;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The logits and labels that the scripts beside the fixtures define.
fn expected(rows: std::ops::Range<usize>) -> (Vec<f64>, Vec<i64>) {
    let logit = |i: usize, k: usize| ((7 * i + 3 * k) % 11) as f64 / 2.0 - 2.0;
    let logits = rows.clone().flat_map(|i| (0..K).map(move |k| logit(i, k)));
    let labels = rows.map(|i| i64::try_from((3 * i + 1) % K).expect("small"));
    (logits.collect(), labels.collect())
}

/// All rows of a source, in order.
fn content(source: &dyn BatchSource) -> (Vec<f64>, Vec<i64>) {
    let (mut logits, mut labels) = (Vec::new(), Vec::new());
    let read = source.read(&mut |batch| {
        match batch.values {
            ValuesRef::F32(v) => logits.extend(v.iter().map(|z| f64::from(*z))),
            ValuesRef::F64(v) => logits.extend(v),
        }
        labels.extend(batch.labels.iter().map(|l| l.as_i64()));
        Ok(())
    });
    read.expect("the source can be read");
    (logits, labels)
}

fn open(name: &str, options: &OpenOptions) -> Result<Loaded, IoError> {
    io::open(&fixture(name), options, &mut |_| true)
}

/// Opens a fixture, checks rows and labels of its first part, and returns what was understood.
fn check(name: &str, dtype: &str) -> Loaded {
    let loaded = shared::open(&fixture(name), &OpenOptions::default());
    assert_eq!(content(&loaded.fit), expected(0..N), "{name}");
    assert_eq!(loaded.info.dtype, dtype, "{name}");
    loaded
}

fn message(name: &str) -> String {
    let error = open(name, &OpenOptions::default()).expect_err(name);
    let hint = error.hint.clone().unwrap_or_default();
    let folder = fixture(name);
    let folder = folder.parent().expect("a folder").display();
    format!("error: {error}\nhint: {hint}").replace(&format!("{folder}/"), "")
}

#[test]
fn torch_files_of_every_form() {
    for (name, dtype) in [
        ("torch/dict.pt", "f32"),
        ("torch/tuple.pt", "f32"),
        ("torch/list.pt", "f32"),
        ("torch/f16.pt", "f16"),
        ("torch/bf16.pt", "bf16"),
        ("torch/f64.pt", "f64"),
        ("torch/one_hot.pt", "f32"),
        ("torch/parameter.pt", "f32"),
        ("torch/numpy_inside.pt", "f32"),
        ("torch/plain_labels.pt", "f32"),
        ("torch/transposed.pt", "f32"),
        ("torch/cut_out.pt", "f32"),
        ("torch/batches.pt", "f32"),
        ("torch/records.pt", "f32"),
        ("torch/pairs.pt", "f32"),
        ("torch/rows.pt", "f32"),
        ("torch/steps.pt", "f32"),
        ("torch/legacy.pt", "f32"),
        ("torch/legacy_views.pt", "bf16"),
        ("torch/pair/val_logits.pt", "f32"),
        ("torch/torch2.pt", "f32"),
        ("torch/big_endian.pt", "f32"),
        ("torch/deflated.pt", "f32"),
    ] {
        let loaded = check(name, dtype);
        assert_eq!(loaded.info.format, "torch", "{name}");
        assert!(loaded.test.is_none(), "{name}");
    }
}

#[test]
fn numpy_pickles_of_every_protocol() {
    for numpy in ["np1", "np2"] {
        let file = |name: String| format!("pickle/{numpy}_{name}.pkl");
        for protocol in 0..6 {
            check(&file(format!("dict_{protocol}")), "f32");
        }
        for name in ["fortran_5", "records_4", "scalars_4", "stream_4"] {
            check(&file(name.to_owned()), "f32");
        }
        for name in ["fortran_4", "lists_0", "lists_4"] {
            check(&file(name.to_owned()), "f64");
        }
        let named = check(&file("texts_4".to_owned()), "f32");
        let names = named.info.class_names.expect("the labels are names");
        assert_eq!(names.as_slice(), ["w", "x", "y", "z"]);
    }
}

#[test]
fn hdf5_files_of_every_layout() {
    for (name, dtype) in [
        ("hdf5/plain.h5", "f32"),
        ("hdf5/packed.h5", "f32"),
        ("hdf5/latest.h5", "f32"),
        ("hdf5/f16.h5", "f16"),
        ("hdf5/big_endian.h5", "f64"),
        ("hdf5/texts.h5", "f32"),
        ("hdf5/vlen.h5", "f32"),
        ("hdf5/vlen_packed.h5", "f32"),
    ] {
        assert_eq!(check(name, dtype).info.format, "hdf5", "{name}");
    }
}

#[test]
fn text_of_varying_length_is_read_from_the_heap_of_the_file() {
    for name in ["hdf5/vlen.h5", "hdf5/vlen_packed.h5"] {
        let loaded = check(name, "f32");
        let names = loaded.info.class_names.expect("the labels are names");
        assert_eq!(names.as_slice(), ["w", "x", "y", "z"]);
        let carried = loaded.fit.carried();
        let ids = carried.column("id").expect("ids");
        let id = |row| ids.values.shown(row);
        assert_eq!(id(0).as_deref(), Some("row 0 "));
        assert_eq!(id(3).as_deref(), Some("row 3 long long long "));
        assert_eq!(id(5).as_deref(), Some("Zeile \u{e9}"));
    }
}

#[test]
fn text_that_is_not_where_the_file_says_is_an_error() {
    let bytes = fs::read(fixture("hdf5/vlen.h5")).expect("a file");
    let heap = bytes.windows(4).position(|w| w == b"GCOL").expect("a heap");
    let open = |bytes: &[u8]| io::open_bytes("a.h5", bytes, &OpenOptions::default());
    assert!(open(&bytes).is_ok());
    for (at, byte) in [(heap, b'X'), (heap + 16, 200)] {
        let mut damaged = bytes.clone();
        damaged[at] = byte;
        let error = open(&damaged).expect_err("no heap");
        assert!(error.hint.is_some(), "{error}");
    }
    let word = bytes.windows(5).position(|w| w == b"row 1").expect("a text");
    let mut damaged = bytes;
    damaged[word] = 0xff;
    let error = open(&damaged).expect_err("no text");
    assert!(error.message.contains("id: element 2 is not UTF-8"), "{error}");
}

#[test]
fn a_val_and_a_test_part() {
    for name in [
        "torch/nested.pt",
        "torch/parts.pt",
        "torch/shared.pt",
        "pickle/np1_parts_2.pkl",
        "pickle/np2_parts_3.pkl",
        "hdf5/groups.h5",
    ] {
        let loaded = check(name, "f32");
        let test = loaded.test.expect("there is a test part");
        assert_eq!(content(&test), expected(N..N_ALL), "{name}");
        let test = OpenOptions { part: Part::Test, ..OpenOptions::default() };
        let loaded = shared::open(&fixture(name), &test);
        assert_eq!(content(&loaded.fit), expected(N..N_ALL), "{name}");
    }
}

#[test]
fn parts_known_by_position_are_a_guess() {
    let loaded = check("torch/parts.pt", "f32");
    let guess = loaded.info.guesses.iter().find(|g| g.what == "names");
    assert!(guess.is_some_and(|g| g.chosen.contains("test logits")));
}

/// Three sentences of four tokens; the last is padding.
#[test]
fn tokens_are_rows_and_padding_is_left_out() {
    for name in
        ["torch/tokens.pt", "torch/tokens_mask.pt", "torch/tokens_transposed.pt", "hdf5/tokens.h5"]
    {
        let loaded = shared::open(&fixture(name), &OpenOptions::default());
        let (mut logits, mut labels) = expected(0..N);
        logits.extend([0.0; 4 * K]);
        labels.extend([-100; 4]);
        assert_eq!(content(&loaded.fit), (logits, labels), "{name}");
        let counts = shared::study_of(loaded).counts;
        assert_eq!((counts.read, counts.used), (12, 8), "{name}");
    }
}

#[test]
fn a_step_of_a_series_by_its_number() {
    let step = OpenOptions { step: Some(100), ..OpenOptions::default() };
    let loaded = open("torch/steps.pt", &step).expect("there is a step 100");
    let (logits, labels) = expected(0..N);
    let negated = logits.iter().map(|z| -z).collect();
    assert_eq!(content(&loaded.fit), (negated, labels));
}

#[test]
fn rows_of_a_part_and_a_file_of_labels_by_name() {
    let rows = Some(io::RowRange { start: 2, end: 7 });
    for name in ["torch/cut_out.pt", "torch/batches.pt", "hdf5/packed.h5"] {
        let options = OpenOptions { rows, ..OpenOptions::default() };
        let loaded = shared::open(&fixture(name), &options);
        assert_eq!(content(&loaded.fit), expected(2..7), "{name}");
    }
    let labels = fixture("torch/pair/val_labels.pt").display().to_string();
    let options = OpenOptions { labels: Some(labels), ..OpenOptions::default() };
    let loaded = shared::open(&fixture("torch/pair/val_logits.pt"), &options);
    assert_eq!(content(&loaded.fit), expected(0..N));
}

#[test]
fn what_cannot_be_read_is_said() {
    insta::assert_snapshot!(message("torch/complex.pt"), @r#"
        error: complex.pt: logits: elements of type complex cannot be read
        hint: save it as a plain array: `np.save(path, np.asarray(x, dtype=np.float32))`
        "#);
    insta::assert_snapshot!(message("torch/repeated.pt"), @r#"
        error: repeated.pt: logits (f32, 1000 x 4) is larger than the file
        hint: save the tensors themselves and no views that repeat them: `x.clone()`
        "#);
    insta::assert_snapshot!(message("pickle/np2_objects_4.pkl"), @r#"
        error: np2_objects_4.pkl: labels: elements of type pickled objects cannot be read
        hint: save it as a plain array: `np.save(path, np.asarray(x, dtype=np.float32))`
        "#);
}

/// Nothing in a pickle is ever run: what it asks for is named, and the file it would write is not there.
#[test]
fn hostile_pickles_are_refused_by_name() {
    insta::assert_snapshot!(message("torch/hostile.pt"), @r#"
        error: hostile.pt: the pickle asks to run posix.system, which is refused: only plain tensors and arrays are read, and no code is run
        hint: save `torch.save({"logits": logits, "labels": labels}, "val.pt")`, or use np.savez
        "#);
    for name in ["hostile_0.pkl", "hostile_2.pkl", "hostile_4.pkl"] {
        let said = message(&format!("torch/{name}"));
        assert!(said.contains("posix.system"), "{said}");
    }
    insta::assert_snapshot!(message("torch/load_from_bytes.pkl"), @r#"
        error: load_from_bytes.pkl: the pickle asks to run torch.storage._load_from_bytes, which is refused: only plain tensors and arrays are read, and no code is run
        hint: save `torch.save({"logits": logits, "labels": labels}, "val.pt")`, or use np.savez
        "#);
    for folder in [Path::new("."), &fixture("torch")] {
        assert!(!folder.join("PWNED").exists(), "a command was run");
    }
}

/// The same rows where nothing may be kept in memory.
#[test]
fn rows_read_in_pieces_are_the_rows() {
    for name in [
        "torch/dict.pt",
        "torch/transposed.pt",
        "torch/batches.pt",
        "torch/big_endian.pt",
        "torch/legacy_views.pt",
        "pickle/np1_dict_0.pkl",
        "pickle/np2_fortran_5.pkl",
        "hdf5/packed.h5",
    ] {
        let options = OpenOptions { memory: Some(0), ..OpenOptions::default() };
        let loaded = shared::open(&fixture(name), &options);
        for _ in 0..2 {
            assert_eq!(content(&loaded.fit), expected(0..N), "{name}");
        }
    }
}

#[test]
fn a_file_that_changes_is_an_error() {
    for name in ["torch/transposed.pt", "torch/dict.pt", "hdf5/packed.h5"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("file");
        fs::copy(fixture(name), &path).expect("a copy");
        let options = OpenOptions { memory: Some(0), ..OpenOptions::default() };
        let loaded = shared::open(&path, &options);
        let file = fs::File::options().append(true).open(&path);
        file.and_then(|file| file.set_len(300)).expect("cut");
        let read = loaded.fit.read(&mut |_| Ok(()));
        let said = read.expect_err("the file was cut").to_string();
        assert!(said.contains("changed while it was read"), "{name}: {said}");
    }
}

/// A safetensors file with this header and 64 bytes of numbers.
fn safetensors(header: &str) -> String {
    let length = (header.len() as u64).to_le_bytes();
    let bytes = [&length[..], header.as_bytes(), &[0; 64]].concat();
    let error = io::open_bytes("x", &bytes, &OpenOptions::default()).expect_err(header);
    error.to_string()
}

#[test]
fn safetensors_headers_are_read_strictly() {
    let one = r#"{"logits":{"dtype":"F32","shape":[4,4],"data_offsets":[0,64]}}"#;
    assert!(safetensors(one).contains("no labels"));
    insta::assert_snapshot!(safetensors(&one.replace("64]", "60]")), @"x: the safetensors file is damaged: logits (f32, 4 x 4) does not fill 60 bytes");
    insta::assert_snapshot!(safetensors(&one.replace("[0,64]", "[64,128]")), @"x: the safetensors file is damaged: logits (f32, 4 x 4) lies at bytes 64 to 128 of 64 there are");
    insta::assert_snapshot!(safetensors(&one.replace("[0,64]", "[64,0]")), @"x: the safetensors file is damaged: logits (f32, 4 x 4) lies at bytes 64 to 0 of 64 there are");
    insta::assert_snapshot!(safetensors(&one.replace("[4,4]", "[4294967296,4294967296]")), @"x: the safetensors file is damaged: logits (f32, 4294967296 x 4294967296) does not fill 64 bytes");
    insta::assert_snapshot!(safetensors(&one.replace("F32", "F8_E5M2").replace("64]", "16]")), @"x: logits: elements of type F8_E5M2 cannot be read");
    let entry = &one[1..one.len() - 1];
    insta::assert_snapshot!(safetensors(&format!("{{{entry},{entry}}}")), @"x: the safetensors file is damaged: two tensors are called logits");
    assert!(safetensors(&one[..one.len() - 1]).contains("the header is not valid"));
}

/// Damage at every place of the smaller fixtures: an error or some numbers, but an answer.
#[test]
fn every_truncation_gives_an_answer() {
    for folder in ["torch", "pickle", "hdf5"] {
        for entry in fs::read_dir(fixture(folder)).expect("a folder of fixtures") {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|e| e == "py" || e == "md") {
                continue;
            }
            let bytes = fs::read(&path).expect("a fixture");
            for end in 0..bytes.len() {
                let opened = io::open_bytes("cut", &bytes[..end], &OpenOptions::default());
                // What lies behind the last array may be missing: an index, padding.
                if let Ok(loaded) = opened {
                    assert!(loaded.info.n_classes >= 2);
                }
            }
        }
    }
}
