//! The NLL over the temperature: its axis is the slider.

use ratatui::layout::{Position, Rect};

use crate::plot::{CurveChart, Ink, Series};

use super::super::errand::Errand;
use super::super::layout::{bottom, left, right, top};
use super::super::state::{Run, Session};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span, span, strong_span};
use super::{Click, charts, format, methods, summary};
use crate::report::number::plain_percent;
use crate::report::{self, recipe, wrap};

/// From this width on figures stand beside the curves.
const ASIDE_FROM: u16 = 72;

/// From this height on ECE has a curve of its own.
const ECE_FROM: u16 = 16;

const NLL_TITLE: &str = "NLL (nats per row)";

/// From this width on methods stand beside the curves, else below them.
const METHODS_FROM: u16 = 130;

/// Rows of the methods below the curves, at most.
const METHODS_ROWS: u16 = 16;

/// Where the parts are.
struct Plan {
    nll: Rect,
    ece: Rect,
    aside: Rect,
    /// Empty unless methods are compared.
    methods: Rect,
}

/// Where methods stand, and what is left for the curves and their figures.
fn with_methods(body: Rect) -> Plan {
    let (rest, methods) = if body.width >= METHODS_FROM {
        right(body, body.width / 2)
    } else {
        bottom(body, METHODS_ROWS.min(body.height.saturating_sub(5)))
    };
    let (_, nll) = left(rest, 1);
    let none = Rect { height: 0, ..nll };
    let empty = Rect { width: 0, ..nll };
    Plan { nll, ece: none, aside: empty, methods }
}

fn plan(session: &Session, body: Rect) -> Plan {
    if session.place.shows_methods {
        return with_methods(body);
    }
    let n_aside = match body.width {
        0..ASIDE_FROM => 0,
        ASIDE_FROM..100 => 34,
        100..150 => 44,
        _ => 60,
    };
    let (curves, aside) = right(body, n_aside);
    let (_, curves) = left(curves, 1);
    let n_nll = if body.height >= ECE_FROM { body.height * 3 / 5 } else { body.height };
    let (nll, ece) = top(curves, n_nll);
    Plan { nll, ece, aside, methods: Rect { height: 0, ..body } }
}

/// Calls `with` with the NLL chart of the session: its parts live only that long.
fn with_nll<T>(session: &Session, with: impl FnOnce(&CurveChart<'_>) -> T) -> T {
    let curves = &session.study.analysis.curves;
    let series = [Series { x: &curves.temperature, y: &curves.nll, ink: Ink::Curve }];
    let labels = charts::mark_labels(session);
    let marks = charts::marks(session, &labels);
    with(&charts::temperature_curve(session, &series, &marks, NLL_TITLE))
}

fn with_ece<T>(session: &Session, with: impl FnOnce(&CurveChart<'_>) -> T) -> T {
    let curves = &session.study.analysis.curves;
    let series = [Series { x: &curves.temperature, y: &curves.ece, ink: Ink::Curve2 }];
    let labels = [String::new(), String::new(), String::new()];
    let marks = charts::marks(session, &labels);
    let title = format!("ECE, {} bins of equal width", session.original.diagram.n_bins);
    with(&charts::temperature_curve(session, &series, &marks, &title))
}

/// The two areas with the one moved right whose counts need less room, so that the axes agree.
fn aligned(session: &Session, plan: &Plan) -> (Rect, Rect) {
    let start = |area: Rect, chart: &CurveChart<'_>| {
        let (width, height) = charts::size(area);
        u16::try_from(chart.layout(width, height).plot.x).unwrap_or(0)
    };
    let nll = with_nll(session, |chart| start(plan.nll, chart));
    let ece = with_ece(session, |chart| start(plan.ece, chart));
    let shift = |area: Rect, by: u16| right(area, area.width.saturating_sub(by)).1;
    if plan.ece.height == 0 {
        return (plan.nll, plan.ece);
    }
    (shift(plan.nll, ece.saturating_sub(nll)), shift(plan.ece, nll.saturating_sub(ece)))
}

/// Draws the screen.
pub(super) fn draw(session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let plan = plan(session, body);
    let (nll, ece) = aligned(session, &plan);
    let tier = pen.theme.tier();
    let paint = |area: Rect, chart: &CurveChart<'_>| {
        let (width, height) = charts::size(area);
        chart.render(width, height, tier)
    };
    let raster = with_nll(session, |chart| paint(nll, chart));
    pen.raster(nll, &raster);
    let raster = with_ece(session, |chart| paint(ece, chart));
    pen.raster(ece, &raster);
    draw_aside(session, pen, plan.aside);
    if plan.methods.height > 0 {
        methods::draw(session, pen, plan.methods);
    }
}

