//! What is written and where: never over what is read, whole or not at all.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::compare::row;

const N_ROWS: usize = 400;

fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}").into_bytes();
    header.resize(117, b' ');
    header.push(b'\n');
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(header);
    bytes.extend(data);
    bytes
}

/// The same rows as a table, as two shards of one, and as arrays with their labels and names beside.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("shards")).expect("a folder");
    let head = "logit_0,logit_1,logit_2,label\n".to_owned();
    let (mut table, mut shards) = (head.clone(), [head.clone(), head]);
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for (idx, (z, label)) in (0..N_ROWS).map(row).enumerate() {
        let line = format!("{},{},{},{label}\n", z[0], z[1], z[2]);
        table += &line;
        shards[idx % 2] += &line;
        scores.extend(z.iter().flat_map(|z| z.to_le_bytes()));
        labels.extend(i64::try_from(label).expect("small").to_le_bytes());
    }
    fs::write(path("x.csv"), table).expect("written");
    fs::write(path("shards/a.csv"), &shards[0]).expect("written");
    fs::write(path("shards/b.csv"), &shards[1]).expect("written");
    fs::write(path("logits.npy"), npy("<f8", "(400, 3)", &scores)).expect("written");
    fs::write(path("labels.npy"), npy("<i8", "(400,)", &labels)).expect("written");
    fs::write(path("class_names.txt"), "=cat()\n-dog\neel\n").expect("written");
    folder
}

/// What would be written over something that it reads.
#[cfg(unix)]
const OVER_INPUT: [&[&str]; 14] = [
    &["fit", "logits.npy", "--out", "labels.npy"],
    &["fit", "logits.npy", "--out", "sub/../class_names.txt"],
    &["apply", "logits.npy", "--temperature", "2", "--out", "labels.npy"],
    &["fit", "logits.npy", "--labels", "apart.npy", "--out", "apart.npy"],
    &["fit", "x.csv", "--class-names", "class_names.txt", "--out", "class_names.txt"],
    &["fit", "x.csv", "--test", "logits.npy", "--out", "labels.npy"],
    &["fit", "x.csv", "--test", "shards", "--out", "shards/a.csv"],
    &["report", "x.csv", "--out", "link.csv"],
    &["report", "x.csv", "--out", "hard.csv"],
    &["report", "link.csv", "--out", "x.csv"],
    &["summarize", "shards", "--out", "shards/b.csv"],
    &["apply", "shards/*.csv", "--temperature", "2", "--out", "shards/b.csv"],
    &["compare", "x.csv", "shards", "--out", "hard.csv"],
    &["apply", "x.csv", "--card", "card.json", "--out", "card.json"],
];

/// The bytes of every file that may be read.
#[cfg(unix)]
fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let names = [
        "x.csv",
        "shards/a.csv",
        "shards/b.csv",
        "labels.npy",
        "apart.npy",
        "class_names.txt",
        "card.json",
        "logits.npy",
    ];
    let bytes = names.map(|name| fs::read(folder.join(name)).expect("there"));
    bytes.to_vec()
}

#[cfg(unix)]
#[test]
fn nothing_that_is_read_is_written_over() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("sub")).expect("a folder");
    std::os::unix::fs::symlink("x.csv", path("link.csv")).expect("linked");
    fs::hard_link(path("x.csv"), path("hard.csv")).expect("linked");
    fs::copy(path("labels.npy"), path("apart.npy")).expect("copied");
    expect(&run(folder.path(), &["fit", "x.csv", "--out", "card.json"]), 0);
    let before = contents(folder.path());
    for arguments in OVER_INPUT {
        let output = run(folder.path(), arguments);
        expect(&output, 2);
        let said = stderr(&output);
        assert!(said.contains("this is the file that is read"), "{arguments:?}: {said}");
        assert!(contents(folder.path()) == before, "{arguments:?}");
    }
    // Standard input may be one of the files.
    let mut program = Command::new(env!("CARGO_BIN_EXE_logitscope"));
    program.args(["report", "-", "--out", "hard.csv"]).current_dir(folder.path());
    program.stdin(fs::File::open(path("x.csv")).expect("there"));
    expect(&program.output().expect("it runs"), 2);
    assert!(contents(folder.path()) == before);
    // What lies there and is not read is no input.
    expect(&run(folder.path(), &["fit", "logits.npy", "--out", "card.json"]), 0);
    expect(&run(folder.path(), &["report", "x.csv", "--bootstrap", "0", "--out", "apart.npy"]), 0);
}

