//! Which arrays and columns are taken for logits and labels, and what is asked instead.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use logitscope::data::{BatchSource, Values};
use logitscope::io::{IoError, Loaded, OpenOptions, open};
use logitscope::report::verdict;

use crate::shared;

fn load(path: &Path) -> Result<Loaded, IoError> {
    load_with(path, |_| {})
}

fn load_with(path: &Path, change: impl FnOnce(&mut OpenOptions)) -> Result<Loaded, IoError> {
    let mut options = OpenOptions::default();
    change(&mut options);
    open(path, &options, &mut |_| true)
}

/// Message and hint of what must not be read.
fn refusal(loaded: Result<Loaded, IoError>) -> String {
    let error = loaded.expect_err("a refusal");
    format!("{error}; {}", error.hint.as_deref().unwrap_or_default())
}

/// Rows, classes, and the mean of `-ln p` of the labels, worked out here.
fn figures(loaded: &Loaded) -> (usize, usize, f64) {
    let source = &loaded.fit;
    let values: Vec<f64> = match shared::values(source) {
        Values::F32(v) => v.into_iter().map(f64::from).collect(),
        Values::F64(v) => v,
    };
    let k = loaded.info.n_classes;
    let rows = values.chunks_exact(k).zip(source.labels());
    let loss = |(row, label): (&[f64], &logitscope::data::Label)| {
        let max = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|z| (z - max).exp()).sum();
        max + sum.ln() - row[usize::try_from(label.as_i64()).expect("a class")]
    };
    let losses: Vec<f64> = rows.map(loss).collect();
    (losses.len(), k, losses.iter().sum::<f64>() / losses.len() as f64)
}

/// Files of `shared/data/cases` with the figures of their `truth.txt` (numpy).
const RIGHT: [(&str, usize, usize, f64); 24] = [
    ("06-mmcls-result-without-truth/result.pkl", 300, 5, 1.094_202),
    ("06-mmcls-result-without-truth/result.json", 300, 5, 1.094_202),
    ("07-mmengine-dump/pred.pt", 60, 5, 1.568_231),
    ("11-hidden-states-beside/tuple.pkl", 300, 4, 1.181_912),
    ("11-hidden-states-beside/bare.pkl", 300, 4, 1.181_912),
    ("11-hidden-states-beside/arrays.npz", 300, 4, 1.181_912),
    ("11-hidden-states-beside/hidden_first.npz", 300, 4, 1.181_912),
    ("13-datasets-save-to-disk/plain", 200, 3, 0.835_412),
    ("18-json-of-pandas-and-wandb/numbers.table.json", 150, 3, 0.946_079),
    ("18-json-of-pandas-and-wandb/preds.table.json", 150, 3, 0.946_079),
    ("18-json-of-pandas-and-wandb/split.json", 150, 3, 0.946_079),
    ("18-json-of-pandas-and-wandb/records.json", 150, 3, 0.946_079),
    ("29-out-of-fold/oof.csv", 400, 3, 0.789_082),
    ("31-catboost-tsv/binary.tsv", 300, 2, 0.621_319),
    ("32-tidymodels/h2o.csv", 300, 2, 0.605_906),
    ("40-folds-and-batches/batches.npz", 300, 4, 1.057_59),
    ("40-folds-and-batches/folds.npz", 300, 4, 1.057_59),
    ("40-folds-and-batches/folds.pkl", 300, 4, 1.057_59),
    ("40-folds-and-batches/files", 300, 4, 1.057_59),
    ("41-savetxt-header/three.csv", 300, 3, 0.907_899),
    ("41-savetxt-header/label_first.csv", 300, 3, 0.907_899),
    ("41-savetxt-header/label_in_front.csv", 300, 3, 0.907_899),
    ("41-savetxt-header/two.csv", 300, 2, 0.563_363),
    ("45-tables-of-trackers/val.table.json", 400, 4, 1.012_4),
];

