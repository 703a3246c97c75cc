//! The log-partition function of a row at every inverse temperature, from a few nodes.
//!
//! Nodes lie on one absolute lattice b = 2^(j/2): T = 1 is always a node, and summaries made on
//! different machines share theirs. Each node keeps F = log Z(b) - b max and its first two derivatives
//! in x = ln b, in f32; between nodes a quintic Hermite polynomial in x gives F at any temperature.

use super::Moments;
use super::log::{GROUP, ln_1p};
use super::simd::{MAX_LANES, Simd};

/// Below this b (max - mean) a row is taken as hot, see [`hot`].
const HOT: f64 = 1e-3;

/// Numbers kept per node: F, dF/dx, d2F/dx2.
const PER_NODE: usize = 3;

/// A run of consecutive half-octave nodes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lattice {
    first: i32,
    n_nodes: usize,
}

/// The nodes of one row: [`Lattice::row_len`] numbers.
pub type NodeMoments<'a> = &'a [f32];

/// What a row says at the two ends of the temperature axis, where no node helps.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RowEnds {
    /// Classes at the maximum.
    pub n_max: f64,
    /// Classes present.
    pub n_present: f64,
    /// max - mean of the scores.
    pub mean_below_max: f64,
    /// Variance of the scores.
    pub variance: f64,
}

/// A value with its first two derivatives.
#[derive(Clone, Copy)]
struct Jet(f64, f64, f64);

impl Lattice {
    /// The nodes that cover [min(1, b0) / 16, 32 max(1, b0)]: four octaves of temperature on either side
    /// of both 1 and b0, and one more above because sum p^2 needs Z(2b). Where b0 is more than 30 octaves
    /// from 1, the nodes surround b0 alone: what lies between is the hot or the cold end of every row.
    pub fn covering(b0: f64) -> Self {
        Self::around(b0, WIDE)
    }

    /// The same with `octaves` of temperature on either side, 4 at most, where only what happens near 1 and b0 is
    /// asked for.
    pub fn around(b0: f64, octaves: f64) -> Self {
        let octaves = octaves.clamp(0.0, WIDE);
        let b0 = b0.clamp((-1000f64).exp2(), 1000f64.exp2());
        let near_one = b0.log2().abs() <= FAR_OCTAVES;
        let (low, high) = if near_one { (b0.min(1.0), b0.max(1.0)) } else { (b0, b0) };
        let (low, high) = (low.log2() - octaves, high.log2() + octaves + 1.0);
        #[expect(clippy::cast_possible_truncation, reason = "2 log2 of a finite f64 is below 2200")]
        let (first, last) = ((2.0 * low).floor() as i32, (2.0 * high).ceil() as i32);
        let n_nodes = first.abs_diff(last) as usize + 1;
        debug_assert!(n_nodes <= MAX_NODES);
        Self { first, n_nodes }
    }

    /// `n_nodes` nodes from b = 2^(`first` / 2) on, as a file says them; `None` if there is no node, or more
    /// than [`Lattice::covering`] ever lays, or one that f64 cannot hold.
    pub fn from_range(first: i32, n_nodes: usize) -> Option<Self> {
        let lattice = Self { first, n_nodes };
        let within = (1..=MAX_NODES).contains(&n_nodes)
            && i64::from(first) >= -MAX_HALF_OCTAVES
            && lattice.end() <= MAX_HALF_OCTAVES + 1;
        within.then_some(lattice)
    }

    /// The half octave after the last node.
    fn end(&self) -> i64 {
        i64::try_from(self.n_nodes).map_or(i64::MAX, |n| i64::from(self.first).saturating_add(n))
    }

    /// Twice the binary logarithm of the first node: nodes are counted from b = 1.
    pub fn first(&self) -> i32 {
        self.first
    }

    /// The nodes that both lattices have; `None` if there is none.
    pub fn common(&self, other: &Self) -> Option<Self> {
        let first = self.first.max(other.first);
        let n_nodes = self.end().min(other.end()) - i64::from(first);
        Self::from_range(first, usize::try_from(n_nodes).ok()?)
    }

    /// Number of nodes.
    pub fn n_nodes(&self) -> usize {
        self.n_nodes
    }

    /// Numbers stored per row.
    pub fn row_len(&self) -> usize {
        self.n_nodes * PER_NODE
    }

    /// Inverse temperature of node `idx`.
    pub fn node(&self, idx: usize) -> f64 {
        (0.5 * (f64::from(self.first) + idx as f64)).exp2()
    }

