//! More than one temperature, and thresholds of every class, as tables.

use super::number::{
    UNDEFINED, count, counted, decimal, nats, percent, plain_percent, temperature,
};
use super::words::{cut, indented};
use crate::analysis::{
    Chosen, ClassThresholds, Comparison, EvaluatedOn, Gain, MethodFigures, Thresholds,
};
use crate::data::ClassNames;
use crate::fit::recalibrate::Method;

/// Columns of the name, of the gain and of every other figure: 47 with the indent.
const NAME: usize = 18;
const GAIN: usize = 18;
const FIGURE: usize = 9;

/// From this width on there is room for three more figures.
const WIDE: usize = 78;

/// Classes in a table of thresholds at most; the others stand in the JSON.
const MAX_SHOWN: usize = 20;

/// One sentence: whether the temperature is enough.
pub fn methods_verdict(comparison: &Comparison) -> String {
    let winner = comparison.methods.iter().find(|m| m.method == comparison.verdict);
    let gain = winner.and_then(|winner| winner.gain);
    let Some(gain) = gain else {
        let none = comparison.methods.iter().find(|m| m.method == Method::None);
        let harms = none.and_then(|none| none.gain).is_some_and(|gain| gain.low > 0.0);
        let but = if harms { ", and none at all would do better" } else { "" };
        return format!(
            "Temperature is enough: no other method has a lower NLL beyond doubt{but}."
        );
    };
    format!(
        "{} gains {} nats of NLL over the temperature.",
        what(comparison.verdict),
        plus_minus(&gain)
    )
}

fn what(method: Method) -> &'static str {
    match method {
        Method::None => "No recalibration",
        Method::Temperature => "The temperature",
        Method::BiasCorrectedTemperature => "A bias for every class, beside the temperature,",
        Method::Platt => "A bias beside the temperature (Platt)",
        Method::Vector => "A factor and a bias for every class (vector scaling)",
        Method::StructuredVector => {
            "A factor and a bias for every class, held back by a ridge (structured vector scaling),"
        }
        Method::Beta => "Beta calibration",
        Method::Isotonic => "Isotonic regression",
        Method::EnsembleTemperature => "Ensemble temperature scaling",
    }
}

/// `0.0123 +- 0.0031`, half the interval behind the sign.
fn plus_minus(gain: &Gain) -> String {
    format!("{} +- {}", decimal(gain.nll, 4), decimal((gain.high - gain.low) / 2.0, 4))
}

/// The table of all methods, the verdict before it.
pub fn methods_table(comparison: &Comparison, width: usize) -> Vec<String> {
    let line = |name: &str, nll: &str, gain: &str, more: [String; 3]| {
        let mut line = format!("  {:<NAME$}{nll:>FIGURE$}{gain:>GAIN$}", cut(name, NAME));
        if width >= WIDE {
            line.extend(more.map(|figure| format!("{figure:>FIGURE$}")));
        }
        line.trim_end().to_string()
    };
    let heading = line("", "NLL", "gain", ["Brier", "ECE", "accuracy"].map(String::from));
    let row = |m: &MethodFigures| {
        let gain = m.gain.as_ref().map_or_else(String::new, plus_minus);
        let more = [nats(m.brier), percent(m.ece, 2), percent(m.accuracy, 2)];
        line(m.method.name(), &nats(m.nll), &gain, more)
    };
    let mut lines: Vec<String> = indented(&methods_verdict(comparison), width).collect();
    lines.push(heading);
    lines.extend(comparison.methods.iter().map(row));
    for sentence in remarks(comparison) {
        lines.extend(indented(&sentence, width));
    }
    lines
}

/// What judged the rows.
fn judged(comparison: &Comparison) -> &'static str {
    match comparison.evaluated_on {
        EvaluatedOn::Test => "The rows were judged by fits that saw none of them.",
        EvaluatedOn::OutOfFold | EvaluatedOn::InSample => {
            "Every row is judged by a fit without it, in folds that do not look at labels (a bias for every class would \
             gain from labels dealt out evenly)."
        }
    }
}

