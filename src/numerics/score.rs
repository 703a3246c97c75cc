//! The two element types a row of scores may have.

/// A score as stored. Arithmetic is done in f64; widening is exact for both types.
pub trait Score: Copy + PartialOrd + Send + Sync {
    /// The same number in f64.
    fn widen(self) -> f64;
}

impl Score for f32 {
    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
}

impl Score for f64 {
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
}
