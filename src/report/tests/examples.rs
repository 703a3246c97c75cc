//! Studies of logits whose right temperature is known by construction.

use std::sync::Arc;

use crate::analysis::AnalysisOptions;
use crate::data::{BatchSource, Kind, Label, MemorySource, SourceInfo, Task, Values};
use crate::metrics::Binning;
use crate::pipeline::{RowCounts, Sources, Study, Timing, study};

/// How labels come about.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Labels {
    /// Drawn from the softmax of the logits at this temperature, which is then the one to find.
    AtTemperature(f64),
    /// The largest logit: no finite temperature.
    Largest,
    /// The smallest logit: no temperature helps.
    Smallest,
    /// None usable.
    Ignored,
}

/// `n_rows` x `n_classes` scores from a formula, with labels as told.
pub(super) fn rows(n_rows: usize, n_classes: usize, labels: Labels) -> (Vec<f64>, Vec<Label>) {
    let mut values = Vec::new();
    let mut drawn = Vec::new();
    for i in 0..n_rows {
        let row: Vec<f64> = (0..n_classes).map(|k| 4.0 * wave(i * n_classes + k)).collect();
        drawn.push(label(&row, labels, fraction(i as f64 * 0.618_033_988_749_895)));
        values.extend(row);
    }
    (values, drawn)
}

/// In -1..1, without a pattern that a few hundred rows would show.
fn wave(i: usize) -> f64 {
    2.0 * fraction((i as f64 * 12.9898 + 4.1).sin() * 43_758.545_3) - 1.0
}

fn fraction(x: f64) -> f64 {
    x - x.floor()
}

fn label(row: &[f64], labels: Labels, u: f64) -> Label {
    let index = match labels {
        Labels::Largest => extreme(row, 1.0),
        Labels::Smallest => extreme(row, -1.0),
        Labels::AtTemperature(t) => draw(row, t, u),
        Labels::Ignored => return Label::IGNORED,
    };
    let index = u32::try_from(index).expect("a few classes");
    Label::class(index).expect("a few classes")
}

fn extreme(row: &[f64], sign: f64) -> usize {
    let best = (0..row.len()).max_by(|a, b| (sign * row[*a]).total_cmp(&(sign * row[*b])));
    best.expect("rows have classes")
}

fn draw(row: &[f64], t: f64, u: f64) -> usize {
    let weights: Vec<f64> = row.iter().map(|z| (z / t).exp()).collect();
    let mut rest = u * weights.iter().sum::<f64>();
    weights
        .iter()
        .position(|w| {
            rest -= w;
            rest < 0.0
        })
        .unwrap_or(row.len() - 1)
}

pub(super) fn source(n_classes: usize, (values, labels): (Vec<f64>, Vec<Label>)) -> MemorySource {
    MemorySource::new(n_classes, Kind::Logits, Values::F64(values), labels)
        .expect("lengths belong together")
}

/// Those of a report.
pub(super) fn options() -> AnalysisOptions {
    AnalysisOptions {
        slices: Vec::new(),
        parity: None,
        n_bins: 15,
        binning: Binning::Width,
        n_folds: 5,
        seed: 0,
        level: 0.95,
        families: true,
        curves: true,
        findings: true,
        n_draws: 200,
    }
}

pub(super) fn study_of(fit: MemorySource, test: Option<MemorySource>, n_classes: usize) -> Study {
    let test = test.map(|source| -> Arc<dyn BatchSource> { Arc::new(source) });
    let sources = Sources { info: info(n_classes), fit: Arc::new(fit), test };
    study(sources, &options(), &mut |_| true).expect("a source in memory can be read")
}

/// One part of `n_rows` rows and four classes.
pub(super) fn simple(n_rows: usize, labels: Labels) -> Study {
    study_of(source(4, rows(n_rows, 4, labels)), None, 4)
}

fn info(n_classes: usize) -> SourceInfo {
    SourceInfo {
        path: "runs/val.parquet".to_string(),
        format: "parquet".to_string(),
        dtype: "f64".to_string(),
        kind: Kind::Logits,
        task: if n_classes == 2 { Task::Binary } else { Task::Multiclass },
        n_classes,
        class_names: None,
        n_labels: None,
        label_names: None,
        single_score: false,
        n_bytes: 123_456,
        guesses: Vec::new(),
    }
}

/// Durations differ from run to run.
pub(super) const TIMING: Timing = Timing {
    load: 0.25,
    summarize: 0.5,
    fit: 0.125,
    metrics: 0.0625,
    bootstrap: 0.125,
    families: 0.0,
};

/// Every state that a report must find words for.
pub(super) fn all_states() -> Vec<(&'static str, Study)> {
    let mut flat = rows(40, 4, Labels::Largest);
    flat.0.fill(0.5);
    let mut holes = rows(1200, 4, Labels::AtTemperature(2.0));
    holes.0[7] = f64::NAN;
    holes.1[9] = Label::IGNORED;
    let test = source(4, rows(700, 4, Labels::AtTemperature(1.9)));
    let mut hopeless = simple(1500, Labels::AtTemperature(2.0));
    if let Some(after) = &mut hopeless.analysis.after {
        after.metrics.ece = hopeless.analysis.before.metrics.ece + 0.01;
    }
    let mut infinite = simple(1500, Labels::AtTemperature(2.0));
    infinite.analysis.before.metrics.nll = f64::INFINITY;
    infinite.analysis.curves.nll.fill(f64::INFINITY);
    let mut huge = simple(1500, Labels::AtTemperature(1.0));
    huge.analysis.fit.temperature = Some(51_919.3);
    huge.analysis.curves.nll.iter_mut().for_each(|nll| *nll *= 1e5);
    let mut none_left = simple(30, Labels::Ignored);
    none_left.counts =
        RowCounts { read: 30, used: 0, stored: 0, worth: 0, ignored_label: 1, non_finite: 29 };
    vec![
        ("overconfident", simple(1500, Labels::AtTemperature(2.0))),
        ("underconfident", simple(1500, Labels::AtTemperature(0.4))),
        ("calibrated", simple(1500, Labels::AtTemperature(1.0))),
        ("separable", simple(300, Labels::Largest)),
        ("worse than uniform", simple(300, Labels::Smallest)),
        ("flat", study_of(source(4, flat), None, 4)),
        ("no rows", none_left),
        ("one row", simple(1, Labels::AtTemperature(1.0))),
        ("few rows", simple(60, Labels::AtTemperature(2.0))),
        ("rows left out", study_of(source(4, holes.clone()), None, 4)),
        ("test part", study_of(source(4, holes), Some(test), 4)),
        ("binary", study_of(source(2, rows(1500, 2, Labels::AtTemperature(2.0))), None, 2)),
        ("ECE rises", hopeless),
        ("infinite NLL", infinite),
        ("huge T", huge),
    ]
}
