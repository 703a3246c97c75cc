//! The Python package: its own tests, and what travels in its wheel.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn python_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}

#[test]
fn its_own_tests_pass() {
    let is_there = Command::new("python3")
        .args(["-c", "import sys, numpy; sys.exit(sys.version_info < (3, 9))"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !is_there {
        // Past the capture of the test harness: a skipped test must say so.
        let _ = std::io::stderr().write_all(
            b"!!! NO python3 OF 3.9 OR LATER WITH NUMPY: the tests of the Python package are SKIPPED !!!\n",
        );
        return;
    }
    let output = Command::new("python3")
        .args(["-B", "-m", "unittest", "discover", "-s"])
        .arg(python_folder().join("tests"))
        .env("LOGITSCOPE_BIN", env!("CARGO_BIN_EXE_logitscope"))
        .env("PYTHONPATH", python_folder())
        .output()
        .expect("python3 starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("Ran 0 tests"), "{said}");
}

#[test]
fn man_page_and_completions_of_the_wheel_are_what_the_program_prints() {
    let share = python_folder().join("logitscope.data/data/share");
    let files: [(&str, &[&str]); 4] = [
        ("man/man1/logitscope.1", &["man"]),
        ("bash-completion/completions/logitscope", &["completions", "bash"]),
        ("zsh/site-functions/_logitscope", &["completions", "zsh"]),
        ("fish/vendor_completions.d/logitscope.fish", &["completions", "fish"]),
    ];
    for (file, words) in files {
        let printed = Command::new(env!("CARGO_BIN_EXE_logitscope"))
            .args(words)
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .output()
            .expect("the program starts")
            .stdout;
        let committed = fs::read(share.join(file)).expect("there");
        assert!(
            committed == printed,
            "{file} is not what the program prints: python/generate-data {}",
            env!("CARGO_BIN_EXE_logitscope")
        );
    }
}
