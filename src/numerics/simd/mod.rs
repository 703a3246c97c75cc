//! Vectors of scores on the instruction set at hand: AVX-512, AVX2 with FMA, NEON, or plain arrays.
//!
//! A [`Kernel`] is written once, over [`Simd`]; [`InstructionSet::run`] compiles it for each instruction set
//! and enters the best one that the processor has. There is no unsafe code here: `pulp` hands out a token
//! per instruction set, which exists only where the processor has it, and the intrinsics are its methods.
//! Everything is `inline(always)`: a vector instruction reaches a kernel only where it is inlined into the
//! function that was entered with the instruction set switched on.

#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(target_arch = "x86_64")]
mod v3;
#[cfg(target_arch = "x86_64")]
mod v4;

use portable::Portable;

/// The most f32 that a vector of any instruction set holds.
pub(crate) const MAX_LANES: usize = 16;

/// One instruction set. A vector holds [`Simd::LANES`] f32 or half as many f64. Results agree between
/// instruction sets up to rounding: those without a fused multiply-add round twice.
pub trait Simd: Copy + Send + Sync + 'static {
    /// `LANES` f32.
    type F32s: Copy;
    /// `LANES / 2` f64.
    type F64s: Copy;
    /// f32 per vector: a power of two, at most 16.
    const LANES: usize;

    /// Runs `kernel` with this instruction set switched on.
    fn enter<K: Kernel>(self, kernel: K) -> K::Output;

    /// The same number in all lanes.
    fn splat_f32(self, x: f32) -> Self::F32s;
    /// The first `LANES` numbers of `x`, which has at least as many.
    fn load_f32(self, x: &[f32]) -> Self::F32s;
    /// Writes the lanes to the first `LANES` places of `out`.
    fn store_f32(self, x: Self::F32s, out: &mut [f32]);
    /// x + y.
    fn add_f32(self, x: Self::F32s, y: Self::F32s) -> Self::F32s;
    /// x - y.
    fn sub_f32(self, x: Self::F32s, y: Self::F32s) -> Self::F32s;
    /// x y.
    fn mul_f32(self, x: Self::F32s, y: Self::F32s) -> Self::F32s;
    /// x y + z, rounded once where the instruction set can.
    fn fma_f32(self, x: Self::F32s, y: Self::F32s, z: Self::F32s) -> Self::F32s;
    /// The smaller; which one if either is NaN is not defined.
    fn min_f32(self, x: Self::F32s, y: Self::F32s) -> Self::F32s;
    /// The larger; which one if either is NaN is not defined.
    fn max_f32(self, x: Self::F32s, y: Self::F32s) -> Self::F32s;
    /// Per lane: `a` where x > y, else `b`.
    fn pick_f32(self, x: Self::F32s, y: Self::F32s, a: Self::F32s, b: Self::F32s) -> Self::F32s;
    /// Bit l is set where x > y in lane l.
    fn greater_f32(self, x: Self::F32s, y: Self::F32s) -> u32;
    /// The nearest whole number, ties to even.
    fn round_f32(self, x: Self::F32s) -> Self::F32s;
    /// x 2^n for whole n from -126 to 0; anything for another n.
    fn scale_f32(self, x: Self::F32s, n: Self::F32s) -> Self::F32s;
    /// The sum of the lanes, in an order that is fixed.
    fn sum_f32(self, x: Self::F32s) -> f32;

    /// The same number in all lanes.
    fn splat_f64(self, x: f64) -> Self::F64s;
    /// The first `LANES / 2` numbers of `x`, which has at least as many.
    fn load_f64(self, x: &[f64]) -> Self::F64s;
    /// Writes the lanes to the first `LANES / 2` places of `out`.
    fn store_f64(self, x: Self::F64s, out: &mut [f64]);
    /// x + y.
    fn add_f64(self, x: Self::F64s, y: Self::F64s) -> Self::F64s;
    /// x - y.
    fn sub_f64(self, x: Self::F64s, y: Self::F64s) -> Self::F64s;
    /// x y.
    fn mul_f64(self, x: Self::F64s, y: Self::F64s) -> Self::F64s;
    /// x / y.
    fn div_f64(self, x: Self::F64s, y: Self::F64s) -> Self::F64s;
    /// x y + z, rounded once where the instruction set can.
    fn fma_f64(self, x: Self::F64s, y: Self::F64s, z: Self::F64s) -> Self::F64s;
    /// The smaller; which one if either is NaN is not defined.
    fn min_f64(self, x: Self::F64s, y: Self::F64s) -> Self::F64s;
    /// The larger; which one if either is NaN is not defined.
    fn max_f64(self, x: Self::F64s, y: Self::F64s) -> Self::F64s;
    /// Per lane: `a` where x > y, else `b`.
    fn pick_f64(self, x: Self::F64s, y: Self::F64s, a: Self::F64s, b: Self::F64s) -> Self::F64s;
    /// Bit l is set where x > y in lane l.
    fn greater_f64(self, x: Self::F64s, y: Self::F64s) -> u32;
    /// The nearest whole number, ties to even.
    fn round_f64(self, x: Self::F64s) -> Self::F64s;
    /// x 2^n for whole n from -1022 to 0; anything for another n.
    fn scale_f64(self, x: Self::F64s, n: Self::F64s) -> Self::F64s;
    /// The sum of the lanes, in an order that is fixed.
    fn sum_f64(self, x: Self::F64s) -> f64;

    /// The lower and the upper half of the lanes, in f64.
    fn widen(self, x: Self::F32s) -> [Self::F64s; 2];
    /// Both halves rounded to f32.
    fn narrow(self, x: [Self::F64s; 2]) -> Self::F32s;
}

