//! How many rows were read, used and left out.

use crate::summarize::RowSummaries;

/// Row counts of the evaluated rows, for the `source` object and the app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowCounts {
    /// Rows of the evaluated part as read.
    pub read: u64,
    /// Rows that every figure describes.
    pub used: u64,
    /// Rows left out because of their label.
    pub ignored_label: u64,
    /// Rows left out because a logit is not finite.
    pub non_finite: u64,
}

impl RowCounts {
    /// Counts of `rows`, for which `read` rows were read.
    pub(super) fn of(rows: &RowSummaries, read: u64) -> Self {
        let left_out = rows.left_out();
        Self {
            read,
            used: rows.len() as u64,
            ignored_label: left_out.ignored_label,
            non_finite: left_out.non_finite,
        }
    }
}
