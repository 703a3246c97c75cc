//! Intervals of proportions, and the normal quantile they rest on.

use statrs::distribution::{ContinuousCDF, Normal};

/// The z with P(|Z| <= z) = `level` for a standard normal Z: 1.96 for 0.95. `level` in (0, 1).
pub fn normal_quantile(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

/// Wilson's score interval of a proportion of `hits` in `n` (Wilson 1927); `None` for n = 0.
pub fn wilson(hits: u64, n: u64, level: f64) -> Option<[f64; 2]> {
    wilson_share(hits as f64 / n as f64, n as f64, level)
}

/// The same of a `share` of `n` observations, which need be no whole number (rows of unequal weight); `None` unless n
/// is above 0.
pub fn wilson_share(share: f64, n: f64, level: f64) -> Option<[f64; 2]> {
    if n.is_nan() || n <= 0.0 {
        return None;
    }
    let z = normal_quantile(level);
    let z2 = z * z;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    // At 0 and n hits one end is 0 or 1 exactly; the subtraction would miss it by a rounding error.
    let low = if share <= 0.0 { 0.0 } else { middle - half };
    let high = if share >= 1.0 { 1.0 } else { middle + half };
    Some([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_as_published() {
        // Newcombe 1998, table I, method 3 (score without continuity correction).
        for (hits, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let [a, b] = wilson(hits, n, 0.95).expect("n > 0");
            assert!((a - low).abs() < 5e-5 && (b - high).abs() < 5e-5, "{hits}/{n}: {a} {b}");
        }
        assert_eq!(wilson(0, 0, 0.95), None);
    }

    #[test]
    fn the_familiar_quantile() {
        assert!((normal_quantile(0.95) - 1.959_963_984_540_054).abs() < 1e-12);
    }
}
