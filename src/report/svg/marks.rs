//! The marks that plots and legends share.

use std::fmt::Write as _;

use super::panel::Area;
use super::text::escaped;

/// Between two strokes of a hatched area, along x.
const STROKES: f64 = 5.0;

/// Radius of a dot.
pub(super) const RADIUS: f64 = 4.0;

/// A path of a class.
pub(super) fn line_of(class: &str, path: &str) -> String {
    format!("<path class=\"{class}\" d=\"{path}\"/>\n")
}

/// A dot with words for the pointer.
pub(super) fn dot(class: &str, (x, y): (f64, f64), words: &str) -> String {
    let title =
        if words.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(words)) };
    format!(
        "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{RADIUS}\">{title}</circle>\n"
    )
}

/// Strokes from the lower left to the upper right within `area`, which meet those of its neighbours; nothing where an
/// end is NaN.
pub(super) fn hatched(area: Area, class: &str) -> String {
    let Area { left, top, right, bottom } = area;
    let (first, last) = (((left + top) / STROKES).ceil(), ((right + bottom) / STROKES).floor());
    let mut path = String::new();
    if (last - first).is_finite() {
        // x + y is the same along a stroke.
        let mut step = first;
        while step <= last {
            let sum = step * STROKES;
            let (start, end) = (left.max(sum - bottom), right.min(sum - top));
            if end > start {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{start:.1} {:.1}L{end:.1} {:.1}", sum - start, sum - end);
            }
            step += 1.0;
        }
    }
    if path.is_empty() { path } else { line_of(&format!("{class} hatch"), &path) }
}
