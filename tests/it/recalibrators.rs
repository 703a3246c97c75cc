//! Recalibrators against scipy and scikit-learn (`tests/fixtures/recalibrators`), and on real outputs.

use std::path::Path;

use logitscope::analysis::{AnalysisOptions, Comparison, MethodFigures, ScoresError};
use logitscope::data::{Kind, Label, MemorySource, Values};
use logitscope::fit::recalibrate::{
    Features, FitRows, Fitted, Judged, Method, Recalibrator, judge, recalibrate,
};
use logitscope::fit::{fit_in_folds, random_folds};
use logitscope::io::OpenOptions;
use logitscope::metrics::{RowsAt, metrics};
use logitscope::pipeline::Study;
use logitscope::summarize::{RowSummaries, Scores, summarize};
use serde_json::Value;

use crate::shared::{self, data, open, study_of};

/// Two searches that both end where the gradient vanishes.
const SAME_NLL: f64 = 1e-10;

/// Parameters follow the square root of what the NLL can tell.
const SAME_PARAMETER: f64 = 2e-5;

struct Case {
    rows: RowSummaries,
    b: f64,
    want: Value,
}

fn case(name: &str) -> Case {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/recalibrators/expected.json");
    let text = std::fs::read_to_string(path).expect("the fixture");
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let want = all[name].clone();
    let rows = want["logits"].as_array().expect("rows");
    let n_classes = rows[0].as_array().expect("a row").len();
    let values = rows.iter().flat_map(numbers).collect();
    let label = |label: &Value| {
        let label = label.as_u64().and_then(|label| u32::try_from(label).ok());
        Label::class(label.expect("small")).expect("small")
    };
    let labels = want["labels"].as_array().expect("labels").iter().map(label).collect();
    let source = MemorySource::new(n_classes, Kind::Logits, Values::F64(values), labels);
    let source = source.expect("lengths agree");
    Case {
        rows: summarize(&source, 1.0, &mut |_| true).expect("in memory"),
        b: number(&want["inverse_temperature"]),
        want,
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("numbers").iter().map(number).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn close(got: &[f64], want: &[f64], tolerance: f64, what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() < tolerance, "{what}: {got} not {want}");
    }
}

impl Case {
    fn fit(&self, method: Method) -> (Fitted, Judged) {
        let scores = Scores::new(&self.rows, None).expect("few classes keep their scores");
        let features = Features::new(scores, &mut || true).expect("in memory");
        // Every fifth row, for the choice of the ridge.
        let fold_of: Vec<u32> = (0..5).cycle().take(self.rows.len()).collect();
        let on = FitRows {
            scores,
            fold_of: &fold_of,
            without: None,
            b: self.b,
            features: features.as_ref(),
        };
        let fitted = recalibrate(method, on, &mut || true).expect("in memory");
        let fitted = fitted.expect("it can be fitted");
        let judged = judge(scores, &|_| &fitted.map, &mut || true).expect("in memory");
        (fitted, judged)
    }

    fn nll(&self, method: Method) -> f64 {
        mean(&self.fit(method).1.nll)
    }

    /// Under a penalty the NLL is not at its own minimum, and follows the parameters at first order.
    fn assert_affine(&self, method: Method, want: &Value) {
        let (fitted, judged) = self.fit(method);
        let nll = mean(&judged.nll);
        assert!(fitted.is_converged, "{method:?}");
        let tolerance = fitted.penalty.map_or(SAME_NLL, |_| 1e-7);
        close(&[nll], &[number(&want["nll"])], tolerance, method.name());
        let Recalibrator::Affine(map) = fitted.map else { panic!("{method:?} is affine") };
        close(&map.scale, &numbers(&want["scale"]), SAME_PARAMETER, method.name());
        close(&map.bias, &numbers(&want["bias"]), SAME_PARAMETER, method.name());
    }
}

