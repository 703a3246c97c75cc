//! The derivatives of the mean NLL in b over a set of rows, each with its sample weight.

use rayon::prelude::*;

use crate::numerics::pairwise_sum;
use crate::summarize::RowSummaries;

/// Rows per unit of parallel work; fixed, so that sums do not depend on threads.
/// Small enough to share out the rows of a first guess, which keep all their scores.
const CHUNK: usize = 256;

/// Sums over rows at one b.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Derivatives {
    /// Sum of the first derivatives in b, the mean score minus the score of the label.
    pub(super) gradient: f64,
    /// Sum of the second derivatives, the variances, each at least 0.
    pub(super) curvature: f64,
    /// Sum of the squared first derivatives, for the robust standard error.
    pub(super) gradient_squares: f64,
    /// Sum of the rows' NLL.
    pub(super) nll: f64,
    /// What the sum of the first derivatives would vary by if softmax(b z) were right: that of the second ones, each
    /// with its weight squared.
    pub(super) information: f64,
}

/// The sum of the sample weights of `members`: their number where all rows count the same.
pub(super) fn total_weight(rows: &RowSummaries, members: &[u32]) -> f64 {
    if rows.carried().weights().is_none() {
        return members.len() as f64;
    }
    let weight = |idx: &u32| rows.weight(*idx as usize);
    pairwise_sum(&members.iter().map(weight).collect::<Vec<f64>>())
}

/// The rows a fit may use: those whose label has a probability above 0. (A label of probability 0 has
/// infinite NLL at every temperature.)
pub(super) fn usable(rows: &RowSummaries) -> Vec<u32> {
    let finite = |idx: &u32| rows.columns().label_logit[*idx as usize].is_finite();
    #[expect(clippy::cast_possible_truncation, reason = "2^32 rows of summaries are over 1 TB")]
    let n_rows = rows.len() as u32;
    (0..n_rows).filter(finite).collect()
}

/// The sums over the rows `members` at b.
pub(super) fn derivatives(rows: &RowSummaries, members: &[u32], b: f64) -> Derivatives {
    let parts: Vec<[f64; 5]> =
        members.par_chunks(CHUNK).map(|chunk| chunk_sums(rows, chunk, b)).collect();
    let sum = |i: usize| pairwise_sum(&parts.iter().map(|part| part[i]).collect::<Vec<_>>());
    Derivatives {
        gradient: sum(0),
        curvature: sum(1),
        gradient_squares: sum(2),
        nll: sum(3),
        information: sum(4),
    }
}

fn chunk_sums(rows: &RowSummaries, members: &[u32], b: f64) -> [f64; 5] {
    let members = members.iter().map(|&idx| idx as usize);
    let mut moments = Vec::with_capacity(CHUNK);
    rows.moments_at(members.clone(), b, &mut moments);
    let mut sums = [0.0; 5];
    for (idx, m) in members.zip(&moments) {
        let (below, weight) = (rows.row(idx).label_below_max(), rows.weight(idx));
        // E[z] - z_y as (max - z_y) - (max - E[z]): no large number is subtracted from another.
        let gradient = weight * (below - m.at.below_max);
        let curvature = weight * m.at.variance;
        sums[0] += gradient;
        sums[1] += curvature;
        sums[2] += gradient * gradient;
        sums[3] += weight * (m.at.log_z + b * below);
        sums[4] += weight * curvature;
    }
    sums
}
