//! The two views of reliability that have no bins under a cursor: the isotonic curve, and the ECE against the number
//! of bins.

use ratatui::layout::Rect;

use crate::analysis::Measures;
use crate::metrics::BIN_COUNTS;
use crate::plot::{Axis, CorpChart, CurveChart, Ink, LineStyle, Series, Sign, VerticalMark};

use super::super::errand::Errand;
use super::super::layout::{inset, row};
use super::super::state::Session;
use super::super::widget::Pen;
use super::{charts, format, measures};

/// The isotonic curve of `measures`; without them why there is none.
pub(super) fn draw_corp(
    session: &Session,
    pen: &mut Pen<'_>,
    area: Rect,
    (measures, title): (Option<&Measures>, &str),
) {
    let Some(measures) = measures else {
        return missing(session, pen, area);
    };
    let steps = &measures.curves.corp;
    let x: Vec<f64> = steps.iter().flat_map(|s| [s.low, s.high]).collect();
    let y: Vec<f64> = steps.iter().flat_map(|s| [s.accuracy; 2]).collect();
    let band = &measures.curves.band;
    let chart = CorpChart {
        curve: Series {
            x: &x,
            y: &y,
            ink: Ink::Curve2,
        },
        at: &band.probability,
        band: [&band.low, &band.high],
        title,
    };
    let (width, height) = charts::size(area);
    let raster = chart.render(width, height, pen.theme.tier());
    pen.raster(area, &raster);
}

/// The ECE over the number of bins at the cursor's temperature, and after scaling where the cursor is at 1.
pub(super) fn draw_by_bins(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let Some(measures) = session.measures() else {
        return missing(session, pen, area);
    };
    let x: Vec<f64> = BIN_COUNTS.map(|n| n as f64).collect();
    let star = session.star_measures().filter(|_| session.is_at_one());
    let mut series = vec![Series {
        x: &x,
        y: &measures.curves.ece_by_bins,
        ink: Ink::Curve,
    }];
    series.extend(star.map(|star| Series {
        x: &x,
        y: &star.curves.ece_by_bins,
        ink: Ink::Curve2,
    }));
    let label = format!("{} bins", measures.n_bins);
    let marks = [VerticalMark {
        x: measures.n_bins as f64,
        sign: Sign::Dot,
        ink: Ink::Cursor,
        line: LineStyle::Dashed,
        is_on_curve: true,
        label: &label,
    }];
    let title = by_bins_title(session, star.is_some());
    let chart = CurveChart {
        series: &series,
        x: Axis::default(),
        y: Axis {
            range: Some([0.0, highest(&series)]),
            is_log: false,
        },
        marks: &marks,
        interval: None,
        title: &title,
    };
    let (width, height) = charts::size(area);
    let raster = chart.render(width, height, pen.theme.tier());
    pen.raster(area, &raster);
}

fn by_bins_title(session: &Session, has_star: bool) -> String {
    let t = format::temperature(session.t());
    if has_star {
        let words = charts::evaluated_words(session);
        format!("ECE over number of bins, T = {t}; lower: T*, {words}")
    } else {
        format!("ECE over number of bins, T = {t}")
    }
}

/// The axis begins at 0: whether a curve moves much is to be seen against its height.
fn highest(series: &[Series<'_>]) -> f64 {
    let values = series.iter().flat_map(|s| s.y.iter().copied());
    let most = values.filter(|y| y.is_finite()).fold(0.0, f64::max);
    if most > 0.0 { most * 1.08 } else { 1.0 }
}

fn missing(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let words = measures::state(session, Errand::Further);
    let words = words.unwrap_or_else(|| "computing".into());
    let middle = row(inset(area, 2, 0), area.height / 2);
    let style = pen.theme.dim();
    pen.text(middle, &words, style);
}

/// What the isotonic curve says, in one line and in shorter ones.
pub(super) fn corp_readouts(session: &Session) -> Vec<String> {
    let Some(measures) = session.measures() else {
        return vec!["computing the curve".into()];
    };
    let corp = &measures.family.corp;
    let [mcb, dsc, unc] =
        [corp.miscalibration, corp.discrimination, corp.uncertainty].map(|v| format::fixed(v, 4));
    vec![
        format!(
            "Brier of the event = miscalibration {mcb} − discrimination {dsc} + uncertainty {unc}"
        ),
        format!("miscalibration {mcb}  discrimination {dsc}  uncertainty {unc}"),
        format!("miscalibration {mcb}"),
    ]
}

/// How much the ECE depends on the number of bins.
pub(super) fn by_bins_readouts(session: &Session) -> Vec<String> {
    let Some(measures) = session.measures() else {
        return vec!["computing the curve".into()];
    };
    let all = || BIN_COUNTS.zip(measures.curves.ece_by_bins.iter().copied());
    let least = all().min_by(|a, b| a.1.total_cmp(&b.1));
    let most = all().max_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(least), Some(most)) = (least, most) else {
        return vec!["no bins".into()];
    };
    let said = |(n, ece): (usize, f64)| format!("{} % with {n}", format::percent(ece));
    vec![
        format!("ECE from {} to {} bins", said(least), said(most)),
        format!(
            "ECE {} to {} %",
            format::percent(least.1),
            format::percent(most.1)
        ),
    ]
}