/// Work that is compiled once per instruction set.
pub trait Kernel {
    /// What comes out.
    type Output;
    /// Does the work. Mark it `inline(always)`.
    fn run<I: Simd>(self, isa: I) -> Self::Output;
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug)]
pub struct InstructionSet(Token);

#[derive(Clone, Copy, Debug)]
enum Token {
    #[cfg(target_arch = "x86_64")]
    V4(pulp::x86::V4),
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
    Portable,
}

impl InstructionSet {
    /// The widest one; asking costs a few loads.
    #[inline]
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if let Some(token) = pulp::x86::V4::try_new() {
            return Self(Token::V4(token));
        }
        #[cfg(target_arch = "x86_64")]
        if let Some(token) = pulp::x86::V3::try_new() {
            return Self(Token::V3(token));
        }
        #[cfg(target_arch = "aarch64")]
        if let Some(token) = pulp::aarch64::Neon::try_new() {
            return Self(Token::Neon(token));
        }
        Self(Token::Portable)
    }

    /// All of them, the widest first; the last is plain arrays, which every processor has.
    pub fn available() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        all.extend(pulp::x86::V4::try_new().map(|token| Self(Token::V4(token))));
        #[cfg(target_arch = "x86_64")]
        all.extend(pulp::x86::V3::try_new().map(|token| Self(Token::V3(token))));
        #[cfg(target_arch = "aarch64")]
        all.extend(pulp::aarch64::Neon::try_new().map(|token| Self(Token::Neon(token))));
        all.push(Self(Token::Portable));
        all
    }

    /// `AVX-512`, `AVX2`, `NEON` or `portable`.
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Token::V4(_) => "AVX-512",
            #[cfg(target_arch = "x86_64")]
            Token::V3(_) => "AVX2",
            #[cfg(target_arch = "aarch64")]
            Token::Neon(_) => "NEON",
            Token::Portable => "portable",
        }
    }

    /// Runs `kernel` on this instruction set.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Token::V4(token) => token.enter(kernel),
            #[cfg(target_arch = "x86_64")]
            Token::V3(token) => token.enter(kernel),
            #[cfg(target_arch = "aarch64")]
            Token::Neon(token) => token.enter(kernel),
            Token::Portable => Portable.enter(kernel),
        }
    }
}
