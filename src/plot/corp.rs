//! The reliability curve without bins.

use super::frame::{Frame, FrameSpec, YLabels};
use super::trace::draw_trace;
use super::{Area, ChartLayout, Ink, Raster, Scale, Series, Sign, Tier};

/// Share of the outcome over probability as an isotonic fit has it, against the diagonal, with the band in which it
/// would lie by chance if every probability were right (Dimitriadis, Gneiting & Jordan 2021).
#[derive(Clone, Copy, Debug)]
pub struct CorpChart<'a> {
    /// The curve: for each step its two ends, of one height.
    pub curve: Series<'a>,
    /// Probabilities at which the band is known, ascending.
    pub at: &'a [f64],
    /// Lower and upper end of the band at each of them; as many as `at` has.
    pub band: [&'a [f64]; 2],
    /// The two ends of the chosen step and its height.
    pub chosen: Option<([f64; 2], f64)>,
    /// A line of words above the plot; empty for none.
    pub title: &'a str,
}

impl CorpChart<'_> {
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
        self.tint_band(raster, &layout);
        frame.draw(raster, area);
        let diagonal = [(0.0, 0.0), (1.0, 1.0)];
        draw_trace(raster, &layout, diagonal.into_iter(), Ink::Diagonal);
        // A theme without a tint for the band still shows where it ends.
        for ends in self.band {
            let points = self.at.iter().copied().zip(ends.iter().copied());
            draw_trace(raster, &layout, points, Ink::Grid);
        }
        let points = self.curve.x.iter().copied().zip(self.curve.y.iter().copied());
        draw_trace(raster, &layout, points, self.curve.ink);
        let axis_row = frame.axis_row.map(|row| row + area.y);
        self.draw_chosen(raster, &layout, axis_row);
        frame.draw_title(raster, area, self.title);
    }

    fn frame(&self, width: usize, height: usize) -> Frame {
        let x = |room: usize| Scale::linear(0.0, 1.0, room);
        let spec = FrameSpec {
            has_title: !self.title.is_empty(),
            y: [0.0, 1.0],
            is_y_log: false,
            y_labels: YLabels::Nice,
            x: &x,
            has_x_labels: true,
        };
        Frame::new(width, height, &spec)
    }

    /// The chosen step in the ink of the cursor, `●` in its middle, and `━` below it on the axis.
    fn draw_chosen(&self, raster: &mut Raster, layout: &ChartLayout, axis_row: Option<usize>) {
        let Some(([low, high], height)) = self.chosen else {
            return;
        };
        let step = [(low, height), (high, height)];
        draw_trace(raster, layout, step.into_iter(), Ink::Cursor);
        let middle = layout.column_of(f64::midpoint(low, high));
        if let (Some(column), Some(row)) = (middle, layout.row_of(height)) {
            raster.sign(column, row, Sign::Dot, Ink::Cursor);
            raster.set_bold(column, row);
        }
        let ends = (layout.column_of(low), layout.column_of(high));
        if let (Some(row), (Some(first), Some(last))) = (axis_row, ends) {
            for column in first..=last {
                raster.sign(column, row, Sign::Selected, Ink::Selected);
                raster.set_bold(column, row);
            }
        }
    }

    fn tint_band(&self, raster: &mut Raster, layout: &ChartLayout) {
        for column in layout.plot.x..layout.plot.right() {
            let Some([low, high]) = self.band_at(layout.x_at(column)) else {
                continue;
            };
            if let (Some(foot), Some(top)) = (layout.row_of(low), layout.row_of(high)) {
                (top..=foot).for_each(|row| raster.tint(column, row, Ink::Band));
            }
        }
    }

    /// The band at `x`, straight between the points where it is known; `None` outside of them.
    fn band_at(&self, x: f64) -> Option<[f64; 2]> {
        let upper = self.at.iter().position(|at| *at >= x)?;
        let lower = upper.saturating_sub(1);
        let (x0, x1) = (*self.at.get(lower)?, *self.at.get(upper)?);
        if x < x0 {
            return None;
        }
        let share = if x1 > x0 { (x - x0) / (x1 - x0) } else { 0.0 };
        let between = |ends: &[f64]| {
            let (y0, y1) = (*ends.get(lower)?, *ends.get(upper)?);
            Some((y1 - y0).mul_add(share, y0))
        };
        Some([between(self.band[0])?, between(self.band[1])?])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart<'a>(x: &'a [f64], y: &'a [f64]) -> CorpChart<'a> {
        CorpChart {
            curve: Series { x, y, ink: Ink::Curve },
            at: &[0.2, 0.6, 1.0],
            band: [&[0.1, 0.5, 0.9], &[0.3, 0.7, 1.0]],
            chosen: None,
            title: "rate over probability",
        }
    }

    #[test]
    fn the_band_is_straight_between_its_points_and_ends_with_them() {
        let chart = chart(&[], &[]);
        let [low, high] = chart.band_at(0.4).unwrap();
        assert!((low - 0.3).abs() < 1e-12 && (high - 0.5).abs() < 1e-12);
        assert_eq!(chart.band_at(0.1), None);
        assert_eq!(chart.band_at(1.1), None);
        assert_eq!(chart.band_at(0.2), Some([0.1, 0.3]));
    }

    #[test]
    fn curve_and_band_stand_where_their_numbers_are() {
        let raster =
            chart(&[0.2, 0.6, 0.6, 1.0], &[0.2, 0.2, 0.9, 0.9]).render(44, 14, Tier::Ascii);
        let words: Vec<String> =
            (0..14).map(|row| raster.row(row).iter().map(|cell| cell.symbol).collect()).collect();
        assert!(words[0].starts_with("rate over probability"));
        let all = words.concat();
        assert!(all.contains("***"), "the steps are flat: {words:#?}");
        let tinted = (0..14).flat_map(|row| raster.row(row)).filter(|c| c.bg == Ink::Band);
        assert!(tinted.count() > 20);
    }

    #[test]
    fn the_chosen_step_is_marked_on_the_curve_and_on_the_axis() {
        let chart = CorpChart {
            chosen: Some(([0.6, 1.0], 0.9)),
            ..chart(&[0.2, 0.6, 0.6, 1.0], &[0.2, 0.2, 0.9, 0.9])
        };
        let raster = chart.render(44, 14, Tier::Braille);
        let layout = chart.layout(44, 14);
        let cell = |column: usize, row: usize| *raster.cell(column, row).unwrap();
        let (first, last) = (layout.column_of(0.6).unwrap(), layout.column_of(1.0).unwrap());
        let middle = layout.column_of(0.8).unwrap();
        assert_eq!(cell(middle, layout.row_of(0.9).unwrap()).symbol, '●');
        let axis = layout.plot.bottom();
        let is_marked = |column: &usize| cell(*column, axis).symbol == '━';
        let marked: Vec<usize> = (0..44).filter(is_marked).collect();
        assert_eq!(marked, (first..=last).collect::<Vec<_>>());
    }

    #[test]
    fn every_size_and_no_point_are_drawn() {
        for width in 0..40 {
            for height in 0..12 {
                let none = CorpChart {
                    at: &[],
                    band: [&[], &[]],
                    chosen: Some(([0.5, f64::NAN], 0.5)),
                    ..chart(&[], &[])
                };
                none.render(width, height, Tier::Braille);
                chart(&[0.5, f64::NAN], &[0.5, 0.5]).render(width, height, Tier::Braille);
            }
        }
    }
}
