//! What a file carries beside its logits comes along into its summaries: the same slices, groups and choices of rows.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use logitscope::data::{BatchSource, Carried, CarriedColumn, CarriedValues, NumberTable, Numbers};
use logitscope::io::{self, OpenOptions};
use logitscope::pipeline::{self, Summaries};
use logitscope::summarize::RowSummaries;
use serde_json::Value;

use crate::cli::{expect, run, stderr, stdout};
use crate::diagnosis::drawn;
use crate::summaries::write;

/// The bound on a figure that should be the same, relative to 1 or to the figure.
const SAME: f64 = 1e-12;

/// What speaks of the file and not of its rows, or needs sums that no summaries hold.
const OF_FILE: [&str; 7] = [
    ".source.path",
    ".source.format",
    ".notes",
    ".findings",
    ".timing",
    ".peak_memory",
    ".fit.iterations",
];

/// Which rows of a made-up table are left out.
#[derive(Clone, Copy, PartialEq)]
enum Gaps {
    /// None.
    No,
    /// Every seventh has no label.
    Labels,
    /// And every eleventh a NaN.
    Both,
}

/// 300 rows of `k` classes as CSV, beside whose logits stand columns of every type, with values that are missing.
/// The first 180 rows are the val part by column `half`.
fn table(k: usize, gaps: Gaps) -> String {
    let logits: Vec<String> = (0..k).map(|class| format!("logit_{class}")).collect();
    let mut csv = format!("uid,{},label,doc,lang,length,n,half,fold\n", logits.join(","));
    for row in 0..300usize {
        let z = |class: usize| ((row * 31 + class * 17 + row * class * 7) % 23) as f64 / 4.0 - 2.5;
        let best = (0..k).max_by(|a, b| z(*a).total_cmp(&z(*b))).unwrap_or(0);
        let label = match row {
            _ if row % 7 == 3 && gaps != Gaps::No => "-100".to_owned(),
            _ if row % 3 == 0 => (row / 3 % k).to_string(),
            _ => best.to_string(),
        };
        let cell = |class| match class {
            1 if row % 11 == 5 && gaps == Gaps::Both => "nan".to_owned(),
            _ => z(class).to_string(),
        };
        let z: Vec<String> = (0..k).map(cell).collect();
        let lang = ["de", "en", "fr", ""][row * 13 % 17 % 4];
        let length = match row % 9 {
            4 => String::new(),
            _ => format!("{}", (row * 37 % 101) as f64 / 4.0),
        };
        let n = match row % 10 {
            6 => String::new(),
            _ => (row * 7 % 40).to_string(),
        };
        let half = if row < 180 { "dev" } else { "test" };
        let (uid, doc, fold) = (format!("u{row:04}"), row * row % 67, row % 4);
        // Writing to a String cannot fail.
        let _ =
            writeln!(csv, "{uid},{},{label},{doc},{lang},{length},{n},{half},{fold}", z.join(","));
    }
    csv
}

/// The figures of `report`, by their paths.
fn report(folder: &Path, arguments: &[&str]) -> Value {
    let output = run(folder, &[&["report"], arguments, &["--format", "json"]].concat());
    expect(&output, 0);
    serde_json::from_str(&stdout(&output)).expect("JSON")
}

fn leaves(report: &Value) -> Vec<(String, Value)> {
    fn walk(path: &str, value: &Value, out: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(entries) => {
                entries.iter().for_each(|(key, value)| walk(&format!("{path}.{key}"), value, out));
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(idx, value)| walk(&format!("{path}.{idx}"), value, out)),
            leaf => out.push((path.to_owned(), leaf.clone())),
        }
    }
    let mut out = Vec::new();
    walk("", report, &mut out);
    let is_classwise =
        |path: &str| path.contains("classwise") || path.ends_with(".mean_centred_logit");
    out.retain(|(path, _)| !is_classwise(path) && !OF_FILE.iter().any(|p| path.starts_with(p)));
    out
}

