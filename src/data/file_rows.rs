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

    /// Stored rows that follow one another in the file, as the number of the first and how many: these runs, one after
    /// the other.
    pub fn of_runs(runs: &[[usize; 2]]) -> Self {
        match runs {
            [] => Self::default(),
            [[start, _]] => Self::new(*start, None),
            _ => {
                let rows = runs.iter().flat_map(|[start, n]| *start..start + n);
                Self::new(0, Some(rows.collect()))
            }
        }
    }

    /// The runs of the first `n` stored rows, see [`FileRows::of_runs`]; `None` beyond `most` of them.
    pub fn runs(&self, n: usize, most: usize) -> Option<Vec<[usize; 2]>> {
        if self.kept.is_none() {
            return Some(vec![[self.skipped, n]]);
        }
        let mut runs: Vec<[usize; 2]> = Vec::new();
        for number in (0..n).map(|row| self.number(row)) {
            if let Some([_, n]) = runs.last_mut().filter(|run| run[0] + run[1] == number) {
                *n += 1;
            } else if runs.len() < most {
                runs.push([number, 1]);
            } else {
                return None;
            }
        }
        Some(runs)
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
        assert_eq!((later.number(2), later.find(12), later.find(9)), (12, Some(2), None));
        let some = FileRows::new(10, Some([1, 4, 6].into()));
        assert_eq!((some.number(2), some.find(14), some.find(15)), (16, Some(1), None));
        let fewer = some.of([0, 2].into_iter());
        assert_eq!((fewer.number(1), fewer.find(11)), (16, Some(0)));
        let runs = [[11, 1], [14, 1], [16, 2]];
        let apart = FileRows::of_runs(&runs);
        assert_eq!((apart.number(1), apart.find(17)), (14, Some(3)));
        assert_eq!(apart.runs(4, 3).as_deref(), Some(&runs[..]));
        assert_eq!(apart.runs(4, 2), None);
        assert_eq!(FileRows::of_runs(&[[10, 3]]), later);
        assert_eq!(later.runs(3, 1), Some(vec![[10, 3]]));
        let joined = FileRows::new(0, Some([5, 9, 2].into()));
        assert_eq!((joined.number(2), joined.find(2), joined.find(3)), (2, Some(2), None));
    }
}
