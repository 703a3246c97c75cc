//! What is taken for what, without a flag: every file of the shared data sets.

use std::path::Path;

use logitscope::data::{BatchSource, Kind, Task};
use logitscope::io::{Loaded, OpenOptions, open};

use crate::shared;

use Kind::{LogProbs, Logits, Probs};
use Task::{Binary, Multiclass, Multilabel};

/// File or folder, kind, task, rows to fit on, rows to judge on, classes (of multi-label data the labels).
type Taken = (&'static str, Kind, Task, usize, Option<usize>, usize);

const SETS: [Taken; 29] = [
    ("cifar10_densenet40/logits.npz", Logits, Multiclass, 5000, Some(10_000), 10),
    ("cifar_softmax/densenet-bc-100-cifar-100.npz", Probs, Multiclass, 10_000, None, 100),
    ("cifar_softmax/lenet-5-cifar-10.npz", Probs, Multiclass, 10_000, None, 10),
    ("cifar_softmax/wideresnet-16-4-cifar-10.npz", Probs, Multiclass, 10_000, None, 10),
    ("digits_cnn/broken_collapsed.npz", Logits, Multiclass, 2500, Some(2500), 10),
    ("digits_cnn/broken_dead_units.npz", Logits, Multiclass, 2500, Some(2500), 10),
    ("digits_cnn/broken_exploding.npz", Logits, Multiclass, 2500, Some(2500), 10),
    ("digits_cnn/broken_fp16_overflow.npz", Logits, Multiclass, 2500, Some(2500), 10),
    ("digits_cnn/broken_zero_init.npz", Logits, Multiclass, 2500, Some(2500), 10),
    ("digits_cnn/cnn_steps.npz", Logits, Multiclass, 2500, Some(2500), 10),
    ("digits_cnn/label_smoothing.npz", Logits, Multiclass, 2500, Some(2500), 10),
    ("digits_cnn/noisy_labels.npz", Logits, Multiclass, 2500, Some(2500), 10),
    ("digits_small/test.csv", Logits, Multiclass, 350, None, 10),
    ("digits_small/val.csv", Logits, Multiclass, 350, None, 10),
    ("hpc_lda/hpc_cv.csv", Probs, Multiclass, 3467, None, 4),
    ("magika/logits.parquet", Logits, Multiclass, 768, Some(768), 214),
    ("morph_multilabel/test.npz", Logits, Multilabel, 72_000, None, 12),
    ("morph_multilabel/val.npz", Logits, Multilabel, 72_000, None, 12),
    ("morph_multilabel/val_first500.csv", Logits, Multilabel, 6000, None, 12),
    ("pos_tags/test_bf16.safetensors", Logits, Multiclass, 22_400, None, 50),
    ("pos_tags/val.safetensors", Logits, Multiclass, 22_400, None, 50),
    ("sms_spam/test.csv", Logits, Binary, 2174, None, 2),
    ("sms_spam/test_strong_regularisation.csv", Logits, Binary, 2174, None, 2),
    ("sms_spam/val.csv", Logits, Binary, 2200, None, 2),
    ("sms_spam/val_strong_regularisation.csv", Logits, Binary, 2200, None, 2),
    ("word_lm/base_logits.kld", LogProbs, Multiclass, 124, None, 8192),
    ("word_lm/choices.jsonl", Logits, Multiclass, 2000, None, 4),
    ("word_lm/test_bf16.safetensors", Logits, Multiclass, 512, None, 8192),
    ("word_lm/val_logits.f16.npy", Logits, Multiclass, 512, None, 8192),
];

/// Files that hold labels and no logits, and folders of which the files are the parts.
const NO_SETS: [&str; 8] = [
    "formats/labels_i64.npy",
    "formats/labels_onehot_f32.npy",
    "formats/labels_u8.npy",
    "word_lm/val_labels.npy",
    "formats/hive",
    "formats/shards",
    // Each file has a test of its own.
    "cases",
    "faults",
];

fn found(loaded: &Loaded) -> (Kind, Task, usize, Option<usize>, usize) {
    let info = &loaded.info;
    let n_test = loaded.test.as_ref().map(BatchSource::n_rows);
    let n_classes = info.n_labels.unwrap_or(info.n_classes);
    (info.kind, info.task, loaded.fit.n_rows(), n_test, n_classes)
}

/// Data files below `folder`, by their names within the shared data.
fn listed(folder: &Path, name: &str, out: &mut Vec<String>) {
    for entry in folder.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        let file = path.file_name().expect("a name").to_string_lossy().into_owned();
        let name = if name.is_empty() { file } else { format!("{name}/{file}") };
        let is_data =
            !["txt", "md", "json"].iter().any(|e| path.extension().is_some_and(|x| x == *e));
        if NO_SETS.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            listed(&path, &name, out);
        } else if is_data && name.contains('/') {
            out.push(name);
        }
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn every_shared_file_is_taken_for_what_it_is() {
    let folder = shared::data("");
    let mut files = Vec::new();
    listed(&folder, "", &mut files);
    files.extend(["formats/hive".to_owned(), "formats/shards".to_owned()]);
    files.push("formats/shards/part-*.parquet".to_owned());
    let mut wrong = Vec::new();
    for file in &files {
        let known = SETS.iter().find(|set| set.0 == file);
        // The files of `formats` hold the same rows, each in a form of its own.
        let expected = match known {
            Some(set) => (set.1, set.2, set.3, set.4, set.5),
            None if file.starts_with("formats/") => (Logits, Multiclass, 1000, None, 10),
            None => panic!("{file} is not in the table"),
        };
        match open(&folder.join(file), &OpenOptions::default(), &mut |_| true) {
            Ok(loaded) if found(&loaded) == expected => {}
            Ok(loaded) => wrong.push(format!("{file}: {:?}", found(&loaded))),
            Err(error) => wrong.push(format!("{file}: {error}")),
        }
    }
    assert!(files.len() >= SETS.len() + 20, "{files:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn files_of_labels_are_no_logits() {
    let folder = shared::data("");
    let is_array = |file: &&&str| Path::new(file).extension().is_some_and(|e| e == "npy");
    for file in NO_SETS.iter().filter(is_array) {
        let opened = open(&folder.join(file), &OpenOptions::default(), &mut |_| true);
        let error = opened.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("no array of logits found"), "{file}: {error}");
    }
}
