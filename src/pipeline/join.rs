//! Several files of summaries as one data set.

use std::path::Path;

use crate::data::ClassNames;
use crate::io::IoError;
use crate::summarize::{RowSummaries, concat};

use super::beside::called;
use super::note::made_from;
use super::summaries::{MADE_FROM, Summaries, SummaryPart, refusal, sha256_of_rows};

/// Names of files that are shown for a data set of several.
const SHOWN_PATHS: usize = 2;

impl Summaries {
    /// The rows of all files in this order, as one data set.
    ///
    /// A temperature that is fitted on all of them is interpolated, because each file has exact figures at its own:
    /// at T = 1 they are exact.
    ///
    /// # Errors
    /// If there is none, or two differ in kind, task, number or names of classes, parts, or the column of groups; or if
    /// their lattices share no node. The error names the file and what differs.
    pub fn join(sets: Vec<Self>) -> Result<Self, IoError> {
        let mut sets = sets.into_iter();
        let nothing = || refusal(Path::new(""), "there are no summaries");
        let first = sets.next().ok_or_else(nothing)?;
        let rest: Vec<Self> = sets.collect();
        if rest.is_empty() {
            return Ok(first);
        }
        for other in &rest {
            check_same(&first, other)?;
        }
        let path = first.info.path.clone();
        let (mut info, mut sources) = (first.info, first.sources);
        let (mut fit, mut test) = (vec![first.fit], Vec::from_iter(first.test));
        let mut paths = vec![info.path];
        for other in rest {
            paths.push(other.info.path);
            sources.extend(other.sources);
            info.n_bytes += other.info.n_bytes;
            fit.push(other.fit);
            test.extend(other.test);
        }
        info.path = shown(&paths);
        if let Some(guess) = info.guesses.iter_mut().find(|guess| guess.what == MADE_FROM) {
            guess.chosen = made_from(&sources);
        }
        let joined =
            |parts| join_parts(parts).map_err(|problem| refusal(Path::new(&path), &problem));
        Ok(Self {
            info,
            sources,
            fit: joined(fit)?,
            test: if test.is_empty() { None } else { Some(joined(test)?) },
        })
    }

    /// Both parts as one set of rows.
    ///
    /// # Errors
    /// If their lattices share no node.
    pub fn pooled(self) -> Result<Self, IoError> {
        let Some(test) = self.test else {
            return Ok(self);
        };
        let joined = join_parts(vec![self.fit, test]);
        Ok(Self {
            fit: joined.map_err(|problem| refusal(Path::new(&self.info.path), &problem))?,
            test: None,
            info: self.info,
            sources: self.sources,
        })
    }
}

/// `a.parquet, b.parquet and 3 more`.
fn shown(paths: &[String]) -> String {
    let first = paths[..paths.len().min(SHOWN_PATHS)].join(", ");
    match paths.len().checked_sub(SHOWN_PATHS) {
        None | Some(0) => first,
        Some(more) => format!("{first} and {more} more"),
    }
}

fn join_parts(parts: Vec<SummaryPart>) -> Result<SummaryPart, String> {
    let sets: Vec<(&RowSummaries, u64)> =
        parts.iter().map(|part| (&part.rows, part.n_read)).collect();
    let sha256_labels = sha256_of_rows(&sets);
    let n_read = parts.iter().map(|part| part.n_read).sum();
    let sets = parts.into_iter().map(|part| (part.rows, part.n_read)).collect();
    Ok(SummaryPart {
        rows: concat(sets).map_err(|error| error.to_string())?,
        n_read,
        sha256_labels,
    })
}

/// Rows of different models or questions are not one data set.
fn check_same(first: &Summaries, other: &Summaries) -> Result<(), IoError> {
    let (ours, theirs) = (described(first), described(other));
    let differing = ours.into_iter().zip(theirs).find(|(a, b)| a != b);
    let differing = differing.map(|((what, ours), (_, theirs))| (what.to_owned(), ours, theirs));
    let names =
        || first_difference(first.info.class_names.as_ref(), other.info.class_names.as_ref());
    let Some((what, ours, theirs)) = differing.or_else(names) else {
        return Ok(());
    };
    let path = &other.info.path;
    let flag = match what.as_str() {
        "groups" => "--group COLUMN for all of them; ",
        "weights" => "--weight COLUMN for all of them; ",
        _ => "",
    };
    let message = format!("{what}: {theirs} here, {ours} in {}", first.info.path);
    Err(IoError {
        hint: Some(format!(
            "{flag}join summaries of one model and one question; logitscope inspect {path}"
        )),
        ..refusal(Path::new(path), &message)
    })
}

/// What must be the same, beside the names of the classes.
fn described(set: &Summaries) -> [(&'static str, String); 8] {
    let info = &set.info;
    let parts = if set.test.is_some() { "val and test" } else { "one" };
    let labels = if set.fit.rows.soft().is_some() { "distributions" } else { "classes" };
    [
        ("number of classes", info.n_classes.to_string()),
        ("kind of the scores", info.kind.describe().to_owned()),
        ("task", info.task.name().to_owned()),
        ("labels of a row", info.n_labels.unwrap_or(1).to_string()),
        ("labels", labels.to_owned()),
        ("parts", parts.to_owned()),
        ("groups", called(set.fit.rows.carried().group())),
        ("weights", called(set.fit.rows.carried().weight())),
    ]
}

/// The first class with two names, and both; without names it is called by its number.
fn first_difference(
    ours: Option<&ClassNames>,
    theirs: Option<&ClassNames>,
) -> Option<(String, String, String)> {
    let n = |names: Option<&ClassNames>| names.map_or(0, |names| names.as_slice().len());
    let name =
        |names: Option<&ClassNames>, class| names.map_or("no name".to_owned(), |n| n.get(class));
    let class =
        (0..n(ours).max(n(theirs))).find(|&class| name(ours, class) != name(theirs, class))?;
    Some((format!("name of class {class}"), name(ours, class), name(theirs, class)))
}
