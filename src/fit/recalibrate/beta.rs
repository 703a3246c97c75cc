//! Beta calibration (Kull, Silva Filho & Flach 2017).

use rayon::prelude::*;
use serde::Serialize;

use super::fitted::Odds;
use super::minimise::minimise;
use super::{Features, FitRows, Fitted, Recalibrator};

/// logit = a ln p - b ln(1 - p) + c; the identity for 1, 1, 0.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Beta {
    /// At least 0, so that the map does not fall.
    pub a: f64,
    /// At least 0.
    pub b: f64,
    /// The bias.
    pub c: f64,
}

impl Beta {
    pub(super) fn probability(&self, odds: Odds) -> f64 {
        // 0 times infinity is NaN; a factor of 0 leaves its logarithm out.
        let part = |factor: f64, ln: f64| if factor > 0.0 { factor * ln } else { 0.0 };
        let logit = part(self.a, odds.ln_p) - part(self.b, odds.ln_rest) + self.c;
        (1.0 + (-logit).exp()).recip()
    }
}

/// Fits every column; `None` if a logarithm is not finite.
pub(super) fn fit(on: FitRows<'_>, features: &Features) -> Option<Fitted> {
    if !features.is_finite() {
        return None;
    }
    let members: Vec<usize> = (0..on.rows().len()).filter(|idx| on.is_member(*idx)).collect();
    let columns = (0..features.n_columns()).into_par_iter();
    let fits: Vec<(Beta, bool, u64)> =
        columns.map(|column| fit_column(on, features, column, &members)).collect();
    Some(Fitted {
        is_converged: fits.iter().all(|fit| fit.1),
        evaluations: fits.iter().map(|fit| fit.2).sum(),
        penalty: None,
        map: Recalibrator::Beta(fits.into_iter().map(|fit| fit.0).collect()),
    })
}

/// a and b are squares of what the search moves, so that they stay at 0 or above.
fn fit_column(
    on: FitRows<'_>,
    features: &Features,
    column: usize,
    members: &[usize],
) -> (Beta, bool, u64) {
    let class = features.class(column);
    let rows: Vec<([f64; 2], f64)> = members
        .iter()
        .map(|&idx| {
            let hit = f64::from(u8::from(on.rows().row(idx).label() == class));
            (features.odds(idx, column), hit)
        })
        .collect();
    let n = rows.len() as f64;
    let mut nll = |x: &[f64]| {
        let (a, b) = (x[0] * x[0], x[1] * x[1]);
        let mut sums = [0.0; 4];
        for ([ln_p, ln_rest], hit) in &rows {
            let logit = a * ln_p - b * ln_rest + x[2];
            // ln(1 + exp(logit)) - hit logit, without overflow.
            sums[0] += logit.max(0.0) + (-logit.abs()).exp().ln_1p() - hit * logit;
            let slope = (1.0 + (-logit).exp()).recip() - hit;
            sums[1] += slope * ln_p;
            sums[2] -= slope * ln_rest;
            sums[3] += slope;
        }
        let gradient = vec![2.0 * x[0] * sums[1] / n, 2.0 * x[1] * sums[2] / n, sums[3] / n];
        Ok((sums[0] / n, gradient))
    };
    let identity = vec![1.0, 1.0, 0.0];
    let Ok(found) = minimise(identity, &mut nll) else {
        unreachable!("no pass over a source that could fail")
    };
    let beta = Beta { a: found.x[0] * found.x[0], b: found.x[1] * found.x[1], c: found.x[2] };
    (beta, found.is_converged(), found.evaluations)
}
