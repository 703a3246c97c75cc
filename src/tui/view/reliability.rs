//! The reliability diagram, its figures and the chosen bin.

use ratatui::layout::{Position, Rect};

use crate::data::Task;
use crate::metrics::{Bin, Binning, Figures};
use crate::plot::{Fill, Ink, Tier};

use super::super::errand::Errand;
use super::super::layout::{bottom, left, right, top};
use super::super::state::{Chart, Session};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, Table, dim_span, span, strong_span};
use super::measures::MeasureRow;
use super::{Click, charts, curves, format, measures, summary};
use crate::report::wrap;

/// From this width on two diagrams stand side by side, if wanted.
pub(in crate::tui) const TWO_FROM: u16 = 150;

/// From this width on figures stand beside the diagram.
const ASIDE_FROM: u16 = 74;

/// Where the parts of the screen are.
struct Plan {
    /// The diagram of the cursor's temperature.
    chart: Rect,
    /// That of T = 1 beside it.
    first: Option<Rect>,
    /// Figures; empty if they are one line at the bottom.
    aside: Rect,
    /// The one line; empty if there is an aside.
    line: Rect,
}

fn plan(session: &Session, body: Rect) -> Plan {
    let empty = Rect { width: 0, ..body };
    if body.width < ASIDE_FROM {
        let (chart, line) = bottom(body, 1);
        return Plan { chart, first: None, aside: empty, line };
    }
    let n_aside = match body.width {
        0..100 => 27,
        100..140 => 46,
        _ => 50,
    };
    let (charts, aside) = right(body, n_aside);
    let (_, charts) = left(charts, 1);
    let two = body.width >= TWO_FROM && session.place.side_by_side;
    let (first, chart) = if two {
        let (first, chart) = left(charts, charts.width / 2);
        (Some(first), chart)
    } else {
        (None, charts)
    };
    Plan { chart, first, aside, line: Rect { height: 0, ..body } }
}

/// The figures of the diagram that follows the cursor, and their heading. With two diagrams and the
/// cursor at T = 1, the second one shows T*.
fn followed(session: &Session, is_second: bool) -> (&Figures, String) {
    let figures = &session.figures;
    match &figures.star {
        Some(star) if is_second && session.is_at_one() => {
            let words = if session.is_original_cut() {
                charts::evaluated_words(session)
            } else {
                charts::cursor_words(session)
            };
            let t = format::temperature(star.temperature);
            (star, format!("T* = {t}, {words}"))
        }
        _ => {
            let t = format::temperature(session.t());
            (&figures.cursor, format!("T = {t}"))
        }
    }
}

fn title(session: &Session, which: &str) -> String {
    let [_, outcome] = charts::axis_words(session);
    format!("{outcome}, {which}")
}

/// Draws the screen.
pub(super) fn draw(session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let plan = plan(session, body);
    let (figures, which) = followed(session, plan.first.is_some());
    match session.place.chart {
        Chart::Corp => draw_curves(session, pen, &plan, &which),
        Chart::ByBins => curves::draw_by_bins(session, pen, by_bins_area(&plan)),
        Chart::Bars | Chart::Dots => {
            if let Some(area) = plan.first {
                draw_diagram(session, pen, area, &session.figures.one, "T = 1");
            }
            draw_diagram(session, pen, plan.chart, figures, &which);
        }
    }
    if plan.aside.width > 0 {
        draw_aside(session, pen, plan.aside, (figures, &which));
    }
    let line = summary::one_line(session);
    pen.text(plan.line, &format!(" {line}"), pen.theme.text());
}

/// Where the curve at the cursor's temperature stands. The cursor is on a step of that one.
fn curve_area(session: &Session, plan: &Plan) -> Rect {
    plan.first.filter(|_| session.is_at_one()).unwrap_or(plan.chart)
}