/// Fails unless both reports say the same, but for what lies under `but`.
fn assert_same(what: &str, direct: &Value, stored: &Value, but: &[&str]) {
    let close = |a: &Value, b: &Value| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= SAME * a.abs().max(1.0),
        _ => a == b,
    };
    let kept = |report: &Value| {
        let mut leaves = leaves(report);
        leaves.retain(|(path, _)| !but.iter().any(|p| path.starts_with(p)));
        leaves
    };
    let (direct, stored) = (kept(direct), kept(stored));
    assert!(direct.len() > 100, "a report has many figures");
    for ((path, a), (of, b)) in direct.iter().zip(&stored) {
        assert!(
            path == of && close(a, b),
            "{what}: {path}: {a} from logits, {b} from {of} of summaries"
        );
    }
    assert_eq!(direct.len(), stored.len(), "{what}");
}

fn summarize(folder: &Path, arguments: &[&str], out: &str) {
    let output = run(folder, &[&["summarize"], arguments, &["--out", out]].concat());
    expect(&output, 0);
}

/// A folder with `all.csv` and `all.parquet`, the summaries of it.
fn folder_of(csv: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("all.csv"), csv).expect("written");
    summarize(folder.path(), &["all.csv"], "all.parquet");
    folder
}

/// Fails unless the report of the summaries is that of the logits under every one of these flags.
fn check(folder: &Path, flags: &[&[&str]]) {
    for flags in flags {
        let of = |file| report(folder, &[&[file], *flags].concat());
        let (direct, stored) = (of("all.csv"), of("all.parquet"));
        assert_same(&flags.join(" "), &direct, &stored, &[]);
        let asks = |key: &str| flags.contains(&key);
        assert!(!asks("--slice") || !stored["slices"].is_null(), "{stored}");
    }
}

/// Flags that leave the fitted rows as they are, so that rows which keep nodes are exact too.
const WHOLE: [&[&str]; 4] = [
    &["--slice", "lang", "--slice", "length", "--slice", "n"],
    &["--id", "uid", "--slice", "doc"],
    &["--group", "doc"],
    &["--group", "lang", "--bootstrap", "40", "--slice", "half"],
];

/// Flags that choose rows.
const CHOICES: [&[&str]; 9] = [
    &["--where", "lang = de & length < 20", "--slice", "n"],
    &["--where", "n != 7 & !(doc in (1, 4))", "--group", "doc"],
    &["--split", "fold=1|3", "--group", "lang"],
    &["--split", "half", "--slice", "lang", "--group", "doc"],
    &["--fit-where", "fold < 2", "--slice", "lang"],
    &["--test-where", "half = test", "--group", "doc"],
    &["--fit-where", "fold = 0", "--test-where", "fold = 3"],
    &["--rows", "20..220", "--slice", "lang"],
    &["--rows", "3..280", "--where", "length > 2", "--group", "doc"],
];

#[test]
fn slices_groups_and_choices_are_those_of_the_logits() {
    let folder = folder_of(&table(3, Gaps::No));
    check(folder.path(), &WHOLE);
    check(folder.path(), &CHOICES);
    let weighted: [&[&str]; 3] = [
        &["--weight", "fold", "--slice", "lang"],
        &["--weight", "doc", "--where", "lang != de", "--group", "n"],
        &["--weight", "fold", "--rows", "50..250"],
    ];
    check(folder.path(), &weighted);
}

#[test]
fn rows_that_keep_nodes_have_the_same_slices_and_groups() {
    let folder = folder_of(&table(60, Gaps::Both));
    check(folder.path(), &WHOLE);
}

#[test]
fn rows_that_were_left_out_stay_counted_where_no_condition_chooses() {
    let folder = folder_of(&table(3, Gaps::Both));
    check(folder.path(), &WHOLE);
    let folder = folder_of(&table(3, Gaps::Labels));
    check(folder.path(), &CHOICES[7..8]);
}

