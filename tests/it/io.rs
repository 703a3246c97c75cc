//! Every form in which people save logits opens without a flag and gives the same numbers.

use std::path::{Path, PathBuf};

use logitscope::data::{BatchSource, Kind, Task, Values};
use logitscope::io::{Loaded, OpenOptions, Part, RowRange, Source, open};

use crate::shared::values;

fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path)
}

fn load(path: &str) -> Loaded {
    load_with(path, &OpenOptions::default())
}

fn load_with(path: &str, options: &OpenOptions) -> Loaded {
    match open(&shared(path), options, &mut |_| true) {
        Ok(loaded) => loaded,
        Err(e) => panic!("{e}\nhint: {:?}", e.hint),
    }
}

fn numbers(source: &Source) -> Vec<f64> {
    match values(source) {
        Values::F32(v) => v.iter().map(|v| f64::from(*v)).collect(),
        Values::F64(v) => v,
    }
}

/// Largest error relative to max(1, |value|).
fn distance(a: &Source, b: &Source) -> f64 {
    let (a, b) = (numbers(a), numbers(b));
    assert_eq!(a.len(), b.len());
    a.iter().zip(&b).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max)
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn every_form_of_the_same_rows_gives_the_same_numbers() {
    let reference = load("formats/stored.npz");
    let forms = [
        ("deflated.npz", "f32", 0.0),
        ("fixed_list_f16.parquet", "f16", 5e-4),
        ("fixed_list_f32.parquet", "f32", 0.0),
        ("hive", "f32", 0.0),
        ("large_list_f64_names.parquet", "f64", 0.0),
        ("list_f32.arrow", "f32", 0.0),
        ("list_f32.arrows", "f32", 0.0),
        ("list_f32.parquet", "f32", 0.0),
        ("logits_f16.npy", "f16", 5e-4),
        ("logits_f32.npy", "f32", 0.0),
        ("logits_f32_big_endian.npy", "f32", 0.0),
        ("logits_f64_fortran.npy", "f64", 0.0),
        ("rows.jsonl", "f64", 5e-9),
        ("shards", "f32", 0.0),
        ("wide.csv", "f64", 5e-9),
        ("wide.csv.gz", "f64", 5e-9),
        ("wide.tsv", "f64", 5e-9),
        ("wide_f32.parquet", "f32", 0.0),
        ("wide_f64_gzip.parquet", "f64", 0.0),
        ("wide_names_crlf.csv", "f64", 5e-9),
    ];
    for (name, dtype, tolerance) in forms {
        let loaded = load(&format!("formats/{name}"));
        let info = &loaded.info;
        assert_eq!(info.dtype, dtype, "{name}");
        assert_eq!(
            (info.kind, info.task, info.n_classes),
            (Kind::Logits, Task::Multiclass, 10),
            "{name}"
        );
        assert_eq!(loaded.fit.labels(), reference.fit.labels(), "{name}");
        assert!(loaded.test.is_none(), "{name}");
        let names = info.class_names.as_ref().map(|n| n.get(3));
        assert_eq!(
            names.as_deref(),
            Some("cat").filter(|_| !["hive", "shards"].contains(&name)),
            "{name}"
        );
        let distance = distance(&loaded.fit, &reference.fit);
        assert!(distance <= tolerance, "{name}: {distance}");
    }
}

