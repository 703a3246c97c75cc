//! Arrow IPC (Feather), a record batch at a time: the file with a footer, and the stream, whose messages
//! are walked over once to find out where the batches are. Memory follows the largest record batch.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

use polars::prelude::{PolarsResult, Schema, SchemaExt, Series, polars_bail, polars_err};
use polars_arrow::io::ipc::format::ipc::planus::ReadAsRoot;
use polars_arrow::io::ipc::format::ipc::{Block, MessageHeaderRef, MessageRef, RecordBatchRef};
use polars_arrow::io::ipc::read::{
    FileMetadata, FileReader, StreamMetadata, read_file_metadata, read_stream_metadata,
};

use super::super::error::Problem;
use super::bytes::{Bytes, Reader};
use super::frames::{Frame, Frames, Visit, pieces_in, pieces_of};
use super::guard::{duplicate, guard, guard_file};
use super::nested;
use super::opened::{Body, TableFile, typed};

/// How the two forms are called in errors.
const FILE: &str = "Arrow file";
const STREAM: &str = "Arrow stream";

/// What stands before the length of a message.
const CONTINUATION: [u8; 4] = [0xff; 4];

/// Values that a batch may claim however few bytes the file has, and for each of its bytes.
const FREE_VALUES: u64 = 1 << 27;
const MAX_VALUES_PER_BYTE: u64 = 1024;

/// Nothing packs better than a run of one byte in zstd; few bytes may claim some thousand more.
const MAX_RATIO: u64 = 1 << 15;
const FREE_BYTES: u64 = 1 << 16;

/// The file format.
pub(super) fn open_file(bytes: Bytes) -> Result<TableFile, Problem> {
    let metadata = footer_of(&bytes)?;
    open(bytes, metadata)
}

/// The columns that the footer of a file names.
pub(super) fn schema_of_file(bytes: &Bytes) -> Result<Schema, Problem> {
    let metadata = footer_of(bytes)?;
    guard(|| Ok(<Schema as SchemaExt>::from_arrow_schema(&metadata.schema)))
}

/// The columns that the first message of a stream names.
pub(super) fn schema_of_stream(bytes: &Bytes) -> Result<Schema, Problem> {
    let mut reader = bytes.reader()?;
    let head = guard_file(STREAM, || stream_head(&mut reader, bytes.len()))?;
    guard(|| Ok(<Schema as SchemaExt>::from_arrow_schema(&head.schema)))
}

fn footer_of(bytes: &Bytes) -> Result<FileMetadata, Problem> {
    let mut reader = bytes.reader()?;
    let end = bytes.len();
    let tail = reader.read_at(&(end.saturating_sub(6)..end))?;
    if tail != b"ARROW1" {
        return Err(Problem::new(
            "the Arrow footer is missing; the file is truncated or still being written",
        )
        .hint("copy or save it again"));
    }
    check_footer(&reader, end)?;
    guard_file(FILE, || read_file_metadata(&mut reader))
}

/// The footer, whose length stands before the mark at the end, lies within the file: polars asks for as much memory
/// as it claims to need.
fn check_footer(reader: &Reader<'_>, end: u64) -> Result<(), Problem> {
    let length = reader.read_at(&(end.saturating_sub(10)..end.saturating_sub(6)))?;
    let length = length.first_chunk::<4>().map(|raw| i32::from_le_bytes(*raw));
    let length = length.and_then(|length| u64::try_from(length).ok());
    if length.is_some_and(|length| length.saturating_add(10) <= end) {
        return Ok(());
    }
    guard_file(FILE, || Err(outside()))
}

/// The stream format.
pub(super) fn open_stream(bytes: Bytes) -> Result<TableFile, Problem> {
    let mut reader = bytes.reader()?;
    let metadata = guard_file(STREAM, || walk(&mut reader, bytes.len()))?;
    drop(reader);
    open(bytes, metadata)
}

fn open(bytes: Bytes, mut metadata: FileMetadata) -> Result<TableFile, Problem> {
    // Columns of one name are one in this schema, and the reader takes its columns by their places.
    if metadata.schema.len() != metadata.ipc_schema.fields.len() {
        return Err(duplicate(None));
    }
    let mut reader = bytes.reader()?;
    for block in metadata.dictionaries.iter().flatten() {
        guard_file(FILE, || checked_rows(&mut reader, block, bytes.len()))?;
    }
    let n_rows = |block: &Block| guard_file(FILE, || checked_rows(&mut reader, block, bytes.len()));
    let n_rows: Vec<usize> = metadata.blocks.iter().map(n_rows).collect::<Result<_, _>>()?;
    drop(reader);
    let mut schema = (*metadata.schema).clone();
    guard(|| {
        nested::unwrap_extensions(&mut schema);
        Ok(())
    })?;
    metadata.schema = schema.into();
    let types = guard(|| Ok(<Schema as SchemaExt>::from_arrow_schema(&metadata.schema)))?;
    let types = nested::flat_types(types);
    let batches = RecordBatches { pieces: pieces_of(n_rows), bytes, metadata };
    Ok(typed("arrow", &types, Body::Frames(Box::new(batches))))
}

