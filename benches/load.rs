//! What it costs to open a file of each format and to see every row once: `cargo bench --bench load`.
//!
//! The same 20,000 x 100 numbers in every format, written by the program's own writers to the target folder. Decoding
//! bounds all of them: compare with `npy`, whose bytes need none.

use std::path::{Path, PathBuf};

use divan::{Bencher, counter::BytesCount};
use logitscope::data::{BatchSource, Kind, Label};
use logitscope::io::{IoError, OpenOptions, Scores, open, write_scores};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn main() {
    divan::main();
}

const N_ROWS: usize = 20_000;
const N_CLASSES: usize = 100;

/// The file with this ending, made if it is not there.
fn file(ending: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("load_logits.{ending}"));
    if !path.exists() {
        write(&path).expect("the target folder can be written to");
    }
    path
}

fn write(path: &Path) -> Result<(), IoError> {
    let mut random = Pcg64::seed_from_u64(5);
    let columns: Vec<String> = (0..N_CLASSES).map(|k| format!("logit_{k}")).collect();
    let class = |row: usize| {
        let idx = u32::try_from(row % N_CLASSES).ok();
        idx.and_then(Label::class).expect("100 classes")
    };
    let labels: Vec<Label> = (0..N_ROWS).map(class).collect();
    let scores =
        Scores { n_rows: N_ROWS, columns: &columns, labels: Some(&labels), kind: Kind::Logits };
    write_scores(path, &scores, |put| {
        let mut row = vec![0.0; N_CLASSES];
        (0..N_ROWS).try_for_each(|_| {
            row.fill_with(|| 20.0 * random.random::<f64>() - 10.0);
            put(&row)
        })
    })
}

#[divan::bench(args = ["npz", "parquet", "arrow", "csv", "jsonl"], sample_count = 10)]
fn labelled(bencher: Bencher<'_, '_>, ending: &str) {
    read_all(bencher, &file(ending), &OpenOptions::default());
}

/// One row of very many columns or keys: the time goes with their number, and not with its square.
#[divan::bench(args = [("csv", 50_000), ("csv", 100_000), ("jsonl", 100_000), ("jsonl", 200_000)], sample_count = 5)]
fn columns(bencher: Bencher<'_, '_>, (ending, n): (&str, usize)) {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("load_columns_{n}.{ending}"));
    let each = |of: &dyn Fn(usize) -> String| (0..n).map(of).collect::<Vec<_>>().join(",");
    let number = |idx: usize| (idx * 7919 % 1009) as f64 / 100.0 - 5.0;
    let text = if ending == "csv" {
        let (names, numbers) =
            (each(&|idx| format!("logit_{idx}")), each(&|idx| format!("{:.2}", number(idx))));
        format!("{names},label\n{numbers},3\n")
    } else {
        let pairs = each(&|idx| format!("\"logit_{idx}\":{:.2}", number(idx)));
        format!("{{{pairs},\"label\":3}}\n")
    };
    std::fs::write(&path, text).expect("the target folder can be written to");
    bencher.bench(|| {
        let loaded =
            open(&path, &OpenOptions::default(), &mut |_| true).expect("a file of our own");
        assert_eq!(loaded.info.n_classes, n);
    });
}

/// Labels from another file, as an array alone has none.
#[divan::bench(sample_count = 10)]
fn npy(bencher: Bencher<'_, '_>) {
    let labels = file("npz");
    let options = OpenOptions {
        labels: Some(labels.to_string_lossy().into_owned()),
        ..OpenOptions::default()
    };
    read_all(bencher, &file("npy"), &options);
}

fn read_all(bencher: Bencher<'_, '_>, path: &Path, options: &OpenOptions) {
    let n_bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    bencher.counter(BytesCount::new(n_bytes)).bench(|| {
        let loaded = open(path, options, &mut |_| true).expect("a file of our own");
        let mut n_seen = 0;
        let read = loaded.fit.read(&mut |batch| {
            n_seen += batch.labels.len();
            Ok(())
        });
        read.expect("a file of our own");
        assert_eq!(n_seen, N_ROWS);
    });
}
