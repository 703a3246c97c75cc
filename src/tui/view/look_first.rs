//! The findings on the Overview, the most severe first: a line each, as many as there is room for, and whole sentences
//! where there is more.

use ratatui::layout::{Position, Rect};

use crate::diagnosis::{Finding, Severity};
use crate::report::{fault, is_in_verdict, wrap};

use super::super::layout::{inset, row};
use super::super::state::Session;
use super::super::widget::{Pen, dim_span, span};
use super::{Click, severity};

/// Lines that the charts below must keep where nothing is broken: without, and with room for all panels.
pub(super) const CHART: u16 = 7;
pub(super) const CHARTS: u16 = 10;

/// Lines that the figures below must keep where something is.
const FIGURES: u16 = 5;

/// Columns of the mark of a finding, and between its name and its sentence.
const MARK: usize = 2;
const GAP: usize = 2;

/// Lines of the body below which the panel is one line without a frame.
const FRAME_FROM: u16 = 18;

/// The findings that are listed, with their places among all: what the verdict above tells is not told again.
fn listed(session: &Session) -> Vec<(usize, &Finding)> {
    let study = &session.study;
    let told = usize::from(fault(study).is_some());
    let all = study.findings.iter().enumerate().skip(told);
    all.filter(|(_, finding)| !is_in_verdict(finding)).collect()
}

/// Lines of the panel at least.
pub(super) fn least(session: &Session, body: Rect) -> u16 {
    match (listed(session).is_empty(), body.height < FRAME_FROM) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 3,
    }
}

/// Lines of the panel of `width` columns where `spare` are left under the verdict.
pub(super) fn height(session: &Session, width: u16, spare: u16, (least, chart): (u16, u16)) -> u16 {
    if least < 3 {
        return least;
    }
    let all = listed(session);
    // What is only worth knowing takes no line from a chart, and a whole sentence only from a large one.
    let (kept, shown) = match fault(&session.study) {
        Some(_) => (FIGURES, &all[..]),
        None if chart < CHARTS => (chart, &all[..n_serious(&all)]),
        None => (chart, &all[..]),
    };
    let name = name_width(shown);
    let wanted: usize = shown.iter().map(|(_, finding)| sentence(finding, name, width).len()).sum();
    let framed = |n_lines: usize| u16::try_from(n_lines + 2).unwrap_or(u16::MAX);
    // Where charts stand below, a line each may press them, but not whole sentences.
    let roomy = if chart < CHARTS { kept } else { chart };
    let each = framed(shown.len()).min(spare.saturating_sub(kept));
    let whole = framed(wanted).min(spare.saturating_sub(roomy));
    each.max(whole).max(least)
}

/// Findings come in the order of their severity.
fn n_serious(findings: &[(usize, &Finding)]) -> usize {
    let is_serious = |(_, finding): &(usize, &Finding)| finding.severity > Severity::Info;
    findings.partition_point(is_serious)
}

/// Columns of the longest name.
fn name_width(findings: &[(usize, &Finding)]) -> usize {
    let width = |(_, finding): &(usize, &Finding)| finding.rule.name().len();
    findings.iter().map(width).max().unwrap_or(0)
}

/// The sentence of a finding, broken behind its mark and its name in a panel of `width` columns.
fn sentence(finding: &Finding, name: usize, width: u16) -> Vec<String> {
    let room = usize::from(width).saturating_sub(4 + MARK + name + GAP);
    wrap(&finding.message, room.max(1))
}

fn is_framed(area: Rect) -> bool {
    area.height >= 3
}

fn lines(area: Rect) -> Rect {
    let columns = if is_framed(area) { 2 } else { 1 };
    inset(area, columns, u16::from(is_framed(area)))
}

/// The findings of a panel with `room` lines, and how many lines each has: one for every finding, as many as there
/// are, and what is left over for the sentences of the first ones. What is only worth knowing is not shown where the
/// others have no room for their sentences.
fn allotted<'a>(
    findings: &'a [(usize, &'a Finding)],
    width: u16,
    room: usize,
) -> Vec<(usize, &'a Finding, Vec<String>)> {
    let serious = &findings[..n_serious(findings)];
    let name = name_width(serious);
    let n_lines = |(_, finding): &(usize, &Finding)| sentence(finding, name, width).len();
    let is_full = !serious.is_empty() && serious.iter().map(n_lines).sum::<usize>() >= room;
    let findings = if is_full { serious } else { findings };
    let shown = &findings[..findings.len().min(room)];
    let name = name_width(shown);
    let mut left = room - shown.len();
    let lines = |&(idx, finding): &(usize, &'a Finding)| {
        let mut lines = sentence(finding, name, width);
        if lines.len() > left + 1 {
            // Cut where the panel ends, which shows that there is more.
            let tail = lines.split_off(left);
            lines.push(tail.join(" "));
        }
        left -= lines.len() - 1;
        (idx, finding, lines)
    };
    shown.iter().map(lines).collect()
}

/// Draws the panel.
pub(super) fn draw(session: &Session, pen: &mut Pen<'_>, area: Rect, focused: bool) {
    let findings = listed(session);
    if area.is_empty() || findings.is_empty() {
        return;
    }
    let theme = pen.theme;
    let inside = lines(area);
    let shown = allotted(&findings, area.width, usize::from(inside.height));
    let more = findings.len() - shown.len();
    let note = match more {
        0 => "f explains".to_owned(),
        more => format!("and {more} more: f"),
    };
    if is_framed(area) {
        let is_fault = fault(&session.study).is_some();
        let title = if is_fault { "Also" } else { "Look at first" };
        pen.panel(area, [title, &note], focused && !is_fault);
    }
    let name = name_width(&findings[..shown.len()]);
    let mut at = 0;
    for (_, finding, sentence) in shown {
        for (index, words) in sentence.into_iter().enumerate() {
            let mut spans = if index == 0 {
                severity::line(theme, finding, words, name)
            } else {
                let indent = " ".repeat(MARK + name + GAP);
                vec![span(indent), severity::words(theme, finding, words)]
            };
            if !is_framed(area) && more > 0 {
                spans.insert(2, dim_span(theme, format!("({note}) ")));
            }
            pen.spans(row(inside, at), &spans);
            at += 1;
        }
    }
}

/// A press on a line opens the list there, elsewhere in the panel, or on the fault, at its first.
pub(super) fn hit(session: &Session, area: Rect, at: Position) -> Click {
    let findings = listed(session);
    let inside = lines(area);
    if !(area.contains(at) && inside.contains(at)) {
        return Click::Finding(0);
    }
    let mut line = usize::from(at.y - inside.y);
    let shown = allotted(&findings, area.width, usize::from(inside.height));
    for (idx, _, sentence) in &shown {
        if line < sentence.len() {
            return Click::Finding(*idx);
        }
        line -= sentence.len();
    }
    Click::Finding(shown.last().map_or(0, |(idx, ..)| *idx))
}