/// Finds the batches of a stream, as the footer of a file would name them.
fn walk(reader: &mut Reader<'_>, n_bytes: u64) -> PolarsResult<FileMetadata> {
    let stream = stream_head(reader, n_bytes)?;
    let (mut blocks, mut dictionaries) = (Vec::new(), Vec::new());
    reader.seek(SeekFrom::Start(0))?;
    let mut offset = 0;
    while let Some((prefix, meta)) = next_message(reader, offset, n_bytes)? {
        let message = MessageRef::read_as_root(&meta)?;
        let block = Block {
            offset: i64::try_from(offset).unwrap_or(i64::MAX),
            meta_data_length: i32::try_from(prefix + meta.len()).unwrap_or(i32::MAX),
            body_length: message.body_length()?,
        };
        match message.header()? {
            Some(MessageHeaderRef::RecordBatch(_)) => blocks.push(block),
            Some(MessageHeaderRef::DictionaryBatch(_)) => dictionaries.push(block),
            _ => {}
        }
        let end = body(&block, n_bytes).ok_or_else(outside)?.end;
        offset = end;
    }
    Ok(FileMetadata {
        schema: stream.schema.into(),
        custom_schema_metadata: None,
        custom_metadata: None,
        ipc_schema: stream.ipc_schema,
        blocks,
        dictionaries: Some(dictionaries),
        size: n_bytes,
    })
}

/// What the first message says. Polars asks for as much memory as it claims to need.
fn stream_head(reader: &mut Reader<'_>, n_bytes: u64) -> PolarsResult<StreamMetadata> {
    next_message(reader, 0, n_bytes)?.ok_or_else(outside)?;
    reader.seek(SeekFrom::Start(0))?;
    read_stream_metadata(reader)
}

/// The bytes before the message at `offset` and the message; `None` at the end of the stream.
fn next_message(
    reader: &mut Reader<'_>,
    offset: u64,
    n_bytes: u64,
) -> PolarsResult<Option<(usize, Vec<u8>)>> {
    // A stream may end without a mark.
    if offset + 4 > n_bytes {
        return Ok(None);
    }
    reader.seek(SeekFrom::Start(offset))?;
    let (mut prefix, mut length) = (4, [0; 4]);
    reader.read_exact(&mut length)?;
    if length == CONTINUATION {
        if offset + 8 > n_bytes {
            return Ok(None);
        }
        reader.read_exact(&mut length)?;
        prefix = 8;
    }
    let length = u32::from_le_bytes(length);
    if length == 0 {
        return Ok(None);
    }
    if offset + prefix + u64::from(length) > n_bytes {
        return Err(outside());
    }
    let mut meta = Vec::new();
    reader.take(u64::from(length)).read_to_end(&mut meta)?;
    Ok(Some((if prefix == 8 { 8 } else { 4 }, meta)))
}

/// Where the numbers of a batch lie, if that is within the file.
fn body(block: &Block, n_bytes: u64) -> Option<Range<u64>> {
    let offset = u64::try_from(block.offset).ok()?;
    let start = offset.checked_add(u64::try_from(block.meta_data_length).ok()?)?;
    let end = start.checked_add(u64::try_from(block.body_length).ok()?)?;
    (end <= n_bytes).then_some(start..end)
}

fn outside() -> polars::prelude::PolarsError {
    polars_err!(ComputeError: "a message speaks of data outside of the file")
}

