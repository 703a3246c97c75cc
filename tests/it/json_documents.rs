//! JSON that is one value: an object of lists, and an array of objects.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use logitscope::data::BatchSource;
use logitscope::io::{self, IoError, Loaded, OpenOptions};

use crate::cli::{expect, run, stderr, stdout};
use crate::diagnosis::drawn;

const K: usize = 4;
const N: usize = 90;

/// Rows of logits as JSON writes them, and their labels.
fn rows() -> (Vec<String>, Vec<u32>) {
    let set = drawn(3, K, N, 2.0);
    let row = |row: &[f32]| {
        let cells: Vec<String> = row.iter().map(|z| f64::from(*z).to_string()).collect();
        format!("[{}]", cells.join(", "))
    };
    (set.z.chunks_exact(K).map(row).collect(), set.labels)
}

/// The same rows as NDJSON, which is read by another reader.
fn ndjson() -> String {
    let (z, labels) = rows();
    let mut text = String::new();
    for (idx, (z, label)) in z.iter().zip(&labels).enumerate() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{{\"logits\": {z}, \"label\": {label}, \"id\": \"r{idx}\"}}");
    }
    text
}

fn open(text: &[u8]) -> Result<Loaded, IoError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.json");
    fs::write(&path, text).expect("written");
    let loaded = io::open(&path, &OpenOptions::default(), &mut |_| true);
    let in_memory = io::open_bytes("a.json", text, &OpenOptions::default());
    assert_eq!(loaded.is_ok(), in_memory.is_ok(), "{loaded:?} {in_memory:?}");
    loaded
}

/// Every score, as bits.
fn scores(loaded: &Loaded) -> Vec<u64> {
    let mut bits = Vec::new();
    loaded
        .fit
        .read(&mut |batch| {
            use logitscope::data::ValuesRef;
            match batch.values {
                ValuesRef::F32(v) => bits.extend(v.iter().map(|z| f64::from(*z).to_bits())),
                ValuesRef::F64(v) => bits.extend(v.iter().map(|z| z.to_bits())),
            }
            Ok(())
        })
        .expect("read");
    bits
}

/// An object of lists with its keys in this order, with scalars between them.
fn object(keys: [&str; 3], between: &str) -> String {
    let (z, labels) = rows();
    let ids: Vec<String> = (0..N).map(|idx| format!("\"r{idx}\"")).collect();
    let value = |key: &str| match key {
        "logits" => format!("[{between}{}]", z.join(&format!(",{between}"))),
        "labels" => format!("{labels:?}"),
        _ => format!("[{}]", ids.join(", ")),
    };
    let pairs: Vec<String> = keys
        .iter()
        .map(|key| {
            format!(
                "\"{key}\": {},{between}\"note {key}\": \"a [\\\" {{\", \"n_{key}\": 3",
                value(key)
            )
        })
        .collect();
    format!(
        "{{{between}{}, \"meta\": {{\"lr\": 0.1, \"tags\": [{{}}, []]}}}}{between}",
        pairs.join(&format!(",{between}"))
    )
}

#[test]
fn an_object_of_lists_is_what_the_rows_in_lines_are() {
    let expected = open(ndjson().as_bytes()).expect("lines");
    let orders =
        [["logits", "labels", "id"], ["labels", "id", "logits"], ["id", "logits", "labels"]];
    for keys in orders {
        for between in ["", "\n", "\r\n  "] {
            let text = object(keys, between);
            let loaded = open(text.as_bytes()).expect(&text);
            assert_eq!(loaded.info.format, "json");
            assert_eq!(scores(&loaded), scores(&expected), "{keys:?}");
            assert_eq!(loaded.fit.labels(), expected.fit.labels());
            let ids =
                |loaded: &Loaded| loaded.fit.carried().id().map(|column| column.values.clone());
            assert!(ids(&loaded).is_some());
            assert_eq!(ids(&loaded), ids(&expected));
        }
    }
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(object(orders[0], "\n").as_bytes()).expect("packed");
    let packed = open(&packed.finish().expect("packed")).expect("unpacked");
    assert_eq!(scores(&packed), scores(&expected));
    // A byte order mark is no part of it.
    let marked = format!("\u{feff}{}", object(orders[0], ""));
    assert_eq!(scores(&open(marked.as_bytes()).expect("marked")), scores(&expected));
}

