//! Slices in, f64 out: exponentials, log-partition functions, sums and quantiles.
//!
//! Nothing here knows a label's meaning, a file or a terminal.

mod across;
#[cfg(test)]
mod agreement;
mod class_sums;
mod exp;
mod isotonic;
mod lattice;
mod log;
mod marks;
mod moments;
mod nodes;
mod quantile;
mod row;
mod scan;
mod score;
mod simd;
mod softmax;
mod sum;
mod sweep;
mod tails;
#[cfg(test)]
mod twin;
mod weighted;

pub use across::{AcrossRows, MAX_ACROSS};
pub use class_sums::{ClassSums, RowLevel};
pub(crate) use exp::{exp_f64, exp_nonpositive};
pub use isotonic::{IsotonicBlock, isotonic};
pub use lattice::{Lattice, LatticeAt, NodeMoments, RowEnds};
pub use marks::{count_at, count_narrow, is_descending, row_hash, text_hash};
pub use moments::{Moments, RowMoments, moments_of_sums, row_moments, row_sums};
pub use quantile::{order_statistics, quantiles};
pub use row::{RowProfile, RowSummarizer, RowSummary, RowSums};
pub use scan::TOP;
pub use score::Score;
pub(crate) use simd::MAX_LANES;
pub use simd::{InstructionSet, Kernel, Simd};
pub use softmax::softmax;
pub use sum::{mean, pairwise_sum, pairwise_sum_of};
pub use tails::{
    binomial_at_most, chi_squared_above, clopper_pearson_upper, normal_below, normal_two_sided,
    student_quantile, student_two_sided,
};
pub use weighted::weighted_moments;
