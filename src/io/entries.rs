//! Multi-label data: every label of every row is a binary row of its own, with the logits (0, z).

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::array::Dtype;
use super::error::Problem;
use super::picked::{BadRows, Picked, RawLabels, grouped, guess};
use super::progress::Watch;
use super::raw::{Deliver, RawScores, Spare, emptied, push_rows};
use super::{OpenOptions, class_names, labels};
use crate::data::{Guess, Task, Values, ValuesRef};

/// Entries (rows times labels) at most: each takes some 160 bytes once it is summarised.
const MAX_ENTRIES: usize = 1 << 27;

/// N x L scores read as N L rows of one score: in memory and in files they are the same numbers.
struct EntryView {
    inner: Arc<dyn RawScores>,
    n_labels: usize,
}

/// Delivers the entries `range` of a block of whole rows that begins with entry `first`.
fn cut(block: Values, first: usize, range: &Range<usize>) -> Values {
    let end = first + block.len();
    if range.start <= first && end <= range.end {
        return block;
    }
    let within = |at: usize| at.clamp(first, end) - first;
    let (start, end) = (within(range.start), within(range.end));
    let mut cut = emptied(Values::default(), block.as_ref());
    push_rows(&mut cut, block.as_ref().slice(start, end), 1, 0..end - start);
    cut
}

impl RawScores for EntryView {
    fn n_rows(&self) -> usize {
        self.inner.n_rows() * self.n_labels
    }

    fn n_cols(&self) -> usize {
        1
    }

    fn dtype(&self) -> Dtype {
        self.inner.dtype()
    }

    fn read(
        &self,
        range: Range<usize>,
        spare: &mut Spare<'_>,
        deliver: &mut Deliver<'_>,
    ) -> Result<(), Problem> {
        let l = self.n_labels;
        let rows = range.start / l..range.end.div_ceil(l);
        let mut first = rows.start * l;
        self.inner.read(rows, spare, &mut |block| {
            let n_scores = block.len();
            let cut = cut(block, first, &range);
            first += n_scores;
            deliver(cut)
        })
    }

    fn rows(&self, wanted: &[usize], watch: &mut Watch<'_>) -> Result<Values, Problem> {
        let l = self.n_labels;
        let mut rows: Vec<usize> = wanted.iter().map(|entry| entry / l).collect();
        rows.dedup();
        let all = self.inner.rows(&rows, watch)?;
        let place = |entry: &usize| {
            let row = rows.partition_point(|row| *row < entry / l);
            row * l + entry % l
        };
        let mut out = emptied(Values::default(), all.as_ref());
        push_rows(&mut out, all.as_ref(), 1, wanted.iter().map(place));
        Ok(out)
    }

    fn pieces(&self) -> Option<Vec<Range<usize>>> {
        let pieces = self.inner.pieces()?.into_iter();
        Some(pieces.map(|p| p.start * self.n_labels..p.end * self.n_labels).collect())
    }

    fn held(&self) -> Option<ValuesRef<'_>> {
        self.inner.held()
    }

    fn in_memory(&self) -> bool {
        self.inner.in_memory()
    }

    fn decodes(&self) -> bool {
        self.inner.decodes()
    }
}

/// What multi-label data is about.
pub(super) struct Entries {
    /// L.
    pub(super) n_labels: usize,
    /// The names of the labels.
    pub(super) names: Option<Vec<String>>,
}

/// True if the labels are rows of 0 and 1, or the flag says that they are to be read so.
fn are_asked_for(parts: &[Picked], options: &OpenOptions) -> bool {
    let is_matrix = |part: &Picked| matches!(part.labels, RawLabels::Entries { .. });
    options.task == Some(Task::Multilabel) || parts.iter().any(is_matrix)
}

