//! Reading the chosen columns of one table, or of shards that share a schema.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::OpenOptions;
use super::super::array::Dtype;
use super::super::carry;
use super::super::companion;
use super::super::error::Problem;
use super::super::labels;
use super::super::memory::Budget;
use super::super::names::{self, PartName};
use super::super::picked::{Found, Picked, RawLabels, RowNames, Scores};
use super::super::progress::Watch;
use super::super::raw::RawScores;
use super::super::sniff::Format;
use super::super::views::Chain;
use super::body::{self, Beside, Task};
use super::carried;
use super::columns::{Chooser, Column, ScoreColumns, Selection};
use super::divide::divide;
use super::file;
use super::frame_scores::{Decoder, check_scores};
use super::kept::keep_small;
use super::label_columns;
use super::opened::TableFile;
use crate::data::{CarriedValues, Guess, TextColumn};

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
    let table = file::open_bytes(bytes, format)?;
    let format = table.format;
    let mut reader = Reader::new(&table, options)?;
    reader.append(table, &[], watch)?;
    reader.finish(format, watch)
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
    let first_table = file::open_path(&first.path)?;
    let format = first_table.format;
    let mut reader = Reader::new(&first_table, options).map_err(|p| p.within(&first.path))?;
    let mut table = Some(first_table);
    for shard in shards {
        let table = match table.take() {
            Some(first) => first,
            None => file::open_path(&shard.path)?,
        };
        let n_before = reader.n_rows;
        reader.append(table, &shard.constants, watch).map_err(|p| p.within(&shard.path))?;
        if shards.len() > 1 {
            reader.rows.add_file(&shard.path, reader.n_rows - n_before);
        }
    }
    reader.finish(format, watch)
}

/// Reads the one column of labels of the table in `path`.
pub(in crate::io) fn read_labels(path: &Path, watch: &mut Watch<'_>) -> Result<RawLabels, Problem> {
    let table = file::open_path(path)?;
    let options = OpenOptions::default();
    let chooser =
        Chooser { columns: &table.columns, options: &options, has_names: table.has_names };
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
    let sink = body::labels_alone(&table.body, idx, &table.columns[idx].name, watch)?;
    sink.bad.check(&RowNames::of_file(table.n_lines_before))?;
    sink.finish()
}

/// The chosen columns of all files so far.
struct Reader<'a> {
    options: &'a OpenOptions,
    columns: Vec<Column>,
    selection: Selection,
    guesses: Vec<Guess>,
    budget: Budget,
    dtype: Dtype,
    decoder: Option<Decoder>,
    scores: Vec<Arc<dyn RawScores>>,
    beside: Beside,
    /// The columns that the folders' names stand for, after those of the files.
    constants: Vec<String>,
    n_rows: usize,
    rows: RowNames,
}

impl<'a> Reader<'a> {
    fn new(table: &TableFile, options: &'a OpenOptions) -> Result<Self, Problem> {
        let mut guesses = Vec::new();
        let chooser = Chooser { columns: &table.columns, options, has_names: table.has_names };
        let mut ignore = |_| true;
        let mut quiet = Watch::new(&mut ignore, 0)?;
        let mut probe = |idx| labels_column(table, idx, &mut quiet);
        if options.shift {
            return Err(Problem::new(
                "--shift is for arrays of tokens; the rows of a table are labelled one by one",
            )
            .hint("leave --shift out, and write beside each row the token that follows it"));
        }
        let selection = chooser.choose(&mut probe, &mut guesses)?;
        let dtype = match &selection.scores {
            ScoreColumns::Wide(idxs) => widest(idxs.iter().map(|&i| table.dtype_of(i))),
            ScoreColumns::List(idx) | ScoreColumns::Record(idx, _) => table.dtype_of(*idx),
        };
        let beside = Beside {
            carried: carried::sink(&table.columns, &selection, &carry::demanded(options)?),
            ..Beside::default()
        };
        Ok(Self {
            options,
            columns: table.columns.clone(),
            selection,
            guesses,
            budget: Budget::new(options),
            dtype,
            decoder: None,
            scores: Vec::new(),
            beside,
            constants: Vec::new(),
            n_rows: 0,
            rows: RowNames::of_file(table.n_lines_before),
        })
    }