fn draw_aside(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    if area.width == 0 {
        return;
    }
    let theme = pen.theme;
    let columns = summary::columns(session, true);
    let table = summary::table(session, theme, &columns, area.width.saturating_sub(4));
    let width = usize::from(area.width.saturating_sub(4));
    let fit = fit_lines(session, theme, width);
    let usage = use_lines(session, theme, width);
    let n_table = u16::try_from(table.rows.len() + 3).unwrap_or(0);
    let (panel, rest) = top(area, n_table);
    let inside = pen.panel(panel, ["Figures", ""], false);
    table.draw(pen, inside);
    let mut rest = rest;
    for (title, lines) in [("Fit", fit), ("Use it", usage)] {
        let wanted = u16::try_from(lines.len() + 2).unwrap_or(0);
        let (panel, next) = top(rest, wanted);
        if panel.height < 4 {
            return;
        }
        let inside = pen.panel(panel, [title, ""], false);
        pen.lines(inside, &lines);
        rest = next;
    }
}

fn line(theme: Theme, name: &str, value: String) -> Vec<Span> {
    vec![dim_span(theme, format!("{name:<10} ")), span(value)]
}

fn fit_lines(session: &Session, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let fit = &session.study.analysis.fit;
    let Some(t) = fit.temperature else {
        let mut lines = vec![vec![(("no temperature").into(), theme.alert())]];
        lines.extend(wrap(fit.status.explain(), width).into_iter().map(|l| vec![span(l)]));
        return lines;
    };
    let mut lines = vec![vec![
        dim_span(theme, format!("{:<10} ", "T*")),
        strong_span(theme, std::format!("{t:.6}")),
    ]];
    lines.extend(interval_lines(session, theme, width));
    lines.extend(fold_lines(session, theme, width));
    lines.push(line(theme, "status", "converged".into()));
    // What is left below this is rounding, and differs from machine to machine.
    let numbers = |v: Option<f64>| match v {
        None => format::NONE.into(),
        Some(v) if v < 1e-12 => "< 1e-12".into(),
        Some(v) => format!("{v:.1e}"),
    };
    lines.push(line(
        theme,
        "solver",
        format!("{} steps, |dNLL/db| {}", fit.iterations, numbers(fit.gradient)),
    ));
    lines
}

/// The temperature of every fold.
fn fold_lines(session: &Session, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let folds = &session.study.analysis.folds;
    let each = folds.iter().map(|f| f.temperature.map_or("none".into(), format::temperature));
    let words = each.collect::<Vec<String>>().join(" ");
    if words.is_empty() {
        return Vec::new();
    }
    let parts = wrap(&words, width.saturating_sub(11)).into_iter();
    let names = std::iter::once("fold T").chain(std::iter::repeat(""));
    parts.zip(names).map(|(part, name)| line(theme, name, part)).collect()
}

