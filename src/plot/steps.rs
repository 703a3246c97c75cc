//! A statistic over the steps of a training run: every step has the same room, however far apart their numbers are.

use super::bars::draw_whisker;
use super::curve::extent;
use super::frame::{Frame, FrameSpec, YLabels};
use super::trace::draw_trace;
use super::{Area, Axis, ChartLayout, Ink, Raster, Scale, Sign, Tier};

/// From this height on there is a row for the numbers of the steps.
const LABELS_FROM: usize = 5;

/// Columns between two numbers.
const LABEL_GAP: usize = 2;

/// One line: a value for each step; what is not finite is a gap.
#[derive(Clone, Copy, Debug)]
pub struct StepSeries<'a> {
    /// The values.
    pub y: &'a [f64],
    /// What the line stands for.
    pub ink: Ink,
    /// Its sign at the cursor.
    pub sign: Sign,
}

/// Lines over steps. The x axis is a slider: [`step_at`] says which step a column of cells stands for.
#[derive(Clone, Copy, Debug)]
pub struct StepChart<'a> {
    /// The lines; earlier ones are drawn over later ones.
    pub series: &'a [StepSeries<'a>],
    /// What each step is called; as many as there are steps. Must be free of control characters.
    pub labels: &'a [String],
    /// The vertical axis.
    pub y: Axis,
    /// A horizontal line across all steps; not drawn if NaN or outside.
    pub level: f64,
    /// An interval at each step, or none.
    pub intervals: &'a [Option<[f64; 2]>],
    /// Steps with a mark on the axis.
    pub marked: &'a [usize],
    /// The chosen step.
    pub cursor: usize,
}

impl StepChart<'_> {
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
        if area.is_empty() || self.labels.is_empty() {
            return;
        }
        let frame = self.frame(area.width, area.height);
        let layout = frame.layout.offset(area);
        frame.draw(raster, area);
        self.draw_level(raster, &layout);
        draw_cursor(raster, &layout, self.cursor);
        self.draw_intervals(raster, &layout);
        for series in self.series.iter().rev() {
            let points = series.y.iter().enumerate().map(|(i, y)| (i as f64, *y));
            draw_trace(raster, &layout, points, series.ink);
        }
        self.draw_points(raster, &layout);
        let axis_row = frame.axis_row.map(|row| row + area.y);
        draw_step_axis(raster, &layout, axis_row, (self.labels, self.cursor, self.marked));
    }

    fn frame(&self, width: usize, height: usize) -> Frame {
        let x = |room: usize| step_scale(self.labels.len(), room);
        let spec = FrameSpec {
            has_title: false,
            y: self.y.range.unwrap_or_else(|| self.y_extent()),
            is_y_log: self.y.is_log,
            y_labels: YLabels::Nice,
            x: &x,
            has_x_labels: false,
        };
        Frame::new(width, height - usize::from(height >= LABELS_FROM), &spec)
    }

    /// All values, the level and the intervals, with a little room on both sides (a straight axis only).
    fn y_extent(&self) -> [f64; 2] {
        let values = self.series.iter().flat_map(|s| s.y.iter().copied());
        let intervals = self.intervals.iter().flatten().flatten().copied();
        let all = values.chain(intervals).chain([self.level]);
        let [low, high] = extent(all, self.y.is_log);
        if self.y.is_log {
            return [low, high];
        }
        if low >= 0.0 && low >= high {
            // All the same: 0 stays at the foot.
            return [0.0, if high > 0.0 { high } else { 1.0 }];
        }
        let room = (high - low) * 0.04;
        let floor = if low >= 0.0 { 0.0 } else { f64::NEG_INFINITY };
        [(low - room).max(floor), high + room]
    }

    fn draw_level(&self, raster: &mut Raster, layout: &ChartLayout) {
        let Some(row) = layout.row_of(self.level) else {
            return;
        };
        for column in (layout.plot.x..layout.plot.right()).step_by(2) {
            raster.sign(column, row, Sign::Horizontal, Ink::Diagonal);
        }
    }

    fn draw_intervals(&self, raster: &mut Raster, layout: &ChartLayout) {
        for (step, interval) in self.intervals.iter().enumerate() {
            let column = layout.column_of(step as f64);
            let (Some([low, high]), Some(column)) = (interval, column) else {
                continue;
            };
            let row = |y: f64| {
                let cell = layout.y.to_nearest_cell(y)?;
                (layout.plot.bottom() - 1).checked_sub(cell)
            };
            if let (Some(top), Some(foot), false) = (row(*high), row(*low), layout.plot.is_empty())
            {
                draw_whisker(raster, column, top, foot);
            }
        }
    }

    /// The signs of the series at the cursor, the first one uppermost.
    fn draw_points(&self, raster: &mut Raster, layout: &ChartLayout) {
        let Some(column) = layout.column_of(self.cursor as f64) else {
            return;
        };
        for series in self.series.iter().rev() {
            let value = series.y.get(self.cursor).copied().unwrap_or(f64::NAN);
            if let Some(row) = layout.row_of(value) {
                raster.sign(column, row, series.sign, series.ink);
                raster.set_bold(column, row);
            }
        }
    }
}

