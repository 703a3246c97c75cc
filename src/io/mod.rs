//! Any file to a re-readable stream of batches, and tables back to files.

mod error;
mod options;

pub use error::IoError;
pub use options::{Loaded, OpenOptions, Part, Progress, RowRange};
