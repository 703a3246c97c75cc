//! README.md and docs/: every command in them is run, every link leads somewhere, what Python saves opens.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::cli::{expect, run, stderr, stdout};
use crate::shared::sample;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// README and every page of docs, with their places.
fn pages() -> Vec<(PathBuf, String)> {
    let folder = fs::read_dir(root().join("docs")).expect("a folder of pages");
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    paths.sort();
    paths.extend(["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)));
    let page = |path: PathBuf| (path.clone(), fs::read_to_string(path).expect("UTF-8"));
    paths.into_iter().map(page).collect()
}

/// The blocks of `page` in `language`.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn every_local_link_leads_somewhere() {
    let mut n_links = 0;
    for (place, page) in pages() {
        let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("http")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { place.clone() } else { place.with_file_name(file) };
            assert!(path.exists(), "{}: {link} does not exist", place.display());
            if !heading.is_empty() {
                let page = fs::read_to_string(&path).expect("a page");
                let anchor = |line: &str| {
                    line.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-")
                };
                let mut headings = page.lines().filter(|line| line.starts_with('#')).map(anchor);
                assert!(headings.any(|h| h == heading), "{}: no heading {link}", place.display());
            }
            n_links += 1;
        }
    }
    assert!(n_links >= 20, "{n_links}");
}

/// `labels` as a file of `NumPy`.
fn npy(labels: &[i64]) -> Vec<u8> {
    let about =
        format!("{{'descr': '<i8', 'fortran_order': False, 'shape': ({},), }}", labels.len());
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{about:<117}\n").bytes());
    bytes.extend(labels.iter().flat_map(|label| label.to_le_bytes()));
    bytes
}

/// The files that the pages name, made of the bundled samples.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    for name in ["run", "shards", "summaries"] {
        fs::create_dir(place(name)).expect("a folder");
    }
    let mut labels = Vec::new();
    for part in ["val", "test"] {
        let text = fs::read_to_string(sample(&format!("digits_small_{part}.csv"))).expect("text");
        let mut lines = text.lines();
        let mut table =
            format!("{},lang,length,user,weight,fold\n", lines.next().expect("a header"));
        for (i, line) in lines.enumerate() {
            let lang = ["de", "en", "en"][i % 3];
            writeln!(table, "{line},{lang},{},{},{},{}", i * 7 % 50, i / 5, 1 + i % 4, i % 5)
                .expect("text");
            if part == "val" {
                labels.push(line.split(',').nth(1).and_then(|y| y.parse().ok()).expect("a label"));
            }
        }
        fs::write(place(&format!("{part}.csv")), table).expect("written");
    }
    fs::write(place("val_labels.npy"), npy(&labels)).expect("written");
    let names: Vec<String> = (0..10).map(|k| format!("digit {k}")).collect();
    fs::write(place("names.txt"), names.join("\n")).expect("written");
    let fixtures = root().join("tests/fixtures");
    let copies = [
        (sample("digits_overconfident.parquet"), "val.parquet"),
        (sample("digits_fp16_overflow.npz"), "broken.npz"),
        (fixtures.join("docs/val.pt"), "val.pt"),
        (fixtures.join("docs/test.pt"), "test.pt"),
        (fixtures.join("absent/multilabel_150.npz"), "labels12.npz"),
        (fixtures.join("soft_labels/votes.csv"), "votes.csv"),
        (fixtures.join("score_kinds/one_vs_rest.csv"), "scores.csv"),
        (fixtures.join("harness/arc_easy_write_out_info.json"), "arc_easy_write_out_info.json"),
    ];
    for (from, to) in copies {
        fs::copy(from, place(to)).expect("copied");
    }
    let scaled = [
        ("val.csv", "0..350", "1", "val.npz"),
        ("val.csv", "0..350", "1", "val_logits.npy"),
        ("val.csv", "0..350", "0.5", "other.npz"),
        ("test.csv", "0..350", "1", "test.npz"),
        ("test.csv", "0..350", "1", "test.npy"),
        ("val.csv", "0..350", "2", "run/step_100.npz"),
        ("val.csv", "0..350", "1", "run/step_200.npz"),
        ("val.csv", "0..350", "0.5", "run/step_300.npz"),
        ("val.csv", "0..200", "1", "shards/part_0.parquet"),
        ("val.csv", "200..350", "1", "shards/part_1.parquet"),
    ];
    for (from, rows, t, to) in scaled {
        let words =
            ["apply", from, "--rows", rows, "--temperature", t, "--as", "logits", "--out", to];
        expect(&run(folder.path(), &words), 0);
    }
    folder
}

