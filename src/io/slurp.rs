//! Reading a file in pieces, with progress. Files are never memory-mapped: one that is truncated
//! under a map would kill the process and leave the terminal raw.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::Problem;
use super::progress::Watch;
use super::sniff::SNIFF_BYTES;

/// Bytes read at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Refuses what is no ordinary file, before it is opened: a pipe would block.
pub(super) fn size(path: &Path) -> Result<u64, Problem> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(Problem::new("not an ordinary file").hint("save the data to a file first"));
    }
    Ok(metadata.len())
}

/// The first bytes of a file.
pub(super) fn head(path: &Path) -> Result<Vec<u8>, Problem> {
    size(path)?;
    let mut head = Vec::new();
    File::open(path)?
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut head)?;
    Ok(head)
}

/// All bytes of a file.
pub(super) fn whole(path: &Path, watch: &mut Watch<'_>) -> Result<Vec<u8>, Problem> {
    let size = size(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    let mut file = File::open(path)?.take(size);
    loop {
        let n = file
            .by_ref()
            .take(CHUNK_BYTES as u64)
            .read_to_end(&mut bytes)?;
        if n == 0 {
            break;
        }
        watch.add_bytes(n as u64)?;
    }
    if (bytes.len() as u64) < size {
        return Err(Problem::new("the file shrank while it was read")
            .hint("read it again once it is written"));
    }
    Ok(bytes)
}
