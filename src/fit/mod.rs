//! Fitting the temperature on the negative log-likelihood.

mod outcome;

pub use outcome::{FitStatus, Interval, TemperatureFit, Verdict};