/// The step that `column` stands for in a chart with this layout, of `n_steps`; the nearest one beside the plot.
pub fn step_at(layout: &ChartLayout, column: usize, n_steps: usize) -> usize {
    let x = layout.x_at(column).round();
    super::scale::index(x, n_steps.max(1))
}

/// Equal room for each of `n_steps`, on `n_cells` cells.
pub(super) fn step_scale(n_steps: usize, n_cells: usize) -> Scale {
    Scale::linear(-0.5, n_steps.max(1) as f64 - 0.5, n_cells)
}

/// A vertical line where the cursor is.
pub(super) fn draw_cursor(raster: &mut Raster, layout: &ChartLayout, cursor: usize) {
    let Some(column) = layout.column_of(cursor as f64) else {
        return;
    };
    for row in layout.plot.y..layout.plot.bottom() {
        raster.sign(column, row, Sign::Dashed, Ink::Cursor);
    }
}

/// Cursor and marks on the axis line, and the numbers of the steps below it: that of the cursor first, then the ends,
/// then as many as have room.
pub(super) fn draw_step_axis(
    raster: &mut Raster,
    layout: &ChartLayout,
    axis_row: Option<usize>,
    (labels, cursor, marked): (&[String], usize, &[usize]),
) {
    let Some(axis_row) = axis_row else { return };
    let column_of = |step: usize| layout.column_of(step as f64);
    for column in marked.iter().filter_map(|step| column_of(*step)) {
        raster.sign(column, axis_row, Sign::Diamond, Ink::Marker);
    }
    let mut taken: Vec<(usize, usize)> = Vec::new();
    let last = labels.len().saturating_sub(1);
    for step in [cursor, last, 0].into_iter().chain(1..last) {
        let (Some(label), Some(column)) = (labels.get(step), column_of(step)) else {
            continue;
        };
        let length = label.chars().count();
        let end = (column + length / 2 + 1).min(layout.plot.right() + 2);
        let start = end.saturating_sub(length).max(layout.plot.x.saturating_sub(2));
        let is_free = |(from, to): &(usize, usize)| {
            start >= *to + LABEL_GAP || start + length + LABEL_GAP <= *from
        };
        let fits = start + length <= layout.plot.right() + 2;
        if !fits || !taken.iter().all(is_free) || taken.contains(&(start, start + length)) {
            continue;
        }
        taken.push((start, start + length));
        let ink = if step == cursor { Ink::Cursor } else { Ink::Axis };
        raster.sign(column, axis_row, Sign::Top, Ink::Axis);
        raster.text(start, axis_row + 1, label, ink);
    }
    if let Some(column) = column_of(cursor) {
        raster.sign(column, axis_row, Sign::Dot, Ink::Cursor);
        raster.set_bold(column, axis_row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(n: usize) -> Vec<String> {
        (0..n).map(|i| (i * 100).to_string()).collect()
    }

    fn chart<'a>(series: &'a [StepSeries<'a>], labels: &'a [String]) -> StepChart<'a> {
        StepChart {
            series,
            labels,
            y: Axis::default(),
            level: f64::NAN,
            intervals: &[],
            marked: &[],
            cursor: 1,
        }
    }

    #[test]
    fn a_column_is_the_step_that_is_drawn_there() {
        let labels = labels(7);
        let chart = chart(&[], &labels);
        for width in [20, 37, 80] {
            let layout = chart.layout(width, 8);
            for step in 0..7 {
                let column = layout.column_of(step as f64).unwrap();
                assert_eq!(step_at(&layout, column, 7), step, "{width}");
            }
            assert_eq!(step_at(&layout, 0, 7), 0);
            assert_eq!(step_at(&layout, 500, 7), 6);
        }
    }

    #[test]
    fn lines_levels_intervals_and_the_cursor_are_drawn() {
        let labels = labels(4);
        let y = [1.0, f64::NAN, 3.0, 2.0];
        let series = [StepSeries { y: &y, ink: Ink::Curve, sign: Sign::Dot }];
        let intervals = [None, None, Some([2.0, 4.0]), Some([f64::NAN, 1.0])];
        let chart = StepChart {
            level: 2.5,
            intervals: &intervals,
            marked: &[3],
            cursor: 2,
            ..chart(&series, &labels)
        };
        let raster = chart.render(40, 9, Tier::Braille);
        insta::assert_snapshot!(crate::plot::text(&raster));
    }

    #[test]
    fn nothing_brings_it_down() {
        for n in [0, 1, 2, 300] {
            let labels = labels(n);
            let y: Vec<f64> = (0..n).map(|i| [f64::NAN, 1e300, -3.0][i % 3]).collect();
            let series = [StepSeries { y: &y, ink: Ink::Curve, sign: Sign::Ring }];
            for is_log in [false, true] {
                for (width, height) in [(0, 0), (1, 1), (3, 3), (16, 5), (60, 9)] {
                    let chart =
                        StepChart { y: Axis { range: None, is_log }, ..chart(&series, &labels) };
                    let raster = chart.render(width, height, Tier::Ascii);
                    assert_eq!((raster.width(), raster.height()), (width, height));
                }
            }
        }
    }
}
