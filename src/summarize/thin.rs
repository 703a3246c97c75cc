//! Some rows of a set: every s-th for figures that must not wait for all of them, or those that belong together.

use crate::data::Values;

use super::curve::Curves;
use super::rows::{Columns, ExactColumn, RowSummaries};
use super::soft::SoftRows;

impl RowSummaries {
    /// Rows 0, `step`, 2 `step`, ... with all that is kept of them; `step` 0 counts as 1. The counts of
    /// rows that were left out stay those of the whole set.
    #[must_use]
    pub fn every(&self, step: usize) -> Self {
        self.of(|n| (0..n).step_by(step.max(1)))
    }

    /// The rows `members`, by index, with all that is kept of them. The counts of rows that were left out stay those
    /// of the whole set.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, members: &[u32]) -> Self {
        self.of(|_| members.iter().map(|idx| *idx as usize))
    }

    fn of<I: Iterator<Item = usize>>(&self, rows: impl Fn(usize) -> I) -> Self {
        let n = self.len();
        let exact = self.exact.iter().map(|column| ExactColumn {
            b: column.b,
            moments: records(&column.moments, 1, rows(n)),
            label: some_records(&column.label, 1, rows(n)),
        });
        Self {
            n_classes: self.n_classes,
            recorded: self.recorded,
            columns: self.columns.of(|| rows(n)),
            curves: self.curves.of(self.n_classes, rows(n)),
            exact: exact.collect(),
            left_out: self.left_out,
            // What was gathered speaks of all rows.
            gathered: None,
            some_hashes: None,
            beside: self.beside.of_rows(rows(n)),
            soft: self.soft.as_ref().map(|soft| soft.of(self.n_classes, || rows(n))),
        }
    }
}

impl Columns {
    fn of<I: Iterator<Item = usize>>(&self, rows: impl Fn() -> I) -> Self {
        Self {
            row: records(&self.row, 1, rows()),
            label: records(&self.label, 1, rows()),
            label_logit: records(&self.label_logit, 1, rows()),
            label_rank: records(&self.label_rank, 1, rows()),
            top: records(&self.top, 1, rows()),
            n_max: records(&self.n_max, 1, rows()),
            n_present: records(&self.n_present, 1, rows()),
            min: records(&self.min, 1, rows()),
            mean: records(&self.mean, 1, rows()),
            sd: records(&self.sd, 1, rows()),
            norm: records(&self.norm, 1, rows()),
        }
    }
}

impl Curves {
    fn of(&self, n_classes: usize, rows: impl Iterator<Item = usize>) -> Self {
        match self {
            Self::Rows(Values::F32(v)) => Self::Rows(Values::F32(records(v, n_classes, rows))),
            Self::Rows(Values::F64(v)) => Self::Rows(Values::F64(records(v, n_classes, rows))),
            Self::Nodes(lattice, nodes) => {
                Self::Nodes(*lattice, records(nodes, lattice.row_len(), rows))
            }
        }
    }
}

impl SoftRows {
    fn of<I: Iterator<Item = usize>>(&self, n_classes: usize, rows: impl Fn() -> I) -> Self {
        Self {
            label_score: records(&self.label_score, 1, rows()),
            squares: records(&self.squares, 1, rows()),
            entropy: records(&self.entropy, 1, rows()),
            n_largest: records(&self.n_largest, 1, rows()),
            predicted: records(&self.predicted, 1, rows()),
            probabilities: some_records(&self.probabilities, n_classes, rows()),
        }
    }
}

/// As [`records`]; none of a column that is empty because its numbers are not kept.
fn some_records<T: Clone>(values: &[T], width: usize, rows: impl Iterator<Item = usize>) -> Vec<T> {
    if values.is_empty() {
        return Vec::new();
    }
    records(values, width, rows)
}

/// The records `rows` of `width` values each.
fn records<T: Clone>(values: &[T], width: usize, rows: impl Iterator<Item = usize>) -> Vec<T> {
    let mut kept = Vec::with_capacity(rows.size_hint().0 * width);
    for row in rows {
        kept.extend_from_slice(&values[row * width..(row + 1) * width]);
    }
    kept
}

#[cfg(test)]
mod tests {
    use crate::data::{Kind, Label, MemorySource, Values};
    use crate::summarize::{RowSummaries, exact, summarize};

    fn source(n: usize, k: usize, step: usize) -> MemorySource {
        let mut values = Vec::new();
        let mut labels = Vec::new();
        for row in (0..n).step_by(step) {
            values.extend((0..k).map(|c| ((row * k + c) * 7919 % 1009) as f32 / 97.0));
            let class = u32::try_from(row % k).expect("few classes");
            labels.push(Label::class(class).expect("few classes"));
        }
        MemorySource::new(k, Kind::Logits, Values::F32(values), labels).expect("lengths agree")
    }

    fn summarised(source: &MemorySource) -> RowSummaries {
        let mut rows = summarize(source, 1.0, &mut |_| true).expect("in memory");
        if !rows.keeps_scores() {
            let columns = exact(source, &rows, &[1.0], &mut |_| true).expect("in memory");
            rows.add_exact(columns);
        }
        rows
    }

    #[test]
    fn every_third_row_is_what_a_pass_over_every_third_row_gives() {
        for k in [7, 90] {
            let thin = summarised(&source(1000, k, 1)).every(3);
            let direct = summarised(&source(1000, k, 3));
            assert_eq!(thin.len(), 334);
            assert_eq!(thin.columns().row[1], 3);
            for idx in 0..thin.len() {
                for b in [1.0, 0.4] {
                    assert_eq!(thin.row(idx).moments(b), direct.row(idx).moments(b));
                }
                assert_eq!(thin.row(idx).label(), direct.row(idx).label());
                assert_eq!(thin.row(idx).max().to_bits(), direct.row(idx).max().to_bits());
            }
        }
    }

    #[test]
    fn a_step_of_one_keeps_all() {
        let rows = summarised(&source(50, 3, 1));
        assert_eq!(rows.every(1), rows);
        assert_eq!(rows.every(0), rows);
    }
}
