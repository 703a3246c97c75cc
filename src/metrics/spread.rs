//! Mean, standard deviation and quantiles of one column.

use serde::Serialize;
use serde::ser::SerializeMap;

use crate::numerics::{mean, pairwise_sum_of, quantiles};

/// The probabilities at which every [`Spread`] reports a quantile.
pub const QUANTILE_LEVELS: [f64; 9] = [0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0];

/// How one quantity is distributed over rows. All NaN (JSON: null) if there is no row.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Spread {
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation, dividing by n.
    pub sd: f64,
    /// Quantiles at [`QUANTILE_LEVELS`], interpolated linearly between order statistics.
    pub quantiles: Quantiles,
}

/// Quantiles at [`QUANTILE_LEVELS`]: minimum, 1, 5, 25, 50, 75, 95, 99 %, maximum.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quantiles(pub [f64; 9]);

impl Spread {
    /// The spread of `values`. Infinite values (a label of probability 0 has an infinite margin) take part
    /// in quantiles; mean and standard deviation are then not finite.
    pub fn of(values: &[f64]) -> Self {
        let mean = mean(values);
        let squares = pairwise_sum_of(values, &|v| (v - mean) * (v - mean));
        let mut at_levels = [f64::NAN; QUANTILE_LEVELS.len()];
        at_levels.copy_from_slice(&quantiles(values, &QUANTILE_LEVELS));
        Self { mean, sd: (squares / values.len() as f64).sqrt(), quantiles: Quantiles(at_levels) }
    }
}

impl Quantiles {
    /// The minimum.
    pub fn min(&self) -> f64 {
        self.0[0]
    }

    /// The 5 % quantile.
    pub fn p5(&self) -> f64 {
        self.0[2]
    }

    /// The lower quartile.
    pub fn p25(&self) -> f64 {
        self.0[3]
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.0[4]
    }

    /// The upper quartile.
    pub fn p75(&self) -> f64 {
        self.0[5]
    }

    /// The 95 % quantile.
    pub fn p95(&self) -> f64 {
        self.0[6]
    }

    /// The maximum.
    pub fn max(&self) -> f64 {
        self.0[8]
    }
}

impl Serialize for Quantiles {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(QUANTILE_LEVELS.len()))?;
        for (level, value) in QUANTILE_LEVELS.iter().zip(self.0) {
            map.serialize_entry(&level.to_string(), &value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_by_hand() {
        let s = Spread::of(&[3.0, 1.0, 2.0, 4.0]);
        assert!((s.mean - 2.5).abs() < 1e-15 && (s.sd - 1.25f64.sqrt()).abs() < 1e-15);
        assert!(
            (s.quantiles.median() - 2.5).abs() < 1e-15 && (s.quantiles.max() - 4.0).abs() < 1e-15
        );
        assert!(Spread::of(&[]).mean.is_nan());
    }

    #[test]
    fn keys_are_written_as_the_contract_has_them() {
        let json = serde_json::to_string(&Spread::of(&[1.0])).expect("plain numbers");
        let want = r#"{"mean":1.0,"sd":0.0,"quantiles":{"0":1.0,"0.01":1.0,"0.05":1.0,"0.25":1.0,"0.5":1.0,"0.75":1.0,"0.95":1.0,"0.99":1.0,"1":1.0}}"#;
        assert_eq!(json, want);
    }
}
