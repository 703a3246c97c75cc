//! Slices in, f64 out: exponentials, log-partition functions, sums and quantiles.
//!
//! Nothing here knows a label's meaning, a file or a terminal.

mod exp;
mod isotonic;
mod lattice;
mod moments;
mod quantile;
mod row;
mod score;
mod softmax;
mod sum;
mod tails;

pub(crate) use exp::exp_nonpositive;
pub use isotonic::{IsotonicBlock, isotonic};
pub use lattice::{Lattice, LatticePoint, NodeMoments, RowEnds};
pub use moments::{Moments, RowMoments, row_moments};
pub use quantile::{order_statistics, quantiles};
pub use row::{RowProfile, TOP, profile};
pub use score::Score;
pub use softmax::softmax;
pub use sum::{mean, pairwise_sum, pairwise_sum_of};
pub use tails::{binomial_at_most, clopper_pearson_upper, normal_two_sided};
