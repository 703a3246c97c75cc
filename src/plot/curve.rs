//! Curves over a straight or logarithmic axis, with the marks that a temperature plot needs.

use super::frame::{Frame, FrameSpec, YLabels};
use super::trace::draw_trace;
use super::{Area, ChartLayout, Ink, Raster, Scale, Sign, Tier};

/// One line. The shorter of `x` and `y` counts; a value that is not finite is a gap.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// Positions.
    pub x: &'a [f64],
    /// Heights.
    pub y: &'a [f64],
    /// What the line stands for.
    pub ink: Ink,
}

/// What an axis shows.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Axis {
    /// Its two ends; `None`: all finite data.
    pub range: Option<[f64; 2]>,
    /// Decimal logarithm instead of straight.
    pub is_log: bool,
}

/// How the vertical line of a mark is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LineStyle {
    /// No line.
    #[default]
    None,
    /// `┊`, behind the curves.
    Dashed,
    /// `│`, before the curves.
    Solid,
}

/// A value on the x axis that has a meaning: the cursor, the optimum, T = 1, a threshold.
#[derive(Clone, Debug)]
pub struct VerticalMark<'a> {
    /// Where. Not drawn if outside the view or NaN.
    pub x: f64,
    /// The sign on the axis line.
    pub sign: Sign,
    /// Its ink.
    pub ink: Ink,
    /// The line through the plot.
    pub line: LineStyle,
    /// True to set the sign on the first curve too, where it passes.
    pub is_on_curve: bool,
    /// Words at the top of the line; empty for none. Must be free of control characters.
    pub label: &'a str,
}

/// One or more curves. The x axis is a slider if one of the marks is the cursor: `layout` gives the
/// scale and the cells by which a click becomes a value.
#[derive(Clone, Copy, Debug)]
pub struct CurveChart<'a> {
    /// The lines; later ones are drawn over earlier ones.
    pub series: &'a [Series<'a>],
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// In order of weight: later ones are drawn over earlier ones.
    pub marks: &'a [VerticalMark<'a>],
    /// An interval of x: tinted in the plot and `═` on the axis.
    pub interval: Option<[f64; 2]>,
    /// A line of words above the plot; empty for none.
    pub title: &'a str,
}

