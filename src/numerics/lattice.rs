//! The log-partition function of a row at every inverse temperature, from a few nodes.
//!
//! Nodes lie on one absolute lattice b = 2^(j/2): T = 1 is always a node, and summaries made on
//! different machines share theirs. Each node keeps F = log Z(b) - b max and its first two derivatives
//! in x = ln b, in f32; between nodes a quintic Hermite polynomial in x gives F at any temperature.

use super::exp::exp_nonpositive_f32;
use super::{Moments, Score};

/// Scores worked on at a time, so that their exponentials stay in the first-level cache.
const BLOCK: usize = 256;

/// Lanes of the running sums.
const LANES: usize = 16;

/// Beyond this many units below the maximum a term is under 1e-38 and left out.
const FAR: f32 = 87.0;

/// Values below this are taken as 0 before squaring: their square would be subnormal, and arithmetic on
/// subnormal numbers made this loop five times slower. What is left out is under K times 1e-18.
const TINY: f32 = 1e-18;

/// Octaves reached by squaring before the exponential is taken anew. Squaring doubles the relative error of an
/// f32: after four it is 1e-6 at most, after 28 (a model whose T is 1e-7) nothing would be left.
const FRESH_OCTAVES: usize = 4;

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
        let b0 = b0.clamp((-1000f64).exp2(), 1000f64.exp2());
        let near_one = b0.log2().abs() <= FAR_OCTAVES;
        let (low, high) = if near_one {
            (b0.min(1.0), b0.max(1.0))
        } else {
            (b0, b0)
        };
        let (low, high) = (low.log2() - 4.0, high.log2() + 5.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "2 log2 of a finite f64 is below 2200"
        )]
        let (first, last) = ((2.0 * low).floor() as i32, (2.0 * high).ceil() as i32);
        Self {
            first,
            n_nodes: first.abs_diff(last) as usize + 1,
        }
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

    /// Writes the nodes of `row` to `out` ([`Lattice::row_len`] numbers). `max` is the row's largest
    /// score, `n_max` how many classes have it.
    #[inline(always)]
    pub fn summarize<S: Score>(&self, row: &[S], max: f64, n_max: u32, out: &mut [f32]) {
        let mut sums = [[0.0f64; 3]; MAX_NODES];
        let base = self.node(0);
        for block in row.chunks(BLOCK) {
            self.add_block(block, max, base, &mut sums);
        }
        for (idx, (s, node)) in sums.iter().zip(out.chunks_exact_mut(PER_NODE)).enumerate() {
            write_node(*s, f64::from(n_max), self.node(idx) / base, node);
        }
    }

    #[inline(always)]
    fn add_block<S: Score>(
        &self,
        block: &[S],
        max: f64,
        base: f64,
        sums: &mut [[f64; 3]; MAX_NODES],
    ) {
        // u = b_0 d, the distance below the maximum in units of the first node.
        let mut u = [0.0f32; BLOCK];
        let mut live = [0.0f32; BLOCK];
        for ((u, live), z) in u.iter_mut().zip(&mut live).zip(block) {
            let d = max - z.widen();
            #[expect(clippy::cast_possible_truncation, reason = "nodes are kept in f32")]
            let units = (base * d) as f32;
            let counts = d > 0.0 && units < FAR;
            *u = if counts { units } else { 0.0 };
            *live = if counts { 1.0 } else { 0.0 };
        }
        let mut e = [0.0f32; BLOCK];
        for parity in 0..2.min(self.n_nodes) {
            for (octave, idx) in (parity..self.n_nodes).step_by(2).enumerate() {
                if octave % FRESH_OCTAVES == 0 {
                    #[expect(clippy::cast_possible_truncation, reason = "nodes are kept in f32")]
                    let ratio = (self.node(idx) / base) as f32;
                    for ((e, u), live) in e.iter_mut().zip(&u).zip(&live) {
                        *e = exp_nonpositive_f32(-ratio * u) * live;
                    }
                }
                accumulate(&mut e, &u, &mut sums[idx]);
            }
        }
    }

    /// The row at inverse temperature b > 0. Exact to f32 rounding at a node; between nodes the error of
    /// the mean NLL was 7e-5 at most on real data; beyond the ends asymptotes take over.
    pub fn at(&self, nodes: NodeMoments<'_>, ends: &RowEnds, b: f64) -> Moments {
        if b * ends.mean_below_max < HOT {
            return hot(ends, b);
        }
        let position = 2.0 * b.log2() - f64::from(self.first);
        let last = self.n_nodes - 1;
        if position <= 0.0 {
            return below(jet(nodes, 0), self.node(0), ends, b);
        }
        if position >= last as f64 {
            return above(jet(nodes, last), self.node(last), ends, b);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in 0..last"
        )]
        let idx = position as usize;
        let spacing = std::f64::consts::LN_2 / 2.0;
        let t = position - idx as f64;
        let jet = hermite(jet(nodes, idx), jet(nodes, idx + 1), spacing, t);
        moments_from_log(jet, b)
    }
}

/// F and its derivatives at node `idx`.
fn jet(nodes: NodeMoments<'_>, idx: usize) -> Jet {
    let node = &nodes[idx * PER_NODE..(idx + 1) * PER_NODE];
    Jet(f64::from(node[0]), f64::from(node[1]), f64::from(node[2]))
}

/// Beyond so many octaves between 1 and the fitted temperature there are no nodes at 1.
const FAR_OCTAVES: f64 = 30.0;

/// Half octaves from b = 1 to the farthest node that [`Lattice::covering`] lays.
const MAX_HALF_OCTAVES: i64 = 2 * (1000 + 5);

/// The most that [`Lattice::covering`] makes: [`FAR_OCTAVES`], 9 of margin, two nodes each, and the ends.
const MAX_NODES: usize = 84;

