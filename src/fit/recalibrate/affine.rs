//! A factor and a bias for every class: vector scaling, bias-corrected temperature, Platt's line.

use serde::Serialize;

use super::minimise::minimise;
use super::{FitRows, Fitted, KeepGoing, Recalibrator};
use crate::data::SourceError;
use crate::numerics::{InstructionSet, Kernel, Score, Simd, exp_nonpositive, pairwise_sum};
use crate::summarize::{RowFold, ScoreRows};

/// The logits `scale_k` `z_k` + `bias_k`, whose softmax are the probabilities.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Affine {
    /// One factor for every class.
    pub scale: Vec<f64>,
    /// One bias for every class.
    pub bias: Vec<f64>,
    /// True if z counts from the row's largest logit, so that a constant added to a row changes nothing.
    pub from_largest: bool,
}

/// Whether classes share their factor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scale {
    /// One for all: it is 1 / T.
    Shared,
    /// One for each.
    PerClass,
}

impl Affine {
    /// b z.
    pub(super) fn scaled(b: f64, n_classes: usize) -> Self {
        Self { scale: vec![b; n_classes], bias: vec![0.0; n_classes], from_largest: true }
    }

    /// Fills `out` with the new logits and gives the largest; absent classes get minus infinity. `max` is the
    /// row's largest score.
    #[inline(always)]
    pub(super) fn logits<S: Score>(&self, row: &[S], max: f64, out: &mut [f64]) -> f64 {
        let origin = if self.from_largest { max } else { 0.0 };
        let mut largest = f64::NEG_INFINITY;
        let numbers = self.scale.iter().zip(&self.bias);
        for ((u, z), (scale, bias)) in out.iter_mut().zip(row).zip(numbers) {
            let z = z.widen();
            // A factor of 0 or below must not bring an absent class back.
            *u = if z == f64::NEG_INFINITY { z } else { scale * (z - origin) + bias };
            largest = largest.max(*u);
        }
        largest
    }

    /// Fills `out` with the logarithms of the probabilities.
    #[inline(always)]
    pub(super) fn log_probabilities<S: Score>(&self, row: &[S], max: f64, out: &mut [f64]) {
        let largest = self.logits(row, max, out);
        let total: f64 = out.iter().map(|u| exp_nonpositive(u - largest)).sum();
        let log_z = largest + total.ln();
        for u in out {
            *u -= log_z;
        }
    }
}

/// Sums over rows: the NLL and its derivatives.
pub(super) struct Sums {
    nll: f64,
    scale: Vec<f64>,
    bias: Vec<f64>,
    logits: Vec<f64>,
}

/// The NLL of the rows of `on` under `map`.
struct Nll<'a> {
    on: FitRows<'a>,
    map: &'a Affine,
}

impl RowFold for Nll<'_> {
    type Sum = Sums;

    fn empty(&self) -> Sums {
        let k = self.map.scale.len();
        Sums { nll: 0.0, scale: vec![0.0; k], bias: vec![0.0; k], logits: vec![0.0; k] }
    }

    fn add<S: Score>(&self, sums: &mut Sums, rows: ScoreRows<'_, S>) {
        InstructionSet::best().run(AddRows { nll: self, sums, rows });
    }
}

struct AddRows<'a, 'b, S> {
    nll: &'a Nll<'b>,
    sums: &'a mut Sums,
    rows: ScoreRows<'a, S>,
}

impl<S: Score> Kernel for AddRows<'_, '_, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(self, _: I) {
        let Nll { on, map } = self.nll;
        for (idx, row) in self.rows.iter() {
            if on.is_member(idx) {
                let view = on.rows().row(idx);
                self.sums.add_row(map, row, (view.max(), view.label() as usize));
            }
        }
    }
}

impl Sums {
    #[inline(always)]
    fn add_row<S: Score>(&mut self, map: &Affine, row: &[S], (max, label): (f64, usize)) {
        let u = &mut self.logits;
        let largest = map.logits(row, max, u);
        let of_label = u[label];
        let mut total = 0.0;
        for u in &mut *u {
            *u = exp_nonpositive(*u - largest);
            total += *u;
        }
        self.nll += total.ln() + (largest - of_label);
        let origin = if map.from_largest { max } else { 0.0 };
        let share = total.recip();
        let sums = self.scale.iter_mut().zip(&mut self.bias);
        for ((e, z), (scale, bias)) in u.iter().zip(row).zip(sums) {
            let (p, z) = (e * share, z.widen());
            // An absent class has p = 0, and 0 times infinity is NaN.
            let z = if z == f64::NEG_INFINITY { origin } else { z };
            *bias += p;
            *scale += p * (z - origin);
        }
        self.bias[label] -= 1.0;
        self.scale[label] -= row[label].widen() - origin;
    }
}

