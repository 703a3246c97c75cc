//! The .safetensors format: eight bytes of length, a JSON header, and the elements of each tensor.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::array::{ArrayInfo, Dtype};
use super::blob::Blob;
use super::error::Problem;
use super::strided::{Strided, row_major};

/// A header longer than this is refused by the format itself.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// True if these first bytes of a file are those of a safetensors header.
pub(super) fn is_safetensors(head: &[u8]) -> bool {
    let Some((length, rest)) = head.split_first_chunk::<8>() else {
        return false;
    };
    u64::from_le_bytes(*length) <= MAX_HEADER_BYTES && rest.starts_with(b"{")
}

/// What the header says of one tensor.
#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (u64, u64),
}

/// The tensors in the order of the header. A name that stands there twice is kept twice, to be refused.
struct Header(Vec<(String, Entry)>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with one entry for each tensor")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
                let mut entries = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    if name == "__metadata__" {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        entries.push((name, map.next_value()?));
                    }
                }
                Ok(Header(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// The tensors in `blob`, in the order in which their elements lie.
///
/// # Errors
/// If the header is not valid, or a tensor's offsets do not fit its shape, its type, or the file.
pub(super) fn tensors(blob: &Blob) -> Result<Vec<(ArrayInfo, Option<Strided>)>, Problem> {
    let mut length = [0; 8];
    blob.read_exact_at(&mut length, 0)?;
    let n_header = u64::from_le_bytes(length);
    if n_header > MAX_HEADER_BYTES || n_header > blob.len() - 8 {
        return Err(damaged(&format!(
            "the header claims {n_header} bytes and {} are there",
            blob.len() - 8
        )));
    }
    let header = blob.bytes(8, n_header)?;
    let Header(mut entries) = serde_json::from_slice(&header)
        .map_err(|e| damaged(&format!("the header is not valid: {e}")))?;
    let data = blob.part(8 + n_header, blob.len() - 8 - n_header);
    let data = data.ok_or_else(|| damaged("the header is longer than the file"))?;
    entries.sort_by_key(|(_, entry)| entry.data_offsets);
    check_names(&entries)?;
    let tensors = entries.into_iter().map(|(name, e)| tensor(name, e, &data));
    tensors.collect()
}

fn check_names(entries: &[(String, Entry)]) -> Result<(), Problem> {
    let mut names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    match names.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(damaged(&format!("two tensors are called {}", pair[0]))),
        None => Ok(()),
    }
}

fn tensor(
    name: String,
    entry: Entry,
    data: &Blob,
) -> Result<(ArrayInfo, Option<Strided>), Problem> {
    let (start, end) = entry.data_offsets;
    let info = ArrayInfo { name, dtype: dtype(&entry.dtype), shape: entry.shape };
    let n_bytes = end.checked_sub(start);
    let part = n_bytes.and_then(|n| data.part(start, n)).ok_or_else(|| {
        damaged(&format!("{info} lies at bytes {start} to {end} of {} there are", data.len()))
    })?;
    let Ok(dtype) = info.dtype else {
        return Ok((info, None));
    };
    let claimed = (info.shape.iter())
        .try_fold(dtype.size() as u64, |n, &d| n.checked_mul(u64::try_from(d).ok()?));
    if claimed != Some(part.len()) {
        return Err(damaged(&format!("{info} does not fill {} bytes", part.len())));
    }
    let strides = row_major(&info.shape);
    let strided = Strided {
        bytes: part,
        dtype,
        big_endian: false,
        start: 0,
        shape: info.shape.clone(),
        strides,
    };
    Ok((info, Some(strided)))
}

/// The type called so; `Err` holds the name of one that no score or label has.
fn dtype(name: &str) -> Result<Dtype, String> {
    let int = |signed, size| Ok(Dtype::Int { signed, size });
    match name {
        "F16" => Ok(Dtype::F16),
        "BF16" => Ok(Dtype::Bf16),
        "F32" => Ok(Dtype::F32),
        "F64" => Ok(Dtype::F64),
        "BOOL" => Ok(Dtype::Bool),
        "I8" => int(true, 1),
        "I16" => int(true, 2),
        "I32" => int(true, 4),
        "I64" => int(true, 8),
        "U8" => int(false, 1),
        "U16" => int(false, 2),
        "U32" => int(false, 4),
        "U64" => int(false, 8),
        other => Err(other.to_owned()),
    }
}

fn damaged(what: &str) -> Problem {
    Problem::new(format!("the safetensors file is damaged: {what}")).hint("copy or save it again")
}
