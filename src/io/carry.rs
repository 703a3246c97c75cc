//! Gathering what a file carries beside logits and labels.

use super::array::{Array, Elements};
use super::error::Problem;
use super::picked::{BadRows, RowNames, guess};
use super::{OpenOptions, names};
use crate::data::{
    BadWeights, Carried, CarriedColumn, CarriedValues, Filter, Guess, Meanings, TextColumn, Values,
    effective_rows, printable,
};

/// Columns that are carried unasked, at most: a table of features is not about its rows.
pub(super) const MAX_COLUMNS: usize = 64;

/// Bytes of all columns that are carried unasked, at most. A column that a flag names is carried whatever its size.
const MAX_BYTES: usize = 256 << 20;

/// Why a column has a meaning that no flag gave it.
pub(super) const KEPT: &str = "chosen when the summaries were written";

/// Names of columns that name their row, best first.
const ID_NAMES: [&str; 9] =
    ["id", "ids", "uid", "row_id", "sample_id", "doc_id", "idx", "index", "row"];

/// The columns that flags name, which must be carried.
pub(super) fn demanded(options: &OpenOptions) -> Result<Vec<String>, Problem> {
    let mut names: Vec<String> = Vec::new();
    for (flag, text) in conditions(options) {
        let filter = parse(flag, text)?;
        names.extend(filter.columns().iter().map(ToString::to_string));
    }
    names.extend(options.mask.clone());
    names.extend(options.id.clone());
    names.extend(options.group.clone());
    names.extend(options.weight.clone());
    names.extend(options.slices.iter().cloned());
    names.extend(options.split.as_ref().map(|split| split.column.clone()));
    Ok(names)
}

/// The conditions among the flags, by the name of the flag.
fn conditions(options: &OpenOptions) -> impl Iterator<Item = (&'static str, &String)> {
    let all = [
        ("--where", &options.filter),
        ("--fit-where", &options.fit_where),
        ("--test-where", &options.test_where),
    ];
    all.into_iter().filter_map(|(flag, text)| Some((flag, text.as_ref()?)))
}

/// The condition that `flag` gives.
pub(super) fn parse(flag: &str, text: &str) -> Result<Filter, Problem> {
    Filter::parse(text).map_err(|error| {
        Problem::new(format!("{flag} {text}: {error}"))
            .hint(format!("{flag} 'COLUMN = VALUE & COLUMN in (A, B)'"))
    })
}

/// The columns in the making.
#[derive(Debug, Default)]
pub(super) struct CarrySink {
    columns: Vec<Gathered>,
}

#[derive(Debug)]
struct Gathered {
    name: String,
    values: CarriedValues,
    /// A flag names it: it is kept whatever its size.
    demanded: bool,
    /// It was too large.
    dropped: bool,
}

impl CarrySink {
    /// One more column, which begins empty.
    pub(super) fn add(&mut self, name: &str, empty: CarriedValues, demanded: bool) {
        self.columns.push(Gathered {
            name: name.to_owned(),
            values: empty,
            demanded,
            dropped: false,
        });
    }

