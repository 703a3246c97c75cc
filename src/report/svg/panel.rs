//! One plot with its axes: the scales and ticks of `plot`, drawn with lines and rectangles.

use std::fmt::Write as _;

use super::marks::{dot, hatched, line_of};
use super::text::{beginning, escaped};
use crate::plot::{LabelRoom, Scale, x_ticks, y_ticks};

/// Size of the text at axes and marks.
pub(super) const TEXT: f64 = 11.0;

/// Size of the title of a panel.
pub(super) const TITLE: f64 = 12.0;

/// How much wider bold text is.
const BOLD: f64 = 1.08;

/// What an axis takes beside the plot: its numbers and its words.
pub(in crate::report) const LEFT: f64 = 56.0;
pub(in crate::report) const BOTTOM: f64 = 42.0;

/// Room of a character along an axis, and of a line: as many as fit are the cells that ticks are chosen for.
const CELL_WIDTH: f64 = 6.2;
const CELL_HEIGHT: f64 = 14.6;

/// A rectangle of the figure, in its own units, y downwards.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Area {
    pub(in crate::report) left: f64,
    pub(in crate::report) top: f64,
    pub(in crate::report) right: f64,
    pub(in crate::report) bottom: f64,
}

impl Area {
    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    /// The part beside axes on the left and below, with `above` left for a title.
    pub(super) fn within_axes(self, above: f64) -> Self {
        Self {
            left: self.left + LEFT,
            top: self.top + above,
            right: self.right - 14.0,
            bottom: self.bottom - BOTTOM,
        }
    }

    /// `n` parts of the same size in rows, as many beside each other as make them largest.
    pub(super) fn cells(self, n: usize) -> impl Iterator<Item = Self> {
        let n = n.max(1);
        let size = |across: usize| {
            (self.width() / across as f64, self.height() / n.div_ceil(across) as f64)
        };
        let side = |across: usize| {
            let (width, height) = size(across);
            width.min(height)
        };
        // Of equal ones the wider arrangement.
        let across = (1..=n).max_by(|a, b| side(*a).total_cmp(&side(*b))).unwrap_or(1);
        let (width, height) = size(across);
        (0..n).map(move |idx| {
            let left = self.left + width * (idx % across) as f64;
            let top = self.top + height * (idx / across) as f64;
            Self { left, top, right: left + width, bottom: top + height }
        })
    }
}

/// What an axis shows.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Axis<'a> {
    /// Its ends.
    pub(in crate::report) range: [f64; 2],
    /// True for a logarithmic one.
    pub(in crate::report) is_log: bool,
    /// What it is of; an axis without words has no numbers either.
    pub(in crate::report) words: &'a str,
}

impl<'a> Axis<'a> {
    /// A straight one.
    pub(in crate::report) fn linear(range: [f64; 2], words: &'a str) -> Self {
        Self { range, is_log: false, words }
    }

    /// From 0 to 1.
    pub(in crate::report) fn unit(words: &'a str) -> Self {
        Self::linear([0.0, 1.0], words)
    }

    fn scale(&self, length: f64, cell: f64) -> Scale {
        let [low, high] = self.range;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the length of an axis in cells, at least 1"
        )]
        let n_cells = (length / cell).round().clamp(1.0, 10_000.0) as usize;
        if self.is_log {
            Scale::log10(low, high, n_cells)
        } else {
            Scale::linear(low, high, n_cells)
        }
    }
}

/// A plot in the making.
#[derive(Debug)]
pub(in crate::report) struct Panel {
    area: Area,
    x: Scale,
    y: Scale,
    body: String,
}

impl Panel {
    /// Axes with their ticks around `area`.
    pub(in crate::report) fn new(area: Area, x: Axis<'_>, y: Axis<'_>) -> Self {
        let mut panel = Self {
            area,
            x: x.scale(area.width(), CELL_WIDTH),
            y: y.scale(area.height(), CELL_HEIGHT),
            body: String::new(),
        };
        panel.axes(!x.words.is_empty(), !y.words.is_empty());
        panel.words(x.words, y.words);
        panel
    }

    /// A title above the plot.
    #[must_use]
    pub(in crate::report) fn titled(mut self, title: &str) -> Self {
        let (x, y) = (self.area.left, self.area.top - 11.0);
        let title = beginning(title, TITLE * BOLD, self.area.width() + 10.0);
        self.element(format_args!(
            "<text class=\"title\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>",
            escaped(&title)
        ));
        self
    }

    pub(super) fn across(&self, x: f64) -> f64 {
        self.area.left + self.area.width() * self.x.fraction(x).clamp(0.0, 1.0)
    }

    pub(super) fn down(&self, y: f64) -> f64 {
        self.area.top + self.area.height() * (1.0 - self.y.fraction(y).clamp(0.0, 1.0))
    }

