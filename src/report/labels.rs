//! The labels of multi-label data one by one, as a table and as JSON.

use serde_json::{Map, Value, json};

use super::number::{count, nats, percent, temperature};
use super::words::cut;
use crate::analysis::LabelFigures;
use crate::fit::FitStatus;
use crate::pipeline::Study;

/// Labels that the printed table shows; JSON has them all.
const SHOWN: usize = 40;

/// Columns of a label's name at most, and of each figure.
const NAME_WIDTH: usize = 24;
const WIDTH: usize = 9;

/// Name of label `idx`, or its number.
fn name(study: &Study, idx: usize) -> String {
    let names = study.info.label_names.as_ref();
    names.map_or_else(|| idx.to_string(), |names| names.get(idx))
}

/// Every label with its rate, its ECE and NLL before and after scaling, and its own temperature; nothing unless the
/// data is multi-label.
pub(super) fn label_table(study: &Study, width: usize) -> Vec<String> {
    let Some(all) = &study.analysis.labels else {
        return Vec::new();
    };
    let heading = ["rows", "rate", "ECE", "after", "NLL", "after", "own T"];
    let name_width = NAME_WIDTH.min(width.saturating_sub(2 + WIDTH * heading.len()));
    let line = |name: &str, cells: [String; 7]| {
        let cells = cells.map(|cell| format!("{cell:>WIDTH$}")).concat();
        format!("  {:<name_width$}{cells}", cut(name, name_width)).trim_end().to_owned()
    };
    let mut lines = vec![line("", heading.map(str::to_owned))];
    for (idx, label) in all.labels.iter().take(SHOWN).enumerate() {
        lines.push(line(&name(study, idx), cells(label)));
    }
    if all.labels.len() > SHOWN {
        let more = count((all.labels.len() - SHOWN) as u64);
        lines.push(format!("  and {more} more: --format json has all"));
    }
    let means = [Some(&all.mean_before), all.mean_after.as_ref(), all.mean_after_own.as_ref()];
    let names = ["at T = 1", "after scaling by one T", "after scaling each label by its own T"];
    for (mean, name) in means.into_iter().zip(names) {
        if let Some(mean) = mean {
            lines.push(format!(
                "  Mean over labels {name}: ECE {}, NLL {}.",
                percent(mean.ece, 2),
                nats(mean.nll)
            ));
        }
    }
    lines.push(format!("  Rows with every label right: {}.", percent(all.exact_match, 2)));
    lines
}

fn cells(label: &LabelFigures) -> [String; 7] {
    let after = |of: &dyn Fn(&crate::metrics::Metrics) -> String| {
        label.after.as_ref().map_or_else(|| "-".to_owned(), of)
    };
    [
        count(label.count as u64),
        percent(label.positives as f64 / label.count as f64, 1),
        percent(label.before.ece, 2),
        after(&|m| percent(m.ece, 2)),
        nats(label.before.nll),
        after(&|m| nats(m.nll)),
        label.fit.temperature.map_or_else(|| short(label.fit.status).to_owned(), temperature),
    ]
}

/// Why a label has no temperature, in a word.
fn short(status: FitStatus) -> &'static str {
    match status {
        FitStatus::Separable => "sep.",
        FitStatus::WorseThanUniform => "worse",
        FitStatus::Flat => "flat",
        FitStatus::NoRows => "no rows",
        FitStatus::Converged | FitStatus::Unresolved => "-",
    }
}

/// The entries of the report that multi-label data adds.
pub(super) fn entries(study: &Study) -> Map<String, Value> {
    let mut out = Map::new();
    let Some(all) = &study.analysis.labels else {
        return out;
    };
    let label = |(idx, label): (usize, &LabelFigures)| {
        json!({
            "name": name(study, idx),
            "count": label.count,
            "positives": label.positives,
            "fit": label.fit,
            "before": label.before,
            "after": label.after,
            "after_own": label.after_own,
            "own_evaluated_on": label.own_evaluated_on,
        })
    };
    let labels: Vec<Value> = all.labels.iter().enumerate().map(label).collect();
    out.insert("labels".to_owned(), json!(labels));
    out.insert(
        "label_means".to_owned(),
        json!({
            "before": all.mean_before,
            "after": all.mean_after,
            "after_own": all.mean_after_own,
        }),
    );
    out.insert("exact_match".to_owned(), json!(all.exact_match));
    out
}
