//! Files that can be read once: `-` for standard input, and pipes with a name, such as the shell's `<(command)`.

use std::io::{IsTerminal, stdin};
use std::path::{Path, PathBuf};

use crate::io::Spool;

use super::Failure;
use super::args::DataArgs;

/// Puts the files that keep what comes through pipes in their places among `paths`; what is returned must live as
/// long as the files are read.
///
/// # Errors
/// If `-` is there twice, if standard input is a terminal, or if something cannot be read or kept.
pub(super) fn resolve<'a>(
    paths: impl Iterator<Item = &'a mut PathBuf>,
) -> Result<Vec<Spool>, Failure> {
    let (mut spools, mut has_stdin) = (Vec::new(), false);
    for place in paths {
        let spool = if place.as_path() == Path::new("-") {
            if std::mem::replace(&mut has_stdin, true) {
                return Err(Failure::hint(
                    "- is given twice, and standard input can be read once",
                    "save one of the two to a file",
                ));
            }
            of_stdin()?
        } else if is_pipe(place) {
            Spool::of_pipe(place)?
        } else {
            continue;
        };
        *place = spool.path().to_path_buf();
        spools.push(spool);
    }
    Ok(spools)
}

/// The same for `--labels` and `--class-names`. A word that is no path of a pipe is left as it is: `--labels` takes
/// columns too.
///
/// # Errors
/// As [`resolve`].
pub(super) fn resolve_beside(data: &mut DataArgs) -> Result<Vec<Spool>, Failure> {
    let mut labels = data.labels.as_ref().map(PathBuf::from);
    let mut names = data.class_names.clone();
    // A dash may be the name of a column.
    let is_given = |path: &&mut PathBuf| path.as_path() != Path::new("-");
    let given = labels.iter_mut().filter(is_given).chain(&mut names);
    let found = resolve(given)?;
    if let Some(path) = labels.as_ref().filter(|_| !found.is_empty()) {
        data.labels = path.to_str().map(str::to_owned);
    }
    data.class_names = names;
    Ok(found)
}

/// True for a pipe that has a name.
fn is_pipe(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        path.metadata().is_ok_and(|meta| meta.file_type().is_fifo())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

fn of_stdin() -> Result<Spool, Failure> {
    if stdin().is_terminal() {
        return Err(Failure::hint(
            "- stands for standard input, which is a terminal",
            "cat FILE | logitscope report -",
        ));
    }
    Ok(Spool::of(&mut stdin().lock())?)
}
