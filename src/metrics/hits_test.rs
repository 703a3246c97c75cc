//! Is this number of hits what the probabilities promise? The test behind the gap of a class or a slice.

use crate::numerics::{
    normal_below, normal_two_sided, pairwise_sum, pairwise_sum_of, student_two_sided,
};

use super::Events;

/// Steps up to which the distribution is summed exactly; beyond, there are so many hits and misses that the
/// approximation is good to three digits.
const MAX_STEPS: usize = 2_000_000;

/// Two-sided p-value of `hits` events among rows of the given `probability`, if every probability is right and rows
/// are independent: twice the smaller tail of the Poisson binomial distribution, at most 1. Being discrete it is
/// on the safe side: it falls below a level no more often than that level says. NaN without rows.
///
/// `probability` in [0, 1]. Exact where rows times the rarer outcome are at most two million; else the normal
/// approximation with continuity and skewness corrected (Hong 2013, section 3.4).
pub fn hits_p_value(probability: &[f64], hits: usize) -> f64 {
    let n = probability.len();
    if n == 0 {
        return f64::NAN;
    }
    let misses = n - hits.min(n);
    let [at_most, at_least] = if n.saturating_mul(hits.min(misses) + 1) > MAX_STEPS {
        approximate_tails(probability, hits)
    } else if hits <= misses {
        exact_tails(probability.iter().copied(), hits)
    } else {
        let [fewer, more] = exact_tails(probability.iter().map(|p| 1.0 - p), misses);
        [more, fewer]
    };
    (2.0 * at_most.min(at_least)).clamp(0.0, 1.0)
}

/// Two-sided p-value of the same question where rows have weights, by the normal approximation: the sum of w (hit - p)
/// over the root of the sum of w^2 p (1 - p). NaN without rows, or where nothing could have come out otherwise.
pub fn weighted_hits_p_value(events: &Events<'_>) -> f64 {
    let term = |idx: usize| {
        let (p, weight) = (events.probability[idx], events.weight(idx));
        let off = events.outcome(idx) - p;
        (weight * off, weight * weight * p * (1.0 - p))
    };
    let (off, variance): (Vec<f64>, Vec<f64>) = (0..events.len()).map(term).unzip();
    let z = pairwise_sum(&off) / pairwise_sum(&variance).sqrt();
    if z.is_finite() { normal_two_sided(z) } else { f64::NAN }
}

/// Two-sided p-value of the same question where rows belong together: whether the sums of hit minus probability over
/// each cluster have mean 0, by Student's t test. `differences` are hit minus probability of every row, `cluster_of`
/// says to which cluster it belongs. NaN with fewer than two clusters or if all their sums are the same.
///
/// The clusters must be independent of each other; rows of one may depend on each other in any way. With few clusters
/// the normal shape of their sums is an assumption.
///
/// # Panics
/// If the two differ in length.
pub fn clustered_hits_p_value(differences: &[f64], cluster_of: &[u32]) -> f64 {
    assert_eq!(differences.len(), cluster_of.len(), "a cluster for every row");
    let mut rows: Vec<(u32, f64)> =
        cluster_of.iter().copied().zip(differences.iter().copied()).collect();
    // A stable sort: sums add up in the order of the rows.
    rows.sort_by_key(|row| row.0);
    let sums: Vec<f64> = rows
        .chunk_by(|a, b| a.0 == b.0)
        .map(|cluster| cluster.iter().map(|row| row.1).sum())
        .collect();
    if sums.len() < 2 {
        return f64::NAN;
    }
    let n = sums.len() as f64;
    let mean = pairwise_sum_of(&sums, &|sum| sum) / n;
    let squares = pairwise_sum_of(&sums, &|sum| (sum - mean).powi(2));
    let error = (squares / (n - 1.0) / n).sqrt();
    student_two_sided(mean / error, sums.len() - 1)
}

/// P(X <= k) and P(X >= k) for the sum X of independent events, by adding one event after another to the
/// distribution of their sum (only its part up to k is needed). The upper tail is what arrives at k: 1 minus the rest
/// has no digit left below 1e-16.
fn exact_tails(probability: impl Iterator<Item = f64>, k: usize) -> [f64; 2] {
    let mut share = vec![0.0; k + 1];
    share[0] = 1.0;
    let mut arrived = if k == 0 { 1.0 } else { 0.0 };
    for p in probability {
        if k > 0 {
            arrived += share[k - 1] * p;
        }
        for i in (1..=k).rev() {
            share[i] = share[i] * (1.0 - p) + share[i - 1] * p;
        }
        share[0] *= 1.0 - p;
    }
    [share.iter().sum(), arrived]
}

