//! AVX2 with FMA: eight f32 or four f64 per vector.

use core::arch::x86_64::{
    __m256, __m256d, _CMP_GT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT,
};

use pulp::x86::V3;

use super::{Kernel, Simd};

const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

/// Adding it to a whole number puts that number, plus the bias of an f64 exponent, into the lowest bits.
const BIAS_F64: f64 = 6_755_399_441_055_744.0 + 1023.0; // 1.5 * 2^52 + 1023

/// The same for f32.
const BIAS_F32: f32 = 12_582_912.0 + 127.0; // 1.5 * 2^23 + 127

/// One line per operation that is one instruction.
macro_rules! instruction {
    ($($name:ident($($x:ident),+) -> $vector:ident = $unit:ident $intrinsic:ident;)+) => {$(
        #[inline(always)]
        fn $name(self, $($x: Self::$vector),+) -> Self::$vector {
            self.$unit.$intrinsic($($x),+)
        }
    )+};
}

impl Simd for V3 {
    type F32s = __m256;
    type F64s = __m256d;
    const LANES: usize = 8;

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        self.vectorize(
            #[inline(always)]
            || kernel.run(self),
        )
    }

    instruction! {
        add_f32(x, y) -> F32s = avx _mm256_add_ps;
        sub_f32(x, y) -> F32s = avx _mm256_sub_ps;
        mul_f32(x, y) -> F32s = avx _mm256_mul_ps;
        fma_f32(x, y, z) -> F32s = fma _mm256_fmadd_ps;
        min_f32(x, y) -> F32s = avx _mm256_min_ps;
        max_f32(x, y) -> F32s = avx _mm256_max_ps;
        add_f64(x, y) -> F64s = avx _mm256_add_pd;
        sub_f64(x, y) -> F64s = avx _mm256_sub_pd;
        mul_f64(x, y) -> F64s = avx _mm256_mul_pd;
        div_f64(x, y) -> F64s = avx _mm256_div_pd;
        fma_f64(x, y, z) -> F64s = fma _mm256_fmadd_pd;
        min_f64(x, y) -> F64s = avx _mm256_min_pd;
        max_f64(x, y) -> F64s = avx _mm256_max_pd;
    }

    #[inline(always)]
    fn splat_f32(self, x: f32) -> Self::F32s {
        self.avx._mm256_set1_ps(x)
    }

    #[inline(always)]
    fn splat_f64(self, x: f64) -> Self::F64s {
        self.avx._mm256_set1_pd(x)
    }

    #[inline(always)]
    fn load_f32(self, x: &[f32]) -> Self::F32s {
        pulp::cast(*x.first_chunk::<8>().expect("a full vector"))
    }

    #[inline(always)]
    fn load_f64(self, x: &[f64]) -> Self::F64s {
        pulp::cast(*x.first_chunk::<4>().expect("a full vector"))
    }

    #[inline(always)]
    fn store_f32(self, x: Self::F32s, out: &mut [f32]) {
        *out.first_chunk_mut::<8>().expect("a full vector") = pulp::cast(x);
    }

    #[inline(always)]
    fn store_f64(self, x: Self::F64s, out: &mut [f64]) {
        *out.first_chunk_mut::<4>().expect("a full vector") = pulp::cast(x);
    }

    #[inline(always)]
    fn pick_f32(self, x: Self::F32s, y: Self::F32s, a: Self::F32s, b: Self::F32s) -> Self::F32s {
        let greater = self.avx._mm256_cmp_ps::<_CMP_GT_OQ>(x, y);
        self.avx._mm256_blendv_ps(b, a, greater)
    }

    #[inline(always)]
    fn pick_f64(self, x: Self::F64s, y: Self::F64s, a: Self::F64s, b: Self::F64s) -> Self::F64s {
        let greater = self.avx._mm256_cmp_pd::<_CMP_GT_OQ>(x, y);
        self.avx._mm256_blendv_pd(b, a, greater)
    }

    #[inline(always)]
    fn greater_f32(self, x: Self::F32s, y: Self::F32s) -> u32 {
        let greater = self.avx._mm256_cmp_ps::<_CMP_GT_OQ>(x, y);
        self.avx._mm256_movemask_ps(greater).cast_unsigned()
    }

    #[inline(always)]
    fn greater_f64(self, x: Self::F64s, y: Self::F64s) -> u32 {
        let greater = self.avx._mm256_cmp_pd::<_CMP_GT_OQ>(x, y);
        self.avx._mm256_movemask_pd(greater).cast_unsigned()
    }

    #[inline(always)]
    fn round_f32(self, x: Self::F32s) -> Self::F32s {
        self.avx._mm256_round_ps::<NEAREST>(x)
    }

    #[inline(always)]
    fn round_f64(self, x: Self::F64s) -> Self::F64s {
        self.avx._mm256_round_pd::<NEAREST>(x)
    }

    #[inline(always)]
    fn scale_f32(self, x: Self::F32s, n: Self::F32s) -> Self::F32s {
        let bits = self.avx._mm256_castps_si256(self.add_f32(n, self.splat_f32(BIAS_F32)));
        let power = self.avx2._mm256_slli_epi32::<23>(bits);
        self.mul_f32(x, self.avx._mm256_castsi256_ps(power))
    }

    #[inline(always)]
    fn scale_f64(self, x: Self::F64s, n: Self::F64s) -> Self::F64s {
        let bits = self.avx._mm256_castpd_si256(self.add_f64(n, self.splat_f64(BIAS_F64)));
        let power = self.avx2._mm256_slli_epi64::<52>(bits);
        self.mul_f64(x, self.avx._mm256_castsi256_pd(power))
    }

    #[inline(always)]
    fn sum_f32(self, x: Self::F32s) -> f32 {
        let (low, high) =
            (self.avx._mm256_castps256_ps128(x), self.avx._mm256_extractf128_ps::<1>(x));
        let [a, b, c, d]: [f32; 4] = pulp::cast(self.sse._mm_add_ps(low, high));
        (a + c) + (b + d)
    }

    #[inline(always)]
    fn sum_f64(self, x: Self::F64s) -> f64 {
        let (low, high) =
            (self.avx._mm256_castpd256_pd128(x), self.avx._mm256_extractf128_pd::<1>(x));
        let [a, b]: [f64; 2] = pulp::cast(self.sse2._mm_add_pd(low, high));
        a + b
    }

    #[inline(always)]
    fn widen(self, x: Self::F32s) -> [Self::F64s; 2] {
        let low = self.avx._mm256_castps256_ps128(x);
        let high = self.avx._mm256_extractf128_ps::<1>(x);
        [self.avx._mm256_cvtps_pd(low), self.avx._mm256_cvtps_pd(high)]
    }

    #[inline(always)]
    fn narrow(self, [low, high]: [Self::F64s; 2]) -> Self::F32s {
        let low = self.avx._mm256_cvtpd_ps(low);
        let high = self.avx._mm256_cvtpd_ps(high);
        self.avx._mm256_set_m128(high, low)
    }
}
