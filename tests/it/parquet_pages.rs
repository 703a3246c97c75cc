//! Parquet of three writers, whole and damaged: pages are looked at before anything is reserved for what they claim.

use std::fs;
use std::path::{Path, PathBuf};

use logitscope::data::{BatchSource, ValuesRef};
use logitscope::io::{OpenOptions, open, open_bytes, peek};

use crate::allocations::Counting;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parquet")
}

/// The files of `folder`, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "parquet")).collect();
    paths.sort();
    paths
}

fn kept(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).expect("a fixture")
}

/// Logits and labels of `tests/fixtures/parquet/make.py`.
fn expected() -> (Vec<f64>, Vec<Option<usize>>) {
    let z = |row: u32, class: u32| f64::from((row * 5 + class * 7) % 11) / 2.0 - 1.75;
    let logits = (0..60).flat_map(|row| (0..3).map(move |class| z(row, class)));
    (logits.collect(), (0..60).map(|row| Some(row % 3)).collect())
}

#[test]
fn every_writer_is_read_to_the_same_rows() {
    let mut paths = files(&fixtures());
    assert_eq!(paths.len(), 14);
    if let Some(more) = std::env::var_os("LOGITSCOPE_PARQUET") {
        paths.extend(files(Path::new(&more)));
    }
    let (logits, labels) = expected();
    for path in paths {
        for memory in [None, Some(0)] {
            let options = OpenOptions {
                memory,
                slices: vec!["group".to_owned(), "flag".to_owned()],
                ..OpenOptions::default()
            };
            let loaded = open(&path, &options, &mut |_| true)
                .unwrap_or_else(|error| panic!("{error}\n{:?}", error.hint));
            let (mut z, mut y) = (Vec::new(), Vec::new());
            let read = loaded.fit.read(&mut |batch| {
                match batch.values {
                    ValuesRef::F32(values) => z.extend(values.iter().map(|v| f64::from(*v))),
                    ValuesRef::F64(values) => z.extend_from_slice(values),
                }
                y.extend(batch.labels.iter().map(|label| label.index()));
                Ok(())
            });
            read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(z, logits, "{}", path.display());
            assert_eq!(y, labels, "{}", path.display());
        }
        assert_eq!(peek(&path).and_then(|seen| seen.n_rows), Some(60));
    }
}

/// What is said of a damaged file when it is opened or read, for which little memory is asked for.
fn refused(bytes: &[u8]) -> String {
    Counting::begin();
    let said = match open_bytes("x.parquet", bytes, &OpenOptions::default()) {
        Ok(loaded) => {
            let read = loaded.fit.read(&mut |_| Ok(()));
            read.expect_err("damage").to_string()
        }
        Err(error) => {
            assert!(error.hint.is_some(), "{error}");
            error.to_string()
        }
    };
    assert!(Counting::own_peak() < 32 << 20, "{}", Counting::own_peak());
    said
}

/// `bytes` with those from `at` on replaced.
fn patched(bytes: &[u8], at: usize, patch: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + patch.len()].copy_from_slice(patch);
    bytes
}

/// The first page of a file of `pyarrow` without packing: a header, whose number of values is the third number, then
/// the length of its definition levels and one run of them.
#[test]
fn claims_of_a_page_are_held_against_the_row_group() {
    let file = kept("arrow_wide_v1_none_split.parquet");
    let values = 4 + 2 + 3 + 3 + 1 + 1;
    assert_eq!(file[values], 0x20, "16 values");
    let said = refused(&patched(&file, values, &[0x7e]));
    assert_eq!(
        said,
        "x.parquet: row group 1, column logit_0: a page claims 63 values where 40 are left; the file is damaged"
    );
    let run = values + 37 + 6;
    assert_eq!(file[run - 4..run + 2], [2, 0, 0, 0, 0x20, 1], "a run");
    let said = refused(&patched(&file, run, &[0x7e]));
    assert_eq!(
        said,
        "x.parquet: row group 1, column logit_0: a run claims 63 values where the page has 16 left; the file is damaged"
    );
    let said = refused(&patched(&file, run, &[0x10]));
    assert_eq!(
        said,
        "x.parquet: row group 1, column logit_0: a page of 16 values ends 8 short of them; the file is damaged"
    );
    let said = refused(&patched(&file, run - 4, &[0xff, 0xff, 0xff, 0x7f]));
    assert_eq!(
        said,
        "x.parquet: row group 1, column logit_0: a page is too short for what it holds; the file is damaged"
    );
}

/// A page of version 2 counts its nulls, a packed page says how long it is unpacked, a dictionary how many values it
/// has: polars used to reserve memory for each of them.
#[test]
fn counts_in_headers_are_held_against_the_page() {
    let damage =
        |what: &str| format!("x.parquet: row group 1, column logit_0: {what}; the file is damaged");
    let file = kept("arrow_wide_v2_zstd_plain.parquet");
    assert_eq!(file[4..16], *b"\x15\x06\x15\x84\x01\x15\x7e\x5c\x15\x20\x15\x00");
    let said = refused(&patched(&file, 15, &[0x22]));
    assert_eq!(said, damage("a page of 16 values claims 17 nulls"));
    let said = refused(&patched(&file, 15, &[0x04]));
    assert_eq!(said, damage("a page claims 2 nulls and has 0"));
    let said = refused(&patched(&file, 7, &[0xfe, 0x7f]));
    assert_eq!(said, damage("a page claims another size than it has"));
    let file = kept("arrow_wide_v1_snappy_dict.parquet");
    assert_eq!(file[4..13], *b"\x15\x04\x15\x58\x15\x5a\x4c\x15\x16");
    let said = refused(&patched(&file, 12, &[0x7e]));
    assert_eq!(said, damage("a dictionary of 63 values is too short for them"));
    let said = refused(&patched(&file, 7, &[0x7e]));
    assert_eq!(said, damage("a page claims another size than it has"));
}

/// Bytes of the first pages changed, one at a time: the same rows, or an error, and no more memory than a multiple
/// of the file.
#[test]
fn no_byte_of_a_page_is_trusted() {
    for path in files(&fixtures()) {
        let file = fs::read(&path).expect("a fixture");
        let n_before = file.len() - 700;
        for at in (4..n_before.min(200)).step_by(9) {
            for patch in [0xff, 0x7f, file[at] ^ 0x40] {
                let damaged = patched(&file, at, &[patch]);
                Counting::begin();
                let opened = open_bytes("x.parquet", &damaged, &OpenOptions::default());
                if let Ok(loaded) = opened {
                    let mut n_rows = 0;
                    let read = loaded.fit.read(&mut |batch| {
                        n_rows += batch.labels.len();
                        Ok(())
                    });
                    assert!(read.is_err() || n_rows == 60, "{}, byte {at}", path.display());
                }
                let peak = Counting::own_peak();
                assert!(peak < 32 << 20, "{}, byte {at}: {peak}", path.display());
            }
        }
    }
}
