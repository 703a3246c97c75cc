//! Selective prediction by confidence: which rows to answer so that few of the answers are wrong.

use ratatui::layout::Rect;

use crate::analysis::Measures;
use crate::metrics::Selective;
use crate::plot::{Axis, CurveChart, Ink, LineStyle, Series, Sign, VerticalMark};
use crate::report::number::plain_percent;

use super::super::errand::Errand;
use super::super::layout::{inset, row, top};
use super::super::state::Session;
use super::super::theme::Theme;
use super::super::widget::{Pen, Span, Table, dim_span, span};
use super::{charts, format, measures};

/// Cells of a bar for an AUROC of 1; one of 0.5 has half of them.
const BAR: usize = 14;

/// Points of the oracle's curve.
const ORACLE_POINTS: u32 = 200;

/// `p at T = 1`, or the cursor's temperature and, where `room` columns hold it, which rows that describes.
pub(super) fn at_words(session: &Session, room: usize) -> String {
    if session.is_at_one() {
        return "p at T = 1".into();
    }
    let short = format!("p at T {}", format::temperature(session.t()));
    let long = format!("{short}, {}", charts::cursor_words(session));
    if long.len() <= room { long } else { short }
}

/// Error rate over the share of rows kept, beside that of an oracle; the cursor stands at the share that the
/// threshold on the margin keeps.
pub(super) fn draw_curve(session: &Session, pen: &mut Pen<'_>, area: Rect, coverage: f64) {
    let theme = pen.theme;
    let (head, area) = top(area, 1);
    let head_words = [
        ("  error of the kept".into(), theme.fg(Ink::Curve)),
        dim_span(theme, " and "),
        ("of an oracle".into(), theme.fg(Ink::Curve2)),
        dim_span(theme, " over the share kept, by confidence"),
    ];
    pen.spans(head, &head_words);
    let Some(measures) = session.measures() else {
        return pending(session, pen, area);
    };
    let risk = Points::of(measures);
    let oracle = Points::oracle(session.study.analysis.before.metrics.accuracy);
    let series = [oracle.series(Ink::Curve2), risk.series(Ink::Curve)];
    let most = risk.y.iter().chain(&oracle.y).copied().filter(|y| y.is_finite());
    let most = most.fold(0.0, f64::max);
    let marks = [VerticalMark {
        x: coverage,
        sign: Sign::Dot,
        ink: Ink::Cursor,
        line: LineStyle::Dashed,
        is_on_curve: false,
        label: "",
    }];
    let chart = CurveChart {
        series: &series,
        x: Axis { range: Some([0.0, 1.0]), is_log: false },
        y: Axis { range: Some([0.0, if most > 0.0 { most * 1.05 } else { 1.0 }]), is_log: false },
        marks: &marks,
        interval: None,
        title: "",
    };
    let (width, height) = charts::size(area);
    let raster = chart.render(width, height, theme.tier());
    pen.raster(area, &raster);
}

struct Points {
    x: Vec<f64>,
    y: Vec<f64>,
}

impl Points {
    fn of(measures: &Measures) -> Self {
        let points = &measures.risk_coverage;
        Self { x: points.iter().map(|p| p[0]).collect(), y: points.iter().map(|p| p[1]).collect() }
    }

    /// All right rows are kept before the first wrong one.
    fn oracle(accuracy: f64) -> Self {
        let x: Vec<f64> =
            (1..=ORACLE_POINTS).map(|i| f64::from(i) / f64::from(ORACLE_POINTS)).collect();
        let y = x.iter().map(|x| (x - accuracy).max(0.0) / x).collect();
        Self { x, y }
    }

    fn series(&self, ink: Ink) -> Series<'_> {
        Series { x: &self.x, y: &self.y, ink }
    }
}

fn pending(session: &Session, pen: &mut Pen<'_>, area: Rect) {
    let words = measures::state(session, Errand::Further);
    let words = words.unwrap_or_else(|| "computing".into());
    let style = pen.theme.dim();
    pen.text(row(inset(area, 2, 0), area.height / 2), &words, style);
}

/// What the target risks allow, at the cursor's temperature.
pub(super) fn table(session: &Session, theme: Theme) -> Table {
    let Some(measures) = session.measures() else {
        let words = measures::state(session, Errand::Further);
        let words = words.unwrap_or_else(|| "computing".into());
        return Table { heads: Vec::new(), rows: vec![(dim_span(theme, words), Vec::new())] };
    };
    let mut rows: Vec<(Span, Vec<Span>)> = measures.selective.iter().map(selective_row).collect();
    let family = &measures.family;
    let risk = 1.0 - session.study.analysis.before.metrics.accuracy;
    for (name, value) in [
        ("AURC", format::fixed(family.aurc, 4)),
        ("  oracle", format::fixed(family.aurc - family.excess_aurc, 4)),
        ("  excess", format::fixed(family.excess_aurc, 4)),
        ("all rows", format::percent1(risk)),
    ] {
        rows.push((dim_span(theme, name), vec![span(value)]));
    }
    Table {
        heads: ["keeps", "from p", "at most", "surely"].map(|h| dim_span(theme, h)).to_vec(),
        rows,
    }
}

