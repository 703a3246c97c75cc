//! The report as one HTML file: no script, nothing loaded from elsewhere, light or dark as the reader's system is.

mod charts;
mod compare;
mod page;

use super::charts as printed;
use super::counts::counted_units;
use super::family;
use super::groups::{Table, classes_of, slices_of};
use super::intervals::{intervals_heading, markdown_rows as interval_rows};
use super::labels::label_table;
use super::methods::{methods_table, thresholds_tables};
use super::number::plain_percent;
use super::parity::parity_table;
use super::svg::escaped;
use super::tables::{column_name, figure_rows, margin_table, scale_table};
use super::verdict::{evaluated_on, fault, verdict};
use crate::diagnosis::Finding;
use crate::pipeline::Study;
use page::Page;

pub use compare::compare_html;

/// Columns of what is laid out as text.
const TEXT_WIDTH: usize = 100;

/// The report on `study`, with the numbers of [`super::text()`].
///
/// Whatever comes from files (names of classes, columns, paths) is escaped: nothing of it becomes markup.
pub fn html(study: &Study) -> String {
    let mut page = Page::new(&study.info.path);
    heading(&mut page, study);
    findings(&mut page, &study.findings);
    diagrams(&mut page, study);
    figures(&mut page, study);
    curves(&mut page, study);
    for table in classes_of(study).into_iter().chain(slices_of(study)) {
        groups(&mut page, &table);
    }
    for (heading, lines) in laid_out(study) {
        page.text_section(heading, &lines);
    }
    notes(&mut page, &study.analysis.notes);
    page.finish()
}

/// The verdict and what it is about.
fn heading(page: &mut Page, study: &Study) {
    let (info, verdict) = (&study.info, verdict(study));
    let fault = fault(study);
    let word = match fault {
        Some(_) => "failure".to_owned(),
        None => verdict.headline.to_lowercase(),
    };
    page.push(&format!("<p class=\"verdict {word}\">{}</p>\n", escaped(&verdict.headline)));
    for sentence in fault.map(|fault| &fault.message).into_iter().chain(&verdict.sentences) {
        page.paragraph(sentence);
    }
    page.small(&format!(
        "{}, {} {} {} ({})",
        counted_units(study.counts.used, info),
        info.n_scores(),
        info.scores_word(),
        info.kind.describe(),
        info.format
    ));
}

fn findings(page: &mut Page, findings: &[Finding]) {
    if findings.is_empty() {
        return;
    }
    page.section("Findings");
    for finding in findings {
        let severity = finding.severity.name();
        page.push(&format!("<div class=\"finding {}\">\n", escaped(severity)));
        page.push(&format!(
            "<p><strong>{} {}</strong> {}</p>\n",
            escaped(severity),
            escaped(&finding.rule.to_string()),
            escaped(&finding.message)
        ));
        page.small(&format!("Probably: {}.", finding.cause));
        page.small(&format!("Next: {}.", finding.next_step));
        page.push("</div>\n");
    }
}

/// Reliability at T = 1 and after scaling, side by side where there is room.
fn diagrams(page: &mut Page, study: &Study) {
    let analysis = &study.analysis;
    let all = std::iter::once(&analysis.before).chain(&analysis.after);
    let drawn: Vec<String> =
        all.filter_map(|figures| charts::reliability(figures, study.info.task)).collect();
    if drawn.is_empty() {
        return;
    }
    page.section("Reliability");
    page.figures(&drawn);
    page.small(&charts::legend(study.info.task));
}

/// All figures at both temperatures, and the intervals of those that are drawn again.
fn figures(page: &mut Page, study: &Study) {
    let analysis = &study.analysis;
    let after = analysis.after.as_ref().map(column_name);
    let mut heading: Vec<String> =
        [String::new(), column_name(&analysis.before)].into_iter().chain(after).collect();
    let mut rows = figure_rows(analysis, study.info.n_classes);
    if let Some(families) = &analysis.families {
        rows.extend(family::figure_rows(families, study.info.n_classes));
    }
    page.section("Figures");
    page.table(&heading, &rows);
    if analysis.after.is_some() {
        page.small(&format!("After scaling {}.", evaluated_on(study)));
    }
    if let Some(bootstrap) = &analysis.bootstrap {
        heading[0] = format!("{} % interval", plain_percent(bootstrap.level));
        heading.extend(analysis.after.is_some().then(|| "change".to_string()));
        page.section(&intervals_heading(analysis));
        page.table(&heading, &interval_rows(bootstrap));
    }
}

/// NLL over T, and the margins.
fn curves(page: &mut Page, study: &Study) {
    let analysis = &study.analysis;
    let drawn: Vec<String> = [
        printed::curve_view(analysis).map(|view| charts::nll(study, &view)),
        charts::margins(&analysis.histograms.margin, study.info.task),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !drawn.is_empty() {
        page.section("Temperature and margins");
        page.figures(&drawn);
    }
}

fn groups(page: &mut Page, table: &Table) {
    page.section(&table.heading);
    page.table(&table.columns, &table.rows);
    for sentence in &table.explanation {
        page.small(sentence);
    }
}

/// What the printed report lays out in columns of its own.
fn laid_out(study: &Study) -> Vec<(&'static str, Vec<String>)> {
    let analysis = &study.analysis;
    let names = study.info.class_names.as_ref();
    let methods = study.methods.as_ref();
    let thresholds = study.thresholds.as_ref();
    let of = |lines: Option<Vec<String>>| lines.unwrap_or_default();
    vec![
        ("Labels one by one", label_table(study, TEXT_WIDTH)),
        ("Selective prediction", family::selective_table(analysis, TEXT_WIDTH)),
        ("Other recalibrators", of(methods.map(|m| methods_table(m, TEXT_WIDTH)))),
        (
            "Thresholds of every class",
            of(thresholds.map(|t| thresholds_tables(t, names, TEXT_WIDTH))),
        ),
        ("Parity", parity_table(analysis, TEXT_WIDTH)),
        ("Logit scale", scale_table(&analysis.logit_scale, TEXT_WIDTH)),
        ("Margin between the two largest logits", margin_table(&analysis.margin, TEXT_WIDTH)),
    ]
}

fn notes(page: &mut Page, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    page.section("Notes");
    let items: Vec<String> = notes.iter().map(|n| format!("<li>{}</li>\n", escaped(n))).collect();
    page.push(&format!("<ul>\n{}</ul>\n", items.concat()));
}
