//! The tables of the text report.

use super::number::{self, count, nats, percent};
use super::words::cut;
use crate::analysis::{Analysis, LogitScale, Margins};
use crate::metrics::{Figures, Metrics, Spread};
use crate::pipeline::Study;

/// Columns of the name of a figure, and of each figure.
pub(super) const NAME_WIDTH: usize = 22;
pub(super) const FIGURE_WIDTH: usize = 13;

/// The k of top-k accuracy.
const TOP: usize = 5;

/// The same in the tables of quantiles.
const QUANTITY_WIDTH: usize = 22;
const QUANTILE_WIDTH: usize = 8;

/// Figures at T = 1 and, if there is a temperature, after scaling.
pub(super) fn metrics_table(analysis: &Analysis, n_classes: usize) -> Vec<String> {
    let before = &analysis.before;
    let after = analysis.after.as_ref();
    let row = |name: &str, cell: &dyn Fn(&Metrics) -> String| {
        let after = after.map_or_else(String::new, |a| figure(&cell(&a.metrics)));
        let before = figure(&cell(&before.metrics));
        (name.to_string(), before + &after)
    };
    let heading = after.map_or_else(String::new, |a| figure(&column_name(a)));
    let mut rows = vec![(String::new(), figure(&column_name(before)) + &heading)];
    rows.extend(rows_of(n_classes, &row));
    let line = |(name, figures): (String, String)| {
        format!("  {:<NAME_WIDTH$}{figures}", cut(&name, NAME_WIDTH)).trim_end().to_string()
    };
    rows.into_iter().map(line).collect()
}

/// The same as cells: name, T = 1 and, if there is a temperature, after scaling.
pub(super) fn figure_rows(analysis: &Analysis, n_classes: usize) -> Vec<Vec<String>> {
    let after = analysis.after.as_ref();
    // A tab stands in no figure.
    let row = |name: &str, cell: &dyn Fn(&Metrics) -> String| {
        let after = after.map(|a| cell(&a.metrics));
        let cells: Vec<String> =
            std::iter::once(cell(&analysis.before.metrics)).chain(after).collect();
        (name.trim().to_string(), cells.join("\t"))
    };
    let split = |(name, cells): (String, String)| {
        let cells = cells.split('\t').map(str::to_string);
        std::iter::once(name).chain(cells).collect()
    };
    rows_of(n_classes, &row).into_iter().map(split).collect()
}

/// One row of the table from its name and the figure of a column.
type RowOf<'a> = &'a dyn Fn(&str, &dyn Fn(&Metrics) -> String) -> (String, String);

fn rows_of(n_classes: usize, row: RowOf<'_>) -> Vec<(String, String)> {
    let mut rows = vec![
        row("accuracy", &|m| percent(m.accuracy, 2)),
        row("top-5 accuracy", &|m| percent(m.top5_accuracy, 2)),
        row("mean confidence", &|m| percent(m.mean_confidence, 2)),
        row("NLL (nats)", &|m| nats(m.nll)),
        row("Brier", &|m| nats(m.brier)),
        row("ECE", &|m| percent(m.ece, 2)),
        row("ECE, equal mass", &|m| percent(m.ece_equal_mass, 2)),
        row("RMSCE", &|m| percent(m.rmsce, 2)),
        row("MCE", &|m| percent(m.mce, 2)),
        row("  rows in that bin", &|m| count(m.mce_count)),
    ];
    if n_classes <= TOP {
        // Every label is among the first five.
        rows.remove(1);
    }
    if n_classes == 2 {
        let top = |value: Option<f64>| percent(value.unwrap_or(f64::NAN), 2);
        rows.push(row("ECE, predicted class", &|m| top(m.ece_top_class)));
        rows.push(row("MCE, predicted class", &|m| top(m.mce_top_class)));
    }
    rows.push(row("entropy (nats)", &|m| nats(m.entropy)));
    rows.push(row("confidence exactly 1", &|m| count(m.exact_one)));
    rows
}

/// `T = 1.781`; a tilde before figures that were interpolated.
pub(super) fn column_name(figures: &Figures) -> String {
    let mark = if figures.exact { "" } else { "~" };
    let is_one = (figures.temperature - 1.0).abs() < f64::EPSILON;
    let t = if is_one { "1".to_string() } else { number::temperature(figures.temperature) };
    format!("{mark}T = {t}")
}

/// The same of the fitted temperature, if there is one.
pub(super) fn fitted_name(study: &Study) -> Option<String> {
    let t = study.analysis.fit.temperature?;
    let mark = if study.is_fit_exact { "" } else { "~" };
    Some(format!("{mark}T = {}", number::temperature(t)))
}

fn figure(text: &str) -> String {
    format!("{text:>FIGURE_WIDTH$}")
}

/// How large the logits are, as many quantiles as fit in `width`.
pub(super) fn scale_table(scale: &LogitScale, width: usize) -> Vec<String> {
    let rows = [
        ("largest logit", &scale.max),
        ("smallest logit", &scale.min),
        ("mean", &scale.mean),
        ("standard deviation", &scale.sd),
        ("L2 norm", &scale.norm),
        ("log-sum-exp", &scale.log_sum_exp),
        ("entropy (nats)", &scale.entropy),
    ];
    spread_table(&rows, width)
}

/// How clear the decisions are.
pub(super) fn margin_table(margins: &Margins, width: usize) -> Vec<String> {
    let rows = [
        ("all rows", &margins.all),
        ("right", &margins.correct),
        ("wrong", &margins.wrong),
        ("label minus best other", &margins.true_class_margin),
    ];
    spread_table(&rows, width)
}

fn spread_table(rows: &[(&str, &Spread)], width: usize) -> Vec<String> {
    let columns = columns(width.saturating_sub(QUANTITY_WIDTH + 2) / QUANTILE_WIDTH);
    let cell = |text: &str| format!("{text:>QUANTILE_WIDTH$}");
    let line = |name: &str, cells: String| {
        format!("  {:<QUANTITY_WIDTH$}{cells}", cut(name, QUANTITY_WIDTH))
    };
    let heading = line("", columns.iter().map(|(name, _)| cell(name)).collect());
    let row = |(name, spread): &(&str, &Spread)| {
        let values = columns.iter().map(|(_, of)| cell(&number::logits(of(spread))));
        line(name, values.collect())
    };
    std::iter::once(heading).chain(rows.iter().map(row)).collect()
}

/// The name of a column and its value.
type Column = (&'static str, fn(&Spread) -> f64);

fn columns(n_most: usize) -> Vec<Column> {
    let all: [(usize, Column); 9] = [
        (3, ("mean", |s| s.mean)),
        (9, ("sd", |s| s.sd)),
        (9, ("min", |s| s.quantiles.min())),
        (5, ("5 %", |s| s.quantiles.p5())),
        (7, ("25 %", |s| s.quantiles.p25())),
        (3, ("median", |s| s.quantiles.median())),
        (7, ("75 %", |s| s.quantiles.p75())),
        (5, ("95 %", |s| s.quantiles.p95())),
        (3, ("max", |s| s.quantiles.max())),
    ];
    // Three columns always, then five, seven, nine.
    let kept = all.into_iter().filter(|(from, _)| *from <= n_most.max(3));
    kept.map(|(_, column)| column).collect()
}
