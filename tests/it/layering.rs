//! The arrows between the folders of `src` go one way, and each library is named in one place.

use std::fs;
use std::path::{Path, PathBuf};

/// For each top-level module the modules it may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("numerics", &[]),
    ("data", &["numerics"]),
    ("plot", &["numerics"]),
    ("io", &["numerics", "data"]),
    ("summarize", &["numerics", "data"]),
    ("metrics", &["numerics", "data", "summarize"]),
    ("fit", &["numerics", "data", "summarize", "metrics"]),
    ("analysis", &["numerics", "data", "summarize", "metrics", "fit"]),
    ("diagnosis", &["numerics", "data", "summarize", "metrics", "fit", "analysis"]),
    (
        "pipeline",
        &["numerics", "data", "io", "summarize", "metrics", "fit", "analysis", "diagnosis"],
    ),
    (
        "report",
        &[
            "numerics",
            "data",
            "io",
            "summarize",
            "metrics",
            "fit",
            "analysis",
            "diagnosis",
            "pipeline",
            "plot",
        ],
    ),
    (
        "tui",
        &[
            "numerics",
            "data",
            "io",
            "summarize",
            "metrics",
            "fit",
            "analysis",
            "diagnosis",
            "pipeline",
            "plot",
            "report",
        ],
    ),
    // `cli` and `tui` never import each other: `main` starts the app on what `cli` asks for.
    (
        "cli",
        &[
            "numerics",
            "data",
            "io",
            "summarize",
            "metrics",
            "fit",
            "analysis",
            "diagnosis",
            "pipeline",
            "plot",
            "report",
            "tui",
        ],
    ),
];

/// Libraries and the only places that may name them.
const CONFINED: &[(&str, &[&str])] = &[
    ("polars", &["io"]),
    ("polars_arrow", &["io/table"]),
    ("polars_parquet", &["io/table"]),
    ("flate2", &["io"]),
    ("memchr", &["io"]),
    ("zstd", &["io"]),
    ("npyz", &["io"]),
    ("zip", &["io"]),
    ("half", &["io"]),
    ("hdf5_reader", &["io"]),
    ("argmin", &["fit"]),
    ("argmin_math", &["fit"]),
    ("statrs", &["numerics", "metrics/interval.rs"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli/manual.rs"]),
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("rustix", &["tui/terminal.rs"]),
    ("signal_hook", &["tui", "cli/interrupt.rs"]),
];

/// The longest a file may be without its tests, and the reason to split it: it holds two ideas.
const MAX_LINES: usize = 450;

pub(crate) fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    collect(&root, &root, &mut files);
    assert!(files.len() > 30, "the sources were found");
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            files.push((path.strip_prefix(root).expect("under src").to_owned(), text));
        }
    }
}

/// The top-level module a file belongs to.
fn module(path: &Path) -> String {
    let first = path.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The code of a file: without comments, and without its tests where `tests` is false.
pub(crate) fn code(text: &str, tests: bool) -> String {
    let end = if tests { None } else { text.find("#[cfg(test)]") };
    let lines = text[..end.unwrap_or(text.len())].lines();
    lines.map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// Every `name` that follows `crate::` in `code`, also inside `crate::{a::b, c}`.
fn used_modules(code: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let mut names = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = &group[..group.find(';').unwrap_or(group.len())];
            names.extend(group.split([',', '{']).map(name));
        } else {
            names.push(name(rest));
        }
    }
    names
}

#[test]
fn arrows_between_folders_go_one_way() {
    let known: Vec<&str> = ARROWS.iter().map(|(module, _)| *module).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module(&path);
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == module) else {
            continue;
        };
        for used in used_modules(&code(&text, true)) {
            if known.contains(&used.as_str()) && used != module && !allowed.contains(&used.as_str())
            {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_library_is_named_in_its_place_alone() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let shown = path.display().to_string();
        for (library, places) in CONFINED {
            let named = code(&text, true).match_indices(&format!("{library}::")).any(|(at, _)| {
                let before = text.as_bytes().get(at.wrapping_sub(1)).copied().unwrap_or(b' ');
                !(before.is_ascii_alphanumeric() || before == b'_' || before == b':')
            });
            if named && !places.iter().any(|place| shown.starts_with(place)) {
                wrong.push(format!("{shown} names {library}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_grows_for_ever() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(path, text)| (path, code(text, false).lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn only_the_command_line_prints() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let code = code(&text, false);
        let prints =
            ["println!", "eprintln!", "print!(", "eprint!("].iter().any(|m| code.contains(m));
        if prints && module(&path) != "cli" {
            wrong.push(path.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A closure in a kernel is a function of its own, compiled without the instruction set: every vector operation in it
/// would be a call.
#[test]
fn kernels_hand_their_instruction_set_to_no_closure() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        let code = code(&text, false);
        for body in code.split("fn run<I: Simd>(").skip(1) {
            let body = body.split("\n    }\n").next().unwrap_or(body);
            let of_isa = |line: &&str| {
                let (_, called) = line.split_once('|').unwrap_or_default();
                called.contains('|')
                    && ["isa", "summarizer"].iter().any(|word| called.contains(word))
            };
            let lines = body.lines().filter(of_isa);
            found.extend(lines.map(|line| format!("{}: {}", path.display(), line.trim())));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
