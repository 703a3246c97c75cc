//! A figure of its own: heading, plots, legend and notes in one document that loads nothing.

use std::fmt::Write as _;

use super::legend::{self, Entry};
use super::panel::{Area, TEXT};
use super::size::Room;
use super::text::{beginning, escaped, lines};

/// Fixed colours, light and fit for print: readers of SVG know neither properties nor the reader's system.
const STYLE: &str = include_str!("style.css");

/// What is left free at the sides.
const EDGE: f64 = 12.0;

/// Baseline and size of the heading; from one line below it to the next.
const HEADING_AT: f64 = 21.0;
const HEADING: f64 = 13.0;
const LINE: f64 = 14.0;

/// What a figure says in words.
#[derive(Debug)]
pub(super) struct Words {
    /// What is shown.
    pub(super) heading: String,
    /// Of which rows, below the heading.
    pub(super) about: String,
    /// What is broken, in strong words below it.
    pub(super) failures: Vec<String>,
    /// What the marks mean.
    pub(super) legend: Vec<Entry>,
    /// Sentences at the foot.
    pub(super) notes: Vec<String>,
    /// The figures in a sentence, for who cannot see them.
    pub(super) description: String,
}

/// A figure in the making.
#[derive(Debug)]
pub(super) struct Figure {
    room: Room,
    body: String,
    area: Area,
    title: String,
    description: String,
}

impl Figure {
    /// One with everything but its plots.
    pub(super) fn new(room: Room, words: Words) -> Self {
        let [width, height] = room.units;
        let across = width - 2.0 * EDGE;
        let mut figure = Self {
            room,
            body: String::new(),
            area: Area { left: 0.0, top: HEADING_AT + 8.0, right: width, bottom: height - 4.0 },
            title: format!("{}. {}", words.heading, words.about),
            description: words.description,
        };
        figure.text("heading", HEADING_AT, &beginning(&words.heading, HEADING, across));
        let broken = words.failures.iter().map(|failure| ("failure", failure));
        for (class, text) in std::iter::once(("muted", &words.about)).chain(broken) {
            for line in lines(text, TEXT, across) {
                figure.text(class, figure.area.top + LINE - 6.0, &line);
                figure.area.top += LINE;
            }
        }
        figure.foot(words.legend, &words.notes, across);
        figure
    }

    /// Notes at the very bottom, the legend above them.
    fn foot(&mut self, entries: Vec<Entry>, notes: &[String], across: f64) {
        let notes: Vec<String> = notes.iter().flat_map(|note| lines(note, TEXT, across)).collect();
        for note in notes.iter().rev() {
            self.text("muted", self.area.bottom - 4.0, note);
            self.area.bottom -= LINE;
        }
        for row in legend::rows(entries, across).iter().rev() {
            let baseline = self.area.bottom - 4.0;
            self.body += &legend::draw(row, EDGE, baseline, EDGE + across);
            self.area.bottom -= legend::ROW;
        }
    }

    fn text(&mut self, class: &str, y: f64, text: &str) {
        let text = escaped(text);
        // Writing to a String cannot fail.
        let _ =
            writeln!(self.body, "<text class=\"{class}\" x=\"{EDGE}\" y=\"{y:.1}\">{text}</text>");
    }

    /// What is left for plots with their axes.
    pub(super) fn area(&self) -> Area {
        self.area
    }

    /// Adds a plot.
    pub(super) fn add(&mut self, plot: &str) {
        self.body += plot;
    }

    /// The document.
    pub(super) fn finish(self) -> String {
        let ([width, height], [across, down]) = (self.room.size, self.room.units);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {across:.1} {down:.1}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n\
             <style>\n{STYLE}</style>\n\
             <rect class=\"back\" x=\"0\" y=\"0\" width=\"{across:.1}\" height=\"{down:.1}\"/>\n{}</svg>\n",
            escaped(&self.title),
            escaped(&self.description),
            self.body
        )
    }
}
