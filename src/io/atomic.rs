//! Files that appear whole under their names or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};

use super::destination::Destination;
use super::error::{IoError, Problem};

/// Writes `text` to `out`: a file appears whole or not at all.
///
/// # Errors
/// If the folder does not exist or cannot be written, or the disk is full.
pub fn write_text_atomically(out: impl Into<Destination>, text: &str) -> Result<(), IoError> {
    let out = out.into();
    let write = |file: &mut BufWriter<File>| file.write_all(text.as_bytes());
    write_atomically(&out, |file| write(file).map_err(Problem::from)).map_err(|p| p.at(out.shown()))
}

/// Calls `write` with a file beside `out` that takes its name once it is written; what was there stays until then. A
/// device or a pipe is written to: a file that takes its name would replace the node.
pub(super) fn write_atomically<E: From<Problem>>(
    out: &Destination,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), E>,
) -> Result<(), E> {
    if out.path().is_dir() {
        return Err(Problem::new("this is a folder").hint("name a file in it").into());
    }
    if let Some(stream) = out.stream().map_err(Problem::from)? {
        let mut file = BufWriter::new(stream);
        let written = write(&mut file);
        let written = written.and_then(|()| Ok(file.flush().map_err(Problem::from)?));
        // What could not be written is not tried again.
        let _ = file.into_parts();
        return written;
    }
    let mut file = BufWriter::new(out.begin()?);
    let written = write(&mut file).and_then(|()| {
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error);
        let finished = file.and_then(|file| out.finish(&file));
        Ok(finished.map_err(Problem::from)?)
    });
    if written.is_err() {
        out.abandon(|| ());
    }
    written
}
