//! Whether a finite positive temperature exists, before anything is fitted.

use crate::summarize::RowSummaries;

use super::FitStatus;

/// The status of a fit on the rows `members`: [`FitStatus::Converged`] if and only if the NLL has its
/// minimum at a finite positive temperature.
///
/// By convexity that is so exactly when L'(0) = `mean(mean_k` `z_k` - `z_y`) < 0 and L'(infinity) =
/// `mean(max_k` `z_k` - `z_y`) > 0. Rows of weight 0 take no part.
pub fn status(rows: &RowSummaries, members: &[u32]) -> FitStatus {
    if members.is_empty() {
        return FitStatus::NoRows;
    }
    let counting = members.iter().map(|&idx| idx as usize);
    let counting = counting.filter(|idx| rows.weight(*idx) > 0.0);
    let views = || counting.clone().map(|idx| (rows.weight(idx), rows.row(idx)));
    if views().next().is_none() {
        return FitStatus::NoRows;
    }
    if views().all(|(_, row)| row.mean_below_max() <= 0.0) {
        return FitStatus::Flat;
    }
    // Both sums are of non-negative numbers relative to the row's maximum, so that a constant added to a
    // row does not drown the difference.
    let labels_below: f64 = views().map(|(w, row)| w * row.label_below_max()).sum();
    let means_below: f64 = views().map(|(w, row)| w * row.mean_below_max()).sum();
    if labels_below >= means_below {
        FitStatus::WorseThanUniform
    } else if labels_below <= 0.0 {
        FitStatus::Separable
    } else {
        FitStatus::Converged
    }
}
