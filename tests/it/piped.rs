//! `-`: data through standard input, for the command line and for the app.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use crate::cli::{expect, run, stdout};
use crate::deadline::{Input, output};
use crate::forms::{self, FORMS};
use crate::shared;
use crate::terminal::Terminal;

/// Runs the program with these bytes on its standard input.
fn piped(arguments: &[&str], bytes: Vec<u8>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logitscope"));
    command.env("XDG_CONFIG_HOME", "/nonexistent");
    command.args(arguments).current_dir(shared::sample("")).env("LC_ALL", "C.UTF-8");
    output(&mut command, Input::Whole(bytes))
}

#[test]
fn a_table_or_an_archive_through_a_pipe_is_the_file() {
    for name in ["digits_small_val.csv", "digits_overconfident.parquet"] {
        let bytes = fs::read(shared::sample(name)).expect("a file");
        let of_pipe = piped(&["report", "-", "--format", "json"], bytes);
        let of_file = run(&shared::sample(""), &["report", name, "--format", "json"]);
        expect(&of_pipe, 0);
        let report =
            |output: &Output| -> Value { serde_json::from_str(&stdout(output)).expect("JSON") };
        let (pipe, file) = (report(&of_pipe), report(&of_file));
        assert_eq!(pipe["source"]["path"], "stdin");
        for key in ["fit", "before", "after", "reliability"] {
            assert_eq!(pipe[key], file[key], "{name}: {key}");
        }
    }
}

/// `cat FILE | logitscope report -` in every form, packed ones too.
#[test]
fn every_form_comes_through_a_pipe() {
    let z: Vec<Vec<f64>> = (0..40u32)
        .map(|row| (0..3).map(|class| f64::from((row * 5 + class * 7) % 11) / 2.0).collect())
        .collect();
    let labels: Vec<i64> = (0..40).map(|row| (row * row) % 3).collect();
    let mut reports = Vec::new();
    for form in FORMS {
        let file = forms::bytes(form, &z, &labels);
        let output = piped(&["report", "-", "--format", "json"], file);
        expect(&output, 0);
        let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        reports.push((form, report["fit"].clone(), report["before"].clone()));
    }
    let (_, fit, before) = &reports[0];
    for (form, other_fit, other_before) in &reports {
        assert_eq!((other_fit, other_before), (fit, before), "{form}");
    }
}

#[test]
fn every_command_reads_it() {
    let table = || fs::read(shared::sample("digits_small_val.csv")).expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("rows.parquet").display().to_string();
    let probs = folder.path().join("probs.csv").display().to_string();
    for arguments in [
        &["-"][..],
        &["fit", "-"],
        &["inspect", "-"],
        &["fit", "digits_small_val.csv", "--test", "-"],
        &["summarize", "-", "--out", &out],
        &["apply", "-", "--temperature", "2", "--out", &probs],
    ] {
        let output = piped(arguments, table());
        expect(&output, 0);
    }
    assert!(Path::new(&out).exists() && Path::new(&probs).exists());
    let inspected = stdout(&piped(&["inspect", "-"], table()));
    assert!(inspected.starts_with("file          stdin\n"), "{inspected}");
}

#[test]
fn the_app_reads_data_from_a_pipe_and_keys_from_the_terminal() {
    let program = env!("CARGO_BIN_EXE_logitscope");
    let script = format!("cat digits_overconfident.parquet | {program} -");
    let mut terminal = Terminal::start_shell(&shared::sample(""), &script);
    terminal.wait_for("OVERCONFIDENT");
    terminal.send("3");
    terminal.wait_for("NLL (nats per row)");
    terminal.send("q");
    assert_eq!(terminal.wait_for_end().exit_code(), 0);
    assert!(terminal.gave_modes_back());
}

#[test]
fn a_terminal_is_not_waited_for() {
    let program = env!("CARGO_BIN_EXE_logitscope");
    let mut terminal = Terminal::start_shell(&shared::sample(""), &format!("{program} report -"));
    terminal.wait_for("standard input, which is a terminal");
    assert_eq!(terminal.wait_for_end().exit_code(), 2);
}
