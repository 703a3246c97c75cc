//! What a file carries beside its logits, found again for the rows of a summary.

use std::collections::HashMap;
use std::sync::Arc;

use crate::data::{BatchSource, Carried, CarriedColumn, FileRows, effective_rows, printable};

use super::RowSummaries;
use super::order::KnownOrder;

/// The columns beside, by stored row, and how many summarised rows a stored one gives.
#[derive(Clone, PartialEq, Debug)]
pub struct Beside {
    carried: Arc<Carried>,
    pub(super) n_entries: usize,
    /// The numbers of the stored rows in their file.
    numbers: FileRows,
    /// For each summarised row its place in the columns; `None` where they have every stored row, so that the place
    /// is its number.
    places: Option<Vec<u32>>,
    pub(super) order: KnownOrder,
}

/// The stored rows behind rows in the order of the file.
struct Stored {
    /// Of each stored row the first summarised one, by index.
    first: Vec<usize>,
    /// As [`Beside::places`], if the columns have these stored rows.
    places: Option<Vec<u32>>,
}

impl Stored {
    /// `numbers` are those of the stored rows, one for each summarised row, and never descend.
    fn behind(numbers: impl Iterator<Item = usize>) -> Self {
        let (mut first, mut places, mut last) = (Vec::new(), Vec::new(), None);
        let mut is_whole = true;
        for (idx, number) in numbers.enumerate() {
            if last != Some(number) {
                is_whole &= number == first.len();
                first.push(idx);
                last = Some(number);
            }
            // There are no more than 2^32 rows: they are counted in 32 bits throughout a fit.
            places.push(u32::try_from(first.len() - 1).unwrap_or(u32::MAX));
        }
        Self { first, places: (!is_whole).then_some(places) }
    }
}

impl Default for Beside {
    /// Nothing, and one row for each.
    fn default() -> Self {
        Self {
            carried: Arc::default(),
            n_entries: 1,
            numbers: FileRows::default(),
            places: None,
            order: KnownOrder::default(),
        }
    }
}

impl Beside {
    /// The same of some rows, by index.
    pub(super) fn of_rows(&self, rows: impl Iterator<Item = usize>) -> Self {
        Self {
            places: self.places.as_ref().map(|places| rows.map(|idx| places[idx]).collect()),
            ..self.clone_columns()
        }
    }

    fn clone_columns(&self) -> Self {
        Self {
            carried: self.carried.clone(),
            n_entries: self.n_entries,
            numbers: self.numbers.clone(),
            ..Self::default()
        }
    }

    /// What `source` has beside its scores.
    pub fn of(source: &dyn BatchSource) -> Self {
        Self {
            carried: source.carried(),
            n_entries: source.n_entries().max(1),
            numbers: source.file_rows(),
            ..Self::default()
        }
    }
}

impl RowSummaries {
    /// What the file carries beside, see [`RowSummaries::stored_row`].
    pub fn carried(&self) -> &Carried {
        &self.beside.carried
    }

    /// The same with other columns, by stored row, and so many rows for each stored one.
    #[must_use]
    pub fn with_carried(self, carried: Arc<Carried>, n_entries: usize) -> Self {
        Self {
            beside: Beside {
                carried,
                n_entries: n_entries.max(1),
                numbers: self.beside.numbers.clone(),
                ..Beside::default()
            },
            ..self
        }
    }

    /// Takes the columns away, to be given back by [`RowSummaries::set_carried`].
    pub fn take_carried(&mut self) -> Carried {
        self.beside.order = KnownOrder::default();
        Arc::unwrap_or_clone(std::mem::take(&mut self.beside.carried))
    }

    /// Other columns of the same stored rows.
    pub fn set_carried(&mut self, carried: Carried) {
        self.beside.order = KnownOrder::default();
        self.beside.carried = Arc::new(carried);
    }

    /// The same with columns that have a value for each of these rows and for none that was left out, and so many rows
    /// for each stored one.
    ///
    /// # Errors
    /// The name of a column in which two rows of one stored row differ, or whose weights are none.
    ///
    /// # Panics
    /// If the columns have another number of rows.
    pub fn with_values(self, carried: &Carried, n_entries: usize) -> Result<Self, String> {
        let n_entries = n_entries.max(1);
        let rows = self.with_carried(Arc::default(), n_entries);
        let Stored { first, places } =
            Stored::behind((0..rows.len()).map(|idx| rows.file_row(idx)));
        for (place, start) in first.iter().enumerate() {
            let end = first.get(place + 1).copied().unwrap_or(rows.len());
            let differs = |column: &&CarriedColumn| {
                (start + 1..end).any(|idx| !column.values.same(*start, idx))
            };
            if let Some(column) = carried.columns().iter().find(differs) {
                return Err(column.name.clone());
            }
        }
        let means = carried.meanings();
        let of_stored = carried.select(&first).meaning(&means);
        let bad_weights = |_| means.weight.unwrap_or_default();
        let beside = Beside {
            carried: Arc::new(of_stored.map_err(bad_weights)?),
            n_entries,
            numbers: rows.beside.numbers.clone(),
            places,
            order: KnownOrder::default(),
        };
        Ok(Self { beside, ..rows })
    }

