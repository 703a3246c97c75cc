//! Reading the chosen columns of one table, or of shards that share a schema.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::{Column as Cells, DataFrame, Expr, PlSmallStr};

use super::super::array::Dtype;
use super::super::companion;
use super::super::error::Problem;
use super::super::labels;
use super::super::memory::Budget;
use super::super::names::PartName;
use super::super::parts;
use super::super::picked::{Found, Picked, RawLabels, RowNames, Scores, guess};
use super::super::progress::Watch;
use super::super::raw::HeldScores;
use super::super::sniff::Format;
use super::super::{OpenOptions, Part};
use super::batches;
use super::cells::{LabelSink, ScoreSink, words};
use super::columns::{Chooser, Column, ColumnType, ScoreColumns, Selection};
use super::file::{self, TableFile};
use crate::data::Guess;

/// Bytes of scores in one batch.
const BATCH_BYTES: usize = 32 << 20;

/// One file of a table, and the columns that its folders' names stand for (`fold=0`).
pub(in crate::io) struct Shard {
    pub(in crate::io) path: PathBuf,
    pub(in crate::io) constants: Vec<(String, String)>,
}

/// Reads a table that is in memory.
pub(in crate::io) fn read_bytes(
    bytes: Vec<u8>,
    format: Format,
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let table = file::open(bytes, format)?;
    let mut reader = Reader::new(&table, options)?;
    reader.append(&table, &[], watch)?;
    reader.finish(table.format, watch)
}

/// Reads files with one schema as one table, in the order given.
pub(in crate::io) fn read_shards(
    shards: &[Shard],
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let Some(first) = shards.first() else {
        return Err(Problem::new("there is no file to read"));
    };
    let first_table = file::open_path(&first.path, watch)?;
    let format = first_table.format;
    let mut reader = Reader::new(&first_table, options).map_err(|p| p.within(&first.path))?;
    let mut table = Some(first_table);
    for shard in shards {
        let table = match table.take() {
            Some(first) => first,
            None => file::open_path(&shard.path, watch)?,
        };
        let n_before = reader.n_rows();
        reader
            .append(&table, &shard.constants, watch)
            .map_err(|p| p.within(&shard.path))?;
        if shards.len() > 1 {
            reader
                .rows
                .add_file(&shard.path, reader.n_rows() - n_before);
        }
    }
    reader.finish(format, watch)
}

/// Reads the one column of labels of the table in `path`.
pub(in crate::io) fn read_labels(
    path: &Path,
    format: Format,
    watch: &mut Watch<'_>,
) -> Result<RawLabels, Problem> {
    let table = file::open(super::super::slurp::whole(path, watch)?, format)?;
    let options = OpenOptions::default();
    let chooser = Chooser {
        columns: &table.columns,
        options: &options,
        has_names: table.has_names,
    };
    let idx = match table.columns.len() {
        1 => 0,
        _ => chooser.choose_labels()?.map_or(0, |(idx, _)| idx),
    };
    labels_column(&table, idx, watch)
}

fn labels_column(
    table: &TableFile,
    idx: usize,
    watch: &mut Watch<'_>,
) -> Result<RawLabels, Problem> {
    let mut sink = LabelSink::default();
    let query = table.frame.clone().select([column(table, idx, "label")]);
    batches::for_each(query, batch_rows(1), &mut |batch| {
        sink.push(cells(&batch, "label")?, &table.columns[idx].name)?;
        watch.tick()
    })?;
    sink.bad.check(&RowNames::of_file(table.n_lines_before))?;
    Ok(sink.finish())
}

/// The chosen columns of all files so far.
struct Reader<'a> {
    options: &'a OpenOptions,
    columns: Vec<Column>,
    selection: Selection,
    guesses: Vec<Guess>,
    scores: ScoreSink,
    labels: LabelSink,
    split: Vec<String>,
    dtype: Dtype,
    rows: RowNames,
}

