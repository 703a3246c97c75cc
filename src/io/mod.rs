//! Any file to a re-readable stream of batches, and tables back to files.

mod array;
mod arrays;
mod assemble;
mod atomic;
mod binary;
mod class_names;
mod companion;
mod error;
mod kind;
mod labels;
mod names;
mod npy;
mod npz;
mod open;
mod options;
mod parts;
mod peek;
mod pick_arrays;
mod picked;
mod progress;
mod raw;
mod slurp;
mod sniff;
mod stores;
mod table;
mod write;

#[cfg(test)]
mod tests;

pub use atomic::write_text_atomically;
pub use error::IoError;
pub use open::{data_files, open, open_bytes};
pub use options::{Loaded, OpenOptions, Part, Progress, RowRange};
pub use peek::{Peek, peek};
pub use table::{check_numbers_path, read_numbers, table_note, write_numbers};
pub use write::{Scores, check_scores_path, write_scores};
