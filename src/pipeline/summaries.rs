//! Row summaries as a file: written once, read instead of the logits.

use std::ops::Range;
use std::path::Path;

use crate::data::{
    Carried, CarriedColumn, ClassNames, FileRows, Guess, Label, NumberColumn, NumberTable, Numbers,
    SourceInfo, printable, sha256_of_labels,
};
use crate::io::{self, Destination, IoError, Progress};
use crate::summarize::RowSummaries;

use super::beside::{self, Written};
use super::gathered::GatheredNote;
use super::note::{LatticeNote, Note, PartNote, SUMMARIES_SCHEMA, SummarySource, made_from};

/// Rows of a row group: some tens of megabytes.
const GROUP_ROWS: usize = 1 << 16;

/// What a guess is called that names the files behind summaries.
pub(super) const MADE_FROM: &str = "summaries of";

/// Labels are hashed again up to so many rows: left-out rows cost time but no bytes of a file, so that a forged
/// count of them could keep the program busy for ever.
const MAX_HASHED_ROWS: u64 = 1 << 28;

/// The summaries of the rows to fit on, or of those to judge on.
#[derive(Clone, PartialEq, Debug)]
pub struct SummaryPart {
    /// The rows, with exact columns at T = 1 and at the fitted temperature where they do not keep their scores.
    pub rows: RowSummaries,
    /// Rows that were read, used or not.
    pub n_read: u64,
    /// As [`crate::data::BatchSource::sha256_labels`]; `None` where several files were joined whose left-out rows
    /// hide some labels.
    pub sha256_labels: Option<String>,
}

/// Everything that figures are computed from once the logits were read: what `logitscope summarize` writes.
///
/// In the file (Parquet) the rows are the columns of [`crate::summarize::table`], zstd-compressed. The metadata has
/// one JSON object under the key `logitscope`, by which the file is known: `schema`, `version`, `kind`, `task`,
/// `classes`, `class_names`, `dtype`, `step`, `lattice` {`nodes_per_octave`, `first`, `count`}: nodes at
/// b = 2^(j/2) from j = `first` on, null up to 48 classes; `parts`, one or two (val and test), each with `name`,
/// `rows_read`, `rows_used`, `rows_ignored_label`, `rows_non_finite`, `sha256_labels` and `exact_at`, the inverse
/// temperatures of the exact columns as text, and `gathered`, the sums for each class and the counts that the
/// diagnosis needs, as little-endian numbers in base64; `sources`, the files behind it: `path`, `format`; and `beside`,
/// what the files carried beside the logits: of each column its `name` there, its `column` here, its `type` (`integer`,
/// `number` or `text`) and what it `means`, if anything: `id`, `group`, `weight`.
///
/// Measured bytes a row of float32 logits: 39 for 10 classes, 412 for 100, 378 for 1,000. Up to 48 classes the scores
/// are all there is; beyond, the nodes are half of it (3 numbers for each of 19 or 20 nodes) and the exact columns at
/// two temperatures a third, whatever the number of classes is.
#[derive(Clone, PartialEq, Debug)]
pub struct Summaries {
    /// What was understood of the file; `path` and `n_bytes` are of the summaries, if they come from a file.
    pub info: SourceInfo,
    /// The files behind the summaries.
    pub sources: Vec<SummarySource>,
    /// The rows to fit on.
    pub fit: SummaryPart,
    /// The rows to judge on, if they are others.
    pub test: Option<SummaryPart>,
}

impl Summaries {
    /// Writes them as a file that every command opens; it appears whole under its name or not at all.
    ///
    /// Two parts share their lattice: a node that only one has at the end of its range is left out.
    ///
    /// # Errors
    /// If the disk refuses, or the two parts share no node.
    pub fn write(mut self, out: impl Into<Destination>) -> Result<(), IoError> {
        let destination = out.into();
        let out = destination.path();
        let is_soft = |part: &SummaryPart| part.rows.soft().is_some();
        if self.test.as_ref().is_some_and(|test| is_soft(test) != is_soft(&self.fit)) {
            return Err(refusal(
                out,
                "the labels of one part are distributions and those of the other classes; summarise them apart",
            ));
        }
        let test = self.test.as_ref();
        if let Some(conflict) = test.and_then(|test| beside::conflict(&self.fit, test)) {
            return Err(refusal(out, &conflict));
        }
        let mut parts: Vec<&mut RowSummaries> = vec![&mut self.fit.rows];
        parts.extend(self.test.as_mut().map(|part| &mut part.rows));
        if !RowSummaries::align(&mut parts) {
            return Err(refusal(out, "the two parts share no temperature; summarise them apart"));
        }
        let n_exact = parts.iter().map(|rows| rows.exact_at().len()).min().unwrap_or(0);
        let all_gathered = parts.iter().all(|rows| rows.gathered().is_some());
        for rows in &mut parts {
            if !all_gathered {
                rows.forget_gathered();
            }
            let first = rows.exact_at()[..n_exact].to_vec();
            rows.keep_exact(&first);
        }
        let written = Written::of(&self);
        let note = self.note(&written);
        let note = serde_json::to_string(&note).map_err(|e| refusal(out, &e.to_string()))?;
        io::write_rows(&destination, &note, &mut self.groups(&written))
    }

