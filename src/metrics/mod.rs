//! Row summaries at a temperature -> reliability diagram, calibration errors, spreads.

mod at;
mod bin;
mod calibration_error;
mod diagram;
mod figures;
mod histogram;
mod interval;
mod scalars;
mod spread;

pub use at::RowsAt;
pub use bin::{Bin, Binning, Reliability};
pub use calibration_error::{ece, mce, rmsce};
pub use diagram::{Outcome, equal_mass, equal_width, reliability};
pub use figures::{Figures, Metrics};
pub use histogram::Histogram;
pub use interval::{normal_quantile, wilson};
pub use scalars::{DiagramOptions, figures, metrics};
pub use spread::{QUANTILE_LEVELS, Quantiles, Spread};
