//! Accuracy less confidence of every predicted class, in points of a hundred.

use super::super::groups::ClassGap;
use super::super::number::signed_points;
use super::figure::Plots;
use super::marks::RADIUS;
use super::panel::{Area, Axis, BOTTOM, Panel, TEXT, least};
use super::text::{Caption, beginning, width};

/// Names of classes take this share of the width at most.
const MOST_FOR_NAMES: f64 = 0.3;

/// Free space between a name and the plot.
const BESIDE_NAMES: f64 = 8.0;

/// Width of a star, and how far under the middle of a dot beside it its baseline is: its ink stands high in the line.
const STAR: f64 = 6.0;
const BELOW_MIDDLE: f64 = 5.5;

/// Shares of the range left free at either end, and of the place of a class above its first mark.
const MARGIN: f64 = 0.08;

/// The same in points where all gaps are smaller.
const LEAST_RANGE: f64 = 1.0;

/// Height that a class wants, and the least that keeps its star off those of its neighbours.
pub(super) const ROW: f64 = 20.0;
pub(super) const LEAST_ROW: f64 = 17.0;

/// Above the first class.
const ABOVE: f64 = 6.0;

/// What the axis is of.
const WORDS: &str = "accuracy less confidence (percentage points)";

/// A class with its gaps, one for each side of the figure.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) gaps: Vec<ClassGap>,
}

/// The plot of so many classes.
pub(super) fn plots(n: usize, width: f64) -> Plots {
    let [least, _] = least((WORDS, ""), &Caption::default(), ABOVE);
    let height = |row: f64| row * n.max(1) as f64 + ABOVE + BOTTOM;
    Plots { n: 1, suiting: [width, height(ROW)], least: [least, height(LEAST_ROW)] }
}

/// The figure in `area`, `marks` being the classes of the sides.
pub(super) fn draw(area: Area, rows: &[Row], marks: &[&str]) -> String {
    let names = rows.iter().map(|row| width(&row.name, TEXT)).fold(0.0, f64::max);
    let names = names.min(area.width() * MOST_FOR_NAMES);
    let inner = area.within_axes(ABOVE);
    let plot = Area { left: area.left + names + 2.0 * BESIDE_NAMES, ..inner };
    let x = Axis::linear(range(rows), WORDS);
    let n = rows.len() as f64;
    let mut panel = Panel::from_left(area.left, plot, x, Axis::linear([0.0, n.max(1.0)], ""));
    panel.mark(0.0, "zero");
    for (idx, row) in rows.iter().enumerate() {
        let middle = n - idx as f64 - 0.5;
        let name = beginning(&row.name, TEXT, names);
        panel.row_label(middle, BESIDE_NAMES, &name);
        let points = |gap: &ClassGap| (gap.gap * 100.0, middle);
        panel.line("axis", row.gaps.iter().map(points));
        for (gap, class) in row.gaps.iter().zip(marks) {
            let star = if gap.is_found { "*" } else { "" };
            let words = format!("{}: {}{star}", row.name, signed_points(gap.gap));
            panel.dot(class, points(gap), &words);
        }
        stars(&mut panel, &row.gaps, middle);
    }
    panel.finish()
}

/// A star for each dot of a row that has one: on the side that looks away from the other dots, or where it finds room.
fn stars(panel: &mut Panel, gaps: &[ClassGap], middle: f64) {
    let y = panel.down(middle);
    let dots: Vec<(f64, bool)> = gaps
        .iter()
        .filter(|gap| gap.gap.is_finite())
        .map(|gap| (panel.across(gap.gap * 100.0), gap.is_found))
        .collect();
    let mean = dots.iter().map(|dot| dot.0).sum::<f64>() / dots.len() as f64;
    let aside = RADIUS + 1.0 + STAR / 2.0;
    let mut taken: Vec<[f64; 2]> = dots.iter().map(|(x, _)| [x - RADIUS, x + RADIUS]).collect();
    let mut above: Vec<f64> = Vec::new();
    for (x, _) in dots.iter().filter(|dot| dot.1) {
        let sides = if *x < mean { [x - aside, x + aside] } else { [x + aside, x - aside] };
        let is_free = |at: &&f64| {
            let [low, high] = [**at - STAR / 2.0, **at + STAR / 2.0];
            taken.iter().all(|[from, to]| high <= *from || *to <= low)
        };
        let at = if let Some(at) = sides.iter().find(is_free) {
            (*at, y + BELOW_MIDDLE)
        } else if above.iter().all(|other| (other - x).abs() >= STAR) {
            above.push(*x);
            panel.label_of("star", (*x, y - 1.0), "middle", "*");
            continue;
        } else {
            let end = taken.iter().map(|[_, to]| *to).fold(*x, f64::max);
            (end + 1.0 + STAR / 2.0, y + BELOW_MIDDLE)
        };
        taken.push([at.0 - STAR / 2.0, at.0 + STAR / 2.0]);
        panel.label_of("star", at, "middle", "*");
    }
}

/// From the least to the largest gap in points, and 0.
fn range(rows: &[Row]) -> [f64; 2] {
    let gaps = rows.iter().flat_map(|row| &row.gaps).map(|gap| gap.gap * 100.0);
    let ends = gaps.filter(|gap| gap.is_finite());
    let [low, high] = ends.fold([0.0_f64, 0.0_f64], |[low, high], x| [low.min(x), high.max(x)]);
    let free = ((high - low) * MARGIN).max(LEAST_RANGE * MARGIN);
    if high - low < LEAST_RANGE { [-LEAST_RANGE, LEAST_RANGE] } else { [low - free, high + free] }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places of the texts of a class: x and baseline.
    fn stars_of(markup: &str) -> Vec<[f64; 2]> {
        let number = |element: &str, name: &str| -> f64 {
            let (_, rest) = element.split_once(&format!(" {name}=\"")).expect("an attribute");
            rest.split('"').next().expect("an end").parse().expect("a number")
        };
        let texts = markup.split("<text ").filter(|e| e.starts_with("class=\"star\""));
        texts.map(|element| ["x", "y"].map(|name| number(element, name))).collect()
    }

    #[test]
    fn every_star_has_a_place_beside_its_dot_and_none_meets_another() {
        let area = Area { left: 0.0, top: 40.0, right: 440.0, bottom: 140.0 };
        let rows = |gaps: &[f64]| {
            let gap = |gap: &f64| ClassGap { gap: *gap, is_found: true };
            vec![Row { name: "a".to_owned(), gaps: gaps.iter().map(gap).collect() }]
        };
        for gaps in [
            &[0.1][..],
            &[-0.1, 0.1],
            &[0.1, 0.1],
            &[0.05, 0.055],
            &[0.05, 0.055, 0.06, 0.2, -0.1, f64::NAN],
            &[0.1; 6],
        ] {
            let marks = ["mark m0"; 6];
            let stars = stars_of(&draw(area, &rows(gaps), &marks));
            assert_eq!(stars.len(), gaps.iter().filter(|gap| gap.is_finite()).count(), "{gaps:?}");
            for (idx, [x, y]) in stars.iter().enumerate() {
                let apart =
                    |[other, at]: &[f64; 2]| (x - other).abs() >= STAR || (y - at).abs() > 5.0;
                assert!(stars[idx + 1..].iter().all(apart), "{gaps:?}: {stars:?}");
            }
        }
    }
}
