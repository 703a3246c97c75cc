//! `-` for a file is what comes through standard input.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use crate::io::Spool;

use super::Failure;

/// Puts the file that keeps standard input in the place of `-` among `paths`; what is returned must live as long as
/// the file is read.
///
/// # Errors
/// If `-` is there twice, if standard input is a terminal, or if it cannot be kept.
pub(super) fn resolve<'a>(
    paths: impl Iterator<Item = &'a mut PathBuf>,
) -> Result<Option<Spool>, Failure> {
    let mut places = paths.filter(|path| path.as_path() == Path::new("-"));
    let Some(place) = places.next() else {
        return Ok(None);
    };
    if places.next().is_some() {
        return Err(Failure::hint(
            "- is given twice, and standard input can be read once",
            "save one of the two to a file",
        ));
    }
    if stdin().is_terminal() {
        return Err(Failure::hint(
            "- stands for standard input, which is a terminal",
            "cat FILE | logitscope report -",
        ));
    }
    let spool = Spool::of(&mut stdin().lock())?;
    *place = spool.path().to_path_buf();
    Ok(Some(spool))
}
