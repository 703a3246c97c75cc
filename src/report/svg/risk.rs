//! Error rate over the share of rows kept.

use super::panel::{Area, Axis, Panel};
use crate::data::Task;

/// Share of the plot that is left free above the highest point.
const HEADROOM: f64 = 1.05;

/// Points of the curve of an oracle.
const ORACLE_POINTS: u32 = 200;

/// The plot with its axes, high enough for all `curves`.
pub(super) fn panel<'a>(
    area: Area,
    curves: impl Iterator<Item = &'a [[f64; 2]]>,
    task: Task,
) -> Panel {
    let most = curves.flatten().map(|point| point[1]).filter(|y| y.is_finite()).fold(0.0, f64::max);
    let most = if most > 0.0 { most * HEADROOM } else { 1.0 };
    let (x, y) = words(task);
    Panel::new(area, Axis::unit(x), Axis::linear([0.0, most], y))
}

/// What the axes are of.
pub(super) fn words(task: Task) -> (&'static str, &'static str) {
    let x = match task {
        Task::Multilabel => "share of entries kept, most confident first",
        Task::Multiclass | Task::Binary => "share of rows kept, most confident first",
    };
    (x, "error rate among them")
}

/// A curve of coverage and error rate; a dot where all rows have one confidence.
pub(super) fn draw(panel: &mut Panel, class: &str, curve: &[[f64; 2]]) {
    if let [[coverage, risk]] = curve {
        panel.dot("dot", (*coverage, *risk), "all have the same confidence");
    }
    panel.line(class, curve.iter().map(|point| (point[0], point[1])));
}

/// Who keeps all right rows before the first wrong one.
pub(super) fn oracle(accuracy: f64) -> Vec<[f64; 2]> {
    let shares = (1..=ORACLE_POINTS).map(|i| f64::from(i) / f64::from(ORACLE_POINTS));
    shares.map(|x| [x, (x - accuracy).max(0.0) / x]).collect()
}

/// Who keeps rows by chance.
pub(super) fn random(accuracy: f64) -> [[f64; 2]; 2] {
    [[0.0, 1.0 - accuracy], [1.0, 1.0 - accuracy]]
}
