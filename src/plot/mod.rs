//! Scales, ticks and a cell raster: charts that render to a terminal or to plain text.
