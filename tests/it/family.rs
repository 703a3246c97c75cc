//! The calibration measures against independent tools: small sets made by `tests/fixtures/metrics/make.py`, and
//! public CIFAR networks.

use logitscope::analysis::Analysis;
use logitscope::data::{Batch, BatchSource, ValuesRef};
use logitscope::io::OpenOptions;
use logitscope::metrics::{
    ClasswiseBins, Events, Parity, ParityRows, Precision, Selective, SortedByConfidence, aurc,
    auroc, corp, corp_curve, ece, ece_by_bins, equal_mass, equal_width, excess_aurc, ks_error, mce,
    parity, rmsce, rmsce_debiased, selective, smooth_ece, smooth_ece_exact, spiegelhalter,
    top_label_ece,
};
use logitscope::numerics::{binomial_at_most, clopper_pearson_upper, mean, softmax};
use serde_json::Value;

use crate::shared;

const EXACT: f64 = 1e-9;

fn fixture() -> Value {
    serde_json::from_str(include_str!("../fixtures/metrics/expected.json")).expect("JSON")
}

fn items(value: &Value) -> &[Value] {
    value.as_array().expect("an array")
}

/// A class written as a number.
fn class(label: f64) -> usize {
    (0..1000u16).find(|k| (f64::from(*k) - label).abs() < 0.5).expect("a class").into()
}

fn floats(value: &Value) -> Vec<f64> {
    items(value).iter().map(|v| v.as_f64().expect("a number")).collect()
}

/// All that the measures read, with every class's probabilities.
#[derive(Default)]
struct Rows {
    p: Vec<Vec<f64>>,
    label: Vec<usize>,
    prediction: Vec<u32>,
    confidence: Vec<f64>,
    hit: Vec<bool>,
}

impl Rows {
    fn push(&mut self, p: Vec<f64>, label: usize) {
        let first_largest = |best: usize, k: usize| if p[k] > p[best] { k } else { best };
        let prediction = (0..p.len()).fold(0, first_largest);
        self.prediction.push(u32::try_from(prediction).expect("few classes"));
        self.confidence.push(p[prediction]);
        self.hit.push(prediction == label);
        self.p.push(p);
        self.label.push(label);
    }

    fn of_fixture(set: &Value) -> Self {
        let mut rows = Self::default();
        let labels = floats(&set["label"]);
        for (p, label) in items(&set["p"]).iter().zip(labels) {
            rows.push(floats(p), class(label));
        }
        rows
    }

    /// What the headline of two classes reads is the positive one.
    fn headline(&self) -> (Vec<f64>, Vec<bool>) {
        if self.p[0].len() == 2 {
            let positive = self.p.iter().map(|p| p[1]).collect();
            (positive, self.label.iter().map(|y| *y == 1).collect())
        } else {
            (self.confidence.clone(), self.hit.clone())
        }
    }

    fn classwise(&self) -> ClasswiseBins {
        let mut bins = ClasswiseBins::new(self.p[0].len(), 15);
        self.p.iter().zip(&self.label).for_each(|(p, y)| bins.add_row(p, *y));
        bins
    }

    fn nll(&self) -> Vec<f64> {
        self.p.iter().zip(&self.label).map(|(p, y)| -p[*y].ln()).collect()
    }

    fn brier(&self) -> Vec<f64> {
        let one = |(p, y): (&Vec<f64>, &usize)| {
            let square = |(k, p): (usize, &f64)| (p - f64::from(u8::from(k == *y))).powi(2);
            p.iter().enumerate().map(square).sum()
        };
        self.p.iter().zip(&self.label).map(one).collect()
    }
}

/// Collects what disagrees, so that one run shows all of it.
struct Check {
    set: String,
    failures: Vec<String>,
}

impl Check {
    fn close(&mut self, what: &str, got: f64, want: &Value, tolerance: f64) {
        let want = want.as_f64().unwrap_or(f64::NAN);
        let agrees = (got - want).abs() <= tolerance * want.abs().max(1.0);
        let both_undefined = got.is_nan() && want.is_nan();
        if !(agrees || both_undefined) {
            self.failures.push(format!("{}: {what}: {got} instead of {want}", self.set));
        }
    }

    fn all(&mut self, what: &str, got: &[f64], want: &Value, tolerance: f64) {
        let want = want.as_array().expect("an array");
        assert_eq!(got.len(), want.len(), "{what}");
        for (i, (got, want)) in got.iter().zip(want).enumerate() {
            self.close(&format!("{what} {i}"), *got, want, tolerance);
        }
    }

    fn end(self) {
        let n = self.failures.len();
        assert!(n == 0, "{n} disagree:\n{}", self.failures.join("\n"));
    }
}

