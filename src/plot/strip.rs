//! Histograms of all steps side by side: shades of a column say where the rows of that step are.

use super::frame::{Frame, FrameSpec, YLabels};
use super::steps::{draw_step_axis, step_at, step_scale};
use super::{Area, ChartLayout, Ink, Raster, Tier};

/// From this height on there is a row for the numbers of the steps.
const LABELS_FROM: usize = 4;

/// Columns left of the plot.
const GUTTER: usize = 9;

/// One of so many rows is few.
const FEW: u64 = 100;

/// Shades from few rows to many.
const SHADES: [char; 4] = ['░', '▒', '▓', '█'];
const ASCII_SHADES: [char; 4] = ['.', ':', '+', '#'];

/// One histogram for each step, in the same bins.
#[derive(Clone, Copy, Debug)]
pub struct StepStrip<'a> {
    /// Counts of each step, bin by bin; empty for a step that is not known.
    pub counts: &'a [&'a [u64]],
    /// What the lower end of a bin is called; as many as there are bins.
    pub edges: &'a [String],
    /// Share of the rows of each step that are counted apart.
    pub apart: &'a [f64],
    /// What these rows are.
    pub apart_name: &'a str,
    /// What each step is called.
    pub labels: &'a [String],
    /// The chosen step.
    pub cursor: usize,
}

impl StepStrip<'_> {
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
        let mut plot = layout.plot;
        if self.apart.iter().any(|share| *share > 0.0) && plot.height > 1 {
            self.draw_apart(raster, area, &layout);
            plot = Area::new(plot.x, plot.y + 1, plot.width, plot.height - 1);
        }
        self.draw_bins(raster, area, (&layout, plot));
        let axis_row = frame.axis_row.map(|row| row + area.y);
        draw_step_axis(raster, &layout, axis_row, (self.labels, self.cursor, &[]));
    }

    fn frame(&self, width: usize, height: usize) -> Frame {
        let n_plot = width.saturating_sub(GUTTER + 2).max(1);
        let x = |_| step_scale(self.labels.len(), n_plot);
        let spec = FrameSpec {
            has_title: false,
            y: [0.0, 1.0],
            is_y_log: false,
            y_labels: YLabels::Nice,
            x: &x,
            has_x_labels: false,
        };
        let height = height - usize::from(height >= LABELS_FROM);
        let mut frame = Frame::new(width, height, &spec);
        // The labels are those of the bins, which are drawn here.
        frame.set_gutter(1, n_plot);
        frame.layout.plot.x = GUTTER.min(width.saturating_sub(1));
        frame.layout.plot.width = n_plot.min(width.saturating_sub(frame.layout.plot.x));
        frame
    }

    fn draw_apart(&self, raster: &mut Raster, area: Area, layout: &ChartLayout) {
        let row = layout.plot.y;
        label(raster, area, (layout.plot.x, row), self.apart_name);
        for column in layout.plot.x..layout.plot.right() {
            let step = step_at(layout, column, self.labels.len());
            let share = self.apart.get(step).copied().unwrap_or(0.0);
            if let Some(shade) = shade(share, raster.tier()) {
                raster.put(column, row, shade, Ink::Wrong);
            }
        }
    }

    /// The bins that a hundredth of the rows of any step fills, from the lowest up: what is beyond belongs to the ends.
    fn filled(&self) -> Option<(usize, usize)> {
        let is_filled = |bin: &usize| {
            let mut all = self.counts.iter();
            all.any(|counts| {
                let total: u64 = counts.iter().sum();
                counts.get(*bin).is_some_and(|n| *n > total / FEW)
            })
        };
        let first = (0..self.edges.len()).find(is_filled)?;
        let last = (0..self.edges.len()).rev().find(is_filled)?;
        Some((first, last))
    }

    fn draw_bins(&self, raster: &mut Raster, area: Area, (layout, plot): (&ChartLayout, Area)) {
        let Some((first, last)) = self.filled() else {
            return;
        };
        let n_bins = last - first + 1;
        let n_rows = plot.height.min(n_bins);
        let end = |row: usize| first + row * n_bins / n_rows;
        let bins = |row: usize| {
            let from = if row == 0 { 0 } else { end(row) };
            let is_last = row + 1 == n_rows;
            from..if is_last { self.edges.len() } else { end(row + 1) }
        };
        let share = |step: usize, row: usize| {
            let counts = self.counts.get(step).copied().unwrap_or_default();
            let total: u64 = counts.iter().sum();
            let within: u64 = bins(row).filter_map(|bin| counts.get(bin)).sum();
            within as f64 / total.max(1) as f64
        };
        let cells = (0..n_rows).flat_map(|row| (0..self.labels.len()).map(move |step| (step, row)));
        let largest = cells.map(|(step, row)| share(step, row)).fold(0.0, f64::max);
        for row in 0..n_rows {
            let line = plot.bottom() - 1 - row;
            if row == 0 || row + 1 == n_rows || row % 3 == 0 && row + 2 < n_rows {
                let edge = self.edges.get(end(row)).map_or("", String::as_str);
                label(raster, area, (layout.plot.x, line), edge);
            }
            for column in plot.x..plot.right() {
                let step = step_at(layout, column, self.labels.len());
                if let Some(shade) = shade(share(step, row) / largest, raster.tier()) {
                    raster.put(column, line, shade, Ink::Correct);
                }
            }
        }
    }
}

