//! The passes: batches in, one small record per row out, whatever K is.
//!
//! After the summary pass nothing sees the N x K matrix but the exact pass at given temperatures.

#[cfg(test)]
mod agreement;
mod beside;
mod broken;
mod checks;
mod column;
mod concat;
mod curve;
mod evaluate;
mod exact;
mod first;
mod from_table;
mod gather;
mod grid;
mod order;
mod pass;
mod repeat;
mod rows;
mod scores;
mod soft;
mod stored;
mod sweep;
pub mod table;
mod thin;
mod totals;

pub use beside::Beside;
pub(crate) use broken::farther;
pub use broken::{Broken, BrokenCell, NotFinite};
pub use concat::{NotOneSet, concat};
pub use exact::{exact, exact_on};
pub use first::{SAMPLE_ROWS, sample};
pub use from_table::{InvalidTable, TableHead};
pub use gather::{Gathered, StoredAs};
pub use grid::Grid;
pub use pass::{
    Pass, START_TEMPERATURE, SummaryOptions, summarize, summarize_on, summarize_watched,
};
pub use rows::{Columns, ExactColumn, LeftOut, RowSummaries, RowView};
pub use scores::{RowFold, RowMap, ScoreRows, Scores};
pub use soft::SoftRows;
pub use sweep::{RowSweep, Sweep, VisitRow};
pub use totals::{ClassTotals, Sketch};

/// Up to this many classes a row keeps its scores: that is smaller than its nodes, and exact at every
/// temperature.
pub const MAX_KEPT_CLASSES: usize = 48;

/// Scores per unit of parallel work, roughly: long enough to be worth handing out, short enough to share out
/// evenly and to stay in the second-level cache.
const BLOCK_SCORES: usize = 1 << 16;

/// Rows per unit of parallel work, for K classes. Every row is summarised by itself, so that results depend
/// neither on this nor on threads and batches.
fn block_rows(n_classes: usize) -> usize {
    (BLOCK_SCORES / n_classes).clamp(1, 1024)
}
