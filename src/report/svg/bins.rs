//! The bins of a reliability diagram as bars or dots.

use super::super::counts::unit;
use super::super::diagram::{bins, widths};
use super::super::number::{count, decimal, percent};
use super::panel::Panel;
use crate::data::Task;
use crate::metrics::Reliability;
use crate::plot::{FEW_ROWS, ReliabilityBin, ReliabilityView};

/// Every bin that has rows, and the diagonal.
pub(in crate::report) fn draw(panel: &mut Panel, reliability: &Reliability, task: Task) {
    let units = unit(task)[1];
    let (_, view) = widths(reliability.binning);
    for bin in bins(reliability).iter().filter(|bin| bin.count > 0) {
        match view {
            ReliabilityView::Bars => bar(panel, bin, units),
            ReliabilityView::Dots => {
                whisker(panel, bin.probability, bin);
                panel.dot("dot", (bin.probability, bin.outcome), &tooltip(bin, units));
            }
        }
    }
    panel.line("diagonal", [(0.0, 0.0), (1.0, 1.0)].into_iter());
}

fn bar(panel: &mut Panel, bin: &ReliabilityBin, units: &str) {
    let few = if bin.count < FEW_ROWS { " few" } else { "" };
    let x = [bin.low, bin.high];
    let words = tooltip(bin, units);
    panel.rectangle(&format!("bar{few}"), x, [0.0, bin.outcome], &words);
    let between = [bin.outcome, bin.probability];
    if is_over(bin) {
        panel.hatched(&format!("over{few}"), x, between, &words);
    } else {
        panel.rectangle(&format!("under{few}"), x, between, &words);
    }
    whisker(panel, bin.low.midpoint(bin.high), bin);
}

/// True where more is claimed than holds.
pub(super) fn is_over(bin: &ReliabilityBin) -> bool {
    bin.probability > bin.outcome
}

fn whisker(panel: &mut Panel, x: f64, bin: &ReliabilityBin) {
    if let Some(interval) = bin.interval {
        panel.line("whisker", interval.map(|y| (x, y)).into_iter());
    }
}

/// `0.533 to 0.600: 71.2 % (68.1 % to 74.2 %) of 320 rows, mean probability 57.0 %`.
fn tooltip(bin: &ReliabilityBin, units: &str) -> String {
    let interval = bin.interval.map_or_else(String::new, |[low, high]| {
        format!(" ({} to {})", percent(low, 1), percent(high, 1))
    });
    format!(
        "{} to {}: {}{interval} of {} {units}, mean probability {}",
        decimal(bin.low, 3),
        decimal(bin.high, 3),
        percent(bin.outcome, 1),
        count(bin.count),
        percent(bin.probability, 1)
    )
}