#[test]
fn an_array_of_objects_is_what_the_objects_in_lines_are() {
    let expected = open(ndjson().as_bytes()).expect("lines");
    let lines: Vec<String> = ndjson().lines().map(str::to_owned).collect();
    for between in [",", ",\n", "\n, \n"] {
        let text = format!("[{}]\n", lines.join(between));
        let text =
            if between.contains('\n') { text.replace("\"label\"", "\n  \"label\"") } else { text };
        let loaded = open(text.as_bytes()).expect(&text);
        assert_eq!(loaded.info.format, "json");
        assert_eq!(scores(&loaded), scores(&expected));
        assert_eq!(loaded.fit.labels(), expected.fit.labels());
    }
    let broken = format!("[{}]", lines.join(",\n").replacen("\"label\": ", "\"label\": 9", 3));
    let problem = open(broken.as_bytes()).expect_err("labels out of range");
    assert!(problem.message.contains("row 1"), "{problem}");
}

#[test]
fn parts_steps_and_whole_numbers_are_known_by_their_keys() {
    let parts = open(
        br#"{"test": {"labels": [1, 0], "logits": [[1, 2], [3, 1]]},
            "val": {"logits": [[0.5, 1], [2, 1], [0, 3]], "labels": [1, 0, 1]}}"#,
    )
    .expect("two parts");
    assert_eq!(parts.fit.n_rows(), 3);
    assert_eq!(parts.test.map(|test| test.n_rows()), Some(2));
    let steps = open(
        br#"{"logits_step10": [[1, 2], [3, 1]], "logits_step200": [[1, 5], [9, 1]], "labels": [1, 0]}"#,
    )
    .expect("two steps");
    assert_eq!(steps.info.steps(), [10, 200]);
    let binary = open(br#"{"labels": [0, 1, 1], "scores": [0.5, -1.5, 2.25]}"#).expect("binary");
    assert_eq!((binary.info.n_classes, binary.fit.n_rows()), (2, 3));
}

fn said(folder: &Path, text: &str) -> String {
    fs::write(folder.join("a.json"), text).expect("written");
    let output = run(folder, &["inspect", "a.json"]);
    expect(&output, 2);
    stderr(&output)
}

#[test]
fn what_makes_no_logits_is_said_with_row_and_column() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        (
            r#"{"logits": [[1, 2], [3]], "labels": [0, 1]}"#,
            "logits: row 2 has 1 item, and row 1 has 2",
        ),
        (
            r#"{"logits": [[1, 2], [3, null]], "labels": [0, 1]}"#,
            "logits: row 2, column 2: null is no number",
        ),
        (
            r#"{"logits": [[1, 2], ["x", 1]], "labels": [0, 1]}"#,
            "logits: row 2, column 1: \"x\" is no number",
        ),
        (
            r#"{"logits": [[1, 2], [3, 4]], "labels": [0, null]}"#,
            "labels: row 2: null is no number",
        ),
        (r#"{"logits": [[1, 2], [3, 4]], "labels": [0]}"#, "2 rows of logits"),
        (r#"{"logits": [[1, 2], [3, 4]], "labels": [0, 5]}"#, "row 2"),
        (
            r#"{"logits": [[1, 2], [3, 4]], "logits": [[0, 1]], "labels": [0, 1]}"#,
            "two keys are called logits",
        ),
        ("{\"logits\": [[1, 2],\n [3, oops]]}", "line 2, character 6: not JSON"),
        ("{\n \"accuracy\": 0.5\n}", "the JSON object holds no list of numbers"),
        ("[{\"logits\": [1, 2], \"label\": 0}, 3]", "row 2: "),
        ("[{\"logits\": [1, 2], \"label\": 0}, {\"logits\": [1, \"x\"], \"label\": 0}]", "row 2"),
    ];
    for (text, expected) in cases {
        let words = said(folder.path(), text);
        assert!(words.contains(expected) && words.contains("hint: "), "{text}: {words}");
        assert!(!words.contains("panicked"), "{words}");
    }
}

#[test]
fn a_list_that_is_none_of_its_kind_is_left_alone_beside_the_logits() {
    let loaded = open(
        br#"{"logits": [[1, 2], [3, 1]], "labels": [1, 0], "notes": [null, "x"], "history": [{"loss": 1}], "group": ["a", "b"]}"#,
    )
    .expect("logits");
    let carried = loaded.fit.carried();
    let names: Vec<&str> = carried.columns().iter().map(|c| c.name.as_str()).collect();
    assert!(names.contains(&"group") && !names.contains(&"notes"), "{names:?}");
}

#[test]
fn the_shell_gets_the_same_temperature_from_every_form() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = ndjson().lines().map(str::to_owned).collect();
    let files = [
        ("a.jsonl", ndjson()),
        ("b.json", object(["labels", "logits", "id"], "\n")),
        ("c.json", format!("[\n{}\n]", lines.join(",\n"))),
    ];
    let mut said = Vec::new();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
        let output = run(folder.path(), &["fit", name, "--logits", "logits"]);
        expect(&output, 0);
        let temperature =
            stdout(&output).lines().find(|l| l.starts_with("temperature")).map(str::to_owned);
        said.push(temperature.expect("a temperature"));
    }
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0], said[2]);
}
