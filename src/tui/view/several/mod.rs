//! The screens that show several files or steps at once.

mod compare;
mod curves;
mod differences;
mod run;
mod step_charts;

use ratatui::layout::{Position, Rect};

use super::super::state::{App, Group, GroupKind, Session};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, dim_span};
use super::Click;

/// Draws the screen of the group.
pub(super) fn draw(app: &App, session: &Session, pen: &mut Pen<'_>, body: Rect) {
    match &app.group {
        Some(group) if group.kind == GroupKind::Run => run::draw(group, pen, body),
        Some(group) => compare::draw(group, session, pen, body),
        None => {}
    }
}

/// What stands at a cell of the screen of the group.
pub(super) fn hit(app: &App, body: Rect, at: Position) -> Option<Click> {
    let group = app.group.as_ref()?;
    match group.kind {
        GroupKind::Run => run::hit(group, app.settings.theme, body, at),
        GroupKind::Comparison => compare::hit(group, body, at),
    }
}

/// What the cursor stands on, in ever fewer words.
pub(super) fn readouts(app: &App) -> Vec<String> {
    match &app.group {
        Some(group) if group.kind == GroupKind::Run => run::readouts(group),
        Some(group) => compare::readouts(group),
        None => Vec::new(),
    }
}

/// The figures of the screen as text, tab-separated, for the clipboard.
pub(in crate::tui) fn as_text(group: &Group) -> String {
    match group.kind {
        GroupKind::Run => run::as_text(group),
        GroupKind::Comparison => compare::as_text(group),
    }
}

/// `3/7` for the header, and what is waited for.
pub(super) fn mark(app: &App, session: &Session) -> Option<(String, bool)> {
    let group = app.group.as_ref()?;
    let member = group.current()?;
    let is_shown = group.shown_by(session) == Some(group.cursor);
    Some(if is_shown {
        let place = format!(
            "{} {}/{}",
            group.kind.noun(),
            group.cursor + 1,
            group.members.len()
        );
        (place, false)
    } else if app.streaming().is_some() {
        (format!("reading {}", member.name), true)
    } else {
        (format!("not {}", member.name), true)
    })
}

/// How far reading has come, and what could not be read.
fn reading_lines(group: &Group, theme: Theme) -> Vec<Vec<Span>> {
    let mut lines = Vec::new();
    if group.is_gathering {
        lines.push(vec![dim_span(
            theme,
            format!(
                "reading: {} of {} {}s · Esc stops",
                group.read().count(),
                group.members.len(),
                group.kind.noun()
            ),
        )]);
    }
    lines
}
