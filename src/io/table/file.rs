//! Which reader opens a table file.

use std::io::Read;
use std::path::Path;

use super::super::error::Problem;
use super::super::slurp::SNIFF_BYTES;
use super::super::sniff::{Format, is_compressed, sniff};
use super::bytes::Bytes;
use super::opened::TableFile;
use super::text::Text;
use super::{csv, filtered, ipc, ndjson, parquet};

/// Opens the bytes of a table.
pub(in crate::io) fn open_bytes(bytes: Vec<u8>, format: Format) -> Result<TableFile, Problem> {
    open(Bytes::Memory(bytes.into()), format)
}

/// Opens a file, told by its first bytes.
pub(super) fn open_path(path: &Path) -> Result<TableFile, Problem> {
    let open_path = || {
        let bytes = Bytes::of_file(path)?;
        let mut head = Vec::new();
        bytes.reader()?.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
        let format = sniff(&head)?;
        if matches!(format, Format::ArrowFile | Format::ArrowStream) {
            filtered::refuse(path)?;
        }
        open(bytes, format)
    };
    open_path().map_err(|p| p.within(path))
}

pub(super) fn open(bytes: Bytes, format: Format) -> Result<TableFile, Problem> {
    match format {
        Format::Parquet => parquet::open(bytes),
        Format::ArrowFile => ipc::open_file(bytes),
        Format::ArrowStream => ipc::open_stream(bytes),
        Format::Ndjson => ndjson::open(Text::new(bytes, false)?),
        Format::Text => open_text(bytes),
        Format::Npy
        | Format::Zip
        | Format::Safetensors
        | Format::TorchLegacy
        | Format::Pickle
        | Format::Hdf5
        | Format::Kld => Err(Problem::new("an array file is not a table")),
    }
}

/// The lines of a file of text, unpacked if need be.
pub(in crate::io) fn text_of(path: &Path) -> Result<Text, Problem> {
    Text::new(Bytes::of_file(path)?, false)
}

/// The lines of text in memory.
pub(in crate::io) fn text_in(bytes: &[u8]) -> Result<Text, Problem> {
    Text::new(Bytes::Memory(bytes.into()), false)
}

/// Text is what is in it once it is unpacked.
fn open_text(bytes: Bytes) -> Result<TableFile, Problem> {
    match unpacked_format(&bytes)? {
        Format::Ndjson => ndjson::open(Text::new(bytes, false)?),
        Format::Text => csv::open(Text::new(bytes, true)?),
        _ => Err(Problem::new("a packed file that is no text cannot be read")
            .hint("unpack it first: `gunzip FILE`, or `unzstd FILE`")),
    }
}

pub(super) fn unpacked_format(bytes: &Bytes) -> Result<Format, Problem> {
    let head = Text::new(bytes.clone(), false)?.head(SNIFF_BYTES)?;
    if is_compressed(&head) {
        return Err(Problem::new("the file is packed twice").hint("unpack it first"));
    }
    if head.is_empty() {
        return Ok(Format::Text);
    }
    sniff(&head)
}
