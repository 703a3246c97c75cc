//! Row summaries at a temperature -> reliability diagram, calibration errors, spreads.

mod at;
mod bin;
mod bootstrap;
mod calibration_error;
mod diagram;
mod figures;
mod histogram;
mod interval;
mod noise_floor;
mod over_temperatures;
mod resample;
mod scalars;
mod spread;
mod tally;

pub use at::RowsAt;
pub use bin::{Bin, Binning, Reliability};
pub use bootstrap::{
    BOOTSTRAP_METHOD, Difference, DrawFigures, FigureColumns, Improvement, Intervals,
};
pub use calibration_error::{ece, mce, rmsce};
pub use diagram::{Outcome, equal_mass, equal_width, reliability};
pub use figures::{Figures, Metrics};
pub use histogram::Histogram;
pub use interval::{normal_quantile, wilson};
pub use noise_floor::noise_floor;
pub use over_temperatures::{OverTemperatures, over_temperatures};
pub use resample::{DrawOptions, DrawSums, Resampled};
pub use scalars::{DiagramOptions, figures, metrics};
pub use spread::{QUANTILE_LEVELS, Quantiles, Spread};
