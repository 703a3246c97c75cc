//! NLL over the temperature.

use super::super::charts::CurveView;
use super::super::tables::fitted_name;
use super::panel::{Area, Axis, Panel};
use crate::analysis::Analysis;
use crate::data::Task;
use crate::pipeline::Study;

/// The plot with its axes.
pub(in crate::report) fn panel(area: Area, view: &CurveView, task: Task) -> Panel {
    let (x, y) = words(task);
    let x = Axis { range: view.range, is_log: true, words: x };
    let y = Axis { range: view.heights, is_log: view.is_log, words: y };
    Panel::new(area, x, y)
}

/// What the axes are of.
pub(super) fn words(task: Task) -> (&'static str, &'static str) {
    let y = match task {
        Task::Multilabel => "NLL (nats per entry)",
        Task::Multiclass | Task::Binary => "NLL (nats per row)",
    };
    ("temperature T", y)
}

/// The curve, T = 1, and the fitted temperature with its interval.
pub(in crate::report) fn draw(panel: &mut Panel, study: &Study, view: &CurveView) {
    let analysis = &study.analysis;
    if let Some(interval) = &analysis.fit.interval {
        panel.band("interval", [interval.low, interval.high]);
    }
    panel.mark(1.0, "unit");
    let mut marks = vec![(1.0, "T = 1".to_owned())];
    if let (Some(t), Some(name)) = (analysis.fit.temperature, fitted_name(study)) {
        panel.mark(t, "optimum");
        marks.push((t, name));
    }
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let interval = analysis.fit.interval.as_ref().map(|interval| [interval.low, interval.high]);
    let stretch = |t: f64| match interval {
        Some([low, high]) if low < t && t < high => [low, high],
        _ => [t, t],
    };
    let words = marks.into_iter().map(|(t, words)| (stretch(t), words));
    panel.mark_words(&words.collect::<Vec<_>>());
    panel.line("curve", points(analysis, view.range));
    for (class, t) in [("dot unit-dot", Some(1.0)), ("dot optimum-dot", analysis.fit.temperature)] {
        if let Some(t) = t {
            panel.dot(class, (t, height_at(analysis, t)), "");
        }
    }
}

/// The curve between two temperatures.
pub(super) fn points(
    analysis: &Analysis,
    [low, high]: [f64; 2],
) -> impl Iterator<Item = (f64, f64)> {
    let curves = &analysis.curves;
    let points = curves.temperature.iter().copied().zip(curves.nll.iter().copied());
    points.filter(move |(t, _)| low <= *t && *t <= high)
}

/// The height of the drawn curve at `t`; NaN beside it.
pub(super) fn height_at(analysis: &Analysis, t: f64) -> f64 {
    let curves = &analysis.curves;
    let after = curves.temperature.partition_point(|at| *at < t);
    let point = |idx: usize| Some((curves.temperature.get(idx)?.ln(), *curves.nll.get(idx)?));
    let (Some(left), Some(right)) = (point(after.saturating_sub(1)), point(after)) else {
        return f64::NAN;
    };
    let share = if right.0 > left.0 { (t.ln() - left.0) / (right.0 - left.0) } else { 0.0 };
    left.1 + (right.1 - left.1) * share
}
