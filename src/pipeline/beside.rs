//! What rows carry beside, as columns of a file of summaries and back.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use crate::data::{Carried, CarriedColumn, CarriedValues, Meanings};
use crate::summarize::RowSummaries;

use super::note::{BesideNote, Meaning};
use super::summaries::{Summaries, SummaryPart};

/// What the names of carried columns begin with, so that none is that of a column of ours.
const PREFIX: &str = "beside.";

/// The columns that all parts carry, as they are written.
pub(super) struct Written<'a>(Vec<Column<'a>>);

struct Column<'a> {
    note: BesideNote,
    /// Of each part, by its stored rows.
    values: Vec<Cow<'a, CarriedValues>>,
}

impl<'a> Written<'a> {
    /// Of two parts those that both have, in one type.
    pub(super) fn of(summaries: &'a Summaries) -> Self {
        let fit = summaries.fit.rows.carried();
        let test = summaries.test.as_ref().map(|part| part.rows.carried());
        let mut names = HashSet::new();
        let column = |column: &'a CarriedColumn| {
            let values = match test {
                None => vec![Cow::Borrowed(&column.values)],
                Some(test) => alike(&column.values, &test.column(&column.name)?.values).into(),
            };
            let means = |meaning: &Meaning| {
                let meant = meaning.of(fit);
                meant.is_some_and(|meant| std::ptr::eq(meant, column))
            };
            let note = BesideNote {
                name: column.name.clone(),
                column: free_name(&column.name, &mut names),
                type_name: values[0].type_name().to_owned(),
                means: Meaning::ALL.into_iter().filter(means).collect(),
            };
            Some(Column { note, values })
        };
        Self(fit.columns().iter().filter_map(column).collect())
    }

    /// What the note says of them.
    pub(super) fn notes(&self) -> Vec<BesideNote> {
        self.0.iter().map(|column| column.note.clone()).collect()
    }

    /// The columns of these rows of part `number`: a value for each row, also where several come from one stored row.
    pub(super) fn columns(
        &self,
        (number, rows): (usize, &RowSummaries),
        range: &Range<usize>,
    ) -> Vec<CarriedColumn> {
        let stored = range.clone().map(|idx| rows.stored_row(idx));
        let column = |column: &Column<'_>| CarriedColumn {
            name: column.note.column.clone(),
            values: column.values[number].select(stored.clone()),
        };
        self.0.iter().map(column).collect()
    }
}

/// Both in the type that a column of both has.
fn alike<'a>(a: &'a CarriedValues, b: &'a CarriedValues) -> [Cow<'a, CarriedValues>; 2] {
    let none = |values: &CarriedValues| values.select(std::iter::empty());
    let mut both = none(a);
    both.append(none(b));
    [a, b].map(|values| {
        if values.type_name() == both.type_name() {
            return Cow::Borrowed(values);
        }
        let mut as_both = both.clone();
        as_both.append(values.clone());
        Cow::Owned(as_both)
    })
}

/// A name that no column has yet.
fn free_name(name: &str, taken: &mut HashSet<String>) -> String {
    let mut free = format!("{PREFIX}{name}");
    let mut again = 1;
    while !taken.insert(free.clone()) {
        again += 1;
        free = format!("{PREFIX}{name}.{again}");
    }
    free
}

/// The columns that `notes` speak of, without values yet, as the file calls them.
pub(super) fn wanted(notes: &[BesideNote]) -> Vec<CarriedColumn> {
    let column = |note: &BesideNote| {
        Some(CarriedColumn {
            name: note.column.clone(),
            values: CarriedValues::empty(&note.type_name)?,
        })
    };
    notes.iter().filter_map(column).collect()
}

/// The columns that were read for `notes` under their own names, with their meaning.
///
/// # Errors
/// If they differ in length.
pub(super) fn carried(
    notes: &[BesideNote],
    columns: Vec<CarriedColumn>,
) -> Result<Carried, String> {
    let named = columns.into_iter().zip(notes);
    let columns = named
        .map(|(column, note)| CarriedColumn { name: note.name.clone(), values: column.values });
    let name = |meaning| {
        let note = notes.iter().find(|note| note.means.contains(&meaning));
        note.map(|note| note.name.clone())
    };
    let means = Meanings {
        id: name(Meaning::Id),
        group: name(Meaning::Group),
        weight: name(Meaning::Weight),
    };
    let carried = Carried::new(columns.collect(), None, None);
    let carried = carried.ok_or("the columns beside the rows differ in length")?;
    let weights = |_| "the column of weights holds none".to_owned();
    carried.meaning(&means).map_err(weights)
}

/// Why the columns of two parts cannot stand in one file.
pub(super) fn conflict(fit: &SummaryPart, test: &SummaryPart) -> Option<String> {
    let [ours, theirs] = [fit, test].map(|part| {
        let carried = part.rows.carried();
        let (grouped, weighted) = (called(carried.group()), called(carried.weight()));
        format!("are grouped by {grouped} and weighted by {weighted}")
    });
    (ours != theirs).then(|| {
        format!("the rows of one part {ours}, those of the other {theirs}; summarise them apart")
    })
}

/// A column that stands for something, in words.
pub(super) fn called(column: Option<&CarriedColumn>) -> String {
    column.map_or("nothing".to_owned(), |column| format!("column {}", column.name))
}
