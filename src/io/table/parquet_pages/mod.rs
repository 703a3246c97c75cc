//! Whether the pages of a Parquet column hold what they claim, asked before polars reads them: it asks for as much
//! memory as a header or a run of levels claims to need, which ends the process where there is not so much.
//!
//! Looked at are the headers of all pages, the levels of each (of a packed page, no more than those are unpacked), and
//! the runs of places in a dictionary and of truth values. What passes needs no more memory than
//! [`check_claims`] allows, whatever its bytes are.

mod header;
mod runs;
mod unpack;

use std::fmt;

use polars_parquet::parquet::compression::Compression;
use polars_parquet::read::{ColumnChunkMetadata, PhysicalType, RowGroupMetadata};

use header::{Data, Header, Kind, Levels};
use unpack::Unpacker;

/// Values of a row group that are nothing but repetition, however few bytes the file has: a gigabyte of them.
const FREE_VALUES: u64 = 1 << 27;
/// More values than this for each byte of the file are nothing but repetition.
const MAX_VALUES_PER_BYTE: u64 = 1024;

/// A page of this many bytes is no more than a page usually is.
const FREE_PAGE_BYTES: usize = 64 << 10;
/// The same for texts, whose length is in no header.
const FREE_TEXT_BYTES: usize = 16 << 20;
/// Texts pack no better than this.
const MAX_TEXT_RATIO: usize = 1032;

/// What is wrong with a column, without its name.
#[derive(Debug)]
pub(super) struct Fault(String);

impl Fault {
    fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The levels and values of a column.
struct Column {
    width: Width,
    packing: Compression,
    /// The highest of its levels.
    max_definition: u32,
    max_repetition: u32,
}

/// What a value takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Bit,
    Bytes(usize),
    /// Its length stands before it.
    Text,
}

impl Width {
    fn of(ty: PhysicalType) -> Self {
        match ty {
            PhysicalType::Boolean => Self::Bit,
            PhysicalType::Int32 | PhysicalType::Float => Self::Bytes(4),
            PhysicalType::Int64 | PhysicalType::Double => Self::Bytes(8),
            PhysicalType::Int96 => Self::Bytes(12),
            PhysicalType::FixedLenByteArray(n) => Self::Bytes(n),
            PhysicalType::ByteArray => Self::Text,
        }
    }

    /// The fewest bytes that `n` values take one after the other.
    fn n_bytes(self, n: usize) -> usize {
        match self {
            Self::Bit => n.div_ceil(8),
            Self::Bytes(width) => n.saturating_mul(width),
            Self::Text => n.saturating_mul(4),
        }
    }
}

/// Refuses a row group that claims more values than a file of `n_bytes` should hold. `lists` is how many values a
/// missing row of each leaf column stands for: lists of a fixed length are filled up.
pub(super) fn check_claims(
    group: &RowGroupMetadata,
    lists: &[usize],
    n_bytes: u64,
) -> Result<(), Fault> {
    let mut claimed = 0u64;
    for (place, chunk) in group.parquet_columns().iter().enumerate() {
        let n_values = u64::try_from(chunk.num_values())
            .map_err(|_| Fault::new("a column claims fewer values than none"))?;
        let filled = lists.get(place).copied().unwrap_or(1) as u64;
        let filled = filled.saturating_mul(group.num_rows() as u64);
        let words = match Width::of(chunk.physical_type()) {
            Width::Bytes(width) => (width as u64).div_ceil(8),
            _ => 1,
        };
        claimed = claimed.saturating_add(n_values.max(filled).saturating_mul(words));
    }
    if claimed <= FREE_VALUES.max(n_bytes.saturating_mul(MAX_VALUES_PER_BYTE)) {
        return Ok(());
    }
    Err(Fault::new(format!("it claims {claimed} values, and the file has {n_bytes} bytes")))
}

/// Goes over the pages of a column of a row group of `n_rows` rows, which are `bytes`.
pub(super) fn check(
    chunk: &ColumnChunkMetadata,
    n_rows: usize,
    mut bytes: &[u8],
) -> Result<(), Fault> {
    let column = Column::of(chunk)?;
    let n_values = usize::try_from(chunk.num_values()).unwrap_or(usize::MAX);
    if column.max_repetition == 0 && n_values != n_rows {
        return Err(Fault::new(format!(
            "the column claims {n_values} values and the row group {n_rows} rows"
        )));
    }
    let (mut n_seen, mut n_rows_seen, mut dictionary) = (0, 0, false);
    while n_seen < n_values {
        let first = n_seen == 0 && !dictionary;
        let (header, rest) = Header::read(bytes)?;
        let (page, rest) = rest.split_at_checked(header.n_packed).ok_or_else(|| {
            Fault::new(format!(
                "a page claims {} bytes where {} are left",
                header.n_packed,
                rest.len()
            ))
        })?;
        match header.kind {
            Kind::Dictionary { n_values } if first => {
                column.check_size(n_values, page.len(), header.n_unpacked)?;
                if column.width.n_bytes(n_values) > header.n_unpacked {
                    return Err(short(n_values, "dictionary"));
                }
                Unpacker::new(column.packing, page, header.n_unpacked)?;
                dictionary = true;
            }
            Kind::Dictionary { .. } => {
                return Err(Fault::new("a dictionary stands behind the first page"));
            }
            Kind::Data(data) => {
                if data.n_values > n_values - n_seen {
                    return Err(Fault::new(format!(
                        "a page claims {} values where {} are left",
                        data.n_values,
                        n_values - n_seen
                    )));
                }
                n_rows_seen += column.check_page(&data, page, header.n_unpacked)?;
                n_seen += data.n_values;
            }
        }
        bytes = rest;
    }
    if n_rows_seen == n_rows {
        return Ok(());
    }
    Err(Fault::new(format!("its pages hold {n_rows_seen} rows, and the row group claims {n_rows}")))
}

