//! Tail probabilities of the normal and the binomial distribution.

use statrs::function::beta::beta_reg;

/// Halvings after which a bisection in [0, 1] has used up all bits of an f64.
const HALVINGS: usize = 64;

/// P(|Z| >= |z|) for a standard normal Z; 0 where that underflows, NaN for NaN.
pub fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2)
}

/// P(X <= k) for X binomial with `n` trials of probability `p` in [0, 1].
pub fn binomial_at_most(k: u64, n: u64, p: f64) -> f64 {
    if k >= n || p <= 0.0 {
        1.0
    } else if p >= 1.0 {
        0.0
    } else {
        beta_reg((n - k) as f64, k as f64 + 1.0, 1.0 - p)
    }
}

/// One-sided upper confidence bound at `level` on a probability of which `k` of `n` trials told
/// (Clopper & Pearson 1934): the p with P(X <= k) = 1 - level. 1 if k >= n.
///
/// Found by bisection: the inverse beta function of statrs stops short of ten digits.
pub fn clopper_pearson_upper(k: u64, n: u64, level: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    let (mut low, mut high) = (k as f64 / n as f64, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if binomial_at_most(k, n, middle) > 1.0 - level {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_by_hand() {
        assert!((normal_two_sided(1.959_963_984_540_054) - 0.05).abs() < 1e-15);
        assert!(normal_two_sided(f64::NAN).is_nan() && normal_two_sided(80.0) < f64::MIN_POSITIVE);
        // 1/8 of the four outcomes of three throws with at most no head, and 4/8 with at most one.
        assert!((binomial_at_most(0, 3, 0.5) - 0.125).abs() < 1e-14);
        assert!((binomial_at_most(1, 3, 0.5) - 0.5).abs() < 1e-14);
        assert!((binomial_at_most(3, 3, 0.5) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_rule_of_three_and_certainty() {
        // Without a failure the bound is 1 - (1 - level)^(1/n).
        for n in [1u64, 10, 299, 50_000] {
            let want = 1.0 - 0.05f64.powf(1.0 / n as f64);
            assert!(
                (clopper_pearson_upper(0, n, 0.95) - want).abs() < 1e-12 * want.max(1e-3),
                "{n}"
            );
        }
        assert!((clopper_pearson_upper(7, 7, 0.95) - 1.0).abs() < f64::EPSILON);
    }
}
