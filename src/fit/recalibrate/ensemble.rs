//! Ensemble temperature scaling (Zhang, Kailkhura & Han 2020).

use super::minimise::minimise;
use super::{FitRows, Fitted, Recalibrator};
use crate::metrics::RowsAt;
use crate::numerics::exp_nonpositive;

/// Fits the weights on the NLL at the temperature that was fitted before. The weights are squares over their sum:
/// they stay on the simplex, and reach its border.
pub(super) fn fit(on: FitRows<'_>) -> Fitted {
    let rows = on.rows();
    let (scaled, plain) = (RowsAt::new(rows, on.b), RowsAt::new(rows, 1.0));
    let members = (0..rows.len()).filter(|idx| on.is_member(*idx));
    let parts: Vec<[f64; 3]> = members
        .map(|idx| {
            let p = |at: &RowsAt| exp_nonpositive(-at.nll[idx].max(0.0));
            [p(&scaled), p(&plain), 1.0 / f64::from(rows.columns().n_present[idx])]
        })
        .collect();
    let n = parts.len() as f64;
    let mut nll = |x: &[f64]| {
        let (w, squares) = weights(x);
        let (mut total, mut slopes) = (0.0, [0.0; 3]);
        for part in &parts {
            let p: f64 = part.iter().zip(&w).map(|(p, w)| p * w).sum();
            total -= p.ln();
            for (slope, part) in slopes.iter_mut().zip(part) {
                *slope -= part / p;
            }
        }
        let mean: f64 = slopes.iter().zip(&w).map(|(slope, w)| slope * w).sum();
        let of = |(x, slope): (&f64, &f64)| 2.0 * x * (slope - mean) / squares / n;
        Ok((total / n, x.iter().zip(&slopes).map(of).collect()))
    };
    let start = vec![0.8_f64.sqrt(), 0.1_f64.sqrt(), 0.1_f64.sqrt()];
    let Ok(found) = minimise(start, &mut nll) else {
        unreachable!("no pass over a source that could fail")
    };
    Fitted {
        map: Recalibrator::Ensemble { inverse_temperature: on.b, weights: weights(&found.x).0 },
        is_converged: found.is_converged(),
        evaluations: found.evaluations,
        penalty: None,
    }
}

fn weights(x: &[f64]) -> ([f64; 3], f64) {
    let squares: f64 = x.iter().map(|x| x * x).sum();
    (std::array::from_fn(|i| x[i] * x[i] / squares), squares)
}
