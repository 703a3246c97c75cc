//! The charts of the printed report.

use super::TextOptions;
use super::diagram::{bins, overall, widths, words};
use super::number::temperature;
use super::tables::column_name;
use super::words::{indented, wrap};
use crate::analysis::Analysis;
use crate::metrics::Figures;
use crate::pipeline::Study;
use crate::plot::{
    Axis, CurveChart, Fill, Ink, LineStyle, ReliabilityChart, Series, Sign, Tier, VerticalMark,
    text_lines,
};

/// From this width the two diagrams stand side by side.
const TWO_DIAGRAMS_FROM: usize = 110;

/// Wider charts read no better.
const WIDEST_CHART: usize = 100;

const DIAGRAM_HEIGHT: usize = 21;
const CURVE_HEIGHT: usize = 15;

/// How far the curve of the NLL reaches beyond 1 and the fitted T, as a factor. Further out it is so
/// high that its minimum would look flat.
const CURVE_REACH: f64 = 3.0;

/// A curve whose ends are further apart than this is drawn on a log axis.
const LOG_Y_FROM: f64 = 100.0;

/// The reliability diagram at T = 1 with what scaling makes of it; nothing without rows.
pub(super) fn diagrams(study: &Study, options: &TextOptions) -> Vec<String> {
    let analysis = &study.analysis;
    if analysis.before.reliability.bins.iter().all(|bin| bin.count == 0) {
        return Vec::new();
    }
    let words = words(study.info.task);
    let (x, y) = (words.probability, words.outcome);
    let tier = options.glyphs;
    let after = analysis.after.as_ref();
    let is_wide = options.width >= TWO_DIAGRAMS_FROM;
    let overlaid = after.filter(|_| !is_wide);
    let ring = overlaid.map_or_else(String::new, |after| {
        format!(", {} at {}", tier.sign(Sign::Ring), column_name(after))
    });
    let legend = format!(
        "Reliability: {y} over {x}. {} {y}, {} {}, {} {}{ring}",
        tier.fill(Fill::Solid),
        tier.fill(Fill::Shade),
        words.over,
        tier.fill(Fill::Dense),
        words.under,
    );
    let mut lines = wrap(&legend, options.width);
    lines.extend(match after {
        Some(after) if is_wide => {
            let width = options.width / 2 - 1;
            let left = diagram(&analysis.before, None, width, tier);
            side_by_side(&left, &diagram(after, None, width, tier), width + 2)
        }
        after => diagram(&analysis.before, after, options.width.min(WIDEST_CHART), tier),
    });
    let (up, hollow) = (tier.sign(Sign::Up), tier.sign(Sign::UpHollow));
    lines.extend(indented(&format!("{up} {y} and {hollow} {x} over all rows"), options.width));
    lines
}

fn diagram(figures: &Figures, overlay: Option<&Figures>, width: usize, tier: Tier) -> Vec<String> {
    let bins = bins(&figures.reliability);
    let (widths, view) = widths(figures.reliability.binning);
    let overlay = overlay.map(|o| self::bins(&o.reliability)).unwrap_or_default();
    let overall = overall(&figures.reliability);
    let title = column_name(figures);
    let chart = ReliabilityChart {
        bins: &bins,
        overlay: &overlay,
        widths,
        view,
        selected: None,
        has_histogram: true,
        has_whiskers: true,
        accuracy: overall.map(|(outcome, _)| outcome),
        mean_probability: overall.map(|(_, probability)| probability),
        title: &title,
    };
    text_lines(&chart.render(width, DIAGRAM_HEIGHT, tier))
}

fn side_by_side(left: &[String], right: &[String], start: usize) -> Vec<String> {
    let join = |(left, right): (&String, &String)| {
        let blanks = start.saturating_sub(left.chars().count());
        format!("{left}{}{right}", " ".repeat(blanks)).trim_end().to_string()
    };
    left.iter().zip(right).map(join).collect()
}

