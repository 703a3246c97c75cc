//! Columns of numbers with names: the plain form in which row summaries are written and read.

/// The numbers of one column, in the type they are stored in.
#[derive(Clone, PartialEq, Debug)]
pub enum Numbers {
    /// Classes, ranks, counts.
    U32(Vec<u32>),
    /// Row numbers.
    U64(Vec<u64>),
    /// Scores and nodes.
    F32(Vec<f32>),
    /// Everything that must keep all its digits.
    F64(Vec<f64>),
}

/// One column: `width` numbers a row, row after row.
#[derive(Clone, PartialEq, Debug)]
pub struct NumberColumn {
    /// The name, once in a table.
    pub name: String,
    /// Numbers a row: 1 for a plain column, more for a column of lists of that length.
    pub width: usize,
    /// N x width numbers.
    pub numbers: Numbers,
}

/// Columns of the same number of rows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct NumberTable {
    columns: Vec<NumberColumn>,
    n_rows: usize,
}

impl Numbers {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::U32(v) => v.len(),
            Self::U64(v) => v.len(),
            Self::F32(v) => v.len(),
            Self::F64(v) => v.len(),
        }
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes the numbers from `at` on away.
    fn split_off(&mut self, at: usize) -> Self {
        match self {
            Self::U32(v) => Self::U32(v.split_off(at)),
            Self::U64(v) => Self::U64(v.split_off(at)),
            Self::F32(v) => Self::F32(v.split_off(at)),
            Self::F64(v) => Self::F64(v.split_off(at)),
        }
    }

    /// The name of the type: `u32`, `u64`, `f32`, `f64`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::U32(_) => "u32",
            Self::U64(_) => "u64",
            Self::F32(_) => "f32",
            Self::F64(_) => "f64",
        }
    }
}

impl NumberColumn {
    /// N, or `None` if the numbers do not make whole rows.
    fn n_rows(&self) -> Option<usize> {
        let whole = self.width > 0 && self.numbers.len().is_multiple_of(self.width);
        whole.then(|| self.numbers.len() / self.width)
    }
}

impl NumberTable {
    /// A table of `columns`; `None` if they differ in their number of rows, or two have the same name.
    pub fn new(columns: Vec<NumberColumn>) -> Option<Self> {
        let n_rows = columns.first().map_or(Some(0), NumberColumn::n_rows)?;
        let same_rows = columns.iter().all(|c| c.n_rows() == Some(n_rows));
        let mut names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
        names.sort_unstable();
        let own_names = names.windows(2).all(|pair| pair[0] != pair[1]);
        (same_rows && own_names).then_some(Self { columns, n_rows })
    }

    /// N.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// All columns.
    pub fn columns(&self) -> &[NumberColumn] {
        &self.columns
    }

    /// The table with `column` too; `None` if it has another number of rows, or a name that is taken.
    #[must_use]
    pub fn with(mut self, column: NumberColumn) -> Option<Self> {
        self.columns.push(column);
        Self::new(self.columns)
    }

    /// Takes the rows from `row` on away, as a table of their own.
    ///
    /// # Panics
    /// If there are fewer rows.
    #[must_use]
    pub fn split_off(&mut self, row: usize) -> Self {
        let tail = |column: &mut NumberColumn| NumberColumn {
            name: column.name.clone(),
            width: column.width,
            numbers: column.numbers.split_off(row * column.width),
        };
        let columns = self.columns.iter_mut().map(tail).collect();
        let n_rows = self.n_rows - row;
        self.n_rows = row;
        Self { columns, n_rows }
    }

    /// Takes the column called `name` out of the table.
    pub fn take(&mut self, name: &str) -> Option<NumberColumn> {
        let idx = self.columns.iter().position(|c| c.name == name)?;
        Some(self.columns.swap_remove(idx))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, width: usize, n: usize) -> NumberColumn {
        NumberColumn { name: name.to_owned(), width, numbers: Numbers::F32(vec![0.5; n]) }
    }

    #[test]
    fn only_columns_of_one_length_and_of_different_names_make_a_table() {
        let table = NumberTable::new(vec![column("a", 1, 4), column("b", 3, 12)]);
        assert_eq!(table.expect("four rows each").n_rows(), 4);
        for wrong in [
            vec![column("a", 1, 4), column("b", 1, 5)],
            vec![column("a", 1, 4), column("a", 1, 4)],
            vec![column("a", 3, 4)],
            vec![column("a", 0, 4)],
        ] {
            assert_eq!(NumberTable::new(wrong), None);
        }
    }

    #[test]
    fn a_table_can_be_cut_in_two() {
        let mut table =
            NumberTable::new(vec![column("a", 1, 4), column("b", 3, 12)]).expect("a table");
        let tail = table.split_off(3);
        assert_eq!((table.n_rows(), tail.n_rows()), (3, 1));
        assert_eq!((table.columns()[1].numbers.len(), tail.columns()[1].numbers.len()), (9, 3));
    }

    #[test]
    fn a_column_can_be_taken_once() {
        let mut table = NumberTable::new(vec![column("a", 1, 4)]).expect("a table");
        assert!(table.take("a").is_some() && table.take("a").is_none());
    }
}
