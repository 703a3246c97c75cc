//! The label of one row, and the hash of many.

use sha2::{Digest, Sha256};

/// The class a row belongs to, or the statement that the row carries no usable label.
///
/// Stored in four bytes: data sets of language models have tens of millions of rows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Label(u32);

impl Label {
    /// A row that the data set asks to leave out (label -100, padding, a mask).
    pub const IGNORED: Self = Self(u32::MAX);

    /// The label that names class `class_idx` (0-based).
    ///
    /// Returns `None` for the one index that is reserved for [`Label::IGNORED`].
    pub fn class(class_idx: u32) -> Option<Self> {
        (class_idx != u32::MAX).then_some(Self(class_idx))
    }

    /// The 0-based class index, or `None` for an ignored row.
    pub fn index(self) -> Option<usize> {
        (self != Self::IGNORED).then_some(self.0 as usize)
    }

    /// True for a row that is left out of every figure.
    pub fn is_ignored(self) -> bool {
        self == Self::IGNORED
    }

    /// The value written to files and hashed: the class index, or -100.
    pub fn as_i64(self) -> i64 {
        if self.is_ignored() { -100 } else { i64::from(self.0) }
    }
}

/// SHA-256 over all labels as little-endian i64 (ignored rows as -100), in lower-case hex: by it two reports can be
/// told to describe the same rows.
pub fn sha256_of_labels(labels: impl IntoIterator<Item = Label>) -> String {
    let mut hash = Sha256::new();
    for label in labels {
        hash.update(label.as_i64().to_le_bytes());
    }
    let hex = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    hash.finalize().iter().flat_map(|byte| [hex(byte >> 4), hex(byte & 15)]).collect()
}
