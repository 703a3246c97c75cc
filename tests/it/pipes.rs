//! Pipes with a name, such as the shell makes for `<(command)`.
#![cfg(unix)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{fs, thread};

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared::sample;

/// Makes a pipe called `name` that someone writes `bytes` to as soon as it is opened for reading.
fn pipe(folder: &Path, name: &str, bytes: Vec<u8>) -> thread::JoinHandle<()> {
    let path = folder.join(name);
    let made = Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo starts").success());
    // The program may close the pipe early; that is not this test's matter.
    thread::spawn(move || drop(fs::write(path, bytes)))
}

#[test]
fn a_pipe_with_a_name_is_read_like_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = |arguments: &[&str]| -> Value {
        let output = run(folder.path(), &[arguments, &["--format", "json"]].concat());
        expect(&output, 0);
        serde_json::from_str(&stdout(&output)).expect("JSON")
    };
    let bytes = |name: &str| fs::read(sample(name)).expect("a file");
    for name in ["digits_small_val.csv", "digits_small_test.csv"] {
        fs::copy(sample(name), folder.path().join(name)).expect("copied");
    }
    let of_files = json(&["report", "digits_small_val.csv", "--test", "digits_small_test.csv"]);
    let writers = [
        pipe(folder.path(), "val", bytes("digits_small_val.csv")),
        pipe(folder.path(), "test", bytes("digits_small_test.csv")),
    ];
    let of_pipes = json(&["report", "val", "--test", "test"]);
    for writer in writers {
        writer.join().expect("written");
    }
    assert_eq!(of_pipes["source"]["path"], "pipe");
    for key in ["fit", "before", "after"] {
        assert_eq!(of_pipes[key], of_files[key], "{key}");
    }
}

/// `--labels <(cut -f1 x.tsv)`: with and without a header, as numbers and as names.
#[test]
fn labels_and_class_names_come_through_pipes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut table = String::new();
    let (mut numbers, mut words) = (String::from("digit\n"), String::new());
    for row in 0..60 {
        let label = row * row % 3;
        let _ = writeln!(table, "{}.5,{}.25,{}.75", row % 5, row % 7, row % 4);
        let _ = writeln!(numbers, "{label}");
        let _ = writeln!(words, "{}", ["cat", "old dog", "eel"][label]);
    }
    fs::write(folder.path().join("z.csv"), format!("z_0,z_1,z_2\n{table}")).expect("written");
    fs::write(folder.path().join("labels.txt"), &words).expect("written");
    fs::write(folder.path().join("names.txt"), "cat\nold dog\neel\n").expect("written");
    let fit = |arguments: &[&str]| -> Value {
        let fixed = ["report", "z.csv", "--logits", "z_*", "--format", "json"];
        let output = run(folder.path(), &[&fixed, arguments].concat());
        expect(&output, 0);
        let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        report["fit"].clone()
    };
    let wanted = fit(&["--labels", "labels.txt", "--class-names", "names.txt"]);
    for (name, labels) in [("numbers", numbers), ("words", words)] {
        let writers = [
            pipe(folder.path(), name, labels.into_bytes()),
            pipe(folder.path(), &format!("names_of_{name}"), b"cat\nold dog\neel\n".to_vec()),
        ];
        let names = format!("names_of_{name}");
        assert_eq!(fit(&["--labels", name, "--class-names", &names]), wanted, "{name}");
        for writer in writers {
            writer.join().expect("written");
        }
    }
    // Labels of the wrong number are called by the name of the pipe.
    let writer = pipe(folder.path(), "few", b"0\n1\n".to_vec());
    let output = run(folder.path(), &["inspect", "z.csv", "--logits", "z_*", "--labels", "few"]);
    expect(&output, 2);
    writer.join().expect("written");
    assert!(stderr(&output).contains("60 rows of logits and 2 labels"), "{}", stderr(&output));
    let writer = pipe(folder.path(), "none", Vec::new());
    let output = run(folder.path(), &["inspect", "z.csv", "--labels", "none"]);
    expect(&output, 2);
    writer.join().expect("written");
    assert!(stderr(&output).starts_with("error: none: the file is empty"), "{}", stderr(&output));
}

#[test]
fn what_comes_through_a_pipe_and_is_no_data_is_refused_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let writer = pipe(folder.path(), "nothing", Vec::new());
    let output = run(folder.path(), &["report", "nothing"]);
    expect(&output, 2);
    writer.join().expect("written");
    let said = stderr(&output);
    assert!(said.starts_with("error: nothing: the file is empty"), "{said}");
}
