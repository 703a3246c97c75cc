//! A chart as inline SVG: the scales and ticks of `plot`, drawn with lines and rectangles.

use std::fmt::Write as _;

use super::page::escaped;
use crate::plot::{LabelRoom, Scale, x_ticks, y_ticks};

/// Size of the drawing, in its own units, and what is left beside the plot.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 330.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 26.0;
const BOTTOM: f64 = 42.0;

/// Cells of the scales that ticks are chosen for: as many characters and lines as fit along the axes.
pub(super) const X_CELLS: usize = 60;
pub(super) const Y_CELLS: usize = 18;

/// What the axes say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    pub(super) x: &'a str,
    pub(super) y: &'a str,
}

/// A chart in the making.
#[derive(Debug)]
pub(super) struct Svg {
    x: Scale,
    y: Scale,
    body: String,
}

impl Svg {
    /// Axes with their ticks.
    pub(super) fn new(x: Scale, y: Scale, words: Words<'_>) -> Self {
        let mut svg = Self { x, y, body: String::new() };
        svg.axes();
        svg.words(words);
        svg
    }

    fn across(&self, x: f64) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * self.x.fraction(x).clamp(0.0, 1.0)
    }

    fn down(&self, y: f64) -> f64 {
        let height = HEIGHT - TOP - BOTTOM;
        TOP + height * (1.0 - self.y.fraction(y).clamp(0.0, 1.0))
    }

    fn axes(&mut self) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for tick in y_ticks(&self.y) {
            let y = self.down(tick.value);
            self.element(format_args!(
                "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\"/>"
            ));
            self.label((LEFT - 6.0, y + 4.0), "end", &tick.label);
        }
        for tick in x_ticks(&self.x, LabelRoom::default()) {
            let x = self.across(tick.value);
            self.element(format_args!(
                "<line class=\"axis\" x1=\"{x:.1}\" y1=\"{bottom}\" x2=\"{x:.1}\" y2=\"{:.1}\"/>",
                bottom + 4.0
            ));
            self.label((x, bottom + 16.0), "middle", &tick.label);
        }
        self.element(format_args!("<path class=\"axis\" d=\"M{LEFT} {TOP}V{bottom}H{right}\"/>"));
    }

    fn words(&mut self, words: Words<'_>) {
        let middle = LEFT.midpoint(WIDTH - RIGHT);
        self.label((middle, HEIGHT - 8.0), "middle", words.x);
        self.element(format_args!(
            "<text class=\"title\" x=\"{LEFT}\" y=\"15\">{}</text>",
            escaped(words.title)
        ));
        let (x, y) = (13.0, TOP.midpoint(HEIGHT - BOTTOM));
        self.element(format_args!(
            "<text transform=\"translate({x} {y}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            escaped(words.y)
        ));
    }

    fn label(&mut self, (x, y): (f64, f64), anchor: &str, text: &str) {
        self.element(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
            escaped(text)
        ));
    }

    /// Words at the value x, in a line of their own at the top of the plot: other marks may stand close by.
    pub(super) fn mark(&mut self, x: f64, class: &str, (text, line): (&str, u8)) {
        let at = self.across(x);
        let bottom = HEIGHT - BOTTOM;
        self.element(format_args!(
            "<line class=\"{class}\" x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{bottom}\"/>"
        ));
        // To the side on which there is more room.
        let is_right = self.x.fraction(x) < 0.5;
        let (shift, anchor) = if is_right { (4.0, "start") } else { (-4.0, "end") };
        let y = TOP + 10.0 + 14.0 * f64::from(line);
        self.label((at + shift, y), anchor, text);
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

    /// The full height between two values of x.
    pub(super) fn band(&mut self, class: &str, x: [f64; 2]) {
        let y = [self.y.low(), self.y.high()];
        self.rectangle(class, x, y, "");
    }

    /// A dot; nothing where a value is NaN.
    pub(super) fn dot(&mut self, class: &str, (x, y): (f64, f64), words: &str) {
        if x.is_finite() && y.is_finite() {
            let (x, y) = (self.across(x), self.down(y));
            self.element(format_args!(
                "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{}</title></circle>",
                escaped(words)
            ));
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
            self.element(format_args!("<path class=\"{class}\" d=\"{path}\"/>"));
        }
    }

    fn element(&mut self, markup: std::fmt::Arguments<'_>) {
        let _ = self.body.write_fmt(markup);
        self.body.push('\n');
    }

    /// The whole chart, with `description` for who cannot see it.
    pub(super) fn finish(self, description: &str) -> String {
        format!(
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">\n{}</svg>",
            escaped(description),
            self.body
        )
    }
}
