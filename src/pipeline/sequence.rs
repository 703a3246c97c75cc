//! Several files: the steps of a training run, or models to compare.

use std::path::{Path, PathBuf};

use crate::data::{Guess, printable};
use crate::io::{self, IoError};

/// What stands before the number of a step in the name of a file.
const STEP_WORDS: [&str; 6] = ["global_step", "checkpoint", "step", "epoch", "iter", "ckpt"];

/// What may stand between the word and the number.
const BETWEEN: [char; 5] = ['-', '_', '=', '.', ' '];

/// Stands for the number of a step where only the rest of a name counts.
const ANY_STEP: &str = "#";

/// The number after `step`, `checkpoint-`, `epoch` and the like in the name of a file, or of the folder it is in:
/// `run/step_000120.npz` is 120, `checkpoint-500/logits.npy` is 500.
pub fn step_number(file: &Path) -> Option<u64> {
    let mut names = file.iter().rev().take(2);
    names.find_map(|name| Some(number_in(&name.to_string_lossy())?.number))
}

/// A number within a name, and where its digits are.
struct Found {
    number: u64,
    start: usize,
    end: usize,
}

fn number_in(name: &str) -> Option<Found> {
    // ASCII alone is changed, so that places in the one are places in the other.
    let lower = name.to_ascii_lowercase();
    let after = |word: &&str| {
        let word_end = lower.rfind(*word)? + word.len();
        let digits = lower[word_end..].trim_start_matches(BETWEEN);
        let start = lower.len() - digits.len();
        let n_digits = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let end = start + n_digits;
        let number = lower[start..end].parse().ok()?;
        Some(Found { number, start, end })
    };
    STEP_WORDS.iter().find_map(after)
}

/// The path with its step left out: two files of one run have the same. `None` without a step.
pub fn series_of(file: &Path) -> Option<PathBuf> {
    let stripped = |name: &str| {
        let found = number_in(name)?;
        Some([&name[..found.start], ANY_STEP, &name[found.end..]].concat())
    };
    let name = file.file_name()?.to_string_lossy();
    if let Some(name) = stripped(&name) {
        return Some(file.with_file_name(name));
    }
    let folder = file.parent()?;
    let parent = stripped(&folder.file_name()?.to_string_lossy())?;
    Some(folder.with_file_name(parent).join(&*name))
}

/// True if these are the steps of one run: names that differ by the number of their step alone, and no number twice.
pub fn are_steps(files: &[PathBuf]) -> bool {
    let Some(series) = files.first().and_then(|file| series_of(file)) else {
        return false;
    };
    let mut numbers: Vec<_> = files.iter().map(|file| step_number(file)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let is_of_series = |file: &PathBuf| series_of(file).as_ref() == Some(&series);
    files.len() > 1 && numbers.len() == files.len() && files.iter().all(is_of_series)
}

/// By the number in their names, if every name has one; else as they were given.
pub fn in_order(mut files: Vec<PathBuf>) -> Vec<PathBuf> {
    if files.iter().all(|file| step_number(file).is_some()) {
        files.sort_by_key(|file| step_number(file));
    }
    files
}

/// The same files, where a folder or a pattern that stands for the steps of one run is replaced by these. Shards, and
/// what cannot be looked into, stay as they were named.
pub fn expanded(files: &[PathBuf]) -> Vec<PathBuf> {
    let of = |file: &PathBuf| {
        let is_set = file.is_dir() || io::is_pattern(file);
        let within = is_set.then(|| io::data_files(file).ok()).flatten();
        within.filter(|within| are_steps(within)).unwrap_or_else(|| vec![file.clone()])
    };
    files.iter().flat_map(of).collect()
}

/// The one of several steps that is read where one data set is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChosenStep {
    /// Its file.
    pub path: PathBuf,
    /// Its number.
    pub number: u64,
    /// Why this one.
    pub evidence: String,
}

impl ChosenStep {
    pub(super) fn guess(&self) -> Guess {
        Guess {
            what: "step".to_owned(),
            chosen: self.number.to_string(),
            evidence: self.evidence.clone(),
            choices: Vec::new(),
        }
    }
}

/// The file of step `wanted`, of the last step without a wish, where `paths` are the steps of one run; `None` where they
/// are not.
///
/// # Errors
/// If there is no such step; the error names those there are.
pub fn chosen_step(paths: &[PathBuf], wanted: Option<u64>) -> Result<Option<ChosenStep>, IoError> {
    let files = in_order(expanded(paths));
    if !are_steps(&files) {
        return Ok(None);
    }
    let numbers: Vec<u64> = files.iter().filter_map(|file| step_number(file)).collect();
    let listed: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let listed = listed.join(", ");
    let place = match wanted {
        None => numbers.len().checked_sub(1),
        Some(step) => numbers.iter().position(|number| *number == step),
    };
    let found = place.and_then(|place| files.get(place).zip(numbers.get(place)));
    let Some((path, number)) = found else {
        let last = numbers.last().copied().unwrap_or_default();
        return Err(IoError {
            path: paths.first().cloned().unwrap_or_default(),
            message: printable(&format!(
                "there is no step {}; there are {listed}",
                wanted.unwrap_or(last)
            )),
            hint: Some(format!("--step {last}")),
            cancelled: false,
        });
    };
    let evidence = match wanted {
        Some(_) => format!("as asked for; the steps are {listed}"),
        None => format!("the last of the steps {listed}; --step N"),
    };
    Ok(Some(ChosenStep { path: path.clone(), number: *number, evidence }))
}

