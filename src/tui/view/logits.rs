//! How large the logits are.

use ratatui::layout::{Position, Rect};

use crate::metrics::{Histogram, Spread};

use super::super::layout::{left, right, top};
use super::super::state::{Screen, Session};
use super::super::theme::Theme;
use super::super::widget::{Pen, Table, dim_span, span};
use super::{Click, charts, checks, format};

/// From these sizes on all three histograms are shown, else the focused one.
const ALL_FROM: (u16, u16) = (110, 24);

/// Where the parts are.
struct Plan {
    /// Area of each histogram; `None` if it is not shown.
    histograms: [Option<Rect>; 3],
    /// Quantiles and checks.
    tables: Rect,
}

fn focused(session: &Session) -> usize {
    session.place.focus[Screen::Logits.index()] % 3
}

fn plan(session: &Session, body: Rect) -> Plan {
    if body.width < ALL_FROM.0 || body.height < ALL_FROM.1 {
        let (chart, tables) = top(left(body, 1).1, body.height / 2 + 1);
        let mut histograms = [None; 3];
        histograms[focused(session)] = Some(chart);
        return Plan { histograms, tables };
    }
    let (charts, tables) = right(body, (body.width / 3).max(46));
    let (_, charts) = left(charts, 1);
    let (first, rest) = top(charts, body.height / 3);
    let (second, third) = top(rest, body.height / 3);
    Plan { histograms: [Some(first), Some(second), Some(third)], tables }
}

fn title(session: &Session, panel: usize) -> String {
    let name = match panel {
        0 => "largest logit of a row".into(),
        1 => "standard deviation of a row".into(),
        _ => format!("confidence at T = {}", format::temperature(session.t())),
    };
    if panel == focused(session) { format!("▸ {name}") } else { format!("  {name}") }
}

/// Draws the screen.
pub(super) fn draw(session: &Session, pen: &mut Pen<'_>, body: Rect) {
    let plan = plan(session, body);
    let histograms = session.logit_histograms();
    for (panel, area) in plan.histograms.into_iter().enumerate() {
        let Some(area) = area else { continue };
        let title = title(session, panel);
        let chart = chart(session, histograms[panel], panel, &title);
        let (width, height) = charts::size(area);
        let raster = chart.render(width, height, pen.theme.tier());
        pen.raster(area, &raster);
    }
    draw_tables(session, pen, plan.tables);
}

fn chart<'a>(
    session: &Session,
    histogram: &'a Histogram,
    panel: usize,
    title: &'a str,
) -> crate::plot::HistogramChart<'a> {
    let selected = (panel == focused(session)).then_some(session.place.cells[panel]);
    charts::histogram(histogram, session.place.log_counts, selected, title)
}

fn draw_tables(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let theme = pen.theme;
    let table = scale_table(session, theme, area.width);
    let wanted = u16::try_from(table.rows.len() + 3).unwrap_or(0);
    if area.height < wanted || area.width < 40 {
        table.draw(pen, area);
        return;
    }
    let (panel, rest) = top(area, wanted);
    let rows = format!("{} rows", format::count(session.study.counts.used));
    let inside = pen.panel(panel, ["Scale", &rows], false);
    table.draw(pen, inside);
    let checks = checks::lines(session, theme, usize::from(area.width.saturating_sub(4)));
    let wanted = u16::try_from(checks.len() + 2).unwrap_or(0).min(rest.height);
    if wanted >= 4 {
        let (panel, _) = top(rest, wanted);
        let title = match session.study.first {
            Some(_) => "Checks so far",
            None => "Checks",
        };
        let inside = pen.panel(panel, [title, ""], false);
        pen.lines(inside, &checks);
    }
}

/// A column of the table: its heading and the figure.
type Quantity = (&'static str, fn(&Spread) -> f64);

const ALL: [Quantity; 7] = [
    ("mean", |s| s.mean),
    ("p5", |s| s.quantiles.p5()),
    ("p25", |s| s.quantiles.p25()),
    ("p50", |s| s.quantiles.median()),
    ("p75", |s| s.quantiles.p75()),
    ("p95", |s| s.quantiles.p95()),
    ("max", |s| s.quantiles.max()),
];

const MAIN: [Quantity; 4] = [ALL[1], ALL[3], ALL[5], ALL[6]];

fn scale_table(session: &Session, theme: Theme, width: u16) -> Table {
    let scale = &session.study.analysis.logit_scale;
    let columns: &[Quantity] = if width >= 58 { &ALL } else { &MAIN };
    let row = |name: &str, spread: &Spread, by: f64| {
        let cells = columns.iter().map(|(_, of)| span(format::logit(of(spread) / by)));
        (span(name), cells.collect())
    };
    let mut rows = vec![
        row("max logit", &scale.max, 1.0),
        row("min logit", &scale.min, 1.0),
        row("mean", &scale.mean, 1.0),
        row("std", &scale.sd, 1.0),
        row("L2 norm", &scale.norm, 1.0),
        row("log sum exp", &scale.log_sum_exp, 1.0),
        row("entropy", &scale.entropy, 1.0),
        row("margin", &session.study.analysis.margin.all, 1.0),
    ];
    if let Some(star) = session.star() {
        rows.push(row("std / T*", &scale.sd, star.value()));
    }
    Table { heads: columns.iter().map(|(name, _)| dim_span(theme, *name)).collect(), rows }
}

/// The chosen cell of the focused histogram.
pub(super) fn readouts(session: &Session) -> Vec<String> {
    let panel = focused(session);
    let name = ["max logit", "std", "confidence"][panel];
    let histogram = session.logit_histograms()[panel];
    cell_words(name, histogram, session.place.cells[panel])
}

/// `max logit 42.0 … 44.2   n 261   82.4 % correct`, and shorter.
fn cell_words(name: &str, histogram: &Histogram, cell: usize) -> Vec<String> {
    let (Some(low), Some(high)) = (histogram.edges.get(cell), histogram.edges.get(cell + 1)) else {
        return vec!["no rows".into()];
    };
    let correct = histogram.correct.get(cell).copied().unwrap_or(0);
    let n = correct + histogram.wrong.get(cell).copied().unwrap_or(0);
    let share = format::percent1(correct as f64 / n as f64);
    let [low, high] = [low, high].map(|edge| format::logit(*edge));
    let n = format::count(n);
    vec![
        format!("{name} {low} … {high}   n {n}   {share} correct"),
        format!("{name} {low} … {high}  n {n}  {share}"),
        format!("{low} … {high}  n {n}  {share}"),
    ]
}

/// A click on a histogram focuses it and chooses a cell.
pub(super) fn hit(session: &Session, body: Rect, at: Position) -> Option<Click> {
    let plan = plan(session, body);
    let histograms = session.logit_histograms();
    plan.histograms.into_iter().enumerate().find_map(|(panel, area)| {
        let area = area?;
        let (column, _) = charts::within(area, at)?;
        let (width, height) = charts::size(area);
        let chart = chart(session, histograms[panel], panel, "title");
        let cell = chart.layout(width, height).cell_at(column);
        Some(Click::Cell(panel, cell.unwrap_or(session.place.cells[panel])))
    })
}
