//! The CRC-32 that a zip archive keeps of each member.

use std::io::{self, Read};

use flate2::Crc;

use super::error::Problem;
use super::picked::guess;
use crate::data::{Guess, SourceInfo};

/// Bytes that are summed up between two signs of life.
const CHUNK_BYTES: usize = 1 << 18;

/// The checksum of all that `reader` gives; `go_on` is asked now and then.
///
/// # Errors
/// If it cannot be read; or what `go_on` returns.
pub(super) fn sum_of(
    reader: &mut dyn Read,
    go_on: &mut dyn FnMut() -> Result<(), Problem>,
) -> Result<u32, Problem> {
    let mut crc = Crc::new();
    each_chunk(reader, &mut |chunk| {
        crc.update(chunk);
        go_on()
    })??;
    Ok(crc.sum())
}

/// Unpacks what is left of `member`: the library holds it all against its checksum once there is no more.
///
/// # Errors
/// If it does not match, or cannot be unpacked; or what `go_on` returns.
pub(super) fn finish(
    member: &str,
    packed: &mut dyn Read,
    go_on: &mut dyn FnMut() -> Result<(), Problem>,
) -> Result<(), Problem> {
    match each_chunk(packed, &mut |_| go_on()) {
        Ok(told) => told,
        Err(error) => Err(unpacking(member, error)),
    }
}

/// Hands the bytes of `reader` to `take` until there are none left or it returns an error.
fn each_chunk(
    reader: &mut dyn Read,
    take: &mut dyn FnMut(&[u8]) -> Result<(), Problem>,
) -> io::Result<Result<(), Problem>> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let n = match reader.read(&mut chunk) {
            Ok(0) => return Ok(Ok(())),
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if let Err(problem) = take(&chunk[..n]) {
            return Ok(Err(problem));
        }
    }
}

/// What goes wrong while `member` is unpacked is damage, unless it is the disk.
pub(super) fn unpacking(member: &str, error: io::Error) -> Problem {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    match error.kind() {
        InvalidData | InvalidInput | UnexpectedEof => mismatch(member),
        _ => error.into(),
    }
}

/// That the bytes of `member` are not those that were saved.
pub(super) fn mismatch(member: &str) -> Problem {
    Problem::new(format!(
        "{member}: its bytes do not match their checksum (CRC-32): the archive is damaged"
    ))
    .hint("copy or save it again; `unzip -t FILE` tests every member")
}

/// The members that were read all the same, for the record.
pub(super) fn describe(damaged: &[String]) -> Option<Guess> {
    let evidence =
        "its bytes do not match their checksum (CRC-32): damaged, or changed after they were saved";
    (!damaged.is_empty()).then(|| guess(SourceInfo::DAMAGED, damaged.join(", "), evidence))
}

/// `problem`, and that the members that were read are damaged where that may be why.
pub(super) fn explained(problem: Problem, damaged: &[String]) -> Problem {
    if damaged.is_empty() || problem.is_cancelled() {
        return problem;
    }
    problem.hint(format!(
        "{}: the bytes do not match their checksum (CRC-32); copy or save the file again",
        damaged.join(", ")
    ))
}
