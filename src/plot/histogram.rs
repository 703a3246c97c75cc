//! Histograms whose bars are split in correct and wrong.

use super::bars::{Stack, draw_stack};
use super::frame::{Frame, FrameSpec, YLabels};
use super::{Area, ChartLayout, Ink, Raster, Scale, Sign, Tier};

/// Counts over cells of equal width, stacked: correct below, wrong on top.
#[derive(Clone, Copy, Debug)]
pub struct HistogramChart<'a> {
    /// n + 1 ascending edges of equal distance.
    pub edges: &'a [f64],
    /// Rows per cell that are right.
    pub correct: &'a [u64],
    /// Rows per cell that are wrong; empty for a plain histogram.
    pub wrong: &'a [u64],
    /// Rows below the first edge, said in words at the left end.
    pub below: u64,
    /// Rows above the last edge, said in words at the right end.
    pub above: u64,
    /// Heights by ln(1 + count), so that rare cells can be seen.
    pub is_log: bool,
    /// A line at this value.
    pub threshold: Option<f64>,
    /// The cell under the cursor, by its index in `correct`.
    pub selected: Option<usize>,
    /// A line of words above the plot; empty for none.
    pub title: &'a str,
}

/// Where a histogram puts its cells.
#[derive(Clone, PartialEq, Debug)]
pub struct HistogramLayout {
    /// Plot cells and scales.
    pub chart: ChartLayout,
    /// Cells of the histogram in one bar: more than one if there are more cells than columns.
    pub n_merged: usize,
    /// Columns of one bar.
    pub n_columns: usize,
    n_cells: usize,
}

impl HistogramLayout {
    /// The cell of the histogram whose bar stands in `column` (the first of those merged).
    pub fn cell_at(&self, column: usize) -> Option<usize> {
        let inside = column >= self.chart.plot.x && column < self.chart.plot.right();
        let bar = inside.then(|| (column - self.chart.plot.x) / self.n_columns)?;
        Some(bar * self.n_merged).filter(|cell| *cell < self.n_cells)
    }
}

