//! The start of a file, and what is no file to read.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::Problem;

/// How many bytes tell the format of a file.
pub(super) const SNIFF_BYTES: usize = 4096;

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
    File::open(path)?.take(SNIFF_BYTES as u64).read_to_end(&mut head)?;
    Ok(head)
}
