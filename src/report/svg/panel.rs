//! One plot with its axes: the scales and ticks of `plot`, drawn with lines and rectangles.

use std::fmt::Write as _;

use super::marks::{dot, hatched, line_of};
use super::text::{Caption, escaped, width};
use crate::plot::{LabelRoom, Scale, Tick, x_ticks, y_ticks};

/// Size of the text at axes and marks.
pub(super) const TEXT: f64 = 11.0;

/// Size of the title of a panel.
pub(super) const TITLE: f64 = 12.0;

/// How much wider bold text is.
pub(super) const BOLD: f64 = 1.14;

/// What an axis takes beside the plot: its numbers and its words.
pub(in crate::report) const LEFT: f64 = 56.0;
pub(in crate::report) const BOTTOM: f64 = 42.0;

/// What is left free on the other side.
const RIGHT: f64 = 14.0;

/// A plot of less reads badly.
const LEAST_PLOT: [f64; 2] = [120.0, 84.0];

/// Between a plot and its numbers, and what the words beside them take.
const BESIDE_NUMBERS: f64 = 6.0;
const BESIDE_WORDS: f64 = 20.0;

/// Between a mark and its words.
const BESIDE_MARK: f64 = 4.0;

/// Words stay so far inside of the room of their plot; those of the y axis may reach so far below the plot.
const INSIDE: f64 = 4.0;
const BELOW_PLOT: f64 = 18.0;

/// Room of a character along an axis, and of a line: as many as fit are the cells that ticks are chosen for.
const CELL_WIDTH: f64 = 7.2;
const CELL_HEIGHT: f64 = 14.6;

/// True if a title has room over a plot.
pub(in crate::report) fn fits_above(title: &str, plot: Area) -> bool {
    width(title, TITLE * BOLD) <= title_room(plot.width())
}

fn title_room(width: f64) -> f64 {
    width + RIGHT - INSIDE
}

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
            right: self.right - RIGHT,
            bottom: self.bottom - BOTTOM,
        }
    }

    /// `n` parts of the same size in rows of `across`.
    pub(super) fn cells(self, n: usize, across: usize) -> impl Iterator<Item = Self> {
        let n = n.max(1);
        let (width, height) =
            (self.width() / across as f64, self.height() / n.div_ceil(across) as f64);
        (0..n).map(move |idx| {
            let left = self.left + width * (idx % across) as f64;
            let top = self.top + height * (idx / across) as f64;
            Self { left, top, right: left + width, bottom: top + height }
        })
    }
}

/// The least room of a plot with its axes and, in `above` over it, its title, in which none of its words is cut or
/// meets another.
pub(super) fn least((x, y): (&str, &str), title: &Caption, above: f64) -> [f64; 2] {
    let beside = LEFT + RIGHT;
    let title = LEFT + title.least(TITLE * BOLD) + INSIDE;
    let across = [LEAST_PLOT[0] + beside, width(x, TEXT) + 2.0 * INSIDE, title];
    let down = [LEAST_PLOT[1], width(y, TEXT) - BELOW_PLOT];
    [across.into_iter().fold(0.0, f64::max), down[0].max(down[1]) + above + BOTTOM]
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
    /// Where its words may begin.
    outer: f64,
    x: Scale,
    y: Scale,
    body: String,
}

impl Panel {
    /// Axes with their ticks around `area`.
    pub(in crate::report) fn new(area: Area, x: Axis<'_>, y: Axis<'_>) -> Self {
        Self::from_left(area.left - LEFT, area, x, y)
    }

    /// The same where the room of the plot begins at `outer`: something else stands there than numbers.
    pub(super) fn from_left(outer: f64, area: Area, x: Axis<'_>, y: Axis<'_>) -> Self {
        let heights = y.scale(area.height(), CELL_HEIGHT);
        let ticks = if y.words.is_empty() { Vec::new() } else { y_ticks(&heights) };
        let numbers = ticks.iter().map(|tick| width(&tick.label, TEXT)).fold(0.0, f64::max);
        // Long numbers take from the plot, so that they do not meet the words beside them.
        let beyond = (BESIDE_NUMBERS + numbers + BESIDE_WORDS - LEFT).max(0.0);
        let area = Area { left: area.left + beyond, ..area };
        let x_scale = x.scale(area.width(), CELL_WIDTH);
        let mut panel = Self { area, outer, x: x_scale, y: heights, body: String::new() };
        panel.y_axis(&ticks);
        panel.x_axis(!x.words.is_empty());
        panel.words(x.words, y.words);
        panel
    }