#[test]
fn a_dash_is_standard_output_and_notes_go_to_stderr() {
    let folder = folder();
    let of = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        expect(&output, 0);
        output
    };
    let fit = of(&["fit", "x.csv", "--out", "-"]);
    let card: Value = serde_json::from_str(&stdout(&fit)).expect("a card alone");
    assert!(card["temperature"].as_f64().is_some());
    assert!(stderr(&fit).contains("\nNLL, in sample"), "{}", stderr(&fit));
    let apply = of(&["apply", "x.csv", "--temperature", "2", "--out", "-"]);
    assert_eq!(stdout(&apply).lines().count(), N_ROWS + 1);
    assert_eq!(stderr(&apply), "wrote 400 rows to standard output, T = 2\n");
    let summaries = of(&["summarize", "x.csv", "--out", "-"]);
    fs::write(folder.path().join("rows.parquet"), &summaries.stdout).expect("written");
    let again = of(&["fit", "rows.parquet", "--out", "-"]);
    let again: Value = serde_json::from_str(&stdout(&again)).expect("a card alone");
    assert_eq!(again["temperature"], card["temperature"]);
    for command in [&["report", "x.csv"][..], &["compare", "x.csv", "x.csv"]] {
        let json = [command, &["--bootstrap", "0", "--format", "json", "--out", "-"]].concat();
        let output = of(&json);
        assert!(serde_json::from_str::<Value>(&stdout(&output)).is_ok());
    }
    assert!(!folder.path().join("-").exists());
}

/// What lies in a folder beside `known`, hidden files too.
fn others(folder: &Path, known: &[&str]) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned());
    names.filter(|name| !known.contains(&name.as_str())).collect()
}

/// True if this process ignores the signal, as those do that a script starts in the background.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