/// Files of `shared/data/cases` that are refused, and what the refusal says.
const REFUSED: [(&str, &str); 7] = [
    ("13-datasets-save-to-disk/indices", "flatten_indices()"),
    ("13-datasets-save-to-disk/indices/data-00000-of-00001.arrow", "flatten_indices()"),
    ("45-tables-of-trackers/predict_results.txt", "prediction (text)"),
    ("31-catboost-tsv/both.tsv", "--labels Label or --labels Class"),
    ("31-catboost-tsv/both_int.tsv", "--labels Label or --labels Class"),
    ("32-tidymodels/tidymodels.csv", "label \"setosa\" is no class name"),
    ("29-out-of-fold/oof_onehot.csv", "no column of labels found"),
];

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn shared_cases_are_read_right_or_refused() {
    let cases = shared::data("cases");
    for (name, n, k, nll) in RIGHT {
        let loaded = load(&cases.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        let found = figures(&loaded);
        assert_eq!((found.0, found.1), (n, k), "{name}");
        assert!((found.2 - nll).abs() < 5e-5, "{name}: {} is not {nll}", found.2);
    }
    for (name, words) in REFUSED {
        let said = refusal(load(&cases.join(name)));
        assert!(said.contains(words), "{name}: {said}");
    }
    // The answer leads to the next question, which names one family of columns.
    for (name, family) in [
        ("both.tsv", "RawFormulaVal:Class=cat,RawFormulaVal:Class=dog,RawFormulaVal:Class=bird"),
        ("both_int.tsv", "Probability:Class=*"),
    ] {
        let path = cases.join("31-catboost-tsv").join(name);
        let said = refusal(load_with(&path, |o| o.labels = Some("Label".to_owned())));
        assert!(said.contains(&format!("--logits '{family}'")), "{said}");
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn the_truth_is_taken_and_never_the_prediction_beside_it() {
    let cases = shared::data("cases/42-predicted-beside-true");
    let mut n_files = 0;
    for file in cases.read_dir().expect("a folder") {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|e| e != "csv" && e != "npz") {
            continue;
        }
        let (n, k, nll) = figures(&load(&path).unwrap_or_else(|e| panic!("{e}")));
        assert_eq!((n, k), (200, 3), "{}", path.display());
        assert!((nll - 0.794_429).abs() < 5e-6, "{}: {nll}", path.display());
        n_files += 1;
    }
    assert_eq!(n_files, 36);
}

/// A folder that is gone when the test ends, and files in it.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, text).expect("a file");
        path
    }
}

fn labels(loaded: &Loaded) -> Vec<i64> {
    loaded.fit.labels().iter().map(|l| l.as_i64()).collect()
}

/// Three rows with `columns` of whole numbers beside their logits: as CSV, NDJSON and JSON lists.
fn in_three_forms(files: &Files, columns: &[(&str, [i64; 3])]) -> [PathBuf; 3] {
    let logits = [[0.5, 1.5, -1.0], [2.5, 0.25, 0.0], [1.0, 0.5, 3.5]];
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let mut csv = format!("logit_0,logit_1,logit_2,{}\n", names.join(","));
    let mut lines = String::new();
    for row in 0..3 {
        let [a, b, c] = logits[row];
        let cells: Vec<String> = columns.iter().map(|(_, v)| v[row].to_string()).collect();
        writeln!(csv, "{a},{b},{c},{}", cells.join(",")).expect("a String grows");
        let cells: Vec<String> =
            columns.iter().map(|(n, v)| format!("{n:?}: {}", v[row])).collect();
        let cells = cells.join(", ");
        writeln!(lines, "{{\"logits\": {:?}, {cells}}}", logits[row]).expect("a String grows");
    }
    let lists: Vec<String> = columns.iter().map(|(n, v)| format!("{n:?}: {v:?}")).collect();
    let json = format!("{{\"logits\": {logits:?}, {}}}", lists.join(", "));
    [files.write("x.csv", &csv), files.write("x.jsonl", &lines), files.write("x.json", &json)]
}

