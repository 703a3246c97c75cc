//! The temperature T > 0 by which logits are divided before the softmax.

use thiserror::Error;

/// A finite positive temperature whose inverse is finite and positive too.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub struct Temperature(f64);

/// The value is not a temperature.
#[derive(Debug, Error, PartialEq)]
#[error("a temperature is a finite number above 0, and {0} is not")]
pub struct InvalidTemperature(pub f64);

impl Temperature {
    /// T = 1: the probabilities as the model gives them.
    pub const ONE: Self = Self(1.0);

    /// A temperature of `value`.
    ///
    /// # Errors
    /// If `value` or its inverse is not a finite positive number.
    pub fn new(value: f64) -> Result<Self, InvalidTemperature> {
        let usable = value.is_finite() && value > 0.0 && value.recip().is_finite();
        if usable { Ok(Self(value)) } else { Err(InvalidTemperature(value)) }
    }

    /// T, in the units of the logits.
    pub fn value(self) -> f64 {
        self.0
    }

    /// b = 1 / T.
    pub fn inverse(self) -> f64 {
        self.0.recip()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_positive_numbers_are_temperatures() {
        for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE / 4.0] {
            assert!(Temperature::new(bad).is_err(), "{bad}");
        }
        let t = Temperature::new(2.0).expect("2 is a temperature");
        assert!((t.inverse() - 0.5).abs() < f64::EPSILON);
    }
}
