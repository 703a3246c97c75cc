//! What is read of every file at hand, bit for bit: what was guessed, a hash of scores, labels and carried columns, under
//! no flags and under those that choose rows; and the words of every refusal. `read_net.txt` speaks of the files of the
//! repository, `read_net_shared.txt` of the shared ones. `READ_NET=write cargo test read_net` writes them anew: read the
//! difference before you commit it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use logitscope::data::{BatchSource, ValuesRef};
use logitscope::io::{self, Loaded, OpenOptions, Part, RowRange};

use crate::shared;

/// Files with more scores than this are read once, without flags.
const MANY: usize = 400_000;

/// After FNV-1a, over words of 64 bits.
struct Hash(u64);

impl Hash {
    fn add(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(5);
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.add(u64::from(byte)));
    }
}

fn of_source(source: &dyn BatchSource) -> String {
    let mut scores = Hash(0xcbf2_9ce4_8422_2325);
    let mut labels = Hash(scores.0);
    let mut beside = Hash(scores.0);
    let read = source.read(&mut |batch| {
        match batch.values {
            ValuesRef::F32(v) => v.iter().for_each(|z| scores.add(u64::from(z.to_bits()))),
            ValuesRef::F64(v) => v.iter().for_each(|z| scores.add(z.to_bits())),
        }
        for label in batch.labels {
            labels.add(label.index().map_or(u64::MAX, |class| class as u64));
        }
        Ok(())
    });
    if let Err(error) = read {
        return format!("then {error}");
    }
    let carried = source.carried();
    for column in carried.columns() {
        beside.text(&column.name);
        for row in 0..column.values.len() {
            beside.text(&column.values.shown(row).unwrap_or("missing".to_owned()));
        }
    }
    let names: Vec<&str> = carried.columns().iter().map(|column| column.name.as_str()).collect();
    let (n, k) = (source.n_rows(), source.n_classes());
    format!("{n} x {k} {:016x} {:016x} {:016x} [{}]", scores.0, labels.0, beside.0, names.join(","))
}

fn of_loaded(loaded: &Loaded) -> String {
    let info = &loaded.info;
    let mut line = format!("{:?} {:?} {}", info.kind, info.task, of_source(&loaded.fit));
    if let Some(test) = &loaded.test {
        let _ = write!(line, " | test {}", of_source(test));
    }
    for guess in &info.guesses {
        let _ = write!(line, " | {}: {}", guess.what, guess.chosen);
    }
    line
}

/// Names and options that a file is read with.
fn ways() -> Vec<(&'static str, OpenOptions)> {
    let rows = |start, end| Some(RowRange { start, end });
    let plain = OpenOptions::default;
    vec![
        ("memory 0", OpenOptions { memory: Some(0), ..plain() }),
        ("rows 1..7", OpenOptions { rows: rows(1, 7), ..plain() }),
        ("rows 3..5, memory 0", OpenOptions { rows: rows(3, 5), memory: Some(0), ..plain() }),
        ("part test", OpenOptions { part: Part::Test, ..plain() }),
        ("part val", OpenOptions { part: Part::Val, ..plain() }),
        ("where id < 4", OpenOptions { filter: Some("id < 4".to_owned()), ..plain() }),
        ("unlabelled", OpenOptions { unlabelled: true, ..plain() }),
    ]
}

fn lines_of(folder: &Path, name: &str, out: &mut Vec<String>) {
    let path = folder.join(name);
    let mut line = |way: &str, options: &OpenOptions| {
        let opened = io::open(&path, options, &mut |_| true);
        let n_scores = opened.as_ref().map_or(0, |l| l.fit.n_rows() * l.fit.n_classes());
        let said = match &opened {
            Ok(loaded) => of_loaded(loaded),
            Err(error) => match &error.hint {
                Some(hint) => format!("refused: {error} -- {hint}"),
                None => format!("refused: {error}"),
            },
        };
        let said = said.replace(&folder.display().to_string(), "").replace('\n', " ");
        out.push(format!("{name} ({way}): {said}"));
        n_scores
    };
    let n_scores = line("no flags", &OpenOptions::default());
    if n_scores <= MANY {
        for (way, options) in ways() {
            line(way, &options);
        }
    }
}

/// Files below `folder`, by name and in order.
fn files(folder: &Path, below: &str, out: &mut Vec<String>) {
    let entries = folder.join(below).read_dir().expect("a folder");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.strip_prefix(folder).expect("below it").display().to_string();
        let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
        if path.is_dir() {
            files(folder, &name, out);
        } else if !ending.is_some_and(|e| ["md", "py", "txt", "sh", "snap"].contains(&e.as_str())) {
            out.push(name);
        }
    }
}

/// The folders below `root` against the file of that name.
fn check(root: &Path, folders: &[&str], expected: &str) {
    let mut names = Vec::new();
    for folder in folders {
        files(root, folder, &mut names);
    }
    assert!(names.len() > 40, "the files are there: {names:?}");
    let mut lines = Vec::new();
    for name in &names {
        lines_of(root, name, &mut lines);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(expected);
    if std::env::var_os("READ_NET").is_some_and(|value| value == "write") {
        fs::write(&path, lines.join("\n") + "\n").expect("written");
    }
    let text = fs::read_to_string(&path).expect("it is there");
    let want: Vec<&str> = text.lines().collect();
    let changed = lines.iter().zip(&want).filter(|(is, was)| is != was);
    let shown: Vec<String> =
        changed.map(|(is, was)| format!("was {was}\nis  {is}")).take(20).collect();
    assert!(shown.is_empty(), "{}", shown.join("\n\n"));
    assert_eq!(lines.len(), want.len(), "files came or went: READ_NET=write writes {expected}");
}

#[test]
fn every_file_of_the_repository_is_read_as_before() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(root, &["sample_data", "tests/fixtures"], "read_net.txt");
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn every_shared_file_is_read_as_before() {
    check(&shared::data(""), &[""], "read_net_shared.txt");
}