#[test]
fn what_says_prediction_is_no_label_in_any_spelling_and_form() {
    for (predicted, truth) in [
        ("predLabel", "species"),
        ("PredictedClass", "outcome"),
        ("y_hat", "y_true"),
        ("yHat", "truth"),
        ("pred.class", "kind"),
        ("label-pred", "label-true"),
        ("output_class", "answer"),
        ("response_label", "reference"),
    ] {
        let files = Files::new();
        for path in in_three_forms(&files, &[(predicted, [1, 0, 2]), (truth, [0, 0, 1])]) {
            let loaded = load(&path).unwrap_or_else(|e| panic!("{predicted}: {e}"));
            assert_eq!(labels(&loaded), [0, 0, 1], "{predicted} {}", path.display());
        }
        for path in in_three_forms(&files, &[(predicted, [1, 0, 2])]) {
            let said = refusal(load(&path));
            assert!(said.contains(predicted) && said.contains("the true classes"), "{said}");
            assert!(!said.contains(&format!("--labels {predicted}")), "{said}");
            // Whoever says that these are labels is believed.
            let named = load_with(&path, |o| o.labels = Some(predicted.to_owned()));
            assert_eq!(labels(&named.expect("labels")), [1, 0, 2]);
        }
    }
    let files = Files::new();
    for path in in_three_forms(&files, &[("pred_class", [1, 0, 2]), ("is_correct", [0, 1, 0])]) {
        let said = refusal(load(&path));
        assert!(said.contains("the true classes"), "{said}");
    }
    let several = [("pred_class", [1, 0, 2]), ("species", [0, 0, 1]), ("hospital", [0, 1, 1])];
    for path in in_three_forms(&files, &several) {
        let said = refusal(load(&path));
        assert!(said.contains("--labels species or --labels hospital"), "{said}");
    }
}

#[test]
fn arrays_of_other_shapes_are_no_steps() {
    let files = Files::new();
    let z = "[0.5, 1.5], [2.5, 0.25]";
    let wide = "[0.5, 1.5, 1, 2, 3], [2.5, 0.25, 1, 2, 3]";
    let open = |text: &str| load(&files.write("x.json", text));
    // Hidden states beside the logits, in either order.
    for pair in [[z, wide], [wide, z]] {
        let text = format!(
            "{{\"predictions\": {{\"0\": [{}], \"1\": [{}]}}, \"label_ids\": [0, 1]}}",
            pair[0], pair[1]
        );
        let loaded = open(&text).expect("logits");
        assert_eq!(loaded.info.n_classes, 2);
        let said = loaded.info.guesses.iter().find(|g| g.what == "logits").expect("a guess");
        assert!(said.evidence.contains("2 x 5"), "{}", said.evidence);
    }
    // Batches: of other lengths, or with labels of their own.
    let batches = |second: &str, labels: &str, word: &str| {
        format!(
            "{{\"logits_{word}0\": [{z}], \"labels_{word}0\": [0, 1], \"logits_{word}1\": [{second}], \
             \"labels_{word}1\": [{labels}]}}"
        )
    };
    let short = "[1.5, -1.5]";
    for word in ["", "fold", "batch_"] {
        assert_eq!(labels(&open(&batches(short, "1", word)).expect("batches")), [0, 1, 1]);
        assert_eq!(labels(&open(&batches(z, "1, 1", word)).expect("batches")), [0, 1, 1, 1]);
    }
    let said = refusal(open(&batches(short, "1", "step")));
    assert!(said.contains("steps of a run have the same rows"), "{said}");
    let said = refusal(open(&batches(z, "1, 0", "")));
    assert!(said.contains("--step N"), "{said}");
    // A run is one still.
    for (labels_1, word) in [("0, 1", ""), ("1, 0", "step_")] {
        let run = open(&batches(z, labels_1, word)).expect("a run");
        assert_eq!((run.fit.n_rows(), run.info.steps().len()), (2, 2));
    }
}

#[test]
fn a_table_in_one_object_is_read_by_the_names_of_its_columns() {
    let files = Files::new();
    let rows = "[[7, 1, 0.5, 1.5], [8, 0, 2.5, 0.25], [9, 1, 0.5, 0.75]]";
    // Labels that merely lie there are none of a table that has its own.
    files.write("labels.txt", "0\n0\n0\n");
    let columns = "[\"id\", \"label\", \"logit_0\", \"logit_1\"]";
    let path = files.write("x.json", &format!("{{\"columns\": {columns}, \"data\": {rows}}}"));
    let loaded = load(&path).expect("a table");
    assert_eq!((labels(&loaded), loaded.info.n_classes), (vec![1, 0, 1], 2));
    let path = files.write(
        "y.json",
        "{\"columns\": [\"a\", \"b\"], \"data\": [[0.5, 1.5], [2.5, 0.25]], \"labels\": [1, 0]}",
    );
    assert_eq!(labels(&load(&path).expect("arrays")), [1, 0]);
    let path = files.write(
        "z.json",
        &format!("{{\"names\": {columns}, \"matrix\": {rows}, \"y\": [0, 1, 0]}}"),
    );
    let said = refusal(load(&path));
    assert!(said.contains("id is no class"), "{said}");
}

