//! Models side by side on the same labels, as text, Markdown, CSV and JSON.

use serde_json::{Value, json};

use super::csv::{self, Cell};
use super::json::{json as report_json, program};
use super::number::{self, UNDEFINED, counted, decimal, nats, percent, plain_percent};
use super::verdict::{fault, word};
use super::words::{cut, indented, wrap};
use crate::analysis::AnalysisOptions;
use crate::metrics::{
    BOOTSTRAP_METHOD, Difference, GROUP_BOOTSTRAP_METHOD, LOT_BOOTSTRAP_METHOD, Metrics,
    PairedDifferences, is_in_lots,
};
use crate::pipeline::{Paired, Study};

/// The first key of a comparison.
pub const COMPARE_SCHEMA: &str = "logitscope.compare/2";

/// Columns of the figures of the table, of the name of a difference, and of each difference.
const FIGURE_WIDTH: usize = 9;
const NAME_WIDTH: usize = 10;
const DIFFERENCE_WIDTH: usize = 31;

/// One of the models.
#[derive(Debug)]
pub struct ComparedRun {
    /// What was found out about it.
    pub study: Study,
    /// Itself minus the first model; `None` for the first.
    pub against: Option<Paired>,
}

/// Models on the same labels.
#[derive(Debug)]
pub struct Comparison {
    /// The models, the first of which the others are compared with.
    pub runs: Vec<ComparedRun>,
    /// Level of the intervals.
    pub level: f64,
    /// Draws behind them.
    pub n_draws: usize,
}

impl Comparison {
    /// These runs, compared with these options.
    pub fn new(runs: Vec<ComparedRun>, options: &AnalysisOptions) -> Self {
        Self { runs, level: options.level, n_draws: options.n_draws }
    }

    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &ComparedRun)> {
        (1..).zip(&self.runs)
    }

    /// `Differences to 1 with 95 % intervals, bootstrap of 1,000 draws of the same rows`.
    pub(super) fn how(&self) -> String {
        let units = self.n_groups().map_or_else(
            || "rows".to_string(),
            |n| format!("{} of rows", counted(n as u64, "group")),
        );
        format!(
            "Differences to 1 with {} % intervals, bootstrap of {} of the same {units}",
            plain_percent(self.level),
            counted(self.n_draws as u64, "draw")
        )
    }

    /// Groups that were drawn whole, by the first model's file.
    fn n_groups(&self) -> Option<usize> {
        self.runs.iter().find_map(|run| run.against.as_ref()?.n_groups)
    }

    fn method(&self) -> &'static str {
        let n_rows = |run: &ComparedRun| run.against.as_ref().map(|paired| paired.n_rows);
        if self.n_groups().is_some() {
            GROUP_BOOTSTRAP_METHOD
        } else if self.runs.iter().filter_map(n_rows).any(is_in_lots) {
            LOT_BOOTSTRAP_METHOD
        } else {
            BOOTSTRAP_METHOD
        }
    }
}

