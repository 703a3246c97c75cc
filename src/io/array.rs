//! A named array as array files hold it, before anyone has decided what it means.

use std::fmt;

use crate::data::Values;

/// The stored type of one element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dtype {
    /// IEEE binary16.
    F16,
    /// bfloat16, which `NumPy` can only store as two raw bytes.
    Bf16,
    /// IEEE binary32.
    F32,
    /// IEEE binary64, and numbers written as text.
    F64,
    /// Any integer type: signed or not, and its size in bytes.
    Int {
        /// Two's complement if true.
        signed: bool,
        /// 1, 2, 4 or 8.
        size: usize,
    },
    /// One byte, 0 or 1.
    Bool,
    /// Fixed-width text: code points of four bytes, or bytes.
    Text {
        /// UTF-32 if true, bytes otherwise.
        wide: bool,
        /// Characters (or bytes) for one element.
        width: usize,
    },
}

impl Dtype {
    /// Bytes of one element.
    pub(super) fn size(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
            Self::Int { size, .. } => size,
            Self::Bool => 1,
            Self::Text { wide, width } => width.saturating_mul(if wide { 4 } else { 1 }),
        }
    }

    /// True for the floating-point types.
    pub(super) fn is_float(self) -> bool {
        matches!(self, Self::F16 | Self::Bf16 | Self::F32 | Self::F64)
    }

    /// Spacing of the type's numbers just above 1.
    pub(super) fn epsilon(self) -> f64 {
        match self {
            Self::F16 => 2f64.powi(-10),
            Self::Bf16 => 2f64.powi(-7),
            Self::F32 => f64::from(f32::EPSILON),
            _ => f64::EPSILON,
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::F16 => f.write_str("f16"),
            Self::Bf16 => f.write_str("bf16"),
            Self::F32 => f.write_str("f32"),
            Self::F64 => f.write_str("f64"),
            Self::Int { signed, size } => {
                write!(f, "{}{}", if signed { 'i' } else { 'u' }, size * 8)
            }
            Self::Bool => f.write_str("bool"),
            Self::Text { .. } => f.write_str("text"),
        }
    }
}

/// Name, type and shape of an array that was not read yet.
#[derive(Clone, Debug)]
pub(super) struct ArrayInfo {
    /// Key in a container, or the file's name without its ending.
    pub(super) name: String,
    /// `Err` holds the name of a type that cannot be read (objects, complex numbers).
    pub(super) dtype: Result<Dtype, String>,
    /// Lengths of the axes; empty for a scalar.
    pub(super) shape: Vec<usize>,
}

impl ArrayInfo {
    /// Rows: the length of the first axis, of the first two flattened where there are three, or 1 for a
    /// scalar.
    pub(super) fn n_rows(&self) -> usize {
        match self.shape[..] {
            [n_outer, n_inner, _] => n_outer.saturating_mul(n_inner),
            _ => self.shape.first().copied().unwrap_or(1),
        }
    }

    /// Length of the last axis of a matrix, or of three axes `[sentence, token, class]`; 1 for a
    /// vector; `None` for anything else.
    pub(super) fn n_cols(&self) -> Option<usize> {
        match self.shape[..] {
            [_] => Some(1),
            [_, n_cols] | [_, _, n_cols] => Some(n_cols),
            _ => None,
        }
    }

    /// True for one number for each row of `logits`: a vector, or `[N, T]` beside `[N, T, K]`.
    pub(super) fn is_one_for_each_row_of(&self, logits: &Self) -> bool {
        match logits.shape[..] {
            [n_outer, n_inner, _] if self.shape == [n_outer, n_inner] => true,
            _ => self.n_cols() == Some(1) && self.n_rows() == logits.n_rows(),
        }
    }

    /// True if the elements are floating-point numbers.
    pub(super) fn is_float(&self) -> bool {
        self.dtype.as_ref().is_ok_and(|d| d.is_float())
    }
}

impl fmt::Display for ArrayInfo {
    /// `logits (f32, 1000 x 10)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dtype = match &self.dtype {
            Ok(dtype) => dtype.to_string(),
            Err(name) => name.clone(),
        };
        let dims: Vec<String> = self.shape.iter().map(ToString::to_string).collect();
        let dims = if dims.is_empty() { "scalar".to_owned() } else { dims.join(" x ") };
        write!(f, "{} ({dtype}, {dims})", self.name)
    }
}

/// The elements of an array in row-major order.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Elements {
    /// Any floating-point type.
    Float(Values),
    /// Any integer type.
    Int(Vec<i64>),
    /// Truth values.
    Bool(Vec<bool>),
    /// Text without padding.
    Text(Vec<String>),
}

impl Elements {
    /// The type they have in memory.
    pub(super) fn dtype(&self) -> Dtype {
        match self {
            Self::Float(Values::F32(_)) => Dtype::F32,
            Self::Float(Values::F64(_)) => Dtype::F64,
            Self::Int(_) => Dtype::Int { signed: true, size: 8 },
            Self::Bool(_) => Dtype::Bool,
            Self::Text(_) => Dtype::Text { wide: true, width: 0 },
        }
    }
}

/// An array in memory.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) info: ArrayInfo,
    pub(super) elements: Elements,
}
