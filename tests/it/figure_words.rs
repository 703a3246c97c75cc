//! What figures say in words: counts, stars, and what was interpolated.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared::sample;

const CHARTS: [&str; 5] = ["classes", "margins", "reliability", "risk", "temperature"];

/// What `args` draw, by chart; nothing for a chart that these rows do not have.
fn figures(folder: &Path, args: &[&str]) -> BTreeMap<&'static str, String> {
    let svg = ["--format", "svg", "--chart", "all", "--bootstrap", "0", "--out", "figures"];
    expect(&run(folder, &[args, &svg[..]].concat()), 0);
    let read = |chart: &'static str| {
        let text = fs::read_to_string(folder.join(format!("figures/{chart}.svg"))).ok()?;
        Some((chart, text))
    };
    CHARTS.into_iter().filter_map(read).collect()
}

fn json(folder: &Path, args: &[&str]) -> Value {
    let output = run(folder, &[args, &["--format", "json", "--bootstrap", "0"]].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

/// The texts of an element name, such as `desc`.
fn texts(page: &str, element: &str) -> Vec<String> {
    let of = |rest: &str| {
        let (_, rest) = rest.split_once('>').expect("an element");
        rest.split("</").next().expect("its end").to_owned()
    };
    page.split(&format!("<{element}")).skip(1).map(of).collect()
}

fn about(page: &str) -> String {
    let muted = page.split("<text class=\"muted\"").skip(1);
    let text =
        |rest: &str| rest.split('>').nth(1).and_then(|r| r.split('<').next()).map(str::to_owned);
    muted.filter_map(text).collect::<Vec<_>>().join(" ")
}

fn sample_path(name: &str) -> String {
    sample(name).to_str().expect("UTF-8").to_owned()
}

#[test]
fn captions_tell_the_rows_to_fit_on_from_those_to_judge_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let (val, test) = (sample_path("digits_small_val.csv"), sample_path("digits_small_test.csv"));
    let pages = figures(folder.path(), &["report", &val, "--test", &test, "--rows", "0..300"]);
    assert_eq!(pages.len(), 5);
    for (chart, page) in &pages {
        let words = "300 rows to fit on and 350 to judge on, 10 classes";
        assert!(about(page).contains(words), "{chart}: {}", about(page));
        assert!(texts(page, "desc")[0].contains(words), "{chart}: {:?}", texts(page, "desc"));
    }
    // One set is both.
    for (chart, page) in &figures(folder.path(), &["report", &val]) {
        assert!(about(page).contains("350 rows, 10 classes"), "{chart}: {}", about(page));
    }
    let compare = ["compare", &val, &val, "--rows", "0..320"];
    for (chart, page) in &figures(folder.path(), &compare) {
        assert!(about(page).contains("2 models on 320 rows"), "{chart}: {}", about(page));
    }
}

/// Twelve labels a row: each is an entry that is judged.
#[test]
fn figures_of_several_labels_a_row_count_entries() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root.join("tests/fixtures/absent/multilabel_150.npz");
    let file = file.to_str().expect("UTF-8");
    let source = &json(folder.path(), &["report", file])["source"];
    let (labels, used) = (source["labels"].as_u64(), source["rows_used"].as_u64());
    let (labels, used) = (labels.unwrap_or(12), used.expect("rows"));
    let pages = figures(folder.path(), &["report", file]);
    assert_eq!(pages.keys().copied().collect::<Vec<_>>(), CHARTS[1..]);
    let rows = used / labels;
    for (chart, page) in &pages {
        let used = if used > 999 {
            format!("{},{:03}", used / 1000, used % 1000)
        } else {
            used.to_string()
        };
        let words = format!("{used} entries ({rows} rows), {labels} labels");
        assert!(about(page).contains(&words), "{chart}: {words}: {}", about(page));
        // No other word of it counts rows.
        let all = texts(page, "text").concat() + &texts(page, "title").concat();
        let all = all.replace("rows)", "");
        let is_said = all.contains(" rows") && !all.contains("rows alike");
        assert!(!is_said || chart == &"reliability", "{chart}: {all}");
    }
    assert!(pages["temperature"].contains("NLL (nats per entry)"));
    assert!(pages["risk"].contains("share of entries kept"));
    // Models of such data have no predicted classes either.
    let args = ["compare", file, file, "--format", "svg", "--bootstrap", "0", "--chart", "classes"];
    let output = run(folder.path(), &args);
    expect(&output, 2);
    let said = stderr(&output);
    assert!(said.contains("there is no figure classes of") && said.contains(file), "{said}");
    assert!(said.contains(&format!("logitscope report {file} ")), "{said}");
    assert!(said.contains("--chart reliability"), "{said}");
    assert!(stdout(&output).is_empty());
}

