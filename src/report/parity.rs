//! Another library's figures beside ours, as JSON and as a table.

use serde_json::{Value, json};

use super::number::decimal;
use super::tables::column_name;
use super::words::{cut, indented};
use crate::analysis::{Analysis, ParityFigures};
use crate::metrics::{Parity, ParityFigure};

/// Columns of the name of a figure, and of each number.
const NAME_WIDTH: usize = 34;
const NUMBER_WIDTH: usize = 14;

/// For the key `parity` of the report.
pub(super) fn parity_json(parity: &ParityFigures) -> Value {
    json!({
        "library": parity.library,
        "before": parity.before,
        "after": parity.after,
    })
}

fn name(library: Parity) -> &'static str {
    match library {
        Parity::Torchmetrics => "torchmetrics",
        Parity::Netcal => "netcal",
        Parity::Sklearn => "scikit-learn",
        Parity::Gpleiss => "gpleiss",
    }
}

/// Their figure, ours and the reason, at both temperatures; nothing unless it was asked for.
pub(super) fn parity_table(analysis: &Analysis, width: usize) -> Vec<String> {
    let Some(parity) = &analysis.parity else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let sides = [
        (Some(&analysis.before), Some(&parity.before)),
        (analysis.after.as_ref(), parity.after.as_ref()),
    ];
    for (figures, parity_figures) in sides {
        let (Some(figures), Some(parity_figures)) = (figures, parity_figures) else {
            continue;
        };
        lines.push(line(&column_name(figures), [name(parity.library), "logitscope"], width));
        lines.extend(parity_figures.iter().map(|figure| row(figure, width)));
    }
    let mut reasons: Vec<String> = Vec::new();
    for figure in &parity.before {
        let reason = format!("{}: {}.", figure.figure, figure.reason);
        reasons.push(reason);
    }
    lines.extend(reasons.iter().flat_map(|reason| indented(reason, width)));
    lines
}

fn row(figure: &ParityFigure, width: usize) -> String {
    let [theirs, ours] = [figure.theirs, figure.ours].map(|number| decimal(number, 6));
    line(figure.figure, [&theirs, &ours], width)
}

fn line(name: &str, [theirs, ours]: [&str; 2], width: usize) -> String {
    let name = cut(name, NAME_WIDTH.min(width.saturating_sub(2 * NUMBER_WIDTH + 2)));
    let theirs = cut(theirs, NUMBER_WIDTH - 1);
    let room = NAME_WIDTH.min(width.saturating_sub(2 * NUMBER_WIDTH + 2));
    format!("  {name:<room$}{theirs:>NUMBER_WIDTH$}{ours:>NUMBER_WIDTH$}")
}
