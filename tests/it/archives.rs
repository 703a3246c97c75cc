//! Checksums of zip archives: a .npz whose bytes have changed is refused, a .pt file is read with a warning.

use std::fs;
use std::io::Cursor;

use logitscope::io::{self, OpenOptions};
use serde_json::Value;
use zip::{CompressionMethod, ZipArchive};

use crate::allocations::Counting;
use crate::cli::{expect, run, stderr, stdout};
use crate::forms;

/// 40 rows of 3 classes.
fn rows() -> (Vec<Vec<f64>>, Vec<i64>) {
    let logit = |i: usize, k: usize| ((i * 7 + k * 5) % 11) as f64 / 3.0;
    let z = (0..40).map(|i| (0..3).map(|k| logit(i, k)).collect());
    (z.collect(), (0..40).map(|i| i % 3).collect())
}

/// Where the stored bytes of member `name` begin and how many there are.
fn place(archive: &[u8], name: &str) -> (usize, usize) {
    let mut zip = ZipArchive::new(Cursor::new(archive)).expect("an archive");
    let member = zip.by_name(name).expect("a member");
    let at = |n: u64| usize::try_from(n).expect("small");
    let start = member.data_start().expect("a place");
    (at(start), at(member.compressed_size()))
}

/// `archive` with one bit of member `name` turned over, `percent` of the way through it.
fn flipped(archive: &[u8], name: &str, percent: usize) -> Vec<u8> {
    let (start, n) = place(archive, name);
    let mut bytes = archive.to_vec();
    bytes[start + (n - 1) * percent / 100] ^= 1;
    bytes
}

/// `archive` with `sum` as the checksum of all members in its directory.
fn with_sums(archive: &[u8], sum: u32) -> Vec<u8> {
    let mut bytes = archive.to_vec();
    for at in 0..bytes.len() - 4 {
        match bytes[at..at + 4] {
            [b'P', b'K', 1, 2] => bytes[at + 16..at + 20].copy_from_slice(&sum.to_le_bytes()),
            [b'P', b'K', 3, 4] => bytes[at + 14..at + 18].copy_from_slice(&sum.to_le_bytes()),
            _ => {}
        }
    }
    bytes
}

/// `torch.save({"logits": logits, "labels": labels})` of [`rows`], in an archive of this method.
fn torch(method: CompressionMethod) -> Vec<u8> {
    let text = |t: &str| [&[b'U', u8::try_from(t.len()).expect("short")], t.as_bytes()].concat();
    let tensor = |storage: &str, key: &str, n: u8, shape: &[u8], strides: &[u8]| {
        let tuple = |lengths: &[u8]| {
            let items = lengths.iter().flat_map(|n| [b'K', *n]).collect::<Vec<u8>>();
            [b"(", &items[..], b"t"].concat()
        };
        let id =
            [text("storage"), format!("ctorch\n{storage}\n").into_bytes(), text(key), text("cpu")]
                .concat();
        [
            &b"ctorch._utils\n_rebuild_tensor_v2\n(("[..],
            &id,
            &[b'K', n],
            b"tQK\0",
            &tuple(shape),
            &tuple(strides),
            b"\x89ccollections\nOrderedDict\n)RtR",
        ]
        .concat()
    };
    let logits = tensor("DoubleStorage", "0", 120, &[40, 3], &[3, 1]);
    let labels = tensor("LongStorage", "1", 40, &[40], &[1]);
    let pickled =
        [&b"\x80\x02}("[..], &text("logits"), &logits, &text("labels"), &labels, b"u."].concat();
    let (z, y) = rows();
    let members = [
        ("val/data.pkl", pickled),
        ("val/data/0", z.iter().flatten().flat_map(|v| v.to_le_bytes()).collect()),
        ("val/data/1", y.iter().flat_map(|v| v.to_le_bytes()).collect()),
        ("val/version", b"3\n".to_vec()),
    ];
    forms::archive(&members, method)
}

