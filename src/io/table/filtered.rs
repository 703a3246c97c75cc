//! Data sets of Hugging Face that were filtered, sorted or shuffled: the file of data holds all rows still, and
//! `state.json` beside it names another file with the numbers of those that belong to the set.

use std::path::Path;

use serde_json::Value;

use super::super::error::Problem;

/// A file that says more than this is no such state.
const MAX_BYTES: u64 = 1 << 20;

/// Refuses a file of which only some rows are the data set.
///
/// # Errors
/// If `state.json` beside `path` says so.
pub(super) fn refuse(path: &Path) -> Result<(), Problem> {
    let Some((data, indices)) = named_by_state(path) else {
        return Ok(());
    };
    let Some(first) = indices.first() else {
        return Ok(());
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_ours = data.iter().chain(&indices).any(|file| *file == name);
    if !is_ours {
        return Ok(());
    }
    Err(Problem::new(format!(
        "state.json beside it says that the data set is some of its rows, those that {first} lists"
    ))
    .hint("save the rows alone: `dataset.flatten_indices().save_to_disk(path)`"))
}

/// The files of data and of row numbers that `state.json` names.
fn named_by_state(path: &Path) -> Option<(Vec<String>, Vec<String>)> {
    let state = path.canonicalize().ok()?.with_file_name("state.json");
    if state.metadata().ok()?.len() > MAX_BYTES {
        return None;
    }
    let state: Value = serde_json::from_slice(&std::fs::read(state).ok()?).ok()?;
    let names = |key: &str| -> Vec<String> {
        let files = state.get(key).and_then(Value::as_array);
        let name = |file: &Value| file.get("filename")?.as_str().map(str::to_owned);
        files.into_iter().flatten().filter_map(name).collect()
    };
    let mut indices = names("_indices_data_files");
    indices.extend(names("_indices_files"));
    Some((names("_data_files"), indices))
}
