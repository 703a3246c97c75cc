//! Calibration of every class, from a pass over all probabilities of every row.

use serde::Serialize;

use super::ClasswiseBins;
use crate::data::SourceError;
use crate::numerics::{InstructionSet, Kernel, Score, Simd, exp_f64, exp_nonpositive};
use crate::summarize::{RowFold, RowSummaries, ScoreRows, Scores};

/// Classwise figures are made for so many classes at most: beyond, most classes have next to no row, and the
/// figure says little but how many there are.
pub const MAX_CLASSWISE: usize = 1000;

/// The inverse temperature of row idx.
pub type RowTemperature<'a> = &'a (dyn Fn(usize) -> f64 + Sync);

/// How often a class is the label, and how often the model says so.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct ClassCalibration {
    /// Its index.
    pub class: usize,
    /// Rows labelled so.
    pub count: u64,
    /// Share of rows labelled so, in [0, 1], by weight; NaN (JSON: null) without rows.
    pub frequency: f64,
    /// Mean of `p_k` over all rows.
    pub mean_probability: f64,
    /// `frequency` minus `mean_probability`: below 0 the class is predicted too readily.
    #[serde(rename = "frequency_minus_probability")]
    pub gap: f64,
    /// ECE of `p_k` against "the label is k".
    pub ece: f64,
}

/// Every class before and after scaling.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Classwise {
    /// The evaluated rows at T = 1.
    pub before: Vec<ClassCalibration>,
    /// The same after scaling; `None` (JSON: null) without a temperature.
    pub after: Option<Vec<ClassCalibration>>,
}

/// One pass over `scores`: for each of `temperatures` the bins of every class, `n_bins` (at least 1) of equal width.
/// The same bits for any number of threads.
///
/// # Errors
/// [`SourceError::Cancelled`] once `keep_going` says no, or why the scores could not be read.
pub fn classwise(
    scores: Scores<'_>,
    temperatures: &[RowTemperature<'_>],
    n_bins: usize,
    keep_going: &mut dyn FnMut(u64) -> bool,
) -> Result<Vec<ClasswiseBins>, SourceError> {
    let pass = Pass { rows: scores.rows(), temperatures, n_bins };
    let lanes = scores.fold(&pass, keep_going)?;
    let merged = lanes.into_iter().reduce(|mut all, lane| {
        for (all, lane) in all.iter_mut().zip(&lane) {
            all.merge(lane);
        }
        all
    });
    Ok(merged.unwrap_or_default())
}

struct Pass<'a> {
    rows: &'a RowSummaries,
    temperatures: &'a [RowTemperature<'a>],
    n_bins: usize,
}

impl RowFold for Pass<'_> {
    type Sum = Vec<ClasswiseBins>;

    fn empty(&self) -> Self::Sum {
        let none = ClasswiseBins::new(self.rows.n_classes(), self.n_bins);
        vec![none; self.temperatures.len()]
    }

    fn add<S: Score>(&self, sums: &mut Self::Sum, rows: ScoreRows<'_, S>) {
        InstructionSet::best().run(AddRows { pass: self, sums, rows });
    }
}

/// Rows to add to the bins at every temperature.
struct AddRows<'a, 'b, S> {
    pass: &'a Pass<'b>,
    sums: &'a mut [ClasswiseBins],
    rows: ScoreRows<'a, S>,
}

impl<S: Score> Kernel for AddRows<'_, '_, S> {
    type Output = ();

    #[inline(always)]
    fn run<I: Simd>(self, isa: I) {
        let mut e = vec![0.0; self.rows.n_classes];
        for (idx, row) in self.rows.iter() {
            let view = self.pass.rows.row(idx);
            let soft = self.pass.rows.soft();
            let soft = soft.and_then(|soft| soft.distribution(idx, self.rows.n_classes));
            for (sum, b_of) in self.sums.iter_mut().zip(self.pass.temperatures) {
                let z = exponentials(isa, row, (view.max(), b_of(idx)), &mut e);
                let scale = (z.recip(), self.pass.rows.weight(idx));
                sum.add_scaled(isa, &e, scale, (view.label() as usize, soft));
            }
        }
    }
}