#[test]
fn one_hot_columns_are_classes() {
    let files = Files::new();
    let rows = "0.5,1.5,2,0,1,0\n2.5,0.25,1,1,0,0\n0.5,0,0.25,0,0,1\n";
    for head in [
        "logit_a,logit_b,logit_c,label_a,label_b,label_c",
        "logit_0,logit_1,logit_2,label_0,label_1,label_2",
    ] {
        let path = files.write("x.csv", &format!("{head}\n{rows}"));
        let loaded = load(&path).expect("classes");
        assert_eq!((labels(&loaded), loaded.info.n_labels), (vec![1, 0, 2], None));
        let left_out = files.write("y.csv", &format!("{head}\n{rows}1,2,3,-100,-100,-100\n"));
        assert_eq!(labels(&load(&left_out).expect("classes")), [1, 0, 2, -100]);
        let several = files.write("z.csv", &format!("{head}\n{rows}1,2,3,1,1,0\n"));
        assert_eq!(load(&several).expect("several labels").info.n_labels, Some(3));
    }
}

#[test]
fn numbered_logits_that_begin_at_1_beside_another_column_are_a_question() {
    let files = Files::new();
    let rows = "0.5,1.5,2.25,1\n2.5,0.25,1.5,0\n";
    let said =
        refusal(load(&files.write("x.csv", &format!("%logit_0,logit_1,logit_2,label\n{rows}"))));
    assert!(said.contains("--logits '%logit_0,logit_1,logit_2'; if not"), "{said}");
    let marked = load(&files.write("x.csv", &format!("# logit_0,logit_1,logit_2,label\n{rows}")));
    assert_eq!(marked.expect("a table").info.n_classes, 3);
    let based =
        load(&files.write("x.csv", "logit_1,logit_2,loss,label\n0.5,1.5,2.25,1\n2.5,0.25,1.5,0\n"));
    assert_eq!(based.expect("a table").info.n_classes, 2);
    let spaces =
        load(&files.write("x.txt", "# logit_0 logit_1 label\n0.5 1.5 1.0\n2.5 0.25 0.0\n"));
    assert_eq!(labels(&spaces.expect("a table")), [1, 0]);
    let numbers =
        load(&files.write("x.txt", "# logit_0 logit_1 label\n7 0.5 1.5 1\n8 2.5 0.25 0\n"));
    assert_eq!(labels(&numbers.expect("a table")), [1, 0]);
}

