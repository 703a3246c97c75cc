//! What a gate found, in the forms of those who read it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Fault, Gate, Limit};
use crate::data::printable;
use crate::report::{markdown_cell, program};

/// The first key of the result.
const SCHEMA: &str = "logitscope.check/1";

pub(super) fn text(gate: &Gate) -> String {
    let faults = gate.faults.iter().map(|fault| {
        let word = if fault.is_ignored { "ignored" } else { "failure" };
        format!("{word:<9} {}: {}\n", fault.rule, fault.message)
    });
    let limits = gate.limits.iter().map(|limit| {
        let word = if limit.is_met() { "ok" } else { "exceeded" };
        let allowed = allowed(limit);
        format!("{word:<9} {} {}, {allowed}\n", limit.figure, value(limit))
    });
    faults.chain(limits).collect()
}

pub(super) fn json(gate: &Gate) -> String {
    let json = json!({
        "schema": SCHEMA,
        "program": program(),
        "path": gate.path,
        "rows_used": gate.n_rows,
        "judged_at": gate.judged_at,
        "met": gate.is_met(),
        "limits": gate.limits.iter().map(limit_json).collect::<Vec<Value>>(),
        "failures": gate.faults.iter().map(fault_json).collect::<Vec<Value>>(),
    });
    format!("{json:#}\n")
}

/// A heading and a table, as the summary of a job shows it.
pub(super) fn markdown(gate: &Gate) -> String {
    let word = if gate.is_met() { "passed" } else { "failed" };
    let path = markdown_cell(&gate.path);
    let mut text = format!(
        "### Calibration gate {word}: {path}\n\n{} rows at T = {}\n\n",
        gate.n_rows, gate.judged_at
    );
    text += "| | figure | found | allowed |\n|---|---|---|---|\n";
    for fault in &gate.faults {
        let word = if fault.is_ignored { "ignored" } else { "**failure**" };
        let message = markdown_cell(&fault.message);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {word} | {} | {message} | none |", fault.rule);
    }
    for limit in &gate.limits {
        let word = if limit.is_met() { "ok" } else { "**exceeded**" };
        let _ =
            writeln!(text, "| {word} | {} | {} | {} |", limit.figure, value(limit), allowed(limit));
    }
    text
}

/// One workflow command for each limit and failure: errors where the gate fails, notices else.
pub(super) fn github(gate: &Gate) -> String {
    let faults = gate.faults.iter().map(|fault| {
        let severity = if fault.is_ignored { "notice" } else { "error" };
        let message = format!("{}: {}", gate.path, fault.message);
        annotation(severity, &fault.rule, &message)
    });
    let limits = gate.limits.iter().map(|limit| {
        let (severity, is) = if limit.is_met() { ("notice", "is") } else { ("error", "is not") };
        let (value, allowed) = (value(limit), allowed(limit));
        let message = format!("{}: {} {value} {is} {allowed}", gate.path, limit.figure);
        annotation(severity, limit.figure, &message)
    });
    faults.chain(limits).collect()
}

/// `::error title=...::...`; what would end a property or the line is escaped as GitHub Actions reads it.
fn annotation(severity: &str, title: &str, message: &str) -> String {
    let data = |text: &str| printable(text).replace('%', "%25").replace(['\r', '\n'], "%0A");
    let property = data(title).replace(':', "%3A").replace(',', "%2C");
    format!("::{severity} title=logitscope {property}::{}\n", data(message))
}

fn value(limit: &Limit) -> String {
    if limit.value.is_nan() { "undefined".to_owned() } else { format!("{:.6}", limit.value) }
}

/// `at least 0.9`, `at most 0.02`, or both.
fn allowed(limit: &Limit) -> String {
    let ends = [("at least", limit.low), ("at most", limit.high)].into_iter();
    let ends = ends.filter_map(|(word, end)| Some(format!("{word} {}", end?)));
    ends.collect::<Vec<String>>().join(", ")
}

fn limit_json(limit: &Limit) -> Value {
    json!({
        "figure": limit.figure,
        "value": limit.value,
        "at_least": limit.low,
        "at_most": limit.high,
        "met": limit.is_met(),
    })
}

fn fault_json(fault: &Fault) -> Value {
    json!({ "rule": fault.rule, "message": fault.message, "ignored": fault.is_ignored })
}
