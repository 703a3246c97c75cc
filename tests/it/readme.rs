//! The README's claims that a machine can check.

use std::fs;
use std::path::Path;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("there")
}

#[test]
fn every_local_link_leads_somewhere() {
    let page = page();
    let mut n_links = 0;
    for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        if !link.starts_with("http") && !link.starts_with('#') {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(link);
            assert!(path.exists(), "{link} does not exist");
            n_links += 1;
        }
    }
    assert!(n_links >= 3);
}

#[test]
fn every_flag_and_command_it_shows_is_understood() {
    use std::process::Command;
    let page = page();
    let shell = page.split("```sh").skip(1).filter_map(|block| block.split("```").next());
    let lines = shell.flat_map(str::lines).filter(|line| line.starts_with("logitscope "));
    let mut n_lines = 0;
    for line in lines {
        let words: Vec<&str> = line.split('#').next().unwrap_or("").split_whitespace().collect();
        let folder = tempfile::tempdir().expect("a folder");
        let output = Command::new(env!("CARGO_BIN_EXE_logitscope"))
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .args(&words[1..])
            .current_dir(folder.path())
            .output()
            .expect("the program starts");
        // The files are not there; the arguments must be understood all the same.
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{line}: {said}");
        assert!(!said.contains("Usage:"), "{line}: {said}");
        n_lines += 1;
    }
    assert!(n_lines >= 6);
}