/// The isotonic curves of the same temperatures as the diagrams.
fn draw_curves(session: &Session, pen: &mut Pen<'_>, plan: &Plan, which: &str) {
    let with_cursor = curve_area(session, plan);
    let chosen = |area: Rect| session.chosen_step().filter(|_| area == with_cursor);
    if let Some(area) = plan.first {
        let one = session.extras.further.before.as_deref();
        let title = title(session, "T = 1");
        curves::draw_corp(session, pen, area, (one, chosen(area), &title));
    }
    let is_star = plan.first.is_some() && session.is_at_one() && session.star().is_some();
    let measures = if is_star { session.star_measures() } else { session.measures() };
    let title = title(session, which);
    let corp = (measures, chosen(plan.chart), title.as_str());
    curves::draw_corp(session, pen, plan.chart, corp);
}

/// The curves over the number of bins take the room of both diagrams.
fn by_bins_area(plan: &Plan) -> Rect {
    plan.first.map_or(plan.chart, |first| first.union(plan.chart))
}

fn draw_diagram(session: &Session, pen: &mut Pen<'_>, area: Rect, figures: &Figures, which: &str) {
    let bins = charts::bins_of(figures);
    let title = title(session, which);
    let mut chart = charts::reliability(session, &bins, &title);
    chart.accuracy = Some(overall(&figures.reliability.bins, |b| b.accuracy));
    chart.mean_probability = Some(overall(&figures.reliability.bins, |b| b.confidence));
    let (width, height) = charts::size(area);
    let raster = chart.render(width, height, pen.theme.tier());
    pen.raster(area, &raster);
    legend(pen, area, title.chars().count());
}

/// Which gap is which, at the right end of the title line, in the words of the bin's panel.
fn legend(pen: &mut Pen<'_>, area: Rect, title: usize) {
    let theme = pen.theme;
    let key = |ink: Ink, words: &str| {
        let sign = match (theme.bg(ink), ink.fill()) {
            (None, Some(fill)) => theme.tier().fill(fill),
            // Not a full block: it would seem to grow out of the bar under it.
            _ if theme.tier() == Tier::Ascii => theme.tier().fill(Fill::Solid),
            _ => '■',
        };
        let style = if theme.bg(ink).is_some() { theme.fg(ink) } else { theme.text() };
        [(sign.to_string(), style), span(format!(" {words}"))]
    };
    let mut line = Vec::from(key(Ink::GapOver, "over  "));
    line.extend(key(Ink::GapUnder, "under"));
    let width: usize = line.iter().map(|(text, _)| text.chars().count()).sum();
    let room = usize::from(area.width);
    if room >= title + width + 4 {
        let (_, area) = left(area, u16::try_from(room - width - 1).unwrap_or(0));
        pen.lines(Rect { height: 1, ..area }, &[line]);
    }
}

/// The mean of a bin's figure over all rows; NaN without rows.
fn overall(bins: &[Bin], of: impl Fn(&Bin) -> f64) -> f64 {
    let filled = || bins.iter().filter(|b| !b.is_empty());
    let total: f64 = filled().map(Bin::mass).sum();
    filled().map(|b| of(b) * b.mass()).sum::<f64>() / total
}