/// Mean NLL of the rows of `on` under `map`, and its derivatives in the factors and the biases.
pub(super) fn mean_nll(
    on: FitRows<'_>,
    map: &Affine,
    keep_going: KeepGoing<'_>,
) -> Result<(f64, Vec<f64>, Vec<f64>), SourceError> {
    let lanes = on.scores.fold(&Nll { on, map }, &mut |_| keep_going())?;
    let n = on.n_members() as f64;
    let sum =
        |of: &dyn Fn(&Sums) -> f64| pairwise_sum(&lanes.iter().map(of).collect::<Vec<f64>>()) / n;
    let classes = 0..map.scale.len();
    Ok((
        sum(&|lane| lane.nll),
        classes.clone().map(|k| sum(&|lane| lane.scale[k])).collect(),
        classes.map(|k| sum(&|lane| lane.bias[k])).collect(),
    ))
}

/// Parameters of the search: each logit is seen from its mean over rows in units of its spread, which leaves the
/// optimum where it is and gives the search a round bowl instead of a narrow valley.
struct Frame {
    b: f64,
    mean: Vec<f64>,
    spread: Vec<f64>,
    scale: Scale,
}

impl Frame {
    /// `x` holds the factors' parameters first, then those of the biases.
    fn map(&self, x: &[f64]) -> Affine {
        let k = self.mean.len();
        let (alpha, gamma) = x.split_at(x.len() - k);
        let step = |class: usize| match self.scale {
            Scale::Shared => alpha[0] * self.b,
            Scale::PerClass => alpha[class] / self.spread[class],
        };
        // A shared factor needs no mean of its own to count from: the row's largest logit serves, and with it a
        // constant added to a row changes nothing.
        let mean = |class: usize| match self.scale {
            Scale::Shared => 0.0,
            Scale::PerClass => self.mean[class],
        };
        Affine {
            scale: (0..k).map(|class| self.b + step(class)).collect(),
            bias: (0..k).map(|class| gamma[class] - step(class) * mean(class)).collect(),
            from_largest: self.scale == Scale::Shared,
        }
    }

    /// The derivatives in `x` from those in the factors and biases.
    fn gradient(&self, scale: &[f64], bias: &[f64]) -> Vec<f64> {
        let mut gradient: Vec<f64> = match self.scale {
            Scale::Shared => vec![self.b * scale.iter().sum::<f64>()],
            Scale::PerClass => (0..bias.len())
                .map(|k| (scale[k] - self.mean[k] * bias[k]) / self.spread[k])
                .collect(),
        };
        gradient.extend_from_slice(bias);
        gradient
    }

    fn start(&self) -> Vec<f64> {
        let n_scales = match self.scale {
            Scale::Shared => 1,
            Scale::PerClass => self.mean.len(),
        };
        vec![0.0; n_scales + self.mean.len()]
    }
}

/// Fits biases with one factor or many, without a penalty, beginning at the temperature.
pub(super) fn fit(
    on: FitRows<'_>,
    scale: Scale,
    keep_going: KeepGoing<'_>,
) -> Result<Fitted, SourceError> {
    let (mean, spread) = columns(on, keep_going)?;
    let frame = Frame { b: on.b, mean, spread, scale };
    let found = minimise(frame.start(), &mut |x| {
        let (nll, scale, bias) = mean_nll(on, &frame.map(x), keep_going)?;
        Ok((nll, frame.gradient(&scale, &bias)))
    })?;
    let mut map = frame.map(&found.x);
    centre(&mut map.bias);
    Ok(Fitted {
        is_converged: found.is_converged(),
        evaluations: found.evaluations,
        penalty: None,
        map: Recalibrator::Affine(map),
    })
}

/// A constant added to all biases changes nothing: their mean is made 0.
pub(super) fn centre(bias: &mut [f64]) {
    let mean = bias.iter().sum::<f64>() / bias.len() as f64;
    for bias in bias {
        *bias -= mean;
    }
}

/// Mean and standard deviation of every class's logit over the rows of `on` in which it is present; a spread of 0
/// is 1, as it only sets a unit.
fn columns(
    on: FitRows<'_>,
    keep_going: KeepGoing<'_>,
) -> Result<(Vec<f64>, Vec<f64>), SourceError> {
    let lanes = on.scores.fold(&Columns(on), &mut |_| keep_going())?;
    let column = |class: usize| {
        let sum = |of: usize| lanes.iter().map(|lane| lane[class][of]).sum::<f64>();
        let (n, first, second) = (sum(0).max(1.0), sum(1), sum(2));
        let variance = second / n - (first / n).powi(2);
        let spread = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        (first / n, spread)
    };
    Ok((0..on.rows().n_classes()).map(column).unzip())
}

struct Columns<'a>(FitRows<'a>);

impl RowFold for Columns<'_> {
    type Sum = Vec<[f64; 3]>;

    fn empty(&self) -> Self::Sum {
        vec![[0.0; 3]; self.0.rows().n_classes()]
    }

    fn add<S: Score>(&self, sums: &mut Self::Sum, rows: ScoreRows<'_, S>) {
        for (_, row) in rows.iter().filter(|(idx, _)| self.0.is_member(*idx)) {
            for (sum, z) in sums.iter_mut().zip(row) {
                let z = z.widen();
                if z > f64::NEG_INFINITY {
                    sum[0] += 1.0;
                    sum[1] += z;
                    sum[2] += z * z;
                }
            }
        }
    }
}
