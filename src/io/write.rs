//! Writing files: tables and arrays of scores, and text, always whole or not at all.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use polars::prelude::{
    Column, CsvWriter, DataFrame, IpcWriter, NamedFrom, ParquetWriter, PlSmallStr, SerWriter,
    Series,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::atomic::write_atomically;
use super::error::{IoError, Problem, lower_first};
use super::names;
use super::table::guard;
use crate::data::{Kind, Label};

/// N rows of K scores with their labels, as `apply` writes them.
#[derive(Clone, Copy, Debug)]
pub struct Scores<'a> {
    /// N x K scores, row-major.
    pub values: &'a [f64],
    /// K names of the score columns, such as `prob_0` or `cat`.
    pub columns: &'a [String],
    /// N labels, an ignored row being written as -100; `None` writes no labels.
    pub labels: Option<&'a [Label]>,
    /// What the scores are: the array is called `logits`, `log_probs` or `probs`.
    pub kind: Kind,
}

impl Scores<'_> {
    fn array_name(&self) -> &'static str {
        match self.kind {
            Kind::Logits => "logits",
            Kind::LogProbs => "log_probs",
            Kind::Probs => "probs",
        }
    }

    /// `label`, or another name if a class is called so.
    fn label_name(&self) -> String {
        let mut name = "label".to_owned();
        while self.columns.contains(&name) {
            name = format!("true_{name}");
        }
        name
    }

    /// N.
    fn n_rows(&self) -> usize {
        self.values.len() / self.columns.len().max(1)
    }

    /// The class in each place of a table. Readers take columns that differ by a number alone in the
    /// order of their numbers, so they are written in it, and the labels count in it too.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        let numbers = self.columns.iter().map(|c| names::trailing_number(c));
        if let Some(numbers) = numbers.collect::<Option<Vec<_>>>()
            && numbers.windows(2).all(|w| w[0].0 == w[1].0)
        {
            order.sort_by_key(|&class| numbers[class].1);
        }
        order
    }

    /// The labels as the places of their classes in `order`.
    fn places(&self, order: &[usize]) -> Option<Vec<i64>> {
        let mut place_of = vec![0; order.len()];
        (0..)
            .zip(order)
            .for_each(|(place, &class)| place_of[class] = place);
        let place = |l: &Label| l.index().map_or(l.as_i64(), |class| place_of[class]);
        Some(self.labels?.iter().map(place).collect())
    }
}

/// How scores are written, by the ending of the file's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Csv(u8),
    Parquet,
    Arrow,
    Ndjson,
    Npy,
    Npz,
}

impl Format {
    fn of(path: &Path) -> Result<Self, Problem> {
        let extension = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        match extension.as_str() {
            "csv" => Ok(Self::Csv(b',')),
            "tsv" => Ok(Self::Csv(b'\t')),
            "parquet" => Ok(Self::Parquet),
            "arrow" | "feather" => Ok(Self::Arrow),
            "jsonl" | "ndjson" => Ok(Self::Ndjson),
            "npy" => Ok(Self::Npy),
            "npz" => Ok(Self::Npz),
            _ => Err(
                Problem::new("the ending does not name a format that can be written").hint(
                    "end the name in .csv, .tsv, .parquet, .arrow, .feather, .jsonl, .npy or .npz",
                ),
            ),
        }
    }
}

/// Writes `scores` in the format that the ending of `out` names; rows keep their order.
///
/// Wide columns and `label`, if there are labels; columns that differ by a number alone in the order of
/// their numbers. `.npz` holds the matrix and `labels`; `.npy` the matrix alone. The file
/// appears whole under its name or not at all.
///
/// # Errors
/// If the ending is unknown, the lengths do not belong together, or the disk refuses.
pub fn write_scores(out: &Path, scores: &Scores<'_>) -> Result<(), IoError> {
    check(scores)
        .and_then(|()| Format::of(out))
        .and_then(|format| write_atomically(out, |file| write_as(format, file, scores)))
        .map_err(|p| p.at(out))
}

/// Refuses a name that [`write_scores`] could not write to, before time is spent on what to write.
///
/// # Errors
/// If the ending is unknown, or the folder is missing.
pub fn check_scores_path(out: &Path) -> Result<(), IoError> {
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty());
    let is_folder = || match folder.map_or(Ok(true), |f| f.metadata().map(|m| m.is_dir())) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::new("the file cannot lie in what is not a folder")),
        Err(error) => Err(error.into()),
    };
    let checked = Format::of(out).and_then(|_| is_folder());
    checked.map_err(|p| p.at(out))
}