/// Adds e, e u, e u^2 to the sums of one node and squares e for the next octave.
#[inline(always)]
fn accumulate(e: &mut [f32; BLOCK], u: &[f32; BLOCK], sums: &mut [f64; 3]) {
    let mut lanes = [[0.0f32; LANES]; 3];
    for (e, u) in e.chunks_exact_mut(LANES).zip(u.chunks_exact(LANES)) {
        for l in 0..LANES {
            let value = e[l];
            let first = value * u[l];
            lanes[0][l] += value;
            lanes[1][l] += first;
            lanes[2][l] += first * u[l];
            e[l] = if value < TINY { 0.0 } else { value * value };
        }
    }
    for (sum, lane) in sums.iter_mut().zip(&lanes) {
        *sum += f64::from(lane.iter().sum::<f32>());
    }
}

/// F and its derivatives in x = ln b from the sums of a node at `ratio` times the first one.
#[inline(always)]
#[expect(clippy::cast_possible_truncation, reason = "nodes are kept in f32")]
fn write_node([s0, s1, s2]: [f64; 3], n_max: f64, ratio: f64, node: &mut [f32]) {
    let z = n_max + s0;
    let first = ratio * s1 / z; // b E[d]
    let second = ratio * ratio * s2 / z - first * first; // b^2 Var[d]
    node[0] = (s0 + (n_max - 1.0)).ln_1p() as f32;
    node[1] = -first as f32;
    node[2] = (second - first) as f32;
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
    Moments {
        log_z: jet.0,
        below_max: -jet.1 / b,
        variance: (jet.2 - jet.1) / (b * b),
        third: 0.0,
    }
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
    Moments {
        log_z: jet.0,
        below_max: -jet.1,
        variance: jet.2,
        third: 0.0,
    }
}

/// Above the last node: what is not at the maximum is one lump at its mean distance, which decays
/// exponentially; log Z runs to ln(multiplicity of the maximum), as it must.
fn above(node: Jet, last: f64, ends: &RowEnds, b: f64) -> Moments {
    let known = moments_from_log(node, last);
    let z = known.log_z.exp();
    let rest = z - ends.n_max;
    if rest <= 0.0 || known.below_max <= 0.0 {
        return Moments {
            log_z: ends.n_max.ln(),
            ..Moments::default()
        };
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
    use crate::numerics::{profile, row_moments};

    fn row(k: usize, scale: f64, seed: u64) -> Vec<f64> {
        let mut state = seed;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        (0..k)
            .map(|_| scale * (next() + next() + next() - 1.5))
            .collect()
    }

    fn ends(row: &[f64]) -> (f64, u32, RowEnds) {
        let p = profile(row, false).expect("finite");
        let ends = RowEnds {
            n_max: f64::from(p.n_max),
            n_present: f64::from(p.n_present),
            mean_below_max: p.top[0].1 - p.mean,
            variance: p.sd * p.sd,
        };
        (p.top[0].1, p.n_max, ends)
    }

    /// Largest error of log Z and of b E[d] over many temperatures.
    fn worst(row: &[f64], lattice: Lattice, low: f64, high: f64) -> (f64, f64) {
        let (max, n_max, ends) = ends(row);
        let mut nodes = vec![0.0; lattice.row_len()];
        lattice.summarize(row, max, n_max, &mut nodes);
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
        for (seed, scale) in [
            (1, 1.0),
            (2, 20.0),
            (3, 3e4),
            (4, 1e-3),
            (5, 1e-8),
            (6, 1e12),
        ] {
            for k in [50, 64, 213, 1000] {
                let row = row(k, scale, seed);
                let b0 = 3.0 / scale;
                let (log_z, slope) = worst(&row, Lattice::covering(b0), b0 / 16.0, 16.0 * b0);
                assert!(
                    log_z < 2e-3 && slope < 2e-2,
                    "K {k} scale {scale}: {log_z:e} {slope:e}"
                );
            }
        }
    }

    #[test]
    fn at_the_nodes_it_is_f32() {
        let row = row(300, 8.0, 9);
        let lattice = Lattice::covering(1.0);
        let (max, n_max, ends) = ends(&row);
        let mut nodes = vec![0.0; lattice.row_len()];
        lattice.summarize(&row, max, n_max, &mut nodes);
        for idx in 0..lattice.n_nodes() {
            let b = lattice.node(idx);
            let (got, want) = (
                lattice.at(&nodes, &ends, b),
                row_moments(&row, max, n_max, b).at,
            );
            assert!(
                (got.log_z - want.log_z).abs() < 1e-4 * (1.0 + want.log_z),
                "node {idx}"
            );
        }
    }

    #[test]
    fn one_is_always_a_node() {
        for b0 in [0.1, 1.0, 7.3, 2e-5] {
            let lattice = Lattice::covering(b0);
            assert!(
                (0..lattice.n_nodes()).any(|i| (lattice.node(i) - 1.0).abs() < 1e-15),
                "{b0}"
            );
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
        for (first, n) in [
            (0, 0),
            (0, MAX_NODES + 1),
            (i32::MIN, 4),
            (i32::MAX, 4),
            (3000, 4),
        ] {
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
        let (max, n_max, ends) = ends(&row);
        let mut nodes = vec![0.0; lattice.row_len()];
        lattice.summarize(&row, max, n_max, &mut nodes);
        let hot = lattice.at(&nodes, &ends, 1e-12);
        assert!((hot.log_z - 100f64.ln()).abs() < 1e-9);
        let cold = lattice.at(&nodes, &ends, 1e6);
        assert!(cold.log_z.abs() < 1e-12 && cold.below_max.abs() < 1e-12);
    }
}
