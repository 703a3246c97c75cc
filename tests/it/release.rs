//! What a release says of itself: one version everywhere, and the licences of all that is compiled in.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn changelog_and_citation_are_of_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = file("CHANGELOG.md");
    let headings: Vec<&str> = changelog.lines().filter_map(|l| l.strip_prefix("## ")).collect();
    assert!(headings.iter().any(|heading| heading.starts_with(version)), "{headings:?}");
    assert!(file("CITATION.cff").contains(&format!("\nversion: {version}\n")));
}

#[test]
fn every_package_that_is_compiled_in_is_in_the_notices() {
    // Without the network: of this machine's target alone, whose sources are here.
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-e", "normal", "--prefix", "none", "-f", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("UTF-8");
    let notices = file("THIRD-PARTY-NOTICES");
    let named: BTreeSet<&str> = notices
        .lines()
        .filter_map(|line| line.split_once(": ").map(|(package, _)| package))
        .collect();
    let package = |line: &str| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let compiled: BTreeSet<String> =
        tree.lines().filter(|line| !line.starts_with("logitscope ")).map(package).collect();
    assert!(compiled.len() > 100, "{}", compiled.len());
    let missing: Vec<&String> = compiled.iter().filter(|p| !named.contains(p.as_str())).collect();
    assert!(missing.is_empty(), "run .ci/third-party-notices: {missing:?}");

    // And nothing that is gone from the lock file.
    let lock = file("Cargo.lock");
    let locked: BTreeSet<String> = lock
        .split("[[package]]")
        .filter_map(|block| {
            let value = |key: &str| block.split_once(&format!("\n{key} = \""))?.1.split('"').next();
            Some(format!("{} v{}", value("name")?, value("version")?))
        })
        .collect();
    let is_package =
        |name: &&&str| name.split(" v").nth(1).is_some_and(|v| v.starts_with(char::is_numeric));
    let listed: Vec<&&str> = named.iter().filter(is_package).collect();
    let gone: Vec<&&&str> = listed
        .iter()
        .filter(|name| !name.contains('(') && !locked.contains(**name as &str))
        .collect();
    assert!(gone.is_empty(), "run .ci/third-party-notices: {gone:?}");
}
