//! The reliability diagram.

use std::ops::Range;

use super::bars::{Stack, draw_stack, draw_whisker};
use super::reliability_layout::Frames;
use super::trace::draw_trace;
use super::{Area, ChartLayout, Ink, Raster, ReliabilityLayout, Sign, Tier};

/// Bins with fewer rows than this are drawn dim.
pub const FEW_ROWS: u64 = 20;

/// Plot rows below which whiskers are left out.
const WHISKERS_FROM: usize = 8;

/// One bin. `outcome`, `probability` and `interval` do not count where `count` is 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ReliabilityBin {
    /// Lower end, in [0, 1].
    pub low: f64,
    /// Upper end, in [0, 1].
    pub high: f64,
    /// Rows in the bin.
    pub count: u64,
    /// Share of them with the outcome, in [0, 1]: the accuracy of the bin.
    pub outcome: f64,
    /// Their mean probability, in [0, 1]: the confidence of the bin.
    pub probability: f64,
    /// Interval of `outcome`.
    pub interval: Option<[f64; 2]>,
}

/// How a bin is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ReliabilityView {
    /// A bar up to the share of the outcome, and the gap from there to the mean probability.
    #[default]
    Bars,
    /// A dot at (mean probability, share of the outcome).
    Dots,
}

/// How wide a bin is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum BinWidths {
    /// All bins the same whole number of columns: for bins of equal width.
    #[default]
    Equal,
    /// From `low` to `high`: for bins of equal mass. There is no histogram, since it would be flat.
    Own,
}

/// Share of the outcome over mean probability, bin by bin, against the diagonal.
#[derive(Clone, Copy, Debug)]
pub struct ReliabilityChart<'a> {
    /// The bins, in order.
    pub bins: &'a [ReliabilityBin],
    /// The same bins at another temperature, drawn as ○; empty for none.
    pub overlay: &'a [ReliabilityBin],
    /// Drawn widths.
    pub widths: BinWidths,
    /// Bars or dots.
    pub view: ReliabilityView,
    /// The bin under the cursor.
    pub selected: Option<usize>,
    /// False to leave the histogram of counts out; with true it appears where there is room.
    pub has_histogram: bool,
    /// False to leave the intervals out; with true they appear where there is room.
    pub has_whiskers: bool,
    /// Overall accuracy, set as ▲ on the lowest axis.
    pub accuracy: Option<f64>,
    /// Overall mean probability, set as △ on the lowest axis.
    pub mean_probability: Option<f64>,
    /// A line of words above the plot; empty for none.
    pub title: &'a str,
}