/// What `report` says of these bytes: its findings and nothing, or none and its error.
fn report(name: &str, bytes: &[u8], flags: &[&str]) -> (Vec<Value>, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join(name), bytes).expect("written");
    let command = ["report", name, "--format", "json"];
    let output = run(folder.path(), &[&command[..], flags].concat());
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap_or_default();
    (json["findings"].as_array().cloned().unwrap_or_default(), stderr(&output))
}

#[test]
fn an_npz_whose_bytes_have_changed_is_refused_by_its_member() {
    let (z, y) = rows();
    for form in ["npz", "packed.npz"] {
        let whole = forms::bytes(form, &z, &y);
        assert_eq!(report("x.npz", &whole, &[]).1, "", "{form}");
        for member in ["logits", "labels"] {
            for (percent, flags) in [
                (50, &[][..]),
                (90, &["--memory", "1K"][..]),
                (100, &["--rows", "0..9"]),
                (97, &["--memory", "1K", "--kind", "logits", "--rows", "0..9"]),
            ] {
                let bytes = flipped(&whole, &format!("{member}.npy"), percent);
                let (findings, said) = report("x.npz", &bytes, flags);
                let words = format!(
                    "error: x.npz: {member}: its bytes do not match their checksum (CRC-32)"
                );
                assert!(
                    said.starts_with(&words) && findings.is_empty(),
                    "{form} {percent} {flags:?}: {said}"
                );
            }
        }
    }
}

#[test]
fn a_pt_file_whose_bytes_have_changed_warns() {
    let damaged = |bytes: &[u8], flags: &[&str]| {
        let (findings, said) = report("x.pt", bytes, flags);
        assert_eq!(said, "");
        let mut found = findings.iter().filter(|f| f["rule"] == "damaged_archive");
        let found = found.next().map(|f| (f["severity"].as_str(), f["message"].as_str()));
        found.map(|(severity, message)| {
            let words = message.expect("text").split(": ").next().expect("a member");
            format!("{} {words}", severity.expect("text"))
        })
    };
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let whole = torch(method);
        assert_eq!(damaged(&whole, &[]), None);
        // torch can save without checksums.
        assert_eq!(damaged(&with_sums(&whole, 0), &[]), None);
        let all = "warning val/data.pkl, val/data/1, val/data/0";
        assert_eq!(damaged(&with_sums(&whole, 7), &["--memory", "1K"]).as_deref(), Some(all));
    }
    let stored = torch(CompressionMethod::Stored);
    for (member, flags) in [("0", &["--rows", "0..9"][..]), ("1", &[])] {
        let name = format!("val/data/{member}");
        let bytes = flipped(&stored, &name, if member == "0" { 99 } else { 0 });
        assert_eq!(damaged(&bytes, flags), Some(format!("warning {name}")));
    }
}

#[test]
fn inspect_names_the_member_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = flipped(&torch(CompressionMethod::Stored), "val/data/1", 0);
    fs::write(folder.path().join("x.pt"), bytes).expect("written");
    let output = run(folder.path(), &["inspect", "x.pt"]);
    expect(&output, 0);
    assert!(stdout(&output).contains("damaged      val/data/1\n"), "{}", stdout(&output));
}

/// A text of protocol 2.
fn text(t: &str) -> Vec<u8> {
    let n = u32::try_from(t.len()).expect("short").to_le_bytes();
    [b"X", &n[..], t.as_bytes()].concat()
}

/// What names a storage of ten values, not loaded yet; kept as 2.
fn storage() -> Vec<u8> {
    [
        &b"ctorch\nFloatStorage\nq\x01("[..],
        &text("storage"),
        b"h\x01",
        &text(&"k".repeat(4000)),
        &text("cpu"),
        b"K\x0atq\x02",
    ]
    .concat()
}

/// A pickle in which `each` comes 10,000 times after `what`.
fn again(what: &[u8], each: &[u8]) -> Vec<u8> {
    [what, b"](", &each.repeat(10_000), b"e."].concat()
}