/// The rows of a batch, or of the texts of a dictionary, all of whose buffers lie within the file. Polars takes their
/// lengths on trust.
fn checked_rows(reader: &mut Reader<'_>, block: &Block, n_bytes: u64) -> PolarsResult<usize> {
    let body = body(block, n_bytes).ok_or_else(outside)?;
    let offset = u64::try_from(block.offset).unwrap_or(u64::MAX);
    let message = next_message(reader, offset, n_bytes)?.ok_or_else(outside)?.1;
    let batch = match MessageRef::read_as_root(&message)?.header()? {
        Some(MessageHeaderRef::RecordBatch(batch)) => Some(batch),
        Some(MessageHeaderRef::DictionaryBatch(dictionary)) => dictionary.data()?,
        _ => None,
    };
    let Some(batch) = batch else {
        polars_bail!(ComputeError: "the Arrow footer names a record batch where there is none");
    };
    check_buffers(batch, &body, reader)?;
    let most = FREE_VALUES.max(n_bytes.saturating_mul(MAX_VALUES_PER_BYTE));
    let nodes = batch.nodes()?.into_iter().flatten();
    let lengths = nodes.map(|node| node.length()).chain([batch.length()?]);
    let mut n_values = 0u64;
    for length in lengths {
        let length = u64::try_from(length)
            .map_err(|_| polars_err!(ComputeError: "a record batch of less than no rows"))?;
        n_values = n_values.saturating_add(length);
    }
    if n_values > most {
        polars_bail!(ComputeError: "a record batch claims {n_values} values, and the file has {n_bytes} bytes");
    }
    usize::try_from(batch.length()?).map_err(|_| outside())
}

fn check_buffers(
    batch: RecordBatchRef<'_>,
    body: &Range<u64>,
    reader: &Reader<'_>,
) -> PolarsResult<()> {
    let packed = batch.compression()?.is_some();
    for buffer in batch.buffers()?.into_iter().flatten() {
        let start = u64::try_from(buffer.offset()).map_err(|_| outside())?;
        let n_bytes = u64::try_from(buffer.length()).map_err(|_| outside())?;
        let start = body.start.checked_add(start).ok_or_else(outside)?;
        if start.checked_add(n_bytes).is_none_or(|end| end > body.end) {
            return Err(outside());
        }
        // Before a packed buffer stands how long it is unpacked, or -1 if it is not packed.
        if packed && n_bytes >= 8 {
            let length = reader.read_at(&(start..start + 8))?;
            let length = length.first_chunk::<8>().map(|raw| i64::from_le_bytes(*raw));
            let most = FREE_BYTES.saturating_add(n_bytes.saturating_mul(MAX_RATIO));
            let length = length.and_then(|length| u64::try_from(length).ok());
            if let Some(length) = length.filter(|length| *length > most) {
                polars_bail!(ComputeError: "a buffer of {n_bytes} bytes claims to unpack to {length}");
            }
        }
    }
    Ok(())
}

/// The record batches of one file or stream.
struct RecordBatches {
    bytes: Bytes,
    metadata: FileMetadata,
    pieces: Vec<Range<usize>>,
}

impl RecordBatches {
    fn frame(
        &self,
        batches: &mut FileReader<Reader<'_>>,
        batch: usize,
        columns: &[usize],
    ) -> PolarsResult<Frame> {
        batches.set_current_block(batch);
        let no_batch = || polars_err!(ComputeError: "a record batch is missing");
        let arrays = batches.next().ok_or_else(no_batch)??.into_arrays();
        let series = columns.iter().zip(arrays).map(|(&column, array)| {
            let field = self.metadata.schema.get_at_index(column);
            let (_, field) = field.ok_or_else(no_batch)?;
            Series::try_from((field, array))
        });
        let columns = series.collect::<PolarsResult<Vec<_>>>()?;
        let n_rows = self.pieces[batch].len();
        if columns.iter().any(|column| column.len() != n_rows) {
            polars_bail!(ComputeError: "a column of a record batch has another length than the batch");
        }
        Ok(Frame { n_rows, columns })
    }
}

impl Frames for RecordBatches {
    fn pieces(&self) -> &[Range<usize>] {
        &self.pieces
    }

    fn within(&self, problem: Problem) -> Problem {
        self.bytes.within(problem)
    }

    fn read(
        &self,
        columns: &[usize],
        range: Range<usize>,
        visit: &mut Visit<'_>,
    ) -> Result<(), Problem> {
        let (metadata, projection) = (self.metadata.clone(), Some(columns.to_vec()));
        let reader = self.bytes.reader()?;
        let mut batches =
            guard_file(FILE, || Ok(FileReader::new(reader, metadata, projection, None)))?;
        for (batch, rows) in pieces_in(&self.pieces, range) {
            let frame = guard_file(FILE, || self.frame(&mut batches, batch, columns));
            let frame = frame.map_err(|p| self.bytes.explain(p))?;
            self.bytes.check()?;
            let first_row = self.pieces[batch].start + rows.start;
            visit(frame.slice(rows.start, rows.len()).flat(first_row)?)?;
        }
        Ok(())
    }
}
