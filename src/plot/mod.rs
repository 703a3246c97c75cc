//! Scales, ticks and a cell raster: charts that render to a terminal or to plain text.
//!
//! A chart is a struct of plain slices with `draw(&self, &mut Raster, Area)` and
//! `render(&self, width, height, tier) -> Raster`. Its `layout(width, height)` is pure and gives the
//! very [`Scale`]s that drawing uses, so a mouse hit and the picture cannot disagree. Nothing here
//! knows a colour or a terminal: cells carry an [`Ink`], which a theme maps.

mod area;
mod bars;
mod corp;
mod curve;
mod frame;
mod gaps;
mod glyphs;
mod histogram;
mod raster;
mod reliability;
mod reliability_layout;
mod scale;
mod slider;
mod steps;
mod strip;
mod text;
mod ticks;
mod trace;

pub use area::{Area, ChartLayout};
pub use corp::CorpChart;
pub use curve::{Axis, CurveChart, LineStyle, Series, VerticalMark};
pub use gaps::{GapChart, GapRows};
pub use glyphs::{Sign, Tier};
pub use histogram::{HistogramChart, HistogramLayout};
pub use raster::{Cell, Fill, Ink, Raster};
pub use reliability::{BinWidths, FEW_ROWS, ReliabilityBin, ReliabilityChart, ReliabilityView};
pub use reliability_layout::ReliabilityLayout;
pub use scale::Scale;
pub use slider::{SliderChart, sparkline};
pub use steps::{StepChart, StepSeries, step_at};
pub use strip::StepStrip;
pub use text::{text, text_lines};
pub use ticks::{LabelRoom, Tick, x_ticks, y_ticks};

#[cfg(test)]
mod tests;
