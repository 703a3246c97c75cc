//! `--format svg`: figures for papers, from `report` and `compare`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};

const CHARTS: [&str; 5] = ["classes", "margins", "reliability", "risk", "temperature"];

fn sample(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("sample_data").join(name).to_str().expect("UTF-8").to_owned()
}

fn fixture(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/fixtures").join(name).to_str().expect("UTF-8").to_owned()
}

fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("an entry").file_name().into_string().expect("UTF-8")
    };
    let mut names: Vec<String> = fs::read_dir(folder).expect("a folder").map(name).collect();
    names.sort();
    names
}

#[test]
fn a_figure_has_the_numbers_of_the_report() {
    let here = Path::new(".");
    let file = sample("digits_overconfident.parquet");
    for more in [&[][..], &["--bins", "10"], &["--where", "label < 5"]] {
        let args = [&["report", file.as_str(), "--bootstrap", "0"], more].concat();
        let report = run(here, &[&args[..], &["--format", "json"]].concat());
        let report: Value = serde_json::from_str(&stdout(&report)).expect("JSON");
        let figure = |chart: &str| {
            let output = run(here, &[&args[..], &["--format", "svg", "--chart", chart]].concat());
            expect(&output, 0);
            stdout(&output)
        };
        let number = |path: &str| report.pointer(path).and_then(Value::as_f64).expect(path);
        let reliability = figure("reliability");
        for path in ["/before/ece", "/after/ece"] {
            let ece = format!("ECE {:.2} %", number(path) * 100.0);
            assert!(reliability.contains(&ece), "{more:?}: {ece}");
        }
        let t = format!("{:.3}", number("/fit/temperature"));
        assert!(figure("temperature").contains(&format!("fitted T = {t}")), "{t}");
        let aurc = format!("AURC {:.4}", number("/before/aurc"));
        assert!(figure("risk").contains(&aurc), "{aurc}");
    }
}

#[test]
fn all_charts_go_into_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = sample("digits_overconfident.parquet");
    let svg = ["--format", "svg", "--chart", "all", "--out", "made/here", "--bootstrap", "0"];
    let output = run(folder.path(), &[&["report", file.as_str()], &svg[..]].concat());
    expect(&output, 0);
    let made = folder.path().join("made/here");
    assert_eq!(names(&made), CHARTS.map(|chart| format!("{chart}.svg")));
    for name in names(&made) {
        let text = fs::read_to_string(made.join(&name)).expect("text");
        assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"), "{name}");
        assert!(text.contains("digits_overconfident"), "{name}");
    }
    // Once more: what is there is written anew.
    expect(&run(folder.path(), &[&["report", file.as_str()], &svg[..]].concat()), 0);
    let compare = [&["compare", file.as_str(), file.as_str()], &svg[..]].concat();
    expect(&run(folder.path(), &compare), 0);
    assert!(fs::read_to_string(made.join("risk.svg")).expect("text").contains("2: "));
}

#[test]
fn what_these_rows_do_not_have_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = fixture("absent/multilabel_150.npz");
    let args = ["report", file.as_str(), "--format", "svg", "--bootstrap", "0", "--chart"];
    let output = run(folder.path(), &[&args[..], &["classes"]].concat());
    expect(&output, 2);
    assert!(stderr(&output).contains("there is no figure classes of"), "{}", stderr(&output));
    assert!(stderr(&output).contains("--chart all --out"));
    let output = run(folder.path(), &[&args[..], &["all", "--out", "figures"]].concat());
    expect(&output, 0);
    assert!(stderr(&output).contains("there is no figure classes of"), "{}", stderr(&output));
    assert_eq!(names(&folder.path().join("figures")).len(), 4);
}

#[test]
fn a_figure_of_broken_logits_says_so() {
    let file = sample("digits_fp16_overflow.npz");
    let args = ["report", file.as_str(), "--format", "svg", "--bootstrap", "0", "--chart"];
    for chart in CHARTS {
        let output = run(Path::new("."), &[&args[..], &[chart]].concat());
        expect(&output, 0);
        assert!(stdout(&output).contains("FAILURE: f16_overflow"), "{chart}");
    }
}

