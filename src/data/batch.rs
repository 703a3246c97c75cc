//! A block of consecutive rows, as every reader delivers them.

use super::Label;

/// Row-major scores that own their memory, in the narrowest of two types that holds the stored
/// numbers exactly: f16 and bf16 widen to f32 without loss, text and f64 are f64.
#[derive(Clone, PartialEq, Debug)]
pub enum Values {
    /// Stored as f16, bf16 or f32.
    F32(Vec<f32>),
    /// Stored as f64, parsed from text, or converted from probabilities.
    F64(Vec<f64>),
}

impl Values {
    /// Number of scores, N x K.
    pub fn len(&self) -> usize {
        match self {
            Self::F32(v) => v.len(),
            Self::F64(v) => v.len(),
        }
    }

    /// True if there is no score at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A view of scores `start..end`.
    ///
    /// # Panics
    /// If the range does not lie within the values, as slicing does.
    pub fn slice(&self, start: usize, end: usize) -> ValuesRef<'_> {
        self.as_ref().slice(start, end)
    }

    /// A view of all scores.
    pub fn as_ref(&self) -> ValuesRef<'_> {
        match self {
            Self::F32(v) => ValuesRef::F32(v),
            Self::F64(v) => ValuesRef::F64(v),
        }
    }
}

impl Default for Values {
    /// No score.
    fn default() -> Self {
        Self::F32(Vec::new())
    }
}

/// Borrowed row-major scores.
#[derive(Clone, Copy, Debug)]
pub enum ValuesRef<'a> {
    /// See [`Values::F32`].
    F32(&'a [f32]),
    /// See [`Values::F64`].
    F64(&'a [f64]),
}

impl ValuesRef<'_> {
    /// Number of scores, N x K.
    pub fn len(self) -> usize {
        match self {
            Self::F32(v) => v.len(),
            Self::F64(v) => v.len(),
        }
    }

    /// True if there is no score at all.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// A view of scores `start..end`.
    ///
    /// # Panics
    /// If the range does not lie within the values, as slicing does.
    #[must_use]
    pub fn slice(self, start: usize, end: usize) -> Self {
        match self {
            Self::F32(v) => Self::F32(&v[start..end]),
            Self::F64(v) => Self::F64(&v[start..end]),
        }
    }

    /// A copy that owns its memory.
    pub fn to_values(self) -> Values {
        match self {
            Self::F32(v) => Values::F32(v.to_vec()),
            Self::F64(v) => Values::F64(v.to_vec()),
        }
    }
}

/// Rows `first_row ..` of a source: n x K scores and n labels.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// 0-based index of the first row within its source.
    pub first_row: usize,
    /// K, at least 2.
    pub n_classes: usize,
    /// n x K scores, row-major, as logits (probabilities already taken to ln p). Minus infinity stands for a class
    /// that a row does not have.
    pub values: ValuesRef<'a>,
    /// n labels.
    pub labels: &'a [Label],
}
