//! Parquet, a row group at a time. The footer says where everything is; the chosen columns of one row
//! group are read by position and decoded by polars, so that memory follows the largest row group, or an
//! eighth of it where that is large and has a column for each class.

use std::ops::Range;

use polars::io::parquet::read::_internal::to_deserializer;
use polars::prelude::{ArrowSchema, PolarsResult, Schema, SchemaExt, Series};
use polars_parquet::read::{
    ColumnChunkMetadata, FileMetadata, Filter, RowGroupMetadata, infer_schema, read_metadata,
};
use rayon::prelude::*;

use super::super::error::Problem;
use super::super::picked::grouped;
use super::bytes::{Bytes, Reader};
use super::file::{Body, TableFile, typed};
use super::frames::{Frame, Frames, Visit, pieces_in, pieces_of};
use super::guard::{guard, guard_file};

const MAGIC: &[u8] = b"PAR1";

/// How it is called in errors.
const FILE: &str = "Parquet file";

/// Rows that a file may hold however few its bytes are.
const FREE_ROWS: u64 = 1 << 24;
/// More rows than this for each byte are nothing but one row repeated, whose claim costs memory.
const MAX_ROWS_PER_BYTE: u64 = 64;

/// A row group of more bytes than this, decoded, is decoded in slices; so are the small ones of tests.
const SLICE_BYTES: usize = if cfg!(test) { 1 << 9 } else { 256 << 20 };

/// Slices of a row group, at most: each reads the column chunks again and skips to its own pages.
const MAX_SLICES: usize = 8;

/// Checks the frame of the file and reads the footer.
pub(super) fn open(bytes: Bytes) -> Result<TableFile, Problem> {
    let (types, groups) = frames(bytes)?;
    Ok(typed("parquet", &types, Body::Frames(Box::new(groups))))
}

/// The types of the columns, and the row groups.
pub(super) fn frames(bytes: Bytes) -> Result<(Schema, RowGroups), Problem> {
    let mut reader = bytes.reader()?;
    check_footer(&reader, bytes.len())?;
    let metadata = guard_file(FILE, || read_metadata(&mut reader))?;
    check_ranges(&metadata, bytes.len())?;
    check_rows(&metadata, bytes.len())?;
    let schema = guard_file(FILE, || infer_schema(&metadata))?;
    let types = guard(|| Ok(<Schema as SchemaExt>::from_arrow_schema(&schema)))?;
    let slices: Vec<Slice> = (0..)
        .zip(&metadata.row_groups)
        .flat_map(slices_of)
        .collect();
    let groups = RowGroups {
        pieces: pieces_of(slices.iter().map(|slice| slice.rows.len())),
        slices,
        bytes,
        metadata,
        schema,
    };
    Ok((types, groups))
}

/// A Parquet file ends in its footer, the footer's length, and the magic.
fn check_footer(reader: &Reader<'_>, n_bytes: u64) -> Result<(), Problem> {
    let truncated = || {
        Problem::new("the Parquet footer is missing; the file is truncated or still being written")
            .hint("copy or save it again")
    };
    let start = n_bytes.checked_sub(8).ok_or_else(truncated)?;
    let tail = reader.read_at(&(start..n_bytes))?;
    let length = tail.strip_suffix(MAGIC).and_then(<[u8]>::first_chunk::<4>);
    let length = u64::from(u32::from_le_bytes(*length.ok_or_else(truncated)?));
    if length + 12 > n_bytes {
        return Err(truncated());
    }
    Ok(())
}

/// Every column chunk lies within the file. Polars takes the ranges of the footer on trust.
fn check_ranges(metadata: &FileMetadata, end: u64) -> Result<(), Problem> {
    let within = |chunk: &ColumnChunkMetadata| {
        let range = chunk.byte_range();
        range.start <= range.end && range.end <= end
    };
    let mut groups = metadata.row_groups.iter();
    if guard(|| Ok(groups.all(|group| group.parquet_columns().iter().all(within))))? {
        return Ok(());
    }
    Err(Problem::new(
        "the Parquet footer speaks of data outside of the file; it is damaged or truncated",
    )
    .hint("copy or save it again"))
}

