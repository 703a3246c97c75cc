//! Scalar twins of the kernels, in the plainest form, for the tests to compare them with.

use super::{Moments, RowMoments, RowProfile, Score, TOP};

/// As the kernel: `None` if an entry is NaN or plus infinity, or if none is finite.
pub(super) fn profile<S: Score>(row: &[S]) -> Option<RowProfile> {
    let z: Vec<f64> = row.iter().map(|z| z.widen()).collect();
    if z.iter().any(|z| z.is_nan() || *z == f64::INFINITY) {
        return None;
    }
    let present: Vec<f64> = z.iter().copied().filter(|z| z.is_finite()).collect();
    let max = present.iter().copied().reduce(f64::max)?;
    let n = present.len() as f64;
    let below = |power: i32| present.iter().map(|z| (max - z).powi(power)).sum::<f64>() / n;
    Some(RowProfile {
        top: top(&z),
        n_max: count(present.iter().filter(|z| **z >= max)),
        n_present: count(present.iter()),
        min: present.iter().copied().fold(f64::INFINITY, f64::min),
        mean: max - below(1),
        sd: (below(2) - below(1).powi(2)).max(0.0).sqrt(),
        norm: present.iter().map(|z| z * z).sum::<f64>().sqrt(),
    })
}

/// The largest few, by a stable sort.
fn top(z: &[f64]) -> [(u32, f64); TOP] {
    let mut order: Vec<usize> = (0..z.len()).filter(|&i| z[i].is_finite()).collect();
    order.sort_by(|&i, &j| z[j].total_cmp(&z[i]));
    let mut top = [(u32::MAX, f64::NEG_INFINITY); TOP];
    for (place, &i) in top.iter_mut().zip(&order) {
        *place = (u32::try_from(i).expect("few classes"), z[i]);
    }
    top
}

/// 1 + number of scores above the one at `idx`.
pub(super) fn rank<S: Score>(row: &[S], idx: usize) -> u32 {
    1 + count(row.iter().filter(|z| **z > row[idx]))
}

fn count<T>(items: impl Iterator<Item = T>) -> u32 {
    u32::try_from(items.count()).expect("few classes")
}

/// Moments at inverse temperature b and 2b, from the definitions.
pub(super) fn moments<S: Score>(row: &[S], b: f64) -> RowMoments {
    RowMoments { at: moments_once(row, b), at_double: moments_once(row, 2.0 * b) }
}

fn moments_once<S: Score>(row: &[S], b: f64) -> Moments {
    let max = row.iter().map(|z| z.widen()).fold(f64::MIN, f64::max);
    let present = || row.iter().map(|z| max - z.widen()).filter(|d| *d < f64::INFINITY);
    // Without the first class at the maximum, whose term is 1: confident rows keep their digits.
    let terms = |power: i32| -> f64 {
        let at_max = present().filter(|d| *d <= 0.0).count() as f64;
        let own = if power == 0 { at_max - 1.0 } else { 0.0 };
        let below = present().filter(|d| *d > 0.0);
        // From the smallest term up: the order in which least is lost.
        let mut terms: Vec<f64> = below.map(|d| (-b * d).exp() * d.powi(power)).collect();
        terms.sort_by(f64::total_cmp);
        own + terms.iter().sum::<f64>()
    };
    let z = 1.0 + terms(0);
    let (m1, m2, m3) = (terms(1) / z, terms(2) / z, terms(3) / z);
    Moments {
        log_z: terms(0).ln_1p(),
        below_max: m1,
        variance: m2 - m1 * m1,
        third: -(m3 - 3.0 * m1 * m2 + 2.0 * m1 * m1 * m1),
    }
}

/// A node of the lattice at inverse temperature b: F, dF/dx, d2F/dx2.
pub(super) fn node<S: Score>(row: &[S], b: f64) -> [f64; 3] {
    let m = moments_once(row, b);
    [m.log_z, -b * m.below_max, b * b * m.variance - b * m.below_max]
}
