//! The program as a script sees it: exit status, stdout, stderr, files.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::shared;

/// Runs the program in `folder` with nothing on stdin and pipes for the rest.
pub(crate) fn run<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_logitscope"))
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C.UTF-8")
        // Whoever runs the tests may have a configuration.
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn samples() -> std::path::PathBuf {
    shared::sample("")
}

/// Fails unless the program ended with `code`, showing what it said.
pub(crate) fn expect(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}{}", stdout(output), stderr(output));
}

#[test]
fn without_a_terminal_and_a_file_the_bundled_sample_is_reported() {
    let output = run(&samples(), &[] as &[&str]);
    expect(&output, 0);
    let text = stdout(&output);
    assert!(text.contains("digits_overconfident.parquet") && text.contains("OVERCONFIDENT"));
    assert!(text.contains("T = 4.287"), "{text}");
    assert!(stderr(&output).is_empty());
}

#[test]
fn a_file_without_a_command_is_reported_too() {
    let plain = run(&samples(), &["digits_small_val.csv"]);
    let report = run(&samples(), &["report", "digits_small_val.csv"]);
    expect(&plain, 0);
    assert_eq!(stdout(&plain), stdout(&report));
}

#[test]
fn a_report_has_no_line_that_is_too_long_and_no_nan() {
    for file in ["digits_overconfident.parquet", "digits_fp16_overflow.npz", "digits_small_val.csv"]
    {
        let output = run(&samples(), &["report", file]);
        expect(&output, 0);
        let mut is_finding = false;
        for line in stdout(&output).lines() {
            assert!(line.chars().count() <= 80, "{file}: {line}");
            is_finding = line == "Findings" || is_finding && !line.is_empty();
            // A sentence on the rows that were left out says the word; a figure must not.
            let is_note = is_finding || line.contains("rows hold a score that is not finite");
            assert!(is_note || !line.contains("NaN"), "{file}: {line}");
        }
    }
}

#[test]
fn json_is_one_object_of_finite_numbers_and_nulls() {
    let arguments = ["report", "digits_small_val.csv", "--test", "digits_small_test.csv"];
    let output = run(&samples(), &[&arguments[..], &["--format", "json"]].concat());
    expect(&output, 0);
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(report["schema"], "logitscope.report/2");
    assert_eq!(report["evaluated_on"], "test");
    assert_eq!(report["source"]["rows_used"], 350);
    let t = report["fit"]["temperature"].as_f64().expect("a temperature");
    assert!((t / 1.233_337_869_491_674_3 - 1.0).abs() < 1e-6);
    let ece = report["after"]["ece"].as_f64().expect("a number");
    assert!((ece - 0.039_555_396_814_976_884).abs() < 1e-9);
}

#[test]
fn a_card_is_written_and_applied() {
    let folder = tempfile::tempdir().expect("a folder");
    let val = samples().join("digits_small_val.csv");
    let arguments = [OsStr::new("fit"), val.as_os_str(), "--out".as_ref(), "card.json".as_ref()];
    expect(&run(folder.path(), &arguments), 0);
    let card = fs::read_to_string(folder.path().join("card.json")).expect("the card is there");
    let card: Value = serde_json::from_str(&card).expect("JSON");
    assert_eq!(card["schema"], "logitscope.temperature/1");
    let t = card["temperature"].as_f64().expect("a temperature");

    for (out, what) in [("p.csv", "probs"), ("p.parquet", "probs"), ("z.npz", "logits")] {
        let arguments = [
            OsStr::new("apply"),
            val.as_os_str(),
            "--card".as_ref(),
            "card.json".as_ref(),
            "--out".as_ref(),
            out.as_ref(),
            "--as".as_ref(),
            what.as_ref(),
        ];
        expect(&run(folder.path(), &arguments), 0);
        // What was written opens again: its own temperature is 1.
        let again = run(folder.path(), &["report", out, "--format", "json"]);
        expect(&again, 0);
        let report: Value = serde_json::from_str(&stdout(&again)).expect("JSON");
        assert_eq!(report["source"]["kind"], what, "{out}");
        let refitted = report["fit"]["temperature"].as_f64().expect("a temperature");
        assert!((refitted - 1.0).abs() < 1e-6, "{out}: {refitted} after dividing by {t}");
    }
}

#[test]
fn an_output_that_is_the_input_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("x.csv");
    fs::copy(samples().join("digits_small_val.csv"), &file).expect("copied");
    let before = fs::read(&file).expect("there");
    for arguments in [
        &["fit", "x.csv", "--out", "x.csv"][..],
        &["report", "x.csv", "--out", "./x.csv"],
        &["apply", "x.csv", "--temperature", "2", "--out", "x.csv"],
    ] {
        let output = run(folder.path(), arguments);
        expect(&output, 2);
        assert!(stderr(&output).contains("this is the file that is read"), "{}", stderr(&output));
        assert_eq!(fs::read(&file).expect("there"), before);
    }
}

