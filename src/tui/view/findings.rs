//! The findings over the screens: a line for each, the chosen one in full, what its rule means, and its rows.
//!
//! ```text
//! ┌ Findings ───────────────────────────────── 1 of 3 · val.npz ┐
//! │ ▸ ✗ rows_misaligned  Logits and labels are in different ord… │
//! │   ! overconfident    The best temperature is 2.31 (99 % int… │
//! │ ──────────────────────────────────────────────────────────── │
//! │ FAILURE rows_misaligned                                      │
//! │ Logits and labels are in different orders; one of the two …  │
//! │ Numbers: accuracy_mapped 0.953, accuracy 0.101               │
//! │ Probably: a shuffled loader.                                 │
//! │ Next: dump with ids.                                         │
//! └──────────────────────────────────────────────────────────────┘
//! ```

use ratatui::layout::{Position, Rect};

use crate::data::ClassNames;
use crate::diagnosis::{Finding, Severity};
use crate::report::{explanation_lines, wrap};
use crate::summarize::RowSummaries;

use super::super::layout::{self, centred, inside, row, top};
use super::super::state::{App, FindingsList, FindingsPage, Overlay, Session};
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, Table, dim_span, span, strong_span};
use super::{Click, chrome, format, severity};

/// Columns of the box at most.
const WIDEST: u16 = 108;

/// Lines of the list at least.
const LIST: usize = 2;

fn area(body: Rect) -> Rect {
    centred(body, WIDEST, body.height)
}

/// Draws the list over the body.
pub(super) fn draw(
    (session, findings): (&Session, &[Finding]),
    list: &FindingsList,
    pen: &mut Pen<'_>,
    body: Rect,
) {
    let Some(finding) = list.chosen(findings) else {
        return;
    };
    let area = area(body);
    pen.clear(area);
    let name = chrome::short_name(&session.study.info.path);
    let place =
        format!("{} of {} · {name}", list.cursor.min(findings.len() - 1) + 1, findings.len());
    let title = match list.page {
        FindingsPage::List => "Findings".to_owned(),
        FindingsPage::Explanation => format!("What {} means", finding.rule),
        FindingsPage::Rows => format!("Rows of {}", finding.rule),
    };
    let inside = pen.panel(area, [&title, &place], true);
    match list.page {
        FindingsPage::List => draw_list(findings, list, pen, inside),
        FindingsPage::Explanation => {
            let lines = explained(finding, pen.theme, usize::from(inside.width));
            let last = lines.len().saturating_sub(usize::from(inside.height));
            pen.lines(inside, &lines[list.scroll.min(last)..]);
        }
        FindingsPage::Rows => draw_rows(session, finding, pen, inside),
    }
}

/// Lines of the list, and the first finding that is shown.
fn window(findings: &[Finding], cursor: usize, inside: Rect) -> (u16, usize) {
    let width = usize::from(inside.width);
    // The longest one decides, so that the list keeps its height while the cursor moves.
    let longest = findings.iter().map(|f| n_details(f, width)).max();
    let height = usize::from(inside.height);
    let room = height.saturating_sub(longest.unwrap_or(0) + 1).max(LIST);
    let n_lines = room.min(findings.len()).min(height);
    let first = (cursor + 1).saturating_sub(n_lines);
    (u16::try_from(n_lines).unwrap_or(u16::MAX), first)
}

fn draw_list(findings: &[Finding], list: &FindingsList, pen: &mut Pen<'_>, inside: Rect) {
    let theme = pen.theme;
    let cursor = list.cursor.min(findings.len().saturating_sub(1));
    let (n_lines, first) = window(findings, cursor, inside);
    let (lines, rest) = top(inside, n_lines);
    let name = severity::name_width(findings);
    for (index, (idx, finding)) in (0..n_lines).zip(findings.iter().enumerate().skip(first)) {
        let mut spans = severity::line(theme, finding, finding.message.clone(), name);
        let is_chosen = idx == cursor;
        spans.insert(0, span(if is_chosen { "▸ " } else { "  " }));
        if is_chosen && let Some(rule) = spans.get_mut(2) {
            // The name alone is reversed: the mark keeps its colour.
            finding.rule.name().clone_into(&mut rule.0);
            rule.1 = theme.selected();
            let gap = " ".repeat(name + 2 - finding.rule.name().len());
            spans.insert(3, span(gap));
        }
        pen.spans(row(lines, index), &spans);
    }
    pen.rule(row(rest, 0));
    let (_, below) = top(rest, 1);
    if let Some(finding) = findings.get(cursor) {
        pen.lines(below, &details(finding, theme, usize::from(below.width)));
    }
}

/// Everything that a finding says.
fn details(finding: &Finding, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let heading = vec![
        severity::mark(theme, finding.severity),
        strong_span(theme, format!("{} {}", level(finding.severity), finding.rule)),
    ];
    let texts = texts(finding);
    let rest = texts.iter().flat_map(|text| wrap(text, width));
    std::iter::once(heading).chain(rest.map(|line| vec![span(line)])).collect()
}

fn n_details(finding: &Finding, width: usize) -> usize {
    let texts = texts(finding);
    1 + texts.iter().map(|text| wrap(text, width).len()).sum::<usize>()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Failure => "FAILURE",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    }
}

