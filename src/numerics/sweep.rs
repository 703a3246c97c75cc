//! The sums over a row that need f64: moments at one inverse temperature, mean, spread and norm, and, on
//! the way, the distances that the lattice of temperatures starts from.

use super::exp::exp_f64;
use super::score::Score;
use super::simd::{MAX_LANES, Simd};

/// Sums over the classes below the maximum, d = max - z > 0, e = exp(-b d): e, e d, e d^2, e d^3 and the
/// same of e^2. What [`super::Moments`] are made of.
pub(super) type ExactSums = [f64; 8];

/// The sums of a profile: d, d^2 and z^2 over all classes.
#[derive(Clone, Copy, Debug)]
pub(super) struct ProfileSums {
    pub(super) first: f64,
    pub(super) second: f64,
    pub(super) squares: f64,
}

/// Running sums of a row.
#[derive(Clone, Copy)]
pub(super) struct Sweep<I: Simd> {
    profile: [I::F64s; 3],
    exact: [I::F64s; 8],
}

/// What a sweep sums: a profile, moments, or both.
pub(super) trait Want {
    /// True for d, d^2 and z^2.
    const PROFILE: bool;
    /// True for the sums of exponentials.
    const EXACT: bool;
}

/// Mean, spread and norm.
pub(super) struct ProfileOnly;

/// Moments.
pub(super) struct ExactOnly;

/// Both.
pub(super) struct Both;

impl Want for ProfileOnly {
    const PROFILE: bool = true;
    const EXACT: bool = false;
}

impl Want for ExactOnly {
    const PROFILE: bool = false;
    const EXACT: bool = true;
}

impl Want for Both {
    const PROFILE: bool = true;
    const EXACT: bool = true;
}

/// Where a sweep leaves d = max - z, if anywhere.
pub(super) trait Distances<I: Simd> {
    /// Takes the next [`Simd::LANES`] distances; 0 at the maximum and where there is no class.
    fn take(&mut self, isa: I, d: [I::F64s; 2]);
}

/// They are not needed.
pub(super) struct Unneeded;

impl<I: Simd> Distances<I> for Unneeded {
    #[inline(always)]
    fn take(&mut self, _: I, _: [I::F64s; 2]) {}
}

impl<I: Simd> Sweep<I> {
    #[inline(always)]
    pub(super) fn new(isa: I) -> Self {
        let zero = isa.splat_f64(0.0);
        Self { profile: [zero; 3], exact: [zero; 8] }
    }

    /// Adds `part` of a row whose largest score is `max`, at inverse temperature b. All scores are finite.
    #[inline(always)]
    pub(super) fn add<S: Score, W: Want>(
        &mut self,
        isa: I,
        part: &[S],
        (max, b): (S, f64),
        distances: &mut impl Distances<I>,
    ) {
        let mut sums = *self; // a local copy stays in registers
        let (top, minus_b) = (isa.splat_f64(max.widen()), isa.splat_f64(-b));
        let chunks = part.chunks_exact(I::LANES);
        let rest = chunks.remainder();
        for chunk in chunks {
            let z = S::halves(isa, S::load(isa, chunk));
            let d = [isa.sub_f64(top, z[0]), isa.sub_f64(top, z[1])];
            sums.step::<W>(isa, z, d, minus_b);
            distances.take(isa, d);
        }
        if !rest.is_empty() {
            // Lanes without a class: z = 0 for the squares, d = 0 for everything else.
            let z = S::halves(isa, padded(isa, rest, S::ZERO));
            let d = S::halves(isa, padded(isa, rest, max));
            let d = [isa.sub_f64(top, d[0]), isa.sub_f64(top, d[1])];
            sums.step::<W>(isa, z, d, minus_b);
            distances.take(isa, d);
        }
        *self = sums;
    }

    #[inline(always)]
    fn step<W: Want>(&mut self, isa: I, z: [I::F64s; 2], d: [I::F64s; 2], minus_b: I::F64s) {
        if W::PROFILE {
            for half in 0..2 {
                let (z, d) = (z[half], d[half]);
                self.profile[0] = isa.add_f64(self.profile[0], d);
                self.profile[1] = isa.fma_f64(d, d, self.profile[1]);
                self.profile[2] = isa.fma_f64(z, z, self.profile[2]);
            }
        }
        if W::EXACT {
            add_exact_pair(isa, &mut self.exact, d, minus_b);
        }
    }

    #[inline(always)]
    pub(super) fn profile(&self, isa: I) -> ProfileSums {
        ProfileSums {
            first: isa.sum_f64(self.profile[0]),
            second: isa.sum_f64(self.profile[1]),
            squares: isa.sum_f64(self.profile[2]),
        }
    }

    #[inline(always)]
    pub(super) fn exact(&self, isa: I) -> ExactSums {
        let mut sums = [0.0; 8];
        for (sum, lanes) in sums.iter_mut().zip(&self.exact) {
            *sum = isa.sum_f64(*lanes);
        }
        sums
    }
}

/// Adds the terms of two vectors of distances to the sums of exponentials: first to each other, so that the
/// sums, for which there are not enough registers, are fetched once.
#[inline(always)]
fn add_exact_pair<I: Simd>(isa: I, sums: &mut [I::F64s; 8], d: [I::F64s; 2], minus_b: I::F64s) {
    let (low, high) = (terms(isa, d[0], minus_b), terms(isa, d[1], minus_b));
    for ((sum, low), high) in sums.iter_mut().zip(low).zip(high) {
        *sum = isa.add_f64(*sum, isa.add_f64(low, high));
    }
}

/// Adds the terms of one vector of distances.
#[inline(always)]
pub(super) fn add_exact<I: Simd>(isa: I, sums: &mut [I::F64s; 8], d: I::F64s, minus_b: I::F64s) {
    for (sum, term) in sums.iter_mut().zip(terms(isa, d, minus_b)) {
        *sum = isa.add_f64(*sum, term);
    }
}

/// What [`ExactSums`] are the sums of. At the maximum d = 0: it is counted apart, and put out of reach here. A
/// distance may have overflowed to infinity: its exponential is 0, and 0 times infinity would be NaN.
#[inline(always)]
fn terms<I: Simd>(isa: I, d: I::F64s, minus_b: I::F64s) -> [I::F64s; 8] {
    let far = isa.splat_f64(f64::MAX);
    let d = isa.min_f64(isa.pick_f64(d, isa.splat_f64(0.0), d, far), far);
    let e = exp_f64(isa, isa.mul_f64(minus_b, d));
    let (ed, f) = (isa.mul_f64(e, d), isa.mul_f64(e, e));
    let (edd, fd) = (isa.mul_f64(ed, d), isa.mul_f64(f, d));
    let (eddd, fdd) = (isa.mul_f64(edd, d), isa.mul_f64(fd, d));
    [e, ed, edd, eddd, f, fd, fdd, isa.mul_f64(fdd, d)]
}

/// Fewer than a vector of scores, and `fill` in the lanes that are left.
#[inline(always)]
fn padded<I: Simd, S: Score>(isa: I, rest: &[S], fill: S) -> S::Lanes<I> {
    let mut lanes = [fill; MAX_LANES];
    lanes[..rest.len()].copy_from_slice(rest);
    S::load(isa, &lanes)
}
