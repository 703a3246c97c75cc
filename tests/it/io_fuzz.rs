//! No bytes, however broken, make a reader panic or allocate without end.

use std::fs;
use std::path::Path;

use logitscope::data::BatchSource;
use logitscope::io::{OpenOptions, open, open_bytes, peek};
use proptest::prelude::*;

/// Opens the bytes, looks at them as a file, and reads that in pieces.
fn survive(bytes: &[u8]) {
    // Errors are the expected outcome; the property is that there is an outcome.
    let _ = open_bytes("fuzz", bytes, &OpenOptions::default());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("fuzz.bin");
    fs::write(&path, bytes).expect("a file in it");
    let _ = peek(&path);
    for memory in [Some(0), None] {
        let options = OpenOptions {
            memory,
            unlabelled: true,
            ..OpenOptions::default()
        };
        let Ok(loaded) = open(&path, &options, &mut |_| true) else {
            continue;
        };
        for source in std::iter::once(&loaded.fit).chain(&loaded.test) {
            let mut n_rows = 0;
            let read = source.read(&mut |batch| {
                n_rows += batch.labels.len();
                Ok(())
            });
            assert!(read.is_err() || n_rows == source.n_rows());
        }
    }
}

fn shared(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/formats")
        .join(name);
    fs::read(path).expect("a shared file")
}

const MAGICS: [&[u8]; 9] = [
    b"",
    b"\x93NUMPY\x01\x00",
    b"PK\x03\x04",
    b"PAR1",
    b"ARROW1\0\0",
    b"\xff\xff\xff\xff",
    b"{\"logits\": [",
    b"logit_0,logit_1,label\n",
    b"\x1f\x8b\x08\0",
];

const REAL: [&str; 9] = [
    "logits_f16.npy",
    "stored.npz",
    "deflated.npz",
    "list_f32.parquet",
    "fixed_list_f16.parquet",
    "list_f32.arrow",
    "list_f32.arrows",
    "rows.jsonl",
    "wide.csv.gz",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_behind_every_magic(
        magic in 0..MAGICS.len(),
        tail in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        survive(&[MAGICS[magic], &tail].concat());
    }

    #[test]
    fn random_text_tables(text in "[0-9a,\"\n\r\t.;nNiI{}:\\[\\]-]{0,200}") {
        survive(text.as_bytes());
    }

    #[test]
    fn random_npy_headers(
        descr in "[<>|]?(f4|f8|f2|i8|u1|b1|U[0-9]{1,9}|S[0-9]{1,3}|V2|O|)",
        shape in proptest::collection::vec(any::<u64>().prop_map(|n| n >> (n % 64)), 0..4),
        fortran in any::<bool>(),
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let fortran = if fortran { "True" } else { "False" };
        let shape: Vec<String> = shape.iter().map(ToString::to_string).collect();
        let header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': ({},), }}\n", shape.join(","));
        let length = u16::try_from(header.len()).expect("a short header").to_le_bytes();
        survive(&[b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &body].concat());
    }

    #[test]
    fn damaged_copies_of_real_files(
        file in 0..REAL.len(),
        cut in 0.0..1.0f64,
        damage in proptest::collection::vec((0.0..1.0f64, any::<u8>()), 0..6),
        whole in any::<bool>(),
    ) {
        let mut bytes = shared(REAL[file]);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
        let at = |share: f64, n: usize| (share * n as f64) as usize;
        if !whole {
            let n = at(cut, bytes.len());
            bytes.truncate(n);
        }
        for (place, byte) in damage {
            let n = bytes.len();
            if let Some(b) = bytes.get_mut(at(place, n)) {
                *b = byte;
            }
        }
        survive(&bytes);
    }
}
