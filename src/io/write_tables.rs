//! Scores as tables: CSV, TSV, Parquet and Arrow by polars, NDJSON line by line.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write};

use polars::io::csv::write::BatchedWriter as BatchedCsv;
use polars::io::ipc::BatchedWriter as BatchedArrow;
use polars::io::parquet::write::BatchedWriter as BatchedParquet;
use polars::prelude::{
    Column, CsvWriter, DataFrame, IpcWriter, NamedFrom, ParquetWriter, PlSmallStr, PolarsResult,
    Schema, SerWriter, Series,
};

use super::error::Problem;
use super::names;
use super::table::guard;
use super::write::{RowWriter, Scores};
use crate::data::{Label, spreadsheet_cell};

/// Bytes of scores in a row group, about: smaller ones make a wide file mostly footer.
const GROUP_BYTES: usize = 128 << 20;

/// Bytes of scores that are turned into text together.
const TEXT_BYTES: usize = 8 << 20;

/// The columns of a table, and where each of them comes from.
struct Columns<'a> {
    names: Cow<'a, [String]>,
    /// The class in each place.
    order: Vec<usize>,
    label_name: String,
    /// The labels as places in `order`.
    labels: Option<Vec<i64>>,
}

impl<'a> Columns<'a> {
    fn new(scores: &Scores<'a>) -> Result<Self, Problem> {
        check_names(scores.columns)?;
        let order = order(scores.columns);
        Ok(Self {
            names: scores.columns.into(),
            label_name: label_name(scores.columns),
            labels: scores.labels.map(|labels| places(labels, &order)),
            order,
        })
    }

    /// Rows `first_row ..` as a table.
    fn table(&self, first_row: usize, rows: &[f64]) -> Result<DataFrame, Problem> {
        let n_cols = self.names.len();
        let n_rows = rows.len() / n_cols;
        let scores = self.order.iter().map(|&col| {
            let values: Vec<f64> = rows.iter().skip(col).step_by(n_cols).copied().collect();
            Series::new(PlSmallStr::from(self.names[col].as_str()), values).into()
        });
        let mut columns: Vec<Column> = scores.collect();
        if let Some(labels) = &self.labels {
            let labels = &labels[first_row..first_row + n_rows];
            let name = PlSmallStr::from(self.label_name.as_str());
            columns.push(Series::new(name, labels).into());
        }
        guard(|| DataFrame::new(n_rows, columns))
    }
}

/// Readers take columns that differ by a number alone in the order of their numbers, so they are written in
/// it, and the labels count in it too.
fn order(columns: &[String]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..columns.len()).collect();
    let numbers = columns.iter().map(|c| names::trailing_number(c));
    if let Some(numbers) = numbers.collect::<Option<Vec<_>>>()
        && numbers.windows(2).all(|w| w[0].0 == w[1].0)
    {
        order.sort_by_key(|&class| numbers[class].1);
    }
    order
}

/// The labels as the places of their classes in `order`.
fn places(labels: &[Label], order: &[usize]) -> Vec<i64> {
    let mut place_of = vec![0; order.len()];
    (0..).zip(order).for_each(|(place, &class)| place_of[class] = place);
    let place = |l: &Label| l.index().map_or(l.as_i64(), |class| place_of[class]);
    labels.iter().map(place).collect()
}

/// `label`, or another name if a class is called so.
fn label_name(columns: &[String]) -> String {
    let mut name = "label".to_owned();
    while columns.contains(&name) {
        name = format!("true_{name}");
    }
    name
}

/// No two columns of a table have the same name.
fn check_names(columns: &[String]) -> Result<(), Problem> {
    let mut seen = HashSet::new();
    let Some(twice) = columns.iter().find(|name| !seen.insert(*name)) else {
        return Ok(());
    };
    Err(Problem::new(format!("two classes are called {twice}, and a table needs a name for each"))
        .hint("--class-names FILE with a name of its own for each class, or write a .npz"))
}

type Out<'a> = &'a mut BufWriter<File>;

