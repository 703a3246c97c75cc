//! Row summaries as a file: the same report without the logits, and no trust in what a file says.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use logitscope::data::{Label, MemorySource, NumberTable, Numbers, Temperature, Values};
use logitscope::io::{self, OpenOptions, Part};
use logitscope::metrics::{Binning, DiagramOptions};
use logitscope::pipeline::{
    self, Inputs, Opened, Sources, Study, Summaries, holds_summaries, open_summaries, study,
};
use logitscope::report;
use proptest::prelude::*;
use serde_json::Value;

use crate::passes::{info, overconfident};
use crate::shared;

/// The bound on a figure that should be the same, relative to 1 or to the figure.
const SAME: f64 = 1e-12;

pub(crate) fn write(inputs: impl Into<Inputs>, out: &Path) {
    let summaries = pipeline::summaries(inputs, 0.95, &mut |_| true).expect("readable");
    summaries.write(out).unwrap_or_else(|error| panic!("{error}"));
}

fn read(path: &Path, options: &OpenOptions) -> Study {
    let opened = pipeline::open(path, options, &mut |_| true);
    let opened = opened.unwrap_or_else(|error| panic!("{error}"));
    assert!(matches!(opened, Opened::Summaries(_)));
    study_of(opened)
}

fn study_of(inputs: impl Into<Inputs>) -> Study {
    study(inputs, &shared::options(), &mut |_| true).expect("readable")
}

/// Every leaf of a report with its path, but for what speaks of the file and not of the rows.
fn leaves(study: &Study) -> Vec<(String, Value)> {
    fn walk(path: &str, value: &Value, out: &mut Vec<(String, Value)>) {
        match value {
            Value::Object(entries) => {
                entries.iter().for_each(|(key, value)| walk(&format!("{path}.{key}"), value, out));
            }
            Value::Array(items) => items
                .iter()
                .enumerate()
                .for_each(|(idx, value)| walk(&format!("{path}.{idx}"), value, out)),
            leaf => out.push((path.to_owned(), leaf.clone())),
        }
    }
    let mut out = Vec::new();
    walk("", &report::json(study, &study.timing), &mut out);
    let of_file = [
        // The way to the solution, which starts elsewhere.
        "/fit.iterations",
        "/source.path",
        "/source.format",
        "/notes",
        "/timing",
        "/peak_memory",
    ];
    // Where rows keep nodes, no summaries hold the probability of every class.
    let is_classwise = |path: &str| path.contains("classwise");
    out.retain(|(path, _)| {
        !is_classwise(path) && !of_file.iter().any(|p| path.starts_with(&p.replace('/', ".")))
    });
    out
}

/// Fails unless both say the same of the same rows.
fn assert_same_report(direct: &Study, stored: &Study) {
    let (direct, stored) = (leaves(direct), leaves(stored));
    assert!(direct.len() > 100, "a report has many figures");
    let close = |a: &Value, b: &Value| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= SAME * a.abs().max(1.0),
        _ => a == b,
    };
    for ((path, a), (of, b)) in direct.iter().zip(&stored) {
        assert!(path == of && close(a, b), "{path}: {a} from logits, {b} from {of}");
    }
    assert_eq!(direct.len(), stored.len());
}

/// Writes the summaries of what `open` gives, and compares the reports.
fn check(open: &dyn Fn() -> Inputs) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows");
    write(open(), &path);
    let (direct, stored) = (study_of(open()), read(&path, &OpenOptions::default()));
    assert_same_report(&direct, &stored);
    assert!(stored.is_fit_exact && !stored.has_logits() && direct.has_logits());
    // Of rows that keep their scores the sketch is made again, of other rows of large sets.
    if !stored.rows().keeps_scores() {
        assert_eq!(direct.findings, stored.findings);
    }
    assert_eq!(direct.skipped, stored.skipped);
    let again = folder.path().join("again");
    let opened = pipeline::open(&path, &OpenOptions::default(), &mut |_| true);
    write(opened.expect("readable"), &again);
    assert_same_report(&direct, &read(&again, &OpenOptions::default()));
}

fn made_up(n_rows: usize, k: usize) -> Sources {
    Sources { info: info(k), fit: Arc::new(overconfident(n_rows, k, 1.7)), test: None }
}

/// Rows `range` of `source`, every eleventh without a label.
fn slice(source: &MemorySource, range: std::ops::Range<usize>) -> MemorySource {
    let k = source.labels().len();
    let k = source.values().len() / k;
    let Values::F64(values) = source.values() else {
        panic!("made of f64");
    };
    let label = |row: usize| match row % 11 {
        0 => Label::IGNORED,
        _ => source.labels()[row],
    };
    MemorySource::new(
        k,
        logitscope::data::Kind::Logits,
        Values::F64(values[range.start * k..range.end * k].to_vec()),
        range.map(label).collect(),
    )
    .expect("lengths agree")
}

