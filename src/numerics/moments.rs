//! The log-partition function of one row and its derivatives, at one inverse temperature.

use super::exp::exp_nonpositive;
use super::log::{GROUP, ln_1p};
use super::simd::{MAX_LANES, Simd};
use super::sweep::{ExactOnly, Sweep, Unneeded};
use super::{RowSums, Score};

/// Lanes of the running sums.
const LANES: usize = 8;

/// log Z(b) = log `sum_k` exp(b `z_k`) of a row and its derivatives in b, all relative to the row's
/// largest score m, so that confident rows keep their digits.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Moments {
    /// log Z(b) - b m >= 0, in nats; the confidence is exp of minus this.
    pub log_z: f64,
    /// m - E\[z\] >= 0 under softmax(b z), in logits.
    pub below_max: f64,
    /// Var\[z\] >= 0 under softmax(b z), in logits squared.
    pub variance: f64,
    /// Third central moment of z under softmax(b z): the third derivative of log Z.
    pub third: f64,
}

impl Moments {
    /// From sums over the classes below the maximum of e, e d, e d^2, e d^3, where d = m - z > 0 and
    /// e = exp(-b d), and from the number of classes at the maximum.
    fn from_sums([s0, s1, s2, s3]: [f64; 4], n_max: f64) -> Self {
        let z = n_max + s0;
        let (m1, m2, m3) = (s1 / z, s2 / z, s3 / z);
        Self {
            // ln(1 + s0) without forming 1 + s0, which would drop s0 below 1e-16.
            log_z: (s0 + (n_max - 1.0)).ln_1p(),
            below_max: m1,
            variance: m2 - m1 * m1,
            third: third([m1, m2, m3]),
        }
    }

    /// The same row at b + `step`, by Taylor expansion to third order (fourth-order error).
    #[must_use]
    pub fn shifted(&self, step: f64) -> Self {
        let (h, h2) = (step, step * step);
        Self {
            log_z: self.log_z - self.below_max * h
                + self.variance * h2 / 2.0
                + self.third * h2 * h / 6.0,
            below_max: self.below_max - self.variance * h - self.third * h2 / 2.0,
            variance: self.variance + self.third * h,
            third: self.third,
        }
    }
}

/// A row at b and at 2b. The Brier score needs both: sum p^2 = Z(2b) / Z(b)^2.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct RowMoments {
    /// At b.
    pub at: Moments,
    /// At 2b.
    pub at_double: Moments,
}

impl RowMoments {
    /// The same row at b + `step`, see [`Moments::shifted`].
    #[must_use]
    pub fn shifted(&self, step: f64) -> Self {
        Self { at: self.at.shifted(step), at_double: self.at_double.shifted(2.0 * step) }
    }
}

/// Moments of `row` at b > 0. `max` is its largest score and `n_max` how many classes have it; absent
/// classes (minus infinity) contribute nothing.
#[inline(always)]
pub fn row_moments<S: Score>(row: &[S], max: f64, n_max: u32, b: f64) -> RowMoments {
    let mut single = [[0.0; LANES]; 4];
    let mut double = [[0.0; LANES]; 4];
    let mut add = |l: usize, z: f64| {
        let d = max - z;
        // At the maximum d = 0: counted by `n_max`. Absent: d is infinite and 0 * infinity is NaN.
        let live = d > 0.0 && d < f64::INFINITY;
        let d = if live { d } else { 0.0 };
        let e = if live { exp_nonpositive(-b * d) } else { 0.0 };
        let (ed, f) = (e * d, e * e);
        let (edd, fd) = (ed * d, f * d);
        single[0][l] += e;
        single[1][l] += ed;
        single[2][l] += edd;
        single[3][l] += edd * d;
        double[0][l] += f;
        double[1][l] += fd;
        double[2][l] += fd * d;
        double[3][l] += fd * d * d;
    };
    let chunks = row.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (l, z) in chunk.iter().enumerate() {
            add(l, z.widen());
        }
    }
    for (l, z) in rest.iter().enumerate() {
        add(l, z.widen());
    }
    let n_max = f64::from(n_max);
    RowMoments {
        at: Moments::from_sums(single.map(|lane| lane.iter().sum()), n_max),
        at_double: Moments::from_sums(double.map(|lane| lane.iter().sum()), n_max),
    }
}