#[cfg(unix)]
#[test]
fn an_interrupted_output_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt;
    const LIMIT: Duration = Duration::from_mins(1);
    let folder = tempfile::tempdir().expect("a folder");
    // Large enough to be met while it is written.
    let (n, k) = (20_000, 200);
    let values: Vec<u8> =
        (0..n * k).flat_map(|i| ((i % 977) as f32 / 100.0).to_le_bytes()).collect();
    fs::write(folder.path().join("z.npy"), npy("<f4", "(20000, 200)", &values)).expect("written");
    let known = ["z.npy"];
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("KILL", 9)] {
        if is_ignored(number) {
            eprintln!(
                "SKIPPED: SIG{signal} is ignored where the tests run, and so in what they start"
            );
            continue;
        }
        let mut program = Command::new(env!("CARGO_BIN_EXE_logitscope"));
        program.args(["apply", "z.npy", "--temperature", "2", "--out", "p.csv"]);
        program.current_dir(folder.path()).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = program.spawn().expect("it runs");
        let end = Instant::now() + LIMIT;
        while others(folder.path(), &known).is_empty() {
            assert!(Instant::now() < end, "nothing is written");
            std::thread::sleep(Duration::from_millis(2));
        }
        let id = child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status();
        assert!(sent.expect("kill runs").success());
        assert_eq!(child.wait().expect("it ends").signal(), Some(number), "{signal}");
        let left = others(folder.path(), &known);
        assert_eq!(left.len(), usize::from(signal == "KILL"), "{signal}: {left:?}");
    }
    // The next run clears what nobody could.
    fs::write(folder.path().join("x.csv"), "z0,z1,label\n1.5,2,1\n2,1.5,1\n3,1.5,0\n1,3.5,0\n")
        .expect("written");
    let arguments = ["apply", "x.csv", "--temperature", "2", "--out", "q.csv"];
    expect(&run(folder.path(), &arguments), 0);
    assert!(others(folder.path(), &["z.npy", "x.csv", "q.csv"]).is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_one_error() {
    let folder = folder();
    for (out, names) in [("/dev/full", "fit"), ("-", "apply")] {
        let more: &[&str] = if names == "fit" { &[] } else { &["--temperature", "2"] };
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("there");
        let output = Command::new(env!("CARGO_BIN_EXE_logitscope"))
            .args([&[names, "x.csv", "--out", out], more].concat())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(full)
            .output()
            .expect("it runs");
        expect(&output, 2);
        assert_eq!(
            stderr(&output).matches("no space left on device").count(),
            1,
            "{}",
            stderr(&output)
        );
    }
    // An archive has an end to write, which it tries once.
    std::os::unix::fs::symlink("/dev/full", folder.path().join("full.npz")).expect("linked");
    let arguments = ["apply", "x.csv", "--temperature", "2", "--out", "full.npz"];
    let output = run(folder.path(), &arguments);
    expect(&output, 2);
    assert_eq!(stderr(&output).lines().count(), 1, "{}", stderr(&output));
}

#[test]
fn cells_of_tables_are_no_formulas() {
    let folder = folder();
    let apply = |out: &str| {
        let arguments = ["apply", "logits.npy", "--temperature", "2", "--out", out];
        expect(&run(folder.path(), &arguments), 0);
        fs::read_to_string(folder.path().join(out)).unwrap_or_default()
    };
    let head = apply("p.csv").lines().next().map(str::to_owned);
    assert_eq!(head.as_deref(), Some("'=cat(),'-dog,eel,label"));
    // Elsewhere a name is a name.
    assert!(apply("p.jsonl").starts_with("{\"=cat()\": "));
    let mut text = "z0,z1,label\n".to_owned();
    for idx in 0..30 {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},1.5,{}", idx % 4, usize::from(idx % 3 == 0));
    }
    for name in ["=a.csv", "@b.csv"] {
        fs::write(folder.path().join(name), &text).expect("written");
    }
    let arguments = ["compare", "=a.csv", "@b.csv", "--bootstrap", "0", "--format", "csv"];
    let table = stdout(&run(folder.path(), &arguments));
    let first: Vec<&str> =
        table.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(first, ["'=a.csv", "'@b.csv"]);
    // Numbers below zero stay numbers.
    assert!(!table.contains("'-"), "{table}");
}

#[test]
fn what_was_typed_is_quoted_without_control_characters() {
    let folder = folder();
    let hostile = "\u{1b}]0;owned\u{7}\u{ad}\u{e0041}";
    let flag = format!("--{hostile}");
    let cases: [&[&str]; 4] = [
        &["report", "x.csv", &flag],
        &["report", "x.csv", "--format", hostile],
        &["check", "x.csv", "--max-ece", "1", "--ignore", hostile],
        &["report", hostile],
    ];
    for arguments in cases {
        let output = run(folder.path(), arguments);
        expect(&output, 2);
        let said = stderr(&output);
        let is_hidden = |c: char| "\u{1b}\u{7}\u{ad}\u{e0041}".contains(c);
        assert!(!said.contains(is_hidden), "{said:?}");
    }
    let threads = |n: &str| run(folder.path(), &["fit", "x.csv", "--threads", n]);
    expect(&threads("2"), 0);
    for n in ["0", "1025", "100000"] {
        let output = threads(n);
        expect(&output, 2);
        assert!(stderr(&output).contains("1..=1024"), "{}", stderr(&output));
    }
}

#[test]
fn long_names_are_cut_for_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = "n".repeat(3000);
    let mut text = format!("{long},dog,eel,label\n");
    for (z, label) in (0..N_ROWS).map(row) {
        let name = [long.as_str(), "dog", "eel"][label];
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{},{},{name}", z[0], z[1], z[2]);
    }
    fs::write(folder.path().join("x.csv"), text).expect("written");
    for arguments in
        [&["report", "x.csv", "--bootstrap", "0"][..], &["inspect", "x.csv"], &["doctor", "x.csv"]]
    {
        let output = run(folder.path(), arguments);
        let text = stdout(&output);
        assert!(!text.is_empty() && !text.contains(&"n".repeat(60)), "{arguments:?}: {text}");
    }
}