impl Column {
    fn of(chunk: &ColumnChunkMetadata) -> Result<Self, Fault> {
        let descriptor = &chunk.descriptor().descriptor;
        let level = |level: i16| {
            u32::try_from(level).map_err(|_| Fault::new("a column has levels below none"))
        };
        Ok(Self {
            width: Width::of(chunk.physical_type()),
            packing: chunk.compression(),
            max_definition: level(descriptor.max_def_level)?,
            max_repetition: level(descriptor.max_rep_level)?,
        })
    }

    /// Refuses a page that claims to unpack to more than its values can need.
    fn check_size(&self, n_values: usize, n_packed: usize, n_unpacked: usize) -> Result<(), Fault> {
        let most = match self.width {
            Width::Text => FREE_TEXT_BYTES.max(n_packed.saturating_mul(MAX_TEXT_RATIO)),
            Width::Bit => FREE_PAGE_BYTES.saturating_add(n_values.saturating_mul(16)),
            Width::Bytes(width) => {
                let each = width.max(4).saturating_mul(2).saturating_add(8);
                FREE_PAGE_BYTES.saturating_add(n_values.saturating_mul(each))
            }
        };
        if n_unpacked <= most {
            return Ok(());
        }
        Err(Fault::new(format!(
            "a page of {n_values} values claims to unpack to {n_unpacked} bytes"
        )))
    }

    /// Goes over one page of values; gives how many rows begin there.
    fn check_page(&self, data: &Data, page: &[u8], n_unpacked: usize) -> Result<usize, Fault> {
        self.check_size(data.n_values, page.len(), n_unpacked)?;
        match data.levels {
            Levels::V1 { definition, repetition } => {
                let mut unpacker = Unpacker::new(self.packing, page, n_unpacked)?;
                let n = data.n_values;
                let wanted = (self.max_repetition, 0);
                let (n_rows, end) = levels_v1(&mut unpacker, 0, n, wanted, repetition)?;
                let wanted = (self.max_definition, self.max_definition);
                let (n_there, start) = levels_v1(&mut unpacker, end, n, wanted, definition)?;
                self.check_values(data, n_there, &mut unpacker, start)?;
                Ok(n_rows)
            }
            Levels::V2 { n_nulls, n_definition, n_repetition, packed } => {
                let torn = || Fault::new("the levels of a page are longer than the page");
                let (repetition, rest) = page.split_at_checked(n_repetition).ok_or_else(torn)?;
                let (definition, values) = rest.split_at_checked(n_definition).ok_or_else(torn)?;
                let n_levels = n_repetition + n_definition;
                let n_unpacked = n_unpacked.checked_sub(n_levels).ok_or_else(torn)?;
                let n_rows = levels(repetition, self.max_repetition, data.n_values, 0)?;
                let n_there = self.there_v2(definition, data.n_values, n_nulls)?;
                let packing = match (packed, values.is_empty()) {
                    (true, false) => self.packing,
                    _ => Compression::Uncompressed,
                };
                let mut unpacker = Unpacker::new(packing, values, n_unpacked)?;
                self.check_values(data, n_there, &mut unpacker, 0)?;
                Ok(n_rows)
            }
        }
    }

    /// How many values are there, which the header says too.
    fn there_v2(&self, bytes: &[u8], n_values: usize, n_nulls: usize) -> Result<usize, Fault> {
        let claimed = n_values.checked_sub(n_nulls);
        let claimed = claimed.ok_or_else(|| {
            Fault::new(format!("a page of {n_values} values claims {n_nulls} nulls"))
        })?;
        // Where none is missing, levels may be left out.
        if bytes.is_empty() && n_nulls == 0 && self.max_repetition == 0 {
            return Ok(n_values);
        }
        let n_there = levels(bytes, self.max_definition, n_values, self.max_definition)?;
        if self.max_repetition == 0 && n_there != claimed {
            return Err(Fault::new(format!(
                "a page claims {n_nulls} nulls and has {}",
                n_values - n_there
            )));
        }
        Ok(n_there)
    }