#[test]
fn a_card_of_another_number_of_classes_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("x.csv"), "logit_0,logit_1,label\n1,2,1\n2,1,0\n")
        .expect("written");
    let val = samples().join("digits_small_val.csv");
    let fit = [OsStr::new("fit"), val.as_os_str(), "--out".as_ref(), "card.json".as_ref()];
    expect(&run(folder.path(), &fit), 0);
    let apply = ["apply", "x.csv", "--card", "card.json", "--out", "p.csv"];
    let output = run(folder.path(), &apply);
    expect(&output, 2);
    assert!(stderr(&output).contains("fitted on 10 classes"), "{}", stderr(&output));
    assert!(!folder.path().join("p.csv").exists());
}

#[test]
fn a_fit_without_a_temperature_writes_no_card_and_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "label,logit_0,logit_1,logit_2\n";
    let cases = [
        ("flat.csv", "0,1,1,1\n1,2,2,2\n2,0,0,0\n", "every row is constant"),
        ("separable.csv", "0,3,1,0\n1,0,2,1\n2,0,1,5\n", "separable"),
        ("worse.csv", "0,-3,1,0\n1,0,-2,1\n2,0,1,-5\n", "worse than uniform"),
    ];
    for (name, body, words) in cases {
        fs::write(folder.path().join(name), format!("{rows}{body}")).expect("written");
        let output = run(folder.path(), &["fit", name, "--out", "card.json"]);
        expect(&output, 2);
        let said = stderr(&output);
        assert!(said.starts_with("FAILURE: ") && said.contains(words), "{said}");
        assert!(said.contains("\nerror: ") && said.contains("\n\nhint: "), "{said}");
        assert!(!folder.path().join("card.json").exists());
        // The report of the same rows is fine, without any NaN.
        let report = run(folder.path(), &["report", name]);
        expect(&report, 0);
        assert!(stdout(&report).contains("There is no temperature to ship"), "{}", stdout(&report));
    }
}

#[test]
fn mistakes_end_with_status_2_and_a_hint() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases: [(&[&str], &str); 7] = [
        (&["report", "no-such-file.csv"], "no-such-file.csv"),
        (&["report", "a.csv", "b.csv"], "--test"),
        (&["report", "x.csv", "--rows", "5"], "--rows 0..5000"),
        (&["apply", "x.csv", "--out", "p.csv"], "--temperature"),
        (&["report", "x.csv", "--formt", "json"], "--format"),
        (&["reprot", "x.csv"], "logitscope report x.csv"),
        (&["report", "x.csv", "--bins", "0"], "1..=1000"),
    ];
    for (arguments, words) in cases {
        let output = run(folder.path(), arguments);
        expect(&output, 2);
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
        assert!(stdout(&output).is_empty());
    }
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing left behind");
}

#[test]
fn a_temperature_that_is_none_is_refused() {
    for t in ["0", "-1", "nan", "inf"] {
        let arguments = ["apply", "digits_small_val.csv", "--temperature", t, "--out", "p.csv"];
        let output = run(&samples(), &arguments);
        expect(&output, 2);
        assert!(stderr(&output).contains("a finite number above 0"), "{}", stderr(&output));
    }
    assert!(!samples().join("p.csv").exists());
}

#[test]
fn a_hostile_class_name_does_not_reach_the_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let rows = "label,\u{1b}]0;owned\u{7}_a,b\n\u{1b}]0;owned\u{7}_a,2,1\nb,0,1\nb,3,1\n";
    fs::write(folder.path().join("x.csv"), rows).expect("written");
    for arguments in [&["inspect", "x.csv"][..], &["report", "x.csv"][..]] {
        let output = run(folder.path(), arguments);
        for text in [stdout(&output), stderr(&output)] {
            assert!(!text.contains('\u{1b}') && !text.contains('\u{7}'), "{text:?}");
        }
    }
}

