//! A training run: what changes from step to step, and where trouble began.

use ratatui::layout::{Position, Rect};

use super::step_charts::{PLOTS, StepPlot, non_finite_share};
use crate::diagnosis::{Finding, Severity, have_same_labels, margin_edges};
use crate::plot::{ChartLayout, StepStrip, step_at};
use crate::report::wrap;
use crate::tui::layout::{bottom, left, top};
use crate::tui::state::{Group, Member, MemberState};
use crate::tui::theme::Theme;
use crate::tui::view::{Click, charts, format};
use crate::tui::widget::{Pen, Span, dim_span, span, strong_span};

/// Least columns and rows of a chart with its head.
const LEAST: (u16, u16) = (38, 5);

/// Charts side by side, and below one another, at most.
const MOST: u16 = 3;

/// Rows of a chart that are enough for three below one another.
const THREE_FROM: u16 = 21;

const STRIP: &str = " margin z(1) − z(2), in logits";

/// Where the parts are.
struct Plan {
    words: Rect,
    charts: Vec<Rect>,
    strip: Rect,
}

fn plan(body: Rect, n_lines: usize) -> Plan {
    let most = (body.height / 6).max(1);
    let n_words = u16::try_from(n_lines).unwrap_or(most).min(most);
    let (words, rest) = top(body, n_words);
    let n_strip = match rest.height {
        0..10 => 0,
        10..24 => 5,
        24..40 => 8,
        _ => 14,
    };
    let (grid, strip) = bottom(rest, n_strip);
    let n_columns = (grid.width / LEAST.0).clamp(1, MOST);
    let n_rows = match grid.height {
        0..THREE_FROM => (grid.height / LEAST.1).clamp(1, 2),
        _ => MOST,
    };
    let charts = (0..n_rows).flat_map(|row| {
        let y = grid.height * row / n_rows;
        let (_, below) = top(grid, y);
        let (line, _) = top(below, grid.height * (row + 1) / n_rows - y);
        (0..n_columns).map(move |column| {
            let x = line.width * column / n_columns;
            let (_, right) = left(line, x);
            left(right, line.width * (column + 1) / n_columns - x).0
        })
    });
    Plan { words, charts: charts.take(PLOTS.len()).collect(), strip }
}

/// The numbers of the steps, for the axes.
fn labels(group: &Group) -> Vec<String> {
    let label = |(place, member): (usize, &Member)| match member.step {
        Some(step) => step.to_string(),
        None => (place + 1).to_string(),
    };
    group.members.iter().enumerate().map(label).collect()
}

/// Draws the screen.
pub(super) fn draw(group: &Group, pen: &mut Pen<'_>, body: Rect) {
    let lines = lines(group, pen.theme, usize::from(body.width.saturating_sub(2)));
    let plan = plan(body, lines.len());
    let (_, words) = left(plan.words, 1);
    pen.lines(words, &lines);
    let labels = labels(group);
    for (plot, area) in PLOTS.iter().zip(&plan.charts) {
        plot.draw(group, &labels, pen, *area);
    }
    draw_strip(group, &labels, pen, plan.strip);
}

fn draw_strip(group: &Group, labels: &[String], pen: &mut Pen<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let (head, area) = top(area, 1);
    let words =
        [strong_span(pen.theme, STRIP), dim_span(pen.theme, "  darker: more rows of the step")];
    pen.spans(head, &words);
    let (width, height) = charts::size(area);
    let tier = pen.theme.tier();
    let raster = with_strip(group, labels, |strip| strip.render(width, height, tier));
    pen.raster(area, &raster);
}

