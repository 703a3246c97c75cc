//! A figure of its own: heading, plots, legend and notes in one document that loads nothing.

use std::fmt::Write as _;

use super::legend::{self, Entry};
use super::panel::{Area, BOLD, TEXT};
use super::size::{Room, Size};
use super::text::{escaped, lines};

/// Fixed colours, light and fit for print: readers of SVG know neither properties nor the reader's system.
const STYLE: &str = include_str!("style.css");

/// What is left free at the sides, at the top and at the bottom.
const EDGE: f64 = 12.0;
const TOP: f64 = 8.0;
const FOOT: f64 = 4.0;

/// Size of the heading, from one of its lines to the next, and from one line of other text to the next.
const HEADING: f64 = 13.0;
const HEADING_LINE: f64 = 16.0;
const LINE: f64 = 14.0;

/// Free space between the lines at the top and the plots.
const BELOW_LINES: f64 = 5.0;

/// Plots beside each other in a figure that takes the size that suits it, at most.
const COLUMNS: usize = 4;

/// By how much the room grows at a time until everything has its place, and how often: beyond any figure.
const GROWTH: f64 = 1.04;
const MOST_STEPS: usize = 250;

/// What a figure says in words.
#[derive(Debug)]
pub(super) struct Words {
    /// What is shown.
    pub(super) heading: String,
    /// Of which rows, in the lines after it.
    pub(super) about: String,
    /// What is broken, in strong words.
    pub(super) failures: Vec<String>,
    /// What the marks mean.
    pub(super) legend: Vec<Entry>,
    /// Sentences at the foot.
    pub(super) notes: Vec<String>,
    /// The figures in a sentence, for who cannot see them.
    pub(super) description: String,
}

/// The plots of a figure, and the room that each takes with its axes and title.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plots {
    pub(super) n: usize,
    /// What suits them.
    pub(super) suiting: [f64; 2],
    /// What holds their words without a cut.
    pub(super) least: [f64; 2],
}

impl Plots {
    /// How many stand beside each other in `area`, so that they are largest; `None` if they have no room.
    fn across(&self, area: Area) -> Option<usize> {
        let n = self.n.max(1);
        let size = |across: &usize| {
            let down = n.div_ceil(*across);
            [area.width() / *across as f64, area.height() / down as f64]
        };
        let holds = |across: &usize| {
            let [width, height] = size(across);
            width >= self.least[0] && height >= self.least[1]
        };
        let side = |across: &usize| size(across).into_iter().fold(f64::INFINITY, f64::min);
        // Of equal ones the wider arrangement.
        (1..=n).filter(holds).max_by(|a, b| side(a).total_cmp(&side(b)))
    }
}

/// A figure in the making.
#[derive(Debug)]
pub(super) struct Figure {
    room: Room,
    body: String,
    cells: Vec<Area>,
    title: String,
    description: String,
}

impl Figure {
    /// One with everything but its plots. Text keeps its size as long as everything has room; where it does not the
    /// drawing grows, and is shown smaller.
    pub(super) fn new(size: Option<Size>, plots: Plots, words: Words) -> Self {
        let mut room = size.map_or_else(|| suiting(plots, &words), Room::of);
        for _ in 0..MOST_STEPS {
            if Lines::new(&words, room).across(plots).is_some() {
                break;
            }
            room = room.grown(GROWTH);
        }
        let lines = Lines::new(&words, room);
        let across = lines.across(plots).unwrap_or(1);
        let mut figure = Self {
            room,
            body: String::new(),
            cells: lines.area.cells(plots.n, across).collect(),
            title: format!("{}. {}", words.heading, words.about),
            description: String::new(),
        };
        lines.draw(&mut figure.body);
        figure.description = words.description;
        figure
    }

    /// The places of the plots with their axes.
    pub(super) fn cells(&self) -> Vec<Area> {
        self.cells.clone()
    }

    /// The place of the only one.
    pub(super) fn area(&self) -> Area {
        self.cells[0]
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

/// The room that suits these plots and what is said of them.
fn suiting(plots: Plots, words: &Words) -> Room {
    let columns = plots.n.clamp(1, COLUMNS);
    let [width, height] = [0, 1].map(|side| plots.suiting[side].max(plots.least[side]));
    let width = (width * columns as f64).max(least_width(words));
    let lines = Lines::new(words, Room::around([width, 0.0]));
    // Without any height the area begins where it should end.
    let taken = -lines.area.height();
    Room::around([width, taken + height * plots.n.div_ceil(columns) as f64])
}

/// A width in which no entry of the legend is cut but for its name.
fn least_width(words: &Words) -> f64 {
    words.legend.iter().map(Entry::least).fold(0.0, f64::max) + 2.0 * EDGE
}

/// What is said, broken into lines, and what is left between them.
struct Lines<'a> {
    width: f64,
    /// Lines at the top and notes at the foot: class, baseline, text.
    text: Vec<(&'static str, f64, String)>,
    /// Rows of the legend with their baselines.
    legend: Vec<(f64, Vec<&'a Entry>)>,
    area: Area,
    least_width: f64,
}

impl<'a> Lines<'a> {
    fn new(words: &'a Words, room: Room) -> Self {
        let [width, height] = room.units;
        let mut all = Self {
            width,
            text: Vec::new(),
            legend: Vec::new(),
            area: Area { left: 0.0, top: TOP, right: width, bottom: height - FOOT },
            least_width: least_width(words),
        };
        all.head(words);
        all.foot(words);
        all
    }

    fn across_text(&self) -> f64 {
        self.width - 2.0 * EDGE
    }

    fn head(&mut self, words: &Words) {
        for line in lines(&words.heading, HEADING * BOLD, self.across_text()) {
            self.text.push(("heading", self.area.top + HEADING, line));
            self.area.top += HEADING_LINE;
        }
        let about = std::iter::once(("muted", &words.about, 1.0));
        let broken = words.failures.iter().map(|failure| ("failure", failure, BOLD));
        for (class, text, wider) in about.chain(broken) {
            for line in lines(text, TEXT * wider, self.across_text()) {
                self.text.push((class, self.area.top + LINE - 2.0, line));
                self.area.top += LINE;
            }
        }
        self.area.top += BELOW_LINES;
    }

    /// Notes at the very bottom, the legend above them.
    fn foot(&mut self, words: &'a Words) {
        let across = self.across_text();
        let notes = words.notes.iter().flat_map(|note| lines(note, TEXT, across));
        for note in notes.collect::<Vec<_>>().into_iter().rev() {
            self.text.push(("muted", self.area.bottom - 4.0, note));
            self.area.bottom -= LINE;
        }
        for row in legend::rows(&words.legend, across).into_iter().rev() {
            self.legend.push((self.area.bottom - 4.0, row));
            self.area.bottom -= legend::ROW;
        }
    }

    /// How many plots stand beside each other; `None` if something has no room.
    fn across(&self, plots: Plots) -> Option<usize> {
        plots.across(self.area).filter(|_| self.width >= self.least_width)
    }

    fn draw(&self, body: &mut String) {
        for (class, y, text) in &self.text {
            let text = escaped(text);
            // Writing to a String cannot fail.
            let _ =
                writeln!(body, "<text class=\"{class}\" x=\"{EDGE}\" y=\"{y:.1}\">{text}</text>");
        }
        for (baseline, row) in &self.legend {
            *body += &legend::draw(row, EDGE, *baseline, self.width - EDGE);
        }
    }
}