/// The part of the curve of the NLL that is shown.
pub(super) struct CurveView {
    /// Temperatures.
    pub(super) range: [f64; 2],
    /// The lowest and the highest NLL there, in nats.
    pub(super) heights: [f64; 2],
    /// Whether the heights want a log axis.
    pub(super) is_log: bool,
}

/// Around 1 and the fitted temperature; `None` if there is nothing finite to show.
pub(super) fn curve_view(analysis: &Analysis) -> Option<CurveView> {
    let curves = &analysis.curves;
    let fitted = analysis.fit.temperature;
    let [low, high] = fitted.map_or([1.0, 1.0], |t| [t.min(1.0), t.max(1.0)]);
    let range = [low / CURVE_REACH, high * CURVE_REACH];
    let in_view = |t: &f64| *t >= range[0] && *t <= range[1];
    let points = curves.temperature.iter().zip(&curves.nll);
    let heights = points.filter(|(t, nll)| in_view(t) && nll.is_finite()).map(|(_, nll)| *nll);
    let extent = heights.fold(None, |extent: Option<[f64; 2]>, v| {
        Some(extent.map_or([v, v], |[low, high]| [low.min(v), high.max(v)]))
    });
    let [least, most] = extent?;
    Some(CurveView {
        range,
        heights: [least, most],
        is_log: least > 0.0 && most > LOG_Y_FROM * least,
    })
}

/// NLL over T on the evaluated rows, around 1 and the fitted temperature.
pub(super) fn curve(analysis: &Analysis, options: &TextOptions) -> Vec<String> {
    let Some(view) = curve_view(analysis) else {
        return no_curve(analysis, options.width);
    };
    let (curves, fitted) = (&analysis.curves, analysis.fit.temperature);
    let label = fitted.map(|t| format!("T = {}", temperature(t))).unwrap_or_default();
    let marks = marks(fitted, &label);
    let series = [Series { x: &curves.temperature, y: &curves.nll, ink: Ink::Curve }];
    let chart = CurveChart {
        series: &series,
        x: Axis { range: Some(view.range), is_log: true },
        y: Axis { range: None, is_log: view.is_log },
        marks: &marks,
        interval: analysis.fit.interval.as_ref().map(|i| [i.low, i.high]),
        title: "",
    };
    let raster = chart.render(options.width.min(WIDEST_CHART), CURVE_HEIGHT, options.glyphs);
    let mut lines = wrap(&curve_heading(analysis, options.glyphs), options.width);
    lines.extend(text_lines(&raster));
    lines
}

/// Without a finite height there is nothing to draw; with rows that is worth a word.
fn no_curve(analysis: &Analysis, width: usize) -> Vec<String> {
    if analysis.before.metrics.nll.is_infinite() {
        wrap("NLL over T is infinite: a label has probability 0 at every T.", width)
    } else {
        Vec::new()
    }
}

fn curve_heading(analysis: &Analysis, tier: Tier) -> String {
    let fit = &analysis.fit;
    let signs = [
        (true, Sign::Ring, "T = 1"),
        (fit.temperature.is_some(), Sign::Diamond, "fitted T"),
        (fit.interval.is_some(), Sign::Interval, "its interval"),
    ];
    let shown = signs.into_iter().filter(|(is_shown, ..)| *is_shown);
    let words: Vec<String> =
        shown.map(|(_, sign, word)| format!("{} {word}", tier.sign(sign))).collect();
    format!("NLL (nats per row) over T: {}", words.join(", "))
}

fn marks(fitted: Option<f64>, label: &str) -> Vec<VerticalMark<'_>> {
    let mut marks = vec![VerticalMark {
        x: 1.0,
        sign: Sign::Ring,
        ink: Ink::Unit,
        line: LineStyle::None,
        is_on_curve: true,
        label: "T = 1",
    }];
    marks.extend(fitted.map(|x| VerticalMark {
        x,
        sign: Sign::Diamond,
        ink: Ink::Optimum,
        line: LineStyle::Dashed,
        is_on_curve: true,
        label,
    }));
    marks
}