    /// The places of the columns that still gather values.
    pub(super) fn live(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|place| !self.columns[*place].dropped).collect()
    }

    /// Appends the next rows of the column at `place`.
    pub(super) fn push(&mut self, place: usize, more: CarriedValues) {
        let column = &mut self.columns[place];
        if column.dropped {
            return;
        }
        column.values.append(more);
        if column.demanded {
            return;
        }
        let free = self.columns.iter().filter(|column| !column.demanded);
        let n_bytes: usize = free.map(|column| column.values.n_bytes()).sum();
        if n_bytes > MAX_BYTES {
            let column = &mut self.columns[place];
            column.dropped = true;
            column.values = CarriedValues::Whole(Vec::new());
        }
    }

    /// Appends `n_rows` rows of one value.
    pub(super) fn push_many(&mut self, place: usize, value: &str, n_rows: usize) {
        let mut text = TextColumn::default();
        text.push_many(value, n_rows);
        self.push(place, CarriedValues::Text(text));
    }

    /// All columns of `n_rows` rows; those that were too large are named.
    pub(super) fn finish(self, n_rows: usize, guesses: &mut Vec<Guess>) -> Carried {
        let dropped: Vec<String> = self
            .columns
            .iter()
            .filter(|column| column.dropped)
            .map(|column| column.name.clone())
            .collect();
        if !dropped.is_empty() {
            guesses.push(guess(
                "left out",
                super::labels::shorten(&dropped),
                format!(
                    "too large to carry along: at most {} MiB are; --id, --group or --where with a column carries it",
                    MAX_BYTES >> 20
                ),
            ));
        }
        let kept = self.columns.into_iter().filter(|column| column.values.len() == n_rows);
        let columns = kept.map(|column| CarriedColumn { name: column.name, values: column.values });
        Carried::new(columns.collect(), None, None).unwrap_or_default()
    }
}

/// An array with one element for each row, or with one for each `n_inner` of them.
pub(super) fn values_of(array: Array, n_inner: usize) -> CarriedValues {
    let values = match array.elements {
        Elements::Int(whole) => CarriedValues::Whole(whole),
        Elements::Float(Values::F32(v)) => {
            CarriedValues::Numbers(v.into_iter().map(f64::from).collect())
        }
        Elements::Float(Values::F64(v)) => CarriedValues::Numbers(v),
        Elements::Bool(truths) => {
            let mut text = TextColumn::default();
            for is_true in truths {
                text.push(Some(if is_true { "true" } else { "false" }));
            }
            CarriedValues::Text(text)
        }
        Elements::Text(texts) => {
            let mut text = TextColumn::default();
            for t in &texts {
                text.push(Some(t.as_str()).filter(|t| !t.is_empty()));
            }
            CarriedValues::Text(text)
        }
    };
    if n_inner == 1 {
        return values;
    }
    values.select((0..values.len() * n_inner).map(|row| row / n_inner))
}

/// The column that stands for something, if there is one, and why.
type Asked = Result<Option<(usize, String)>, Problem>;

/// Gives columns their meaning: `--id` and `--group`, else what was `kept`, or the name of an id.
///
/// # Errors
/// If a flag names a column that is not carried.
pub(super) fn with_meaning(
    carried: Carried,
    options: &OpenOptions,
    kept: &Meanings,
    guesses: &mut Vec<Guess>,
) -> Result<Carried, Problem> {
    let place = |name: &str| carried.columns().iter().position(|column| column.name == name);
    let named = |flag: &str, name: &Option<String>| match name {
        None => Ok(None),
        Some(name) => place(name).map(Some).ok_or_else(|| no_column(flag, name, &carried)),
    };
    let by_name = || {
        let lower: Vec<String> =
            carried.columns().iter().map(|column| column.name.to_lowercase()).collect();
        ID_NAMES.iter().find_map(|id| lower.iter().position(|name| name == id))
    };
    let asked = |flag: &str, name: &Option<String>, kept: &Option<String>| -> Asked {
        let evidence = if name.is_some() { flag } else { KEPT };
        let place = named(flag, if name.is_some() { name } else { kept })?;
        Ok(place.map(|place| (place, evidence.to_owned())))
    };
    let group = asked("--group", &options.group, &kept.group)?;
    let id = asked("--id", &options.id, &kept.id)?;
    for slice in &options.slices {
        named("--slice", &Some(slice.clone()))?;
    }
    let id = id.or_else(|| Some((by_name()?, "by name".to_owned())));
    if let Some((id, how)) = &id {
        let name = &carried.columns()[*id].name;
        guesses.push(guess("id", name, format!("{how}; --id COLUMN")));
    }
    if let Some((group, how)) = &group {
        let column = &carried.columns()[*group];
        let n_groups = column.values.groups().names.len();
        let evidence =
            format!("{how}; {} groups, each whole in one fold", super::picked::grouped(n_groups));
        guesses.push(guess("group", &column.name, evidence));
    }
    let place = |meant: Option<(usize, String)>| meant.map(|(place, _)| place);
    let (id, group) = (place(id), place(group));
    let name = |place: Option<usize>| place.map(|place| carried.columns()[place].name.clone());
    let means = Meanings { id: name(id), group: name(group), weight: None };
    Ok(carried.meaning(&means).unwrap_or_default())
}