/// The same, approximately.
fn approximate_tails(probability: &[f64], k: usize) -> [f64; 2] {
    let mean = pairwise_sum_of(probability, &|p| p);
    let sd = pairwise_sum_of(probability, &|p| p * (1.0 - p)).sqrt();
    let third = pairwise_sum_of(probability, &|p| p * (1.0 - p) * (1.0 - 2.0 * p));
    let skewness = third / (sd * sd * sd);
    let tail = |x: f64, sign: f64| {
        let density = (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let corrected = normal_below(sign * x) + sign * skewness * (1.0 - x * x) * density / 6.0;
        corrected.clamp(0.0, 1.0)
    };
    let k = k as f64;
    [tail((k + 0.5 - mean) / sd, 1.0), tail((k - 0.5 - mean) / sd, -1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::binomial_at_most;

    #[test]
    fn a_tail_far_below_one_keeps_its_digits() {
        // All of 60 events of chance 0.01: 1e-120, and 59 or more: 60 x 0.99 x 1e-118 + 1e-120.
        let [_, all] = exact_tails(std::iter::repeat_n(0.01, 60), 60);
        assert!((all / 1e-120 - 1.0).abs() < 1e-12, "{all:e}");
        let [at_most, at_least] = exact_tails(std::iter::repeat_n(0.01, 60), 59);
        assert!((at_least / 5.941e-117 - 1.0).abs() < 1e-12, "{at_least:e}");
        assert!((at_most - 1.0).abs() < 1e-15);
        assert!(hits_p_value(&[0.99; 60], 0) > 0.0);
    }

    #[test]
    fn three_coins_by_hand() {
        // Sums 0 to 3 of .5, .5 and .2 have probabilities .2, .45, .3 and .05.
        let p = [0.5, 0.5, 0.2];
        for (hits, want) in [(0, 0.4), (1, 1.0), (2, 0.7), (3, 0.1)] {
            assert!((hits_p_value(&p, hits) - want).abs() < 1e-15, "{hits}");
        }
        assert!(hits_p_value(&[], 0).is_nan());
        assert!((hits_p_value(&[1.0, 1.0], 2) - 1.0).abs() < 1e-15);
        assert!(hits_p_value(&[1.0, 1.0], 1) <= 0.0, "certainty that failed");
    }

    #[test]
    fn equal_probabilities_are_a_binomial() {
        let p = vec![0.03; 700];
        for hits in [0, 5, 15, 21, 30, 60] {
            let lower = binomial_at_most(hits, 700, 0.03);
            let upper = 1.0 - hits.checked_sub(1).map_or(0.0, |k| binomial_at_most(k, 700, 0.03));
            let want = (2.0 * lower.min(upper)).min(1.0);
            let got = hits_p_value(&p, usize::try_from(hits).expect("small"));
            assert!((got - want).abs() < 1e-11, "{hits}: {got} {want}");
        }
    }

    #[test]
    fn the_approximation_is_that_of_many_rows() {
        let p: Vec<f64> = (0..3000).map(|i| f64::from(i * 37 % 1000) / 1100.0).collect();
        let mean: f64 = p.iter().sum();
        for off in [-60.0, -40.0, -10.0, 0.0, 25.0, 45.0, 62.0] {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small")]
            let hits = (mean + off) as usize;
            let (exact, near) = (exact_tails(p.iter().copied(), hits), approximate_tails(&p, hits));
            for (exact, near) in exact.iter().zip(near) {
                assert!((near / exact - 1.0).abs() < 2e-3, "{off}: {near:e} {exact:e}");
            }
        }
    }

    #[test]
    fn clustered_as_scipy_has_it() {
        // scipy.stats.ttest_1samp([0.5, -0.2, 0.9, 0.4, 0.1], 0), scipy 1.17.1.
        let differences = [0.3, -0.2, 0.9, 0.2, 0.4, 0.1];
        let p = clustered_hits_p_value(&differences, &[7, 2, 9, 7, 0, 4]);
        assert!((p - 0.141_580_263_522_784_3).abs() < 1e-12, "{p}");
        assert!(clustered_hits_p_value(&[0.1, 0.2], &[3, 3]).is_nan());
        assert!(clustered_hits_p_value(&[], &[]).is_nan());
    }
}
