//! Top-two margins, and what a threshold on them keeps.

mod text;

use ratatui::layout::{Position, Rect};

use crate::metrics::{Histogram, Spread};
use crate::plot::{
    Area, Axis, CurveChart, HistogramChart, Ink, LineStyle, Series, Sign, VerticalMark,
};

use super::super::layout::{left, right, top};
use super::super::state::{MarginView, Session};
use super::super::theme::Theme;
use super::super::widget::{Pen, Table, dim_span, span, strong_span};
use super::{Click, charts, format, selective, thresholds};
use crate::report::wrap;

pub(super) use text::text;

/// From this height on the curves are shown too.
const CURVES_FROM: u16 = 20;

/// From this width on tables stand beside the charts.
const ASIDE_FROM: u16 = 99;

/// Rows of the table of quantiles in its panel, and of the AUROC below it where there is room.
const SPREAD_ROWS: u16 = 11;
const AUROC_ROWS: u16 = 4;

/// From this height on the AUROC is shown too.
const AUROC_FROM: u16 = 28;

/// Errors that a user may bear.
const TARGETS: [f64; 5] = [0.01, 0.02, 0.05, 0.1, 0.2];

const TITLE: &str = "top-two margin z(1) − z(2), in logits";

/// Where the parts are.
struct Plan {
    histogram: Rect,
    curves: Rect,
    spread: Rect,
    selective: Rect,
}

fn plan(session: &Session, body: Rect) -> Plan {
    let (_, body) = left(body, 1);
    if body.width < ASIDE_FROM {
        let (histogram, tables) = top(body, body.height.saturating_sub(10).max(7));
        let (spread, selective) = match session.place.margins {
            MarginView::Thresholds => (Rect { width: 0, ..tables }, tables),
            MarginView::Selective | MarginView::Margin => left(tables, tables.width * 9 / 20),
        };
        return Plan { histogram, curves: Rect { height: 0, ..body }, spread, selective };
    }
    let (charts, tables) = right(body, 46);
    let n_spread = if body.height >= AUROC_FROM { SPREAD_ROWS + AUROC_ROWS } else { SPREAD_ROWS };
    let (spread, selective) = top(tables, n_spread);
    let n_histogram = if body.height >= CURVES_FROM { body.height / 2 } else { body.height };
    let (histogram, curves) = top(charts, n_histogram);
    Plan { histogram, curves, spread, selective }
}

/// What a threshold keeps: rows whose margin is at least the edge.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Kept {
    /// The threshold.
    pub(super) threshold: f64,
    /// Rows kept.
    pub(super) n_rows: u64,
    /// Rows kept that are wrong.
    pub(super) n_wrong: u64,
}

impl Kept {
    /// Share of rows that are kept.
    pub(super) fn coverage(&self, n_all: u64) -> f64 {
        self.n_rows as f64 / n_all as f64
    }

    /// Share of wrong rows among the kept; NaN if none is kept.
    pub(super) fn risk(&self) -> f64 {
        self.n_wrong as f64 / self.n_rows as f64
    }
}

/// What is kept at every edge of `histogram`.
pub(super) fn kept(histogram: &Histogram) -> Vec<Kept> {
    let mut n_rows = histogram.above;
    let mut left = histogram.wrong_above;
    let mut all = Vec::with_capacity(histogram.edges.len());
    let n_cells = histogram.correct.len();
    for index in (0..=n_cells).rev() {
        if index < n_cells {
            n_rows += histogram.correct[index] + histogram.wrong[index];
            left += histogram.wrong[index];
        }
        all.push(Kept {
            threshold: histogram.edges.get(index).copied().unwrap_or(f64::NAN),
            n_rows,
            n_wrong: left,
        });
    }
    all.reverse();
    all
}

fn all_kept(session: &Session) -> Vec<Kept> {
    kept(&session.study.analysis.histograms.margin)
}

fn n_rows(session: &Session) -> u64 {
    session.study.counts.used
}

/// Draws the screen.
pub(super) fn draw(session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let plan = plan(session, body);
    let kept = all_kept(session);
    let (width, height) = charts::size(plan.histogram);
    let tier = pen.theme.tier();
    let raster = chart(session).render(width, height, tier);
    pen.raster(plan.histogram, &raster);
    let view = session.place.margins;
    if plan.curves.height > 0 {
        match view {
            MarginView::Selective => {
                let chosen = kept.get(session.place.threshold);
                let coverage = chosen.map_or(f64::NAN, |k| k.coverage(n_rows(session)));
                selective::draw_curve(session, pen, plan.curves, coverage);
            }
            MarginView::Margin => draw_curves(session, pen, &plan, &kept),
            MarginView::Thresholds => thresholds::draw(session, pen, plan.curves),
        }
    }
    draw_spread(session, pen, plan.spread);
    match view {
        MarginView::Thresholds if plan.curves.height == 0 => {
            thresholds::draw(session, pen, plan.selective);
        }
        MarginView::Selective | MarginView::Thresholds => {
            draw_selective(session, pen, plan.selective);
        }
        MarginView::Margin => draw_kept(session, pen, plan.selective, &kept),
    }
}

