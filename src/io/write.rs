//! Writing scores as they come, block by block: the file appears whole or not at all.

use std::fs::File;
use std::io::BufWriter;

use super::atomic::write_atomically;
use super::destination::Destination;
use super::error::{IoError, Problem};
use super::write_arrays::{NpyWriter, NpzWriter};
use super::write_tables::{NdjsonWriter, TableWriter};
use crate::data::{Kind, Label};

/// N rows of K scores with their labels, as `apply` writes them; the scores come block by block.
#[derive(Clone, Copy, Debug)]
pub struct Scores<'a> {
    /// N.
    pub n_rows: usize,
    /// K names of the score columns, such as `prob_0` or `cat`.
    pub columns: &'a [String],
    /// N labels, an ignored row being written as -100; `None` writes no labels.
    pub labels: Option<&'a [Label]>,
    /// What the scores are: the array is called `logits`, `log_probs` or `probs`.
    pub kind: Kind,
}

/// Takes the next rows, row-major.
pub type Put<'a> = dyn FnMut(&[f64]) -> Result<(), IoError> + 'a;

/// A file that is being written.
pub(super) trait RowWriter {
    /// Writes the next rows, row-major.
    fn write(&mut self, rows: &[f64]) -> Result<(), Problem>;

    /// Writes what comes after the last row.
    fn finish(self: Box<Self>) -> Result<(), Problem>;
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
    /// On standard output, which has no ending, a table of text.
    fn of(out: &Destination) -> Result<Self, Problem> {
        if out.is_stdout() {
            return Ok(Self::Csv(b','));
        }
        let extension = out.path().extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match extension.as_str() {
            "csv" => Ok(Self::Csv(b',')),
            "tsv" => Ok(Self::Csv(b'\t')),
            "parquet" => Ok(Self::Parquet),
            "arrow" | "feather" => Ok(Self::Arrow),
            "jsonl" | "ndjson" => Ok(Self::Ndjson),
            "npy" => Ok(Self::Npy),
            "npz" => Ok(Self::Npz),
            _ => Err(Problem::new("the ending does not name a format that can be written").hint(
                "end the name in .csv, .tsv, .parquet, .arrow, .feather, .jsonl, .npy or .npz",
            )),
        }
    }
}

