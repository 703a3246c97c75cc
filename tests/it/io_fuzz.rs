//! No bytes, however broken, make a reader panic or allocate without end.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use logitscope::data::BatchSource;
use logitscope::io::{OpenOptions, open, peek};
use proptest::prelude::*;

use crate::allocations::Counting;

#[expect(unreachable_pub, reason = "public where the fuzz targets use it")]
#[path = "../../fuzz/src/survive.rs"]
mod in_memory;

/// Memory that opening any file may need, and for each of its bytes: runs of text and blocks of scores are 8 MiB.
const FREE_BYTES: isize = 64 << 20;
const BYTES_PER_BYTE: isize = 64;

/// Opens the bytes, looks at them as a file, and reads that in pieces.
///
/// What this thread asks for is held to a multiple of the bytes: the threads that read ahead get what they allocate
/// from it. All threads are counted by `examples/fuzz_readers.rs`.
fn survive(bytes: &[u8]) {
    // Errors are the expected outcome; the property is that there is an outcome.
    Counting::begin();
    in_memory::survive(bytes);
    let most = FREE_BYTES + BYTES_PER_BYTE * isize::try_from(bytes.len()).expect("small");
    assert!(Counting::own_peak() <= most, "{} bytes of memory", Counting::own_peak());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("fuzz.bin");
    fs::write(&path, bytes).expect("a file in it");
    let _ = peek(&path);
    for memory in [Some(0), None] {
        let options = OpenOptions { memory, unlabelled: true, ..OpenOptions::default() };
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/formats").join(name);
    fs::read(path).expect("a shared file")
}

/// Every file of arrays that other tests read, by its path.
fn fixtures() -> &'static [Vec<u8>] {
    static ALL: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
        let mut paths: Vec<_> = ["torch", "pickle", "hdf5"]
            .iter()
            .flat_map(|name| fs::read_dir(folder.join(name)).expect("fixtures"))
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.is_file() && path.extension().is_some_and(|e| e != "py"))
            .collect();
        paths.sort();
        let read = |path| fs::read(path).expect("a fixture");
        paths.iter().map(read).collect()
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length")]
fn at(share: f64, n: usize) -> usize {
    (share * n as f64) as usize
}

/// A copy that may end early, with some bytes changed.
fn damaged(original: &[u8], cut: Option<f64>, damage: &[(f64, u8)]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    if let Some(cut) = cut {
        bytes.truncate(at(cut, bytes.len()));
    }
    for (place, byte) in damage {
        let n = bytes.len();
        if let Some(b) = bytes.get_mut(at(*place, n)) {
            *b = *byte;
        }
    }
    bytes
}

const MAGICS: [&[u8]; 17] = [
    b"_logits_",
    b"_logits_\x05\0\0\0\x02\0\0\0\x01\0\0\0",
    b"{\"doc_id\": 0, \"target\": 1, \"filtered_resps\": [",
    b"\x80\x02",
    b"\x80\x05\x95",
    b"\x89HDF\r\n\x1a\n",
    b"\x20\0\0\0\0\0\0\0{\"logits\":{",
    b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.",
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

/// Instructions of pickles, as they occur, to be put in any order.
const INSTRUCTIONS: [&[u8]; 40] = [
    b"(",
    b")",
    b"]",
    b"}",
    b"N",
    b"K\x02",
    b"M\0\x01",
    b"J\xff\xff\xff\x7f",
    b"\x88",
    b"0",
    b"1",
    b"2",
    b"t",
    b"l",
    b"d",
    b"\x85",
    b"\x86",
    b"\x87",
    b"a",
    b"e",
    b"s",
    b"u",
    b"\x94",
    b"h\0",
    b"h\x01",
    b"q\0",
    b"R",
    b"R",
    b"b",
    b"Q",
    b"\x81",
    b"\x93",
    b"X\x06\0\0\0logits",
    b"C\x04abcd",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"ctorch\nFloatStorage\n",
    b"cnumpy.core.multiarray\n_reconstruct\n",
    b"cnumpy\ndtype\n",
    b"ccollections\nOrderedDict\n",
    b"U\x07storage",
];

const REAL: [&str; 11] = [
    "f16.safetensors",
    "arrays.h5",
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

/// 300 of each kind, or as many as the environment variable `PROPTEST_CASES` says.
fn cases() -> u32 {
    let told = std::env::var("PROPTEST_CASES");
    told.ok().and_then(|n| n.parse().ok()).unwrap_or(300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

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
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
    fn damaged_copies_of_real_files(
        file in 0..REAL.len(),
        cut in 0.0..1.0f64,
        damage in proptest::collection::vec((0.0..1.0f64, any::<u8>()), 0..6),
        whole in any::<bool>(),
    ) {
                survive(&damaged(&shared(REAL[file]), (!whole).then_some(cut), &damage));
    }

    #[test]
    fn damaged_copies_of_fixtures(
        file in any::<prop::sample::Index>(),
        cut in prop::option::of(0.0..1.0f64),
        damage in proptest::collection::vec((0.0..1.0f64, any::<u8>()), 0..6),
    ) {
        let original: &Vec<u8> = file.get(fixtures());
        survive(&damaged(original, cut, &damage));
    }

    #[test]
    fn random_instructions_of_pickles(
        places in proptest::collection::vec(0..INSTRUCTIONS.len(), 0..60),
    ) {
        let body: Vec<u8> = places.iter().flat_map(|p| INSTRUCTIONS[*p]).copied().collect();
        survive(&[b"\x80\x02", &body[..], b"."].concat());
    }

    #[test]
    fn random_safetensors_headers(
        dtype in "(F16|BF16|F32|F64|I64|U8|BOOL|F8_E4M3)",
        shape in proptest::collection::vec(any::<u64>().prop_map(|n| n >> (n % 64)), 0..5),
        offsets in proptest::array::uniform2(any::<u64>().prop_map(|n| n >> (n % 64))),
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let header = format!(
            r#"{{"logits":{{"dtype":"{dtype}","shape":{shape:?},"data_offsets":{offsets:?}}}}}"#
        );
        let length = (header.len() as u64).to_le_bytes();
        survive(&[&length[..], header.as_bytes(), &body].concat());
    }

    #[test]
    fn damaged_base_logits(
        n_ctx in 0..9i32,
        n_vocab in 0..5i32,
        n_chunk in 0..4i32,
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let words = [n_ctx, n_vocab, n_chunk].map(i32::to_le_bytes).concat();
        survive(&[b"_logits_", &words[..], &body].concat());
    }

    #[test]
    fn random_evaluation_logs(
        lines in proptest::collection::vec(
            (
                prop::option::of("-?[0-9]{1,3}|\"[a-c]\"|\"[0-9]\"|\\[[0-9, ]{0,5}\\]|null"),
                "(\\[(-?[0-9]{1,3}(\\.[0-9])?|NaN|\"-[0-9]\"), (true|\"False\"|3)\\],? ?){0,4}",
                prop::option::of("[ab]"),
            ),
            0..6,
        ),
    ) {
        let line = |(target, scores, filter): &(Option<String>, String, Option<String>)| {
            let target = target.as_ref().map_or(String::new(), |t| format!("\"target\": {t}, "));
            let filter = filter.as_ref().map_or(String::new(), |f| format!("\"filter\": \"{f}\", "));
            let scores = scores.trim_end_matches([',', ' ']);
            format!("{{\"doc_id\": 0, {target}{filter}\"filtered_resps\": [{scores}]}}\n")
        };
        let text: String = lines.iter().map(line).collect();
        survive(text.as_bytes());
    }
}