#[test]
fn rows_that_were_left_out_are_said_where_a_condition_chooses() {
    let folder = folder_of(&table(3, Gaps::Both));
    for flags in &CHOICES[..7] {
        let of = |file| report(folder.path(), &[&[file], *flags].concat());
        let (direct, stored) = (of("all.csv"), of("all.parquet"));
        let counts = [".source.rows", ".source.parts", ".source.sha256_labels"];
        assert_same(&flags.join(" "), &direct, &stored, &counts);
        let notes = stored["notes"].to_string();
        assert!(notes.contains("not counted: "), "{notes}");
    }
    let output = run(folder.path(), &["report", "all.parquet", "--rows", "0..50"]);
    expect(&output, 2);
    let said = stderr(&output);
    assert!(said.contains("do not say which") && said.contains("hint: choose them"), "{said}");
}

#[test]
fn every_command_obeys_the_flags() {
    let folder = folder_of(&table(3, Gaps::No));
    let folder = folder.path();
    fs::copy(folder.join("all.csv"), folder.join("other.csv")).expect("copied");
    summarize(folder, &["other.csv"], "other.parquet");
    let done = |arguments: &[&str]| {
        let output = run(folder, arguments);
        expect(&output, 0);
        stdout(&output)
    };
    for flags in [["--group", "doc"], ["--where", "lang = en"]] {
        let of = |command: &str, files: &[&str], more: &[&str]| {
            done(&[&[command], files, &flags[..], more].concat())
        };
        assert_eq!(
            of("fit", &["all.csv"], &[]).replace("all.csv", "all.parquet"),
            of("fit", &["all.parquet"], &[])
        );
        let doctor = run(folder, &[&["doctor", "all.parquet"], &flags[..]].concat());
        assert_ne!(doctor.status.code(), Some(2), "{}", stderr(&doctor));
        of("check", &["all.parquet"], &["--max-ece", "0.9"]);
        let json = ["--format", "json"];
        let figures = |files: &[&str]| -> Value {
            let mut answer: Value =
                serde_json::from_str(&of("compare", files, &json)).expect("JSON");
            answer["runs"][1]["against_first"].take()
        };
        assert!(figures(&["all.csv", "other.csv"])["rows"].is_number());
        assert_eq!(figures(&["all.csv", "other.csv"]), figures(&["all.parquet", "other.parquet"]));
    }
    let inspected = done(&["inspect", "all.parquet", "--group", "doc"]);
    for line in [
        "beside        uid (text), doc (integer), lang (text), length (number), n (integer), half (text), fold (integer)",
        "  id           uid",
        "  group        doc",
    ] {
        assert!(inspected.contains(line), "{inspected}");
    }
}

#[test]
fn parts_keep_their_columns() {
    let csv = table(3, Gaps::No).replacen(",half,", ",split,", 1);
    let folder = folder_of(&csv);
    let flags: [&[&str]; 6] = [
        &["--slice", "lang", "--group", "doc"],
        &["--part", "val", "--slice", "n"],
        &["--part", "test", "--where", "lang = de"],
        &["--part", "all", "--group", "doc", "--slice", "length"],
        &["--where", "lang != fr", "--group", "lang"],
        &["--fit-where", "fold = 1", "--slice", "lang"],
    ];
    check(folder.path(), &flags);
    let output = run(folder.path(), &["report", "all.parquet", "--rows", "0..9"]);
    expect(&output, 2);
    assert!(stderr(&output).contains("within one part"));
}

#[test]
fn a_second_file_may_be_logits_or_summaries() {
    let folder = folder_of(&table(3, Gaps::No));
    let folder = folder.path();
    fs::write(folder.join("more.csv"), table(3, Gaps::No)).expect("written");
    summarize(folder, &["more.csv", "--rows", "0..120"], "more.parquet");
    summarize(folder, &["all.csv", "--test", "more.csv", "--where", "fold != 2"], "both.parquet");
    let flags = ["--where", "fold != 2", "--slice", "lang", "--group", "doc"];
    let of = |first: &str, second: &str| {
        report(folder, &[&[first, "--test", second], &flags[..]].concat())
    };
    let direct = of("all.csv", "more.csv");
    assert_same(
        "both",
        &direct,
        &report(folder, &["both.parquet", "--slice", "lang", "--group", "doc"]),
        &[],
    );
    for (first, second) in [("all.parquet", "more.csv"), ("all.csv", "all.parquet")] {
        let stored = of(first, second);
        assert_eq!(stored["slices"], direct["slices"], "{first} {second}");
    }
    let short = of("all.csv", "more.parquet");
    assert_eq!(short["source"]["rows_read"], 90);
}

