//! The two views of reliability beside the diagram: the isotonic curve, whose steps are chosen, and the ECE over the
//! number of bins, which is chosen.

use ratatui::layout::{Position, Rect};

use crate::analysis::Measures;
use crate::metrics::{BIN_COUNTS, CorpBand, CorpStep};
use crate::plot::{Axis, CorpChart, CurveChart, Ink, LineStyle, Series, Sign, VerticalMark};

use super::super::errand::Errand;
use super::super::layout::{inset, row};
use super::super::state::Session;
use super::super::widget::Pen;
use super::{Click, charts, format, measures};

/// The chart of an isotonic curve, and the numbers it is drawn from.
struct Curve<'a> {
    x: Vec<f64>,
    y: Vec<f64>,
    band: &'a CorpBand,
    chosen: Option<([f64; 2], f64)>,
    title: &'a str,
}

impl<'a> Curve<'a> {
    fn of(measures: &'a Measures, chosen: Option<usize>, title: &'a str) -> Self {
        let steps = &measures.curves.corp;
        let chosen = chosen.and_then(|idx| steps.get(idx));
        Self {
            x: steps.iter().flat_map(|s| [s.low, s.high]).collect(),
            y: steps.iter().flat_map(|s| [s.accuracy; 2]).collect(),
            band: &measures.curves.band,
            chosen: chosen.map(|s| ([s.low, s.high], s.accuracy)),
            title,
        }
    }

    fn chart(&self) -> CorpChart<'_> {
        CorpChart {
            curve: Series { x: &self.x, y: &self.y, ink: Ink::Curve2 },
            at: &self.band.probability,
            band: [&self.band.low, &self.band.high],
            chosen: self.chosen,
            title: self.title,
        }
    }
}

/// What an isotonic curve is drawn from: its measures, the step under the cursor, and its title.
pub(super) type Corp<'a> = (Option<&'a Measures>, Option<usize>, &'a str);

/// The isotonic curve; without measures why there is none.
pub(super) fn draw_corp(
    session: &Session,
    pen: &mut Pen<'_>,
    area: Rect,
    (measures, chosen, title): Corp<'_>,
) {
    let Some(measures) = measures else {
        return missing(session, pen, area);
    };
    let curve = Curve::of(measures, chosen, title);
    let (width, height) = charts::size(area);
    let raster = curve.chart().render(width, height, pen.theme.tier());
    pen.raster(area, &raster);
}

/// The step of the isotonic curve at a cell: the nearest one where there is none.
pub(super) fn step_at(session: &Session, area: Rect, at: Position) -> Option<Click> {
    let (column, _) = charts::within(area, at)?;
    let measures = session.measures()?;
    // The title moves rows, not columns, but the layout must be that of the drawing.
    let curve = Curve::of(measures, None, "title");
    let (width, height) = charts::size(area);
    let layout = curve.chart().layout(width, height);
    let is_inside = column >= layout.plot.x && column < layout.plot.right();
    let x = layout.x_at(column);
    let away = |step: &CorpStep| (step.low - x).max(x - step.high).max(0.0);
    let steps = measures.curves.corp.iter().enumerate();
    let nearest = steps.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b)));
    nearest.filter(|_| is_inside).map(|(idx, _)| Click::Step(idx))
}

/// The curves of the ECE over the number of bins, and what marks them.
struct ByBins<'a> {
    x: Vec<f64>,
    measures: &'a Measures,
    star: Option<&'a Measures>,
    chosen: usize,
    labels: [String; 2],
    title: String,
}

impl<'a> ByBins<'a> {
    /// At the cursor's temperature, and after scaling where the cursor is at 1; `None` without measures.
    fn of(session: &'a Session) -> Option<Self> {
        let measures = session.measures()?;
        let star = session.star_measures().filter(|_| session.is_at_one());
        let chosen = session.chosen_bin_count()?;
        let word = |n: usize| format!("{n} bins");
        let own = if chosen == measures.n_bins { String::new() } else { word(measures.n_bins) };
        Some(Self {
            x: BIN_COUNTS.map(|n| n as f64).collect(),
            measures,
            star,
            chosen,
            labels: [own, word(chosen)],
            title: by_bins_title(session, star.is_some()),
        })
    }

