//! Tables: CSV, TSV, NDJSON, Parquet, Arrow.
//!
//! Row groups, record batches and runs of lines are read one at a time, by reads of our own: memory
//! follows the largest of them. Parquet and Arrow tell from their footers (a stream from the heads of its
//! messages) how many rows there are, so that opening reads labels and parts alone, and scores come in
//! passes. Text is gone through once when it is opened, and its scores are kept if they fit the memory
//! budget; else every pass parses them again, and opening has cost one pass more.

mod beside_files;
mod beside_score;
mod body;
mod bytes;
mod carried;
mod columns;
mod csv;
mod csv_rows;
mod csv_scores;
mod divide;
mod file;
mod filtered;
mod frame_scores;
mod frames;
mod guard;
mod ipc;
mod json_shape;
mod json_tokens;
mod kept;
mod label_column;
mod label_columns;
mod lists;
mod lost_note;
mod ndjson;
mod nested;
mod number_files;
mod numbers;
mod offer;
mod opened;
mod parquet;
mod parquet_pages;
mod peek;
mod read;
mod records;
mod sampled;
mod scores;
pub(super) mod text;
mod timm;
mod transpose;

#[cfg(test)]
mod tests;

pub(super) use divide::{by_parts, divide};
pub(super) use file::{text_in, text_of};
pub(super) use guard::guard;
pub(super) use json_tokens::quote_tokens;
pub(super) use number_files::note_of;
pub use number_files::{
    check_numbers_path, read_numbers, read_rows, table_note, write_numbers, write_rows,
};
pub(super) use peek::{Glimpse, Head, evaluation_log, glimpse_of_lines, head, head_of_lines, peek};
pub(super) use read::{Shard, read_bytes, read_labels, read_shards};