    /// The place of row `idx` in the columns of [`RowSummaries::carried`]: rows of one stored row share it.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn stored_row(&self, idx: usize) -> usize {
        match &self.beside.places {
            Some(places) => places[idx] as usize,
            None => self.file_row(idx),
        }
    }

    /// Which rows of their file the stored rows are.
    pub fn file_rows(&self) -> &FileRows {
        &self.beside.numbers
    }

    /// The same where the stored rows are these of their file.
    #[must_use]
    pub fn with_file_rows(mut self, numbers: FileRows) -> Self {
        self.beside.numbers = numbers;
        self
    }

    /// The number that this stored row, which may have been left out, has in its file.
    pub fn number_in_file(&self, row: usize) -> usize {
        self.beside.numbers.number(row)
    }

    /// The stored row with this number in its file.
    pub fn with_number(&self, number: usize) -> Option<usize> {
        self.beside.numbers.find(number)
    }

    /// The id of this stored row, if the file names its rows and the id is known.
    pub fn id_of(&self, row: usize) -> Option<String> {
        let ids = self.carried().id()?;
        let place = if self.beside.places.is_some() {
            let idx = (0..self.len()).find(|idx| self.file_row(*idx) == row)?;
            self.stored_row(idx)
        } else {
            row
        };
        (place < ids.values.len()).then(|| ids.values.shown(place)).flatten()
    }

    /// The number of the stored row behind row `idx` among those that were read, counted from 0.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn file_row(&self, idx: usize) -> usize {
        self.source_row(idx) / self.beside.n_entries
    }

    /// How many stored rows the columns of [`RowSummaries::carried`] have, or would have.
    pub fn n_stored(&self) -> usize {
        (0..self.len())
            .next_back()
            .map_or(0, |last| self.stored_row(last) + 1)
            .max(self.carried().n_rows())
    }

    /// The rows of the stored rows at these ascending places, which are numbered from 0 on, with `carried` beside them.
    /// What was left out elsewhere is counted no longer. `None` if it is not known why a label of theirs was left out.
    #[must_use]
    pub fn of_stored(&self, places: &[usize], carried: Carried) -> Option<Self> {
        let n_entries = self.n_entries();
        let n_places = places.last().map_or(0, |last| last + 1);
        let mut number_of: Vec<Option<usize>> = vec![None; self.n_stored().max(n_places)];
        for (number, place) in places.iter().enumerate() {
            number_of[*place] = Some(number);
        }
        let (mut members, mut row) = (Vec::new(), Vec::new());
        for (member, idx) in (0u32..).zip(0..self.len()) {
            if let Some(number) = number_of[self.stored_row(idx)] {
                members.push(member);
                row.push((number * n_entries + self.entry(idx)) as u64);
            }
        }
        let n_left_out = (places.len() * n_entries - members.len()) as u64;
        let left_out = self.left_out.some(n_left_out)?;
        // A place is that of the columns, and its row may have another number.
        let mut number_at: Vec<usize> = (0..number_of.len()).collect();
        for idx in 0..self.len() {
            number_at[self.stored_row(idx)] = self.file_row(idx);
        }
        let beside = Beside {
            carried: Arc::new(carried),
            n_entries,
            numbers: self.beside.numbers.of(places.iter().map(|place| number_at[*place])),
            ..Beside::default()
        };
        let mut rows = self.select(&members);
        rows.columns.row = row;
        rows.gather_some(self, &members);
        Some(Self { left_out, beside, ..rows })
    }

    /// The rows of the stored rows `range` of the file, which are numbered from 0 on, with columns that have no meaning
    /// yet. `None` if it is not known why rows among them were left out.
    #[must_use]
    pub fn of_range(&self, range: std::ops::Range<usize>) -> Option<Self> {
        let n_entries = self.n_entries();
        let within = |idx: &u32| range.contains(&self.file_row(*idx as usize));
        let members: Vec<u32> = (0u32..).take(self.len()).filter(|idx| within(idx)).collect();
        let n_left_out = (range.len() * n_entries).saturating_sub(members.len()) as u64;
        let left_out = self.left_out.some(n_left_out)?;
        let numbers = members.iter().map(|idx| self.file_row(*idx as usize) - range.start);
        let Stored { first, places } = Stored::behind(numbers);
        let stored: Vec<usize> =
            first.iter().map(|first| self.stored_row(members[*first] as usize)).collect();
        let beside = Beside {
            carried: Arc::new(self.carried().select(&stored)),
            n_entries,
            numbers: self.beside.numbers.of(range.clone()),
            places,
            order: KnownOrder::default(),
        };
        let mut rows = self.select(&members);
        let first_row = (range.start * n_entries) as u64;
        rows.columns.row.iter_mut().for_each(|row| *row -= first_row);
        rows.gather_some(self, &members);
        Some(Self { left_out, beside, ..rows })
    }

    /// Moves the columns beside of `other` behind those of these rows, where both have them: to be called before the
    /// rows of `other`, which were numbered from `first_row` on, are appended.
    pub(super) fn append_beside(&mut self, other: &Self, first_row: u64) {
        let (ours, theirs) = (self.carried(), other.carried());
        let n_ours = ours.n_rows();
        let means = ours.meanings().of_both(&theirs.meanings());
        // Weights of both are weights of all, so that this does not fail.
        let carried = ours.clone().concat(theirs).meaning(&means).unwrap_or_default();
        let is_empty = carried.columns().is_empty();
        let shift = usize::try_from(first_row).unwrap_or(usize::MAX) / self.n_entries();
        let is_whole = |rows: &Self| rows.beside.places.is_none();
        let places = if is_empty || is_whole(self) && is_whole(other) && n_ours == shift {
            None
        } else {
            let of_theirs = |idx| match &other.beside.places {
                Some(places) => places[idx] as usize,
                None => other.file_row(idx) - shift,
            };
            let ours = (0..self.len()).map(|idx| self.stored_row(idx));
            let theirs = (0..other.len()).map(|idx| n_ours + of_theirs(idx));
            let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
            Some(ours.chain(theirs).map(place).collect())
        };
        self.beside = Beside {
            carried: Arc::new(carried),
            n_entries: self.n_entries(),
            numbers: FileRows::default(),
            places,
            order: KnownOrder::default(),
        };
    }

    /// Which label of its stored row row `idx` is about: 0 unless the data is multi-label.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn entry(&self, idx: usize) -> usize {
        self.source_row(idx) % self.beside.n_entries
    }

    /// Rows for each stored one: the number of labels of multi-label data, else 1.
    pub fn n_entries(&self) -> usize {
        self.beside.n_entries
    }

    /// A number in 0..`n_groups` for every row: rows of one number belong together, because a column says so or
    /// because they are labels of one stored row. Numbers are given in the order of [`RowSummaries::order`]. `None` if
    /// every row stands alone.
    pub fn groups(&self) -> Option<Vec<u32>> {
        if !self.is_grouped() {
            return None;
        }
        let mut numbers: HashMap<Result<u32, usize>, u32> = HashMap::new();
        let mut number = |idx| {
            let stored = self.stored_row(idx);
            let key = self.carried().group_of(stored).ok_or(stored);
            // There are no more groups than rows, which are counted in 32 bits throughout a fit.
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(key).or_insert(next)
        };
        let mut groups = vec![0; self.len()];
        for idx in self.order() {
            groups[*idx as usize] = number(*idx as usize);
        }
        Some(groups)
    }

    /// A number for every row, alike for rows that belong together, in no order: quicker than [`RowSummaries::groups`].
    /// `None` if every row stands alone.
    pub fn clusters(&self) -> Option<Vec<u64>> {
        let number = |idx| {
            let stored = self.stored_row(idx);
            let alone = || (1 << 32) + stored as u64;
            self.carried().group_of(stored).map_or_else(alone, u64::from)
        };
        self.is_grouped().then(|| (0..self.len()).map(number).collect())
    }

    /// True if rows belong together, see [`RowSummaries::groups`].
    pub fn is_grouped(&self) -> bool {
        self.beside.n_entries != 1 || self.carried().group().is_some()
    }

    /// The sample weight of row `idx`, finite and at least 0: 1 where all rows count the same.
    #[inline(always)]
    pub fn weight(&self, idx: usize) -> f64 {
        self.carried().weights().map_or(1.0, |weights| weights[self.stored_row(idx)])
    }

    /// The sample weight of every row, finite and at least 0; `None` where all rows count the same.
    pub fn weights(&self) -> Option<Vec<f64>> {
        let weights = self.carried().weights()?;
        let weight = |idx| weights[self.stored_row(idx)];
        Some((0..self.len()).map(weight).collect())
    }

    /// As many rows of the file of equal weight say as much as these: fewer than there are where weights differ; of
    /// multi-label data the rows and not their entries.
    pub fn n_effective(&self) -> f64 {
        let n = self.weights().map_or(self.len() as f64, |weights| effective_rows(&weights));
        n / self.n_entries() as f64
    }

    /// The column of sample weights, printable, and the weight of every row; `None` where all rows count the same.
    pub fn weighted_by(&self) -> Option<(String, Vec<f64>)> {
        Some((printable(&self.carried().weight()?.name), self.weights()?))
    }

    pub(super) fn source_row(&self, idx: usize) -> usize {
        usize::try_from(self.columns().row[idx]).unwrap_or(usize::MAX)
    }
}
