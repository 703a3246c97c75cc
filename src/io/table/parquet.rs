//! Parquet, a row group at a time. The footer says where everything is; the chosen columns of one row
//! group are read by position and decoded by polars, so that memory follows the largest row group, or an
//! eighth of it where that is large and has a column for each class.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use polars::io::parquet::read::_internal::to_deserializer;
use polars::prelude::{ArrowDataType, ArrowSchema, PolarsResult, Schema, SchemaExt, Series};
use polars_parquet::read::{
    ColumnChunkMetadata, FileMetadata, Filter, RowGroupMetadata, infer_schema, read_metadata,
};
use rayon::prelude::*;

use super::super::error::Problem;
use super::super::picked::grouped;
use super::bytes::{Bytes, Reader};
use super::frames::{Frame, Frames, Visit, pieces_in, pieces_of};
use super::guard::{guard, guard_file};
use super::nested;
use super::opened::{Body, TableFile, typed};
use super::parquet_pages::{self, Fault};

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
    let mut schema = guard_file(FILE, || infer_schema(&metadata))?;
    guard(|| {
        nested::unwrap_extensions(&mut schema);
        Ok(())
    })?;
    check_claims(&metadata, &schema, bytes.len())?;
    let types = guard(|| Ok(<Schema as SchemaExt>::from_arrow_schema(&schema)))?;
    let types = nested::flat_types(types);
    let n_chunks = metadata.row_groups.iter().map(RowGroupMetadata::n_columns);
    let unchecked = |n: usize| (0..n).map(|_| AtomicBool::new(false)).collect();
    let checked = n_chunks.map(unchecked).collect();
    let slices: Vec<Slice> = (0..).zip(&metadata.row_groups).flat_map(slices_of).collect();
    let groups = RowGroups {
        pieces: pieces_of(slices.iter().map(|slice| slice.rows.len())),
        slices,
        checked,
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
    Err(Problem::new(format!("the footer claims {n_rows} rows, and the file has {n_bytes} bytes"))
        .hint("copy or save it again; if its rows are meant to be all alike, keep fewer of them"))
}

/// Refuses a row group that claims values for which there are no bytes, see [`parquet_pages`].
fn check_claims(
    metadata: &FileMetadata,
    schema: &ArrowSchema,
    n_bytes: u64,
) -> Result<(), Problem> {
    let mut lists = Vec::new();
    for field in schema.iter_values() {
        leaves(field.dtype(), 1, &mut lists);
    }
    for (idx, group) in metadata.row_groups.iter().enumerate() {
        parquet_pages::check_claims(group, &lists, n_bytes).map_err(|fault| {
            Problem::new(format!("row group {}: {fault}", idx + 1)).hint(
                "copy or save it again; if its values are meant to be all alike, keep fewer of them",
            )
        })?;
    }
    Ok(())
}

/// For each leaf of a type, how many values a row that is missing stands for.
fn leaves(ty: &ArrowDataType, filled: usize, out: &mut Vec<usize>) {
    match ty {
        ArrowDataType::FixedSizeList(inner, n) => {
            leaves(inner.dtype(), filled.saturating_mul(*n), out);
        }
        ArrowDataType::List(inner)
        | ArrowDataType::LargeList(inner)
        | ArrowDataType::Map(inner, _) => leaves(inner.dtype(), filled, out),
        ArrowDataType::Struct(fields) => {
            for field in fields {
                leaves(field.dtype(), filled, out);
            }
        }
        ArrowDataType::Extension(extension) => leaves(&extension.inner, filled, out),
        _ => out.push(filled),
    }
}

/// A column of a row group is not what it claims to be.
fn damaged(group: usize, chunk: &ColumnChunkMetadata, fault: &Fault) -> Problem {
    let column = chunk.descriptor().path_in_schema.join(".");
    Problem::new(format!("row group {}, column {column}: {fault}; the file is damaged", group + 1))
        .hint("copy or save it again")
}

/// Rows of one row group that are decoded together.
struct Slice {
    group: usize,
    rows: Range<usize>,
}

fn slices_of((idx, group): (usize, &RowGroupMetadata)) -> impl Iterator<Item = Slice> + use<> {
    let n_rows = group.num_rows();
    // What is all alike is a few bytes in the file and as many as anything else when decoded.
    let n_values = group.parquet_columns().iter().map(ColumnChunkMetadata::num_values);
    let n_values = n_values.fold(0, i64::saturating_add);
    let n_bytes = usize::try_from(n_values).unwrap_or(0).saturating_mul(4);
    let n_slices = group.total_byte_size().max(n_bytes).div_ceil(SLICE_BYTES);
    let n_slice = n_rows.div_ceil(n_slices.clamp(1, MAX_SLICES)).max(1);
    (0..n_rows)
        .step_by(n_slice)
        .map(move |start| Slice { group: idx, rows: start..n_rows.min(start + n_slice) })
}

/// The row groups of one file.
pub(super) struct RowGroups {
    bytes: Bytes,
    /// One for each piece.
    slices: Vec<Slice>,
    /// Which columns of each row group were looked at, see [`parquet_pages`].
    checked: Vec<Vec<AtomicBool>>,
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
    ) -> Result<Series, Problem> {
        let metadata = &self.metadata.row_groups[group];
        let missing = || Problem::new("a column is missing in a row group");
        let (name, field) = self.schema.get_at_index(column).ok_or_else(missing)?;
        let places = metadata.columns_idxs_under_root_iter(name);
        let mut chunks = Vec::new();
        for place in places.ok_or_else(missing)? {
            let chunk = &metadata.parquet_columns()[*place];
            let bytes = reader.read_at(&chunk.byte_range())?;
            // The file is known not to change.
            let checked = &self.checked[group][*place];
            if !checked.load(Ordering::Relaxed) {
                let found = parquet_pages::check(chunk, metadata.num_rows(), &bytes);
                found.map_err(|fault| damaged(group, chunk, &fault))?;
                checked.store(true, Ordering::Relaxed);
            }
            chunks.push((chunk, bytes.into()));
        }
        guard_file(FILE, || -> PolarsResult<Series> {
            let filter = Some(Filter::new_ranged(rows.start, rows.end));
            let (arrays, _) = to_deserializer(chunks, field.clone(), filter)?;
            Series::try_from((field, arrays))
        })
    }

    fn frame(
        &self,
        reader: &Reader<'_>,
        (group, columns): (usize, &[usize]),
        rows: &Range<usize>,
    ) -> Result<Frame, Problem> {
        let column = |column: &usize| self.column(reader, (group, *column), rows);
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
            let first_row = self.pieces[piece].start + rows.start - all.start;
            visit(frame.flat(first_row)?)?;
        }
        Ok(())
    }
}