#[test]
fn shards_join_with_the_columns_that_all_have() {
    let folder = folder_of(&table(3, Gaps::Labels));
    let folder = folder.path();
    for (range, out) in [("0..110", "a.rows"), ("110..200", "b.rows"), ("200..300", "c.rows")] {
        summarize(folder, &["all.csv", "--rows", range], out);
    }
    let shards = ["a.rows", "b.rows", "c.rows"];
    summarize(folder, &shards, "joined.parquet");
    for flags in &WHOLE {
        let direct = report(folder, &[&["all.csv"], *flags].concat());
        for files in [&shards[..], &["joined.parquet"], &["[abc].rows"]] {
            let stored = report(folder, &[files, *flags].concat());
            assert_same(&format!("{files:?} {flags:?}"), &direct, &stored, &[]);
        }
    }
    let some = ["--where", "fold = 1", "--slice", "lang"];
    let stored = report(folder, &[&shards[..], &some].concat());
    let direct = report(folder, &[&["all.csv"][..], &some].concat());
    assert_eq!(stored["slices"], direct["slices"]);

    let fewer = table(3, Gaps::No).replacen(",lang,", ",language,", 1);
    fs::write(folder.join("fewer.csv"), fewer).expect("written");
    summarize(folder, &["fewer.csv"], "d.rows");
    let output = run(folder, &["report", "a.rows", "d.rows", "--slice", "lang"]);
    expect(&output, 2);
    let said = stderr(&output);
    let there = "there is no column lang beside the logits and labels; there are uid, doc, length, n, half, fold";
    assert!(said.contains(there), "{said}");
}

#[test]
fn groups_that_were_chosen_before_are_kept() {
    let folder = folder_of(&table(3, Gaps::Both));
    let folder = folder.path();
    summarize(folder, &["all.csv", "--group", "doc", "--id", "n"], "grouped.rows");
    let direct = report(folder, &["all.csv", "--group", "doc", "--id", "n"]);
    assert_same("kept", &direct, &report(folder, &["grouped.rows"]), &[]);
    let other = report(folder, &["all.csv", "--group", "lang", "--id", "n"]);
    assert_same("another", &other, &report(folder, &["grouped.rows", "--group", "lang"]), &[]);
    let output = run(folder, &["report", "grouped.rows", "all.parquet"]);
    expect(&output, 2);
    let said = stderr(&output);
    assert!(
        said.contains("nothing here, column doc in grouped.rows") && said.contains("--group"),
        "{said}"
    );
    report(folder, &["grouped.rows", "all.parquet", "--group", "doc"]);
    let inspected = stdout(&run(folder, &["inspect", "grouped.rows"]));
    assert!(inspected.contains("chosen when the summaries were written"), "{inspected}");
}

#[test]
fn labels_of_one_row_share_what_it_carries() {
    let mut csv = "id,logit_a,logit_b,logit_c,label_a,label_b,label_c,doc,lang\n".to_owned();
    for row in 0..120usize {
        let z = |l: usize| ((row * 29 + l * 11) % 19) as f64 / 3.0 - 3.0;
        let y = |l: usize| match (row * 3 + l) % 13 {
            4 => -100,
            5 | 6 => i32::from(z(l) < 0.0),
            _ => i32::from(z(l) > 0.0),
        };
        let lang = ["de", "en", ""][row % 3];
        let cells = [z(0), z(1), z(2)].map(|z| z.to_string()).join(",");
        let labels = [y(0), y(1), y(2)].map(|y| y.to_string()).join(",");
        let _ = writeln!(csv, "r{row},{cells},{labels},{},{lang}", row / 5);
    }
    // A row all of whose labels are left out.
    csv.push_str("last,0.5,0.25,0.125,-100,-100,-100,9,de\nend,1.5,0.25,0.125,1,0,0,9,fr\n");
    let folder = folder_of(&csv);
    check(
        folder.path(),
        &[
            &["--slice", "lang"],
            &["--group", "doc", "--bootstrap", "30"],
            &["--where", "lang = en", "--group", "doc"],
            &["--rows", "7..122", "--slice", "lang"],
            &["--fit-where", "doc < 9", "--test-where", "doc > 9", "--slice", "lang"],
        ],
    );
}

