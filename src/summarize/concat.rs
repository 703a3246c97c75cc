//! Summaries of several files as one set of rows.

use std::sync::Arc;

use thiserror::Error;

use crate::data::Values;

use super::curve::Curves;
use super::rows::RowSummaries;

/// Sets of rows that cannot be one.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NotOneSet {
    /// There is no set at all.
    #[error("there are no rows to join")]
    Nothing,
    /// They differ in K.
    #[error("{0} classes and {1} classes")]
    Classes(usize, usize),
    /// The labels of some are distributions.
    #[error("some labels are distributions and others classes")]
    Labels,
    /// Some keep scores and others nodes, or their lattices have no node in common.
    #[error("their lattices share no node, so that no temperature is described by both")]
    Curves,
}

/// The rows of all `sets` in order, each with the number of rows its source had, by which the row numbers of the
/// next ones are moved on.
///
/// Of the nodes the common range is kept, of the exact columns those at an inverse temperature that all sets share:
/// T = 1 as a rule. A temperature that is fitted on all of them is then interpolated, see
/// [`RowSummaries::is_exact_at`].
///
/// # Errors
/// If the sets differ in K or share no node.
pub fn concat(sets: Vec<(RowSummaries, u64)>) -> Result<RowSummaries, NotOneSet> {
    let (mut sets, n_read): (Vec<RowSummaries>, Vec<u64>) = sets.into_iter().unzip();
    let k = sets.first().ok_or(NotOneSet::Nothing)?.n_classes;
    if let Some(other) = sets.iter().find(|rows| rows.n_classes != k) {
        return Err(NotOneSet::Classes(k, other.n_classes));
    }
    let is_soft = sets[0].soft().is_some();
    if sets.iter().any(|rows| rows.soft().is_some() != is_soft) {
        return Err(NotOneSet::Labels);
    }
    if !RowSummaries::align(&mut sets.iter_mut().collect::<Vec<_>>()) {
        return Err(NotOneSet::Curves);
    }
    let shared: Vec<f64> = sets[0]
        .exact_at()
        .into_iter()
        .filter(|b| sets.iter().all(|rows| rows.has_column_at(*b)))
        .collect();
    let mut sets = sets.into_iter().zip(n_read);
    let (mut all, mut first_row) = sets.next().ok_or(NotOneSet::Nothing)?;
    all.keep_exact(&shared);
    for (mut rows, n_read) in sets {
        rows.keep_exact(&shared);
        rows.columns.row.iter_mut().for_each(|row| *row += first_row);
        all.append_gathered(&rows, first_row);
        all.append_beside(&rows, first_row);
        all.append(rows);
        first_row += n_read;
    }
    Ok(all)
}

impl RowSummaries {
    fn has_column_at(&self, b: f64) -> bool {
        self.exact.iter().any(|column| column.b.total_cmp(&b).is_eq())
    }

    /// What was gathered of both, if it was gathered of both. `first_row` is the number of the first row of `other`.
    fn append_gathered(&mut self, other: &Self, first_row: u64) {
        self.gathered = self.gathered.take().zip(other.gathered()).map(|(all, more)| {
            let mut all = Arc::unwrap_or_clone(all);
            all.append(more, first_row);
            Arc::new(all)
        });
    }

    /// Appends rows with the same K, the same nodes and the same exact columns in the same order.
    fn append(&mut self, other: Self) {
        self.recorded.is_rounded &= other.recorded.is_rounded;
        self.columns.append(other.columns);
        self.left_out.ignored_label += other.left_out.ignored_label;
        self.left_out.non_finite += other.left_out.non_finite;
        match (&mut self.curves, other.curves) {
            (Curves::Nodes(_, all), Curves::Nodes(_, mut more)) => all.append(&mut more),
            (Curves::Rows(all), Curves::Rows(more)) => append_scores(all, more),
            // `align` has found nodes in both or in neither.
            (Curves::Nodes(..), Curves::Rows(_)) | (Curves::Rows(_), Curves::Nodes(..)) => {}
        }
        for (column, more) in self.exact.iter_mut().zip(other.exact) {
            column.moments.extend(more.moments);
            column.label.extend(more.label);
        }
        if let (Some(all), Some(more)) = (&mut self.soft, other.soft) {
            all.append(more);
        }
    }
}

