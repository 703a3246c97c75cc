//! The screens that show several files or steps at once.

mod columns;
mod compare;
mod curves;
mod differences;
mod gaps;
mod run;
mod step_charts;

use ratatui::layout::{Position, Rect};

use super::super::layout;
use super::super::state::{App, CompareView, Group, GroupKind, Session};
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

/// The figures of the screen as text, tab-separated, for the clipboard; empty without a group.
pub(in crate::tui) fn as_text(app: &App) -> String {
    match &app.group {
        Some(group) if group.kind == GroupKind::Run => run::as_text(group),
        Some(group) => compare::as_text(group, body(app)),
        None => String::new(),
    }
}

/// Where the screen stands; empty on a terminal that is too small.
fn body(app: &App) -> Rect {
    let area = Rect::new(0, 0, app.size.width, app.size.height);
    layout::parts(area).map_or_else(Rect::default, |parts| parts.body)
}

/// What stands below the tables of the Compare screen.
pub(in crate::tui) fn compare_view(app: &App) -> Option<CompareView> {
    let group = app.group.as_ref()?;
    Some(compare::view(group, body(app)))
}

/// The columns of the Compare screen that are shown.
pub(in crate::tui) fn shown_columns(app: &App) -> Option<columns::Shown> {
    let group = app.group.as_ref()?;
    Some(compare::shown_columns(group, body(app)))
}

/// `6 of 10 columns`, where not all are shown.
pub(super) fn columns_words(app: &App) -> Option<String> {
    let shown = shown_columns(app).filter(columns::Shown::is_part)?;
    let n_shown = shown.columns.len();
    Some(format!(" {n_shown} of {} columns ", columns::N_COLUMNS))
}

/// `3/7` for the header, and what is waited for.
pub(super) fn mark(app: &App, session: &Session) -> Option<(String, bool)> {
    let group = app.group.as_ref()?;
    let member = group.current()?;
    let is_shown = group.shown_by(session) == Some(group.cursor);
    Some(if is_shown {
        let place = format!("{} {}/{}", group.kind.noun(), group.cursor + 1, group.members.len());
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