    /// The inverse temperatures of all nodes.
    pub fn nodes(&self) -> Vec<f64> {
        (0..self.n_nodes).map(|idx| self.node(idx)).collect()
    }

    /// One row at inverse temperature b > 0, see [`LatticeAt::moments`].
    pub fn at(&self, nodes: NodeMoments<'_>, ends: &RowEnds, b: f64) -> Moments {
        if b * ends.mean_below_max < HOT {
            return hot(ends, b);
        }
        let (position, last) = (self.position(b), self.n_nodes - 1);
        if position <= 0.0 {
            below(jet(nodes, 0), self.node(0), ends, b)
        } else if position >= last as f64 {
            above(jet(nodes, last), self.node(last), ends, b)
        } else {
            let (idx, t) = split(position);
            moments_from_log(hermite(jet(nodes, idx), jet(nodes, idx + 1), SPACING, t), b)
        }
    }

    /// Half-octaves from the first node to b.
    fn position(&self, b: f64) -> f64 {
        2.0 * b.log2() - f64::from(self.first)
    }

    /// What all rows share at inverse temperature b > 0.
    pub fn at_b(&self, b: f64) -> LatticeAt {
        let (position, last) = (self.position(b), self.n_nodes - 1);
        let place = if position <= 0.0 {
            Place::Below(self.node(0))
        } else if position >= last as f64 {
            Place::Above(last, self.node(last))
        } else {
            Place::between(position)
        };
        LatticeAt { b, place }
    }

    /// True if a minimum at inverse temperature b is well inside the nodes: they reach `octaves` of temperature to
    /// either side of it, and one more above. Where they were laid around the right b it is one octave more than
    /// need be asked for.
    pub fn covers(&self, b: f64, octaves: f64) -> bool {
        let position = self.position(b);
        position >= 2.0 * octaves && position + 2.0 * octaves + 2.0 <= (self.n_nodes - 1) as f64
    }
}

/// A lattice at one inverse temperature.
#[derive(Clone, Copy, Debug)]
pub struct LatticeAt {
    b: f64,
    place: Place,
}

/// Where an inverse temperature lies.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Below the first node, which is at this inverse temperature.
    Below(f64),
    /// From the last node on: its index and inverse temperature.
    Above(usize, f64),
    /// Above node `idx`, with the weights of both jets in the interpolated value and its derivatives.
    Between { idx: usize, weights: [[f64; 6]; 3] },
}

/// The node below a position between the first and the last, and the fraction of the way to the next.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "0 < position < number of nodes"
)]
fn split(position: f64) -> (usize, f64) {
    let idx = position as usize;
    (idx, position - idx as f64)
}

impl Place {
    fn between(position: f64) -> Self {
        let (idx, t) = split(position);
        // Interpolation is linear in the six numbers: each one's weights are what it alone would give.
        let mut weights = [[0.0; 6]; 3];
        for at in 0..6 {
            let mut unit = [0.0; 6];
            unit[at] = 1.0;
            let left = Jet(unit[0], unit[1], unit[2]);
            let right = Jet(unit[3], unit[4], unit[5]);
            let Jet(value, first, second) = hermite(left, right, SPACING, t);
            (weights[0][at], weights[1][at], weights[2][at]) = (value, first, second);
        }
        Self::Between { idx, weights }
    }
}

impl LatticeAt {
    /// The row with these nodes and ends. Exact to f32 rounding at a node; between nodes the error of the
    /// mean NLL was 7e-5 at most on real data; beyond the ends asymptotes take over.
    #[inline(always)]
    pub fn moments(&self, nodes: NodeMoments<'_>, ends: &RowEnds) -> Moments {
        let b = self.b;
        if b * ends.mean_below_max < HOT {
            return hot(ends, b);
        }
        match &self.place {
            Place::Below(first) => below(jet(nodes, 0), *first, ends, b),
            Place::Above(last, b_last) => above(jet(nodes, *last), *b_last, ends, b),
            Place::Between { idx, weights } => {
                let jets = &nodes[idx * PER_NODE..(idx + 2) * PER_NODE];
                let [value, first, second] = weights.map(|weights| {
                    let terms = weights.iter().zip(jets).map(|(w, x)| w * f64::from(*x));
                    terms.sum::<f64>()
                });
                moments_from_log(Jet(value, first, second), b)
            }
        }
    }
}

impl LatticeAt {
    /// [`Moments::log_z`] of the row alone.
    #[inline(always)]
    pub fn log_z(&self, nodes: NodeMoments<'_>, ends: &RowEnds) -> f64 {
        match &self.place {
            Place::Between { idx, weights } if self.b * ends.mean_below_max >= HOT => {
                let jets = &nodes[idx * PER_NODE..(idx + 2) * PER_NODE];
                let terms = weights[0].iter().zip(jets).map(|(w, x)| w * f64::from(*x));
                terms.sum()
            }
            _ => self.moments(nodes, ends).log_z,
        }
    }
}