/// The heading of a column and its figure.
pub(super) type Column = (&'static str, fn(&Study) -> String);

pub(super) fn columns() -> [Column; 8] {
    [
        ("accuracy", |s| percent(s.analysis.before.metrics.accuracy, 2)),
        ("T", |s| number::temperature(s.analysis.fit.temperature.unwrap_or(f64::NAN))),
        ("ECE", |s| percent(s.analysis.before.metrics.ece, 2)),
        ("scaled", |s| after(s, |m| percent(m.ece, 2))),
        ("NLL", |s| nats(s.analysis.before.metrics.nll)),
        ("scaled", |s| after(s, |m| nats(m.nll))),
        ("Brier", |s| after(s, |m| nats(m.brier))),
        ("AURC", |s| nats(aurc(s))),
    ]
}

fn after(study: &Study, of: fn(&Metrics) -> String) -> String {
    let after = study.analysis.after.as_ref();
    after.map_or_else(|| UNDEFINED.to_string(), |after| of(&after.metrics))
}

/// After scaling where there is a temperature.
fn aurc(study: &Study) -> f64 {
    let families = study.analysis.families.as_ref();
    families.map_or(f64::NAN, |f| f.after.as_ref().unwrap_or(&f.before).aurc)
}

/// The name of a difference, and how its ends are written.
pub(super) type Row = (&'static str, fn(&PairedDifferences) -> &Difference, fn(f64) -> String);

pub(super) fn rows() -> [Row; 4] {
    let points = |x: f64| signed(&decimal(x * 100.0, 2));
    let in_nats = |x: f64| signed(&nats(x));
    [
        ("NLL", |d| &d.nll, in_nats),
        ("ECE, %", |d| &d.ece, points),
        ("Brier", |d| &d.brier, in_nats),
        ("accuracy, %", |d| &d.accuracy, points),
    ]
}

/// A plus sign before what has none.
fn signed(number: &str) -> String {
    if number.starts_with('-') { number.to_string() } else { format!("+{number}") }
}

/// `-0.4105 (-0.4220 to -0.3990)`.
pub(super) fn difference(sides: Option<&PairedDifferences>, row: &Row) -> String {
    let Some(difference) = sides.map(row.1) else {
        return UNDEFINED.to_string();
    };
    let value = difference.value.map_or_else(|| UNDEFINED.to_string(), row.2);
    match difference.interval {
        Some([low, high]) => format!("{value} ({} to {})", row.2(low), row.2(high)),
        None => value,
    }
}

/// The comparison for people, no line longer than `width` (at least 80).
pub fn compare_text(comparison: &Comparison, width: usize) -> String {
    let width = width.max(80);
    let mut lines: Vec<String> =
        failures(comparison).iter().flat_map(|sentence| wrap(sentence, width)).collect();
    lines.extend(wrap(&title(comparison), width));
    for (number, run) in comparison.numbered() {
        let (path, word) = (&run.study.info.path, word(&run.study));
        lines.extend(indented(&format!("{number}  {path}: {word}"), width));
    }
    lines.push(String::new());
    let line = |name: &str, cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().map(|c| format!("{c:>FIGURE_WIDTH$}")).collect();
        let cells = cells.concat();
        format!("  {name:<4}{cells}").trim_end().to_string()
    };
    lines.push(line("", columns().iter().map(|c| c.0.to_string()).collect()));
    for (number, run) in comparison.numbered() {
        let cells = columns().iter().map(|c| c.1(&run.study)).collect();
        lines.push(line(&number.to_string(), cells));
    }
    lines.extend(indented(&basis(comparison), width));
    lines.push(String::new());
    lines.push(comparison.how());
    let line = |number: &str, [name, before, after]: [&str; 3]| {
        let name = cut(name, NAME_WIDTH + 1);
        format!("  {number:<3}{name:<12}{before:<DIFFERENCE_WIDTH$}{after}").trim_end().to_string()
    };
    lines.push(line("", ["", "T = 1", "scaled"]));
    for (number, run) in comparison.numbered() {
        let Some(paired) = &run.against else { continue };
        for (idx, row) in rows().iter().enumerate() {
            let number = if idx == 0 { number.to_string() } else { String::new() };
            let before = difference(Some(&paired.before), row);
            let after = difference(paired.after.as_ref(), row);
            lines.push(line(&number, [row.0, &before, &after]));
        }
    }
    lines.extend(left_out(comparison).iter().flat_map(|s| indented(s, width)));
    lines.join("\n") + "\n"
}

/// What is broken, a sentence for each model that is: it comes before any figure.
pub(super) fn failures(comparison: &Comparison) -> Vec<String> {
    let sentence = |(number, run): (usize, &ComparedRun)| {
        let fault = fault(&run.study)?;
        Some(format!("FAILURE in {number}: {}. {}", fault.rule, fault.message))
    };
    comparison.numbered().filter_map(sentence).collect()
}

/// `3 models on the same 10,000 labels (sha256 9c1f5a31...)`.
pub(super) fn title(comparison: &Comparison) -> String {
    let first = comparison.runs.first().map(|run| &run.study);
    let hash = first.and_then(|study| study.sha256_labels.as_deref()).unwrap_or(UNDEFINED);
    let short = hash.get(..12).unwrap_or(hash);
    let rows = first.map_or(0, |study| study.counts.read);
    format!(
        "{} on the same {} (sha256 {short}...)",
        counted(comparison.runs.len() as u64, "model"),
        counted(rows, "label")
    )
}

/// On which rows the figures after scaling were computed.
pub(super) fn basis(comparison: &Comparison) -> String {
    let first = comparison.runs.first().map(|run| super::verdict::evaluated_on(&run.study));
    format!(
        "After scaling (Brier and AURC too), each model by its own T: {}.",
        first.unwrap_or_default()
    )
}

/// Models that have no finite score for some rows: these are left out of the differences.
pub(super) fn left_out(comparison: &Comparison) -> Vec<String> {
    let sentence = |(number, run): (usize, &ComparedRun)| {
        let (paired, used) = (run.against.as_ref()?, run.study.counts.used);
        let first = comparison.runs.first()?.study.counts.used;
        let most = used.max(first);
        let n_rows = paired.n_rows as u64;
        (n_rows < most).then(|| {
            format!(
                "{number}: the differences are of the {} that both models have finite scores for; the figures are of {} and {}.",
                counted(n_rows, "row"),
                counted(used, "row"),
                number::count(first)
            )
        })
    };
    comparison.numbered().filter_map(sentence).collect()
}

/// The same as two Markdown tables.
pub fn compare_markdown(comparison: &Comparison) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = |n: usize| format!("|---|{}\n", "---:|".repeat(n));
    let mut text = String::new();
    for sentence in failures(comparison) {
        text += &[&sentence, "\n\n"].concat();
    }
    text += &[&title(comparison), "\n\n"].concat();
    let heading: Vec<String> = ["model"]
        .into_iter()
        .chain(columns().map(|c| c.0))
        .chain(["verdict"])
        .map(String::from)
        .collect();
    text += &line(&heading);
    text += &rule(heading.len() - 1);
    for (number, run) in comparison.numbered() {
        let mut cells = vec![format!("{number}: {}", csv::markdown(&run.study.info.path))];
        cells.extend(columns().iter().map(|c| c.1(&run.study)));
        cells.push(word(&run.study));
        text += &line(&cells);
    }
    text += &["\n", &basis(comparison), "\n\n", &comparison.how(), ":\n\n"].concat();
    text += &line(&["model", "figure", "T = 1", "scaled"].map(String::from));
    text += &rule(3);
    for (number, run) in comparison.numbered() {
        let Some(paired) = &run.against else { continue };
        for row in &rows() {
            let before = difference(Some(&paired.before), row);
            let after = difference(paired.after.as_ref(), row);
            text += &line(&[number.to_string(), row.0.to_string(), before, after]);
        }
    }
    for sentence in left_out(comparison) {
        text += &["\n", &sentence, "\n"].concat();
    }
    text
}