impl CurveChart<'_> {
    /// Plot cells and scales in a chart of `width` x `height` cells, from its own top left.
    pub fn layout(&self, width: usize, height: usize) -> ChartLayout {
        self.frame(width, height).layout
    }

    /// The chart alone on a raster.
    pub fn render(&self, width: usize, height: usize, tier: Tier) -> Raster {
        let mut raster = Raster::new(width, height, tier);
        self.draw(&mut raster, Area::new(0, 0, width, height));
        raster
    }

    /// Draws into the cells of `area`.
    pub fn draw(&self, raster: &mut Raster, area: Area) {
        if area.is_empty() {
            return;
        }
        let frame = self.frame(area.width, area.height);
        let layout = frame.layout.offset(area);
        let axis_row = frame.axis_row.map(|row| row + area.y);
        self.tint_interval(raster, &layout);
        frame.draw(raster, area);
        self.draw_lines(raster, &layout, LineStyle::Dashed);
        for series in self.series {
            let points = series.x.iter().copied().zip(series.y.iter().copied());
            draw_trace(raster, &layout, points, series.ink);
        }
        self.draw_lines(raster, &layout, LineStyle::Solid);
        self.draw_interval(raster, &layout, axis_row);
        self.draw_signs(raster, &layout, axis_row);
        self.draw_labels(raster, &layout);
        frame.draw_title(raster, area, self.title);
    }

    fn frame(&self, width: usize, height: usize) -> Frame {
        let x_range = self.x.range.unwrap_or_else(|| extent(self.all_x(), self.x.is_log));
        let x = |room: usize| scale(self.x, x_range, room);
        let spec = FrameSpec {
            has_title: !self.title.is_empty(),
            y: self.y.range.unwrap_or_else(|| self.y_extent(x_range)),
            is_y_log: self.y.is_log,
            y_labels: YLabels::Nice,
            x: &x,
            has_x_labels: true,
        };
        Frame::new(width, height, &spec)
    }

    fn all_x(&self) -> impl Iterator<Item = f64> {
        self.series.iter().flat_map(|s| s.x.iter().copied())
    }

    /// Heights of the points in view, with a little room on both sides (a straight axis only).
    fn y_extent(&self, [x_low, x_high]: [f64; 2]) -> [f64; 2] {
        let points = self.series.iter().flat_map(|s| s.x.iter().zip(s.y));
        let in_view = points.filter(|(x, _)| **x >= x_low && **x <= x_high);
        let [low, high] = extent(in_view.map(|(_, y)| *y), self.y.is_log);
        if self.y.is_log {
            return [low, high];
        }
        let room = (high - low) * 0.04;
        let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        [(low - room).max(floor), high + room]
    }

    fn tint_interval(&self, raster: &mut Raster, layout: &ChartLayout) {
        for column in self.interval_columns(layout) {
            for row in layout.plot.y..layout.plot.bottom() {
                raster.tint(column, row, Ink::IntervalBand);
            }
        }
    }

    fn draw_interval(&self, raster: &mut Raster, layout: &ChartLayout, axis_row: Option<usize>) {
        let Some(axis_row) = axis_row else { return };
        for column in self.interval_columns(layout) {
            raster.sign(column, axis_row, Sign::Interval, Ink::Optimum);
        }
    }

    fn interval_columns(&self, layout: &ChartLayout) -> std::ops::Range<usize> {
        let Some([low, high]) = self.interval else {
            return 0..0;
        };
        let outside = high < layout.x.low() || low > layout.x.high() || layout.plot.is_empty();
        match (layout.x.to_nearest_cell(low), layout.x.to_nearest_cell(high)) {
            (Some(first), Some(last)) if !outside && first <= last => {
                layout.plot.x + first..layout.plot.x + last + 1
            }
            _ => 0..0,
        }
    }

    fn draw_lines(&self, raster: &mut Raster, layout: &ChartLayout, style: LineStyle) {
        let sign = match style {
            LineStyle::None => return,
            LineStyle::Dashed => Sign::Dashed,
            LineStyle::Solid => Sign::Vertical,
        };
        for mark in self.marks.iter().filter(|m| m.line == style) {
            let Some(column) = layout.column_of(mark.x) else {
                continue;
            };
            for row in layout.plot.y..layout.plot.bottom() {
                raster.sign(column, row, sign, mark.ink);
            }
        }
    }

    fn draw_signs(&self, raster: &mut Raster, layout: &ChartLayout, axis_row: Option<usize>) {
        for mark in self.marks {
            let Some(column) = layout.column_of(mark.x) else {
                continue;
            };
            if let Some(axis_row) = axis_row {
                raster.sign(column, axis_row, mark.sign, mark.ink);
                raster.set_bold(column, axis_row);
            }
            let height = self.series.first().and_then(|s| height_at(s, mark.x));
            let row = height.and_then(|y| layout.row_of(y));
            if let (true, Some(row)) = (mark.is_on_curve, row) {
                raster.sign(column, row, mark.sign, mark.ink);
                raster.set_bold(column, row);
            }
        }
    }

    /// Labels stand beside their lines, in the first row where nothing is in the way: from the top,
    /// or from the curve upwards where there is no line to read along.
    fn draw_labels(&self, raster: &mut Raster, layout: &ChartLayout) {
        for mark in self.marks.iter().filter(|m| !m.label.is_empty()) {
            let Some(column) = layout.column_of(mark.x) else {
                continue;
            };
            let length = mark.label.chars().count();
            let right = (column + 2, column + 2 + length);
            let left = (column.saturating_sub(length + 1), column.saturating_sub(1));
            let sides = [right, left].into_iter().filter(|(start, end)| {
                *start >= layout.plot.x && *end <= layout.plot.right() && *start < *end
            });
            let free = self
                .label_rows(layout, mark)
                .flat_map(|row| sides.clone().map(move |side| (side, row)))
                .find(|((start, end), row)| is_blank(raster, *start..*end, *row));
            if let Some(((start, _), row)) = free {
                raster.text(start, row, mark.label, mark.ink);
            }
        }
    }

    fn label_rows(
        &self,
        layout: &ChartLayout,
        mark: &VerticalMark<'_>,
    ) -> impl Iterator<Item = usize> {
        let is_bare = mark.is_on_curve && mark.line == LineStyle::None;
        let height = self.series.first().filter(|_| is_bare).and_then(|s| height_at(s, mark.x));
        let (top, bottom) = (layout.plot.y, layout.plot.bottom());
        let nearest = height.and_then(|y| layout.row_of(y)).unwrap_or(top);
        (top..nearest).rev().chain(nearest..bottom)
    }
}

fn is_blank(raster: &Raster, columns: std::ops::Range<usize>, row: usize) -> bool {
    let wide = columns.start.saturating_sub(1)..columns.end + 1;
    let blank = |column| raster.cell(column, row).is_none_or(|cell| cell.symbol == ' ');
    // The label's own line stands beside it, so only the label's cells must be free of it.
    columns.clone().all(blank) && wide.clone().filter(|c| !blank(*c)).count() <= 1
}

pub(super) fn scale(axis: Axis, [low, high]: [f64; 2], n_cells: usize) -> Scale {
    if axis.is_log { Scale::log10(low, high, n_cells) } else { Scale::linear(low, high, n_cells) }
}

/// Smallest and largest finite value (positive on a log axis); NaN if there is none.
pub(super) fn extent(values: impl Iterator<Item = f64>, is_log: bool) -> [f64; 2] {
    values
        .filter(|v| v.is_finite() && (!is_log || *v > 0.0))
        .fold([f64::NAN, f64::NAN], |[low, high], v| [low.min(v), high.max(v)])
}

/// Height of `series` at `x`, straight between its points; `None` outside them and in gaps.
fn height_at(series: &Series<'_>, x: f64) -> Option<f64> {
    let points = || series.x.iter().copied().zip(series.y.iter().copied());
    let exact = points().find(|(at, _)| (at - x).abs() <= f64::EPSILON * x.abs());
    let between = || {
        points()
            .zip(points().skip(1))
            .find(|((a, _), (b, _))| a.min(*b) <= x && x <= a.max(*b))
            .map(|((a, ya), (b, yb))| (yb - ya).mul_add((x - a) / (b - a), ya))
    };
    exact.map(|(_, y)| y).or_else(between).filter(|y| y.is_finite())
}
