//! The same rows in every form of tables.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, IpcStreamWriter, IpcWriter, NamedFrom, ParquetWriter,
    SerWriter, Series,
};

pub(super) const N_ROWS: usize = 400;
pub(super) const N_CLASSES: usize = 7;
/// Rows of a row group or record batch.
const N_PIECE: usize = 30;

/// Seeded scores that text holds exactly, with some that are not finite.
pub(super) fn score(row: usize, class: usize) -> f32 {
    match (row * 31 + class * 17) % 97 {
        0 => f32::NAN,
        1 => f32::NEG_INFINITY,
        n => n as f32 / 8.0 - 5.0 + row as f32,
    }
}

pub(super) fn label(row: usize) -> i64 {
    i64::try_from(row % N_CLASSES).unwrap()
}

pub(super) fn part(row: usize) -> &'static str {
    ["val", "test", "train"][row % 5 % 3]
}

fn beside(rows: Range<usize>) -> [Column; 2] {
    let labels: Vec<i64> = rows.clone().map(label).collect();
    let parts: Vec<&str> = rows.map(part).collect();
    [Column::new("label".into(), labels), Column::new("split".into(), parts)]
}

/// The rows with a column for each class.
pub(super) fn wide(rows: Range<usize>) -> DataFrame {
    let class = |class: usize| {
        let scores: Vec<f32> = rows.clone().map(|row| score(row, class)).collect();
        Column::new(format!("logit_{class}").into(), scores)
    };
    let mut columns: Vec<Column> = (0..N_CLASSES).map(class).collect();
    columns.extend(beside(rows));
    DataFrame::new_infer_height(columns).unwrap()
}

/// The rows with one column of lists, of fixed size if `fixed`.
fn lists(rows: Range<usize>, fixed: bool) -> DataFrame {
    let list = |row| Series::new("".into(), row_of(row));
    let lists: Vec<Series> = rows.clone().map(list).collect();
    let mut column = Series::new("logits".into(), lists);
    if fixed {
        let ty = DataType::Array(Box::new(DataType::Float32), N_CLASSES);
        column = column.cast(&ty).unwrap();
    }
    let mut columns = vec![column.into_column()];
    columns.extend(beside(rows));
    DataFrame::new_infer_height(columns).unwrap()
}

pub(super) fn row_of(row: usize) -> Vec<f32> {
    (0..N_CLASSES).map(|class| score(row, class)).collect()
}

pub(super) fn parquet(path: &Path, mut frame: DataFrame) -> PathBuf {
    let file = File::create(path).unwrap();
    let writer = ParquetWriter::new(file).with_row_group_size(Some(N_PIECE));
    writer.finish(&mut frame).unwrap();
    path.to_owned()
}

/// A file of several record batches.
fn arrow(path: &Path, frame: impl Fn(Range<usize>) -> DataFrame) -> PathBuf {
    let mut all = frame(0..N_PIECE);
    for start in (N_PIECE..N_ROWS).step_by(N_PIECE) {
        let piece = frame(start..N_ROWS.min(start + N_PIECE));
        all.vstack_mut(&piece).unwrap();
    }
    let file = File::create(path).unwrap();
    IpcWriter::new(file).finish(&mut all).unwrap();
    path.to_owned()
}

/// A stream of several record batches, put together from streams of one.
fn arrows(path: &Path, frame: impl Fn(Range<usize>) -> DataFrame) -> PathBuf {
    const END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    let mut all = Vec::new();
    for start in (0..N_ROWS).step_by(N_PIECE) {
        let mut one = Vec::new();
        let mut piece = frame(start..N_ROWS.min(start + N_PIECE));
        IpcStreamWriter::new(&mut one).finish(&mut piece).unwrap();
        let n_schema = 8 + u32::from_le_bytes(one[4..8].try_into().unwrap()) as usize;
        let from = if start == 0 { 0 } else { n_schema };
        all.extend_from_slice(one[from..].strip_suffix(&END).unwrap());
    }
    all.extend(END);
    fs::write(path, all).unwrap();
    path.to_owned()
}

pub(super) fn csv() -> String {
    let names: Vec<String> = (0..N_CLASSES).map(|c| format!("logit_{c}")).collect();
    let mut text = format!("note,{},label,split\n", names.join(","));
    for row in 0..N_ROWS {
        let cells: Vec<String> = row_of(row).iter().map(ToString::to_string).collect();
        let note = match row % 3 {
            0 => "\"one, two\nand \"\"three\"\"\"",
            1 => "plain",
            _ => "",
        };
        let (label, part) = (label(row), part(row));
        let _ = writeln!(text, "{note},{},{label},{part}", cells.join(","));
    }
    text
}

pub(super) fn json(keyed: bool) -> String {
    let mut text = String::new();
    for row in 0..N_ROWS {
        let name = |v: f32| match v {
            v if v.is_nan() => "NaN".to_owned(),
            f32::NEG_INFINITY => "-Infinity".to_owned(),
            v => v.to_string(),
        };
        let cells: Vec<String> = row_of(row).into_iter().map(name).collect();
        let logits = if keyed {
            // Objects do not hold the tokens: what is not finite is left to the lists.
            let cell = |class| format!("\"c{class}\": {}", (row * class) as f32 / 4.0);
            let cells: Vec<String> = (0..N_CLASSES).map(cell).collect();
            format!("{{{}}}", cells.join(", "))
        } else {
            format!("[{}]", cells.join(", "))
        };
        let (label, part) = (label(row), part(row));
        let _ = writeln!(
            text,
            "{{\"id\": {row}, \"logits\": {logits}, \"label\": {label}, \"split\": \"{part}\"}}"
        );
    }
    text
}

pub(super) fn gzip(text: &str) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

/// The same rows in every form of tables.
pub(super) fn forms(folder: &Path) -> Vec<PathBuf> {
    let at = |name: &str| folder.join(name);
    let write = |name: &str, bytes: &[u8]| {
        fs::write(at(name), bytes).unwrap();
        at(name)
    };
    fs::create_dir(at("shards")).unwrap();
    for (i, start) in (0..N_ROWS).step_by(150).enumerate() {
        let path = at(&format!("shards/part-{i}.parquet"));
        parquet(&path, wide(start..N_ROWS.min(start + 150)));
    }
    vec![
        parquet(&at("wide.parquet"), wide(0..N_ROWS)),
        parquet(&at("list.parquet"), lists(0..N_ROWS, false)),
        parquet(&at("array.parquet"), lists(0..N_ROWS, true)),
        arrow(&at("wide.arrow"), wide),
        arrow(&at("array.arrow"), |rows| lists(rows, true)),
        arrows(&at("wide.arrows"), wide),
        arrows(&at("list.arrows"), |rows| lists(rows, false)),
        at("shards"),
        write("rows.csv", csv().as_bytes()),
        write("crlf.csv", csv().replace("0\n", "0\r\n").as_bytes()),
        write("mark.csv", ["\u{feff}", &csv(), "\n\r\n\n"].concat().as_bytes()),
        write("rows.csv.gz", &gzip(&csv())),
        write("rows.csv.zst", &zstd::encode_all(csv().as_bytes(), 1).unwrap()),
        write("rows.jsonl", json(false).as_bytes()),
        write("rows.jsonl.gz", &gzip(&json(false))),
    ]
}
