//! The first bytes of a packed page, so that its levels can be looked at without unpacking its values.

use std::io::Read;

use flate2::read::GzDecoder;
use polars_parquet::parquet::compression::{Compression, DecompressionContext, decompress};

use super::{Fault, varint};

/// A page of zstd may ask for a window of this many bytes, or of twice its own: as much is allocated for it.
const FREE_WINDOW: u64 = 8 << 20;

/// A page that is unpacked as far as it is asked for.
pub(super) struct Unpacker<'a> {
    source: Source<'a>,
    out: Vec<u8>,
    n_unpacked: usize,
}

enum Source<'a> {
    Plain(&'a [u8]),
    Stream(Box<dyn Read + 'a>),
    Snappy(&'a [u8]),
    /// What is rare is unpacked as a whole.
    Whole(Compression, &'a [u8]),
}

impl<'a> Unpacker<'a> {
    /// Of a page that claims to unpack to `n_unpacked` bytes. Refuses what its way of packing cannot hold.
    pub(super) fn new(
        packing: Compression,
        bytes: &'a [u8],
        n_unpacked: usize,
    ) -> Result<Self, Fault> {
        let most_of_each: usize = match packing {
            Compression::Uncompressed => 1,
            Compression::Snappy => 22,
            Compression::Lz4 | Compression::Lz4Raw => 255,
            Compression::Gzip => 1032,
            _ => usize::MAX,
        };
        let most = bytes.len().saturating_add(8).saturating_mul(most_of_each);
        let source = match packing {
            _ if n_unpacked > most => return Err(sizes()),
            // A dictionary of a column without a value.
            _ if bytes.is_empty() && n_unpacked == 0 => Source::Plain(bytes),
            Compression::Uncompressed if bytes.len() != n_unpacked => return Err(sizes()),
            Compression::Uncompressed => Source::Plain(bytes),
            Compression::Snappy => Source::Snappy(snappy_body(bytes, n_unpacked)?),
            Compression::Gzip => Source::Stream(Box::new(GzDecoder::new(bytes))),
            Compression::Zstd => {
                check_zstd(bytes, n_unpacked as u64)?;
                let stream = zstd::stream::read::Decoder::with_buffer(bytes);
                Source::Stream(Box::new(stream.map_err(|_| torn())?))
            }
            other => Source::Whole(other, bytes),
        };
        Ok(Self { source, out: Vec::new(), n_unpacked })
    }

    /// How many bytes there are in all.
    pub(super) fn len(&self) -> usize {
        self.n_unpacked
    }

    /// The first `n` bytes of the page.
    pub(super) fn first(&mut self, n: usize) -> Result<&[u8], Fault> {
        if n > self.n_unpacked {
            return Err(Fault::new("a page is too short for what it holds"));
        }
        let missing = n.saturating_sub(self.out.len());
        match &mut self.source {
            Source::Plain(bytes) => return bytes.get(..n).ok_or_else(torn),
            _ if missing == 0 => {}
            Source::Stream(stream) => {
                let mut part = stream.by_ref().take(missing as u64);
                part.read_to_end(&mut self.out).map_err(|_| torn())?;
            }
            Source::Snappy(bytes) => {
                while self.out.len() < n {
                    *bytes = snappy_step(bytes, &mut self.out, self.n_unpacked).ok_or_else(torn)?;
                }
            }
            Source::Whole(packing, bytes) => {
                self.out.resize(self.n_unpacked, 0);
                let mut context = DecompressionContext::Unset;
                decompress(*packing, bytes, &mut self.out, &mut context).map_err(|_| torn())?;
            }
        }
        self.out.get(..n).ok_or_else(torn)
    }

    /// The bytes from `start` on.
    pub(super) fn rest(&mut self, start: usize) -> Result<&[u8], Fault> {
        let all = self.first(self.n_unpacked)?;
        all.get(start..).ok_or_else(torn)
    }
}

fn torn() -> Fault {
    Fault::new("a page cannot be unpacked")
}

fn sizes() -> Fault {
    Fault::new("a page claims another size than it has")
}

/// The elements of a page of snappy, before which stands how long it is unpacked.
fn snappy_body(bytes: &[u8], n_unpacked: usize) -> Result<&[u8], Fault> {
    let (length, body) = varint(bytes).ok_or_else(torn)?;
    if length == n_unpacked as u64 { Ok(body) } else { Err(sizes()) }
}

/// Unpacks one element of snappy; gives what comes behind it.
fn snappy_step<'a>(bytes: &'a [u8], out: &mut Vec<u8>, most: usize) -> Option<&'a [u8]> {
    let (tag, rest) = bytes.split_first()?;
    let high = usize::from(tag >> 2);
    let number = |n: usize| {
        let (raw, rest) = rest.split_at_checked(n)?;
        let value = raw.iter().rev().fold(0, |v, byte| (v << 8) | usize::from(*byte));
        Some((value, rest))
    };
    if tag.is_multiple_of(4) {
        let (length, rest) = match high.checked_sub(59) {
            Some(n @ 1..) => number(n)?,
            _ => (high, rest),
        };
        let (literal, rest) = rest.split_at_checked(length.checked_add(1)?)?;
        out.extend_from_slice(literal);
        return (out.len() <= most).then_some(rest);
    }
    let (length, (offset, rest)) = match tag & 3 {
        1 => {
            let (low, rest) = number(1)?;
            (4 + (high & 7), (((high >> 3) << 8) | low, rest))
        }
        2 => (high + 1, number(2)?),
        _ => (high + 1, number(4)?),
    };
    let start = out.len().checked_sub(offset).filter(|_| offset > 0)?;
    for at in start..start + length {
        out.push(out[at]);
    }
    (out.len() <= most).then_some(rest)
}

/// The head of a frame of zstd says how much memory unpacking it takes, and mostly how long it is unpacked.
fn check_zstd(bytes: &[u8], n_unpacked: u64) -> Result<(), Fault> {
    let (window, length) = zstd_head(bytes).ok_or_else(torn)?;
    if length.is_some_and(|length| length != n_unpacked)
        || window > FREE_WINDOW.max(n_unpacked.saturating_mul(2))
    {
        return Err(sizes());
    }
    Ok(())
}

/// Bytes of the window, and of what is unpacked if that is said.
fn zstd_head(bytes: &[u8]) -> Option<(u64, Option<u64>)> {
    let (descriptor, mut rest) = bytes.strip_prefix(&[0x28, 0xb5, 0x2f, 0xfd])?.split_first()?;
    let single = descriptor & 0x20 != 0;
    let mut window = 0;
    if !single {
        let (raw, behind) = rest.split_first()?;
        let base = 1u64 << (10 + (raw >> 3));
        window = base + base / 8 * u64::from(raw & 7);
        rest = behind;
    }
    let n_name = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let n_length = match (descriptor >> 6, single) {
        (0, false) => return Some((window, None)),
        (0, true) => 1,
        (n, _) => 1 << n,
    };
    let raw = rest.get(n_name..n_name + n_length)?;
    let length = raw.iter().rev().fold(0, |v, byte| (v << 8) | u64::from(*byte));
    // Two bytes begin where one byte ends.
    let length = length + if n_length == 2 { 256 } else { 0 };
    Some((if single { length } else { window }, Some(length)))
}
