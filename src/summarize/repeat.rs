//! The same rows many times over, for measuring and testing at sizes that need no file.

use crate::data::Values;

use super::curve::Curves;
use super::rows::{Columns, RowSummaries};

impl RowSummaries {
    /// These rows `times` over: what a source would give that holds each of them so often. Every mean stays what it
    /// is; `Columns::row` goes on counting.
    #[must_use]
    pub fn repeated(&self, times: usize) -> Self {
        let mut columns = Columns::default();
        let n_rows = self.columns.row.iter().max().map_or(0, |last| last + 1);
        for copy in 0..times as u64 {
            let mut more = self.columns.clone();
            more.row.iter_mut().for_each(|row| *row += copy * n_rows);
            columns.append(more);
        }
        let mut repeated = Self { columns, ..self.clone() };
        match &mut repeated.curves {
            Curves::Rows(Values::F32(v)) => *v = v.repeat(times),
            Curves::Rows(Values::F64(v)) => *v = v.repeat(times),
            Curves::Nodes(_, nodes) => *nodes = nodes.repeat(times),
        }
        for column in &mut repeated.exact {
            column.moments = column.moments.repeat(times);
        }
        repeated
    }
}
