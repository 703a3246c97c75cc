//! The two axes around a plot: how much room their labels take, and how they are drawn.

use super::{Area, ChartLayout, Ink, LabelRoom, Raster, Scale, Sign, Tick, x_ticks, y_ticks};

/// Below these sizes of a chart the y labels, and the x labels, give way to the plot.
const LEAST_WIDTH_FOR_LABELS: usize = 16;
const LEAST_HEIGHT_FOR_LABELS: usize = 5;

/// Columns on the right for the half of the last x label that stands out.
const RIGHT_ROOM: usize = 2;

/// How the y axis is labelled.
#[derive(Clone, Copy, Debug)]
pub(super) enum YLabels {
    /// Ticks at 1, 2, 5 x 10^n.
    Nice,
    /// The two ends alone, written by this function.
    Ends(fn(f64) -> String),
}

/// What the frame of a chart depends on.
pub(super) struct FrameSpec<'a> {
    /// A row above the plot for a title.
    pub(super) has_title: bool,
    /// Ends of the y axis.
    pub(super) y: [f64; 2],
    pub(super) is_y_log: bool,
    pub(super) y_labels: YLabels,
    /// Given the free columns: how many the plot takes, and the scale on them.
    pub(super) x: &'a dyn Fn(usize) -> Scale,
    /// Rows for the axis line and its labels: false leaves the plot bare below.
    pub(super) has_x_labels: bool,
}

/// Where everything goes in a chart of some size, from its own top left cell.
pub(super) struct Frame {
    pub(super) layout: ChartLayout,
    pub(super) title_row: Option<usize>,
    pub(super) axis_row: Option<usize>,
    label_row: Option<usize>,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Tick>,
    width: usize,
}

impl Frame {
    pub(super) fn new(width: usize, height: usize, spec: &FrameSpec<'_>) -> Self {
        let title = usize::from(spec.has_title && height > LEAST_HEIGHT_FOR_LABELS);
        let axis = usize::from(height >= 3);
        let label = usize::from(spec.has_x_labels && height >= LEAST_HEIGHT_FOR_LABELS);
        let n_rows = height.saturating_sub(title + axis + label);
        let y = y_scale(spec, n_rows);
        let y_ticks = y_tick_list(spec, &y);
        let gutter = gutter(width, &y_ticks);
        let right = if width < LEAST_WIDTH_FOR_LABELS { 0 } else { RIGHT_ROOM };
        let x = (spec.x)(width.saturating_sub(gutter + right).max(1));
        let plot = Area::new(gutter, title, x.n_cells().min(width.saturating_sub(gutter)), n_rows);
        let room = LabelRoom { left: gutter, right: width.saturating_sub(plot.right()) };
        Self {
            layout: ChartLayout { plot, x, y },
            title_row: (title == 1).then_some(0),
            axis_row: (axis == 1).then_some(plot.bottom()),
            label_row: (label == 1).then_some(plot.bottom() + 1),
            x_ticks: if label == 1 { x_ticks(&x, room) } else { Vec::new() },
            y_ticks: if gutter > 1 { y_ticks } else { Vec::new() },
            width,
        }
    }

    /// Draws axes, ticks and labels of a chart at `area`; the plot stays untouched.
    pub(super) fn draw(&self, raster: &mut Raster, area: Area) {
        let plot = self.layout.plot.offset(area);
        self.draw_y_axis(raster, area, plot);
        let Some(axis_row) = self.axis_row else {
            return;
        };
        if plot.x > area.x {
            raster.sign(plot.x - 1, area.y + axis_row, Sign::Corner, Ink::Axis);
        }
        for column in plot.x..plot.right() {
            raster.sign(column, area.y + axis_row, Sign::Horizontal, Ink::Axis);
        }
        let Some(label_row) = self.label_row else {
            return;
        };
        for tick in &self.x_ticks {
            raster.sign(plot.x + tick.cell, area.y + axis_row, Sign::Top, Ink::Axis);
            raster.text(area.x + tick.start, area.y + label_row, &tick.label, Ink::Axis);
        }
    }

    fn draw_y_axis(&self, raster: &mut Raster, area: Area, plot: Area) {
        if plot.x == area.x {
            return;
        }
        let column = plot.x - 1;
        for row in plot.y..plot.bottom() {
            raster.sign(column, row, Sign::Vertical, Ink::Axis);
        }
        for tick in &self.y_ticks {
            let row = plot.bottom() - 1 - tick.cell;
            let length = tick.label.chars().count();
            raster.sign(column, row, Sign::YTick, Ink::Axis);
            raster.text(column.saturating_sub(1 + length).max(area.x), row, &tick.label, Ink::Axis);
        }
    }

    /// Moves the plot behind a gutter of `gutter` columns: charts below one another share columns.
    pub(super) fn set_gutter(&mut self, gutter: usize, plot_width: usize) {
        self.layout.plot.x = gutter;
        self.layout.plot.width = plot_width;
        if gutter < 2 {
            self.y_ticks.clear();
        }
    }

    /// Writes `title` above the plot, from the chart's left edge.
    pub(super) fn draw_title(&self, raster: &mut Raster, area: Area, title: &str) {
        if let Some(row) = self.title_row {
            let cut: String = title.chars().take(self.width).collect();
            raster.text(area.x, area.y + row, &cut, Ink::Default);
        }
    }
}

fn y_scale(spec: &FrameSpec<'_>, n_rows: usize) -> Scale {
    let [low, high] = spec.y;
    if spec.is_y_log { Scale::log10(low, high, n_rows) } else { Scale::linear(low, high, n_rows) }
}

fn y_tick_list(spec: &FrameSpec<'_>, y: &Scale) -> Vec<Tick> {
    let end = |value: f64, cell: usize, label: &fn(f64) -> String| Tick {
        value,
        cell,
        label: label(value),
        start: 0,
    };
    match &spec.y_labels {
        YLabels::Nice => y_ticks(y),
        YLabels::Ends(label) if y.n_cells() > 1 => {
            vec![end(y.low(), 0, label), end(y.high(), y.n_cells() - 1, label)]
        }
        YLabels::Ends(label) => vec![end(y.high(), 0, label)],
    }
}

/// Columns left of the plot: label, a blank, the axis; the axis alone on narrow charts.
fn gutter(width: usize, y_ticks: &[Tick]) -> usize {
    let longest = y_ticks.iter().map(|t| t.label.chars().count()).max();
    match longest {
        _ if width < 3 => 0,
        Some(longest) if width >= LEAST_WIDTH_FOR_LABELS.max(2 * (longest + 2)) => longest + 2,
        _ => 1,
    }
}
