//! Curves as dots: at most one vertical run per dot column, whatever the number of points.

use super::{ChartLayout, Ink, Raster, Tier};

/// Draws the line through `points` (x ascending or not) into the plot of `layout`. A point that is not
/// finite is a gap; a point alone between gaps is one dot; what lies outside the plot is left out.
pub(super) fn draw_trace(
    raster: &mut Raster,
    layout: &ChartLayout,
    points: impl Iterator<Item = (f64, f64)>,
    ink: Ink,
) {
    if layout.plot.is_empty() {
        return;
    }
    let mut dots = DotColumns::new(layout, raster.tier());
    let mut previous = None;
    for (x, y) in points {
        let at = dots.locate(x, y);
        match (previous, at) {
            (Some(from), Some(to)) => dots.segment(from, to),
            (None, Some(to)) => dots.segment(to, to),
            _ => {}
        }
        previous = at;
    }
    dots.paint(raster, ink);
}

/// For each dot column the lowest and highest point of the line in it, in dots from the bottom left.
struct DotColumns<'a> {
    layout: &'a ChartLayout,
    tier: Tier,
    spans: Vec<Option<(f64, f64)>>,
    n_rows: usize,
}

impl<'a> DotColumns<'a> {
    fn new(layout: &'a ChartLayout, tier: Tier) -> Self {
        let (n_wide, n_high) = tier.dots();
        Self {
            layout,
            tier,
            spans: vec![None; layout.plot.width * n_wide],
            n_rows: layout.plot.height * n_high,
        }
    }

    fn locate(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let (n_wide, n_high) = self.tier.dots();
        let at = (self.layout.x.to_dots(x, n_wide), self.layout.y.to_dots(y, n_high));
        (at.0.is_finite() && at.1.is_finite()).then_some(at)
    }

    fn segment(&mut self, from: (f64, f64), to: (f64, f64)) {
        let (left, right) = if from.0 <= to.0 { (from, to) } else { (to, from) };
        let width = self.spans.len() as f64;
        if right.0 < -EDGE || left.0 > width + EDGE {
            return;
        }
        let n = self.spans.len();
        let (first, last) = (whole(left.0, n), whole(right.0, n));
        for column in first..=last {
            let start = left.0.max(column as f64);
            let end = right.0.min(column as f64 + 1.0);
            self.extend(column, height_at(left, right, start));
            self.extend(column, height_at(left, right, end.max(start.min(right.0))));
        }
    }

    fn extend(&mut self, column: usize, height: f64) {
        if !height.is_finite() {
            return;
        }
        let span = &mut self.spans[column];
        *span =
            Some(span.map_or((height, height), |(low, high)| (low.min(height), high.max(height))));
    }

    /// The runs of dot rows, without the row that a run shares with its left neighbour's end: a
    /// slope is then one dot thick.
    fn runs(&self) -> Vec<Option<(usize, usize)>> {
        let mut runs: Vec<Option<(usize, usize)>> = Vec::with_capacity(self.spans.len());
        for span in &self.spans {
            let mut run = span.and_then(|span| self.rows_of(span));
            if let (Some((low, high)), Some(Some((left_low, left_high)))) = (run, runs.last()) {
                if low < high && low == *left_high {
                    run = Some((low + 1, high));
                } else if low < high && high == *left_low {
                    run = Some((low, high - 1));
                }
            }
            runs.push(run);
        }
        runs
    }

    fn rows_of(&self, (low, high): (f64, f64)) -> Option<(usize, usize)> {
        let in_view = high >= -EDGE && low <= self.n_rows as f64 + EDGE;
        in_view.then(|| (whole(low, self.n_rows), whole(high, self.n_rows)))
    }

    fn paint(&self, raster: &mut Raster, ink: Ink) {
        let (n_wide, n_high) = self.tier.dots();
        let plot = self.layout.plot;
        let mut bits = vec![0_u8; plot.width * plot.height];
        for (dot_column, run) in self.runs().into_iter().enumerate() {
            let Some((low, high)) = run else { continue };
            for from_bottom in low..=high {
                let dot_row = self.n_rows - 1 - from_bottom;
                let cell = dot_row / n_high * plot.width + dot_column / n_wide;
                bits[cell] |= self.tier.dot_bit(dot_column % n_wide, dot_row % n_high);
            }
        }
        for (cell, bits) in bits.into_iter().enumerate().filter(|(_, bits)| *bits != 0) {
            let (column, row) = (plot.x + cell % plot.width, plot.y + cell / plot.width);
            raster.put(column, row, symbol(self.tier, bits, ink), ink);
        }
    }
}

/// Rounding of a position on the very edge of the plot must not put it outside.
const EDGE: f64 = 1e-6;

fn whole(at: f64, n: usize) -> usize {
    super::scale::index(at, n)
}

fn height_at(left: (f64, f64), right: (f64, f64), x: f64) -> f64 {
    if right.0 > left.0 {
        (right.1 - left.1).mul_add((x - left.0) / (right.0 - left.0), left.1)
    } else {
        right.1
    }
}

/// Without braille and blocks the kind of line must show in the character.
fn symbol(tier: Tier, bits: u8, ink: Ink) -> char {
    match (tier, ink) {
        (Tier::Ascii, Ink::Diagonal | Ink::Grid) => '.',
        (Tier::Ascii, Ink::Curve2) => '+',
        _ => tier.dots_char(bits),
    }
}
