//! Groups of rows and the likelihood-ratio interval, against `NumPy` and `SciPy` and against their definitions.

use std::path::Path;

use logitscope::analysis::{Class, Details, Groups, MAX_CLASSES, analyze, details};
use logitscope::data::{Kind, Label, MemorySource, Values};
use logitscope::fit::{FitStatus, fit_groups, fit_temperature, one_temperature, profile_interval};
use logitscope::io::OpenOptions;
use logitscope::pipeline::Study;
use logitscope::summarize::{RowSummaries, exact, summarize};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;
use serde_json::Value;

use crate::shared;

fn expected() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/groups/expected.json");
    let text = std::fs::read_to_string(path).expect("the fixture is there");
    serde_json::from_str(&text).expect("JSON")
}

fn close(what: &str, got: f64, want: &Value, tolerance: f64) {
    let want = want.as_f64().expect("a number");
    assert!((got - want).abs() <= tolerance * want.abs().max(1e-3), "{what}: {got} {want}");
}

fn digits() -> Study {
    let path = shared::sample("digits_small_val.csv");
    shared::study_of(shared::open(&path, &OpenOptions::default()))
}

fn details_of(study: &Study) -> &Details {
    study.analysis.details.as_ref().expect("asked for")
}

fn classes(study: &Study) -> &Groups<Class> {
    details_of(study).classes.as_ref().expect("ten classes")
}

#[test]
fn the_likelihood_interval_is_that_of_scipy() {
    let (study, want) = (digits(), expected());
    close("T", study.analysis.fit.temperature.expect("converges"), &want["temperature"], 1e-9);
    let profile = details_of(&study).profile.as_ref().expect("converges");
    close("low", profile.low.expect("ends"), &want["profile"][0], 1e-8);
    close("high", profile.high.expect("ends"), &want["profile"][1], 1e-8);
}

#[test]
fn classes_are_those_of_numpy() {
    let (study, want) = (digits(), expected());
    for (group, want) in classes(&study).groups.iter().zip(want["classes"].as_array().expect("ten"))
    {
        assert_eq!(Some(group.count), want["predicted"].as_u64());
        assert_eq!(Some(group.of.labelled), want["labelled"].as_u64());
        close("precision", group.accuracy, &want["precision"], 1e-12);
        close("recall", group.of.recall, &want["recall"], 1e-12);
        close("gap", group.before.gap, &want["gap"], 1e-10);
        close("p", group.before.p_value, &want["p_value"], 1e-9);
        close("adjusted p", group.before.adjusted_p_value, &want["adjusted_p_value"], 1e-9);
        match group.fit.temperature {
            Some(t) => close("T of a class", t, &want["temperature"], 1e-9),
            None => {
                assert!(want["temperature"].is_null() && group.fit.status == FitStatus::Separable);
            }
        }
    }
}

#[test]
fn one_temperature_for_two_halves_is_tested_as_by_scipy() {
    let (study, want) = (digits(), expected());
    let rows = study.rows();
    let half = |upper: bool| -> Vec<u32> {
        let is_in = |idx: &u32| (rows.row(*idx as usize).prediction() >= 5) == upper;
        (0..u32::try_from(rows.len()).expect("few")).filter(is_in).collect()
    };
    let groups = [half(false), half(true)];
    let start = study.analysis.fit.inverse_temperature.expect("converges");
    let fits = fit_groups(rows, &groups, start, 0.95);
    let test = one_temperature(rows, &groups, &fits, start).expect("two groups of enough rows");
    assert_eq!((test.groups, test.rows, test.degrees_of_freedom), (2, rows.len(), 1));
    close("ratio", test.likelihood_ratio, &want["halves"]["likelihood_ratio"], 1e-8);
    close("scale", test.scale, &want["halves"]["scale"], 1e-8);
    close("p", test.p_value, &want["halves"]["p_value"], 1e-8);
    assert!(one_temperature(rows, &groups[..1], &fits[..1], start).is_none(), "nothing to compare");
}

