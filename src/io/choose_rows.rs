//! Which rows are read, by what the file carries beside them: `--where`, `--split`, `--fit-where`, `--test-where`.

use super::carry::{KEPT, no_column, parse, weighted, with_meaning};
use super::error::Problem;
use super::labels::IGNORE_INDEX;
use super::names::{PartName, is_split};
use super::parts;
use super::picked::{BadRows, Picked, RowNames, grouped, guess};
use super::step_column;
use super::table::by_parts;
use super::{OpenOptions, Part, Split};
use crate::data::{Carried, CarriedColumn, Filter, Guess, Meanings, Op, Value};

/// Values of a column that a message shows.
const SHOWN_VALUES: usize = 8;

/// Rows with what is carried beside them, some of which can be chosen.
pub(super) trait RowSet: Sized {
    /// N.
    fn n_rows(&self) -> usize;
    /// What is carried; it may have no column, and then no row.
    fn carried(&self) -> &Carried;
    /// The same, to be replaced.
    fn carried_mut(&mut self) -> &mut Carried;
    /// The rows with these ascending indices.
    fn select(&self, rows: &[usize]) -> Self;
    /// What columns stand for where no flag says it.
    fn kept(&self) -> Meanings {
        Meanings::default()
    }
    /// How rows are called.
    fn names(&self) -> RowNames;
}

impl RowSet for Picked {
    fn n_rows(&self) -> usize {
        self.labels.len()
    }

    fn carried(&self) -> &Carried {
        &self.carried
    }

    fn carried_mut(&mut self) -> &mut Carried {
        &mut self.carried
    }

    fn select(&self, rows: &[usize]) -> Self {
        parts::select(self, rows)
    }

    fn names(&self) -> RowNames {
        self.rows.clone()
    }
}

