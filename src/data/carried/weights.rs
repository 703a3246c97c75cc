//! Columns that say how much each row counts.

use std::sync::Arc;

use super::{Carried, CarriedColumn};

/// What is wrong with a column of sample weights.
#[derive(Clone, PartialEq, Debug)]
pub enum BadWeights {
    /// There is no such column.
    NoColumn,
    /// These rows have no weight that is a finite number of at least 0: each with what it has, printable.
    Rows(Vec<(usize, String)>),
    /// All weights are 0, or there is no row.
    AllZero,
}

/// As many rows of equal weight say as much about a mean: `(sum w)^2 / sum w^2` (Kish 1965), between 1 and their
/// number. Weights of at least 0; NaN where all are 0.
pub fn effective_rows(weights: &[f64]) -> f64 {
    let sum: f64 = weights.iter().sum();
    let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
    sum * sum / squares
}

impl Carried {
    /// The same with the column at `place` as sample weights: what each row counts. Only their ratios matter.
    ///
    /// # Errors
    /// If they are no weights, see [`BadWeights`].
    pub fn weighted_by(mut self, place: usize) -> Result<Self, BadWeights> {
        let column = self.columns.get(place).ok_or(BadWeights::NoColumn)?;
        let weight = |row| column.values.number(row).unwrap_or(f64::NAN);
        let weights: Arc<[f64]> = (0..column.values.len()).map(weight).collect();
        let is_bad = |row: &usize| !(weights[*row].is_finite() && weights[*row] >= 0.0);
        let bad: Vec<usize> = (0..weights.len()).filter(is_bad).collect();
        if !bad.is_empty() {
            let shown = |row| column.values.shown(row).unwrap_or("missing or no number".to_owned());
            let rows = bad.into_iter().map(|row| (row, shown(row)));
            return Err(BadWeights::Rows(rows.collect()));
        }
        let largest = weights.iter().copied().fold(0.0, f64::max);
        if largest <= 0.0 {
            return Err(BadWeights::AllZero);
        }
        // Relative to the largest first, so that neither sums nor squares leave the range of f64.
        let mean = weights.iter().map(|w| w / largest).sum::<f64>() / weights.len() as f64;
        let scaled = weights.iter().map(|weight| weight / largest / mean);
        self.weight = Some((place, scaled.collect()));
        Ok(self)
    }

    /// The column of sample weights.
    pub fn weight(&self) -> Option<&CarriedColumn> {
        let (place, _) = self.weight.as_ref()?;
        Some(&self.columns[*place])
    }

    /// The sample weight of every row, finite and at least 0, divided by the mean of all; `None` where all rows count
    /// the same.
    pub fn weights(&self) -> Option<&Arc<[f64]>> {
        self.weight.as_ref().map(|(_, weights)| weights)
    }
}