/// All intervals of T, each by its method; the level is said once.
fn interval_lines(session: &Session, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let fit = &session.study.analysis.fit;
    let further = &session.extras.further;
    let ends = |low: Option<f64>, high: Option<f64>| {
        let low = low.map_or("0".into(), format::temperature);
        let high = high.map_or("inf".into(), format::temperature);
        format!("[{low}, {high}]")
    };
    let mut lines = Vec::new();
    if let Some(i) = &fit.interval {
        let level = format!(" {} %", plain_percent(i.level));
        let ends = ends(Some(i.low), Some(i.high));
        let level = if ends.len() + level.len() + 11 <= width { level } else { String::new() };
        lines.push(line(theme, "sandwich", ends + &level));
    }
    if session.study.first.is_none() {
        let profile = further.details.as_deref().map(|d| d.profile.as_ref());
        let profile = profile.map(|p| p.map(|p| ends(p.low, p.high)));
        let drawn = further.bootstrap.as_deref().map(|b| b.temperature.as_ref());
        let drawn = drawn.map(|b| b.map(|b| ends(b.low, b.high)));
        for (name, known) in [("profile", profile), ("bootstrap", drawn)] {
            let pending = if matches!(session.extras.run(Errand::Further), Run::Running(..)) {
                "…"
            } else {
                format::NONE
            };
            let words = known.map(|known| known.unwrap_or_else(|| format::NONE.into()));
            lines.push(line(theme, name, words.unwrap_or_else(|| pending.into())));
        }
    }
    let error = fit.standard_error.map(|se| line(theme, "std error", format::fixed(se, 4)));
    lines.extend(error);
    lines
}

fn use_lines(session: &Session, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let Some(star) = session.star() else {
        return Vec::new();
    };
    if session.study.first.is_some() {
        let words = wrap("Not yet: this T* is not that of the whole file.", width);
        return words.into_iter().map(|l| vec![span(l)]).collect();
    }
    let plain = |text: &str| wrap(text, width).into_iter().map(|l| vec![span(l)]);
    let mut lines: Vec<Vec<Span>>;
    let card = if let Some(fault) = report::fault(&session.study) {
        let headline = format!("FAILURE: {}", fault.rule);
        lines = vec![vec![(headline, theme.alert())]];
        lines.extend(plain("Mend this first: T* was fitted on what is broken."));
        " asks before it writes the card"
    } else {
        let [words, formula] = recipe(&session.study.info, &format!("{:.6}", star.value()));
        lines = plain(&words).collect();
        let formula = wrap(&formula, width).into_iter();
        lines.extend(formula.map(|l| vec![strong_span(theme, l)]));
        " writes the card next to the data"
    };
    lines.push(vec![("w".into(), theme.key()), dim_span(theme, card)]);
    lines
}

/// NLL and ECE at the cursor.
pub(super) fn readout(session: &Session) -> String {
    let rough = if session.is_exact() { "" } else { "~" };
    let metrics = &session.figures.cursor.metrics;
    let [nll, ece] = match (session.is_current(), session.curve_values()) {
        (false, Some([nll, ece, _])) => [nll, ece],
        _ => [metrics.nll, metrics.ece],
    };
    let t = format::temperature(session.t());
    let over = over_minimum(session, nll).unwrap_or_default();
    let nll = format::nats(nll);
    let ece = format::percent(ece);
    format!("T {t}   NLL {rough}{nll}{over}   ECE {rough}{ece} %")
}

/// How far the NLL is above its value at T* on the same rows, from the curve.
fn over_minimum(session: &Session, nll: f64) -> Option<String> {
    let curves = &session.study.analysis.curves;
    let star = session.star()?.value();
    let least = super::super::state::interpolate(curves, &curves.nll, star)?;
    let over = nll - least;
    (over.abs() >= 5e-5).then(|| format!(" ({over:+.4} to T*)"))
}

/// A click or a drag on either plot sets the temperature.
pub(super) fn hit(session: &Session, body: Rect, at: Position) -> Option<Click> {
    let plan = plan(session, body);
    let (nll, ece) = aligned(session, &plan);
    let on = |area: Rect, chart: &CurveChart<'_>| {
        let (column, _) = charts::within(area, at)?;
        let (width, height) = charts::size(area);
        let layout = chart.layout(width, height);
        (!layout.plot.is_empty()).then(|| Click::Temperature(layout.x_at(column)))
    };
    with_nll(session, |chart| on(nll, chart)).or_else(|| with_ece(session, |chart| on(ece, chart)))
}