#[test]
fn factors_and_biases_agree_with_scipy() {
    for name in ["four", "noisy"] {
        let case = case(name);
        let temperature = number(&case.want["temperature_nll"]);
        close(&[case.nll(Method::Temperature)], &[temperature], SAME_NLL, "temperature");
        case.assert_affine(Method::BiasCorrectedTemperature, &case.want["shared"]);
        case.assert_affine(Method::Vector, &case.want["vector"]);
        let strength = case.fit(Method::StructuredVector).0.penalty.expect("a ridge");
        let want = &case.want["structured"][strength.to_string()];
        case.assert_affine(Method::StructuredVector, want);
    }
    let two = case("two");
    two.assert_affine(Method::Platt, &two.want["shared"]);
}

#[test]
fn beta_and_isotonic_agree_with_scikit_learn() {
    for name in ["four", "two", "noisy"] {
        let case = case(name);
        let (fitted, judged) = case.fit(Method::Beta);
        let Recalibrator::Beta(classes) = &fitted.map else { panic!("beta") };
        let want = &case.want["beta"];
        let of = |part: fn(&logitscope::fit::recalibrate::Beta) -> f64| -> Vec<f64> {
            classes.iter().map(part).collect()
        };
        close(&of(|beta| beta.a), &numbers(&want["a"]), 1e-4, "a");
        close(&of(|beta| beta.b), &numbers(&want["b"]), 1e-4, "b");
        close(&of(|beta| beta.c), &numbers(&want["c"]), 1e-4, "c");
        // Each class has its optimum, not their normalised product: first order in the parameters.
        close(&[mean(&judged.nll)], &[number(&want["nll_finite"])], 1e-6, "NLL of beta");
        close(&[mean(&judged.brier)], &[number(&want["brier"])], 1e-6, "Brier of beta");

        let (_, judged) = case.fit(Method::Isotonic);
        let want = &case.want["isotonic"];
        let finite: Vec<f64> = judged.nll.iter().copied().filter(|nll| nll.is_finite()).collect();
        assert_eq!(judged.nll.len() - finite.len(), 0, "as scikit-learn: {}", want["impossible"]);
        close(&[mean(&finite)], &[number(&want["nll_finite"])], 1e-10, "NLL of isotonic");
        close(&[mean(&judged.brier)], &[number(&want["brier"])], 1e-10, "Brier of isotonic");
    }
}

#[test]
fn ensemble_weights_agree_with_expectation_maximisation_inside_the_simplex_and_in_its_corner() {
    for name in ["four", "two", "noisy"] {
        let case = case(name);
        let (fitted, judged) = case.fit(Method::EnsembleTemperature);
        let want = &case.want["ensemble"];
        close(&[mean(&judged.nll)], &[number(&want["nll"])], SAME_NLL, name);
        let Recalibrator::Ensemble { weights, .. } = fitted.map else { panic!("an ensemble") };
        close(&weights, &numbers(&want["weights"]), 1e-4, name);
    }
}

#[test]
fn a_fit_is_stopped_when_asked() {
    let case = case("four");
    let scores = Scores::new(&case.rows, None).expect("kept");
    let fold_of = vec![0; case.rows.len()];
    let on = FitRows { scores, fold_of: &fold_of, without: None, b: case.b, features: None };
    let mut left = 3;
    let stopped = recalibrate(Method::Vector, on, &mut || {
        left -= 1;
        left > 0
    });
    assert!(stopped.is_err());
    let without = recalibrate(Method::Beta, on, &mut || true).expect("in memory");
    assert!(without.is_none(), "no features");
}

fn compare(study: &Study, options: &AnalysisOptions) -> Comparison {
    let compared = study.compare_methods(options, &mut |at| at.done <= at.total);
    compared.expect("folds, and scores at hand")
}

fn of(comparison: &Comparison, method: Method) -> &MethodFigures {
    let found = comparison.methods.iter().find(|m| m.method == method);
    found.expect("it was compared")
}

