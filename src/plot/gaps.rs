//! Gaps of the bins of a model, bar by bar over and under a line at 0.

use std::ops::Range;

use super::bars::{Stack, draw_stack};
use super::reliability_layout::SEPARATED_FROM;
use super::scale::index;
use super::{Area, FEW_ROWS, Ink, LabelRoom, Raster, ReliabilityBin, Scale, Sign, Tier, x_ticks};

/// What a row of cells may stand for, the finest first.
const UNITS: [f64; 7] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];

/// Rows of the axis under the bars: the line and its labels.
const AXIS_ROWS: usize = 2;

/// Which gaps the rows of a chart stand for. Charts that are to be compared share one.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct GapRows {
    /// Rows above the line at 0, at least 1.
    pub above: usize,
    /// Rows below it, at least 1.
    pub below: usize,
    /// The gap that one row stands for.
    pub unit: f64,
}

impl GapRows {
    /// The finest rows in which the gaps of `bins` fit, at most `n_rows` of them with the line (and never fewer than
    /// 3). Bins of few rows do not count where there are others: one of them would flatten all the rest.
    pub fn fitting<'a>(bins: impl Iterator<Item = &'a ReliabilityBin>, n_rows: usize) -> Self {
        let [mut all, mut many] = [[0.0_f64; 2]; 2];
        for bin in bins.filter(|bin| bin.count > 0) {
            let gap = gap(bin);
            let wider = |[up, down]: [f64; 2]| [up.max(gap), down.max(-gap)];
            all = wider(all);
            if bin.count >= FEW_ROWS {
                many = wider(many);
            }
        }
        let is_blank = many.iter().all(|most| *most <= 0.0);
        let [up, down] = if is_blank { all } else { many };
        // Gaps lie within -1 and 1, so that the coarsest unit always fits.
        let rows = |most: f64, unit: f64| index((most / unit - 1e-9).ceil(), 101).max(1);
        let of = |unit: f64| Self { above: rows(up, unit), below: rows(down, unit), unit };
        let all = UNITS.map(of);
        let fits = |rows: &&Self| rows.height() <= n_rows;
        all.iter().find(fits).copied().unwrap_or(Self { above: 1, below: 1, unit: 1.0 })
    }

    /// All rows, the line among them.
    pub const fn height(&self) -> usize {
        self.above + 1 + self.below
    }

    /// `+.4`, `-.05`: the gap that ends `n_rows` rows away from the line.
    fn label(&self, n_rows: usize, is_up: bool) -> String {
        let value = self.unit * n_rows as f64;
        let n_decimals = if self.unit < 0.1 { 2 } else { 1 };
        let sign = if is_up { '+' } else { '-' };
        let digits = format!("{value:.n_decimals$}");
        let digits = digits.strip_prefix('0').unwrap_or(&digits);
        format!("{sign}{digits}")
    }
}

/// Share of the outcome minus mean probability: negative where a model is too sure.
fn gap(bin: &ReliabilityBin) -> f64 {
    bin.outcome - bin.probability
}

/// One bar for each bin, upwards where the outcome is more frequent than its probability and downwards where it is
/// not; all bins have the same whole number of columns. Bins without rows have no bar, not even one of height 0, and a
/// bar that leaves the rows ends in an arrow.
#[derive(Clone, Copy, Debug)]
pub struct GapChart<'a> {
    /// The bins, of equal width, in order.
    pub bins: &'a [ReliabilityBin],
    /// What its rows stand for.
    pub rows: GapRows,
    /// Columns on the left for labels, with the axis in the last of them; at least 1.
    pub gutter: usize,
}