#[test]
fn what_is_asked_for_wrongly_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let table = fs::read(sample("digits_overconfident.parquet")).expect("bytes");
    let place = |name: &str| folder.path().join(name);
    fs::create_dir(place("figures")).expect("a folder");
    fs::write(place("val.parquet"), &table).expect("written");
    fs::write(place("figures/risk.svg"), &table).expect("written");
    fs::write(place("a_file"), "kept").expect("written");
    for (args, words) in [
        ("val.parquet --chart risk", "--chart is for figures: --format svg --chart"),
        ("val.parquet --format json --size 300x300", "--size is for figures"),
        ("val.parquet --format svg --size 300", "such as 640x480"),
        ("val.parquet --format svg --size 100x300", "from 200 to 4000"),
        ("val.parquet --format svg --chart nothing", "possible values"),
        ("val.parquet --format svg --chart all", "--chart all --out figures"),
        ("val.parquet --format svg --chart all --out -", "--chart all --out figures"),
        ("val.parquet --format svg --chart all --out a_file", "this is a file"),
        ("val.parquet --format svg --out val.parquet", "this is the file that is read"),
        ("figures/risk.svg --format svg --chart all --out figures", "the file that is read"),
    ] {
        let args: Vec<&str> = std::iter::once("report").chain(args.split(' ')).collect();
        let output = run(folder.path(), &args);
        expect(&output, 2);
        assert!(stderr(&output).contains(words), "{args:?}: {}", stderr(&output));
        assert!(stdout(&output).is_empty());
    }
    assert_eq!(fs::read(place("val.parquet")).expect("bytes"), table);
    assert_eq!(fs::read(place("figures/risk.svg")).expect("bytes"), table);
    assert_eq!(fs::read_to_string(place("a_file")).expect("text"), "kept");
}

/// `n` rows of three classes, their labels, and the labels as text, in a folder with the subfolder `figures`.
fn rows_apart() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    fs::create_dir(place("figures")).expect("a folder");
    let labels: Vec<usize> = (0..60).map(|i| i * i % 3).collect();
    let row = |(i, label): (usize, &usize)| {
        let z = |class: usize| f64::from(u8::from(class == *label)) + (i * (class + 2) % 7) as f64;
        format!("{},{},{}\n", z(0), z(1), z(2))
    };
    let logits: String = labels.iter().enumerate().map(row).collect();
    fs::write(place("z.csv"), format!("logit_0,logit_1,logit_2\n{logits}")).expect("written");
    let lines: Vec<String> = labels.iter().map(ToString::to_string).collect();
    fs::write(place("figures/reliability.svg"), format!("label\n{}\n", lines.join("\n")))
        .expect("written");
    fs::write(place("figures/classes.svg"), "a\nb\nc\n").expect("written");
    folder
}

#[test]
fn nothing_that_was_read_is_overwritten_by_a_folder_of_figures() {
    let folder = rows_apart();
    let figures = folder.path().join("figures");
    let read = || -> Vec<(String, Vec<u8>)> {
        let bytes = |name: String| (name.clone(), fs::read(figures.join(name)).expect("bytes"));
        names(&figures).into_iter().map(bytes).collect()
    };
    #[cfg(unix)]
    std::os::unix::fs::symlink("figures", folder.path().join("link")).expect("linked");
    let outs: &[&str] = if cfg!(unix) {
        &["figures", "./figures/", "figures/../figures", "link"]
    } else {
        &["figures", "./figures/", "figures/../figures"]
    };
    let (labels, names) = ("figures/reliability.svg", "figures/classes.svg");
    let reads: [&[&str]; 3] = [
        &["--labels", labels],
        &["--labels", labels, "--class-names", names],
        &["--labels", "nothing", "--class-names", names],
    ];
    let before = read();
    for out in outs {
        for files in [&["report", "z.csv"][..], &["compare", "z.csv", "z.csv"]] {
            for flags in reads {
                let svg = ["--format", "svg", "--chart", "all", "--bootstrap", "0", "--out", out];
                let args = [files, flags, &svg[..]].concat();
                let output = run(folder.path(), &args);
                expect(&output, 2);
                let said = stderr(&output);
                assert!(said.contains("this is the file that is read"), "{args:?}: {said}");
                assert_eq!(read(), before, "{args:?}");
            }
        }
    }
    // The same files are figures like any others where they are not read.
    let svg = ["--format", "svg", "--chart", "all", "--bootstrap", "0", "--out", "elsewhere"];
    let output = run(folder.path(), &[&["report", "z.csv"], reads[1], &svg[..]].concat());
    expect(&output, 0);
    assert_eq!(read(), before);
}