/// Runs a line as a shell does that finds the program.
fn shell(line: &str, folder: &Path) -> Output {
    let program = Path::new(env!("CARGO_BIN_EXE_logitscope"));
    let mut places = vec![program.parent().expect("a folder").to_owned()];
    places.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    Command::new("sh")
        .args(["-c", line])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(places).expect("no colon in a path"))
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

/// Runs every line of `page` that starts the program, in the order of the page and in one folder: status 0, or 1 where
/// the comment begins with `exit status 1` or another.
fn run_page(path: &str, at_least: usize) {
    let page = fs::read_to_string(root().join(path)).expect("a page");
    let folder = folder();
    let mut n_lines = 0;
    for line in blocks(&page, "sh").into_iter().flat_map(str::lines) {
        let (command, comment) = line.split_once(" #").unwrap_or((line, ""));
        if !command.starts_with("logitscope ") && !command.contains("| logitscope ") {
            continue;
        }
        let status = comment
            .trim()
            .strip_prefix("exit status ")
            .map_or(0, |status| status.parse().unwrap_or_else(|_| panic!("{line}: which status?")));
        let output = shell(command, folder.path());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(status), "{path}: {line}\n{said}");
        let wrote = command.contains("--out") || command.contains('>');
        assert!(wrote || status == 2 || !output.stdout.is_empty(), "{path}: {line} says nothing");
        n_lines += 1;
    }
    assert!(n_lines >= at_least, "{path}: {n_lines} lines");
}

#[test]
fn commands_of_the_readme() {
    run_page("README.md", 15);
}

/// What is installed comes first, then what a checkout takes.
#[test]
fn the_two_commands_of_the_readme_are_those_that_work() {
    let page = fs::read_to_string(root().join("README.md")).expect("a page");
    let (_, part) = page.split_once("\n## Two commands\n").expect("the part");
    let (part, _) = part.split_once("\n## ").expect("another part");
    let commands: Vec<&str> = blocks(part, "sh").into_iter().flat_map(str::lines).collect();
    assert_eq!(commands, ["logitscope", "cargo run --release", "cargo test"]);
    let output = shell(commands[0], root());
    expect(&output, 0);
    assert!(stdout(&output).contains("digits_overconfident"), "the report on the bundled data");
    // Cargo has one program to run.
    let manifest = fs::read_to_string(root().join("Cargo.toml")).expect("a manifest");
    assert!(manifest.contains("name = \"logitscope\""));
    assert!(root().join("src/main.rs").exists() && !root().join("src/bin").exists());
    assert!(page.lines().count() < 120, "a README is read in one go");
}

#[test]
fn commands_of_data() {
    run_page("docs/data.md", 30);
}

#[test]
fn commands_of_runs_and_shards() {
    run_page("docs/runs.md", 12);
    run_page("docs/shards.md", 10);
}

#[test]
fn commands_of_recalibrators() {
    run_page("docs/recalibrators.md", 15);
}

#[test]
fn commands_of_ci_and_reading() {
    run_page("docs/ci.md", 12);
    run_page("docs/figures.md", 4);
    run_page("docs/reading.md", 3);
}

#[test]
fn every_page_with_commands_is_run() {
    let run = ["data", "runs", "shards", "recalibrators", "ci", "figures", "reading"];
    for (path, page) in pages() {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let is_run = run.contains(&name.as_str()) || name == "README";
        let has_any = blocks(&page, "sh").concat().contains("\nlogitscope ");
        assert!(is_run || !has_any, "{name} has commands that no test runs");
    }
}

