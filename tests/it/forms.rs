//! The same rows in every form that can be written by hand or by polars, for tests of what is wrong with them.

use std::fmt::Write as _;
use std::io::Write as _;

use polars::prelude::{
    Column, DataFrame, IntoColumn, IpcStreamWriter, IpcWriter, NamedFrom, ParquetWriter, SerWriter,
    Series,
};

/// Every form, by the ending of its name.
pub(crate) const FORMS: [&str; 13] = [
    "csv",
    "tsv",
    "csv.gz",
    "jsonl",
    "jsonl.gz",
    "npz",
    "packed.npz",
    "safetensors",
    "wide.parquet",
    "list.parquet",
    "wide.arrow",
    "list.arrow",
    "list.arrows",
];

/// True for a form in which a row is a line.
pub(crate) fn is_text(form: &str) -> bool {
    ["csv", "tsv", "csv.gz", "jsonl", "jsonl.gz"].contains(&form)
}

/// Lines before the first row.
pub(crate) fn n_lines_before(form: &str) -> usize {
    usize::from(["csv", "tsv", "csv.gz"].contains(&form))
}

/// Rows of logits and their labels as a file of this form.
pub(crate) fn bytes(form: &str, z: &[Vec<f64>], labels: &[i64]) -> Vec<u8> {
    match form {
        "csv" => csv(z, labels, ",").into_bytes(),
        "tsv" => csv(z, labels, "\t").into_bytes(),
        "csv.gz" => gzip(csv(z, labels, ",").as_bytes()),
        "jsonl" => jsonl(z, labels).into_bytes(),
        "jsonl.gz" => gzip(jsonl(z, labels).as_bytes()),
        "npz" => npz(z, labels, zip::CompressionMethod::Stored),
        "packed.npz" => npz(z, labels, zip::CompressionMethod::Deflated),
        "safetensors" => safetensors(z, labels),
        _ => {
            let (layout, form) = form.split_once('.').expect("a layout and a form");
            let scores = if layout == "wide" { wide(z) } else { vec![lists(z)] };
            let labels = Series::new("label".into(), labels).into_column();
            let columns = scores.into_iter().chain([labels]).collect();
            frame(form, DataFrame::new(z.len(), columns).expect("a frame"))
        }
    }
}

/// A frame as a file of `parquet`, `arrow` or `arrows` (the stream).
pub(crate) fn frame(form: &str, mut frame: DataFrame) -> Vec<u8> {
    let mut out = Vec::new();
    match form {
        "parquet" => ParquetWriter::new(&mut out).finish(&mut frame).map(drop),
        "arrow" => IpcWriter::new(&mut out).finish(&mut frame),
        _ => IpcStreamWriter::new(&mut out).finish(&mut frame),
    }
    .expect("written");
    out
}

/// One column for each class.
fn wide(z: &[Vec<f64>]) -> Vec<Column> {
    let n_classes = z.first().map_or(0, Vec::len);
    let column = |class: usize| {
        let scores: Vec<f64> = z.iter().map(|row| row[class]).collect();
        Series::new(format!("logit_{class}").into(), scores).into_column()
    };
    (0..n_classes).map(column).collect()
}

/// One column of lists.
fn lists(z: &[Vec<f64>]) -> Column {
    let rows: Vec<Series> = z.iter().map(|row| Series::new("".into(), row)).collect();
    Series::new("logits".into(), rows).into_column()
}

fn csv(z: &[Vec<f64>], labels: &[i64], separator: &str) -> String {
    let n_classes = z.first().map_or(0, Vec::len);
    let mut names: Vec<String> = (0..n_classes).map(|k| format!("logit_{k}")).collect();
    names.push("label".to_owned());
    let mut text = names.join(separator) + "\n";
    for (row, label) in z.iter().zip(labels) {
        let cells: Vec<String> = row.iter().map(|v| format!("{v:?}")).collect();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{}{separator}{label}", cells.join(separator));
    }
    text
}

fn jsonl(z: &[Vec<f64>], labels: &[i64]) -> String {
    let line =
        |(row, label): (&Vec<f64>, &i64)| format!("{{\"logits\": {row:?}, \"label\": {label}}}\n");
    z.iter().zip(labels).map(line).collect()
}

/// Bytes packed by gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).expect("packed");
    packed.finish().expect("packed")
}

/// A version 1.0 array of `NumPy`.
pub(crate) fn npy(descr: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).expect("short").to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), body].concat()
}

fn f64s(z: &[Vec<f64>]) -> Vec<u8> {
    z.iter().flatten().flat_map(|v| v.to_le_bytes()).collect()
}

fn i64s(labels: &[i64]) -> Vec<u8> {
    labels.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// Members of an archive.
pub(crate) fn archive(members: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        writer.start_file(*name, options).expect("a member");
        writer.write_all(bytes).expect("written");
    }
    writer.finish().expect("an archive").into_inner()
}

fn npz(z: &[Vec<f64>], labels: &[i64], method: zip::CompressionMethod) -> Vec<u8> {
    let shape = format!("({}, {})", z.len(), z.first().map_or(0, Vec::len));
    let logits = npy("<f8", &shape, &f64s(z));
    let labels = npy("<i8", &format!("({},)", labels.len()), &i64s(labels));
    archive(&[("logits.npy", logits), ("labels.npy", labels)], method)
}

fn safetensors(z: &[Vec<f64>], labels: &[i64]) -> Vec<u8> {
    let (logits, targets) = (f64s(z), i64s(labels));
    let (middle, end) = (logits.len(), logits.len() + targets.len());
    let head = serde_json::json!({
        "logits": {"dtype": "F64", "shape": [z.len(), z.first().map_or(0, Vec::len)], "data_offsets": [0, middle]},
        "labels": {"dtype": "I64", "shape": [labels.len()], "data_offsets": [middle, end]},
    })
    .to_string();
    let length = (head.len() as u64).to_le_bytes();
    [&length[..], head.as_bytes(), &logits, &targets].concat()
}
