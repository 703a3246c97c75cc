//! What a row keeps of its scores to answer at any temperature.

use crate::data::{Values, ValuesRef};
use crate::numerics::{Lattice, Moments, RowEnds, RowMoments, row_moments};

/// The curves of all rows.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Curves {
    /// The scores themselves, row-major.
    Rows(Values),
    /// Nodes of the log-partition function, [`Lattice::row_len`] numbers per row.
    Nodes(Lattice, Vec<f32>),
}

impl Curves {
    /// Room for `n` scores of the type that a source delivers.
    pub(super) fn for_rows(values: ValuesRef<'_>, n: usize) -> Self {
        match values {
            ValuesRef::F32(_) => Self::Rows(Values::F32(Vec::with_capacity(n))),
            ValuesRef::F64(_) => Self::Rows(Values::F64(Vec::with_capacity(n))),
        }
    }

    /// True if moments at a minimum at inverse temperature b, and `octaves` around it, need not be
    /// extrapolated.
    pub(super) fn cover(&self, b: f64, octaves: f64) -> bool {
        match self {
            Self::Rows(_) => true,
            Self::Nodes(lattice, _) => lattice.covers(b, octaves),
        }
    }

    /// Moments of row `idx` at b from what is kept, and whether they are exact.
    #[inline(always)]
    pub(super) fn at(&self, idx: usize, k: usize, ends: &RowEnds, b: f64) -> (RowMoments, bool) {
        let (start, end) = (idx * k, (idx + 1) * k);
        match self {
            Self::Rows(Values::F32(v)) => (small_row(&v[start..end], ends, b), true),
            Self::Rows(Values::F64(v)) => (small_row(&v[start..end], ends, b), true),
            Self::Nodes(lattice, nodes) => {
                let len = lattice.row_len();
                let row = &nodes[idx * len..(idx + 1) * len];
                let at = |b| -> Moments { lattice.at(row, ends, b) };
                (RowMoments { at: at(b), at_double: at(2.0 * b) }, false)
            }
        }
    }
}

#[inline(always)]
fn small_row<S: crate::numerics::Score>(row: &[S], ends: &RowEnds, b: f64) -> RowMoments {
    let max = row.iter().fold(f64::NEG_INFINITY, |max, z| max.max(z.widen()));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of classes"
    )]
    row_moments(row, max, ends.n_max as u32, b)
}
