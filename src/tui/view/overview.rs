//! The verdict in words, and a little of every other screen.

use ratatui::layout::{Position, Rect};

use crate::plot::{CurveChart, Ink, ReliabilityChart, Series};
use crate::report::{VerdictText, fault, verdict};

use super::super::layout::{left, right, top};
use super::super::state::{App, OVERVIEW_PANELS, OverviewPanel, Screen, Session};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, Table, dim_span, span, strong_span};
use super::{Click, charts, chrome, format, look_first, severity, summary};
use crate::report::wrap;

/// From these sizes on there is room for both charts and a row of tables.
const FULL_FROM: (u16, u16) = (100, 27);

/// Rows of the lower panels.
const LOWER: u16 = 12;

/// Where the panels are; empty ones are not shown.
struct Plan {
    verdict: Rect,
    findings: Rect,
    reliability: Rect,
    temperature: Rect,
    metrics: Rect,
    logits: Rect,
    margins: Rect,
    data: Rect,
}

/// The panels that are shown, in the order of Tab.
pub(in crate::tui) fn panels(app: &App) -> Vec<OverviewPanel> {
    let area = Rect::new(0, 0, app.size.width, app.size.height);
    let (Some(parts), Some(session)) = (super::layout::parts(area), app.shown()) else {
        return Vec::new();
    };
    let plan = plan(session, parts.body);
    OVERVIEW_PANELS
        .into_iter()
        .filter(|panel| !panel_area(session, &plan, *panel).is_empty())
        .collect()
}

/// The place in [`panels`] of the panel at a cell of the terminal; `None` beside them, and with
/// something in front of the Overview.
pub(in crate::tui) fn panel_at(app: &App, column: u16, line: u16) -> Option<usize> {
    let session = app.shown()?;
    let is_bare = app.overlays.is_empty() && !app.is_covered();
    if session.place.screen != Screen::Overview || !is_bare {
        return None;
    }
    let parts = super::layout::parts(Rect::new(0, 0, app.size.width, app.size.height))?;
    let plan = plan(session, parts.body);
    let at = Position::new(column, line);
    panels(app).into_iter().position(|panel| panel_area(session, &plan, panel).contains(at))
}

fn panel_area(session: &Session, plan: &Plan, panel: OverviewPanel) -> Rect {
    match panel {
        // A fault stands in the place of the verdict.
        OverviewPanel::Findings if fault(&session.study).is_some() => {
            plan.verdict.union(plan.findings)
        }
        OverviewPanel::Findings => plan.findings,
        OverviewPanel::Screen(Screen::Reliability) => plan.reliability,
        OverviewPanel::Screen(Screen::Temperature) => plan.temperature,
        OverviewPanel::Screen(Screen::Logits) => plan.logits,
        OverviewPanel::Screen(Screen::Margins) => plan.margins,
        OverviewPanel::Screen(
            Screen::Overview | Screen::Classes | Screen::Compare | Screen::Run,
        ) => plan.verdict,
    }
}

fn plan(session: &Session, body: Rect) -> Plan {
    let none = Rect { width: 0, height: 0, ..body };
    let is_full = body.width >= FULL_FROM.0 && body.height >= FULL_FROM.1;
    let n_first = look_first::least(session, body);
    let most = match (is_full, fault(&session.study)) {
        (true, Some(_)) => 7,
        (true, None) => 9,
        (false, _) => body.height.saturating_sub(5 + n_first).max(3),
    };
    let n_lines = verdict_lines(session, body.width, most.saturating_sub(2)).0.len();
    let n_verdict = u16::try_from(n_lines + 2).unwrap_or(most).min(most);
    let (verdict, rest) = top(body, n_verdict);
    let (kept, chart) = if is_full { (LOWER, look_first::CHARTS) } else { (0, look_first::CHART) };
    let spare = rest.height.saturating_sub(kept);
    let (findings, rest) =
        top(rest, look_first::height(session, body.width, spare, (n_first, chart)));
    if is_full {
        let (charts, lower) = top(rest, rest.height - LOWER);
        let (reliability, temperature) = left(charts, charts.width / 2);
        let (metrics, lower) = left(lower, lower.width * 9 / 24);
        let (middle, data) = left(lower, lower.width / 2);
        let (logits, margins) = top(middle, LOWER / 2);
        return Plan {
            verdict,
            findings,
            reliability,
            temperature,
            metrics,
            logits,
            margins,
            data,
        };
    }
    let n_metrics = if body.width >= 72 { 36 } else { 30 };
    let (chart, metrics) = right(rest, n_metrics);
    let fits = chart.width >= 24 && chart.height >= look_first::CHART;
    Plan {
        verdict,
        findings,
        reliability: if fits { chart } else { none },
        temperature: none,
        metrics: if fits { metrics } else { rest },
        logits: none,
        margins: none,
        data: none,
    }
}

