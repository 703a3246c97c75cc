//! Where the names of the classes come from.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::OpenOptions;
use super::companion::BESIDE;
use super::error::Problem;
use super::labels::shorten;
use super::picked::guess;
use crate::data::Guess;

/// The file that is looked for beside the data.
pub(super) const COMPANION: &str = "class_names.txt";

/// A list of names longer than this is no list of names.
const MAX_BYTES: u64 = 64 << 20;

/// The names of `n_classes` classes: `--class-names`, the column headers, or `class_names.txt`
/// beside `path`.
pub(super) fn find(
    path: Option<&Path>,
    headers: Option<&[String]>,
    n_classes: usize,
    options: &OpenOptions,
    guesses: &mut Vec<Guess>,
) -> Result<Option<Vec<String>>, Problem> {
    if let Some(file) = &options.class_names {
        return from_flag(file, n_classes, options.n_classes.is_some()).map(Some);
    }
    if let Some(names) = headers.filter(|h| h.len() == n_classes) {
        let evidence = "the headers of the columns; --class-names FILE";
        guesses.push(guess("class names", shorten(names), evidence));
        return Ok(Some(names.to_vec()));
    }
    let names = path.and_then(|p| companion(p, n_classes));
    if let Some(names) = &names {
        let evidence = format!("{COMPANION} {BESIDE}, {n_classes} lines; --class-names FILE");
        guesses.push(guess("class names", shorten(names), evidence));
    }
    Ok(names)
}

/// With `may_be_more` the names of classes that `--classes` cuts off are left out.
fn from_flag(file: &Path, n_classes: usize, may_be_more: bool) -> Result<Vec<String>, Problem> {
    let mut names = read_lines(file).map_err(|p| p.within(file))?;
    if may_be_more {
        names.truncate(n_classes);
    }
    if names.len() != n_classes {
        return Err(Problem::new(format!("{} names for {n_classes} classes", names.len()))
            .hint("one name a line, in the order of the logits")
            .within(file));
    }
    Ok(names)
}

/// A companion that cannot be read or has another length is not ours.
fn companion(path: &Path, n_classes: usize) -> Option<Vec<String>> {
    let folder = if path.is_dir() { path } else { path.parent()? };
    let names = read_lines(&folder.join(COMPANION)).ok()?;
    (names.len() == n_classes).then_some(names)
}

/// The lines of a text file, without the ends of lines.
pub(super) fn read_lines(path: &Path) -> Result<Vec<String>, Problem> {
    if !path.metadata()?.is_file() {
        return Err(Problem::new("not an ordinary file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| Problem::new("the text is not UTF-8"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.lines().map(str::to_owned).collect())
}