    /// Reads the labels and parts of one file, and learns how its scores are read.
    fn append(
        &mut self,
        table: TableFile,
        constants: &[(String, String)],
        watch: &mut Watch<'_>,
    ) -> Result<(), Problem> {
        self.check_schema(&table)?;
        watch.tick()?;
        let task = Task {
            columns: &self.columns,
            selection: &self.selection,
            n_lines_before: table.n_lines_before,
            budget: &self.budget,
        };
        // An empty shard does not know how long its lists are.
        let known = self.decoder.take().filter(|decoder| decoder.n_cols > 0);
        let decoder = match known {
            Some(decoder) => decoder,
            None => body::decoder(&table.body, task, self.dtype)?,
        };
        let here = RowNames::of_file(table.n_lines_before);
        let raw = body::read(table.body, task, &decoder, &mut self.beside, watch)?;
        self.decoder = Some(decoder);
        let labels = here.clone().after(self.n_rows);
        self.n_rows += raw.n_rows();
        self.carry_constants(constants, raw.n_rows());
        let constant = constants.iter().find(|(name, _)| names::is_split(name));
        if let (None, Some((_, value))) = (self.selection.split, constant) {
            let part = PartName::parse(value);
            self.beside.parts.resize(self.n_rows, part);
        }
        if raw.n_rows() > 0 {
            self.scores.push(raw);
        }
        check_scores(&self.beside.bad_scores, &here)?;
        let bad = &self.beside.labels.bad;
        bad.check(&labels)
            .map_err(|p| p.hint("mark rows without a label with -100 (--ignore-index)"))
    }

    /// The columns that the folders' names stand for, for the rows of one file.
    fn carry_constants(&mut self, constants: &[(String, String)], n_rows: usize) {
        let n_columns = self.selection.carried.len();
        for (name, value) in constants {
            let is_column = self.columns.iter().any(|column| column.name == *name);
            let known = self.constants.iter().position(|known| known == name);
            let place = match known {
                Some(place) => place,
                // A constant that the first file does not have is none of all rows.
                None if is_column || self.n_rows > n_rows => continue,
                None => {
                    let text = CarriedValues::Text(TextColumn::default());
                    self.beside.carried.add(name, text, true);
                    self.constants.push(name.clone());
                    self.constants.len() - 1
                }
            };
            self.beside.carried.push_many(n_columns + place, value, n_rows);
        }
    }

    /// The chosen columns are there, and of the same type.
    fn check_schema(&self, table: &TableFile) -> Result<(), Problem> {
        for idx in self.chosen() {
            let expected = &self.columns[idx];
            let same = table.columns.get(idx).is_some_and(|c| c.name == expected.name);
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
        idxs.extend(&self.selection.carried);
        idxs
    }

    fn finish(mut self, format: &'static str, watch: &mut Watch<'_>) -> Result<Found, Problem> {
        let carried = std::mem::take(&mut self.beside.carried);
        let carried = carried.finish(self.n_rows, &mut self.guesses);
        let label_columns = self.selection.label_columns.iter();
        let label_columns: Vec<&str> =
            label_columns.map(|idx| self.columns[*idx].name.as_str()).collect();
        let labels = match (self.selection.labels, &self.options.labels) {
            _ if !label_columns.is_empty() => {
                label_columns::gather(&carried, &label_columns, &self.rows)?
            }
            (None, Some(file)) => companion::read_labels(Path::new(file), watch)?,
            (None, None) => labels::none(self.n_rows, self.options, &mut self.guesses),
            _ => self.beside.labels.finish()?,
        };
        let first = match &self.selection.scores {
            ScoreColumns::Wide(idxs) => idxs[0],
            ScoreColumns::List(idx) | ScoreColumns::Record(idx, _) => *idx,
        };
        let raw: Arc<dyn RawScores> = match self.scores.len() {
            1 => self.scores.remove(0),
            _ => Arc::new(Chain::new(self.scores)?),
        };
        let all = Picked {
            scores: Scores {
                raw: keep_small(raw, &self.budget, watch)?,
                name: self.columns[first].name.clone(),
                class_names: self.selection.class_names,
                known: None,
            },
            labels,
            rows: self.rows,
            carried,
        };
        let mut guesses = self.guesses;
        let (fit, test) = divide(all, self.beside.parts, self.options, &mut guesses)?;
        Ok(Found { format, fit, test, guesses, budget: self.budget })
    }
}

fn widest(dtypes: impl Iterator<Item = Dtype>) -> Dtype {
    dtypes.max_by_key(|d| d.size()).unwrap_or(Dtype::F64)
}