/// The circles of a class and the stars: places.
fn places(page: &str, element: &str, class: &str, names: [&str; 2]) -> Vec<[f64; 2]> {
    let begins = format!("<{element} class=\"{class}\"");
    let place = |rest: &str| {
        names.map(|name| {
            let (_, rest) = rest.split_once(&format!(" {name}=\"")).expect("an attribute");
            rest.split('"').next().expect("an end").parse().expect("a number")
        })
    };
    page.split(&begins).skip(1).map(place).collect()
}

/// Whether chance explains the gap of each predicted class, by the report.
fn found(report: &Value, side: &str) -> Vec<bool> {
    let classes = report["classes"].as_array().expect("classes");
    let predicted = classes.iter().filter(|class| class["predicted"].as_u64() > Some(0));
    predicted
        .map(|class| {
            let p = class.pointer(&format!("{side}/adjusted_p_value")).and_then(Value::as_f64);
            p.expect("a p-value") <= 0.05
        })
        .collect()
}

/// Fails unless the dots of this mark have a star close by where, and only where, `expected` says so.
fn starred(page: &str, mark: &str, expected: &[bool]) -> usize {
    // The first is the sample in the legend.
    let dots = &places(page, "circle", mark, ["cx", "cy"])[1..];
    let stars = places(page, "text", "star", ["x", "y"]);
    assert_eq!(dots.len(), expected.len());
    let mut n_found = 0;
    for (dot, is_found) in dots.iter().zip(expected) {
        let is_near =
            |star: &&[f64; 2]| (star[0] - dot[0]).abs() < 11.0 && (star[1] - dot[1]).abs() < 7.0;
        let near = stars.iter().filter(is_near).count();
        assert!(near > 0 || !is_found, "{mark}: no star at {dot:?}: {stars:?}");
        n_found += usize::from(*is_found);
    }
    n_found
}

#[test]
fn a_star_stands_beside_the_dot_it_speaks_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = sample_path("digits_overconfident.parquet");
    let report = json(folder.path(), &["report", &file]);
    let page = &figures(folder.path(), &["report", &file])["classes"];
    let [before, after] = [found(&report, ""), found(&report, "/after")];
    let n = starred(page, "mark m0", &before) + starred(page, "mark m1", &after);
    assert!(before.contains(&true) && after.contains(&true) && after.contains(&false));
    let stars = texts(page, "text").iter().filter(|text| *text == "*").count();
    assert_eq!(stars, n);
    assert!(!texts(page, "text").iter().any(|text| text.ends_with(" *")), "no name has one");
    assert!(about(page).contains("a star marks those that chance does not explain"));

    // Models of different sharpness on the same rows, each with its own stars.
    let sharper = ["apply", &file, "--temperature", "0.5", "--as", "logits", "--out", "other.csv"];
    expect(&run(folder.path(), &[&sharper[..], &["--part", "test"]].concat()), 0);
    let apply = ["apply", &file, "--temperature", "1", "--as", "logits", "--out", "same.csv"];
    expect(&run(folder.path(), &[&apply[..], &["--part", "test"]].concat()), 0);
    let page = &figures(folder.path(), &["compare", "same.csv", "other.csv"])["classes"];
    let mut n = 0;
    for (name, mark) in [("same.csv", "mark m0"), ("other.csv", "mark m1")] {
        n += starred(page, mark, &found(&json(folder.path(), &["report", name]), "/after"));
    }
    let stars = texts(page, "text").iter().filter(|text| *text == "*").count();
    assert!(n > 0 && stars == n, "{stars} {n}");
    assert!(
        about(page).contains("A star marks a gap that chance does not explain"),
        "{}",
        about(page)
    );
}