/// Writes the rows that `rows` puts in the format that the ending of `out` names, in their order.
///
/// Wide columns and `label`, if there are labels; columns that differ by a number alone in the order of
/// their numbers. `.npz` holds the matrix and `labels`; `.npy` the matrix alone. Every format is written as
/// the rows come: no more than a row group (128 MiB) of Parquet and Arrow is held. The file appears whole
/// under its name or not at all.
///
/// # Errors
/// What `rows` returns; or if the ending is unknown, the lengths do not belong together, or the disk
/// refuses.
pub fn write_scores<E: From<IoError>>(
    out: impl Into<Destination>,
    scores: &Scores<'_>,
    rows: impl FnOnce(&mut Put<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let destination = out.into();
    let out = destination.shown();
    let format = check(scores).and_then(|()| Format::of(&destination)).map_err(|p| p.at(out))?;
    let written = write_atomically(&destination, |file| {
        let mut writer = writer(format, file, scores)?;
        let mut n_left = scores.n_rows * scores.columns.len();
        let mut put = |rows: &[f64]| {
            n_left = n_left
                .checked_sub(rows.len())
                .ok_or_else(|| Problem::new("more rows than promised").at(out))?;
            writer.write(rows).map_err(|p| p.at(out))
        };
        rows(&mut put).map_err(Stopped::There)?;
        if n_left > 0 {
            return Err(Problem::new("fewer rows than promised").into());
        }
        Ok(writer.finish()?)
    });
    written.map_err(|stopped| match stopped {
        Stopped::Here(problem) => problem.at(out).into(),
        Stopped::There(error) => error,
    })
}

/// Who could not go on: the file, or whoever makes the rows.
enum Stopped<E> {
    Here(Problem),
    There(E),
}

impl<E> From<Problem> for Stopped<E> {
    fn from(problem: Problem) -> Self {
        Self::Here(problem)
    }
}

/// Refuses a name that [`write_scores`] could not write to, before time is spent on what to write.
///
/// # Errors
/// If the ending is unknown, or the folder is missing.
pub fn check_scores_path(destination: &Destination) -> Result<(), IoError> {
    Format::of(destination).map_err(|p| p.at(destination.path()))?;
    destination.check_folder()
}

fn check(scores: &Scores<'_>) -> Result<(), Problem> {
    let (n_rows, n_cols) = (scores.n_rows, scores.columns.len());
    let n_labels = scores.labels.map_or(n_rows, <[Label]>::len);
    let in_range = |l: &Label| l.index().is_none_or(|class| class < n_cols);
    let labels_fit = scores.labels.unwrap_or_default().iter().all(in_range);
    if n_cols > 0 && n_labels == n_rows && n_rows.checked_mul(n_cols).is_some() && labels_fit {
        return Ok(());
    }
    Err(Problem::new(format!("{n_labels} labels for {n_rows} rows and {n_cols} columns")))
}

fn writer<'a>(
    format: Format,
    file: &'a mut BufWriter<File>,
    scores: &Scores<'a>,
) -> Result<Box<dyn RowWriter + 'a>, Problem> {
    Ok(match format {
        Format::Csv(separator) => Box::new(TableWriter::csv(file, separator, scores)?),
        Format::Parquet => Box::new(TableWriter::parquet(file, scores)?),
        Format::Arrow => Box::new(TableWriter::arrow(file, scores)?),
        Format::Ndjson => Box::new(NdjsonWriter::new(file, scores)?),
        Format::Npy => Box::new(NpyWriter::new(file, scores)?),
        Format::Npz => Box::new(NpzWriter::new(file, scores)?),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;
    use std::path::Path;

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
        let scores =
            Scores { n_rows: 4, columns: &columns, labels: Some(&labels), kind: Kind::Logits };
        for name in
            ["s.csv", "s.tsv", "s.parquet", "s.arrow", "s.feather", "s.jsonl", "s.ndjson", "s.npz"]
        {
            let path = folder.path().join(name);
            // Blocks of any size make the same file.
            let put_rows = |put: &mut Put<'_>| -> Result<(), IoError> {
                put(&VALUES[..3])?;
                put(&[])?;
                put(&VALUES[3..])
            };
            write_scores(&path, &scores, put_rows).unwrap();
            let loaded = open(&path, &OpenOptions::default(), &mut |_| true)
                .unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(loaded.fit.labels(), &labels[..], "{name}");
            let mut values = Vec::new();
            let read = loaded.fit.read(&mut |batch| {
                let ValuesRef::F64(v) = batch.values else { panic!("{name}: f32") };
                values.extend_from_slice(v);
                Ok(())
            });
            read.unwrap();
            let same =
                |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
            assert!(values.iter().zip(&VALUES).all(same), "{name}: {values:?}");
        }
        assert_eq!(folder.path().read_dir().unwrap().count(), 8, "nothing else is left behind");
    }

    #[test]
    fn an_error_leaves_neither_a_file_nor_a_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.json");
        write_text_atomically(&path, "first").unwrap();
        let failed = write_atomically(&Destination::from(&path), |file| {
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
            n_rows: 1,
            columns: &columns,
            labels: Some(&labels()[2..3]),
            kind: Kind::Probs,
        };
        let one = |put: &mut Put<'_>| -> Result<(), IoError> { put(&[1.0]) };
        let error = write_scores(Path::new("x.xlsx"), &scores, one).unwrap_err();
        assert!(error.to_string().contains("ending"));
        let error = write_scores(Path::new("no/such/folder/x.csv"), &scores, one).unwrap_err();
        assert_eq!(error.to_string(), "no/such/folder/x.csv: the folder no/such/folder is missing");
    }
}