/// F and its derivatives at node `idx`.
fn jet(nodes: NodeMoments<'_>, idx: usize) -> Jet {
    let node = &nodes[idx * PER_NODE..(idx + 1) * PER_NODE];
    Jet(f64::from(node[0]), f64::from(node[1]), f64::from(node[2]))
}

/// Octaves of temperature to either side of what is asked for, where whole curves are drawn.
const WIDE: f64 = 4.0;

/// Beyond so many octaves between 1 and the fitted temperature there are no nodes at 1.
const FAR_OCTAVES: f64 = 30.0;

/// The distance of two nodes in x = ln b.
const SPACING: f64 = std::f64::consts::LN_2 / 2.0;
/// Half octaves from b = 1 to the farthest node that [`Lattice::covering`] lays.
const MAX_HALF_OCTAVES: i64 = 2 * (1000 + 5);

/// The most that [`Lattice::covering`] makes: [`FAR_OCTAVES`], 9 of margin, two nodes each, and the ends.
const MAX_NODES: usize = 84;

/// Inverse temperature of node `idx` relative to the first one.
fn ratio_to_first(idx: usize) -> f64 {
    let octaves = (1u64 << (idx / 2)) as f64;
    if idx.is_multiple_of(2) { octaves } else { octaves * std::f64::consts::SQRT_2 }
}

/// Writes the nodes of a row to `out` ([`Lattice::row_len`] numbers): F and its derivatives in x = ln b. `sums`
/// holds per node those of e, e v, e v^2 below the maximum, v in units of the first node and of ln 2;
/// `n_max` classes are at the maximum.
#[inline(always)]
pub(super) fn write_nodes<I: Simd>(isa: I, sums: &[[f64; 3]], n_max: u32, out: &mut [f32]) {
    let lanes = MAX_LANES.min(I::LANES) / 2;
    let out = out.chunks_mut(lanes * PER_NODE);
    for ((group, sums), out) in (0..).step_by(lanes).zip(sums.chunks(lanes)).zip(out) {
        // Nodes that fill up the last group get sums of 0, and are not stored.
        let mut s = [[0.0; GROUP]; 3];
        for (at, sums) in sums.iter().enumerate() {
            let ratio = ratio_to_first(group + at) * std::f64::consts::LN_2;
            (s[0][at], s[1][at], s[2][at]) = (sums[0], ratio * sums[1], ratio * ratio * sums[2]);
        }
        let nodes = finish(isa, &s, f64::from(n_max));
        for (at, node) in out.chunks_exact_mut(PER_NODE).enumerate() {
            node.copy_from_slice(&[nodes[0][at], nodes[1][at], nodes[2][at]]);
        }
    }
}

/// F, dF/dx, d2F/dx2 of a group of nodes from the sums of e, e b d, e (b d)^2.
#[inline(always)]
fn finish<I: Simd>(isa: I, s: &[[f64; GROUP]; 3], n_max: f64) -> [[f32; GROUP]; 3] {
    let [s0, s1, s2] = [isa.load_f64(&s[0]), isa.load_f64(&s[1]), isa.load_f64(&s[2])];
    let z = isa.add_f64(isa.splat_f64(n_max), s0);
    let log = ln_1p(isa, isa.add_f64(s0, isa.splat_f64(n_max - 1.0)));
    let first = isa.div_f64(s1, z); // b E[d]
    let variance = isa.sub_f64(isa.div_f64(s2, z), isa.mul_f64(first, first)); // b^2 Var[d]
    let falling = isa.sub_f64(isa.splat_f64(0.0), first);
    let jets = [log, falling, isa.sub_f64(variance, first)];
    let mut out = [[0.0f32; GROUP]; 3];
    for (out, jet) in out.iter_mut().zip(jets) {
        let mut numbers = [0.0; GROUP];
        isa.store_f64(jet, &mut numbers);
        for (out, number) in out.iter_mut().zip(numbers) {
            #[expect(clippy::cast_possible_truncation, reason = "nodes are kept in f32")]
            let kept = number as f32;
            *out = kept;
        }
    }
    out
}