#[test]
fn what_the_snippets_of_numpy_save_opens() {
    let python = |code: &str, folder: &Path| {
        Command::new("python3").args(["-c", code]).current_dir(folder).output()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let has_numpy =
        python("import numpy", folder.path()).is_ok_and(|output| output.status.success());
    let page = fs::read_to_string(root().join("docs/data.md")).expect("a page");
    let mut n_run = 0;
    for code in blocks(&page, "python") {
        let imports: Vec<&str> =
            code.lines().filter(|l| l.starts_with("import ") || l.starts_with("from ")).collect();
        assert!(!imports.is_empty(), "{code}");
        // Names that the program knows, whichever library is asked.
        assert!(code.contains("logits") && code.contains("label"), "{code}");
        if !has_numpy || imports != ["import numpy as np"] || code.contains("trainer") {
            continue;
        }
        let rows = "import numpy as np\nr = np.random.default_rng(0)\nlabels = r.integers(0, 5, 300)\n\
             logits = r.normal(size=(300, 5)).astype('float32')\nlogits[np.arange(300), labels] += 1\n";
        let output = python(&format!("{rows}{code}"), folder.path()).expect("Python starts");
        expect(&output, 0);
        n_run += 1;
    }
    if !has_numpy {
        eprintln!("SKIPPED: no python3 with numpy, so its snippets were not run");
        return;
    }
    assert!(n_run >= 1);
    for name in ["val.npz", "val_logits.npy"] {
        let output = run(folder.path(), &["fit", name]);
        expect(&output, 0);
        assert!(stdout(&output).contains("temperature"), "{name}");
    }
}

/// `report --explain` knows every row of the tables and every key of the figures, so that nothing is shown that is
/// nowhere explained.
#[test]
fn every_figure_of_a_report_is_explained() {
    let figures = logitscope::report::figures();
    let is_explained = |name: &str| figures.iter().any(|figure| figure.is_called(name));
    let file = sample("digits_overconfident.parquet");
    let file = file.to_str().expect("UTF-8");
    let output = run(root(), &["report", file, "--bootstrap", "20", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let about_the_file = [
        "schema",
        "source",
        "exact",
        "evaluated_on",
        "findings",
        "notes",
        "timing",
        "peak_memory_bytes",
        "program",
    ];
    let keys = json.as_object().expect("an object").keys();
    let parts = ["before", "after", "in_sample_after", "improvement", "classes_test"];
    for key in
        keys.filter(|key| !about_the_file.contains(&key.as_str()) && !parts.contains(&key.as_str()))
    {
        assert!(is_explained(key), "{key}");
    }
    for key in json["before"].as_object().expect("an object").keys() {
        assert!(is_explained(key), "{key}");
    }
    let text = stdout(&run(root(), &["report", file, "--bootstrap", "20"]));
    let mut n_rows = 0;
    for heading in
        ["Figures", "More measures", "Logit scale", "Margin between the two largest logits"]
    {
        let section = text.split(&format!("\n{heading}\n")).nth(1).expect(heading);
        let rows = section.split("\n\n").next().unwrap_or("").lines().skip(1);
        for row in rows.filter(|row| row.contains("   ") || row.contains("  98.")) {
            let name = row.trim().split("  ").next().unwrap_or("");
            assert!(is_explained(name), "{heading}: {name:?}");
            n_rows += 1;
        }
    }
    assert!(n_rows >= 30, "{n_rows}");
}

#[test]
fn a_figure_is_explained_by_any_of_its_names() {
    let here = root();
    let ece = run(here, &["report", "--explain", "ECE"]);
    expect(&ece, 0);
    assert!(stdout(&ece).contains("  Good\n") && stdout(&ece).contains("  Bad\n"));
    assert_eq!(stdout(&ece), stdout(&run(here, &["report", "--explain", "ece"])));
    let all = stdout(&run(here, &["report", "--explain"]));
    let n_listed = all.lines().filter(|line| !line.starts_with(' ')).count();
    assert_eq!(n_listed, logitscope::report::figures().len());
    assert!(all.lines().all(|line| line.len() <= 80), "{all}");
    let wrong = run(here, &["report", "--explain", "smoth ece"]);
    expect(&wrong, 2);
    assert!(
        stderr(&wrong).contains("hint: logitscope report --explain 'Smooth ECE'"),
        "{}",
        stderr(&wrong)
    );
    expect(&run(here, &["report"]), 2);
}