#[test]
fn made_up_rows_give_the_same_report_without_their_logits() {
    for k in [2, 10, 100] {
        check(&|| made_up(3000, k).into());
    }
}

#[test]
fn bundled_files_give_the_same_report_without_their_logits() {
    for file in [
        "digits_overconfident.parquet",
        "digits_fp16_overflow.npz",
        "digits_small_val.csv",
        "digits_underconfident.npz",
    ] {
        check(&|| shared::open(&shared::sample(file), &OpenOptions::default()).into());
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn shared_files_give_the_same_report_without_their_logits() {
    let folder = shared::data("");
    for file in [
        "magika/logits.parquet",
        "cifar_softmax/densenet-bc-100-cifar-100.npz",
        "cifar10_densenet40/logits.npz",
        "word_lm/val_logits.f16.npy",
        "sms_spam/val.csv",
    ] {
        check(&|| shared::open(&folder.join(file), &OpenOptions::default()).into());
    }
}

#[test]
fn both_parts_are_kept_and_can_be_taken_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows");
    let whole = overconfident(2000, 60, 1.7);
    let (val, test) = (slice(&whole, 0..1200), slice(&whole, 1200..2000));
    let sources = || Sources {
        info: info(60),
        fit: Arc::new(val.clone()),
        test: Some(Arc::new(test.clone())),
    };
    write(sources(), &path);
    let stored = read(&path, &OpenOptions::default());
    assert_same_report(&study_of(sources()), &stored);
    assert_eq!(stored.fitted.expect("two parts").read, 1200);

    let part = |part| OpenOptions { part, ..OpenOptions::default() };
    let alone = Sources { test: None, ..sources() };
    assert_same_report(&study_of(alone), &read(&path, &part(Part::Val)));
    assert_eq!(read(&path, &part(Part::Test)).counts.read, 800);
    let pooled = read(&path, &part(Part::All));
    let direct =
        study_of(Sources { info: info(60), fit: Arc::new(slice(&whole, 0..2000)), test: None });
    assert_eq!(pooled.counts, direct.counts);
    assert_eq!(pooled.sha256_labels, direct.sha256_labels);
}

/// Summaries of three shards of one matrix, and of the whole.
fn shards(folder: &Path, k: usize) -> (Vec<PathBuf>, Study) {
    let whole = overconfident(3000, k, 1.7);
    let sources =
        |range| Sources { info: info(k), fit: Arc::new(slice(&whole, range)), test: None };
    let ranges = [0..900, 900..2000, 2000..3000];
    let paths = ranges.clone().map(|range| {
        let path = folder.join(format!("part-{}.parquet", range.start));
        write(sources(range), &path);
        path
    });
    (paths.into(), study_of(sources(0..3000)))
}

#[test]
fn shards_are_one_data_set_which_is_exact_at_one_and_says_where_it_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (paths, whole) = shards(folder.path(), 80);
    let joined = open_summaries(&paths, &OpenOptions::default(), &mut |_| true);
    let joined = study_of(joined.unwrap_or_else(|error| panic!("{error}")));
    assert_eq!(joined.counts, whole.counts);
    assert_eq!(joined.sha256_labels, whole.sha256_labels);
    let (a, b) = (&joined.analysis, &whole.analysis);
    assert!(a.before.exact && (a.before.metrics.nll - b.before.metrics.nll).abs() < SAME);
    assert!((a.before.metrics.ece - b.before.metrics.ece).abs() < SAME);
    let t = |study: &Study| study.analysis.fit.temperature.expect("a temperature");
    assert!(!joined.is_fit_exact && (t(&joined) / t(&whole) - 1.0).abs() < 5e-5);
    let after = a.after.as_ref().expect("a temperature");
    assert!(
        !after.exact
            && (after.metrics.nll - b.after.as_ref().expect("too").metrics.nll).abs() < 1e-4
    );
    assert!(a.notes.iter().any(|note| note.contains("interpolated")), "{:?}", a.notes);
    let text = report::text(
        &joined,
        &report::TextOptions { width: 80, glyphs: logitscope::plot::Tier::Ascii },
    );
    assert!(text.contains("~T = "), "{text}");
    // Of so few rows every one is summed over, whichever file it is in.
    let rules = |study: &Study| -> Vec<_> {
        let findings = study.findings.iter();
        findings.map(|f| (f.rule, f.severity)).collect()
    };
    assert_eq!(rules(&joined), rules(&whole));
    assert_eq!(joined.skipped, whole.skipped);
    // The folder of the same files, in natural order.
    assert_eq!(leaves(&read(folder.path(), &OpenOptions::default())), leaves(&joined));
}