    fn axes(&mut self, has_x: bool, has_y: bool) {
        let Area { left, top, right, bottom } = self.area;
        for tick in y_ticks(&self.y).iter().filter(|_| has_y) {
            let y = self.down(tick.value);
            self.element(format_args!(
                "<line class=\"grid\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/>"
            ));
            self.label((left - 6.0, y + 4.0), "end", &tick.label);
        }
        for tick in x_ticks(&self.x, LabelRoom::default()) {
            let x = self.across(tick.value);
            self.element(format_args!(
                "<line class=\"axis\" x1=\"{x:.1}\" y1=\"{bottom:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\"/>",
                bottom + 4.0
            ));
            if has_x {
                self.label((x, bottom + 16.0), "middle", &tick.label);
            }
        }
        self.element(format_args!(
            "<path class=\"axis\" d=\"M{left:.1} {top:.1}V{bottom:.1}H{right:.1}\"/>"
        ));
    }

    fn words(&mut self, x: &str, y: &str) {
        let Area { left, top, right, bottom } = self.area;
        if !x.is_empty() {
            let x = beginning(x, TEXT, self.area.width() + LEFT);
            self.label((left.midpoint(right), bottom + 34.0), "middle", &x);
        }
        if !y.is_empty() {
            let y = beginning(y, TEXT, self.area.height() + BOTTOM);
            self.element(format_args!(
                "<text transform=\"translate({:.1} {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                left - 43.0,
                top.midpoint(bottom),
                escaped(&y)
            ));
        }
    }

    /// Words at a place of the figure.
    pub(super) fn label(&mut self, (x, y): (f64, f64), anchor: &str, text: &str) {
        self.element(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(text)
        ));
    }

    /// The name of what stands at the height `y`, so far left of the plot.
    pub(super) fn row_label(&mut self, y: f64, beside: f64, text: &str) {
        let at = (self.area.left - beside, self.down(y) + 4.0);
        self.label(at, "end", text);
    }

    /// A line at the value x, with words in a line of their own at the top of the plot: other marks may stand close by.
    pub(super) fn mark(&mut self, x: f64, class: &str, (text, line): (&str, u8)) {
        let at = self.across(x);
        let Area { top, bottom, .. } = self.area;
        self.element(format_args!(
            "<line class=\"{class}\" x1=\"{at:.1}\" y1=\"{top:.1}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\"/>"
        ));
        // To the side on which there is more room.
        let is_right = self.x.fraction(x) < 0.5;
        let (shift, anchor) = if is_right { (4.0, "start") } else { (-4.0, "end") };
        let y = top + 10.0 + 14.0 * f64::from(line);
        if !text.is_empty() {
            self.label((at + shift, y), anchor, text);
        }
    }

    /// A rectangle between two values of either axis, with words for the pointer; nothing where a value is NaN.
    pub(super) fn rectangle(&mut self, class: &str, x: [f64; 2], y: [f64; 2], words: &str) {
        let [x0, x1] = x.map(|x| self.across(x));
        let [y0, y1] = y.map(|y| self.down(y));
        let (width, height) = ((x1 - x0).abs(), (y1 - y0).abs());
        if !(width.is_finite() && height.is_finite()) {
            return;
        }
        let title = if words.is_empty() {
            String::new()
        } else {
            format!("<title>{}</title>", escaped(words))
        };
        self.element(format_args!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"{height:.1}\">{title}</rect>",
            x0.min(x1),
            y0.min(y1)
        ));
    }

    /// The same with strokes across, which print and every eye tell from a plain one.
    pub(super) fn hatched(&mut self, class: &str, x: [f64; 2], y: [f64; 2], words: &str) {
        self.rectangle(class, x, y, words);
        let [left, right] = x.map(|x| self.across(x));
        let [bottom, top] = y.map(|y| self.down(y));
        let area = Area {
            left: left.min(right),
            right: left.max(right),
            top: top.min(bottom),
            bottom: top.max(bottom),
        };
        let markup = hatched(area, class);
        self.body.push_str(&markup);
    }

    /// The full height between two values of x.
    pub(super) fn band(&mut self, class: &str, x: [f64; 2]) {
        let y = [self.y.low(), self.y.high()];
        self.rectangle(class, x, y, "");
    }

    /// A dot; nothing where a value is NaN.
    pub(super) fn dot(&mut self, class: &str, (x, y): (f64, f64), words: &str) {
        if x.is_finite() && y.is_finite() {
            let at = (self.across(x), self.down(y));
            let markup = dot(class, at, words);
            self.body.push_str(&markup);
        }
    }

    /// A line through `points`, broken where one is not finite.
    pub(super) fn line(&mut self, class: &str, points: impl Iterator<Item = (f64, f64)>) {
        let (mut path, mut is_down) = (String::new(), false);
        for (x, y) in points {
            if !(x.is_finite() && y.is_finite()) {
                is_down = false;
                continue;
            }
            let letter = if is_down { 'L' } else { 'M' };
            // Writing to a String cannot fail.
            let _ = write!(path, "{letter}{:.1} {:.1}", self.across(x), self.down(y));
            is_down = true;
        }
        if !path.is_empty() {
            let markup = line_of(class, &path);
            self.body.push_str(&markup);
        }
    }

    /// Adds markup as it stands.
    pub(super) fn element(&mut self, markup: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.body.write_fmt(markup);
        self.body.push('\n');
    }

    /// What was drawn.
    pub(in crate::report) fn finish(self) -> String {
        self.body
    }
}
