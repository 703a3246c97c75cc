//! A column of text in which every distinct text is kept once.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use super::Groups;
use crate::data::printable;

/// The code of a row without text.
const MISSING: u32 = u32::MAX;

/// Text by row: a number of four bytes for each row, and each distinct text once.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TextColumn {
    codes: Vec<u32>,
    texts: Texts,
}

/// Distinct texts, one after another in the order in which they first occurred.
#[derive(Clone, Debug, Default)]
struct Texts {
    characters: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// The codes of the first so many texts, to be found by their text; a million texts are looked up in a fifth of the
    /// time that a map of owned texts takes.
    places: HashTable<u32>,
    hasher: RandomState,
}

impl PartialEq for Texts {
    fn eq(&self, other: &Self) -> bool {
        self.characters == other.characters && self.ends == other.ends
    }
}

impl Texts {
    fn len(&self) -> usize {
        self.ends.len()
    }

    /// Text `code`; `None` if there is none.
    fn get(&self, code: u32) -> Option<&str> {
        let code = code as usize;
        let end = *self.ends.get(code)?;
        let start = code.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.characters.get(start..end)
    }

    fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts.zip(&self.ends).map(|(start, end)| &self.characters[*start..*end])
    }

    /// The code of `text`, which is added if it is not there. There are never 2^32 distinct texts: their codes alone
    /// would not fit in memory.
    fn code_of(&mut self, text: &str) -> u32 {
        self.place_all();
        let hash = self.hasher.hash_one(text);
        let found = self.places.find(hash, |code| self.get(*code) == Some(text)).copied();
        found.unwrap_or_else(|| {
            let code = self.add(text);
            self.place(code, hash);
            code
        })
    }

    /// The code of a text that is not there yet, which only [`Texts::place_all`] will find.
    fn add(&mut self, text: &str) -> u32 {
        let code = u32::try_from(self.len()).unwrap_or(MISSING);
        self.characters.push_str(text);
        self.ends.push(self.characters.len());
        code
    }

    /// Makes every text that was only added one that is found.
    fn place_all(&mut self) {
        for code in (0u32..).take(self.len()).skip(self.places.len()) {
            let hash = self.hash_of(code);
            self.place(code, hash);
        }
    }

    fn place(&mut self, code: u32, hash: u64) {
        let mut places = std::mem::take(&mut self.places);
        places.insert_unique(hash, code, |code| self.hash_of(*code));
        self.places = places;
    }

    fn hash_of(&self, code: u32) -> u64 {
        self.hasher.hash_one(self.get(code).unwrap_or_default())
    }
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
        self.texts.get(*self.codes.get(row)?)
    }

    /// Distinct texts in the order in which they first occurred, as the file has them.
    pub fn distinct(&self) -> impl Iterator<Item = &str> {
        self.texts.iter()
    }

    /// For each row the place of its text among [`TextColumn::distinct`]; `None` where it is missing.
    pub fn codes(&self) -> impl Iterator<Item = Option<usize>> {
        self.codes.iter().map(|code| (*code != MISSING).then_some(*code as usize))
    }

    /// Appends a row.
    pub fn push(&mut self, text: Option<&str>) {
        let code = text.map_or(MISSING, |text| self.texts.code_of(text));
        self.codes.push(code);
    }

    /// Appends `n_rows` rows of the same text.
    pub fn push_many(&mut self, text: &str, n_rows: usize) {
        let code = self.texts.code_of(text);
        self.codes.extend(std::iter::repeat_n(code, n_rows));
    }

    pub(super) fn append(&mut self, more: Self) {
        if self.is_empty() {
            *self = more;
            return;
        }
        let texts = &mut self.texts;
        let codes: Vec<u32> = more.texts.iter().map(|text| texts.code_of(text)).collect();
        let code = |code: &u32| codes.get(*code as usize).copied().unwrap_or(MISSING);
        self.codes.extend(more.codes.iter().map(code));
    }

    pub(super) fn select(&self, rows: impl Iterator<Item = usize>) -> Self {
        let mut selected = Self::default();
        // Only the texts that are still needed are kept.
        let mut codes: Vec<u32> = vec![MISSING; self.texts.len()];
        for row in rows {
            let old = self.codes[row];
            let code = match (old, codes.get_mut(old as usize)) {
                (MISSING, _) | (_, None) => MISSING,
                (_, Some(code)) => {
                    if *code == MISSING {
                        *code = selected.texts.add(self.texts.get(old).unwrap_or_default());
                    }
                    *code
                }
            };
            selected.codes.push(code);
        }
        selected
    }

    pub(super) fn groups(&self) -> Groups {
        let mut sorted: Vec<(&str, usize)> = self.texts.iter().zip(0..).collect();
        sorted.sort_unstable();
        let mut place = vec![Groups::NONE; self.texts.len()];
        for (sorted, (_, original)) in (0u32..).zip(&sorted) {
            place[*original] = sorted;
        }
        let place_of = |code: &u32| place.get(*code as usize).copied().unwrap_or(Groups::NONE);
        Groups {
            of_row: self.codes.iter().map(place_of).collect(),
            names: sorted.iter().map(|(text, _)| printable(text)).collect(),
        }
    }

    pub(super) fn n_bytes(&self) -> usize {
        // Each distinct text has its end and a place in the table beside its characters.
        const PER_TEXT: usize = 16;
        let texts = &self.texts;
        size_of_val(self.codes.as_slice()) + texts.characters.len() + texts.len() * PER_TEXT
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn column(texts: &[Option<String>]) -> TextColumn {
        let mut column = TextColumn::default();
        for text in texts {
            column.push(text.as_deref());
        }
        column
    }

    fn texts() -> impl Strategy<Value = Vec<Option<String>>> {
        proptest::collection::vec(proptest::option::of("[ab\u{e9}]{0,3}"), 0..40)
    }

    fn read(column: &TextColumn) -> Vec<Option<String>> {
        (0..column.len()).map(|row| column.get(row).map(str::to_owned)).collect()
    }

    proptest! {
        #[test]
        fn texts_come_back_after_every_step(
            first in texts(), second in texts(), many in "[ab]{0,2}", rows in proptest::collection::vec(0usize..80, 0..60),
        ) {
            let mut all = column(&first);
            prop_assert_eq!(&read(&all), &first);
            all.append(column(&second));
            all.push_many(&many, 3);
            let mut want = [first, second].concat();
            want.extend(std::iter::repeat_n(Some(many), 3));
            prop_assert_eq!(&read(&all), &want);
            let rows: Vec<usize> = rows.into_iter().filter(|row| *row < want.len()).collect();
            let mut some = all.select(rows.iter().copied());
            let mut wanted: Vec<_> = rows.iter().map(|row| want[*row].clone()).collect();
            prop_assert_eq!(&read(&some), &wanted);
            // What was selected is found again, not added twice.
            some.append(all.clone());
            wanted.extend(want.clone());
            prop_assert_eq!(&read(&some), &wanted);
            let mut distinct: Vec<&str> = some.distinct().collect();
            let n = distinct.len();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), n);
            let groups = all.groups();
            prop_assert!(groups.names.is_sorted());
            for (row, text) in want.iter().enumerate() {
                let of = groups.of_row[row];
                let name = groups.names.get(of as usize).cloned();
                prop_assert_eq!(&name, text);
            }
        }
    }
}
