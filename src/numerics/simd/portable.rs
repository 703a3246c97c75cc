//! Plain arrays, for processors without any of the other instruction sets, and to compare those with.

use std::array::from_fn;

use super::{Kernel, Simd};

/// Adding it rounds an f64 below 2^51 to a whole number, which its lowest bits then hold.
const ROUND_F64: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52

/// The same for an f32 below 2^22.
const ROUND_F32: f32 = 12_582_912.0; // 1.5 * 2^23

/// Eight f32 or four f64 in an array: two vectors of the oldest x86-64 processors, one of AVX.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portable;

/// One line per operation that acts on the lanes one by one.
macro_rules! lanewise {
    ($($name:ident($($x:ident),+) -> $array:ident $value:expr;)+) => {$(
        #[inline(always)]
        fn $name(self, $($x: Self::$array),+) -> Self::$array {
            from_fn(|l| { $(let $x = $x[l];)+ $value })
        }
    )+};
}

impl Simd for Portable {
    type F32s = [f32; 8];
    type F64s = [f64; 4];
    const LANES: usize = 8;

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }

    lanewise! {
        add_f32(x, y) -> F32s x + y;
        sub_f32(x, y) -> F32s x - y;
        mul_f32(x, y) -> F32s x * y;
        fma_f32(x, y, z) -> F32s x * y + z;
        min_f32(x, y) -> F32s if x < y { x } else { y };
        max_f32(x, y) -> F32s if x > y { x } else { y };
        pick_f32(x, y, a, b) -> F32s if x > y { a } else { b };
        scale_f32(x, n) -> F32s x * f32::from_bits((n + (ROUND_F32 + 127.0)).to_bits() << 23);
        add_f64(x, y) -> F64s x + y;
        sub_f64(x, y) -> F64s x - y;
        mul_f64(x, y) -> F64s x * y;
        div_f64(x, y) -> F64s x / y;
        fma_f64(x, y, z) -> F64s x * y + z;
        min_f64(x, y) -> F64s if x < y { x } else { y };
        max_f64(x, y) -> F64s if x > y { x } else { y };
        pick_f64(x, y, a, b) -> F64s if x > y { a } else { b };
        scale_f64(x, n) -> F64s x * f64::from_bits((n + (ROUND_F64 + 1023.0)).to_bits() << 52);
    }

    // Exact for what a kernel asks to be rounded: the scaled arguments of an exponential. Beyond 2^51 (2^22)
    // the number comes back changed by rounding, and the exponential there is 0 whatever it is.
    lanewise! {
        round_f32(x) -> F32s (x + ROUND_F32) - ROUND_F32;
        round_f64(x) -> F64s (x + ROUND_F64) - ROUND_F64;
    }

    #[inline(always)]
    fn splat_f32(self, x: f32) -> Self::F32s {
        [x; 8]
    }

    #[inline(always)]
    fn splat_f64(self, x: f64) -> Self::F64s {
        [x; 4]
    }

    #[inline(always)]
    fn load_f32(self, x: &[f32]) -> Self::F32s {
        *x.first_chunk().expect("a full vector")
    }

    #[inline(always)]
    fn load_f64(self, x: &[f64]) -> Self::F64s {
        *x.first_chunk().expect("a full vector")
    }

    #[inline(always)]
    fn store_f32(self, x: Self::F32s, out: &mut [f32]) {
        *out.first_chunk_mut().expect("a full vector") = x;
    }

    #[inline(always)]
    fn store_f64(self, x: Self::F64s, out: &mut [f64]) {
        *out.first_chunk_mut().expect("a full vector") = x;
    }

    #[inline(always)]
    fn greater_f32(self, x: Self::F32s, y: Self::F32s) -> u32 {
        (0..8).fold(0, |bits, l| bits | u32::from(x[l] > y[l]) << l)
    }

    #[inline(always)]
    fn greater_f64(self, x: Self::F64s, y: Self::F64s) -> u32 {
        (0..4).fold(0, |bits, l| bits | u32::from(x[l] > y[l]) << l)
    }

    #[inline(always)]
    fn sum_f32(self, x: Self::F32s) -> f32 {
        let half: [f32; 4] = from_fn(|l| x[l] + x[l + 4]);
        (half[0] + half[2]) + (half[1] + half[3])
    }

    #[inline(always)]
    fn sum_f64(self, x: Self::F64s) -> f64 {
        (x[0] + x[2]) + (x[1] + x[3])
    }

    #[inline(always)]
    fn widen(self, x: Self::F32s) -> [Self::F64s; 2] {
        [from_fn(|l| f64::from(x[l])), from_fn(|l| f64::from(x[l + 4]))]
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounding to f32 is the task")]
    fn narrow(self, [low, high]: [Self::F64s; 2]) -> Self::F32s {
        from_fn(|l| if l < 4 { low[l] } else { high[l - 4] } as f32)
    }
}