impl ReliabilityChart<'_> {
    /// Where everything is in a chart of `width` x `height` cells, from its own top left.
    pub fn layout(&self, width: usize, height: usize) -> ReliabilityLayout {
        Frames::new(self, width, height).layout
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
        let frames = Frames::new(self, area.width, area.height);
        let layout = &frames.layout;
        let diagram = layout.diagram.offset(area);
        let columns = |bin: usize| offset(&layout.bins[bin], area.x);
        if layout.view == ReliabilityView::Bars {
            self.draw_bars(raster, &diagram, &columns);
        }
        frames.diagram.draw(raster, area);
        draw_trace(raster, &diagram, [(0.0, 0.0), (1.0, 1.0)].into_iter(), Ink::Diagonal);
        if self.has_whiskers && diagram.plot.height >= WHISKERS_FROM {
            self.draw_whiskers(raster, &diagram, layout.view, &columns);
        }
        self.draw_markers(raster, &diagram, layout.view, &columns);
        if let (Some((frame, at)), Some(histogram)) = (&frames.histogram, layout.histogram) {
            self.draw_counts(raster, &histogram.offset(area), &columns);
            frame.draw(raster, at.offset(area));
        }
        self.draw_axis_signs(raster, area, &frames);
        frames.diagram.draw_title(raster, area, self.title);
    }

    /// The largest share of rows in one bin; 1 without any.
    pub(super) fn largest_share(&self) -> f64 {
        let largest = self.bins.iter().map(|bin| bin.count).max().unwrap_or(0);
        if largest > 0 { largest as f64 / self.n_rows() } else { 1.0 }
    }

    fn n_rows(&self) -> f64 {
        self.bins.iter().map(|bin| bin.count as f64).sum()
    }

    fn filled(&self) -> impl Iterator<Item = (usize, &ReliabilityBin)> {
        self.bins.iter().enumerate().filter(|(_, bin)| bin.count > 0)
    }

    fn draw_bars(
        &self,
        raster: &mut Raster,
        diagram: &ChartLayout,
        columns: &dyn Fn(usize) -> Range<usize>,
    ) {
        for (i, bin) in self.filled() {
            let stack = bar(bin);
            for column in columns(i) {
                draw_stack(raster, diagram.plot, column, &stack);
                if bin.count < FEW_ROWS {
                    for row in diagram.plot.y..diagram.plot.bottom() {
                        raster.set_dim(column, row);
                    }
                }
            }
        }
    }

    fn draw_whiskers(
        &self,
        raster: &mut Raster,
        diagram: &ChartLayout,
        view: ReliabilityView,
        columns: &dyn Fn(usize) -> Range<usize>,
    ) {
        for (i, bin) in self.filled() {
            let columns = columns(i);
            let column = match view {
                ReliabilityView::Bars if columns.len() < 2 && self.widths == BinWidths::Equal => {
                    continue;
                }
                ReliabilityView::Bars => Some(middle(&columns)),
                ReliabilityView::Dots => diagram.column_of(bin.probability),
            };
            let ends = bin.interval.map(|[low, high]| (diagram.row_of(low), diagram.row_of(high)));
            if let (Some(column), Some((Some(foot), Some(top)))) = (column, ends) {
                draw_whisker(raster, column, top, foot);
            }
        }
    }

    fn draw_markers(
        &self,
        raster: &mut Raster,
        diagram: &ChartLayout,
        view: ReliabilityView,
        columns: &dyn Fn(usize) -> Range<usize>,
    ) {
        let mut set = |column: Option<usize>, bin: &ReliabilityBin, sign: Sign, ink: Ink| {
            if let (Some(column), Some(row)) = (column, diagram.row_of(bin.outcome)) {
                raster.sign(column, row, sign, ink);
                if bin.count < FEW_ROWS {
                    raster.set_dim(column, row);
                }
            }
        };
        for (i, bin) in self.overlay.iter().enumerate().filter(|(_, bin)| bin.count > 0) {
            let is_bar = view == ReliabilityView::Bars && i < self.bins.len();
            let at_bar = is_bar.then(|| middle(&columns(i)));
            let column = at_bar.or_else(|| diagram.column_of(bin.probability));
            set(column, bin, Sign::Ring, Ink::Optimum);
        }
        if view == ReliabilityView::Dots {
            for (i, bin) in self.filled() {
                let is_selected = self.selected == Some(i);
                let ink = if is_selected { Ink::Selected } else { Ink::Marker };
                set(diagram.column_of(bin.probability), bin, Sign::Dot, ink);
            }
        }
    }

    fn draw_counts(
        &self,
        raster: &mut Raster,
        histogram: &ChartLayout,
        columns: &dyn Fn(usize) -> Range<usize>,
    ) {
        let n_rows = self.n_rows();
        let least = 1.0 / (8 * histogram.plot.height.max(1)) as f64;
        for (i, bin) in self.filled() {
            let height = (bin.count as f64 / n_rows / histogram.y.high()).max(least);
            let stack = Stack {
                lower: height,
                lower_ink: Ink::Accuracy,
                upper: height,
                upper_ink: Ink::Default,
                is_upper_rounded: false,
            };
            for column in columns(i) {
                draw_stack(raster, histogram.plot, column, &stack);
            }
        }
    }

    /// `━` under the selected bin, ▲ and △ on the lowest axis.
    fn draw_axis_signs(&self, raster: &mut Raster, area: Area, frames: &Frames) {
        let layout = &frames.layout;
        let Some(axis_row) = frames.diagram.axis_row.map(|row| row + area.y) else {
            return;
        };
        if let Some(columns) = self.selected.and_then(|bin| layout.bins.get(bin)) {
            for column in offset(columns, area.x) {
                raster.sign(column, axis_row, Sign::Selected, Ink::Selected);
                raster.set_bold(column, axis_row);
            }
        }
        let diagram = layout.diagram.offset(area);
        let lowest = layout.histogram.map_or(axis_row, |h| h.offset(area).plot.bottom());
        let signs = [(self.mean_probability, Sign::UpHollow), (self.accuracy, Sign::Up)];
        for (value, sign) in signs {
            if let Some(column) = value.and_then(|v| diagram.column_of(v)) {
                raster.sign(column, lowest, sign, Ink::Marker);
            }
        }
    }
}

/// Too sure: the gap stands on the bar. Not sure enough: it is the top of the bar.
fn bar(bin: &ReliabilityBin) -> Stack {
    let is_over = bin.probability > bin.outcome;
    let gap_ink = if is_over { Ink::GapOver } else { Ink::GapUnder };
    Stack {
        lower: bin.outcome.min(bin.probability),
        lower_ink: Ink::Accuracy,
        upper: bin.outcome.max(bin.probability),
        upper_ink: gap_ink,
        is_upper_rounded: is_over,
    }
}

fn middle(columns: &Range<usize>) -> usize {
    columns.start + columns.len() / 2
}

fn offset(columns: &Range<usize>, by: usize) -> Range<usize> {
    columns.start + by..columns.end + by
}
