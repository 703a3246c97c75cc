//! What ships where something is broken: nothing, unless it is asked for.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::compare::row;
use crate::shared;

const N_ROWS: usize = 1500;

/// A model of three classes whose logits are `scale` times too large, as a table.
fn table(path: &Path, scale: f64) {
    let mut text = "z0,z1,z2,label\n".to_owned();
    for (z, label) in (0..N_ROWS).map(row) {
        let [a, b, c] = z.map(|z| scale * z);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{a},{b},{c},{label}");
    }
    fs::write(path, text).expect("written");
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("there")).expect("JSON")
}

/// A folder with a model that can be mended by a temperature, and one whose every row is saturated in float32.
fn models() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    table(&folder.path().join("sound.csv"), 1.0);
    table(&folder.path().join("broken.csv"), 200.0);
    folder
}

#[test]
fn a_failure_is_said_first_and_no_card_is_written() {
    let folder = models();
    let at = |arguments: &[&str]| run(folder.path(), arguments);
    let report = at(&["report", "broken.csv", "--bootstrap", "0"]);
    let report = stdout(&report);
    let mut said = report.lines().skip_while(|line| !line.starts_with("FAILURE: "));
    let headline = said.next().expect("a failure");
    assert_eq!(headline, "FAILURE: exploding");
    for more in [&[][..], &["--out", "card.json"]] {
        let fit = at(&[&["fit", "broken.csv"], more].concat());
        expect(&fit, 1);
        let text = stdout(&fit);
        assert_eq!(text.lines().next(), Some(headline));
        assert_eq!(text.lines().nth(1), said.clone().next(), "the same words");
        assert!(stderr(&fit).contains("--despite-failures"), "{}", stderr(&fit));
        assert!(!folder.path().join("card.json").exists());
    }
    let all_the_same = ["fit", "broken.csv", "--out", "card.json", "--despite-failures"];
    expect(&at(&all_the_same), 0);
    let card = json(&folder.path().join("card.json"));
    assert_eq!(card["findings"][0]["rule"], "exploding");
    assert_eq!(card["findings"][0]["severity"], "failure");
    // What it holds is not applied without a word either.
    let apply = ["apply", "broken.csv", "--card", "card.json", "--out", "p.csv"];
    let output = at(&apply);
    expect(&output, 1);
    assert!(stderr(&output).starts_with("FAILURE: exploding\n"), "{}", stderr(&output));
    assert!(!folder.path().join("p.csv").exists());
    expect(&at(&[&apply[..], &["--despite-failures"]].concat()), 0);
    assert!(folder.path().join("p.csv").exists());
}

/// A card that was written in spite of a failure passes no gate, on rows that are sound either.
#[test]
fn a_card_with_failures_passes_no_gate() {
    let folder = models();
    let at = |arguments: &[&str]| run(folder.path(), arguments);
    let fit = ["fit", "broken.csv", "--out", "card.json", "--despite-failures"];
    expect(&at(&fit), 0);
    let check = ["check", "sound.csv", "--card", "card.json", "--max-ece", "1"];
    let output = at(&check);
    expect(&output, 1);
    let said = stdout(&output);
    assert!(said.contains("failure   exploding: the card was fitted on such rows"), "{said}");
    expect(&at(&[&check[..], &["--ignore", "exploding"]].concat()), 0);
}

#[test]
fn a_sound_fit_lists_its_findings_and_is_applied() {
    let folder = models();
    let at = |arguments: &[&str]| run(folder.path(), arguments);
    expect(&at(&["fit", "sound.csv", "--out", "card.json"]), 0);
    let card = json(&folder.path().join("card.json"));
    let rules: Vec<&Value> =
        card["findings"].as_array().expect("a list").iter().map(|f| &f["rule"]).collect();
    assert!(rules.contains(&&Value::from("overconfident")), "{rules:?}");
    // A card that names its findings speaks for the model, whatever the rows are.
    let apply = ["apply", "broken.csv", "--card", "card.json", "--out", "p.csv"];
    expect(&at(&apply), 0);
}

