//! What lies over the screens: a load, its failure, a typed line.

use ratatui::layout::Rect;

use crate::pipeline::FirstRows;
use crate::plot::Tier;
use crate::report;

use super::super::layout::{centred, row};
use super::super::load::LoadProgress;
use super::super::services::Failure;
use super::super::state::{Activity, App, LineInput, Loading, Prompt};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span, span};
use super::format;
use crate::report::wrap;

const SPINNER: [&str; 8] = ["⣾", "⣽", "⣻", "⢿", "⡿", "⣟", "⣯", "⣷"];
const ASCII_SPINNER: [&str; 4] = ["|", "/", "-", "\\"];

/// Columns of a box at most.
const WIDTH: u16 = 76;

fn boxed(pen: &mut Pen<'_>, body: Rect, height: u16, titles: [&str; 2]) -> Rect {
    let area = centred(body, WIDTH, height);
    pen.clear(area);
    pen.panel(area, titles, true)
}

/// The load that runs.
pub(super) fn loading(app: &App, loading: &Loading, pen: &mut Pen<'_>, body: Rect) {
    let theme = pen.theme;
    let inside = boxed(pen, body, 6, ["Loading", &loading.name]);
    let spinner = spinner(app, loading);
    let phase = loading.progress.as_ref().map_or("opening", |p| p.phase);
    let share = loading.progress.as_ref().and_then(|p| p.share);
    let mut line: Vec<Span> =
        vec![(format!("{spinner} "), theme.key()), span(format!("{phase:<24}"))];
    if let Some(share) = share {
        let room = usize::from(inside.width.saturating_sub(34));
        line.push((bar(share, room), theme.key()));
        line.push(span(format!(" {:3.0} %", share * 100.0)));
    }
    let details = loading.progress.as_ref().map(details).unwrap_or_default();
    let lines = [
        line,
        vec![dim_span(theme, format!("  {details}"))],
        Vec::new(),
        vec![("Esc".into(), theme.key()), span(" cancels and goes back")],
    ];
    pen.lines(inside, &lines);
}

/// The glyph of the moment.
pub(super) fn spinner(app: &App, loading: &Loading) -> &'static str {
    if app.settings.theme.tier() == Tier::Ascii {
        ASCII_SPINNER[loading.spin % ASCII_SPINNER.len()]
    } else {
        SPINNER[loading.spin % SPINNER.len()]
    }
}

/// A bar of eighths.
fn bar(share: f64, room: usize) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the share is in [0, 1], so this is at most eight times the room"
    )]
    let eighths = (share.clamp(0.0, 1.0) * room as f64 * 8.0).round() as usize;
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    let full = "█".repeat(eighths / 8);
    let blank = room.saturating_sub(eighths / 8 + usize::from(!part.is_empty()));
    format!("{full}{part}{}", " ".repeat(blank))
}

/// Rows, rate and time left, as far as they are known.
fn details(progress: &LoadProgress) -> String {
    let done = format::count(progress.rows_done);
    let rows = match progress.rows_total {
        Some(total) => Some(format!("{done} of {} rows", format::count(total))),
        None => (progress.rows_done > 0).then(|| format!("{done} rows")),
    };
    let rate = progress.rate.map(format::rate);
    let left = progress.seconds_left;
    let left = left.map(|s| format!("about {} left", format::time_left(s)));
    let parts = [rows, rate, left];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// A load that failed.
pub(super) fn failure(app: &App, failure: &Failure, pen: &mut Pen<'_>, body: Rect) {
    let theme = pen.theme;
    let width = usize::from(body.width.min(WIDTH).saturating_sub(4));
    let mut lines: Vec<Vec<Span>> = wrap(&failure.message, width)
        .into_iter()
        .map(|line| vec![(line, theme.strong())])
        .collect();
    if let Some(hint) = &failure.hint {
        lines.push(Vec::new());
        let words = format!("hint: {hint}");
        lines.extend(wrap(&words, width).into_iter().map(|line| vec![span(line)]));
    }
    if let Some(first) = kept(app) {
        lines.push(Vec::new());
        let words = format!("The figures stay: {}.", report::covered(&first));
        lines.extend(wrap(&words, width).into_iter().map(|line| vec![span(line)]));
    }
    lines.push(Vec::new());
    lines.push(vec![
        ("c".into(), theme.key()),
        span(" columns   "),
        ("o".into(), theme.key()),
        span(" another file   "),
        ("r".into(), theme.key()),
        span(" try again   "),
        ("y".into(), theme.key()),
        span(" copy this   "),
        ("Esc".into(), theme.key()),
        span(" back"),
    ]);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let title = match kept(app) {
        Some(_) => format!("Cannot read all of {}", failure.name),
        None => format!("Cannot load {}", failure.name),
    };
    let inside = boxed(pen, body, height, [&title, ""]);
    pen.lines(inside, &lines);
}

/// The first rows of the file that failed, if figures of them are on screen.
fn kept(app: &App) -> Option<FirstRows> {
    match (&app.activity, app.shown()) {
        (Activity::Failed(target, ..), Some(session)) if session.target == *target => {
            session.study.first
        }
        _ => None,
    }
}

/// A line that is being typed.
pub(super) fn prompt(prompt: &Prompt, pen: &mut Pen<'_>, body: Rect) {
    let theme = pen.theme;
    let inside = boxed(pen, body, 4, ["Temperature", ""]);
    pen.spans(row(inside, 0), &typed(&prompt.line, inside.width, theme));
    let last = row(inside, inside.height.saturating_sub(1));
    match &prompt.error {
        Some(error) => pen.text(last, error, theme.alert()),
        None => pen.text(last, "Enter sets T · Esc cancels", theme.dim()),
    };
}

/// `> ` and a line that is typed, with its cursor; so much of it as fits into `width` columns.
pub(super) fn typed(line: &LineInput, width: u16, theme: Theme) -> [Span; 4] {
    let (before, after) = line.halves();
    let room = usize::from(width.saturating_sub(4));
    let skipped = before.chars().count().saturating_sub(room);
    let before: String = before.chars().skip(skipped).collect();
    let mut rest = after.chars();
    let under = rest.next().unwrap_or(' ');
    [
        ("> ".to_owned(), theme.key()),
        span(before),
        (under.to_string(), theme.selected()),
        span(rest.collect::<String>()),
    ]
}