/// The columns that the logits of `path` carry, and those of its summaries, which lie beside it.
fn both(path: &Path) -> (Carried, RowSummaries) {
    let options = OpenOptions::default();
    let open = || io::open(path, &options, &mut |_| true).unwrap_or_else(|e| panic!("{e}"));
    let carried = open().fit.carried();
    let out = path.with_extension("rows");
    write(open(), &out);
    let read = Summaries::read(&out, &mut |_| true).unwrap_or_else(|e| panic!("{e}"));
    ((*carried).clone(), read.fit.rows)
}

fn cells(column: &CarriedColumn, row: usize) -> (Option<String>, Option<f64>) {
    let text = match &column.values {
        CarriedValues::Text(text) => text.get(row).map(str::to_owned),
        values => values.shown(row),
    };
    (text, column.values.number(row))
}

#[test]
fn hostile_names_and_texts_come_back_as_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.jsonl");
    let long = "x".repeat(10_000);
    let names = [
        "",
        "\u{1b}[2J",
        "a\u{0}b",
        long.as_str(),
        "row",
        "part",
        "scores",
        "exact_0_log_z",
        "beside.row",
        "beside.beside.row",
        "\"quoted\", 'so'",
        "ü\u{202e}",
    ];
    let mut lines = String::new();
    for row in 0..40 {
        let z = [f64::from(row % 7) / 2.0, f64::from(row % 5) / 3.0, 0.5];
        let mut line = serde_json::json!({"logits": z, "label": row % 3});
        for (idx, name) in names.iter().enumerate() {
            line[*name] = match (row + i32::try_from(idx).expect("few")) % 5 {
                0 => Value::Null,
                1 => "a\u{0}\u{1b}[31m\r\nb".into(),
                2 => "".into(),
                _ => format!("{name} {row}").into(),
            };
        }
        line["big"] = (i64::MAX - i64::from(row)).into();
        line["small"] = if row == 3 { Value::Null } else { (f64::from(row) * 1e-300).into() };
        let _ = writeln!(lines, "{line}");
    }
    fs::write(&path, lines).expect("written");
    let (carried, rows) = both(&path);
    assert_eq!(carried.columns().len(), names.len() + 2);
    let stored = rows.carried();
    let of = |c: &Carried| -> Vec<String> { c.columns().iter().map(|c| c.name.clone()).collect() };
    assert_eq!(of(&carried), of(stored));
    for (a, b) in carried.columns().iter().zip(stored.columns()) {
        assert_eq!(a.values.type_name(), b.values.type_name(), "{:?}", a.name);
        for row in 0..40 {
            assert_eq!(cells(a, row), cells(b, row), "{:?} row {row}", a.name);
        }
    }
    let inspected = run(folder.path(), &["inspect", "rows.rows"]);
    expect(&inspected, 0);
    assert!(!stdout(&inspected).contains('\u{1b}'), "no name drives a terminal");
}