/// The sums of [`row_moments`] on the instruction set `isa`. `max` and `n_max` are those of the row; absent
/// classes contribute nothing.
#[inline(always)]
pub fn row_sums<I: Simd, S: Score>(isa: I, row: &[S], (max, n_max): (S, u32), b: f64) -> RowSums {
    let mut sweep = Sweep::new(isa);
    sweep.add::<S, ExactOnly>(isa, row, (max, b), &mut Unneeded);
    RowSums { sums: sweep.exact(isa), n_max }
}

/// Appends the moments of many rows to `out`, as many at a time as a vector holds.
#[inline(always)]
pub fn moments_of_sums<I: Simd>(isa: I, rows: &[RowSums], out: &mut Vec<RowMoments>) {
    let lanes = MAX_LANES.min(I::LANES) / 2;
    for group in rows.chunks(lanes) {
        let (mut sums, mut n_max) = ([[0.0; GROUP]; 8], [1.0; GROUP]);
        for (at, row) in group.iter().enumerate() {
            for (sums, sum) in sums.iter_mut().zip(row.sums) {
                sums[at] = sum;
            }
            n_max[at] = f64::from(row.n_max);
        }
        let mut loaded = [isa.splat_f64(0.0); 8];
        for (lanes, sums) in loaded.iter_mut().zip(&sums) {
            *lanes = isa.load_f64(sums);
        }
        finish(isa, loaded, isa.load_f64(&n_max), group.len(), out);
    }
}

/// Appends the moments of the rows in the first `n_rows` lanes, as [`Moments::from_sums`].
#[inline(always)]
pub(super) fn finish<I: Simd>(
    isa: I,
    [s0, s1, s2, s3, t0, t1, t2, t3]: [I::F64s; 8],
    n_max: I::F64s,
    n_rows: usize,
    out: &mut Vec<RowMoments>,
) {
    let single = finish_once(isa, [s0, s1, s2, s3], n_max);
    let double = finish_once(isa, [t0, t1, t2, t3], n_max);
    let mut numbers = [[0.0; GROUP]; 8];
    let (at, at_double) = numbers.split_at_mut(4);
    for (numbers, lanes) in at.iter_mut().zip(single).chain(at_double.iter_mut().zip(double)) {
        isa.store_f64(lanes, numbers);
    }
    #[expect(clippy::needless_range_loop, reason = "a lane of eight arrays at a time")]
    for row in 0..n_rows {
        let of = |first: usize| Moments {
            log_z: numbers[first][row],
            below_max: numbers[first + 1][row],
            variance: numbers[first + 2][row],
            third: numbers[first + 3][row],
        };
        out.push(RowMoments { at: of(0), at_double: of(4) });
    }
}

/// The numbers of [`Moments`], in their order, of every lane.
#[inline(always)]
fn finish_once<I: Simd>(isa: I, [s0, s1, s2, s3]: [I::F64s; 4], n_max: I::F64s) -> [I::F64s; 4] {
    let z = isa.add_f64(n_max, s0);
    let (m1, m2, m3) = (isa.div_f64(s1, z), isa.div_f64(s2, z), isa.div_f64(s3, z));
    let log_z = ln_1p(isa, isa.add_f64(s0, isa.sub_f64(n_max, isa.splat_f64(1.0))));
    let variance = isa.sub_f64(m2, isa.mul_f64(m1, m1));
    // As `third`.
    let times = |c: f64, x: I::F64s| isa.mul_f64(isa.splat_f64(c), x);
    let cube = isa.mul_f64(isa.mul_f64(times(2.0, m1), m1), m1);
    let mixed = isa.mul_f64(times(3.0, m1), m2);
    let third = isa.sub_f64(isa.splat_f64(0.0), isa.add_f64(isa.sub_f64(m3, mixed), cube));
    [log_z, m1, variance, third]
}

