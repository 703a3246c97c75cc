//! Which format a file is in, by its first bytes; names lie.

use super::{error::Problem, npy};

/// How many bytes are looked at.
pub(super) const SNIFF_BYTES: usize = 4096;

/// A format that can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Npy,
    Npz,
    Parquet,
    ArrowFile,
    ArrowStream,
    Ndjson,
    /// CSV or TSV; compressed or not.
    Text,
}

/// Looks at the first bytes of a file.
pub(super) fn sniff(head: &[u8]) -> Result<Format, Problem> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if head.is_empty() {
        return Err(Problem::new("the file is empty"));
    }
    if starts(npy::MAGIC) {
        return Ok(Format::Npy);
    }
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Ok(Format::Npz);
    }
    if starts(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if starts(b"ARROW1") {
        return Ok(Format::ArrowFile);
    }
    if starts(b"\xff\xff\xff\xff") {
        return Ok(Format::ArrowStream);
    }
    if is_compressed(head) {
        return Ok(Format::Text);
    }
    if let Some(name) = unreadable(head) {
        return Err(Problem::new(format!("{name} cannot be read yet")).hint(
            "save the logits and labels with `np.savez(\"logits.npz\", logits=..., labels=...)`",
        ));
    }
    match head.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{') => Ok(Format::Ndjson),
        Some(b'[') => Err(Problem::new("a JSON array is not a table that can be read")
            .hint("write one JSON object for each line (NDJSON)")),
        _ if head.contains(&0) => Err(Problem::new(
            "this is no format that can be read (CSV, TSV, NDJSON, Parquet, Arrow, .npy, .npz)",
        )
        .hint("`logitscope --help` lists the formats")),
        _ => Ok(Format::Text),
    }
}

/// gzip, zstd or zlib.
pub(super) fn is_compressed(head: &[u8]) -> bool {
    head.starts_with(b"\x1f\x8b") || head.starts_with(b"\x28\xb5\x2f\xfd")
}

/// Formats that are known and not read.
fn unreadable(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\x89HDF") {
        return Some("an HDF5 file");
    }
    if head.starts_with(b"_logits_") {
        return Some("a llama.cpp logits file");
    }
    if head.first() == Some(&0x80) && head.get(1).is_some_and(|v| (2..=5).contains(v)) {
        return Some("a pickle");
    }
    if head.get(8) == Some(&b'{') && head.get(4..8) == Some(&[0; 4]) {
        return Some("a safetensors file");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_bytes() {
        let cases: [(&[u8], Format); 8] = [
            (b"\x93NUMPY\x01\x00", Format::Npy),
            (b"PK\x03\x04rest", Format::Npz),
            (b"PAR1....", Format::Parquet),
            (b"ARROW1\0\0", Format::ArrowFile),
            (b"\xff\xff\xff\xff\x10\0\0\0", Format::ArrowStream),
            (b"\x1f\x8b\x08\0", Format::Text),
            (b" {\"a\": 1}", Format::Ndjson),
            (b"a,b\n1,2\n", Format::Text),
        ];
        for (head, format) in cases {
            assert_eq!(sniff(head).ok(), Some(format), "{head:?}");
        }
    }

    #[test]
    fn other_bytes_are_refused_by_name() {
        for head in [
            &b""[..],
            b"\x89HDF\r\n",
            b"\x80\x04pickle",
            b"a\0b",
            b"[1, 2]",
        ] {
            assert!(sniff(head).is_err(), "{head:?}");
        }
    }
}