fn selective_row(s: &Selective) -> (Span, Vec<Span>) {
    let name = format!("≤ {} %", plain_percent(s.target_risk));
    // Rounded down: whoever types this threshold keeps all that are meant.
    let threshold = s
        .observed
        .threshold
        .map_or_else(|| format::NONE.to_owned(), |p| format::fixed((p * 1e4).floor() / 1e4, 4));
    let cells = [
        format::percent1(s.observed.coverage),
        threshold,
        format::percent1(s.risk_upper),
        format::percent1(s.controlled.coverage),
    ];
    (span(name), cells.map(span).to_vec())
}

/// What the columns of [`table`] mean.
pub(super) fn explanation(session: &Session) -> String {
    if session.measures().is_some_and(|m| m.selective.is_empty()) {
        let why = if session.study.rows().soft().is_some() {
            "these labels are soft"
        } else {
            "these rows have weights"
        };
        return format!("No threshold for a target: its bounds count errors, and {why}.");
    }
    let level = plain_percent(session.study_level());
    format!(
        "at most: {level} % Clopper-Pearson bound on the error of the kept, as if the threshold had been chosen \
         beforehand; surely: share that {level} % fixed-sequence testing lets through."
    )
}

/// How well right rows rank above wrong ones, by the margin and by the confidence; `None` where it is not known yet.
fn aurocs(session: &Session) -> Vec<(&'static str, Option<f64>)> {
    let further = &session.extras.further;
    let auroc = |m: &Measures| m.family.auroc_top_class.unwrap_or(m.family.auroc);
    let mut all = vec![
        ("margin", further.margin_auroc),
        ("confidence, T = 1", further.before.as_deref().map(auroc)),
    ];
    if session.star().is_some() {
        all.push(("confidence, T*", session.star_measures().map(auroc)));
    }
    all
}

/// The same as bars.
pub(super) fn auroc_lines(session: &Session, theme: Theme) -> Vec<Vec<Span>> {
    let mut lines = vec![vec![dim_span(theme, "right above wrong rows (AUROC)")]];
    for (name, value) in aurocs(session) {
        let value = value.unwrap_or(f64::NAN);
        lines.push(vec![
            span(format!(" {name:<18}{:>6} ", format::fixed(value, 4))),
            ("█".repeat(n_cells(value)), theme.fg(Ink::Correct)),
        ]);
    }
    lines
}

/// The same as text, tab-separated; nothing of first rows, which nobody asks for it.
pub(super) fn auroc_text(session: &Session) -> Vec<String> {
    if session.study.first.is_some() {
        return Vec::new();
    }
    let all = aurocs(session).into_iter();
    let lines =
        all.map(|(name, value)| format!("{name}\t{}", format::raw(value.unwrap_or(f64::NAN))));
    std::iter::once("right above wrong rows\tAUROC".into()).chain(lines).collect()
}

/// What the target risks allow, as text, tab-separated; without it, why there is none.
pub(super) fn text(session: &Session) -> Vec<String> {
    let Some(measures) = session.measures() else {
        return measures::state(session, Errand::Further).into_iter().collect();
    };
    let at = at_words(session, usize::MAX);
    let mut lines = Vec::new();
    if measures.selective.is_empty() {
        lines.push(explanation(session));
    } else {
        lines.push(format!("error at most, {at}\tkeeps\tfrom p\tat most\tsurely"));
    }
    lines.extend(measures.selective.iter().map(|s| {
        let threshold = s.observed.threshold.unwrap_or(f64::NAN);
        let figures =
            [s.target_risk, s.observed.coverage, threshold, s.risk_upper, s.controlled.coverage];
        figures.map(format::raw).join("\t")
    }));
    let family = &measures.family;
    for (name, value) in [
        ("AURC", family.aurc),
        ("AURC of an oracle", family.aurc - family.excess_aurc),
        ("excess AURC", family.excess_aurc),
        ("error of all rows", 1.0 - session.study.analysis.before.metrics.accuracy),
    ] {
        lines.push(format!("{name}\t{}", format::raw(value)));
    }
    lines
}

fn n_cells(auroc: f64) -> usize {
    (1..=BAR).filter(|cell| (*cell as f64 - 0.5) / (BAR as f64) <= auroc).count()
}