#[test]
fn a_flag_that_names_what_is_not_there_is_an_error_in_every_form() {
    type Change = fn(&mut OpenOptions);
    let files = Files::new();
    let changes: [(&str, Change); 8] = [
        ("--split", |o| {
            o.split = Some(logitscope::io::Split::parse("nonsense"));
        }),
        ("--split", |o| {
            o.split = Some(logitscope::io::Split::parse("nonsense=1"));
        }),
        ("--mask", |o| o.mask = Some("nonsense".to_owned())),
        ("--id", |o| o.id = Some("nonsense".to_owned())),
        ("--group", |o| o.group = Some("nonsense".to_owned())),
        ("--weight", |o| o.weight = Some("nonsense".to_owned())),
        ("--where", |o| o.filter = Some("nonsense = 1".to_owned())),
        ("--step", |o| o.step = Some(7)),
    ];
    for path in in_three_forms(&files, &[("label", [0, 1, 2])]) {
        for (flag, change) in changes {
            let said = refusal(load_with(&path, change));
            assert!(said.contains("nonsense") || flag == "--step", "{flag}: {said}");
        }
    }
    // An array that is there divides the rows as a column does.
    let path = files.write(
        "parts.json",
        "{\"logits\": [[-0.5, 1], [1.5, -1], [2, 0]], \"labels\": [0, 1, 1], \"set\": [\"test\", \"val\", \"val\"]}",
    );
    let split = |text: &str| {
        let split = logitscope::io::Split::parse(text);
        load_with(&path, |o| o.split = Some(split))
    };
    let loaded = split("set").expect("two parts");
    assert_eq!((labels(&loaded), loaded.test.map(|t| t.n_rows())), (vec![1, 1], Some(1)));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn what_a_lone_probability_claims_is_held_against_its_outcome() {
    let cases = shared::data("cases/46-one-score");
    for (file, score, outcome, claimed, so) in [
        ("verbal.csv", "confidence", "correct", "76.9 %", "60.8 %"),
        ("forecast.csv", "forecast", "outcome", "27.1 %", "24.5 %"),
    ] {
        let loaded = load_with(&cases.join(file), |o| {
            (o.logits, o.labels) = (Some(score.to_owned()), Some(outcome.to_owned()));
        });
        let study = shared::study_of(loaded.expect("a table"));
        let sentences = verdict(&study).sentences.join(" ");
        let words = format!("claim {claimed} on average, and {so} of the outcomes are so");
        assert!(sentences.contains(&words), "{sentences}");
    }
}

#[test]
fn a_condition_on_the_column_of_parts_leaves_one_part_alone() {
    let files = Files::new();
    let row = |idx: usize| (["val", "test", "val"][idx % 3], ["en", "de"][idx % 2], idx % 2);
    let (mut csv, mut lines) = ("split,lang,label,logit_0,logit_1\n".to_owned(), String::new());
    for (split, lang, label) in (0..30).map(row) {
        writeln!(csv, "{split},{lang},{label},-1.5,2").expect("written");
        writeln!(
            lines,
            "{{\"split\": \"{split}\", \"lang\": \"{lang}\", \"label\": {label}, \"logits\": [-1.5, 2]}}"
        )
        .expect("written");
    }
    for (name, text) in [("x.csv", csv), ("x.jsonl", lines)] {
        let path = files.write(name, &text);
        let split = |text: &str| {
            let split = logitscope::io::Split::parse(text);
            load_with(&path, |o| o.split = Some(split))
        };
        let filter = |text: &str| load_with(&path, |o| o.filter = Some(text.to_owned()));
        for (part, n) in [("test", 10), ("val", 20)] {
            for loaded in [split(&format!("split={part}")), filter(&format!("split = {part}"))] {
                let loaded = loaded.expect("one part");
                assert_eq!(
                    (labels(&loaded).len(), loaded.test.is_none()),
                    (n, true),
                    "{name} {part}"
                );
            }
        }
        let both = split("split=val|test").expect("both parts");
        assert_eq!(both.test.map(|test| test.n_rows()), Some(10));
        let both = filter("lang = en").expect("both parts");
        assert_eq!((labels(&both).len(), both.test.map(|test| test.n_rows())), (10, Some(5)));
        let said = refusal(split("lang=en|dd"));
        assert!(said.contains("no row meets --split lang=dd"), "{said}");
        assert!(said.contains("en") && said.contains("de"), "{said}");
        let said = refusal(split("split=dev"));
        assert!(said.contains("column split holds test, val"), "{said}");
    }
}

/// What a pipeline calls `label` is its prediction: a truth beside it that differs is asked for, in every form.
#[test]
fn a_label_beside_a_truth_that_differs_is_a_question() {
    let files = Files::new();
    for (name, truth) in [
        ("label", "gold"),
        ("label", "human_label"),
        ("labels", "expected"),
        ("class", "actual_class"),
        ("label", "target"),
        ("target", "reference"),
    ] {
        for path in in_three_forms(&files, &[(name, [0, 1, 1]), (truth, [0, 1, 2])]) {
            let said = refusal(load(&path));
            assert!(said.contains("differ in 1 row"), "{name} {truth}: {said}");
            // A name that says truth comes first.
            let first = if truth == "target" { name } else { truth };
            assert!(said.contains(&format!("--labels {first} or --labels ")), "{said}");
            let loaded = load_with(&path, |o| o.labels = Some(truth.to_owned()));
            assert_eq!(labels(&loaded.expect("named")), [0, 1, 2]);
        }
        // The same twice is no question.
        for path in in_three_forms(&files, &[(name, [0, 1, 2]), (truth, [0, 1, 2])]) {
            assert_eq!(labels(&load(&path).expect("the same")), [0, 1, 2]);
        }
    }
    // Other classes are something else.
    for path in in_three_forms(&files, &[("label", [0, 1, 2]), ("reference", [7, 1, 9])]) {
        assert_eq!(labels(&load(&path).expect("one column of labels")), [0, 1, 2]);
    }
}