/// The formats that polars writes group by group.
enum Batched<'a> {
    Csv(BatchedCsv<Out<'a>>),
    Parquet(Box<BatchedParquet<Out<'a>>>),
    Arrow(BatchedArrow<Out<'a>>),
}

/// A table that polars writes.
pub(super) struct TableWriter<'a> {
    columns: Columns<'a>,
    out: Batched<'a>,
    /// Scores in a group, about.
    n_group: usize,
    /// Rows that wait for their group to be full.
    group: Vec<f64>,
    /// Rows before the group.
    n_written: usize,
}

impl<'a> TableWriter<'a> {
    /// Text with this separator.
    pub(super) fn csv(file: Out<'a>, separator: u8, scores: &Scores<'a>) -> Result<Self, Problem> {
        let mut columns = Columns::new(scores)?;
        columns.names = columns.names.iter().map(|name| spreadsheet_cell(name)).collect();
        Self::new(columns, TEXT_BYTES, |schema| {
            let writer = CsvWriter::new(file).with_separator(separator);
            Ok(Batched::Csv(writer.batched(schema)?))
        })
    }

    /// Parquet.
    pub(super) fn parquet(file: Out<'a>, scores: &Scores<'a>) -> Result<Self, Problem> {
        Self::new(Columns::new(scores)?, GROUP_BYTES, |schema| {
            let writer = ParquetWriter::new(file).batched(schema)?;
            Ok(Batched::Parquet(Box::new(writer)))
        })
    }

    /// An Arrow file.
    pub(super) fn arrow(file: Out<'a>, scores: &Scores<'a>) -> Result<Self, Problem> {
        Self::new(Columns::new(scores)?, GROUP_BYTES, |schema| {
            // Plain columns: nothing to say about any of them.
            let fields = std::iter::repeat_with(Default::default).take(schema.len());
            let writer = IpcWriter::new(file).batched(schema, fields.collect())?;
            Ok(Batched::Arrow(writer))
        })
    }

    fn new(
        columns: Columns<'a>,
        group_bytes: usize,
        open: impl FnOnce(&Schema) -> PolarsResult<Batched<'a>>,
    ) -> Result<Self, Problem> {
        let schema = columns.table(0, &[])?.schema().clone();
        Ok(Self {
            out: guard(|| open(&schema))?,
            columns,
            n_group: group_bytes / size_of::<f64>(),
            group: Vec::new(),
            n_written: 0,
        })
    }

    fn flush(&mut self) -> Result<(), Problem> {
        if self.group.is_empty() {
            return Ok(());
        }
        let table = self.columns.table(self.n_written, &self.group)?;
        self.n_written += table.height();
        self.group.clear();
        guard(|| match &mut self.out {
            Batched::Csv(out) => out.write_batch(&table),
            Batched::Parquet(out) => out.write_batch(&table),
            Batched::Arrow(out) => out.write_batch(&table),
        })
    }
}

impl RowWriter for TableWriter<'_> {
    fn write(&mut self, rows: &[f64]) -> Result<(), Problem> {
        if self.group.len() + rows.len() > self.n_group {
            self.flush()?;
        }
        self.group.extend_from_slice(rows);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), Problem> {
        self.flush()?;
        guard(|| match self.out {
            Batched::Csv(mut out) => out.finish(),
            Batched::Parquet(out) => out.finish().map(drop),
            Batched::Arrow(mut out) => out.finish(),
        })
    }
}

/// One object a line. NaN and infinity are written as Python writes them: JSON has no word for them.
pub(super) struct NdjsonWriter<'a> {
    file: Out<'a>,
    columns: Columns<'a>,
    /// The names as JSON strings.
    keys: Vec<String>,
    label_key: String,
    n_written: usize,
}

impl<'a> NdjsonWriter<'a> {
    /// Writes nothing yet.
    pub(super) fn new(file: Out<'a>, scores: &Scores<'a>) -> Result<Self, Problem> {
        let columns = Columns::new(scores)?;
        let quoted = |name: &String| serde_json::Value::from(name.as_str()).to_string();
        Ok(Self {
            file,
            keys: columns.names.iter().map(quoted).collect(),
            label_key: quoted(&columns.label_name),
            columns,
            n_written: 0,
        })
    }
}

impl RowWriter for NdjsonWriter<'_> {
    fn write(&mut self, rows: &[f64]) -> Result<(), Problem> {
        for values in rows.chunks_exact(self.keys.len()) {
            for (place, &class) in self.columns.order.iter().enumerate() {
                let before = if place == 0 { "{" } else { ", " };
                let (key, number) = (&self.keys[class], json_number(values[class]));
                write!(self.file, "{before}{key}: {number}")?;
            }
            if let Some(labels) = &self.columns.labels {
                let label = labels[self.n_written];
                write!(self.file, ", {}: {label}", self.label_key)?;
            }
            self.file.write_all(b"}\n")?;
            self.n_written += 1;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), Problem> {
        Ok(())
    }
}

fn json_number(value: f64) -> String {
    match value {
        v if v.is_nan() => "NaN".to_owned(),
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        v => format!("{v:?}"),
    }
}
