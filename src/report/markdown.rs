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
    let analysis = &study.analysis;
    let verdict = verdict(study);
    let mut text = format!("# {}\n\n", safe(&study.info.path));
    text += &format!(
        "**{}.** {}\n\n",
        verdict.headline,
        safe(&verdict.sentences.join(" "))
    );
    let after = analysis.after.as_ref().map(column_name);
    let heading = ["".to_string(), column_name(&analysis.before)];
    let heading: Vec<String> = heading.into_iter().chain(after).collect();
    let mut rows = figure_rows(analysis, study.info.n_classes);
    if let Some(families) = &analysis.families {
        rows.extend(family::figure_rows(families, study.info.n_classes));
    }
    text += &table(&heading, &rows);
    if analysis.after.is_some() {
        text += &format!("\nAfter scaling {}.\n", evaluated_on(study));
    }
    if let Some(bootstrap) = &analysis.bootstrap {
        let level = plain_percent(bootstrap.level);
        let mut heading = heading;
        heading[0] = format!("{level} % interval");
        heading.extend(analysis.after.is_some().then(|| "change".to_string()));
        text += "\n";
        text += &table(&heading, &interval_rows(bootstrap));
    }
    for Table {
        heading,
        columns,
        rows,
        explanation,
    } in classes_of(study).into_iter().chain(slices_of(study))
    {
        text += &format!("\n## {}\n\n", safe(&heading));
        let rows: Vec<Vec<String>> = rows
            .into_iter()
            .map(|row| row.iter().map(|c| safe(c)).collect())
            .collect();
        text += &table(&columns, &rows);
        text += &format!("\n{}\n", safe(&explanation.join(" ")));
    }
    text
}

/// A table whose first column is text and whose others are figures.
fn table(heading: &[String], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|---|{}\n", "---:|".repeat(heading.len().saturating_sub(1)));
    let rows: String = rows.iter().map(|row| line(row)).collect();
    line(heading) + &rule + &rows
}