fn draw_aside(session: &Session, pen: &mut Pen<'_>, area: Rect, shown: (&Figures, &str)) {
    let is_framed = area.width >= 40;
    let room = area.width.saturating_sub(if is_framed { 4 } else { 1 });
    let mut table = summary::metrics_table(session, pen.theme, room);
    let mut extra = measures::rows(session, pen.theme, &summary::metrics_columns(session));
    let bin = if matches!(session.place.chart, Chart::Bars | Chart::Dots) {
        bin_lines(session, shown.0, pen.theme)
    } else {
        Vec::new()
    };
    let n_table = u16::try_from(table.rows.len() + 1).unwrap_or(0);
    let n_bin = u16::try_from(bin.len()).unwrap_or(0);
    if area.height < n_table + n_bin + 5 || !is_framed {
        let n_free = area.height.saturating_sub(n_table + if n_bin > 0 { n_bin + 1 } else { 0 });
        extra.truncate(usize::from(n_free));
        add(&mut table, extra, false);
        let (_, area) = left(area, 1);
        let taken = table.draw(pen, area);
        let (_, rest) = top(area, taken + 1);
        pen.lines(rest, &bin);
        return;
    }
    let reading = reading(session, shown.0, usize::from(area.width.saturating_sub(4)));
    let n_reading = u16::try_from(reading.len() + 2).unwrap_or(0);
    let n_panels = n_table + 2 + if n_bin > 0 { n_bin + 2 } else { 0 };
    let n_free = area.height.saturating_sub(n_panels);
    let n_extra = u16::try_from(extra.len()).unwrap_or(0);
    let has_reading = n_free >= n_extra + n_reading;
    extra.truncate(usize::from(n_free));
    let n_extra = u16::try_from(extra.len()).unwrap_or(0);
    add(&mut table, extra, true);
    let (panel, rest) = top(area, n_table + n_extra + 2);
    let rows = format!("{} rows", format::count(session.study.counts.used));
    let state = measures::state(session, Errand::Further).unwrap_or(rows);
    let inside = pen.panel(panel, ["Calibration", &state], false);
    table.draw(pen, inside);
    let mut rest = rest;
    if n_bin > 0 {
        let (panel, below) = top(rest, n_bin + 2);
        let place = session.place.bin + 1;
        let n_bins = shown.0.reliability.bins.len();
        let heading = format!("Bin {} of {n_bins}", place.min(n_bins));
        let inside = pen.panel(panel, [&heading, shown.1], false);
        pen.lines(inside, &bin);
        rest = below;
    }
    if has_reading {
        let (panel, _) = top(rest, n_reading);
        let inside = pen.panel(panel, ["Reading", shown.1], false);
        pen.lines(inside, &reading);
    }
}

/// Adds measures to the figures, before the line that says which rows they describe.
fn add(table: &mut Table, extra: Vec<MeasureRow>, is_wide: bool) {
    let at = table.rows.len().saturating_sub(1);
    let rows = extra.into_iter().map(|row| {
        let name = if is_wide { row.name } else { row.short };
        (span(name), row.cells)
    });
    table.rows.splice(at..at, rows);
}

fn chosen<'a>(session: &Session, figures: &'a Figures) -> Option<&'a Bin> {
    let bins = &figures.reliability.bins;
    bins.get(session.place.bin.min(bins.len().saturating_sub(1)))
}

/// `(0.800, 0.867]`, or `[a, b]` for bins of equal mass.
fn range(session: &Session, bin: &Bin) -> String {
    let open = match session.place.diagram.binning {
        Binning::Width if bin.low > 0.0 => '(',
        _ => '[',
    };
    format!("{open}{}, {}]", format::fixed(bin.low, 3), format::fixed(bin.high, 3))
}

fn share_of_error(figures: &Figures, bin: &Bin) -> f64 {
    let weight = |b: &Bin| b.mass() * b.gap().abs();
    let filled = figures.reliability.bins.iter().filter(|b| !b.is_empty());
    weight(bin) / filled.map(weight).sum::<f64>()
}

fn direction(gap: f64) -> &'static str {
    match gap {
        g if g <= -0.0005 => "over",
        g if g >= 0.0005 => "under",
        _ => "",
    }
}

/// What panel and status line call the two figures of a bin.
fn bin_words(session: &Session) -> [&'static str; 2] {
    match session.study.info.task {
        Task::Binary | Task::Multilabel => ["mean p", "positive"],
        Task::Multiclass => ["mean conf", "accuracy"],
    }
}

fn bin_lines(session: &Session, figures: &Figures, theme: Theme) -> Vec<Vec<Span>> {
    let Some(bin) = chosen(session, figures) else {
        return vec![vec![span("no bins")]];
    };
    let [probability, outcome] = bin_words(session);
    let line =
        |name: &str, value: String| vec![dim_span(theme, format!("{name:<10}")), span(value)];
    let mut lines = vec![
        vec![dim_span(theme, format!("{:<10}", "bin")), strong_span(theme, range(session, bin))],
        line(
            "rows",
            format!(
                "{}  ({})",
                format::count(bin.count),
                format::percent1(bin.count as f64 / figures.metrics.n_rows as f64)
            ),
        ),
    ];
    if bin.is_empty() {
        lines.push(vec![dim_span(theme, "no rows fall into this bin")]);
        return lines;
    }
    let [low, high] = bin.interval.unwrap_or([f64::NAN; 2]).map(|v| format::fixed(v, 3));
    lines.extend([
        line(outcome, format::fixed(bin.accuracy, 3)),
        line("  95 %", format!("[{low}, {high}]")),
        line(probability, format::fixed(bin.confidence, 3)),
        line("gap", format!("{} {}", format::signed(bin.gap()), direction(bin.gap()))),
        line("of ECE", format::percent1(share_of_error(figures, bin))),
    ]);
    lines
}

