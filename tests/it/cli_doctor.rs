//! `doctor`: exit status, JSON, runs, explanations.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::diagnosis::drawn;
use crate::shared::sample;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let copies = [
        ("digits_fp16_overflow.npz", "broken.npz"),
        ("digits_small_val.csv", "step_20.csv"),
        ("digits_small_test.csv", "step_3.csv"),
    ];
    for (file, name) in copies {
        fs::copy(sample(file), folder.path().join(name)).expect("copied");
    }
    folder
}

#[test]
fn a_failure_is_exit_status_1_and_says_what_to_do() {
    let folder = folder();
    let output = run(folder.path(), &["doctor", "broken.npz"]);
    expect(&output, 1);
    let text = stdout(&output);
    assert!(text.contains("failure f16_overflow") && text.contains("failure non_finite"));
    assert!(text.contains("Probably: ") && text.contains("Next: "));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    expect(&run(folder.path(), &["doctor", "step_3.csv"]), 0);
}

#[test]
fn files_with_numbers_are_a_run_in_their_order() {
    let folder = folder();
    let arguments = ["doctor", "step_20.csv", "step_3.csv", "--format", "json"];
    let output = run(folder.path(), &arguments);
    expect(&output, 0);
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(answer["schema"], "logitscope.doctor/1");
    let steps: Vec<&Value> = answer["runs"].as_array().expect("a list").iter().collect();
    let numbers: Vec<Option<u64>> = steps.iter().map(|step| step["step"].as_u64()).collect();
    assert_eq!(numbers, [Some(3), Some(20)]);
    for step in steps {
        let stats = &step["stats"];
        for key in ["accuracy", "nll", "nll_after", "temperature", "sd", "log_sum_exp", "margin"] {
            assert!(stats[key].is_number(), "{key}: {stats:#}");
        }
        for finding in step["findings"].as_array().expect("a list") {
            for key in ["rule", "severity", "message", "evidence", "cause", "next_step", "see"] {
                assert!(!finding[key].is_null(), "{key}: {finding:#}");
            }
        }
    }
    assert!(answer["findings"].is_array() && answer["departures"].is_array());
    assert_eq!(answer["same_labels"], false);
    let text = stdout(&run(folder.path(), &arguments[..3]));
    assert!(text.starts_with("2 steps in order: "), "{text}");
    assert!(text.contains("The labels of step 20 are not those of step 3"));
}

#[test]
fn a_folder_of_steps_is_a_run_whose_bins_are_fixed() {
    let folder = folder();
    let run_folder = folder.path().join("run");
    fs::create_dir(&run_folder).expect("a folder");
    for (from, to) in [("step_20.csv", "step_2.csv"), ("step_3.csv", "step_10.csv")] {
        fs::rename(folder.path().join(from), run_folder.join(to)).expect("moved");
    }
    let output = run(folder.path(), &["doctor", "run", "--format", "json"]);
    expect(&output, 0);
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let steps = answer["runs"].as_array().expect("a list");
    let numbers: Vec<Option<u64>> = steps.iter().map(|step| step["step"].as_u64()).collect();
    assert_eq!(numbers, [Some(2), Some(10)]);
    for step in steps {
        let sum = |counts: &Value| -> u64 {
            let counts = counts.as_array().expect("a list");
            counts.iter().filter_map(Value::as_u64).sum()
        };
        for name in ["margin", "entropy"] {
            let (counts, edges) = (&step["histograms"][name], &answer["bins"][name]);
            assert_eq!(Some(sum(counts)), step["stats"]["rows"].as_u64(), "{name}");
            let length = |list: &Value| list.as_array().map(Vec::len);
            assert_eq!(length(counts), length(edges), "{name}");
        }
        // The ECE is what its bins add up to.
        let bins = step["histograms"]["ece"].as_array().expect("a list");
        let weighted = bins.iter().map(|bin| {
            let gap = bin["gap"].as_f64().map_or(0.0, f64::abs);
            gap * bin["count"].as_f64().expect("a count")
        });
        let ece = weighted.sum::<f64>() / step["stats"]["rows"].as_f64().expect("rows");
        assert!((ece - step["stats"]["ece"].as_f64().expect("an ECE")).abs() < 1e-12);
    }
}