impl GapChart<'_> {
    /// Columns of labels that `rows` can need, and the axis.
    pub const GUTTER: usize = 5;

    /// The columns of each bin in a chart of `width` columns, from its own left; empty if there is less than one for
    /// each.
    pub fn columns(&self, width: usize) -> Vec<Range<usize>> {
        let n_bins = self.bins.len().max(1);
        let n_columns = width.saturating_sub(self.gutter) / n_bins;
        if n_columns == 0 {
            return Vec::new();
        }
        let n_filled = n_columns - usize::from(n_columns >= SEPARATED_FROM);
        let start = |bin: usize| self.gutter + bin * n_columns;
        (0..self.bins.len()).map(|bin| start(bin)..start(bin) + n_filled).collect()
    }

    /// Draws the bars into the upper rows of `area`, without the axis below them.
    pub fn draw(&self, raster: &mut Raster, area: Area) {
        let columns = self.columns(area.width);
        if columns.is_empty() || area.height < self.rows.height() {
            return;
        }
        self.draw_axis(raster, area);
        for (bin, columns) in self.bins.iter().zip(columns) {
            if bin.count == 0 {
                continue;
            }
            for column in columns.start + area.x..columns.end + area.x {
                self.draw_column(raster, area.y, column, gap(bin));
                if bin.count < FEW_ROWS {
                    let rows = area.y..area.y + self.rows.height();
                    rows.for_each(|row| raster.set_dim(column, row));
                }
            }
        }
    }

    /// Draws the axis of the probability into the first two rows of `area`, under bars of the same width.
    pub fn draw_probabilities(&self, raster: &mut Raster, area: Area) {
        let n_columns = area.width.saturating_sub(self.gutter) / self.bins.len().max(1);
        let n_cells = n_columns * self.bins.len();
        if n_cells == 0 || area.height < AXIS_ROWS {
            return;
        }
        let start = area.x + self.gutter;
        raster.sign(start - 1, area.y, Sign::Corner, Ink::Axis);
        for column in start..start + n_cells {
            raster.sign(column, area.y, Sign::Horizontal, Ink::Axis);
        }
        let scale = Scale::linear(0.0, 1.0, n_cells);
        // Labels of charts side by side must not touch: a bare axis has no room for a half label before it.
        let left = (self.gutter - 1).min(1);
        let room = LabelRoom { left, right: area.width - self.gutter - n_cells };
        for tick in x_ticks(&scale, room) {
            raster.sign(start + tick.cell, area.y, Sign::Top, Ink::Axis);
            let at = start - left + tick.start;
            raster.text(at, area.y + 1, &tick.label, Ink::Axis);
        }
    }

    fn draw_axis(&self, raster: &mut Raster, area: Area) {
        let (line, n_rows) = (self.rows.above, self.rows.height());
        let axis = area.x + self.gutter - 1;
        for row in 0..n_rows {
            let sign = if row == line { Sign::Cross } else { Sign::Vertical };
            raster.sign(axis, area.y + row, sign, Ink::Axis);
        }
        let n_cells = area.width.saturating_sub(self.gutter) / self.bins.len().max(1);
        let dots = match raster.tier() {
            Tier::Ascii => '.',
            Tier::Block | Tier::Braille => '┄',
        };
        for column in axis + 1..axis + 1 + n_cells * self.bins.len() {
            raster.put(column, area.y + line, dots, Ink::Grid);
        }
        let labels = [
            (0, self.rows.label(self.rows.above, true)),
            (line, "0".to_owned()),
            (n_rows - 1, self.rows.label(self.rows.below, false)),
        ];
        for (row, label) in labels {
            let length = label.chars().count();
            if length < self.gutter {
                raster.text(axis - length, area.y + row, &label, Ink::Axis);
            }
        }
    }

    fn draw_column(&self, raster: &mut Raster, top: usize, column: usize, gap: f64) {
        let GapRows { above, below, unit } = self.rows;
        raster.sign(column, top + above, Sign::Horizontal, Ink::Default);
        let n_rows = gap.abs() / unit;
        if gap > 0.0 {
            let share = (n_rows / above as f64).min(1.0);
            let stack = Stack {
                lower: share,
                lower_ink: Ink::GapUnder,
                upper: share,
                upper_ink: Ink::Default,
                is_upper_rounded: false,
            };
            draw_stack(raster, Area::new(column, top, 1, above), column, &stack);
            if n_rows > above as f64 + 0.5 {
                raster.sign(column, top, Sign::Up, Ink::Default);
            }
        } else {
            draw_downwards(raster, (column, top + above + 1), n_rows.min(below as f64));
            if n_rows > below as f64 + 0.5 {
                let last = top + above + below;
                raster.sign(column, last, Sign::Down, Ink::Default);
            }
        }
    }
}