/// Quintic Hermite interpolation: the polynomial that has both jets at the ends of an interval of
/// length `h`, and its derivatives, at the fraction `t` of the way.
fn hermite(left: Jet, right: Jet, h: f64, t: f64) -> Jet {
    let (a0, a1, a2) = (left.0, left.1 * h, left.2 * h * h / 2.0);
    let rise = right.0 - a0 - a1 - a2;
    let slope = right.1 * h - a1 - 2.0 * a2;
    let bend = right.2 * h * h / 2.0 - a2;
    let a3 = 10.0 * rise - 4.0 * slope + bend;
    let a4 = -15.0 * rise + 7.0 * slope - 2.0 * bend;
    let a5 = 6.0 * rise - 3.0 * slope + bend;
    let value = a0 + t * (a1 + t * (a2 + t * (a3 + t * (a4 + t * a5))));
    let first = a1 + t * (2.0 * a2 + t * (3.0 * a3 + t * (4.0 * a4 + t * 5.0 * a5)));
    let second = 2.0 * a2 + t * (6.0 * a3 + t * (12.0 * a4 + t * 20.0 * a5));
    Jet(value, first / h, second / (h * h))
}

fn moments_from_log(jet: Jet, b: f64) -> Moments {
    Moments { log_z: jet.0, below_max: -jet.1 / b, variance: (jet.2 - jet.1) / (b * b), third: 0.0 }
}

/// So hot that the softmax is uniform up to b (max - mean): three terms of the expansion at b = 0 leave a
/// relative error of 1e-6. The nodes could not tell: their f32 loses a slope of log Z that is this small
/// against log Z itself.
fn hot(ends: &RowEnds, b: f64) -> Moments {
    let (d, variance) = (ends.mean_below_max, ends.variance);
    Moments {
        log_z: ends.n_present.ln() - b * d + b * b * variance / 2.0,
        below_max: d - b * variance,
        variance,
        third: 0.0,
    }
}

/// Below the first node: the quintic in b between b = 0, where log Z = ln K, E\[d\] and Var\[d\] are known
/// without any exponential, and the first node.
fn below(node: Jet, first: f64, ends: &RowEnds, b: f64) -> Moments {
    let zero = Jet(ends.n_present.ln(), -ends.mean_below_max, ends.variance);
    let known = moments_from_log(node, first);
    let right = Jet(known.log_z, -known.below_max, known.variance);
    let jet = hermite(zero, right, first, b / first);
    Moments { log_z: jet.0, below_max: -jet.1, variance: jet.2, third: 0.0 }
}