impl HistogramChart<'_> {
    /// Where everything is in a chart of `width` x `height` cells, from its own top left.
    pub fn layout(&self, width: usize, height: usize) -> HistogramLayout {
        self.frame(width, height).1
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
        let (frame, layout) = self.frame(area.width, area.height);
        let chart = layout.chart.offset(area);
        self.draw_bars(raster, chart, &layout);
        frame.draw(raster, area);
        let axis_row = frame.axis_row.map(|row| row + area.y);
        self.draw_selected(raster, chart, &layout, axis_row);
        self.draw_threshold(raster, &chart, axis_row);
        self.draw_outside(raster, &chart, area);
        frame.draw_title(raster, area, self.title);
    }

    fn n_cells(&self) -> usize {
        self.correct.len().min(self.edges.len().saturating_sub(1))
    }

    fn frame(&self, width: usize, height: usize) -> (Frame, HistogramLayout) {
        let n_cells = self.n_cells();
        // The labels of the counts decide how many columns are left, and these which cells are
        // merged, so the largest count of single cells stands in for that of merged ones at first.
        let mut n_merged = 1;
        let mut frame = self.frame_for(width, height, n_merged);
        for _ in 0..2 {
            n_merged = n_cells.div_ceil(frame.1.max(1)).max(1);
            frame = self.frame_for(width, height, n_merged);
        }
        let n_bars = n_cells.div_ceil(n_merged).max(1);
        let chart = frame.0.layout;
        let layout = HistogramLayout {
            chart,
            n_merged,
            n_columns: (chart.plot.width / n_bars).max(1),
            n_cells,
        };
        (frame.0, layout)
    }

    /// The frame, and how many columns were free for the plot.
    fn frame_for(&self, width: usize, height: usize, n_merged: usize) -> (Frame, usize) {
        let room_seen = std::cell::Cell::new(1);
        let x = |room: usize| {
            room_seen.set(room);
            self.x_scale(room, n_merged)
        };
        let largest = self.bars(n_merged).map(|(c, w)| c.saturating_add(w)).max().unwrap_or(0);
        let spec = FrameSpec {
            has_title: !self.title.is_empty(),
            y: [0.0, (largest.max(1)) as f64],
            is_y_log: false,
            y_labels: YLabels::Ends(count),
            x: &x,
            has_x_labels: true,
        };
        (Frame::new(width, height, &spec), room_seen.get())
    }

    /// The scale over whole bars: the last one may reach past the last edge if cells are merged.
    fn x_scale(&self, room: usize, n_merged: usize) -> Scale {
        let n_cells = self.n_cells();
        if n_cells == 0 {
            return Scale::linear(0.0, 1.0, room);
        }
        let n_bars = n_cells.div_ceil(n_merged);
        let (first, last) = (self.edges[0], self.edges[n_cells]);
        let high = first + (last - first) * (n_bars * n_merged) as f64 / n_cells as f64;
        Scale::linear(first, high, (room / n_bars).max(1) * n_bars)
    }

    /// Correct and wrong of each bar.
    fn bars(&self, n_merged: usize) -> impl Iterator<Item = (u64, u64)> {
        let n_cells = self.n_cells();
        (0..n_cells).step_by(n_merged).map(move |start| {
            let cells = start..(start + n_merged).min(n_cells);
            let wrong = |i| self.wrong.get(i).copied().unwrap_or(0);
            let sum =
                |of: &dyn Fn(usize) -> u64| cells.clone().map(of).fold(0_u64, u64::saturating_add);
            (sum(&|i| self.correct[i]), sum(&wrong))
        })
    }

    fn draw_bars(&self, raster: &mut Raster, chart: ChartLayout, layout: &HistogramLayout) {
        let largest = chart.y.high();
        // What is there must be seen: at least the smallest bar that the tier can show.
        let least_eighths = if raster.tier() == Tier::Ascii { 4.0 } else { 1.0 };
        let least = least_eighths / (8 * chart.plot.height.max(1)) as f64;
        let share = |n: u64| match n {
            0 => 0.0,
            n if self.is_log => ((n as f64).ln_1p() / largest.ln_1p()).max(least),
            n => (n as f64 / largest).max(least),
        };
        for (bar, (correct, wrong)) in self.bars(layout.n_merged).enumerate() {
            let stack = Stack {
                lower: share(correct),
                lower_ink: Ink::Correct,
                upper: share(correct.saturating_add(wrong)),
                upper_ink: Ink::Wrong,
                is_upper_rounded: false,
            };
            let first = chart.plot.x + bar * layout.n_columns;
            for column in (first..first + layout.n_columns).take_while(|c| *c < chart.plot.right())
            {
                draw_stack(raster, chart.plot, column, &stack);
            }
        }
    }

    fn draw_selected(
        &self,
        raster: &mut Raster,
        chart: ChartLayout,
        layout: &HistogramLayout,
        axis_row: Option<usize>,
    ) {
        let selected = self.selected.filter(|cell| *cell < layout.n_cells);
        let (Some(cell), Some(axis_row)) = (selected, axis_row) else {
            return;
        };
        let first = chart.plot.x + cell / layout.n_merged * layout.n_columns;
        for column in (first..first + layout.n_columns).take_while(|c| *c < chart.plot.right()) {
            raster.sign(column, axis_row, Sign::Selected, Ink::Selected);
            raster.set_bold(column, axis_row);
        }
    }

    fn draw_threshold(&self, raster: &mut Raster, chart: &ChartLayout, axis_row: Option<usize>) {
        let Some(column) = self.threshold.and_then(|t| chart.column_of(t)) else {
            return;
        };
        for row in chart.plot.y..chart.plot.bottom() {
            raster.sign(column, row, Sign::Dashed, Ink::Cursor);
        }
        if let Some(axis_row) = axis_row {
            raster.sign(column, axis_row, Sign::Dot, Ink::Cursor);
        }
    }

    /// `◂ 12 below 0` and `638 above 15 ▸` in the first row of the plot; the counts alone if short of
    /// room.
    fn draw_outside(&self, raster: &mut Raster, chart: &ChartLayout, area: Area) {
        let n_cells = self.n_cells();
        if n_cells == 0 || chart.plot.height < 3 {
            return;
        }
        let tier = raster.tier();
        let side = |n: u64, words: &dyn Fn(String) -> String| match n {
            0 => String::new(),
            n => words(count(n as f64)),
        };
        let (left, right) = (tier.sign(Sign::MoreLeft), tier.sign(Sign::MoreRight));
        let (low, high) = (short(self.edges[0]), short(self.edges[n_cells]));
        let long = [
            side(self.below, &|n| format!("{left} {n} below {low}")),
            side(self.above, &|n| format!("{n} above {high} {right}")),
        ];
        let brief = [
            side(self.below, &|n| format!("{left}{n}")),
            side(self.above, &|n| format!("{n}{right}")),
        ];
        let end = area.right().min(chart.plot.right() + 1);
        let room = end - chart.plot.x;
        let length = |s: &String| s.chars().count();
        let fits = |words: &&[String; 2]| words.iter().map(length).sum::<usize>() + 2 <= room;
        if let Some([below, above]) = [&long, &brief].into_iter().find(fits) {
            raster.text(chart.plot.x, chart.plot.y, below, Ink::Dim);
            raster.text(end - length(above), chart.plot.y, above, Ink::Dim);
        }
    }
}

/// A count in at most five characters: `3885`, `38.9k`, `1.2M`.
pub(super) fn count(n: f64) -> String {
    match n {
        n if n < 99_999.5 => format!("{n:.0}"),
        n if n < 999_500.0 => format!("{:.0}k", n / 1e3),
        n if n < 99_950_000.0 => format!("{:.1}M", n / 1e6),
        n => format!("{n:.0e}"),
    }
}

/// An edge in up to four significant digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    let plain = format!("{}", rounded + 0.0);
    if plain.len() <= 7 { plain } else { format!("{rounded:e}") }
}