    /// Holds the `n` values from byte `start` of a page against what the page has.
    fn check_values(
        &self,
        data: &Data,
        n: usize,
        unpacker: &mut Unpacker<'_>,
        start: usize,
    ) -> Result<(), Fault> {
        let n_bytes = unpacker.len().saturating_sub(start);
        match data.encoding {
            // Plain, and the bytes of numbers apart.
            0 | 9 if self.width.n_bytes(n) > n_bytes => Err(short(n, "page")),
            // Places in a dictionary.
            2 | 8 if n > 0 => {
                let values = unpacker.rest(start)?;
                let (width, runs) = values.split_first().ok_or_else(|| short(n, "page"))?;
                match u32::from(*width) {
                    0 => Ok(()),
                    width @ 1..=32 => runs::count(runs, width, n, (0, u32::MAX)).map(drop),
                    _ => Err(Fault::new("a page has places of more than 32 bits")),
                }
            }
            // Truth values in runs.
            3 if n > 0 => {
                let runs = unpacker.rest(start)?.get(4..);
                let runs = runs.ok_or_else(|| short(n, "page"))?;
                runs::count(runs, 1, n, (1, 1)).map(drop)
            }
            // Differences.
            5..=7 => {
                // Three numbers of ten bytes at most.
                let n_bytes = n_bytes.min(30);
                let head = &unpacker.first(start + n_bytes)?[start..];
                check_differences(head, n, data.n_values)
            }
            _ => Ok(()),
        }
    }
}

fn short(n: usize, of: &str) -> Fault {
    Fault::new(format!("a {of} of {n} values is too short for them"))
}

/// How many of `n` levels up to `max` are `wanted`.
fn levels(bytes: &[u8], max: u32, n: usize, wanted: u32) -> Result<usize, Fault> {
    match u32::BITS - max.leading_zeros() {
        0 => Ok(n),
        width => runs::count(bytes, width, n, (wanted, max)),
    }
}

/// The `n` levels up to `max` that begin at byte `start` of a page, before which their length stands: how many are
/// `wanted`, and where they end.
fn levels_v1(
    unpacker: &mut Unpacker<'_>,
    start: usize,
    n: usize,
    (max, wanted): (u32, u32),
    encoding: i64,
) -> Result<(usize, usize), Fault> {
    const RLE: i64 = 3;
    if max == 0 {
        return Ok((n, start));
    }
    if encoding != RLE {
        return Err(Fault::new("its levels are in an encoding that is not read"));
    }
    let length = unpacker.first(start + 4)?[start..].first_chunk::<4>();
    let length = length.map_or(0, |raw| u32::from_le_bytes(*raw)) as usize;
    let end = (start + 4).saturating_add(length);
    let bytes = &unpacker.first(end)?[start + 4..];
    Ok((levels(bytes, max, n, wanted)?, end))
}

/// What stands before differences: how many are packed together, in how many parts, and how many there are.
fn check_differences(bytes: &[u8], n: usize, most: usize) -> Result<(), Fault> {
    let numbers = || {
        let (n_block, rest) = varint(bytes)?;
        let (n_parts, rest) = varint(rest)?;
        let (n_total, _) = varint(rest)?;
        Some((n_block, n_parts, n_total))
    };
    let (n_block, n_parts, n_total) = numbers().ok_or_else(|| short(n, "page"))?;
    let whole = n_parts > 0 && n_block.is_multiple_of(n_parts) && n_block > 0;
    if whole && n_block <= 1 << 16 && n as u64 <= n_total && n_total <= most as u64 {
        return Ok(());
    }
    Err(Fault::new(format!(
        "a page claims {n_total} differences in blocks of {n_block} for {n} values"
    )))
}

/// A number in groups of seven bits, the lowest first, and what comes behind it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0u64;
    for (place, byte) in bytes.iter().take(10).enumerate() {
        let bits = u64::from(byte & 0x7f);
        if place == 9 && bits > 1 {
            return None;
        }
        value |= bits << (7 * place);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two row groups of 40 and 20 rows: lists of three, labels, texts, truth values.
    const FILE: &[u8] =
        include_bytes!("../../../../tests/fixtures/parquet/arrow_fixed_v1_zstd_dict.parquet");

    #[test]
    fn a_row_group_claims_no_more_than_a_file_should_hold() {
        let metadata = polars_parquet::read::read_metadata(&mut std::io::Cursor::new(FILE));
        let metadata = metadata.expect("a footer");
        let group = &metadata.row_groups[0];
        assert!(check_claims(group, &[3, 1, 1, 1], 1000).is_ok());
        // Forty missing rows of lists as long as that.
        let fault = check_claims(group, &[1 << 30, 1, 1, 1], 1000).expect_err("too many");
        assert_eq!(fault.to_string(), "it claims 42949673080 values, and the file has 1000 bytes");
        assert!(check_claims(group, &[1 << 30, 1, 1, 1], 1 << 30).is_ok());
    }
}
