//! NLL over the temperature.

use super::super::charts::CurveView;
use super::super::number::temperature;
use super::panel::{Area, Axis, Panel};
use crate::analysis::Analysis;

/// The plot with its axes.
pub(in crate::report) fn panel(area: Area, view: &CurveView) -> Panel {
    let x = Axis { range: view.range, is_log: true, words: "temperature T" };
    let y = Axis { range: view.heights, is_log: view.is_log, words: "NLL (nats per row)" };
    Panel::new(area, x, y)
}

/// The curve, T = 1, and the fitted temperature with its interval.
pub(in crate::report) fn draw(panel: &mut Panel, analysis: &Analysis, view: &CurveView) {
    if let Some(interval) = &analysis.fit.interval {
        panel.band("interval", [interval.low, interval.high]);
    }
    panel.mark(1.0, "unit", ("T = 1", 0));
    if let Some(t) = analysis.fit.temperature {
        panel.mark(t, "optimum", (&format!("T = {}", temperature(t)), 1));
    }
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
