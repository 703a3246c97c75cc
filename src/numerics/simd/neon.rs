//! NEON: four f32 or two f64 per vector.

use core::arch::aarch64::{float32x4_t, float64x2_t};

use pulp::aarch64::Neon;

use super::{Kernel, Simd};

/// Adding it to a whole number puts that number, plus the bias of an f64 exponent, into the lowest bits.
const BIAS_F64: f64 = 6_755_399_441_055_744.0 + 1023.0; // 1.5 * 2^52 + 1023

/// The same for f32.
const BIAS_F32: f32 = 12_582_912.0 + 127.0; // 1.5 * 2^23 + 127

/// One line per operation that is one instruction.
macro_rules! instruction {
    ($($name:ident($($x:ident),+) -> $vector:ident = $intrinsic:ident;)+) => {$(
        #[inline(always)]
        fn $name(self, $($x: Self::$vector),+) -> Self::$vector {
            self.neon.$intrinsic($($x),+)
        }
    )+};
}

impl Simd for Neon {
    type F32s = float32x4_t;
    type F64s = float64x2_t;
    const LANES: usize = 4;

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        self.vectorize(
            #[inline(always)]
            || kernel.run(self),
        )
    }

    instruction! {
        add_f32(x, y) -> F32s = vaddq_f32;
        sub_f32(x, y) -> F32s = vsubq_f32;
        mul_f32(x, y) -> F32s = vmulq_f32;
        min_f32(x, y) -> F32s = vminq_f32;
        max_f32(x, y) -> F32s = vmaxq_f32;
        round_f32(x) -> F32s = vrndnq_f32;
        add_f64(x, y) -> F64s = vaddq_f64;
        sub_f64(x, y) -> F64s = vsubq_f64;
        mul_f64(x, y) -> F64s = vmulq_f64;
        div_f64(x, y) -> F64s = vdivq_f64;
        min_f64(x, y) -> F64s = vminq_f64;
        max_f64(x, y) -> F64s = vmaxq_f64;
        round_f64(x) -> F64s = vrndnq_f64;
    }

    #[inline(always)]
    fn fma_f32(self, x: Self::F32s, y: Self::F32s, z: Self::F32s) -> Self::F32s {
        self.neon.vfmaq_f32(z, x, y)
    }

    #[inline(always)]
    fn fma_f64(self, x: Self::F64s, y: Self::F64s, z: Self::F64s) -> Self::F64s {
        self.neon.vfmaq_f64(z, x, y)
    }

    #[inline(always)]
    fn splat_f32(self, x: f32) -> Self::F32s {
        pulp::cast([x; 4])
    }

    #[inline(always)]
    fn splat_f64(self, x: f64) -> Self::F64s {
        pulp::cast([x; 2])
    }

    #[inline(always)]
    fn load_f32(self, x: &[f32]) -> Self::F32s {
        pulp::cast(*x.first_chunk::<4>().expect("a full vector"))
    }

    #[inline(always)]
    fn load_f64(self, x: &[f64]) -> Self::F64s {
        pulp::cast(*x.first_chunk::<2>().expect("a full vector"))
    }

    #[inline(always)]
    fn store_f32(self, x: Self::F32s, out: &mut [f32]) {
        *out.first_chunk_mut::<4>().expect("a full vector") = pulp::cast(x);
    }

    #[inline(always)]
    fn store_f64(self, x: Self::F64s, out: &mut [f64]) {
        *out.first_chunk_mut::<2>().expect("a full vector") = pulp::cast(x);
    }

    #[inline(always)]
    fn pick_f32(self, x: Self::F32s, y: Self::F32s, a: Self::F32s, b: Self::F32s) -> Self::F32s {
        self.neon.vbslq_f32(self.neon.vcgtq_f32(x, y), a, b)
    }

    #[inline(always)]
    fn pick_f64(self, x: Self::F64s, y: Self::F64s, a: Self::F64s, b: Self::F64s) -> Self::F64s {
        self.neon.vbslq_f64(self.neon.vcgtq_f64(x, y), a, b)
    }

    #[inline(always)]
    fn greater_f32(self, x: Self::F32s, y: Self::F32s) -> u32 {
        let lanes: [u32; 4] = pulp::cast(self.neon.vcgtq_f32(x, y));
        (0..4).fold(0, |bits, l| bits | (lanes[l] & 1) << l)
    }

    #[inline(always)]
    fn greater_f64(self, x: Self::F64s, y: Self::F64s) -> u32 {
        let lanes: [u64; 2] = pulp::cast(self.neon.vcgtq_f64(x, y));
        (0..2).fold(0, |bits, l| bits | u32::from(lanes[l] != 0) << l)
    }

    #[inline(always)]
    fn scale_f32(self, x: Self::F32s, n: Self::F32s) -> Self::F32s {
        let bits = pulp::cast(self.add_f32(n, self.splat_f32(BIAS_F32)));
        self.mul_f32(x, pulp::cast(self.neon.vshlq_n_s32::<23>(bits)))
    }

    #[inline(always)]
    fn scale_f64(self, x: Self::F64s, n: Self::F64s) -> Self::F64s {
        let bits = pulp::cast(self.add_f64(n, self.splat_f64(BIAS_F64)));
        self.mul_f64(x, pulp::cast(self.neon.vshlq_n_s64::<52>(bits)))
    }

    #[inline(always)]
    fn sum_f32(self, x: Self::F32s) -> f32 {
        let [a, b, c, d]: [f32; 4] = pulp::cast(x);
        (a + c) + (b + d)
    }

    #[inline(always)]
    fn sum_f64(self, x: Self::F64s) -> f64 {
        let [a, b]: [f64; 2] = pulp::cast(x);
        a + b
    }

    #[inline(always)]
    fn widen(self, x: Self::F32s) -> [Self::F64s; 2] {
        let low = self.neon.vcvt_f64_f32(self.neon.vget_low_f32(x));
        [low, self.neon.vcvt_high_f64_f32(x)]
    }

    #[inline(always)]
    fn narrow(self, [low, high]: [Self::F64s; 2]) -> Self::F32s {
        self.neon.vcvt_high_f32_f64(self.neon.vcvt_f32_f64(low), high)
    }
}
