//! The label of one row.

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
        if self.is_ignored() {
            -100
        } else {
            i64::from(self.0)
        }
    }
}
