//! Rows that are read in pieces are the rows that are read at once, bit for bit; and files that change
//! under a reader are errors.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use logitscope::data::{Batch, BatchSource, Kind, Label, SourceError, Values};
use logitscope::io::{IoError, OpenOptions, Part, RowRange, Source, open};
use logitscope::pipeline::{Sources, study};
use zip::write::SimpleFileOptions;

use crate::passes::{info, overconfident};
use crate::shared::{self, values};

/// The header of a version 1.0 array.
fn header(descr: &str, fortran: bool, shape: &str) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let text = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let length = u16::try_from(text.len()).expect("a short header");
    [b"\x93NUMPY\x01\x00", &length.to_le_bytes()[..], text.as_bytes()].concat()
}

/// Seeded numbers that f16 holds, with some that are not finite.
fn matrix(n_rows: usize, n_cols: usize) -> Vec<f32> {
    let mut state = 3u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        match state >> 50 {
            0 => f32::NAN,
            1 => f32::NEG_INFINITY,
            _ => ((state >> 44) % 4001) as f32 / 64.0 - 31.0,
        }
    };
    (0..n_rows * n_cols).map(|_| next()).collect()
}

/// Bytes of the elements in one of the ways to store them.
fn stored(values: &[f32], n_cols: usize, descr: &str, fortran: bool) -> Vec<u8> {
    let n_rows = values.len() / n_cols;
    let at = |i: usize| {
        if fortran { values[i % n_rows * n_cols + i / n_rows] } else { values[i] }
    };
    let all = (0..values.len()).map(at);
    match descr {
        "<f4" => all.flat_map(f32::to_le_bytes).collect(),
        ">f4" => all.flat_map(f32::to_be_bytes).collect(),
        "<f8" => all.flat_map(|v| f64::from(v).to_le_bytes()).collect(),
        ">f8" => all.flat_map(|v| f64::from(v).to_be_bytes()).collect(),
        "<f2" => all.flat_map(|v| half::f16::from_f32(v).to_le_bytes()).collect(),
        ">f2" => all.flat_map(|v| half::f16::from_f32(v).to_be_bytes()).collect(),
        _ => panic!("{descr}"),
    }
}

fn labels(n_rows: usize, n_classes: usize) -> Vec<u8> {
    let classes = (0..n_rows).map(|r| i64::try_from(r % n_classes).expect("few"));
    let shape = format!("({n_rows},)");
    let mut bytes = header("<i8", false, &shape);
    bytes.extend(classes.flat_map(i64::to_le_bytes));
    bytes
}