/// Draws the screen.
pub(super) fn draw(app: &App, session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let plan = plan(session, body);
    let focus = session.place.focus[Screen::Overview.index()];
    let focused = panels(app).get(focus).copied();
    let is_focused = |screen: Screen| focused == Some(OverviewPanel::Screen(screen));
    let is_findings = focused == Some(OverviewPanel::Findings);
    draw_verdict(session, pen, plan.verdict, is_findings);
    look_first::draw(session, pen, plan.findings, is_findings);
    draw_reliability(session, pen, plan.reliability, is_focused(Screen::Reliability));
    draw_temperature(session, pen, plan.temperature, is_focused(Screen::Temperature));
    draw_metrics(session, pen, plan.metrics);
    let logits = logit_lines(session, pen.theme);
    draw_lines(pen, plan.logits, ("4 Logits", is_focused(Screen::Logits)), &logits);
    let margins = margin_lines(session, pen.theme);
    draw_lines(pen, plan.margins, ("5 Margins", is_focused(Screen::Margins)), &margins);
    let data = data_lines(session, pen.theme);
    draw_lines(pen, plan.data, ("Data", false), &data);
}

/// The sentences, broken for a panel of `width` columns and `room` lines, and how many lines the first one has. Under a
/// fault a sentence that does not fit is left out.
fn verdict_lines(session: &Session, width: u16, room: u16) -> (Vec<String>, usize) {
    let VerdictText { sentences, .. } = verdict(&session.study);
    let columns = usize::from(width.saturating_sub(4));
    let broken = |sentence: String| wrap(&sentence, columns);
    let Some(fault) = fault(&session.study) else {
        let n_first = sentences.first().map_or(0, |s| broken(s.clone()).len());
        return (sentences.into_iter().flat_map(broken).collect(), n_first);
    };
    let advice = format!("Probably: {}. Next: {}.", fault.cause, fault.next_step);
    let mut lines = broken(fault.message.clone());
    let n_first = lines.len();
    lines.extend(broken(advice));
    for sentence in sentences.into_iter().map(broken) {
        if lines.len() + sentence.len() <= usize::from(room) {
            lines.extend(sentence);
        }
    }
    (lines, n_first)
}

fn draw_verdict(session: &Session, pen: &mut Pen<'_>, area: Rect, focused: bool) {
    let theme = pen.theme;
    let words = verdict(&session.study);
    let fault = fault(&session.study);
    let inside = pen.panel(area, ["", ""], focused && fault.is_some());
    let title = Rect { x: area.x + 2, width: area.width.saturating_sub(4), height: 1, ..area };
    let headline = match (fault, session.study.first) {
        (Some(_), _) => format!(" ✗ {} ", words.headline),
        (None, Some(_)) => format!(" {} so far ", words.headline),
        (None, None) => format!(" {} ", words.headline),
    };
    pen.text(title, &headline, theme.alert());
    let (lines, n_first) = verdict_lines(session, area.width, inside.height);
    let in_weight = |(idx, line): (usize, String)| {
        let weighed = if idx < n_first { strong_span(theme, line) } else { span(line) };
        vec![weighed]
    };
    let lines: Vec<Vec<Span>> = lines.into_iter().enumerate().map(in_weight).collect();
    pen.lines(inside, &lines);
}

fn draw_reliability(session: &Session, pen: &mut Pen<'_>, area: Rect, focused: bool) {
    if area.is_empty() {
        return;
    }
    let shown = &session.figures;
    let overlaid = if session.is_at_one() {
        shown.star.as_ref().map(|star| (star, "T*"))
    } else {
        Some((&shown.cursor, "cursor"))
    };
    let note = match overlaid {
        Some((_, name)) => format!("bars T = 1, ○ {name}"),
        None => "bars T = 1".into(),
    };
    let inside = pen.panel(area, ["2 Reliability", &note], focused);
    let bins = charts::bins_of(&shown.one);
    let overlay = overlaid.map(|(figures, _)| charts::bins_of(figures));
    let chart = ReliabilityChart {
        overlay: overlay.as_deref().unwrap_or_default(),
        selected: None,
        has_histogram: false,
        has_whiskers: false,
        ..charts::reliability(session, &bins, "")
    };
    let (width, height) = charts::size(inside);
    let raster = chart.render(width, height, pen.theme.tier());
    pen.raster(inside, &raster);
}

fn draw_temperature(session: &Session, pen: &mut Pen<'_>, area: Rect, focused: bool) {
    if area.is_empty() {
        return;
    }
    let inside = pen.panel(area, ["3 Temperature", "NLL over T"], focused);
    let tier = pen.theme.tier();
    let (width, height) = charts::size(inside);
    let raster = with_curve(session, |chart| chart.render(width, height, tier));
    pen.raster(inside, &raster);
}

