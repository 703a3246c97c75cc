//! All rows at one inverse temperature: where its moments come from is decided once, not per row.

use crate::numerics::{LatticePoint, Moments, RowMoments};

use super::curve::Curves;
use super::rows::{ExactColumn, NEAR, RowSummaries};

/// [`RowSummaries`] at one inverse temperature.
#[derive(Clone, Copy, Debug)]
pub struct MomentsAt<'a> {
    rows: &'a RowSummaries,
    b: f64,
    source: MomentSource<'a>,
}

/// Where moments come from.
#[derive(Clone, Copy, Debug)]
enum MomentSource<'a> {
    /// The scores.
    Scores,
    /// A Taylor step from an exact column nearby.
    Column(&'a ExactColumn),
    /// The nodes, at b and at 2b.
    Nodes(&'a [f32], usize, [LatticePoint; 2]),
}

impl RowSummaries {
    /// All rows at b: from the scores, from an exact column nearby, or from the nodes.
    pub fn at(&self, b: f64) -> MomentsAt<'_> {
        let source = match (&self.curves, self.nearest(b)) {
            (Curves::Rows(_), _) => MomentSource::Scores,
            (_, Some((column, distance))) if distance <= NEAR => MomentSource::Column(column),
            (Curves::Nodes(lattice, nodes), _) => {
                let points = [lattice.point(b), lattice.point(2.0 * b)];
                MomentSource::Nodes(nodes, lattice.row_len(), points)
            }
        };
        MomentsAt {
            rows: self,
            b,
            source,
        }
    }
}

impl MomentsAt<'_> {
    /// The inverse temperature.
    pub fn b(&self) -> f64 {
        self.b
    }

    /// Moments of row `idx` at b and at 2b.
    #[inline(always)]
    pub fn both(&self, idx: usize) -> RowMoments {
        match self.source {
            MomentSource::Column(column) => {
                let RowMoments { at, at_double } = column.moments[idx];
                let step = self.b - column.b;
                RowMoments {
                    at: at.shifted(step),
                    at_double: at_double.shifted(2.0 * step),
                }
            }
            MomentSource::Scores => self.of_scores(idx),
            MomentSource::Nodes(nodes, len, [single, double]) => {
                let (row, ends) = (
                    &nodes[idx * len..(idx + 1) * len],
                    self.rows.row(idx).ends(),
                );
                RowMoments {
                    at: single.moments(row, &ends),
                    at_double: double.moments(row, &ends),
                }
            }
        }
    }

    /// Moments of row `idx` at b.
    #[inline(always)]
    pub fn single(&self, idx: usize) -> Moments {
        match self.source {
            MomentSource::Column(column) => column.moments[idx].at.shifted(self.b - column.b),
            MomentSource::Scores => self.of_scores(idx).at,
            MomentSource::Nodes(nodes, len, [single, _]) => {
                let row = &nodes[idx * len..(idx + 1) * len];
                single.moments(row, &self.rows.row(idx).ends())
            }
        }
    }

    #[inline(always)]
    fn of_scores(&self, idx: usize) -> RowMoments {
        let ends = self.rows.row(idx).ends();
        let (moments, _) = self.rows.curves.at(idx, self.rows.n_classes, &ends, self.b);
        moments
    }
}
