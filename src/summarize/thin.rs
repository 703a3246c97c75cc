//! Every s-th row of a set: for figures that must not wait for all of them.

use crate::data::Values;

use super::curve::Curves;
use super::rows::{Columns, ExactColumn, RowSummaries};

impl RowSummaries {
    /// Rows 0, `step`, 2 `step`, ... with all that is kept of them; `step` 0 counts as 1. The counts of
    /// rows that were left out stay those of the whole set.
    #[must_use]
    pub fn every(&self, step: usize) -> Self {
        let step = step.max(1);
        let exact = self.exact.iter().map(|column| ExactColumn {
            b: column.b,
            moments: every(&column.moments, 1, step),
        });
        Self {
            n_classes: self.n_classes,
            columns: self.columns.every(step),
            curves: self.curves.every(self.n_classes, step),
            exact: exact.collect(),
            left_out: self.left_out,
            beside: self.beside.clone(),
        }
    }
}

impl Columns {
    fn every(&self, step: usize) -> Self {
        Self {
            row: every(&self.row, 1, step),
            label: every(&self.label, 1, step),
            label_logit: every(&self.label_logit, 1, step),
            label_rank: every(&self.label_rank, 1, step),
            top: every(&self.top, 1, step),
            n_max: every(&self.n_max, 1, step),
            n_present: every(&self.n_present, 1, step),
            min: every(&self.min, 1, step),
            mean: every(&self.mean, 1, step),
            sd: every(&self.sd, 1, step),
            norm: every(&self.norm, 1, step),
        }
    }
}

impl Curves {
    fn every(&self, n_classes: usize, step: usize) -> Self {
        match self {
            Self::Rows(Values::F32(v)) => Self::Rows(Values::F32(every(v, n_classes, step))),
            Self::Rows(Values::F64(v)) => Self::Rows(Values::F64(every(v, n_classes, step))),
            Self::Nodes(lattice, nodes) => {
                Self::Nodes(*lattice, every(nodes, lattice.row_len(), step))
            }
        }
    }
}

/// Every `step`-th record of `width` values.
fn every<T: Clone>(values: &[T], width: usize, step: usize) -> Vec<T> {
    if step == 1 {
        return values.to_vec();
    }
    let n_records = (values.len() / width).div_ceil(step);
    let mut kept = Vec::with_capacity(n_records * width);
    for record in values.chunks_exact(width).step_by(step) {
        kept.extend_from_slice(record);
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
                assert_eq!(
                    thin.row(idx).max().to_bits(),
                    direct.row(idx).max().to_bits()
                );
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