fn archive(path: &Path, members: &[(&str, &[u8])], method: zip::CompressionMethod) {
    let mut zip = zip::ZipWriter::new(File::create(path).expect("created"));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in members {
        zip.start_file(*name, options).expect("a member");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("finished");
}

fn with_memory(memory: Option<u64>) -> OpenOptions {
    OpenOptions { memory, ..OpenOptions::default() }
}

fn opened(path: &Path, options: &OpenOptions) -> Source {
    shared::open(path, options).fit
}

/// Bit for bit, NaN included.
fn assert_same(found: &Values, expected: &Values, what: &str) {
    let same = match (found, expected) {
        (Values::F32(a), Values::F32(b)) => {
            let bits = |v: &[f32]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            bits(a) == bits(b)
        }
        (Values::F64(a), Values::F64(b)) => {
            let bits = |v: &[f64]| v.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            bits(a) == bits(b)
        }
        _ => false,
    };
    assert!(same, "{what}");
}

const N_CLASSES: usize = 100;
/// Four blocks of f32.
const N_ROWS: usize = 70_000;

/// The same rows in every form of arrays.
fn forms(folder: &Path) -> Vec<PathBuf> {
    let all = matrix(N_ROWS, N_CLASSES);
    let shape = format!("({N_ROWS}, {N_CLASSES})");
    let labels = labels(N_ROWS, N_CLASSES);
    fs::write(folder.join("labels.npy"), &labels).expect("written");
    let mut paths = Vec::new();
    for (name, descr, fortran) in [
        ("plain", "<f4", false),
        ("columns", "<f4", true),
        ("swapped", ">f4", false),
        ("half", "<f2", false),
        ("half_swapped_columns", ">f2", true),
    ] {
        let bytes =
            [header(descr, fortran, &shape), stored(&all, N_CLASSES, descr, fortran)].concat();
        let path = folder.join(format!("{name}.npy"));
        fs::write(&path, &bytes).expect("written");
        paths.push(path);
        if matches!(name, "plain" | "columns") {
            let members = [("logits.npy", &bytes[..]), ("labels.npy", &labels[..])];
            let path = folder.join(format!("{name}_stored.npz"));
            archive(&path, &members, zip::CompressionMethod::Stored);
            paths.push(path);
        }
        if name == "plain" {
            let members = [("logits.npy", &bytes[..]), ("labels.npy", &labels[..])];
            let path = folder.join("packed.npz");
            archive(&path, &members, zip::CompressionMethod::Deflated);
            paths.push(path);
        }
    }
    paths
}

#[test]
fn arrays_in_pieces_are_the_arrays_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let expected = matrix(N_ROWS, N_CLASSES);
    let rows = RowRange { start: 1_234, end: 56_789 };
    let part = expected[rows.start * N_CLASSES..rows.end * N_CLASSES].to_vec();
    let (expected, part) = (Values::F32(expected), Values::F32(part));
    let canonical = |values| match values {
        // An f16 NaN widens to a NaN of other bits.
        Values::F32(v) => {
            Values::F32(v.into_iter().map(|v| if v.is_nan() { f32::NAN } else { v }).collect())
        }
        other @ Values::F64(_) => other,
    };
    for path in forms(folder.path()) {
        let what = path.display().to_string();
        for memory in [Some(0), None] {
            let source = opened(&path, &with_memory(memory));
            assert_eq!(source.labels()[7].index(), Some(7));
            for _ in 0..4 {
                assert_same(&canonical(values(&source)), &expected, &what);
            }
            let options = OpenOptions { rows: Some(rows), ..with_memory(memory) };
            let source = opened(&path, &options);
            assert_eq!(source.labels()[0].index(), Some(rows.start % N_CLASSES));
            for _ in 0..2 {
                assert_same(&canonical(values(&source)), &part, &what);
            }
        }
    }
}

#[test]
fn parts_and_series_in_pieces() {
    let folder = tempfile::tempdir().expect("a folder");
    let (n_val, n_test, k) = (900, 700, 5);
    let (val, test) = (matrix(n_val, k), matrix(n_test, k).into_iter().rev().collect::<Vec<_>>());
    let array = |values: &[f32]| {
        let shape = format!("({}, {k})", values.len() / k);
        [header("<f8", false, &shape), stored(values, k, "<f8", false)].concat()
    };
    let (logits, targets) = (array(&val), labels(n_val, k));
    let (test_logits, test_targets) = (array(&test), labels(n_test, k));
    let members = [
        ("val_logits.npy", &logits[..]),
        ("val_labels.npy", &targets[..]),
        ("test_logits.npy", &test_logits[..]),
        ("test_labels.npy", &test_targets[..]),
    ];
    let wide = |v: &[f32]| Values::F64(v.iter().map(|v| f64::from(*v)).collect());
    let joined = wide(&[val.clone(), test.clone()].concat());
    archive(&folder.path().join("a.npz"), &members, zip::CompressionMethod::Stored);
    archive(&folder.path().join("b.npz"), &members, zip::CompressionMethod::Deflated);
    fs::create_dir(folder.path().join("c")).expect("a folder");
    for (name, bytes) in members {
        fs::write(folder.path().join("c").join(name), bytes).expect("written");
    }
    for name in ["a.npz", "b.npz", "c"] {
        let path = folder.path().join(name);
        for memory in [Some(0), Some(1 << 16), None] {
            let both = shared::open(&path, &with_memory(memory));
            for _ in 0..2 {
                assert_same(&values(&both.fit), &wide(&val), name);
                assert_same(&values(both.test.as_ref().expect("a part")), &wide(&test), name);
            }
            let whole = OpenOptions { part: Part::All, ..with_memory(memory) };
            assert_same(&values(&opened(&path, &whole)), &joined, name);
        }
    }
}

