//! Moments of many rows at a time: what all rows share is worked out once, and rows that keep their scores
//! are put side by side in vectors.

use crate::data::Values;
use crate::numerics::{
    AcrossRows, InstructionSet, Kernel, Lattice, LatticeAt, MAX_ACROSS, RowMoments, Score, Simd,
    moments_of_sums, row_sums,
};

use super::curve::Curves;
use super::rows::{NEAR, RowSummaries};

/// Rows whose sums are turned into moments together.
const GROUP_ROWS: usize = 64;

/// Inverse temperatures that are remembered when every row may have its own: those of folds are few.
const MAX_REMEMBERED: usize = 64;

/// Rows without scores at one inverse temperature.
enum At<'a> {
    /// By a step from an exact column nearby.
    Column(&'a [RowMoments], f64),
    /// From the nodes.
    Nodes(Box<NodesAt<'a>>),
}

/// The nodes of all rows at b and 2b.
struct NodesAt<'a> {
    nodes: &'a [f32],
    at: LatticeAt,
    at_double: LatticeAt,
}

impl RowSummaries {
    /// Appends the moments of the rows `members` at inverse temperature b to `out`, in order: those of
    /// [`super::RowView::moments`] up to rounding, at a fraction of the cost.
    pub fn moments_at(
        &self,
        members: impl Iterator<Item = usize>,
        b: f64,
        out: &mut Vec<RowMoments>,
    ) {
        match &self.curves {
            Curves::Rows(Values::F32(v)) => self.moments_of_scores(v, members, |_| b, out),
            Curves::Rows(Values::F64(v)) => self.moments_of_scores(v, members, |_| b, out),
            Curves::Nodes(lattice, nodes) => {
                let at = self.at(lattice, nodes, b);
                out.extend(members.map(|idx| at.row(self, lattice, idx)));
            }
        }
    }

    /// The same with an inverse temperature of its own for every row: `b_of` gets the row's index.
    pub fn moments_each(
        &self,
        members: impl Iterator<Item = usize>,
        b_of: impl Fn(usize) -> f64,
        out: &mut Vec<RowMoments>,
    ) {
        let (lattice, nodes) = match &self.curves {
            Curves::Rows(Values::F32(v)) => return self.moments_of_scores(v, members, b_of, out),
            Curves::Rows(Values::F64(v)) => return self.moments_of_scores(v, members, b_of, out),
            Curves::Nodes(lattice, nodes) => (lattice, nodes),
        };
        let mut known: Vec<(f64, At<'_>)> = Vec::new();
        out.extend(members.map(|idx| {
            let b = b_of(idx);
            let place = known.iter().position(|k| k.0.total_cmp(&b).is_eq());
            let place = place.unwrap_or_else(|| {
                known.truncate(MAX_REMEMBERED - 1);
                known.push((b, self.at(lattice, nodes, b)));
                known.len() - 1
            });
            known[place].1.row(self, lattice, idx)
        }));
    }

    /// What all rows share at b.
    fn at<'a>(&'a self, lattice: &Lattice, nodes: &'a [f32], b: f64) -> At<'a> {
        match self.nearest(b).filter(|(_, distance)| *distance <= NEAR) {
            Some((column, _)) => At::Column(&column.moments, b - column.b),
            None => At::Nodes(Box::new(NodesAt {
                nodes,
                at: lattice.at_b(b),
                at_double: lattice.at_b(2.0 * b),
            })),
        }
    }

    /// True if no curve has to be extrapolated for a minimum at inverse temperature b and `octaves` of
    /// temperature to either side of it. If not, another summary pass should lay the nodes around b.
    pub fn covers(&self, b: f64, octaves: f64) -> bool {
        self.curves.cover(b, octaves)
    }

    fn moments_of_scores<S: Score>(
        &self,
        values: &[S],
        members: impl Iterator<Item = usize>,
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
        InstructionSet::best().run(AlongRows { rows: self, values, members, b_of, out });
    }
}

impl At<'_> {
    #[inline]
    fn row(&self, rows: &RowSummaries, lattice: &Lattice, idx: usize) -> RowMoments {
        match self {
            Self::Column(moments, step) => moments[idx].shifted(*step),
            Self::Nodes(all) => {
                let (len, ends) = (lattice.row_len(), rows.row(idx).ends());
                let row = &all.nodes[idx * len..(idx + 1) * len];
                RowMoments {
                    at: all.at.moments(row, &ends),
                    at_double: all.at_double.moments(row, &ends),
                }
            }
        }
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
            sums.push(row_sums(isa, row, (max, columns.n_max[idx]), (self.b_of)(idx)));
            if sums.len() == GROUP_ROWS {
                moments_of_sums(isa, &sums, self.out);
                sums.clear();
            }
        }
        moments_of_sums(isa, &sums, self.out);
    }
}