#[test]
fn rules_are_explained_without_a_file() {
    let folder = folder();
    let all = run(folder.path(), &["doctor", "--explain"]);
    expect(&all, 0);
    assert!(stdout(&all).lines().count() > 40);
    let one = run(folder.path(), &["doctor", "--explain", "exploding"]);
    expect(&one, 0);
    insta::assert_snapshot!("what_exploding_means", stdout(&one));
    let none = run(folder.path(), &["doctor", "--explain", "explodes"]);
    expect(&none, 2);
    assert!(stderr(&none).contains("hint: logitscope doctor --explain exploding"));
    expect(&run(folder.path(), &["doctor"]), 2);
}

#[test]
fn a_report_holds_the_findings_too() {
    let folder = folder();
    let output = run(folder.path(), &["report", "broken.npz", "--format", "json"]);
    expect(&output, 0);
    let report: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(report["findings"][0]["rule"], "f16_overflow");
    let text = stdout(&run(folder.path(), &["report", "broken.npz"]));
    assert!(text.contains("failure f16_overflow"));
}

/// One table of three steps with 60 rows each, the logits of a step scaled by it; their labels are the same.
fn run_table(column: &str) -> String {
    let set = drawn(5, 3, 60, 1.0);
    let mut text = format!("{column},label,logit_0,logit_1,logit_2\n");
    for (step, factor) in [(10, 0.5), (200, 1.0), (3000, 4.0)] {
        for (label, row) in set.labels.iter().zip(set.z.chunks_exact(3)) {
            let row: Vec<String> = row.iter().map(|z| (factor * z).to_string()).collect();
            let _ = writeln!(text, "{step},{label},{}", row.join(","));
        }
    }
    text
}