/// `n` rows of `k` logits and labels drawn from their softmax at T.
fn drawn(n: usize, k: usize, t: f64) -> (Vec<f64>, Vec<Label>, MemorySource) {
    let mut random = Pcg64::seed_from_u64(5);
    let values: Vec<f64> = (0..n * k).map(|_| 6.0 * random.random::<f64>().powi(3)).collect();
    let label = |row: &[f64]| {
        let weights: Vec<f64> = row.iter().map(|z| (z / t).exp()).collect();
        let mut rest = random.random::<f64>() * weights.iter().sum::<f64>();
        let class = weights.iter().position(|w| {
            rest -= w;
            rest < 0.0
        });
        Label::class(u32::try_from(class.unwrap_or(0)).expect("few")).expect("few")
    };
    let labels: Vec<Label> = values.chunks_exact(k).map(label).collect();
    let source = MemorySource::new(k, Kind::Logits, Values::F64(values.clone()), labels.clone());
    (values, labels, source.expect("lengths agree"))
}

/// The NLL of all rows at T, summed, from its definition.
fn nll(values: &[f64], labels: &[Label], t: f64) -> f64 {
    let k = values.len() / labels.len();
    let of_row = |(row, label): (&[f64], &Label)| {
        let sum: f64 = row.iter().map(|z| (z / t).exp()).sum();
        sum.ln() - row[label.index().expect("a label")] / t
    };
    values.chunks_exact(k).zip(labels).map(of_row).sum()
}

fn exact_rows(source: &MemorySource) -> RowSummaries {
    let mut rows = summarize(source, 1.0, &mut |_| true).expect("in memory");
    let b = fit_temperature(&rows, 0.95).inverse_temperature.expect("converges");
    if !rows.keeps_scores() {
        let columns = exact(source, &rows, &[1.0, b], &mut |_| true).expect("in memory");
        rows.add_exact(columns);
    }
    rows
}

#[test]
fn the_ends_of_the_likelihood_interval_are_as_unlikely_as_they_should_be() {
    // Rows that keep their scores; nodes with ends near the exact column; nodes with ends beyond it.
    for (n, k, tolerance) in [(30, 4, 1e-7), (4000, 10, 1e-7), (6000, 60, 1e-3), (150, 60, 1e-3)] {
        let (values, labels, source) = drawn(n, k, 1.3);
        let rows = exact_rows(&source);
        let fit = fit_temperature(&rows, 0.95);
        let profile = profile_interval(&rows, &fit, 0.95).expect("converges");
        let least = nll(&values, &labels, fit.temperature.expect("converges"));
        for end in [profile.low, profile.high] {
            let rise = 2.0 * (nll(&values, &labels, end.expect("enough rows")) - least);
            let off = rise / 3.841_458_820_694_124 - 1.0;
            assert!(off.abs() < tolerance, "{n} x {k}: {off:e}");
        }
    }
}

#[test]
fn a_handful_of_rows_contradicts_no_high_temperature() {
    let class = |i| Label::class(i).expect("small");
    let values = Values::F64(vec![1.0, 0.0, 1.0, 0.0, 0.0, 0.5]);
    let source = MemorySource::new(2, Kind::Logits, values, vec![class(0), class(0), class(0)]);
    let rows = summarize(&source.expect("lengths agree"), 1.0, &mut |_| true).expect("in memory");
    let fit = fit_temperature(&rows, 0.95);
    let profile = profile_interval(&rows, &fit, 0.95).expect("converges");
    assert!(profile.low.is_some_and(|low| low > 0.0) && profile.high.is_none());
}

#[test]
fn a_class_that_is_never_predicted_is_undefined_and_many_classes_are_left_out() {
    let (_, _, source) = drawn(40, 60, 1.0);
    let rows = exact_rows(&source);
    let options = shared::options();
    let analysis = analyze(fit_temperature(&rows, 0.95), &rows, None, &options);
    let found = details(&rows, None, &analysis, &options).expect("asked for");
    let classes = found.classes.expect("60 classes");
    let never =
        classes.groups.iter().find(|group| group.count == 0).expect("more classes than rows");
    assert!(never.accuracy.is_nan() && never.before.adjusted_p_value.is_nan());
    assert_eq!(never.fit.status, FitStatus::NoRows);
    assert_eq!(classes.groups.iter().map(|group| group.count).sum::<u64>(), 40);
    assert!(classes.one_temperature.is_none(), "no class has 50 rows");
    const { assert!(MAX_CLASSES >= 1000, "ImageNet has its table") };
}
