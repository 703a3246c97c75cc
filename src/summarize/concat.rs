//! Summaries of several files as one set of rows.

use thiserror::Error;

use crate::data::Values;

use super::curve::Curves;
use super::rows::{ExactColumn, RowSummaries};

/// Sets of rows that cannot be one.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum NotOneSet {
    /// There is no set at all.
    #[error("there are no rows to join")]
    Nothing,
    /// They differ in K.
    #[error("{0} classes and {1} classes")]
    Classes(usize, usize),
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
        rows.columns
            .row
            .iter_mut()
            .for_each(|row| *row += first_row);
        all.append(rows);
        first_row += n_read;
    }
    Ok(all)
}

impl RowSummaries {
    fn has_column_at(&self, b: f64) -> bool {
        self.exact
            .iter()
            .any(|column| column.b.total_cmp(&b).is_eq())
    }

    /// Appends rows with the same K, the same nodes and the same exact columns in the same order.
    fn append(&mut self, other: Self) {
        self.columns.append(other.columns);
        self.left_out.ignored_label += other.left_out.ignored_label;
        self.left_out.non_finite += other.left_out.non_finite;
        match (&mut self.curves, other.curves) {
            (Curves::Nodes(_, all), Curves::Nodes(_, mut more)) => all.append(&mut more),
            (Curves::Rows(all), Curves::Rows(more)) => append_scores(all, more),
            // `align` has found nodes in both or in neither.
            (Curves::Nodes(..), Curves::Rows(_)) | (Curves::Rows(_), Curves::Nodes(..)) => {}
        }
        let own = |column: ExactColumn| column.moments;
        for (column, more) in self.exact.iter_mut().zip(other.exact.into_iter().map(own)) {
            column.moments.extend(more);
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