fn with_curve<T>(session: &Session, with: impl FnOnce(&CurveChart<'_>) -> T) -> T {
    let curves = &session.study.analysis.curves;
    let series = [Series { x: &curves.temperature, y: &curves.nll, ink: Ink::Curve }];
    let labels = charts::mark_labels(session);
    let marks = charts::marks(session, &labels);
    with(&charts::temperature_curve(session, &series, &marks, ""))
}

fn draw_metrics(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = pen.theme;
    let columns = summary::columns(session, area.width >= 44);
    let table: Table = summary::table(session, theme, &columns, area.width.saturating_sub(4));
    let inside = if area.height < 7 {
        super::layout::inset(area, 2, 0)
    } else {
        pen.panel(area, ["Figures", ""], false)
    };
    table.draw(pen, inside);
}

fn draw_lines(pen: &mut Pen<'_>, area: Rect, (title, focused): (&str, bool), lines: &[Vec<Span>]) {
    if area.is_empty() {
        return;
    }
    let inside = pen.panel(area, [title, ""], focused);
    pen.lines(inside, lines);
}

fn line(theme: Theme, name: &str, value: String) -> Vec<Span> {
    vec![dim_span(theme, format!("{name:<11}")), span(value)]
}

fn logit_lines(session: &Session, theme: Theme) -> Vec<Vec<Span>> {
    let scale = &session.study.analysis.logit_scale;
    let range = |name: &str, s: &crate::metrics::Spread| {
        let q = &s.quantiles;
        let [low, middle, high] = [q.p5(), q.median(), q.p95()].map(format::logit);
        line(theme, name, format!("{middle}  ({low} … {high})"))
    };
    vec![
        range("max logit", &scale.max),
        range("std", &scale.sd),
        line(
            theme,
            "extremes",
            format!(
                "{} … {}",
                format::logit(scale.min.quantiles.min()),
                format::logit(scale.max.quantiles.max())
            ),
        ),
        vec![dim_span(theme, "median (5 % … 95 %) over rows")],
    ]
}

fn margin_lines(session: &Session, theme: Theme) -> Vec<Vec<Span>> {
    let margin = &session.study.analysis.margin;
    let median = |s: &crate::metrics::Spread| format::logit(s.quantiles.median());
    vec![
        line(theme, "median", median(&margin.all)),
        line(theme, "correct", median(&margin.correct)),
        line(theme, "wrong", median(&margin.wrong)),
        line(theme, "tied top", format!("{} rows", format::count(margin.tied_top))),
    ]
}

fn data_lines(session: &Session, theme: Theme) -> Vec<Vec<Span>> {
    let info = &session.study.info;
    let counts = &session.study.counts;
    let mut lines = vec![
        vec![strong_span(theme, chrome::short_name(&info.path))],
        vec![span(format!(
            "{} {}, {}, {}",
            info.dtype,
            info.kind.describe(),
            info.format,
            format::bytes(info.n_bytes)
        ))],
        rows_line(theme, counts.used, "rows judged", false),
    ];
    if let Some(fitted) = &session.study.fitted {
        lines.push(rows_line(theme, fitted.used, "other rows fitted on", false));
    }
    if counts.non_finite > 0 {
        lines.push(rows_line(theme, counts.non_finite, "rows left out: not finite", true));
    }
    if counts.ignored_label > 0 {
        lines.push(rows_line(theme, counts.ignored_label, "rows left out: label", true));
    }
    if session.study.findings.is_empty() && session.study.first.is_none() {
        lines.push(vec![severity::passed(theme), span("no rule found anything")]);
    }
    let guesses = info.guesses.iter().map(|g| format!("{}: {}", g.what, g.chosen));
    lines.extend(guesses.map(|words| vec![dim_span(theme, words)]));
    lines
}

fn rows_line(theme: Theme, n: u64, words: &str, is_alert: bool) -> Vec<Span> {
    let (mark, style) = if is_alert { ("! ", theme.alert()) } else { ("✓ ", theme.dim()) };
    vec![(mark.into(), style), span(format!("{} {words}", format::count(n)))]
}

/// Where to go from here.
pub(super) fn readout(session: &Session) -> String {
    if session.is_at_one() {
        return String::new();
    }
    format!("T = {}: {}", format::temperature(session.t()), summary::one_line(session))
}

/// A click on a panel opens its screen; on the NLL curve it moves the temperature.
pub(super) fn hit(app: &App, session: &Session, body: Rect, at: Position) -> Option<Click> {
    let plan = plan(session, body);
    let inside = super::layout::inside(plan.temperature);
    if let Some((column, row)) = charts::within(inside, at) {
        let (width, height) = charts::size(inside);
        let layout = with_curve(session, |chart| chart.layout(width, height));
        if layout.plot.contains(column, row) {
            return Some(Click::Temperature(layout.x_at(column)));
        }
    }
    let mut panels = panels(app).into_iter();
    match panels.find(|panel| panel_area(session, &plan, *panel).contains(at))? {
        OverviewPanel::Findings => Some(look_first::hit(session, plan.findings, at)),
        OverviewPanel::Screen(screen) => Some(Click::Panel(screen)),
    }
}
