//! Every chart as a picture in plain text.

use insta::assert_snapshot;

use super::examples::{
    curve, equal_mass, histogram, nll, overconfident, reliability, temperature_marks,
    underconfident,
};
use crate::plot::{
    BinWidths, HistogramChart, Ink, ReliabilityChart, ReliabilityView, Series, SliderChart, Tier,
    sparkline, text,
};

const SIZES: [(usize, usize); 6] = [(100, 40), (70, 28), (54, 20), (50, 14), (24, 10), (12, 6)];

fn pictures(draw: impl Fn(usize, usize) -> String) -> String {
    let picture = |(width, height)| format!("{width}x{height}\n{}", draw(width, height));
    SIZES.map(picture).join("\n")
}

#[test]
fn reliability_bars_of_an_overconfident_model() {
    let bins = overconfident();
    let chart = ReliabilityChart { selected: Some(12), ..reliability(&bins) };
    assert_snapshot!(pictures(|w, h| text(&chart.render(w, h, Tier::Braille))));
}

#[test]
fn reliability_bars_of_an_underconfident_model() {
    let bins = underconfident();
    let chart = reliability(&bins);
    assert_snapshot!(pictures(|w, h| text(&chart.render(w, h, Tier::Braille))));
}

#[test]
fn reliability_in_ascii() {
    let bins = overconfident();
    assert_snapshot!(pictures(|w, h| text(&reliability(&bins).render(w, h, Tier::Ascii))));
}

#[test]
fn reliability_with_the_same_bins_at_another_temperature() {
    let (bins, overlay) = (overconfident(), underconfident());
    let chart = ReliabilityChart {
        overlay: &overlay,
        has_whiskers: false,
        has_histogram: false,
        title: "T = 1 █    T* ○",
        ..reliability(&bins)
    };
    assert_snapshot!(text(&chart.render(54, 15, Tier::Braille)));
}

#[test]
fn reliability_dots_of_equal_mass_bins() {
    let bins = equal_mass();
    let chart = |view| ReliabilityChart { widths: BinWidths::Own, view, ..reliability(&bins) };
    let draw = |view| text(&chart(view).render(60, 20, Tier::Braille));
    assert_snapshot!(draw(ReliabilityView::Dots) + &draw(ReliabilityView::Bars));
}

#[test]
fn temperature_curve() {
    let (x, y) = nll();
    let series = [Series { x: &x, y: &y, ink: Ink::Curve }];
    let marks = temperature_marks();
    assert_snapshot!(pictures(|w, h| text(&curve(&series, &marks).render(w, h, Tier::Braille))));
}

#[test]
fn temperature_curve_in_the_other_tiers() {
    let (x, y) = nll();
    let series = [Series { x: &x, y: &y, ink: Ink::Curve }];
    let chart = curve(&series, &[]);
    let draw = |tier| text(&chart.render(60, 16, tier));
    assert_snapshot!(draw(Tier::Block) + &draw(Tier::Ascii));
}

#[test]
fn histogram_of_margins() {
    let (edges, correct, wrong) = histogram();
    let chart = HistogramChart {
        edges: &edges,
        correct: &correct,
        wrong: &wrong,
        below: 0,
        above: 638,
        is_log: false,
        threshold: Some(2.0),
        selected: None,
        title: "",
    };
    assert_snapshot!(pictures(|w, h| text(&chart.render(w, h, Tier::Braille))));
}

#[test]
fn histogram_with_log_counts_and_more_cells_than_columns() {
    let (edges, correct, wrong) = histogram();
    let chart = HistogramChart {
        edges: &edges,
        correct: &correct,
        wrong: &wrong,
        below: 12,
        above: 638,
        is_log: true,
        threshold: None,
        selected: Some(20),
        title: "top-two margin",
    };
    let draw = |tier| text(&chart.render(36, 12, tier));
    assert_snapshot!(draw(Tier::Braille) + &draw(Tier::Ascii));
}

#[test]
fn sliders_and_sparklines() {
    let slider = SliderChart { range: [0.25, 8.0], cursor: 1.0, optimum: Some(1.781) };
    let line = |tier| text(&slider.render(26, tier));
    assert_eq!(line(Tier::Braille), "├─────────●───┼──────────┤\n");
    assert_eq!(line(Tier::Ascii), "|---------O---+----------|\n");
    let values = [0.0, 1.0, 2.0, f64::NAN, 4.0, 8.0];
    assert_eq!(sparkline(&values, 6, Tier::Braille), " ▁▂ ▄█");
    assert_eq!(sparkline(&values, 3, Tier::Braille), "▁▂█");
}
