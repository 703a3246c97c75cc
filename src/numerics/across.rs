//! Rows of few scores at one inverse temperature each: a row per lane instead of a class per lane.
//!
//! Ten scores would fill a vector and a bit, and then be summed across its lanes seven times over. With a row
//! per lane nothing is summed across lanes, and the logarithms are taken for all rows of a vector at once.

use super::log::GROUP;
use super::moments::finish;
use super::simd::{Kernel, MAX_LANES, Simd};
use super::sweep::add_exact;
use super::{RowMoments, Score};

/// The most classes a row may have here.
pub const MAX_ACROSS: usize = 64;

/// Moments of `rows` at the inverse temperatures `b_of`.
pub struct AcrossRows<'a, S, R, B> {
    /// Scores, row-major. Every row has a finite largest one; the rest are finite or minus infinity.
    pub values: &'a [S],
    /// K, at most [`MAX_ACROSS`].
    pub n_classes: usize,
    /// Indices of the rows wanted, in order.
    pub rows: R,
    /// Inverse temperature, above 0, of the row with this index.
    pub b_of: B,
    /// Where the moments go.
    pub out: &'a mut Vec<RowMoments>,
}

/// Scores of a group of rows, class by class.
type Scores = [[f64; GROUP]; MAX_ACROSS];

impl<S: Score, R: Iterator<Item = usize>, B: Fn(usize) -> f64> Kernel for AcrossRows<'_, S, R, B> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(mut self, isa: I) {
        let k = self.n_classes;
        let mut scores: Scores = [[0.0; GROUP]; MAX_ACROSS];
        loop {
            let (mut n, mut b) = (0, [1.0; GROUP]);
            for idx in self.rows.by_ref().take(GROUP) {
                let row = &self.values[idx * k..(idx + 1) * k];
                for (class, z) in scores.iter_mut().zip(row) {
                    class[n] = z.widen();
                }
                b[n] = (self.b_of)(idx);
                n += 1;
            }
            if n == 0 {
                break;
            }
            let lanes = MAX_LANES.min(I::LANES) / 2;
            for at in (0..n).step_by(lanes) {
                let (sums, ties) = vector(isa, &scores[..k], &b[at..], at);
                finish(isa, sums, ties, lanes.min(n - at), self.out);
            }
        }
    }
}

/// Sums, and classes at the maximum, of the rows in the lanes from `at` on.
#[inline(always)]
fn vector<I: Simd>(
    isa: I,
    scores: &[[f64; GROUP]],
    b: &[f64],
    at: usize,
) -> ([I::F64s; 8], I::F64s) {
    let (zero, one) = (isa.splat_f64(0.0), isa.splat_f64(1.0));
    let minus_b = isa.sub_f64(zero, isa.load_f64(b));
    let mut max = isa.splat_f64(f64::NEG_INFINITY);
    for class in scores {
        max = isa.max_f64(max, isa.load_f64(&class[at..]));
    }
    let (mut sums, mut ties) = ([zero; 8], zero);
    for class in scores {
        let d = isa.sub_f64(max, isa.load_f64(&class[at..]));
        ties = isa.add_f64(ties, isa.pick_f64(d, zero, zero, one));
        add_exact(isa, &mut sums, d, minus_b);
    }
    (sums, ties)
}
