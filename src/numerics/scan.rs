//! What comparisons alone say of a row: extremes, the largest few, ranks.

use super::score::Score;
use super::simd::{MAX_LANES, Simd};

/// How many of the largest scores a profile keeps.
pub const TOP: usize = 5;

/// The largest scores of a row with their class, largest first, the smaller class first on a tie. Places
/// without a class hold `u32::MAX` and minus infinity.
pub(super) type Top = [(u32, f64); TOP];

/// No class in any place.
const NOTHING: Top = [(u32::MAX, f64::NEG_INFINITY); TOP];

/// Largest and smallest score of a row, and what helps to find the largest few.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extremes<S> {
    pub(super) max: S,
    pub(super) min: S,
    /// False if any score is NaN or infinite.
    pub(super) finite: bool,
    /// No more than the [`TOP`]-th largest score: all of the largest few are at least this.
    bar: S,
}

/// Vectors of running extremes: four for the processor to work on side by side.
const STREAMS: usize = 4;

/// Running extremes.
struct Streams<I: Simd, S: Score> {
    max: [S::Lanes<I>; STREAMS],
    min: [S::Lanes<I>; STREAMS],
    /// 0 as long as every score was finite.
    nothing: [S::Lanes<I>; STREAMS],
}

/// The extremes of `row`. Minus infinity, where it stands for an absent class, is not finite and is the
/// smallest; the extremes mean nothing if there is a NaN.
#[inline(always)]
pub(super) fn extremes<I: Simd, S: Score>(isa: I, row: &[S]) -> Extremes<S> {
    if row.len() <= MAX_LANES {
        return extremes_one_by_one(row);
    }
    let mut streams = Streams::<I, S>::new(isa, S::load(isa, row));
    let groups = row.chunks_exact(STREAMS * I::LANES);
    let rest = groups.remainder();
    for group in groups {
        for at in 0..STREAMS {
            streams.add(isa, at, &group[at * I::LANES..]);
        }
    }
    for (at, chunk) in rest.chunks_exact(I::LANES).enumerate() {
        streams.add(isa, at, chunk);
    }
    let bar = fifth_largest(&streams.lane_maxima(isa));
    // The last scores again with some that came before: that changes no extreme.
    streams.add(isa, 0, &row[row.len() - I::LANES..]);
    streams.extremes(isa, bar)
}

impl<I: Simd, S: Score> Streams<I, S> {
    #[inline(always)]
    fn new(isa: I, first: S::Lanes<I>) -> Self {
        Self {
            max: [S::splat(isa, S::LOWEST); STREAMS],
            min: [first; STREAMS],
            nothing: [S::splat(isa, S::ZERO); STREAMS],
        }
    }

    #[inline(always)]
    fn add(&mut self, isa: I, at: usize, chunk: &[S]) {
        let z = S::load(isa, chunk);
        self.max[at] = S::larger(isa, self.max[at], z);
        self.min[at] = S::smaller(isa, self.min[at], z);
        self.nothing[at] = S::add_nothing(isa, self.nothing[at], z);
    }

    /// Sixteen maxima of disjoint parts of the row (on vectors of four lanes too: four streams of them).
    #[inline(always)]
    fn lane_maxima(&self, isa: I) -> [S; MAX_LANES] {
        let kept = MAX_LANES / I::LANES;
        let mut out = [S::LOWEST; MAX_LANES];
        for at in 0..kept {
            let mut merged = self.max[at];
            let mut other = at + kept;
            while other < STREAMS {
                merged = S::larger(isa, merged, self.max[other]);
                other += kept;
            }
            S::store(isa, merged, &mut out[at * I::LANES..]);
        }
        out
    }

    #[inline(always)]
    fn extremes(&self, isa: I, bar: S) -> Extremes<S> {
        let [mut max, mut min, mut nothing] = [self.max[0], self.min[0], self.nothing[0]];
        for at in 1..STREAMS {
            max = S::larger(isa, max, self.max[at]);
            min = S::smaller(isa, min, self.min[at]);
            nothing = S::add_nothing(isa, nothing, self.nothing[at]);
        }
        let (max, min) = (lanes_of::<I, S>(isa, max), lanes_of::<I, S>(isa, min));
        let nothing = lanes_of::<I, S>(isa, nothing);
        Extremes {
            max: max[..I::LANES].iter().copied().fold(max[0], larger),
            min: min[..I::LANES].iter().copied().fold(min[0], smaller),
            finite: nothing[..I::LANES].iter().all(|n| n.widen().is_finite()),
            bar,
        }
    }
}

fn extremes_one_by_one<S: Score>(row: &[S]) -> Extremes<S> {
    Extremes {
        max: row.iter().copied().fold(S::LOWEST, larger),
        min: row.iter().copied().fold(row[0], smaller),
        finite: row.iter().all(|z| z.widen().is_finite()),
        bar: S::LOWEST,
    }
}

#[inline(always)]
fn larger<S: Score>(x: S, y: S) -> S {
    if y > x { y } else { x }
}

#[inline(always)]
fn smaller<S: Score>(x: S, y: S) -> S {
    if y < x { y } else { x }
}

#[inline(always)]
fn lanes_of<I: Simd, S: Score>(isa: I, lanes: S::Lanes<I>) -> [S; MAX_LANES] {
    let mut out = [S::LOWEST; MAX_LANES];
    S::store(isa, lanes, &mut out);
    out
}

