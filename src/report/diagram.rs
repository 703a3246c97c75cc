//! Figures as the charts of `plot` take them: shared by the printed report and the app.

use crate::data::Task;
use crate::metrics::{Bin, Binning, Reliability};
use crate::plot::{BinWidths, ReliabilityBin, ReliabilityView};

/// The bins of a diagram.
pub fn bins(reliability: &Reliability) -> Vec<ReliabilityBin> {
    reliability.bins.iter().map(drawn).collect()
}

/// One bin; one whose rows have weight 0 is empty.
pub fn drawn(bin: &Bin) -> ReliabilityBin {
    ReliabilityBin {
        low: bin.low,
        high: bin.high,
        count: if bin.is_empty() { 0 } else { bin.count },
        outcome: bin.accuracy,
        probability: bin.confidence,
        interval: bin.interval,
    }
}

/// How such bins are drawn: equal mass at their own widths, as dots until asked otherwise.
pub fn widths(binning: Binning) -> (BinWidths, ReliabilityView) {
    match binning {
        Binning::Width => (BinWidths::Equal, ReliabilityView::Bars),
        Binning::Mass => (BinWidths::Own, ReliabilityView::Dots),
    }
}

/// Share of the outcome and mean probability over all rows of a diagram, the two signs on its axis.
/// `None` without rows. Bins add up to them exactly, for two classes too, where they are the rate and the
/// mean probability of the positive class.
pub fn overall(reliability: &Reliability) -> Option<(f64, f64)> {
    let filled = || reliability.bins.iter().filter(|b| !b.is_empty());
    let total: f64 = filled().map(Bin::mass).sum();
    let mean = |of: fn(&Bin) -> f64| filled().map(|b| of(b) * b.mass()).sum::<f64>() / total;
    (total > 0.0).then(|| (mean(|b| b.accuracy), mean(|b| b.confidence)))
}

/// What a reliability diagram calls its parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DiagramWords {
    /// The x axis: the mean probability of a bin.
    pub probability: &'static str,
    /// The y axis: the share of the outcome.
    pub outcome: &'static str,
    /// A bin whose probability lies above its share.
    pub over: &'static str,
    /// A bin whose probability lies below its share.
    pub under: &'static str,
}

/// The words for `task`. With two classes the diagram reads the positive class, where a probability
/// that is too low is no want of confidence: it is too much of it in the other class.
pub fn words(task: Task) -> DiagramWords {
    match task {
        Task::Multiclass => DiagramWords {
            probability: "confidence",
            outcome: "accuracy",
            over: "too sure",
            under: "not sure enough",
        },
        Task::Multilabel => DiagramWords {
            probability: "probability of a label",
            outcome: "rate of the label",
            over: "claimed too high",
            under: "claimed too low",
        },
        Task::Binary => DiagramWords {
            probability: "probability of the positive class",
            outcome: "rate of the positive class",
            over: "claimed too high",
            under: "claimed too low",
        },
    }
}
