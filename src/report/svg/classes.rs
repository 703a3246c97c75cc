//! Accuracy less confidence of every predicted class, in points of a hundred.

use super::panel::{Area, Axis, Panel, TEXT};
use super::text::{beginning, width};

/// Names of classes take this share of the width at most.
const MOST_FOR_NAMES: f64 = 0.3;

/// Free space between a name and the plot.
const BESIDE_NAMES: f64 = 8.0;

/// Shares of the range left free at either end, and of the place of a class above its first mark.
const MARGIN: f64 = 0.08;

/// The same in points where all gaps are smaller.
const LEAST_RANGE: f64 = 1.0;

/// Height that a class wants.
pub(super) const ROW: f64 = 20.0;

/// A class with its gaps, shares in [-1, 1], one for each side of the figure.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Row {
    /// Its name, with a star where chance does not explain the last of them.
    pub(super) name: String,
    /// NaN where no row is predicted so.
    pub(super) gaps: Vec<f64>,
}

/// The figure in `area`, `marks` being the classes of the sides.
pub(super) fn draw(area: Area, rows: &[Row], marks: &[&str]) -> String {
    let names = rows.iter().map(|row| width(&row.name, TEXT)).fold(0.0, f64::max);
    let names = names.min(area.width() * MOST_FOR_NAMES);
    let inner = area.within_axes(6.0);
    let plot = Area { left: area.left + names + 2.0 * BESIDE_NAMES, ..inner };
    let x = Axis::linear(range(rows), "accuracy less mean confidence (percentage points)");
    let n = rows.len() as f64;
    let mut panel = Panel::new(plot, x, Axis::linear([0.0, n.max(1.0)], ""));
    panel.mark(0.0, "zero", ("", 0));
    for (idx, row) in rows.iter().enumerate() {
        let middle = n - idx as f64 - 0.5;
        let name = beginning(&row.name, TEXT, names);
        panel.row_label(middle, BESIDE_NAMES, &name);
        let points = |gap: &f64| (gap * 100.0, middle);
        panel.line("axis", row.gaps.iter().map(points));
        for (gap, class) in row.gaps.iter().zip(marks) {
            panel.dot(
                class,
                points(gap),
                &format!("{}: {}", row.name, super::super::number::signed_points(*gap)),
            );
        }
    }
    panel.finish()
}

/// From the least to the largest gap in points, and 0.
fn range(rows: &[Row]) -> [f64; 2] {
    let gaps = rows.iter().flat_map(|row| &row.gaps).map(|gap| gap * 100.0);
    let ends = gaps.filter(|gap| gap.is_finite());
    let [low, high] = ends.fold([0.0_f64, 0.0_f64], |[low, high], x| [low.min(x), high.max(x)]);
    let free = ((high - low) * MARGIN).max(LEAST_RANGE * MARGIN);
    if high - low < LEAST_RANGE { [-LEAST_RANGE, LEAST_RANGE] } else { [low - free, high + free] }
}
