//! Which files are meant by a folder or a pattern.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use glob::MatchOptions;

use super::IoError;
use super::error::Problem;
use super::names::{self, PartName, natural_key};
use super::table::Shard;

/// Files that are looked at; a data set of more shards than this is not one folder.
const MAX_FILES: usize = 100_000;

/// Folders within folders that are looked into for hive partitions.
const MAX_DEPTH: usize = 8;

/// Data files that `path` stands for, in natural order: those below a folder, or those that match a pattern such as
/// `shards/*.parquet`. [`super::open()`] takes them for one data set.
///
/// # Errors
/// If there is none, or a folder cannot be read.
pub fn data_files(path: &Path) -> Result<Vec<PathBuf>, IoError> {
    let shards = if is_pattern(path) { matching(path) } else { files_in(path) };
    let shards = shards.map_err(|p| p.at(path))?;
    Ok(shards.into_iter().map(|shard| shard.path).collect())
}

/// True if `path` is the name of nothing, and holds `*`, `?` or `[`.
pub fn is_pattern(path: &Path) -> bool {
    let text = path.to_str();
    text.is_some_and(|text| text.contains(['*', '?', '[']) && !path.exists())
}

/// What matches a pattern: files, and the data files below folders.
pub(super) fn matching(pattern: &Path) -> Result<Vec<Shard>, Problem> {
    let options = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let text = pattern.to_string_lossy();
    let found = glob::glob_with(&text, options).map_err(|error| {
        Problem::new(format!("the pattern is none: {}", error.msg))
            .hint("a pattern is written as 'shards/part-*.parquet'")
    })?;
    let mut shards = Vec::new();
    for path in found.take(MAX_FILES + 1) {
        let path = path.map_err(|error| {
            let place = error.path().to_path_buf();
            Problem::from(std::io::Error::from(error)).within(&place)
        })?;
        if path.is_dir() {
            shards.extend(files_in(&path)?);
        } else {
            let constants = partitions(&path);
            shards.push(Shard { path, constants });
        }
    }
    if shards.is_empty() {
        return Err(Problem::new("no file matches the pattern").hint(
            "`ls` shows the names; the shell must not see the pattern: put it between quotes",
        ));
    }
    in_order(shards)
}

/// The columns that the folders of a path stand for.
fn partitions(path: &Path) -> Vec<(String, String)> {
    let folders = path.parent().into_iter().flat_map(Path::components);
    let names = folders.filter_map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let pairs = names.filter_map(|name| name.split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Data files below `folder` in natural order, with the columns their folders stand for.
pub(super) fn files_in(folder: &Path) -> Result<Vec<Shard>, Problem> {
    let mut shards = Vec::new();
    // Links last: what they lead to may be on the way anyway.
    let (mut to_visit, mut links) = (vec![(folder.to_path_buf(), Vec::new(), 0)], Vec::new());
    let mut visited = HashSet::new();
    while let Some((folder, constants, depth)) = to_visit.pop().or_else(|| links.pop()) {
        if !visited.insert(real(&folder)) {
            continue;
        }
        for entry in folder.read_dir()? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(['.', '_']) {
                continue;
            }
            let partition = name.split_once('=').filter(|_| path.is_dir());
            if let (Some((key, value)), true) = (partition, depth < MAX_DEPTH) {
                let mut constants: Vec<(String, String)> = constants.clone();
                constants.push((key.to_owned(), value.to_owned()));
                let list = if path.is_symlink() { &mut links } else { &mut to_visit };
                list.push((path, constants, depth + 1));
            } else if path.is_file() && is_data(&path) {
                shards.push(Shard { path, constants: constants.clone() });
            }
        }
        if shards.len() > MAX_FILES {
            break;
        }
    }
    if shards.is_empty() {
        return Err(Problem::new("the folder holds no data file").hint("name a file"));
    }
    in_order(shards)
}

/// Every file once, however many links lead to it: by its own name if that is among them.
fn in_order(mut shards: Vec<Shard>) -> Result<Vec<Shard>, Problem> {
    if shards.len() > MAX_FILES {
        return Err(Problem::new("these are too many files").hint("name one of them"));
    }
    let name = |s: &Shard| natural_key(&s.path.to_string_lossy());
    shards.sort_by_cached_key(|s| (s.path.is_symlink(), s.path.components().count(), name(s)));
    let mut seen = HashSet::new();
    shards.retain(|shard| seen.insert(real(&shard.path)));
    shards.sort_by_cached_key(name);
    Ok(shards)
}

/// Where links lead.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// Notes and lists of names that lie beside the data are not data; the one JSON that is, is known by its name.
fn is_data(path: &Path) -> bool {
    const BESIDE: [&str; 6] = ["txt", "md", "json", "yaml", "yml", "log"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.ends_with("_write_out_info.json") {
        return true;
    }
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    !BESIDE.contains(&extension.as_str())
}

/// The part that each file's name speaks of, where all do and both parts are there: `val.csv` and `test.csv`.
pub(super) fn parts_by_name(files: &[Shard]) -> Option<Vec<PartName>> {
    let part = |file: &Shard| names::parse(&super::companion::stem(&file.path)).part;
    let parts: Vec<PartName> = files.iter().map(part).collect::<Option<_>>()?;
    let both = parts.contains(&PartName::Val) && parts.contains(&PartName::Test);
    both.then_some(parts)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names(shards: Result<Vec<Shard>, Problem>) -> Vec<String> {
        let shards = shards.expect("files");
        let name = |s: &Shard| s.path.file_name().map(|n| n.to_string_lossy().into_owned());
        shards.iter().filter_map(name).collect()
    }

    #[test]
    fn patterns_find_files_in_the_order_that_people_mean() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["part-10.csv", "part-9.csv", ".part-1.csv", "other.csv", "fold=2/x.csv"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, "a").expect("a file");
        }
        let at = |pattern: &str| folder.path().join(pattern);
        assert_eq!(names(matching(&at("part-*.csv"))), ["part-9.csv", "part-10.csv"]);
        assert_eq!(names(matching(&at("*part*.csv"))), ["part-9.csv", "part-10.csv"]);
        assert_eq!(names(matching(&at("part-[0-9].csv"))), ["part-9.csv"]);
        let nested = matching(&at("fold=*/*.csv")).expect("a file");
        assert_eq!(nested[0].constants, [("fold".to_owned(), "2".to_owned())]);
        assert!(is_pattern(&at("part-*.csv")) && !is_pattern(&at("part-9.csv")));
        assert!(matching(&at("none-*.csv")).is_err());
        assert!(matching(&at("part-[.csv")).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_counts_once_whatever_links_lead_to_it() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("k=1")).expect("a folder");
        for name in ["b.csv", "k=1/c.csv"] {
            fs::write(at(name), "a").expect("a file");
        }
        symlink(folder.path(), at("self=1")).expect("a link");
        symlink(folder.path(), at("k=1/up=1")).expect("a link");
        symlink(at("k=1"), at("j=1")).expect("a link");
        symlink(at("b.csv"), at("a.csv")).expect("a link");
        let found = files_in(folder.path()).expect("files");
        assert_eq!(found[1].constants, [("k".to_owned(), "1".to_owned())]);
        assert_eq!(names(Ok(found)), ["b.csv", "c.csv"]);
        assert_eq!(names(matching(&at("*.csv"))), ["b.csv"]);
    }

    #[test]
    fn a_file_whose_name_looks_like_a_pattern_is_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("run[1].csv");
        fs::write(&path, "a").expect("a file");
        assert!(!is_pattern(&path));
    }
}
