//! Tail probabilities of the normal, the binomial and the chi-squared distribution.

use statrs::function::beta::beta_reg;
use statrs::function::gamma::gamma_ur;

/// Halvings after which a bisection in [0, 1] has used up all bits of an f64.
const HALVINGS: usize = 64;

/// P(|Z| >= |z|) for a standard normal Z; 0 where that underflows, NaN for NaN.
pub fn normal_two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2)
}

/// P(Z <= z) for a standard normal Z, to the last digits in both tails; NaN for NaN.
pub fn normal_below(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}

/// P(X > x) for X chi-squared with `n_degrees` degrees of freedom. 1 for x <= 0 and for no degree, 0 for an infinite
/// x, NaN for NaN.
pub fn chi_squared_above(x: f64, n_degrees: usize) -> f64 {
    if x.is_nan() {
        f64::NAN
    } else if x <= 0.0 || n_degrees == 0 {
        1.0
    } else if x.is_infinite() {
        0.0
    } else {
        gamma_ur(n_degrees as f64 / 2.0, x / 2.0)
    }
}

/// P(|X| >= |t|) for X of Student's distribution with `n_degrees` degrees of freedom; 0 for an infinite t, NaN for NaN
/// and without a degree of freedom.
pub fn student_two_sided(t: f64, n_degrees: usize) -> f64 {
    if t.is_nan() || n_degrees == 0 {
        return f64::NAN;
    }
    let n = n_degrees as f64;
    beta_reg(n / 2.0, 0.5, n / (n + t * t))
}

/// The t that |X| exceeds with probability 1 - `level`, for X of Student's distribution with `n_degrees` degrees of
/// freedom; NaN without one.
///
/// Found by bisection, as the inverse of statrs stops short of ten digits.
pub fn student_quantile(level: f64, n_degrees: usize) -> f64 {
    if n_degrees == 0 {
        return f64::NAN;
    }
    let exceeds = |t: f64| student_two_sided(t, n_degrees) > 1.0 - level;
    let mut high = 1.0;
    while exceeds(high) && high < f64::MAX / 2.0 {
        high *= 2.0;
    }
    let mut low = 0.0;
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if exceeds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
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

    const CHI2: [(f64, usize, f64); 7] = [
        (3.841_458_820_694_124, 1, 0.049_999_999_999_999_89),
        (0.1, 1, 0.751_829_634_045_849_2),
        (16.9, 9, 0.050_305_190_124_310_8),
        (140.0, 99, 0.004_228_298_769_819_221),
        (400.0, 99, 8.372_893_780_664_211e-38),
        (30.0, 1, 4.320_463_057_827_495_5e-8),
        (1050.0, 999, 0.127_777_346_081_618_52),
    ];

    #[test]
    fn chi_squared_tails_as_scipy_has_them() {
        // scipy.stats.chi2.sf, SciPy 1.17.
        for (x, n_degrees, want) in CHI2 {
            let got = chi_squared_above(x, n_degrees);
            assert!((got / want - 1.0).abs() < 1e-9, "{x}, {n_degrees}: {got:e}");
        }
        assert!(chi_squared_above(f64::NAN, 3).is_nan());
        let ends = [(0.0, 3), (-1.0, 3), (5.0, 0)].map(|(x, n)| chi_squared_above(x, n));
        assert!(ends.iter().all(|end| end.total_cmp(&1.0).is_eq()));
        assert!(chi_squared_above(f64::INFINITY, 3) <= 0.0);
    }

    #[test]
    fn both_normal_tails_keep_their_digits() {
        assert!((normal_below(-1.959_963_984_540_054) / 0.025 - 1.0).abs() < 1e-14);
        assert!((normal_below(-10.0) / 7.619_853_024_160_527e-24 - 1.0).abs() < 1e-13);
        assert!((normal_below(3.0) + normal_below(-3.0) - 1.0).abs() < 1e-15);
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