/// The [`TOP`]-th largest of the values, without a branch that depends on them.
#[inline(always)]
fn fifth_largest<S: Score>(values: &[S; MAX_LANES]) -> S {
    let mut top = [S::LOWEST; TOP];
    for &value in values {
        let mut value = value;
        for place in &mut top {
            let (high, low) = (larger(*place, value), smaller(*place, value));
            (*place, value) = (high, low);
        }
    }
    top[TOP - 1]
}

/// The [`TOP`] largest scores of `row`. A later equal score never displaces an earlier one.
#[inline(always)]
pub(super) fn largest<I: Simd, S: Score>(isa: I, row: &[S], extremes: &Extremes<S>) -> Top {
    if row.len() <= MAX_LANES {
        return largest_of_few(isa, row);
    }
    let mut top = NOTHING;
    let (all, bar) = (u32::MAX >> (32 - I::LANES), S::splat(isa, extremes.bar));
    let mut fifth = S::splat(isa, S::LOWEST);
    let chunks = row.chunks_exact(I::LANES);
    let n_whole = row.len() - chunks.remainder().len();
    for (idx, chunk) in chunks.enumerate() {
        let z = S::load(isa, chunk);
        // Until five are found, what reaches the bar; then, only what beats the fifth: a row of ties would
        // otherwise be looked at score by score.
        let candidates = if top[TOP - 1].0 == u32::MAX {
            all & !S::greater(isa, bar, z)
        } else {
            S::greater(isa, z, fifth)
        };
        if candidates != 0 {
            fifth = S::splat(isa, insert_each(&mut top, row, idx * I::LANES, candidates));
        }
    }
    for (idx, z) in row.iter().enumerate().skip(n_whole) {
        insert(&mut top, idx, z.widen());
    }
    top
}

/// The same for a row that fits sixteen lanes: each score's place is counted, because branches that depend on
/// the scores would be mispredicted in every row.
#[inline(always)]
fn largest_of_few<I: Simd, S: Score>(isa: I, row: &[S]) -> Top {
    let mut lanes = [S::LOWEST; MAX_LANES];
    lanes[..row.len()].copy_from_slice(row);
    let mut places = [(u32::MAX, f64::NEG_INFINITY); MAX_LANES];
    for (class, z) in (0u32..).zip(row) {
        let one = S::splat(isa, *z);
        let (mut above, mut below) = (0, 0);
        for at in (0..MAX_LANES).step_by(I::LANES) {
            let others = S::load(isa, &lanes[at..]);
            above |= S::greater(isa, others, one) << at;
            below |= S::greater(isa, one, others) << at;
        }
        let tied_before = !(above | below) & ((1 << class) - 1);
        let place = above.count_ones() + tied_before.count_ones();
        places[place as usize] = (class, z.widen());
    }
    let mut top = NOTHING;
    for (top, (class, z)) in top.iter_mut().zip(places) {
        // An absent class has a place, behind all others, but is none of the largest.
        if z > f64::NEG_INFINITY {
            *top = (class, z);
        }
    }
    top
}

/// Inserts the scores from `start` on whose bit is set. Rare, so kept out of the scan. Returns the fifth.
#[inline(never)]
fn insert_each<S: Score>(top: &mut Top, row: &[S], start: usize, mut candidates: u32) -> S {
    let mut fifth = S::LOWEST;
    while candidates != 0 {
        let idx = start + candidates.trailing_zeros() as usize;
        insert(top, idx, row[idx].widen());
        candidates &= candidates - 1;
    }
    let (class, _) = top[TOP - 1];
    if class != u32::MAX {
        fifth = row[class as usize];
    }
    fifth
}

/// Puts a score in its place, behind those that equal it.
#[inline(always)]
fn insert(top: &mut Top, class_idx: usize, z: f64) {
    if z <= top[TOP - 1].1 {
        return;
    }
    let mut at = TOP - 1;
    while at > 0 && z > top[at - 1].1 {
        top[at] = top[at - 1];
        at -= 1;
    }
    #[expect(clippy::cast_possible_truncation, reason = "K is below 2^31")]
    let class = class_idx as u32;
    top[at] = (class, z);
}

/// How many scores are above `score`.
#[inline(always)]
pub(super) fn count_above<I: Simd, S: Score>(isa: I, row: &[S], score: S) -> u32 {
    let bar = S::splat(isa, score);
    let chunks = row.chunks_exact(I::LANES);
    let mut n = chunks.remainder().iter().map(|z| u32::from(*z > score)).sum();
    for chunk in chunks {
        n += S::greater(isa, S::load(isa, chunk), bar).count_ones();
    }
    n
}

/// How many scores equal the largest one of `row`.
#[inline(always)]
pub(super) fn count_at_max<I: Simd, S: Score>(isa: I, row: &[S], top: &Top, max: S) -> u32 {
    let among_top = (0u32..).zip(top).find(|(_, place)| place.1 < max.widen());
    match among_top {
        Some((n, _)) => n,
        None => count_reaching(isa, row, max),
    }
}

#[inline(always)]
fn count_reaching<I: Simd, S: Score>(isa: I, row: &[S], max: S) -> u32 {
    let bar = S::splat(isa, max);
    let chunks = row.chunks_exact(I::LANES);
    let mut n = chunks.remainder().iter().map(|z| u32::from(*z >= max)).sum();
    #[expect(clippy::cast_possible_truncation, reason = "at most 16 lanes")]
    let lanes = I::LANES as u32;
    for chunk in chunks {
        n += lanes - S::greater(isa, bar, S::load(isa, chunk)).count_ones();
    }
    n
}