#[test]
fn gaps_do_not_move_values_to_other_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("all.csv");
    fs::write(&path, table(3, Gaps::Both)).expect("written");
    let (carried, rows) = both(&path);
    assert!(rows.len() < 250);
    for idx in 0..rows.len() {
        let (there, here) = (rows.file_row(idx), rows.stored_row(idx));
        for (a, b) in carried.columns().iter().zip(rows.carried().columns()) {
            assert_eq!(cells(a, there), cells(b, here), "row {there}");
        }
    }
    let thin = rows.every(7);
    let uid = |rows: &RowSummaries, idx| {
        let column = rows.carried().column("uid").expect("there");
        column.values.shown(rows.stored_row(idx))
    };
    assert_eq!(uid(&thin, 3), uid(&rows, 21));
}

/// The parts that a file of summaries consists of.
fn taken_apart(path: &Path) -> (Value, logitscope::data::NumberTable, Vec<CarriedColumn>) {
    let note = io::table_note(path).expect("readable").expect("a note");
    let note: Value = serde_json::from_str(&note).expect("JSON");
    let empty = |column: &Value| CarriedColumn {
        name: column["column"].as_str().expect("a name").to_owned(),
        values: CarriedValues::empty(column["type"].as_str().expect("a type")).expect("known"),
    };
    let columns = note["beside"].as_array().expect("columns").iter().map(empty).collect();
    let (table, columns) = io::read_rows(path, columns, &mut |_| true).expect("readable");
    (note, table, columns)
}

/// What is read of a file of these rows with this note.
fn read_back(
    out: &Path,
    (note, table): (&Value, &NumberTable),
    columns: Vec<CarriedColumn>,
) -> Result<Summaries, String> {
    let group = (table.clone(), columns);
    io::write_rows(out, &note.to_string(), &mut std::iter::once(group)).expect("written");
    Summaries::read(out, &mut |_| true).map_err(|error| error.message)
}

#[test]
fn files_from_before_there_were_columns_beside_are_read() {
    let folder = folder_of(&table(3, Gaps::No));
    let (note, table, columns) = taken_apart(&folder.path().join("all.parquet"));
    let out = folder.path().join("other.parquet");
    let whole = read_back(&out, (&note, &table), columns).expect("untouched");
    assert_eq!(whole.fit.rows.carried().columns().len(), 7);

    let mut old = note.clone();
    old.as_object_mut().expect("an object").remove("beside");
    let opened = read_back(&out, (&old, &table), Vec::new()).expect("as it was");
    assert!(opened.fit.rows.carried().columns().is_empty());
    let output = run(folder.path(), &["report", "other.parquet", "--slice", "lang"]);
    expect(&output, 2);
    assert!(stderr(&output).contains("there is no column lang"), "{}", stderr(&output));
}

/// A change to the part of a note that speaks of columns, and what is said of it.
type Damage<'a> = (&'a dyn Fn(&mut Value), &'a str);

#[test]
fn damage_is_refused() {
    let folder = folder_of(&table(3, Gaps::No));
    let (note, table, columns) = taken_apart(&folder.path().join("all.parquet"));
    let out = folder.path().join("other.parquet");
    let fails = |change: &dyn Fn(&mut Value), columns: &[CarriedColumn]| {
        let mut note = note.clone();
        change(&mut note["beside"]);
        read_back(&out, (&note, &table), columns.to_vec()).expect_err("damaged")
    };
    let damages: [Damage<'_>; 6] = [
        (
            &|b| b[2]["column"] = "beside.\u{1b}".into(),
            "there is no column beside.\u{FFFD}, of which its note speaks",
        ),
        (
            &|b| b[2]["type"] = "integer".into(),
            "column beside.lang holds str, and its note says integer",
        ),
        (
            &|b| b[2]["type"] = "date".into(),
            "column beside.lang is said to hold date, not integer, number or text",
        ),
        (&|b| b[2]["column"] = b[1]["column"].clone(), "its note names column beside.doc twice"),
        (
            &|b| b[2]["means"] = serde_json::json!(["id"]),
            "columns beside.uid and beside.lang are said to mean the same",
        ),
        (&|b| b[2]["column"] = "label".into(), "column label holds u32, and its note says text"),
    ];
    for (change, message) in damages {
        assert_eq!(fails(change, &columns), message);
    }
    let unknown = fails(&|b| b[2]["means"] = serde_json::json!(["colour"]), &columns);
    assert!(unknown.contains("`colour`") && unknown.contains("`weight`"), "{unknown}");
    assert_eq!(
        fails(&|_| {}, &columns[1..]),
        "there is no column beside.uid, of which its note speaks"
    );
    let short: Vec<CarriedColumn> = columns
        .iter()
        .map(|column| CarriedColumn {
            name: column.name.clone(),
            values: column.values.select(0..299),
        })
        .collect();
    let group = (table.clone(), short);
    io::write_rows(&out, &note.to_string(), &mut std::iter::once(group)).expect_err("shorter");
}

