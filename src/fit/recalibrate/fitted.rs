//! A fitted recalibrator, and what it makes of a row.

use serde::Serialize;

use super::Affine;
use super::beta::Beta;
use super::isotonic::Steps;
use crate::numerics::{Score, exp_nonpositive};

/// A map from the scores of a row to probabilities.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recalibrator {
    /// See [`Affine`].
    Affine(Affine),
    /// a, b, c of beta calibration: for class 1 of two, or for every class against the rest.
    Beta(Vec<Beta>),
    /// A step function, for the same classes.
    Isotonic(Vec<Steps>),
    /// Weights of softmax(b z), softmax(z) and the uniform distribution.
    Ensemble {
        /// b = 1 / T.
        inverse_temperature: f64,
        /// They sum to 1.
        weights: [f64; 3],
    },
}

/// A recalibrator and how its fit went.
#[derive(Clone, PartialEq, Debug)]
pub struct Fitted {
    /// The map.
    pub map: Recalibrator,
    /// False if the search ended before the gradient vanished: the minimum may lie at infinity, as where a class
    /// has no row.
    pub is_converged: bool,
    /// How often the NLL and its gradient were evaluated.
    pub evaluations: u64,
    /// The strength of the ridge, where there is one.
    pub penalty: Option<f64>,
}

impl Fitted {
    /// A map that needed no search.
    pub(super) fn closed(map: Affine) -> Self {
        Self { map: Recalibrator::Affine(map), is_converged: true, evaluations: 0, penalty: None }
    }
}

impl Recalibrator {
    /// Fills `out` (length K) with the logarithms of the probabilities of `row`, whose largest score is `max`, which
    /// is finite. Minus infinity for a class of probability 0.
    pub fn log_probabilities<S: Score>(&self, row: &[S], max: f64, out: &mut [f64]) {
        let k = row.len();
        match self {
            Self::Affine(affine) => affine.log_probabilities(row, max, out),
            Self::Ensemble { inverse_temperature, weights } => {
                let mut scaled = vec![0.0; k];
                Affine::scaled(*inverse_temperature, k).log_probabilities(row, max, &mut scaled);
                Affine::scaled(1.0, k).log_probabilities(row, max, out);
                let present = out.iter().filter(|p| **p > f64::NEG_INFINITY).count();
                for (out, scaled) in out.iter_mut().zip(&scaled) {
                    *out = mixed([*scaled, *out], present, weights);
                }
            }
            Self::Beta(classes) => {
                one_vs_rest(row, max, out, |class, odds| classes[class].probability(odds));
            }
            Self::Isotonic(classes) => {
                one_vs_rest(row, max, out, |class, odds| classes[class].at(odds.probability()));
            }
        }
    }
}

/// ln of the mixture of exp(`scaled`), exp(`plain`) and 1 / `present`.
fn mixed([scaled, plain]: [f64; 2], present: usize, weights: &[f64; 3]) -> f64 {
    if plain == f64::NEG_INFINITY {
        return plain;
    }
    let uniform = weights[2] / present as f64;
    let total =
        weights[0] * exp_nonpositive(scaled) + weights[1] * exp_nonpositive(plain) + uniform;
    if total > 0.0 {
        return total.ln();
    }
    // No uniform part, and both others below the smallest number: their logarithms are not.
    let (a, b) = (weights[0].ln() + scaled, weights[1].ln() + plain);
    let most = a.max(b);
    most + (exp_nonpositive(a - most) + exp_nonpositive(b - most)).ln()
}

/// ln p and ln(1 - p).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Odds {
    pub(super) ln_p: f64,
    pub(super) ln_rest: f64,
}

impl Odds {
    pub(super) fn probability(self) -> f64 {
        exp_nonpositive(self.ln_p)
    }
}

/// Calls `visit` with every class and its odds under softmax(z), both logarithms to full relative precision.
pub(super) fn odds_of_row<S: Score>(row: &[S], max: f64, mut visit: impl FnMut(usize, Odds)) {
    let e = |z: &S| exp_nonpositive(z.widen() - max);
    let total: f64 = row.iter().map(e).sum();
    let log_z = max + total.ln();
    for (class, z) in row.iter().enumerate() {
        let p = e(z) / total;
        let ln_rest = if p < 0.5 {
            (-p).ln_1p()
        } else {
            let others = row.iter().enumerate().filter(|(other, _)| *other != class);
            others.map(|(_, z)| e(z)).sum::<f64>().ln() - total.ln()
        };
        visit(class, Odds { ln_p: z.widen() - log_z, ln_rest });
    }
}

/// ln of the probabilities `of` each class against the rest: of class 1 and its complement for two classes, else
/// divided by their sum; uniform where all are 0.
fn one_vs_rest<S: Score>(row: &[S], max: f64, out: &mut [f64], of: impl Fn(usize, Odds) -> f64) {
    if row.len() == 2 {
        odds_of_row(row, max, |class, odds| {
            if class == 1 {
                let p = of(0, odds);
                (out[0], out[1]) = ((-p).ln_1p(), p.ln());
            }
        });
        return;
    }
    odds_of_row(row, max, |class, odds| out[class] = of(class, odds));
    let total: f64 = out.iter().sum();
    let n_classes = out.len() as f64;
    for p in out {
        *p = if total > 0.0 { (*p / total).ln() } else { -n_classes.ln() };
    }
}
