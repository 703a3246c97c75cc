//! Every figure against values that independent libraries computed (`reference.json` of the shared data).

use std::path::Path;

use logitscope::data::BatchSource;
use logitscope::io::{Loaded, OpenOptions, Part};
use logitscope::metrics::{Metrics, Spread};
use logitscope::pipeline::Study;
use serde_json::Value;

use crate::shared;

/// Relative tolerance of T.
const T_TOLERANCE: f64 = 1e-6;
/// Tolerance of everything else, times max(1, |value|).
const TOLERANCE: f64 = 1e-9;
/// The same for text copies of f32 data, which hold nine digits.
const TEXT_TOLERANCE: f64 = 1e-7;

/// Collects what disagrees, so that one run shows all of it.
struct Check<'a> {
    name: &'a str,
    tolerance: f64,
    failures: &'a mut Vec<String>,
}

impl Check<'_> {
    fn close(&mut self, what: &str, got: f64, want: &Value) {
        let Some(want) = want.as_f64() else {
            return self.failures.push(format!("{}: {what}: no reference value", self.name));
        };
        let wrong = (got - want).abs() > self.tolerance * want.abs().max(1.0);
        if wrong || !got.is_finite() {
            self.failures.push(format!("{}: {what}: {got} instead of {want}", self.name));
        }
    }

    fn same(&mut self, what: &str, got: u64, want: &Value) {
        if Some(got) != want.as_u64() {
            self.failures.push(format!("{}: {what}: {got} instead of {want}", self.name));
        }
    }

    fn metrics(&mut self, got: &Metrics, want: &Value, binary: bool) {
        self.close("accuracy", got.accuracy, &want["accuracy"]);
        self.close("nll", got.nll, &want["nll"]);
        self.close("mean confidence", got.mean_confidence, &want["mean_confidence"]);
        if want["brier"].is_number() {
            self.close("brier", got.brier, &want["brier"]);
        }
        if want["top5_accuracy"].is_number() {
            self.close("top-5", got.top5_accuracy, &want["top5_accuracy"]);
        }
        if binary {
            self.close("ece", got.ece, &want["ece15_pos"]);
            self.close("mce", got.mce, &want["mce15_pos"]);
            self.close("top-class ece", got.ece_top_class.unwrap_or(f64::NAN), &want["ece15"]);
            self.close("top-class mce", got.mce_top_class.unwrap_or(f64::NAN), &want["mce15"]);
        } else {
            self.close("ece", got.ece, &want["ece15"]);
            self.close("mce", got.mce, &want["mce15"]);
            self.close("equal-mass ece", got.ece_equal_mass, &want["ece15_mass_ties"]);
        }
    }

    fn spread(&mut self, what: &str, got: &Spread, want: &Value) {
        self.close(&format!("{what} mean"), got.mean, &want["mean"]);
        self.close(&format!("{what} sd"), got.sd, &want["sd"]);
        let levels = ["0", "0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99", "1"];
        for (level, value) in levels.iter().zip(got.quantiles.0) {
            self.close(&format!("{what} q{level}"), value, &want["q"][level]);
        }
    }

    fn at_one(&mut self, study: &Study, want: &Value, binary: bool) {
        let analysis = &study.analysis;
        self.metrics(&analysis.before.metrics, want, binary);
        self.close("entropy", analysis.before.metrics.entropy, &want["entropy"]["mean"]);
        self.same("tied tops", analysis.margin.tied_top, &want["rows_with_tied_top"]);
        let scale = &analysis.logit_scale;
        for (what, got) in [
            ("max_logit", &scale.max),
            ("min_logit", &scale.min),
            ("logsumexp", &scale.log_sum_exp),
            ("logit_sd_in_row", &scale.sd),
            ("entropy", &scale.entropy),
            ("top2_margin", &analysis.margin.all),
            ("true_class_margin", &analysis.margin.true_class_margin),
        ] {
            self.spread(what, got, &want[what]);
        }
        if !binary {
            let bins = &analysis.reliability_before.bins;
            for (idx, bin) in bins.iter().enumerate() {
                self.same(&format!("count of bin {idx}"), bin.count, &want["bins15"]["count"][idx]);
                self.same(&format!("hits of bin {idx}"), bin.hits, &want["bins15"]["correct"][idx]);
            }
        }
    }
}

