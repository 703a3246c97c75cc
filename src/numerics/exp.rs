//! exp for non-positive arguments, written so that the compiler vectorises it.
//!
//! The C library's `exp` is a call per element; these are straight-line code for a whole lane group.
//! Method: x = n ln 2 + r with abs(r) <= ln 2 / 2 (Cody & Waite's two-part ln 2), a Taylor polynomial in
//! r, and 2^n put together from exponent bits.

use super::simd::Simd;

/// ln 2 in two parts: the first has so few digits that its product with a whole number is exact.
const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// exp(x) for x <= 0, within 2 units in the last place; exactly 0 below -708 (there the true value is
/// under 3.4e-308 and would turn subnormal, which costs a microcode assist per operation).
/// exp(-infinity) is 0. Not for positive or NaN arguments.
#[inline(always)]
pub(crate) fn exp_nonpositive(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52: adding it rounds to an integer
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    let value = taylor(r) * power;
    if x < -708.0 { 0.0 } else { value }
}

/// sum of r^k / k! for k = 0..=13; the next term is below 5e-18 for abs(r) <= ln 2 / 2.
#[inline(always)]
fn taylor(r: f64) -> f64 {
    const C: [f64; 12] = [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ];
    let mut p = C[0];
    for c in &C[1..] {
        p = p * r + c;
    }
    // 1 + (r + r^2 p): the small part is added last, so that its rounding stays small.
    1.0 + (r + r * r * p)
}

/// exp(x) for x <= 0 in every lane, within 1 unit in the last place; exactly 0 from -708 down, and for minus
/// infinity. Cody & Waite's reduction as above; the polynomial for (exp(r) - 1 - r) / r^2 interpolates in
/// Chebyshev nodes of abs(r) <= ln 2 / 2, which leaves a relative error of 2e-17.
#[inline(always)]
pub(crate) fn exp_f64<I: Simd>(isa: I, x: I::F64s) -> I::F64s {
    const C: [f64; 10] = [
        2.510_037_611_136_142e-8,
        2.762_007_624_252_725_4e-7,
        2.755_726_847_972_400_4e-6,
        2.480_152_132_160_664_7e-5,
        1.984_126_986_304_092_2e-4,
        1.388_888_891_719_720_9e-3,
        8.333_333_333_330_065e-3,
        4.166_666_666_662_416_4e-2,
        1.666_666_666_666_666_9e-1,
        5.000_000_000_000_001e-1,
    ];
    let of = |c: f64| isa.splat_f64(c);
    let n = isa.round_f64(isa.mul_f64(x, of(std::f64::consts::LOG2_E)));
    let r = isa.fma_f64(n, of(-LN2_HIGH), x);
    let r = isa.fma_f64(n, of(-LN2_LOW), r);
    // Estrin's scheme: five pairs side by side, instead of a chain of ten that each wait for the one before.
    let (r2, pair) = (isa.mul_f64(r, r), |i: usize| isa.fma_f64(of(C[i]), r, of(C[i + 1])));
    let r4 = isa.mul_f64(r2, r2);
    let low = isa.fma_f64(pair(6), r2, pair(8));
    let high = isa.fma_f64(pair(2), r2, pair(4));
    let q = isa.fma_f64(isa.fma_f64(pair(0), r4, high), r4, low);
    // 1 + (r + r^2 q): the small part is added last, so that its rounding stays small.
    let small = isa.fma_f64(r2, q, r);
    let value = isa.scale_f64(isa.add_f64(small, of(1.0)), n);
    isa.pick_f64(x, of(-708.0), value, of(0.0))
}