#[test]
fn labels_of_one_row_that_differ_in_what_it_carries_are_damage() {
    let csv =
        "logit_a,logit_b,label_a,label_b,doc\n1.5,0.5,1,0,7\n-0.5,0.25,0,1,8\n0.5,0.75,1,1,8\n";
    let folder = folder_of(csv);
    let path = folder.path().join("all.parquet");
    let (note, table, mut columns) = taken_apart(&path);
    columns[0].values = CarriedValues::Whole(vec![7, 7, 8, 9, 8, 8]);
    let group = (table, columns);
    io::write_rows(&path, &note.to_string(), &mut std::iter::once(group)).expect("written");
    let error = Summaries::read(&path, &mut |_| true).expect_err("two values");
    let message = "column doc differs between labels of one row";
    assert!(error.message.starts_with(message), "{error}");
}

#[test]
fn numbers_are_read_without_what_stands_beside() {
    let folder = folder_of(&table(3, Gaps::No));
    let (_, table, columns) = taken_apart(&folder.path().join("all.parquet"));
    assert_eq!((table.n_rows(), columns.len()), (300, 7));
    let named = |name: &str| table.columns().iter().any(|column| column.name == name);
    assert!(named("scores") && !named("beside.length"));
    let row = table.columns().iter().find(|column| column.name == "row");
    assert_eq!(row.map(|column| &column.numbers), Some(&Numbers::U64((0..300).collect())));
    let opened =
        pipeline::open(&folder.path().join("all.parquet"), &OpenOptions::default(), &mut |_| true);
    assert!(opened.is_ok());
}

/// What `doctor` says of one file: its findings and the rules that were not asked, with their reasons.
fn doctor(folder: &Path, arguments: &[&str]) -> [Vec<(String, Value)>; 2] {
    let arguments = [&["doctor"], arguments, &["--format", "json"]].concat();
    let output = run(folder, &arguments);
    assert_ne!(output.status.code(), Some(2), "{}", stderr(&output));
    let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let of = |list: &str, key: &str| {
        let entries = answer["runs"][0][list].as_array().expect("a list");
        let entry = |entry: &Value| {
            let rule = entry["rule"].as_str().expect("a name").to_owned();
            (rule, entry[key].clone())
        };
        entries.iter().map(entry).collect()
    };
    [of("findings", "evidence"), of("skipped", "reason")]
}

/// The finding `rule`.
fn found<'a>(findings: &'a [(String, Value)], rule: &str) -> Option<&'a Value> {
    let found = findings.iter().find(|(name, _)| name == rule);
    found.map(|(_, evidence)| evidence)
}

#[test]
fn of_rows_that_are_chosen_from_scores_every_rule_is_asked() {
    let folder = folder_of(&table(5, Gaps::Labels));
    for flags in [
        &["--where", "lang = de"][..],
        &["--where", "fold != 2"],
        &["--rows", "20..260"],
        &["--split", "half=test"],
    ] {
        let [direct, not_asked] = doctor(folder.path(), &[&["all.csv"], flags].concat());
        let [stored, not_asked_either] = doctor(folder.path(), &[&["all.parquet"], flags].concat());
        assert!(found(&direct, "duplicate_rows").is_some(), "{direct:?}");
        assert_eq!(not_asked, not_asked_either, "{flags:?}");
        let rules = |findings: &[(String, Value)]| -> Vec<String> {
            findings.iter().map(|(rule, _)| rule.clone()).collect()
        };
        assert_eq!(rules(&direct), rules(&stored), "{flags:?}");
        for ((rule, direct), (_, stored)) in direct.iter().zip(&stored) {
            for (name, number) in direct.as_object().expect("evidence") {
                let [a, b] = [number, &stored[name]].map(|n| n.as_f64().expect("a number"));
                let is_close = (a - b).abs() <= 1e-9 * a.abs().max(1.0);
                assert!(is_close, "{flags:?}: {rule}: {name}: {a} and {b}");
            }
        }
    }
}

