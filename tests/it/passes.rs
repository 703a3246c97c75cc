//! How often a study reads each row.

use std::sync::Arc;

use logitscope::data::{
    Batch, BatchSource, Counted, Kind, Label, MemorySource, SourceError, SourceInfo, Task,
    Temperature, Values,
};
use logitscope::metrics::{Binning, DiagramOptions};
use logitscope::pipeline::{Sources, Study, study};
use logitscope::summarize::SAMPLE_ROWS;

use crate::shared;

/// Rows of a network that is too sure of itself: seeded, right about 7 times out of 10.
pub(crate) fn overconfident(n_rows: usize, n_classes: usize, scale: f64) -> MemorySource {
    let mut state = 7u64;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
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
        task: if n_classes == 2 { Task::Binary } else { Task::Multiclass },
        n_classes,
        class_names: None,
        n_labels: None,
        label_names: None,
        single_score: false,
        n_bytes: 0,
        guesses: Vec::new(),
    }
}

/// A study of `source`, the passes over its rows, and the rows in samples.
fn counted(source: MemorySource) -> (Study, usize, usize) {
    let (n_rows, n_classes) = (source.n_rows(), source.n_classes());
    let source = Arc::new(Counted::new(source));
    let shared: Arc<dyn BatchSource> = source.clone();
    let sources = Sources { info: info(n_classes), fit: shared, test: None };
    let study = study(sources, &shared::options(), &mut |_| true).expect("in memory");
    assert!(study.analysis.fit.temperature.is_some());
    assert!(study.analysis.before.exact);
    assert_eq!(source.n_read() % n_rows, 0, "a pass reads every row");
    (study, source.n_read() / n_rows, source.n_sampled())
}

/// Passes over the rows, and rows in samples, that a study of `n_classes` classes takes.
fn passes(n_rows: usize, n_classes: usize) -> (usize, usize) {
    let (_, n_passes, n_sampled) = counted(overconfident(n_rows, n_classes, 1.7));
    (n_passes, n_sampled)
}

#[test]
fn few_classes_take_one_pass() {
    assert_eq!(passes(6000, 10), (1, 0));
}

#[test]
fn many_classes_take_a_sample_a_summary_pass_one_exact_and_one_classwise_pass() {
    let (n_passes, n_sampled) = passes(6000, 100);
    assert_eq!(n_passes, 3);
    assert!((1..=SAMPLE_ROWS).contains(&n_sampled), "{n_sampled}");
}

#[test]
fn curves_cover_the_fitted_temperature_whatever_the_scale() {
    // Of the order of a model whose logits exploded, and of one whose logits are too small by far.
    for (scale, low, high) in [(50_000.0, 1e4, 1e6), (0.08, 0.03, 0.3)] {
        let (study, n_passes, _) = counted(overconfident(3000, 100, scale));
        let fitted = study.analysis.fit.temperature.expect("there is one");
        assert!((low..high).contains(&fitted), "{fitted}");
        assert_eq!(n_passes, 3);
        assert_curve_is_right(&study, fitted);
    }
}

/// A source whose sample misleads: what it hands out there is `sampled` instead.
struct Misleading {
    rows: MemorySource,
    sampled: MemorySource,
}

impl BatchSource for Misleading {
    fn n_classes(&self) -> usize {
        self.rows.n_classes()
    }

    fn n_rows(&self) -> usize {
        self.rows.n_rows()
    }

    fn kind(&self) -> Kind {
        self.rows.kind()
    }

    fn read(
        &self,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.rows.read(visit)
    }

    fn sample(
        &self,
        n_wanted: usize,
        visit: &mut dyn FnMut(Batch<'_>) -> Result<(), SourceError>,
    ) -> Result<(), SourceError> {
        self.sampled.sample(n_wanted, visit)
    }

    fn sha256_labels(&self) -> String {
        self.rows.sha256_labels()
    }
}

#[test]
fn nodes_in_the_wrong_place_are_noticed_and_laid_again() {
    for (scale, misleading) in [(1.7, 5e4), (5e4, 1.7), (0.05, 1.7)] {
        let source = Misleading {
            rows: overconfident(3000, 100, scale),
            sampled: overconfident(500, 100, misleading),
        };
        let counted = Arc::new(Counted::new(source));
        let fit: Arc<dyn BatchSource> = counted.clone();
        let sources = Sources { info: info(100), fit, test: None };
        let misled = study(sources, &shared::options(), &mut |_| true).expect("in memory");
        let honest = self::counted(overconfident(3000, 100, scale)).0;
        let fitted = |study: &Study| study.analysis.fit.temperature.expect("there is one");
        assert!((fitted(&misled) / fitted(&honest) - 1.0).abs() < 1e-9, "scale {scale}");
        // Nodes that surround 1 as well as the sample's temperature may reach far enough as they are.
        assert!((3..=5).contains(&(counted.n_read() / 3000)), "scale {scale}");
        assert_curve_is_right(&misled, fitted(&misled));
    }
}

/// Interpolated figures from T/16 to 16 T against exact ones.
fn assert_curve_is_right(study: &Study, fitted: f64) {
    let diagram = DiagramOptions { n_bins: 15, binning: Binning::Width };
    for i in 0..=16 {
        let t = Temperature::new(fitted / 16.0 * 256f64.powf(f64::from(i) / 16.0));
        let t = t.expect("positive");
        let near = study.figures_at(t, diagram);
        let exact = study.exact_figures_at(t, diagram, &mut || true).expect("in memory");
        let error = (near.metrics.nll - exact.metrics.nll).abs();
        assert!(
            error <= 1e-4 * exact.metrics.nll.max(1.0),
            "T {}: NLL off by {error:e}",
            t.value()
        );
    }
}

#[test]
fn the_number_of_threads_changes_no_figure() {
    for n_classes in [10, 100] {
        let on = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build();
            let study =
                pool.expect("a pool").install(|| counted(overconfident(5000, n_classes, 1.7)).0);
            let analysis = study.analysis;
            // As text, which holds every digit of a number, and in which NaN (of an empty bin) is NaN.
            let (fit, before, after) = (analysis.fit, analysis.before, analysis.after);
            let families = analysis.families;
            format!("{:?}", (fit, before, after, analysis.curves, families))
        };
        assert!(on(1) == on(4), "K = {n_classes}");
    }
}