/// 2^x for x <= 0 in every lane, within 2 units in the last place; exactly 0 from `floor` down, which is -126 or
/// more: below that the true value would turn subnormal. 2^f for abs(f) <= 1/2 is 1 + f q(f), q interpolating in
/// Chebyshev nodes, which leaves a relative error of 9e-9.
#[inline(always)]
pub(super) fn exp2_f32<I: Simd>(isa: I, x: I::F32s, floor: f32) -> I::F32s {
    const C: [f32; 6] =
        [1.545_316_3e-4, 1.339_086_3e-3, 9.618_083e-3, 5.550_357e-2, 2.402_265e-1, 6.931_472e-1];
    let of = |c: f32| isa.splat_f32(c);
    let n = isa.round_f32(x);
    let f = isa.sub_f32(x, n);
    let mut q = of(C[0]);
    for &c in &C[1..] {
        q = isa.fma_f32(q, f, of(c));
    }
    let value = isa.scale_f32(isa.fma_f32(q, f, of(1.0)), n);
    isa.pick_f32(x, of(floor), value, of(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::{InstructionSet, Kernel};

    struct Exp<'a>(&'a [f64]);

    impl Kernel for Exp<'_> {
        type Output = Vec<f64>;

        #[inline(always)]
        fn run<I: Simd>(self, isa: I) -> Vec<f64> {
            let mut out = vec![0.0; self.0.len()];
            let half = I::LANES / 2;
            for (x, out) in self.0.chunks(half).zip(out.chunks_mut(half)) {
                let mut lanes = [0.0; 8];
                lanes[..x.len()].copy_from_slice(x);
                let value = exp_f64(isa, isa.load_f64(&lanes));
                isa.store_f64(value, &mut lanes);
                out.copy_from_slice(&lanes[..x.len()]);
            }
            out
        }
    }

    struct Exp2<'a>(&'a [f32]);

    impl Kernel for Exp2<'_> {
        type Output = Vec<f32>;

        #[inline(always)]
        fn run<I: Simd>(self, isa: I) -> Vec<f32> {
            let mut out = vec![0.0; self.0.len()];
            for (x, out) in self.0.chunks(I::LANES).zip(out.chunks_mut(I::LANES)) {
                let mut lanes = [0.0; 16];
                lanes[..x.len()].copy_from_slice(x);
                let value = exp2_f32(isa, isa.load_f32(&lanes), -126.0);
                isa.store_f32(value, &mut lanes);
                out.copy_from_slice(&lanes[..x.len()]);
            }
            out
        }
    }

    /// From 0 down to just above `end`, in steps that grow.
    fn descending(end: f64) -> Vec<f64> {
        std::iter::successors(Some(0.0), |x| Some(x - 0.000_913 * (1.0 - x)))
            .take_while(|x| *x > end)
            .collect()
    }

    #[test]
    fn agrees_with_the_standard_library_to_two_units_in_the_last_place() {
        let arguments = descending(-707.9);
        let close = |x: f64, got: f64| (got - x.exp()).abs() <= 2.0 * f64::EPSILON * x.exp();
        for &x in &arguments {
            assert!(close(x, exp_nonpositive(x)), "scalar, x = {x}");
        }
        for set in InstructionSet::available() {
            for (&x, got) in arguments.iter().zip(set.run(Exp(&arguments))) {
                assert!(close(x, got), "{}, x = {x}", set.name());
            }
        }
    }

    #[test]
    fn the_f32_form_keeps_f32_precision() {
        let arguments = descending(-125.9);
        #[expect(clippy::cast_possible_truncation, reason = "arguments in f32")]
        let arguments: Vec<f32> = arguments.iter().map(|x| *x as f32).collect();
        for set in InstructionSet::available() {
            for (&x, got) in arguments.iter().zip(set.run(Exp2(&arguments))) {
                let want = f64::from(x).exp2();
                let err = (f64::from(got) - want).abs() / want;
                assert!(err <= 2.0 * f64::from(f32::EPSILON), "{}, x = {x}: {err:e}", set.name());
            }
        }
    }

    #[test]
    fn special_arguments() {
        let far = [-708.1, -1e6, -1e300, f64::MIN, f64::NEG_INFINITY];
        let bits = |x: f64| x.to_bits();
        for x in far {
            assert_eq!(bits(exp_nonpositive(x)), bits(0.0), "{x}");
        }
        assert_eq!(bits(exp_nonpositive(0.0)), bits(1.0));
        assert_eq!(bits(exp_nonpositive(-0.0)), bits(1.0));
        for set in InstructionSet::available() {
            assert_eq!(set.run(Exp(&far)).map_bits(), [0; 5], "{}", set.name());
            assert_eq!(set.run(Exp(&[0.0, -0.0])).map_bits(), [bits(1.0); 2]);
            let far = [-126.0, -1e4, -1e30, f32::MIN, f32::NEG_INFINITY];
            assert!(set.run(Exp2(&far)).iter().all(|x| x.to_bits() == 0));
            assert_eq!(set.run(Exp2(&[0.0]))[0].to_bits(), 1.0f32.to_bits());
        }
    }

    trait Bits {
        fn map_bits(&self) -> Vec<u64>;
    }

    impl Bits for Vec<f64> {
        fn map_bits(&self) -> Vec<u64> {
            self.iter().map(|x| x.to_bits()).collect()
        }
    }
}