impl<'a> Reader<'a> {
    fn new(table: &TableFile, options: &'a OpenOptions) -> Result<Self, Problem> {
        let mut guesses = Vec::new();
        let chooser = Chooser {
            columns: &table.columns,
            options,
            has_names: table.has_names,
        };
        let mut ignore = |_| true;
        let mut quiet = Watch::new(&mut ignore, 0)?;
        let mut probe = |idx| labels_column(table, idx, &mut quiet);
        let selection = chooser.choose(&mut probe, &mut guesses)?;
        let (first, n_cols) = match &selection.scores {
            ScoreColumns::Wide(idxs) => (idxs[0], idxs.len()),
            ScoreColumns::Record(idx, fields) => (*idx, fields.len()),
            ScoreColumns::List(idx) => match table.columns[*idx].ty {
                ColumnType::List {
                    width: Some(width), ..
                } => (*idx, width),
                _ => (*idx, 0),
            },
        };
        let dtype = match &selection.scores {
            ScoreColumns::Wide(idxs) => widest(idxs.iter().map(|&i| table.dtype_of(i))),
            _ => table.dtype_of(first),
        };
        Ok(Self {
            options,
            columns: table.columns.clone(),
            selection,
            guesses,
            scores: ScoreSink::new(dtype, n_cols),
            labels: LabelSink::default(),
            split: Vec::new(),
            dtype,
            rows: RowNames::of_file(table.n_lines_before),
        })
    }

    fn n_rows(&self) -> usize {
        self.scores.n_rows
    }

    /// Reads the rows of one file.
    fn append(
        &mut self,
        table: &TableFile,
        constants: &[(String, String)],
        watch: &mut Watch<'_>,
    ) -> Result<(), Problem> {
        self.check_schema(table)?;
        watch.tick()?;
        let query = table.frame.clone().select(self.query(table));
        let n_before = self.n_rows();
        batches::for_each(query, batch_rows(self.scores.n_cols), &mut |batch| {
            self.push(&batch)?;
            watch.add_rows(batch.height())
        })
        .map_err(|p| table.explain(p))?;
        let n_new = self.n_rows() - n_before;
        let constant = constants
            .iter()
            .find(|(name, _)| super::super::names::is_split(name));
        if let (None, Some((_, value))) = (self.selection.split, constant) {
            self.split.extend(std::iter::repeat_n(value.clone(), n_new));
        }
        let here = RowNames::of_file(table.n_lines_before);
        let here = here.after(n_before);
        self.scores.bad.check(&here).map_err(|p| {
            p.hint(
                "correct the values in the file; a score that is missing on purpose is written nan",
            )
        })?;
        self.labels
            .bad
            .check(&here)
            .map_err(|p| p.hint("mark rows without a label with -100 (--ignore-index)"))
    }

    /// The chosen columns are there, and of the same type.
    fn check_schema(&self, table: &TableFile) -> Result<(), Problem> {
        for idx in self.chosen() {
            let expected = &self.columns[idx];
            let same = table
                .columns
                .get(idx)
                .is_some_and(|c| c.name == expected.name);
            if !same {
                return Err(Problem::new(format!(
                    "column {} is missing; the shards differ",
                    expected.name
                ))
                .hint("open files of one schema only"));
            }
        }
        Ok(())
    }

    fn chosen(&self) -> Vec<usize> {
        let mut idxs = match &self.selection.scores {
            ScoreColumns::Wide(idxs) => idxs.clone(),
            ScoreColumns::List(idx) | ScoreColumns::Record(idx, _) => vec![*idx],
        };
        idxs.extend(self.selection.labels);
        idxs.extend(self.selection.split);
        idxs
    }

    /// The scores as `s0`, `s1`, ..., then `label` and `split`.
    fn query(&self, table: &TableFile) -> Vec<Expr> {
        let scores = match &self.selection.scores {
            ScoreColumns::Wide(idxs) => idxs.clone(),
            ScoreColumns::List(idx) | ScoreColumns::Record(idx, _) => vec![*idx],
        };
        let mut query: Vec<Expr> = (0..)
            .zip(scores)
            .map(|(i, idx): (usize, usize)| column(table, idx, &format!("s{i}")))
            .collect();
        query.extend(self.selection.labels.map(|idx| column(table, idx, "label")));
        query.extend(self.selection.split.map(|idx| column(table, idx, "split")));
        query
    }

    fn push(&mut self, batch: &DataFrame) -> Result<(), Problem> {
        match &self.selection.scores {
            ScoreColumns::Wide(idxs) => {
                let columns: Vec<&Cells> = batch.columns()[..idxs.len()].iter().collect();
                let names: Vec<String> =
                    idxs.iter().map(|&i| self.columns[i].name.clone()).collect();
                self.scores.push_wide(&columns, &names)?;
            }
            ScoreColumns::List(idx) => {
                self.scores
                    .push_lists(cells(batch, "s0")?, &self.columns[*idx].name)?;
            }
            ScoreColumns::Record(_, fields) => {
                let record = cells(batch, "s0")?.as_materialized_series();
                let series = batches::guard(|| Ok(record.struct_()?.fields_as_series()))?;
                let columns: Vec<Cells> = series.into_iter().map(Into::into).collect();
                self.scores
                    .push_wide(&columns.iter().collect::<Vec<_>>(), fields)?;
            }
        }
        if let Some(idx) = self.selection.labels {
            self.labels
                .push(cells(batch, "label")?, &self.columns[idx].name)?;
        }
        if self.selection.split.is_some() {
            self.split.extend(words(cells(batch, "split")?)?);
        }
        Ok(())
    }