fn chart(session: &Session) -> HistogramChart<'_> {
    let histogram = &session.study.analysis.histograms.margin;
    let mut chart = charts::histogram(histogram, session.place.log_counts, None, TITLE);
    chart.threshold = histogram.edges.get(session.place.threshold).copied();
    chart
}

fn draw_curves(session: &Session, pen: &mut Pen<'_>, plan: &Plan, kept: &[Kept]) {
    let (above, area) = (plan.histogram, plan.curves);
    let n = n_rows(session);
    let x: Vec<f64> = kept.iter().map(|k| k.threshold).collect();
    let coverage: Vec<f64> = kept.iter().map(|k| k.coverage(n)).collect();
    let risk: Vec<f64> = kept.iter().map(Kept::risk).collect();
    let series = [
        Series { x: &x, y: &coverage, ink: Ink::Curve },
        Series { x: &x, y: &risk, ink: Ink::Curve2 },
    ];
    let threshold = x.get(session.place.threshold).copied().unwrap_or(f64::NAN);
    let marks = [VerticalMark {
        x: threshold,
        sign: Sign::Dot,
        ink: Ink::Cursor,
        line: LineStyle::Solid,
        is_on_curve: true,
        label: "",
    }];
    let (width, height) = charts::size(above);
    let histogram = chart(session).layout(width, height).chart;
    let chart = CurveChart {
        series: &series,
        x: Axis { range: Some([histogram.x.low(), histogram.x.high()]), is_log: false },
        y: Axis { range: Some([0.0, 1.0]), is_log: false },
        marks: &marks,
        interval: None,
        title: "",
    };
    let theme = pen.theme;
    let (head, area) = top(area, 1);
    pen.spans(
        head,
        &[
            ("  share kept".into(), theme.fg(Ink::Curve)),
            dim_span(theme, " and "),
            ("error of the kept".into(), theme.fg(Ink::Curve2)),
            dim_span(theme, " over the threshold"),
        ],
    );
    let area = aligned(area, &chart, histogram.plot);
    let (width, height) = charts::size(area);
    let raster = chart.render(width, height, theme.tier());
    pen.raster(area, &raster);
}

/// The part of `area` in which the plot of `chart` stands on the columns of `plot`, as far as its own
/// labels allow.
fn aligned(area: Rect, chart: &CurveChart<'_>, plot: Area) -> Rect {
    let (width, height) = charts::size(area);
    let own = chart.layout(width, height).plot;
    let columns = |n: usize| u16::try_from(n).unwrap_or(0);
    let (_, area) = left(area, columns(plot.x.saturating_sub(own.x)));
    let (width, height) = charts::size(area);
    let own = chart.layout(width, height).plot;
    let surplus = own.width.saturating_sub(plot.width);
    left(area, area.width.saturating_sub(columns(surplus))).0
}

fn draw_spread(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    if area.width == 0 {
        return;
    }
    let table = spread_table(session, pen.theme);
    let has_auroc = area.height >= SPREAD_ROWS + AUROC_ROWS && session.study.first.is_none();
    let n_auroc = if has_auroc { AUROC_ROWS } else { 0 };
    let wanted = u16::try_from(table.rows.len() + 3).unwrap_or(0) + n_auroc;
    let (panel, _) = top(area, wanted);
    let inside = pen.panel(panel, ["Margin", unweighted(session)], false);
    let (head, rest) = top(inside, inside.height.saturating_sub(n_auroc));
    table.draw(pen, head);
    if has_auroc {
        let lines = selective::auroc_lines(session, pen.theme);
        pen.lines(rest, &lines);
    }
}

fn draw_kept(session: &Session, pen: &mut Pen<'_>, area: Rect, kept: &[Kept]) {
    let table = selective_table(session, pen.theme, kept);
    let wanted = u16::try_from(table.rows.len() + 3).unwrap_or(0);
    let (panel, _) = top(area, wanted);
    let inside = pen.panel(panel, ["Keep the clear ones", unweighted(session)], false);
    table.draw(pen, inside);
}

/// Said where rows have weights and the figures do not take them.
fn unweighted(session: &Session) -> &'static str {
    if session.study.rows().carried().weights().is_some() { "every row as one" } else { "" }
}