    fn parts(&self) -> impl Iterator<Item = &SummaryPart> {
        std::iter::once(&self.fit).chain(&self.test)
    }

    /// The row groups of all parts. A part without a row has one too, which says what the columns are.
    fn groups(
        &self,
        written: &Written<'_>,
    ) -> impl Iterator<Item = (NumberTable, Vec<CarriedColumn>)> {
        let narrow = self.parts().all(|part| part.rows.is_narrow());
        let several = self.test.is_some();
        self.parts().enumerate().flat_map(move |(number, part)| {
            let part_number = u32::try_from(number).ok().filter(|_| several);
            groups_of(&part.rows, part_number, narrow)
                .map(move |(range, table)| (table, written.columns((number, &part.rows), &range)))
        })
    }

    fn note(&self, written: &Written<'_>) -> Note {
        let names = if self.test.is_some() { ["val", "test"] } else { ["rows", ""] };
        let part = |(name, part): (&str, &SummaryPart)| {
            let left_out = part.rows.left_out();
            PartNote {
                name: name.to_owned(),
                rows_read: part.n_read,
                rows_used: part.rows.len() as u64,
                rows_ignored_label: left_out.ignored_label,
                rows_non_finite: left_out.non_finite,
                file_rows: file_rows(part),
                sha256_labels: part.sha256_labels.clone(),
                exact_at: part.rows.exact_at().iter().map(|b| format!("{b:?}")).collect(),
                gathered: part
                    .rows
                    .gathered()
                    .map(|gathered| GatheredNote::of(gathered, !part.rows.keeps_scores())),
            }
        };
        let info = &self.info;
        Note {
            schema: SUMMARIES_SCHEMA.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            kind: info.kind,
            rounded: self.parts().all(|part| part.rows.recorded().is_rounded),
            soft_labels: self.fit.rows.soft().is_some(),
            task: info.task,
            classes: info.n_classes,
            class_names: info.class_names.as_ref().map(|names| names.as_slice().to_vec()),
            class_names_sorted: info.class_names.as_ref().is_some_and(ClassNames::are_sorted_by_us),
            labels: info.n_labels,
            single_score: info.single_score,
            label_names: info.label_names.as_ref().map(|names| names.as_slice().to_vec()),
            dtype: info.dtype.clone(),
            step: info.step().map(str::to_owned),
            lattice: self.fit.rows.lattice().map(LatticeNote::of),
            parts: names.into_iter().zip(self.parts()).map(part).collect(),
            sources: self.sources.clone(),
            beside: written.notes(),
        }
    }

    /// Reads a file that [`Summaries::write`] wrote. `progress` is as in [`crate::io::open`].
    ///
    /// # Errors
    /// If it is none, was made by a later version, or is damaged: nothing in it is taken on trust.
    pub fn read(path: &Path, progress: &mut dyn FnMut(Progress) -> bool) -> Result<Self, IoError> {
        let text = io::table_note(path)?;
        let text = text.ok_or_else(|| refusal(path, "these are no row summaries"))?;
        let note = Note::parse(&text).map_err(|problem| refusal(path, &problem))?;
        let wanted = beside::wanted(&note.beside);
        let (table, columns) = io::read_rows(path, wanted, progress)?;
        let read =
            beside::carried(&note.beside, columns).and_then(|carried| parts(&note, table, carried));
        let parts = read.map_err(|problem| refusal(path, &problem))?;
        let n_bytes = path.metadata().map_or(0, |meta| meta.len());
        let info = info(&note, path, n_bytes);
        let mut parts = parts.into_iter();
        let fit = parts.next();
        Ok(Self {
            info,
            sources: note.sources,
            fit: fit.ok_or_else(|| refusal(path, "it has no rows"))?,
            test: parts.next(),
        })
    }
}

/// What is wrong with a file of summaries.
pub(super) fn refusal(path: &Path, problem: &str) -> IoError {
    IoError {
        path: path.to_path_buf(),
        message: printable(problem),
        hint: Some(
            "write it again from the logits: logitscope summarize FILE --out rows.parquet"
                .to_owned(),
        ),
        cancelled: false,
    }
}

/// The row groups of one part, made one at a time, each with its rows. With a `number` they have a column that tells the part.
fn groups_of(
    rows: &RowSummaries,
    number: Option<u32>,
    narrow: bool,
) -> impl Iterator<Item = (Range<usize>, NumberTable)> {
    let n_rows = rows.len();
    (0..n_rows.max(1)).step_by(GROUP_ROWS).map(move |start| {
        let range = start..n_rows.min(start + GROUP_ROWS);
        let table = rows.table(range.clone(), narrow);
        match number {
            Some(number) => (range, with_part(table, number)),
            None => (range, table),
        }
    })
}

fn with_part(table: NumberTable, number: u32) -> NumberTable {
    let column = NumberColumn {
        name: "part".to_owned(),
        width: 1,
        numbers: Numbers::U32(vec![number; table.n_rows()]),
    };
    table.with(column).unwrap_or_default()
}

