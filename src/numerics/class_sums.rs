//! Sums over rows for each class: what tells whether logits and labels belong together.

use super::exp::{exp_f64, exp_nonpositive};
use super::score::Score;
use super::simd::Simd;

/// What must be known of a row before its scores are added.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RowLevel {
    /// Its largest score.
    pub max: f64,
    /// Its mean score.
    pub mean: f64,
    /// log Z - max at T = 1, in nats.
    pub log_z: f64,
}

/// Sums over rows for a range of classes, each slice one number a class: of the centred scores c and of the
/// probabilities p at T = 1, and of their squares.
#[derive(Debug)]
pub struct ClassSums<'a> {
    /// Sum of c = z - mean z of its row.
    pub c: &'a mut [f64],
    /// Sum of (c - origin)^2.
    pub c2: &'a mut [f64],
    /// A number near c, so that sums of squares do not cancel where c is far from 0.
    pub origin: &'a [f64],
    /// Sum of p.
    pub p: &'a mut [f64],
    /// Sum of p^2.
    pub p2: &'a mut [f64],
}

/// A class that is absent from a row adds nothing.
const ABSENT: f64 = f64::MIN;

impl ClassSums<'_> {
    /// Adds the scores `part` of a row, which belong to the classes of these sums.
    #[inline(always)]
    pub fn add<I: Simd, S: Score>(&mut self, isa: I, part: &[S], row: RowLevel) {
        let half = I::LANES / 2;
        let chunks = part.chunks_exact(I::LANES);
        let n_whole = part.len() - chunks.remainder().len();
        let of = |x: f64| isa.splat_f64(x);
        let (minus_max, minus_mean, scale) = (of(-row.max), of(-row.mean), of((-row.log_z).exp()));
        for (idx, chunk) in chunks.enumerate() {
            let halves = S::halves(isa, S::load(isa, chunk));
            for (side, z) in halves.into_iter().enumerate() {
                let at = idx * I::LANES + side * half;
                let p = isa.mul_f64(exp_f64(isa, isa.add_f64(z, minus_max)), scale);
                let c = isa.add_f64(z, minus_mean);
                let c = isa.pick_f64(z, of(ABSENT), c, of(0.0));
                let add = |sums: &mut [f64], x: I::F64s, y: I::F64s| {
                    let sums = &mut sums[at..at + half];
                    isa.store_f64(isa.fma_f64(x, y, isa.load_f64(sums)), sums);
                };
                add(self.c, c, of(1.0));
                let origin = isa.load_f64(&self.origin[at..at + half]);
                let away = isa.fma_f64(origin, of(-1.0), c);
                add(self.c2, away, away);
                add(self.p, p, of(1.0));
                add(self.p2, p, p);
            }
        }
        let scale = (-row.log_z).exp();
        for (at, z) in part.iter().enumerate().skip(n_whole) {
            let z = z.widen();
            let p = exp_nonpositive(z - row.max) * scale;
            let c = if z > ABSENT { z - row.mean } else { 0.0 };
            self.c[at] += c;
            self.c2[at] += (c - self.origin[at]) * (c - self.origin[at]);
            self.p[at] += p;
            self.p2[at] += p * p;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::{InstructionSet, Kernel, softmax};

    const ORIGIN: f64 = 0.75;

    struct Add<'a>(&'a [f32], RowLevel, [Vec<f64>; 4]);

    impl Kernel for Add<'_> {
        type Output = [Vec<f64>; 4];

        #[inline(always)]
        fn run<I: Simd>(mut self, isa: I) -> Self::Output {
            let [c, c2, p, p2] = &mut self.2;
            let origin = &vec![ORIGIN; self.0.len()];
            let mut sums = ClassSums { c, c2, origin, p, p2 };
            sums.add(isa, self.0, self.1);
            self.2
        }
    }

    #[test]
    fn every_length_agrees_with_the_plain_formulas() {
        for k in 2..70usize {
            let mut row: Vec<f32> = (0..k).map(|i| (i * 37 % 17) as f32 * 0.7 - 4.0).collect();
            if k > 9 {
                row[7] = f32::NEG_INFINITY;
            }
            let mut p = vec![0.0; k];
            softmax(&row, 1.0, &mut p);
            let present = || row.iter().map(|z| f64::from(*z)).filter(|z| z.is_finite());
            let max = present().fold(f64::NEG_INFINITY, f64::max);
            let level = RowLevel {
                max,
                mean: present().sum::<f64>() / present().count() as f64,
                log_z: present().map(|z| (z - max).exp()).sum::<f64>().ln(),
            };
            let zeros = || vec![0.0; k];
            let sums =
                InstructionSet::best().run(Add(&row, level, [zeros(), zeros(), zeros(), zeros()]));
            for i in 0..k {
                let z = f64::from(row[i]);
                let c = if z.is_finite() { z - level.mean } else { 0.0 };
                let want = [c, (c - ORIGIN) * (c - ORIGIN), p[i], p[i] * p[i]];
                for (got, want) in sums.iter().map(|s| s[i]).zip(want) {
                    assert!((got - want).abs() < 1e-13 * (1.0 + want.abs()), "K = {k}, {i}");
                }
            }
        }
    }
}
