//! Reading the chosen logits and labels out of a container of arrays.

use std::sync::Arc;

use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::containers::Container;
use super::error::Problem;
use super::names::PartName;
use super::pick_arrays::Chooser;
use super::picked::{Found, Picked, RawLabels, RowNames, Scores};
use super::progress::Watch;
use super::raw::{HeldScores, RawScores};
use super::{OpenOptions, Part};
use crate::data::{Guess, Values};

/// A container of arrays whose headers are known.
pub(super) trait ArrayStore {
    /// What is inside, in stored order.
    fn infos(&self) -> &[ArrayInfo];

    /// Reads array `idx`.
    fn read(&mut self, idx: usize, watch: &mut Watch<'_>) -> Result<Array, Problem>;

    /// Array `idx` as scores that are read in pieces, where the container can do that.
    fn scores(&mut self, _: usize) -> Option<Arc<dyn RawScores>> {
        None
    }
}

/// Finds the labels of logits that stand alone in their container.
pub(super) type Outside<'a> =
    dyn FnMut(&ArrayInfo, &mut Vec<Guess>) -> Result<RawLabels, Problem> + 'a;

/// Reads logits and labels out of `store`. `outside` finds the labels when they lie elsewhere.
pub(super) fn read(
    format: &'static str,
    store: &mut dyn ArrayStore,
    options: &OpenOptions,
    outside: &mut Outside<'_>,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    read_with(format, store, options, (outside, Vec::new()), watch)
}

/// As [`read`], of a container that knows its format.
pub(super) fn read_container(
    container: &mut Container,
    options: &OpenOptions,
    outside: &mut Outside<'_>,
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let guesses = std::mem::take(&mut container.guesses);
    let (format, store) = (container.format, &mut *container.store);
    read_with(format, store, options, (outside, guesses), watch)
}

fn read_with(
    format: &'static str,
    store: &mut dyn ArrayStore,
    options: &OpenOptions,
    (outside, mut guesses): (&mut Outside<'_>, Vec<Guess>),
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let chooser = Chooser::new(store.infos(), options);
    let pairs = chooser.choose(&mut guesses)?;
    let mut parts = Vec::new();
    for pair in &pairs {
        let info = store.infos()[pair.logits].clone();
        let mut labels = match pair.labels {
            Some(idx) => labels_of(store.read(idx, watch)?, Some(&info))?,
            None => match outside(&info, &mut guesses) {
                Err(problem) if options.can_do_without(&problem) => {
                    super::labels::none(info.n_rows(), options, &mut guesses)
                }
                found => found?,
            },
        };
        if labels.len() != info.n_rows() {
            return Err(counts_differ(&info, labels.len()));
        }
        if let Some(mask) = &pair.mask {
            let array = store.read(mask.idx, watch)?;
            mask.apply(&array, &mut labels, options, &mut guesses)?;
        }
        let scores = match store.scores(pair.logits) {
            Some(raw) => Scores {
                raw,
                name: info.name.clone(),
                class_names: None,
            },
            None => scores_of(store.read(pair.logits, watch)?)?,
        };
        watch.add_rows(info.n_rows())?;
        let rows = RowNames::default();
        parts.push((
            pair.part,
            Picked {
                scores,
                labels,
                rows,
            },
        ));
    }
    arrange(format, parts, options, guesses)
}

/// The places of logits and labels in each part, without reading them.
pub(super) fn choose(
    infos: &[ArrayInfo],
    options: &OpenOptions,
) -> Result<Vec<(usize, Option<usize>)>, Problem> {
    let pairs = Chooser::new(infos, options).choose(&mut Vec::new())?;
    Ok(pairs.iter().map(|p| (p.logits, p.labels)).collect())
}

fn counts_differ(info: &ArrayInfo, n_labels: usize) -> Problem {
    Problem::new(format!(
        "{} rows of logits in {info} and {n_labels} labels",
        info.n_rows()
    ))
    .hint("both must describe the same rows; choose with --logits NAME and --labels NAME|FILE")
}

/// Fit part and test part, as `--part` wants them.
fn arrange(
    format: &'static str,
    mut parts: Vec<(Option<PartName>, Picked)>,
    options: &OpenOptions,
    guesses: Vec<Guess>,
) -> Result<Found, Problem> {
    parts.sort_by_key(|(part, _)| *part);
    let mut parts = parts.into_iter().map(|(_, picked)| picked);
    let nothing = || Problem::new("no logits found");
    let mut fit = parts.next().ok_or_else(nothing)?;
    let mut test = parts.next();
    if options.part == Part::All
        && let Some(test) = test.take()
    {
        fit = super::parts::concat(fit, test)?;
    }
    if let Some(range) = options.rows {
        if test.is_some() {
            return Err(
                Problem::new("--rows counts within one part, and there are two")
                    .hint("add --part val or --part test"),
            );
        }
        fit = super::parts::slice(&fit, range)?;
    }
    Ok(Found {
        format,
        fit,
        test,
        guesses,
    })
}

/// A float array as scores.
pub(super) fn scores_of(array: Array) -> Result<Scores, Problem> {
    let info = array.info;
    let (Some(n_cols), Ok(dtype)) = (info.n_cols(), &info.dtype) else {
        return Err(
            Problem::new(format!("{info}: logits are a matrix of rows x classes"))
                .hint("choose another array with --logits NAME"),
        );
    };
    let (values, dtype) = match array.elements {
        Elements::Float(values) => (values, *dtype),
        Elements::Int(whole) => (
            Values::F64(whole.into_iter().map(|v| v as f64).collect()),
            Dtype::F64,
        ),
        Elements::Bool(_) | Elements::Text(_) => {
            return Err(Problem::new(format!("{info}: these are no numbers"))
                .hint("choose another array with --logits NAME"));
        }
    };
    Ok(Scores {
        raw: Arc::new(HeldScores::new(values, n_cols, dtype)),
        name: info.name,
        class_names: None,
    })
}

/// An array of integers, truth values, texts, or one-hot rows as the labels of `logits`: one for each
/// row, or `[N, T]` beside logits `[N, T, K]`.
pub(super) fn labels_of(array: Array, logits: Option<&ArrayInfo>) -> Result<RawLabels, Problem> {
    let mut info = array.info;
    if logits.is_some_and(|logits| info.is_one_for_each_row_of(logits)) {
        info.shape = vec![info.shape.iter().product()];
    }
    let n_cols = info.n_cols().ok_or_else(|| {
        Problem::new(format!("{info}: labels are a vector, or one-hot rows"))
            .hint("choose another array with --labels NAME|FILE")
    })?;
    let whole = match array.elements {
        Elements::Text(texts) if n_cols == 1 => return Ok(RawLabels::Text(texts)),
        Elements::Text(_) => {
            return Err(Problem::new(format!(
                "{info}: one label for each row is needed"
            )));
        }
        Elements::Int(whole) => whole,
        Elements::Bool(truths) => truths.into_iter().map(i64::from).collect(),
        Elements::Float(values) => super::labels::whole_numbers(&info.name, &values)?,
    };
    if n_cols == 1 {
        return Ok(RawLabels::Whole(whole));
    }
    super::labels::from_one_hot(&info.name, &whole, n_cols).map(RawLabels::Whole)
}