/// The same with the column `name` as sample weights; `rows` says how a row is called.
///
/// # Errors
/// If there is no such column, or its values are no weights.
pub(super) fn weighted(
    carried: Carried,
    (name, how): (&String, &str),
    rows: &RowNames,
    guesses: &mut Vec<Guess>,
) -> Result<Carried, Problem> {
    let names = carried.columns().iter();
    let Some(place) = names.into_iter().position(|column| column.name == *name) else {
        return Err(no_column("--weight", name, &carried));
    };
    match carried.weighted_by(place) {
        Ok(carried) => {
            let weights = carried.weights().map_or(&[][..], |weights| weights);
            let evidence = format!(
                "{how}; {} rows count as much as {:.1} of equal weight",
                super::picked::grouped(weights.len()),
                effective_rows(weights)
            );
            guesses.push(guess("weight", name, evidence));
            Ok(carried)
        }
        Err(BadWeights::Rows(bad)) => {
            let mut all = BadRows::default();
            for (row, shown) in bad {
                all.add(row, || {
                    format!(
                        "column {name}: a weight is a number of at least 0, and this is {shown}"
                    )
                });
            }
            let hint = "--where 'COLUMN = VALUE' leaves such rows out";
            all.check(rows).map_err(|problem| problem.hint(hint))?;
            Err(Problem::new(format!("column {name} holds no weights")))
        }
        Err(BadWeights::AllZero) => Err(Problem::new(format!("column {name}: every weight is 0"))
            .hint("leave --weight out, or choose other rows with --where")),
        Err(BadWeights::NoColumn) => Err(Problem::new(format!("there is no column {name}"))),
    }
}

/// The error for a flag that names no column.
pub(super) fn no_column(flag: &str, name: &str, carried: &Carried) -> Problem {
    let names: Vec<String> =
        carried.columns().iter().map(|column| printable(&column.name)).collect();
    let there = if names.is_empty() {
        "the file carries none".to_owned()
    } else {
        format!("there are {}", names.join(", "))
    };
    let problem =
        Problem::new(format!("there is no column {name} beside the logits and labels; {there}"));
    match names.first() {
        Some(first) => problem.hint(format!("{flag} {first}")),
        None => problem.hint(format!("leave {flag} out")),
    }
}

/// True for arrays and columns that speak of their rows and not of logits or labels.
pub(super) fn speaks_of_rows(stem: &str) -> bool {
    names::logits_rank(stem).is_none_or(|_| names::is_carried(stem)) && !stem.contains("mask")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_left_out_and_named_unless_a_flag_wants_it() {
        let n_rows = MAX_BYTES / size_of::<i64>() + 1;
        for demanded in [false, true] {
            let mut sink = CarrySink::default();
            sink.add("small", CarriedValues::Text(TextColumn::default()), false);
            sink.add("large", CarriedValues::Whole(Vec::new()), demanded);
            sink.push(1, CarriedValues::Whole(vec![7; n_rows]));
            sink.push_many(0, "x", n_rows.min(1 << 10));
            let mut guesses = Vec::new();
            assert_eq!(sink.live().contains(&1), demanded);
            let carried = sink.finish(n_rows, &mut guesses);
            let names: Vec<&str> = carried.columns().iter().map(|c| c.name.as_str()).collect();
            assert_eq!(names.contains(&"large"), demanded);
            let said = guesses.iter().find(|guess| guess.what == "left out");
            let expected = (!demanded).then_some("large");
            assert_eq!(said.map(|guess| guess.chosen.as_str()), expected);
        }
    }
}