fn for_each_set(check_set: impl Fn(&mut Check, &Rows, &Value)) {
    let fixture = fixture();
    let mut check = Check { set: String::new(), failures: Vec::new() };
    let sets = fixture["data"].as_object().expect("sets");
    assert_eq!(sets.len(), 4);
    for (name, set) in sets {
        check.set.clone_from(name);
        check_set(&mut check, &Rows::of_fixture(set), set);
    }
    check.end();
}

#[test]
fn measures_of_probability_against_outcome() {
    for_each_set(|check, rows, set| {
        let want = &set["expected"];
        let (p, hit) = rows.headline();
        let sorted = SortedByConfidence::new(&p, &hit);
        let bins = equal_width(&p, &hit, 15);
        check.close("debiased RMSCE", rmsce_debiased(&bins), &want["rmsce_debiased"], EXACT);
        check.close("smooth ECE", smooth_ece(&sorted), &want["smooth_ece"], EXACT);
        // Two grids: each is good to the square of its cell.
        check.close("exact smooth ECE", smooth_ece_exact(&sorted), &want["smooth_ece_exact"], 2e-5);
        check.close("KS", ks_error(&sorted), &want["ks"], EXACT);
        let (test, wanted) = (spiegelhalter(&sorted), &want["spiegelhalter"]);
        check.close("Spiegelhalter z", test.z, &wanted["z"], EXACT);
        check.close("Spiegelhalter p", test.p, &wanted["p"], EXACT);
        check.close("AUROC", auroc(&sorted), &want["auroc"], EXACT);
        let by_bins = ece_by_bins(&sorted, [5, 7, 11, 15, 37, 100]);
        check.all("ECE by bins", &by_bins, &want["ece_by_bins"], EXACT);
    });
}

#[test]
fn isotonic_recalibration_and_the_parts_of_the_brier_score() {
    for_each_set(|check, rows, set| {
        let want = &set["expected"];
        let (p, hit) = rows.headline();
        let sorted = SortedByConfidence::new(&p, &hit);
        let (got, parts) = (corp(&sorted), &want["corp"]);
        for (name, got) in [
            ("miscalibration", got.miscalibration),
            ("discrimination", got.discrimination),
            ("uncertainty", got.uncertainty),
        ] {
            check.close(name, got, &parts[name], EXACT);
        }
        let curve = corp_curve(&sorted);
        let rate = |p: &f64| curve.iter().find(|step| *p <= step.high).map(|step| step.accuracy);
        let rates: Option<Vec<f64>> = p.iter().map(rate).collect();
        let rates = rates.expect("every row is on a step");
        check.all("isotonic regression", &rates, &want["recalibrated"], EXACT);
    });
}

#[test]
fn measures_of_the_confidence_and_of_every_class() {
    for_each_set(|check, rows, set| {
        let want = &set["expected"];
        let sorted = SortedByConfidence::new(&rows.confidence, &rows.hit);
        check.close("AUROC", auroc(&sorted), &want["auroc_confidence"], EXACT);
        check.close("AURC", aurc(&sorted), &want["aurc"], EXACT);
        check.close("excess AURC", excess_aurc(&sorted), &want["excess_aurc"], EXACT);
        let top_label =
            top_label_ece(&rows.prediction, &Events::plain(&rows.confidence, &rows.hit), 15);
        check.close("top-label ECE", top_label, &want["top_label_ece"], EXACT);
        let classwise = rows.classwise();
        check.all("ECE of a class", &classwise.ece_by_class(), &want["classwise"], EXACT);
        let mean_of = mean(&floats(&want["classwise"]));
        assert!((classwise.classwise_ece() - mean_of).abs() < EXACT);
        let targets = [0.01, 0.02, 0.05, 0.1, 0.2];
        for (got, want) in
            selective(&sorted, &targets, 0.95).iter().zip(want["selective"].as_array().unwrap())
        {
            selected(check, got, want);
        }
    });
}

fn selected(check: &mut Check, got: &Selective, want: &Value) {
    let name = |what: &str| format!("{what} at target {}", got.target_risk);
    let observed = got.observed;
    check.close(&name("kept"), observed.kept as f64, &want["kept"], 0.0);
    check.close(&name("coverage"), observed.coverage, &want["coverage"], EXACT);
    check.close(
        &name("threshold"),
        observed.threshold.unwrap_or(f64::NAN),
        &want["threshold"],
        0.0,
    );
    check.close(&name("risk"), observed.risk, &want["risk"], EXACT);
    check.close(&name("upper bound"), got.risk_upper, &want["risk_upper"], EXACT);
}