/// f32 scores become f64 beside f64 ones, which loses nothing.
fn append_scores(all: &mut Values, more: Values) {
    let widen = |v: Vec<f32>| v.into_iter().map(f64::from).collect::<Vec<f64>>();
    match (&mut *all, more) {
        (Values::F32(all), Values::F32(more)) => all.extend(more),
        (Values::F64(all), Values::F64(more)) => all.extend(more),
        (Values::F64(all), Values::F32(more)) => all.extend(widen(more)),
        (Values::F32(narrow), Values::F64(more)) => {
            let mut wide = widen(std::mem::take(narrow));
            wide.extend(more);
            *all = Values::F64(wide);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Kind, Label, MemorySource};
    use crate::summarize::{exact, summarize};

    const N: usize = 120;

    /// Rows `from..to` of one made-up matrix, with nodes around `b0` and exact columns at `bs`.
    fn rows(k: usize, (from, to): (usize, usize), b0: f64, bs: &[f64]) -> (RowSummaries, u64) {
        let values = (from * k..to * k).map(|i| (i * 7919 % 1009) as f32 / 97.0 - 6.0);
        let label = |i: usize| match i % 13 {
            3 => Label::IGNORED,
            _ => Label::class(u32::try_from(i % k).expect("few")).expect("few"),
        };
        let labels = (from..to).map(label).collect();
        let values = Values::F32(values.collect());
        let source = MemorySource::new(k, Kind::Logits, values, labels).expect("lengths agree");
        let mut rows = summarize(&source, b0, &mut |_| true).expect("in memory");
        if !rows.keeps_scores() {
            rows.add_exact(exact(&source, &rows, bs, &mut |_| true).expect("in memory"));
        }
        (rows, (to - from) as u64)
    }

    #[test]
    fn shards_make_the_whole() {
        for k in [5, 90] {
            let parts = [(0, 50), (50, 51), (51, N)].map(|range| rows(k, range, 1.0, &[1.0, 0.4]));
            let whole = rows(k, (0, N), 1.0, &[1.0, 0.4]).0;
            assert_eq!(concat(parts.into()), Ok(whole), "K = {k}");
        }
    }

    #[test]
    fn what_only_one_has_is_left_out() {
        let a = rows(90, (0, 50), 1.0, &[1.0, 0.4]);
        let b = rows(90, (50, N), 0.1, &[0.3, 1.0]);
        let (of_a, of_b) = (a.0.lattice().expect("nodes"), b.0.lattice().expect("nodes"));
        let joined = concat(vec![a, b]).expect("they share nodes");
        assert_eq!(joined.lattice(), of_a.common(&of_b));
        assert_eq!(joined.exact_at(), [1.0]);
        let whole = rows(90, (0, N), 1.0, &[1.0]).0;
        for idx in 0..joined.len() {
            assert_eq!(joined.row(idx).moments(1.0), whole.row(idx).moments(1.0));
            let at = |rows: &RowSummaries| rows.row(idx).moments(0.7).at.log_z;
            assert!((at(&joined) - at(&whole)).abs() < 1e-3);
        }
    }

    #[test]
    fn sets_of_different_models_are_refused() {
        let far = |b0| rows(90, (0, 50), b0, &[1.0]);
        assert_eq!(concat(vec![]), Err(NotOneSet::Nothing));
        assert_eq!(
            concat(vec![rows(5, (0, 9), 1.0, &[]), rows(6, (0, 9), 1.0, &[])]),
            Err(NotOneSet::Classes(5, 6))
        );
        assert_eq!(concat(vec![far(1.0), far(1e15)]), Err(NotOneSet::Curves));
    }
}
