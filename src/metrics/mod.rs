//! Row summaries at a temperature -> reliability diagram, calibration errors, spreads.

mod bin;
mod figures;
mod histogram;
mod spread;

pub use bin::{Bin, Binning, Reliability};
pub use figures::{Figures, Metrics};
pub use histogram::Histogram;
pub use spread::{QUANTILE_LEVELS, Quantiles, Spread};