/// The files of the run that `file` belongs to, as they are on disk now, in order. Empty without a step, or where the
/// folder cannot be read.
pub fn steps_beside(file: &Path) -> Vec<PathBuf> {
    let Some(series) = series_of(file) else {
        return Vec::new();
    };
    let own_name = file.file_name().unwrap_or_default();
    let is_in_name = series.parent() == file.parent();
    let folder = if is_in_name { file.parent() } else { file.parent().and_then(Path::parent) };
    // The empty path is the working directory, which has another name for the system.
    let folder = match folder.unwrap_or_else(|| Path::new("")) {
        here if here.as_os_str().is_empty() => Path::new("."),
        folder => folder,
    };
    let names = folder.read_dir().into_iter().flatten().flatten();
    let candidate = |name: std::ffi::OsString| {
        if is_in_name {
            file.with_file_name(name)
        } else {
            series.parent().unwrap_or(&series).with_file_name(name).join(own_name)
        }
    };
    let all = names.map(|entry| candidate(entry.file_name()));
    let of_run = |path: &PathBuf| series_of(path).as_ref() == Some(&series) && path.exists();
    in_order(all.filter(of_run).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(PathBuf::from).collect()
    }

    #[test]
    fn steps_are_known_by_the_number_after_their_word() {
        let cases = [
            ("run/step_000120.npz", Some(120)),
            ("checkpoint-500/logits.npy", Some(500)),
            ("out/epoch=3.parquet", Some(3)),
            ("global_step77.npz", Some(77)),
            ("iter_9.npz", Some(9)),
            ("Checkpoint_Step_40.npz", Some(40)),
            ("val2.npz", None),
            ("cnn_steps.npz", None),
            ("step_99999999999999999999.npz", None),
        ];
        for (name, number) in cases {
            assert_eq!(step_number(Path::new(name)), number, "{name}");
        }
    }

    #[test]
    fn files_without_a_number_keep_their_order() {
        let files = paths(&["b.npz", "step_1.npz"]);
        assert_eq!(in_order(files.clone()), files);
        let ordered = in_order(paths(&["step_20.npz", "step_3.npz"]));
        assert_eq!(ordered, paths(&["step_3.npz", "step_20.npz"]));
    }

    #[test]
    fn a_run_is_known_by_names_that_differ_in_the_step_alone() {
        assert!(are_steps(&paths(&["a_step1.npz", "a_step02.npz"])));
        assert!(are_steps(&paths(&["ckpt-1/z.npy", "ckpt-2/z.npy"])));
        for other in [
            &["a_step1.npz", "b_step2.npz"][..],
            &["a_step1.npz", "a_step01.npz"],
            &["a_step1.npz"],
            &["val.npz", "test.npz"],
            &["ckpt-1/z.npy", "ckpt-2/y.npy"],
            &[],
        ] {
            assert!(!are_steps(&paths(other)), "{other:?}");
        }
    }

    #[test]
    fn of_several_steps_the_last_is_read_unless_another_is_asked_for() {
        let files = paths(&["step_20.npz", "step_3.npz"]);
        let chosen = |wanted| chosen_step(&files, wanted).unwrap().unwrap();
        let last = chosen(None);
        assert_eq!((last.path, last.number), (files[0].clone(), 20));
        assert_eq!(last.evidence, "the last of the steps 3, 20; --step N");
        assert_eq!(chosen(Some(3)).path, files[1]);
        let none = chosen_step(&files, Some(4)).unwrap_err();
        assert!(none.message.contains("there are 3, 20"), "{none:?}");
        assert_eq!(none.hint.as_deref(), Some("--step 20"));
        assert_eq!(chosen_step(&paths(&["val.npz", "test.npz"]), None).unwrap(), None);
    }

    #[test]
    fn a_folder_of_steps_is_a_run_and_one_of_shards_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (run, shards) = (folder.path().join("run"), folder.path().join("shards"));
        for (folder, names) in
            [(&run, ["step_10.npy", "step_9.npy"]), (&shards, ["part-0.npy", "part-1.npy"])]
        {
            std::fs::create_dir(folder).unwrap();
            for name in names {
                std::fs::write(folder.join(name), "").unwrap();
            }
        }
        let expected = vec![run.join("step_9.npy"), run.join("step_10.npy")];
        assert_eq!(in_order(expanded(std::slice::from_ref(&run))), expected);
        assert_eq!(in_order(expanded(&[run.join("*.npy")])), expected);
        assert_eq!(expanded(std::slice::from_ref(&shards)), [shards]);
        std::fs::write(run.join("other_step_11.npy"), "").unwrap();
        assert_eq!(steps_beside(&run.join("step_9.npy")), expected);
        let missing = run.join("nowhere/step_1.npy");
        assert_eq!(steps_beside(&missing), Vec::<PathBuf>::new());
    }

    #[test]
    fn the_step_may_be_in_the_name_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["ckpt-2", "ckpt-10", "other"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("z.npy"), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("ckpt-11")).unwrap();
        let found = steps_beside(&folder.path().join("ckpt-2/z.npy"));
        let expected = ["ckpt-2/z.npy", "ckpt-10/z.npy"].map(|name| folder.path().join(name));
        assert_eq!(found, expected);
    }
}