/// One data set of the reference: how its validation rows and, if there are any, its test rows are opened.
struct Case<'a> {
    key: &'a str,
    val: Loaded,
    test: Option<Loaded>,
    tolerance: f64,
}

fn check(case: Case<'_>, reference: &Value, failures: &mut Vec<String>) {
    let want = &reference["data"][case.key];
    let splits = &want["splits"];
    let binary = want["kind"] == "binary";
    let val_name = if splits["val"].is_object() { "val" } else { "all" };
    let judged =
        case.test.as_ref().map(|test| Loaded { test: Some(test.fit.clone()), ..case.val.clone() });
    let val = shared::study_of(Loaded { test: None, ..case.val });
    let mut check = Check { name: case.key, tolerance: case.tolerance, failures };

    check.same("rows", val.counts.read, &splits[val_name]["rows"]);
    check.same("rows used", val.counts.used, &splits[val_name]["rows_used"]);
    check.at_one(&val, &splits[val_name]["at_T1"], binary);
    match (&val.analysis.fit.temperature, want["fit"]["T"].as_f64()) {
        (Some(got), Some(want)) if (got / want - 1.0).abs() <= T_TOLERANCE.max(case.tolerance) => {}
        (None, None) => {}
        (got, want) => check.failures.push(format!("{}: T {got:?} not {want:?}", case.key)),
    }
    if let Some(after) = &val.analysis.in_sample_after {
        check.metrics(after, &splits[val_name]["at_T"], binary);
    }
    let Some(judged) = judged else { return };
    let test = shared::study_of(judged);
    check.same("test rows used", test.counts.used, &splits["test"]["rows_used"]);
    check.at_one(&test, &splits["test"]["at_T1"], binary);
    if let Some(after) = &test.analysis.after {
        check.metrics(&after.metrics, &splits["test"]["at_T"], binary);
    }
}

/// Runs `cases` against the reference and fails with all disagreements at once.
fn run(cases: Vec<Case<'_>>, reference: &Path) {
    let text = std::fs::read_to_string(reference).expect("the reference is readable");
    let reference: Value = serde_json::from_str(&text).expect("the reference is JSON");
    let mut failures = Vec::new();
    for case in cases {
        check(case, &reference, &mut failures);
    }
    assert!(failures.is_empty(), "{} disagree:\n{}", failures.len(), failures.join("\n"));
}