/// What was printed, without line breaks.
fn words(output: &std::process::Output) -> String {
    stdout(output).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn as_json(folder: &std::path::Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[arguments, &["--format", "json"]].concat());
    assert!(output.status.code() != Some(2), "{}", stderr(&output));
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

#[test]
fn a_column_of_steps_makes_one_table_a_run() {
    let folder = folder();
    for column in ["step", "Epoch", "global_step", "iteration"] {
        fs::write(folder.path().join("run.csv"), run_table(column)).expect("written");
        let answer = as_json(folder.path(), &["doctor", "run.csv"]);
        let steps = answer["runs"].as_array().expect("a list");
        let numbers: Vec<Option<u64>> = steps.iter().map(|step| step["step"].as_u64()).collect();
        assert_eq!(numbers, [Some(10), Some(200), Some(3000)], "{column}");
        assert!(steps.iter().all(|step| step["rows_read"] == 60));
        assert_eq!(answer["same_labels"], true);
    }
    fs::write(folder.path().join("run.csv"), run_table("step")).expect("written");
    let one = as_json(folder.path(), &["doctor", "run.csv", "--step", "200"]);
    assert_eq!(one["runs"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["runs"][0]["step"], 200);
    let report = words(&run(folder.path(), &["report", "run.csv"]));
    assert!(report.contains("step 3000 (the last; --step N), 60 rows"), "{report}");
    let fit = stdout(&run(folder.path(), &["fit", "run.csv"]));
    let said = "the last of the steps in column step: 10, 200, 3000; --step N";
    assert!(fit.contains(said), "{fit}");
    let fit = stdout(&run(folder.path(), &["fit", "run.csv", "--step", "10"]));
    assert!(fit.contains("10 (as asked for"), "{fit}");
    let none = run(folder.path(), &["fit", "run.csv", "--step", "11"]);
    expect(&none, 2);
    let words = stderr(&none);
    assert!(
        words.contains("there is no step 11 in column step; there are 10, 200, 3000"),
        "{words}"
    );
    assert!(words.contains("hint: --step 3000"), "{words}");
    // Whoever names the column means something else by it.
    let all = as_json(folder.path(), &["doctor", "run.csv", "--where", "step >= 0"]);
    assert_eq!(all["runs"][0]["rows_read"], 180);
}

#[test]
fn a_number_for_every_row_is_no_step() {
    let folder = folder();
    let (head, rows) = ("step,label,logit_0,logit_1,logit_2\n", drawn(5, 3, 60, 1.0));
    let line = |(idx, (label, row)): (usize, (&u32, &[f32]))| {
        format!("{idx},{label},{},{},{}\n", row[0], row[1], row[2])
    };
    let lines = rows.labels.iter().zip(rows.z.chunks_exact(3)).enumerate().map(line);
    fs::write(folder.path().join("rows.csv"), head.to_owned() + &lines.collect::<String>())
        .expect("written");
    let answer = as_json(folder.path(), &["doctor", "rows.csv"]);
    assert_eq!(answer["runs"].as_array().map(Vec::len), Some(1));
    assert_eq!(answer["runs"][0]["rows_read"], 60);
    let none = run(folder.path(), &["fit", "step_3.csv", "--step", "3"]);
    expect(&none, 2);
    assert!(stderr(&none).contains("there is no series of steps"), "{}", stderr(&none));
}

#[test]
fn of_several_step_files_a_report_reads_the_last_and_says_so() {
    let folder = folder();
    let report = run(folder.path(), &["report", "step_20.csv", "step_3.csv"]);
    expect(&report, 0);
    let text = words(&report);
    assert!(text.contains("step_20.csv: step 20 (the last; --step N), 350 rows"), "{text}");
    let asked = run(folder.path(), &["fit", "step_20.csv", "step_3.csv", "--step", "3"]);
    expect(&asked, 0);
    assert!(stdout(&asked).contains("3 (as asked for; the steps are 3, 20)"), "{}", stdout(&asked));
    let run_folder = folder.path().join("run");
    fs::create_dir(&run_folder).expect("a folder");
    for name in ["step_20.csv", "step_3.csv"] {
        fs::rename(folder.path().join(name), run_folder.join(name)).expect("moved");
    }
    let fit = stdout(&run(folder.path(), &["fit", "run"]));
    assert!(fit.contains("20 (the last of the steps 3, 20; --step N)"), "{fit}");
    let one = as_json(folder.path(), &["doctor", "run", "--step", "3"]);
    assert_eq!(one["runs"].as_array().map(Vec::len), Some(1));
    assert_eq!(one["runs"][0]["step"], 3);
    let none = run(folder.path(), &["report", "run", "--step", "4"]);
    expect(&none, 2);
    assert!(stderr(&none).contains("there is no step 4; there are 3, 20"), "{}", stderr(&none));
}

#[test]
fn rules_that_were_not_asked_are_listed_with_their_reason() {
    let folder = folder();
    let answer = as_json(folder.path(), &["doctor", "step_3.csv"]);
    let skipped = answer["runs"][0]["skipped"].as_array().expect("a list");
    let reason = |rule: &str| {
        let entry = skipped.iter().find(|entry| entry["rule"] == rule);
        entry.map(|entry| entry["reason"].as_str().expect("text").to_owned())
    };
    assert_eq!(reason("f16_overflow").as_deref(), Some("the numbers are no float16"));
    assert_eq!(reason("ece_disagrees"), None, "figures are out of fold");
    assert_eq!(reason("hot_start").as_deref(), Some("this is not step 0 of a run"));
    assert_eq!(reason("exploding"), None, "it was asked");
    let text = stdout(&run(folder.path(), &["doctor", "step_3.csv"]));
    assert!(text.contains("  not asked\n"), "{text}");
    let unbroken = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unbroken.contains("this is not step 0 of a run: hot_start."), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    // By the name of its file it is.
    fs::copy(folder.path().join("step_3.csv"), folder.path().join("step_0.csv")).expect("copied");
    let text = stdout(&run(folder.path(), &["doctor", "step_0.csv"]));
    assert!(!text.contains("hot_start"), "{text}");
}

#[test]
fn a_test_file_and_a_part_are_what_is_judged() {
    let folder = folder();
    let test = &["doctor", "step_20.csv", "--test", "step_3.csv"];
    let answer = as_json(folder.path(), test);
    let only = &answer["runs"][0];
    assert_eq!(only["evaluated_on"], "test", "{only:#}");
    assert_eq!(
        only["sha256_labels"],
        as_json(folder.path(), &["doctor", "step_3.csv"])["runs"][0]["sha256_labels"]
    );
    let asked = |rule: &str| {
        let skipped = only["skipped"].as_array().expect("a list");
        skipped.iter().all(|entry| entry["rule"] != rule)
    };
    assert!(asked("ece_disagrees") && asked("below_noise_floor"), "{only:#}");
}

#[test]
fn what_is_wrong_with_one_part_is_said_to_be_of_it() {
    let folder = folder();
    // Another order of the classes in the test rows is found, and said to be theirs.
    let shifted = fs::read_to_string(folder.path().join("step_3.csv")).expect("text");
    let lines = shifted.lines().enumerate().map(|(idx, line)| {
        let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
        if idx > 0 {
            let label: u32 = cells[1].parse().expect("a class");
            cells[1] = ((label + 1) % 10).to_string();
        }
        cells.join(",")
    });
    let shifted: Vec<String> = lines.collect();
    fs::write(folder.path().join("shifted.csv"), shifted.join("\n")).expect("written");
    let output = run(folder.path(), &["doctor", "step_20.csv", "--test", "shifted.csv"]);
    expect(&output, 1);
    assert!(stdout(&output).contains("failure labels_shifted"), "{}", stdout(&output));
    let output = run(folder.path(), &["doctor", "shifted.csv", "--test", "step_20.csv"]);
    expect(&output, 1);
    assert!(stdout(&output).contains("In the rows to fit on: "), "{}", stdout(&output));

    let both = shifted.iter().enumerate().map(|(idx, line)| match idx {
        0 => format!("split,{line}"),
        1..=150 => format!("val,{line}"),
        _ => format!("test,{line}"),
    });
    let both: Vec<String> = both.collect();
    fs::write(folder.path().join("both.csv"), both.join("\n")).expect("written");
    for (part, rows) in [("val", 150), ("test", 200), ("all", 350)] {
        let answer = as_json(folder.path(), &["doctor", "both.csv", "--part", part]);
        assert_eq!(answer["runs"][0]["rows_read"], rows, "{part}");
    }
    let answer = as_json(folder.path(), &["doctor", "both.csv"]);
    assert_eq!(answer["runs"][0]["evaluated_on"], "test");
}

/// One step of [`run_table`] alone, of other rows.
fn step_table(seed: u64, factor: f32) -> String {
    let set = drawn(seed, 3, 80, 1.0);
    let mut text = "label,logit_0,logit_1,logit_2\n".to_owned();
    for (label, row) in set.labels.iter().zip(set.z.chunks_exact(3)) {
        let row: Vec<String> = row.iter().map(|z| (factor * z).to_string()).collect();
        let _ = writeln!(text, "{label},{}", row.join(","));
    }
    text
}

#[test]
fn a_test_file_without_steps_is_compared_with_the_last_step_of_a_run() {
    let folder = folder();
    let write = |name: &str, text: String| {
        fs::write(folder.path().join(name), text).expect("written");
    };
    write("run.csv", run_table("step"));
    write("plain.csv", step_table(6, 4.0));
    let rows_of_last = |line: &str| Some(line.strip_prefix("3000,")?.to_owned() + "\n");
    let last: String = run_table("step").lines().filter_map(rows_of_last).collect();
    write("last.csv", "label,logit_0,logit_1,logit_2\n".to_owned() + &last);
    let files = folder.path().join("files");
    fs::create_dir(&files).expect("a folder");
    fs::write(files.join("step_10.csv"), step_table(7, 0.5)).expect("written");
    fs::copy(folder.path().join("last.csv"), files.join("step_3000.csv")).expect("copied");

    let alone = as_json(folder.path(), &["doctor", "last.csv", "--test", "plain.csv"]);
    for (run_file, n_steps) in [("run.csv", 3), ("files", 2)] {
        let arguments = ["doctor", run_file, "--test", "plain.csv"];
        let answer = as_json(folder.path(), &arguments);
        let steps = answer["runs"].as_array().expect("a list");
        assert_eq!(steps.len(), n_steps, "{run_file}");
        assert!(steps.iter().all(|step| step["evaluated_on"] != "test"));
        let judged = &answer["test"];
        assert_eq!(judged["step"], 3000, "{run_file}");
        assert_eq!(judged["judged_on"], "plain.csv");
        assert_eq!(judged["evaluated_on"], "test");
        for key in ["stats", "findings", "rows_read", "sha256_labels"] {
            assert_eq!(judged[key], alone["runs"][0][key], "{run_file}: {key}");
        }
        let text = words(&run(folder.path(), &arguments));
        let said = "step 3000, judged on plain.csv, which holds no steps (the steps before are not compared with it): ";
        assert!(text.contains(said), "{text}");
    }
    // Of a run the order of its steps is judged by rows of its own.
    let answer = as_json(folder.path(), &["doctor", "run.csv", "--test", "plain.csv"]);
    assert_eq!(answer["same_labels"], true);
    // One step alone is judged, whichever it is.
    let one = ["doctor", "run.csv", "--step", "200", "--test", "plain.csv"];
    let one = as_json(folder.path(), &one);
    assert_eq!(one["runs"][0]["step"], 200);
    assert_eq!(one["runs"][0]["evaluated_on"], "test");
    assert!(one["test"].is_null());
}

#[test]
fn a_failure_of_the_last_step_on_the_test_file_is_exit_status_1() {
    let folder = folder();
    fs::write(folder.path().join("run.csv"), run_table("step")).expect("written");
    let shifted = step_table(6, 1.0);
    let lines = shifted.lines().map(|line| match line.split_once(',') {
        Some((label, rest)) if label != "label" => {
            let label: u32 = label.parse().expect("a class");
            format!("{},{rest}", (label + 1) % 3)
        }
        _ => line.to_owned(),
    });
    let lines: Vec<String> = lines.collect();
    fs::write(folder.path().join("shifted.csv"), lines.join("\n")).expect("written");
    expect(&run(folder.path(), &["doctor", "run.csv"]), 0);
    let output = run(folder.path(), &["doctor", "run.csv", "--test", "shifted.csv"]);
    expect(&output, 1);
    assert!(stdout(&output).contains("failure labels_shifted"));
}

#[test]
fn a_test_file_of_steps_is_compared_step_by_step() {
    let folder = folder();
    let write = |name: &str, text: String| {
        fs::write(folder.path().join(name), text).expect("written");
    };
    write("run.csv", run_table("step"));
    let more = |numbers: [u32; 3]| {
        let mut text = "step,label,logit_0,logit_1,logit_2\n".to_owned();
        for number in numbers {
            for line in step_table(u64::from(number), 1.0).lines().skip(1) {
                let _ = writeln!(text, "{number},{line}");
            }
        }
        text
    };
    write("more.csv", more([10, 200, 3000]));
    write("other.csv", more([10, 200, 4000]));
    for name in ["run", "judge"] {
        let files = folder.path().join(name);
        fs::create_dir(&files).expect("a folder");
        for number in [10, 3000] {
            let seed = if name == "run" { 5 } else { number };
            fs::write(files.join(format!("step_{number}.csv")), step_table(seed, 1.0))
                .expect("written");
        }
    }
    for (run_file, test) in [("run.csv", "more.csv"), ("run", "judge"), ("run", "more.csv")] {
        let answer = as_json(folder.path(), &["doctor", run_file, "--test", test]);
        assert!(answer["test"].is_null(), "{test}");
        for step in answer["runs"].as_array().expect("a list") {
            let number = step["step"].as_u64().expect("a number");
            assert_eq!(step["evaluated_on"], "test");
            let name = format!("only_{number}.csv");
            write(&name, step_table(number, 1.0));
            let alone = as_json(folder.path(), &["doctor", &name]);
            assert_eq!(
                step["sha256_labels"], alone["runs"][0]["sha256_labels"],
                "{test}: step {number}"
            );
        }
    }
    for (test, listed) in [("other.csv", "10, 200, 4000"), ("judge", "10, 3000")] {
        let none = run(folder.path(), &["doctor", "run.csv", "--test", test]);
        expect(&none, 2);
        assert!(stderr(&none).contains(listed), "{}", stderr(&none));
    }
}
