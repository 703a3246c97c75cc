//! The softmax itself, for the one place that needs all K probabilities of a row.

use super::Score;
use super::exp::exp_nonpositive;

/// softmax(b z) of one row into `out` (same length); absent classes get 0. The row must have a finite
/// largest score; otherwise (NaN, plus infinity, nothing present) every probability is NaN, because none
/// is defined.
pub fn softmax<S: Score>(row: &[S], b: f64, out: &mut [f64]) {
    let largest = row.iter().fold(f64::NEG_INFINITY, |max, z| max.max(z.widen()));
    if !largest.is_finite() || row.iter().any(|z| z.widen().is_nan()) {
        out.fill(f64::NAN);
        return;
    }
    for (p, z) in out.iter_mut().zip(row) {
        *p = exp_nonpositive(b * (z.widen() - largest));
    }
    let total: f64 = out.iter().sum();
    for p in out {
        *p /= total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_to_one_and_does_not_overflow() {
        let mut p = [0.0; 3];
        softmax(&[1e4, 1e4, -1e4], 1.0, &mut p);
        assert!((p[0] - 0.5).abs() < 1e-15 && (p[1] - 0.5).abs() < 1e-15 && p[2].abs() < 1e-300);
        softmax(&[0.0, 3f64.ln(), f64::NEG_INFINITY], 1.0, &mut p);
        assert!((p[0] - 0.25).abs() < 1e-15 && (p[1] - 0.75).abs() < 1e-15);
        assert!(p[2].abs() < f64::MIN_POSITIVE);
    }

    #[test]
    fn a_broken_row_has_no_probability() {
        let mut p = [0.0; 2];
        for row in [[f64::NAN, 1.0], [f64::INFINITY, 1.0], [f64::NEG_INFINITY; 2]] {
            softmax(&row, 1.0, &mut p);
            assert!(p.iter().all(|p| p.is_nan()));
        }
    }
}
