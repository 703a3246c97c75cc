//! ln(1 + x) for x >= 0 in every lane of a vector.
//!
//! The C library's `log1p` is a call per element, which for few classes costs more than the exponentials of
//! the row. This is its algorithm (Sun's fdlibm, `s_log1p.c`) without the branches: 1 + x = 2^n (1 + f) with
//! 1 + f in [sqrt(1/2), sqrt(2)), a polynomial in (f / (2 + f))^2, and what rounding 1 + x lost put back.

use super::simd::Simd;

/// Numbers worked on at a time: as many f64 as the widest vector holds.
pub(super) const GROUP: usize = 8;

const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// The bits of sqrt(1/2), rounded up to what the upper half holds.
const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;

/// The exponent field of 1.0.
const ONE: u64 = 0x3ff0_0000_0000_0000;

/// 2^52, in whose lowest bits a whole number below 2^52 can be put.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// ln(1 + x) of every lane, each 0 <= x < infinity, within 1 unit in the last place; exact for tiny x.
#[inline(always)]
pub(super) fn ln_1p<I: Simd>(isa: I, x: I::F64s) -> I::F64s {
    let of = |c: f64| isa.splat_f64(c);
    let (zero, one) = (of(0.0), of(1.0));
    let u = isa.add_f64(one, x);
    let (n, reduced) = split(isa, u);
    // What 1 + x lost, relative to u. Where 1 + x needs no scaling, x itself is f, with nothing lost.
    let of_large = isa.sub_f64(one, isa.sub_f64(u, x));
    let of_small = isa.sub_f64(x, isa.sub_f64(u, one));
    let lost = isa.div_f64(isa.pick_f64(x, one, of_large, of_small), u);
    let scaled = isa.mul_f64(n, n);
    let f = isa.pick_f64(scaled, zero, isa.sub_f64(reduced, one), x);
    let lost = isa.pick_f64(scaled, zero, lost, zero);
    let half_square = isa.mul_f64(isa.mul_f64(of(0.5), f), f);
    let s = isa.div_f64(f, isa.add_f64(of(2.0), f));
    let series = isa.add_f64(half_square, polynomial(isa, isa.mul_f64(s, s)));
    let tail = isa.mul_f64(s, series);
    let low = isa.add_f64(tail, isa.add_f64(isa.mul_f64(n, of(LN2_LOW)), lost));
    let rest = isa.sub_f64(isa.sub_f64(half_square, low), f);
    isa.sub_f64(isa.mul_f64(n, of(LN2_HIGH)), rest)
}

/// n and 1 + f of every lane, u = 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)): whole-number steps, which the compiler
/// puts into vectors.
#[inline(always)]
fn split<I: Simd>(isa: I, u: I::F64s) -> (I::F64s, I::F64s) {
    let (mut lanes, mut n) = ([1.0; GROUP], [0.0; GROUP]);
    isa.store_f64(u, &mut lanes);
    for (u, n) in lanes.iter_mut().zip(&mut n) {
        // The exponent of u relative to [sqrt(1/2), sqrt(2)), offset by 1023 to stay positive.
        let shifted = u.to_bits() + (ONE - SQRT_HALF);
        *n = f64::from_bits(TWO_52.to_bits() | (shifted >> 52)) - (TWO_52 + 1023.0);
        *u = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff) + SQRT_HALF);
    }
    (isa.load_f64(&n), isa.load_f64(&lanes))
}

/// Remez polynomial of (ln(1 + f) - 2 s) / s for s = f / (2 + f) in z = s^2, from fdlibm.
#[inline(always)]
fn polynomial<I: Simd>(isa: I, z: I::F64s) -> I::F64s {
    const C: [f64; 7] = [
        1.479_819_860_511_658_6e-1,
        1.531_383_769_920_937_3e-1,
        1.818_357_216_161_805e-1,
        2.222_219_843_214_978_4e-1,
        2.857_142_874_366_239e-1,
        3.999_999_999_940_942e-1,
        6.666_666_666_666_735e-1,
    ];
    let mut p = isa.splat_f64(0.0);
    for c in C {
        p = isa.mul_f64(isa.add_f64(p, isa.splat_f64(c)), z);
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::{InstructionSet, Kernel};

    struct Ln1p<'a>(&'a [f64]);

    impl Kernel for Ln1p<'_> {
        type Output = Vec<f64>;

        #[inline(always)]
        fn run<I: Simd>(self, isa: I) -> Vec<f64> {
            let mut out = Vec::new();
            for x in self.0.chunks(I::LANES / 2) {
                let mut lanes = [0.0; GROUP];
                lanes[..x.len()].copy_from_slice(x);
                isa.store_f64(ln_1p(isa, isa.load_f64(&lanes)), &mut lanes);
                out.extend_from_slice(&lanes[..x.len()]);
            }
            out
        }
    }

    fn check(arguments: &[f64]) {
        for set in InstructionSet::available() {
            for (x, got) in arguments.iter().zip(set.run(Ln1p(arguments))) {
                let want = x.ln_1p();
                let is_close = (got - want).abs() <= f64::EPSILON * want;
                assert!(is_close, "{}, x = {x:e}: {got:e} for {want:e}", set.name());
            }
        }
    }

    #[test]
    fn agrees_with_the_standard_library_to_a_unit_in_the_last_place() {
        let next = |x: &f64| Some(x * 1.000_37).filter(|x| *x < 1e12);
        check(&std::iter::successors(Some(1e-320f64), next).collect::<Vec<f64>>());
    }

    #[test]
    fn whole_numbers_and_zero() {
        check(&(1..5000).map(f64::from).collect::<Vec<f64>>());
        for set in InstructionSet::available() {
            assert_eq!(set.run(Ln1p(&[0.0]))[0].to_bits(), 0, "{}", set.name());
        }
    }
}
