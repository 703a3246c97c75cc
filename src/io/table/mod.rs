//! Tables: CSV, TSV, NDJSON, Parquet, Arrow. Each format is one small file that makes a polars query;
//! choosing columns and decoding cells is the same for all.

mod batches;
mod cells;
mod columns;
mod csv;
mod file;
mod ipc;
mod lists;
mod ndjson;
mod numbers;
mod parquet;
mod peek;
mod read;
mod scores;

pub(super) use batches::guard;
pub(super) use numbers::note_of;
pub use numbers::{check_numbers_path, read_numbers, table_note, write_numbers};
pub(super) use peek::{Glimpse, peek};
pub(super) use read::{Shard, read_bytes, read_labels, read_shards};
