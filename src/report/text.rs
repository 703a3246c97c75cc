//! The printed report: the app's screens on paper.

use super::charts::{curve, diagrams};
use super::counts::counted_units;
use super::family::{family_table, selective_table};
use super::findings::findings_lines;
use super::groups::{Table, classes_of, lines, slices_of};
use super::intervals::{intervals, intervals_heading};
use super::labels::label_table;
use super::methods::{methods_table, thresholds_tables};
use super::number::{bytes, counted, temperature};
use super::parity::parity_table;
use super::tables::{margin_table, metrics_table, scale_table};
use super::verdict::{evaluated_on, fault, verdict};
use super::words::{indented, wrap};
use crate::pipeline::Study;
use crate::plot::Tier;

/// Narrower than this is printed as if it were this wide.
const LEAST_WIDTH: usize = 50;

/// How the report is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextOptions {
    /// Columns that no line exceeds (at least 50).
    pub width: usize,
    /// The characters of charts; with [`Tier::Ascii`] our own words are ASCII too.
    pub glyphs: Tier,
}

/// The report on `study`: the verdict in words, then figures, diagram, curve, scale, margins, notes.
pub fn text(study: &Study, options: &TextOptions) -> String {
    let options = TextOptions { width: options.width.max(LEAST_WIDTH), ..*options };
    let analysis = &study.analysis;
    let groups = |table: Table| section(&table.heading, lines(&table, options.width));
    let first = [
        wrap(&source_line(study), options.width),
        verdict_lines(study, options.width),
        section("Findings", findings_lines(&study.findings, options.width)),
        section("Figures", figures(study, options.width)),
        section("Labels one by one", label_table(study, options.width)),
        section("More measures", more_measures(study, options.width)),
        section("Selective prediction", selective(study, options.width)),
        section("Other recalibrators", methods(study, options.width)),
        section("Thresholds of every class", thresholds(study, options.width)),
    ];
    let others = [
        section("Parity", parity_table(analysis, options.width)),
        section(&intervals_heading(analysis), intervals(analysis, options.width)),
        diagrams(study, &options),
        curve(analysis, &options),
        section("Logit scale", scale_table(&analysis.logit_scale, options.width)),
        section("Margin between the two largest logits", margins(study, options.width)),
        section("Notes", notes(&analysis.notes, options.width)),
    ];
    let tables = classes_of(study).into_iter().chain(slices_of(study)).map(groups);
    let sections = first.into_iter().chain(tables).chain(others);
    let filled: Vec<String> =
        sections.filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n") + "\n").collect();
    filled.join("\n")
}

/// A heading over `lines`; nothing without lines.
fn section(heading: &str, lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return lines;
    }
    std::iter::once(heading.to_string()).chain(lines).collect()
}

fn source_line(study: &Study) -> String {
    let (info, counts) = (&study.info, &study.counts);
    let counted_rows = |n: u64| counted_units(n, info);
    let rows = match &study.fitted {
        Some(fitted) => format!(
            "{} to fit on and {} to judge on",
            counted_rows(fitted.used),
            counted_rows(counts.used)
        ),
        None => counted_rows(counts.used),
    };
    let weight = study.rows().weighted_by();
    let rows = match weight {
        Some((column, _)) => format!("{rows} weighted by {column}"),
        None => rows,
    };
    let step = info.guesses.iter().find(|guess| guess.what == "step");
    let step = step.map_or(String::new(), |guess| {
        // That there are others, and how to see them, must not be left unsaid.
        let is_last = guess.evidence.starts_with("the last");
        let others = if is_last { " (the last; --step N)" } else { "" };
        format!("step {}{others}, ", guess.chosen)
    });
    format!(
        "{}: {step}{rows}, {} {}, {} {} ({}, {})",
        info.path,
        info.n_scores(),
        info.scores_word(),
        info.dtype,
        info.kind.describe(),
        info.format,
        bytes(info.n_bytes)
    )
}

fn verdict_lines(study: &Study, width: usize) -> Vec<String> {
    let verdict = verdict(study);
    let broken = fault(study).map(|fault| fault.message.clone());
    let sentences =
        broken.iter().chain(&verdict.sentences).flat_map(|sentence| indented(sentence, width));
    std::iter::once(verdict.headline.clone()).chain(sentences).collect()
}

fn figures(study: &Study, width: usize) -> Vec<String> {
    let analysis = &study.analysis;
    let mut lines = metrics_table(analysis, study.info.n_classes);
    if analysis.after.is_some() {
        let basis = format!("After scaling {}.", evaluated_on(study));
        lines.extend(indented(&basis, width));
    }
    let folds: Vec<String> = analysis
        .folds
        .iter()
        .map(|fold| fold.temperature.map_or_else(|| "none".to_string(), temperature))
        .collect();
    if !folds.is_empty() {
        lines.extend(indented(&format!("T of the folds: {}.", folds.join(", ")), width));
    }
    lines
}

fn more_measures(study: &Study, width: usize) -> Vec<String> {
    let analysis = &study.analysis;
    let table = |families| family_table(analysis, families, (study.info.n_classes, width));
    analysis.families.as_ref().map_or_else(Vec::new, table)
}

fn selective(study: &Study, width: usize) -> Vec<String> {
    selective_table(&study.analysis, width)
}

fn methods(study: &Study, width: usize) -> Vec<String> {
    let methods = study.methods.as_ref();
    methods.map_or_else(Vec::new, |methods| methods_table(methods, width))
}

fn thresholds(study: &Study, width: usize) -> Vec<String> {
    let names = study.info.class_names.as_ref();
    let chosen = study.thresholds.as_ref();
    chosen.map_or_else(Vec::new, |chosen| thresholds_tables(chosen, names, width))
}

fn margins(study: &Study, width: usize) -> Vec<String> {
    let margin = &study.analysis.margin;
    let mut lines = margin_table(margin, width);
    let undefined = match (margin.correct.mean.is_nan(), margin.wrong.mean.is_nan()) {
        (true, true) => Some("No row is used, so what reads - is undefined."),
        (true, false) => Some("No row is right, so that line is undefined."),
        (false, true) => Some("No row is wrong, so that line is undefined."),
        (false, false) => None,
    };
    lines.extend(undefined.into_iter().flat_map(|sentence| indented(sentence, width)));
    if margin.tied_top > 0 {
        let verb = if margin.tied_top == 1 { "has" } else { "have" };
        let ties = counted(margin.tied_top, "row");
        let sentence = format!("{ties} {verb} more than one largest logit; the first one counts.");
        lines.extend(indented(&sentence, width));
    }
    lines
}

fn notes(notes: &[String], width: usize) -> Vec<String> {
    let bullet = |note: &String| {
        let lines = wrap(note, width - 4).into_iter().enumerate();
        lines
            .map(|(i, line)| format!("  {} {line}", if i == 0 { '-' } else { ' ' }))
            .collect::<Vec<_>>()
    };
    notes.iter().flat_map(bullet).collect()
}
