//! What a file carries beside logits and labels: ids, groups, splits, text, measurements. One typed column each,
//! by the rows of the file, for filters, slices and for naming a row.

mod text;
mod weights;

use std::ops::Range;
use std::sync::Arc;

pub use text::TextColumn;
pub use weights::{BadWeights, effective_rows};

/// The values of one column, one for each row of the file.
#[derive(Clone, PartialEq, Debug)]
pub enum CarriedValues {
    /// Whole numbers; [`CarriedValues::MISSING`] where there is none.
    Whole(Vec<i64>),
    /// Numbers; NaN where there is none.
    Numbers(Vec<f64>),
    /// Text, each kept once, and truth values as `true` and `false`.
    Text(TextColumn),
}

/// One named column.
#[derive(Clone, PartialEq, Debug)]
pub struct CarriedColumn {
    /// As the file calls it; make it [`super::printable`] before it is shown.
    pub name: String,
    /// As many as there are rows.
    pub values: CarriedValues,
}

/// All columns of one part of a file, and what some of them stand for.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Carried {
    columns: Vec<CarriedColumn>,
    id: Option<usize>,
    group: Option<usize>,
    /// The group of each row, see [`Groups`]; empty without a group column.
    group_of: Vec<u32>,
    /// The column of sample weights, and the weights.
    weight: Option<(usize, Arc<[f64]>)>,
}

/// The names of the columns that stand for something.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Meanings {
    /// It names the row.
    pub id: Option<String>,
    /// Its rows belong together.
    pub group: Option<String>,
    /// What each row counts.
    pub weight: Option<String>,
}

impl Meanings {
    /// Those that both have.
    #[must_use]
    pub fn of_both(self, other: &Self) -> Self {
        let both = |ours: Option<String>, theirs: &Option<String>| {
            ours.filter(|ours| theirs.as_ref() == Some(ours))
        };
        Self {
            id: both(self.id, &other.id),
            group: both(self.group, &other.group),
            weight: both(self.weight, &other.weight),
        }
    }
}

/// The distinct values of a column, in ascending order.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Groups {
    /// For each row the place of its value among `names`, or [`Groups::NONE`] where the value is missing.
    pub of_row: Vec<u32>,
    /// The distinct values, printable.
    pub names: Vec<String>,
}

impl Groups {
    /// The group of a row whose value is missing.
    pub const NONE: u32 = u32::MAX;
}

impl CarriedValues {
    /// Stands for a whole number that is missing.
    pub const MISSING: i64 = i64::MIN;

