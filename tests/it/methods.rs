//! What needs every probability of a row: classwise figures, and more than one temperature.

use logitscope::io::OpenOptions;
use logitscope::pipeline::Study;

use crate::shared::{data, open, study_of};

/// The last digit of published figures.
const PRINTED: f64 = 6e-7;

fn network(name: &str) -> Study {
    let path = data(&format!("cifar_softmax/{name}.npz"));
    study_of(open(&path, &OpenOptions::default()))
}

#[test]
#[cfg_attr(not(shared_data), ignore = "needs ../shared/data")]
fn classwise_ece_of_published_networks() {
    // From numpy, all rows, before and after the temperature fitted on them.
    let networks = [
        ("lenet-5-cifar-10", [0.024_060, 0.010_534]),
        ("wideresnet-16-4-cifar-10", [0.012_427, 0.009_003]),
        ("densenet-bc-100-cifar-100", [0.003_434, 0.001_940]),
    ];
    for (name, want) in networks {
        let study = network(name);
        let families = study.analysis.families.as_ref().expect("asked for");
        let in_sample = families.in_sample_after.as_ref().expect("a temperature");
        let got = [&families.before, in_sample].map(|f| f.classwise_ece.expect("logits at hand"));
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < PRINTED, "{name}: {got} not {want}");
        }
        let classes = families.classwise.as_ref().expect("logits at hand");
        let after = classes.after.as_ref().expect("a temperature");
        let mean = after.iter().map(|class| class.ece).sum::<f64>() / after.len() as f64;
        let out_of_fold = families.after.as_ref().and_then(|f| f.classwise_ece);
        assert!((out_of_fold.expect("logits at hand") - mean).abs() < 1e-12);
        let frequency: f64 = after.iter().map(|class| class.frequency).sum();
        let probability: f64 = after.iter().map(|class| class.mean_probability).sum();
        assert!((frequency - 1.0).abs() < 1e-12 && (probability - 1.0).abs() < 1e-9);
    }
}