/// The rows to fit on and those to judge on, as the mask and the conditions want them, with the meaning of their
/// columns.
///
/// # Errors
/// If a condition is none, does not fit the columns, or leaves no row; or if rows would be fitted on and judged on.
pub(super) fn choose(
    (mut fit, mut test): (Picked, Option<Picked>),
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(Picked, Option<Picked>), Problem> {
    let mut both: Vec<&mut Picked> = std::iter::once(&mut fit).chain(&mut test).collect();
    step_column::choose(&mut both, options, guesses)?;
    if let Some(name) = &options.mask {
        for part in std::iter::once(&mut fit).chain(&mut test) {
            mask_rows(part, name, options, guesses)?;
        }
    }
    meet((fit, test), options, guesses)
}

/// The same without the mask.
///
/// # Errors
/// As [`choose`].
pub(super) fn meet<P: RowSet>(
    parts: (P, Option<P>),
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(P, Option<P>), Problem> {
    let mut both = split_by_name(parts, options, guesses)?;
    if let Some(split) = &options.split {
        // A value that no row has is a slip, also beside one that rows have.
        for value in &split.values {
            let one = Split { column: split.column.clone(), values: vec![value.clone()] };
            let filter = condition(&one);
            let mut is_met = false;
            for part in std::iter::once(&both.0).chain(&both.1) {
                is_met |= rows(part, &filter)?.contains(&true);
            }
            if !is_met {
                return Err(no_row(&format!("--split {one}"), &filter, &both));
            }
        }
        if !split.values.is_empty() {
            both = kept(&both, &condition(split), &format!("--split {split}"), guesses)?;
        }
    }
    if let Some(text) = &options.filter {
        let filter = parse("--where", text)?;
        both = kept(&both, &filter, &format!("--where '{text}'"), guesses)?;
    }
    let (mut fit, mut test) = divided(both.0, both.1, options, guesses)?;
    give_meaning(&mut fit, options, guesses)?;
    if let Some(test) = &mut test {
        give_meaning(test, options, &mut Vec::new())?;
    }
    Ok((fit, test))
}

/// `--split COLUMN` without a value: the column must be there and tell val from test, which are the parts where the
/// reader has not made them already.
fn split_by_name<P: RowSet>(
    (fit, test): (P, Option<P>),
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(P, Option<P>), Problem> {
    let Some(split) = options.split.as_ref().filter(|split| split.values.is_empty()) else {
        return Ok((fit, test));
    };
    for part in std::iter::once(&fit).chain(&test) {
        if part.carried().column(&split.column).is_none() {
            return Err(no_column("--split", &split.column, part.carried()));
        }
    }
    if test.is_some() {
        return Ok((fit, test));
    }
    let column = fit.carried().column(&split.column);
    let part = |row: usize| PartName::parse(&column?.values.shown(row)?);
    let parts: Vec<Option<PartName>> = (0..fit.n_rows()).map(part).collect();
    if parts.iter().all(Option::is_none) {
        return Err(Problem::new(format!("column {} does not tell val from test", split.column))
            .hint(format!("--split '{}=VALUE' keeps the rows of one value", split.column)));
    }
    match options.wanted_part() {
        // The reader has chosen it.
        Part::Val | Part::Test => Ok((fit, test)),
        Part::Auto | Part::All => by_parts(fit, &parts, options, guesses),
    }
}

/// What the columns of a part stand for: `--id`, `--group`, `--weight`.
fn give_meaning<P: RowSet>(
    part: &mut P,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(), Problem> {
    let kept = part.kept();
    let carried = std::mem::take(part.carried_mut());
    let carried = with_meaning(carried, options, &kept, guesses)?;
    let weight = match (&options.weight, &kept.weight) {
        (Some(asked), _) => Some((asked, "--weight")),
        (None, kept) => kept.as_ref().map(|kept| (kept, KEPT)),
    };
    *part.carried_mut() = match weight {
        None => carried,
        Some(weight) => weighted(carried, weight, &part.names(), guesses)?,
    };
    Ok(())
}

/// `--fit-where` and `--test-where`: of one set the rows of each; with one of the two the other part is the rest.
fn divided<P: RowSet>(
    all: P,
    test: Option<P>,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(P, Option<P>), Problem> {
    let read =
        |flag, text: &Option<String>| text.as_ref().map(|text| parse(flag, text)).transpose();
    let fit_filter = read("--fit-where", &options.fit_where)?;
    let test_filter = read("--test-where", &options.test_where)?;
    let filters = match (fit_filter, test_filter) {
        (None, None) => return Ok((all, test)),
        (Some(fit), Some(test)) => (fit, test),
        (Some(fit), None) => (fit.clone(), Filter::Not(Box::new(fit))),
        (None, Some(test)) => (Filter::Not(Box::new(test.clone())), test),
    };
    if test.is_some() {
        return Err(Problem::new(
            "--fit-where and --test-where divide one set of rows, and there are two",
        )
        .hint("leave --test out, or choose one part with --part val|test|all"));
    }
    let (fit_rows, test_rows) = (rows(&all, &filters.0)?, rows(&all, &filters.1)?);
    let n_both = fit_rows.iter().zip(&test_rows).filter(|(fit, test)| **fit && **test).count();
    if n_both > 0 {
        return Err(Problem::new(format!(
            "{} rows meet --fit-where and --test-where alike: a temperature is not judged on rows it was fitted on",
            grouped(n_both)
        ))
        .hint("leave --test-where out: then all rows but those of --fit-where are judged on"));
    }
    let picked = |rows: &[bool], flag: &str, filter: &Filter| match places(rows) {
        rows if rows.is_empty() => Err(lacking(flag, filter, all.carried())),
        rows => Ok(all.select(&rows)),
    };
    let fit = picked(&fit_rows, "the condition of the rows to fit on", &filters.0)?;
    let test = picked(&test_rows, "the condition of the rows to judge on", &filters.1)?;
    let (n_fit, n_test) = (fit.n_rows(), test.n_rows());
    guesses.push(guess(
        "parts",
        format!("fitted on {} rows, judged on {}", grouped(n_fit), grouped(n_test)),
        format!(
            "--fit-where, --test-where; {} rows are in neither",
            grouped(all.n_rows() - n_fit - n_test)
        ),
    ));
    Ok((fit, Some(test)))
}

/// Rows whose mask is not 1 lose their label. Where labels are those of the next token, so is the mask.
fn mask_rows(
    part: &mut Picked,
    name: &str,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<(), Problem> {
    let Some(column) = part.carried.column(name) else {
        return Err(no_column("--mask", name, &part.carried));
    };
    let n_rows = part.labels.len();
    let marks: Vec<Option<bool>> = (0..n_rows).map(|row| mark(column, row)).collect();
    let mut bad = BadRows::default();
    for row in (0..n_rows).filter(|row| marks[*row].is_none()) {
        bad.add(row, || {
            let shown = column.values.shown(row).unwrap_or("nothing".to_owned());
            format!("column {name}: a mask holds 0 and 1, and this is {shown}")
        });
    }
    bad.check(&part.rows)
        .map_err(|p| p.hint("--where 'COLUMN = VALUE' chooses rows by other values"))?;
    let of_label = usize::from(options.shift);
    let keeps = |row: &usize| marks.get(row + of_label).copied().flatten() == Some(true);
    let ignore = options.ignore_index.unwrap_or(IGNORE_INDEX);
    let left_out: Vec<usize> = (0..n_rows).filter(|row| !keeps(row)).collect();
    for row in &left_out {
        part.labels.ignore(*row, ignore);
    }
    let n_left_out = grouped(left_out.len());
    guesses.push(guess(
        "mask",
        name,
        format!("--mask; rows where it is not 1 are left out: {n_left_out}"),
    ));
    Ok(())
}

/// What a mask says of a row; `None` if it is no mask.
fn mark(column: &CarriedColumn, row: usize) -> Option<bool> {
    match column.values.shown(row)?.to_lowercase().as_str() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

fn condition(split: &Split) -> Filter {
    let value = |text: &String| Value { text: text.clone(), quoted: false };
    let equals =
        |text| Filter::Compare { column: split.column.clone(), op: Op::Equal, value: value(text) };
    Filter::Any(split.values.iter().map(equals).collect())
}

/// The rows of both parts that meet `filter`. A condition on the column that tells the parts apart may leave one alone,
/// which is then all there is.
fn kept<P: RowSet>(
    both: &(P, Option<P>),
    filter: &Filter,
    flag: &str,
    guesses: &mut Vec<Guess>,
) -> Result<(P, Option<P>), Problem> {
    let of_fit = places(&rows(&both.0, filter)?);
    let of_test = match &both.1 {
        Some(test) => Some(places(&rows(test, filter)?)),
        None => None,
    };
    let names_parts = filter.columns().into_iter().any(is_split);
    let (fit, test) = match (&both.1, of_test) {
        (None, _) | (_, None) if !of_fit.is_empty() => (both.0.select(&of_fit), None),
        (Some(test), Some(rows)) if !of_fit.is_empty() && !rows.is_empty() => {
            (both.0.select(&of_fit), Some(test.select(&rows)))
        }
        (Some(_), Some(_)) if names_parts && !of_fit.is_empty() => (both.0.select(&of_fit), None),
        (Some(test), Some(rows)) if names_parts && !rows.is_empty() => (test.select(&rows), None),
        _ => return Err(no_row(flag, filter, both)),
    };
    guesses.push(describe(&fit, test.as_ref(), flag));
    Ok((fit, test))
}

fn rows<P: RowSet>(part: &P, filter: &Filter) -> Result<Vec<bool>, Problem> {
    let missing = filter.columns().into_iter().find(|name| part.carried().column(name).is_none());
    if let Some(name) = missing {
        return Err(
            no_column("--where", name, part.carried()).hint("`logitscope inspect FILE` lists them")
        );
    }
    filter.rows(part.carried(), part.n_rows()).map_err(|error| {
        Problem::new(error.to_string()).hint("compare columns of numbers with a number")
    })
}

fn places(rows: &[bool]) -> Vec<usize> {
    (0..rows.len()).filter(|row| rows[*row]).collect()
}

/// The error for a condition that no row of a part meets, with what the first column of it holds in both.
fn no_row<P: RowSet>(flag: &str, filter: &Filter, (fit, test): &(P, Option<P>)) -> Problem {
    match test {
        Some(test) => lacking(flag, filter, &fit.carried().clone().concat(test.carried())),
        None => lacking(flag, filter, fit.carried()),
    }
}

/// The same of one set of columns.
fn lacking(flag: &str, filter: &Filter, carried: &Carried) -> Problem {
    let problem = Problem::new(format!("no row meets {flag}"));
    let column = filter.columns().into_iter().find_map(|name| carried.column(name));
    let Some(column) = column else {
        return problem;
    };
    let mut values = column.values.groups().names;
    let n_more = values.len().saturating_sub(SHOWN_VALUES);
    values.truncate(SHOWN_VALUES);
    let more = if n_more > 0 { format!(" and {} more", grouped(n_more)) } else { String::new() };
    problem.hint(format!("column {} holds {}{more}", column.name, values.join(", ")))
}

fn describe<P: RowSet>(fit: &P, test: Option<&P>, flag: &str) -> Guess {
    let n = fit.n_rows() + test.map_or(0, P::n_rows);
    guess("rows", format!("{} rows", grouped(n)), flag)
}