/// NLL, Brier and ECE of the rows, each at the temperature of the blind folds that it is not in.
fn in_blind_folds(study: &Study) -> [f64; 3] {
    let (rows, options) = (study.rows(), shared::options());
    let b = study.analysis.fit.inverse_temperature.expect("a temperature");
    let fold_of = random_folds(&rows.units(), 5, options.seed);
    let bs = fit_in_folds(rows, (&fold_of, 5), b).expect("enough rows");
    let at = RowsAt::each(rows, |idx| bs[fold_of[idx] as usize].expect("a temperature"));
    let of_all = metrics(rows, &at, options.n_bins);
    [of_all.nll, of_all.brier, of_all.ece]
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn vector_scaling_reaches_the_optimum_of_published_networks() {
    // In sample, from scipy.
    let networks = [("lenet-5-cifar-10", 1.303_363), ("wideresnet-16-4-cifar-10", 0.238_297)];
    for (name, want) in networks {
        let path = data(&format!("cifar_softmax/{name}.npz"));
        let study = study_of(open(&path, &OpenOptions::default()));
        let compared = compare(&study, &shared::options());
        let got = of(&compared, Method::Vector).in_sample_nll;
        assert!((got - want).abs() < 1e-6, "{name}: {got} not {want}");
        // The temperature is judged as everywhere, but in folds that do not look at labels.
        let temperature = of(&compared, Method::Temperature);
        let want = in_blind_folds(&study);
        let got = [temperature.nll, temperature.brier, temperature.ece];
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-12, "{name}: {got} not {want}");
        }
        let in_sample = study.analysis.in_sample_after.expect("a temperature").nll;
        assert!((temperature.in_sample_nll - in_sample).abs() < 1e-12);
        let none = of(&compared, Method::None);
        assert!((none.nll - study.analysis.before.metrics.nll).abs() < 1e-12);
        // More parameters flatter themselves on the rows they were fitted on.
        let vector = of(&compared, Method::Vector);
        assert!(vector.in_sample_nll < vector.nll && vector.converged);
        let in_order = compared.methods.is_sorted_by(|x, y| x.nll <= y.nll);
        assert!(in_order, "ranked by NLL");
    }
}

/// Rows at temperature 2 whose labels follow the scaled logits exactly, or with a bias for the first class.
fn drawn(n: usize, k: usize, bias: f64) -> MemorySource {
    drawn_with((n, k), (6.0, bias))
}

/// The same with logits from minus `reach` to `reach`.
fn drawn_with((n, k): (usize, usize), (reach, bias): (f64, f64)) -> MemorySource {
    let mut state = 7u64;
    let mut uniform = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let z: Vec<f64> = (0..k).map(|_| reach * (uniform() + uniform() - 1.0)).collect();
        let u = |class: usize| z[class] / 2.0 + if class == 0 { bias } else { 0.0 };
        let p: Vec<f64> = (0..k).map(|class| u(class).exp()).collect();
        let (mut left, mut label) = (uniform() * p.iter().sum::<f64>(), 0);
        while label + 1 < k && left > p[label] {
            left -= p[label];
            label += 1;
        }
        values.extend(z);
        labels.push(Label::class(u32::try_from(label).expect("small")).expect("small"));
    }
    MemorySource::new(k, Kind::Logits, Values::F64(values), labels).expect("lengths agree")
}

fn study_of_drawn(n: usize, k: usize, bias: f64) -> Study {
    study_of_rows(drawn(n, k, bias), k)
}

fn study_of_rows(rows: MemorySource, k: usize) -> Study {
    let sources = logitscope::pipeline::Sources {
        info: shared_info(k),
        fit: std::sync::Arc::new(rows),
        test: None,
    };
    logitscope::pipeline::study(sources, &shared::options(), &mut |_| true).expect("in memory")
}

fn shared_info(n_classes: usize) -> logitscope::data::SourceInfo {
    crate::passes::info(n_classes)
}

