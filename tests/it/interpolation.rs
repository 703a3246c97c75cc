//! Figures from the curves of the rows against exact ones, over a wide range of temperatures.

use logitscope::data::Temperature;
use logitscope::io::OpenOptions;
use logitscope::metrics::{Binning, DiagramOptions};

use crate::shared;

/// Largest error of the mean NLL, in nats.
const NLL: f64 = 1e-4;

#[test]
fn interpolated_figures_stay_close_to_exact_ones() {
    let Some(folder) = shared::data("") else {
        return;
    };
    let diagram = DiagramOptions {
        n_bins: 15,
        binning: Binning::Width,
    };
    let files = [
        "cifar10_densenet40/logits.npz",
        "cifar_softmax/densenet-bc-100-cifar-100.npz",
        "magika/logits.parquet",
        "word_lm/val_logits.f16.npy",
        "digits_cnn/broken_exploding.npz",
        "sms_spam/val.csv",
    ];
    let mut failures = Vec::new();
    for file in files {
        let study = shared::study_of(shared::open(&folder.join(file), &OpenOptions::default()));
        let fitted = study
            .analysis
            .fit
            .temperature
            .expect("these sets have a temperature");
        let n_rows = study.rows().len() as f64;
        for i in 0..40 {
            let t = fitted / 16.0 * 256f64.powf(f64::from(i) / 39.0);
            let t = Temperature::new(t).expect("positive");
            let near = study.figures_at(t, diagram);
            let exact = study
                .exact_figures_at(t, diagram, &mut || true)
                .expect("in memory");
            assert!(exact.exact);
            let nll = (near.metrics.nll - exact.metrics.nll).abs();
            let ece = (near.metrics.ece - exact.metrics.ece).abs();
            if !(nll <= NLL && ece <= f64::max(2e-3, 2.0 / n_rows)) {
                failures.push(format!(
                    "{file}: T {}: NLL off by {nll:e}, ECE {ece:e}",
                    t.value()
                ));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
