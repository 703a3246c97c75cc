//! The passes: batches in, one small record per row out, whatever K is.
//!
//! After the summary pass nothing sees the N x K matrix but the exact pass at given temperatures.

mod checks;
mod concat;
mod curve;
mod exact;
mod from_table;
mod pass;
mod rows;
pub mod table;

pub use concat::{NotOneSet, concat};
pub use exact::exact;
pub use from_table::{InvalidTable, TableHead};
pub use pass::{SAMPLE_ROWS, START_TEMPERATURE, sample, summarize};
pub use rows::{Columns, ExactColumn, LeftOut, RowSummaries, RowView};

/// Up to this many classes a row keeps its scores: that is smaller than its nodes, and exact at every
/// temperature.
pub const MAX_KEPT_CLASSES: usize = 48;

/// Rows per unit of parallel work. Fixed, so that results depend neither on threads nor on batches.
const BLOCK_ROWS: usize = 64;