#[test]
fn apply_without_a_card_asks_what_needs_no_labels() {
    let folder = models();
    let path = |name: &str| folder.path().join(name);
    let rows: Vec<[f64; 3]> = (0..N_ROWS).map(|i| row(i).0).collect();
    let write = |name: &str, of: &dyn Fn(usize, f64) -> String| {
        let line = |(idx, z): (usize, &[f64; 3])| z.map(|z| of(idx, z)).join(",") + "\n";
        let text: String = rows.iter().enumerate().map(line).collect();
        fs::write(path(name), format!("z0,z1,z2\n{text}")).expect("written");
    };
    write("sound_alone.csv", &|_, z| z.to_string());
    write("exploding.csv", &|_, z| (200.0 * z).to_string());
    write("constant_rows.csv", &|_, _| "0.5".to_owned());
    write("non_finite.csv", &|idx, z| {
        if idx == 9 { "nan".to_owned() } else { z.to_string() }
    });
    write("rows_alike.csv", &|idx, _| format!("{}", 1e-9 * idx as f64));
    let mut alike = "z0,z1,z2\n".to_owned();
    for i in 0..N_ROWS {
        writeln!(alike, "1,{},3", 2.0 + 1e-9 * i as f64).expect("a String grows");
    }
    fs::write(path("rows_alike.csv"), alike).expect("written");
    let apply = |file: &str, out: &str, more: &[&str]| {
        let arguments = ["apply", file, "--temperature", "2", "--out", out];
        run(folder.path(), &[&arguments[..], more].concat())
    };
    for rule in ["exploding", "constant_rows", "non_finite", "rows_alike"] {
        let file = format!("{rule}.csv");
        for out in ["p.csv", "-"] {
            let output = apply(&file, out, &[]);
            expect(&output, 1);
            assert!(
                stderr(&output).starts_with(&format!("FAILURE: {rule}\n")),
                "{}",
                stderr(&output)
            );
            assert!(stdout(&output).is_empty(), "nothing went out before it was known");
        }
        assert!(!path("p.csv").exists());
        expect(&apply(&file, "q.csv", &["--despite-failures"]), 0);
    }
    expect(&apply("sound_alone.csv", "p.csv", &[]), 0);
    let whole = fs::read_to_string(path("p.csv")).expect("written");
    assert_eq!(stdout(&apply("sound_alone.csv", "-", &[])), whole);
}

#[test]
fn rows_of_padding_are_no_constant_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = "z0,z1,z2,label\n".to_owned();
    for (idx, (z, label)) in (0..N_ROWS).map(row).enumerate() {
        let line = if idx % 3 == 0 {
            format!("{},{},{},{label}\n", z[0], z[1], z[2])
        } else {
            "0,0,0,-100\n".to_owned()
        };
        text += &line;
    }
    fs::write(folder.path().join("padded.csv"), text).expect("written");
    let arguments = ["apply", "padded.csv", "--temperature", "2", "--out", "p.csv"];
    expect(&run(folder.path(), &arguments), 0);
}

#[test]
fn a_failure_fails_the_gate_unless_its_rule_is_ignored() {
    let folder = models();
    let check = |file: &str, more: &[&str]| {
        run(folder.path(), &[&["check", file, "--max-ece", "1"], more].concat())
    };
    expect(&check("sound.csv", &[]), 0);
    let output = check("broken.csv", &[]);
    expect(&output, 1);
    let text = stdout(&output);
    assert!(
        text.starts_with("failure   exploding: ") && text.contains("\nok        ece "),
        "{text}"
    );
    let output = check(
        "broken.csv",
        &["--ignore", "collapsed", "--ignore", "exploding", "--format", "json"],
    );
    expect(&output, 0);
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(answer["met"], true);
    assert_eq!(answer["failures"][0]["rule"], "exploding");
    assert_eq!(answer["failures"][0]["ignored"], true);
    expect(&check("broken.csv", &["--ignore", "collapsed"]), 1);
    let output = check("broken.csv", &["--ignore", "explodng"]);
    expect(&output, 2);
    assert!(stderr(&output).contains("exploding"), "{}", stderr(&output));
}

#[test]
fn a_comparison_begins_with_what_is_broken() {
    let folder = models();
    let compare = |form: &str| {
        let arguments =
            ["compare", "sound.csv", "broken.csv", "--bootstrap", "0", "--format", form];
        let output = run(folder.path(), &arguments);
        expect(&output, 0);
        stdout(&output)
    };
    let text = compare("text");
    assert!(text.starts_with("FAILURE in 2: exploding. "), "{text}");
    assert!(
        text.contains("broken.csv: failure: exploding")
            && text.contains("sound.csv: overconfident")
    );
    assert!(compare("markdown").starts_with("FAILURE in 2: exploding. "));
    let csv = compare("csv");
    assert!(csv.contains("\nbroken.csv,1500,failure: exploding,"), "{csv}");
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn no_broken_set_of_the_shared_data_ships() {
    let folder = shared::data("digits_cnn");
    let steps = [
        ("broken_collapsed.npz", &[50, 100, 400][..]),
        ("broken_dead_units.npz", &[10, 300]),
        ("broken_exploding.npz", &[0, 10, 40, 150, 400]),
        ("broken_fp16_overflow.npz", &[120]),
    ];
    let out = tempfile::tempdir().expect("a folder");
    let fit = |file: &str, more: &[&str]| {
        let path = folder.join(file);
        let path = path.to_str().expect("UTF-8");
        run(out.path(), &[&["fit", path, "--out", "card.json"], more].concat())
    };
    for (file, steps) in steps {
        for step in steps {
            let output = fit(file, &["--step", &step.to_string()]);
            expect(&output, 1);
            assert!(stdout(&output).starts_with("FAILURE: "), "{}", stdout(&output));
        }
    }
    // Without a temperature there is nothing to ship.
    expect(&fit("broken_zero_init.npz", &[]), 2);
    expect(&fit("broken_collapsed.npz", &["--step", "0"]), 2);
    assert_eq!(fs::read_dir(out.path()).expect("a folder").count(), 0);
    for sound in ["noisy_labels.npz", "label_smoothing.npz", "cnn_steps.npz"] {
        expect(&fit(sound, &[]), 0);
    }
}