    /// A title above the plot.
    #[must_use]
    pub(in crate::report) fn titled(mut self, title: &Caption) -> Self {
        let (x, y) = (self.outer + LEFT, self.area.top - 11.0);
        let title = title.within(TITLE * BOLD, title_room(self.area.right - x));
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

    fn y_axis(&mut self, ticks: &[Tick]) {
        let Area { left, right, .. } = self.area;
        for tick in ticks {
            let y = self.down(tick.value);
            self.element(format_args!(
                "<line class=\"grid\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/>"
            ));
            self.label((left - BESIDE_NUMBERS, y + 4.0), "end", &tick.label);
        }
    }

    fn x_axis(&mut self, has_numbers: bool) {
        let Area { left, top, right, bottom } = self.area;
        for tick in x_ticks(&self.x, LabelRoom::default()) {
            let x = self.across(tick.value);
            self.element(format_args!(
                "<line class=\"axis\" x1=\"{x:.1}\" y1=\"{bottom:.1}\" x2=\"{x:.1}\" y2=\"{:.1}\"/>",
                bottom + 4.0
            ));
            if has_numbers {
                // A long number at the end does not reach into what stands beside the plot.
                let most = right + RIGHT - 2.0 - width(&tick.label, TEXT) / 2.0;
                self.label((x.min(most), bottom + 16.0), "middle", &tick.label);
            }
        }
        self.element(format_args!(
            "<path class=\"axis\" d=\"M{left:.1} {top:.1}V{bottom:.1}H{right:.1}\"/>"
        ));
    }

    /// The words of the axes, in the middle of the plot as far as they have room there.
    fn words(&mut self, x: &str, y: &str) {
        let Area { left, top, right, bottom } = self.area;
        if !x.is_empty() {
            let half = width(x, TEXT) / 2.0;
            let most = right + RIGHT - INSIDE - half;
            let middle = left.midpoint(right).min(most).max(self.outer + INSIDE + half);
            self.label((middle, bottom + 34.0), "middle", x);
        }
        if !y.is_empty() {
            let lowest = bottom + BELOW_PLOT - width(y, TEXT) / 2.0;
            self.element(format_args!(
                "<text transform=\"translate({:.1} {:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
                self.outer + LEFT - 43.0,
                top.midpoint(bottom).min(lowest),
                escaped(y)
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

    /// The same of a class.
    pub(super) fn label_of(&mut self, class: &str, (x, y): (f64, f64), anchor: &str, text: &str) {
        self.element(format_args!(
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(text)
        ));
    }

    /// The name of what stands at the height `y`, so far left of the plot.
    pub(super) fn row_label(&mut self, y: f64, beside: f64, text: &str) {
        let at = (self.area.left - beside, self.down(y) + 4.0);
        self.label(at, "end", text);
    }

    /// A line at the value x.
    pub(super) fn mark(&mut self, x: f64, class: &str) {
        let at = self.across(x);
        let Area { top, bottom, .. } = self.area;
        self.element(format_args!(
            "<line class=\"{class}\" x1=\"{at:.1}\" y1=\"{top:.1}\" x2=\"{at:.1}\" y2=\"{bottom:.1}\"/>"
        ));
    }

    /// The words of one mark or two, from left to right, with the stretch around each that is to stay free: each stands
    /// on the outer side, so that they cannot meet however close the marks are.
    pub(super) fn mark_words(&mut self, marks: &[([f64; 2], String)]) {
        let Area { left, right, top, .. } = self.area;
        for (idx, (stretch, text)) in marks.iter().enumerate() {
            let [low, high] = stretch.map(|x| self.across(x));
            let needed = width(text, TEXT) + BESIDE_MARK;
            let has_room = [low - needed >= left, high + needed <= right + RIGHT];
            let is_left = if let [_] = marks { low - left > right - high } else { idx == 0 };
            let is_outside = has_room[usize::from(!is_left)];
            // Without room outside a line of its own keeps the words apart.
            let line = if is_outside { 0 } else { 1 + idx };
            let y = top + 10.0 + 14.0 * line as f64;
            if is_left == is_outside {
                self.label(((low - BESIDE_MARK).max(left + needed), y), "end", text);
            } else {
                self.label(((high + BESIDE_MARK).min(right + RIGHT - needed), y), "start", text);
            }
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
