//! Isotonic regression of "the label is k" on `p_k` (Zadrozny & Elkan 2002).

use rayon::prelude::*;
use serde::Serialize;

use super::{Features, FitRows, Fitted, Recalibrator};
use crate::metrics::SortedByConfidence;
use crate::numerics::{exp_nonpositive, isotonic};

/// A non-decreasing function, linear between its points and constant beyond them, as scikit-learn evaluates it.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Steps {
    /// Probabilities, ascending: the first and the last of every pooled run.
    pub x: Vec<f64>,
    /// The share of hits in the run.
    pub y: Vec<f64>,
}

impl Steps {
    /// Pools the rows `p` with outcomes `hit`.
    pub(super) fn fit(p: &[f64], hit: &[bool]) -> Self {
        let sorted = SortedByConfidence::new(p, hit);
        let (mut blocks, mut steps) = (Vec::new(), Self::default());
        let items = sorted.groups().map(|group| (group.hits as f64, group.count() as f64));
        isotonic(items, &mut blocks);
        let mut first = 0;
        for block in blocks {
            let ends = [first, block.end - 1].map(|group| sorted.group(group).probability);
            steps.push(ends[0], block.value());
            if ends[1] > ends[0] {
                steps.push(ends[1], block.value());
            }
            first = block.end;
        }
        steps
    }

    fn push(&mut self, x: f64, y: f64) {
        self.x.push(x);
        self.y.push(y);
    }

    /// The value at `p`; NaN if there was no row.
    pub(super) fn at(&self, p: f64) -> f64 {
        let after = self.x.partition_point(|x| *x < p);
        let (Some(&last), Some(&first)) = (self.y.last(), self.y.first()) else {
            return f64::NAN;
        };
        match (after.checked_sub(1), self.x.get(after)) {
            (None, _) => first,
            (_, None) => last,
            (Some(before), Some(&high)) => {
                let (low, from, to) = (self.x[before], self.y[before], self.y[after]);
                from + (to - from) * ((p - low) / (high - low))
            }
        }
    }
}

/// Fits every column.
pub(super) fn fit(on: FitRows<'_>, features: &Features) -> Fitted {
    let members: Vec<usize> = (0..on.rows().len()).filter(|idx| on.is_member(*idx)).collect();
    let columns = (0..features.n_columns()).into_par_iter();
    let steps = columns.map(|column| {
        let class = features.class(column);
        let p = |idx: &usize| exp_nonpositive(features.odds(*idx, column)[0].min(0.0));
        let hit = |idx: &usize| on.rows().row(*idx).label() == class;
        let p: Vec<f64> = members.iter().map(p).collect();
        let hit: Vec<bool> = members.iter().map(hit).collect();
        Steps::fit(&p, &hit)
    });
    Fitted {
        map: Recalibrator::Isotonic(steps.collect()),
        is_converged: true,
        evaluations: 0,
        penalty: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_flat_gaps_are_lines_and_ends_are_held() {
        // Pooled: 0.2 alone (0), 0.4 and 0.5 together (1/2), 0.9 alone (1).
        let steps = Steps::fit(&[0.2, 0.4, 0.5, 0.9], &[false, true, false, true]);
        let want = [(0.1, 0.0), (0.2, 0.0), (0.3, 0.25), (0.45, 0.5), (0.7, 0.75), (1.0, 1.0)];
        for (p, value) in want {
            assert!((steps.at(p) - value).abs() < 1e-12, "{p}: {}", steps.at(p));
        }
        assert!(Steps::fit(&[], &[]).at(0.5).is_nan());
    }
}
