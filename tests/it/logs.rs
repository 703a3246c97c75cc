//! Evaluation logs, llama.cpp's base logits, standard input, patterns and shards: what people pipe and point at.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use logitscope::data::{BatchSource, Kind, Task, Values};
use logitscope::io::{self, IoError, Loaded, Normalize, OpenOptions, Part, RowRange};
use logitscope::pipeline::{self, Opened, Study};

use crate::shared;

/// A folder with these files.
fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, bytes).expect("a file in it");
    }
    folder
}

fn open(path: &Path, options: &OpenOptions) -> Result<Loaded, IoError> {
    io::open(path, options, &mut |_| true)
}

/// What is said about the first of these files, without the folder's name.
fn said_with(files: &[(&str, &[u8])], options: &OpenOptions) -> String {
    let folder = folder(files);
    said_of(&folder.path().join(files[0].0), folder.path(), options)
}

fn said_of(path: &Path, folder: &Path, options: &OpenOptions) -> String {
    let Err(error) = open(path, options) else {
        return "no error".to_owned();
    };
    let mut text = format!("error: {error}");
    if let Some(hint) = &error.hint {
        let _ = write!(text, "\nhint: {hint}");
    }
    text.replace(&format!("{}/", folder.display()), "")
}

fn said(log: &str) -> String {
    said_with(&[("samples.jsonl", log.as_bytes())], &OpenOptions::default())
}

fn load(name: &str, bytes: &[u8], options: &OpenOptions) -> Loaded {
    let folder = folder(&[(name, bytes)]);
    shared::open(&folder.path().join(name), options)
}

fn f64s(source: &dyn BatchSource) -> Vec<f64> {
    match shared::values(source) {
        Values::F64(values) => values,
        Values::F32(values) => values.into_iter().map(f64::from).collect(),
    }
}

fn labels(loaded: &Loaded) -> Vec<i64> {
    loaded.fit.labels().iter().map(|label| label.as_i64()).collect()
}

fn decided<'a>(loaded: &'a Loaded, what: &str) -> &'a str {
    let guess = loaded.info.guesses.iter().find(|guess| guess.what == what);
    guess.map_or("nothing", |guess| guess.evidence.as_str())
}

/// Questions of two, three and two choices, by two filters.
const RAGGED: &str = r#"{"doc_id": 0, "target": "1", "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": " aa"}, "gen_args_1": {"arg_0": "Q", "arg_1": " b"}}, "resps": [], "filtered_resps": [["-2.0", "False"], ["-1.5", "True"]], "filter": "none", "acc": 1.0}
{"doc_id": 1, "target": "2", "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": " a"}, "gen_args_1": {"arg_0": "Q", "arg_1": " bb"}, "gen_args_2": {"arg_0": "Q", "arg_1": " cc"}}, "resps": [], "filtered_resps": [["-1.0", "False"], ["-2.0", "False"], ["-3.0", "True"]], "filter": "none", "acc": 0.0}
{"doc_id": 0, "target": "1", "filtered_resps": ["text"], "filter": "strict"}

{"doc_id": 2, "target": "0", "arguments": {"gen_args_0": {"arg_0": "Q", "arg_1": " yes"}, "gen_args_1": {"arg_0": "Q", "arg_1": " no"}}, "resps": [], "filtered_resps": [["-0.5", "False"], ["-0.25", "True"]], "filter": "none", "acc": 0.0}
"#;

