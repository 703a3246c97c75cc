//! Any file to a re-readable stream of batches, and tables back to files.
//!
//! # How rows are read
//!
//! Opening a file reads headers, labels and a sample of at most 8,192 rows spread over it, by which the kind
//! of the numbers is told. The scores are read when a pass asks a [`Source`] for them: a thread of its own
//! reads and converts blocks of 8 MiB, two ahead of the pass. Blocks that had to be decoded are kept from the
//! first full pass, plain numbers from the third, if they fit [`OpenOptions::memory`]; what does not fit is
//! read again for every pass, so that a file may be larger than memory.
//!
//! | form | what a pass costs |
//! |---|---|
//! | `.npy`, stored members of `.npz` | reading the bytes; 16-bit floats and foreign byte orders are converted in the block |
//! | packed members of `.npz` | unpacking everything, so they are held at open if there is memory; the sample of a larger one costs a pass of its own, because its first rows alone would not do where a file is sorted by class |
//! | `.npy` in Fortran order | one seek for each column and 64 MiB, so it is held at open if there is memory; its sample costs a pass too |
//! | packed and in Fortran order | not readable in pieces: there must be memory for it |
//! | Parquet | reading the chosen columns of one row group after the other and decoding them, so that memory follows the largest row group (an eighth of a large one, unless its scores are one column of lists) |
//! | Arrow files and streams | the same for record batches; a stream is walked over at open |
//! | llama.cpp `.kld` | reading and unpacking 16-bit codes; every row has its place, so that any is as near as any other |
//! | evaluation logs | parsing once, at open; the log-likelihoods are held, 8 bytes each |
//! | CSV, NDJSON, packed or not | parsing everything, a run of 8 MiB of lines at a time. Opening parses all of it once, for the labels, and keeps the scores if there is memory for them: then no pass parses again. Every pass over a larger file does, packed ones from the start |
//!
//! Row groups, record batches and runs are decoded whole whatever is wanted of them, so the sample of many
//! large ones comes from three or more that are spread over the file; where it would take half of them, and
//! there is memory, all is decoded at open and held.
//!
//! A file that is cut, lengthened, removed, replaced or written to while it is in use is an error: every block is
//! handed out only after the file was found to have the size, time and inode that it was opened with. (A write that
//! changes neither size nor time, within the same tick of the file system's clock, goes unseen.)

mod array;
mod array_store;
mod arrays;
mod assemble;
mod atomic;
mod binary;
mod blob;
mod carry;
mod checksum;
mod choose_rows;
mod choose_stored;
mod class_names;
mod companion;
mod containers;
mod convert;
mod decide;
mod destination;
mod entries;
mod error;
mod files;
mod fill;
mod first_columns;
mod fits;
mod floats;
mod harness;
mod hdf5;
mod json;
mod kind;
mod kld;
mod label_names;
mod labels;
mod logprobs;
mod mask;
mod memory;
mod names;
mod npy;
mod npy_scores;
mod npz;
mod npz_scores;
mod offer;
mod open;
mod options;
mod parts;
mod peek;
mod pick_arrays;
mod picked;
mod pickle;
mod pipe_names;
mod placed;
mod progress;
mod pump;
mod quiet;
mod raw;
mod rival;
mod rounding;
mod safetensors;
mod sample;
mod series;
mod shards;
mod shift;
mod slurp;
mod sniff;
mod soft_labels;
mod source;
mod spool;
mod stamp;
mod step_column;
mod stores;
mod strided;
mod table;
mod torch;
mod transpose;
mod views;
mod words;
mod write;
mod write_arrays;
mod write_tables;

#[cfg(test)]
mod tests;

pub use atomic::write_text_atomically;
pub use choose_stored::{Choice, StoredRows, choose_stored};
pub use companion::files_beside;
pub use destination::Destination;
pub use error::IoError;
pub use files::{data_files, is_pattern};
pub use offer::{Offer, Offered, offer};
pub use open::{open, open_bytes};
pub use options::{Normalize, OpenOptions, Part, Progress, RowRange, Split};
pub use peek::{Peek, glimpse, peek};
pub use source::{Loaded, Source};
pub use spool::Spool;
pub use table::{
    check_numbers_path, read_numbers, read_rows, table_note, write_numbers, write_rows,
};
pub use write::{Put, Scores, check_scores_path, write_scores};