fn remarks(comparison: &Comparison) -> Vec<String> {
    let mut remarks = vec![format!(
        "{} The gain is of NLL over the temperature, +- half its {} % interval ({}); the verdict goes by {} %, as there are \
         several rivals.",
        judged(comparison),
        plain_percent(comparison.level),
        comparison.interval_method,
        decimal(comparison.verdict_level * 100.0, 2)
    )];
    for m in comparison.methods.iter().filter(|m| m.impossible > 0) {
        remarks.push(format!(
            "{} gives {} a probability of 0: its NLL is infinite.",
            what(m.method).trim_end_matches(','),
            counted(m.impossible, "label")
        ));
    }
    for m in comparison.methods.iter().filter(|m| !m.converged) {
        remarks.push(format!(
            "{} has no finite optimum on some of these rows, as where a class has no label: the search was ended.",
            what(m.method).trim_end_matches(',')
        ));
    }
    for skipped in &comparison.skipped {
        let name = what(skipped.method).trim_end_matches(',');
        remarks.push(format!("{name} was left out: {}.", skipped.reason));
    }
    remarks
}

/// Both tables of thresholds.
pub fn thresholds_tables(
    thresholds: &Thresholds,
    names: Option<&ClassNames>,
    width: usize,
) -> Vec<String> {
    let shown = shown(thresholds);
    let name = |class: usize| {
        let name = names.and_then(|names| names.as_slice().get(class).cloned());
        name.unwrap_or_else(|| format!("class {class}"))
    };
    let table = |of: fn(&ClassThresholds) -> &Chosen| {
        let rows = shown.iter().map(move |class| (class, of(class)));
        let row = |(class, chosen): (&&ClassThresholds, &Chosen)| {
            threshold_line(&name(class.class), &cells(class, chosen), width)
        };
        rows.map(row).collect::<Vec<String>>()
    };
    let heading = ["rows", "from", "precision", "recall", "F1", "surely"].map(String::from);
    let heading = threshold_line("", &heading, width);
    let target = plain_percent(thresholds.precision_target);
    let met = format!(
        "Precision of {target} % met with probability {} %",
        plain_percent(thresholds.level)
    );
    let mut lines = vec!["  Largest F1".to_string(), heading.clone()];
    lines.extend(table(|class| &class.largest_f1));
    lines.extend(indented(&met, width));
    lines.push(heading);
    lines.extend(table(|class| &class.precision_met));
    let hidden = thresholds.classes.len() - shown.len();
    let rest = if hidden > 0 {
        format!(" The {MAX_SHOWN} rarest classes are shown; the JSON has all.")
    } else {
        String::new()
    };
    let basis = format!(
        "A class is said where its probability at T = {} is at least `from`. The figures are of rows without a part in \
         the choice; `surely` is a lower bound on the precision at {} %.{rest}",
        temperature(thresholds.temperature),
        plain_percent(thresholds.level)
    );
    lines.extend(indented(&basis, width));
    lines
}

/// The rarest classes, in the order of their index.
fn shown(thresholds: &Thresholds) -> Vec<&ClassThresholds> {
    let mut shown: Vec<&ClassThresholds> = thresholds.classes.iter().collect();
    shown.sort_by_key(|class| (class.count, class.class));
    shown.truncate(MAX_SHOWN);
    shown.sort_by_key(|class| class.class);
    shown
}

fn cells(class: &ClassThresholds, chosen: &Chosen) -> [String; 6] {
    let Some(threshold) = chosen.threshold else {
        let undefined = || UNDEFINED.to_string();
        return std::array::from_fn(|i| if i == 0 { count(class.count) } else { undefined() });
    };
    [
        count(class.count),
        // Rounded down: whoever types this threshold keeps all that are meant.
        decimal((threshold * 1e4).floor() / 1e4, 4),
        percent(chosen.precision, 1),
        percent(chosen.recall, 1),
        percent(chosen.f1, 1),
        percent(chosen.precision_lower, 1),
    ]
}

/// The last two figures only where there is room.
fn threshold_line(name: &str, cells: &[String; 6], width: usize) -> String {
    const WIDTHS: [usize; 6] = [8, 8, 10, 8, 8, 9];
    const CLASS: usize = 14;
    let fits = if width >= CLASS + 2 + WIDTHS.iter().sum::<usize>() { 6 } else { 4 };
    let cell = |(cell, width): (&String, usize)| format!("{cell:>width$}");
    let cells: String = cells.iter().zip(WIDTHS).take(fits).map(cell).collect();
    format!("  {:<CLASS$}{cells}", cut(name, CLASS)).trim_end().to_string()
}