/// A bar from the upper edge of a cell down, in halves of cells: there are no eighths from above.
fn draw_downwards(raster: &mut Raster, (column, row): (usize, usize), n_rows: f64) {
    let n_halves = index((2.0 * n_rows).round(), usize::MAX);
    for full in 0..n_halves / 2 {
        raster.fill(column, row + full, Ink::GapOver);
    }
    if n_halves % 2 == 1 {
        match raster.tier() {
            Tier::Ascii => raster.fill(column, row + n_halves / 2, Ink::GapOver),
            Tier::Block | Tier::Braille => {
                raster.put(column, row + n_halves / 2, '▀', Ink::GapOver);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(count: u64, gap: f64) -> ReliabilityBin {
        ReliabilityBin {
            low: 0.0,
            high: 1.0,
            count,
            outcome: 0.5 + gap / 2.0,
            probability: 0.5 - gap / 2.0,
            interval: None,
        }
    }

    fn words(bins: &[ReliabilityBin], rows: GapRows, width: usize, tier: Tier) -> Vec<String> {
        let chart = GapChart { bins, rows, gutter: GapChart::GUTTER };
        let height = rows.height() + AXIS_ROWS;
        let mut raster = Raster::new(width, height, tier);
        let area = raster.area();
        chart.draw(&mut raster, area);
        let axis = Area::new(0, rows.height(), width, AXIS_ROWS);
        chart.draw_probabilities(&mut raster, axis);
        let line = |row: usize| -> String {
            let symbols = (0..width).map(|column| raster.mono_symbol(column, row));
            symbols.collect::<String>().trim_end().to_owned()
        };
        (0..height).map(line).collect()
    }

    #[test]
    fn rows_are_as_fine_as_the_gaps_let_them_be() {
        let bins = [bin(50, 0.11), bin(50, -0.3), bin(5, -0.9), bin(0, f64::NAN)];
        let rows = |n_rows| GapRows::fitting(bins.iter(), n_rows);
        let of = |above, below, unit| GapRows { above, below, unit };
        assert_eq!(rows(3), of(1, 1, 0.5));
        assert_eq!(rows(4), of(1, 2, 0.2));
        assert_eq!(rows(6), of(2, 3, 0.1));
        assert_eq!(rows(10), of(3, 6, 0.05));
        let few = GapRows::fitting([bin(5, -0.9)].iter(), 3);
        assert_eq!(few, of(1, 1, 1.0));
        let none = GapRows::fitting(std::iter::empty(), 9);
        assert_eq!(none, of(1, 1, 0.01));
    }

    #[test]
    fn bars_stand_on_the_line_and_hang_from_it() {
        let bins = [bin(50, 0.1), bin(50, -0.15), bin(0, f64::NAN), bin(50, 0.0), bin(50, 0.05)];
        let rows = GapRows { above: 1, below: 2, unit: 0.1 };
        let words = words(&bins, rows, 20, Tier::Braille);
        assert_eq!(
            words,
            [
                " +.1│▒▒          ▄▄",
                "   0┼──┄──┄┄┄┄──┄──┄",
                "    │   ░░",
                " -.2│   ▀▀",
                "    └┬─────────────┬",
                "     0             1",
            ]
        );
    }

    #[test]
    fn what_leaves_the_rows_ends_in_an_arrow() {
        let rows = GapRows { above: 1, below: 1, unit: 0.1 };
        let words = words(&[bin(5, -0.9), bin(5, 0.9)], rows, 7, Tier::Ascii);
        assert_eq!(words[..3], [" +.1| a", "   0+--", " -.1|v"]);
    }

    #[test]
    fn every_size_is_drawn() {
        let bins = [bin(50, 0.3), bin(3, -0.3)];
        for width in 0..12 {
            for height in 0..8 {
                for gutter in [1, GapChart::GUTTER] {
                    let mut raster = Raster::new(width, height, Tier::Block);
                    let rows = GapRows::fitting(bins.iter(), height);
                    let chart = GapChart { bins: &bins, rows, gutter };
                    let area = raster.area();
                    chart.draw(&mut raster, area);
                    chart.draw_probabilities(&mut raster, area);
                }
            }
        }
    }
}