/// What was found beside the file and never named.
#[cfg(unix)]
#[test]
fn a_figure_that_leads_to_labels_found_beside_the_file_is_refused() {
    let folder = rows_apart();
    let place = |name: &str| folder.path().join(name);
    let apply = ["apply", "z.csv", "--temperature", "1", "--as", "logits", "--out", "v_logits.npy"];
    expect(&run(folder.path(), &apply), 0);
    let labels = fs::read_to_string(place("figures/reliability.svg")).expect("text");
    fs::write(place("v_labels.txt"), &labels).expect("written");
    fs::remove_dir_all(place("figures")).expect("removed");
    fs::create_dir(place("figures")).expect("a folder");
    std::os::unix::fs::symlink("../v_labels.txt", place("figures/risk.svg")).expect("linked");
    let svg = ["--format", "svg", "--chart", "all", "--bootstrap", "0", "--out", "figures"];
    let output = run(folder.path(), &[&["report", "v_logits.npy"], &svg[..]].concat());
    expect(&output, 2);
    assert!(stderr(&output).contains("this is the file that is read"), "{}", stderr(&output));
    assert_eq!(names(&place("figures")), ["risk.svg"]);
    assert_eq!(fs::read_to_string(place("v_labels.txt")).expect("text"), labels);
}

#[test]
fn a_place_that_cannot_be_written_is_named_before_anything_is_drawn() {
    let folder = rows_apart();
    let labels = ["--labels", "figures/reliability.svg", "--bootstrap", "0", "--out"];
    for (command, out) in [
        (&["report", "--format", "svg"][..], "nodir/x.svg"),
        (&["report", "--format", "json"], "no/dir/x.json"),
        (&["fit"], "nodir/card.json"),
        (&["check", "--max-ece", "0.5"], "nodir/x.txt"),
    ] {
        let output = run(folder.path(), &[command, &["z.csv"], &labels[..], &[out]].concat());
        expect(&output, 2);
        let missing = out.rsplit_once('/').expect("a folder").0;
        let said = stderr(&output);
        assert!(said.contains(&format!("{out}: the folder {missing} is missing")), "{said}");
        assert!(said.contains(&format!("hint: mkdir -p {missing}\n")), "{said}");
        assert!(stdout(&output).is_empty());
    }
    // Of several files the last cannot be written.
    fs::create_dir_all(folder.path().join("taken/classes.svg")).expect("a folder");
    let svg = ["report", "z.csv", "--format", "svg", "--chart", "all"];
    let output = run(folder.path(), &[&svg[..], &labels[..], &["taken"]].concat());
    expect(&output, 2);
    assert!(stderr(&output).contains("classes.svg: this is a folder"), "{}", stderr(&output));
    assert_eq!(names(&folder.path().join("taken")), ["classes.svg"]);
}

#[test]
fn more_models_than_a_figure_tells_apart_are_refused_before_any_is_read() {
    let files = ["a", "b", "c", "d", "e", "f", "g"].map(|name| format!("no/{name}.npz"));
    let args: Vec<&str> = files.iter().map(String::as_str).collect();
    let svg = ["--format", "svg", "--chart", "risk"];
    let output = run(Path::new("."), &[&["compare"], &args[..], &svg[..]].concat());
    expect(&output, 2);
    let said = stderr(&output);
    assert!(said.contains("7 models: a figure tells 6 apart at most"), "{said}");
    assert!(!said.contains("no/a.npz"), "{said}");
    // Six are looked for.
    let output = run(Path::new("."), &[&["compare"], &args[..6], &svg[..]].concat());
    assert!(stderr(&output).contains("no/a.npz: no such file"), "{}", stderr(&output));
}