/// Words at the right end of the gutter.
fn label(raster: &mut Raster, area: Area, (plot_x, row): (usize, usize), words: &str) {
    let room = plot_x.saturating_sub(area.x + 2);
    let cut: String = words.chars().take(room).collect();
    let start = plot_x.saturating_sub(2 + cut.chars().count());
    raster.text(start.max(area.x), row, &cut, Ink::Axis);
}

/// The shade of a share of the largest; its root, so that few rows can be seen too. `None` for none.
fn shade(share: f64, tier: Tier) -> Option<char> {
    let shades = match tier {
        Tier::Ascii => ASCII_SHADES,
        _ => SHADES,
    };
    (share > 0.0).then(|| shades[super::scale::index(share.sqrt() * 4.0 - 1e-9, 4)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(n: usize) -> Vec<String> {
        (0..n).map(|i| i.to_string()).collect()
    }

    #[test]
    fn where_the_rows_are_and_how_many_are_counted_apart() {
        let (labels, edges) = (words(3), words(8));
        let counts: [&[u64]; 3] =
            [&[0, 9, 1, 0, 0, 0, 0, 0], &[0, 0, 5, 5, 0, 0, 0, 0], &[0, 0, 0, 0, 0, 1, 9, 0]];
        let strip = StepStrip {
            counts: &counts,
            edges: &edges,
            apart: &[0.0, 0.0, 0.5],
            apart_name: "not finite",
            labels: &labels,
            cursor: 2,
        };
        for (name, tier) in [("strip", Tier::Braille), ("strip_ascii", Tier::Ascii)] {
            let raster = strip.render(30, 9, tier);
            insta::assert_snapshot!(name, crate::plot::text(&raster));
        }
    }

    #[test]
    fn nothing_brings_it_down() {
        let edges = words(5);
        for n in [0, 1, 50] {
            let labels = words(n);
            let counts = vec![&[][..]; n];
            let strip = StepStrip {
                counts: &counts,
                edges: &edges,
                apart: &[f64::NAN],
                apart_name: "",
                labels: &labels,
                cursor: 3,
            };
            for (width, height) in [(0, 0), (1, 1), (8, 2), (12, 3), (70, 8)] {
                let raster = strip.render(width, height, Tier::Block);
                assert_eq!((raster.width(), raster.height()), (width, height));
            }
        }
    }
}
