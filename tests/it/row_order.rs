//! The same rows in another order, or spread over other files, say the same: folds and draws go by what rows hold.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stdout};

/// Sums are added up in another order.
const TOLERANCE: f64 = 1e-9;

/// What speaks of places of rows, files, or what it took.
const OF_PLACES: [&str; 8] =
    ["timing", "peak_memory_bytes", "source", "rows", "ids", "sentence", "first_row", "iterations"];

/// Numbers without a pattern, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for i in (1..all.len()).rev() {
            all.swap(i, self.next(i + 1));
        }
    }
}

/// A CSV header and its lines: `n` rows of `k` classes, whose scores are binary fractions, so that what ties stays tied
/// in the last bit of any T; every seventh is a copy of the row before it, which belongs
/// to another group and counts another weight. Weights have a mean of 2, by which they are divided without rounding.
fn table(k: usize, n: usize, beside: &[&str]) -> (String, Vec<String>) {
    let mut numbers = Numbers(7);
    let mut header: Vec<String> = (0..k).map(|class| format!("logit_{class}")).collect();
    header.push("label".to_owned());
    header.extend(beside.iter().map(|name| (*name).to_owned()));
    let mut lines: Vec<String> = Vec::new();
    let mut scores = String::new();
    for row in 0..n {
        if row % 7 != 6 {
            scores.clear();
            let label = numbers.next(k);
            for class in 0..k {
                let z = numbers.next(1000);
                let z = if class == label { z + 400 } else { z };
                write!(scores, "{},", z as f64 / 128.0).expect("text");
            }
            write!(scores, "{label}").expect("text");
        }
        let mut line = scores.clone();
        for name in beside {
            match *name {
                "id" => write!(line, ",row-{:x}", row * 7919 % 100_003),
                "doc" => write!(line, ",d{}", row * 31 % 41),
                "weight" => write!(line, ",{}", [1, 4, 2, 1][row % 4]),
                _ => panic!("no such column"),
            }
            .expect("text");
        }
        lines.push(line);
    }
    (header.join(","), lines)
}

fn write(path: &Path, header: &str, lines: &[String]) {
    fs::write(path, format!("{header}\n{}\n", lines.join("\n"))).expect("written");
}

fn report(folder: &Path, data: &str, flags: &[&str]) -> Value {
    let fixed = ["report", data, "--format", "json", "--bootstrap", "40"];
    let output = run(folder, &[&fixed[..], flags].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

/// What differs, but for what speaks of places. Returns how many numbers were compared.
fn compare(what: &str, got: &Value, want: &Value, failures: &mut Vec<String>) -> usize {
    match (got, want) {
        (Value::Object(got), Value::Object(want)) => {
            assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>(), "{what}");
            let of = want.iter().filter(|(key, _)| !OF_PLACES.contains(&key.as_str()));
            of.map(|(key, want)| compare(&format!("{what}.{key}"), &got[key], want, failures)).sum()
        }
        (Value::Array(got), Value::Array(want)) if got.len() == want.len() => {
            let each = got.iter().zip(want).enumerate();
            each.map(|(i, (got, want))| compare(&format!("{what}[{i}]"), got, want, failures)).sum()
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().expect("finite"), b.as_f64().expect("finite"));
            if (a - b).abs() > TOLERANCE * b.abs().max(1.0) {
                failures.push(format!("{what}: {a} instead of {b}"));
            }
            1
        }
        (got, want) => {
            if got != want {
                failures.push(format!("{what}: {got} instead of {want}"));
            }
            0
        }
    }
}

/// Reports on the rows as they are, in two other orders, and in shards of other sizes.
fn check(name: &str, (header, lines): (String, Vec<String>), flags: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write(&folder.join("as_given.csv"), &header, &lines);
    let want = report(folder, "as_given.csv", flags);
    assert!(want["after"]["nll"].is_f64() && want["bootstrap"].is_object(), "{name}: figures");
    let mut failures = Vec::new();
    let mut order = lines;
    for seed in [3, 4] {
        Numbers(seed).shuffle(&mut order);
        write(&folder.join("moved.csv"), &header, &order);
        let got = report(folder, "moved.csv", flags);
        let n = compare(&format!("{name}, order {seed}"), &got, &want, &mut failures);
        assert!(n > 200, "{name}: {n} numbers are few");
    }
    fs::create_dir(folder.join("shards")).expect("made");
    let (few, rest) = order.split_at(order.len() / 5);
    for (idx, lines) in [rest, few].into_iter().enumerate() {
        write(&folder.join(format!("shards/part-{idx}.csv")), &header, lines);
    }
    let got = report(folder, "shards", flags);
    compare(&format!("{name}, shards"), &got, &want, &mut failures);
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn rows_in_any_order() {
    check("4 classes", table(4, 300, &[]), &[]);
    check("2 classes", table(2, 200, &[]), &["--compare-methods"]);
    check("64 classes", table(64, 250, &[]), &[]);
}

#[test]
fn rows_with_ids_groups_and_weights_in_any_order() {
    check("ids", table(3, 250, &["id"]), &["--id", "id"]);
    check("groups", table(3, 320, &["doc"]), &["--group", "doc", "--compare-methods"]);
    check("weights", table(3, 252, &["weight"]), &["--weight", "weight"]);
    let all = ["--id", "id", "--group", "doc", "--weight", "weight"];
    check("all of these", table(3, 320, &["id", "doc", "weight"]), &all);
}
