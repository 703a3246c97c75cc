//! AVX-512: sixteen f32 or eight f64 per vector, comparisons into mask registers, scaling by 2^n.

use core::arch::x86_64::{
    __m512, __m512d, _CMP_GT_OQ, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT,
};

use pulp::x86::V4;

use super::{Kernel, Simd};

const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;

/// One line per operation that is one instruction.
macro_rules! instruction {
    ($($name:ident($($x:ident),+) -> $vector:ident = $intrinsic:ident;)+) => {$(
        #[inline(always)]
        fn $name(self, $($x: Self::$vector),+) -> Self::$vector {
            self.avx512f.$intrinsic($($x),+)
        }
    )+};
}

impl Simd for V4 {
    type F32s = __m512;
    type F64s = __m512d;
    const LANES: usize = 16;

    #[inline(always)]
    fn enter<K: Kernel>(self, kernel: K) -> K::Output {
        self.vectorize(
            #[inline(always)]
            || kernel.run(self),
        )
    }

    instruction! {
        add_f32(x, y) -> F32s = _mm512_add_ps;
        sub_f32(x, y) -> F32s = _mm512_sub_ps;
        mul_f32(x, y) -> F32s = _mm512_mul_ps;
        fma_f32(x, y, z) -> F32s = _mm512_fmadd_ps;
        min_f32(x, y) -> F32s = _mm512_min_ps;
        max_f32(x, y) -> F32s = _mm512_max_ps;
        scale_f32(x, n) -> F32s = _mm512_scalef_ps;
        add_f64(x, y) -> F64s = _mm512_add_pd;
        sub_f64(x, y) -> F64s = _mm512_sub_pd;
        mul_f64(x, y) -> F64s = _mm512_mul_pd;
        div_f64(x, y) -> F64s = _mm512_div_pd;
        fma_f64(x, y, z) -> F64s = _mm512_fmadd_pd;
        min_f64(x, y) -> F64s = _mm512_min_pd;
        max_f64(x, y) -> F64s = _mm512_max_pd;
        scale_f64(x, n) -> F64s = _mm512_scalef_pd;
    }

    #[inline(always)]
    fn splat_f32(self, x: f32) -> Self::F32s {
        self.avx512f._mm512_set1_ps(x)
    }

    #[inline(always)]
    fn splat_f64(self, x: f64) -> Self::F64s {
        self.avx512f._mm512_set1_pd(x)
    }

    #[inline(always)]
    fn load_f32(self, x: &[f32]) -> Self::F32s {
        pulp::cast(*x.first_chunk::<16>().expect("a full vector"))
    }

    #[inline(always)]
    fn load_f64(self, x: &[f64]) -> Self::F64s {
        pulp::cast(*x.first_chunk::<8>().expect("a full vector"))
    }

    #[inline(always)]
    fn store_f32(self, x: Self::F32s, out: &mut [f32]) {
        *out.first_chunk_mut::<16>().expect("a full vector") = pulp::cast(x);
    }

    #[inline(always)]
    fn store_f64(self, x: Self::F64s, out: &mut [f64]) {
        *out.first_chunk_mut::<8>().expect("a full vector") = pulp::cast(x);
    }

    #[inline(always)]
    fn pick_f32(self, x: Self::F32s, y: Self::F32s, a: Self::F32s, b: Self::F32s) -> Self::F32s {
        let greater = self.avx512f._mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, y);
        self.avx512f._mm512_mask_mov_ps(b, greater, a)
    }

    #[inline(always)]
    fn pick_f64(self, x: Self::F64s, y: Self::F64s, a: Self::F64s, b: Self::F64s) -> Self::F64s {
        let greater = self.avx512f._mm512_cmp_pd_mask::<_CMP_GT_OQ>(x, y);
        self.avx512f._mm512_mask_mov_pd(b, greater, a)
    }

    #[inline(always)]
    fn greater_f32(self, x: Self::F32s, y: Self::F32s) -> u32 {
        u32::from(self.avx512f._mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, y))
    }

    #[inline(always)]
    fn greater_f64(self, x: Self::F64s, y: Self::F64s) -> u32 {
        u32::from(self.avx512f._mm512_cmp_pd_mask::<_CMP_GT_OQ>(x, y))
    }

    #[inline(always)]
    fn round_f32(self, x: Self::F32s) -> Self::F32s {
        self.avx512f._mm512_roundscale_ps::<NEAREST>(x)
    }

    #[inline(always)]
    fn round_f64(self, x: Self::F64s) -> Self::F64s {
        self.avx512f._mm512_roundscale_pd::<NEAREST>(x)
    }

    #[inline(always)]
    fn sum_f32(self, x: Self::F32s) -> f32 {
        self.avx512f._mm512_reduce_add_ps(x)
    }

    #[inline(always)]
    fn sum_f64(self, x: Self::F64s) -> f64 {
        self.avx512f._mm512_reduce_add_pd(x)
    }

    #[inline(always)]
    fn widen(self, x: Self::F32s) -> [Self::F64s; 2] {
        let low = self.avx512f._mm512_castps512_ps256(x);
        let high = self.avx512dq._mm512_extractf32x8_ps::<1>(x);
        [self.avx512f._mm512_cvtps_pd(low), self.avx512f._mm512_cvtps_pd(high)]
    }

    #[inline(always)]
    fn narrow(self, [low, high]: [Self::F64s; 2]) -> Self::F32s {
        let low = self.avx512f._mm512_cvtpd_ps(low);
        let high = self.avx512f._mm512_cvtpd_ps(high);
        let low = self.avx512f._mm512_castps256_ps512(low);
        self.avx512dq._mm512_insertf32x8::<1>(low, high)
    }
}
