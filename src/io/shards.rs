//! Several files that each hold arrays, as one data set.

use std::path::Path;

use super::companion::stem;
use super::error::Problem;
use super::files::parts_by_name;
use super::names::PartName;
use super::parts;
use super::parts::chained;
use super::picked::{Found, Picked, RowNames, guess};
use super::table::Shard;
use super::{OpenOptions, Part};

/// Reads one file of arrays.
pub(super) type ReadFile<'a> = dyn FnMut(&Path, &OpenOptions) -> Result<Found, Problem> + 'a;

/// The rows of all `files`, one after the other: files whose names differ in nothing but numbers. Where the names
/// speak of val and test these are the two parts.
///
/// # Errors
/// If the names differ otherwise, or the arrays that were chosen do.
pub(super) fn read(
    files: &[Shard],
    options: &OpenOptions,
    read_file: &mut ReadFile<'_>,
) -> Result<Found, Problem> {
    let parts = parts_by_name(files);
    let of = |part: PartName| -> Vec<&Shard> {
        let pairs = files.iter().zip(parts.iter().flatten());
        pairs.filter(|(_, p)| **p == part).map(|(file, _)| file).collect()
    };
    let (val, test) = match &parts {
        Some(_) => (of(PartName::Val), of(PartName::Test)),
        None => (files.iter().collect(), Vec::new()),
    };
    let each = OpenOptions {
        rows: None,
        // The files are the parts, or hold them.
        part: if parts.is_some() { Part::Auto } else { options.part },
        ..options.clone()
    };
    let mut fit = one_part(&val, &each, read_file)?;
    if !test.is_empty() {
        let test = one_part(&test, &each, read_file)?;
        if let Some(test) = joined_parts(&mut fit, test, options)? {
            fit.test = Some(test);
        }
    }
    if let Some(range) = options.rows {
        if fit.test.is_some() {
            return Err(Problem::new("--rows counts within one part, and there are two")
                .hint("add --part val or --part test"));
        }
        fit.fit = parts::slice(&fit.fit, range)?;
    }
    Ok(fit)
}

/// The test part beside `fit`, unless `--part` wants one part alone, or both as one.
fn joined_parts(
    fit: &mut Found,
    test: Found,
    options: &OpenOptions,
) -> Result<Option<Picked>, Problem> {
    let names = [&fit.fit, &test.fit].map(|part| part.scores.name.clone());
    match options.wanted_part() {
        Part::Val => Ok(None),
        Part::Test => {
            fit.fit = test.fit;
            Ok(None)
        }
        Part::All => {
            let val = fit.fit.clone();
            fit.fit = parts::concat(val, test.fit)?;
            Ok(None)
        }
        Part::Auto => {
            let evidence = "the names of the files; --part val|test|all";
            let chosen = format!("fitted on val ({}), judged on test ({})", names[0], names[1]);
            fit.guesses.push(guess("parts", chosen, evidence));
            Ok(Some(test.fit))
        }
    }
}

/// The rows of the files of one part.
fn one_part(
    files: &[&Shard],
    options: &OpenOptions,
    read_file: &mut ReadFile<'_>,
) -> Result<Found, Problem> {
    check_names(files)?;
    let mut all: Option<(Found, Vec<Picked>)> = None;
    let mut rows = RowNames::default();
    for file in files {
        let found = read_file(&file.path, options).map_err(|p| p.within(&file.path))?;
        if found.test.is_some() {
            return Err(several_sets().within(&file.path));
        }
        rows.add_file(&file.path, found.fit.labels.len());
        match &mut all {
            None => all = Some((found, Vec::new())),
            Some((first, others)) => {
                check_same(&first.fit, &found.fit).map_err(|p| p.within(&file.path))?;
                others.push(found.fit);
            }
        }
    }
    let Some((mut first, others)) = all else {
        return Err(Problem::new("there is no file to read"));
    };
    if others.is_empty() {
        return Ok(first);
    }
    let evidence =
        "files whose names differ in nothing but a number; name one of them to read it alone";
    let chosen = format!("{} files, one after the other", files.len());
    first.guesses.push(guess("files", chosen, evidence));
    first.fit = Picked { rows, ..chained(std::iter::once(first.fit).chain(others).collect())? };
    Ok(first)
}

/// Shards are numbered; files of other names are other data, which is never pooled unasked.
fn check_names(files: &[&Shard]) -> Result<(), Problem> {
    let bare = |file: &&Shard| stem(&file.path).replace(|c: char| c.is_ascii_digit(), "");
    let mut names = files.iter().map(bare);
    let first = names.next();
    if names.all(|name| Some(name) == first) { Ok(()) } else { Err(several_sets()) }
}

fn several_sets() -> Problem {
    Problem::new(
        "files that each hold several arrays are one data set only if their names differ in nothing but a number",
    )
    .hint("name one of the files; a second one to judge on is --test FILE")
}

fn check_same(first: &Picked, other: &Picked) -> Result<(), Problem> {
    let (ours, theirs) = (&first.scores, &other.scores);
    if ours.name != theirs.name {
        return Err(Problem::new(format!(
            "its logits are {}, and those of the first file {}",
            theirs.name, ours.name
        ))
        .hint("--logits NAME, if all files hold it"));
    }
    if ours.n_cols() != theirs.n_cols() {
        return Err(Problem::new(format!(
            "its rows have {} scores, and those of the first file {}",
            theirs.n_cols(),
            ours.n_cols()
        ))
        .hint("open files of one model only"));
    }
    Ok(())
}