#[test]
fn shards_that_keep_their_scores_lose_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, whole) = shards(folder.path(), 9);
    assert_same_report(&whole, &read(folder.path(), &OpenOptions::default()));
}

#[test]
fn elsewhere_figures_are_interpolated_and_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows");
    write(made_up(2000, 90), &path);
    let (direct, stored) = (study_of(made_up(2000, 90)), read(&path, &OpenOptions::default()));
    let diagram = DiagramOptions { n_bins: 15, binning: Binning::Width };
    let t = Temperature::new(3.3).expect("a temperature");
    let at = |study: &Study| study.exact_figures_at(t, diagram, &mut || true).expect("figures");
    assert!(at(&direct).exact && !at(&stored).exact);
    let error = at(&direct).metrics.nll - at(&stored).metrics.nll;
    assert!(error.abs() < 1e-4, "{error:e}");
    let one = stored.exact_figures_at(Temperature::ONE, diagram, &mut || true);
    assert!(one.expect("figures").exact);
}

#[test]
fn a_file_is_known_whatever_it_is_called_and_is_no_table_of_logits() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    write(made_up(100, 3), &path);
    assert!(holds_summaries(&path) && holds_summaries(folder.path()));
    assert!(!holds_summaries(&shared::sample("digits_overconfident.parquet")));
    let error = io::open(&path, &OpenOptions::default(), &mut |_| true).expect_err("no logits");
    assert!(error.message.contains("row summaries"), "{error}");
    let peek = io::peek(&path).expect("a data file");
    assert_eq!((peek.n_rows, peek.n_classes, peek.has_logits), (Some(100), Some(3), true));
}

/// What a summaries file consists of.
fn parts_of(path: &Path) -> (String, NumberTable) {
    let note = io::table_note(path).expect("readable").expect("a note");
    let table = io::read_numbers(path, &mut |_| true).expect("readable");
    (note, table)
}

/// Reads a file of this note and this table, and studies it if it can be read.
fn survive(folder: &Path, note: &str, table: NumberTable) -> Result<(), String> {
    let path = folder.join("damaged.parquet");
    io::write_numbers(&path, note, &mut std::iter::once(table)).map_err(|e| e.to_string())?;
    let read = Summaries::read(&path, &mut |_| true).map_err(|e| e.to_string())?;
    let study = study_of(read);
    let json = report::json(&study, &study.timing).to_string();
    assert!(!json.contains("NaN"));
    Ok(())
}

/// A file of 40 rows: its bytes, and what it consists of.
struct Small {
    bytes: Vec<u8>,
    note: String,
    table: NumberTable,
}

impl Small {
    fn new(k: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows.parquet");
        write(made_up(40, k), &path);
        let (note, table) = parts_of(&path);
        Self { bytes: std::fs::read(&path).expect("readable"), note, table }
    }
}

/// One that keeps its scores, and one that keeps nodes; made once for all the damage that is done to them.
static SMALL: LazyLock<[Small; 2]> = LazyLock::new(|| [Small::new(4), Small::new(50)]);

