//! What one row of scores says without any temperature.

use super::Score;

/// How many of the largest scores a profile keeps.
pub const TOP: usize = 5;

/// Lanes of the running sums: wide enough for two AVX2 registers or one of AVX-512.
const LANES: usize = 8;

/// The temperature-free summary of a row of K scores; absent classes (minus infinity) are skipped.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct RowProfile {
    /// The largest scores with their class, largest first, the smaller class first on a tie.
    /// Classes that do not exist (K < 5 or absent) are `u32::MAX` with minus infinity.
    pub top: [(u32, f64); TOP],
    /// Classes whose score equals the largest: 1, or more on a tie.
    pub n_max: u32,
    /// Classes present.
    pub n_present: u32,
    /// Smallest score present.
    pub min: f64,
    /// Mean of the scores present.
    pub mean: f64,
    /// Standard deviation of the scores present, dividing by their number.
    pub sd: f64,
    /// Euclidean norm of the scores present.
    pub norm: f64,
}

/// Running extremes and sums over lanes.
struct Lanes {
    max: [f64; LANES],
    min: [f64; LANES],
    finite: [bool; LANES],
}

/// The profile of `row`, or `None` if an entry is NaN or plus infinity, if none is finite, or if one is
/// minus infinity where `absent_allowed` is false.
#[inline(always)]
pub fn profile<S: Score>(row: &[S], absent_allowed: bool) -> Option<RowProfile> {
    let (max, min) = extremes(row, absent_allowed)?;
    let sums = sums_below(row, max);
    let n_present = sums.count;
    let n = f64::from(n_present);
    // With d = max - z: mean z = max - mean d, and the spread is that of d. Because at least one d is 0
    // the subtraction loses no more than a factor K of the last digit, whatever is added to the row.
    let mean_below = sums.first / n;
    let variance = sums.second / n - mean_below * mean_below;
    let top = largest(row);
    Some(RowProfile {
        top,
        n_max: sums.at_max,
        n_present,
        min,
        mean: max - mean_below,
        sd: variance.max(0.0).sqrt(),
        norm: sums.squares.sqrt(),
    })
}

/// Largest and smallest finite score; `None` as [`profile`] says.
#[inline(always)]
fn extremes<S: Score>(row: &[S], absent_allowed: bool) -> Option<(f64, f64)> {
    let mut lanes = Lanes {
        max: [f64::NEG_INFINITY; LANES],
        min: [f64::INFINITY; LANES],
        finite: [true; LANES],
    };
    let chunks = row.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (l, z) in chunk.iter().enumerate() {
            lanes.add(l, z.widen(), absent_allowed);
        }
    }
    for (l, z) in rest.iter().enumerate() {
        lanes.add(l, z.widen(), absent_allowed);
    }
    let max = lanes.max.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let min = lanes.min.iter().copied().fold(f64::INFINITY, f64::min);
    (lanes.finite.iter().all(|&f| f) && max > f64::NEG_INFINITY).then_some((max, min))
}

impl Lanes {
    #[inline(always)]
    fn add(&mut self, lane: usize, z: f64, absent_allowed: bool) {
        let absent = z == f64::NEG_INFINITY && absent_allowed;
        // abs(z) < infinity is false for NaN and for both infinities.
        self.finite[lane] &= absent || z.abs() < f64::INFINITY;
        self.max[lane] = if z > self.max[lane] {
            z
        } else {
            self.max[lane]
        };
        self.min[lane] = if z < self.min[lane] && !absent {
            z
        } else {
            self.min[lane]
        };
    }
}

struct Sums {
    first: f64,
    second: f64,
    squares: f64,
    count: u32,
    at_max: u32,
}

