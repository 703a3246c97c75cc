//! Reading the chosen logits and labels out of a container of arrays.

use std::sync::Arc;

use super::array::{Array, ArrayInfo, Dtype, Elements};
use super::array_store::{Access, ArrayStore};
use super::carry::{self, CarrySink};
use super::containers::Container;
use super::error::Problem;
use super::memory::Budget;
use super::names::PartName;
use super::pick_arrays::Chooser;
use super::picked::{Found, Picked, RawLabels, RowNames, Scores};
use super::progress::Watch;
use super::raw::{HeldScores, read_size};
use super::{OpenOptions, Part, npy, shift};
use crate::data::{CarriedValues, Guess, Values};

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
    let mut found = read_with(format, store, options, (outside, guesses), watch)?;
    for part in std::iter::once(&mut found.fit).chain(&mut found.test) {
        part.scores.known = container.known;
    }
    Ok(found)
}

fn read_with(
    format: &'static str,
    store: &mut dyn ArrayStore,
    options: &OpenOptions,
    (outside, mut guesses): (&mut Outside<'_>, Vec<Guess>),
    watch: &mut Watch<'_>,
) -> Result<Found, Problem> {
    let budget = Budget::new(options);
    let infos = store.infos().to_vec();
    let mut probe = |idx: usize| labels_of(store.read(idx, watch)?, None);
    let pairs = Chooser::new(&infos, options).choose(&mut probe, &mut guesses)?;
    let mut parts = Vec::new();
    for pair in &pairs {
        let info = store.infos()[pair.logits].clone();
        // A header may claim any number of rows of nothing: labels are not made up for those.
        let is_number = info.dtype.as_ref().is_ok_and(|dtype| dtype.size() > 0);
        if info.n_cols().is_none_or(|n_cols| n_cols == 0) || pair.labels.is_none() && !is_number {
            return Err(Problem::new(format!("{info}: there is no row of logits"))
                .hint("`logitscope inspect FILE` shows what is there"));
        }
        let mut proven = None;
        let mut labels = match pair.labels {
            Some(idx) => {
                check_counts(&info, &store.infos()[idx])?;
                labels_of(store.read(idx, watch)?, Some(&info))?
            }
            None => match outside(&info, &mut guesses) {
                Err(problem) if options.can_do_without(&problem) => {
                    // The scores first: they prove that the rows are there.
                    proven = Some(scores_of((&mut *store, pair.logits), &budget, watch)?);
                    super::labels::none(info.n_rows(), options, &mut guesses)
                }
                Err(problem) if options.labels.is_none() => {
                    return Err(pair.without_labels(problem));
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
        let n_inner = match info.shape[..] {
            [_, n_inner, _] => n_inner,
            _ => info.n_rows(),
        };
        if options.shift {
            shift::shift(&mut labels, n_inner, options);
        }
        let carried = carried_beside((&mut *store, &pair.carried), &info, options, watch)?;
        let carried = carried.finish(labels.len(), &mut guesses);
        let scores = match proven {
            Some(scores) => scores,
            None => scores_of((&mut *store, pair.logits), &budget, watch)?,
        };
        if info.shape.len() == 3 && !options.shift {
            shift::offer(&*scores.raw, &labels, n_inner, &mut guesses, watch)?;
        }
        watch.tick()?;
        let rows = RowNames::default();
        parts.push((pair.part, Picked { scores, labels, rows, carried }));
    }
    let (fit, test) = arrange(parts, options)?;
    Ok(Found { format, fit, test, guesses, budget })
}

/// The arrays that are carried along, by the names they go under; the rows of three axes also by sentence and token.
fn carried_beside(
    (store, arrays): (&mut dyn ArrayStore, &[(usize, String)]),
    logits: &ArrayInfo,
    options: &OpenOptions,
    watch: &mut Watch<'_>,
) -> Result<CarrySink, Problem> {
    let demanded = carry::demanded(options)?;
    let mut sink = CarrySink::default();
    let (n_outer, n_inner) = match logits.shape[..] {
        [n_outer, n_inner, _] => (n_outer, n_inner),
        _ => (logits.n_rows(), 1),
    };
    for (place, (idx, name)) in arrays.iter().enumerate() {
        let is_outer =
            store.infos()[*idx].n_rows() == n_outer && store.infos()[*idx].shape.len() == 1;
        let array = store.read(*idx, watch)?;
        sink.add(name, CarriedValues::Whole(Vec::new()), demanded.contains(name));
        sink.push(place, carry::values_of(array, if is_outer { n_inner } else { 1 }));
        watch.tick()?;
    }
    if logits.shape.len() == 3 {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let column = |of: &dyn Fn(usize) -> usize| {
            CarriedValues::Whole((0..n_outer * n_inner).map(|row| number(of(row))).collect())
        };
        let both: [(&str, &dyn Fn(usize) -> usize); 2] =
            [("sentence", &|row| row / n_inner), ("token", &|row| row % n_inner)];
        for (place, (name, of)) in (arrays.len()..).zip(both) {
            let name = if arrays.iter().any(|(_, taken)| taken == name) {
                format!("{name}_index")
            } else {
                name.to_owned()
            };
            sink.add(&name, CarriedValues::Whole(Vec::new()), demanded.contains(&name));
            sink.push(place, column(of));
        }
    }
    Ok(sink)
}

/// The places of logits and labels in each part, without reading them.
pub(super) fn choose(
    infos: &[ArrayInfo],
    options: &OpenOptions,
) -> Result<Vec<(usize, Option<usize>)>, Problem> {
    let mut unread = |_| Err(Problem::new("not read"));
    let pairs = Chooser::new(infos, options).choose(&mut unread, &mut Vec::new())?;
    Ok(pairs.iter().map(|p| (p.logits, p.labels)).collect())
}

/// Holds the claimed shapes against each other, so that no memory is asked for labels that are no match.
fn check_counts(logits: &ArrayInfo, labels: &ArrayInfo) -> Result<(), Problem> {
    let is_match = labels.is_one_for_each_row_of(logits) || labels.n_rows() == logits.n_rows();
    if is_match || labels.n_cols().is_none() || labels.dtype.is_err() {
        return Ok(());
    }
    Err(counts_differ(logits, labels.n_rows()))
}

fn counts_differ(info: &ArrayInfo, n_labels: usize) -> Problem {
    Problem::new(format!("{} rows of logits in {info} and {n_labels} labels", info.n_rows()))
        .hint("both must describe the same rows; choose with --logits NAME and --labels NAME|FILE")
}

/// Fit part and test part, as `--part` wants them.
fn arrange(
    mut parts: Vec<(Option<PartName>, Picked)>,
    options: &OpenOptions,
) -> Result<(Picked, Option<Picked>), Problem> {
    parts.sort_by_key(|(part, _)| *part);
    let mut joined: Vec<(Option<PartName>, Vec<Picked>)> = Vec::new();
    for (part, picked) in parts {
        match joined.last_mut().filter(|(last, _)| *last == part) {
            Some((_, pieces)) => pieces.push(picked),
            None => joined.push((part, vec![picked])),
        }
    }
    let parts: Vec<Picked> = joined
        .into_iter()
        .map(|(_, pieces)| super::parts::chained(pieces))
        .collect::<Result<_, _>>()?;
    let mut parts = parts.into_iter();
    let nothing = || Problem::new("no logits found");
    let mut fit = parts.next().ok_or_else(nothing)?;
    let mut test = parts.next();
    if options.wanted_part() == Part::All
        && let Some(test) = test.take()
    {
        fit = super::parts::concat(fit, test)?;
    }
    if let Some(range) = options.rows {
        if test.is_some() {
            return Err(Problem::new("--rows counts within one part, and there are two")
                .hint("add --part val or --part test"));
        }
        fit = super::parts::slice(&fit, range)?;
    }
    Ok((fit, test))
}

/// Array `idx` as scores: read in pieces later, or held if that is better and there is memory for it.
fn scores_of(
    (store, idx): (&mut dyn ArrayStore, usize),
    budget: &Budget,
    watch: &mut Watch<'_>,
) -> Result<Scores, Problem> {
    let info = store.infos()[idx].clone();
    let dtype = check_numbers(&info)?;
    // Of what the header claims; whether the file holds it is found out by reading.
    let n = info.shape.iter().fold(1u64, |n, &axis| n.saturating_mul(axis as u64));
    let n_bytes = n.saturating_mul(read_size(dtype) as u64);
    store.verify(idx, watch)?;
    let raw = match store.access(idx) {
        Access::Cheap(raw) => raw,
        Access::Dear(raw) => match budget.reserve(n_bytes) {
            Some(reserved) => Arc::new(held(store.read(idx, watch)?)?.within(reserved)),
            None => raw,
        },
        Access::WholeOnly => match budget.reserve(n_bytes) {
            Some(reserved) => Arc::new(held(store.read(idx, watch)?)?.within(reserved)),
            None => return Err(too_large(&info, n_bytes)),
        },
        Access::InMemory => Arc::new(held(store.read(idx, watch)?)?),
    };
    Ok(Scores { raw, name: info.name, class_names: None, known: None })
}

/// The type of a matrix or vector of numbers.
fn check_numbers(info: &ArrayInfo) -> Result<Dtype, Problem> {
    let another = |what: &str| {
        Problem::new(format!("{info}: {what}")).hint("choose another array with --logits NAME")
    };
    match &info.dtype {
        Err(kind) => Err(npy::unreadable(&info.name, kind)),
        Ok(_) if info.n_cols().is_none() => Err(another("logits are a matrix of rows x classes")),
        Ok(Dtype::Bool | Dtype::Text { .. }) => Err(another("these are no numbers")),
        Ok(dtype) => Ok(*dtype),
    }
}

fn too_large(info: &ArrayInfo, n_bytes: u64) -> Problem {
    let mib = n_bytes.div_ceil(1 << 20);
    Problem::new(format!(
        "{info}: it is packed column after column, so that it has to be held whole, and there is no \
         memory for its {mib} MiB"
    ))
    .hint(format!(
        "--memory {mib}M, or save `np.ascontiguousarray(x)` with `np.savez`"
    ))
}

/// A float or integer array in memory.
fn held(array: Array) -> Result<HeldScores, Problem> {
    let info = array.info;
    let n_cols = info.n_cols().unwrap_or(1);
    match (array.elements, info.dtype) {
        (Elements::Float(values), Ok(dtype)) => Ok(HeldScores::new(values, n_cols, dtype)),
        (Elements::Int(whole), _) => {
            let values = whole.into_iter().map(|v| v as f64).collect();
            Ok(HeldScores::new(Values::F64(values), n_cols, Dtype::F64))
        }
        _ => Err(Problem::new(format!("{}: these are no numbers", info.name))),
    }
}

/// An array of integers, truth values, texts, or one-hot rows as the labels of `logits`: one for each
/// row, or `[N, T]` beside logits `[N, T, K]`.
pub(super) fn labels_of(array: Array, logits: Option<&ArrayInfo>) -> Result<RawLabels, Problem> {
    let mut info = array.info;
    if logits.is_some_and(|logits| info.is_one_for_each_row_of(logits)) {
        info.shape = vec![info.n_rows().saturating_mul(info.shape.get(1).copied().unwrap_or(1))];
    }
    let n_cols = info.n_cols().ok_or_else(|| {
        Problem::new(format!("{info}: labels are a vector, or one-hot rows"))
            .hint("choose another array with --labels NAME|FILE")
    })?;
    let whole = match array.elements {
        Elements::Text(texts) if n_cols == 1 => return Ok(RawLabels::Text(texts)),
        Elements::Text(_) => {
            return Err(Problem::new(format!("{info}: one label for each row is needed")));
        }
        Elements::Int(whole) => whole,
        Elements::Bool(truths) => truths.into_iter().map(i64::from).collect(),
        Elements::Float(values) if n_cols > 1 => {
            return super::soft_labels::of_matrix(&info.name, values, n_cols);
        }
        Elements::Float(values) => return super::soft_labels::of_vector(&info.name, values),
    };
    if n_cols == 1 {
        return Ok(RawLabels::Whole(whole));
    }
    super::labels::of_matrix(&info.name, whole, n_cols)
}
