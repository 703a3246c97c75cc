//! Figures of the first rows, while the others come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use logitscope::analysis::AnalysisOptions;
use logitscope::data::{BatchSource, Counted, Kind, MemorySource, SourceError, Values};
use logitscope::metrics::{Binning, DiagramOptions};
use logitscope::pipeline::{
    Audience, FirstRows, Sources, Study, StudyProgress, study, study_before,
};

use crate::passes::{info, overconfident};
use crate::shared;

/// Rows of a batch of a source in memory.
const BATCH: usize = 4096;

/// Asks for figures at every batch, of `at_most` rows, and keeps them.
struct Onlooker {
    at_most: usize,
    studies: Vec<Study>,
    expected: u64,
    told: u64,
    /// Raises the flag in this phase.
    stop_in: Option<&'static str>,
    stop: Arc<AtomicBool>,
}

impl Onlooker {
    fn new(at_most: usize) -> Self {
        Self {
            at_most,
            studies: Vec::new(),
            expected: 0,
            told: 0,
            stop_in: None,
            stop: Arc::default(),
        }
    }
}

impl Audience for Onlooker {
    fn begin(&mut self, n_rows: u64) {
        self.expected = n_rows;
    }

    fn progress(&mut self, p: StudyProgress) -> bool {
        if p.done == p.total {
            self.told += p.total;
        }
        if self.stop_in == Some(p.phase) {
            self.stop.store(true, Ordering::Relaxed);
        }
        true
    }

    fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    fn wants_preview(&mut self, _: u64) -> Option<usize> {
        Some(self.at_most)
    }

    fn preview(&mut self, study: Study) {
        self.studies.push(study);
    }
}

fn sources(fit: MemorySource, test: Option<MemorySource>) -> Sources {
    Sources {
        info: info(fit.n_classes()),
        fit: Arc::new(fit),
        test: test.map(|source| -> Arc<dyn BatchSource> { Arc::new(source) }),
    }
}

/// The first `n` rows of `source`.
fn first(source: &MemorySource, n: usize) -> MemorySource {
    let k = source.n_classes();
    let Values::F64(values) = source.values() else {
        panic!("made of f64");
    };
    let values = Values::F64(values[..n * k].to_vec());
    MemorySource::new(k, Kind::Logits, values, source.labels()[..n].to_vec())
        .expect("lengths agree")
}

/// Every number to the last bit; empty bins hold NaN, which no comparison finds equal.
fn words(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

fn in_sample() -> AnalysisOptions {
    AnalysisOptions {
        n_folds: 0,
        families: false,
        curves: true,
        findings: true,
        n_draws: 0,
        ..shared::options()
    }
}

#[test]
fn few_classes_give_the_very_figures_of_the_first_rows() {
    let source = overconfident(10_000, 10, 1.7);
    let mut onlooker = Onlooker::new(usize::MAX);
    let whole = study_before(sources(source.clone(), None), &shared::options(), &mut onlooker);
    assert_eq!(whole.expect("in memory").first, None);
    let reads: Vec<u64> = onlooker.studies.iter().map(|s| s.counts.read).collect();
    assert_eq!(reads, [4096, 8192, 10_000]);
    for (n, preview) in [BATCH, 2 * BATCH].into_iter().zip(&onlooker.studies) {
        let part = sources(first(&source, n), None);
        let alone = study(part, &in_sample(), &mut |_| true).expect("in memory");
        assert_eq!(words(&preview.analysis), words(&alone.analysis));
        assert_eq!(preview.counts, alone.counts);
        let covered = FirstRows { read: n as u64, total: 10_000, every: 1 };
        assert_eq!(preview.first, Some(covered));
    }
}

#[test]
fn many_classes_are_interpolated_and_say_so() {
    let source = overconfident(9000, 100, 1.7);
    let mut onlooker = Onlooker::new(1000);
    let whole = study_before(sources(source.clone(), None), &shared::options(), &mut onlooker);
    assert!(whole.expect("in memory").analysis.before.exact);
    let preview = &onlooker.studies[0];
    assert_eq!(preview.first.expect("first rows").every, 5);
    assert_eq!((preview.counts.read, preview.counts.used), (4096, 820));
    // T = 1 rides along with the summary pass; the fitted temperature has no exact column yet.
    let after = preview.analysis.after.as_ref().expect("a temperature");
    assert!(!preview.has_logits() && preview.analysis.before.exact && !after.exact);
    let exact = study(sources(first(&source, BATCH), None), &in_sample(), &mut |_| true);
    let exact = exact.expect("in memory").analysis.fit.temperature.expect("one");
    let fit = &preview.analysis.fit;
    let error = fit.standard_error.expect("converged");
    assert!((fit.temperature.expect("one") - exact).abs() < 3.0 * error);
    // Without the logits an exact answer is not pretended.
    let diagram = DiagramOptions { n_bins: 15, binning: Binning::Width };
    let t = logitscope::data::Temperature::new(1.3).expect("positive");
    let figures = preview.exact_figures_at(t, diagram, &mut || true).expect("from the curves");
    assert!(!figures.exact);
}

#[test]
fn rows_of_a_test_part_are_judged_by_the_fit_on_the_others() {
    let (fit, test) = (overconfident(5000, 10, 1.7), overconfident(9000, 10, 1.7));
    let mut onlooker = Onlooker::new(usize::MAX);
    let parts = sources(fit, Some(test));
    let whole = study_before(parts, &shared::options(), &mut onlooker).expect("in memory");
    let reads: Vec<(u64, u64)> = onlooker
        .studies
        .iter()
        .map(|s| (s.first.expect("first rows").read, s.counts.read))
        .collect();
    let expected = [(4096, 4096), (5000, 5000), (9096, 4096), (13_192, 8192), (14_000, 9000)];
    assert_eq!(reads, expected);
    let last = &onlooker.studies[4];
    assert_eq!(last.first.expect("first rows").total, 14_000);
    assert_eq!(last.analysis.evaluated_on, whole.analysis.evaluated_on);
    assert_eq!(words(&last.analysis.before), words(&whole.analysis.before));
    assert_eq!(last.analysis.fit, whole.analysis.fit);
    assert_eq!(onlooker.expected, onlooker.told);
}

#[test]
fn all_passes_are_announced_before_the_first() {
    for (n_classes, n_passes) in [(10, 1), (100, 3)] {
        let mut onlooker = Onlooker::new(100);
        let source = overconfident(6000, n_classes, 1.7);
        study_before(sources(source, None), &shared::options(), &mut onlooker).expect("in memory");
        assert_eq!(onlooker.expected, n_passes * 6000);
    }
}

#[test]
fn a_raised_flag_ends_every_phase() {
    for phase in [
        "sampling rows",
        "summarising rows",
        "exact figures",
        "fitting and drawing",
        "classwise figures",
    ] {
        let mut onlooker = Onlooker::new(usize::MAX);
        onlooker.stop_in = Some(phase);
        let source = overconfident(6000, 100, 1.7);
        let ended = study_before(sources(source, None), &shared::options(), &mut onlooker);
        assert!(matches!(ended, Err(SourceError::Cancelled)), "{phase}");
    }
}

#[test]
fn previews_read_no_row_again() {
    let source = Arc::new(Counted::new(overconfident(6000, 10, 1.7)));
    let fit: Arc<dyn BatchSource> = source.clone();
    let parts = Sources { info: info(10), fit, test: None };
    study_before(parts, &shared::options(), &mut Onlooker::new(500)).expect("in memory");
    assert_eq!((source.n_read(), source.n_sampled()), (6000, 0));
}
