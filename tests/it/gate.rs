//! `check`: forms of its result, and what it says without a limit.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::shared::sample;

/// Rows of three classes whose scores are two times too sharp.
fn table(folder: &Path, name: &str) {
    let mut text = String::from("logit_0,logit_1,logit_2,label\n");
    for row in 0..600u32 {
        let z = |class: u32| f64::from((row * 37 + class * 101) % 41) / 8.0;
        let scores = [z(0), z(1), z(2)];
        let best = (0..3).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).expect("three");
        let label = if row % 5 == 0 { (best + 1) % 3 } else { best };
        writeln!(text, "{},{},{},{label}", scores[0], scores[1], scores[2]).expect("a String");
    }
    fs::write(folder.join(name), text).expect("written");
}

#[test]
fn without_a_limit_it_proposes_a_command_that_passes() {
    let folder = tempfile::tempdir().expect("a folder");
    table(folder.path(), "val.csv");
    expect(&run(folder.path(), &["fit", "val.csv", "--out", "card.json"]), 0);
    for more in [&[][..], &["--card", "card.json"], &["--temperature", "3"]] {
        let output = run(folder.path(), &[&["check", "val.csv"], more].concat());
        expect(&output, 2);
        let said = stderr(&output);
        let (_, command) = said.split_once("logitscope check").expect("a command to type");
        let words: Vec<&str> = command.split_whitespace().collect();
        for flag in ["--max-ece", "--max-nll", "--min-accuracy"] {
            assert!(words.contains(&flag), "{said}");
        }
        let proposed = run(folder.path(), &[&["check"], &words[..]].concat());
        expect(&proposed, 0);
        // Limits, and not so wide that nothing could exceed them.
        let at = |flag: &str| {
            let at = words.iter().position(|word| *word == flag).expect("proposed");
            words[at + 1].parse::<f64>().expect("a number")
        };
        let json = [&["check"], &words[..], &["--format", "json"]].concat();
        let json: Value = serde_json::from_str(&stdout(&run(folder.path(), &json))).expect("JSON");
        for (idx, flag) in ["--max-ece", "--max-nll", "--min-accuracy"].iter().enumerate() {
            let found = json["limits"][idx]["value"].as_f64().expect("a number");
            let room = (at(flag) - found).abs();
            assert!(room < 0.25 && room > 0.0, "{flag} {} for {found}", at(flag));
        }
    }
}

#[test]
fn its_forms_say_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    table(folder.path(), "a,b%.csv");
    let check = |form: &str| {
        let gate = ["check", "a,b%.csv", "--max-ece", "0.0001", "--max-nll", "9", "--format", form];
        let output = run(folder.path(), &gate);
        expect(&output, 1);
        stdout(&output)
    };
    let json: Value = serde_json::from_str(&check("json")).expect("JSON");
    assert_eq!(json["program"]["name"], "logitscope");
    let ece = format!("{:.6}", json["limits"][0]["value"].as_f64().expect("a number"));
    let lines = check("github");
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    let wanted =
        format!("::error title=logitscope ece::a,b%25.csv: ece {ece} is not at most 0.0001");
    assert_eq!(lines[0], wanted);
    assert!(lines[1].starts_with("::notice title=logitscope nll::a,b%25.csv: nll "), "{lines:?}");
    let markdown = check("markdown");
    assert!(markdown.contains(&format!("| **exceeded** | ece | {ece} | at most 0.0001 |")));
    assert!(markdown.starts_with("### Calibration gate failed: a,b%.csv\n"), "{markdown}");
    assert!(check("text").starts_with(&format!("exceeded  ece {ece}, at most 0.0001\n")));
}

#[test]
fn its_result_goes_to_a_file_and_never_over_its_input() {
    let folder = tempfile::tempdir().expect("a folder");
    table(folder.path(), "val.csv");
    let gate = ["check", "val.csv", "--max-nll", "9", "--format", "markdown", "--out"];
    let output = run(folder.path(), &[&gate[..], &["gate.md"]].concat());
    expect(&output, 0);
    assert!(stdout(&output).is_empty());
    let written = fs::read_to_string(folder.path().join("gate.md")).expect("written");
    assert!(written.contains("passed"), "{written}");
    let before = fs::read(folder.path().join("val.csv")).expect("there");
    expect(&run(folder.path(), &[&gate[..], &["val.csv"]].concat()), 2);
    assert_eq!(fs::read(folder.path().join("val.csv")).expect("there"), before);
}

