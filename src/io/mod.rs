//! Any file to a re-readable stream of batches, and tables back to files.

mod array;
mod arrays;
mod assemble;
mod atomic;
mod binary;
mod class_names;
mod companion;
mod convert;
mod error;
mod floats;
mod kind;
mod labels;
mod memory;
mod names;
mod npy;
mod npy_scores;
mod npz;
mod npz_scores;
mod open;
mod options;
mod parts;
mod peek;
mod pick_arrays;
mod picked;
mod progress;
mod pump;
mod raw;
mod sample;
mod slurp;
mod sniff;
mod source;
mod stamp;
mod stores;
mod table;
mod transpose;
mod views;
mod write;
mod write_arrays;
mod write_tables;

#[cfg(test)]
mod tests;

pub use atomic::write_text_atomically;
pub use error::IoError;
pub use open::{open, open_bytes};
pub use options::{Loaded, OpenOptions, Part, Progress, RowRange};
pub use peek::{Peek, peek};
pub use source::Source;
pub use write::{Put, Scores, check_scores_path, write_scores};