#[test]
fn of_rows_that_are_chosen_from_nodes_the_rules_on_rows_are_asked() {
    let (k, n) = (60, 900);
    let mut set = drawn(11, k, n, 1.0);
    // Every row of the second sixth repeats one of the first.
    let (from, to) = (0..n / 6 * k, n / 6 * k);
    set.z.copy_within(from, to);
    set.labels.copy_within(0..n / 6, n / 6);
    let logits: Vec<String> = (0..k).map(|class| format!("logit_{class}")).collect();
    let mut csv = format!("{},label,half\n", logits.join(","));
    for (row, (label, z)) in set.labels.iter().zip(set.z.chunks_exact(k)).enumerate() {
        let z: Vec<String> = z.iter().map(|z| (z * 2.5).to_string()).collect();
        let half = if row % 5 == 4 { "b" } else { "a" };
        // Writing to a String cannot fail.
        let _ = writeln!(csv, "{},{label},{half}", z.join(","));
    }
    let folder = folder_of(&csv);
    let flags = ["--where", "half = a"];
    let [direct, _] = doctor(folder.path(), &[&["all.csv"], &flags[..]].concat());
    let [stored, not_asked] = doctor(folder.path(), &[&["all.parquet"], &flags[..]].concat());
    for rule in ["overconfident", "extreme_temperature", "duplicate_rows"] {
        let pair = found(&direct, rule).zip(found(&stored, rule));
        let (direct, stored) = pair.unwrap_or_else(|| panic!("{rule}: {direct:?} {stored:?}"));
        for (name, number) in direct.as_object().expect("evidence") {
            let [a, b] = [number, &stored[name]].map(|n| n.as_f64().expect("a number"));
            assert!((a - b).abs() < 1e-3 * a.abs().max(1.0), "{rule}: {name}: {a} {b}");
        }
    }
    // What is found in the logits alone was not asked here, and for that reason.
    let no_sums = "the file holds no sums for each class of these rows";
    let reason = |rule: &str| found(&not_asked, rule).and_then(Value::as_str);
    for (rule, _) in &direct {
        assert!(
            found(&stored, rule).is_some() || reason(rule) == Some(no_sums),
            "{rule}: {:?}",
            reason(rule)
        );
    }
    for rule in ["rows_misaligned", "class_bias", "vanishing", "label_errors"] {
        assert_eq!(reason(rule), Some(no_sums), "{rule}");
    }
    assert!(reason("truncated_rows").is_some_and(|reason| reason.contains("smallest")));
    // Labels of other rows lack the signal, and the reason is not that they were found not to belong.
    let mut lines: Vec<String> = csv.lines().map(str::to_owned).collect();
    for line in lines.iter_mut().skip(1) {
        let (z, rest) =
            line.split_at(line.rfind(',').map_or(0, |at| line[..at].rfind(',').unwrap_or(0)));
        let half = rest.rsplit(',').next().unwrap_or_default().to_owned();
        *line = format!("{z},{},{half}", z.len() % k);
    }
    let folder = folder_of(&(lines.join("\n") + "\n"));
    let [stored, not_asked] = doctor(folder.path(), &[&["all.parquet"], &flags[..]].concat());
    assert!(found(&stored, "overconfident").is_none(), "{stored:?}");
    let reason = found(&not_asked, "overconfident").and_then(Value::as_str);
    assert!(reason.is_some_and(|reason| reason.starts_with("without sums")), "{reason:?}");
}