fn texts(finding: &Finding) -> Vec<String> {
    let numbers =
        (!finding.evidence.0.is_empty()).then(|| format!("Numbers: {}.", finding.evidence));
    let rows = finding.rows_line();
    let advice = [
        Some(format!("Probably: {}.", finding.cause)),
        Some(format!("Next: {}.", finding.next_step)),
    ];
    [Some(finding.message.clone()), numbers, rows].into_iter().chain(advice).flatten().collect()
}

/// The finding in full, then the words behind its rule.
fn explained(finding: &Finding, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let mut lines = details(finding, theme, width);
    lines.push(Vec::new());
    let words = explanation_lines(finding.rule, width).into_iter().skip(1);
    lines.extend(words.map(|line| {
        let is_heading = !line.starts_with("    ");
        vec![if is_heading {
            strong_span(theme, line.trim_start())
        } else {
            span(line.strip_prefix("  ").unwrap_or(&line))
        }]
    }));
    lines
}

/// Lines of the page that do not fit: how far it can be scrolled.
pub(in crate::tui) fn overflow(app: &App) -> usize {
    let all = Rect::new(0, 0, app.size.width, app.size.height);
    let (Some(parts), Some(Overlay::Findings(list))) = (layout::parts(all), app.overlays.last())
    else {
        return 0;
    };
    let inside = inside(area(parts.body));
    let findings = app.findings();
    let Some(finding) = list.chosen(&findings) else {
        return 0;
    };
    match list.page {
        FindingsPage::Explanation => {
            let lines = explained(finding, app.settings.theme, usize::from(inside.width));
            lines.len().saturating_sub(usize::from(inside.height))
        }
        FindingsPage::List | FindingsPage::Rows => 0,
    }
}

/// The finding at a cell.
pub(super) fn hit(
    findings: &[Finding],
    list: &FindingsList,
    body: Rect,
    at: Position,
) -> Option<Click> {
    let inside = inside(area(body));
    let (n_lines, first) = window(findings, list.cursor, inside);
    let (lines, _) = top(inside, n_lines);
    let is_list = list.page == FindingsPage::List;
    (is_list && lines.contains(at))
        .then(|| Click::Finding(first + usize::from(at.y - lines.y)))
        .filter(|click| matches!(click, Click::Finding(idx) if *idx < findings.len()))
}

/// Label, prediction and margin of the rows that show a finding.
fn draw_rows(session: &Session, finding: &Finding, pen: &mut Pen<'_>, inside: Rect) {
    let theme = pen.theme;
    let study = &session.study;
    let rows = match study.fitted_rows() {
        Some(fitted) if finding.of_fitted => fitted,
        _ => study.rows(),
    };
    let names = study.info.class_names.as_ref();
    let named = |class: u32| named(names, class as usize);
    let figures = |idx: usize| {
        let view = rows.row(idx);
        let mark = if view.is_correct() { "" } else { " ✗" };
        vec![
            span(named(view.label())),
            span(format!("{}{mark}", named(view.prediction()))),
            span(format::logit(view.margin())),
            span(format::logit(view.true_class_margin())),
        ]
    };
    let lines = finding.rows.iter().map(|row| match find(rows, *row) {
        Some(idx) => (strong_span(theme, name(session, rows, idx)), figures(idx)),
        None => (strong_span(theme, row.to_string()), vec![span("left out of every figure")]),
    });
    let heads = ["label", "prediction", "margin", "label's margin"];
    let table =
        Table { heads: heads.map(|head| dim_span(theme, head)).to_vec(), rows: lines.collect() };
    let taken = table.draw(pen, inside);
    let (_, below) = top(inside, taken.saturating_add(1));
    let words = "margin: the largest logit minus the second; label's margin: the label's logit minus the largest other one. Rows count from 0.";
    let lines = wrap(words, usize::from(below.width)).into_iter();
    let lines: Vec<_> = lines.map(|line| vec![dim_span(theme, line)]).collect();
    pen.lines(below, &lines);
}

/// The summary of a row of the file; of multi-label data the label that went most wrong. `None` if it was left out.
fn find(rows: &RowSummaries, number: u64) -> Option<usize> {
    let row = rows.with_number(usize::try_from(number).ok()?)? as u64;
    let n_entries = rows.n_entries() as u64;
    let all = &rows.columns().row;
    let first = all.partition_point(|r| *r < row * n_entries);
    let end = all.partition_point(|r| *r < (row + 1) * n_entries);
    (first..end).min_by(|&i, &j| {
        let margin = |idx: usize| rows.row(idx).true_class_margin();
        margin(i).total_cmp(&margin(j))
    })
}

fn named(names: Option<&ClassNames>, idx: usize) -> String {
    names.map_or_else(|| idx.to_string(), |names| names.get(idx))
}

/// The number of a row, its id and, of multi-label data, its label.
fn name(session: &Session, rows: &RowSummaries, idx: usize) -> String {
    let stored = rows.stored_row(idx);
    let id = rows.carried().id().and_then(|ids| ids.values.shown(stored));
    let names = session.study.info.label_names.as_ref();
    let entry = (rows.n_entries() > 1).then(|| named(names, rows.entry(idx)));
    [Some(rows.number_in_file(rows.file_row(idx)).to_string()), id, entry]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("  ")
}
