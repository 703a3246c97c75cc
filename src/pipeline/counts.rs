//! How many rows were read, used and left out.

use crate::summarize::RowSummaries;

/// Row counts of the evaluated rows, for the `source` object and the app.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowCounts {
    /// Rows of the evaluated part as read.
    pub read: u64,
    /// Rows that every figure describes.
    pub used: u64,
    /// The rows of the file that these are: fewer of multi-label data, whose every label is one.
    pub stored: u64,
    /// As many rows of the file of equal weight say as much, rounded.
    pub worth: u64,
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
            stored: (rows.len() / rows.n_entries()) as u64,
            worth: worth(rows),
            ignored_label: left_out.ignored_label,
            non_finite: left_out.non_finite,
        }
    }
}

fn worth(rows: &RowSummaries) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of rows; 0 where no row has a weight"
    )]
    let worth = rows.n_effective().round() as u64;
    worth
}