/// Rows of both parts, classes, kind, task.
fn shape(loaded: &Loaded) -> (usize, Option<usize>, usize, Kind, Task) {
    let info = &loaded.info;
    let n_test = loaded.test.as_ref().map(Source::n_rows);
    (loaded.fit.n_rows(), n_test, info.n_classes, info.kind, info.task)
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn the_shared_sets_open_without_a_flag() {
    use Kind::{Logits, Probs};
    use Task::{Binary, Multiclass};
    let sets = [
        ("digits_small/val.csv", (350, None, 10, Logits, Multiclass)),
        ("digits_cnn/cnn_steps.npz", (2500, Some(2500), 10, Logits, Multiclass)),
        ("digits_cnn/broken_fp16_overflow.npz", (2500, Some(2500), 10, Logits, Multiclass)),
        ("digits_cnn/broken_zero_init.npz", (2500, Some(2500), 10, Logits, Multiclass)),
        ("magika/logits.parquet", (768, Some(768), 214, Logits, Multiclass)),
        ("sms_spam/val.csv", (2200, None, 2, Logits, Binary)),
        ("sms_spam/val_strong_regularisation.csv", (2200, None, 2, Logits, Binary)),
        ("hpc_lda/hpc_cv.csv", (3467, None, 4, Probs, Multiclass)),
        ("cifar10_densenet40/logits.npz", (5000, Some(10000), 10, Logits, Multiclass)),
        ("cifar_softmax/lenet-5-cifar-10.npz", (10000, None, 10, Probs, Multiclass)),
        ("cifar_softmax/densenet-bc-100-cifar-100.npz", (10000, None, 100, Probs, Multiclass)),
        ("word_lm/val_logits.f16.npy", (512, None, 8192, Logits, Multiclass)),
    ];
    for (name, expected) in sets {
        let loaded = load(name);
        assert_eq!(shape(&loaded), expected, "{name}: {:#?}", loaded.info);
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn the_last_step_of_a_series_is_taken_unless_another_is_asked_for() {
    let last = load("digits_cnn/cnn_steps.npz");
    let step = last.info.guesses.iter().find(|g| g.what == "step");
    assert_eq!(step.map(|g| g.chosen.as_str()), Some("8000"));
    let options = OpenOptions { step: Some(600), ..OpenOptions::default() };
    let earlier = load_with("digits_cnn/cnn_steps.npz", &options);
    assert_eq!(earlier.fit.labels(), last.fit.labels());
    assert_ne!(values(&earlier.fit), values(&last.fit));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn parts_and_rows_are_chosen_by_flag() {
    let both = load("magika/logits.parquet");
    let with = |part, rows| {
        let options = OpenOptions { part, rows, ..OpenOptions::default() };
        load_with("magika/logits.parquet", &options)
    };
    let test = with(Part::Test, None);
    assert_eq!(both.test.as_ref().map(Source::labels), Some(test.fit.labels()));
    assert_eq!(with(Part::Val, None).fit.labels(), both.fit.labels());
    let all = with(Part::All, None);
    assert_eq!(all.fit.n_rows(), 1536);
    let some = with(Part::All, Some(RowRange { start: 10, end: 30 }));
    assert_eq!(some.fit.labels(), &all.fit.labels()[10..30]);
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn a_single_score_becomes_two_logits() {
    let loaded = load("sms_spam/val.csv");
    let numbers = numbers(&loaded.fit);
    assert!(numbers.chunks(2).all(|row| row[0].to_bits() == 0));
    assert!((numbers[1] - -8.782_312_332_416_23).abs() < 1e-14);
    assert_eq!(loaded.info.class_names.as_ref().map(|n| n.get(1)).as_deref(), Some("spam"));
    let n_spam = loaded.fit.labels().iter().filter(|l| l.index() == Some(1)).count();
    assert!((0.1..0.2).contains(&(n_spam as f64 / 2200.0)));
}

#[test]
fn labels_may_lie_in_a_file_of_their_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str| std::fs::write(path(name), text).expect("a file");
    write("scores.csv", "z0,z1,z2\n0.5,1,2\n3,4,5.5\n");
    write("names.txt", "ant\nbee\ncat\n");
    write("list.txt", "label\ncat\nant\n");
    write("table.csv", "id,label\n7,2\n8,0\n");
    for labels in ["list.txt", "table.csv"] {
        let options = OpenOptions {
            labels: Some(path(labels).display().to_string()),
            class_names: Some(path("names.txt")),
            ..OpenOptions::default()
        };
        let loaded = open(&path("scores.csv"), &options, &mut |_| true)
            .unwrap_or_else(|e| panic!("{labels}: {e}"));
        let classes: Vec<_> = loaded.fit.labels().iter().map(|l| l.index()).collect();
        assert_eq!(classes, [Some(2), Some(0)], "{labels}");
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn a_folder_of_arrays_is_read_like_a_container() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let formats = shared("formats");
    for (from, to) in [
        ("logits_f32.npy", "val_logits.npy"),
        ("labels_onehot_f32.npy", "val_labels.npy"),
        ("logits_f16.npy", "test_logits.npy"),
        ("labels_u8.npy", "test_labels.npy"),
    ] {
        std::fs::copy(formats.join(from), folder.path().join(to)).expect("a copy");
    }
    let loaded = open(folder.path(), &OpenOptions::default(), &mut |_| true)
        .unwrap_or_else(|e| panic!("{e}"));
    let test = loaded.test.expect("a test part");
    assert_eq!(loaded.fit.labels(), test.labels());
    assert!(distance(&test, &loaded.fit) <= 5e-4);
}

/// A file of its own folder, so that nothing lies beside it.
fn alone(name: &str, text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    (folder, path)
}

#[test]
fn keyed_objects_keep_the_order_of_the_first_line_however_wide_they_are() {
    let n_classes = 60;
    // Names that neither the alphabet nor a number at their end puts in this order.
    let name = |k: usize| format!("n{}x", (k * 7919 + 13) % 1009);
    let line = |row: usize, prefix: &str| {
        let score = |k: usize| {
            if k == row % n_classes { 9.5 } else { (k % 7) as f64 / 10.0 }
        };
        let cell = |k| format!("\"{prefix}{}\": {}", name(k), score(k));
        (0..n_classes).map(cell).collect::<Vec<_>>().join(", ")
    };
    let flat = |row| format!("{{{}, \"label\": {}}}\n", line(row, "logit_"), row % n_classes);
    let nested =
        |row| format!("{{\"logits\": {{{}}}, \"label\": {}}}\n", line(row, ""), row % n_classes);
    for text in [(0..40).map(flat).collect::<String>(), (0..40).map(nested).collect()] {
        let (_folder, path) = alone("keys.jsonl", &text);
        for _ in 0..3 {
            let loaded = crate::shared::open(&path, &OpenOptions::default());
            let study = crate::shared::study_of(loaded);
            assert!((study.analysis.before.metrics.accuracy - 1.0).abs() < 1e-15);
        }
    }
}

#[test]
fn a_kind_that_the_numbers_contradict_is_refused() {
    let text = "logit_0,logit_1,label\n0.5,-1.5,0\n2,1,1\n0.1,0.3,0\n";
    let (_folder, path) = alone("x.csv", text);
    for (kind, words) in [
        (Kind::Probs, "row 2, score 2: -1.5 is none of the probabilities"),
        (Kind::LogProbs, "row 2, score 1: 0.5 is none of the log-probabilities"),
    ] {
        let options = OpenOptions { kind: Some(kind), ..OpenOptions::default() };
        let error = logitscope::io::open(&path, &options, &mut |_| true).expect_err("refused");
        assert_eq!(error.message, words);
    }
}

#[test]
fn numbers_that_are_class_names_are_names_whichever_occur() {
    let names = "1\n2\n3\n";
    let rows = "logit_0,logit_1,logit_2,label\n5,0,0,1\n0,5,0,2\n";
    for text in [rows.to_owned(), format!("{rows}0,0,5,3\n")] {
        let (folder, path) = alone("x.csv", &text);
        let list = folder.path().join("names.txt");
        std::fs::write(&list, names).expect("written");
        let options = OpenOptions { class_names: Some(list), ..OpenOptions::default() };
        let study = crate::shared::study_of(crate::shared::open(&path, &options));
        assert!((study.analysis.before.metrics.accuracy - 1.0).abs() < 1e-15);
    }
}