#[test]
fn choices_of_different_numbers_are_rows_with_absent_classes() {
    let loaded = load("samples.jsonl", RAGGED.as_bytes(), &OpenOptions::default());
    let none = f64::NEG_INFINITY;
    let expected = [-2.0, -1.5, none, -1.0, -2.0, -3.0, -0.5, -0.25, none];
    assert_eq!(f64s(&loaded.fit), expected);
    assert_eq!(labels(&loaded), [1, 2, 0]);
    assert_eq!((loaded.info.kind, loaded.info.task), (Kind::Logits, Task::Multiclass));
    assert!(loaded.info.class_names.is_none());
    assert!(decided(&loaded, "filter").contains("1 lines of others"));
    assert!(decided(&loaded, "labels").contains("acc in 3 of 3 rows"));
    // The mean of ln(sum of e^(z - z_label)) over the choices that each row has.
    let nll = |row: &[f64], label: usize| {
        let sum: f64 = row.iter().map(|z| (z - row[label]).exp()).sum();
        sum.ln()
    };
    let wanted =
        (nll(&[-2.0, -1.5], 1) + nll(&[-1.0, -2.0, -3.0], 2) + nll(&[-0.5, -0.25], 0)) / 3.0;
    let study = shared::study_of(loaded);
    let nll = study.analysis.before.metrics.nll;
    assert!((nll - wanted).abs() < 1e-14, "{nll} {wanted}");
}

#[test]
fn summaries_of_ragged_rows_come_back() {
    let folder = folder(&[("samples.jsonl", RAGGED.as_bytes())]);
    let loaded = shared::open(&folder.path().join("samples.jsonl"), &OpenOptions::default());
    let study = shared::study_of(loaded.clone());
    let out = folder.path().join("rows.parquet");
    let summaries = pipeline::summaries(loaded, 0.95, &mut |_| true).expect("rows");
    summaries.write(&out).expect("written");
    let again = pipeline::open(&out, &OpenOptions::default(), &mut |_| true).expect("read");
    assert!(matches!(again, Opened::Summaries(_)));
    let again = pipeline::study(again, &shared::options(), &mut |_| true).expect("a study");
    let nll = |study: &Study| study.analysis.before.metrics.nll.to_bits();
    assert_eq!(nll(&again), nll(&study));
}

#[test]
fn log_likelihoods_are_divided_by_the_length_of_their_choices() {
    let options = OpenOptions { normalize: Normalize::Chars, ..OpenOptions::default() };
    let loaded = load("samples.jsonl", RAGGED.as_bytes(), &options);
    let none = f64::NEG_INFINITY;
    let expected = [-1.0, -1.5, none, -1.0, -1.0, -1.5, -0.5 / 3.0, -0.125, none];
    assert_eq!(f64s(&loaded.fit), expected);
    let without = r#"{"doc_id": 0, "target": 0, "filtered_resps": [[-1, false], [-2, false]]}"#;
    insta::assert_snapshot!(said_with(&[("samples.jsonl", without.as_bytes())], &options), @r#"
        error: samples.jsonl: row 1, --normalize divides by the length of a choice, and the line does not hold the texts of the choices
        hint: a log of multiple-choice questions is what `lm_eval --log_samples` writes
        "#);
}

#[test]
fn the_same_choices_in_every_row_are_classes_with_names() {
    let line = |a: f64, b: f64, target: usize| {
        format!(
            "{{\"doc_id\": 0, \"target\": {target}, \"arguments\": [[\"Q\", \" no\"], [\"Q\", \" yes\"]], \
             \"resps\": [[[{a}, false]], [[{b}, true]]]}}\n"
        )
    };
    let log = [line(-1.0, -2.0, 0), line(-3.0, -0.5, 1)].concat();
    let loaded = load("samples.jsonl", log.as_bytes(), &OpenOptions::default());
    assert_eq!(loaded.info.task, Task::Binary);
    let names = loaded.info.class_names.as_ref().expect("names");
    assert_eq!(names.as_slice(), ["no", "yes"]);
    // Packed, and as a part of its rows.
    let mut gz = flate2_of(&log);
    let rows = OpenOptions { rows: Some(RowRange { start: 1, end: 2 }), ..OpenOptions::default() };
    let second = load("samples.jsonl.gz", &gz, &rows);
    assert_eq!((f64s(&second.fit), labels(&second)), (vec![-3.0, -0.5], vec![1]));
    gz.truncate(gz.len() / 2);
    assert!(said_with(&[("samples.jsonl.gz", &gz)], &rows).contains("truncated"));
}

/// gzip without packing: a stored block, by hand.
fn flate2_of(text: &str) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1];
    let n = u16::try_from(text.len()).expect("short");
    out.extend(n.to_le_bytes());
    out.extend((!n).to_le_bytes());
    out.extend(text.as_bytes());
    out.extend(crc32(text.as_bytes()).to_le_bytes());
    out.extend(u32::from(n).to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    let byte = |crc: u32, b: &u8| (0..8).fold(crc ^ u32::from(*b), |crc, _| step(crc));
    !bytes.iter().fold(!0, byte)
}

