//! Models laid over each other: reliability at T = 1, or the NLL over the temperature.

use ratatui::layout::Rect;

use super::compare::{ink, sign};
use crate::plot::{Axis, CurveChart, Ink, LineStyle, Series, VerticalMark};
use crate::tui::layout::top;
use crate::tui::state::Group;
use crate::tui::view::charts;
use crate::tui::widget::{Pen, dim_span, strong_span};

/// The points of one model.
struct Points {
    place: usize,
    x: Vec<f64>,
    y: Vec<f64>,
    star: f64,
}

/// The curves of all models that were read, the chosen one last, so that it lies uppermost.
fn points(group: &Group, shows_nll: bool) -> Vec<Points> {
    let of = |(place, study): (usize, &crate::pipeline::Study)| {
        let analysis = &study.analysis;
        let (x, y) = if shows_nll {
            let curves = &analysis.curves;
            (curves.temperature.clone(), curves.nll.clone())
        } else {
            let bins = analysis.before.reliability.bins.iter();
            bins.filter(|bin| !bin.is_empty()).map(|bin| (bin.confidence, bin.accuracy)).unzip()
        };
        let star = analysis.fit.temperature.unwrap_or(f64::NAN);
        Points { place, x, y, star }
    };
    let read = group.read();
    let studies = read.filter_map(|(place, read)| Some((place, read.study.as_deref()?)));
    let mut all: Vec<Points> = studies.map(of).collect();
    all.sort_by_key(|points| points.place == group.compare.row);
    all
}

/// Draws head and curves: of the NLL over the temperature, or of reliability.
pub(super) fn draw(group: &Group, pen: &mut Pen<'_>, (area, shows_nll): (Rect, bool)) {
    let (head, area) = top(area, 1);
    let theme = pen.theme;
    let (title, more) = if shows_nll {
        (" NLL (nats per row) over T", "  signs: T* of each model")
    } else {
        (" reliability at T = 1: accuracy over probability", "  straight: right probabilities")
    };
    pen.spans(head, &[strong_span(theme, title), dim_span(theme, more)]);
    let points = points(group, shows_nll);
    let mut series = Vec::new();
    let ends = [0.0, 1.0];
    if !shows_nll {
        series.push(Series { x: &ends, y: &ends, ink: Ink::Dim });
    }
    series.extend(points.iter().map(|points| Series {
        x: &points.x,
        y: &points.y,
        ink: ink(points.place),
    }));
    let star = |points: &Points| VerticalMark {
        x: points.star,
        sign: sign(points.place),
        ink: ink(points.place),
        line: LineStyle::None,
        is_on_curve: false,
        label: "",
    };
    let marks: Vec<VerticalMark<'_>> =
        if shows_nll { points.iter().map(star).collect() } else { Vec::new() };
    let range = (!shows_nll).then_some(ends);
    let chart = CurveChart {
        series: &series,
        x: Axis { range, is_log: shows_nll },
        y: Axis { range, is_log: false },
        marks: &marks,
        interval: None,
        title: "",
    };
    let (width, height) = charts::size(area);
    let raster = chart.render(width, height, theme.tier());
    pen.raster(area, &raster);
}
