//! ln(1 + x) for x >= 0, for eight numbers at a time.
//!
//! The C library's `log1p` is a call per element, which for few classes costs more than the exponentials of
//! the row. This is its algorithm (Sun's fdlibm, `s_log1p.c`) without the branches, so that the compiler
//! vectorises it: 1 + x = 2^n (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), a polynomial in (f / (2 + f))^2,
//! and what rounding 1 + x lost put back.

/// Numbers worked on at a time.
pub(super) const GROUP: usize = 8;

const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// The bits of sqrt(1/2), rounded up to what the upper half holds.
const SQRT_HALF: u64 = 0x3fe6_a09e_0000_0000;

/// The exponent field of 1.0.
const ONE: u64 = 0x3ff0_0000_0000_0000;

/// 2^52, in whose lowest bits a whole number below 2^52 can be put.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// ln(1 + x) of every element, each 0 <= x < infinity, within 1 unit in the last place; exact for tiny x.
#[inline(always)]
pub(super) fn ln_1p(x: [f64; GROUP]) -> [f64; GROUP] {
    x.map(one)
}

#[inline(always)]
fn one(x: f64) -> f64 {
    let u = 1.0 + x;
    // The exponent of u relative to [sqrt(1/2), sqrt(2)), offset by 1023 to stay positive.
    let shifted = u.to_bits() + (ONE - SQRT_HALF);
    let exponent = shifted >> 52;
    let n = f64::from_bits(TWO_52.to_bits() | exponent) - (TWO_52 + 1023.0);
    let reduced = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff) + SQRT_HALF);
    // What 1 + x lost, relative to u. Where 1 + x needs no scaling, x itself is f, with nothing lost.
    let lost = if x > 1.0 { 1.0 - (u - x) } else { x - (u - 1.0) } / u;
    let (f, lost) = if exponent == 1023 { (x, 0.0) } else { (reduced - 1.0, lost) };
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let tail = s * (half_square + polynomial(s * s));
    n * LN2_HIGH - ((half_square - (tail + (n * LN2_LOW + lost))) - f)
}

/// Remez polynomial of (ln(1 + f) - 2 s) / s for s = f / (2 + f) in z = s^2, from fdlibm.
#[inline(always)]
fn polynomial(z: f64) -> f64 {
    const C: [f64; 7] = [
        1.479_819_860_511_658_6e-1,
        1.531_383_769_920_937_3e-1,
        1.818_357_216_161_805e-1,
        2.222_219_843_214_978_4e-1,
        2.857_142_874_366_239e-1,
        3.999_999_999_940_942e-1,
        6.666_666_666_666_735e-1,
    ];
    C.iter().fold(0.0, |p, c| (p + c) * z)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library_to_a_unit_in_the_last_place() {
        let mut x = 1e-320f64;
        while x < 1e12 {
            let (got, want) = (one(x), x.ln_1p());
            assert!((got - want).abs() <= f64::EPSILON * want, "x = {x:e}: {got:e} for {want:e}");
            x *= 1.000_37;
        }
    }

    #[test]
    fn whole_numbers_and_zero() {
        assert_eq!(one(0.0).to_bits(), 0);
        for x in 1..5000u32 {
            let (got, want) = (one(f64::from(x)), f64::from(x).ln_1p());
            assert!((got - want).abs() <= f64::EPSILON * want, "{x}");
        }
    }
}
