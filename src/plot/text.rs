//! A raster as plain text.

use super::Raster;

/// The rows of `raster` without colour, blanks at their ends trimmed.
pub fn text_lines(raster: &Raster) -> Vec<String> {
    (0..raster.height())
        .map(|row| {
            let line: String =
                (0..raster.width()).map(|column| raster.mono_symbol(column, row)).collect();
            line.trim_end().to_string()
        })
        .collect()
}

/// The same as one text, a newline after each row.
pub fn text(raster: &Raster) -> String {
    text_lines(raster).into_iter().map(|line| line + "\n").collect()
}