/// What multi-label data is about, whose parts are turned into one binary row for each label of each row; `None` for
/// any other data.
///
/// # Errors
/// As [`spread`].
pub(super) fn spread_if_asked(
    parts: &mut [Picked],
    path: Option<&Path>,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<Option<Entries>, Problem> {
    let asked = are_asked_for(parts, options);
    asked.then(|| spread(parts, path, options, guesses)).transpose()
}

/// Turns every part into one binary row for each label of each row.
///
/// # Errors
/// If there are not as many labels as scores in a row, a label is neither 0 nor 1 (nor the one to ignore), or there
/// are more entries than fit.
fn spread(
    parts: &mut [Picked],
    path: Option<&Path>,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<Entries, Problem> {
    let n_labels = parts[0].scores.n_cols();
    match options.task {
        None | Some(Task::Multilabel) => {}
        Some(task) => {
            return Err(Problem::new(format!(
                "the labels are rows of 0 and 1 with several ones, which is no {} data",
                task.name()
            ))
            .hint("--task multilabel"));
        }
    }
    if n_labels < 2 {
        return Err(Problem::new("one column of scores is binary data, not multi-label")
            .hint("choose the columns with --logits 'PATTERN*'"));
    }
    if options.positive.is_some() {
        return Err(Problem::new("--positive is for two classes, and this is multi-label data")
            .hint("leave --positive out"));
    }
    let headers = parts[0].scores.class_names.clone();
    let names = class_names::find(path, headers.as_deref(), n_labels, options, guesses)?;
    for part in &mut *parts {
        spread_part(part, n_labels, options)?;
    }
    guesses.push(guess(
        "task",
        Task::Multilabel.name(),
        format!("rows of {n_labels} labels, each 0 or 1; --task multiclass|binary|multilabel"),
    ));
    Ok(Entries { n_labels, names })
}

fn spread_part(part: &mut Picked, n_labels: usize, options: &OpenOptions) -> Result<(), Problem> {
    let n_rows = part.labels.len();
    let ignore = options.ignore_index.unwrap_or(labels::IGNORE_INDEX);
    let cells = match std::mem::take(&mut part.labels) {
        RawLabels::Entries { cells, n_labels: n } if n == n_labels => cells,
        RawLabels::Entries { n_labels: n, .. } => {
            return Err(Problem::new(format!("{n} labels and {n_labels} scores in each row"))
                .hint("both must be about the same labels: --logits and --labels choose them"));
        }
        RawLabels::Soft { .. } => {
            return Err(Problem::new(
                "multi-label data needs labels of 0 and 1, and these are probabilities",
            )
            .hint("leave --task out: rows that add up to 1 are soft labels"));
        }
        RawLabels::Whole(whole) => one_hot(&whole, n_labels, ignore),
        RawLabels::Text(_) => {
            return Err(Problem::new(
                "multi-label data needs labels of 0 and 1, and these are text",
            )
            .hint("--labels 'PATTERN*' for one column of 0 and 1 a label"));
        }
    };
    if cells.len() > MAX_ENTRIES {
        return Err(Problem::new(format!(
            "{} rows of {n_labels} labels are more than the {} entries that are read at once",
            grouped(n_rows),
            grouped(MAX_ENTRIES)
        ))
        .hint(format!("--rows 0..{}", MAX_ENTRIES / n_labels)));
    }
    let mut bad = BadRows::default();
    for (entry, cell) in cells.iter().enumerate().filter(|(_, c)| !matches!(c, 0 | 1)) {
        if *cell != ignore {
            bad.add(entry / n_labels, || {
                format!("label {}: {cell} is neither 0 nor 1", entry % n_labels + 1)
            });
        }
    }
    bad.check(&part.rows)
        .map_err(|p| p.hint("mark labels to leave out with -100 (--ignore-index)"))?;
    if options.kind.is_some() {
        // Every score is held against the flag, and its row is named if it contradicts.
        part.rows = part.rows.keep((0..cells.len()).map(|entry| entry / n_labels).collect());
    }
    part.labels = RawLabels::Whole(cells);
    part.scores.class_names = None;
    part.scores.raw = Arc::new(EntryView { inner: part.scores.raw.clone(), n_labels });
    Ok(())
}

/// Class numbers as rows with a single 1; a row to ignore is so in every label.
fn one_hot(whole: &[i64], n_labels: usize, ignore: i64) -> Vec<i64> {
    let mut cells = vec![0; whole.len() * n_labels];
    for (row, label) in cells.chunks_exact_mut(n_labels).zip(whole) {
        match usize::try_from(*label).ok().and_then(|label| row.get_mut(label)) {
            Some(cell) if *label != ignore => *cell = 1,
            _ => row.fill(*label),
        }
    }
    cells
}
