//! Any file to a re-readable stream of batches, and tables back to files.

mod array;
mod arrays;
mod assemble;
mod atomic;
mod binary;
mod blob;
mod class_names;
mod companion;
mod containers;
mod error;
mod hdf5;
mod kind;
mod labels;
mod mask;
mod memory;
mod names;
mod npy;
mod npz;
mod open;
mod options;
mod parts;
mod peek;
mod pick_arrays;
mod picked;
mod pickle;
mod placed;
mod progress;
mod raw;
mod safetensors;
mod sample;
mod slurp;
mod sniff;
mod stamp;
mod stores;
mod strided;
mod table;
mod torch;
mod views;
mod write;

#[cfg(test)]
mod tests;

pub use atomic::write_text_atomically;
pub use error::IoError;
pub use open::{open, open_bytes};
pub use options::{Loaded, OpenOptions, Part, Progress, RowRange};
pub use peek::{Peek, peek};
pub use write::{Scores, check_scores_path, write_scores};