fn with_strip<T>(group: &Group, labels: &[String], with: impl FnOnce(&StepStrip<'_>) -> T) -> T {
    let counts: Vec<&[u64]> = group
        .members
        .iter()
        .map(|m| m.read().map_or(&[][..], |r| &r.step.histograms.margin))
        .collect();
    let apart: Vec<f64> = group
        .members
        .iter()
        .map(|m| m.read().map_or(0.0, |r| non_finite_share(&r.step.stats)))
        .collect();
    let edges: Vec<String> = margin_edges().into_iter().map(format::logit).collect();
    with(&StepStrip {
        counts: &counts,
        edges: &edges,
        apart: &apart,
        apart_name: "no num.",
        labels,
        cursor: group.cursor,
    })
}

/// What the run shows, worst first; what could not be read; how far reading has come.
fn lines(group: &Group, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let mut lines = super::reading_lines(group, theme);
    for finding in &group.findings {
        lines.extend(finding_lines(finding, theme, width));
    }
    let steps: Vec<_> = group.read().map(|(_, read)| read.step.clone()).collect();
    if !have_same_labels(&steps) {
        lines.extend(
            wrap(
                "The steps do not all have the same labels: nothing is compared row by row.",
                width,
            )
            .into_iter()
            .map(|line| vec![(line, theme.alert())]),
        );
    }
    for member in &group.members {
        if let MemberState::Failed(why) = &member.state {
            let words = format!("{} cannot be read: {why}", member.name);
            lines.push(vec![(words, theme.alert())]);
        }
    }
    for departure in &group.departures {
        let name = &group.members.get(departure.index).map_or("", |m| &m.name);
        lines.push(vec![span(format!(
            "◆ {name}: {} leaves the ten steps before, and NLL at T* worsens",
            departure.statistic
        ))]);
    }
    if lines.is_empty() {
        lines.push(vec![dim_span(theme, "nothing is found in the order of the steps")]);
    }
    lines
}

fn finding_lines(finding: &Finding, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let name = finding.severity.name();
    let (name, style) = match finding.severity {
        Severity::Failure => (name.to_uppercase(), theme.alert()),
        Severity::Warning => (name.to_owned(), theme.alert()),
        Severity::Info => (name.to_owned(), theme.text()),
    };
    let head = format!("{name} {}: ", finding.rule);
    let n_head = head.chars().count();
    let text = format!("{head}{}", finding.message);
    let mut lines: Vec<Vec<Span>> =
        wrap(&text, width).into_iter().map(|line| vec![span(line)]).collect();
    if let Some(first) = lines.first_mut().and_then(Vec::pop) {
        let cut = first.0.char_indices().nth(n_head).map_or(first.0.len(), |(at, _)| at);
        let (head, rest) = first.0.split_at(cut);
        lines[0] = vec![(head.to_owned(), style), span(rest.to_owned())];
    }
    lines
}

/// The step at a cell: that of the chart or of the strip there.
pub(super) fn hit(group: &Group, theme: Theme, body: Rect, at: Position) -> Option<Click> {
    let lines = lines(group, theme, usize::from(body.width.saturating_sub(2)));
    let plan = plan(body, lines.len());
    let labels = labels(group);
    let step = |area: Rect, layout: &ChartLayout| {
        let column = usize::from(at.x - area.x);
        Some(Click::Member(step_at(layout, column, labels.len())))
    };
    let under = |(_, area): &(&StepPlot, &Rect)| area.contains(at);
    if let Some((plot, area)) = PLOTS.iter().zip(&plan.charts).find(under) {
        return step(*area, &plot.layout(group, &labels, *area));
    }
    if !plan.strip.contains(at) {
        return None;
    }
    let (width, height) = charts::size(top(plan.strip, 1).1);
    let layout = with_strip(group, &labels, |strip| strip.layout(width, height));
    step(plan.strip, &layout)
}

/// The step under the cursor.
pub(super) fn readouts(group: &Group) -> Vec<String> {
    let Some(member) = group.current() else {
        return Vec::new();
    };
    let Some(read) = member.read() else {
        let words = match &member.state {
            MemberState::Failed(why) => format!("{} cannot be read: {why}", member.name),
            _ => format!("{} is not read yet", member.name),
        };
        return vec![words];
    };
    let s = &read.step.stats;
    let first = read.step.findings.first().map_or_else(
        || "nothing found".to_owned(),
        |f| format!("{} {}", f.severity.name(), f.rule),
    );
    let star =
        s.temperature.map_or("T* none".to_owned(), |t| format!("T* {}", format::temperature(t)));
    let name = &member.name;
    let nll = format!("NLL {}", format::nats(s.nll));
    let accuracy = format!("accuracy {}", format::percent1(s.accuracy));
    let ece = format!("ECE {}", format::percent1(s.ece));
    vec![
        format!(
            "{name}: {first} · {accuracy} · {nll} · {star} · {ece} · {} rows",
            format::count_usize(s.rows)
        ),
        format!("{name}: {first} · {accuracy} · {nll} · {star} · {ece}"),
        format!("{name}: {first} · {accuracy} · {star}"),
        format!("{name}: {first} · {star}"),
        format!("{name}: {first}"),
    ]
}

/// The numbers of all steps.
pub(super) fn as_text(group: &Group) -> String {
    let head = "step\trows\tnot finite\taccuracy\tNLL\tNLL at T*\tT*\tECE\tfloor\tmean z\tspread\tmax|c|\tmargin\tsaturated\tfirst finding";
    let mut lines = vec![head.to_owned()];
    for (place, read) in group.read() {
        let s = &read.step.stats;
        let star = |value: Option<f64>| value.map_or(String::new(), |v| v.to_string());
        let first = read.step.findings.first();
        lines.push(
            [
                group.members[place].name.clone(),
                s.rows.to_string(),
                s.rows_non_finite.to_string(),
                s.accuracy.to_string(),
                s.nll.to_string(),
                star(s.nll_after),
                star(s.temperature),
                s.ece.to_string(),
                s.ece_noise_floor.to_string(),
                s.mean.to_string(),
                s.sd.to_string(),
                s.max_centred.max.to_string(),
                s.margin.to_string(),
                s.saturated.to_string(),
                first.map_or(String::new(), |f| f.rule.to_string()),
            ]
            .join("\t"),
        );
    }
    lines.join("\n") + "\n"
}