/// What the diagram says, in words.
fn reading(session: &Session, figures: &Figures, width: usize) -> Vec<Vec<Span>> {
    let filled: Vec<&Bin> = figures.reliability.bins.iter().filter(|b| !b.is_empty()).collect();
    let n_below = filled.iter().filter(|b| b.gap() < 0.0).count();
    let n_clear = filled
        .iter()
        .filter(|b| b.interval.is_some_and(|[low, high]| b.confidence < low || b.confidence > high))
        .count();
    let n_few = filled.iter().filter(|b| b.count < 20).count();
    let mut words = format!(
        "{n_below} of {} filled bins lie below the diagonal; in {n_clear} the gap is outside the 95 % interval.",
        filled.len()
    );
    if n_few > 0 {
        words = format!("{words} Drawn dim: {n_few} with fewer than 20 rows.");
    }
    let is_at_one = figures.temperature.total_cmp(&1.0).is_eq();
    if session.star().is_some() && is_at_one {
        words.push_str(" Press * to see the fitted temperature.");
    }
    wrap(&words, width).into_iter().map(|l| vec![span(l)]).collect()
}

/// The chosen bin in one line, and in shorter ones.
pub(super) fn readouts(session: &Session) -> Vec<String> {
    match session.place.chart {
        Chart::Bars | Chart::Dots => bin_readouts(session),
        Chart::Corp => curves::corp_readouts(session, bin_words(session)[1]),
        Chart::ByBins => curves::by_bins_readouts(session),
    }
}

fn bin_readouts(session: &Session) -> Vec<String> {
    let figures = &session.figures.cursor;
    let n_bins = figures.reliability.bins.len();
    let Some(bin) = chosen(session, figures) else {
        return vec!["no bins".into()];
    };
    let place = format!("bin {}/{n_bins}", (session.place.bin + 1).min(n_bins));
    let range = range(session, bin);
    let n = format::count(bin.count);
    if bin.is_empty() {
        return vec![format!("{place}  {range}   n {n}")];
    }
    let [probability, outcome] = bin_words(session);
    let outcome = format!("{outcome} {}", format::fixed(bin.accuracy, 3));
    let probability = format!("{probability} {}", format::fixed(bin.confidence, 3));
    let gap = format!("gap {}", format::signed(bin.gap()));
    vec![
        format!("{place}  {range}   n {n}   {outcome}   {probability}   {gap}"),
        format!("{place} {range}  n {n}  {outcome}  {probability}  {gap}"),
        format!("{place}  n {n}  {outcome}  {probability}  {gap}"),
        format!("{outcome}  {probability}  {gap}"),
    ]
}

/// What stands at a cell.
pub(super) fn hit(session: &Session, body: Rect, at: Position) -> Option<Click> {
    let plan = plan(session, body);
    match session.place.chart {
        Chart::Corp => return curves::step_at(session, curve_area(session, &plan), at),
        Chart::ByBins => return curves::bin_count_at(session, by_bins_area(&plan), at),
        Chart::Bars | Chart::Dots => {}
    }
    let (figures, _) = followed(session, plan.first.is_some());
    let candidates =
        [plan.first.map(|area| (area, &*session.figures.one)), Some((plan.chart, figures))];
    candidates.into_iter().flatten().find_map(|(area, figures)| {
        let (column, _) = charts::within(area, at)?;
        let bins = charts::bins_of(figures);
        // The title moves rows, not columns, but the layout must be that of the drawing.
        let chart = charts::reliability(session, &bins, "title");
        let (width, height) = charts::size(area);
        chart.layout(width, height).bin_at(column).map(Click::Bin)
    })
}
