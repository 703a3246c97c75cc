//! The program on bad input: status 2, nothing on stdout, one error with a hint on stderr, and nothing left behind.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::cli::{expect, stderr, stdout};
use crate::deadline::{Input, output};
use crate::forms::{bytes, gzip};
use crate::shared;

fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logitscope"));
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    command.args(arguments).current_dir(folder).env("LC_ALL", "C.UTF-8");
    command
}

/// What the program said, and that it did as the head of this file says.
fn refusal(folder: &Path, arguments: &[&str], input: Input) -> String {
    let before = listed(folder);
    let ended = output(&mut program(folder, arguments), input);
    expect(&ended, 2);
    let said = stderr(&ended);
    assert_eq!(stdout(&ended), "", "{arguments:?}");
    assert!(said.starts_with("error: ") && said.contains("\n\nhint: "), "{arguments:?}: {said}");
    assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{arguments:?}: {said:?}");
    assert_eq!(listed(folder), before, "{arguments:?} left something behind");
    said
}

fn listed(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("an entry").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}

fn nothing() -> Input {
    Input::Whole(Vec::new())
}

/// Six rows of three classes, one of them with a label that is no class.
fn bad_labels(form: &str) -> Vec<u8> {
    let z: Vec<Vec<f64>> = (0..6).map(|row| vec![0.5, f64::from(row), 1.5]).collect();
    bytes(form, &z, &[0, 1, 2, 7, 1, 2])
}

#[test]
fn every_command_refuses_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, file) in [
        ("label.csv", bad_labels("csv")),
        ("label.parquet", bad_labels("list.parquet")),
        ("label.npz", bad_labels("packed.npz")),
        ("text.csv", b"logit_0,logit_1,label\n1,x,0\n1.5,2,1\n2,1,1\n".to_vec()),
        ("empty.npz", Vec::new()),
        ("cut.parquet", bad_labels("list.parquet")[..200].to_vec()),
        ("cut.csv.gz", bad_labels("csv.gz")[..40].to_vec()),
        ("noise.bin", vec![0; 100]),
        ("run.pkl", b"cos\nsystem\n(S'touch PWNED'\ntR.".to_vec()),
    ] {
        fs::write(folder.path().join(name), file).expect("written");
        for arguments in [
            &["report", name, "--out", "out.txt"][..],
            &["report", name, "--format", "json"],
            &["fit", name, "--out", "card.json"],
            &["apply", name, "--temperature", "2", "--out", "p.csv"],
            &["summarize", name, "--out", "rows.parquet"],
            &["doctor", name],
        ] {
            // Rows without a label have probabilities too, so `apply` asks for none; it is told what it may not read.
            let is_fine = arguments[0] == "apply" && name.starts_with("label");
            if !is_fine {
                let said = refusal(folder.path(), arguments, nothing());
                assert!(said.starts_with(&format!("error: {name}: ")), "{said}");
            }
        }
    }
}

#[test]
fn names_of_files_and_cells_with_control_characters() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = "x\u{1b}[2Jy.csv";
    fs::write(folder.path().join(name), bad_labels("csv")).expect("written");
    let said = refusal(folder.path(), &["report", name], nothing());
    assert!(said.contains("label 7 is not one of the 3 classes"), "{said}");
    let cells = "logit_0,logit_1,label\n1.5,\u{1b}]0;title\u{7},0\n1,2.5,1\n1,2.5,1\n1,2.5,1\n";
    fs::write(folder.path().join("cells.csv"), cells).expect("written");
    let said = refusal(folder.path(), &["report", "cells.csv"], nothing());
    assert!(said.contains("row 2, column logit_1"), "{said}");
}

#[cfg(unix)]
#[test]
fn devices_are_no_files() {
    let folder = tempfile::tempdir().expect("a folder");
    for device in ["/dev/zero", "/dev/null", "/dev/full"] {
        let said = refusal(folder.path(), &["report", device], nothing());
        assert!(said.contains("not an ordinary file"), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error_of_the_output() {
    let val = shared::sample("digits_small_val.csv");
    let folder = tempfile::tempdir().expect("a folder");
    let full = fs::File::options().write(true).open("/dev/full").expect("a device");
    let ended = program(folder.path(), &["report", &val.display().to_string()])
        .stdout(full)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the program ends");
    assert_eq!(ended.status.code(), Some(2));
    assert!(stderr(&ended).to_lowercase().contains("no space left"), "{}", stderr(&ended));
}

#[cfg(unix)]
#[test]
fn files_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("secret.csv");
    fs::write(&path, bad_labels("csv")).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("changed");
    if fs::File::open(&path).is_ok() {
        eprintln!("SKIPPED: this user may read every file");
        return;
    }
    let said = refusal(folder.path(), &["report", "secret.csv"], nothing());
    assert!(said.contains("permission denied") && said.contains("ls -l"), "{said}");
}

/// Bad input through a pipe.
#[test]
fn what_comes_through_a_pipe_is_refused_like_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let gz = bad_labels("csv.gz");
    let noise: Vec<u8> =
        (0u32..100_000).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    for (input, words) in [
        (Vec::new(), "stdin: the file is empty"),
        (b"hello\nworld\n".to_vec(), "stdin: no column of"),
        (noise, "stdin: this is no format that can be read"),
        (gz[..gz.len() / 2].to_vec(), "stdin: the file ends early; it is truncated"),
        (gzip(b""), "stdin: the file is empty"),
        (bad_labels("csv"), "stdin: row 5, label 7 is not one of the 3 classes"),
        (bad_labels("list.parquet"), "stdin: row 4, label 7 is not one of the 3 classes"),
        (bad_labels("list.parquet")[..200].to_vec(), "stdin: the Parquet footer is missing"),
    ] {
        for arguments in
            [&["report", "-", "--out", "out.txt"][..], &["fit", "-", "--out", "card.json"]]
        {
            let said = refusal(folder.path(), arguments, Input::Whole(input.clone()));
            assert!(said.starts_with("error: ") && said.contains(words), "{words}: {said}");
        }
    }
}

/// A writer that never closes its end is waited for only while what it wrote may be data.
#[test]
fn a_pipe_that_stays_open_is_not_waited_for_in_vain() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = refusal(folder.path(), &["report", "-"], Input::Open(vec![0; 5000]));
    assert!(said.contains("stdin: this is no format that can be read"), "{said}");
}

#[cfg(unix)]
#[test]
fn an_endless_device_as_standard_input_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = env!("CARGO_BIN_EXE_logitscope");
    for (input, words) in [
        ("/dev/zero", "stdin: this is no format that can be read"),
        ("/dev/null", "stdin: the file is empty"),
        (".", "stdin: is a directory"),
    ] {
        let mut shell = Command::new("sh");
        shell.current_dir(folder.path()).args(["-c", &format!("'{program}' report - < {input}")]);
        let ended = output(&mut shell, nothing());
        expect(&ended, 2);
        assert!(stderr(&ended).contains(words), "{}", stderr(&ended));
    }
}