fn check(scores: &Scores<'_>) -> Result<(), Problem> {
    let n_cols = scores.columns.len();
    let n_rows = scores.labels.map_or(scores.n_rows(), <[Label]>::len);
    let in_range = |l: &Label| l.index().is_none_or(|class| class < n_cols);
    let labels_fit = scores.labels.unwrap_or_default().iter().all(in_range);
    if n_rows.checked_mul(n_cols) == Some(scores.values.len()) && n_cols > 0 && labels_fit {
        return Ok(());
    }
    Err(Problem::new(format!(
        "{} scores for {n_rows} rows and {n_cols} columns",
        scores.values.len(),
    )))
}

fn write_as(
    format: Format,
    file: &mut BufWriter<File>,
    scores: &Scores<'_>,
) -> Result<(), Problem> {
    match format {
        Format::Csv(separator) => {
            let mut table = table(scores)?;
            guard(|| {
                CsvWriter::new(file)
                    .with_separator(separator)
                    .finish(&mut table)
            })
        }
        Format::Parquet => {
            let mut table = table(scores)?;
            guard(|| ParquetWriter::new(file).finish(&mut table).map(drop))
        }
        Format::Arrow => {
            let mut table = table(scores)?;
            guard(|| IpcWriter::new(file).finish(&mut table))
        }
        Format::Ndjson => write_ndjson(file, scores),
        Format::Npy => write_matrix(file, scores),
        Format::Npz => write_npz(file, scores),
    }
}

/// No two columns of a table have the same name.
fn check_names(columns: &[String]) -> Result<(), Problem> {
    let mut seen = HashSet::new();
    let Some(twice) = columns.iter().find(|name| !seen.insert(*name)) else {
        return Ok(());
    };
    Err(Problem::new(format!(
        "two classes are called {twice}, and a table needs a name for each"
    ))
    .hint("--class-names FILE with a name of its own for each class, or write a .npz"))
}

fn table(scores: &Scores<'_>) -> Result<DataFrame, Problem> {
    check_names(scores.columns)?;
    let n_cols = scores.columns.len();
    let mut columns: Vec<Column> = Vec::with_capacity(n_cols + 1);
    let order = scores.order();
    for &col in &order {
        let name = scores.columns[col].as_str();
        let values: Vec<f64> = scores
            .values
            .iter()
            .skip(col)
            .step_by(n_cols)
            .copied()
            .collect();
        columns.push(Series::new(PlSmallStr::from(name), values).into());
    }
    if let Some(labels) = scores.places(&order) {
        columns.push(Series::new(PlSmallStr::from(scores.label_name().as_str()), labels).into());
    }
    guard(|| DataFrame::new(scores.n_rows(), columns))
}

/// One object a line. NaN and infinity are written as Python writes them: JSON has no word for them.
fn write_ndjson(file: &mut dyn Write, scores: &Scores<'_>) -> Result<(), Problem> {
    check_names(scores.columns)?;
    let quoted = |name: &str| serde_json::Value::from(name).to_string();
    let keys: Vec<String> = scores.columns.iter().map(|c| quoted(c)).collect();
    let label_key = quoted(&scores.label_name());
    let order = scores.order();
    let labels = scores.places(&order);
    for (row, values) in scores.values.chunks_exact(keys.len()).enumerate() {
        for (place, &class) in order.iter().enumerate() {
            let before = if place == 0 { "{" } else { ", " };
            write!(
                file,
                "{before}{}: {}",
                keys[class],
                json_number(values[class])
            )?;
        }
        if let Some(labels) = &labels {
            write!(file, ", {label_key}: {}", labels[row])?;
        }
        file.write_all(b"}\n")?;
    }
    Ok(())
}

fn json_number(value: f64) -> String {
    match value {
        v if v.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        v => format!("{v:?}"),
    }
}

fn write_matrix(file: &mut dyn Write, scores: &Scores<'_>) -> Result<(), Problem> {
    let shape = format!("({}, {})", scores.n_rows(), scores.columns.len());
    file.write_all(&npy_header("<f8", &shape))?;
    for value in scores.values {
        file.write_all(&value.to_le_bytes())?;
    }
    Ok(())
}

