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
pub use thresholds::{Basis, THRESHOLDS, Threshold, thresholds};

use evidence::Evidence;

/// The findings on one set of rows, the first of which names the cause.
pub fn diagnose(subject: &Subject<'_>) -> Vec<Finding> {
    findings(&Evidence::of(subject))
}

fn findings(evidence: &Evidence) -> Vec<Finding> {
    let apply = |checks: &[fn(&Evidence) -> Option<Finding>]| -> Vec<Finding> {
        checks.iter().filter_map(|check| check(evidence)).collect()
    };
    let mut found = apply(rules::ON_THE_FILE);
    let is_constant = |f: &Finding| f.rule == Rule::ConstantRows && f.severity == Severity::Failure;
    if evidence.n_rows > 0 && !found.iter().any(is_constant) {
        found.extend(apply(rules::ON_THE_ROWS));
    }
    if has_failure(&found) {
        // Nothing to repair by a temperature, and much to repair.
        found.retain(|finding| finding.rule != Rule::BelowNoiseFloor);
    }
    if evidence.n_entries > 1 {
        for finding in &mut found {
            finding.name_stored_rows(evidence.n_entries);
        }
    }
    sort(&mut found);
    found
}

/// In the order in which they are told.
fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| finding.rule.precedence(finding.severity));
}

/// True if any finding is a failure.
pub fn has_failure(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity == Severity::Failure)
}
