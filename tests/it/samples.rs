//! `sample_data/README.md` says which numbers each file gives: they are checked against the files.

use std::fs;

use logitscope::io::{Loaded, OpenOptions};
use logitscope::pipeline::Study;
use logitscope::{io, sample};

use crate::shared;

/// The cells of the table row that names `file`.
fn documented(file: &str) -> Vec<String> {
    let text = fs::read_to_string(shared::sample("README.md")).expect("the page is there");
    let table = text.split("## The numbers they give").nth(1).expect("the section is there");
    let row = table.lines().find(|line| line.contains(file)).expect("the file has a row");
    row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Numbers of a cell such as `2,500, 2,500` or `1.077063 → 0.431545`.
fn numbers(cell: &str) -> Vec<f64> {
    let cell = cell.replace(", ", " ").replace(',', "");
    cell.split([' ', '→']).filter_map(|word| word.parse().ok()).collect()
}

fn check(file: &str, study: &Study) {
    let cells = documented(file);
    let analysis = &study.analysis;
    let (before, after) = (&analysis.before.metrics, analysis.after.as_ref().expect("a fit"));
    let fitted = study.fitted.expect("other rows were fitted on").used as f64;
    let got = [
        vec![fitted, study.counts.used as f64],
        vec![analysis.fit.temperature.expect("a fit")],
        vec![before.accuracy],
        vec![before.nll, after.metrics.nll],
        vec![before.ece, after.metrics.ece],
    ];
    for (cell, got) in cells[1..].iter().zip(got) {
        let want = numbers(cell);
        assert_eq!(want.len(), got.len(), "{file}: {cell}");
        for (want, got) in want.iter().zip(got) {
            // As many digits as the page shows.
            let tolerance = if want.abs() > 1e3 { 0.006 } else { 6e-7 };
            assert!((got - want).abs() <= tolerance, "{file}: {got} instead of {want}");
        }
    }
}

#[test]
fn each_file_gives_the_numbers_on_its_page() {
    for file in
        ["digits_overconfident.parquet", "digits_underconfident.npz", "digits_fp16_overflow.npz"]
    {
        let loaded = shared::open(&shared::sample(file), &OpenOptions::default());
        check(file, &shared::study_of(loaded));
    }
}

#[test]
fn a_file_to_fit_on_and_a_file_to_judge_on() {
    let open = |file| shared::open(&shared::sample(file), &OpenOptions::default());
    let (val, test) = (open("digits_small_val.csv"), open("digits_small_test.csv"));
    check("digits_small_val.csv", &shared::study_of(Loaded { test: Some(test.fit), ..val }));
}

#[test]
fn the_compiled_in_sample_is_the_file() {
    let bundled = io::open_bytes(sample::NAME, sample::BYTES, &OpenOptions::default());
    let from_file = shared::open(&shared::sample(sample::NAME), &OpenOptions::default());
    assert_eq!(shared::values(&bundled.expect("it opens").fit), shared::values(&from_file.fit));
}