#[test]
fn logs_that_hold_no_choices_are_refused() {
    let line = |rest: &str| format!("{{\"doc_id\": 0, \"target\": \"1\", {rest}}}\n");
    insta::assert_snapshot!(said(&line(r#""filtered_resps": ["The answer is 4."]"#)), @r#"
        error: samples.jsonl: row 1, filtered_resps holds generated text and no log-likelihoods of choices: there are no probabilities to be judged
        hint: a log of multiple-choice questions is what `lm_eval --log_samples` writes
        "#);
    insta::assert_snapshot!(said(&line(r#""filtered_resps": [["-4.5", "True"]]"#)), @r#"
        error: samples.jsonl: every line holds one log-likelihood, of the one text that was asked for: there are no choices, and so no probabilities to be judged
        hint: lm_eval --tasks TASK --log_samples, with a task of output_type multiple_choice
        "#);
    let two = line(r#""filtered_resps": [[-1, false], [-2, false]]"#);
    insta::assert_snapshot!(said(&format!("{two}\n{{\"doc_id\": 1, \"resps\"\n")), @r#"
        error: samples.jsonl: row 3, character 21: not a JSON object: EOF while parsing an object
        hint: a log of multiple-choice questions is what `lm_eval --log_samples` writes
        "#);
    insta::assert_snapshot!(said(&format!("{two}{{\"doc_id\": 1}}\n")), @r#"
        error: samples.jsonl: row 2, there is no list filtered_resps
        hint: a log of multiple-choice questions is what `lm_eval --log_samples` writes
        "#);
    let wrong = two.replace("\"1\"", "\"C\"");
    insta::assert_snapshot!(said(&format!("{two}{wrong}{wrong}{wrong}{wrong}")), @r#"
        error: samples.jsonl: row 2, target "C" is none of the 2 choices; row 3, target "C" is none of the 2 choices; row 4, target "C" is none of the 2 choices (and 1 more)
        hint: a target is the index of the right choice, counted from 0, or its text
        "#);
    let rows = OpenOptions { labels: Some("answer".to_owned()), ..OpenOptions::default() };
    insta::assert_snapshot!(said_with(&[("samples.jsonl", two.as_bytes())], &rows), @r#"
        error: samples.jsonl: --labels answer: the labels of an evaluation log are its targets, or lie in a file
        hint: leave --labels out
        "#);
}

#[test]
fn answers_of_servers_are_refused_and_told_why() {
    let chat = r#"{"id": "c", "choices": [{"logprobs": {"content": [{"token": "Hi", "logprob": -0.3, "top_logprobs": []}]}}]}"#;
    insta::assert_snapshot!(said(chat), @r#"
        error: samples.jsonl: these are log-probabilities of the few likeliest tokens at each place (a server's `logprobs`): the rest of each row is unknown, so that no temperature and no calibrated confidence can be computed; and a token that the model chose itself is no label
        hint: save all logits and the tokens of a text: `np.savez("logits.npz", logits=logits, labels=tokens)`, or `llama-perplexity -m MODEL -f TEXT --kl-divergence-base FILE`
        "#);
    let many = format!("[{chat}]");
    assert!(said(&many).contains("likeliest tokens"), "{}", said(&many));
}

#[test]
fn what_timm_predicts_is_no_label() {
    let table = "filename,index,label,logit_0,logit_1\na.jpg,1,dog,0.5,1.5\nb.jpg,0,cat,2.5,1.5\n";
    insta::assert_snapshot!(said_with(&[("results.csv", table.as_bytes())], &OpenOptions::default()), @r#"
        error: results.csv: label beside filename and index is the class that was predicted (timm's inference.py), not the true one
        hint: --labels COLUMN or --labels FILE with the true classes; --labels label if these are
        "#);
    let ranks = "filename,label_0,label_1,prob_0,prob_1,truth\na.jpg,dog,cat,0.9,0.1,dog\nb.jpg,cat,dog,0.6,0.4,cat\n";
    insta::assert_snapshot!(said_with(&[("results.csv", ranks.as_bytes())], &OpenOptions::default()), @r#"
        error: results.csv: label_0 beside the scores says that these are sorted: the columns are ranks and not classes (timm's inference.py with --topk)
        hint: write the scores of all classes: inference.py --topk 0, or np.savez with the model's output
        "#);
    let truth = OpenOptions { labels: Some("truth".to_owned()), ..OpenOptions::default() };
    let with_truth = "filename,index,label,truth,logit_0,logit_1\na.jpg,1,dog,1,0.5,1.5\nb.jpg,0,cat,1,2.5,1.5\n";
    assert_eq!(labels(&load("results.csv", with_truth.as_bytes(), &truth)), [1, 1]);
}

#[test]
fn forty_shards_by_a_pattern_are_one_data_set() {
    let mut files = Vec::new();
    for shard in 0..40 {
        let row = |at: usize| format!("{shard}.0,{at}.5,{}\n", (shard + at) % 2);
        files.push((
            format!("shards/part-{shard}.csv"),
            format!("z0,z1,label\n{}{}", row(0), row(1)),
        ));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(n, t)| (n.as_str(), t.as_bytes())).collect();
    let folder = folder(&files);
    let all = shared::open(&folder.path().join("shards/part-*.csv"), &OpenOptions::default());
    let firsts: Vec<f64> = f64s(&all.fit).into_iter().step_by(4).collect();
    let expected: Vec<f64> = (0..40).map(f64::from).collect();
    assert_eq!(firsts, expected, "in the order of their numbers");
    let few = shared::open(&folder.path().join("shards/part-[12].csv"), &OpenOptions::default());
    assert_eq!(few.fit.n_rows(), 4);
    let none =
        said_of(&folder.path().join("shards/*.parquet"), folder.path(), &OpenOptions::default());
    insta::assert_snapshot!(none, @r#"
        error: shards/*.parquet: no file matches the pattern
        hint: `ls` shows the names; the shell must not see the pattern: put it between quotes
        "#);
    assert_eq!(
        io::data_files(&folder.path().join("shards/part-?.csv")).map(|f| f.len()).ok(),
        Some(10)
    );
}

/// An .npy file of f64.
fn npy(values: &[f64], shape: &str) -> Vec<u8> {
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({shape}), }}\n");
    let length = u16::try_from(header.len()).expect("short").to_le_bytes();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &bytes].concat()
}

/// A safetensors file of `n` rows of two f32 logits that are all `value`, and labels 0.
fn safetensors(value: f32, n: usize) -> Vec<u8> {
    let (logits, labels) = (8 * n, 8 * n + n);
    let header = format!(
        "{{\"logits\":{{\"dtype\":\"F32\",\"shape\":[{n},2],\"data_offsets\":[0,{logits}]}},\
         \"labels\":{{\"dtype\":\"U8\",\"shape\":[{n}],\"data_offsets\":[{logits},{labels}]}}}}"
    );
    let mut out = (header.len() as u64).to_le_bytes().to_vec();
    out.extend(header.as_bytes());
    (0..2 * n).for_each(|_| out.extend(value.to_le_bytes()));
    out.extend(vec![0; n]);
    out
}

#[test]
fn shards_of_arrays_are_one_data_set_if_their_names_are_numbered() {
    let (a, b) = (safetensors(1.0, 2), safetensors(2.0, 3));
    let numbered = folder(&[("run-2.safetensors", &a), ("run-10.safetensors", &b)]);
    for path in [numbered.path().to_path_buf(), numbered.path().join("run-*.safetensors")] {
        let all = shared::open(&path, &OpenOptions::default());
        assert_eq!(f64s(&all.fit), [vec![1.0; 4], vec![2.0; 6]].concat());
        assert!(decided(&all, "files").contains("nothing but a number"));
        let rows =
            OpenOptions { rows: Some(RowRange { start: 1, end: 3 }), ..OpenOptions::default() };
        assert_eq!(f64s(&shared::open(&path, &rows).fit), [1.0, 1.0, 2.0, 2.0]);
    }
    let others = folder(&[("first.safetensors", &a), ("second.safetensors", &b)]);
    let message =
        said_of(&others.path().join("*.safetensors"), others.path(), &OpenOptions::default());
    insta::assert_snapshot!(message.replace(&others.path().display().to_string(), "FOLDER"), @r#"
        error: *.safetensors: files that each hold several arrays are one data set only if their names differ in nothing but a number
        hint: name one of the files; a second one to judge on is --test FILE
        "#);
    let ragged = folder(&[("a1.safetensors", &a), ("a2.safetensors", &npy(&[1.0, 2.0], "2,"))]);
    let message = said_of(&ragged.path().join("a*"), ragged.path(), &OpenOptions::default());
    assert!(message.contains("several formats"), "{message}");
}

#[test]
fn files_called_val_and_test_are_the_two_parts() {
    let (a, b) = (safetensors(1.0, 2), safetensors(2.0, 3));
    let csv = |n: usize| format!("z0,z1,label\n{}", "1.5,2,0\n".repeat(n));
    let tables = (csv(2), csv(3));
    for files in [
        [("val.safetensors", &a[..]), ("test.safetensors", &b[..])],
        [("val.csv", tables.0.as_bytes()), ("test.csv", tables.1.as_bytes())],
    ] {
        let folder = folder(&files);
        let n_rows = |part: Part| {
            let options = OpenOptions { part, ..OpenOptions::default() };
            let loaded = shared::open(folder.path(), &options);
            (loaded.fit.n_rows(), loaded.test.map(|test| test.n_rows()))
        };
        assert_eq!(n_rows(Part::Auto), (2, Some(3)));
        assert_eq!(n_rows(Part::Val), (2, None));
        assert_eq!(n_rows(Part::Test), (3, None));
        assert_eq!(n_rows(Part::All), (5, None));
    }
}

/// A file as llama.cpp writes it: two contexts of six tokens and a vocabulary of four.
fn kld() -> Vec<u8> {
    let mut bytes = b"_logits_".to_vec();
    for word in [6i32, 4, 2, 0, 1, 2, 3, 2, 1, 3, 2, 1, 0, 1, 2] {
        bytes.extend(word.to_le_bytes());
    }
    for row in 0..4u16 {
        bytes.extend((16.0f32 / 65535.0).to_le_bytes());
        bytes.extend((-16.5f32).to_le_bytes());
        for code in [0, 65535, 100 * row, 60000] {
            bytes.extend(code.to_le_bytes());
        }
    }
    bytes
}

#[test]
fn base_logits_of_llama_cpp_are_log_probabilities_of_the_next_token() {
    let folder = folder(&[("base.kld", &kld())]);
    let path = folder.path().join("base.kld");
    let loaded = shared::open(&path, &OpenOptions::default());
    assert_eq!(loaded.info.format, "llama.cpp");
    assert_eq!((loaded.info.kind, loaded.info.n_classes), (Kind::LogProbs, 4));
    assert_eq!(labels(&loaded), [2, 1, 1, 2]);
    let step = f64::from(16.0f32 / 65535.0);
    let row = |code: f64| [0.0, 65535.0, code, 60000.0].map(|c| step * c + -16.5);
    let expected = [row(0.0), row(100.0), row(200.0), row(300.0)].concat();
    assert_eq!(f64s(&loaded.fit), expected);
    assert!(decided(&loaded, "precision").contains("16 below"));
    let peek = io::peek(&path).expect("a file of logits");
    assert_eq!((peek.n_rows, peek.n_classes), (Some(4), Some(4)));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn shared_logs_meet_the_reference_without_a_flag() {
    let log = shared::data("word_lm/choices.jsonl");
    let loaded = shared::open(&log, &OpenOptions::default());
    assert_eq!((loaded.info.kind, loaded.info.task), (Kind::Logits, Task::Multiclass));
    assert_eq!((loaded.fit.n_rows(), loaded.info.n_classes), (2000, 4));
    let kld: PathBuf = log.with_file_name("base_logits.kld");
    let loaded = shared::open(&kld, &OpenOptions::default());
    assert_eq!((loaded.info.kind, loaded.info.task), (Kind::LogProbs, Task::Multiclass));
    assert_eq!((loaded.fit.n_rows(), loaded.info.n_classes), (124, 8192));
}

fn details(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/harness");
    folder.join(format!("{name}_write_out_info.json"))
}

/// What `NumPy` computes of the same numbers is in `expected.json`.
#[test]
fn what_version_0_3_of_the_harness_writes_out_is_read() {
    let expected = fs::read(details("").with_file_name("expected.json")).expect("a file");
    let expected: serde_json::Value = serde_json::from_slice(&expected).expect("JSON");
    for (name, n_classes, names) in
        [("arc_easy", 5, None), ("boolq", 2, Some(vec!["yes".to_owned(), "no".to_owned()]))]
    {
        let loaded = shared::open(&details(name), &OpenOptions::default());
        assert_eq!(loaded.info.format, "lm-evaluation-harness log");
        assert_eq!((loaded.info.kind, loaded.info.n_classes), (Kind::Logits, n_classes));
        let found = loaded.info.class_names.as_ref();
        assert_eq!(found.map(|names| names.as_slice().to_vec()), names);
        let n = expected[name]["n"].as_u64().expect("a number");
        assert_eq!(loaded.fit.n_rows() as u64, n);
        let evidence = format!("acc in {n} of {n} rows");
        assert!(decided(&loaded, "labels").contains(&evidence), "{}", decided(&loaded, "labels"));
        assert!(decided(&loaded, "logits").contains("version 0.3"));
        let metrics = shared::study_of(loaded).analysis.before.metrics;
        for (key, value) in [("nll", metrics.nll), ("accuracy", metrics.accuracy)] {
            let wanted = expected[name][key].as_f64().expect("a number");
            assert!((value - wanted).abs() < 1e-13, "{name} {key}: {value} {wanted}");
        }
    }
}

#[test]
fn arrays_of_version_0_3_come_packed_and_in_folders() {
    let plain = fs::read(details("arc_easy")).expect("a file");
    let packed = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, &plain).expect("packed");
        encoder.finish().expect("packed")
    };
    let wanted = f64s(&shared::open(&details("arc_easy"), &OpenOptions::default()).fit);
    let loaded = load("a.json.gz", &packed, &OpenOptions::default());
    assert_eq!(f64s(&loaded.fit), wanted);
    let out = folder(&[("arc_easy_write_out_info.json", &plain), ("results.json", b"{}")]);
    let loaded = shared::open(out.path(), &OpenOptions::default());
    assert_eq!(f64s(&loaded.fit), wanted);
}

#[test]
fn what_no_version_of_the_harness_can_be_judged_by_is_refused_with_a_way_out() {
    let totals = br#"{
  "results": {"arc_easy": {"acc": 0.61, "acc_stderr": 0.01}},
  "versions": {"arc_easy": 0},
  "config": {"model": "gpt2"}
}"#;
    let text = said_with(&[("results.json", totals)], &OpenOptions::default());
    insta::assert_snapshot!(text, @r"
    error: results.json: these are the scores of whole tasks (the results file of lm-evaluation-harness): the log-likelihoods of the single questions are not in it
    hint: let the harness write them: `lm_eval ... --output_path DIR --log_samples` gives samples_*.jsonl; before version 0.4, `main.py ... --write_out --output_base_path DIR` gives *_write_out_info.json
    ");
    let text = said_with(
        &[("gsm8k.json", br#"[{"doc_id": 0, "prompt_0": "Q", "logit_0": "42", "truth": "42"}]"#)],
        &OpenOptions::default(),
    );
    insta::assert_snapshot!(text, @r"
    error: gsm8k.json: row 1, logit_0, ... hold generated text and no log-likelihoods of choices: there are no probabilities to be judged
    hint: a task of multiple-choice questions is what can be judged
    ");
    let text = said_with(
        &[(
            "lambada.json",
            br#"[{"doc_id": 0, "prompt_0": "Q", "logit_0": -1.5, "logit_1": true, "truth": " a"}]"#,
        )],
        &OpenOptions::default(),
    );
    insta::assert_snapshot!(text, @r"
    error: lambada.json: every line holds one log-likelihood, of the one text that was asked for: there are no choices, and so no probabilities to be judged
    hint: lm_eval --tasks TASK --log_samples, with a task of output_type multiple_choice
    ");
    let text = said_with(
        &[("blimp.json", br#"[{"doc_id": 0, "prompt_0": "a b", "prompt_1": "a c", "logit_0": -1.5, "logit_1": -2, "truth": ""}]"#)],
        &OpenOptions::default(),
    );
    insta::assert_snapshot!(text, @r##"
    error: blimp.json: row 1, target "" is none of the 2 choices
    hint: a target is the index of the right choice, counted from 0, or its text
    "##);
    let normalize = OpenOptions { normalize: Normalize::Chars, ..OpenOptions::default() };
    let error = open(&details("boolq"), &normalize).expect_err("no lengths");
    insta::assert_snapshot!(error.message, @"--normalize divides by the length of a choice, and here question and choice are one text");
    let text = said_with(&[("a.json", b"[[1.0, 2.0], [0.5, 1.5]]")], &OpenOptions::default());
    insta::assert_snapshot!(text, @r##"
    error: a.json: a JSON array that is not made of objects is not a table that can be read
    hint: write rows as [{"logits": [...], "label": 0}, ...], or one object of lists: {"logits": [[...]], "labels": [...]}
    "##);
}

/// What a server sends as `logprobs`, for chats and completions, in lines and as an array.
#[test]
fn log_probabilities_of_few_tokens_are_refused_in_every_form() {
    let chat = r#"{"id": "c", "choices": [{"logprobs": {"content": [{"token": "Hi", "logprob": -0.3, "bytes": [72, 105], "top_logprobs": [{"token": "Hi", "logprob": -0.3}, {"token": "Yo", "logprob": -1.9}]}]}}]}"#;
    let completion = r#"{"choices": [{"text": " a", "logprobs": {"tokens": [" a"], "token_logprobs": [-1.0], "top_logprobs": [{" a": -1.0}]}}]}"#;
    let vllm = r#"{"prompt_logprobs": [null, {"12": {"logprob": -0.1, "rank": 1, "decoded_token": "a"}}]}"#;
    for (name, text) in [
        ("chat.json", chat.to_owned()),
        ("pretty.json", chat.replace(", ", ",\n  ")),
        ("completion.jsonl", format!("{completion}\n{completion}\n")),
        ("array.json", format!("[{chat}, {completion}]")),
        ("vllm.json", vllm.to_owned()),
    ] {
        let text = said_with(&[(name, text.as_bytes())], &OpenOptions::default());
        assert!(
            text.starts_with(&format!(
                "error: {name}: these are log-probabilities of the few likeliest"
            )),
            "{text}"
        );
        assert!(text.contains("hint: save all logits"), "{text}");
    }
}
