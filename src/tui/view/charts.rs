//! The charts of the screens, made from the session in one place so that drawing and clicking use
//! the same layout.

use ratatui::layout::{Position, Rect};

use crate::analysis::EvaluatedOn;
use crate::data::Task;
use crate::metrics::{Binning, Figures, Histogram};
use crate::plot::{
    Axis, BinWidths, CurveChart, HistogramChart, Ink, LineStyle, ReliabilityBin, ReliabilityChart,
    ReliabilityView, Series, Sign, VerticalMark,
};

use crate::report::diagram::bins;

use super::super::state::{Chart, Session};
use super::format;

/// Ends of the temperature axis where the curves have none.
const FALLBACK_RANGE: (f64, f64) = (0.25, 8.0);

/// The temperatures the axis of the Temperature screen spans, zoom included.
pub(in crate::tui) fn temperature_range(session: &Session) -> (f64, f64) {
    let (low, high) = whole_range(session);
    let place = &session.place;
    if place.zoom == 0 {
        return (low, high);
    }
    let share = 0.5_f64.powi(i32::try_from(place.zoom).unwrap_or(0));
    if place.log_temperature {
        let (low, high) = zoomed((low.ln(), high.ln()), session.t().ln(), share);
        (low.exp(), high.exp())
    } else {
        zoomed((low, high), session.t(), share)
    }
}

/// The temperatures of the curves.
pub(super) fn whole_range(session: &Session) -> (f64, f64) {
    let grid = &session.study.analysis.curves.temperature;
    match (grid.first(), grid.last()) {
        (Some(low), Some(high)) if high > low => (*low, *high),
        _ => FALLBACK_RANGE,
    }
}

/// `share` of the range around `at`, moved where it would pass an end.
fn zoomed((low, high): (f64, f64), at: f64, share: f64) -> (f64, f64) {
    let width = (high - low) * share;
    let start = (at - width / 2.0).clamp(low, high - width);
    (start, start + width)
}

/// The probability and the outcome that a diagram of this study compares.
pub(super) fn axis_words(session: &Session) -> [&'static str; 2] {
    match session.study.info.task {
        Task::Multilabel => ["probability of a label", "rate of the label"],
        Task::Binary => ["probability of the positive class", "positive rate"],
        Task::Multiclass => ["confidence", "accuracy"],
    }
}

/// What the figures after scaling were computed on, in a few words.
pub(super) fn evaluated_words(session: &Session) -> &'static str {
    match session.study.analysis.evaluated_on {
        EvaluatedOn::InSample => "in sample",
        EvaluatedOn::OutOfFold => "out of fold",
        EvaluatedOn::Test => "test rows",
    }
}

/// Which rows the cursor's figures describe at temperatures that were fitted on them.
pub(super) fn cursor_words(session: &Session) -> &'static str {
    match session.study.analysis.evaluated_on {
        EvaluatedOn::InSample | EvaluatedOn::OutOfFold => "in sample",
        EvaluatedOn::Test => "test rows",
    }
}

/// The bins of `figures` as the chart wants them.
pub(super) fn bins_of(figures: &Figures) -> Vec<ReliabilityBin> {
    bins(&figures.reliability)
}

/// A plain diagram of `bins`, as the session wants it drawn.
pub(super) fn reliability<'a>(
    session: &Session,
    bins: &'a [ReliabilityBin],
    title: &'a str,
) -> ReliabilityChart<'a> {
    let place = &session.place;
    ReliabilityChart {
        bins,
        overlay: &[],
        widths: match place.diagram.binning {
            Binning::Width => BinWidths::Equal,
            Binning::Mass => BinWidths::Own,
        },
        view: match place.chart {
            Chart::Dots => ReliabilityView::Dots,
            Chart::Bars | Chart::Corp | Chart::ByBins => ReliabilityView::Bars,
        },
        selected: Some(place.bin),
        has_histogram: true,
        has_whiskers: true,
        accuracy: None,
        mean_probability: None,
        title,
    }
}

/// The marks of a temperature axis: T = 1, T* and the cursor.
pub(super) fn marks<'a>(session: &Session, labels: &'a [String; 3]) -> Vec<VerticalMark<'a>> {
    let unit = VerticalMark {
        x: 1.0,
        sign: Sign::Ring,
        ink: Ink::Unit,
        line: LineStyle::None,
        is_on_curve: true,
        label: &labels[0],
    };
    let star = session.star().map(|star| VerticalMark {
        x: star.value(),
        sign: Sign::Diamond,
        ink: Ink::Optimum,
        line: LineStyle::Dashed,
        is_on_curve: true,
        label: &labels[1],
    });
    let cursor = VerticalMark {
        x: session.t(),
        sign: Sign::Dot,
        ink: Ink::Cursor,
        line: LineStyle::Solid,
        is_on_curve: true,
        label: &labels[2],
    };
    [Some(unit), star, Some(cursor)].into_iter().flatten().collect()
}

/// Labels for [`marks`]; the cursor's is empty where it stands on another mark.
pub(super) fn mark_labels(session: &Session) -> [String; 3] {
    let star = session.star().map(|star| format!("T* {}", format::temperature(star.value())));
    let on_star = session.star() == Some(session.place.temperature);
    let cursor = if on_star || session.is_at_one() { String::new() } else { "cursor".into() };
    ["T=1".into(), star.unwrap_or_default(), cursor]
}

/// A curve over the temperature.
pub(super) fn temperature_curve<'a>(
    session: &Session,
    series: &'a [Series<'a>],
    marks: &'a [VerticalMark<'a>],
    title: &'a str,
) -> CurveChart<'a> {
    let (low, high) = temperature_range(session);
    let interval = session.study.analysis.fit.interval.as_ref();
    CurveChart {
        series,
        x: Axis { range: Some([low, high]), is_log: session.place.log_temperature },
        y: Axis::default(),
        marks,
        interval: interval.map(|i| [i.low, i.high]),
        title,
    }
}

/// A histogram with its cursor.
pub(super) fn histogram<'a>(
    histogram: &'a Histogram,
    is_log: bool,
    selected: Option<usize>,
    title: &'a str,
) -> HistogramChart<'a> {
    HistogramChart {
        edges: &histogram.edges,
        correct: &histogram.correct,
        wrong: &histogram.wrong,
        below: histogram.below,
        above: histogram.above,
        is_log,
        threshold: None,
        selected,
        title,
    }
}

/// Columns and rows of a rectangle.
pub(super) fn size(area: Rect) -> (usize, usize) {
    (usize::from(area.width), usize::from(area.height))
}

/// Column and row of `at` within `area`; `None` outside.
pub(super) fn within(area: Rect, at: Position) -> Option<(usize, usize)> {
    area.contains(at).then(|| (usize::from(at.x - area.x), usize::from(at.y - area.y)))
}
