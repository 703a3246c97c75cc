//! The margins of right and wrong rows.

use super::super::counts::unit;
use super::super::number::{count, decimal};
use super::panel::{Area, Axis, Panel};
use crate::data::Task;
use crate::metrics::Histogram;

/// Share of the plot that is left free above the tallest bar.
const HEADROOM: f64 = 1.05;

/// The plot with its axes; `None` without rows.
pub(in crate::report) fn panel(
    area: Area,
    histogram: &Histogram,
    (x, task): (&str, Task),
) -> Option<Panel> {
    let most = pairs(histogram).map(|(right, wrong)| right + wrong).max()?;
    let range = [*histogram.edges.first()?, *histogram.edges.last()?];
    let y = Axis::linear([0.0, most as f64 * HEADROOM], unit(task)[1]);
    (most > 0).then(|| Panel::new(area, Axis::linear(range, x), y))
}

/// Right rows, and wrong ones on top.
pub(in crate::report) fn draw(panel: &mut Panel, histogram: &Histogram) {
    for (edges, (right, wrong)) in histogram.edges.windows(2).zip(pairs(histogram)) {
        let x = [edges[0], edges[1]];
        let tooltip = format!(
            "{} to {}: {} right, {} wrong",
            decimal(x[0], 2),
            decimal(x[1], 2),
            count(right),
            count(wrong)
        );
        if right > 0 {
            panel.rectangle("bar", x, [0.0, right as f64], &tooltip);
        }
        if wrong > 0 {
            panel.hatched("wrong", x, [right as f64, (right + wrong) as f64], &tooltip);
        }
    }
}

fn pairs(histogram: &Histogram) -> impl Iterator<Item = (u64, u64)> {
    histogram.correct.iter().copied().zip(histogram.wrong.iter().copied())
}
