//! Which rows of a file the rows of a source are.

use std::sync::Arc;

/// The numbers, from 0, that stored rows have in their file: parts, ranges and conditions leave rows out, and do not
/// renumber the others.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FileRows {
    /// Rows of the file before the first.
    skipped: usize,
    /// The rows, counted from there, where some between them were left out.
    kept: Option<Arc<[usize]>>,
}

impl FileRows {
    /// `kept` rows, all without it, behind `skipped` others.
    pub fn new(skipped: usize, kept: Option<Arc<[usize]>>) -> Self {
        Self { skipped, kept }
    }

    /// The number of stored row `row` in the file.
    pub fn number(&self, row: usize) -> usize {
        let kept = self.kept.as_ref().and_then(|kept| kept.get(row).copied());
        self.skipped + kept.unwrap_or(row)
    }

    /// The stored row with this number in the file.
    pub fn find(&self, number: usize) -> Option<usize> {
        let number = number.checked_sub(self.skipped)?;
        match &self.kept {
            None => Some(number),
            Some(kept) if kept.is_sorted() => kept.binary_search(&number).ok(),
            Some(kept) => kept.iter().position(|row| *row == number),
        }
    }

    /// Of these rows only those, in this order.
    #[must_use]
    pub fn of(&self, rows: impl Iterator<Item = usize>) -> Self {
        Self::new(0, Some(rows.map(|row| self.number(row)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_keep_the_numbers_of_their_file() {
        let all = FileRows::default();
        assert_eq!((all.number(7), all.find(7)), (7, Some(7)));
        let later = FileRows::new(10, None);
        assert_eq!(
            (later.number(2), later.find(12), later.find(9)),
            (12, Some(2), None)
        );
        let some = FileRows::new(10, Some([1, 4, 6].into()));
        assert_eq!(
            (some.number(2), some.find(14), some.find(15)),
            (16, Some(1), None)
        );
        let fewer = some.of([0, 2].into_iter());
        assert_eq!((fewer.number(1), fewer.find(11)), (16, Some(0)));
        let joined = FileRows::new(0, Some([5, 9, 2].into()));
        assert_eq!(
            (joined.number(2), joined.find(2), joined.find(3)),
            (2, Some(2), None)
        );
    }
}
