//! The report as Markdown: for a pull request, a model card, a notebook.

use super::csv::markdown as safe;
use super::family;
use super::groups::{Table, classes_of, slices_of};
use super::intervals::markdown_rows as interval_rows;
use super::number::plain_percent;
use super::tables::{column_name, figure_rows};
use super::verdict::{evaluated_on, verdict};
use crate::pipeline::Study;

/// The verdict, the figures with their intervals, and the classes and slices, as Markdown tables.
pub fn markdown(study: &Study) -> String {
    let verdict = verdict(study);
    let mut parts = vec![
        format!("# {}", safe(&study.info.path)),
        format!("**{}.** {}", verdict.headline, safe(&verdict.sentences.join(" "))),
    ];
    parts.extend(figures(study));
    let tables = classes_of(study).into_iter().chain(slices_of(study));
    parts.extend(tables.flat_map(groups));
    parts.join("\n\n") + "\n"
}

/// The tables of figures and of intervals.
fn figures(study: &Study) -> Vec<String> {
    let analysis = &study.analysis;
    let after = analysis.after.as_ref().map(column_name);
    let heading = [String::new(), column_name(&analysis.before)];
    let mut heading: Vec<String> = heading.into_iter().chain(after).collect();
    let mut rows = figure_rows(analysis, study.info.n_classes);
    if let Some(families) = &analysis.families {
        rows.extend(family::figure_rows(families, study.info.n_classes));
    }
    let mut parts = vec![table(&heading, &rows)];
    if analysis.after.is_some() {
        parts.push(format!("After scaling {}.", evaluated_on(study)));
    }
    if let Some(bootstrap) = &analysis.bootstrap {
        heading[0] = format!("{} % interval", plain_percent(bootstrap.level));
        heading.extend(analysis.after.is_some().then(|| "change".to_string()));
        parts.push(table(&heading, &interval_rows(bootstrap)));
    }
    parts
}

fn groups(groups: Table) -> [String; 3] {
    let safe_row = |row: Vec<String>| row.iter().map(|cell| safe(cell)).collect();
    let rows: Vec<Vec<String>> = groups.rows.into_iter().map(safe_row).collect();
    [
        format!("## {}", safe(&groups.heading)),
        table(&groups.columns, &rows),
        safe(&groups.explanation.join(" ")),
    ]
}

/// A table whose first column is text and whose others are figures.
fn table(heading: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let rule = "|---|".to_string() + &"---:|".repeat(heading.len().saturating_sub(1));
    let rows = rows.iter().map(|row| line(row));
    let lines: Vec<String> = [line(heading), rule].into_iter().chain(rows).collect();
    lines.join("\n")
}
