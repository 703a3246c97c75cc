//! Ids go with their rows, whatever chooses the rows: every row tells its number in the file by its first score.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use logitscope::data::{BatchSource, ValuesRef};
use logitscope::io::{self, Loaded, OpenOptions, Part, RowRange, Split};
use logitscope::pipeline::{self, Inputs};

use crate::forms::{archive, npy};
use crate::shared;

const ROWS: usize = 40;

fn label(row: usize) -> usize {
    row * 7 % 3
}

fn part(row: usize) -> &'static str {
    if row * 5 % 8 < 3 { "test" } else { "val" }
}

/// Rows `from..to` as a table; ids are text that is no number of a row.
fn csv(from: usize, to: usize) -> String {
    let mut text = "name,part_of,length,logit_0,logit_1,logit_2,label\n".to_owned();
    for row in from..to {
        let (z, length) = (row as f64 / 16.0, row * 3 % 11);
        writeln!(text, "id{},{},{length},{z},0.5,-1.25,{}", 900 - row, part(row), label(row))
            .expect("text");
    }
    text
}

fn json(from: usize, to: usize) -> String {
    let mut text = String::new();
    for row in from..to {
        let (z, length) = (row as f64 / 16.0, row * 3 % 11);
        writeln!(
            text,
            "{{\"name\": \"id{}\", \"part_of\": \"{}\", \"length\": {length}, \"logits\": [{z}, 0.5, -1.25], \"label\": {}}}",
            900 - row,
            part(row),
            label(row)
        )
        .expect("text");
    }
    text
}

fn f64s(values: impl Iterator<Item = f64>) -> Vec<u8> {
    values.flat_map(f64::to_le_bytes).collect()
}

fn i64s(values: impl Iterator<Item = usize>) -> Vec<u8> {
    values.flat_map(|value| i64::try_from(value).expect("small").to_le_bytes()).collect()
}

/// The numbers of the rows that a source reads; each must have its own id, label and length beside it.
fn rows_of(what: &str, source: &dyn BatchSource) -> Vec<usize> {
    let carried = source.carried();
    let column =
        |name: &str| &carried.column(name).unwrap_or_else(|| panic!("{what}: {name}")).values;
    let (mut rows, mut labels) = (Vec::new(), Vec::new());
    let read = source.read(&mut |batch| {
        let first = |row: &[f64]| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let number = (row[0] * 16.0) as usize;
            number
        };
        let ValuesRef::F64(values) = batch.values else { panic!("{what}: f64 was written") };
        rows.extend(values.chunks(batch.n_classes).map(first));
        labels.extend(batch.labels.iter().filter_map(|label| label.index()));
        Ok(())
    });
    read.expect("read");
    assert!(!rows.is_empty(), "{what}: no row");
    for (place, row) in rows.iter().enumerate() {
        assert_eq!(labels[place], label(*row), "{what}: the label of row {row}");
        let id = column("name").shown(place);
        assert_eq!(id, Some(format!("id{}", 900 - row)), "{what}: the id of row {row}");
        let length = column("length").number(place);
        assert_eq!(length, Some((row * 3 % 11) as f64), "{what}: the length of row {row}");
    }
    rows
}

fn check(what: &str, loaded: &Loaded, fit: &[usize], test: Option<&[usize]>) {
    assert_eq!(rows_of(what, &loaded.fit), fit, "{what}");
    let judged = loaded.test.as_ref().map(|test| rows_of(what, test));
    assert_eq!(judged.as_deref(), test, "{what}: the test part");
}

fn all_where(wanted: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..ROWS).filter(|row| wanted(*row)).collect()
}

#[test]
fn ranges_conditions_and_parts_keep_ids() {
    let plain = || OpenOptions { id: Some("name".to_owned()), ..OpenOptions::default() };
    let rows = |start, end| Some(RowRange { start, end });
    let split = Split { column: "part_of".to_owned(), values: vec!["test".to_owned()] };
    let short = |row: usize| row * 3 % 11 < 4;
    let cases = [
        ("plain", plain(), all_where(|_| true)),
        ("rows 13..29", OpenOptions { rows: rows(13, 29), ..plain() }, (13..29).collect()),
        (
            "where length < 4",
            OpenOptions { filter: Some("length < 4".to_owned()), ..plain() },
            all_where(short),
        ),
        (
            "rows 5..33 where length < 4",
            OpenOptions { rows: rows(5, 33), filter: Some("length < 4".to_owned()), ..plain() },
            all_where(|row| (5..33).contains(&row) && short(row)),
        ),
        (
            "split part_of=test",
            OpenOptions { split: Some(split), part: Part::All, ..plain() },
            all_where(|row| part(row) == "test"),
        ),
    ];
    for (way, options, want) in cases {
        for (name, text) in [("x.csv", csv(0, ROWS)), ("x.jsonl", json(0, ROWS))] {
            for memory in [None, Some(0)] {
                let options = OpenOptions { memory, ..options.clone() };
                let what = format!("{name}, {way}, memory {memory:?}");
                let folder = tempfile::tempdir().expect("a folder");
                fs::write(folder.path().join(name), &text).expect("written");
                let opened = io::open(&folder.path().join(name), &options, &mut |_| true);
                let loaded = opened.unwrap_or_else(|error| panic!("{what}: {error}"));
                check(&what, &loaded, &want, None);
            }
        }
    }
    let both = OpenOptions {
        fit_where: Some("part_of == val".to_owned()),
        test_where: Some("part_of == test".to_owned()),
        ..plain()
    };
    let (val, test) = (all_where(|row| part(row) == "val"), all_where(|row| part(row) == "test"));
    let loaded = io::open_bytes("x.csv", csv(0, ROWS).as_bytes(), &both).expect("opens");
    check("two conditions", &loaded, &val, Some(&test));
}

