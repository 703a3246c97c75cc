//! What the marks of a figure mean: entries that flow in rows below it.

use std::fmt::Write as _;

use super::marks::{dot, hatched, line_of};
use super::panel::{Area, TEXT};
use super::text::{Caption, escaped};

/// The sample of a mark, and the gaps beside it.
const SAMPLE: f64 = 20.0;
const BEFORE_WORDS: f64 = 5.0;
const BETWEEN: f64 = 14.0;

/// From one row to the next.
pub(super) const ROW: f64 = 16.0;

/// A mark as a legend shows it, with its class.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sample {
    /// A plain rectangle.
    Plain(&'static str),
    /// A hatched one.
    Hatched(&'static str),
    /// A line from left to right.
    Line(&'static str),
    /// A line from top to bottom.
    Whisker,
    /// A dot.
    Dot(&'static str),
}

/// A mark and what it means.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    sample: Sample,
    words: Caption,
}

impl Entry {
    pub(super) fn new(sample: Sample, words: impl Into<Caption>) -> Self {
        Self { sample, words: words.into() }
    }

    fn width(&self) -> f64 {
        SAMPLE + BEFORE_WORDS + self.words.width(TEXT)
    }

    /// The same where its name is cut.
    pub(super) fn least(&self) -> f64 {
        SAMPLE + BEFORE_WORDS + self.words.least(TEXT)
    }
}

/// The entries in rows, each no wider than `room` if it can be.
pub(super) fn rows(entries: &[Entry], room: f64) -> Vec<Vec<&Entry>> {
    let (mut rows, mut used): (Vec<Vec<&Entry>>, f64) = (Vec::new(), 0.0);
    for entry in entries {
        let next = used + BETWEEN + entry.width();
        match rows.last_mut() {
            Some(row) if next <= room => {
                row.push(entry);
                used = next;
            }
            _ => {
                used = entry.width();
                rows.push(vec![entry]);
            }
        }
    }
    rows
}

/// One row from `left` on, with `baseline` under its words.
pub(super) fn draw(row: &[&Entry], mut left: f64, baseline: f64, right: f64) -> String {
    let mut body = String::new();
    for entry in row {
        body += &sample(entry.sample, left, baseline);
        let x = left + SAMPLE + BEFORE_WORDS;
        let words = entry.words.within(TEXT, right - x);
        // Writing to a String cannot fail.
        let _ = writeln!(body, "<text x=\"{x:.1}\" y=\"{baseline:.1}\">{}</text>", escaped(&words));
        left += entry.width() + BETWEEN;
    }
    body
}

fn sample(sample: Sample, left: f64, baseline: f64) -> String {
    let (top, middle) = (baseline - 9.0, baseline - 4.0);
    let area = Area { left, top, right: left + SAMPLE, bottom: top + 10.0 };
    let rectangle = |class: &str| {
        format!(
            "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{SAMPLE}\" height=\"10\"/>\n"
        )
    };
    match sample {
        Sample::Plain(class) => rectangle(class),
        Sample::Hatched(class) => rectangle(class) + &hatched(area, class),
        Sample::Line(class) => {
            line_of(class, &format!("M{left:.1} {middle:.1}L{:.1} {middle:.1}", area.right))
        }
        Sample::Whisker => {
            let x = left + SAMPLE / 2.0;
            line_of("whisker", &format!("M{x:.1} {top:.1}L{x:.1} {:.1}", area.bottom))
        }
        Sample::Dot(class) => dot(class, (left + SAMPLE / 2.0, middle), ""),
    }
}