    fn series(&self) -> Vec<Series<'_>> {
        let of = |measures: &'a Measures, ink: Ink| Series {
            x: &self.x,
            y: &measures.curves.ece_by_bins,
            ink,
        };
        let star = self.star.map(|star| of(star, Ink::Curve2));
        let one = of(self.measures, Ink::Curve);
        std::iter::once(one).chain(star).collect()
    }

    fn marks(&self) -> [VerticalMark<'_>; 2] {
        let mark = |n_bins: usize, sign: Sign, ink: Ink, line: LineStyle| VerticalMark {
            x: n_bins as f64,
            sign,
            ink,
            line,
            is_on_curve: true,
            label: "",
        };
        let [own, chosen] = &self.labels;
        [
            VerticalMark {
                label: own,
                ..mark(self.measures.n_bins, Sign::Ring, Ink::Unit, LineStyle::None)
            },
            VerticalMark {
                label: chosen,
                ..mark(self.chosen, Sign::Dot, Ink::Cursor, LineStyle::Dashed)
            },
        ]
    }

    /// Calls `with` with the chart.
    fn with_chart<T>(&self, with: impl FnOnce(&CurveChart<'_>) -> T) -> T {
        let (series, marks) = (self.series(), self.marks());
        with(&CurveChart {
            series: &series,
            x: Axis::default(),
            y: Axis { range: Some([0.0, highest(&series)]), is_log: false },
            marks: &marks,
            interval: None,
            title: &self.title,
        })
    }
}

/// The ECE over the number of bins.
pub(super) fn draw_by_bins(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let Some(curves) = ByBins::of(session) else {
        return missing(session, pen, area);
    };
    let (width, height) = charts::size(area);
    let tier = pen.theme.tier();
    let raster = curves.with_chart(|chart| chart.render(width, height, tier));
    pen.raster(area, &raster);
}

/// The number of bins at a cell.
pub(super) fn bin_count_at(session: &Session, area: Rect, at: Position) -> Option<Click> {
    let (column, _) = charts::within(area, at)?;
    let (width, height) = charts::size(area);
    let layout = ByBins::of(session)?.with_chart(|chart| chart.layout(width, height));
    let is_inside = column >= layout.plot.x && column < layout.plot.right();
    let value = layout.x_at(column);
    let away = |n: &usize| (*n as f64 - value).abs();
    let nearest = BIN_COUNTS.min_by(|a, b| away(a).total_cmp(&away(b)));
    nearest.filter(|_| is_inside).map(Click::BinCount)
}

fn by_bins_title(session: &Session, has_star: bool) -> String {
    let t = format::temperature(session.t());
    if has_star {
        let words = charts::evaluated_words(session);
        format!("ECE over number of bins, T = {t}; lower: T*, {words}")
    } else {
        format!("ECE over number of bins, T = {t}")
    }
}

