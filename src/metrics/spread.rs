//! Mean, standard deviation and quantiles of one column.

use serde::Serialize;
use serde::ser::SerializeMap;

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
