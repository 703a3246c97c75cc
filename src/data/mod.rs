//! Checked domain types: what a batch of logits is, what a label is, how a file is understood.
//!
//! Everything past `io` works on these; nothing here knows a file format, a table or a terminal.

mod base64;
mod batch;
mod carried;
mod class_names;
mod counted;
mod file_rows;
mod filter;
mod kind;
mod label;
mod number_table;
mod soft_labels;
mod source;
mod temperature;

pub use base64::{from_base64, to_base64};
pub use batch::{Batch, Values, ValuesRef};
pub use carried::{
    BadWeights, Carried, CarriedColumn, CarriedValues, Groups, Meanings, TextColumn, effective_rows,
};
pub use class_names::{ClassNames, printable, short_name, spreadsheet_cell};
pub use counted::Counted;
pub use file_rows::FileRows;
pub use filter::{Filter, FilterError, Op, Value};
pub use kind::{Kind, Recorded, Task};
pub use label::{Label, sha256_of_labels};
pub use number_table::{NumberColumn, NumberTable, Numbers};
pub use soft_labels::{SoftLabel, SoftLabels};
pub use source::{BatchSource, Guess, MemorySource, SourceError, SourceInfo, sample_runs};
pub use temperature::{InvalidTemperature, Temperature};