/// The axis begins at 0: whether a curve moves much is to be seen against its height.
fn highest(series: &[Series<'_>]) -> f64 {
    let values = series.iter().flat_map(|s| s.y.iter().copied());
    let most = values.filter(|y| y.is_finite()).fold(0.0, f64::max);
    if most > 0.0 { most * 1.08 } else { 1.0 }
}

fn missing(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let words = measures::state(session, Errand::Further);
    let words = words.unwrap_or_else(|| "computing".into());
    let middle = row(inset(area, 2, 0), area.height / 2);
    let style = pen.theme.dim();
    pen.text(middle, &words, style);
}

/// The chosen step and what the isotonic curve says as a whole, in one line and in shorter ones.
pub(super) fn corp_readouts(session: &Session, outcome: &str) -> Vec<String> {
    let (Some(measures), Some(idx)) = (session.measures(), session.chosen_step()) else {
        return vec!["computing the curve".into()];
    };
    let steps = &measures.curves.corp;
    let Some(step) = steps.get(idx) else {
        return vec!["no steps".into()];
    };
    let place = format!("step {}/{}", idx + 1, steps.len());
    let [low, high, rate] = [step.low, step.high, step.accuracy].map(|v| format::fixed(v, 3));
    let n = format::count(step.count);
    let corp = &measures.family.corp;
    let [mcb, dsc, unc] =
        [corp.miscalibration, corp.discrimination, corp.uncertainty].map(|v| format::fixed(v, 4));
    let chosen = format!("{place}  [{low}, {high}]   n {n}   {outcome} {rate}");
    vec![
        format!(
            "{chosen}   Brier of the event = miscalibration {mcb} − discrimination {dsc} + uncertainty {unc}"
        ),
        format!("{chosen}   miscalibration {mcb}"),
        chosen,
        format!("{place}  n {n}  {outcome} {rate}"),
        format!("{outcome} {rate}"),
    ]
}

/// The ECE with the chosen number of bins, and how much it depends on that number.
pub(super) fn by_bins_readouts(session: &Session) -> Vec<String> {
    let Some(curves) = ByBins::of(session) else {
        return vec!["computing the curve".into()];
    };
    let all = || BIN_COUNTS.zip(curves.measures.curves.ece_by_bins.iter().copied());
    let least = all().min_by(|a, b| a.1.total_cmp(&b.1));
    let most = all().max_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(least), Some(most)) = (least, most) else {
        return vec!["no bins".into()];
    };
    let at = |measures: &Measures| {
        let idx = curves.chosen - BIN_COUNTS.start();
        let ece = measures.curves.ece_by_bins.get(idx);
        format::percent(ece.copied().unwrap_or(f64::NAN))
    };
    let n_bins = curves.chosen;
    let one = at(curves.measures);
    let both = curves.star.map_or_else(
        || format!("{n_bins} bins: ECE {one} %"),
        |star| format!("{n_bins} bins: ECE {one} %, at T* {} %", at(star)),
    );
    let said = |(n, ece): (usize, f64)| format!("{} % with {n}", format::percent(ece));
    vec![
        format!("{both}   from {} to {}", said(least), said(most)),
        format!("{both}   from {} to {} %", format::percent(least.1), format::percent(most.1)),
        both,
        format!("{n_bins} bins: ECE {one} %"),
    ]
}

/// The isotonic curve, its band and what it says of the probabilities, tab-separated.
pub(super) fn corp_text(session: &Session) -> Vec<String> {
    let Some(measures) = session.measures() else {
        return Vec::new();
    };
    let corp = &measures.family.corp;
    let band = &measures.curves.band;
    let [probability, outcome] = charts::axis_words(session);
    let mut lines = vec![
        format!("miscalibration\t{}", format::raw(corp.miscalibration)),
        format!("discrimination\t{}", format::raw(corp.discrimination)),
        format!("uncertainty\t{}", format::raw(corp.uncertainty)),
        format!("step from\tto\tcount\t{outcome}"),
    ];
    lines.extend(measures.curves.corp.iter().map(|step| {
        let [low, high, rate] = [step.low, step.high, step.accuracy].map(format::raw);
        format!("{low}\t{high}\t{}\t{rate}", step.count)
    }));
    lines.push(format!("{probability}\tband from\tband to"));
    let ends = band.low.iter().zip(&band.high);
    lines.extend(band.probability.iter().zip(ends).map(|(at, (low, high))| {
        let cells = [*at, *low, *high].map(format::raw);
        cells.join("\t")
    }));
    lines
}

/// The ECE at every number of bins, tab-separated.
pub(super) fn by_bins_text(session: &Session) -> Vec<String> {
    let Some(curves) = ByBins::of(session) else {
        return Vec::new();
    };
    let shown = [Some(curves.measures), curves.star];
    let line = |first: String, of: &dyn Fn(&Measures) -> String| {
        let cells = shown.into_iter().flatten().map(of);
        std::iter::once(first).chain(cells).collect::<Vec<_>>().join("\t")
    };
    let mut lines = vec![line("bins".into(), &|m| format!("ECE at T {}", m.temperature))];
    for (idx, n_bins) in BIN_COUNTS.enumerate() {
        let ece = |m: &Measures| {
            let ece = m.curves.ece_by_bins.get(idx).copied();
            format::raw(ece.unwrap_or(f64::NAN))
        };
        lines.push(line(n_bins.to_string(), &ece));
    }
    lines
}
