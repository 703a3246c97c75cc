//! The two element types a row of scores may have.

use super::simd::Simd;

/// A score as stored. Arithmetic is done in f64; widening is exact for both types.
pub trait Score: Copy + PartialOrd + Send + Sync + 'static {
    /// [`Simd::LANES`] scores.
    type Lanes<I: Simd>: Copy;

    /// Minus infinity.
    const LOWEST: Self;
    /// Zero.
    const ZERO: Self;

    /// The same number in f64.
    fn widen(self) -> f64;

    /// The score that `z`, which was one, had been.
    fn narrowed(z: f64) -> Self;
    /// All bits of a score of 32 bits; those of 64 folded to 32.
    fn fold_bits(self) -> u32;
    /// All bits of a score of 32 bits; all ones for one of 64, which no narrower type is looked for in.
    fn low_bits(self) -> u32;

    /// The same score in all lanes.
    fn splat<I: Simd>(isa: I, z: Self) -> Self::Lanes<I>;
    /// The first [`Simd::LANES`] scores of `row`, which has at least as many.
    fn load<I: Simd>(isa: I, row: &[Self]) -> Self::Lanes<I>;
    /// Writes the lanes to the first [`Simd::LANES`] places of `out`.
    fn store<I: Simd>(isa: I, z: Self::Lanes<I>, out: &mut [Self]);
    /// The larger of each lane.
    fn larger<I: Simd>(isa: I, x: Self::Lanes<I>, y: Self::Lanes<I>) -> Self::Lanes<I>;
    /// The smaller of each lane.
    fn smaller<I: Simd>(isa: I, x: Self::Lanes<I>, y: Self::Lanes<I>) -> Self::Lanes<I>;
    /// Bit l is set where x > y in lane l.
    fn greater<I: Simd>(isa: I, x: Self::Lanes<I>, y: Self::Lanes<I>) -> u32;
    /// `sum` + 0 z: stays 0 as long as every z is finite, and is NaN ever after.
    fn add_nothing<I: Simd>(isa: I, sum: Self::Lanes<I>, z: Self::Lanes<I>) -> Self::Lanes<I>;
    /// The lower and the upper half of the lanes in f64.
    fn halves<I: Simd>(isa: I, z: Self::Lanes<I>) -> [I::F64s; 2];
}

impl Score for f32 {
    type Lanes<I: Simd> = I::F32s;

    const LOWEST: Self = Self::NEG_INFINITY;
    const ZERO: Self = 0.0;

    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn narrowed(z: f64) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "it was an f32")]
        let narrow = z as Self;
        narrow
    }

    #[inline(always)]
    fn fold_bits(self) -> u32 {
        self.to_bits()
    }

    #[inline(always)]
    fn low_bits(self) -> u32 {
        self.to_bits()
    }

    #[inline(always)]
    fn splat<I: Simd>(isa: I, z: Self) -> I::F32s {
        isa.splat_f32(z)
    }

    #[inline(always)]
    fn load<I: Simd>(isa: I, row: &[Self]) -> I::F32s {
        isa.load_f32(row)
    }

    #[inline(always)]
    fn store<I: Simd>(isa: I, z: I::F32s, out: &mut [Self]) {
        isa.store_f32(z, out);
    }

    #[inline(always)]
    fn larger<I: Simd>(isa: I, x: I::F32s, y: I::F32s) -> I::F32s {
        isa.max_f32(x, y)
    }

    #[inline(always)]
    fn smaller<I: Simd>(isa: I, x: I::F32s, y: I::F32s) -> I::F32s {
        isa.min_f32(x, y)
    }

    #[inline(always)]
    fn greater<I: Simd>(isa: I, x: I::F32s, y: I::F32s) -> u32 {
        isa.greater_f32(x, y)
    }

    #[inline(always)]
    fn add_nothing<I: Simd>(isa: I, sum: I::F32s, z: I::F32s) -> I::F32s {
        isa.fma_f32(z, isa.splat_f32(0.0), sum)
    }

    #[inline(always)]
    fn halves<I: Simd>(isa: I, z: I::F32s) -> [I::F64s; 2] {
        isa.widen(z)
    }
}

impl Score for f64 {
    type Lanes<I: Simd> = [I::F64s; 2];

    const LOWEST: Self = Self::NEG_INFINITY;
    const ZERO: Self = 0.0;

    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }

    #[inline(always)]
    fn narrowed(z: f64) -> Self {
        z
    }

    #[inline(always)]
    fn fold_bits(self) -> u32 {
        let bits = self.to_bits();
        #[expect(clippy::cast_possible_truncation, reason = "the two halves")]
        let (high, low) = ((bits >> 32) as u32, bits as u32);
        high.wrapping_mul(0x85EB_CA6B) ^ low
    }

    #[inline(always)]
    fn low_bits(self) -> u32 {
        u32::MAX
    }

    #[inline(always)]
    fn splat<I: Simd>(isa: I, z: Self) -> [I::F64s; 2] {
        [isa.splat_f64(z); 2]
    }

    #[inline(always)]
    fn load<I: Simd>(isa: I, row: &[Self]) -> [I::F64s; 2] {
        [isa.load_f64(row), isa.load_f64(&row[I::LANES / 2..])]
    }

    #[inline(always)]
    fn store<I: Simd>(isa: I, z: [I::F64s; 2], out: &mut [Self]) {
        isa.store_f64(z[0], out);
        isa.store_f64(z[1], &mut out[I::LANES / 2..]);
    }

    #[inline(always)]
    fn larger<I: Simd>(isa: I, x: [I::F64s; 2], y: [I::F64s; 2]) -> [I::F64s; 2] {
        [isa.max_f64(x[0], y[0]), isa.max_f64(x[1], y[1])]
    }

    #[inline(always)]
    fn smaller<I: Simd>(isa: I, x: [I::F64s; 2], y: [I::F64s; 2]) -> [I::F64s; 2] {
        [isa.min_f64(x[0], y[0]), isa.min_f64(x[1], y[1])]
    }

    #[inline(always)]
    fn greater<I: Simd>(isa: I, x: [I::F64s; 2], y: [I::F64s; 2]) -> u32 {
        isa.greater_f64(x[0], y[0]) | isa.greater_f64(x[1], y[1]) << (I::LANES / 2)
    }

    #[inline(always)]
    fn add_nothing<I: Simd>(isa: I, sum: [I::F64s; 2], z: [I::F64s; 2]) -> [I::F64s; 2] {
        let zero = isa.splat_f64(0.0);
        [isa.fma_f64(z[0], zero, sum[0]), isa.fma_f64(z[1], zero, sum[1])]
    }

    #[inline(always)]
    fn halves<I: Simd>(_: I, z: [I::F64s; 2]) -> [I::F64s; 2] {
        z
    }
}
