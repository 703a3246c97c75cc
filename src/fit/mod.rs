//! Fitting the temperature on the negative log-likelihood.
//!
//! L(b) = mean(log Z(b) - b `z_y`) is convex in b = 1/T, with L' = mean(E\[z\] - `z_y`) and
//! L'' = mean(Var\[z\]) (Guo et al. 2017 for the method). A finite positive optimum exists exactly when the
//! labels score above their rows' average and not every label is at its row's maximum; that is checked
//! first and said in words.

mod bootstrap;
mod clustered;
mod existence;
mod folds;
mod grouped_folds;
mod groups;
mod objective;
mod outcome;
mod profile;
mod random_folds;
pub mod recalibrate;
mod solve;
mod temperature;

pub use bootstrap::{BootstrapInterval, TemperatureColumns};
pub use existence::status;
pub use folds::{assign_folds, fit_folds, fit_in_folds};
pub use grouped_folds::grouped_folds;
pub use groups::{OneTemperature, fit_groups, one_temperature};
pub use outcome::{FitStatus, Interval, TemperatureFit, Verdict};
pub use profile::{ProfileInterval, profile_interval};
pub use random_folds::random_folds;
pub use temperature::{fit_temperature, fit_temperature_from, inverse_temperature, nearly};