#[test]
fn a_note_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let Small { note, table, .. } = Small::new(60);
    assert_eq!(survive(folder.path(), &note, table.clone()), Ok(()));
    let damages: [(&str, &str); 17] = [
        ("logitscope.summaries/1", "logitscope.summaries/2"),
        ("\"classes\":60", "\"classes\":1"),
        ("\"classes\":60", "\"classes\":59"),
        ("\"classes\":60", "\"classes\":4294967295"),
        ("\"classes\":60", "\"classes\":-3"),
        ("\"class_names\":null", "\"class_names\":[\"\\u001b[2J\"]"),
        ("\"kind\":\"logits\"", "\"kind\":\"odds\""),
        ("\"task\":\"multiclass\"", "\"task\":\"binary\""),
        ("\"nodes_per_octave\":2", "\"nodes_per_octave\":3"),
        ("\"first\":-", "\"first\":-99999999"),
        ("\"count\":", "\"count\":9999999"),
        ("\"name\":\"rows\"", "\"name\":\"train\""),
        ("\"rows_read\":40", "\"rows_read\":41"),
        ("\"rows_used\":40", "\"rows_used\":39"),
        ("\"rows_ignored_label\":0", "\"rows_ignored_label\":18446744073709551615"),
        ("\"exact_at\":[\"1.0\"", "\"exact_at\":[\"warm\""),
        ("\"exact_at\":[\"1.0\"", "\"exact_at\":[\"-1\""),
    ];
    let errors = damages.map(|(from, to)| {
        let damaged = note.replacen(from, to, 1);
        assert_ne!(damaged, note, "{from}");
        let error = survive(folder.path(), &damaged, table.clone()).expect_err(to);
        let error = error.rsplit_once("damaged.parquet: ").expect("it names the file").1;
        format!("{to}\n    {error}")
    });
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn what_was_gathered_is_not_taken_on_trust() {
    let folder = tempfile::tempdir().expect("a folder");
    let Small { note, mut table, .. } = Small::new(60);
    let damages = [
        ("\"rows_descending\":0", "\"rows_descending\":41"),
        ("\"gathered\":{\"scores\":2400", "\"gathered\":{\"scores\":2401"),
        ("\"sums\":{\"rows\":40", "\"sums\":{\"rows\":41"),
        ("\"broken\":{\"rows\":0", "\"broken\":{\"rows\":1"),
        ("\"c\":\"", "\"c\":\"AAAA"),
        ("\"p2\":\"", "\"p2\":\"*"),
    ];
    for (from, to) in damages {
        let damaged = note.replacen(from, to, 1);
        assert_ne!(damaged, note, "{from}");
        let error = survive(folder.path(), &damaged, table.clone()).expect_err(to);
        assert!(error.contains("gathered"), "{to}: {error}");
    }
    table.take("row_hash").expect("hashes");
    let error = survive(folder.path(), &note, table.clone()).expect_err("no hashes");
    assert!(error.contains("row_hash"), "{error}");
    // A file of an earlier version has none of it, and says so where it is missed.
    let mut earlier: Value = serde_json::from_str(&note).expect("JSON");
    let part = earlier["parts"][0].as_object_mut().expect("a part");
    part.remove("gathered").expect("it is there");
    let path = folder.path().join("earlier.parquet");
    io::write_numbers(&path, &earlier.to_string(), &mut std::iter::once(table)).expect("written");
    let study = read(&path, &OpenOptions::default());
    let reason = "the file holds no sums for each class of these rows";
    assert!(study.skipped.iter().any(|skipped| skipped.reason == reason));
}

#[test]
fn labels_are_held_against_their_hash() {
    let folder = tempfile::tempdir().expect("a folder");
    let Small { note, mut table, .. } = Small::new(5);
    let mut label = table.take("label").expect("labels");
    if let Numbers::U32(labels) = &mut label.numbers {
        labels[7] = (labels[7] + 1) % 5;
    }
    let table = table.with(label).expect("as many rows");
    let error = survive(folder.path(), &note, table).expect_err("other labels");
    assert!(error.contains("hashed"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    /// Numbers of any size, NaN and infinity in any column: an error, or a study without a panic.
    #[test]
    fn any_number_in_any_place(
        nodes in any::<bool>(),
        damage in proptest::collection::vec((any::<usize>(), any::<usize>(), any::<u64>()), 1..4),
    ) {
        let small = &SMALL[usize::from(nodes)];
        let mut table = small.table.clone();
        for (column, place, bits) in damage {
            let names: Vec<String> = table.columns().iter().map(|c| c.name.clone()).collect();
            let mut column = table.take(&names[column % names.len()]).expect("it has this name");
            let place = place % column.numbers.len();
            #[expect(clippy::cast_possible_truncation, reason = "any bits do")]
            match &mut column.numbers {
                Numbers::U32(v) => v[place] = bits as u32 >> (bits % 32),
                Numbers::U64(v) => v[place] = bits >> (bits % 64),
                Numbers::F32(v) => v[place] = f32::from_bits(bits as u32),
                Numbers::F64(v) => v[place] = f64::from_bits(bits),
            }
            table = table.with(column).expect("as many rows");
        }
        let folder = tempfile::tempdir().expect("a folder");
        let _ = survive(folder.path(), &small.note, table);
    }

    /// Any bytes changed, any end cut off.
    #[test]
    fn any_byte_of_the_file(
        cut in any::<Option<u16>>(),
        damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..6),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows.parquet");
        let mut bytes = SMALL[1].bytes.clone();
        let n = bytes.len();
        for (place, byte) in damage {
            // The footer is the more delicate half.
            let place = if place % 2 == 0 { place % n } else { n - 1 - place % n.min(6000) };
            bytes[place] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(usize::from(cut) % n);
        }
        std::fs::write(&path, bytes).expect("written");
        if let Ok(opened) = pipeline::open(&path, &OpenOptions::default(), &mut |_| true) {
            let _ = study_of(opened);
        }
    }
}