#[test]
fn failures_are_annotations_too() {
    let folder = tempfile::tempdir().expect("a folder");
    table(folder.path(), "nan.csv");
    let sound = fs::read_to_string(folder.path().join("nan.csv")).expect("written");
    let broken = sound.replacen("\n0,", "\nnan,", 1);
    assert_ne!(broken, sound);
    fs::write(folder.path().join("nan.csv"), broken).expect("written");
    let gate = ["check", "nan.csv", "--max-nll", "99", "--format"];
    let output = run(folder.path(), &[&gate[..], &["github"]].concat());
    expect(&output, 1);
    assert!(stdout(&output).starts_with("::error title=logitscope non_finite::nan.csv: "));
    let ignored = ["markdown", "--ignore", "non_finite"];
    let output = run(folder.path(), &[&gate[..], &ignored].concat());
    expect(&output, 0);
    assert!(stdout(&output).contains("| ignored | non_finite | "), "{}", stdout(&output));
}

#[test]
fn a_limit_that_is_a_share_is_no_percentage() {
    let file = sample("digits_overconfident.parquet");
    let file = file.to_str().expect("UTF-8");
    let shares = ["--max-ece", "--max-ece-equal-mass", "--max-mce", "--min-accuracy"];
    for flag in shares {
        for (limit, share) in [("5", "5 % is 0.05"), ("87%", "87 % is 0.87"), ("1.5", "0.015")] {
            let output = run(Path::new("."), &["check", file, flag, limit]);
            expect(&output, 2);
            let said = stderr(&output);
            assert!(said.contains(flag) && said.contains("a share from 0 to 1: "), "{said}");
            assert!(said.contains(share), "{said}");
            assert!(stdout(&output).is_empty());
        }
    }
    // NLL is no share.
    expect(&run(Path::new("."), &["check", file, "--max-nll", "5", "--max-ece", "1"]), 0);
}

#[test]
fn what_is_no_card_is_called_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    fs::copy(sample("digits_fp16_overflow.npz"), place("val.npz")).expect("copied");
    fs::write(place("large.npz"), vec![b'x'; (1 << 20) + 1]).expect("written");
    fs::write(place("val.csv"), "label,z\n1,2\n").expect("written");
    fs::write(place("report.json"), "{\"schema\": \"logitscope.report/1\"}").expect("written");
    for name in ["val.npz", "large.npz", "val.csv", "report.json"] {
        for command in [&["check", "--max-ece", "1"][..], &["apply", "--out", "x.csv"]] {
            let args = [command, &["val.npz", "--card", name]].concat();
            let output = run(folder.path(), &args);
            expect(&output, 2);
            let said = stderr(&output);
            let words = format!("error: {name} is no card (JSON of `fit`)");
            assert!(said.starts_with(&words), "{said}");
            assert!(said.contains("logitscope fit FILE --out card.json"), "{said}");
        }
    }
}

/// Rows that are wrong and sure of it, so that chance would take their ECE beyond 1.
#[test]
fn a_proposed_limit_can_be_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut text = String::from("logit_0,logit_1,logit_2,label\n");
    for row in 0..40 {
        let label = if row % 20 == 0 { 0 } else { 1 + row % 2 };
        writeln!(text, "{},0,0,{label}", 9 + row % 3).expect("a String");
    }
    fs::write(folder.path().join("wrong.csv"), text).expect("written");
    let said = stderr(&run(folder.path(), &["check", "wrong.csv"]));
    let (_, flags) = said.split_once("logitscope check wrong.csv ").expect("a proposal");
    let flags: Vec<&str> = flags.split_whitespace().collect();
    assert!(flags.windows(2).any(|pair| pair == ["--max-ece", "1"]), "{said}");
    let output = run(folder.path(), &[&["check", "wrong.csv"], &flags[..]].concat());
    assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
}
