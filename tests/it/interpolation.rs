//! Figures from the curves of the rows against exact ones, over a wide range of temperatures.

use std::path::Path;

use logitscope::data::Temperature;
use logitscope::io::OpenOptions;
use logitscope::metrics::{Binning, DiagramOptions};

use crate::shared;

/// Largest error of the mean NLL, in nats.
const NLL: f64 = 1e-4;

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn interpolated_figures_stay_close_to_exact_ones() {
    let folder = shared::data("");
    let diagram = DiagramOptions { n_bins: 15, binning: Binning::Width };
    let mut failures = Vec::new();
    let mut n_sets = 0;
    for (file, step) in sets(&folder) {
        let options = OpenOptions { step, ..OpenOptions::default() };
        let study = shared::study_of(shared::open(&folder.join(&file), &options));
        // The sets without a temperature have no range to look at.
        let Some(fitted) = study.analysis.fit.temperature else {
            continue;
        };
        n_sets += 1;
        let n_rows = study.rows().len() as f64;
        for i in 0..40 {
            let t = fitted / 16.0 * 256f64.powf(f64::from(i) / 39.0);
            let t = Temperature::new(t).expect("positive");
            let near = study.figures_at(t, diagram);
            let exact = study.exact_figures_at(t, diagram, &mut || true).expect("in memory");
            assert!(exact.exact);
            let nll = (near.metrics.nll - exact.metrics.nll).abs();
            let ece = (near.metrics.ece - exact.metrics.ece).abs();
            if !(nll <= NLL && ece <= f64::max(2e-3, 2.0 / n_rows)) {
                failures.push(format!(
                    "{file} step {step:?}: T {}: NLL off by {nll:e}, ECE {ece:e}",
                    t.value()
                ));
            }
        }
    }
    assert!(n_sets >= 24, "only {n_sets} sets");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every set of the shared data that has logits, labels and one temperature, and each step of a series.
fn sets(folder: &Path) -> Vec<(String, Option<u64>)> {
    let single = [
        "cifar10_densenet40/logits.npz",
        "cifar_softmax/lenet-5-cifar-10.npz",
        "cifar_softmax/wideresnet-16-4-cifar-10.npz",
        "cifar_softmax/densenet-bc-100-cifar-100.npz",
        "hpc_lda/hpc_cv.csv",
        "digits_small/val.csv",
        "magika/logits.parquet",
        "word_lm/val_logits.f16.npy",
        "sms_spam/val.csv",
        "sms_spam/val_strong_regularisation.csv",
    ];
    let text = std::fs::read_to_string(folder.join("reference.json")).expect("readable");
    let reference: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let keys = reference["data"].as_object().expect("an object").keys();
    let steps = keys.filter_map(|key| {
        let (file, step) = key.split_once('@')?;
        Some((file.to_owned(), Some(step.parse().expect("a number"))))
    });
    let single = single.iter().map(|file| ((*file).to_owned(), None));
    single.chain(steps).collect()
}
