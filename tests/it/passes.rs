//! How often a study reads each row.

use std::sync::Arc;

use logitscope::data::{BatchSource, Counted, Kind, Label, MemorySource, SourceInfo, Task, Values};
use logitscope::pipeline::{Sources, study};
use logitscope::summarize::SAMPLE_ROWS;

use crate::shared;

/// Rows of a network that is too sure of itself: seeded, right about 7 times out of 10.
pub(crate) fn overconfident(n_rows: usize, n_classes: usize, scale: f64) -> MemorySource {
    let mut state = 7u64;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut values = Vec::with_capacity(n_rows * n_classes);
    let mut labels = Vec::with_capacity(n_rows);
    for row in 0..n_rows {
        let label = row % n_classes;
        let strength = 6.0 * uniform();
        for class in 0..n_classes {
            let noise = uniform() + uniform() + uniform() - 1.5;
            values.push(scale * (2.0 * noise + if class == label { strength } else { 0.0 }));
        }
        labels.push(Label::class(u32::try_from(label).expect("few")).expect("few"));
    }
    MemorySource::new(n_classes, Kind::Logits, Values::F64(values), labels).expect("lengths agree")
}

pub(crate) fn info(n_classes: usize) -> SourceInfo {
    SourceInfo {
        path: "made-up".to_owned(),
        format: "npy".to_owned(),
        dtype: "f64".to_owned(),
        kind: Kind::Logits,
        task: if n_classes == 2 {
            Task::Binary
        } else {
            Task::Multiclass
        },
        n_classes,
        class_names: None,
        n_bytes: 0,
        guesses: Vec::new(),
    }
}

/// Passes over the rows, and rows in samples, that a study of `n_classes` classes takes.
fn passes(n_rows: usize, n_classes: usize) -> (usize, usize) {
    let source = Arc::new(Counted::new(overconfident(n_rows, n_classes, 1.7)));
    let shared: Arc<dyn BatchSource> = source.clone();
    let sources = Sources {
        info: info(n_classes),
        fit: shared,
        test: None,
    };
    let study = study(sources, &shared::options(), &mut |_| true).expect("in memory");
    assert!(study.analysis.fit.temperature.is_some());
    assert!(study.analysis.before.exact);
    assert_eq!(source.n_read() % n_rows, 0, "a pass reads every row");
    (source.n_read() / n_rows, source.n_sampled())
}

#[test]
fn few_classes_take_one_pass() {
    assert_eq!(passes(6000, 10), (1, 0));
}

#[test]
fn many_classes_take_a_sample_a_summary_pass_and_one_exact_pass() {
    let (n_passes, n_sampled) = passes(6000, 100);
    assert!(n_passes <= 3, "{n_passes}");
    assert!(n_sampled <= SAMPLE_ROWS, "{n_sampled}");
}
