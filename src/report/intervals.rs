//! The intervals of the bootstrap, in the text report.

use std::fmt::Write as _;

use super::number::{self, count, nats, percent};
use super::tables::column_name;
use super::words::{cut, indented};
use crate::analysis::{Analysis, Bootstrap, EvaluatedOn, Simulated};
use crate::metrics::{Difference, Intervals};

/// Columns of the name of a figure, and of each interval.
const NAME_WIDTH: usize = 22;
const INTERVAL_WIDTH: usize = 18;

/// Columns of an interval of a difference, which has signs.
const CHANGE_WIDTH: usize = 20;

/// `95 % interval, bootstrap of 1,000 draws`; empty without a bootstrap.
pub(super) fn intervals_heading(analysis: &Analysis) -> String {
    analysis.bootstrap.as_ref().map_or_else(String::new, |bootstrap| {
        let of = bootstrap
            .n_groups
            .map_or_else(String::new, |n| format!(" of {} groups", count(n as u64)));
        format!(
            "{} interval, bootstrap of {} draws{of}",
            level(bootstrap.level),
            count(bootstrap.n_draws as u64)
        )
    })
}

/// Intervals of NLL and ECE before, after, and of the change, as many as fit; T; and the noise floor with what it
/// means. Nothing without a bootstrap.
pub(super) fn intervals(analysis: &Analysis, width: usize) -> Vec<String> {
    let Some(bootstrap) = &analysis.bootstrap else {
        return Vec::new();
    };
    let mut lines = table(analysis, bootstrap, width);
    lines.extend(temperature(bootstrap).iter().flat_map(|line| indented(line, width)));
    if analysis.evaluated_on == EvaluatedOn::OutOfFold && bootstrap.improvement.is_some() {
        lines.extend(indented(
            "Change of NLL: what dividing by this T brings on new rows, so that below 0 it pays to ship it.",
            width,
        ));
    }
    lines.extend(indented(
        "Noise floor: the ECE these rows would show if every probability were right. An ECE near it \
         cannot be told from 0, and the interval of a small ECE lies above the ECE itself.",
        width,
    ));
    lines
}

fn table(analysis: &Analysis, bootstrap: &Bootstrap, width: usize) -> Vec<String> {
    let after = bootstrap.after.as_ref();
    let floor = |side: &Simulated| percent(side.noise_floor, 2);
    let change = |of: fn(&crate::metrics::Improvement) -> &Difference,
                  show: fn([f64; 2]) -> String| {
        let difference = bootstrap.improvement.as_ref().map(of);
        difference.map_or_else(String::new, |d| d.interval.map_or_else(undefined, show))
    };
    let interval = |of: fn(&Intervals) -> Option<[f64; 2]>, show: fn([f64; 2]) -> String| {
        let cell = move |side: &Simulated| of(&side.intervals).map_or_else(undefined, show);
        [cell(&bootstrap.before), after.map_or_else(String::new, cell)]
    };
    let [nll, ece] = [interval(|i| i.nll, nats_interval), interval(|i| i.ece, percent_interval)];
    let heading = analysis.after.as_ref().map_or_else(String::new, column_name);
    let change_heading = if after.is_some() { "change" } else { "" };
    let rows = [
        ("", [column_name(&analysis.before), heading], change_heading.to_string()),
        ("NLL (nats)", nll, change(|i| &i.nll, signed_nats)),
        ("ECE", ece, change(|i| &i.ece, signed_percent)),
        (
            "ECE, noise floor",
            [floor(&bootstrap.before), after.map_or_else(String::new, floor)],
            String::new(),
        ),
    ];
    rows.iter()
        .map(|(name, sides, change)| line(name, [&sides[0], &sides[1], change], width))
        .collect()
}

/// NLL and ECE at both temperatures and their change, and the noise floor, as cells.
pub(super) fn markdown_rows(bootstrap: &Bootstrap) -> Vec<Vec<String>> {
    let sides: Vec<&Simulated> =
        std::iter::once(&bootstrap.before).chain(&bootstrap.after).collect();
    let row = |name: &str, cell: &dyn Fn(&Simulated) -> String, change: Option<String>| {
        let cells = sides.iter().map(|side| cell(side)).chain(change);
        std::iter::once(name.to_string()).chain(cells).collect()
    };
    let change = |of: fn(&crate::metrics::Improvement) -> &Difference,
                  show: fn([f64; 2]) -> String| {
        let improvement = bootstrap.improvement.as_ref();
        improvement.map(|i| of(i).interval.map_or_else(undefined, show))
    };
    let nll = |side: &Simulated| side.intervals.nll.map_or_else(undefined, nats_interval);
    let ece = |side: &Simulated| side.intervals.ece.map_or_else(undefined, percent_interval);
    let floor = |side: &Simulated| percent(side.noise_floor, 2);
    let none = bootstrap.after.as_ref().map(|_| String::new());
    vec![
        row("NLL (nats)", &nll, change(|i| &i.nll, signed_nats)),
        row("ECE", &ece, change(|i| &i.ece, signed_percent)),
        row("ECE, noise floor", &floor, none),
    ]
}

/// The cells that fit, each right-aligned.
fn line(name: &str, cells: [&str; 3], width: usize) -> String {
    let mut line = format!("  {:<NAME_WIDTH$}", cut(name, NAME_WIDTH));
    let mut room = width.saturating_sub(NAME_WIDTH + 2);
    for (cell, width) in cells.into_iter().zip([INTERVAL_WIDTH, INTERVAL_WIDTH, CHANGE_WIDTH]) {
        if width > room {
            break;
        }
        room -= width;
        // Writing to a String cannot fail.
        let _ = write!(line, "{cell:>width$}");
    }
    line.trim_end().to_string()
}

/// `T from 1.702 to 1.861, refitted on every draw.`
fn temperature(bootstrap: &Bootstrap) -> Option<String> {
    let interval = bootstrap.temperature.as_ref()?;
    let end =
        |end: Option<f64>| end.map_or_else(|| "no temperature".to_string(), number::temperature);
    let without = match interval.without_temperature {
        0 => String::new(),
        n => format!("; {} of {} draws have none", count(n as u64), count(interval.draws as u64)),
    };
    Some(format!(
        "T from {} to {}, refitted on every draw{without}.",
        end(interval.low),
        end(interval.high)
    ))
}

fn undefined() -> String {
    number::UNDEFINED.to_string()
}

/// `95 %`, `99.9 %`.
fn level(level: f64) -> String {
    let hundredfold = format!("{:.2}", level * 100.0);
    format!("{} %", hundredfold.trim_end_matches('0').trim_end_matches('.'))
}

fn nats_interval([low, high]: [f64; 2]) -> String {
    format!("{} to {}", nats(low), nats(high))
}

fn percent_interval([low, high]: [f64; 2]) -> String {
    format!("{} to {}", number::decimal(low * 100.0, 2), percent(high, 2))
}

fn signed_nats(ends: [f64; 2]) -> String {
    let [low, high] = ends.map(|end| signed(&nats(end)));
    format!("{low} to {high}")
}

fn signed_percent(ends: [f64; 2]) -> String {
    let [low, high] = ends.map(|end| signed(&number::decimal(end * 100.0, 2)));
    format!("{low} to {high} %")
}

/// A plus sign before what has none.
fn signed(number: &str) -> String {
    if number.starts_with('-') { number.to_string() } else { format!("+{number}") }
}