    /// N.
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(v) => v.len(),
            Self::Numbers(v) => v.len(),
            Self::Text(v) => v.len(),
        }
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// No value yet, of the type that [`CarriedValues::type_name`] calls `name`.
    pub fn empty(name: &str) -> Option<Self> {
        match name {
            "integer" => Some(Self::Whole(Vec::new())),
            "number" => Some(Self::Numbers(Vec::new())),
            "text" => Some(Self::Text(TextColumn::default())),
            _ => None,
        }
    }

    /// `integer`, `number` or `text`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Whole(_) => "integer",
            Self::Numbers(_) => "number",
            Self::Text(_) => "text",
        }
    }

    /// True if rows `a` and `b` have the same value, or both none.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn same(&self, a: usize, b: usize) -> bool {
        match self {
            Self::Whole(v) => v[a] == v[b],
            Self::Numbers(v) => v[a].total_cmp(&v[b]).is_eq() || v[a].is_nan() && v[b].is_nan(),
            Self::Text(v) => v.get(a) == v.get(b),
        }
    }

    /// Bytes they take in memory, roughly.
    pub fn n_bytes(&self) -> usize {
        match self {
            Self::Whole(v) => size_of_val(v.as_slice()),
            Self::Numbers(v) => size_of_val(v.as_slice()),
            Self::Text(v) => v.n_bytes(),
        }
    }

    /// The value of a row as text that is safe to show; `None` where it is missing or there is no such row.
    pub fn shown(&self, row: usize) -> Option<String> {
        match self {
            Self::Whole(v) => v.get(row).filter(|v| **v != Self::MISSING).map(ToString::to_string),
            Self::Numbers(v) => v.get(row).filter(|v| !v.is_nan()).map(ToString::to_string),
            Self::Text(v) => v.get(row).map(super::printable),
        }
    }

    /// The value of a row as a number; `None` where it is missing, is text, or there is no such row.
    pub fn number(&self, row: usize) -> Option<f64> {
        match self {
            Self::Whole(v) => v.get(row).filter(|v| **v != Self::MISSING).map(|v| *v as f64),
            Self::Numbers(v) => v.get(row).copied().filter(|v| !v.is_nan()),
            Self::Text(_) => None,
        }
    }

    /// True for numbers, which have an order and can be cut into ranges.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    /// The rows by their distinct values, which are sorted: numbers by size, text by its characters.
    pub fn groups(&self) -> Groups {
        match self {
            Self::Whole(v) => grouped(v, |v| *v != Self::MISSING, i64::cmp, ToString::to_string),
            Self::Numbers(v) => grouped(v, |v| !v.is_nan(), f64::total_cmp, ToString::to_string),
            Self::Text(v) => v.groups(),
        }
    }

    /// Appends a value that is written as `cell`: whole numbers become text when a cell is no plain number, a cell
    /// among numbers that is none is missing, and so is an empty one.
    pub fn push_cell(&mut self, cell: &str) {
        if let Self::Whole(whole) = self {
            match (cell.trim().is_empty(), plain_number(cell)) {
                (true, _) => return whole.push(Self::MISSING),
                (false, Some(number)) => return whole.push(number),
                (false, None) => *self = Self::Text(self.to_text()),
            }
        }
        match self {
            Self::Numbers(numbers) => numbers.push(cell.trim().parse().unwrap_or(f64::NAN)),
            Self::Text(text) => text.push(Some(cell).filter(|cell| !cell.is_empty())),
            Self::Whole(_) => {}
        }
    }

    /// Appends what comes next in the file: whole numbers beside others become numbers, numbers beside text become
    /// text.
    pub fn append(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::Whole(all), Self::Whole(more)) => all.extend(more),
            (Self::Numbers(all), Self::Numbers(more)) => all.extend(more),
            (Self::Text(all), Self::Text(more)) => all.append(more),
            (Self::Text(all), more) => all.append(more.to_text()),
            (Self::Numbers(all), more @ Self::Whole(_)) => all.extend(more.to_numbers()),
            (Self::Whole(_), Self::Numbers(more)) => {
                let mut all = self.to_numbers();
                all.extend(more);
                *self = Self::Numbers(all);
            }
            (Self::Whole(_) | Self::Numbers(_), Self::Text(more)) => {
                let mut all = self.to_text();
                all.append(more);
                *self = Self::Text(all);
            }
        }
    }

    /// The values of these rows.
    #[must_use]
    pub fn select(&self, rows: impl Iterator<Item = usize> + Clone) -> Self {
        match self {
            Self::Whole(v) => Self::Whole(rows.map(|row| v[row]).collect()),
            Self::Numbers(v) => Self::Numbers(rows.map(|row| v[row]).collect()),
            Self::Text(v) => Self::Text(v.select(rows)),
        }
    }

    fn to_numbers(&self) -> Vec<f64> {
        (0..self.len()).map(|row| self.number(row).unwrap_or(f64::NAN)).collect()
    }

    fn to_text(&self) -> TextColumn {
        let mut text = TextColumn::default();
        (0..self.len()).for_each(|row| text.push(self.shown(row).as_deref()));
        text
    }
}

/// The number that is written as `text` and not otherwise, so that nothing is lost by keeping the number.
fn plain_number(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number != CarriedValues::MISSING && number.to_string() == text).then_some(number)
}

fn grouped<T: Copy>(
    values: &[T],
    is_there: impl Fn(&T) -> bool,
    order: impl Fn(&T, &T) -> std::cmp::Ordering,
    name: impl Fn(&T) -> String,
) -> Groups {
    let mut distinct: Vec<T> = values.iter().copied().filter(&is_there).collect();
    distinct.sort_unstable_by(&order);
    distinct.dedup_by(|a, b| order(a, b).is_eq());
    let place = |value: &T| {
        let found = distinct.binary_search_by(|other| order(other, value));
        found.ok().filter(|_| is_there(value)).and_then(|place| u32::try_from(place).ok())
    };
    Groups {
        of_row: values.iter().map(|value| place(value).unwrap_or(Groups::NONE)).collect(),
        names: distinct.iter().map(name).collect(),
    }
}

impl Carried {
    /// These columns, all of one length. `id` and `group` are places among them.
    ///
    /// Returns `None` if the lengths differ or a place is none.
    pub fn new(
        columns: Vec<CarriedColumn>,
        id: Option<usize>,
        group: Option<usize>,
    ) -> Option<Self> {
        let n_rows = columns.first().map_or(0, |column| column.values.len());
        let same = columns.iter().all(|column| column.values.len() == n_rows);
        let placed = id.into_iter().chain(group).all(|place| place < columns.len());
        if !(same && placed) {
            return None;
        }
        let groups = group.map(|group| columns[group].values.groups());
        Some(Self { columns, id, group, group_of: groups.unwrap_or_default().of_row, weight: None })
    }

    /// All columns, in the order of the file.
    pub fn columns(&self) -> &[CarriedColumn] {
        &self.columns
    }

    /// N; 0 if nothing is carried.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&CarriedColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column that names a row.
    pub fn id(&self) -> Option<&CarriedColumn> {
        self.id.map(|idx| &self.columns[idx])
    }

    /// The column whose rows belong together.
    pub fn group(&self) -> Option<&CarriedColumn> {
        self.group.map(|idx| &self.columns[idx])
    }

    /// The group of a row: rows with the same number belong together. `None` where the row stands alone: without a
    /// group column, or where the value is missing.
    pub fn group_of(&self, row: usize) -> Option<u32> {
        self.group_of.get(row).copied().filter(|group| *group != Groups::NONE)
    }

