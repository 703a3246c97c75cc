//! The findings on the Overview: a line each, the most severe first, as many as there is room for.

use ratatui::layout::{Position, Rect};

use crate::diagnosis::{Finding, Severity};

use super::super::layout::{inset, row};
use super::super::state::Session;
use super::super::widget::{Pen, dim_span};
use super::{Click, severity};

/// Lines that the charts below must keep where nothing is broken: without, and with room for all panels.
pub(super) const CHART: u16 = 7;
pub(super) const CHARTS: u16 = 10;

/// Lines that the figures below must keep where something is.
const FIGURES: u16 = 5;

/// Lines of the body below which the panel is one line without a frame.
const FRAME_FROM: u16 = 18;

/// What is broken, if anything is: it comes before any verdict, which it may make worthless.
pub(super) fn fault(session: &Session) -> Option<&Finding> {
    let first = session.study.findings.first();
    first.filter(|finding| finding.severity == Severity::Failure)
}

/// The findings that are listed, and the place of the first among all: a fault is told above already.
fn listed(session: &Session) -> (&[Finding], usize) {
    let first = usize::from(fault(session).is_some());
    (&session.study.findings[first..], first)
}

/// Lines of the panel at least.
pub(super) fn least(session: &Session, body: Rect) -> u16 {
    match (listed(session).0.is_empty(), body.height < FRAME_FROM) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 3,
    }
}

/// Lines of the panel where `spare` are left under the verdict.
pub(super) fn height(session: &Session, spare: u16, (least, chart): (u16, u16)) -> u16 {
    if least < 3 {
        return least;
    }
    let findings = listed(session).0;
    // What is only worth knowing takes no line from a chart.
    let (kept, n) = match fault(session) {
        Some(_) => (FIGURES, findings.len()),
        None if chart < CHARTS => (chart, n_serious(findings)),
        None => (chart, findings.len()),
    };
    let wanted = u16::try_from(n + 2).unwrap_or(u16::MAX);
    wanted.min(spare.saturating_sub(kept)).max(least)
}

fn n_serious(findings: &[Finding]) -> usize {
    let serious = |finding: &&Finding| finding.severity > Severity::Info;
    findings.iter().filter(serious).count()
}

fn is_framed(area: Rect) -> bool {
    area.height >= 3
}

fn lines(area: Rect) -> Rect {
    let columns = if is_framed(area) { 2 } else { 1 };
    inset(area, columns, u16::from(is_framed(area)))
}

/// Draws the panel.
pub(super) fn draw(session: &Session, pen: &mut Pen<'_>, area: Rect, focused: bool) {
    let (findings, first) = listed(session);
    if area.is_empty() || findings.is_empty() {
        return;
    }
    let theme = pen.theme;
    let inside = lines(area);
    let more = findings.len().saturating_sub(usize::from(inside.height));
    let note = match more {
        0 => "f explains".to_owned(),
        more => format!("and {more} more: f"),
    };
    if is_framed(area) {
        let title = if first > 0 { "Also" } else { "Look at first" };
        pen.panel(area, [title, &note], focused && first == 0);
    }
    let name = severity::name_width(&findings[..findings.len() - more]);
    for (index, finding) in (0..inside.height).zip(findings) {
        let mut spans = severity::line(theme, finding, name);
        if !is_framed(area) && more > 0 {
            spans.insert(2, dim_span(theme, format!("({note}) ")));
        }
        pen.spans(row(inside, index), &spans);
    }
}

/// A press on a line opens the list there, elsewhere in the panel, or on the fault, at its first.
pub(super) fn hit(session: &Session, area: Rect, at: Position) -> Click {
    let (findings, first) = listed(session);
    let inside = lines(area);
    if area.contains(at) && inside.contains(at) {
        let idx = usize::from(at.y - inside.y);
        return Click::Finding(first + idx.min(findings.len().saturating_sub(1)));
    }
    Click::Finding(0)
}
