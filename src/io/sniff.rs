//! Which format a file is in, by its first bytes; names lie.

use memchr::memmem;

use super::error::Problem;
use super::{hdf5, kld, logprobs, npy, pickle, safetensors, torch};

/// A format that can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Format {
    Npy,
    /// A zip archive: .npz, or what `torch.save` writes.
    Zip,
    Safetensors,
    /// What `torch.save` wrote before version 1.6.
    TorchLegacy,
    Pickle,
    Hdf5,
    /// What llama.cpp's `--kl-divergence-base` writes.
    Kld,
    Parquet,
    ArrowFile,
    ArrowStream,
    Ndjson,
    /// CSV or TSV; compressed or not.
    Text,
}

impl Format {
    /// True if a file of this format holds arrays by name.
    pub(super) fn is_container(self) -> bool {
        matches!(
            self,
            Self::Zip
                | Self::Safetensors
                | Self::TorchLegacy
                | Self::Pickle
                | Self::Hdf5
                | Self::Kld
        )
    }
}

/// Looks at the first bytes of a file.
pub(super) fn sniff(head: &[u8]) -> Result<Format, Problem> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if head.is_empty() {
        return Err(Problem::new("the file is empty").hint("copy or save it again"));
    }
    if starts(npy::MAGIC) {
        return Ok(Format::Npy);
    }
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Ok(Format::Zip);
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
    if starts(hdf5::MAGIC) {
        return Ok(Format::Hdf5);
    }
    if starts(kld::MAGIC) {
        return Ok(Format::Kld);
    }
    if starts(torch::LEGACY_MAGIC) {
        return Ok(Format::TorchLegacy);
    }
    if pickle::is_pickle(head) {
        return Ok(Format::Pickle);
    }
    if safetensors::is_safetensors(head) {
        return Ok(Format::Safetensors);
    }
    if is_compressed(head) {
        return Ok(Format::Text);
    }
    if starts(b"\xff\xfe") || starts(b"\xfe\xff") {
        return Err(Problem::new("this is UTF-16 text")
            .hint("write it as UTF-8: `iconv -f utf-16 -t utf-8 FILE > NEW`"));
    }
    if let Some(problem) = instead_of_data(head) {
        return Err(problem);
    }
    match head.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{') => Ok(Format::Ndjson),
        Some(b'[') if logprobs::are_answers(head) => Err(logprobs::refusal()),
        Some(b'[') if starts_details(head) => Ok(Format::Ndjson),
        Some(b'[') if is_array_of_objects(head) => Ok(Format::Ndjson),
        Some(b'[') => Err(json_array()),
        _ if head.contains(&0) => Err(Problem::new(
            "this is no format that can be read (CSV, TSV, NDJSON, Parquet, Arrow, .npy, .npz, \
             .safetensors, .pt, .pkl, .h5, .kld)",
        )
        .hint("`logitscope --help` lists the formats")),
        _ => Ok(Format::Text),
    }
}

/// What a download left where data was meant to be.
fn instead_of_data(head: &[u8]) -> Option<Problem> {
    if head.starts_with(b"version https://git-lfs") {
        let problem =
            Problem::new("this is a pointer of Git LFS: the data itself was not downloaded");
        return Some(problem.hint("`git lfs pull` in its repository"));
    }
    let start = head.trim_ascii_start();
    let starts =
        |text: &[u8]| start.get(..text.len()).is_some_and(|s| s.eq_ignore_ascii_case(text));
    (starts(b"<!doctype html") || starts(b"<html")).then(|| {
        Problem::new(
            "this is a web page and no data: an error or a log-in page may have been saved",
        )
        .hint("download it again; in a browser it shows what it is")
    })
}

/// True for the start of the array of questions with their prompts that lm-evaluation-harness 0.3 writes.
pub(super) fn starts_details(head: &[u8]) -> bool {
    let has = |key: &str| memmem::find(head, key.as_bytes()).is_some();
    head.trim_ascii_start().first() == Some(&b'[')
        && has("\"doc_id\"")
        && (has("\"prompt_0\"") || has("\"logit_0\""))
}

/// True for an array whose first entry is an object.
fn is_array_of_objects(head: &[u8]) -> bool {
    let within = head.trim_ascii_start().get(1..).unwrap_or_default();
    within.trim_ascii_start().first() == Some(&b'{')
}

/// Why a JSON array is none.
pub(super) fn json_array() -> Problem {
    Problem::new("a JSON array that is not made of objects is not a table that can be read")
        .hint("write rows as [{\"logits\": [...], \"label\": 0}, ...], or one object of lists: {\"logits\": [[...]], \"labels\": [...]}")
}

/// gzip, zstd or zlib.
pub(super) fn is_compressed(head: &[u8]) -> bool {
    head.starts_with(b"\x1f\x8b") || head.starts_with(b"\x28\xb5\x2f\xfd")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_bytes() {
        let cases: [(&[u8], Format); 17] = [
            (b"\x93NUMPY\x01\x00", Format::Npy),
            (b"PK\x03\x04rest", Format::Zip),
            (b"PAR1....", Format::Parquet),
            (b"ARROW1\0\0", Format::ArrowFile),
            (b"\xff\xff\xff\xff\x10\0\0\0", Format::ArrowStream),
            (b"\x1f\x8b\x08\0", Format::Text),
            (b" {\"a\": 1}", Format::Ndjson),
            (b"a,b\n1,2\n", Format::Text),
            (b"\x89HDF\r\n\x1a\n", Format::Hdf5),
            (b"_logits_\0\x02\0\0", Format::Kld),
            (b"\x80\x04\x95rest", Format::Pickle),
            (b"(dp0\nS'logits'\n", Format::Pickle),
            (b"cnumpy.core.multiarray\n_reconstruct\np0\n", Format::Pickle),
            (b"cposix\nsystem\n(Vid\ntR.", Format::Pickle),
            (b"cat\ndog\npony\n", Format::Text),
            (b"\x10\0\0\0\0\0\0\0{\"logits\"", Format::Safetensors),
            (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02", Format::TorchLegacy),
        ];
        for (head, format) in cases {
            assert_eq!(sniff(head).ok(), Some(format), "{head:?}");
        }
    }

    #[test]
    fn other_bytes_are_refused_by_name() {
        for head in [&b""[..], b"a\0b", b"[1, 2]"] {
            assert!(sniff(head).is_err(), "{head:?}");
        }
    }
}
