//! Findings on paper, and the words behind a rule.

use super::words::wrap;
use crate::diagnosis::{Explanation, Finding, Rule, Skipped, explanation, thresholds};

/// Columns before the text of a finding.
const INDENT: usize = 4;

/// Findings as lines of at most `width` columns, in their order.
pub fn findings_lines(findings: &[Finding], width: usize) -> Vec<String> {
    let lines = |finding: &Finding| {
        let heading = format!("  {} {}", finding.severity.name(), finding.rule);
        let rows = finding.rows_line();
        let next = format!("Next: {}.", finding.next_step);
        let cause = format!("Probably: {}.", finding.cause);
        let texts = [Some(finding.message.clone()), rows, Some(cause), Some(next)];
        let texts = texts.into_iter().flatten();
        std::iter::once(heading)
            .chain(texts.flat_map(|text| indented(&text, width)))
            .collect::<Vec<_>>()
    };
    findings.iter().flat_map(lines).collect()
}

/// What is broken, as the report begins with it: `FAILURE: exploding`, then the sentence of the finding.
pub fn failure_lines(rule: &str, message: &str, width: usize) -> Vec<String> {
    let heading = format!("FAILURE: {rule}");
    let message = super::words::indented(message, width);
    std::iter::once(heading).chain(message).collect()
}

/// The rules that had nothing to go by, by what they lack: silence of them is no pass.
pub fn skipped_lines(skipped: &[Skipped], width: usize) -> Vec<String> {
    let mut reasons: Vec<&str> = Vec::new();
    for rule in skipped {
        if !reasons.contains(&rule.reason) {
            reasons.push(rule.reason);
        }
    }
    let of = |reason: &str| {
        let rules = skipped.iter().filter(|s| s.reason == reason);
        let rules: Vec<&str> = rules.map(|s| s.rule.name()).collect();
        indented(&format!("{reason}: {}.", rules.join(", ")), width)
    };
    let heading = (!reasons.is_empty()).then(|| "  not asked".to_owned());
    let lines = reasons.iter().flat_map(|reason| of(reason));
    heading.into_iter().chain(lines).collect()
}

fn indented(text: &str, width: usize) -> Vec<String> {
    let lines = wrap(text, width.saturating_sub(INDENT)).into_iter();
    lines.map(|line| format!("{:INDENT$}{line}", "")).collect()
}

/// What `doctor --explain` says of a rule.
pub fn explanation_lines(rule: Rule, width: usize) -> Vec<String> {
    let Explanation { measured, cause, otherwise, next_step, source, .. } = *explanation(rule);
    let mut lines = vec![rule.to_string()];
    let sections = [
        ("Measured", measured),
        ("Probably means", cause),
        ("Could also be", otherwise),
        ("Next", next_step),
        ("Source", source),
    ];
    for (heading, text) in sections {
        lines.push(format!("  {heading}"));
        lines.extend(indented(text, width));
    }
    let limits: Vec<String> = thresholds(rule)
        .flat_map(|row| {
            let text = format!("{} ({}): {}", row.value, row.basis.describe(), row.reason);
            indented(&text, width)
        })
        .collect();
    if !limits.is_empty() {
        lines.push("  Thresholds".to_owned());
        lines.extend(limits);
    }
    lines
}