fn part(path: &Path, part: Part, step: Option<u64>) -> Loaded {
    shared::open(path, &OpenOptions { part, step, ..OpenOptions::default() })
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn files_with_a_val_and_a_test_part() {
    let folder = shared::data("");
    let mut cases = Vec::new();
    for key in ["cifar10_densenet40/logits.npz", "magika/logits.parquet"] {
        let path = folder.join(key);
        let (val, test) = (part(&path, Part::Val, None), part(&path, Part::Test, None));
        cases.push(Case { key, val, test: Some(test), tolerance: TOLERANCE });
    }
    run(cases, &folder.join("reference.json"));
}

/// The networks that the repository holds, with their part of the reference.
#[test]
fn networks_that_the_repository_holds() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/golden");
    let files = [
        ("digits_cnn/broken_zero_init.npz@000000", golden.join("broken_zero_init.npz")),
        ("digits_cnn/noisy_labels.npz@003000", golden.join("noisy_labels.npz")),
        ("digits_cnn/broken_fp16_overflow.npz@000120", shared::sample("digits_fp16_overflow.npz")),
        ("digits_cnn/label_smoothing.npz@002000", shared::sample("digits_underconfident.npz")),
    ];
    let mut cases: Vec<Case<'_>> = files
        .iter()
        .map(|(key, path)| Case {
            key,
            val: part(path, Part::Val, None),
            test: Some(part(path, Part::Test, None)),
            tolerance: TOLERANCE,
        })
        .collect();
    let plain = |name| part(&shared::sample(name), Part::Auto, None);
    cases.push(Case {
        key: "digits_small/{val,test}.csv",
        val: plain("digits_small_val.csv"),
        test: Some(plain("digits_small_test.csv")),
        tolerance: TOLERANCE,
    });
    run(cases, &golden.join("reference.json"));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn every_step_of_the_digit_networks() {
    let folder = shared::data("");
    let text = std::fs::read_to_string(folder.join("reference.json")).expect("readable");
    let reference: Value = serde_json::from_str(&text).expect("JSON");
    let keys = reference["data"].as_object().expect("an object").keys();
    let mut cases = Vec::new();
    for key in keys.filter(|key| key.starts_with("digits_cnn/")) {
        let (file, step) = key.split_once('@').expect("every key names its step");
        let (path, step) = (folder.join(file), step.parse().expect("a number"));
        let val = part(&path, Part::Val, Some(step));
        let test = part(&path, Part::Test, Some(step));
        cases.push(Case { key, val, test: Some(test), tolerance: TOLERANCE });
    }
    assert!(cases.len() >= 18, "the steps are in the reference");
    run(cases, &folder.join("reference.json"));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn files_for_val_and_files_for_test() {
    let folder = shared::data("");
    let pairs = [
        ("digits_small/{val,test}.csv", "digits_small/val.csv", "digits_small/test.csv"),
        ("sms_spam/{val,test}.csv", "sms_spam/val.csv", "sms_spam/test.csv"),
        (
            "sms_spam/{val,test}_strong_regularisation.csv",
            "sms_spam/val_strong_regularisation.csv",
            "sms_spam/test_strong_regularisation.csv",
        ),
    ];
    let cases = pairs.map(|(key, val, test)| Case {
        key,
        val: part(&folder.join(val), Part::Auto, None),
        test: Some(part(&folder.join(test), Part::Auto, None)),
        tolerance: TOLERANCE,
    });
    run(cases.into(), &folder.join("reference.json"));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn probabilities_split_by_rows() {
    let folder = shared::data("");
    let sets = [
        ("cifar_softmax/lenet-5-cifar-10.npz first 5000 = val", 5000, 10_000),
        ("cifar_softmax/wideresnet-16-4-cifar-10.npz first 5000 = val", 5000, 10_000),
        ("cifar_softmax/densenet-bc-100-cifar-100.npz first 5000 = val", 5000, 10_000),
        ("hpc_lda/hpc_cv.csv Fold01-05 = val", 1735, 3467),
    ];
    let cases = sets.map(|(key, cut, end)| {
        let path = folder.join(key.split(' ').next().expect("a path comes first"));
        let (val, test) = (shared::open_rows(&path, 0, cut), shared::open_rows(&path, cut, end));
        Case { key, val, test: Some(test), tolerance: TOLERANCE }
    });
    run(cases.into(), &folder.join("reference.json"));
}

/// [sentence, token, class] with padding labelled -100, which the reference leaves out.
#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn tags_of_tokens() {
    let folder = shared::data("");
    let open = |name| part(&folder.join(name), Part::Auto, None);
    let case = Case {
        key: "pos_tags/{val,test_bf16}.safetensors",
        val: open("pos_tags/val.safetensors"),
        test: Some(open("pos_tags/test_bf16.safetensors")),
        tolerance: TOLERANCE,
    };
    run(vec![case], &folder.join("reference.json"));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn a_language_model_in_half_precision() {
    let folder = shared::data("");
    let val = part(&folder.join("word_lm/val_logits.f16.npy"), Part::Auto, None);
    let test = part(&folder.join("word_lm/test_bf16.safetensors"), Part::Auto, None);
    let case = Case { key: "word_lm", val, test: Some(test), tolerance: TOLERANCE };
    run(vec![case], &folder.join("reference.json"));
}

/// File, file of labels where they lie apart, tolerance.
type Form = (&'static str, Option<&'static str>, f64);

const F32_FORMS: [Form; 23] = [
    ("fixed_list_f32.parquet", None, TOLERANCE),
    ("large_list_f64_names.parquet", None, TOLERANCE),
    ("list_f32.arrow", None, TOLERANCE),
    ("list_f32.arrows", None, TOLERANCE),
    ("list_f32.parquet", None, TOLERANCE),
    ("wide_f32.parquet", None, TOLERANCE),
    ("wide_f64_gzip.parquet", None, TOLERANCE),
    ("stored.npz", None, TOLERANCE),
    ("deflated.npz", None, TOLERANCE),
    ("shards", None, TOLERANCE),
    ("f32.safetensors", None, TOLERANCE),
    ("arrays.h5", None, TOLERANCE),
    ("hive", None, TOLERANCE),
    ("logits_f32.npy", Some("labels_i64.npy"), TOLERANCE),
    ("logits_f32.npy", Some("labels_u8.npy"), TOLERANCE),
    ("logits_f32.npy", Some("labels_onehot_f32.npy"), TOLERANCE),
    ("logits_f32_big_endian.npy", Some("labels_i64.npy"), TOLERANCE),
    ("logits_f64_fortran.npy", Some("labels_i64.npy"), TOLERANCE),
    ("rows.jsonl", None, TEXT_TOLERANCE),
    ("wide.csv", None, TEXT_TOLERANCE),
    ("wide.csv.gz", None, TEXT_TOLERANCE),
    ("wide.tsv", None, TEXT_TOLERANCE),
    ("wide_names_crlf.csv", None, TEXT_TOLERANCE),
];

const F16_FORMS: [Form; 3] = [
    ("f16.safetensors", None, TOLERANCE),
    ("fixed_list_f16.parquet", None, TOLERANCE),
    ("logits_f16.npy", Some("labels_i64.npy"), TOLERANCE),
];

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn the_same_rows_in_every_format() {
    let folder = shared::data("formats");
    let case = |key, (file, labels, tolerance): Form| {
        // The file of labels by its whole path, as a user in another folder would type it.
        let labels = labels.map(|labels| folder.join(labels).display().to_string());
        let options = OpenOptions { labels, ..OpenOptions::default() };
        let val = shared::open(&folder.join(file), &options);
        assert_eq!(val.fit.n_rows(), 1000, "{file}");
        Case { key, val, test: None, tolerance }
    };
    let f32_cases = F32_FORMS.map(|form| case("formats (f32 files)", form));
    let f16_cases = F16_FORMS.map(|form| case("formats (f16 files)", form));
    let bf16_form = ("bf16.safetensors", None, TOLERANCE);
    let bf16_case = case("formats (bf16 file)", bf16_form);
    let cases = f32_cases.into_iter().chain(f16_cases).chain([bf16_case]);
    let cases = cases.collect();
    run(cases, &folder.join("../reference.json"));
}

/// Log-likelihoods of choices as text; the first half of the rows is val.
#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn a_log_of_an_evaluation_harness() {
    let folder = shared::data("");
    let path = folder.join("word_lm/choices.jsonl");
    let case = Case {
        key: "word_lm/choices.jsonl first half = val",
        val: shared::open_rows(&path, 0, 1000),
        test: Some(shared::open_rows(&path, 1000, 2000)),
        tolerance: TOLERANCE,
    };
    run(vec![case], &folder.join("reference.json"));
}

/// 16-bit codes of log-probabilities, as llama.cpp writes them.
#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn base_logits_of_llama_cpp() {
    let folder = shared::data("");
    let key = "word_lm/base_logits.kld";
    let case = Case {
        key,
        val: part(&folder.join(key), Part::Auto, None),
        test: None,
        tolerance: TOLERANCE,
    };
    run(vec![case], &folder.join("reference.json"));
}