fn draw_selective(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    const TITLE: &str = "Selective prediction";
    let table = selective::table(session, pen.theme);
    let words = wrap(&selective::explanation(session), usize::from(area.width.saturating_sub(4)));
    let n_table = u16::try_from(table.rows.len() + 3).unwrap_or(0);
    let n_words = u16::try_from(words.len()).unwrap_or(0);
    let has_words = area.height >= n_table + n_words && session.measures().is_some();
    let wanted = n_table + if has_words { n_words } else { 0 };
    let (panel, _) = top(area, wanted);
    // Corners, blanks and a piece of the border stand between the two.
    let room = usize::from(panel.width).saturating_sub(TITLE.len() + 8);
    let at = selective::at_words(session, room);
    let inside = pen.panel(panel, [TITLE, &at], false);
    let taken = table.draw(pen, inside);
    if has_words {
        let (_, rest) = top(inside, taken);
        let theme = pen.theme;
        let lines: Vec<_> = words.into_iter().map(|l| vec![dim_span(theme, l)]).collect();
        pen.lines(rest, &lines);
    }
}

fn spread_table(session: &Session, theme: Theme) -> Table {
    let margin = &session.study.analysis.margin;
    let columns = [&margin.all, &margin.correct, &margin.wrong];
    let row = |name: &str, of: fn(&Spread) -> f64| {
        let cells = columns.map(|s| span(format::logit(of(s))));
        (span(name), cells.to_vec())
    };
    let mut rows = vec![
        row("median", |s| s.quantiles.median()),
        row("p5", |s| s.quantiles.p5()),
        row("p25", |s| s.quantiles.p25()),
        row("p75", |s| s.quantiles.p75()),
        row("p95", |s| s.quantiles.p95()),
        row("max", |s| s.quantiles.max()),
        row("mean", |s| s.mean),
    ];
    let tied = span(format::count(margin.tied_top));
    rows.push((span("tied top"), vec![tied]));
    Table { heads: ["all", "correct", "wrong"].map(|h| dim_span(theme, h)).to_vec(), rows }
}

/// The least threshold of whose rows no more than `target` are wrong; `None` if none will do.
fn least(kept: &[Kept], target: f64) -> Option<&Kept> {
    kept.iter().find(|k| k.n_rows > 0 && k.risk() <= target)
}

/// For some errors that a user may bear: the least threshold that gets there, and what it keeps.
fn selective_table(session: &Session, theme: Theme, kept: &[Kept]) -> Table {
    let n = n_rows(session);
    let row = |target: f64| {
        let found = least(kept, target);
        let cells = match found {
            Some(k) => vec![
                span(format::percent1(k.coverage(n))),
                span(format!("≥ {}", format::logit(k.threshold))),
            ],
            None => vec![dim_span(theme, "none"), dim_span(theme, format::NONE)],
        };
        (span(format!("error ≤ {:.0} %", target * 100.0)), cells)
    };
    let mut rows: Vec<_> = TARGETS.into_iter().map(row).collect();
    if let Some(chosen) = kept.get(session.place.threshold) {
        let cells = vec![
            strong_span(theme, format::percent1(chosen.coverage(n))),
            strong_span(theme, format!("≥ {}", format::logit(chosen.threshold))),
        ];
        let name = format!("cursor {}", format::percent1(chosen.risk()));
        rows.push((strong_span(theme, name), cells));
    }
    Table { heads: ["keeps", "margin"].map(|h| dim_span(theme, h)).to_vec(), rows }
}

/// What the threshold keeps.
pub(super) fn readouts(session: &Session) -> Vec<String> {
    let kept = all_kept(session);
    let Some(chosen) = kept.get(session.place.threshold) else {
        return vec!["no rows".into()];
    };
    let n = n_rows(session);
    let threshold = format::logit(chosen.threshold);
    let kept = format::count(chosen.n_rows);
    let all = format::count(n);
    let share = format::percent1(chosen.coverage(n));
    let error = format::percent1(chosen.risk());
    let basis = match unweighted(session) {
        "" => String::new(),
        words => format!(", {words}"),
    };
    vec![
        format!("margin ≥ {threshold} keeps {kept} of {all} rows ({share}), error {error}{basis}"),
        format!("margin ≥ {threshold} keeps {kept} rows ({share}), error {error}{basis}"),
        format!("margin ≥ {threshold} keeps {share}, error {error}{basis}"),
    ]
}

/// A click on the histogram sets the threshold.
pub(super) fn hit(session: &Session, body: Rect, at: Position) -> Option<Click> {
    let area = plan(session, body).histogram;
    let (column, _) = charts::within(area, at)?;
    let (width, height) = charts::size(area);
    let cell = chart(session).layout(width, height).cell_at(column)?;
    Some(Click::Threshold(cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_keep_what_lies_at_or_above_them() {
        let histogram = Histogram {
            edges: vec![0.0, 1.0, 2.0],
            correct: vec![3, 5],
            wrong: vec![2, 1],
            below: 0,
            above: 4,
            wrong_above: 1,
        };
        let all = kept(&histogram);
        let counts: Vec<_> = all.iter().map(|k| (k.n_rows, k.n_wrong)).collect();
        assert_eq!(counts, [(15, 4), (10, 2), (4, 1)]);
        assert!((all[1].risk() - 0.2).abs() < 1e-12);
        assert!((all[0].coverage(15) - 1.0).abs() < 1e-12);
    }
}