/// One line per model, in full precision: figures, and differences with their intervals.
pub fn compare_csv(comparison: &Comparison) -> String {
    let figures = ["accuracy", "nll", "brier", "ece"];
    let mut heading: Vec<String> =
        ["model", "rows", "verdict", "temperature", "aurc_after"].map(String::from).to_vec();
    for side in ["before", "after"] {
        heading.extend(figures.map(|figure| format!("{figure}_{side}")));
        for figure in figures {
            heading.extend(
                ["", "_low", "_high"].map(|end| format!("{figure}_difference_{side}{end}")),
            );
        }
    }
    let mut text = csv::line(heading.into_iter().map(Cell::Text));
    for run in &comparison.runs {
        let (study, analysis) = (&run.study, &run.study.analysis);
        let mut cells = vec![
            Cell::Text(study.info.path.clone()),
            Cell::Number(study.counts.used as f64),
            Cell::Text(word(study)),
            Cell::Number(analysis.fit.temperature.unwrap_or(f64::NAN)),
            Cell::Number(aurc(study)),
        ];
        let paired = run.against.as_ref();
        let after = analysis.after.as_ref().map(|after| &after.metrics);
        let sides = [
            (Some(&analysis.before.metrics), paired.map(|p| &p.before)),
            (after, paired.and_then(|p| p.after.as_ref())),
        ];
        for (metrics, differences) in sides {
            cells.extend(metrics_cells(metrics));
            cells.extend(difference_cells(differences));
        }
        text += &csv::line(cells);
    }
    text
}

fn metrics_cells(metrics: Option<&Metrics>) -> [Cell; 4] {
    let of = |m: &Metrics| [m.accuracy, m.nll, m.brier, m.ece];
    metrics.map_or([f64::NAN; 4], of).map(Cell::Number)
}

fn difference_cells(differences: Option<&PairedDifferences>) -> Vec<Cell> {
    let numbers = |difference: &Difference| {
        let [low, high] = difference.interval.unwrap_or([f64::NAN; 2]);
        [difference.value.unwrap_or(f64::NAN), low, high]
    };
    let all = differences
        .map_or([[f64::NAN; 3]; 4], |d| [&d.accuracy, &d.nll, &d.brier, &d.ece].map(numbers));
    all.into_iter().flatten().map(Cell::Number).collect()
}

/// `{"schema", "level", "draws", "method", "runs"}`: every run is a report with `against_first` beside.
pub fn compare_json(comparison: &Comparison) -> Value {
    let sides = |paired: &Paired| json!({"rows": paired.n_rows, "before": paired.before, "after": paired.after});
    let run = |run: &ComparedRun| {
        let mut report = report_json(&run.study, &run.study.timing);
        report["against_first"] = json!(run.against.as_ref().map(sides));
        report
    };
    json!({
        "schema": COMPARE_SCHEMA,
        "program": program(),
        "level": comparison.level,
        "draws": comparison.n_draws,
        "method": format!("{}, the same rows for both models", comparison.method()),
        "runs": comparison.runs.iter().map(run).collect::<Vec<Value>>(),
    })
}