/// exp(b (z - max)) of a row whose largest score is `max`, which is finite, and their sum; absent classes get 0.
#[inline(always)]
fn exponentials<I: Simd, S: Score>(
    isa: I,
    row: &[S],
    (max, b): (f64, f64),
    out: &mut [f64],
) -> f64 {
    let (top, minus_b, n) = (isa.splat_f64(max), isa.splat_f64(-b), I::LANES / 2);
    let mut sums = [isa.splat_f64(0.0); 2];
    let n_whole = row.len() / I::LANES * I::LANES;
    for at in (0..n_whole).step_by(I::LANES) {
        let z = S::halves(isa, S::load(isa, &row[at..]));
        for half in 0..2 {
            let e = exp_f64(isa, isa.mul_f64(isa.sub_f64(top, z[half]), minus_b));
            sums[half] = isa.add_f64(sums[half], e);
            isa.store_f64(e, &mut out[at + half * n..]);
        }
    }
    let mut sum = isa.sum_f64(isa.add_f64(sums[0], sums[1]));
    for (e, z) in out[n_whole..].iter_mut().zip(&row[n_whole..]) {
        *e = exp_nonpositive(b * (z.widen() - max));
        sum += *e;
    }
    sum
}

impl ClasswiseBins {
    /// What the bins say of every class.
    pub fn classes(&self) -> Vec<ClassCalibration> {
        let ece = self.ece_by_class();
        let one = |(class, ece)| {
            let bins = self.class(class);
            let labelled = bins.iter().map(|bin| bin.hits).sum::<f64>();
            let frequency = labelled / self.total();
            let mean_probability = bins.iter().map(|bin| bin.sum).sum::<f64>() / self.total();
            ClassCalibration {
                class,
                count: self.n_labelled(class),
                frequency,
                mean_probability,
                gap: frequency - mean_probability,
                ece,
            }
        };
        ece.into_iter().enumerate().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{BatchSource, Kind, Label, MemorySource, Values};
    use crate::metrics::{ece, equal_width};
    use crate::numerics::softmax;
    use crate::summarize::summarize;

    fn source(n: usize, k: usize) -> MemorySource {
        let values: Vec<f64> = (0..n * k).map(|i| (i * 7919 % 1009) as f64 / 120.0).collect();
        let label = |row: usize| Label::class(u32::try_from(row * 31 % k).expect("small"));
        let labels = (0..n).map(|row| label(row).expect("small")).collect();
        MemorySource::new(k, Kind::Logits, Values::F64(values), labels).expect("lengths agree")
    }

    #[test]
    fn a_pass_agrees_with_plain_softmax_and_plain_eces_with_and_without_kept_scores() {
        for k in [5, 77] {
            let source = source(400, k);
            let rows = summarize(&source, 1.0, &mut |_| true).expect("in memory");
            let scores = Scores::new(&rows, Some(&source as &dyn BatchSource)).expect("a source");
            let each = |idx: usize| if idx.is_multiple_of(2) { 0.5 } else { 0.7 };
            let sides: [RowTemperature<'_>; 2] = [&|_| 1.0, &each];
            let got = classwise(scores, &sides, 15, &mut |_| true).expect("in memory");
            let Values::F64(values) = source.values() else { unreachable!("made so") };
            for (side, bins) in sides.iter().zip(&got) {
                let mut p = vec![0.0; k];
                let all: Vec<Vec<f64>> = (0..400)
                    .map(|row| {
                        softmax(&values[row * k..(row + 1) * k], side(row), &mut p);
                        p.clone()
                    })
                    .collect();
                for class in bins.classes() {
                    let of: Vec<f64> = all.iter().map(|p| p[class.class]).collect();
                    let hit: Vec<bool> = (0..400).map(|row| row * 31 % k == class.class).collect();
                    let want = ece(&equal_width(&of, &hit, 15));
                    assert!((class.ece - want).abs() < 1e-12);
                    let mean = of.iter().sum::<f64>() / 400.0;
                    let rate = hit.iter().filter(|hit| **hit).count() as f64 / 400.0;
                    assert!((class.gap - (rate - mean)).abs() < 1e-12);
                }
            }
        }
    }
}