#[test]
fn inspect_says_how_a_file_is_understood() {
    let output = run(&samples(), &["inspect", "digits_small_val.csv"]);
    expect(&output, 0);
    let text = stdout(&output);
    for words in ["csv", "10 classes", "350", "z0", "label", "multiclass"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn help_names_every_command_and_version_prints() {
    let help = run(&samples(), &["--help"]);
    expect(&help, 0);
    for command in ["report", "fit", "apply", "inspect"] {
        assert!(stdout(&help).contains(command));
    }
    let version = run(&samples(), &["--version"]);
    assert_eq!(stdout(&version), format!("logitscope {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_memory_that_may_be_used_changes_no_figure() {
    let report = |memory: &[&str]| {
        let file = ["report", "digits_fp16_overflow.npz", "--format", "json"];
        let output = run(&samples(), &[&file[..], memory].concat());
        expect(&output, 0);
        let mut json: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        json["timing"] = Value::Null;
        json["peak_memory_bytes"] = Value::Null;
        json
    };
    let free = report(&[]);
    for size in ["0", "1k", "2G"] {
        assert!(report(&["--memory", size]) == free, "{size}");
    }
    let output = run(&samples(), &["report", "x.csv", "--memory", "lots"]);
    expect(&output, 2);
    assert!(
        stderr(&output).contains("a size is a number of bytes, or one with K, M or G, such as 2G"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn shells_and_the_manual_know_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let commands = ["report", "fit", "compare", "completions"];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(folder.path(), &["completions", shell]);
        expect(&output, 0);
        let script = stdout(&output);
        assert!(commands.iter().all(|c| script.contains(c)), "{shell}");
        assert!(script.contains("max-ece") && script.contains("bootstrap"), "{shell}");
    }
    expect(&run(folder.path(), &["completions", "cmd"]), 2);
    let output = run(folder.path(), &["man"]);
    expect(&output, 0);
    let manual = stdout(&output);
    assert!(manual.contains(".TH logitscope") && manual.contains(".TH logitscope-report"));
    assert!(manual.contains("\\-\\-max\\-ece"), "flags of commands are there");
}

#[test]
fn a_report_and_a_comparison_are_pages_for_a_browser() {
    let folder = tempfile::tempdir().expect("a folder");
    let sample = shared::sample("digits_small_val.csv");
    let file = sample.to_str().expect("a path");
    for arguments in [
        ["report", file, "--out", "page.html"].as_slice(),
        &["compare", file, file, "--out", "page.html"],
    ] {
        expect(
            &run(folder.path(), &[arguments, &["--format", "html", "--bootstrap", "50"]].concat()),
            0,
        );
        let page = fs::read_to_string(folder.path().join("page.html")).expect("written");
        assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
        assert!(page.contains("<svg") && page.contains("accuracy"));
    }
}

#[test]
fn a_configuration_changes_defaults_and_a_wrong_one_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let with_config = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_logitscope"))
            .args(arguments)
            .current_dir(samples())
            .env("LC_ALL", "C.UTF-8")
            .env("XDG_CONFIG_HOME", folder.path())
            .stdin(Stdio::null())
            .output()
            .expect("the program starts")
    };
    let output = with_config(&["config", "init"]);
    expect(&output, 0);
    let path = folder.path().join("logitscope/config.toml");
    assert_eq!(stdout(&output).trim_end(), path.display().to_string());
    let written = fs::read_to_string(&path).expect("written");
    let again = with_config(&["config", "init"]);
    expect(&again, 2);
    assert!(stderr(&again).contains("--force"), "{}", stderr(&again));

    let report = |arguments: &[&str]| -> Value {
        let fixed = ["report", "digits_small_val.csv", "--format", "json"];
        let output = with_config(&[&fixed, arguments].concat());
        expect(&output, 0);
        serde_json::from_str(&stdout(&output)).expect("JSON")
    };
    let bins = |report: &Value| report["reliability"]["before"].as_array().map(Vec::len);
    assert_eq!(bins(&report(&[])), Some(15), "as it was written nothing changes");
    let changed =
        written.replace("#bins = 15", "bins = 20").replace("#bootstrap = 1000", "bootstrap = 0");
    fs::write(&path, changed).expect("written");
    assert_eq!(bins(&report(&[])), Some(20));
    assert!(report(&[])["before"].get("intervals").is_none());
    assert_eq!(bins(&report(&["--bins", "7"])), Some(7));

    fs::write(&path, "bins = 0\n").expect("written");
    let output = with_config(&["fit", "digits_small_val.csv"]);
    expect(&output, 2);
    let said = stderr(&output);
    assert!(said.contains("config.toml: bins = 0") && said.contains("hint:"), "{said}");
}

#[test]
fn a_mistake_in_a_command_shows_how_that_command_is_used() {
    let file = "digits_small_val.csv";
    let mut mistakes: Vec<Vec<&str>> = vec![
        vec!["report", file, "--chart", "risk"],
        vec!["report", file, "--format", "json", "--size", "300x300"],
        vec!["compare", file, file, "--chart", "risk"],
        vec!["compare", file],
        vec!["--bins", "5", "report", file],
        vec!["--no-mouse", "fit", file],
        vec!["check", file, "--temperature", "2", "--card", "card.json"],
        vec!["apply", file, "--out", "x.csv"],
    ];
    let commands = ["report", "fit", "apply", "check", "compare", "inspect", "summarize", "doctor"];
    mistakes.extend(commands.map(|command| vec![command, "--nonsense"]));
    for args in mistakes {
        let output = run(&samples(), &args);
        expect(&output, 2);
        let said = stderr(&output);
        let command = args.iter().find(|arg| commands.contains(arg)).expect("a command");
        assert!(said.contains(&format!("Usage: logitscope {command} ")), "{args:?}: {said}");
        assert!(!said.contains("logitscope <COMMAND>"), "{args:?}: {said}");
    }
}
