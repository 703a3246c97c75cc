//! One inverse temperature on a lattice, worked out once for all rows.

use super::{HOT, Jet, Lattice, Moments, NodeMoments, RowEnds, hermite, moments_from_log};

/// Numbers of two neighbouring nodes: F, dF/dx, d2F/dx2 of each.
const PAIR: usize = 6;

/// An inverse temperature with its place on a lattice. Every row of a data set is asked at the same few
/// temperatures, so the logarithm, the interval and the weights of its six numbers are computed here and not
/// per row: what is left is two inner products of length six.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LatticePoint {
    lattice: Lattice,
    b: f64,
    inner: Option<Inner>,
}

/// A place between two nodes.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Inner {
    /// Where the two nodes begin within a row.
    start: usize,
    /// Weights of their numbers in F and its first two derivatives in x = ln b.
    weights: [[f64; PAIR]; 3],
}

impl Lattice {
    /// The place of inverse temperature b > 0.
    pub fn point(&self, b: f64) -> LatticePoint {
        let position = 2.0 * b.log2() - f64::from(self.first);
        let inside = position > 0.0 && position < (self.n_nodes - 1) as f64;
        LatticePoint {
            lattice: *self,
            b,
            inner: inside.then(|| Inner::at(position)),
        }
    }
}

impl Inner {
    fn at(position: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between the first and the last node"
        )]
        let idx = position as usize;
        let t = position - idx as f64;
        let mut weights = [[0.0; PAIR]; 3];
        // The interpolation is linear in the six numbers: its weights are what it makes of the unit vectors.
        for number in 0..PAIR {
            let unit = |of: usize| if of == number { 1.0 } else { 0.0 };
            let (left, right) = (
                Jet(unit(0), unit(1), unit(2)),
                Jet(unit(3), unit(4), unit(5)),
            );
            let Jet(value, first, second) = hermite(left, right, std::f64::consts::LN_2 / 2.0, t);
            for (row, weight) in weights.iter_mut().zip([value, first, second]) {
                row[number] = weight;
            }
        }
        Self {
            start: idx * super::PER_NODE,
            weights,
        }
    }
}

impl LatticePoint {
    /// The same as [`Lattice::at`] to rounding.
    #[inline(always)]
    pub fn moments(&self, nodes: NodeMoments<'_>, ends: &RowEnds) -> Moments {
        let Some(inner) = self.usable(ends) else {
            return self.lattice.at(nodes, ends, self.b);
        };
        let pair = numbers(nodes, inner.start);
        let [value, first, second] = &inner.weights;
        let jet = Jet(dot(value, &pair), dot(first, &pair), dot(second, &pair));
        moments_from_log(jet, self.b)
    }

    /// [`Moments::log_z`] alone.
    #[inline(always)]
    pub fn log_z(&self, nodes: NodeMoments<'_>, ends: &RowEnds) -> f64 {
        match self.usable(ends) {
            Some(inner) => dot(&inner.weights[0], &numbers(nodes, inner.start)),
            None => self.lattice.at(nodes, ends, self.b).log_z,
        }
    }

    /// The interval, unless it is one of the ends or the row is hot (see [`Lattice::at`]).
    #[inline(always)]
    fn usable(&self, ends: &RowEnds) -> Option<&Inner> {
        let inner = self.inner.as_ref();
        inner.filter(|_| self.b * ends.mean_below_max >= HOT)
    }
}

#[inline(always)]
fn numbers(nodes: NodeMoments<'_>, start: usize) -> [f64; PAIR] {
    let mut pair = [0.0; PAIR];
    for (number, node) in pair.iter_mut().zip(&nodes[start..start + PAIR]) {
        *number = f64::from(*node);
    }
    pair
}

#[inline(always)]
fn dot(x: &[f64; PAIR], y: &[f64; PAIR]) -> f64 {
    (x[0] * y[0] + x[1] * y[1] + x[2] * y[2]) + (x[3] * y[3] + x[4] * y[4] + x[5] * y[5])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_point_says_what_the_lattice_says(
            row in proptest::collection::vec(-30.0..30.0f64, 50..90), log_b in -14.0..14.0f64,
        ) {
            let profile = crate::numerics::profile(&row, false).expect("finite");
            let ends = RowEnds {
                n_max: f64::from(profile.n_max),
                n_present: f64::from(profile.n_present),
                mean_below_max: profile.top[0].1 - profile.mean,
                variance: profile.sd * profile.sd,
            };
            let lattice = Lattice::covering(0.5);
            let mut nodes = vec![0.0; lattice.row_len()];
            lattice.summarize(&row, profile.top[0].1, profile.n_max, &mut nodes);
            let b = log_b.exp2();
            let (want, point) = (lattice.at(&nodes, &ends, b), lattice.point(b));
            let got = point.moments(&nodes, &ends);
            let scale = 1.0 + b * want.below_max;
            prop_assert!((got.log_z - want.log_z).abs() <= 1e-13 * (1.0 + want.log_z.abs()) * scale);
            prop_assert!(b * (got.below_max - want.below_max).abs() <= 1e-12 * scale);
            prop_assert!(b * b * (got.variance - want.variance).abs() <= 1e-11 * scale * scale);
            prop_assert!((point.log_z(&nodes, &ends) - got.log_z).abs() <= f64::EPSILON);
        }
    }
}