fn shards(folder: &Path) {
    for (shard, (from, to)) in [(0, 11), (11, 12), (12, 30), (30, ROWS)].into_iter().enumerate() {
        fs::write(folder.join(format!("part-{shard}.csv")), csv(from, to)).expect("written");
    }
}

#[test]
fn shards_keep_ids() {
    let folder = tempfile::tempdir().expect("a folder");
    shards(folder.path());
    let named = OpenOptions { id: Some("name".to_owned()), ..OpenOptions::default() };
    let all = shared::open(folder.path(), &named);
    check("shards", &all, &all_where(|_| true), None);
    let range = Some(RowRange { start: 9, end: 31 });
    let some = shared::open(folder.path(), &OpenOptions { rows: range, ..named.clone() });
    check("rows of shards", &some, &(9..31).collect::<Vec<usize>>(), None);
    let short = Some("length < 4".to_owned());
    let some = shared::open(folder.path(), &OpenOptions { filter: short, ..named });
    check("conditions on shards", &some, &all_where(|row| row * 3 % 11 < 4), None);
}

#[test]
fn summaries_keep_ids() {
    let folder = tempfile::tempdir().expect("a folder");
    shards(folder.path());
    let range = Some(RowRange { start: 9, end: 31 });
    let named = OpenOptions { id: Some("name".to_owned()), rows: range, ..OpenOptions::default() };
    let out = folder.path().join("rows.parquet");
    crate::summaries::write(Inputs::from(shared::open(folder.path(), &named)), &out);
    let opened = pipeline::open(&out, &OpenOptions::default(), &mut |_| true).expect("opens");
    let study = pipeline::study(opened, &shared::options(), &mut |_| true).expect("read");
    let rows = study.rows();
    assert_eq!(rows.len(), 22);
    let ids = &rows.carried().id().expect("ids").values;
    for idx in 0..rows.len() {
        let row = 9 + idx;
        assert_eq!(rows.number_in_file(rows.file_row(idx)), row, "the number of row {row}");
        assert_eq!(ids.shown(rows.stored_row(idx)), Some(format!("id{}", 900 - row)), "row {row}");
        assert_eq!(rows.columns().label[idx].index(), Some(label(row)), "row {row}");
    }
}

/// [sentence, token, class] with a mask: a token is judged by the label of the next one, and what stands beside goes with
/// the token whose scores are judged.
#[test]
fn shifted_and_masked_tokens_keep_what_stands_beside() {
    const SENTENCES: usize = 4;
    const TOKENS: usize = 6;
    let n = SENTENCES * TOKENS;
    let is_kept = |token: usize| token % 5 != 2;
    let label = |token: usize| token * 5 % 3;
    let scores = (0..n).flat_map(|token| [token as f64 / 16.0, 0.5, -1.25]);
    let shape = format!("({SENTENCES}, {TOKENS})");
    let kept: Vec<u8> = (0..n).map(|token| u8::from(is_kept(token))).collect();
    let logits = npy("<f8", &format!("({SENTENCES}, {TOKENS}, 3)"), &f64s(scores));
    let bytes = |mask: &str| {
        let members = [
            ("logits.npy", logits.clone()),
            ("labels.npy", npy("<i8", &shape, &i64s((0..n).map(label)))),
            (&format!("{mask}.npy"), npy("|b1", &shape, &kept)),
            ("place.npy", npy("<i8", &shape, &i64s((0..n).map(|token| 700 + token)))),
        ];
        archive(&members, zip::CompressionMethod::Stored)
    };
    for (shift, mask) in [(false, "mask"), (true, "mask"), (false, "chosen"), (true, "chosen")] {
        let bytes = bytes(mask);
        let chosen = (mask == "chosen").then(|| mask.to_owned());
        let options = OpenOptions { shift, mask: chosen, ..OpenOptions::default() };
        let loaded = io::open_bytes("x.npz", &bytes, &options).expect("tokens");
        let (mut first, mut labels) = (Vec::new(), Vec::new());
        let read = loaded.fit.read(&mut |batch| {
            let ValuesRef::F64(values) = batch.values else { panic!("f64 was written") };
            first.extend(values.chunks(3).map(|row| row[0] * 16.0));
            labels.extend(batch.labels.iter().map(|label| label.index()));
            Ok(())
        });
        read.expect("read");
        let carried = loaded.fit.carried();
        let place = &carried.column("place").expect("it is carried").values;
        let mut used = Vec::new();
        for (idx, label) in labels.iter().enumerate() {
            let token = first[idx];
            let beside = place.number(idx).expect("a number") - 700.0;
            assert!((beside - token).abs() < 1e-9, "shift {shift}: {beside} beside token {token}");
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let token = token as usize;
            used.extend(label.map(|label| (token, label)));
        }
        let judged_by = |token: usize| {
            let next = token + usize::from(shift);
            let in_sentence = next / TOKENS == token / TOKENS;
            (in_sentence && is_kept(next)).then(|| (token, label(next)))
        };
        let want: Vec<(usize, usize)> = (0..n).filter_map(judged_by).collect();
        assert_eq!(used, want, "shift {shift}");
    }
}
