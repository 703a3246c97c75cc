//! Every type of number in every order of bytes and of axes, in every container that has it: the scores that are read
//! are those that plain code makes of the bits.

use std::fs;
use std::path::Path;

use logitscope::data::{BatchSource, Kind, ValuesRef};
use logitscope::io::{self, Loaded, OpenOptions};

use crate::forms::{archive, npy};

const ROWS: usize = 5;
const CLASSES: usize = 3;
const LABELS: [i64; ROWS] = [0, 1, 2, 1, 0];

/// Patterns of 16 bits, none of which is infinite or NaN as float16 or bfloat16.
fn patterns() -> Vec<u16> {
    let bits = |i: u32| u16::try_from((i * 2741 + 12_345) & 0xbfff).expect("16 bits");
    (0..15).map(bits).collect()
}

/// Numbers that 32 bits round.
fn numbers() -> Vec<f64> {
    (0..15).map(|i| (f64::from(i) - 7.0) / 3.0).collect()
}

/// float16: one bit of sign, five of exponent, ten of fraction.
fn of_half(bits: u16) -> f64 {
    let (sign, exponent) = (bits >> 15, i32::from(bits >> 10 & 31));
    let fraction = f64::from(bits & 1023) / 1024.0;
    let size = match exponent {
        0 => fraction * 2f64.powi(-14),
        exponent => (1.0 + fraction) * 2f64.powi(exponent - 15),
    };
    if sign == 1 { -size } else { size }
}

/// bfloat16: the upper half of a float32.
fn of_bfloat(bits: u16) -> f64 {
    f64::from(f32::from_bits(u32::from(bits) << 16))
}

/// Numbers in the order of rows, and how each is written in the order of bytes that is asked for.
struct Type {
    name: &'static str,
    /// As `NumPy` calls it, without the order.
    numpy: &'static str,
    values: Vec<f64>,
    bytes: Vec<Vec<u8>>,
}

fn types() -> Vec<Type> {
    let two = |bits: Vec<u16>| bits.into_iter().map(|b| b.to_le_bytes().to_vec()).collect();
    #[expect(clippy::cast_possible_truncation, reason = "rounding is what float32 does")]
    let narrow: Vec<f32> = numbers().into_iter().map(|x| x as f32).collect();
    vec![
        Type {
            name: "F16",
            numpy: "f2",
            values: patterns().into_iter().map(of_half).collect(),
            bytes: two(patterns()),
        },
        Type {
            name: "BF16",
            numpy: "V2",
            values: patterns().into_iter().map(of_bfloat).collect(),
            bytes: two(patterns()),
        },
        Type {
            name: "F32",
            numpy: "f4",
            values: narrow.iter().map(|x| f64::from(*x)).collect(),
            bytes: narrow.iter().map(|x| x.to_le_bytes().to_vec()).collect(),
        },
        Type {
            name: "F64",
            numpy: "f8",
            values: numbers(),
            bytes: numbers().iter().map(|x| x.to_le_bytes().to_vec()).collect(),
        },
    ]
}

fn logits() -> OpenOptions {
    OpenOptions { kind: Some(Kind::Logits), ..OpenOptions::default() }
}

fn check(what: &str, loaded: &Loaded, values: &[f64]) {
    let mut got = Vec::new();
    let mut labels = Vec::new();
    let read = loaded.fit.read(&mut |batch| {
        assert_eq!(batch.n_classes, CLASSES, "{what}");
        match batch.values {
            ValuesRef::F32(v) => got.extend(v.iter().map(|x| f64::from(*x))),
            ValuesRef::F64(v) => got.extend_from_slice(v),
        }
        labels.extend(batch.labels.iter().filter_map(|label| label.index()));
        Ok(())
    });
    read.expect("read");
    let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<u64>>();
    assert_eq!(bits(&got), bits(values), "{what}: {got:?} instead of {values:?}");
    let want = LABELS.map(|label| usize::try_from(label).expect("small"));
    assert_eq!(labels, want, "{what}: labels");
}

/// Integers of every width and sign, in an order of bytes.
fn label_types(is_little: bool) -> Vec<(String, Vec<u8>)> {
    let order = if is_little { '<' } else { '>' };
    let mut all = Vec::new();
    for width in [1usize, 2, 4, 8] {
        let bytes = LABELS.iter().flat_map(|label| {
            let mut bytes = label.to_le_bytes()[..width].to_vec();
            if !is_little {
                bytes.reverse();
            }
            bytes
        });
        let bytes: Vec<u8> = bytes.collect();
        for sign in ['i', 'u'] {
            all.push((format!("{order}{sign}{width}"), bytes.clone()));
        }
    }
    all
}

