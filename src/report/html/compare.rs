//! Models side by side as one HTML file.

use super::super::compare::{
    Comparison, basis, columns, difference, failures, left_out, rows, title,
};
use super::super::verdict::word;
use super::charts;
use super::page::Page;

/// The comparison with the reliability diagrams of every model, with the numbers of [`super::super::compare_text`].
pub fn compare_html(comparison: &Comparison) -> String {
    let mut page = Page::new(&title(comparison));
    for sentence in failures(comparison) {
        page.paragraph(&sentence);
    }
    figures(&mut page, comparison);
    page.small(&basis(comparison));
    page.section(&comparison.how());
    differences(&mut page, comparison);
    for sentence in left_out(comparison) {
        page.small(&sentence);
    }
    for (number, run) in comparison.numbered() {
        let study = &run.study;
        let all = std::iter::once(&study.analysis.before).chain(&study.analysis.after);
        let drawn: Vec<String> =
            all.filter_map(|figures| charts::reliability(figures, study.info.task)).collect();
        if !drawn.is_empty() {
            page.section(&format!("{number}: {}", study.info.path));
            page.figures(&drawn);
        }
    }
    page.finish()
}

fn figures(page: &mut Page, comparison: &Comparison) {
    let heading: Vec<String> = ["model"]
        .into_iter()
        .chain(columns().map(|column| column.0))
        .chain(["verdict"])
        .map(String::from)
        .collect();
    let row = |(number, run): (usize, &super::super::ComparedRun)| {
        let study = &run.study;
        let mut cells = vec![format!("{number}: {}", study.info.path)];
        cells.extend(columns().iter().map(|column| column.1(study)));
        cells.push(word(study));
        cells
    };
    let rows: Vec<Vec<String>> = comparison.numbered().map(row).collect();
    page.table(&heading, &rows);
}

fn differences(page: &mut Page, comparison: &Comparison) {
    let heading = ["model", "figure", "T = 1", "scaled"].map(String::from);
    let mut cells = Vec::new();
    for (number, run) in comparison.numbered() {
        let Some(paired) = &run.against else { continue };
        for row in &rows() {
            let before = difference(Some(&paired.before), row);
            let after = difference(paired.after.as_ref(), row);
            cells.push(vec![number.to_string(), row.0.to_string(), before, after]);
        }
    }
    page.table(&heading, &cells);
}