#[test]
fn probabilities_and_scores_are_converted_alike_in_pieces_and_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (n_rows, path) = (20_000, folder.path().join("probs.npy"));
    fs::write(folder.path().join("labels.npy"), labels(n_rows, 2)).expect("written");
    let ps: Vec<f32> = (0..n_rows).map(|r| (r % 1001) as f32 / 1000.0).collect();
    let pairs: Vec<f32> = ps.iter().flat_map(|p| [1.0 - p, *p]).collect();
    for (all, n_cols) in [(ps, 1), (pairs, 2)] {
        let shape = format!("({n_rows}, {n_cols})");
        let bytes = [header("<f4", false, &shape), stored(&all, n_cols, "<f4", false)].concat();
        fs::write(&path, bytes).expect("written");
        for positive in [None, Some("0".to_owned())] {
            let read = |memory| {
                let options = OpenOptions { positive: positive.clone(), ..with_memory(memory) };
                let source = opened(&path, &options);
                assert_eq!(source.kind(), Kind::Probs);
                let first = values(&source);
                assert_same(&values(&source), &first, "the second read");
                first
            };
            let Values::F64(found) = read(Some(0)) else { panic!("logarithms are f64") };
            assert_same(&read(None), &Values::F64(found.clone()), "kept");
            let swapped = positive.is_some() && n_cols == 2;
            let positive_first = usize::from(!swapped);
            let expected = f64::from(all[250 * n_cols + n_cols - 1]).ln();
            let place = 250 * 2 + positive_first;
            assert_eq!(found[place].to_bits(), expected.to_bits());
        }
    }
}

#[test]
fn no_figure_depends_on_the_size_of_the_batches() {
    for k in [3, 60] {
        let analysed = |n_batch| {
            let sources = Sources {
                info: info(k),
                fit: std::sync::Arc::new(overconfident(1500, k, 1.7).in_batches_of(n_batch)),
                test: None,
            };
            let study = study(sources, &shared::options(), &mut |_| true).expect("in memory");
            format!("{:?}", study.analysis)
        };
        let expected = analysed(1500);
        for n_batch in [1, 63, 64, 65, 1000] {
            assert!(analysed(n_batch) == expected, "{k} classes, {n_batch} rows");
        }
    }
}

#[test]
fn a_study_is_the_same_whatever_is_kept_in_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = overconfident(20_000, 60, 1.7);
    let Values::F64(all) = made.values() else { panic!("f64") };
    let bytes = all.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    let bytes = [header("<f8", false, "(20000, 60)"), bytes].concat();
    let (logits, targets) = (folder.path().join("logits.npy"), labels(20_000, 60));
    fs::write(&logits, &bytes).expect("written");
    fs::write(folder.path().join("labels.npy"), &targets).expect("written");
    let members = [("logits.npy", &bytes[..]), ("labels.npy", &targets[..])];
    let packed = folder.path().join("packed.npz");
    archive(&packed, &members, zip::CompressionMethod::Deflated);
    let figures = |study: &logitscope::pipeline::Study| {
        (format!("{:?}", study.analysis), study.sha256_labels.clone())
    };
    let in_memory = Sources { info: info(60), fit: std::sync::Arc::new(made.clone()), test: None };
    let expected = study(in_memory, &shared::options(), &mut |_| true).expect("in memory");
    let expected = figures(&expected);
    for path in [&logits, &packed] {
        for memory in [Some(0), None] {
            let found = shared::study_of(shared::open(path, &with_memory(memory)));
            assert!(figures(&found) == expected, "{} {memory:?}", path.display());
        }
    }
}