#[test]
fn temperature_is_enough_where_it_is_and_a_bias_is_found_where_there_is_one() {
    let enough = compare(&study_of_drawn(4000, 5, 0.0), &shared::options());
    assert_eq!(enough.verdict, Method::Temperature, "{:?}", enough.methods[0]);
    let biased = compare(&study_of_drawn(4000, 5, 1.0), &shared::options());
    let winner = of(&biased, biased.verdict);
    let gain = winner.gain.expect("finite");
    assert!(gain.low > 0.0 && gain.nll > 3.0 * gain.standard_error);
    let Recalibrator::Affine(map) = &of(&biased, Method::BiasCorrectedTemperature).parameters
    else {
        panic!("affine")
    };
    // Centred biases 4/5 and four times -1/5, within five standard errors or so.
    assert!((map.bias[0] - 0.8).abs() < 0.2 && (map.scale[0] - 0.5).abs() < 0.05, "{map:?}");
}

#[test]
fn chance_shares_of_labels_are_no_gain_of_a_bias_for_every_class() {
    // Forty classes that logits hardly tell apart, 40 labels or so each. In folds of equal shares of every label 39
    // biases gain as much as in sample, 39 / 2N nats or three standard errors; on new rows they lose that much.
    let study = study_of_rows(drawn_with((1600, 40), (1.0, 0.0)), 40);
    let compared = compare(&study, &shared::options());
    assert_eq!(compared.verdict, Method::Temperature);
    let biases = of(&compared, Method::BiasCorrectedTemperature);
    let temperature = of(&compared, Method::Temperature);
    assert!(temperature.in_sample_nll - biases.in_sample_nll > 39.0 / 2.0 / 1600.0 / 2.0);
    let gain = biases.gain.expect("finite");
    assert!(gain.nll < 0.0, "{gain:?}");
    let truth = -39.0 / 2.0 / 1600.0;
    assert!(gain.low < truth && truth < gain.high, "{gain:?}");
}

#[test]
fn many_classes_are_read_from_the_source() {
    let study = study_of_drawn(2500, 60, 2.0);
    let compared = compare(&study, &shared::options());
    assert!(of(&compared, Method::StructuredVector).gain.expect("finite").low > 0.0);
    let after = study.analysis.after.as_ref().expect("a temperature");
    // Stratified folds there, blind ones here.
    assert!((of(&compared, Method::Temperature).nll / after.metrics.nll - 1.0).abs() < 1e-3);
}

#[test]
fn in_sample_figures_are_refused() {
    let sources = logitscope::pipeline::Sources {
        info: shared_info(4),
        fit: std::sync::Arc::new(drawn(500, 4, 0.0)),
        test: None,
    };
    let options = AnalysisOptions { n_folds: 0, ..shared::options() };
    let study = logitscope::pipeline::study(sources, &options, &mut |_| true).expect("in memory");
    let refused = study.compare_methods(&options, &mut |_| true);
    assert!(matches!(refused, Err(ScoresError::InSample)));
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn thresholds_of_rare_messages_meet_their_precision_on_the_test_file() {
    let folder = data("sms_spam");
    for suffix in ["", "_strong_regularisation"] {
        let file = |part: &str| {
            let path = folder.join(format!("{part}{suffix}.csv"));
            logitscope::pipeline::Inputs::from(open(&path, &OpenOptions::default()))
        };
        let inputs = file("val").judged_on(file("test")).expect("the same classes");
        let options = shared::options();
        let study = logitscope::pipeline::study(inputs, &options, &mut |_| true);
        let study = study.expect("small files");
        for precision in [0.8, 0.9, 0.95] {
            let asked = logitscope::analysis::ThresholdOptions { precision, level: 0.95 };
            let chosen = study.thresholds(&options, asked, &mut || true).expect("binary");
            let [spam] = &chosen.classes[..] else { panic!("the positive class alone") };
            let met = spam.precision_met;
            assert!(met.threshold.is_some() && met.kept > 0, "{precision}{suffix}");
            assert!(met.precision >= precision, "{precision}{suffix}: {met:?}");
            assert!(met.precision_lower <= met.precision);
            // No other threshold of these rows could have been better by more than its luck.
            assert!(spam.largest_f1.f1 >= met.f1 - 0.02, "{precision}{suffix}: {spam:?}");
        }
    }
}
