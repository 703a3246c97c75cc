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
