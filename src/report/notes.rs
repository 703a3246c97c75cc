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

/// What is undefined about the likelihood interval, classes, slices and another library's figures.
fn reason_of_groups(keys: &[&str], status: FitStatus) -> Option<String> {
    let kind = *keys.first()?;
    let reason = match keys {
        ["fit", "profile_likelihood", end] => {
            return Some(format!(
                "fit.profile_likelihood.{end}: no temperature on that side is contradicted by so few rows"
            ));
        }
        ["parity", .., "theirs" | "ours"] => {
            "parity: where a figure is not reproduced, or undefined on these rows, its reason says so"
        }
        ["classes" | "slices" | "classes_test" | "parity", ..]
            if keys.iter().any(|key| ["after", "gaps_after"].contains(key))
                && status != FitStatus::Converged =>
        {
            return Some(format!("{kind}: nothing after scaling: {}", status.explain()));
        }
        ["classes" | "classes_test" | "slices", .., "one_temperature"]
        | ["classes" | "classes_test" | "slices", .., "one_temperature", _] => {
            "fewer than two groups have 50 rows, or these have no temperature in common"
        }
        ["classes", "fit", ..] | ["slices", _, "fit", ..] => {
            "where the status of a fit is not converged, the rows of that group have no temperature of their own"
        }
        ["classes", "mean_centred_logit"] => {
            "mean_centred_logit needs the logits, and every class in every row"
        }
        ["classes", "recall"] => "a class without labelled rows has no recall",
        ["classes" | "slices", ..] => "a group without a row has no accuracy and no confidence",
        _ => return None,
    };
    Some(if kind == "parity" { reason.to_string() } else { format!("{kind}: {reason}") })
}

fn reason(path: &str, status: FitStatus) -> String {
    let keys: Vec<&str> = path.split('.').collect();
    if let Some(reason) = reason_of_groups(&keys, status).or_else(|| reason_on_demand(&keys)) {
        return reason;
    }
    match keys.as_slice() {
        ["fit", "bootstrap", end] => format!(
            "fit.bootstrap.{end}: too many draws have no temperature for that end to be one"
        ),
        [side, "intervals", "nll"] | [side, "nll", ..]
            if *side == "improvement" || keys.len() == 3 =>
        {
            format!("{side}: NLL is infinite (a label has probability 0), so it has no interval")
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
        _ => reason_of_rows(&keys).unwrap_or_else(|| format!("{path}: undefined on these rows")),
    }
}

/// Of what is made on demand.
fn reason_on_demand(keys: &[&str]) -> Option<String> {
    let reason = match keys {
        ["methods", "methods", "gain"] => {
            "methods.gain: the temperature is what the others are compared with, and an infinite NLL has no difference"
                .to_string()
        }
        ["methods", .., key] => {
            format!("methods.{key}: infinite, because a label has probability 0")
        }
        ["thresholds", ..] => {
            "thresholds: where no threshold will do no row is kept, and without a row of the class there is no recall"
                .to_string()
        }
        _ => return None,
    };
    Some(reason)
}

/// Of counts, bins and spreads over rows.
fn reason_of_rows(keys: &[&str]) -> Option<String> {
    let reason = match keys {
        ["selective", ..] => {
            "selective: where no row is kept there is no threshold and no risk".to_string()
        }
        ["reliability", ..] => {
            "reliability: an empty bin has no accuracy, confidence or interval".to_string()
        }
        [when @ ("before" | "after" | "in_sample_after"), "nll"] => {
            format!("{when}.nll: infinite (a label has probability 0), or no row is used")
        }
        [when @ ("before" | "after" | "in_sample_after"), "brier"]
        | [when @ ("before" | "after"), "intervals", "brier"] => {
            format!("{when}.brier: what soft labels of many classes share with the predictions is known near T = 1 and the fitted temperature alone")
        }
        ["source", "sha256_labels"] => {
            "source.sha256_labels: the joined summaries do not hold the labels of rows with scores that are not finite".to_string()
        }
        ["logit_scale", key, ..] => {
            format!("logit_scale.{key}: not finite, or no row is used")
        }
        ["margin", key, ..] => format!("margin.{key}: there is no such row, or it is not finite"),
        ["findings", ..] => "findings: a number that could not be worked out".to_string(),
        _ => return None,
    };
    Some(reason)
}