/// Refuses a footer that claims rows by the million where there are no bytes for them: a run of equal values has no
/// size, and every row takes memory.
fn check_rows(metadata: &FileMetadata, n_bytes: u64) -> Result<(), Problem> {
    let groups = metadata.row_groups.iter();
    let n_rows = groups.fold(0u64, |n, group| n.saturating_add(group.num_rows() as u64));
    if n_rows <= FREE_ROWS.max(n_bytes.saturating_mul(MAX_ROWS_PER_BYTE)) {
        return Ok(());
    }
    let [n_rows, n_bytes] =
        [n_rows, n_bytes].map(|n| grouped(usize::try_from(n).unwrap_or(usize::MAX)));
    Err(Problem::new(format!(
        "the footer claims {n_rows} rows, and the file has {n_bytes} bytes"
    ))
    .hint("copy or save it again; if its rows are meant to be all alike, keep fewer of them"))
}

/// Rows of one row group that are decoded together.
struct Slice {
    group: usize,
    rows: Range<usize>,
}

fn slices_of((idx, group): (usize, &RowGroupMetadata)) -> impl Iterator<Item = Slice> + use<> {
    let n_rows = group.num_rows();
    let n_slices = group.total_byte_size().div_ceil(SLICE_BYTES);
    let n_slice = n_rows.div_ceil(n_slices.clamp(1, MAX_SLICES)).max(1);
    (0..n_rows).step_by(n_slice).map(move |start| Slice {
        group: idx,
        rows: start..n_rows.min(start + n_slice),
    })
}

/// The row groups of one file.
pub(super) struct RowGroups {
    bytes: Bytes,
    /// One for each piece.
    slices: Vec<Slice>,
    metadata: FileMetadata,
    schema: ArrowSchema,
    pieces: Vec<Range<usize>>,
}

impl RowGroups {
    /// One column of some rows of a row group.
    fn column(
        &self,
        reader: &Reader<'_>,
        (group, column): (usize, usize),
        rows: &Range<usize>,
    ) -> PolarsResult<Series> {
        let group = &self.metadata.row_groups[group];
        let missing =
            || polars::prelude::polars_err!(ComputeError: "a column is missing in a row group");
        let (name, field) = self.schema.get_at_index(column).ok_or_else(missing)?;
        let chunks = group.columns_under_root_iter(name).ok_or_else(missing)?;
        let chunks = chunks.map(|chunk| Ok((chunk, reader.read_at(&chunk.byte_range())?.into())));
        let chunks = chunks.collect::<PolarsResult<Vec<_>>>()?;
        let filter = Some(Filter::new_ranged(rows.start, rows.end));
        let (arrays, _) = to_deserializer(chunks, field.clone(), filter)?;
        Series::try_from((field, arrays))
    }

    fn frame(
        &self,
        reader: &Reader<'_>,
        (group, columns): (usize, &[usize]),
        rows: &Range<usize>,
    ) -> Result<Frame, Problem> {
        let column =
            |column: &usize| guard_file(FILE, || self.column(reader, (group, *column), rows));
        let columns: Vec<Series> = columns.par_iter().map(column).collect::<Result<_, _>>()?;
        if columns.iter().any(|column| column.len() != rows.len()) {
            return Err(Problem::new(format!(
                "row group {} does not hold as many rows as the footer says; the file is damaged",
                group + 1
            ))
            .hint("copy or save it again"));
        }
        let n_rows = rows.len();
        Ok(Frame { n_rows, columns })
    }
}

impl Frames for RowGroups {
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
        let reader = self.bytes.reader()?;
        for (piece, rows) in pieces_in(&self.pieces, range) {
            let Slice { group, rows: all } = &self.slices[piece];
            let rows = all.start + rows.start..all.start + rows.end;
            let frame = self.frame(&reader, (*group, columns), &rows);
            let frame = frame.map_err(|p| self.bytes.explain(p))?;
            self.bytes.check()?;
            visit(frame)?;
        }
        Ok(())
    }
}