fn write_npz(file: &mut BufWriter<File>, scores: &Scores<'_>) -> Result<(), Problem> {
    let mut archive = ZipWriter::new(file);
    // As `np.savez` does: floats hardly shrink, and stored members can be read in place.
    let options = SimpleFileOptions::default()
        .compression_method(zip::CompressionMethod::Stored)
        .large_file(true);
    start_member(&mut archive, scores.array_name(), options)?;
    write_matrix(&mut archive, scores)?;
    if let Some(labels) = scores.labels {
        start_member(&mut archive, "labels", options)?;
        archive.write_all(&npy_header("<i8", &format!("({},)", labels.len())))?;
        for label in labels {
            archive.write_all(&label.as_i64().to_le_bytes())?;
        }
    }
    archive.finish().map_err(|e| from_zip(&e))?;
    Ok(())
}

fn start_member<W: Write + Seek>(
    archive: &mut ZipWriter<W>,
    name: &str,
    options: SimpleFileOptions,
) -> Result<(), Problem> {
    let name = format!("{name}.npy");
    archive.start_file(name, options).map_err(|e| from_zip(&e))
}

fn from_zip(error: &zip::result::ZipError) -> Problem {
    Problem::new(lower_first(&error.to_string()))
}

/// Version 1.0; the elements start at a multiple of 64 bytes, as `NumPy` aligns them.
fn npy_header(descr: &str, shape: &str) -> Vec<u8> {
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    while !(10 + text.len() + 1).is_multiple_of(64) {
        text.push(' ');
    }
    text.push('\n');
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    header.extend(length.to_le_bytes());
    header.extend(text.bytes());
    header
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::{OpenOptions, open, write_text_atomically};
    use super::*;
    use crate::data::{BatchSource, ValuesRef};

    fn labels() -> Vec<Label> {
        vec![
            Label::class(2).unwrap(),
            Label::IGNORED,
            Label::class(0).unwrap(),
            Label::class(1).unwrap(),
        ]
    }

    const VALUES: [f64; 12] = [
        0.1,
        0.2,
        -3.0e-7,
        1.0 / 3.0,
        -5.5,
        f64::MAX,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        4.0,
        5.0,
        f64::MIN_POSITIVE,
    ];

    #[test]
    fn every_format_gives_back_the_same_bits() {
        let folder = tempfile::tempdir().unwrap();
        let columns: Vec<String> = (0..3).map(|i| format!("logit_{i}")).collect();
        let labels = labels();
        let scores = Scores {
            values: &VALUES,
            columns: &columns,
            labels: Some(&labels),
            kind: Kind::Logits,
        };
        for name in [
            "s.csv",
            "s.tsv",
            "s.parquet",
            "s.arrow",
            "s.feather",
            "s.jsonl",
            "s.ndjson",
            "s.npz",
        ] {
            let path = folder.path().join(name);
            write_scores(&path, &scores).unwrap();
            let loaded = open(&path, &OpenOptions::default(), &mut |_| true)
                .unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(loaded.fit.labels(), &labels[..], "{name}");
            let mut values = Vec::new();
            let read = loaded.fit.read(&mut |batch| {
                let ValuesRef::F64(v) = batch.values else {
                    panic!("{name}: f32")
                };
                values.extend_from_slice(v);
                Ok(())
            });
            read.unwrap();
            let same =
                |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            assert!(values.iter().zip(&VALUES).all(same), "{name}: {values:?}");
        }
        assert_eq!(
            folder.path().read_dir().unwrap().count(),
            8,
            "nothing else is left behind"
        );
    }

    #[test]
    fn an_error_leaves_neither_a_file_nor_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.json");
        write_text_atomically(&path, "first").unwrap();
        let failed = write_atomically(&path, |file| {
            file.write_all(b"half")?;
            Err(Problem::new("the disk is full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(folder.path().read_dir().unwrap().count(), 1);
    }

    #[test]
    fn unknown_endings_and_missing_folders_are_refused() {
        let columns = ["a".to_owned()];
        let scores = Scores {
            values: &[1.0],
            columns: &columns,
            labels: Some(&labels()[2..3]),
            kind: Kind::Probs,
        };
        let error = write_scores(Path::new("x.xlsx"), &scores).unwrap_err();
        assert!(error.to_string().contains("ending"));
        let error = write_scores(Path::new("no/such/folder/x.csv"), &scores).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no/such/folder/x.csv: no such file or folder"
        );
    }
}
