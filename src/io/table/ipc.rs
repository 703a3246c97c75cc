//! Arrow IPC (Feather): the file with a footer, and the stream.

use std::io::Cursor;

use polars::io::{HiveOptions, SerReader};
use polars::prelude::{IntoLazy, IpcScanOptions, IpcStreamReader, LazyFrame, UnifiedScanArgs};

use super::super::error::Problem;
use super::batches::guard;
use super::file::{TableFile, in_memory};

/// The file format.
pub(super) fn open_file(bytes: Vec<u8>) -> Result<TableFile, Problem> {
    if !bytes.ends_with(b"ARROW1") {
        return Err(Problem::new(
            "the Arrow footer is missing; the file is truncated or still being written",
        )
        .hint("copy or save it again"));
    }
    let args = UnifiedScanArgs {
        glob: false,
        hive_options: HiveOptions::new_disabled(),
        ..UnifiedScanArgs::default()
    };
    let frame =
        guard(|| LazyFrame::scan_ipc_sources(in_memory(bytes), IpcScanOptions::default(), args))?;
    TableFile::typed("arrow", frame)
}

/// The stream format, which polars reads whole.
pub(super) fn open_stream(bytes: Vec<u8>) -> Result<TableFile, Problem> {
    let frame = guard(|| IpcStreamReader::new(Cursor::new(bytes)).finish())?;
    TableFile::typed("arrow", frame.lazy())
}
