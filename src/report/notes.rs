//! Why a value of the report is null.

use serde_json::Value;

use crate::fit::FitStatus;

/// One sentence for each kind of null in `report`, in the order of its keys.
pub(super) fn notes_on_nulls(report: &Value, status: FitStatus) -> Vec<String> {
    let mut paths = Vec::new();
    collect(report, "", &mut paths);
    let mut notes: Vec<String> = Vec::new();
    for path in paths {
        let note = reason(&path, status);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// The paths of all nulls, without indices: `reliability.before.accuracy`.
fn collect(value: &Value, path: &str, paths: &mut Vec<String>) {
    match value {
        Value::Null => paths.push(path.to_string()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, path, paths)),
        Value::Object(entries) => {
            for (key, value) in entries {
                let dot = if path.is_empty() { "" } else { "." };
                collect(value, &format!("{path}{dot}{key}"), paths);
            }
        }
        _ => {}
    }
}

fn reason(path: &str, status: FitStatus) -> String {
    let keys: Vec<&str> = path.split('.').collect();
    match keys.as_slice() {
        ["fit", "bootstrap", end] => format!(
            "fit.bootstrap.{end}: too many draws have no temperature for that end to be one"
        ),
        [side, "intervals", "nll"] | [side, "nll", ..]
            if *side == "improvement" || keys.len() == 3 =>
        {
            format!("{side}: NLL is infinite (a label has probability 0), so it has no interval")
        }
        ["fit", "profile_likelihood", end] => format!(
            "fit.profile_likelihood.{end}: no temperature on that side is contradicted by so few rows"
        ),
        ["classes", "after", ..] | ["classes_test", "gaps_after"]
            if status != FitStatus::Converged =>
        {
            format!("classes: nothing after scaling: {}", status.explain())
        }
        ["classes", "fit", ..] => {
            "classes.fit: where status is not converged, the rows of that class have no temperature of their own".to_string()
        }
        ["classes", "precision" | "mean_confidence" | "gap" | "p_value" | "adjusted_p_value"]
        | ["classes", "after", ..] => "classes: a class that is never predicted has no precision and no confidence".to_string(),
        ["classes", "recall"] => "classes.recall: a class without labelled rows has none".to_string(),
        ["classes_test", "one_temperature", ..] => {
            "classes_test.one_temperature: fewer than two classes have 50 rows, or these have no temperature in common".to_string()
        }
        ["improvement"] => {
            format!("improvement: nothing after scaling: {}", status.explain())
        }
        ["fit", key, ..] if status == FitStatus::Converged => {
            format!("fit.{key}: not finite on these rows")
        }
        ["fit", ..]
        | ["after" | "in_sample_after"]
        | ["reliability" | "corp_curve" | "ece_by_bins" | "classwise", "after"] => {
            format!(
                "no temperature, so nothing after scaling: {}",
                status.explain()
            )
        }
        [_, "classwise_ece"] | ["classwise"] => {
            "classwise figures: for up to 1,000 classes, and from the logits: the summaries of rows of many classes do not keep every probability"
                .to_string()
        }
        [when, "auroc" | "auroc_top_class"] => {
            format!(
                "{when}.{}: every outcome is the same, or no row is used",
                keys[1]
            )
        }
        [when, "spiegelhalter", ..] => {
            format!("{when}.spiegelhalter: no variance where every probability is 0, 1/2 or 1")
        }
        ["selective", ..] => {
            "selective: where no row is kept there is no threshold and no risk".to_string()
        }
        ["reliability", ..] => {
            "reliability: an empty bin has no accuracy, confidence or interval".to_string()
        }
        [when @ ("before" | "after" | "in_sample_after"), "nll"] => {
            format!("{when}.nll: infinite (a label has probability 0), or no row is used")
        }
        ["source", "sha256_labels"] => {
            "source.sha256_labels: the joined summaries do not hold the labels of rows with scores that are not finite".to_string()
        }
        ["logit_scale", key, ..] => {
            format!("logit_scale.{key}: not finite, or no row is used")
        }
        ["margin", key, ..] => format!("margin.{key}: there is no such row, or it is not finite"),
        ["findings", ..] => "findings: a number that could not be worked out".to_string(),
        _ => format!("{path}: undefined on these rows"),
    }
}