/// Above the last node: what is not at the maximum is one lump at its mean distance, which decays
/// exponentially; log Z runs to ln(multiplicity of the maximum), as it must.
fn above(node: Jet, last: f64, ends: &RowEnds, b: f64) -> Moments {
    let known = moments_from_log(node, last);
    let z = known.log_z.exp();
    let rest = z - ends.n_max;
    if rest <= 0.0 || known.below_max <= 0.0 {
        return Moments { log_z: ends.n_max.ln(), ..Moments::default() };
    }
    let distance = known.below_max * z / rest;
    let rest = rest * (-(b - last) * distance).exp();
    let z = ends.n_max + rest;
    let share = rest / z;
    Moments {
        log_z: (rest + (ends.n_max - 1.0)).ln_1p(),
        below_max: share * distance,
        variance: share * (1.0 - share) * distance * distance,
        third: 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::{InstructionSet, Kernel, RowSummarizer, Simd, row_moments, twin};

    fn row(k: usize, scale: f64, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        (0..k).map(|_| scale * (next() + next() + next() - 1.5)).collect()
    }

    fn ends(row: &[f64]) -> (f64, u32, RowEnds) {
        let p = twin::profile(row).expect("finite");
        let ends = RowEnds {
            n_max: f64::from(p.n_max),
            n_present: f64::from(p.n_present),
            mean_below_max: p.top[0].1 - p.mean,
            variance: p.sd * p.sd,
        };
        (p.top[0].1, p.n_max, ends)
    }

    struct Nodes<'a>(&'a [f64], Lattice);

    impl Kernel for Nodes<'_> {
        type Output = Vec<f32>;

        #[inline(always)]
        fn run<I: Simd>(self, isa: I) -> Vec<f32> {
            let mut nodes = Vec::new();
            let mut summarizer = RowSummarizer::new(isa, Some(self.1));
            summarizer.row(self.0, 0, &mut nodes).expect("finite");
            nodes
        }
    }

    fn nodes(row: &[f64], lattice: Lattice) -> Vec<f32> {
        InstructionSet::best().run(Nodes(row, lattice))
    }

    /// Largest error of log Z and of b E[d] over many temperatures.
    fn worst(row: &[f64], lattice: Lattice, low: f64, high: f64) -> (f64, f64) {
        let (max, n_max, ends) = ends(row);
        let nodes = nodes(row, lattice);
        let mut worst = (0.0f64, 0.0f64);
        for i in 0..=400 {
            let b = low * (high / low).powf(f64::from(i) / 400.0);
            let want = row_moments(row, max, n_max, b).at;
            let got = lattice.at(&nodes, &ends, b);
            worst.0 = worst.0.max((got.log_z - want.log_z).abs());
            worst.1 = worst.1.max(b * (got.below_max - want.below_max).abs());
        }
        worst
    }

    #[test]
    fn between_the_nodes_the_error_is_small_whatever_the_scale() {
        for (seed, scale) in [(1, 1.0), (2, 20.0), (3, 3e4), (4, 1e-3), (5, 1e-8), (6, 1e12)] {
            for k in [50, 64, 213, 1000] {
                let row = row(k, scale, seed);
                let b0 = 3.0 / scale;
                let (log_z, slope) = worst(&row, Lattice::covering(b0), b0 / 16.0, 16.0 * b0);
                assert!(log_z < 2e-3 && slope < 2e-2, "K {k} scale {scale}: {log_z:e} {slope:e}");
            }
        }
    }

    #[test]
    fn at_the_nodes_it_is_f32() {
        let row = row(300, 8.0, 9);
        let lattice = Lattice::covering(1.0);
        let (max, n_max, ends) = ends(&row);
        let nodes = nodes(&row, lattice);
        for idx in 0..lattice.n_nodes() {
            let b = lattice.node(idx);
            let (got, want) = (lattice.at(&nodes, &ends, b), row_moments(&row, max, n_max, b).at);
            assert!((got.log_z - want.log_z).abs() < 1e-4 * (1.0 + want.log_z), "node {idx}");
        }
    }

    #[test]
    fn one_is_always_a_node() {
        for b0 in [0.1, 1.0, 7.3, 2e-5] {
            let lattice = Lattice::covering(b0);
            assert!((0..lattice.n_nodes()).any(|i| (lattice.node(i) - 1.0).abs() < 1e-15), "{b0}");
        }
    }

    #[test]
    fn a_lattice_covers_what_it_was_laid_around_and_one_octave_more_than_is_asked() {
        for octaves in [2.0, 4.0] {
            for b0 in [0.07, 1.0, 1.3, 12.0, 1e12] {
                let lattice = Lattice::around(b0, octaves);
                assert!(lattice.covers(b0, octaves) && lattice.covers(1.9 * b0, octaves - 1.0));
                assert!(!lattice.covers(b0.max(1.0) * 2.9, octaves));
                let wide = Lattice::covering(b0);
                assert_eq!(wide.common(&lattice), Some(lattice), "{b0}");
            }
        }
    }

    #[test]
    fn lattices_share_the_nodes_of_both_ranges() {
        let range = |first, n| Lattice::from_range(first, n);
        let (a, b) = (range(-8, 19).expect("short"), range(-4, 30).expect("short"));
        assert_eq!(a.common(&b), range(-4, 15));
        assert_eq!(b.common(&a), range(-4, 15));
        assert_eq!(a.common(&range(11, 4).expect("short")), None);
        assert_eq!(Lattice::covering(1.0), a);
    }

    #[test]
    fn absurd_ranges_are_no_lattice() {
        for (first, n) in [(0, 0), (0, MAX_NODES + 1), (i32::MIN, 4), (i32::MAX, 4), (3000, 4)] {
            assert_eq!(Lattice::from_range(first, n), None, "{first} {n}");
        }
        for b0 in [1e-300, 1e300, 1e-9, 1e9] {
            let lattice = Lattice::covering(b0);
            let again = Lattice::from_range(lattice.first(), lattice.n_nodes());
            assert_eq!(again, Some(lattice), "{b0}");
            assert!(lattice.node(0) > 0.0 && lattice.node(lattice.n_nodes() - 1).is_finite());
        }
    }

    #[test]
    fn far_beyond_the_nodes_the_asymptotes_hold() {
        let row = row(100, 5.0, 3);
        let lattice = Lattice::covering(1.0);
        let (_, _, ends) = ends(&row);
        let nodes = nodes(&row, lattice);
        let hot = lattice.at(&nodes, &ends, 1e-12);
        assert!((hot.log_z - 100f64.ln()).abs() < 1e-9);
        let cold = lattice.at(&nodes, &ends, 1e6);
        assert!(cold.log_z.abs() < 1e-12 && cold.below_max.abs() < 1e-12);
    }
}