/// Pickles in which a call has something long copied, 10,000 times.
fn bombs_of_calls() -> Vec<(&'static str, Vec<u8>)> {
    let ones = b"K\x01".repeat(10_000);
    let call = |name: &str, argument: &[u8]| {
        let what = [b"\x80\x02c", name.as_bytes(), b"\nq\x00", argument, b"q\x03"].concat();
        again(&what, b"h\x00h\x03R")
    };
    let list = [&b"]("[..], &ones, b"e\x85"].concat();
    let pairs = [&b"]("[..], &b"NN\x86".repeat(6000), b"e\x85"].concat();
    let dims =
        [&storage()[..], b"Q", b"q\x04", b"(h\x04K\0(", &b"K\x01".repeat(60), b"tq\x05h\x05t"]
            .concat();
    vec![
        ("tuple", call("builtins\ntuple", &list)),
        ("OrderedDict", call("collections\nOrderedDict", &pairs)),
        (
            "encode",
            call(
                "_codecs\nencode",
                &[text(&"a".repeat(50_000)), text("latin1"), b"\x86".to_vec()].concat(),
            ),
        ),
        ("arguments", call("torch._utils\n_rebuild_parameter", &[b"(", &ones[..], b"t"].concat())),
        (
            "type",
            call(
                "numpy\ndtype",
                &[text(&format!("V{}", "a".repeat(50_000))), b"\x85".to_vec()].concat(),
            ),
        ),
        ("axes", call("torch._utils\n_rebuild_tensor_v2", &dims)),
    ]
}

/// Pickles in which a few bytes other than a call have something long copied, 10,000 times.
fn bombs_of_copies() -> Vec<(&'static str, Vec<u8>)> {
    let storage = storage();
    let array = [&storage[..], b"Qq\x04(h\x04K\0K\x02\x85K\x01\x85t"].concat();
    vec![
        (
            "name of a type",
            again(
                &[
                    b"\x80\x02",
                    &text("torch")[..],
                    b"q\x00",
                    &text(&format!("float8_{}", "a".repeat(50_000))),
                    b"q\x03",
                ]
                .concat(),
                b"h\x00h\x03\x93",
            ),
        ),
        ("storages", again(&[b"\x80\x02", &storage[..]].concat(), b"h\x02Q")),
        ("one array again and again", {
            let what =
                [b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n", &array[..], b"Rq\x06"].concat();
            again(&what, b"h\x06h\x06h\x06")
        }),
        ("long places", {
            let what = [
                &b"\x80\x02"[..],
                &text(&"n".repeat(250)),
                b"q\x07ctorch._utils\n_rebuild_tensor_v2\n",
                &array,
                b"Rq\x06",
            ]
            .concat();
            let keys: Vec<u8> = (0..10_000u16)
                .flat_map(|n| [b'M', n.to_le_bytes()[0], n.to_le_bytes()[1], b'h', 6])
                .collect();
            [&what[..], &b"}h\x07".repeat(28), b"}(", &keys, b"u", &b"s".repeat(28), b"."].concat()
        }),
        ("empty lists", again(b"\x80\x02", b"]]]]")),
    ]
}

/// As the reader promises: 256 times the bytes of the file, and what any file costs.
#[test]
fn no_pickle_costs_more_than_256_times_its_bytes() {
    const ANY_FILE: usize = 1 << 20;
    for (what, bytes) in bombs_of_calls().into_iter().chain(bombs_of_copies()) {
        Counting::begin();
        let opened = io::open_bytes("x.pkl", &bytes, &OpenOptions::default());
        let peak = usize::try_from(Counting::own_peak()).expect("something");
        assert!(opened.is_err(), "{what}");
        assert!(peak <= 256 * bytes.len() + ANY_FILE, "{what}: {peak} bytes for {}", bytes.len());
    }
}