/// An array of zeros of 12 blocks, most of which no disk holds, and its labels.
fn zeros(folder: &Path) -> PathBuf {
    let (n_rows, path) = (96 * 1024, folder.join("logits.npy"));
    let head = header("<f4", false, &format!("({n_rows}, 256)"));
    let mut file = File::create(&path).expect("created");
    file.write_all(&head).expect("written");
    file.set_len(head.len() as u64 + n_rows * 256 * 4).expect("room");
    let n_labels = usize::try_from(n_rows).expect("few");
    fs::write(folder.join("labels.npy"), labels(n_labels, 256)).expect("written");
    path
}

/// Does something to a file.
type Change = (&'static str, fn(&Path));

const CHANGES: [Change; 5] = [
    ("it had ", |path| {
        let file = File::options().write(true).open(path).expect("opened");
        let n = file.metadata().expect("there").len();
        file.set_len(n / 2).expect("cut");
    }),
    ("it had ", |path| {
        let mut file = File::options().append(true).open(path).expect("opened");
        file.write_all(b"more").expect("written");
    }),
    ("it is no longer there", |path| {
        fs::remove_file(path).expect("removed");
    }),
    ("another file has taken its name", |path| {
        let other = path.with_extension("other");
        fs::copy(path, &other).expect("copied");
        fs::rename(other, path).expect("renamed");
    }),
    ("it was written to", |path| {
        let file = File::options().write(true).open(path).expect("opened");
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(7);
        file.set_modified(later).expect("a time");
    }),
];

/// What is said of a file that changed.
fn assert_noticed(result: Result<(), SourceError>, path: &Path, how: &str) {
    let Err(SourceError::Read(error)) = result else { panic!("noticed: {result:?}") };
    let error = error.downcast::<IoError>().expect("an error of a file");
    let words = format!("the file changed while it was read: {how}");
    assert!(error.message.starts_with(&words), "{error}");
    assert_eq!(error.path, path);
    assert!(error.hint.is_some() && !error.cancelled);
}

#[test]
fn a_file_that_changes_under_a_pass_is_an_error() {
    for (how, change) in CHANGES {
        let folder = tempfile::tempdir().expect("a folder");
        let path = zeros(folder.path());
        for memory in [Some(0), None] {
            let source = opened(&path, &with_memory(memory));
            let (mut n_batches, mut n_rows) = (0, 0);
            let result = source.read(&mut |batch| {
                n_batches += 1;
                n_rows += batch.labels.len();
                if n_batches == 1 {
                    change(&path);
                }
                Ok(())
            });
            assert_noticed(result, &path, how);
            assert!(n_rows < source.n_rows(), "{how}: {n_batches} batches");
            assert_noticed(source.read(&mut |_| Ok(())), &path, how);
            zeros(folder.path());
        }
    }
}

#[test]
fn a_file_that_changes_between_passes_is_an_error_unless_it_is_kept() {
    for (how, change) in CHANGES {
        let folder = tempfile::tempdir().expect("a folder");
        for form in ["a.npz", "logits.npy"] {
            let path = folder.path().join(form);
            let all = [header("<f4", false, "(600, 3)"), stored(&matrix(600, 3), 3, "<f4", false)];
            let (bytes, targets) = (all.concat(), labels(600, 3));
            fs::write(folder.path().join("labels.npy"), &targets).expect("written");
            for method in [zip::CompressionMethod::Stored, zip::CompressionMethod::Deflated] {
                if form == "a.npz" {
                    let members = [("logits.npy", &bytes[..]), ("labels.npy", &targets[..])];
                    archive(&path, &members, method);
                } else {
                    fs::write(&path, &bytes).expect("written");
                }
                let again = opened(&path, &with_memory(Some(0)));
                let kept = opened(&path, &with_memory(None));
                // Plain numbers are kept when they are read for the fourth time.
                let before = (values(&again), values(&kept));
                for _ in 0..3 {
                    values(&kept);
                }
                assert_same(&before.0, &before.1, how);
                change(&path);
                assert_noticed(again.read(&mut |_| Ok(())), &path, how);
                assert_same(&values(&kept), &before.1, how);
            }
        }
    }
}

#[test]
fn a_damaged_member_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.npz");
    let bytes =
        [header("<f4", false, "(600, 3)"), stored(&matrix(600, 3), 3, "<f4", false)].concat();
    let members = [("logits.npy", &bytes[..]), ("labels.npy", &labels(600, 3)[..])];
    archive(&path, &members, zip::CompressionMethod::Stored);
    let mut file = fs::read(&path).expect("read");
    file[500] ^= 1;
    fs::write(&path, &file).expect("written");
    let error = open(&path, &with_memory(Some(0)), &mut |_| true).expect_err("it is damaged");
    assert!(error.to_string().contains("checksum"), "{error}");
}

