//! What says that figures are those of the first rows: on every screen, as long as they are.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use crate::pipeline::FirstRows;
use crate::plot::Tier;
use crate::report;

use super::super::layout::left;
use super::super::load::LoadProgress;
use super::super::state::{App, Loading, Session};
use super::super::widget::{Pen, Span, span};
use super::{chrome, format, overlays};

/// A shorter bar tells nothing.
const LEAST_BAR: u16 = 8;

/// The word for the header.
pub(super) fn mark(session: &Session) -> Option<&'static str> {
    session.study.first.map(
        |first| {
            if first.read < first.total { "partial" } else { "interpolated" }
        },
    )
}

/// The rule under the tabs says what the figures cover, how far the load is, when it will be done, and
/// what stops it; what is left of it is the load's bar. Without such figures it is a rule.
pub(super) fn rule(app: &App, pen: &mut Pen<'_>, area: Rect) {
    pen.rule(area);
    let Some(words) = words(app, usize::from(area.width.saturating_sub(1))) else {
        return;
    };
    let taken = pen.spans(left(area, 1).1, &words) + 1;
    let rest = left(area, taken).1;
    let share = app.streaming().and_then(share);
    if let (Some(share), true) = (share, rest.width >= LEAST_BAR) {
        let (done, _) = left(rest, columns(share, rest.width));
        let glyph = match pen.theme.tier() {
            Tier::Ascii => "=",
            _ => "━",
        };
        let style = pen.theme.key();
        pen.text(done, &glyph.repeat(usize::from(done.width)), style);
    }
}

/// `share` of `width` columns.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share is in [0, 1], so this is at most the width"
)]
fn columns(share: f64, width: u16) -> u16 {
    (share.clamp(0.0, 1.0) * f64::from(width)).round() as u16
}

fn share(loading: &Loading) -> Option<f64> {
    loading.progress.as_ref()?.share
}

/// The longest wording that fits into `room` columns, in alarming colours; `None` where all is read.
pub(super) fn words(app: &App, room: usize) -> Option<Vec<Span>> {
    let first = app.shown()?.study.first?;
    let theme = app.settings.theme;
    let spinner = app.streaming().map(|loading| overlays::spinner(app, loading));
    let taken = spinner.map_or(1, |glyph| glyph.width() + 2);
    let words = chrome::fitting(wordings(app.streaming(), &first), room.saturating_sub(taken) + 1);
    let mut spans = vec![span(" ")];
    spans.extend(spinner.map(|glyph| (format!("{glyph} "), theme.key())));
    spans.push((format!("{words} "), theme.alert()));
    Some(spans)
}

/// The same facts in ever fewer words.
fn wordings(loading: Option<&Loading>, first: &FirstRows) -> Vec<String> {
    let (all, few) = (report::covered(first), covered_briefly(first));
    let Some(loading) = loading else {
        let at = percent(first.read as f64 / first.total.max(1) as f64);
        return vec![
            format!("{all} · stopped at {at} · r reads all"),
            format!("{few} · stopped at {at} · r reads all"),
            format!("{few} · r reads all"),
            few,
        ];
    };
    let progress = loading.progress.as_ref();
    let done = progress.map(done).unwrap_or_default();
    let left = progress
        .and_then(|p| p.seconds_left)
        .map(|s| format!(" · {} left", format::time_left(s)))
        .unwrap_or_default();
    vec![
        format!("{all}{done}{left} · Esc stops here"),
        format!("{few}{done}{left} · Esc stops here"),
        format!("{few}{left} · Esc stops"),
        format!("{few} · Esc stops"),
        few,
    ]
}

/// Without how many of them the figures are made of.
fn covered_briefly(first: &FirstRows) -> String {
    report::covered(&FirstRows { every: 1, ..*first })
}

fn done(progress: &LoadProgress) -> String {
    let is_first_pass = progress.phase == "summarising rows";
    match (progress.share, is_first_pass) {
        (Some(share), true) => format!(" · {} read", percent(share)),
        (Some(share), false) => format!(" · {} {}", progress.phase, percent(share)),
        (None, _) => format!(" · {}", progress.phase),
    }
}

/// Whole percent, rounded down: 100 % is said when all is done.
fn percent(share: f64) -> String {
    match (share * 100.0).floor() {
        0.0 if share > 0.0 => "< 1 %".into(),
        percent => format!("{percent:.0} %"),
    }
}