/// Sums of d = max - z and d^2, of z^2, and counts, over the classes present.
#[inline(always)]
fn sums_below<S: Score>(row: &[S], max: f64) -> Sums {
    let (mut first, mut second, mut squares) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    let (mut count, mut at_max) = ([0u32; LANES], [0u32; LANES]);
    let mut add = |l: usize, z: f64| {
        let present = z > f64::NEG_INFINITY;
        let d = if present { max - z } else { 0.0 };
        let z = if present { z } else { 0.0 };
        first[l] += d;
        second[l] += d * d;
        squares[l] += z * z;
        count[l] += u32::from(present);
        at_max[l] += u32::from(present && d == 0.0);
    };
    let chunks = row.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (l, z) in chunk.iter().enumerate() {
            add(l, z.widen());
        }
    }
    for (l, z) in rest.iter().enumerate() {
        add(l, z.widen());
    }
    Sums {
        first: first.iter().sum(),
        second: second.iter().sum(),
        squares: squares.iter().sum(),
        count: count.iter().sum(),
        at_max: at_max.iter().sum(),
    }
}

/// The [`TOP`] largest scores. A later equal score never displaces an earlier one.
#[inline(always)]
fn largest<S: Score>(row: &[S]) -> [(u32, f64); TOP] {
    let mut top = [(u32::MAX, f64::NEG_INFINITY); TOP];
    for (class, z) in (0u32..).zip(row) {
        let z = z.widen();
        if z > top[TOP - 1].1 {
            insert(&mut top, class, z);
        }
    }
    top
}

/// Rare (about K ln K / K times a row), so kept out of the scan.
#[inline(never)]
fn insert(top: &mut [(u32, f64); TOP], class: u32, z: f64) {
    let mut at = TOP - 1;
    while at > 0 && z > top[at - 1].1 {
        top[at] = top[at - 1];
        at -= 1;
    }
    top[at] = (class, z);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_row_by_hand() {
        let p = profile(&[1.0, 4.0, -2.0, 4.0], false).expect("finite");
        assert_eq!(p.top[0], (1, 4.0));
        assert_eq!(p.top[1], (3, 4.0));
        assert_eq!(p.top[2], (0, 1.0));
        assert_eq!(p.top[4].0, u32::MAX);
        assert_eq!((p.n_max, p.n_present), (2, 4));
        assert!((p.min + 2.0).abs() < 1e-15 && (p.mean - 1.75).abs() < 1e-15);
        assert!((p.sd - 6.1875f64.sqrt()).abs() < 1e-14);
        assert!((p.norm - 37f64.sqrt()).abs() < 1e-14);
    }

    #[test]
    fn non_finite_rows_have_no_profile_and_absent_classes_are_skipped() {
        assert_eq!(profile(&[1.0, f64::NAN], true), None);
        assert_eq!(profile(&[1.0, f64::INFINITY], true), None);
        assert_eq!(profile(&[1.0, f64::NEG_INFINITY], false), None);
        assert_eq!(profile(&[f64::NEG_INFINITY; 3], true), None);
        let p = profile(&[1.0, f64::NEG_INFINITY, 3.0], true).expect("two classes present");
        assert_eq!((p.n_present, p.n_max), (2, 1));
        assert!((p.mean - 2.0).abs() < 1e-15 && (p.sd - 1.0).abs() < 1e-15);
    }

    #[test]
    fn every_length_agrees_with_the_plain_formulas() {
        for k in 2..40usize {
            let row: Vec<f32> = (0..k)
                .map(|i| ((i * 37 % 17) as f32 - 8.0) * 0.37)
                .collect();
            let p = profile(&row, false).expect("finite");
            let z: Vec<f64> = row.iter().map(|&v| f64::from(v)).collect();
            let mean = z.iter().sum::<f64>() / k as f64;
            let sd = (z.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / k as f64).sqrt();
            assert!(
                (p.mean - mean).abs() < 1e-13 && (p.sd - sd).abs() < 1e-13,
                "K = {k}"
            );
            let mut order: Vec<usize> = (0..k).collect();
            order.sort_by(|&i, &j| z[j].total_cmp(&z[i]).then(i.cmp(&j)));
            for (want, got) in order.iter().zip(p.top) {
                assert_eq!(*want, got.0 as usize);
            }
        }
    }
}