    /// The names of the columns that stand for something.
    pub fn meanings(&self) -> Meanings {
        let name = |column: Option<&CarriedColumn>| column.map(|column| column.name.clone());
        Meanings { id: name(self.id()), group: name(self.group()), weight: name(self.weight()) }
    }

    /// The same with these meanings; a name that no column has means nothing.
    ///
    /// # Errors
    /// If the column of weights holds none, see [`Carried::weighted_by`].
    pub fn meaning(self, means: &Meanings) -> Result<Self, BadWeights> {
        let place = |name: &Option<String>| {
            let name = name.as_ref()?;
            self.columns.iter().position(|column| column.name == *name)
        };
        let weight = place(&means.weight);
        let (id, group) = (place(&means.id), place(&means.group));
        let carried = Self::new(self.columns, id, group).unwrap_or_default();
        match weight {
            Some(weight) => carried.weighted_by(weight),
            None => Ok(carried),
        }
    }

    /// These rows, without the meaning of columns.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        self.of(|values| values.select(rows.iter().copied()))
    }

    /// Rows of a range, without the meaning of columns.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        self.of(|values| values.select(range.clone()))
    }

    /// The rows of both: of the columns those that both have.
    #[must_use]
    pub fn concat(self, other: &Self) -> Self {
        let columns = self.columns.into_iter().filter_map(|mut column| {
            column.values.append(other.column(&column.name)?.values.clone());
            Some(column)
        });
        Self { columns: columns.collect(), ..Self::default() }
    }

    fn of(&self, values: impl Fn(&CarriedValues) -> CarriedValues) -> Self {
        let column = |column: &CarriedColumn| CarriedColumn {
            name: column.name.clone(),
            values: values(&column.values),
        };
        Self { columns: self.columns.iter().map(column).collect(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> CarriedValues {
        CarriedValues::Whole(Vec::new())
    }

    fn cells(mut values: CarriedValues, cells: &[&str]) -> CarriedValues {
        for cell in cells {
            values.push_cell(cell);
        }
        values
    }

    fn shown(values: &CarriedValues) -> Vec<String> {
        (0..values.len()).map(|row| values.shown(row).unwrap_or("-".to_owned())).collect()
    }

    #[test]
    fn cells_keep_what_is_written() {
        let numbers = cells(whole(), &["3", "", "-12"]);
        assert_eq!(numbers, CarriedValues::Whole(vec![3, i64::MIN, -12]));
        let texts = cells(numbers, &["007", ""]);
        assert_eq!(shown(&texts), ["3", "-", "-12", "007", "-"]);
        let floats = cells(CarriedValues::Numbers(Vec::new()), &["1.5", "x", " 2 "]);
        assert_eq!(shown(&floats), ["1.5", "-", "2"]);
    }

    #[test]
    fn what_is_shown_drives_no_terminal() {
        let text = cells(CarriedValues::Text(TextColumn::default()), &["a\u{1b}[2J"]);
        assert_eq!(shown(&text), ["a\u{FFFD}[2J"]);
    }

    #[test]
    fn pieces_of_several_types_are_one_column() {
        let mut all = cells(whole(), &["1", ""]);
        all.append(CarriedValues::Numbers(vec![2.5]));
        assert_eq!(shown(&all), ["1", "-", "2.5"]);
        all.append(cells(CarriedValues::Text(TextColumn::default()), &["a", "b", "a"]));
        all.append(cells(whole(), &["7"]));
        assert_eq!(shown(&all), ["1", "-", "2.5", "a", "b", "a", "7"]);
        assert_eq!(shown(&all.select([5, 0, 1].into_iter())), ["a", "1", "-"]);
    }

    #[test]
    fn groups_are_sorted_and_a_missing_value_has_none() {
        let groups = cells(whole(), &["10", "9", "", "10"]).groups();
        assert_eq!(groups.names, ["9", "10"]);
        assert_eq!(groups.of_row, [1, 0, Groups::NONE, 1]);
        let text = CarriedValues::Text(TextColumn::default());
        let groups = cells(text, &["b", "", "a", "b"]).groups();
        assert_eq!(groups.names, ["a", "b"]);
        assert_eq!(groups.of_row, [1, Groups::NONE, 0, 1]);
    }

    #[test]
    fn columns_have_one_length_and_known_meanings() {
        let column = |name: &str, n: i64| CarriedColumn {
            name: name.to_owned(),
            values: CarriedValues::Whole((0..n).collect()),
        };
        assert!(Carried::new(vec![column("a", 2), column("b", 3)], None, None).is_none());
        assert!(Carried::new(vec![column("a", 2)], Some(1), None).is_none());
        let carried = Carried::new(vec![column("a", 2), column("b", 2)], Some(0), Some(1));
        let carried = carried.expect("fits");
        assert_eq!(carried.group_of(1), Some(1));
        assert_eq!(carried.group_of(2), None);
        let joined = carried.slice(1..2).concat(&carried);
        assert_eq!(joined.n_rows(), 3);
        assert!(joined.id().is_none());
    }
}
