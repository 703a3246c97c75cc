//! What a recalibrator gains over the temperature on rows it has not seen, and how sure that is.

use serde::Serialize;

use crate::metrics::normal_quantile;
use crate::numerics::{mean, pairwise_sum_of};

use super::EvaluatedOn;

/// How the interval of a [`Gain`] is made on rows that had no part in any fit.
const TEST_METHOD: &str = "normal, paired rows";

/// The same out of fold.
const OUT_OF_FOLD_METHOD: &str =
    "normal, paired rows, with what the fits of folds share; for the fit on all rows";

/// What a method gains over the temperature.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Gain {
    /// Mean NLL with the temperature minus mean NLL with the method, in nats: above 0 the method is better.
    pub nll: f64,
    /// Its standard error: of the mean of paired rows, and out of fold with what the fits share, as `interval_method` says.
    pub standard_error: f64,
    /// Lower end of the normal interval at the level of the comparison, for the gain on new rows of the method and the
    /// temperature fitted on all rows.
    pub low: f64,
    /// Upper end. Out of fold the middle lies beside `nll`: fits on all rows are better than fits without a fold.
    pub high: f64,
}

/// The rows that every method is judged on.
pub(super) struct JudgedOn {
    pub(super) evaluated_on: EvaluatedOn,
    /// How many fits judged them; 0 where one did that has seen none of them.
    pub(super) n_folds: usize,
    /// Rows of one number belong together, see [`crate::summarize::RowSummaries::groups`].
    pub(super) groups: Option<Vec<u32>>,
}

impl JudgedOn {
    /// How intervals are made there.
    pub(super) fn interval_method(&self) -> &'static str {
        if self.n_folds > 1 { OUT_OF_FOLD_METHOD } else { TEST_METHOD }
    }
}

/// The rows under the temperature.
pub(super) struct Baseline {
    pub(super) nll: Vec<f64>,
    /// Mean NLL of the fitted rows under the fit on all of them.
    pub(super) in_sample_nll: f64,
    pub(super) on: JudgedOn,
}

impl Baseline {
    /// Of the mean of `differences`, which is `mean`: its variance, and the same over the mean square of a
    /// difference, which is 1 / N where rows are independent. Rows that belong together are added up before they are
    /// squared: within a group they need not be (Liang & Zeger 1986).
    fn variance(&self, differences: &[f64], mean: f64) -> (f64, f64) {
        let centred: Vec<f64> = differences.iter().map(|d| d - mean).collect();
        let n_rows = centred.len() as f64;
        let squares = pairwise_sum_of(&centred, &|d| d * d);
        let of_rows = squares / (n_rows * (n_rows - 1.0));
        let Some(groups) = &self.on.groups else {
            return (of_rows, n_rows.recip());
        };
        let n_groups = groups.iter().max().map_or(0, |most| *most as usize + 1);
        let mut sums = vec![0.0; n_groups];
        for (d, group) in centred.iter().zip(groups) {
            sums[*group as usize] += d;
        }
        let n = n_groups as f64;
        let summed = pairwise_sum_of(&sums, &|sum| sum * sum) * n / (n - 1.0);
        let per_row = if squares > 0.0 { summed / squares / n_rows } else { n_rows.recip() };
        (summed / n_rows.powi(2), per_row)
    }
}

/// The gain over the baseline of a rival with these NLLs, row by row and in its mean in sample; `None` unless all are
/// finite.
///
/// On a test set the differences of rows are independent, and their variance is all there is. Out of fold they are not:
/// a row takes part in the fits that judge the rows of other folds. Where the rival's further parameters explain nothing
/// that is half of the whole variance (the mean of products g' H^-1 g of rows i and j, each counted by i and by j alike),
/// and an interval without it covers 80 % instead of 95. What is missing follows from how much fits flatter
/// themselves: with d parameters too many, N rows and a share 1/c of them in the fit of a fold, out of fold
/// gains are d (1 + c) / 2N below those in sample, the missing variance is c d / N^2, and fits on all rows gain
/// d (c - 1) / 2N more than those of folds.
pub(super) fn gain(
    baseline: &Baseline,
    (rival, in_sample_nll): (&[f64], f64),
    level: f64,
) -> Option<Gain> {
    let pairs = baseline.nll.iter().zip(rival);
    let differences: Vec<f64> = pairs.map(|(x, y)| x - y).collect();
    let nll = mean(&differences);
    let (variance, per_row) = baseline.variance(&differences, nll);
    let (more, shift) = if baseline.on.n_folds > 1 {
        let flattery = baseline.in_sample_nll - in_sample_nll - nll;
        let n_folds = baseline.on.n_folds as f64;
        let c = n_folds / (n_folds - 1.0);
        let more = flattery.abs() * 2.0 * c / (1.0 + c) * per_row;
        (more, flattery * (c - 1.0) / (1.0 + c))
    } else {
        (0.0, 0.0)
    };
    let standard_error = (variance + more).sqrt();
    let reach = normal_quantile(level) * standard_error;
    (nll.is_finite() && standard_error.is_finite()).then_some(Gain {
        nll,
        standard_error,
        low: nll + shift - reach,
        high: nll + shift + reach,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn baseline(n_folds: usize, groups: Option<Vec<u32>>) -> Baseline {
        Baseline {
            nll: vec![1.1, 1.2, 1.3, 1.4],
            in_sample_nll: 1.0,
            on: JudgedOn { evaluated_on: EvaluatedOn::OutOfFold, n_folds, groups },
        }
    }

    /// Gains 0.1, 0.2, 0.3, 0.4 row by row, 0.34 in sample.
    fn gain_over(baseline: &Baseline) -> [f64; 4] {
        let gain = gain(baseline, (&[1.0; 4], 0.66), 0.95).expect("finite");
        [gain.nll, gain.standard_error, gain.low, gain.high]
    }

    fn assert_close(got: [f64; 4], variance: f64, middle: f64) {
        let reach = 1.959_963_984_540_054 * variance.sqrt();
        let want = [0.25, variance.sqrt(), middle - reach, middle + reach];
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-9, "{got} not {want}");
        }
    }

    #[test]
    fn the_interval_of_test_rows_is_that_of_a_mean() {
        assert_close(gain_over(&baseline(0, None)), 0.05 / 3.0 / 4.0, 0.25);
    }

    #[test]
    fn out_of_fold_the_fits_share_rows() {
        // By hand: c = 5/4, flattery 0.34 - 0.25 = 0.09, missing variance 0.09 (10/9) / 4, middle 0.25 + 0.09 / 9.
        let variance = 0.05 / 3.0 / 4.0 + 0.025;
        assert_close(gain_over(&baseline(5, None)), variance, 0.26);
        // Rows in pairs: sums -0.2 and 0.2 about the mean, squares 0.08 (2/1) / 16; over those of the rows, 0.05, and
        // their number the factor of what is missing.
        let grouped = baseline(5, Some(vec![0, 0, 1, 1]));
        let variance = 0.16 / 16.0;
        let per_row = 0.16 / 0.05 / 4.0;
        assert_close(gain_over(&grouped), variance + 0.1 * per_row, 0.26);
    }

    #[test]
    fn an_infinite_nll_has_no_interval() {
        assert_eq!(gain(&baseline(5, None), (&[f64::INFINITY; 4], 0.6), 0.95), None);
        assert_eq!(gain(&baseline(5, None), (&[1.0; 4], f64::INFINITY), 0.95), None);
    }
}
