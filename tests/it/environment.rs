//! What the environment says: defaults of flags, colour, the configuration file.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::cli::{expect, stderr, stdout};

const SAMPLE: &str = "sample_data/digits_overconfident.parquet";

/// Runs the program in the repository with these variables and no others of ours.
fn with(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logitscope"));
    for name in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LOGITSCOPE_CONFIG"] {
        command.env_remove(name);
    }
    command
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .envs(variables.iter().copied())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

#[test]
fn text_is_coloured_where_the_user_or_the_environment_wants_it() {
    let report = ["report", SAMPLE, "--bootstrap", "0"];
    let is_coloured = |variables: &[(&str, &str)], more: &[&str]| {
        let output = with(variables, &[&report[..], more].concat());
        expect(&output, 0);
        let text = stdout(&output);
        let painted = text.contains("\x1b[1;33mOVERCONFIDENT\x1b[0m");
        assert_eq!(painted, text.contains('\x1b'), "all or nothing");
        painted
    };
    assert!(!is_coloured(&[], &[]), "no terminal");
    assert!(is_coloured(&[("FORCE_COLOR", "1")], &[]));
    assert!(is_coloured(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!is_coloured(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], &[]));
    assert!(is_coloured(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(is_coloured(&[("LOGITSCOPE_COLOR", "always")], &[]));
    assert!(!is_coloured(&[("LOGITSCOPE_COLOR", "always")], &["--color", "never"]));
    assert!(!is_coloured(&[("LOGITSCOPE_COLOR", "")], &[]), "an empty variable says nothing");
    for form in ["json", "csv", "markdown", "html"] {
        let output = with(&[("FORCE_COLOR", "1")], &[&report[..], &["--format", form]].concat());
        assert!(!stdout(&output).contains('\x1b'), "{form}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.txt");
    let out = ["--out", path.to_str().expect("UTF-8")];
    expect(&with(&[("FORCE_COLOR", "1")], &[&report[..], &out].concat()), 0);
    assert!(!fs::read_to_string(path).expect("written").contains('\x1b'));
}

#[test]
fn every_text_for_people_is_coloured_alike() {
    for (arguments, words) in [
        (&["fit", SAMPLE][..], "OVERCONFIDENT"),
        (&["doctor", SAMPLE], "warning"),
        (&["check", SAMPLE, "--max-ece", "0.001"], "exceeded"),
    ] {
        let output = with(&[("FORCE_COLOR", "1")], arguments);
        let text = stdout(&output);
        assert!(text.contains(&format!("m{words}\x1b[0m")), "{arguments:?}: {text}");
    }
}

#[test]
fn variables_are_defaults_of_flags() {
    let fit = ["fit", SAMPLE];
    let wrong = with(&[("LOGITSCOPE_THREADS", "none")], &fit);
    expect(&wrong, 2);
    assert!(stderr(&wrong).contains("--threads"), "{}", stderr(&wrong));
    let empty = [("LOGITSCOPE_THREADS", ""), ("LOGITSCOPE_MEMORY", ""), ("LOGITSCOPE_THEME", "")];
    expect(&with(&empty, &fit), 0);
    let wrong = with(&[("LOGITSCOPE_MEMORY", "much")], &fit);
    expect(&wrong, 2);
    assert!(stderr(&wrong).contains("--memory"), "{}", stderr(&wrong));
}

#[test]
fn the_configuration_may_lie_anywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.toml");
    let named = |path: &Path| {
        with(&[("LOGITSCOPE_CONFIG", path.to_str().expect("UTF-8"))], &["fit", SAMPLE])
    };
    let missing = named(&path);
    expect(&missing, 2);
    assert!(stderr(&missing).contains("LOGITSCOPE_CONFIG"), "{}", stderr(&missing));
    fs::write(&path, "color = \"always\"\n").expect("written");
    let painted = named(&path);
    expect(&painted, 0);
    assert!(stdout(&painted).contains('\x1b'));
    // A variable comes before the file.
    let both =
        [("LOGITSCOPE_CONFIG", path.to_str().expect("UTF-8")), ("LOGITSCOPE_COLOR", "never")];
    assert!(!stdout(&with(&both, &["fit", SAMPLE])).contains('\x1b'));
}