    fn finish(mut self, format: &'static str, watch: &mut Watch<'_>) -> Result<Found, Problem> {
        let n_rows = self.n_rows();
        let labels = match (self.selection.labels, &self.options.labels) {
            (None, Some(file)) => companion::read_labels(Path::new(file), watch)?,
            (None, None) => labels::none(n_rows, self.options, &mut self.guesses),
            _ => std::mem::take(&mut self.labels).finish(),
        };
        let first = match &self.selection.scores {
            ScoreColumns::Wide(idxs) => idxs[0],
            ScoreColumns::List(idx) | ScoreColumns::Record(idx, _) => *idx,
        };
        let all = Picked {
            scores: Scores {
                raw: Arc::new(HeldScores::new(
                    self.scores.values,
                    self.scores.n_cols,
                    self.dtype,
                )),
                name: self.columns[first].name.clone(),
                class_names: self.selection.class_names,
            },
            labels,
            rows: self.rows,
        };
        let mut guesses = self.guesses;
        let (fit, test) = divide(all, self.split, self.options, &mut guesses)?;
        Ok(Found {
            format,
            fit,
            test,
            guesses,
            budget: Budget::new(self.options),
        })
    }
}

/// Applies `--rows`, then divides by the values of the split column.
fn divide(
    all: Picked,
    mut split: Vec<String>,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(Picked, Option<Picked>), Problem> {
    let all = match options.rows {
        Some(range) => {
            let all = parts::slice(&all, range)?;
            if !split.is_empty() {
                split = split.drain(range.start..range.end).collect();
            }
            all
        }
        None => all,
    };
    let rows_of = |part: PartName| -> Vec<usize> {
        let of_part =
            |(row, word): (usize, &String)| (PartName::parse(word) == Some(part)).then_some(row);
        split.iter().enumerate().filter_map(of_part).collect()
    };
    let (val, test) = (rows_of(PartName::Val), rows_of(PartName::Test));
    let one =
        |rows: &[usize], word: &str| match rows {
            [] => Err(Problem::new(format!("there is no {word} part in the file"))
                .hint("leave --part out")),
            rows => Ok((parts::select(&all, rows), None)),
        };
    match options.part {
        Part::Val => one(&val, "val"),
        Part::Test => one(&test, "test"),
        Part::Auto if !val.is_empty() && !test.is_empty() => {
            let n_left = split.len() - val.len() - test.len();
            let left = if n_left > 0 {
                format!("; {n_left} rows of other parts are left out")
            } else {
                String::new()
            };
            guesses.push(guess(
                "parts",
                format!(
                    "fitted on {} val rows, judged on {} test rows",
                    val.len(),
                    test.len()
                ),
                format!("the split column{left}; --part val|test|all"),
            ));
            Ok((parts::select(&all, &val), Some(parts::select(&all, &test))))
        }
        Part::Auto | Part::All => Ok((all, None)),
    }
}

fn widest(dtypes: impl Iterator<Item = Dtype>) -> Dtype {
    dtypes.max_by_key(|d| d.size()).unwrap_or(Dtype::F64)
}

/// Column `idx` under another name. (`col` would read `*` and `^...$` in names as patterns.)
fn column(table: &TableFile, idx: usize, alias: &str) -> Expr {
    Expr::Column(table.query_names[idx].clone()).alias(PlSmallStr::from(alias))
}

fn cells<'a>(batch: &'a DataFrame, name: &str) -> Result<&'a Cells, Problem> {
    batches::guard(|| batch.column(name))
}

/// As many rows as keep a batch within its budget.
fn batch_rows(n_cols: usize) -> NonZeroUsize {
    let rows = (BATCH_BYTES / 8 / n_cols.max(1)).clamp(256, 1 << 17);
    NonZeroUsize::new(rows).unwrap_or(NonZeroUsize::MIN)
}
