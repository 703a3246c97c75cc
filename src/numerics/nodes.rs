//! The sums that the nodes of a lattice are made of: exp(-b d), times d, times d^2, at every node.
//!
//! Two exponentials in f32 per score (one per parity of half-octaves), and a squaring for each octave above.

use super::exp::exp2_f32;
use super::simd::Simd;
use super::sweep::Distances;

/// Scores between two transfers of the f32 sums to f64.
pub(super) const CHUNK: usize = 4096;

/// Vectors worked on side by side, whose terms are added up before they reach the sums in memory.
const GROUP: usize = 4;

/// In units of v = b d / ln 2: from here on 2^-v is taken as 0, and here distances are put that do not count.
const FAR: f32 = 128.0;

/// Terms below 2 to this are left out, which changes log Z by K times 1e-18 at most: with them the loop runs
/// through octaves where nothing happens, and then into subnormal numbers, which made it five times slower.
const FLOOR: f32 = -60.0;

/// The square root of the smallest term.
const ROOT: f32 = 9.313_226e-10; // 2^-30

/// Octaves reached by squaring before the exponential is taken anew. Squaring doubles the relative error of an
/// f32: after four it is 1e-6 at most, after 28 (a model whose T is 1e-7) nothing would be left.
const FRESH_OCTAVES: usize = 4;

/// Room for the sums of one row at a time.
pub(super) struct NodeSums<I: Simd> {
    /// The inverse temperature of the first node, over ln 2.
    scale: f64,
    /// Minus the inverse temperature of each node, over that of the first.
    ratios: Vec<f32>,
    lanes: Vec<[I::F32s; 3]>,
    totals: Vec<[f64; 3]>,
    /// v at the first node, of the scores that are not in the sums yet.
    units: Vec<I::F32s>,
}

impl<I: Simd> NodeSums<I> {
    /// For the inverse temperatures `nodes`, ascending by half-octaves.
    pub(super) fn new(isa: I, nodes: &[f64]) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "at most 2^42")]
        let ratios = nodes.iter().map(|b| -(b / nodes[0]) as f32).collect();
        Self {
            scale: nodes[0] * std::f64::consts::LOG2_E,
            ratios,
            lanes: vec![[isa.splat_f32(0.0); 3]; nodes.len()],
            totals: vec![[0.0; 3]; nodes.len()],
            units: Vec::with_capacity(CHUNK / I::LANES + GROUP),
        }
    }

    #[inline(always)]
    pub(super) fn clear(&mut self, isa: I) {
        self.lanes.fill([isa.splat_f32(0.0); 3]);
        self.totals.fill([0.0; 3]);
        self.units.clear();
    }

    /// Adds the distances taken since the last call, at most [`CHUNK`] of them, to the totals.
    #[inline(always)]
    pub(super) fn flush(&mut self, isa: I) {
        let whole = self.units.len().next_multiple_of(GROUP);
        self.units.resize(whole, isa.splat_f32(FAR));
        for group in self.units.chunks_exact(GROUP) {
            let v = [group[0], group[1], group[2], group[3]];
            add_octaves(isa, &mut self.lanes, &self.ratios, v, 0);
            add_octaves(isa, &mut self.lanes, &self.ratios, v, 1);
        }
        for (total, lanes) in self.totals.iter_mut().zip(&mut self.lanes) {
            for (total, lane) in total.iter_mut().zip(lanes.iter_mut()) {
                *total += f64::from(isa.sum_f32(*lane));
                *lane = isa.splat_f32(0.0);
            }
        }
        self.units.clear();
    }

    /// Per node: the sums of e, e v, e v^2 over all classes below the maximum, v in units of the first
    /// node and of ln 2.
    pub(super) fn totals(&self) -> &[[f64; 3]] {
        &self.totals
    }
}

impl<I: Simd> Distances<I> for NodeSums<I> {
    #[inline(always)]
    fn take(&mut self, isa: I, d: [I::F64s; 2]) {
        let (scale, zero) = (isa.splat_f64(self.scale), isa.splat_f64(0.0));
        let far = isa.splat_f64(f64::from(FAR));
        // Chosen by d itself: d > 0 may be so small that v rounds to 0, and then counts with e = 1.
        let low = isa.pick_f64(d[0], zero, isa.mul_f64(d[0], scale), far);
        let high = isa.pick_f64(d[1], zero, isa.mul_f64(d[1], scale), far);
        let v = isa.narrow([low, high]);
        let v = isa.min_f32(v, isa.splat_f32(FAR));
        self.units.push(v);
    }
}

/// Adds a group of vectors to every second node, beginning at node `parity`, up to where all of its terms
/// have become 0.
#[inline(always)]
fn add_octaves<I: Simd>(
    isa: I,
    lanes: &mut [[I::F32s; 3]],
    ratios: &[f32],
    v: [I::F32s; GROUP],
    parity: usize,
) {
    let mut idx = parity;
    while idx < ratios.len() {
        let ratio = isa.splat_f32(ratios[idx]);
        let mut e = v;
        for e in &mut e {
            *e = exp2_f32(isa, isa.mul_f32(ratio, *e), FLOOR);
        }
        for _ in 0..FRESH_OCTAVES {
            let Some(sums) = lanes.get_mut(idx) else {
                return;
            };
            if !any(isa, e) {
                return;
            }
            add_terms(isa, sums, e, v);
            for e in &mut e {
                let square = isa.mul_f32(*e, *e);
                *e = isa.pick_f32(*e, isa.splat_f32(ROOT), square, isa.splat_f32(0.0));
            }
            idx += 2;
        }
    }
}

#[inline(always)]
fn any<I: Simd>(isa: I, e: [I::F32s; GROUP]) -> bool {
    let most = isa.max_f32(isa.max_f32(e[0], e[1]), isa.max_f32(e[2], e[3]));
    isa.greater_f32(most, isa.splat_f32(0.0)) != 0
}

#[inline(always)]
fn add_terms<I: Simd>(isa: I, sums: &mut [I::F32s; 3], e: [I::F32s; GROUP], v: [I::F32s; GROUP]) {
    let mut of = [isa.splat_f32(0.0); GROUP];
    for at in 0..GROUP {
        of[at] = isa.mul_f32(e[at], v[at]);
    }
    sums[0] = isa.add_f32(sums[0], total(isa, e));
    sums[1] = isa.add_f32(sums[1], total(isa, of));
    let low = isa.fma_f32(of[1], v[1], isa.mul_f32(of[0], v[0]));
    let high = isa.fma_f32(of[3], v[3], isa.mul_f32(of[2], v[2]));
    sums[2] = isa.add_f32(sums[2], isa.add_f32(low, high));
}

#[inline(always)]
fn total<I: Simd>(isa: I, x: [I::F32s; GROUP]) -> I::F32s {
    isa.add_f32(isa.add_f32(x[0], x[1]), isa.add_f32(x[2], x[3]))
}