#[test]
fn a_description_has_the_true_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = sample_path("digits_overconfident.parquet");
    for more in [&[][..], &["--bins", "7"], &["--part", "val", "--rows", "0..900"]] {
        let args = [&["report", file.as_str()], more].concat();
        let report = json(folder.path(), &args);
        let pages = figures(folder.path(), &args);
        let descriptions: BTreeMap<&str, String> =
            pages.iter().map(|(chart, page)| (*chart, texts(page, "desc").remove(0))).collect();
        let bins = |side: &str| report["reliability"][side].as_array().expect("bins").clone();
        let n_drawn =
            |side: &str| bins(side).iter().filter(|bin| bin["count"].as_u64() > Some(0)).count();
        let words = format!(
            "{} of {} bins drawn at T = 1, {} at T = ",
            n_drawn("before"),
            bins("before").len(),
            n_drawn("after")
        );
        assert!(descriptions["reliability"].contains(&words), "{words}: {descriptions:?}");
        let histogram = &report["histograms"]["margin"];
        let sum = |key: &str| -> u64 {
            histogram[key].as_array().expect("counts").iter().filter_map(Value::as_u64).sum()
        };
        let plain = descriptions["margins"].replace(',', "");
        let words = format!(
            "Drawn are {} rows that are right and {} that are wrong.",
            sum("correct"),
            sum("wrong")
        );
        assert!(plain.contains(&words), "{words}: {plain}");
        let beyond =
            histogram["above"].as_u64().unwrap_or(0) + histogram["below"].as_u64().unwrap_or(0);
        assert!(beyond == 0 || plain.contains(&format!("{beyond} row")), "{plain}");
        let predicted = found(&report, "").len();
        let words = format!("{predicted} of the {predicted} classes that are predicted drawn");
        assert!(descriptions["classes"].contains(&words), "{words}: {descriptions:?}");
        assert_eq!(
            places(&pages["classes"], "circle", "mark m0", ["cx", "cy"]).len(),
            predicted + 1
        );
        let used = report["source"]["rows_used"].as_u64().expect("rows").to_string();
        for (chart, description) in &descriptions {
            let plain = description.replace(',', "");
            assert!(
                plain.contains(&format!("{used} rows "))
                    || plain.contains(&format!("{used} to judge on"))
                    || plain.contains(&format!("{used} rows")),
                "{chart}: {plain}"
            );
            assert!(plain.contains("10 classes"), "{chart}: {plain}");
        }
    }
}

/// Summaries of two parts know the figures at a temperature of each; that of both lies between.
#[test]
fn what_is_interpolated_has_a_tilde_and_a_note() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("label");
    (0..60).for_each(|class| write!(text, ",logit_{class}").expect("a String"));
    for row in 0..900u32 {
        let label = row * 7 % 60;
        write!(text, "\n{}", if row % 3 == 0 { (label + row) % 60 } else { label })
            .expect("a String");
        for class in 0..60u32 {
            let z = f64::from((row * 37 + class * 101) % 41) / 10.0;
            write!(text, ",{}", z + if class == label { 6.0 } else { 0.0 }).expect("a String");
        }
    }
    fs::write(folder.path().join("all.csv"), text).expect("written");
    for (rows, out) in [("0..500", "a.rows"), ("500..900", "b.rows")] {
        expect(&run(folder.path(), &["summarize", "all.csv", "--rows", rows, "--out", out]), 0);
    }
    let tilde = "~T = ";
    let printed = stdout(&run(folder.path(), &["report", "a.rows", "b.rows", "--bootstrap", "0"]));
    assert!(printed.contains(tilde), "{printed}");
    let joined = figures(folder.path(), &["report", "a.rows", "b.rows"]);
    let exact = figures(folder.path(), &["report", "all.csv"]);
    for chart in ["classes", "reliability", "risk", "temperature"] {
        assert!(joined[chart].contains(tilde), "{chart}");
        assert!(
            about(&joined[chart]).contains("~: interpolated"),
            "{chart}: {}",
            about(&joined[chart])
        );
        assert!(
            !exact[chart].contains(tilde) && !about(&exact[chart]).contains("interpolated"),
            "{chart}"
        );
    }
    // What is of T = 1 alone is exact.
    assert!(!joined["margins"].contains('~'));
}
