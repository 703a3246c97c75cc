//! A column of text in which every distinct text is kept once.

use std::collections::HashMap;
use std::sync::Arc;

use super::Groups;
use crate::data::printable;

/// The code of a row without text.
const MISSING: u32 = u32::MAX;

/// Text by row: a number of four bytes for each row, and each distinct text once.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TextColumn {
    codes: Vec<u32>,
    texts: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
    /// Bytes of all distinct texts.
    n_text_bytes: usize,
}

impl TextColumn {
    /// N.
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// The text of a row as the file has it: not safe to show.
    pub fn get(&self, row: usize) -> Option<&str> {
        let code = *self.codes.get(row)?;
        self.texts.get(code as usize).map(|text| &**text)
    }

    /// Distinct texts in the order in which they first occurred, as the file has them.
    pub fn distinct(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    /// For each row the place of its text among [`TextColumn::distinct`]; `None` where it is missing.
    pub fn codes(&self) -> impl Iterator<Item = Option<usize>> {
        self.codes
            .iter()
            .map(|code| (*code != MISSING).then_some(*code as usize))
    }

    /// Appends a row.
    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map_or(MISSING, |text| self.code_of(text));
        self.codes.push(code);
    }

    /// Appends `n_rows` rows of the same text.
    pub fn push_many(&mut self, text: &str, n_rows: usize) {
        let code = self.code_of(text);
        self.codes.extend(std::iter::repeat_n(code, n_rows));
    }

    pub(super) fn append(&mut self, more: Self) {
        if self.is_empty() {
            *self = more;
            return;
        }
        let codes: Vec<u32> = more
            .texts
            .into_iter()
            .map(|text| self.code_of_shared(text))
            .collect();
        let code = |code: &u32| codes.get(*code as usize).copied().unwrap_or(MISSING);
        self.codes.extend(more.codes.iter().map(code));
    }

    pub(super) fn select(&self, rows: impl Iterator<Item = usize>) -> Self {
        let mut selected = Self::default();
        // Only the texts that are still needed are kept.
        let mut codes: Vec<Option<u32>> = vec![None; self.texts.len()];
        for row in rows {
            let code = match self.codes[row] {
                MISSING => MISSING,
                old => *codes[old as usize]
                    .get_or_insert_with(|| selected.code_of_new(self.texts[old as usize].clone())),
            };
            selected.codes.push(code);
        }
        selected
    }

    pub(super) fn groups(&self) -> Groups {
        let mut order: Vec<usize> = (0..self.texts.len()).collect();
        order.sort_by(|a, b| self.texts[*a].cmp(&self.texts[*b]));
        let mut place = vec![Groups::NONE; self.texts.len()];
        for (sorted, original) in (0u32..).zip(&order) {
            place[*original] = sorted;
        }
        let place_of = |code: &u32| place.get(*code as usize).copied().unwrap_or(Groups::NONE);
        Groups {
            of_row: self.codes.iter().map(place_of).collect(),
            names: order
                .iter()
                .map(|place| printable(&self.texts[*place]))
                .collect(),
        }
    }

    pub(super) fn n_bytes(&self) -> usize {
        // Each distinct text has a place in the list and one in the map beside its characters.
        const PER_TEXT: usize = 64;
        size_of_val(self.codes.as_slice()) + self.n_text_bytes + self.texts.len() * PER_TEXT
    }

    /// The code of `text`. There are never 2^32 distinct texts: their codes alone would not fit in memory.
    fn code_of(&mut self, text: &str) -> u32 {
        match self.places.get(text) {
            Some(code) => *code,
            None => self.code_of_new(text.into()),
        }
    }

    fn code_of_shared(&mut self, text: Arc<str>) -> u32 {
        match self.places.get(&text) {
            Some(code) => *code,
            None => self.code_of_new(text),
        }
    }

    /// The code of a text that is not there yet.
    fn code_of_new(&mut self, text: Arc<str>) -> u32 {
        let code = u32::try_from(self.texts.len()).unwrap_or(MISSING);
        self.n_text_bytes += text.len();
        self.texts.push(text.clone());
        self.places.insert(text, code);
        code
    }
}