#[test]
fn the_figures_of_other_libraries() {
    for_each_set(|check, rows, set| {
        let (p, hit) = rows.headline();
        let is_single = set["precision"] == "single";
        let rows = ParityRows {
            probability: &p,
            hit: &hit,
            nll: &rows.nll(),
            mean_nll: mean(&rows.nll()),
            brier: &rows.brier(),
            is_binary: rows.p[0].len() == 2,
            precision: if is_single { Precision::Single } else { Precision::Double },
        };
        // Sums over rows are f32 there.
        let tolerance = if is_single { 1e-6 } else { EXACT };
        for (name, library) in [
            ("torchmetrics", Parity::Torchmetrics),
            ("netcal", Parity::Netcal),
            ("sklearn", Parity::Sklearn),
            ("gpleiss", Parity::Gpleiss),
        ] {
            let wanted = set["expected"]["parity"][name].as_array().unwrap();
            for (got, want) in parity(library, &rows, 15).iter().zip(wanted) {
                check.close(&format!("{name} {}", got.figure), got.theirs, want, tolerance);
            }
        }
    });
}

#[test]
fn binomial_tails_as_scipy_has_them() {
    let mut check = Check { set: "binomial".to_string(), failures: Vec::new() };
    let fixture = fixture();
    for case in fixture["binomial"].as_array().unwrap() {
        let (k, n) = (case["k"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        check.close(
            &format!("{k}/{n} upper"),
            clopper_pearson_upper(k, n, 0.95),
            &case["upper"],
            EXACT,
        );
        for (p, want) in [0.01, 0.05, 0.2].into_iter().zip(case["at_most"].as_array().unwrap()) {
            check.close(
                &format!("P(X <= {k}), n {n}, p {p}"),
                binomial_at_most(k, n, p),
                want,
                EXACT,
            );
        }
    }
    check.end();
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn examples_that_others_published() {
    let path = shared::data("published_examples.json");
    let text = std::fs::read_to_string(path).expect("readable");
    let published: Value = serde_json::from_str(&text).expect("JSON");
    let mut check = Check { set: String::new(), failures: Vec::new() };
    let examples = published["examples"].as_array().unwrap();
    assert!(examples.len() >= 9);
    for (i, example) in examples.iter().enumerate() {
        check.set = format!("example {i}, {}", example["source"]);
        let labels = floats(&example["labels"]);
        let (p, hit): (Vec<f64>, Vec<bool>) = if example["probs_positive"].is_array() {
            (floats(&example["probs_positive"]), labels.iter().map(|y| *y > 0.5).collect())
        } else {
            // These rows need not sum to 1: they are confidences as they stand.
            let mut rows = Rows::default();
            for (p, y) in example["probs"].as_array().unwrap().iter().zip(&labels) {
                rows.push(floats(p), class(*y));
            }
            (rows.confidence, rows.hit)
        };
        let n_bins = usize::try_from(example["bins"].as_u64().unwrap()).unwrap();
        let cut = if example["equal_mass"] == true { equal_mass } else { equal_width };
        let bins = cut(&p, &hit, n_bins);
        let tolerance =
            0.5001 * 10f64.powi(-i32::try_from(example["digits"].as_u64().unwrap()).unwrap());
        check.close("l1", ece(&bins), &example["l1"], tolerance);
        if example["l2"].is_number() {
            check.close("l2", rmsce(&bins), &example["l2"], tolerance);
            check.close("max", mce(&bins).0, &example["max"], tolerance);
        }
    }
    check.end();
}

/// What independent tools give for a public network: before scaling, after it.
struct Network {
    file: &'static str,
    temperature: f64,
    standard_error: f64,
    nll: [f64; 2],
    ece: [f64; 2],
    smooth_ece: [f64; 2],
    ks: [f64; 2],
    classwise_ece: [f64; 2],
    spiegelhalter: [f64; 2],
    miscalibration: [f64; 2],
    aurc: [f64; 2],
}

/// All 10,000 test rows, 15 bins, T fitted on the same rows. Each figure has the digits it was printed with.
const NETWORKS: [Network; 3] = [
    Network {
        file: "cifar_softmax/lenet-5-cifar-10.npz",
        temperature: 1.396_778_987,
        standard_error: 0.014_156,
        nll: [1.369_867_728, 1.311_497_437],
        ece: [0.107_888, 0.012_963],
        smooth_ece: [0.107_82, 0.014_60],
        ks: [0.107_900, 0.010_295],
        classwise_ece: [0.024_060, 0.010_534],
        spiegelhalter: [20.149, -2.966],
        miscalibration: [0.013_917, 0.001_216],
        aurc: [0.271_543, 0.270_079],
    },
    Network {
        file: "cifar_softmax/wideresnet-16-4-cifar-10.npz",
        temperature: 2.052_548_801,
        standard_error: 0.030_528,
        nll: [0.378_169_592, 0.274_486_968],
        ece: [0.053_716, 0.006_152],
        smooth_ece: [0.075_68, 0.009_08],
        ks: [0.053_716, 0.002_504],
        classwise_ece: [0.012_427, 0.009_003],
        spiegelhalter: [51.21, 2.43],
        miscalibration: [0.009_330, 0.000_564],
        aurc: [0.012_940, 0.013_025],
    },
    Network {
        file: "cifar_softmax/densenet-bc-100-cifar-100.npz",
        temperature: 2.117_609_488,
        standard_error: 0.018_311,
        nll: [1.225_626_920, 0.876_613_811],
        ece: [0.142_153, 0.012_041],
        smooth_ece: [0.168_90, 0.014_54],
        ks: [0.142_153, 0.005_142],
        classwise_ece: [0.003_434, 0.001_940],
        spiegelhalter: [79.30, 3.10],
        miscalibration: [0.035_164, 0.001_201],
        aurc: [0.070_884, 0.069_518],
    },
];

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn three_public_networks_before_and_after_scaling() {
    let folder = shared::data("");
    let mut failures = Vec::new();
    for network in &NETWORKS {
        let loaded = shared::open(&folder.join(network.file), &OpenOptions::default());
        let study = shared::study_of(loaded.clone());
        check_network(network, &loaded.fit, &study.analysis, &mut failures);
    }
    let n = failures.len();
    assert!(n == 0, "{n} disagree:\n{}", failures.join("\n"));
}

fn check_network(
    network: &Network,
    source: &dyn BatchSource,
    analysis: &Analysis,
    failures: &mut Vec<String>,
) {
    let mut close = |what: &str, got: f64, want: f64, tolerance: f64| {
        if (got - want).abs() > tolerance || got.is_nan() {
            failures.push(format!("{}: {what}: {got} instead of {want}", network.file));
        }
    };
    let fit = &analysis.fit;
    let t = fit.temperature.expect("a temperature");
    close("T", t, network.temperature, 1e-8);
    let error = fit.standard_error.expect("an error");
    close("se(T)", error, network.standard_error, 6e-7);
    let families = analysis.families.as_ref().expect("they were asked for");
    let before = (&analysis.before.metrics, &families.before);
    let after = analysis.in_sample_after.as_ref().zip(families.in_sample_after.as_ref());
    let sides = [(1.0, before), (t.recip(), after.expect("figures after scaling"))];
    for (i, (b, (metrics, family))) in sides.into_iter().enumerate() {
        let classwise = read(source, b).classwise().classwise_ece();
        for (what, got, want, tolerance) in [
            ("NLL", metrics.nll, network.nll[i], 6e-10),
            ("ECE", metrics.ece, network.ece[i], 6e-7),
            ("smooth ECE", family.smooth_ece, network.smooth_ece[i], 6e-6),
            ("KS", family.ks, network.ks[i], 6e-7),
            ("classwise ECE", classwise, network.classwise_ece[i], 6e-7),
            ("Spiegelhalter z", family.spiegelhalter.z, network.spiegelhalter[i], 6e-3),
            ("MCB", family.corp.miscalibration, network.miscalibration[i], 6e-7),
            ("AURC", family.aurc, network.aurc[i], 1e-6),
        ] {
            close(what, got, want, tolerance);
        }
    }
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn two_classes_are_read_both_ways() {
    let path = shared::data("sms_spam/val.csv");
    let loaded = shared::open(&path, &OpenOptions::default());
    let study = shared::study_of(loaded.clone());
    let before = study.analysis.families.expect("they were asked for").before;
    let rows = read(&loaded.fit, 1.0);
    let (positive, is_positive) = rows.headline();
    let positive = SortedByConfidence::new(&positive, &is_positive);
    let confidence = SortedByConfidence::new(&rows.confidence, &rows.hit);
    let same = |got: f64, want: f64| assert!((got - want).abs() < EXACT, "{got} instead of {want}");
    same(before.auroc, auroc(&positive));
    same(before.ks, ks_error(&positive));
    same(before.corp.miscalibration, corp(&positive).miscalibration);
    same(before.auroc_top_class.expect("two classes"), auroc(&confidence));
    same(before.aurc, aurc(&confidence));
    assert!(before.auroc - auroc(&confidence) > 0.01, "the two readings differ");
}

/// Every row at inverse temperature b, renormalised to sum 1 as every row of ours is.
fn read(source: &dyn BatchSource, b: f64) -> Rows {
    let mut rows = Rows::default();
    let mut visit = |batch: Batch<'_>| {
        let k = batch.n_classes;
        for (i, label) in batch.labels.iter().enumerate() {
            let mut p = vec![0.0; k];
            match batch.values {
                ValuesRef::F32(z) => softmax(&z[i * k..(i + 1) * k], b, &mut p),
                ValuesRef::F64(z) => softmax(&z[i * k..(i + 1) * k], b, &mut p),
            }
            rows.push(p, label.index().expect("every row is labelled"));
        }
        Ok(())
    };
    source.read(&mut visit).expect("data in memory can be read again");
    rows
}