/// The same numbers column by column.
fn by_column(elements: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let at = |place: usize| elements[place % ROWS * CLASSES + place / ROWS].clone();
    (0..elements.len()).map(at).collect()
}

fn fortran(array: &[u8]) -> Vec<u8> {
    let text = b"'fortran_order': False";
    let at = array.windows(text.len()).position(|window| window == text).expect("a header");
    let mut array = array.to_vec();
    array[at..at + text.len()].copy_from_slice(b"'fortran_order': True ");
    array
}

#[test]
fn arrays_of_numpy() {
    let folder = tempfile::tempdir().expect("a folder");
    let shape = format!("({ROWS}, {CLASSES})");
    for of in types() {
        for (is_little, is_fortran) in [(true, false), (true, true), (false, false), (false, true)]
        {
            if of.name == "BF16" && !is_little {
                // Opaque pairs of bytes have no order.
                continue;
            }
            let mut elements = of.bytes.clone();
            if is_fortran {
                elements = by_column(&elements);
            }
            if !is_little {
                for bytes in &mut elements {
                    bytes.reverse();
                }
            }
            let order = if is_little { '<' } else { '>' };
            let descr = format!("{order}{}", of.numpy);
            let mut array = npy(&descr, &shape, &elements.concat());
            if is_fortran {
                array = fortran(&array);
            }
            for (label_type, labels) in label_types(is_little) {
                let what = format!("{descr}, fortran {is_fortran}, labels {label_type}");
                let labels = npy(&label_type, &format!("({ROWS},)"), &labels);
                let members = [("logits.npy", array.clone()), ("labels.npy", labels.clone())];
                let bytes = archive(&members, zip::CompressionMethod::Deflated);
                let loaded = io::open_bytes("x.npz", &bytes, &logits());
                check(&what, &loaded.unwrap_or_else(|e| panic!("npz, {what}: {e}")), &of.values);
                for (name, bytes) in members {
                    fs::write(folder.path().join(name), bytes).expect("written");
                }
                for memory in [None, Some(0)] {
                    let options = OpenOptions { memory, ..logits() };
                    let path = folder.path().join("logits.npy");
                    let loaded = io::open(&path, &options, &mut |_| true);
                    let loaded = loaded.unwrap_or_else(|e| panic!("npy, {what}: {e}"));
                    check(&format!("npy, {what}, memory {memory:?}"), &loaded, &of.values);
                }
            }
        }
    }
}

#[test]
fn safetensors() {
    for of in types() {
        for (label_type, labels) in [("I64", 8), ("I32", 4), ("I16", 2), ("I8", 1), ("U8", 1)] {
            let data = of.bytes.concat();
            let width = labels;
            let labels = LABELS.iter().flat_map(|label| label.to_le_bytes()[..width].to_vec());
            let labels: Vec<u8> = labels.collect();
            let (end, all) = (data.len(), data.len() + labels.len());
            let header = format!(
                "{{\"logits\":{{\"dtype\":\"{}\",\"shape\":[{ROWS},{CLASSES}],\"data_offsets\":[0,{end}]}},\
                 \"labels\":{{\"dtype\":\"{label_type}\",\"shape\":[{ROWS}],\"data_offsets\":[{end},{all}]}}}}",
                of.name
            );
            let bytes =
                [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &data, &labels].concat();
            let loaded = io::open_bytes("x.safetensors", &bytes, &logits());
            let what = format!("safetensors {}, labels {label_type}", of.name);
            check(&what, &loaded.unwrap_or_else(|e| panic!("{what}: {e}")), &of.values);
        }
    }
}

#[test]
fn hdf5() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hdf5");
    let files = [
        ("f16", "F16"),
        ("f16_be", "F16"),
        ("bf16", "BF16"),
        ("f32", "F32"),
        ("f32_be", "F32"),
        ("f64", "F64"),
        ("f64_be", "F64"),
    ];
    for (file, name) in files {
        let of = types().into_iter().find(|of| of.name == name).expect("a type");
        for memory in [None, Some(0)] {
            let path = folder.join(format!("dtypes_{file}.h5"));
            let options = OpenOptions { memory, ..logits() };
            let loaded = io::open(&path, &options, &mut |_| true);
            let what = format!("{file}.h5, memory {memory:?}");
            check(&what, &loaded.unwrap_or_else(|e| panic!("{what}: {e}")), &of.values);
        }
    }
}
