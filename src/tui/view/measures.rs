//! The measures beyond the quick ones: what they are called, and what they say of a column of the tables.

use crate::analysis::Measures;

use super::super::errand::Errand;
use super::super::state::{Run, Session};
use super::super::theme::Theme;
use super::super::widget::{Span, dim_span, span};
use super::format;
use super::summary::Column;

/// What stands for a figure that is on its way.
const PENDING: &str = "…";

/// One figure of each column.
pub(super) struct MeasureRow {
    /// Its name.
    pub(super) name: &'static str,
    /// The same where there is little room.
    pub(super) short: &'static str,
    /// One cell for each column.
    pub(super) cells: Vec<Span>,
}

/// A measure that [`Measures`] has.
type Figure = (&'static str, &'static str, fn(&Measures) -> String);

const FIGURES: [Figure; 7] = [
    ("noise floor %", "noise %", |m| format::percent(m.noise_floor)),
    ("smooth ECE %", "smooth %", |m| format::percent(m.family.smooth_ece)),
    ("KS error %", "KS %", |m| format::percent(m.family.ks)),
    ("RMSCE debiased %", "RMSCE %", |m| format::percent(m.family.rmsce_debiased)),
    ("top-label ECE %", "toplab %", |m| format::percent(m.family.top_label_ece)),
    ("Spiegelhalter z", "Spieg. z", |m| format::fixed(m.family.spiegelhalter.z, 2)),
    ("CORP miscal.", "CORP mis", |m| format::fixed(m.family.corp.miscalibration, 5)),
];

/// Which temperature a column of the tables describes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    One,
    Star,
    Cursor,
}

fn side(column: &Column<'_>) -> Side {
    match column.head.as_str() {
        "T = 1" => Side::One,
        "T*" => Side::Star,
        _ => Side::Cursor,
    }
}

fn measures_of(session: &Session, side: Side) -> Option<&Measures> {
    match side {
        Side::One => session.extras.further.before.as_deref(),
        Side::Star => session.star_measures(),
        Side::Cursor => session.measures(),
    }
}

/// The measures of `columns`, those that matter most first. None of first rows, which nobody asks for them.
pub(super) fn rows(session: &Session, theme: Theme, columns: &[Column<'_>]) -> Vec<MeasureRow> {
    if session.study.first.is_some() {
        return Vec::new();
    }
    let mut rows: Vec<MeasureRow> = FIGURES
        .iter()
        .map(|(name, short, of)| {
            let cell = |column: &Column<'_>| cell(session, theme, side(column), *of);
            MeasureRow { name, short, cells: columns.iter().map(cell).collect() }
        })
        .collect();
    rows.insert(2, classwise(session, theme, columns));
    // The interval and the floor are of the bins of the analysis: beside another ECE they would mislead.
    if session.has_original_bins() {
        rows.insert(0, interval(session, theme, columns));
    } else {
        rows.remove(0);
    }
    rows
}

fn cell(session: &Session, theme: Theme, side: Side, of: fn(&Measures) -> String) -> Span {
    match measures_of(session, side) {
        Some(m) if m.exact || !session.study.has_logits() => span(of(m)),
        Some(m) => (format!("~{}", of(m)), theme.alert()),
        None => pending(session, theme, side == Side::Cursor),
    }
}

/// For a figure that is not there: on its way, or not to be had.
fn pending(session: &Session, theme: Theme, is_live: bool) -> Span {
    let is_coming = is_live || matches!(session.extras.run(Errand::Further), Run::Running(..));
    dim_span(theme, if is_coming { PENDING } else { format::NONE })
}

fn interval(session: &Session, theme: Theme, columns: &[Column<'_>]) -> MeasureRow {
    let bootstrap = session.extras.further.bootstrap.as_deref();
    let cell = |column: &Column<'_>| {
        let of_side = match side(column) {
            Side::Cursor => return dim_span(theme, format::NONE),
            Side::One => bootstrap.map(|b| &b.before),
            Side::Star => bootstrap.and_then(|b| b.after.as_ref()),
        };
        match of_side.map(|side| side.intervals.ece) {
            Some(Some([low, high])) => {
                let [low, high] = [low, high].map(|end| format::fixed(end * 100.0, 1));
                span(format!("{low}–{high}"))
            }
            Some(None) => dim_span(theme, format::NONE),
            None => pending(session, theme, false),
        }
    };
    MeasureRow {
        name: "ECE interval %",
        short: "ECE from",
        cells: columns.iter().map(cell).collect(),
    }
}

fn classwise(session: &Session, theme: Theme, columns: &[Column<'_>]) -> MeasureRow {
    let sides = session.extras.further.classwise.as_deref();
    let cell = |column: &Column<'_>| {
        let of_side = match side(column) {
            // It takes every probability of a row, which a slider cannot wait for.
            Side::Cursor => return dim_span(theme, format::NONE),
            Side::One => sides.map(|s| s.ece[0]),
            Side::Star => sides.map(|s| s.ece[1]),
        };
        match of_side {
            Some(ece) => span(format::percent(ece.unwrap_or(f64::NAN))),
            None => pending(session, theme, false),
        }
    };
    MeasureRow {
        name: "classwise ECE %",
        short: "classw %",
        cells: columns.iter().map(cell).collect(),
    }
}

/// Why there are no measures, or that they are on their way; in one line.
pub(super) fn state(session: &Session, errand: Errand) -> Option<String> {
    if session.study.first.is_some() {
        return Some("once all rows are read".into());
    }
    match session.extras.run(errand) {
        Run::Running(_, at) if at.total > 0 => Some(format!(
            "{} · {} of {} · Esc stops",
            at.phase,
            format::count(at.done),
            format::count(at.total)
        )),
        Run::Running(_, at) => Some(format!("{} · Esc stops", at.phase)),
        Run::Stopped => Some("stopped: it begins again when you come back here".into()),
        Run::Failed(why) => Some(why.clone()),
        Run::Idle | Run::Done => None,
    }
}