fn info(note: &Note, path: &Path, n_bytes: u64) -> SourceInfo {
    let guess = |what: &str, chosen: String, evidence: String| Guess {
        what: what.to_owned(),
        chosen: printable(&chosen),
        evidence: printable(&evidence),
        choices: Vec::new(),
    };
    let written = format!("written by logitscope {}", note.version);
    let mut guesses = vec![guess(MADE_FROM, made_from(&note.sources), written)];
    guesses.extend(
        note.step
            .clone()
            .map(|step| guess("step", step, "chosen when the logits were read".to_owned())),
    );
    SourceInfo {
        path: printable(&path.to_string_lossy()),
        format: "row summaries".to_owned(),
        dtype: printable(&note.dtype),
        kind: note.kind,
        task: note.task,
        n_classes: note.classes,
        class_names: note.class_names(),
        n_labels: note.labels,
        label_names: note.label_names.as_ref().map(ClassNames::new),
        single_score: note.single_score,
        n_bytes,
        guesses,
    }
}

/// The rows of each part.
fn parts(
    note: &Note,
    mut table: NumberTable,
    carried: Carried,
) -> Result<Vec<SummaryPart>, String> {
    let n_first = usize::try_from(note.parts[0].rows_used).unwrap_or(usize::MAX);
    let n_used: u64 = note.parts.iter().map(|part| part.rows_used).sum();
    if table.n_rows() as u64 != n_used {
        return Err(format!("it should hold {n_used} rows and holds {}", table.n_rows()));
    }
    if !carried.columns().is_empty() && carried.n_rows() != table.n_rows() {
        return Err("the columns beside the rows have another length".to_owned());
    }
    let mut tables = Vec::new();
    let means = carried.meanings();
    let of_part = |rows: Range<usize>| {
        let part = carried.slice(rows).meaning(&means);
        part.map_err(|_| "the column of weights holds none".to_owned())
    };
    if note.parts.len() > 1 {
        let part = table.take("part").map(|column| column.numbers);
        let expected = (0..table.n_rows()).map(|row| u32::from(row >= n_first));
        if part != Some(Numbers::U32(expected.collect())) {
            return Err("column part does not tell the parts apart".to_owned());
        }
        let test = table.split_off(n_first);
        tables.push((table, of_part(0..n_first)?));
        tables.push((test, of_part(n_first..carried.n_rows())?));
    } else {
        tables.push((table, carried));
    }
    let read = |(idx, (table, carried))| part(note, idx, table, &carried);
    tables.into_iter().enumerate().map(read).collect()
}

/// Which rows of their file those of `part` are, as the note has it.
fn file_rows(part: &SummaryPart) -> Vec<[usize; 2]> {
    const MOST_RUNS: usize = 4096;
    let n_stored = usize::try_from(part.n_read).unwrap_or(usize::MAX) / part.rows.n_entries();
    let runs = part.rows.file_rows().runs(n_stored, MOST_RUNS);
    let runs = runs.unwrap_or_default();
    if matches!(runs[..], [[0, _]]) { Vec::new() } else { runs }
}

fn part(
    note: &Note,
    idx: usize,
    table: NumberTable,
    carried: &Carried,
) -> Result<SummaryPart, String> {
    let head = note.head(idx)?;
    let rows = RowSummaries::from_table(&head, table).map_err(|error| error.to_string())?;
    let rows = rows
        .with_values(carried, note.labels.unwrap_or(1))
        .map_err(|column| {
            format!("column {column} differs between labels of one row, or holds no weights")
        })?
        .with_file_rows(FileRows::of_runs(&note.parts[idx].file_rows));
    let sha256_labels = note.parts[idx].sha256_labels.clone();
    let again = sha256_of_rows(&[(&rows, head.n_read)]);
    if again.is_some() && sha256_labels.is_some() && again != sha256_labels {
        return Err("the labels are not those that were hashed when it was written".to_owned());
    }
    Ok(SummaryPart { rows, n_read: head.n_read, sha256_labels })
}

/// The hash over the labels of all rows that `sets` were made from; `None` if some were left out for their scores,
/// so that their labels are not known.
pub(super) fn sha256_of_rows(sets: &[(&RowSummaries, u64)]) -> Option<String> {
    let known = |(rows, _): &(&RowSummaries, u64)| rows.left_out().non_finite == 0;
    let few = sets.iter().map(|(_, n_read)| n_read).sum::<u64>() <= MAX_HASHED_ROWS;
    let labels = sets.iter().flat_map(|(rows, n_read)| all_labels(rows, *n_read));
    (few && sets.iter().all(known)).then(|| sha256_of_labels(labels))
}

/// The label of every row that was read: what is between the used rows is ignored.
fn all_labels(rows: &RowSummaries, n_read: u64) -> impl Iterator<Item = Label> {
    let columns = rows.columns();
    let mut used = columns.row.iter().zip(&columns.label).peekable();
    (0..n_read).map(move |row| {
        let label = used.next_if(|(used, _)| **used == row);
        label.map_or(Label::IGNORED, |(_, label)| *label)
    })
}
