//! Whether two sets of rows look alike to the model, whatever their labels: which classes it predicts, and how clearly.

use crate::diagnosis::thresholds as at;
use crate::diagnosis::words::{number, percent};
use crate::numerics::quantiles;
use crate::summarize::RowSummaries;

/// Classes with fewer predictions in both sets together are taken as one: the chance of a divergence is known for
/// counts, not for single rows.
const LEAST_COUNT: u64 = 10;

/// Predictions of such classes, as a share of all: with more of them the table is one of single rows, as of the words of
/// two texts, which differ in their topics and are healthy.
const MOST_RARE: f64 = 0.1;

/// Where the margins of both sets are compared.
const LEVELS: [f64; 5] = [0.1, 0.25, 0.5, 0.75, 0.9];

/// How far two sets of rows differ. NaN where one is empty.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Shapes {
    /// Jensen-Shannon divergence of the predicted classes in nats, less what chance gives on average; NaN where most
    /// classes are too rare.
    pub(super) divergence: f64,
    /// The same in standard deviations of that chance.
    pub(super) divergence_errors: f64,
    /// Of the quantiles of all margins: the largest difference between the shares of both sets below one.
    pub(super) margin_shift: f64,
    /// The same in standard errors.
    pub(super) margin_errors: f64,
    /// Median margins of the first and the second set.
    medians: [f64; 2],
}

impl Shapes {
    pub(super) fn of(x: &RowSummaries, y: &RowSummaries) -> Self {
        let (divergence, divergence_errors) = divergence(&counts(x), &counts(y));
        let margins = [x, y].map(|rows| {
            let margins = (0..rows.len()).map(|idx| rows.row(idx).margin());
            margins.collect::<Vec<f64>>()
        });
        let (margin_shift, margin_errors) = shift(&margins[0], &margins[1]);
        Self {
            divergence,
            divergence_errors,
            margin_shift,
            margin_errors,
            medians: margins.map(|margins| quantiles(&margins, &[0.5])[0]),
        }
    }

    /// What to say of the difference, if there is one.
    pub(super) fn message(&self) -> Option<String> {
        if self.divergence > at::PARTS_DIVERGENCE
            && self.divergence_errors > at::PARTS_DIVERGENCE_ERRORS
        {
            return Some(format!(
                "The predicted classes of the two parts differ: their Jensen-Shannon divergence is {} nats above chance (threshold {}).",
                number(self.divergence),
                at::PARTS_DIVERGENCE
            ));
        }
        let differs =
            self.margin_shift > at::PARTS_MARGIN && self.margin_errors > at::PARTS_MARGIN_ERRORS;
        differs.then(|| {
            let [x, y] = self.medians;
            format!(
                "The margins of the two parts differ by up to {} of the rows at one of their quantiles (threshold {}): the median is {} in the rows to fit on and {} in those to judge on.",
                percent(self.margin_shift),
                percent(at::PARTS_MARGIN),
                number(x),
                number(y)
            )
        })
    }
}

/// How often each class is predicted.
fn counts(rows: &RowSummaries) -> Vec<u64> {
    let mut counts = vec![0; rows.n_classes()];
    for idx in 0..rows.len() {
        counts[rows.row(idx).prediction() as usize] += 1;
    }
    counts
}

/// The Jensen-Shannon divergence of two frequency tables, less its mean if both come from one distribution, and that in
/// its standard deviations then: about chi-squared of (classes - 1) degrees of freedom times (1/n + 1/m)/8.
fn divergence(x: &[u64], y: &[u64]) -> (f64, f64) {
    let mut pairs = vec![[0u64; 2]];
    for (&x, &y) in x.iter().zip(y) {
        if x + y < LEAST_COUNT {
            pairs[0][0] += x;
            pairs[0][1] += y;
        } else {
            pairs.push([x, y]);
        }
    }
    let of = |pairs: &[[u64; 2]]| pairs.iter().flatten().sum::<u64>() as f64;
    if of(&pairs[..1]) > MOST_RARE * of(&pairs) {
        return (f64::NAN, f64::NAN);
    }
    pairs.retain(|[x, y]| x + y > 0);
    let [n, m] = [0, 1].map(|side| pairs.iter().map(|pair| pair[side]).sum::<u64>() as f64);
    let part = |p: f64, q: f64| {
        if p > 0.0 { p * (2.0 * p / (p + q)).ln() } else { 0.0 }
    };
    let of_pair = |[x, y]: &[u64; 2]| {
        let (p, q) = (*x as f64 / n, *y as f64 / m);
        f64::midpoint(part(p, q), part(q, p))
    };
    let found: f64 = pairs.iter().map(of_pair).sum();
    let freedom = pairs.len() as f64 - 1.0;
    let unit = (n.recip() + m.recip()) / 8.0;
    let excess = found - freedom * unit;
    let errors = if freedom > 0.0 { excess / (unit * (2.0 * freedom).sqrt()) } else { 0.0 };
    (excess, errors)
}

/// The largest difference of the shares at or below a quantile of both sets together, and its standard errors.
fn shift(x: &[f64], y: &[f64]) -> (f64, f64) {
    let all: Vec<f64> = x.iter().chain(y).copied().collect();
    let bounds = quantiles(&all, &LEVELS);
    let share = |set: &[f64], bound: f64| {
        set.iter().filter(|margin| **margin <= bound).count() as f64 / set.len() as f64
    };
    let weight = (x.len() as f64).recip() + (y.len() as f64).recip();
    let at_bound = |bound: &f64| {
        let (of_x, of_y, of_all) = (share(x, *bound), share(y, *bound), share(&all, *bound));
        let error = (of_all * (1.0 - of_all) * weight).sqrt();
        let difference = (of_x - of_y).abs();
        (difference, if error > 0.0 { difference / error } else { 0.0 })
    };
    let shifts = bounds.iter().map(at_bound);
    shifts.fold((0.0, 0.0), |most, next| if next.0 > most.0 { next } else { most })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `SciPy`: `jensenshannon([30, 50, 20], [40, 35, 25]) ** 2` less 2 (1/100 + 1/100) / 8, see
    /// `tests/fixtures/diagnosis/shapes.py`.
    #[test]
    fn the_divergence_is_that_of_scipy_less_chance() {
        let (excess, errors) = divergence(&[30, 50, 20], &[40, 35, 25]);
        let chance = 2.0 * 0.02 / 8.0;
        assert!((excess + chance - JS).abs() < 1e-12, "{}", excess + chance);
        assert!((errors - excess / (0.02 / 8.0 * 2.0)).abs() < 1e-12);
        let (same, _) = divergence(&[30, 50], &[60, 100]);
        assert!(same < 0.0, "less than chance gives");
        // Rare classes are one, and where most are rare nothing is said.
        assert_eq!(divergence(&[1, 2, 90, 3], &[2, 2, 95, 1]), divergence(&[6, 90], &[5, 95]));
        assert_eq!(divergence(&[50, 0], &[40, 0]), (0.0, 0.0));
        assert!(divergence(&[9, 9, 50], &[0, 0, 50]).0.is_nan());
    }

    const JS: f64 = 0.011_627_867_289_681_926;

    #[test]
    fn a_shift_is_told_at_the_quantile_where_it_is_largest() {
        let x: Vec<f64> = (0..100).map(f64::from).collect();
        let y: Vec<f64> = (0..100).map(|i| f64::from(i) + 50.0).collect();
        let (found, errors) = shift(&x, &y);
        assert!((found - 0.5).abs() < 0.02, "{found}");
        assert!(errors > 5.0);
        assert_eq!(shift(&x, &x), (0.0, 0.0));
    }
}
