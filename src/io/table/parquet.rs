//! Parquet, by polars.

use std::io::Cursor;

use polars::io::{HiveOptions, SerReader};
use polars::prelude::{LazyFrame, ParquetReader, ScanArgsParquet};

use super::super::error::Problem;
use super::batches::guard;
use super::file::{TableFile, in_memory};

const MAGIC: &[u8] = b"PAR1";

/// Checks the frame of the file and reads the footer.
pub(super) fn open(bytes: Vec<u8>) -> Result<TableFile, Problem> {
    check_footer(&bytes)?;
    check_ranges(&bytes)?;
    let args = ScanArgsParquet {
        glob: false,
        hive_options: HiveOptions::new_disabled(),
        ..ScanArgsParquet::default()
    };
    let frame = guard(|| LazyFrame::scan_parquet_sources(in_memory(bytes), args))?;
    TableFile::typed("parquet", frame)
}

/// A Parquet file ends in its footer, the footer's length, and the magic.
fn check_footer(bytes: &[u8]) -> Result<(), Problem> {
    let truncated = || {
        Problem::new("the Parquet footer is missing; the file is truncated or still being written")
            .hint("copy or save it again")
    };
    let tail = bytes.strip_suffix(MAGIC).ok_or_else(truncated)?;
    let length = tail.last_chunk::<4>().ok_or_else(truncated)?;
    let length = u32::from_le_bytes(*length) as usize;
    if length.saturating_add(12) > bytes.len() {
        return Err(truncated());
    }
    Ok(())
}

/// Every column chunk lies within the file. Polars takes the ranges of the footer on trust and would
/// read outside of the buffer.
fn check_ranges(bytes: &[u8]) -> Result<(), Problem> {
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let metadata = guard(|| reader.get_metadata().cloned())?;
    let end = bytes.len() as u64;
    let within = || {
        for group in &metadata.row_groups {
            for chunk in group.parquet_columns() {
                let range = chunk.byte_range();
                if range.start > range.end || range.end > end {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    };
    if guard(within)? {
        return Ok(());
    }
    Err(Problem::new(
        "the Parquet footer speaks of data outside of the file; it is damaged or truncated",
    )
    .hint("copy or save it again"))
}
