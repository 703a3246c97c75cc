//! Moments of many rows at a time: what all rows share is worked out once, and rows that keep their scores
//! are put side by side in vectors.

use crate::data::Values;
use crate::numerics::{
    AcrossRows, InstructionSet, Kernel, MAX_ACROSS, Moments, RowMoments, Score, Simd,
    moments_of_sums, row_sums,
};

use super::curve::Curves;
use super::rows::{NEAR, RowSummaries};

/// Rows whose sums are turned into moments together.
const GROUP_ROWS: usize = 64;

impl RowSummaries {
    /// Appends the moments of the rows `members` at inverse temperature b to `out`, in order: those of
    /// [`super::RowView::moments`] up to rounding, at a fraction of the cost.
    pub fn moments_at(
        &self,
        members: impl Iterator<Item = usize> + Clone,
        b: f64,
        out: &mut Vec<RowMoments>,
    ) {
        match &self.curves {
            Curves::Rows(Values::F32(v)) => self.moments_of_scores(v, members, |_| b, out),
            Curves::Rows(Values::F64(v)) => self.moments_of_scores(v, members, |_| b, out),
            Curves::Nodes(..) => match self.nearest(b).filter(|(_, d)| *d <= NEAR) {
                Some((column, _)) => {
                    let step = b - column.b;
                    out.extend(members.map(|idx| column.moments[idx].shifted(step)));
                }
                None => self.interpolated(members, b, out),
            },
        }
    }

    /// The same with an inverse temperature of its own for every row: `b_of` gets the row's index.
    pub fn moments_each(
        &self,
        members: impl Iterator<Item = usize> + Clone,
        b_of: impl Fn(usize) -> f64,
        out: &mut Vec<RowMoments>,
    ) {
        match &self.curves {
            Curves::Rows(Values::F32(v)) => self.moments_of_scores(v, members, b_of, out),
            Curves::Rows(Values::F64(v)) => self.moments_of_scores(v, members, b_of, out),
            Curves::Nodes(..) => out.extend(members.map(|idx| self.moments(idx, b_of(idx)))),
        }
    }

    /// True if no curve has to be extrapolated for a minimum at inverse temperature b and three octaves of
    /// temperature to either side of it. If not, another summary pass should lay the nodes around b.
    pub fn covers(&self, b: f64) -> bool {
        self.curves.cover(b)
    }

    fn interpolated(
        &self,
        members: impl Iterator<Item = usize>,
        b: f64,
        out: &mut Vec<RowMoments>,
    ) {
        let Curves::Nodes(lattice, nodes) = &self.curves else {
            return;
        };
        let (len, at, at_double) = (lattice.row_len(), lattice.at_b(b), lattice.at_b(2.0 * b));
        out.extend(members.map(|idx| {
            let (row, ends) = (&nodes[idx * len..(idx + 1) * len], self.row(idx).ends());
            RowMoments {
                at: at.moments(row, &ends),
                at_double: at_double.moments(row, &ends),
            }
        }));
    }

    fn moments_of_scores<S: Score>(
        &self,
        values: &[S],
        members: impl Iterator<Item = usize> + Clone,
        b_of: impl Fn(usize) -> f64,
        out: &mut Vec<RowMoments>,
    ) {
        let n_classes = self.n_classes;
        if n_classes <= MAX_ACROSS {
            return InstructionSet::best().run(AcrossRows {
                values,
                n_classes,
                rows: members,
                b_of,
                out,
            });
        }
        InstructionSet::best().run(AlongRows {
            rows: self,
            values,
            members,
            b_of,
            out,
        });
    }
}

/// Rows of so many scores that each fills its own vectors: those of a sample.
struct AlongRows<'a, S, M, B> {
    rows: &'a RowSummaries,
    values: &'a [S],
    members: M,
    b_of: B,
    out: &'a mut Vec<RowMoments>,
}

impl<S: Score, M: Iterator<Item = usize>, B: Fn(usize) -> f64> Kernel for AlongRows<'_, S, M, B> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) {
        let (columns, k) = (&self.rows.columns, self.rows.n_classes);
        let mut sums = Vec::with_capacity(GROUP_ROWS);
        for idx in self.members {
            let row = &self.values[idx * k..(idx + 1) * k];
            let max = row[columns.top[idx][0].0 as usize];
            sums.push(row_sums(
                isa,
                row,
                (max, columns.n_max[idx]),
                (self.b_of)(idx),
            ));
            if sums.len() == GROUP_ROWS {
                moments_of_sums(&sums, self.out);
                sums.clear();
            }
        }
        moments_of_sums(&sums, self.out);
    }
}

impl RowMoments {
    /// The same row at b + `step`, see [`Moments::shifted`].
    #[must_use]
    pub(super) fn shifted(&self, step: f64) -> Self {
        let shifted = |m: &Moments, step| m.shifted(step);
        Self {
            at: shifted(&self.at, step),
            at_double: shifted(&self.at_double, 2.0 * step),
        }
    }
}
