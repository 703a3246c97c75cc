//! How much a finding matters, by glyph and colour, and a finding in one line.

use crate::diagnosis::{Finding, Severity};
use crate::plot::Ink;

use super::super::theme::Theme;
use super::super::widget::{Span, dim_span, span, strong_span};

/// The mark before a finding: told apart without colour.
pub(super) fn mark(theme: Theme, severity: Severity) -> Span {
    match severity {
        Severity::Failure => ("✗ ".into(), theme.alert()),
        Severity::Warning => ("! ".into(), theme.fg(Ink::Wrong)),
        Severity::Info => ("i ".into(), theme.dim()),
    }
}

/// The mark of what was looked for and not found.
pub(super) fn passed(theme: Theme) -> Span {
    ("✓ ".into(), theme.dim())
}

/// Mark, rule and a part of the sentence; `name` columns are kept for the rule.
pub(super) fn line(theme: Theme, finding: &Finding, part: String, name: usize) -> Vec<Span> {
    let rule = format!("{:<name$}  ", finding.rule.name());
    vec![mark(theme, finding.severity), strong_span(theme, rule), words(theme, finding, part)]
}

/// A part of the sentence.
pub(super) fn words(theme: Theme, finding: &Finding, part: String) -> Span {
    match finding.severity {
        Severity::Info => dim_span(theme, part),
        _ => span(part),
    }
}

/// Columns of the longest of the rules' names.
pub(super) fn name_width(findings: &[Finding]) -> usize {
    let widths = findings.iter().map(|finding| finding.rule.name().len());
    widths.max().unwrap_or(0)
}
