//! exp for non-positive arguments, written so that the compiler vectorises it.
//!
//! The C library's `exp` is a call per element; these are straight-line code for a whole lane group.
//! Method: x = n ln 2 + r with abs(r) <= ln 2 / 2 (Cody & Waite's two-part ln 2), a Taylor polynomial in
//! r, and 2^n put together from exponent bits.

/// exp(x) for x <= 0, within 2 units in the last place; exactly 0 below -708 (there the true value is
/// under 3.4e-308 and would turn subnormal, which costs a microcode assist per operation).
/// exp(-infinity) is 0. Not for positive or NaN arguments.
#[inline(always)]
pub(crate) fn exp_nonpositive(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52: adding it rounds to an integer
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
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

/// exp(x) for x <= 0 in f32, within 2 units in the last place; exactly 0 below -87.
#[inline(always)]
pub(crate) fn exp_nonpositive_f32(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN2_HIGH) - n * LN2_LOW;
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    let mut p = 1.0 / 5_040.0;
    for c in [1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5] {
        p = p * r + c;
    }
    let value = (1.0 + (r + r * r * p)) * power;
    if x < -87.0 { 0.0 } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library_to_two_units_in_the_last_place() {
        let mut x = 0.0f64;
        while x > -707.9 {
            let want = x.exp();
            let err = (exp_nonpositive(x) - want).abs() / want;
            assert!(err <= 2.0 * f64::EPSILON, "x = {x}: relative error {err:e}");
            x -= 0.000_913 * (1.0 - x);
        }
    }

    #[test]
    fn special_arguments() {
        assert_eq!(exp_nonpositive(0.0).to_bits(), 1.0f64.to_bits());
        assert_eq!(exp_nonpositive(-0.0).to_bits(), 1.0f64.to_bits());
        for far in [-708.1, -1e6, -1e300, f64::NEG_INFINITY] {
            assert_eq!(exp_nonpositive(far).to_bits(), 0.0f64.to_bits(), "{far}");
        }
        assert_eq!(
            exp_nonpositive_f32(f32::NEG_INFINITY).to_bits(),
            0.0f32.to_bits()
        );
        assert_eq!(exp_nonpositive_f32(0.0).to_bits(), 1.0f32.to_bits());
    }

    #[test]
    fn the_f32_form_keeps_f32_precision() {
        let mut x = 0.0f32;
        while x > -86.0 {
            let want = f64::from(x).exp();
            let err = (f64::from(exp_nonpositive_f32(x)) - want).abs() / want;
            assert!(
                err <= 3.0 * f64::from(f32::EPSILON),
                "x = {x}: relative error {err:e}"
            );
            x -= 0.0037 * (1.0 - x);
        }
    }
}
