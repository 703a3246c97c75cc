//! What was looked for in the logits: what was found, what was not, and what could not be looked for.

use crate::diagnosis::{Finding, Rule, Severity, passed};
use crate::report::wrap;

use super::super::state::Session;
use super::super::theme::Theme;
use super::super::widget::{Span, dim_span, span};
use super::{format, severity};

/// The rules on the numbers and their size, in the order in which they are listed.
const RULES: [Rule; 18] = [
    Rule::NonFinite,
    Rule::F16Overflow,
    Rule::LowResolution,
    Rule::UpcastStorage,
    Rule::ProbabilitiesGiven,
    Rule::LogProbabilitiesGiven,
    Rule::ConstantRows,
    Rule::TruncatedRows,
    Rule::DuplicateRows,
    Rule::TiedTop,
    Rule::Exploding,
    Rule::Vanishing,
    Rule::RowsAlike,
    Rule::Collapsed,
    Rule::HeavyTail,
    Rule::MeanDrift,
    Rule::SoftCap,
    Rule::Saturated,
];

/// The checks, broken for `width` columns: findings first, then facts, then what passed, then what does not apply.
pub(super) fn lines(session: &Session, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let study = &session.study;
    let mut lines = match study.first {
        Some(_) => counts(session, theme, width),
        None => found(&study.findings, theme, width),
    };
    lines.extend(facts(session, theme, width));
    let good = passed(&study.findings, &study.skipped);
    let names = |rules: Vec<&str>| rules.join(", ");
    let is_good = |rule: &&Rule| good.contains(rule);
    let good: Vec<&str> = RULES.iter().filter(is_good).map(|r| r.name()).collect();
    if !good.is_empty() {
        let words = format!("not found: {}", names(good));
        lines.extend(marked(&severity::passed(theme), &words, width));
    }
    let skipped = study.skipped.iter().filter(|s| RULES.contains(&s.rule));
    for skipped in skipped {
        let words = format!("{} does not apply: {}", skipped.rule, skipped.reason);
        lines.extend(dim(theme, &words, width));
    }
    lines
}

fn found(findings: &[Finding], theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let of_logits = findings.iter().filter(|f| RULES.contains(&f.rule));
    of_logits
        .flat_map(|finding| {
            let words = format!("{}: {}", finding.rule, finding.message);
            marked(&severity::mark(theme, finding.severity), &words, width)
        })
        .collect()
}

/// What is known of first rows, of which no rule has been asked.
fn counts(session: &Session, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let study = &session.study;
    let counted = [
        (
            study.counts.non_finite,
            "rows left out: a logit is not finite",
            "every logit is a finite number",
        ),
        (
            study.analysis.margin.tied_top,
            "rows whose largest logit is tied",
            "no row's largest logit is tied",
        ),
    ];
    let line = |(n, bad, good): (u64, &str, &str)| match n {
        0 => marked(&severity::passed(theme), good, width),
        n => warned(theme, &format!("{} {bad}", format::count(n)), width),
    };
    counted.into_iter().flat_map(line).collect()
}

/// What is no finding, and must be known all the same.
fn facts(session: &Session, theme: Theme, width: usize) -> Vec<Vec<Span>> {
    let study = &session.study;
    let counts = &study.counts;
    let mut lines = match counts.ignored_label {
        0 => marked(&severity::passed(theme), "every row has a label", width),
        n => {
            let words = format!("{} rows left out: their label says so", format::count(n));
            warned(theme, &words, width)
        }
    };
    let one = &session.figures.one.metrics;
    if one.exact_one > 0 {
        let words = format!(
            "{} rows ({}) have a confidence of exactly 1",
            format::count(one.exact_one),
            format::percent1(one.exact_one as f64 / counts.used as f64)
        );
        lines.extend(warned(theme, &words, width));
    }
    let stored = format!("the file holds {} as {}", study.info.kind.describe(), study.info.dtype);
    lines.extend(marked(&span("  "), &stored, width));
    let notes = study.analysis.notes.iter();
    lines.extend(notes.flat_map(|note| warned(theme, note, width)));
    lines
}

fn warned(theme: Theme, words: &str, width: usize) -> Vec<Vec<Span>> {
    marked(&severity::mark(theme, Severity::Warning), words, width)
}

fn dim(theme: Theme, words: &str, width: usize) -> Vec<Vec<Span>> {
    let marks = std::iter::once("- ").chain(std::iter::repeat("  "));
    let lines = wrap(words, width.saturating_sub(2)).into_iter().zip(marks);
    lines.map(|(line, mark)| vec![dim_span(theme, format!("{mark}{line}"))]).collect()
}

/// `words` broken into lines, with `mark` before the first one.
fn marked(mark: &Span, words: &str, width: usize) -> Vec<Vec<Span>> {
    let marks = std::iter::once(mark.clone()).chain(std::iter::repeat(span("  ")));
    wrap(words, width.saturating_sub(2))
        .into_iter()
        .zip(marks)
        .map(|(line, mark)| vec![mark, span(line)])
        .collect()
}
