//! Where the bins of a reliability diagram stand.

use std::ops::Range;

use super::frame::{Frame, FrameSpec, YLabels};
use super::{Area, BinWidths, ChartLayout, ReliabilityChart, ReliabilityView, Scale};

/// Plot rows of the diagram below which its histogram gives way, and the rows it then takes.
const HISTOGRAM_FROM: [(usize, usize); 3] = [(38, 8), (26, 5), (17, 3)];

/// Bars this wide leave their last column blank, so that neighbours can be told apart.
pub(super) const SEPARATED_FROM: usize = 3;

/// Where everything is in a reliability diagram, from its own top left cell.
#[derive(Clone, PartialEq, Debug)]
pub struct ReliabilityLayout {
    /// The diagram: probability to the right, share of the outcome upwards, both over [0, 1].
    pub diagram: ChartLayout,
    /// The histogram of counts on the same columns, if there is room.
    pub histogram: Option<ChartLayout>,
    /// Dots if there is less than one column per bin, else as asked for.
    pub view: ReliabilityView,
    /// The columns of each bin, a blank one at the right end left out.
    pub bins: Vec<Range<usize>>,
}

impl ReliabilityLayout {
    /// The bin at `column`; blank columns belong to the bin on their left.
    pub fn bin_at(&self, column: usize) -> Option<usize> {
        let plot = self.diagram.plot;
        if column < plot.x || column >= plot.right() {
            return None;
        }
        self.bins.iter().rposition(|columns| columns.start <= column)
    }
}

/// The layout together with the frames it was read off.
pub(super) struct Frames {
    pub(super) layout: ReliabilityLayout,
    pub(super) diagram: Frame,
    pub(super) histogram: Option<(Frame, Area)>,
}

impl Frames {
    pub(super) fn new(chart: &ReliabilityChart<'_>, width: usize, height: usize) -> Self {
        let n_rows = histogram_rows(chart, height);
        let shared = if n_rows > 0 { n_rows + 1 } else { 0 };
        let diagram = diagram_frame(chart, width, height.saturating_sub(shared));
        let histogram = (n_rows > 0).then(|| {
            let area = Area::new(0, height - shared, width, shared);
            (histogram_frame(chart, &diagram, area), area)
        });
        let room = diagram.layout.plot.width;
        let is_narrow = chart.widths == BinWidths::Equal && room < chart.bins.len();
        let layout = ReliabilityLayout {
            diagram: diagram.layout,
            histogram: histogram.as_ref().map(|(frame, area)| frame.layout.offset(*area)),
            view: if is_narrow { ReliabilityView::Dots } else { chart.view },
            bins: columns(chart, &diagram.layout),
        };
        Self { layout, diagram, histogram }
    }
}

fn histogram_rows(chart: &ReliabilityChart<'_>, height: usize) -> usize {
    if !chart.has_histogram || chart.widths == BinWidths::Own {
        return 0;
    }
    HISTOGRAM_FROM.iter().find(|(from, _)| height >= *from).map_or(0, |(_, n_rows)| *n_rows)
}

fn diagram_frame(chart: &ReliabilityChart<'_>, width: usize, height: usize) -> Frame {
    let x = |room: usize| Scale::linear(0.0, 1.0, plot_width(chart, room));
    let spec = FrameSpec {
        has_title: !chart.title.is_empty(),
        y: [0.0, 1.0],
        is_y_log: false,
        y_labels: YLabels::Nice,
        x: &x,
        has_x_labels: true,
    };
    Frame::new(width, height, &spec)
}

/// A whole number of columns for each bin: uneven bars would read as data.
fn plot_width(chart: &ReliabilityChart<'_>, room: usize) -> usize {
    match (chart.widths, chart.bins.len()) {
        (BinWidths::Equal, n) if n > 0 && room >= n => room / n * n,
        _ => room,
    }
}

/// The histogram's frame, with the gutter of the diagram so that columns agree.
fn histogram_frame(chart: &ReliabilityChart<'_>, diagram: &Frame, area: Area) -> Frame {
    let plot = diagram.layout.plot;
    let x = |_: usize| Scale::linear(0.0, 1.0, plot.width);
    let spec = FrameSpec {
        has_title: false,
        y: [0.0, chart.largest_share()],
        is_y_log: false,
        y_labels: YLabels::Ends(|share| format!("{:.0}%", share * 100.0)),
        x: &x,
        has_x_labels: false,
    };
    let mut frame = Frame::new(area.width, area.height, &spec);
    frame.set_gutter(plot.x, plot.width);
    frame
}

fn columns(chart: &ReliabilityChart<'_>, diagram: &ChartLayout) -> Vec<Range<usize>> {
    let (plot, n_bins) = (diagram.plot, chart.bins.len());
    if chart.widths == BinWidths::Equal && n_bins > 0 && plot.width >= n_bins {
        let n_columns = plot.width / n_bins;
        let n_filled = n_columns - usize::from(n_columns >= SEPARATED_FROM);
        let start = |bin: usize| plot.x + bin * n_columns;
        return (0..n_bins).map(|bin| start(bin)..start(bin) + n_filled).collect();
    }
    let mut free_from = 0;
    let bins = chart.bins.iter().map(|bin| {
        let low = diagram.x.to_nearest_cell(bin.low).unwrap_or(0);
        let high = diagram.x.to_nearest_cell(bin.high).unwrap_or(low).max(low);
        // Neighbours share a column if they must: the later bin then covers the earlier one.
        let first = low.max(free_from).min(high);
        free_from = high + 1;
        plot.x + first..plot.x + high + 1
    });
    bins.collect()
}