#[test]
fn a_packed_array_by_columns_needs_memory_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.npz");
    let bytes = [header("<f4", true, "(600, 3)"), stored(&matrix(600, 3), 3, "<f4", true)].concat();
    let members = [("logits.npy", &bytes[..]), ("labels.npy", &labels(600, 3)[..])];
    archive(&path, &members, zip::CompressionMethod::Deflated);
    assert_same(&values(&opened(&path, &with_memory(None))), &Values::F32(matrix(600, 3)), "held");
    let error = open(&path, &with_memory(Some(100)), &mut |_| true).expect_err("no memory");
    insta::assert_snapshot!(error.message, @"logits (f32, 600 x 3): it is packed column after column, so that it has to be held whole, and there is no memory for its 1 MiB");
    insta::assert_snapshot!(error.hint.unwrap_or_default(), @"--memory 1M, or save `np.ascontiguousarray(x)` with `np.savez`");
}

#[test]
fn a_claim_that_a_later_row_contradicts_is_an_error_of_the_pass() {
    let folder = tempfile::tempdir().expect("a folder");
    let (n_rows, path) = (50_000, folder.path().join("logits.npy"));
    let mut all: Vec<f32> = (0..n_rows).flat_map(|_| [-1.0f32, -0.5, -2.0]).collect();
    // No row of the sample.
    all[30_005 * 3 + 1] = 0.25;
    let shape = format!("({n_rows}, 3)");
    fs::write(&path, [header("<f4", false, &shape), stored(&all, 3, "<f4", false)].concat())
        .expect("written");
    fs::write(folder.path().join("labels.npy"), labels(n_rows, 3)).expect("written");
    for memory in [Some(0), None] {
        let options = OpenOptions { kind: Some(Kind::LogProbs), ..with_memory(memory) };
        let source = opened(&path, &options);
        let error = source.read(&mut |_| Ok(())).expect_err("contradicted");
        let words = "row 30,006, score 2: 0.25 is none of the log-probabilities";
        assert!(error.to_string().ends_with(words), "{error}");
    }
}

#[test]
fn labels_are_where_they_belong() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = zeros(folder.path());
    let source = opened(&path, &with_memory(Some(0)));
    let class = |row: usize| Label::class(u32::try_from(row % 256).expect("few"));
    let mut next = 0;
    let read = source.read(&mut |batch: Batch<'_>| {
        assert_eq!(batch.first_row, next);
        for label in batch.labels {
            assert_eq!(Some(*label), class(next));
            next += 1;
        }
        Ok(())
    });
    assert!(read.is_ok() && next == source.n_rows());
}
