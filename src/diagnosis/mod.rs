//! What a careful engineer would say about these logits.
//!
//! Every rule is a pure function of the evidence and yields at most one [`Finding`]: the rule, how much it matters,
//! one sentence with the number and the threshold it was held against, example rows, the most probable cause, and
//! what to do next. Where its input is missing a rule says nothing: silence is "not applicable" or "not found", never
//! a pass. Thresholds stand in one table, [`THRESHOLDS`], each with its kind and its reason.
//!
//! Four numbers carry most verdicts; all come from sums for each class that the summary pass gathers: `t_c` (do logits
//! and labels belong together? standard normal when labels are permuted), `t_p` (the same with probabilities), `t_q`
//! (what `t_p` would be were the probabilities right: the power to say "these do not belong together"), and the claim
//! (the share of the label information that the logits claim to hold).
//!
//! The first finding is to name the cause: failures come first, then warnings about the file, then how it was read,
//! then warnings about the model; within each the order of [`Rule`].

mod evidence;
mod explain;
mod finding;
mod parts;
mod rule;
mod rules;
mod run;
mod skipped;
mod thresholds;
mod words;

pub use evidence::Subject;
pub use explain::{Explanation, explanation};
pub use finding::{Finding, MAX_ROWS, Numbers, Place};
pub use parts::diagnose_parts;
pub use rule::{Rule, Severity};
pub use run::{
    Departure, EceBin, RunStep, StepHistograms, StepStats, TailQuantiles, departures, diagnose_run,
    entropy_edges, have_same_labels, margin_edges, step_stats,
};
pub use skipped::{Diagnosis, Skipped, passed};
pub use thresholds::{Basis, THRESHOLDS, Threshold, thresholds};

use crate::summarize::RowSummaries;
use evidence::Evidence;

/// The findings on one set of rows, the first of which names the cause.
pub fn diagnose(subject: &Subject<'_>) -> Vec<Finding> {
    diagnosis(&Evidence::of(subject), subject.rows).findings
}

/// The rules that ask nothing of the labels, where they fail.
const NEED_NO_LABELS: [Rule; 8] = [
    Rule::F16Overflow,
    Rule::NonFinite,
    Rule::ProbabilitiesGiven,
    Rule::ConstantRows,
    Rule::RowsAlike,
    Rule::Exploding,
    Rule::LowResolution,
    Rule::TiedTop,
];

/// The same of rows whose labels are made up: only what needs none is said.
pub fn diagnose_unlabelled(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = diagnose(subject);
    found.retain(|finding| NEED_NO_LABELS.contains(&finding.rule));
    found
}

fn diagnosis(evidence: &Evidence, rows: &RowSummaries) -> Diagnosis {
    let mut found = Diagnosis::default();
    // Most formats have no checksums, so that this one is not among those that are asked or named as passed.
    found.findings.extend(rules::damaged_archive(evidence));
    ask(rules::ON_THE_FILE, evidence, &mut found);
    let is_constant = |f: &Finding| f.rule == Rule::ConstantRows && f.severity == Severity::Failure;
    if found.findings.iter().any(is_constant) {
        let reason = "most rows hold one value";
        let skipped = |(rule, _): &rules::Named| Skipped { rule: *rule, reason };
        found.skipped.extend(rules::ON_THE_ROWS.iter().map(skipped));
    } else {
        ask(rules::ON_THE_ROWS, evidence, &mut found);
    }
    if has_failure(&found.findings) {
        not_below_a_floor(&mut found);
    }
    if evidence.n_entries > 1 {
        for finding in &mut found.findings {
            finding.name_stored_rows(evidence.n_entries);
        }
    }
    found.findings.iter_mut().for_each(|finding| finding.number_rows(rows));
    agree(&mut found.findings);
    found.skipped.sort_by_key(|skipped| skipped.rule);
    found
}

/// Asks the rules that apply, and notes why the others do not.
fn ask(rules: &[rules::Named], evidence: &Evidence, found: &mut Diagnosis) {
    for (rule, check) in rules {
        match skipped::why_not(*rule, evidence) {
            Some(reason) => found.skipped.push(Skipped { rule: *rule, reason }),
            None => found.findings.extend(check(evidence)),
        }
    }
}

/// With a failure there is nothing to repair by a temperature, and much to repair.
fn not_below_a_floor(found: &mut Diagnosis) {
    let rule = Rule::BelowNoiseFloor;
    found.findings.retain(|finding| finding.rule != rule);
    if found.skipped.iter().all(|skipped| skipped.rule != rule) {
        let reason = "something is broken";
        found.skipped.push(Skipped { rule, reason });
    }
}

/// Puts `findings` in the order in which they are told, wherever they come from.
pub fn in_order(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| finding.rule.precedence(finding.severity));
}

/// The same of all that is found on one thing, whose advice must not contradict itself: what a temperature is to do
/// waits for what must be mended, and nobody is told to stop where there is more to see to.
fn agree(findings: &mut [Finding]) {
    in_order(findings);
    let is_first = |f: &&Finding| f.severity == Severity::Failure || parts::want_other_t(f);
    let first = findings.iter().find(is_first).map(|f| f.rule);
    let is_alone = findings.len() == 1;
    for finding in findings {
        match first {
            Some(first) if finding.rule != first && finding.rule.scales() => {
                finding.next_step =
                    format!("see to {first} first: until then there is no temperature to go by");
            }
            _ if finding.rule == Rule::BelowNoiseFloor && !is_alone => {
                "scaling has nothing more to gain on these rows: see to the other findings"
                    .clone_into(&mut finding.next_step);
            }
            _ => {}
        }
    }
}

/// True if any finding is a failure.
pub fn has_failure(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Failure)
}