/// The third central moment of z from the first three moments of d = max - z.
#[inline(always)]
fn third([m1, m2, m3]: [f64; 3]) -> f64 {
    -(m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(row: &[f64], b: f64) -> (f64, f64, f64) {
        let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let e: Vec<f64> = row.iter().map(|z| (b * (z - max)).exp()).collect();
        let z: f64 = e.iter().sum();
        let first = row.iter().zip(&e).map(|(v, e)| (max - v) * e).sum::<f64>() / z;
        let second = row.iter().zip(&e).map(|(v, e)| (max - v).powi(2) * e).sum::<f64>() / z;
        (z.ln(), first, second - first * first)
    }

    fn at(row: &[f64], b: f64) -> RowMoments {
        let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let n_max = row.iter().filter(|z| z.total_cmp(&max).is_eq()).count();
        row_moments(row, max, u32::try_from(n_max).expect("few"), b)
    }

    proptest! {
        #[test]
        fn agrees_with_the_plain_formulas(
            row in proptest::collection::vec(-30.0..30.0f64, 2..70), b in 0.01..5.0f64,
        ) {
            let m = at(&row, b);
            for (moments, b) in [(m.at, b), (m.at_double, 2.0 * b)] {
                let (log_z, first, variance) = naive(&row, b);
                prop_assert!((moments.log_z - log_z).abs() <= 1e-13 * (1.0 + log_z));
                prop_assert!((moments.below_max - first).abs() <= 1e-12 * (1.0 + first));
                prop_assert!((moments.variance - variance).abs() <= 1e-10 * (1.0 + first * first));
            }
        }

        #[test]
        fn adding_a_constant_changes_nothing(
            row in proptest::collection::vec(-30.0..30.0f64, 2..40), b in 0.1..3.0f64,
        ) {
            // Whole and half numbers, so that adding the constant is exact.
            let row: Vec<f64> = row.iter().map(|z| z.round() / 2.0).collect();
            let moved: Vec<f64> = row.iter().map(|z| z + 1024.0).collect();
            prop_assert_eq!(at(&row, b), at(&moved, b));
        }

        #[test]
        fn a_small_step_is_a_taylor_step(
            row in proptest::collection::vec(-5.0..5.0f64, 2..40), b in 0.5..2.0f64,
        ) {
            let (here, there) = (at(&row, b).at.shifted(1e-3), at(&row, b + 1e-3).at);
            prop_assert!((here.log_z - there.log_z).abs() < 1e-9);
            prop_assert!((here.below_max - there.below_max).abs() < 1e-6);
        }
    }

    #[test]
    fn confident_rows_keep_their_digits() {
        // 1 - p is exp(-60): lost in 1 + exp(-60), kept in ln_1p.
        let m = at(&[60.0, 0.0], 1.0).at;
        assert!((m.log_z / (-60f64).exp() - 1.0).abs() < 1e-14);
    }

    #[test]
    fn ties_count_and_absent_classes_do_not() {
        let m = at(&[3.0, 3.0, f64::NEG_INFINITY], 7.0).at;
        assert!((m.log_z - 2f64.ln()).abs() < 1e-15);
        assert!(m.below_max.abs() < f64::EPSILON && m.variance.abs() < f64::EPSILON);
    }

    #[test]
    fn exploded_rows_do_not_overflow() {
        let m = at(&[1e300, -1e300, 0.0], 1.0).at;
        assert!(m.log_z.abs() < f64::EPSILON && m.below_max.abs() < f64::EPSILON);
    }
}
